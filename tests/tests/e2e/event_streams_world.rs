//! The setting of tests of the HTTP+SSE of 2024-11-05: a server that speaks it and nothing else,
//! and a client that does.

use std::collections::HashMap;
use std::io::Write as _;
use std::net::TcpStream;
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};
use varistor_tests::http::Connection;
use varistor_tests::sse::Stream;
use varistor_tests::upstream::{Handled, Incoming, open_events, reply};
use varistor_tests::{Agent, Upstream};

/// Streams of clients, by session.
type Streams = Arc<Mutex<HashMap<String, TcpStream>>>;
/// The ids of calls that wait for an answer of their client, by session.
type Waiting = Mutex<HashMap<String, Value>>;

/// A server of HTTP+SSE. `endpoint` says where messages go, with `{}` for the session.
pub fn server(endpoint: &'static str) -> Upstream {
    let streams = Streams::default();
    let waiting = Waiting::default();
    Upstream::behaving(move |incoming, stream| {
        if incoming.is("GET") {
            let mut all = streams.lock().expect("streams");
            let session = format!("s{}", all.len());
            open_events(stream);
            event(stream, "endpoint", &endpoint.replace("{}", &session));
            all.insert(session, stream.try_clone().expect("one more handle"));
            // It is written to by whoever answers.
            return Handled::Answered;
        }
        let target = incoming
            .head
            .split(' ')
            .nth(1)
            .unwrap_or_default()
            .to_owned();
        let session = target
            .rsplit_once("s=")
            .map(|(_, session)| session.to_owned());
        let session = session.unwrap_or_default();
        let own = streams.lock().expect("streams");
        let own = own.get(&session).and_then(|own| own.try_clone().ok());
        let Some(mut own) = own else {
            reply(stream, 404, "", b"");
            return Handled::Answered;
        };
        if incoming.json()["params"]["arguments"]["refuse"] == true {
            reply(stream, 413, "", b"");
            return Handled::Answered;
        }
        reply(stream, 202, "", b"Accepted");
        answer(incoming, &mut own, (&session, &waiting));
        Handled::Answered
    })
}

/// Writes one event of this type; the data may have several lines.
fn event(stream: &mut TcpStream, kind: &str, data: &str) {
    let lines: Vec<_> = data.lines().map(|line| format!("data: {line}\n")).collect();
    let event = format!("event: {kind}\n{}\n", lines.concat());
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    // The gateway may have gone.
    let _ = stream.write_all(chunk.as_bytes());
}

fn answer(incoming: &Incoming, stream: &mut TcpStream, (session, waiting): (&str, &Waiting)) {
    let json = incoming.json();
    let arguments = &json["params"]["arguments"];
    if json["id"] == "asked" {
        // The client's answer to what was asked below: it is what the call comes to.
        let answer = json.get("result").unwrap_or(&json["error"]["code"]);
        let content = json!([{"type": "text", "text": answer.to_string()}]);
        let id = waiting.lock().expect("calls").remove(session);
        let said = json!({"jsonrpc": "2.0", "id": id, "result": {"content": content}});
        return event(stream, "message", &said.to_string());
    }
    if arguments["ask"] == true {
        let mut waiting = waiting.lock().expect("calls");
        waiting.insert(session.to_owned(), json["id"].clone());
        let asks = json!({"jsonrpc": "2.0", "id": "asked", "method": "elicitation/create",
            "params": {"message": "well?", "requestedSchema": {"type": "object",
            "properties": {}}}});
        return event(stream, "message", &asks.to_string());
    }
    if arguments["end"] == true {
        let _ = stream.shutdown(std::net::Shutdown::Both);
        return;
    }
    let result = match &*incoming.method() {
        "initialize" => json!({"protocolVersion": "2024-11-05",
            "capabilities": {"tools": {}, "prompts": {}, "resources": {}},
            "serverInfo": {"name": "streams", "version": "1"}, "instructions": "Ask nicely."}),
        "tools/list" => json!({"tools": [
            {"name": "read_file", "inputSchema": {"type": "object"}},
            {"name": "delete_file", "inputSchema": {"type": "object"}}]}),
        "tools/call" => {
            let progress = &json["params"]["_meta"]["progressToken"];
            if !progress.is_null() {
                let note = json!({"jsonrpc": "2.0", "method": "notifications/progress",
                    "params": {"progressToken": progress, "progress": 1}});
                event(stream, "message", &note.to_string());
            }
            let text = format!("did {} {arguments}", json["params"]["name"]);
            json!({"content": [{"type": "text", "text": text}], "isError": false})
        }
        "resources/list" => json!({"resources": [{"uri": "test://a", "name": "a"}]}),
        "resources/read" => {
            json!({"contents": [{"uri": json["params"]["uri"], "text": "read"}]})
        }
        "prompts/list" => json!({"prompts": [{"name": "greet"}]}),
        "ping" => json!({}),
        _ => return,
    };
    let said = json!({"jsonrpc": "2.0", "id": json["id"], "result": result});
    // As servers do that print their JSON for people.
    let text = serde_json::to_string_pretty(&said).expect("JSON");
    event(stream, "message", &text);
}

/// A client of HTTP+SSE.
pub struct OldClient {
    agent: Agent,
    stream: Stream,
    /// Where its messages go.
    pub endpoint: String,
}

impl OldClient {
    /// Opens a stream at `/sse` and what is `behind` it.
    pub fn open(agent: &Agent, behind: &str) -> Self {
        let agent = Agent {
            path: format!("/sse{behind}"),
            ..agent.clone()
        };
        let mut stream = Stream::open(agent.connect(), &agent.head("GET", ""));
        assert_eq!(stream.head.status, 200);
        let endpoint = stream.next_event().expect("an endpoint").data;
        Self {
            agent,
            stream,
            endpoint,
        }
    }

    /// The same, greeted.
    pub fn initialized(agent: &Agent, behind: &str) -> Self {
        let mut client = Self::open(agent, behind);
        let params = json!({"protocolVersion": "2024-11-05",
            "capabilities": {"elicitation": {}}, "clientInfo": {"name": "old", "version": "1"}});
        let answer = client.request(json!(0), "initialize", &params);
        assert_eq!(
            answer["result"]["protocolVersion"], "2024-11-05",
            "{answer}"
        );
        let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(client.post(&done), 202);
        client
    }

    /// Sends a message; the status of the receipt.
    pub fn post(&self, message: &Value) -> u16 {
        self.post_as(&self.agent, message)
    }

    /// The same by somebody else.
    pub fn post_as(&self, agent: &Agent, message: &Value) -> u16 {
        let agent = Agent {
            path: self.endpoint.clone(),
            ..agent.clone()
        };
        let request = agent.post("", message.to_string().as_bytes());
        Connection::open(&agent.address).exchange(&request).status()
    }

    /// Sends a request and waits for what comes next on the stream.
    pub fn request(&mut self, id: Value, method: &str, params: &Value) -> Value {
        let ask = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        assert_eq!(self.post(&ask), 202, "{method}");
        self.next()
    }

    /// Calls a tool.
    pub fn call(&mut self, tool: &str, arguments: Value) -> Value {
        let params = json!({"name": tool, "arguments": arguments});
        self.request(json!("call"), "tools/call", &params)
    }

    /// The next message on the stream.
    pub fn next(&mut self) -> Value {
        self.stream.next_json()
    }

    /// Whether the stream has ended.
    pub fn has_ended(&mut self) -> bool {
        self.stream.next_event().is_none()
    }
}
