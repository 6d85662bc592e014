//! The servers that stand behind the gateway, and the policy that lets everything through.

use std::net::TcpListener;

use varistor_tests::process::Process;
use varistor_tests::{Driver, Gateway, PolicyDir, programs};

/// A server of somebody's, running.
pub struct Server {
    /// Its name in the policy and in `tests/clients.json`.
    pub name: &'static str,
    /// `127.0.0.1:PORT`.
    pub address: String,
    /// What the gateway starts instead of connecting to that address.
    command: Option<Vec<String>>,
    _process: Process,
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

    /// The reference server `server-everything`; it knows sessions only.
    pub fn everything() -> Self {
        // It can't be told to take a free port, so one is found for it.
        let free = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let port = free.local_addr().expect("an address").port();
        drop(free);
        let process = Process::start(&programs::node(), |command| {
            let package = "node/node_modules/@modelcontextprotocol/server-everything";
            let script = programs::folder().join(package).join("dist/index.js");
            // It tells on standard error when it listens; that is not read here.
            command
                .arg("--import")
                .arg(programs::folder().join("node/errors-to-output.mjs"));
            command.arg(script).arg("streamableHttp");
            command.env("PORT", port.to_string());
        });
        process.wait_for("MCP Streamable HTTP Server listening on port");
        Self {
            name: "everything",
            address: format!("127.0.0.1:{port}"),
            command: None,
            _process: process,
        }
    }

    /// The same, which the gateway starts itself and speaks to over stdio.
    pub fn everything_over_stdio() -> Self {
        let package = "node/node_modules/@modelcontextprotocol/server-everything/dist/index.js";
        let script = programs::folder().join(package);
        let node = programs::node();
        let command = [node.to_str(), script.to_str(), Some("stdio")];
        let command = command.map(|part| part.expect("a plain path").to_owned());
        Self {
            command: Some(command.to_vec()),
            ..Self::everything()
        }
    }

    fn ready(name: &'static str, process: Process) -> Self {
        let address = process.wait_for_address();
        Self {
            name,
            address,
            command: None,
            _process: process,
        }
    }

    /// Where it is, or how it is started, as the policy says that.
    fn place(&self) -> String {
        match &self.command {
            Some(command) => format!("command: {}", serde_json::json!(command)),
            None => format!("url: \"{}\"", self.url()),
        }
    }

    /// Where a client finds it without the gateway.
    pub fn url(&self) -> String {
        format!("http://{}/mcp", self.address)
    }
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
        let policy = PolicyDir::new(&format!(
            "listen: 127.0.0.1:0
servers:
  {name}: {{ {place}, server_requests: allow }}
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
}
