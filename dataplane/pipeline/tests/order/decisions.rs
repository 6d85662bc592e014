//! What the order decides about single requests.

use varistor_model::Reason;
use varistor_perf::bench::{Bench, Outcome, SECOND, signing_key};
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::serving::Serving;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::{Policy, Rate};

fn open() -> Bench {
    Bench::new(&policy(
        vec![role(0, vec![grant(1, "*", 15, false)], 0)],
        vec![],
    ))
}

#[test]
fn a_permitted_call_goes_on_with_its_bytes_and_without_the_token() {
    let bench = open();
    let token = bench.token(&["r0"]);
    let body = concat!(
        r#"{ "id" :1 , "params":{"name":"get_\u0069ssue","x":1.0},"#,
        r#""method":"tools/call","jsonrpc":"2.0"}"#
    );
    let Outcome::Forwarded {
        head, body: sent, ..
    } = bench.post("github", &token, body)
    else {
        panic!("it was refused");
    };
    assert_eq!(sent, body.as_bytes());
    assert!(
        !head.contains(&token) && !head.to_lowercase().contains("authorization"),
        "{head}"
    );
    assert!(
        head.starts_with("POST /mcp HTTP/1.1\r\nhost: 127.0.0.1:1\r\n"),
        "{head}"
    );
    let log = bench.log.lines.borrow();
    assert!(log[0].contains(r#""tool":"get_issue""#) && log[0].contains(r#""decision":"allow""#));
}

#[test]
fn what_is_not_permitted_does_not_exist_and_is_recorded() {
    let bench = Bench::new(&policy(
        vec![role(0, vec![grant(1, "get_*", 15, false)], 0)],
        vec![],
    ));
    let token = bench.token(&["r0"]);
    assert!(bench.call("github", &token, "get_issue").is_forwarded());
    assert_eq!(
        bench.call("github", &token, "create_issue").reason(),
        Some(Reason::ToolUnknown)
    );
    assert_eq!(
        bench.call("files", &token, "get_x").reason(),
        Some(Reason::ScopeInsufficient)
    );
    assert_eq!(
        bench.call("nowhere", &token, "get_x").reason(),
        Some(Reason::RouteUnknown)
    );
    let log = bench.log.lines.borrow();
    assert_eq!(log.len(), 4);
    assert!(log[1].contains(r#""reason":"tool_unknown""#), "{}", log[1]);
}

#[test]
fn destructive_calls_are_held_and_exfiltrative_ones_do_not_exist_by_default() {
    let bench = open();
    let token = bench.token(&["r0"]);
    assert_eq!(
        bench.call("github", &token, "delete_repo").reason(),
        Some(Reason::Held)
    );
    assert_eq!(
        bench.call("github", &token, "export_all").reason(),
        Some(Reason::ToolUnknown)
    );
    let stated = Bench::new(&policy(
        vec![role(0, vec![grant(1, "*", 15, true)], 0)],
        vec![],
    ));
    let token = stated.token(&["r0"]);
    assert!(stated.call("github", &token, "delete_repo").is_forwarded());
    assert!(stated.call("github", &token, "export_all").is_forwarded());
}

#[test]
fn a_role_that_wants_approval_holds_whatever_other_roles_say() {
    let roles = vec![
        role(0, vec![grant(1, "*", 15, true)], 0),
        role(1, vec![grant(1, "*", 15, false)], 0b0100),
    ];
    let bench = Bench::new(&policy(roles, vec![]));
    assert!(
        bench
            .call("github", &bench.token(&["r0"]), "delete_repo")
            .is_forwarded()
    );
    for names in [&["r0", "r1"][..], &["r1", "r0"]] {
        let token = bench.token(names);
        assert_eq!(
            bench.call("github", &token, "delete_repo").reason(),
            Some(Reason::Held)
        );
    }
}

#[test]
fn a_spent_budget_refuses_until_it_has_room() {
    let rate = Rate {
        count: 3,
        period_ns: 60 * SECOND,
        cell: 5,
    };
    let roles = vec![role(0, vec![grant(1, "*", 15, false)], 0)];
    let mut bench = Bench::new(&policy(roles, vec![rate]));
    let token = bench.token(&["r0"]);
    for _ in 0..3 {
        assert!(bench.call("github", &token, "get_x").is_forwarded());
    }
    assert_eq!(
        bench.call("github", &token, "get_x").reason(),
        Some(Reason::LimitAgent)
    );
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tools/list"}"#;
    assert!(
        bench.post("github", &token, list).is_forwarded(),
        "lists are not counted"
    );
    bench.now.mono_ns += 20 * SECOND;
    assert!(bench.call("github", &token, "get_x").is_forwarded());
}

#[test]
fn a_call_without_a_record_goes_nowhere() {
    let mut bench = open();
    let token = bench.token(&["r0"]);
    bench.log.refuses = true;
    assert_eq!(
        bench.call("github", &token, "get_x").reason(),
        Some(Reason::AuditFailed)
    );
}

#[test]
fn an_expired_token_is_refused_also_when_it_is_remembered() {
    let mut bench = open();
    let token = bench.token(&["r0"]);
    assert!(bench.call("github", &token, "get_x").is_forwarded());
    bench.now.unix_ns = 1_900_000_001 * SECOND;
    assert_eq!(
        bench.call("github", &token, "get_x").reason(),
        Some(Reason::TokenExpired)
    );
}

#[test]
fn modern_routing_headers_must_say_what_the_body_says() {
    let bench = open();
    let token = bench.token(&["r0"]);
    let body = concat!(
        r#"{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_x","#,
        r#""_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28"}}}"#
    );
    let send = |headers: &str| {
        bench.send(&format!(
            "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\n{headers}Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    let version = "MCP-Protocol-Version: 2026-07-28\r\n";
    let right = format!("{version}Mcp-Method: tools/call\r\nMcp-Name: get_x\r\n");
    assert!(send(&right).is_forwarded());
    for wrong in [
        String::new(),
        version.to_owned(),
        format!("{version}Mcp-Method: tools/call\r\n"),
        format!("{version}Mcp-Method: tools/list\r\nMcp-Name: get_x\r\n"),
        format!("{version}Mcp-Method: tools/call\r\nMcp-Name: get_y\r\n"),
        "MCP-Protocol-Version: 2025-11-25\r\nMcp-Method: tools/call\r\nMcp-Name: get_x\r\n".into(),
    ] {
        assert_eq!(
            send(&wrong).reason(),
            Some(Reason::HeaderMismatch),
            "{wrong}"
        );
    }
}

#[test]
fn batches_belong_to_one_version_and_each_member_is_judged() {
    let bench = open();
    let token = bench.token(&["r0"]);
    let send = |version: &str, tool: &str| {
        let body = format!(
            concat!(
                r#"[{{"jsonrpc":"2.0","id":1,"method":"tools/call","params":{{"name":"get_x"}}}},"#,
                r#"{{"jsonrpc":"2.0","id":2,"method":"tools/call","params":{{"name":"{tool}"}}}}]"#
            ),
            tool = tool
        );
        bench.send(&format!(
            "POST /mcp/github HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\n\
             Authorization: Bearer {token}\r\nMCP-Protocol-Version: {version}\r\n\
             Content-Length: {}\r\n\r\n{body}",
            body.len()
        ))
    };
    assert!(send("2025-03-26", "get_y").is_forwarded());
    assert_eq!(send("2025-03-26", "delete_y").reason(), Some(Reason::Held));
    assert_eq!(
        send("2025-11-25", "get_y").reason(),
        Some(Reason::BatchRefused)
    );
}

#[test]
fn data_in_a_member_of_the_senders_own_making_is_looked_at_too() {
    let bench = open();
    let token = bench.token(&["r0"]);
    let key = ["AKIA", "Z7Q2M4X9R8W5T3P6"].concat();
    let call = r#""jsonrpc":"2.0","id":1,"method":"tools/call","params":{"name":"get_x""#;
    for body in [
        format!(r#"{{{call},"k":"{key}"}}}}"#),
        format!(r#"{{{call}}},"x":"{key}"}}"#),
    ] {
        let outcome = bench.post("github", &token, &body);
        assert_eq!(outcome.reason(), Some(Reason::DlpRefused), "{body}");
    }
}

#[test]
fn tasks_are_for_callers_of_every_tool_only() {
    let roles = vec![
        role(0, vec![grant(1, "*", 15, false)], 0),
        role(1, vec![grant(1, "get_*", 15, false)], 0),
    ];
    let bench = Bench::new(&policy(roles, vec![]));
    let get = r#"{"jsonrpc":"2.0","id":1,"method":"tasks/get","params":{"taskId":"t"}}"#;
    let list = r#"{"jsonrpc":"2.0","id":1,"method":"tasks/list"}"#;
    for body in [get, list] {
        assert!(
            bench
                .post("github", &bench.token(&["r0"]), body)
                .is_forwarded()
        );
        let narrow = bench.post("github", &bench.token(&["r1"]), body);
        assert_eq!(narrow.reason(), Some(Reason::MethodUnknown), "{body}");
    }
}

#[test]
fn a_snapshot_whose_rows_are_not_in_order_is_refused() {
    let key = signing_key();
    let refused = |policy: &Policy| {
        let file = varistor_snapshot::seal(policy, &key).unwrap();
        let snapshot = Snapshot::open(&file, &[key.verifying_key()], None).unwrap();
        let credentials = vec![None, None];
        Serving::new(snapshot, credentials)
            .err()
            .map(|error| error.to_string())
    };
    let grants =
        |names: [(u32, &str); 2]| names.map(|(server, name)| grant(server, name, 15, true));
    let with = |names| policy(vec![role(0, grants(names).to_vec(), 0)], vec![]);
    let expected = "the snapshot's permissions, limits or tools are not in order; compile it again";
    for in_order in [
        [(0, "*"), (0, "a")],
        [(0, "b"), (1, "a")],
        [(0, "a*"), (0, "a!")],
    ] {
        assert_eq!(refused(&with(in_order)), None, "{in_order:?}");
        let [first, second] = in_order;
        assert_eq!(refused(&with([second, first])).as_deref(), Some(expected));
    }
}

#[test]
fn of_a_hundred_thousand_grants_the_right_ones_decide() {
    let mut grants: Vec<_> = (0..100_000)
        .map(|number| grant(1, &format!("dig_{number:06}"), 15, true))
        .collect();
    let mut forbidden = grant(1, "dig_0500*", 15, true);
    forbidden.deny = true;
    grants.push(forbidden);
    let bench = Bench::new(&policy(vec![role(0, grants, 0)], vec![]));
    let token = bench.token(&["r0"]);
    for (tool, expected) in [
        ("dig_000000", true),
        ("dig_049999", true),
        ("dig_050000", false),
        ("dig_050099", false),
        ("dig_050100", true),
        ("dig_099999", true),
        ("dig_100000", false),
        ("dig_", false),
    ] {
        let outcome = bench.call("github", &token, tool);
        assert_eq!(outcome.is_forwarded(), expected, "{tool}");
    }
}

#[test]
fn a_resource_that_holds_credentials_is_refused_and_others_are_read() {
    let bench = open();
    let token = bench.token(&["r0"]);
    let read = |uri: &str| {
        let body = format!(
            r#"{{"jsonrpc":"2.0","id":1,"method":"resources/read","params":{{"uri":"{uri}"}}}}"#
        );
        bench.post("github", &token, &body)
    };
    for uri in [
        "file:///home/ana/.aws/credentials",
        "file:///home/ann/.kube/config",
        "file:///home/ana/%2enetrc",
    ] {
        assert_eq!(read(uri).reason(), Some(Reason::IntentRefused), "{uri}");
    }
    assert!(read("file:///srv/docs/plan.md").is_forwarded());
    let log = bench.log.lines.borrow();
    assert!(log[0].contains("path.credential_store"), "{}", log[0]);
}
