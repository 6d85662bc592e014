//! Conditions spread out into alternatives of tests that must all be so.

use varistor_snapshot::schema::rules::{Atom, DecimalRange, NumberRange, PathStep};
use varistor_snapshot::schema::rules::{TextTest, ValueTest};

use super::sets;
use crate::decimal::Decimal;
use crate::known::{Known, KnownTool};
use crate::limits::TERMS_MAX;
use crate::lower::{Expr, Tables};
use crate::pattern::Pattern;
use crate::vocabulary::{NumberField, SetField, TextField, TimePart};

/// A test (by its number), and whether its contrary is meant.
pub(super) type Literal = (u16, bool);

/// Tests that must all be so.
pub(super) type Term = Vec<Literal>;

/// What is compared, with its expressions built once.
pub(super) struct Terms<'a> {
    tables: &'a Tables,
    patterns: Vec<Option<Pattern>>,
}

impl<'a> Terms<'a> {
    pub(super) fn new(tables: &'a Tables) -> Self {
        let patterns = tables.patterns.items.iter();
        Self {
            tables,
            patterns: patterns
                .map(|pattern| crate::pattern::build(pattern).ok())
                .collect(),
        }
    }

    /// `None`: more than [`TERMS_MAX`] alternatives.
    pub(super) fn spread(&self, expr: &Expr) -> Option<Vec<Term>> {
        match expr {
            Expr::Leaf { atom, negate } => Some(vec![vec![(*atom, *negate)]]),
            Expr::Any(parts) => {
                let mut out = Vec::new();
                for part in parts {
                    out.extend(self.spread(part)?);
                    (out.len() <= TERMS_MAX).then_some(())?;
                }
                Some(out)
            }
            Expr::All(parts) => {
                let mut out: Vec<Term> = vec![Vec::new()];
                for part in parts {
                    let right = self.spread(part)?;
                    (out.len().saturating_mul(right.len()) <= TERMS_MAX).then_some(())?;
                    out = out
                        .iter()
                        .flat_map(|left| right.iter().map(move |right| [&left[..], right].concat()))
                        .collect();
                }
                Some(out)
            }
        }
    }

    fn atom(&self, literal: Literal) -> Option<&'a Atom> {
        self.tables.atoms.get(literal.0)
    }

    /// Whether the tests contradict each other.
    pub(super) fn is_impossible(&self, term: &Term) -> bool {
        term.iter().any(|literal| {
            term.iter().any(|other| self.excludes(*literal, *other))
                || self.runs_out(*literal, term)
        })
    }

    /// Whether two tests are never true together.
    fn excludes(&self, left: Literal, right: Literal) -> bool {
        if left.0 == right.0 {
            return left.1 != right.1;
        }
        let (Some(one), Some(other)) = (self.atom(left), self.atom(right)) else {
            return false;
        };
        match (one, other) {
            (Atom::Argument(path, one), Atom::Argument(other_path, other)) => {
                path == other_path
                    && !left.1
                    && !right.1
                    && self.is_single(*path)
                    && values_exclude(one, other)
            }
            (Atom::Text(field, one), Atom::Text(other_field, other)) => {
                field == other_field && !left.1 && !right.1 && prefixes_differ(one, other)
            }
            _ => false,
        }
    }

    /// Whether nothing is left of what the first test allows, after all others on the same field.
    fn runs_out(&self, first: Literal, term: &Term) -> bool {
        let Some(atom) = self.atom(first) else {
            return false;
        };
        if let Some((ranges, most)) = ranges(atom) {
            let mut left = sets::of(ranges, first.1, most);
            for other in term {
                if let Some(atom) = self.atom(*other).filter(|other| same_field(atom, other))
                    && let Some((ranges, most)) = self::ranges(atom)
                {
                    left = sets::common(&left, &sets::of(ranges, other.1, most));
                }
            }
            return left.is_empty();
        }
        let (Some(texts), false) = (self.among(atom), first.1) else {
            return false;
        };
        !texts.iter().any(|text| {
            term.iter().all(|other| {
                let test = self.atom(*other).filter(|other| same_field(atom, other));
                match test.and_then(text_test) {
                    Some(test) => self.text(test, text).is_none_or(|is| is != other.1),
                    None => true,
                }
            })
        })
    }

    fn among(&self, atom: &'a Atom) -> Option<&'a [String]> {
        match atom {
            Atom::Text(_, TextTest::Among(texts)) => Some(texts),
            Atom::Argument(path, ValueTest::Text(TextTest::Among(texts)))
                if self.is_single(*path) =>
            {
                Some(texts)
            }
            _ => None,
        }
    }

    /// Whether the place names one value: no `[*]`.
    fn is_single(&self, path: u16) -> bool {
        let mut at = path;
        while let Some(row) = self.tables.paths.get(at).filter(|_| at > 0) {
            if row.step == PathStep::Any {
                return false;
            }
            at = row.parent.min(at.saturating_sub(1));
        }
        true
    }

    /// Whether a text passes; `None`: that is not known here.
    fn text(&self, test: &TextTest, text: &str) -> Option<bool> {
        Some(match test {
            TextTest::Among(texts) => texts.iter().any(|one| one == text),
            TextTest::Starts(texts) => texts.iter().any(|one| text.starts_with(one)),
            TextTest::Ends(texts) => texts.iter().any(|one| text.ends_with(one)),
            TextTest::Holds(texts) => texts.iter().any(|one| text.contains(one)),
            TextTest::Matches(pattern) => {
                let pattern = self.patterns.get(*pattern as usize)?.as_ref()?;
                pattern.regex.is_match(text)
            }
        })
    }

    /// Whether each alternative of the first is within one of the second.
    pub(super) fn implies(&self, narrow: &[Term], wide: &[Term]) -> bool {
        narrow
            .iter()
            .filter(|term| !self.is_impossible(term))
            .all(|term| {
                wide.iter().any(|wide| {
                    wide.iter()
                        .all(|test| term.iter().any(|one| self.literal_implies(*one, *test)))
                })
            })
    }

    /// Sound also for what is unknown: where the second is false, the first is.
    fn literal_implies(&self, one: Literal, other: Literal) -> bool {
        if one == other {
            return true;
        }
        let (Some(left), Some(right)) = (self.atom(one), self.atom(other)) else {
            return false;
        };
        if !same_field(left, right) {
            return false;
        }
        if let (Some((first, most)), Some((second, _))) = (ranges(left), ranges(right)) {
            let narrow = sets::of(first, one.1, most);
            return sets::lies_in(&narrow, &sets::of(second, other.1, most));
        }
        let strings_only = !matches!(
            right,
            Atom::Argument(_, ValueTest::Text(TextTest::Holds(_)))
        );
        match (self.among(left), text_test(right)) {
            (Some(texts), Some(test)) if !one.1 && strings_only => texts
                .iter()
                .all(|text| self.text(test, text) == Some(!other.1)),
            _ => false,
        }
    }

    /// Whether no known tool passes what any alternative asks of tools.
    pub(super) fn fits_no_tool(&self, terms: &[Term], known: &Known) -> bool {
        let Some(tools) = &known.tools else {
            return false;
        };
        !terms.iter().any(|term| {
            let mut asks = term.iter().filter(|test| self.asks_tool(**test)).peekable();
            asks.peek().is_none()
                || tools.iter().any(|tool| {
                    term.iter()
                        .all(|test| self.tool(*test, tool).unwrap_or(true))
                })
        })
    }

    fn asks_tool(&self, test: Literal) -> bool {
        self.atom(test)
            .is_some_and(|atom| self.tool_answer(atom, &KnownTool::default()).is_some())
    }

    fn tool(&self, test: Literal, tool: &KnownTool) -> Option<bool> {
        let answer = self.tool_answer(self.atom(test)?, tool)?;
        Some(answer != test.1)
    }

    /// `None`: the test is not about tools.
    fn tool_answer(&self, atom: &Atom, tool: &KnownTool) -> Option<bool> {
        match atom {
            Atom::Text(field, test) => {
                let text = match TextField::numbered(*field)? {
                    TextField::ToolServer => &tool.server,
                    TextField::ToolName => &tool.name,
                    TextField::ToolCategory => &tool.category,
                    _ => return None,
                };
                self.text(test, text)
            }
            Atom::Set(field, texts) if *field == SetField::ToolTags as u8 => {
                Some(texts.iter().any(|text| tool.tags.contains(text)))
            }
            _ => None,
        }
    }
}

fn text_test(atom: &Atom) -> Option<&TextTest> {
    match atom {
        Atom::Text(_, test) | Atom::Argument(_, ValueTest::Text(test)) => Some(test),
        _ => None,
    }
}

/// The ranges of a test of a whole number, and the greatest number there is.
fn ranges(atom: &Atom) -> Option<(&[NumberRange], u64)> {
    match atom {
        Atom::Number(field, ranges) => {
            let most = match NumberField::numbered(*field)? {
                NumberField::ActionType => 3,
                NumberField::ActionConfidence => 100,
                _ => u64::MAX,
            };
            Some((ranges, most))
        }
        Atom::Time(_, part, ranges) => {
            let most = match TimePart::numbered(*part)? {
                TimePart::Hour => 23,
                TimePart::Minute => 59,
                TimePart::Weekday => 6,
                TimePart::Date => u64::MAX,
            };
            Some((ranges, most))
        }
        Atom::Findings(_, ranges) | Atom::Count(_, ranges) => Some((ranges, u64::MAX)),
        _ => None,
    }
}

/// Whether two tests look at the same thing.
fn same_field(left: &Atom, right: &Atom) -> bool {
    match (left, right) {
        (Atom::Text(left, _), Atom::Text(right, _)) => left == right,
        (Atom::Number(left, _), Atom::Number(right, _)) => left == right,
        (Atom::Time(zone, part, _), Atom::Time(other_zone, other_part, _)) => {
            zone == other_zone && part == other_part
        }
        (Atom::Findings(left, _), Atom::Findings(right, _)) => left == right,
        (Atom::Count(left, _), Atom::Count(right, _)) => left == right,
        (Atom::Argument(left, _), Atom::Argument(right, _)) => left == right,
        _ => false,
    }
}

fn prefixes_differ(left: &TextTest, right: &TextTest) -> bool {
    let differ = |one: &String, other: &String, starts: fn(&str, &str) -> bool| {
        !starts(one, other) && !starts(other, one)
    };
    match (left, right) {
        (TextTest::Starts(left), TextTest::Starts(right)) => left.iter().all(|one| {
            right
                .iter()
                .all(|other| differ(one, other, |a, b| a.starts_with(b)))
        }),
        (TextTest::Ends(left), TextTest::Ends(right)) => left.iter().all(|one| {
            right
                .iter()
                .all(|other| differ(one, other, |a, b| a.ends_with(b)))
        }),
        _ => false,
    }
}

/// Whether one JSON value never passes both tests.
fn values_exclude(left: &ValueTest, right: &ValueTest) -> bool {
    match (left, right) {
        (ValueTest::Number(left), ValueTest::Number(right)) => !left
            .iter()
            .any(|one| right.iter().any(|other| overlap(one, other))),
        (ValueTest::Truth(_), ValueTest::Number(_) | ValueTest::Text(_))
        | (ValueTest::Number(_) | ValueTest::Text(_), ValueTest::Truth(_)) => true,
        (ValueTest::Truth(left), ValueTest::Truth(right)) => left != right,
        (ValueTest::Text(left), ValueTest::Text(right)) => prefixes_differ(left, right),
        _ => false,
    }
}

fn overlap(left: &DecimalRange, right: &DecimalRange) -> bool {
    reaches(left, right) && reaches(right, left)
}

/// Whether the first one begins no later than the second one ends.
fn reaches(left: &DecimalRange, right: &DecimalRange) -> bool {
    let (Some(low), Some(high)) = (&left.low, &right.high) else {
        return true;
    };
    match (Decimal::parse(&low.number), Decimal::parse(&high.number)) {
        (Some(from), Some(to)) => match from.compare(&to) {
            std::cmp::Ordering::Less => true,
            std::cmp::Ordering::Equal => low.included && high.included,
            std::cmp::Ordering::Greater => false,
        },
        _ => true,
    }
}
