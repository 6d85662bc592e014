//! The servers that stand behind the gateway, and the policy that lets everything through.

use std::net::TcpListener;
use std::path::{Path, PathBuf};

use varistor_tests::process::Process;
use varistor_tests::{Driver, Gateway, PolicyDir, programs};

/// What carries the messages of a server.
#[derive(Clone)]
pub enum Carrier {
    /// Streamable HTTP.
    Http,
    /// The HTTP+SSE of 2024-11-05, at this URL.
    EventStream(String),
    /// Standard input and output of this command.
    Stdio(Vec<String>),
}

/// A server of somebody's, running.
pub struct Server {
    /// Its name in the policy and in `tests/clients.json`.
    pub name: &'static str,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// What carries its messages to the gateway; at its address it can be asked directly.
    pub carrier: Carrier,
    _processes: Vec<Process>,
}

impl Server {
    /// Our own fixture, made with the crate `rmcp`: the contract of the official suite.
    pub fn fixture() -> Self {
        let process = Process::start(&programs::ours("varistor-bench"), |command| {
            command.args(["fixture", "--listen", "127.0.0.1:0"]);
        });
        Self::ready("fixture", process)
    }

    /// The Python SDK.
    pub fn python() -> Self {
        let process = Process::start(&programs::python(), |command| {
            command.arg(programs::folder().join("python/server.py"));
        });
        Self::ready("python", process)
    }

    /// The same behind an event stream.
    pub fn python_over_event_stream() -> Self {
        let process = Process::start(&programs::python(), |command| {
            command.arg(programs::folder().join("python/server.py"));
            command.arg("sse");
        });
        let stream = Self::ready("python", process);
        Self::python().behind(stream)
    }

    /// The same, which the gateway starts itself; beside it, one that can be asked directly.
    pub fn python_over_stdio() -> Self {
        let script = programs::folder().join("python/server.py");
        Self {
            carrier: Carrier::of_command(&[&programs::python(), &script, Path::new("stdio")]),
            ..Self::python()
        }
    }

    /// The reference server `server-everything`; it knows sessions only.
    pub fn everything() -> Self {
        Self::everything_as(
            "streamableHttp",
            "MCP Streamable HTTP Server listening on port",
        )
    }

    /// The same behind an event stream.
    pub fn everything_over_event_stream() -> Self {
        let stream = Self::everything_as("sse", "Server is running on port");
        Self::everything().behind(stream)
    }

    /// This server, which the gateway reaches over the event stream of the other.
    fn behind(mut self, stream: Self) -> Self {
        self.carrier = Carrier::EventStream(format!("http://{}/sse", stream.address));
        self._processes.extend(stream._processes);
        self
    }

    /// The same, which the gateway starts itself; beside it, one that can be asked directly.
    pub fn everything_over_stdio() -> Self {
        let script = everything();
        Self {
            carrier: Carrier::of_command(&[&programs::node(), &script, Path::new("stdio")]),
            ..Self::everything()
        }
    }

    fn everything_as(kind: &str, says: &str) -> Self {
        // It can't be told to take a free port, so one is found for it.
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = Process::start(&programs::node(), |command| {
            // It tells on standard error when it listens; that is not read here.
            command
                .arg("--import")
                .arg(programs::folder().join("node/errors-to-output.mjs"));
            command.arg(everything()).arg(kind);
            command.env("PORT", port.to_string());
        });
        process.wait_for(says);
        Self {
            name: "everything",
            address: format!("127.0.0.1:{port}"),
            carrier: Carrier::Http,
            _processes: vec![process],
        }
    }

    fn ready(name: &'static str, process: Process) -> Self {
        let address = process.wait_for_address();
        Self {
            name,
            address,
            carrier: Carrier::Http,
            _processes: vec![process],
        }
    }

    /// Where it is, or how it is started, as the policy says that.
    pub fn place(&self) -> String {
        match &self.carrier {
            Carrier::Stdio(command) => format!("command: {}", serde_json::json!(command)),
            Carrier::EventStream(url) => format!("url: \"{url}\", transport: sse"),
            Carrier::Http => format!("url: \"{}\"", self.url()),
        }
    }

    /// What carries its messages, in one word.
    pub fn kind(&self) -> String {
        let carrier = match &self.carrier {
            Carrier::Http => "http",
            Carrier::EventStream(_) => "sse",
            Carrier::Stdio(_) => "stdio",
        };
        format!("{} {carrier}", self.name)
    }

    /// Where a client finds it without the gateway.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
}

impl Carrier {
    fn of_command(parts: &[&Path]) -> Self {
        let text = |part: &&Path| part.to_str().expect("a plain path").to_owned();
        Self::Stdio(parts.iter().map(text).collect())
    }
}

/// The script of the reference server.
fn everything() -> PathBuf {
    let package = "node/node_modules/@modelcontextprotocol/server-everything/dist/index.js";
    programs::folder().join(package)
}

/// A gateway in front of one server, and a token that may do everything there.
pub struct Open {
    /// The gateway.
    pub gateway: Gateway,
    /// Its policy directory.
    pub policy: PolicyDir,
    /// The token.
    pub token: String,
    server: &'static str,
}

impl Open {
    /// Starts it.
    pub fn start(server: &Server, driver: Driver) -> Self {
        Self::start_with(server, driver, "eras: own")
    }

    /// The same with this in the server's row of the policy.
    pub fn start_with(server: &Server, driver: Driver, row: &str) -> Self {
        let policy = PolicyDir::new(&format!(
            "listen: 127.0.0.1:0
servers:
  {name}: {{ {place}, server_requests: allow, {row} }}
organisations:
  acme:
    roles:
      everything:
        allow:
          - \"*\"
          - {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}
    agents:
      tester: {{ roles: [everything] }}
",
            name = server.name,
            place = server.place()
        ));
        let token = policy.token("tester");
        let gateway = Gateway::start(&policy, driver);
        Self {
            gateway,
            policy,
            token,
            server: server.name,
        }
    }

    /// Where a client finds the server through the gateway.
    pub fn url(&self) -> String {
        format!("http://{}/mcp/{}", self.gateway.address(), self.server)
    }

    /// Where a client of HTTP+SSE finds it.
    pub fn event_stream(&self) -> String {
        format!("http://{}/sse/{}", self.gateway.address(), self.server)
    }
}
