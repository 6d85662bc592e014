//! Policies by hand: two servers, one organisation, the agent `bot`, and whatever roles it has.

use varistor_inspect::actions;
use varistor_model::limits::{
    BREAKER_FAILURES_DEFAULT, BREAKER_OPEN_MS_DEFAULT, SERVER_CALLS_DEFAULT,
};
use varistor_snapshot::schema::{
    Agent, Approvals, Audit, Channels, Federation, Flows, Grant, Guard, Keys, Organisation,
    Pinning, Policy, Rate, Role, Runtime, Server, Team, kinds,
};

use crate::detectors::detectors;

/// What a policy that says nothing wants of a server: what is seen first is pinned.
pub const FIRST_USE: Pinning = Pinning {
    mode: 1,
    new_tools_wait: false,
};

/// A grant on a server by index: 0 is `files`, 1 is `github`.
#[must_use]
pub fn grant(server: u32, name: &str, intents: u8, stated: bool) -> Grant {
    Grant {
        server,
        name: name.into(),
        kinds: kinds::ALL,
        intents,
        stated,
        deny: false,
    }
}

/// A policy with the servers `files` and `github`, and the agent `bot` with the given roles.
#[must_use]
pub fn policy(roles: Vec<Role>, limits: Vec<Rate>) -> Policy {
    let indices = (0..).zip(&roles).map(|(index, _)| index).collect();
    Policy {
        generation: 7,
        compiled_unix_ms: 1,
        runtime: runtime(),
        keys: Keys {
            token: vec![],
            session: [9; 32],
        },
        servers: vec![server("files"), server("github")],
        organisations: vec![Organisation {
            name: "acme".into(),
            limits: vec![],
            domains: Vec::new(),
        }],
        teams: vec![Team {
            organisation: 0,
            name: "t".into(),
            limits: vec![],
        }],
        roles,
        agents: vec![Agent {
            organisation: 0,
            name: "bot".into(),
            team: None,
            roles: indices,
            limits,
        }],
        tool_limits: vec![],
        revoked: vec![],
        defaults: [0, 0, 2, 3],
        actions: actions::of_classes(&detectors()),
        dlp: detectors(),
        rules: varistor_rules::nothing(),
        approvals: Approvals::default(),
        pinning: vec![FIRST_USE; 2],
        federation: Federation::default(),
        identity_providers: Vec::new(),
        workloads: Vec::new(),
        secret_stores: Vec::new(),
        secrets: Vec::new(),
        flows: Flows {
            trifecta: 2,
            memory_hours: 24,
        },
        audit: Audit {
            durability: [0, 0, 1, 1],
            params: 0,
            segment_bytes: 1 << 20,
            ..Audit::default()
        },
        channels: Channels::default(),
    }
}

/// A role `r<index>` with these grants.
#[must_use]
pub fn role(index: usize, grants: Vec<Grant>, hold: u8) -> Role {
    Role {
        organisation: 0,
        name: format!("r{index}"),
        grants,
        hold,
    }
}

fn server(name: &str) -> Server {
    Server {
        name: name.into(),
        host: "127.0.0.1".into(),
        port: 1,
        tls: false,
        path: "/mcp".into(),
        authority: "127.0.0.1:1".into(),
        stdio: None,
        events: None,
        bridged: false,
        ca: None,
        category: String::new(),
        tags: vec![],
        credentials: Vec::new(),
        oauth: None,
        first_byte_ms: 0,
        guard: Guard {
            failures: BREAKER_FAILURES_DEFAULT,
            open_ms: BREAKER_OPEN_MS_DEFAULT,
            slow_ms: 0,
            calls_max: SERVER_CALLS_DEFAULT,
        },
        server_requests: true,
        allow_private: false,
        methods: vec![],
        tools: vec![],
    }
}

fn runtime() -> Runtime {
    Runtime {
        listen: "127.0.0.1:7332".into(),
        tls: None,
        client_ca: None,
        needs_certificate: false,
        hosts: vec![],
        origins: vec![],
        public_url: None,
        authorization_servers: vec![],
        driver: 0,
        workers: 0,
        head_ms: 1,
        body_ms: 1,
        idle_ms: 1,
        connect_ms: 1,
        first_byte_ms: 1,
        upstream_idle_ms: 1,
        drain_ms: 1,
        request_bytes_max: 1 << 20,
        answer_bytes_max: 1 << 20,
        connections_max: 10,
        shedding: false,
        denials: 0,
        admin: None,
    }
}

/// The same policy with these rules.
///
/// # Panics
/// When they are none.
#[must_use]
pub fn ruled(policy: Policy, text: &str) -> Policy {
    let sources = [varistor_rules::Source {
        name: "test.rules",
        text,
    }];
    let parsed = varistor_rules::parse(0, text);
    let told = |found: &[_]| varistor_rules::render(found, &sources);
    assert!(
        parsed.diagnostics.is_empty(),
        "{}",
        told(&parsed.diagnostics)
    );
    let known = varistor_rules::Known::default();
    let compiled = varistor_rules::compile(&sources, &[parsed.file], &known);
    let compiled = compiled.unwrap_or_else(|found| panic!("{}", told(&found)));
    Policy {
        rules: compiled.program,
        ..policy
    }
}
