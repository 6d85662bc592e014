//! The answers of the mock server, as whole HTTP messages.

use std::borrow::Cow;
use std::io::Write;

use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

/// Words without anything that a scanner looks for.
const FILLER: &str = "The quick brown fox jumps over the lazy dog. ";
/// The size of an answer that is too big.
const HUGE_BYTES: usize = 64 * 1024 * 1024;
/// What a wrong id looks like.
pub(super) const WRONG_ID: &str = "\"another-request\"";

/// The members of a message that decide its answer.
#[derive(Deserialize)]
pub(super) struct Message<'a> {
    /// The id as it was written; `None` in a notification.
    #[serde(borrow, default)]
    pub(super) id: Option<&'a RawValue>,
    #[serde(borrow, default)]
    pub(super) method: Option<Cow<'a, str>>,
}

/// Everything that is answered, prepared.
pub(super) struct Answers {
    call: String,
    list: String,
    sse: bool,
}

impl Answers {
    pub(super) fn new(text_bytes: usize, tools: usize, sse: bool) -> Self {
        Self {
            call: call_result(text_bytes),
            list: list_result(tools),
            sse,
        }
    }

    /// Appends the HTTP response to `method` with this id.
    pub(super) fn write(&self, method: &str, id: &str, out: &mut Vec<u8>) {
        match method {
            "tools/call" => self.write_result(&self.call, id, out),
            "tools/list" => self.write_result(&self.list, id, out),
            "initialize" => write_initialize(id, out),
            "server/discover" => self.write_result(DISCOVER, id, out),
            "ping" => self.write_result("{}", id, out),
            _ => {
                let error = r#"{"code":-32601,"message":"no such method"}"#;
                let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"error":{error}}}"#);
                write_json("404 Not Found", "", &message, out);
            }
        }
    }

    /// Appends the answer of a tool call that is too big.
    pub(super) fn write_huge(&self, id: &str, out: &mut Vec<u8>) {
        self.write_result(&call_result(HUGE_BYTES), id, out);
    }

    fn write_result(&self, result: &str, id: &str, out: &mut Vec<u8>) {
        let ends = [r#"{"jsonrpc":"2.0","id":"#, r#","result":"#, "}"];
        let length = result.len() + id.len() + ends.iter().map(|end| end.len()).sum::<usize>();
        if self.sse {
            let event = length + "event: message\ndata: \n\n".len();
            // Writing into a Vec does not fail.
            drop(write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                 Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n\
                 {event:x}\r\nevent: message\ndata: "
            ));
        } else {
            drop(write!(
                out,
                "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\
                 Content-Length: {length}\r\n\r\n"
            ));
        }
        for part in [ends[0], id, ends[1], result, ends[2]] {
            out.extend_from_slice(part.as_bytes());
        }
        if self.sse {
            out.extend_from_slice(b"\n\n\r\n0\r\n\r\n");
        }
    }
}

/// Appends a response without a body.
pub(super) fn write_empty(status: &str, out: &mut Vec<u8>) {
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Length: 0\r\n\r\n"
    ));
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
    write_json(
        "200 OK",
        "Mcp-Session-Id: upstream-session\r\n",
        &message,
        out,
    );
}

fn write_json(status: &str, headers: &str, message: &str, out: &mut Vec<u8>) {
    let length = message.len();
    drop(write!(
        out,
        "HTTP/1.1 {status}\r\nContent-Type: application/json\r\n{headers}\
         Content-Length: {length}\r\n\r\n{message}"
    ));
}

fn call_result(text_bytes: usize) -> String {
    let text: String = FILLER.chars().cycle().take(text_bytes).collect();
    json!({
        "resultType": "complete", "content": [{"type": "text", "text": text}], "isError": false
    })
    .to_string()
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
    use super::Answers;
    use crate::wire::Head;

    #[test]
    fn an_answer_is_framed_and_carries_the_id_as_it_was_written() {
        for sse in [false, true] {
            let mut out = Vec::new();
            Answers::new(100, 3, sse).write("tools/call", "\"a\\u0062\"", &mut out);
            let mut head = Head::of_response(&out).unwrap().unwrap();
            let mut body = Vec::new();
            let used = head.body.read(&out[head.bytes..], &mut body).unwrap();
            assert_eq!(used, out.len() - head.bytes);
            assert!(head.body.has_ended());
            assert_eq!(head.event_stream, sse);
            let text = String::from_utf8(body).unwrap();
            assert!(text.contains("\"id\":\"a\\u0062\",\"result\""), "{text}");
        }
    }
}
