//! A call with facts that a test fills in, and a program made of text.

use std::collections::HashMap;

use rkyv::util::AlignedVec;
use varistor_rules::ast::Per;
use varistor_rules::vocabulary::{NumberField, SetField, TextField};
use varistor_rules::{
    Facts, History, Known, Loaded, Rules, Scratch, Source, Truth, Verdict, compile, parse, render,
};
use varistor_snapshot::schema::rules::ArchivedRuleProgram;

/// A call; what a test does not fill in is unknown.
#[derive(Clone, Debug, Default)]
pub(crate) struct Call {
    pub(crate) tool_key: Option<u64>,
    pub(crate) texts: HashMap<TextField, String>,
    pub(crate) sets: HashMap<SetField, Vec<String>>,
    pub(crate) numbers: HashMap<NumberField, u64>,
    pub(crate) annotations: HashMap<String, String>,
    pub(crate) findings: Option<HashMap<String, u64>>,
    pub(crate) arguments: Option<String>,
    pub(crate) unix_ms: u64,
    pub(crate) scopes: [Option<u128>; 3],
}

impl Facts for Call {
    fn tool_key(&self) -> Option<u64> {
        self.tool_key
    }

    fn text(&self, field: TextField) -> Option<&str> {
        self.texts.get(&field).map(String::as_str)
    }

    fn number(&self, field: NumberField) -> Option<u64> {
        self.numbers.get(&field).copied()
    }

    fn contains(&self, field: SetField, text: &str) -> Option<bool> {
        let set = self.sets.get(&field)?;
        Some(set.iter().any(|one| one == text))
    }

    fn is_empty(&self, field: SetField) -> Option<bool> {
        self.sets.get(&field).map(Vec::is_empty)
    }

    fn annotation(&self, name: &str) -> Option<&str> {
        self.annotations.get(name).map(String::as_str)
    }

    fn arguments(&self) -> Option<&str> {
        self.arguments.as_deref()
    }

    fn findings(&self, entity: &str) -> Option<u64> {
        let findings = self.findings.as_ref()?;
        Some(findings.get(entity).copied().unwrap_or(0))
    }

    fn unix_ms(&self) -> u64 {
        self.unix_ms
    }

    fn scope(&self, per: Per) -> Option<u128> {
        self.scopes[per as usize]
    }
}

/// A compiled program as it lies in a snapshot.
pub(crate) struct Program {
    bytes: AlignedVec,
    pub(crate) loaded: Loaded,
    pub(crate) history: History,
}

impl Program {
    /// Compiles one file; panics with what is wrong with it.
    pub(crate) fn new(text: &str) -> Self {
        let bytes = archive(text);
        let program = rkyv::access::<ArchivedRuleProgram, rkyv::rancor::Error>(&bytes).unwrap();
        let loaded = Loaded::new(program).expect("a compiled program can be loaded");
        Self {
            bytes,
            loaded,
            history: History::new(64 << 20),
        }
    }

    pub(crate) fn rules(&self) -> Rules<'_> {
        let program = rkyv::access::<ArchivedRuleProgram, rkyv::rancor::Error>(&self.bytes);
        Rules {
            program: program.unwrap(),
            loaded: &self.loaded,
            history: &self.history,
        }
    }

    pub(crate) fn judge(&self, call: &Call) -> Verdict {
        self.rules().evaluate(call, &mut Scratch::new())
    }
}

/// The archive of one file's program.
pub(crate) fn archive(text: &str) -> AlignedVec {
    let source = Source {
        name: "test.rules",
        text,
    };
    let parsed = parse(0, text);
    let shown = render(&parsed.diagnostics, &[source]);
    assert!(parsed.diagnostics.is_empty(), "{shown}");
    let compiled = compile(&[source], &[parsed.file], &Known::default())
        .unwrap_or_else(|found| panic!("{}", render(&found, &[source])));
    rkyv::to_bytes::<rkyv::rancor::Error>(&compiled.program).unwrap()
}

/// What one condition is for a call.
pub(crate) fn truth(condition: &str, call: &Call) -> Truth {
    let text = format!("RULE \"r\" IF {condition} THEN deny\n");
    truths(&Program::new(&text), call, &mut Scratch::new())[0]
}

/// What the conditions of rules that deny are for a call.
pub(crate) fn truths(program: &Program, call: &Call, scratch: &mut Scratch) -> Vec<Truth> {
    let rules = program.rules();
    let verdict = rules.evaluate(call, scratch);
    assert!(!verdict.broken);
    let mut truths = vec![Truth::False; rules.program.body.rules.len()];
    for holding in scratch.holding() {
        truths[holding.rule as usize] = match holding.certain {
            true => Truth::True,
            false => Truth::Unknown,
        };
    }
    truths
}

/// Milliseconds of a time such as `2026-11-29T12:00:00Z`.
pub(crate) fn time(text: &str) -> u64 {
    let time: jiff::Timestamp = text.parse().unwrap();
    u64::try_from(time.as_millisecond()).unwrap()
}
