//! The answers of the mock server: which result a method has, and its message.

use serde_json::json;

use super::frame;
use super::plan::Plan;
use super::text::{FILLER, TEXT_BYTES_MAX, Text, Words};

/// What a wrong id looks like.
pub(super) const WRONG_ID: &str = "\"another-request\"";
/// What stands around the id and the result of a message.
const MESSAGE: [&str; 3] = [r#"{"jsonrpc":"2.0","id":"#, r#","result":"#, "}"];

/// What of a request shows in its answer.
#[derive(Clone, Copy)]
pub(super) struct Asked<'a> {
    pub(super) method: &'a str,
    /// As it was written.
    pub(super) id: &'a str,
    /// As it was written; notifications about progress carry it.
    pub(super) progress_token: Option<&'a str>,
}

/// Everything that is answered, prepared.
pub(super) struct Answers {
    words: Words,
    list: String,
}

/// The result of a request.
#[derive(Clone, Copy)]
enum Outcome<'a> {
    Tool(Text),
    Whole(&'a str),
}

impl Answers {
    pub(super) fn new(tools: usize) -> Self {
        Self {
            words: Words::new(),
            list: list_result(tools),
        }
    }

    /// Appends the HTTP response to a request.
    pub(super) fn write(&self, asked: &Asked<'_>, plan: &Plan, out: &mut Vec<u8>) {
        let outcome = match asked.method {
            "tools/call" => Outcome::Tool(plan.text),
            "tools/list" => Outcome::Whole(&self.list),
            "initialize" => return write_initialize(asked.id, out),
            "server/discover" => Outcome::Whole(DISCOVER),
            "ping" => Outcome::Whole("{}"),
            _ => return write_error(asked.id, "404 Not Found", -32601, "no such method", out),
        };
        self.write_outcome(outcome, asked, plan.events, out);
    }

    /// Appends an answer that is too big.
    pub(super) fn write_huge(&self, asked: &Asked<'_>, plan: &Plan, out: &mut Vec<u8>) {
        let text = Text {
            bytes: TEXT_BYTES_MAX,
            ..plan.text
        };
        self.write_outcome(Outcome::Tool(text), asked, plan.events, out);
    }

    fn write_outcome(
        &self,
        outcome: Outcome<'_>,
        asked: &Asked<'_>,
        events: u32,
        out: &mut Vec<u8>,
    ) {
        let ends: usize = MESSAGE.iter().map(|end| end.len()).sum();
        let length = ends + asked.id.len() + outcome.bytes();
        if events == 0 {
            frame::write_json_head("200 OK", "", length, out);
            return self.write_message(outcome, asked.id, out);
        }
        frame::open_events(out);
        for number in 1..events {
            let notification = notification(asked.progress_token, number, events);
            frame::open_event(notification.len(), out);
            out.extend_from_slice(notification.as_bytes());
            frame::close_event(out);
        }
        frame::open_event(length, out);
        self.write_message(outcome, asked.id, out);
        frame::close_event(out);
        frame::close_events(out);
    }

    fn write_message(&self, outcome: Outcome<'_>, id: &str, out: &mut Vec<u8>) {
        for part in [MESSAGE[0], id, MESSAGE[1]] {
            out.extend_from_slice(part.as_bytes());
        }
        match outcome {
            Outcome::Tool(text) => self.words.write_result(text, out),
            Outcome::Whole(result) => out.extend_from_slice(result.as_bytes()),
        }
        out.extend_from_slice(MESSAGE[2].as_bytes());
    }
}

impl Outcome<'_> {
    fn bytes(self) -> usize {
        match self {
            Self::Tool(text) => Words::result_bytes(text),
            Self::Whole(result) => result.len(),
        }
    }
}

/// Appends a response that is a JSON-RPC error.
pub(super) fn write_error(id: &str, status: &str, code: i32, reason: &str, out: &mut Vec<u8>) {
    let error = json!({"code": code, "message": reason});
    let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
    frame::write_json_head(status, "", message.len(), out);
    out.extend_from_slice(message.as_bytes());
}

const DISCOVER: &str = concat!(
    r#"{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25"],"#,
    r#""capabilities":{"tools":{}},"ttlMs":60000,"cacheScope":"public"}"#
);

fn write_initialize(id: &str, out: &mut Vec<u8>) {
    let result = json!({
        "protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
        "serverInfo": {"name": "varistor-upstream", "version": "1"}
    });
    let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{result}}}"#);
    let session = "Mcp-Session-Id: upstream-session\r\n";
    frame::write_json_head("200 OK", session, message.len(), out);
    out.extend_from_slice(message.as_bytes());
}

/// What comes before the result in a stream: progress where the caller can place it, else a log
/// message.
fn notification(progress_token: Option<&str>, number: u32, events: u32) -> String {
    let (kind, params) = match progress_token {
        Some(token) => (
            "progress",
            format!(r#""progressToken":{token},"progress":{number},"total":{events}"#),
        ),
        None => (
            "message",
            format!(r#""level":"info","logger":"upstream","data":"step {number} of {events}""#),
        ),
    };
    format!(r#"{{"jsonrpc":"2.0","method":"notifications/{kind}","params":{{{params}}}}}"#)
}

fn list_result(tools: usize) -> String {
    let tool = |number: usize| {
        let name = if number == 0 {
            "echo".to_owned()
        } else {
            format!("tool_{number:04}")
        };
        json!({"name": name, "description": FILLER, "inputSchema": {
            "type": "object", "properties": {"text": {"type": "string"}}
        }})
    };
    let tools: Vec<_> = (0..tools).map(tool).collect();
    json!({"resultType": "complete", "tools": tools, "ttlMs": 60_000, "cacheScope": "public"})
        .to_string()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::{Answers, Asked};
    use crate::upstream::plan::Plan;
    use crate::wire::Head;

    fn answered(asked: &Asked<'_>, plan: &Plan) -> (bool, String) {
        let mut out = Vec::new();
        Answers::new(3).write(asked, plan, &mut out);
        let mut head = Head::of_response(&out).unwrap().unwrap();
        let mut body = Vec::new();
        let used = head.body.read(&out[head.bytes..], &mut body).unwrap();
        assert_eq!(used, out.len() - head.bytes);
        assert!(head.body.has_ended());
        (head.event_stream, String::from_utf8(body).unwrap())
    }

    fn asked<'a>(id: &'a str, progress_token: Option<&'a str>) -> Asked<'a> {
        Asked {
            method: "tools/call",
            id,
            progress_token,
        }
    }

    #[test]
    fn an_answer_is_framed_and_carries_the_id_as_it_was_written() {
        for events in [0, 1, 2, 7] {
            let plan = Plan {
                events,
                ..Plan::default()
            };
            let (is_stream, text) = answered(&asked("\"a\\u0062\"", None), &plan);
            assert_eq!(is_stream, events > 0);
            assert!(text.contains("\"id\":\"a\\u0062\",\"result\""), "{text}");
        }
    }

    #[test]
    fn the_result_is_the_last_of_as_many_events_as_asked() {
        let plan = Plan {
            events: 3,
            ..Plan::default()
        };
        for (token, method) in [
            (Some("\"t\""), "notifications/progress"),
            (None, "notifications/message"),
        ] {
            let (_, text) = answered(&asked("5", token), &plan);
            let events: Vec<Value> = text
                .lines()
                .filter_map(|line| line.strip_prefix("data: "))
                .map(|data| serde_json::from_str(data).unwrap())
                .collect();
            assert_eq!(events.len(), 3);
            for (event, number) in events.iter().zip(1..3) {
                assert_eq!(event["method"], method);
                if token.is_some() {
                    assert_eq!(event["params"]["progressToken"], "t");
                    assert_eq!(event["params"]["progress"], number);
                }
            }
            assert_eq!(events[2]["id"], 5);
        }
    }
}
