//! Judges a call by a program: which rules hold, and what follows.
//!
//! Whatever is broken denies. A condition that is unknown holds for every action but `allow`.

mod atom;
mod explain;
mod follow;
mod record;
mod text;
mod value;

use varistor_model::Decision;
use varistor_snapshot::schema::rules::{ArchivedRuleProgram, Node};

use crate::compile::kind;
use crate::facts::Facts;
use crate::history::History;
use crate::load::{Loaded, NODE_DEPTH_MAX, Summary};
use crate::scratch::{Scratch, Which};
use crate::select::{OF_TOOL, Possible, possible};
use crate::truth::Truth;
use crate::vocabulary::NumberField;

/// A program with what belongs to it.
#[derive(Clone, Copy, Debug)]
pub struct Rules<'a> {
    /// As it lies in the snapshot.
    pub program: &'a ArchivedRuleProgram,
    /// What was made of it.
    pub loaded: &'a Loaded,
    /// What is remembered of earlier calls.
    pub history: &'a History,
}

/// What follows for a call. Strings stand in the program: see [`Rules::follow`].
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub struct Verdict {
    /// The strictest decision of all rules that hold; `None`: no rule decides.
    pub decision: Option<Decision>,
    /// The first rule with that decision: index into the program's rules. `None` also when the
    /// program is broken.
    pub rule: Option<u16>,
    /// What the decision would be if shadow rules were enforced, too.
    pub shadow: Option<Decision>,
    /// The first shadow rule with that decision, when it is stricter than `decision`.
    pub shadow_rule: Option<u16>,
    /// The highest level of all rules that hold: index into
    /// [`LEVELS`](crate::vocabulary::LEVELS).
    pub log_level: Option<u8>,
    /// Whether any rule flags the call.
    pub flag: bool,
    /// Whether any rule ends the session.
    pub end_session: bool,
    /// Whether any rule that holds redacts: also when the decision is to hold.
    pub redacts: bool,
    /// Whether any rule that holds tells somebody.
    pub notifies: bool,
    /// Whether any rule that holds has a limit.
    pub limits: bool,
    /// The program can't be evaluated: the call is denied.
    pub broken: bool,
}

impl Verdict {
    /// What follows when a program can't be read or evaluated.
    pub const BROKEN: Self = Self {
        decision: Some(Decision::Deny),
        rule: None,
        shadow: Some(Decision::Deny),
        shadow_rule: None,
        log_level: None,
        flag: false,
        end_session: false,
        redacts: false,
        notifies: false,
        limits: false,
        broken: true,
    };
}

/// A rule that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Holding {
    /// Index into the program's rules.
    pub rule: u16,
    /// Whether its condition is true; otherwise it is unknown, and `allow` does not follow.
    pub certain: bool,
    /// Whether it is reported only.
    pub shadow: bool,
}

/// The program can't be evaluated.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Broken;

impl<'a> Rules<'a> {
    /// Judges one call. Deterministic; asks the facts only for what some rule needs.
    pub fn evaluate<F: Facts + ?Sized>(&self, facts: &F, scratch: &mut Scratch) -> Verdict {
        if self.program.fingerprint.to_native() != self.loaded.fingerprint {
            scratch.holding.clear();
            return Verdict::BROKEN;
        }
        scratch.begin(self.loaded);
        if self.loaded.rules.is_empty() {
            return Verdict::default();
        }
        let mut call = Call {
            rules: *self,
            facts,
            scratch,
        };
        call.judge().unwrap_or(Verdict::BROKEN)
    }
}

/// One call while it is judged.
pub(crate) struct Call<'a, F: Facts + ?Sized> {
    pub(crate) rules: Rules<'a>,
    pub(crate) facts: &'a F,
    pub(crate) scratch: &'a mut Scratch,
}

impl<F: Facts + ?Sized> Call<'_, F> {
    fn judge(&mut self) -> Result<Verdict, Broken> {
        let mut verdict = Verdict::default();
        let mut strictest = Strictest::default();
        match self.candidates() {
            None => {
                for rule in 0..self.rules.loaded.rules.len() {
                    self.rule(rule, &mut verdict, &mut strictest)?;
                }
            }
            Some(place) => {
                for word in 0..self.scratch.tools.width() {
                    let mut bits = self.scratch.tools.word(place, word);
                    while bits != 0 {
                        let bit = bits.trailing_zeros() as usize;
                        bits &= bits.wrapping_sub(1);
                        let rule = word.saturating_mul(64).saturating_add(bit);
                        self.rule(rule, &mut verdict, &mut strictest)?;
                    }
                }
            }
        }
        verdict.shadow = verdict.decision.max(strictest.decision);
        if verdict.shadow != verdict.decision {
            verdict.shadow_rule = strictest.rule;
        }
        Ok(verdict)
    }

    fn rule(
        &mut self,
        rule: usize,
        verdict: &mut Verdict,
        shadow: &mut Strictest,
    ) -> Result<(), Broken> {
        let loaded = self.rules.loaded;
        let summary = loaded.rules.get(rule).ok_or(Broken)?;
        if !self.passes(summary) {
            return Ok(());
        }
        let truth = self.condition(summary.condition as usize, NODE_DEPTH_MAX)?;
        if truth == Truth::False || (truth == Truth::Unknown && summary.only_allows()) {
            return Ok(());
        }
        let rule = u16::try_from(rule).map_err(|_| Broken)?;
        let certain = truth == Truth::True;
        self.scratch.holding.push(Holding {
            rule,
            certain,
            shadow: summary.shadow,
        });
        if summary.shadow {
            shadow.take(summary, certain, rule);
            return Ok(());
        }
        let mut strictest = Strictest {
            decision: verdict.decision,
            rule: verdict.rule,
        };
        strictest.take(summary, certain, rule);
        (verdict.decision, verdict.rule) = (strictest.decision, strictest.rule);
        verdict.log_level = verdict.log_level.max(summary.log_level);
        verdict.flag |= summary.flags;
        verdict.end_session |= summary.ends_session;
        verdict.redacts |= summary.redacts;
        verdict.notifies |= summary.notifies;
        verdict.limits |= summary.limits;
        Ok(())
    }

    /// Whether the rule's guard leaves it open that the rule holds.
    #[inline]
    fn passes(&mut self, summary: &Summary) -> bool {
        match summary.guard {
            Some((field, literal)) => match self.which(field) {
                Which::Unknown => true,
                Which::None => false,
                Which::Literal(found) => found == literal,
            },
            None => true,
        }
    }

    /// What a condition is; stops at the first part that decides.
    pub(crate) fn condition(&mut self, at: usize, depth: usize) -> Result<Truth, Broken> {
        let nodes = self.rules.loaded.nodes.as_slice();
        let node = nodes.get(at).ok_or(Broken)?;
        if node.kind == kind::LEAF {
            return self.leaf(node);
        }
        let depth = depth.checked_sub(1).ok_or(Broken)?;
        let (decides, mut whole) = match node.kind {
            kind::ALL => (Truth::False, Truth::True),
            kind::ANY => (Truth::True, Truth::False),
            _ => return Err(Broken),
        };
        let mut next = at.saturating_add(1);
        while next < node.end as usize {
            let child = nodes.get(next).ok_or(Broken)?;
            let part = match child.kind {
                kind::LEAF => self.leaf(child)?,
                _ => self.condition(next, depth)?,
            };
            if part == decides {
                return Ok(decides);
            }
            if part == Truth::Unknown {
                whole = Truth::Unknown;
            }
            let end = child.end as usize;
            if end <= next {
                return Err(Broken);
            }
            next = end;
        }
        Ok(whole)
    }

    #[inline]
    fn leaf(&mut self, node: &Node) -> Result<Truth, Broken> {
        let truth = self.kept_atom(node.atom)?;
        Ok(match node.negate {
            true => truth.contrary(),
            false => truth,
        })
    }

    /// Where the rules that can hold for this tool stand; worked out when the tool is new.
    fn candidates(&mut self) -> Option<usize> {
        let key = self.facts.tool_key()?;
        // 4: the intent is not known.
        let intent = match self.facts.number(NumberField::ActionType) {
            Some(intent) => u8::try_from(intent).ok().filter(|intent| *intent < 4)?,
            None => 4,
        };
        if let Some(place) = self.scratch.tools.find(key, intent) {
            let texts = self.scratch.tools.texts(place);
            self.scratch.know_tool(texts);
            return Some(place);
        }
        let place = self.scratch.tools.take(key, intent);
        let texts = OF_TOOL.map(|field| self.which(field));
        self.scratch.tools.set_texts(place, texts);
        let loaded = self.rules.loaded;
        for (word, rules) in loaded.rules.chunks(64).enumerate() {
            let mut bits = 0_u64;
            for (bit, rule) in rules.iter().enumerate() {
                if self.can_hold(rule) {
                    bits |= 1_u64.wrapping_shl(u32::try_from(bit).unwrap_or(0));
                }
            }
            self.scratch.tools.set(place, word, bits);
        }
        Some(place)
    }

    fn can_hold(&mut self, rule: &Summary) -> bool {
        let loaded = self.rules.loaded;
        // Other texts than the tool's may be others in the next call.
        let of_tool = |field| OF_TOOL.contains(&field);
        if rule.guard.is_some_and(|(field, _)| of_tool(field)) && !self.passes(rule) {
            return false;
        }
        let mut of = |atom: u16| {
            if !loaded.of_tool.get(atom as usize).copied().unwrap_or(false) {
                return Possible::ANYTHING;
            }
            match self.kept_atom(atom) {
                Ok(truth) => Possible::only(truth),
                Err(Broken) => Possible::ANYTHING,
            }
        };
        let can = possible(loaded, rule.condition as usize, NODE_DEPTH_MAX, &mut of);
        can.yes || (can.unknown && !rule.only_allows())
    }
}

/// The strictest decision so far, and the rule that it came from first.
#[derive(Clone, Copy, Debug, Default)]
struct Strictest {
    decision: Option<Decision>,
    rule: Option<u16>,
}

impl Strictest {
    fn take(&mut self, summary: &Summary, certain: bool, rule: u16) {
        let allows = (summary.allows && certain).then_some(Decision::Allow);
        let decision = summary.restricts.max(allows);
        if decision > self.decision {
            (self.decision, self.rule) = (decision, Some(rule));
        }
    }
}
