//! The answers of the mock server: which result a method has, and its messages.

use std::borrow::Cow;

use serde_json::json;

use super::delivery::{Delivery, End, Open};
use super::fault::Fault;
use super::frame::Framing;
use super::plan::Plan;
use super::text::{Text, Words};
use super::tools::{Pages, Size};

/// What a wrong id looks like.
const WRONG_ID: &str = "\"another-request\"";
/// What stands around the id and the result of a message.
const MESSAGE: [&str; 3] = [r#"{"jsonrpc":"2.0","id":"#, r#","result":"#, "}"];
/// The versions with sessions.
const LEGACY: [&str; 3] = ["2025-03-26", "2025-06-18", "2025-11-25"];

/// What of a request shows in its answer.
pub(super) struct Asked<'a> {
    pub(super) method: Cow<'a, str>,
    /// As it was written.
    pub(super) id: &'a str,
    /// As it was written; notifications about progress carry it.
    pub(super) progress_token: Option<&'a str>,
    /// Where a list goes on.
    pub(super) cursor: Option<Cow<'a, str>>,
    /// The version that `initialize` asks for.
    pub(super) version: Cow<'a, str>,
    /// Whether it is of 2026-07-28.
    pub(super) is_modern: bool,
    /// The session that `initialize` opens; empty when it opens none.
    pub(super) session: String,
}

/// One answer that is to be written.
pub(super) struct Task<'a> {
    pub(super) asked: &'a Asked<'a>,
    pub(super) plan: &'a Plan,
    pub(super) framing: Framing,
}

/// Everything that is answered, prepared.
pub(super) struct Answers {
    words: Words,
    pages: Pages,
    /// Whether the events of legacy streams carry ids.
    event_ids: bool,
}

/// What a request is answered with.
enum Reply<'a> {
    Tool(Text),
    Result(&'a str),
    /// The result of `initialize`.
    Session,
    /// A stream that stays open.
    Subscription,
    /// HTTP status, JSON-RPC code, reason.
    Error(&'static str, i32, &'static str),
}

impl Answers {
    pub(super) fn new(size: Size, event_ids: bool) -> Self {
        Self {
            words: Words::new(),
            pages: Pages::new(size),
            event_ids,
        }
    }

    /// How the answer that this plan wants is framed over HTTP.
    pub(super) fn framing(&self, plan: &Plan, is_modern: bool) -> Framing {
        match plan.events {
            0 => Framing::Json,
            _ => self.events(is_modern),
        }
    }

    /// How a stream of events is framed.
    pub(super) fn events(&self, is_modern: bool) -> Framing {
        Framing::Events {
            ids: self.event_ids && !is_modern,
        }
    }

    /// Appends the answer to a request.
    pub(super) fn write(&self, task: &Task<'_>, out: &mut Delivery) {
        let (asked, framing) = (task.asked, task.framing);
        match self.reply(asked, task.plan) {
            Reply::Error(status, code, reason) => {
                let message = error_message(asked.id, code, reason);
                framing.write_alone(status, "", &message, &mut out.bytes);
            }
            Reply::Session => {
                let session = match asked.session.as_str() {
                    "" => String::new(),
                    id => format!("Mcp-Session-Id: {id}\r\n"),
                };
                framing.write_alone("200 OK", &session, &initialized(asked), &mut out.bytes);
            }
            Reply::Subscription => {
                let framing = match framing {
                    Framing::Lines => Framing::Lines,
                    _ => self.events(true),
                };
                write_subscription(asked, framing, out);
            }
            reply => self.write_result(&reply, task, out),
        }
    }

    fn reply(&self, asked: &Asked<'_>, plan: &Plan) -> Reply<'_> {
        match (&*asked.method, asked.is_modern) {
            _ if plan.fault == Some(Fault::Huge) => Reply::Tool(plan.text),
            ("tools/call", _) => Reply::Tool(plan.text),
            ("tools/list", _) => match self.pages.page(asked.cursor.as_deref()) {
                Some(page) => Reply::Result(page),
                None => Reply::Error("200 OK", -32602, "no page has this cursor"),
            },
            ("initialize", false) => Reply::Session,
            ("ping", false) => Reply::Result("{}"),
            ("server/discover", _) => Reply::Result(DISCOVER),
            ("subscriptions/listen", _) => Reply::Subscription,
            (_, true) => Reply::Error("404 Not Found", -32601, "no such method"),
            (_, false) => Reply::Error("200 OK", -32601, "no such method"),
        }
    }

    fn write_result(&self, reply: &Reply<'_>, task: &Task<'_>, out: &mut Delivery) {
        let (asked, plan, framing) = (task.asked, task.plan, task.framing);
        let id = match plan.fault {
            Some(Fault::WrongId) => WRONG_ID,
            _ => asked.id,
        };
        let ends: usize = MESSAGE.iter().map(|end| end.len()).sum();
        let result = match reply {
            Reply::Tool(text) => Words::result_bytes(*text),
            Reply::Result(result) => result.len(),
            _ => 0,
        };
        let length = ends + id.len() + result;
        framing.open(length, &mut out.bytes);
        for number in 1..plan.events {
            let message = notification(asked.progress_token, number, plan.events);
            framing.write(number, &message, &mut out.bytes);
            out.pause(plan.pace);
        }
        let times = match plan.fault {
            Some(Fault::StreamEnd) => 0,
            Some(Fault::Duplicate) if framing != Framing::Json => 2,
            _ => 1,
        };
        for _ in 0..times {
            framing.begin(plan.events.max(1), length, &mut out.bytes);
            self.write_message(reply, id, &mut out.bytes);
            if plan.fault == Some(Fault::MalformedJson) {
                out.bytes.pop();
                out.bytes.push(b']');
            }
            framing.finish(&mut out.bytes);
        }
        framing.close(&mut out.bytes);
    }

    fn write_message(&self, reply: &Reply<'_>, id: &str, out: &mut Vec<u8>) {
        for part in [MESSAGE[0], id, MESSAGE[1]] {
            out.extend_from_slice(part.as_bytes());
        }
        match reply {
            Reply::Tool(text) => self.words.write_result(*text, out),
            Reply::Result(result) => out.extend_from_slice(result.as_bytes()),
            _ => {}
        }
        out.extend_from_slice(MESSAGE[2].as_bytes());
    }
}

const DISCOVER: &str = concat!(
    r#"{"resultType":"complete","supportedVersions":["2026-07-28","2025-11-25"],"#,
    r#""capabilities":{"tools":{}},"ttlMs":60000,"cacheScope":"public"}"#
);

/// The answer to `initialize`: the version asked for, or the last one with sessions.
fn initialized(asked: &Asked<'_>) -> String {
    let known = LEGACY.iter().find(|version| **version == asked.version);
    let result = json!({
        "protocolVersion": known.unwrap_or(&LEGACY[2]), "capabilities": {"tools": {}},
        "serverInfo": {"name": "varistor-upstream", "version": "1"}
    });
    format!(r#"{{"jsonrpc":"2.0","id":{},"result":{result}}}"#, asked.id)
}

/// A JSON-RPC error.
pub(super) fn error_message(id: &str, code: i32, reason: &str) -> String {
    let error = json!({"code": code, "message": reason});
    format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#)
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

/// Says that the subscription is there, and leaves the stream open.
fn write_subscription(asked: &Asked<'_>, framing: Framing, out: &mut Delivery) {
    let of = |kind: &str, filter: &str| {
        let meta = format!(
            r#""_meta":{{"io.modelcontextprotocol/subscriptionId":{}}}"#,
            asked.id
        );
        let method = format!(r#""jsonrpc":"2.0","method":"notifications/{kind}""#);
        format!(r#"{{{method},"params":{{{filter}{meta}}}}}"#)
    };
    let filter = r#""notifications":{"toolsListChanged":true},"#;
    framing.open(0, &mut out.bytes);
    framing.write(1, &of("subscriptions/acknowledged", filter), &mut out.bytes);
    out.end = End::Stay(Open {
        notification: of("tools/list_changed", ""),
        framing,
    });
}

#[cfg(test)]
mod tests {
    use std::borrow::Cow;
    use std::time::Duration;

    use serde_json::Value;

    use super::{Answers, Asked, Task};
    use crate::upstream::delivery::{Delivery, End};
    use crate::upstream::fault::Fault;
    use crate::upstream::frame::Framing;
    use crate::upstream::plan::Plan;
    use crate::upstream::tools::Size;
    use crate::wire::Head;

    const SIZE: Size = Size {
        tools: 3,
        tool_bytes: 200,
        page_size: 2,
    };

    fn delivered(asked: &Asked<'_>, plan: &Plan) -> Delivery {
        let answers = Answers::new(SIZE, false);
        let mut out = Delivery::default();
        let framing = answers.framing(plan, asked.is_modern);
        let task = Task {
            asked,
            plan,
            framing,
        };
        answers.write(&task, &mut out);
        out
    }

    fn answered(asked: &Asked<'_>, plan: &Plan) -> (u16, bool, String) {
        let out = delivered(asked, plan).bytes;
        let mut head = Head::of_response(&out).unwrap().unwrap();
        let mut body = Vec::new();
        let used = head.body.read(&out[head.bytes..], &mut body).unwrap();
        assert_eq!(used, out.len() - head.bytes);
        assert!(head.body.has_ended());
        let body = String::from_utf8(body).unwrap();
        (head.status, head.event_stream, body)
    }

    fn asked<'a>(method: &'a str, id: &'a str) -> Asked<'a> {
        Asked {
            method: Cow::Borrowed(method),
            id,
            progress_token: None,
            cursor: None,
            version: Cow::Borrowed(""),
            is_modern: false,
            session: String::new(),
        }
    }

    fn events(text: &str) -> Vec<Value> {
        text.lines()
            .filter_map(|line| line.strip_prefix("data: "))
            .map(|data| serde_json::from_str(data).unwrap())
            .collect()
    }

    #[test]
    fn an_answer_is_framed_and_carries_the_id_as_it_was_written() {
        for count in [0, 1, 2, 7] {
            let plan = Plan {
                events: count,
                ..Plan::default()
            };
            let asked = asked("tools/call", "\"a\\u0062\"");
            let (_, is_stream, text) = answered(&asked, &plan);
            assert_eq!(is_stream, count > 0);
            assert!(text.contains("\"id\":\"a\\u0062\",\"result\""), "{text}");
        }
    }

    #[test]
    fn the_result_is_the_last_of_as_many_events_as_asked() {
        let plan = Plan {
            events: 3,
            pace: Duration::from_millis(5),
            ..Plan::default()
        };
        for (token, method) in [
            (Some("\"t\""), "notifications/progress"),
            (None, "notifications/message"),
        ] {
            let mut asked = asked("tools/call", "5");
            asked.progress_token = token;
            let events = events(&answered(&asked, &plan).2);
            assert_eq!(events.len(), 3);
            for (event, number) in events.iter().zip(1..3) {
                assert_eq!(event["method"], method);
                if token.is_some() {
                    assert_eq!(event["params"]["progressToken"], "t");
                    assert_eq!(event["params"]["progress"], number);
                }
            }
            assert_eq!(events[2]["id"], 5);
            assert_eq!(delivered(&asked, &plan).pauses.len(), 2);
        }
    }

    #[test]
    fn a_stream_has_no_result_or_two_where_its_fault_says_so() {
        for (fault, results) in [(Fault::StreamEnd, 0), (Fault::Duplicate, 2)] {
            let mut plan = Plan {
                events: 2,
                fault: Some(fault),
                ..Plan::default()
            };
            plan.fit_fault();
            let events = events(&answered(&asked("tools/call", "5"), &plan).2);
            let found = events.iter().filter(|event| event["id"] == 5).count();
            assert_eq!((found, events.len()), (results, results + 1));
        }
    }

    #[test]
    fn methods_are_answered_as_their_era_wants() {
        let plan = Plan::default();
        let error = |text: &str| {
            let message: Value = serde_json::from_str(text).unwrap();
            message["error"]["code"].as_i64()
        };
        for (method, is_modern, status, code) in [
            ("no/such", false, 200, Some(-32601)),
            ("no/such", true, 404, Some(-32601)),
            ("ping", false, 200, None),
            ("ping", true, 404, Some(-32601)),
            ("initialize", true, 404, Some(-32601)),
            ("tools/list", true, 200, None),
        ] {
            let mut asked = asked(method, "1");
            asked.is_modern = is_modern;
            let (found, _, text) = answered(&asked, &plan);
            assert_eq!((found, error(&text)), (status, code), "{method}");
        }
        let mut list = asked("tools/list", "1");
        list.cursor = Some(Cow::Borrowed("none"));
        assert_eq!(error(&answered(&list, &plan).2), Some(-32602));
    }

    #[test]
    fn initialize_agrees_on_a_version_with_sessions() {
        for (wanted, agreed) in [
            ("2025-06-18", "2025-06-18"),
            ("2026-07-28", "2025-11-25"),
            ("", "2025-11-25"),
        ] {
            let mut asked = asked("initialize", "1");
            asked.version = Cow::Borrowed(wanted);
            let message: Value =
                serde_json::from_str(&answered(&asked, &Plan::default()).2).unwrap();
            assert_eq!(message["result"]["protocolVersion"], agreed);
        }
    }

    #[test]
    fn a_subscription_is_acknowledged_and_stays_open() {
        let mut asked = asked("subscriptions/listen", "\"s\"");
        asked.is_modern = true;
        let out = delivered(&asked, &Plan::default());
        let text = String::from_utf8(out.bytes).unwrap();
        let End::Stay(open) = out.end else {
            panic!("the stream ends");
        };
        let first = events(&text)[0].clone();
        let more: Value = serde_json::from_str(&open.notification).unwrap();
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
        assert_eq!(first["params"]["notifications"]["toolsListChanged"], true);
        assert_eq!(more["method"], "notifications/tools/list_changed");
        for event in [first, more] {
            let id = &event["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
            assert_eq!(id, "s");
        }
        assert!(!text.ends_with("0\r\n\r\n"));
        assert_eq!(answered_alone(&asked), "{");
    }

    /// The first byte of the answer on standard output.
    fn answered_alone(asked: &Asked<'_>) -> String {
        let mut out = Delivery::default();
        let task = Task {
            asked,
            plan: &Plan::default(),
            framing: Framing::Lines,
        };
        Answers::new(SIZE, false).write(&task, &mut out);
        let text = String::from_utf8(out.bytes).unwrap();
        assert_eq!(text.matches('\n').count(), 1, "{text}");
        text[..1].to_owned()
    }
}
