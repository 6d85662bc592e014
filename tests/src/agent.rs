//! An agent: sends JSON-RPC to one server of the gateway, in the modern and in the legacy era.

use serde_json::{Value, json};

use crate::http::{Answer, Connection};
use crate::sse::Stream;

/// The version without sessions.
pub const MODERN: &str = "2026-07-28";
/// The last version with sessions.
pub const LEGACY: &str = "2025-11-25";

/// An agent with its token, in front of one server.
#[derive(Clone)]
pub struct Agent {
    /// `127.0.0.1:PORT` of the gateway.
    pub address: String,
    /// `/mcp/<server>`.
    pub path: String,
    /// The bearer token.
    pub token: String,
}

/// A session of an agent that speaks a legacy version.
#[derive(Clone)]
pub struct Session {
    /// Whose it is.
    pub agent: Agent,
    /// As the gateway handed it out.
    pub id: String,
}

impl Agent {
    /// An agent in front of this server.
    pub fn new(address: &str, server: &str, token: &str) -> Self {
        Self {
            address: address.to_owned(),
            path: format!("/mcp/{server}"),
            token: token.to_owned(),
        }
    }

    /// A fresh connection to the gateway.
    pub fn connect(&self) -> Connection {
        Connection::open(&self.address)
    }

    /// Calls a tool by the modern protocol on a connection of its own.
    pub fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.request(
            1,
            "tools/call",
            json!({"name": tool, "arguments": arguments}),
        )
    }

    /// Sends a modern request on a connection of its own.
    pub fn request(&self, id: u64, method: &str, params: Value) -> Answer {
        self.connect().exchange(&self.modern(id, method, params))
    }

    /// Sends a modern request and reads its answer event by event.
    pub fn stream(&self, id: u64, method: &str, params: Value) -> Stream {
        Stream::open(self.connect(), &self.modern(id, method, params))
    }

    /// The names of the tools that this agent sees.
    pub fn tools(&self) -> Vec<String> {
        let answer = self.request(1, "tools/list", json!({}));
        let tools = answer.json()["result"]["tools"].clone();
        let tools = tools.as_array().expect("a list of tools").clone();
        tools
            .iter()
            .map(|tool| tool["name"].as_str().expect("a name").to_owned())
            .collect()
    }

    /// The bytes of a modern request.
    pub fn modern(&self, id: u64, method: &str, mut params: Value) -> Vec<u8> {
        params["_meta"]["io.modelcontextprotocol/protocolVersion"] = json!(MODERN);
        let capabilities = &mut params["_meta"]["io.modelcontextprotocol/clientCapabilities"];
        if capabilities.is_null() {
            *capabilities = json!({});
        }
        let name = params.get("name").or(params.get("uri")).cloned();
        let body = json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params});
        let mut fields = format!("MCP-Protocol-Version: {MODERN}\r\nMcp-Method: {method}\r\n");
        if let Some(name) = name.as_ref().and_then(Value::as_str) {
            fields.push_str(&format!("Mcp-Name: {name}\r\n"));
        }
        self.post(&fields, body.to_string().as_bytes())
    }

    /// The bytes of a POST with these fields and this body.
    pub fn post(&self, fields: &str, body: &[u8]) -> Vec<u8> {
        let mut bytes = self.head("POST", fields);
        bytes.truncate(bytes.len() - 2);
        let length = format!(
            "Content-Type: application/json\r\nContent-Length: {}\r\n\r\n",
            body.len()
        );
        bytes.extend_from_slice(length.as_bytes());
        bytes.extend_from_slice(body);
        bytes
    }

    /// The bytes of a request without a body.
    pub fn head(&self, method: &str, fields: &str) -> Vec<u8> {
        let Self {
            address,
            path,
            token,
        } = self;
        format!(
            "{method} {path} HTTP/1.1\r\nHost: {address}\r\nAuthorization: Bearer {token}\r\n\
             Accept: application/json, text/event-stream\r\n{fields}\r\n"
        )
        .into_bytes()
    }

    /// Opens a session of the last version that has them.
    pub fn initialize(&self) -> Session {
        let answer = self.try_initialize(LEGACY);
        assert_eq!(answer.status(), 200, "{answer:?}");
        let id = answer
            .field("mcp-session-id")
            .expect("a session id")
            .to_owned();
        let session = Session {
            agent: self.clone(),
            id,
        };
        let done = json!({"jsonrpc": "2.0", "method": "notifications/initialized"});
        assert_eq!(session.post(&done).status(), 202);
        session
    }

    /// Asks for a session of this version.
    pub fn try_initialize(&self, version: &str) -> Answer {
        let body = json!({"jsonrpc": "2.0", "id": 0, "method": "initialize", "params": {
            "protocolVersion": version, "capabilities": {},
            "clientInfo": {"name": "varistor-tests", "version": "1"}}});
        self.connect()
            .exchange(&self.post("", body.to_string().as_bytes()))
    }
}

impl Session {
    /// The fields that every request of the session carries.
    pub fn fields(&self) -> String {
        format!(
            "MCP-Protocol-Version: {LEGACY}\r\nMcp-Session-Id: {}\r\n",
            self.id
        )
    }

    /// Sends any message.
    pub fn post(&self, message: &Value) -> Answer {
        self.post_bytes(message.to_string().as_bytes())
    }

    /// Sends any bytes as a message.
    pub fn post_bytes(&self, body: &[u8]) -> Answer {
        let request = self.agent.post(&self.fields(), body);
        self.agent.connect().exchange(&request)
    }

    /// Sends a request.
    pub fn request(&self, id: Value, method: &str, params: Value) -> Answer {
        self.post(&json!({"jsonrpc": "2.0", "id": id, "method": method, "params": params}))
    }

    /// Calls a tool.
    pub fn call(&self, tool: &str, arguments: Value) -> Answer {
        self.request(
            json!(1),
            "tools/call",
            json!({"name": tool, "arguments": arguments}),
        )
    }

    /// Opens the stream of what the server sends on its own; `last` resumes after that event.
    pub fn listen(&self, last: Option<&str>) -> Stream {
        let mut fields = self.fields();
        if let Some(last) = last {
            fields.push_str(&format!("Last-Event-ID: {last}\r\n"));
        }
        Stream::open(self.agent.connect(), &self.agent.head("GET", &fields))
    }

    /// Ends the session.
    pub fn delete(&self) -> Answer {
        let request = self.agent.head("DELETE", &self.fields());
        self.agent.connect().exchange(&request)
    }
}
