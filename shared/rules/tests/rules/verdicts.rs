//! What follows from rules that hold: the strictest decision, all other actions, shadow rules.

use varistor_model::Decision;
use varistor_rules::vocabulary::{NumberField, TextField};
use varistor_rules::{Scratch, Verdict};

use crate::call::{Call, Program};

fn on_tool(name: &str) -> Call {
    let mut call = Call::default();
    call.texts.insert(TextField::ToolName, name.to_owned());
    call
}

#[test]
fn the_strictest_decision_wins_whatever_the_order() {
    let all = [
        ("allow", Decision::Allow),
        ("redact(\"email\")", Decision::Redact),
        ("require_human_approval", Decision::Hold),
        ("deny", Decision::Deny),
    ];
    for (first, strict) in all {
        for (second, other) in all {
            let text = format!(
                "RULE \"a\" IF tool.name = \"x\" THEN {first}\n\
                 RULE \"b\" IF tool.name = \"x\" THEN {second}\n"
            );
            let verdict = Program::new(&text).judge(&on_tool("x"));
            assert_eq!(verdict.decision, Some(strict.max(other)));
            assert_eq!(verdict.rule, Some(u16::from(other > strict)));
            assert_eq!(verdict.shadow, verdict.decision);
        }
    }
}

#[test]
fn no_rule_that_holds_decides_nothing() {
    let program = Program::new("RULE \"a\" IF tool.name = \"x\" THEN deny");
    assert_eq!(program.judge(&on_tool("y")), Verdict::default());
    assert_eq!(
        Program::new("# nothing").judge(&on_tool("y")),
        Verdict::default()
    );
}

#[test]
fn an_unknown_condition_restricts_and_never_allows() {
    for (action, expected) in [
        ("allow", None),
        ("deny", Some(Decision::Deny)),
        ("require_human_approval", Some(Decision::Hold)),
        ("redact(\"email\")", Some(Decision::Redact)),
    ] {
        let text = format!("RULE \"a\" IF args.amount > 10 THEN {action}");
        assert_eq!(Program::new(&text).judge(&on_tool("x")).decision, expected);
    }
}

#[test]
fn an_unknown_condition_takes_the_permission_out_of_a_rule_and_leaves_the_rest() {
    let text = "RULE \"a\" IF args.amount > 10 THEN allow AND limit(10/hour) AND flag_for_review";
    let program = Program::new(text);
    let mut call = on_tool("x");
    let unknown = program.judge(&call);
    assert_eq!(
        (unknown.decision, unknown.limits, unknown.flag),
        (None, true, true)
    );
    call.arguments = Some("{\"amount\":11}".to_owned());
    let held = program.judge(&call);
    assert_eq!(
        (held.decision, held.limits, held.flag),
        (Some(Decision::Allow), true, true)
    );
    call.arguments = Some("{\"amount\":9}".to_owned());
    assert_eq!(program.judge(&call), Verdict::default());
}

#[test]
fn what_follows_is_told_with_its_rule() {
    use varistor_snapshot::schema::rules::ArchivedRuleAction as Action;
    let program = Program::new(
        "RULE \"unknown\" IF args.a = 1 THEN allow AND flag_for_review\n\
         RULE \"shadow\" SHADOW IF tool.name = \"x\" THEN end_session\n\
         RULE \"other\" IF tool.name = \"y\" THEN end_session\n\
         RULE \"sure\" IF tool.name = \"x\" THEN deny(\"why\")\n",
    );
    let mut scratch = Scratch::new();
    let rules = program.rules();
    rules.evaluate(&on_tool("x"), &mut scratch);
    let follows: Vec<(&str, String)> = rules
        .follow(&scratch)
        .map(|(rule, action)| {
            let action = match action {
                Action::Deny(reason) => format!("deny {reason}"),
                Action::Flag => "flag".to_owned(),
                other => format!("{other:?}"),
            };
            (rule.name.as_str(), action)
        })
        .collect();
    let expected = [("unknown", "flag"), ("sure", "deny why")];
    assert_eq!(
        follows,
        expected.map(|(rule, action)| (rule, action.to_owned()))
    );
}

#[test]
fn actions_of_all_rules_that_hold_are_gathered() {
    let program = Program::new(
        "RULE \"a\" IF tool.name = \"x\" THEN deny AND log_level(\"warning\")\n\
         RULE \"b\" IF tool.name = \"x\" THEN redact(\"email\") AND log_level(\"critical\")\n\
         RULE \"c\" IF tool.name = \"x\" THEN notify_channel(\"slack\", \"#a\") AND end_session\n\
         RULE \"d\" IF tool.name = \"y\" THEN flag_for_review\n",
    );
    let verdict = program.judge(&on_tool("x"));
    assert_eq!(verdict.decision, Some(Decision::Deny));
    assert_eq!(verdict.log_level, Some(5));
    assert!(verdict.redacts && verdict.notifies && verdict.end_session);
    assert!(!verdict.flag && !verdict.limits && !verdict.broken);
}

#[test]
fn shadow_rules_are_reported_and_not_enforced() {
    let program = Program::new(
        "RULE \"a\" SHADOW IF tool.name = \"x\" THEN deny AND flag_for_review\n\
         RULE \"b\" IF tool.name = \"x\" THEN allow\n",
    );
    let mut scratch = Scratch::new();
    let verdict = program.rules().evaluate(&on_tool("x"), &mut scratch);
    assert_eq!(
        (verdict.decision, verdict.rule),
        (Some(Decision::Allow), Some(1))
    );
    assert_eq!(
        (verdict.shadow, verdict.shadow_rule),
        (Some(Decision::Deny), Some(0))
    );
    assert!(!verdict.flag);
    let shadows: Vec<bool> = scratch.holding().iter().map(|one| one.shadow).collect();
    assert_eq!(shadows, [true, false]);
}

#[test]
fn rules_of_other_tools_and_intents_are_found_again() {
    let mut text = String::new();
    for at in 0..130 {
        text.push_str(&format!(
            "RULE \"{at}\" IF tool.name = \"t{at}\" AND action.type = \"write\" THEN deny\n"
        ));
    }
    let program = Program::new(&text);
    let mut scratch = Scratch::new();
    for round in 0..3 {
        for at in 0..6000_u64 {
            let mut call = on_tool(&format!("t{at}"));
            call.tool_key = Some(at);
            let intent = (at + round) % 4;
            call.numbers.insert(NumberField::ActionType, intent);
            let verdict = program.rules().evaluate(&call, &mut scratch);
            let expected = (at < 130 && intent == 1).then_some(at as u16);
            assert_eq!(verdict.rule, expected, "{at} {intent}");
        }
    }
}

#[test]
fn the_steady_state_allocates_nothing() {
    let program = Program::new(
        "RULE \"a\" IF args.sql MATCHES \"(?i)drop\\\\s+table\" THEN deny\n\
         RULE \"b\" IF args.items[*].id > 10 AND args.\u{61}['odd key'] CONTAINS \"x\" THEN deny\n\
         RULE \"c\" IF time.hour IN 22..6 AND time.zone = \"Europe/Berlin\" THEN deny\n\
         RULE \"d\" IF history.count(args.sql EXISTS, within = 1h) > 3 THEN deny\n\
         RULE \"e\" IF history.seen(args.sql) THEN flag_for_review\n",
    );
    let mut call = on_tool("x");
    call.tool_key = Some(1);
    call.unix_ms = 1_764_400_000_000;
    call.scopes = [Some(1), Some(2), Some(3)];
    call.arguments = Some(
        r#"{"sql":"select\u0020* from t","items":[{"id":1},{"id":2}],"a":{"odd key":["y"]}}"#
            .to_owned(),
    );
    let mut scratch = Scratch::new();
    let rules = program.rules();
    for _ in 0..3 {
        rules.evaluate(&call, &mut scratch);
    }
    let allocations = allocation_counter::measure(|| {
        for _ in 0..100 {
            rules.evaluate(&call, &mut scratch);
        }
    });
    assert_eq!(allocations.count_total, 0);
}
