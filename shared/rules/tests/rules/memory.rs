//! History: against a naive model, across threads, with a full memory.

use proptest::prelude::*;
use std::sync::atomic::{AtomicU64, Ordering};
use varistor_model::Decision;
use varistor_rules::ast::Per;
use varistor_rules::vocabulary::TextField;
use varistor_rules::{History, Loaded, Recorded, Rules, Scratch, Truth};

use crate::call::{Call, Program, truths};

const NOW: u64 = 1_764_400_000_000;

fn call(session: u128, now: u64, arguments: &str) -> Call {
    let mut call = Call {
        unix_ms: now,
        scopes: [Some(session), Some(session / 10 + 1000), Some(5)],
        arguments: Some(arguments.to_owned()),
        ..Call::default()
    };
    call.texts.insert(TextField::ToolName, "x".to_owned());
    call
}

/// Records a call; says what the rules' conditions were.
fn pass(program: &Program, scratch: &mut Scratch, call: &Call) -> Vec<Truth> {
    let found = truths(program, call, scratch);
    assert_eq!(program.rules().record(call, scratch), Recorded::Done);
    found
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(300))]

    /// Whatever the window says for sure is so; and it is unsure only about what happened in the
    /// part of the window that its start cuts: a sixty-fourth.
    #[test]
    fn sliding_windows_agree_with_a_list_of_calls(
        within_s in prop::sample::select(vec![1_u64, 7, 60, 3600]),
        steps in prop::collection::vec((0_u64..3, 0_u64..200, 0_u8..3), 1..80),
    ) {
        let text: String = (0..6)
            .map(|more| format!(
                "RULE \"{more}\" IF history.count(args.a = 1, within = {within_s}s) > {more} \
                 THEN deny\n"
            ))
            .collect();
        let program = Program::new(&text);
        let mut scratch = Scratch::new();
        let within = within_s * 1000;
        let part = within.div_ceil(64);
        // When, whose, and whether it surely counts.
        let mut calls: Vec<(u64, u64, bool)> = Vec::new();
        let mut now = NOW;
        for (session, step, kind) in steps {
            now += step * within / 150;
            let arguments = ["{\"a\":1}", "{\"a\":2}", "{}"][kind as usize];
            let found = pass(&program, &mut scratch, &call(u128::from(session), now, arguments));
            let count = |within: u64, unsure: bool| {
                calls
                    .iter()
                    .filter(|(time, whose, _)| now - time < within && *whose == session)
                    .filter(|(.., sure)| *sure || unsure)
                    .count()
            };
            for (more, truth) in found.iter().enumerate() {
                match truth {
                    Truth::True => prop_assert!(count(within, false) > more),
                    Truth::False => prop_assert!(count(within, true) <= more),
                    Truth::Unknown => {
                        prop_assert!(count(within - part, false) <= more);
                        prop_assert!(count(within + part, true) > more);
                    }
                }
            }
            if kind != 1 {
                calls.push((now, session, kind == 0));
            }
        }
    }
}

#[test]
fn threads_that_record_at_once_lose_nothing() {
    let program = Program::new(
        "RULE \"all\" IF history.count(tool.name = \"x\", within = 1h, per = agent) >= 8000\n\
         THEN deny\n\
         RULE \"more\" IF history.count(tool.name = \"x\", within = 1h, per = agent) > 8000\n\
         THEN deny\n",
    );
    let again = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for thread in 0..8_u128 {
            let (program, again) = (&program, &again);
            scope.spawn(move || {
                let mut scratch = Scratch::new();
                for number in 0..1000 {
                    let call = call(thread, NOW + number, "{}");
                    loop {
                        program.rules().evaluate(&call, &mut scratch);
                        match program.rules().record(&call, &mut scratch) {
                            Recorded::Done => break,
                            Recorded::Changed => again.fetch_add(1, Ordering::Relaxed),
                        };
                    }
                }
            });
        }
    });
    let found = truths(&program, &call(1, NOW + 2000, "{}"), &mut Scratch::new());
    assert_eq!(found, [Truth::True, Truth::False]);
}

#[test]
fn calls_that_race_pass_as_often_as_one_after_the_other() {
    let program = Program::new(
        "RULE \"ten\" IF history.count(tool.name = \"x\", within = 1h, per = token) >= 10\n\
         THEN deny",
    );
    let passed = AtomicU64::new(0);
    std::thread::scope(|scope| {
        for _ in 0..8 {
            scope.spawn(|| {
                let mut scratch = Scratch::new();
                for _ in 0..200 {
                    let call = call(1, NOW, "{}");
                    loop {
                        let verdict = program.rules().evaluate(&call, &mut scratch);
                        if verdict.decision == Some(Decision::Deny) {
                            break;
                        }
                        if program.rules().record(&call, &mut scratch) == Recorded::Done {
                            passed.fetch_add(1, Ordering::Relaxed);
                            break;
                        }
                    }
                }
            });
        }
    });
    assert_eq!(passed.into_inner(), 10);
}

#[test]
fn a_verdict_that_another_call_made_stale_is_not_recorded() {
    let program =
        Program::new("RULE \"r\" IF history.count(tool.name = \"x\", within = 1h) > 0 THEN deny");
    let (mut first, mut second) = (Scratch::new(), Scratch::new());
    let call = call(1, NOW, "{}");
    let rules = program.rules();
    assert_eq!(rules.evaluate(&call, &mut first).decision, None);
    assert_eq!(rules.evaluate(&call, &mut second).decision, None);
    assert_eq!(rules.record(&call, &mut second), Recorded::Done);
    assert_eq!(rules.record(&call, &mut first), Recorded::Changed);
    assert_eq!(
        rules.evaluate(&call, &mut first).decision,
        Some(Decision::Deny)
    );
}

#[test]
fn values_are_seen_by_those_who_are_asked_about() {
    let program = Program::new(
        "RULE \"session\" IF history.seen(args.to) THEN deny\n\
         RULE \"token\" IF history.seen(args.to, per = token) THEN deny\n\
         RULE \"agent\" IF history.seen(args.to, per = agent) THEN deny\n\
         RULE \"hour\" IF history.seen(args.to, within = 1h, per = agent) THEN deny\n\
         RULE \"condition\" IF history.seen(args.to STARTS WITH \"b\", per = agent) THEN deny\n",
    );
    let mut scratch = Scratch::new();
    let [t, f, u] = [Truth::True, Truth::False, Truth::Unknown];
    let hour = 3_600_000;
    for (session, now, arguments, expected) in [
        (11, 0, r#"{"to":"bob"}"#, [f, f, f, f, f]),
        (11, 1, r#"{"to":"b\u006fb"}"#, [t, t, t, t, t]),
        (12, 2, r#"{"to":"bob"}"#, [f, t, t, t, t]),
        (21, 3, r#"{"to":"bob"}"#, [f, f, t, t, t]),
        (21, 4, r#"{"to":"Bob"}"#, [f, f, f, f, t]),
        (21, 5, r#"{"to":100}"#, [f, f, f, f, t]),
        (21, 6, r#"{"to":1e2}"#, [t, t, t, t, t]),
        (21, 7, r#"{"to":"100"}"#, [f, f, f, f, t]),
        (21, 8, r#"{"to":["bob"]}"#, [u, u, u, u, t]),
        (21, 9, r#"{}"#, [u, u, u, u, t]),
        (21, 2 * hour, r#"{"to":"bob"}"#, [t, t, t, f, t]),
    ] {
        let found = pass(&program, &mut scratch, &call(session, NOW + now, arguments));
        assert_eq!(found, expected, "{session} {now} {arguments}");
    }
}

#[test]
fn of_several_values_all_must_have_been_seen() {
    let program = Program::new("RULE \"r\" IF NOT history.seen(args.to[*]) THEN deny");
    let mut scratch = Scratch::new();
    for (arguments, expected) in [
        (r#"{"to":["a","b"]}"#, Truth::True),
        (r#"{"to":["b","a"]}"#, Truth::False),
        (r#"{"to":["b","c"]}"#, Truth::True),
        (r#"{"to":["c",{}]}"#, Truth::Unknown),
        (r#"{"to":[]}"#, Truth::Unknown),
    ] {
        let found = pass(&program, &mut scratch, &call(1, NOW, arguments));
        assert_eq!(found, [expected], "{arguments}");
    }
}

#[test]
fn values_that_were_not_kept_one_by_one_may_have_been_seen() {
    let many: Vec<String> = (0..65).map(|value| value.to_string()).collect();
    let many = format!("{{\"to\":[{}]}}", many.join(","));
    let ambiguous = "{\"to\":[1],\"To\":[2]}".to_owned();
    for arguments in [many, ambiguous] {
        let program = Program::new("RULE \"r\" IF history.seen(args.to[*], within = 1h) THEN deny");
        let mut scratch = Scratch::new();
        let found = pass(&program, &mut scratch, &call(1, NOW, &arguments));
        assert_eq!(found.len(), 1);
        for (session, now, expected) in [
            (1, NOW + 1, Truth::Unknown),
            (2, NOW + 1, Truth::False),
            (1, NOW + 3_600_001, Truth::False),
        ] {
            let other = call(session, now, "{\"to\":[99]}");
            assert_eq!(
                truths(&program, &other, &mut scratch),
                [expected],
                "{arguments}"
            );
        }
    }
}

#[test]
fn a_full_memory_is_unknown_and_never_forgets_what_counts() {
    let program = Program::new(
        "RULE \"count\" IF history.count(tool.name = \"x\", within = 1m) > 0 THEN deny\n\
         RULE \"seen\" IF history.seen(args.to, within = 1m) THEN deny\n",
    );
    let history = History::new(256 * 1024);
    let rules = Rules {
        history: &history,
        ..program.rules()
    };
    let mut scratch = Scratch::new();
    let mut admit = |session: u128, now: u64| {
        let call = call(session, now, "{\"to\":\"bob\"}");
        rules.evaluate(&call, &mut scratch);
        let held: Vec<bool> = scratch.holding().iter().map(|one| one.certain).collect();
        assert_eq!(rules.record(&call, &mut scratch), Recorded::Done);
        held
    };
    // Far more sessions than there is room for: none of them may be forgotten.
    for session in 0..5000 {
        let held = admit(session, NOW);
        assert!(
            held.iter().all(|certain| !certain),
            "a new session has no past"
        );
    }
    assert!(history.bytes() <= 256 * 1024);
    for session in 0..5000 {
        assert_eq!(
            admit(session, NOW + 1000).len(),
            2,
            "{session} is forgotten"
        );
    }
    // When nothing of it counts any more, there is room again.
    let later = NOW + 10 * 60_000;
    assert_eq!(admit(9999, later), Vec::<bool>::new());
    assert_eq!(admit(9999, later + 1), [true, true]);
}

#[test]
fn one_agent_does_not_take_the_memory_of_others() {
    let program = Program::new(
        "RULE \"r\" IF history.seen(args.to, per = agent) THEN deny\n\
         RULE \"s\" IF history.count(tool.name = \"x\", within = 1h) > 3 THEN deny\n",
    );
    let history = History::new(1024 * 1024);
    let rules = Rules {
        history: &history,
        ..program.rules()
    };
    let mut scratch = Scratch::new();
    let mut admit = |agent: u128, session: u128, to: u32| {
        let mut call = call(session, NOW, &format!("{{\"to\":{to}}}"));
        call.scopes[2] = Some(agent);
        let verdict = rules.evaluate(&call, &mut scratch);
        assert_eq!(rules.record(&call, &mut scratch), Recorded::Done);
        verdict.decision
    };
    for to in 0..20_000 {
        admit(1, u128::from(to), to);
    }
    // The one that filled its share everywhere no longer knows what is new to it.
    assert_eq!(admit(1, 50_000, 50_000), Some(Decision::Deny));
    // Others do.
    for agent in 2..100 {
        assert_eq!(admit(agent, agent + 100_000, 7), None, "{agent}");
        assert_eq!(
            admit(agent, agent + 100_000, 7),
            Some(Decision::Deny),
            "{agent}"
        );
    }
    assert!(history.bytes() <= 1024 * 1024);
}

#[test]
fn a_session_that_ended_is_forgotten() {
    let program = Program::new("RULE \"r\" IF history.seen(args.to) THEN deny");
    let mut scratch = Scratch::new();
    for session in [1, 2] {
        pass(
            &program,
            &mut scratch,
            &call(session, NOW, "{\"to\":\"bob\"}"),
        );
    }
    program.history.forget(Per::Session, 1);
    for (session, expected) in [(1, Truth::False), (2, Truth::True)] {
        let call = call(session, NOW, "{\"to\":\"bob\"}");
        assert_eq!(truths(&program, &call, &mut scratch), [expected]);
    }
}

#[test]
fn counters_survive_a_new_program_that_asks_the_same() {
    let rule = "IF history.count(tool.name = \"x\", within = 1h) > 0 THEN deny\n";
    let old = Program::new(&format!("RULE \"a\" {rule}"));
    let new = Program::new(&format!(
        "RULE \"first\" IF history.seen(args.to) THEN deny\n# moved\nRULE \"b\"\n{rule}"
    ));
    pass(&old, &mut Scratch::new(), &call(1, NOW, "{}"));
    let rules = Rules {
        history: &old.history,
        ..new.rules()
    };
    let mut scratch = Scratch::new();
    let verdict = rules.evaluate(&call(1, NOW, "{}"), &mut scratch);
    assert_eq!(verdict.decision, Some(Decision::Deny));
    let certain = scratch.holding().iter().find(|one| one.rule == 1);
    assert!(certain.is_some_and(|one| one.certain));
}

#[test]
fn a_call_of_nobody_has_an_unknown_past() {
    let program = Program::new("RULE \"r\" IF history.seen(args.to) THEN deny");
    let mut nobody = call(1, NOW, "{\"to\":\"bob\"}");
    nobody.scopes = [None; 3];
    let mut scratch = Scratch::new();
    assert_eq!(pass(&program, &mut scratch, &nobody), [Truth::Unknown]);
}

#[test]
fn loading_is_shared_and_judging_is_not() {
    fn shared<T: Send + Sync>() {}
    shared::<Loaded>();
    shared::<History>();
}
