//! The setting of tests of `/mcp`: four servers of different kinds behind one gateway.

use std::sync::Mutex;

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, Incoming, close_events, open_events, reply, send_event};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, programs};

/// A gateway before a server with sessions, one without, one that is a program, and one that is not
/// there.
pub struct Many {
    /// The gateway.
    pub gateway: Gateway,
    /// Its policy directory.
    pub policy: PolicyDir,
    /// Knows sessions only; answers 404 to those that it did not open.
    pub legacy: Upstream,
    /// Knows 2026-07-28 only.
    pub modern: Upstream,
    /// Where nothing listens.
    pub dead: String,
}

/// A name of a tool that is too long to be joined as it is.
pub const LONG: &str = "a_tool_with_a_name_that_is_far_longer_than_model_providers_can_take";

impl Many {
    /// With these lines at the top of the policy.
    pub fn start(driver: Driver, top: &str) -> Self {
        let (legacy, modern) = (legacy(), modern());
        let dead = Upstream::unused();
        let policy = PolicyDir::new(&policy_text((&legacy, &modern, &dead), top));
        let gateway = Gateway::start(&policy, driver);
        Self {
            gateway,
            policy,
            legacy,
            modern,
            dead,
        }
    }

    /// Its policy with these lines at the top.
    pub fn policy_text(&self, top: &str) -> String {
        policy_text((&self.legacy, &self.modern, &self.dead), top)
    }

    /// This agent at `/mcp` and what is behind it, such as `/@support`.
    pub fn agent(&self, name: &str, behind: &str) -> Agent {
        let token = self.policy.token(name);
        Agent {
            address: self.gateway.address().to_owned(),
            path: format!("/mcp{behind}"),
            token,
        }
    }

    /// Drains the gateway and has the log checked; calls of tools in it, as
    /// `agent server/tool decision`.
    pub fn calls(self) -> Vec<String> {
        self.gateway.stop();
        self.policy.verify_audit();
        let records = self.policy.records();
        let calls = records.iter().filter(|it| it["method"] == "tools/call");
        let text = |record: &Value, key: &str| record[key].as_str().unwrap_or_default().to_owned();
        let shown = |record: &Value| {
            format!(
                "{} {}/{} {}",
                text(record, "agent"),
                text(record, "server"),
                text(record, "tool"),
                text(record, "decision")
            )
        };
        calls.map(shown).collect()
    }
}

fn policy_text((legacy, modern, dead): (&Upstream, &Upstream, &str), top: &str) -> String {
    let program = programs::ours("varistor-stdio-child");
    format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off }}
approvals: {{ wait: none }}
dlp: {{ response: {{ secrets: log, financial: log, pii: log }} }}
{top}
servers:
  dead: {{ url: \"http://{dead}/mcp\", breaker: off }}
  legacy: {{ url: \"{}\", server_requests: allow, breaker: off }}
  modern: {{ url: \"{}\", breaker: off }}
  old: {{ command: {}, server_requests: allow, breaker: off }}
  program: {{ command: {}, server_requests: allow, breaker: off }}
organisations:
  acme:
    roles:
      everything:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
      some: {{ allow: [{{ tools: \"legacy/read_file\" }}, \"modern/*\"] }}
    agents:
      tester: {{ roles: [everything] }}
      other: {{ roles: [everything] }}
      some: {{ roles: [some] }}
",
        legacy.url(),
        modern.url(),
        json!([program, "--legacy"]),
        json!([program])
    )
}

fn answer(incoming: &Incoming, fields: &str, result: &Value) -> (u16, String, Vec<u8>) {
    let body = json!({"jsonrpc": "2.0", "id": incoming.json()["id"], "result": result});
    let fields = format!("Content-Type: application/json\r\n{fields}");
    (200, fields, body.to_string().into_bytes())
}

fn failure(incoming: &Incoming, status: u16, code: i64) -> (u16, String, Vec<u8>) {
    let error = json!({"code": code, "message": "no"});
    let body = json!({"jsonrpc": "2.0", "id": incoming.json()["id"], "error": error});
    let fields = "Content-Type: application/json\r\n".to_owned();
    (status, fields, body.to_string().into_bytes())
}

/// What both servers answer to requests that need no handshake.
fn common(incoming: &Incoming, modern: bool) -> Option<Value> {
    let params = incoming.json()["params"].clone();
    let mut result = match &*incoming.method() {
        "tools/list" => {
            let names: &[&str] = match params["cursor"].as_str() {
                None => &["read_file", "delete_file"],
                Some("more") => &["write_file", LONG],
                Some(_) => return None,
            };
            let tools: Vec<_> = names
                .iter()
                .map(|name| json!({"name": name, "inputSchema": {"type": "object"}}))
                .collect();
            match params["cursor"].is_null() {
                true => json!({"tools": tools, "nextCursor": "more"}),
                false => json!({"tools": tools}),
            }
        }
        "tools/call" if params["arguments"]["ask"] == true => asking(&params),
        "tools/call" => {
            let text = format!("did {} {}", params["name"], params["arguments"]);
            let link = json!({"type": "resource_link", "uri": "test://a", "name": "a"});
            json!({"content": [{"type": "text", "text": text}, link], "isError": false})
        }
        "prompts/list" => json!({"prompts": [{"name": "greet"}]}),
        "prompts/get" => {
            let name = &params["name"];
            let content = json!({"type": "text", "text": format!("prompt {name}")});
            json!({"messages": [{"role": "user", "content": content}]})
        }
        "resources/list" => json!({"resources": [{"uri": "test://a", "name": "a"}]}),
        "resources/templates/list" => {
            json!({"resourceTemplates": [{"uriTemplate": "test://{id}", "name": "t"}]})
        }
        "resources/read" => {
            let uri = &params["uri"];
            json!({"contents": [{"uri": uri, "text": format!("read {uri}")}]})
        }
        "completion/complete" => {
            let of = params["ref"].to_string();
            json!({"completion": {"values": [of]}})
        }
        "resources/subscribe" | "resources/unsubscribe" | "logging/setLevel" => json!({}),
        _ => return None,
    };
    if modern {
        if result["resultType"].is_null() {
            result["resultType"] = json!("complete");
        }
        result["ttlMs"] = json!(1000);
        result["cacheScope"] = json!("public");
    }
    Some(result)
}

/// Asks back, and then says what it was answered.
fn asking(params: &Value) -> Value {
    let answers = &params["inputResponses"];
    if answers.is_null() {
        let request = json!({"method": "elicitation/create", "params": {"message": "well?",
            "requestedSchema": {"type": "object", "properties": {"a": {"type": "string"}}}}});
        return json!({"resultType": "input_required", "inputRequests": {"k": request},
            "requestState": "st\"ate"});
    }
    let text = format!("{answers} {}", params["requestState"]);
    json!({"content": [{"type": "text", "text": text}], "isError": false})
}

fn capabilities() -> Value {
    json!({"tools": {}, "prompts": {}, "resources": {"subscribe": true}, "completions": {},
        "logging": {}})
}

/// Sessions by number; `DELETE` of any ends all of them, as a restart would.
fn legacy() -> Upstream {
    let sessions = Mutex::new((0_u32, Vec::<String>::new()));
    Upstream::behaving(move |incoming, stream| {
        if let Some(last) = incoming.field("last-event-id") {
            let id = json!("resumed");
            let result = json!({"content": [{"type": "text", "text": format!("after {last}")}]});
            let body = json!({"jsonrpc": "2.0", "id": id, "result": result});
            open_events(stream);
            send_event(stream, Some("e2"), &body.to_string());
            close_events(stream);
            return Handled::Answered;
        }
        if incoming.json()["params"]["arguments"]["stream"] == true {
            open_events(stream);
            let note = json!({"jsonrpc": "2.0", "method": "notifications/message",
                "params": {"level": "info", "data": "begun"}});
            send_event(stream, Some("e1"), &note.to_string());
            close_events(stream);
            return Handled::Answered;
        }
        let (status, fields, body) = {
            let mut sessions = sessions.lock().expect("sessions");
            legacy_answer(incoming, &mut sessions)
        };
        reply(stream, status, &fields, &body);
        Handled::Answered
    })
}

fn legacy_answer(
    incoming: &Incoming,
    (count, live): &mut (u32, Vec<String>),
) -> (u16, String, Vec<u8>) {
    let session = incoming.field("mcp-session-id");
    if incoming.method() == "initialize" {
        *count += 1;
        live.push(format!("s{count}"));
        let result = json!({"protocolVersion": "2025-11-25", "capabilities": capabilities(),
            "serverInfo": {"name": "legacy", "version": "1"}});
        return answer(incoming, &format!("Mcp-Session-Id: s{count}\r\n"), &result);
    }
    let Some(session) = session else {
        return failure(incoming, 400, -32600);
    };
    if !live.contains(&session) {
        return failure(incoming, 404, -32600);
    }
    if incoming.is("DELETE") {
        live.retain(|it| *it != session);
        return (200, String::new(), Vec::new());
    }
    if incoming.is("GET") {
        return (405, "Allow: POST\r\n".into(), Vec::new());
    }
    let json = incoming.json();
    if json["params"]["arguments"]["restart"] == true {
        live.clear();
    }
    if json.get("id").is_none() || json.get("method").is_none() {
        return (202, String::new(), Vec::new());
    }
    match common(incoming, false) {
        Some(result) => answer(incoming, "", &result),
        None => failure(incoming, 200, -32601),
    }
}

/// Knows 2026-07-28 only.
pub fn modern() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        let json = incoming.json();
        let version = &json["params"]["_meta"]["io.modelcontextprotocol/protocolVersion"];
        let named = incoming.field("mcp-name").unwrap_or_default();
        let name = json["params"]["name"].as_str();
        let name = name.or(json["params"]["uri"].as_str()).unwrap_or_default();
        let (status, fields, body) = if !incoming.is("POST") {
            (405, String::new(), Vec::new())
        } else if version != "2026-07-28" {
            failure(incoming, 400, -32602)
        } else if named != name || incoming.field("mcp-method") != Some(incoming.method()) {
            failure(incoming, 400, -32020)
        } else {
            match (&*incoming.method(), common(incoming, true)) {
                ("server/discover", _) => {
                    let result = json!({"resultType": "complete", "ttlMs": 0,
                        "supportedVersions": ["2026-07-28"], "cacheScope": "public",
                        "capabilities": capabilities()});
                    answer(incoming, "", &result)
                }
                (_, Some(result)) => answer(incoming, "", &result),
                (_, None) => failure(incoming, 404, -32601),
            }
        };
        reply(stream, status, &fields, &body);
        Handled::Answered
    })
}
