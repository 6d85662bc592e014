//! One rule: which events it is about, which of them it picks, and what happens to those.

use std::cell::{Cell, RefCell};
use std::time::Duration;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};

use super::measure::Wait;
use crate::upstream::fault::Fault;
use crate::upstream::plan::Plan;
use crate::upstream::text::Plant;

/// What a rule can be about.
#[derive(Clone, Copy)]
pub(in crate::upstream) enum Event<'a> {
    Connection,
    /// The tool is empty where there is none.
    Call {
        method: &'a str,
        tool: &'a str,
    },
}

/// A name, or the beginning of names.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Pattern {
    Any,
    Is(String),
    Begins(String),
}

impl Pattern {
    pub(super) fn new(text: &str) -> Self {
        match text.strip_suffix('*') {
            Some("") => Self::Any,
            Some(start) => Self::Begins(start.to_owned()),
            None => Self::Is(text.to_owned()),
        }
    }

    fn fits(&self, name: &str) -> bool {
        match self {
            Self::Any => true,
            Self::Is(whole) => whole == name,
            Self::Begins(start) => name.starts_with(start),
        }
    }
}

/// The events that a rule is about.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Subject {
    Connection,
    Call { method: Pattern, tool: Pattern },
}

/// Which of them it picks.
#[derive(Clone, Debug)]
pub(super) struct When {
    /// Not the first so many.
    pub(super) after: u64,
    /// Of the others each n-th.
    pub(super) every: u64,
    /// At most so often.
    pub(super) times: u64,
    /// Of those by chance so many, 0 to 1.
    pub(super) probability: f64,
}

impl Default for When {
    fn default() -> Self {
        Self {
            after: 0,
            every: 1,
            times: u64::MAX,
            probability: 1.0,
        }
    }
}

/// What happens to them; `None` leaves the plan as it is.
#[derive(Clone, Debug, Default)]
pub(super) struct Effect {
    pub(super) delay: Option<Wait>,
    pub(super) bytes: Option<usize>,
    pub(super) events: Option<u32>,
    pub(super) pace: Option<Duration>,
    pub(super) plant: Option<Plant>,
    pub(super) structured: bool,
    pub(super) fault: Option<Fault>,
}

/// A rule and what it has seen so far.
#[derive(Debug)]
pub(super) struct Rule {
    subject: Subject,
    when: When,
    effect: Effect,
    seen: Cell<u64>,
    done: Cell<u64>,
    random: RefCell<StdRng>,
}

impl Rule {
    pub(super) fn new(subject: Subject, when: When, effect: Effect, seed: u64) -> Self {
        Self {
            subject,
            when,
            effect,
            seen: Cell::new(0),
            done: Cell::new(0),
            random: RefCell::new(StdRng::seed_from_u64(seed)),
        }
    }

    /// The rule of `--faults` and `--fault-every`.
    pub(super) fn of_fault(fault: Fault, every: u64) -> Self {
        let subject = if fault.is_of_connections() {
            Subject::Connection
        } else {
            Subject::calls_of_tools()
        };
        let when = When {
            every,
            ..When::default()
        };
        let effect = Effect {
            fault: Some(fault),
            ..Effect::default()
        };
        Self::new(subject, when, effect, 0)
    }

    pub(super) fn fault(&self) -> Option<Fault> {
        self.effect.fault
    }

    /// Whether the parameters of a message have to be read: for its tool, or for the token of its
    /// progress.
    pub(super) fn reads_params(&self) -> bool {
        let asks_for_tool = match &self.subject {
            Subject::Connection => false,
            Subject::Call { tool, .. } => *tool != Pattern::Any,
        };
        let notifies = self.effect.events.is_some_and(|events| events > 1);
        asks_for_tool || notifies || self.effect.fault == Some(Fault::StreamEnd)
    }

    /// Counts an event that the rule is about, and tells whether it picks this one.
    pub(super) fn holds(&self, event: Event<'_>) -> bool {
        if !self.subject.fits(event) {
            return false;
        }
        let seen = self.seen.get().saturating_add(1);
        self.seen.set(seen);
        let place = seen.saturating_sub(self.when.after);
        if place == 0 || !place.is_multiple_of(self.when.every) {
            return false;
        }
        let is_drawn = self.when.probability >= 1.0
            || self.random.borrow_mut().random_bool(self.when.probability);
        let holds = is_drawn && self.done.get() < self.when.times;
        self.done.set(self.done.get().saturating_add(holds.into()));
        holds
    }

    /// Changes the plan of an event that was picked.
    pub(super) fn apply(&self, plan: &mut Plan) {
        let effect = &self.effect;
        if let Some(wait) = effect.delay {
            plan.delay = wait.draw(&mut self.random.borrow_mut());
        }
        plan.text.bytes = effect.bytes.unwrap_or(plan.text.bytes);
        plan.events = effect.events.unwrap_or(plan.events);
        plan.pace = effect.pace.unwrap_or(plan.pace);
        plan.text.plant = effect.plant.or(plan.text.plant);
        plan.text.structured |= effect.structured;
        plan.fault = effect.fault.or(plan.fault);
    }
}

impl Subject {
    pub(super) fn calls_of_tools() -> Self {
        Self::Call {
            method: Pattern::Is("tools/call".to_owned()),
            tool: Pattern::Any,
        }
    }

    fn fits(&self, event: Event<'_>) -> bool {
        match (self, event) {
            (Self::Connection, Event::Connection) => true,
            (
                Self::Call { method, tool },
                Event::Call {
                    method: called,
                    tool: named,
                },
            ) => method.fits(called) && tool.fits(named),
            _ => false,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::{Effect, Event, Pattern, Rule, Subject, When};

    fn rule(when: When) -> Rule {
        Rule::new(Subject::Connection, when, Effect::default(), 5)
    }

    fn held(rule: &Rule, count: usize) -> Vec<usize> {
        let mut picked = Vec::new();
        for number in 1..=count {
            if rule.holds(Event::Connection) {
                picked.push(number);
            }
        }
        picked
    }

    #[test]
    fn a_rule_picks_by_number() {
        let when = |after, every, times| When {
            after,
            every,
            times,
            ..When::default()
        };
        assert_eq!(held(&rule(when(0, 3, u64::MAX)), 7), [3, 6]);
        assert_eq!(held(&rule(when(4, 1, u64::MAX)), 7), [5, 6, 7]);
        assert_eq!(held(&rule(when(1, 2, 2)), 9), [3, 5]);
    }

    #[test]
    fn a_rule_picks_by_chance_and_the_same_again_from_its_seed() {
        let when = When {
            probability: 0.1,
            ..When::default()
        };
        let first = held(&rule(when.clone()), 10_000);
        assert_eq!(first, held(&rule(when), 10_000));
        assert!((850..1150).contains(&first.len()), "{}", first.len());
    }

    #[test]
    fn a_pattern_is_a_name_or_its_beginning() {
        for (pattern, name, fits) in [
            ("*", "", true),
            ("tools/*", "tools/list", true),
            ("tools/*", "tool", false),
            ("echo", "echo", true),
            ("echo", "echo2", false),
        ] {
            assert_eq!(Pattern::new(pattern).fits(name), fits, "{pattern} {name}");
        }
        let calls = Subject::calls_of_tools();
        let (method, tool) = ("tools/call", "any");
        assert!(calls.fits(Event::Call { method, tool }));
        assert!(!calls.fits(Event::Connection));
    }
}
