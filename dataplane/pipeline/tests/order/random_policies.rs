//! On random policies, what is listed is what can be called.

use proptest::prelude::*;
use varistor_http1::ResponseHead;
use varistor_perf::bench::{Bench, Outcome};
use varistor_perf::policy::{grant, policy, role};
use varistor_snapshot::schema::{Grant, kinds};

const TOOLS: [&str; 9] = [
    "get_a", "get_b", "list_a", "create_a", "update_b", "delete_a", "drop_b", "export_a", "dump_b",
];

fn any_grant() -> impl Strategy<Value = Grant> {
    let name = prop::sample::select(vec!["*", "get_*", "*_a", "delete_a", "d*", "?et_b", "x"]);
    (
        0..2_u32,
        name,
        0..16_u8,
        any::<bool>(),
        any::<bool>(),
        prop::bool::weighted(0.15),
    )
        .prop_map(|(server, name, intents, stated, tools_only, deny)| {
            let kinds = if tools_only { kinds::TOOL } else { kinds::ALL };
            Grant {
                kinds,
                deny,
                ..grant(server, name, intents, stated)
            }
        })
}

fn any_roles() -> impl Strategy<Value = Vec<varistor_snapshot::schema::Role>> {
    let one = (prop::collection::vec(any_grant(), 0..5), 0..16_u8);
    prop::collection::vec(one, 1..4).prop_map(|roles| {
        roles
            .into_iter()
            .enumerate()
            .map(|(index, (grants, hold))| role(index, grants, hold))
            .collect()
    })
}

fn listed(bench: &Bench, token: &str) -> Option<Vec<String>> {
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    let Outcome::Forwarded {
        mut forward, body, ..
    } = bench.post("github", token, list)
    else {
        return None;
    };
    let bytes = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 1\r\n\r\n";
    let mut head = ResponseHead::new();
    head.parse(bytes, false).unwrap();
    forward.answering.head(&head, bytes).unwrap();
    let tools: Vec<_> = TOOLS
        .iter()
        .map(|name| serde_json::json!({ "name": name }))
        .collect();
    let all =
        serde_json::json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": tools}}).to_string();
    let mut out = Vec::new();
    let desk = &mut *bench.desk.borrow_mut();
    let passed = forward
        .answering
        .message(desk, (&body, all.as_bytes()), &mut out)
        .unwrap();
    let shown = if passed == varistor_pipeline::answer::Passed::Same {
        all
    } else {
        String::from_utf8(out).unwrap()
    };
    let shown: serde_json::Value = serde_json::from_str(&shown).unwrap();
    let tools = shown["result"]["tools"].as_array().unwrap();
    Some(
        tools
            .iter()
            .map(|tool| tool["name"].as_str().unwrap().to_owned())
            .collect(),
    )
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(500))]

    #[test]
    fn what_is_listed_is_what_can_be_called(roles in any_roles()) {
        use varistor_model::Reason;
        let bench = Bench::new(&policy(roles, vec![]));
        let token = bench.token(&["r0", "r1", "r2"]);
        let listed = listed(&bench, &token).unwrap_or_default();
        for tool in TOOLS {
            let outcome = bench.call("github", &token, tool);
            let callable = outcome.is_forwarded() || outcome.reason() == Some(Reason::Held);
            prop_assert_eq!(callable, listed.iter().any(|name| name == tool), "{}", tool);
        }
    }
}
