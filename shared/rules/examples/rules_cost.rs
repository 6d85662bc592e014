//! What one evaluation costs with 100 rules: run it under callgrind for instructions, alone for
//! nanoseconds (see the reference page).

use std::time::Instant;

use varistor_rules::ast::Per;
use varistor_rules::vocabulary::{NumberField, SetField, TextField};
use varistor_rules::{Facts, History, Known, Loaded, Rules, Scratch, Source, compile, parse};
use varistor_snapshot::schema::rules::ArchivedRuleProgram;

const ROUNDS: u32 = 10_000;

/// A call of a tool that the rules know.
struct Call {
    key: Option<u64>,
    server: &'static str,
    name: &'static str,
    intent: u64,
}

impl Facts for Call {
    fn tool_key(&self) -> Option<u64> {
        self.key
    }

    fn text(&self, field: TextField) -> Option<&str> {
        Some(match field {
            TextField::ToolServer => self.server,
            TextField::ToolName => self.name,
            TextField::ToolCategory => "financial",
            TextField::AgentId => "ci-bot",
            TextField::AgentTeam => "platform",
            TextField::AgentOrganisation => "acme",
            _ => "",
        })
    }

    fn number(&self, field: NumberField) -> Option<u64> {
        match field {
            NumberField::ActionType => Some(self.intent),
            _ => Some(100),
        }
    }

    fn contains(&self, _: SetField, text: &str) -> Option<bool> {
        Some(text == "developer")
    }

    fn is_empty(&self, _: SetField) -> Option<bool> {
        Some(false)
    }

    fn annotation(&self, _: &str) -> Option<&str> {
        None
    }

    fn arguments(&self) -> Option<&str> {
        Some(r#"{"amount":1200,"currency":"EUR","reason":"damaged goods","to":"bob@acme.example"}"#)
    }

    fn findings(&self, _: &str) -> Option<u64> {
        Some(0)
    }

    fn unix_ms(&self) -> u64 {
        1_764_400_000_000
    }

    fn scope(&self, per: Per) -> Option<u128> {
        Some(per as u128)
    }
}

/// A hundred rules as an organisation has them: most of them about tools.
fn mixed() -> String {
    let mut text = String::new();
    let mut rule = |condition: String| {
        let number = text.matches("RULE").count();
        text.push_str(&format!("RULE \"{number}\" IF {condition} THEN deny\n"));
    };
    for at in 0..60 {
        rule(format!(
            "tool.server = \"server{}\" AND tool.name = \"tool{at}\" AND args.amount > {}",
            at % 20,
            5000 + at
        ));
    }
    for at in 0..20 {
        rule(format!(
            "tool.server = \"server{at}\" AND action.type >= \"write\" \
             AND agent.team = \"team{at}\""
        ));
    }
    for at in 0..10 {
        rule(format!(
            "action.type = \"exfiltrative\" AND time.hour IN 20..{} \
             AND agent.organisation = \"o{at}\"",
            21 + at % 3
        ));
    }
    for at in 0..6 {
        rule(format!(
            "tool.category = \"category{at}\" AND dlp.found(\"credit_card\")"
        ));
    }
    rule("agent.team = \"interns\" AND action.type >= \"destructive\"".to_owned());
    rule("dlp.count(\"email\") > 10 AND action.type >= \"write\"".to_owned());
    rule("request.bytes > 1MB".to_owned());
    rule("tool.server = \"server3\" AND args.amount > 1000000".to_owned());
    text
}

/// A hundred rules that say nothing of tools: none can be left out.
fn general() -> String {
    let rule = |at: usize| {
        format!("RULE \"{at}\" IF agent.id = \"agent{at}\" AND request.bytes > {at}KB THEN deny\n")
    };
    (0..100).map(rule).collect()
}

/// The mixed ones, and two that ask history.
fn with_history() -> String {
    mixed()
        + "RULE \"h1\" IF history.count(action.type = \"read\" AND tool.tags CONTAINS \"private\", \
           within = 30m) > 0 THEN deny\n\
           RULE \"h2\" IF history.count(tool.name = \"tool3\", within = 1h, per = agent) > 1000000 \
           THEN deny\n"
}

#[inline(never)]
fn evaluate_measured(rules: &Rules<'_>, call: &Call, scratch: &mut Scratch) -> bool {
    rules.evaluate(call, scratch).decision.is_none()
}

fn measure(name: &str, text: &str, call: &Call) -> Option<()> {
    let source = Source { name, text };
    let parsed = parse(0, text);
    let compiled = compile(&[source], &[parsed.file], &Known::default()).ok()?;
    let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(&compiled.program).ok()?;
    let program = rkyv::access::<ArchivedRuleProgram, rkyv::rancor::Error>(&bytes).ok()?;
    let loaded = Loaded::new(program).ok()?;
    let history = History::new(1 << 20);
    let rules = Rules {
        program,
        loaded: &loaded,
        history: &history,
    };
    let mut scratch = Scratch::new();
    rules.evaluate(call, &mut scratch);
    let start = Instant::now();
    let mut undecided = 0_u32;
    for _ in 0..ROUNDS {
        undecided += u32::from(evaluate_measured(&rules, call, &mut scratch));
    }
    let each = start.elapsed() / ROUNDS;
    println!("{name}: {each:?} each, {undecided} of {ROUNDS} undecided");
    Some(())
}

fn main() {
    let call = Call {
        key: Some(7),
        server: "server3",
        name: "tool3",
        intent: 2,
    };
    let new = Call { key: None, ..call };
    let other = Call {
        key: Some(8),
        server: "elsewhere",
        name: "list_things",
        intent: 0,
    };
    let which = std::env::args().nth(1).unwrap_or_default();
    for (name, text, call) in [
        ("mixed", mixed(), &call),
        ("other-tool", mixed(), &other),
        ("unknown-tool", mixed(), &new),
        ("general", general(), &call),
        ("history", with_history(), &call),
    ] {
        if which.is_empty() || which == name {
            measure(name, &text, call);
        }
    }
}
