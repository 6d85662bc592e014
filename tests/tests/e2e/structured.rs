//! Redacted results of tools with an output schema, through the built programs.

use serde_json::{Value, json};
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, Upstream, on_both_drivers};

use crate::world::{Extra, policy_before};

on_both_drivers!(
    a_redacted_result_keeps_what_its_tool_promised,
    a_result_that_can_not_be_kept_valid_is_a_tool_error,
);

/// A server that lists one tool with an output schema, and answers its calls with data.
fn crm() -> Upstream {
    Upstream::behaving(|incoming, stream| {
        let message = incoming.json();
        let result = match incoming.method().as_str() {
            "tools/list" => {
                json!({"tools": [{"name": "read_file", "inputSchema": {"type": "object"},
                "outputSchema": {"type": "object", "required": ["card"], "properties": {
                    "card": {"type": "integer"}, "mail": {"type": "string"},
                    "born": {"type": "string", "format": "date"}}}}]})
            }
            "tools/call" => {
                let data = json!({"card": 4_111_111_111_111_111_u64, "mail": "ada@example.org",
                    "born": "1986-03-12"});
                json!({"content": [{"type": "text", "text": data.to_string()}],
                    "structuredContent": data})
            }
            _ => return Handled::Usual,
        };
        let mut answer = json!({"jsonrpc": "2.0", "id": message["id"], "result": result});
        answer["result"]["resultType"] = json!("complete");
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, answer.to_string().as_bytes());
        Handled::Answered
    })
}

/// A call of the tool after it was listed by somebody else; what came, and its result's record.
fn call(driver: Driver, structured: &str) -> (Value, Value) {
    let upstream = crm();
    let top = format!(
        "dlp:\n  response: {{ pii: redact, financial: redact }}\n  structured: {structured}\n"
    );
    let extra = Extra {
        top: &top,
        ..Extra::default()
    };
    let policy = PolicyDir::new(&policy_before(&upstream.url(), extra));
    let gateway = Gateway::start(&policy, driver);
    let agent = || Agent::new(gateway.address(), "alpha", &policy.token("tester"));
    assert_eq!(agent().tools(), ["read_file"]);
    let answer = agent().call("read_file", json!({})).json();
    gateway.stop();
    policy.verify_audit();
    let mut records = policy.records();
    records.retain(|record| record["kind"] == "result");
    (
        answer["result"].clone(),
        records.pop().expect("a record of the result"),
    )
}

fn a_redacted_result_keeps_what_its_tool_promised(driver: Driver) {
    let (result, record) = call(driver, "value");
    let expected = json!({"card": 0, "mail": "[REDACTED:email]", "born": "1970-01-01"});
    assert_eq!(result["structuredContent"], expected);
    let twin = result["content"][0]["text"].as_str().expect("the copy");
    assert_eq!(serde_json::from_str::<Value>(twin).ok(), Some(expected));
    assert_eq!(record["structured"], json!({"typed": 2, "dropped": 0}));
    assert_eq!(record["redacted"], json!(6));
    let (result, record) = call(driver, "drop");
    // The required number has to be one.
    let expected = json!({"card": 0, "mail": "[REDACTED:email]"});
    assert_eq!(result["structuredContent"], expected);
    assert_eq!(record["structured"], json!({"typed": 1, "dropped": 1}));
}

fn a_result_that_can_not_be_kept_valid_is_a_tool_error(driver: Driver) {
    let (result, record) = call(driver, "error");
    assert_eq!(result["isError"], json!(true));
    assert_eq!(result["_meta"]["varistor/reason"], json!("answer_unfit"));
    assert_eq!(result.get("structuredContent"), None);
    assert_eq!(record["status"], json!("withheld"));
}
