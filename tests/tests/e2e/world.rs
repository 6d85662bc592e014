//! The setting of most tests: one server, one gateway, agents of several roles.

use varistor_tests::{Agent, Driver, Gateway, Host, PolicyDir, Upstream};

/// A server, a gateway in front of it, and the policy between them.
pub struct World {
    /// The gateway.
    pub gateway: Gateway,
    /// Its policy directory.
    pub policy: PolicyDir,
    /// The server behind it, named `alpha`.
    pub upstream: Upstream,
}

/// What a policy may have beyond the usual.
#[derive(Clone, Copy, Default)]
pub struct Extra<'a> {
    /// Lines at the top.
    pub top: &'a str,
    /// Time-outs, as in `head: 1s, body: 2s`.
    pub timeouts: &'a str,
    /// More of `runtime`, a line.
    pub runtime: &'a str,
    /// More of the server `alpha`, as in `, concurrency: 9`.
    pub alpha: &'a str,
    /// Further agents, each on a line of six blanks.
    pub agents: &'a str,
}

impl World {
    /// With the usual server.
    pub fn start(driver: Driver) -> Self {
        Self::around(driver, Upstream::start(), Extra::default())
    }

    /// With this server and these additions to the policy.
    pub fn around(driver: Driver, upstream: Upstream, extra: Extra<'_>) -> Self {
        let policy = PolicyDir::new(&policy_text(&upstream, extra));
        let gateway = Gateway::start(&policy, driver);
        Self {
            gateway,
            policy,
            upstream,
        }
    }

    /// An agent that may do everything, with a token of its own.
    pub fn tester(&self) -> Agent {
        self.agent("tester")
    }

    /// This agent of the policy, with a token of its own.
    pub fn agent(&self, name: &str) -> Agent {
        self.holder(&self.policy.token(name))
    }

    /// An agent that may do everything, with a token of its own, in front of both servers.
    pub fn pair(&self) -> [Agent; 2] {
        let token = self.policy.token("tester");
        ["alpha", "beta"].map(|server| Agent::new(self.gateway.address(), server, &token))
    }

    /// Whoever holds this token.
    pub fn holder(&self, token: &str) -> Agent {
        Agent::new(self.gateway.address(), "alpha", token)
    }

    /// A host whose bridge leads to `alpha`, with a token of its own.
    pub fn host(&self) -> Host {
        Host::start(&self.url(), &self.policy.token("tester"))
    }

    /// Where agents find `alpha`.
    pub fn url(&self) -> String {
        format!("http://{}/mcp/alpha", self.gateway.address())
    }

    /// Drains the gateway and has the audit log checked by `varictl`.
    pub fn end(self) {
        self.records();
    }

    /// The same; every record of the log, oldest first.
    pub fn records(self) -> Vec<serde_json::Value> {
        self.gateway.stop();
        self.policy.verify_audit();
        self.policy.records()
    }
}

/// The policy of a world around this server.
pub fn policy_text(upstream: &Upstream, extra: Extra<'_>) -> String {
    policy_before(&upstream.url(), extra)
}

/// Everything for `tester` and `other`, less for the rest. Two workers, whatever the machine has.
/// Held calls are told at once, unless the test says something about approvals. Nothing is refused
/// for overload unless it wants that: how busy the machine is, is nothing that it measures.
pub fn policy_before(url: &str, extra: Extra<'_>) -> String {
    let approvals = match extra.top.contains("approvals:") {
        true => "",
        false => "approvals: { wait: none }",
    };
    let shedding = match extra.runtime.contains("shedding:") {
        true => "",
        false => "shedding: off",
    };
    format!(
        "listen: 127.0.0.1:0
runtime:
  workers: 2
  timeouts: {{ {timeouts} }}
  {shedding}
  {runtime}
{top}
{approvals}
servers:
  alpha: {{ url: \"{url}\", server_requests: allow{alpha} }}
  beta: {{ url: \"{url}\" }}
organisations:
  acme:
    roles:
      everything:
        allow: [\"*\", {{ tools: \"*/*\", intents: [read, write, destructive, exfiltrative] }}]
      developer: {{ allow: [\"alpha/*\"] }}
      reader: {{ allow: [{{ tools: \"alpha/*\", intents: [read] }}] }}
      writer: {{ allow: [\"alpha/write_*\"] }}
      careful: {{ allow: [\"*\"], approve: [destructive] }}
      elsewhere: {{ allow: [\"beta/*\"] }}
    agents:
      tester: {{ roles: [everything] }}
      other: {{ roles: [everything] }}
      developer: {{ roles: [developer] }}
      reader: {{ roles: [reader] }}
      writer: {{ roles: [writer] }}
      careful: {{ roles: [careful] }}
      elsewhere: {{ roles: [elsewhere] }}
      both: {{ roles: [reader, writer] }}
{agents}
",
        top = extra.top,
        runtime = extra.runtime,
        alpha = extra.alpha,
        timeouts = extra.timeouts,
        agents = extra.agents
    )
}
