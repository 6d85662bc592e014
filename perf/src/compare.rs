//! Budgets beside counts: a table for people, and whether everything is within.

use std::fmt::{self, Display, Formatter};

use varistor_perf::cases;

use crate::budgets::{Cost, Costs, FILE};

/// How far instructions may be from their budget, in percent: over it is a loss, under it is a gain
/// that the next change could spend unseen.
pub(crate) const TOLERANCE_PERCENT: f64 = 2.0;
/// The same where compiler, C library, valgrind or processor are others than those that counted the
/// budgets: they move numbers by themselves.
pub(crate) const TOLERANCE_ELSEWHERE_PERCENT: f64 = 10.0;

/// Every case with its budget and its count.
pub(crate) struct Verdict {
    rows: Vec<Row>,
    /// Budgets without a case.
    gone: Vec<String>,
    tolerance_percent: f64,
}

struct Row {
    name: &'static str,
    budget: Option<Cost>,
    now: Cost,
    standing: Standing,
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Standing {
    Within,
    /// Cheaper by more than the tolerance.
    Under,
    Over,
    /// There is no budget.
    New,
}

/// Holds counts to budgets, up to a tolerance.
pub(crate) fn compare(budgets: &Costs, counts: &Costs, tolerance_percent: f64) -> Verdict {
    let row = |name: &'static str| {
        let now = *counts.get(name)?;
        let budget = budgets.get(name).copied();
        Some(Row {
            name,
            budget,
            now,
            standing: standing(budget, now, tolerance_percent),
        })
    };
    let gone = budgets.keys().filter(|name| !counts.contains_key(*name));
    Verdict {
        rows: cases::all()
            .into_iter()
            .filter_map(|(name, _)| row(name))
            .collect(),
        gone: gone.cloned().collect(),
        tolerance_percent,
    }
}

/// How much more `now` is than `before`, in percent.
pub(crate) fn percent(before: u64, now: u64) -> f64 {
    (now as f64 - before as f64) / before.max(1) as f64 * 100.0
}

fn standing(budget: Option<Cost>, now: Cost, tolerance_percent: f64) -> Standing {
    let Some(budget) = budget else {
        return Standing::New;
    };
    let change = percent(budget.instructions, now.instructions);
    if change > tolerance_percent || now.allocations > budget.allocations {
        Standing::Over
    } else if change < -tolerance_percent || now.allocations < budget.allocations {
        Standing::Under
    } else {
        Standing::Within
    }
}

impl Verdict {
    /// What is to be done, or nothing when every case is within its budget.
    pub(crate) fn advice(&self) -> Option<String> {
        let count = |standing| {
            let rows = self.rows.iter();
            rows.filter(|row| row.standing == standing).count()
        };
        let (over, under) = (count(Standing::Over), count(Standing::Under));
        let unmatched = count(Standing::New) + self.gone.len();
        if over > 0 {
            Some(format!(
                "{over} over budget. Make the code cheaper; or run `make perf-accept` and say in \
                 the commit why it may cost more"
            ))
        } else if under > 0 {
            Some(format!(
                "{under} under budget by more than {} %. Keep the gain: run \
                 `make perf-accept` and commit {FILE}",
                self.tolerance_percent
            ))
        } else if unmatched > 0 {
            Some(format!(
                "{unmatched} without a budget or without a case. Run `make perf-accept` and \
                 commit {FILE}"
            ))
        } else {
            None
        }
    }
}

impl Display for Verdict {
    fn fmt(&self, out: &mut Formatter<'_>) -> fmt::Result {
        writeln!(
            out,
            "{:<36} {:>12} {:>12} {:>9}   {:<11}",
            "instructions of one run", "budget", "now", "change", "allocations"
        )?;
        for row in &self.rows {
            let (now, budget) = (row.now, row.budget);
            let instructions = budget.map_or("-".to_owned(), |cost| cost.instructions.to_string());
            let change = budget.map_or("-".to_owned(), |cost| {
                format!("{:+.2} %", percent(cost.instructions, now.instructions))
            });
            let allocations = match budget {
                Some(cost) if cost.allocations != now.allocations => {
                    format!("{}, was {}", now.allocations, cost.allocations)
                }
                _ => now.allocations.to_string(),
            };
            let remark = match row.standing {
                Standing::Within => "",
                Standing::Under => "UNDER: lower the budget",
                Standing::Over => "OVER",
                Standing::New => "NO BUDGET",
            };
            let line = format!(
                "{:<36} {instructions:>12} {:>12} {change:>9}   {allocations:<11} {remark}",
                row.name, now.instructions
            );
            writeln!(out, "{}", line.trim_end())?;
        }
        for name in &self.gone {
            writeln!(out, "{name:<36} HAS A BUDGET AND NO CASE")?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn cost(instructions: u64, allocations: u64) -> Cost {
        Cost {
            instructions,
            allocations,
        }
    }

    #[test]
    fn two_percent_over_is_within_and_more_is_not() {
        let budget = Some(cost(1000, 1));
        for (now, expected) in [
            (cost(1020, 1), Standing::Within),
            (cost(1021, 1), Standing::Over),
            (cost(980, 1), Standing::Within),
            (cost(979, 1), Standing::Under),
            (cost(1000, 2), Standing::Over),
            (cost(1000, 0), Standing::Under),
            (cost(500, 2), Standing::Over),
        ] {
            assert!(standing(budget, now, 2.0) == expected, "{now:?}");
        }
        assert!(standing(None, cost(1, 0), 2.0) == Standing::New);
    }

    /// The advice for one case with this budget and this count.
    fn advice(budget: Cost, now: Cost) -> Option<String> {
        let name = cases::all()[0].0.to_owned();
        let costs = |cost| Costs::from([(name.clone(), cost)]);
        compare(&costs(budget), &costs(now), TOLERANCE_PERCENT).advice()
    }

    #[test]
    fn a_budget_without_a_case_and_a_case_without_a_budget_are_not_within() {
        let name = cases::all()[0].0.to_owned();
        let counts = Costs::from([(name, cost(10, 0))]);
        assert_eq!(compare(&counts, &counts, 2.0).advice(), None);
        assert!(compare(&Costs::new(), &counts, 2.0).advice().is_some());
        let mut more = counts.clone();
        more.insert("gone/case".to_owned(), cost(1, 0));
        let verdict = compare(&more, &counts, 2.0);
        assert!(verdict.advice().is_some());
        assert!(verdict.to_string().contains("gone/case"));
    }

    #[test]
    fn a_loss_asks_for_cheaper_code_and_a_gain_to_be_kept() {
        let over = advice(cost(1000, 0), cost(1030, 0)).unwrap();
        assert!(over.starts_with("1 over budget. Make the code cheaper"));
        let under = advice(cost(1000, 0), cost(970, 0)).unwrap();
        assert!(under.contains("Keep the gain: run `make perf-accept`"));
        assert_eq!(advice(cost(1000, 0), cost(1010, 0)), None);
    }

    #[test]
    fn with_other_tools_more_passes_but_not_an_allocation() {
        let percent = TOLERANCE_ELSEWHERE_PERCENT;
        let (budget, more) = (Some(cost(1000, 0)), cost(1090, 0));
        assert!(standing(budget, more, percent) == Standing::Within);
        assert!(standing(budget, cost(1101, 0), percent) == Standing::Over);
        assert!(standing(budget, cost(1000, 1), percent) == Standing::Over);
    }
}
