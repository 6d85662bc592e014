//! `/mcp`: all servers as one, for clients of either era, before servers of either era.

use std::thread;

use serde_json::{Value, json};
use varistor_tests::sse::Stream;
use varistor_tests::{Agent, Answer, Driver, Session, Upstream, on_both_drivers};

use crate::federation_world::{LONG, Many};

on_both_drivers!(
    lists_of_all_servers_are_one_and_lead_back_to_each,
    calls_land_as_server_and_tool_with_the_decision_of_a_direct_call,
    sessions_are_opened_again_and_belong_to_their_token,
    a_server_that_is_back_is_told_to_whoever_listens,
    whoever_asks_gets_the_answer_and_nobody_else,
    a_virtual_server_has_chosen_and_renamed_tools,
    tools_are_found_by_search_and_called_by_name,
    what_is_killed_or_forged_does_not_reach_the_federation,
);

fn lists_of_all_servers_are_one_and_lead_back_to_each(driver: Driver) {
    let world = Many::start(driver, "");
    lists_say_which_server_is_missing(&world);
    everything_else_leads_back_to_its_server(&world);
    world.calls();
}

fn sessions_are_opened_again_and_belong_to_their_token(driver: Driver) {
    let world = Many::start(driver, "");
    modern_clients_are_not_asked_by_sessions(&world);
    lost_sessions_are_opened_again(&world);
    sessions_belong_to_their_token_and_end(&world);
    world.calls();
}

fn whoever_asks_gets_the_answer_and_nobody_else(driver: Driver) {
    let world = Many::start(driver, "");
    questions_are_answered_by_their_own_client(&world);
    equal_ids_get_their_own_answers(&world);
    world.calls();
}

fn names(answer: &Answer, key: &str, member: &str) -> Vec<String> {
    let list = answer.json()["result"][key].clone();
    let list = list
        .as_array()
        .unwrap_or_else(|| panic!("{answer:?}"))
        .clone();
    let name = |item: &Value| item[member].as_str().unwrap_or_default().to_owned();
    list.iter().map(name).collect()
}

/// One request by a client of either era.
enum Client {
    Modern(Agent),
    Legacy(Session),
}

impl Client {
    fn both(world: &Many, name: &str, behind: &str) -> [Self; 2] {
        let agent = world.agent(name, behind);
        let session = agent.initialize();
        [Self::Modern(agent), Self::Legacy(session)]
    }

    fn request(&self, method: &str, params: Value) -> Answer {
        match self {
            Self::Modern(agent) => agent.request(7, method, params),
            Self::Legacy(session) => session.request(json!("seven"), method, params),
        }
    }

    fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.request("tools/call", json!({"name": tool, "arguments": arguments}))
    }
}

fn lists_say_which_server_is_missing(world: &Many) {
    for client in Client::both(world, "tester", "") {
        let answer = client.request("tools/list", json!({}));
        let tools = names(&answer, "tools", "name");
        let prefix = |server: &str| tools.iter().filter(|it| it.starts_with(server)).count();
        assert_eq!(
            (prefix("legacy__"), prefix("modern__")),
            (4, 4),
            "{tools:?}"
        );
        assert_eq!((prefix("program__"), prefix("dead__")), (2, 0), "{tools:?}");
        assert!(
            tools.iter().all(|name| name.chars().count() <= 64),
            "{tools:?}"
        );
        let result = &answer.json()["result"];
        let missing = &result["_meta"]["varistor/unavailable"];
        assert_eq!(missing[0]["server"], "dead", "{result}");
        assert_eq!(missing[0]["reason"], "upstream_unreachable", "{result}");
        assert!(missing[1].is_null(), "{result}");
        match client {
            Client::Modern(_) => assert_eq!(result["cacheScope"], "private"),
            // A client that said nothing about it is told in words, too.
            Client::Legacy(_) => assert!(answer.body_text().contains("notifications/message")),
        }
        assert_eq!(
            answer.json()["id"],
            match client {
                Client::Modern(_) => json!(7),
                Client::Legacy(_) => json!("seven"),
            }
        );
    }
    let some = world.agent("some", "");
    assert_eq!(
        some.tools()
            .into_iter()
            .filter(|it| it.starts_with("legacy"))
            .collect::<Vec<_>>(),
        ["legacy__read_file"]
    );
    let discovered = some.request(1, "server/discover", json!({})).json();
    let capabilities = &discovered["result"]["capabilities"];
    assert!(capabilities["tools"].is_object() && capabilities["prompts"].is_object());
}

fn calls_land_as_server_and_tool_with_the_decision_of_a_direct_call(driver: Driver) {
    let world = Many::start(driver, "");
    let long = names(
        &world
            .agent("tester", "")
            .request(1, "tools/list", json!({})),
        "tools",
        "name",
    );
    let long = long
        .iter()
        .find(|it| it.starts_with("legacy__a_tool"))
        .unwrap()
        .clone();
    for client in Client::both(&world, "tester", "") {
        for (tool, own) in [
            ("legacy__read_file", "read_file"),
            ("modern__read_file", "read_file"),
            (long.as_str(), LONG),
        ] {
            let answer = client.call(tool, json!({"n": 1.0}));
            assert!(answer.is_good_call(), "{tool}: {answer:?}");
            assert_eq!(answer.text(), format!("did \"{own}\" {{\"n\":1.0}}"));
            assert!(answer.record().is_some(), "{answer:?}");
            let uri = &answer.json()["result"]["content"][1]["uri"];
            assert!(
                uri.as_str().is_some_and(|uri| uri.starts_with("mcp+")),
                "{uri}"
            );
        }
        let answer = client.call("program__echo", json!({"text": "hello"}));
        assert_eq!(answer.text(), "hello", "{answer:?}");
        let dead = client.call("dead__anything", json!({}));
        assert_eq!(dead.status(), 502, "{dead:?}");
        let unknown = client.call("legasy__read_file", json!({})).json();
        assert_eq!(unknown["error"]["code"], -32602);
        let text = unknown["error"]["message"].as_str().unwrap();
        assert!(text.contains("legacy__read_file"), "{text}");
    }
    // A cut name is known without a list before it.
    let other = world.agent("other", "");
    assert!(other.call(&long, json!({})).is_good_call());
    // What may not be called is refused by its own name, and does not reach the server.
    let some = world.agent("some", "");
    let before = world.legacy.calls();
    assert_eq!(
        some.call("legacy__delete_file", json!({})).json()["error"]["code"],
        -32602
    );
    // An attempt upon a server out of reach is an unknown tool, too, and recorded as one.
    let attempts = ["program__echo", "nowhere__echo"].map(|tool| some.call(tool, json!({})));
    for attempt in &attempts {
        assert_eq!(attempt.json()["error"]["code"], -32602, "{attempt:?}");
    }
    assert_eq!(world.legacy.calls(), before);
    assert!(some.call("legacy__read_file", json!({})).is_good_call());
    let records = world.policy.records();
    for (attempt, server) in attempts.iter().zip([json!("program"), Value::Null]) {
        let number = attempt.record().expect("the number of a record");
        let record = records.iter().find(|it| it["seq"] == number);
        let record = record.expect("a record of the attempt");
        let told = [&record["agent"], &record["server"], &record["decision"]];
        assert_eq!(told, [&json!("some"), &server, &json!("deny")], "{record}");
    }
    let calls = world.calls();
    let count = |what: &str| calls.iter().filter(|it| *it == what).count();
    assert_eq!(count("tester legacy/read_file allow"), 2, "{calls:?}");
    assert_eq!(count("tester modern/read_file allow"), 2, "{calls:?}");
    assert_eq!(
        count(&format!("tester legacy/{LONG} allow")),
        2,
        "{calls:?}"
    );
    assert_eq!(count("tester program/echo allow"), 2, "{calls:?}");
    assert_eq!(count("some legacy/delete_file deny"), 1, "{calls:?}");
    assert_eq!(count("some legacy/read_file allow"), 1, "{calls:?}");
}

fn everything_else_leads_back_to_its_server(world: &Many) {
    for client in Client::both(world, "tester", "") {
        let prompts = names(
            &client.request("prompts/list", json!({})),
            "prompts",
            "name",
        );
        assert_eq!(prompts, ["legacy__greet", "modern__greet"]);
        let lists = [
            ("resources/list", "resources", "uri", "test://a"),
            (
                "resources/templates/list",
                "resourceTemplates",
                "uriTemplate",
                "test://{id}",
            ),
        ];
        for (method, key, member, own) in lists {
            let found = names(&client.request(method, json!({})), key, member);
            let expected = ["legacy", "modern"].map(|server| format!("mcp+{server}+{own}"));
            assert_eq!(found, expected);
        }
        for server in ["legacy", "modern"] {
            let name = format!("{server}__greet");
            let got = client.request("prompts/get", json!({"name": name})).json();
            let text = &got["result"]["messages"][0]["content"]["text"];
            assert_eq!(text, "prompt \"greet\"", "{got}");
            let uri = format!("mcp+{server}+test://a");
            let read = client.request("resources/read", json!({"uri": uri})).json();
            assert_eq!(
                read["result"]["contents"][0]["text"], "read \"test://a\"",
                "{read}"
            );
            assert_eq!(read["result"]["contents"][0]["uri"], uri, "{read}");
            let params = json!({"ref": {"type": "ref/prompt", "name": name},
                "argument": {"name": "x", "value": "y"}});
            let done = client.request("completion/complete", params).json();
            let values = done["result"]["completion"]["values"].to_string();
            assert!(values.contains("greet") && !values.contains("__"), "{done}");
        }
        let foreign = client
            .request("resources/read", json!({"uri": "test://a"}))
            .json();
        assert_eq!(foreign["error"]["code"], -32602, "{foreign}");
        if let Client::Legacy(session) = &client {
            let level = json!({"level": "error"});
            let set = session.request(json!(1), "logging/setLevel", level);
            assert!(set.is_good_call(), "{set:?}");
            assert!(session.request(json!(2), "ping", json!({})).is_good_call());
            let quiet = session.request(json!(3), "tools/list", json!({}));
            assert!(!quiet.body_text().contains("notifications/message"));
        }
    }
}

fn lost_sessions_are_opened_again(world: &Many) {
    for client in Client::both(world, "tester", "") {
        assert!(
            client
                .call("legacy__read_file", json!({"restart": true}))
                .is_good_call()
        );
        let answer = client.call("legacy__read_file", json!({"again": 1}));
        assert!(answer.is_good_call(), "{answer:?}");
    }
}

fn a_server_that_is_back_is_told_to_whoever_listens(driver: Driver) {
    let world = Many::start(driver, "");
    let session = world.agent("tester", "").initialize();
    let mut stream = session.listen(None);
    let listed = session.request(json!(1), "tools/list", json!({}));
    assert!(
        listed.body_text().contains("varistor/unavailable"),
        "{listed:?}"
    );
    let back = Upstream::start_at(&world.dead);
    let told = stream.next_json();
    assert_eq!(told["method"], "notifications/tools/list_changed", "{told}");
    let listed = session.request(json!(2), "tools/list", json!({}));
    let tools = names(&listed, "tools", "name");
    assert!(tools.contains(&"dead__read_file".to_owned()), "{tools:?}");
    drop(back);
    world.calls();
}

fn equal_ids_get_their_own_answers(world: &Many) {
    let session = world.agent("other", "").initialize();
    thread::scope(|scope| {
        for name in ["tester", "tester", "other"] {
            let agent = world.agent(name, "");
            let session = session.clone();
            scope.spawn(move || {
                for at in 0..25 {
                    let text = format!("{name} {at} {:?}", thread::current().id());
                    for server in ["program__echo", "legacy__read_file", "modern__read_file"] {
                        let arguments = json!({"text": text});
                        let said = agent.call(server, arguments.clone()).text();
                        assert!(said.contains(&text.replace('"', "\\\"")), "{said}");
                        let said = session.call(server, arguments).text();
                        assert!(said.contains(&text.replace('"', "\\\"")), "{said}");
                    }
                }
            });
        }
    });
}

fn questions_are_answered_by_their_own_client(world: &Many) {
    let asking = |session: &Session| {
        let params = json!({"name": "program__ask", "arguments": {}});
        let body = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": params});
        let request = session
            .agent
            .post(&session.fields(), body.to_string().as_bytes());
        Stream::open(session.agent.connect(), &request)
    };
    let sessions = ["tester", "other"].map(|name| world.agent(name, "").initialize());
    let mut streams = sessions.each_ref().map(asking);
    let asked = streams.each_mut().map(Stream::next_json);
    assert_ne!(asked[0]["id"], asked[1]["id"]);
    let answer = |session: &Session, asked: &Value, text: &str| {
        let result = json!({"said": text});
        session.post(&json!({"jsonrpc": "2.0", "id": asked["id"], "result": result}))
    };
    // Neither can answer for the other.
    assert_eq!(answer(&sessions[0], &asked[1], "false").status(), 202);
    assert_eq!(answer(&sessions[1], &asked[1], "two").status(), 202);
    assert_eq!(answer(&sessions[0], &asked[0], "one").status(), 202);
    let [first, second] = &mut streams;
    for (stream, text) in [(first, "one"), (second, "two")] {
        let result = stream.next_json();
        assert_eq!(result["id"], 1, "{result}");
        let said = result["result"]["content"][0]["text"].as_str().unwrap();
        assert!(said.contains(text), "{said}");
    }
}

fn modern_clients_are_not_asked_by_sessions(world: &Many) {
    let agent = world.agent("tester", "");
    // The server has no session to be deleted with; what it is told is in its own words.
    let answer = agent.call("legacy__read_file", json!({}));
    let result = &answer.json()["result"];
    assert_eq!(result["resultType"], "complete", "{result}");
    world
        .legacy
        .wait_until("a session without capabilities", |seen| {
            let hello = seen.iter().find(|it| it.method() == "initialize");
            hello.is_some_and(|it| it.json()["params"]["capabilities"] == json!({}))
        });
    let forwarded = world.legacy.seen();
    let call = forwarded
        .iter()
        .find(|it| it.method() == "tools/call")
        .unwrap();
    assert!(
        !String::from_utf8_lossy(&call.body).contains("io.modelcontextprotocol"),
        "{call:?}"
    );
    assert_eq!(
        call.field("mcp-protocol-version").as_deref(),
        Some("2025-11-25")
    );
    let unknown = agent.request(2, "tasks/get", json!({"taskId": "x"}));
    assert_eq!(unknown.status(), 400, "{unknown:?}");
}

fn a_virtual_server_has_chosen_and_renamed_tools(driver: Driver) {
    let top = "federation:
  virtual:
    support:
      tools:
        - { tool: legacy/read_file, as: look }
        - { tool: legacy/delete_file, as: forget }
        - modern/read_file";
    let world = Many::start(driver, top);
    for client in Client::both(&world, "tester", "/@support") {
        let listed = client.request("tools/list", json!({}));
        let tools = names(&listed, "tools", "name");
        assert_eq!(tools, ["look", "forget", "read_file"]);
        assert!(listed.json()["result"]["_meta"].is_null());
        assert_eq!(
            client.call("look", json!({})).text(),
            "did \"read_file\" {}"
        );
        assert_eq!(
            client.call("read_file", json!({})).text(),
            "did \"read_file\" {}"
        );
        let other = client.call("legacy__read_file", json!({})).json();
        assert_eq!(other["error"]["code"], -32602, "{other}");
    }
    // It permits nothing that roles do not.
    let some = world.agent("some", "/@support");
    assert_eq!(some.tools(), ["look", "read_file"]);
    assert_eq!(
        some.call("forget", json!({})).json()["error"]["code"],
        -32602
    );
    let unknown = world
        .agent("tester", "/@sales")
        .request(1, "tools/list", json!({}));
    assert_eq!(unknown.status(), 404, "{unknown:?}");
    world.policy.write(&world.policy_text(""));
    world.policy.push();
    let gone = world
        .agent("tester", "/@support")
        .request(1, "tools/list", json!({}));
    assert_eq!(gone.status(), 404, "{gone:?}");
    let calls = world.calls();
    assert!(
        calls.contains(&"tester legacy/read_file allow".into()),
        "{calls:?}"
    );
    assert!(
        calls.contains(&"some legacy/delete_file deny".into()),
        "{calls:?}"
    );
}

fn tools_are_found_by_search_and_called_by_name(driver: Driver) {
    let world = Many::start(driver, "federation: { search: on }");
    for client in Client::both(&world, "tester", "") {
        let tools = names(&client.request("tools/list", json!({})), "tools", "name");
        assert_eq!(tools, ["search_tools", "call_tool"]);
        let found = client.call(
            "search_tools",
            json!({"query": "modern delete", "limit": 1}),
        );
        let tools = &found.json()["result"]["structuredContent"]["tools"];
        assert_eq!(tools[0]["name"], "modern__delete_file", "{found:?}");
        assert!(tools[1].is_null());
        let arguments = json!({"name": "modern__delete_file", "arguments": {"a": 1.50}});
        let called = client.call("call_tool", arguments);
        assert_eq!(
            called.text(),
            "did \"delete_file\" {\"a\":1.5}",
            "{called:?}"
        );
    }
    let calls = world.calls();
    let what = "tester modern/delete_file allow".to_owned();
    assert_eq!(
        calls.iter().filter(|it| **it == what).count(),
        2,
        "{calls:?}"
    );
}

fn sessions_belong_to_their_token_and_end(world: &Many) {
    let session = world.agent("tester", "").initialize();
    let thief = Session {
        agent: world.agent("other", ""),
        id: session.id.clone(),
    };
    assert_eq!(
        thief.request(json!(1), "tools/list", json!({})).status(),
        404
    );
    assert_eq!(thief.delete().status(), 404);
    assert!(session.call("legacy__read_file", json!({})).is_good_call());
    assert_eq!(session.delete().status(), 200);
    assert_eq!(session.call("legacy__read_file", json!({})).status(), 404);
    world.legacy.wait_until("the end of the session", |seen| {
        seen.iter().any(|it| it.is("DELETE"))
    });
    let lost = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/list"});
    let agent = world.agent("tester", "");
    let without = agent
        .connect()
        .exchange(&agent.post("", lost.to_string().as_bytes()));
    assert_eq!(without.status(), 400, "{without:?}");
}

fn what_is_killed_or_forged_does_not_reach_the_federation(driver: Driver) {
    let world = Many::start(driver, "");
    let forged = Agent {
        token: "none".into(),
        ..world.agent("tester", "")
    };
    let answer = forged.request(1, "tools/list", json!({}));
    assert_eq!(answer.status(), 401, "{answer:?}");
    assert!(answer.field("www-authenticate").is_some());
    let agent = world.agent("tester", "");
    let batch = agent.post("", b"[]");
    assert_eq!(agent.connect().exchange(&batch).status(), 400);
    let session = agent.initialize();
    let mut stream = session.listen(None);
    assert_eq!(stream.head.status, 200);
    assert!(
        world
            .policy
            .varictl(&["kill", "--server", "legacy", "--reason", "test"])
            .status
            .success()
    );
    let killed = agent.call("legacy__read_file", json!({}));
    assert!(!killed.is_good_call(), "{killed:?}");
    assert!(agent.call("modern__read_file", json!({})).is_good_call());
    assert!(
        world
            .policy
            .varictl(&["kill", "--agent", "acme/tester", "--reason", "test"])
            .status
            .success()
    );
    let refused = agent.request(1, "tools/list", json!({}));
    assert!(refused.json()["result"].is_null(), "{refused:?}");
    // What is open ends, too.
    while stream.next_event().is_some() {}
    world.calls();
}
