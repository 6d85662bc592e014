//! An MCP server inside the test: remembers every byte it gets, and can be told to misbehave.

use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::find;

/// One request as it arrived.
#[derive(Clone, Debug, Default)]
pub struct Incoming {
    /// Request line and fields, as text.
    pub head: String,
    /// The body without its framing.
    pub body: Vec<u8>,
}

/// What a behaviour did with a request.
pub enum Handled {
    /// Nothing: the server answers as usual.
    Usual,
    /// It has answered.
    Answered,
    /// The connection is to be closed.
    Close,
}

type Behaviour = dyn Fn(&Incoming, &mut TcpStream) -> Handled + Send + Sync;

/// A running server on a free port of the loopback address.
pub struct Upstream {
    address: String,
    seen: Arc<Mutex<Vec<Incoming>>>,
}

/// Sessions of the usual server: how many were opened, and which have ended.
#[derive(Default)]
struct Sessions {
    opened: usize,
    ended: Vec<String>,
}

impl Upstream {
    /// A server with the tools `read_file`, `write_file`, `delete_file` and `export_data`.
    pub fn start() -> Self {
        Self::behaving(|_, _| Handled::Usual)
    }

    /// A server that lets `behaviour` answer first.
    pub fn behaving(
        behaviour: impl Fn(&Incoming, &mut TcpStream) -> Handled + Send + Sync + 'static,
    ) -> Self {
        Self::listening("127.0.0.1:0", behaviour)
    }

    /// The usual server at this very address.
    pub fn start_at(address: &str) -> Self {
        Self::listening(address, |_, _| Handled::Usual)
    }

    /// An address where nothing listens.
    pub fn unused() -> String {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        listener.local_addr().expect("an address").to_string()
    }

    fn listening(
        address: &str,
        behaviour: impl Fn(&Incoming, &mut TcpStream) -> Handled + Send + Sync + 'static,
    ) -> Self {
        let listener = TcpListener::bind(address).expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let seen = Arc::new(Mutex::new(Vec::new()));
        let behaviour: Arc<Behaviour> = Arc::new(behaviour);
        let log = Arc::clone(&seen);
        let sessions = Arc::new(Mutex::new(Sessions::default()));
        thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let (behaviour, log) = (Arc::clone(&behaviour), Arc::clone(&log));
                let sessions = Arc::clone(&sessions);
                thread::spawn(move || serve(stream, &*behaviour, &log, &sessions));
            }
        });
        Self { address, seen }
    }

    /// `127.0.0.1:PORT`.
    pub fn address(&self) -> &str {
        &self.address
    }

    /// Its URL.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }

    /// Everything that has arrived so far.
    pub fn seen(&self) -> Vec<Incoming> {
        self.seen.lock().expect("the log").clone()
    }

    /// How many calls of tools have arrived so far.
    pub fn calls(&self) -> usize {
        let seen = self.seen.lock().expect("the log");
        seen.iter()
            .filter(|incoming| incoming.method() == "tools/call")
            .count()
    }

    /// Waits until this holds of what has arrived; stops the test when it never does.
    pub fn wait_until(&self, what: &str, holds: impl Fn(&[Incoming]) -> bool) {
        let until = Instant::now() + Duration::from_secs(20);
        while !holds(&self.seen.lock().expect("the log")) {
            assert!(Instant::now() < until, "the upstream never saw {what}");
            thread::sleep(Duration::from_millis(5));
        }
    }
}

impl Incoming {
    /// The body as JSON; null when it is none.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).unwrap_or(Value::Null)
    }

    /// The JSON-RPC method, empty when there is none.
    pub fn method(&self) -> String {
        self.json()["method"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// The tool or prompt that is called, empty when there is none.
    pub fn name(&self) -> String {
        self.json()["params"]["name"]
            .as_str()
            .unwrap_or_default()
            .to_owned()
    }

    /// Whether it is an HTTP request of this method.
    pub fn is(&self, http_method: &str) -> bool {
        self.head.starts_with(&format!("{http_method} "))
    }

    /// The value of a field, by its name in lower case.
    pub fn field(&self, name: &str) -> Option<String> {
        let mut lines = self.head.lines().filter_map(|line| line.split_once(':'));
        let found = lines.find(|(field, _)| field.to_ascii_lowercase() == name);
        found.map(|(_, value)| value.trim().to_owned())
    }

    fn read(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<Self> {
        let end = loop {
            match find(buffer, b"\r\n\r\n") {
                Some(end) => break end,
                None => fill(stream, buffer)?,
            }
        };
        let head = String::from_utf8_lossy(&buffer[..end]).into_owned();
        buffer.drain(..end + 4);
        let mut incoming = Self {
            head,
            body: Vec::new(),
        };
        let length = incoming.field("content-length").unwrap_or_default();
        let length: usize = length.parse().unwrap_or(0);
        while buffer.len() < length {
            fill(stream, buffer)?;
        }
        incoming.body = buffer.drain(..length).collect();
        assert!(
            incoming.field("transfer-encoding").is_none(),
            "the gateway always knows the length of what it forwards"
        );
        Some(incoming)
    }
}

fn fill(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> Option<()> {
    let mut piece = [0; 16 * 1024];
    match stream.read(&mut piece) {
        Ok(0) | Err(_) => None,
        Ok(count) => {
            buffer.extend_from_slice(&piece[..count]);
            Some(())
        }
    }
}

fn serve(
    mut stream: TcpStream,
    behaviour: &Behaviour,
    log: &Mutex<Vec<Incoming>>,
    sessions: &Mutex<Sessions>,
) {
    let mut buffer = Vec::new();
    // Small answers in several pieces must not wait for each other's acknowledgement.
    let _ = stream.set_nodelay(true);
    while let Some(incoming) = Incoming::read(&mut stream, &mut buffer) {
        log.lock().expect("the log").push(incoming.clone());
        match behaviour(&incoming, &mut stream) {
            Handled::Usual => {
                answer_as_usual(
                    &incoming,
                    &mut stream,
                    &mut sessions.lock().expect("sessions"),
                );
            }
            Handled::Answered => {}
            Handled::Close => return,
        }
    }
}

fn answer_as_usual(incoming: &Incoming, stream: &mut TcpStream, sessions: &mut Sessions) {
    if let Some(session) = incoming.field("mcp-session-id") {
        if sessions.ended.contains(&session) {
            return reply(stream, 404, "", b"");
        }
        if incoming.is("DELETE") {
            sessions.ended.push(session);
            return reply(stream, 200, "", b"");
        }
    }
    if incoming.is("GET") {
        return reply(stream, 405, "Allow: POST\r\n", b"");
    }
    let message = incoming.json();
    let Some(id) = message
        .get("id")
        .filter(|_| message.get("method").is_some())
    else {
        return reply(stream, 202, "", b"");
    };
    let mut fields = "Content-Type: application/json\r\n".to_owned();
    if incoming.method() == "initialize" {
        sessions.opened += 1;
        fields.push_str(&format!(
            "Mcp-Session-Id: upstream-session-{}\r\n",
            sessions.opened
        ));
    }
    let result = result_of(&incoming.method(), &incoming.name());
    let body = json!({"jsonrpc": "2.0", "id": id, "result": result}).to_string();
    reply(stream, 200, &fields, body.as_bytes());
}

/// Writes an answer with a body of known length.
pub fn reply(stream: &mut TcpStream, status: u16, fields: &str, body: &[u8]) {
    let head = format!(
        "HTTP/1.1 {status} Told\r\n{fields}Content-Length: {}\r\n\r\n",
        body.len()
    );
    // The gateway may have gone; then nobody waits for this.
    let _ = stream.write_all(&[head.as_bytes(), body].concat());
}

/// Opens a stream of events.
pub fn open_events(stream: &mut TcpStream) {
    let head = "HTTP/1.1 200 Told\r\nContent-Type: text/event-stream\r\n\
                Cache-Control: no-cache\r\nTransfer-Encoding: chunked\r\n\r\n";
    let _ = stream.write_all(head.as_bytes());
}

/// Writes one event; tells whether the peer still takes it.
pub fn send_event(stream: &mut TcpStream, id: Option<&str>, data: &str) -> bool {
    let id = id.map(|id| format!("id: {id}\n")).unwrap_or_default();
    let event = format!("{id}data: {data}\n\n");
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    stream.write_all(chunk.as_bytes()).is_ok()
}

/// Ends a stream of events.
pub fn close_events(stream: &mut TcpStream) {
    let _ = stream.write_all(b"0\r\n\r\n");
}

/// The tools of the usual server.
pub const TOOLS: [&str; 4] = ["read_file", "write_file", "delete_file", "export_data"];

fn result_of(method: &str, name: &str) -> Value {
    let info = json!({"name": "upstream", "version": "1"});
    let capabilities = json!({"tools": {}, "prompts": {}, "resources": {}});
    match method {
        "initialize" => json!({"protocolVersion": "2025-11-25", "capabilities": capabilities,
            "serverInfo": info}),
        "server/discover" => json!({"resultType": "complete", "supportedVersions": ["2026-07-28"],
            "capabilities": capabilities, "ttlMs": 0, "cacheScope": "public"}),
        "tools/list" => {
            let tools = TOOLS.map(|tool| json!({"name": tool, "inputSchema": {"type": "object"}}));
            json!({"resultType": "complete", "tools": tools, "ttlMs": 0, "cacheScope": "public"})
        }
        "tools/call" => json!({"resultType": "complete", "isError": false,
            "content": [{"type": "text", "text": format!("did {name}")}]}),
        _ => json!({"resultType": "complete"}),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::agent::Agent;

    /// The harness without the gateway: what it says of the gateway rests on this.
    #[test]
    fn an_agent_and_a_server_of_the_harness_understand_each_other() {
        let upstream = Upstream::start();
        let agent = Agent::new(upstream.address(), "any", "none");
        assert!(agent.call("read_file", json!({})).is_good_call());
        assert_eq!(agent.tools(), TOOLS);
        let session = agent.initialize();
        assert_eq!(session.call("read_file", json!({})).text(), "did read_file");
        assert_eq!(session.listen(None).head.status, 405);
        assert_eq!(session.delete().status(), 200);
        assert_eq!(session.call("read_file", json!({})).status(), 404);
        assert_eq!(upstream.calls(), 3);
    }

    #[test]
    fn events_are_read_one_by_one_while_the_stream_is_open() {
        let upstream = Upstream::behaving(|_, stream| {
            open_events(stream);
            for number in 0..3 {
                send_event(stream, Some(&format!("e-{number}")), &format!("[{number}]"));
            }
            close_events(stream);
            Handled::Answered
        });
        let agent = Agent::new(upstream.address(), "any", "none");
        let mut stream = agent.stream(1, "tools/call", json!({"name": "read_file"}));
        for number in 0..3 {
            let event = stream.next_event().expect("an event");
            assert_eq!(
                (event.id, event.data),
                (format!("e-{number}"), format!("[{number}]"))
            );
        }
        assert_eq!(stream.next_event(), None);
    }
}
