//! A policy for those who ask about data or intents alone: one server, one agent, everything
//! permitted, so that nothing but the data decides.

use anyhow::Context;
use varistor_inspect::dlp::{Settings, compile};
use varistor_model::limits::{ANSWER_BYTES_DEFAULT, BODY_BYTES_DEFAULT};
use varistor_model::{DlpAction, IntentSet};
use varistor_snapshot::schema::{
    Actions, Agent, Approvals, Audit, Channels, Dlp, Federation, Flows, Grant, Guard, Keys,
    Organisation, Placeholders, Policy, Role, Runtime, Server, kinds,
};

/// The server of messages whose own server no policy describes. The name stands behind every one
/// that a policy may give, so that indices of servers stay what they are.
pub(in crate::commands) const SERVER: &str =
    "zzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzzz";
/// The only agent, its role and its organisation.
pub(in crate::commands) const AGENT: &str = "anyone";

/// What is looked for without a policy: everything, to be replaced in both directions.
pub(in crate::commands) fn everything() -> anyhow::Result<Dlp> {
    settings(DlpAction::Redact)
}

/// Nothing is looked for.
pub(in crate::commands) fn nothing() -> anyhow::Result<Dlp> {
    settings(DlpAction::Allow)
}

fn settings(action: DlpAction) -> anyhow::Result<Dlp> {
    let settings = Settings {
        request: [action; 3],
        response: [action; 3],
        wanted: &[],
        custom: &[],
    };
    compile(&settings).context("the built-in detectors can't be compiled")
}

/// A policy of one server with this to look for.
pub(in crate::commands) fn policy(dlp: Dlp) -> Policy {
    Policy {
        generation: 1,
        compiled_unix_ms: 0,
        runtime: runtime(),
        keys: Keys {
            token: Vec::new(),
            session: [0; 32],
        },
        servers: Vec::new(),
        organisations: Vec::new(),
        teams: Vec::new(),
        roles: Vec::new(),
        agents: Vec::new(),
        tool_limits: Vec::new(),
        revoked: Vec::new(),
        defaults: [0; 4],
        actions: Actions {
            detectors: vec![[DlpAction::Redact as u8; 2]; dlp.detectors.len()],
            confidence_min: 0,
            keep: 0,
            structured: 0,
            exceptions: Vec::new(),
            placeholders: Placeholders::default(),
        },
        dlp,
        rules: varistor_rules::nothing(),
        approvals: Approvals::default(),
        pinning: Vec::new(),
        federation: Federation::default(),
        identity_providers: Vec::new(),
        workloads: Vec::new(),
        secret_stores: Vec::new(),
        secrets: Vec::new(),
        flows: Flows {
            trifecta: 0,
            memory_hours: 24,
        },
        audit: Audit::default(),
        channels: Channels::default(),
    }
}

/// Makes everything permitted, to one agent, on every server and on one more.
pub(in crate::commands) fn permit(policy: &mut Policy) {
    policy.servers.push(server());
    for row in &mut policy.servers {
        row.server_requests = true;
    }
    let servers = u32::try_from(policy.servers.len()).unwrap_or(u32::MAX);
    policy.organisations = vec![Organisation {
        name: AGENT.to_owned(),
        limits: Vec::new(),
        domains: Vec::new(),
    }];
    policy.teams = Vec::new();
    policy.roles = vec![Role {
        organisation: 0,
        name: AGENT.to_owned(),
        grants: (0..servers).map(grant).collect(),
        hold: 0,
    }];
    policy.agents = vec![Agent {
        organisation: 0,
        name: AGENT.to_owned(),
        team: None,
        roles: vec![0],
        limits: Vec::new(),
    }];
    policy.tool_limits = Vec::new();
    // No parameters: nobody reads the records of this policy for them.
    policy.audit.params = 2;
}

fn grant(server: u32) -> Grant {
    Grant {
        server,
        name: "*".to_owned(),
        kinds: kinds::ALL,
        intents: IntentSet::ALL.bits(),
        stated: true,
        deny: false,
    }
}

fn server() -> Server {
    Server {
        name: SERVER.to_owned(),
        host: "localhost".to_owned(),
        port: 80,
        tls: false,
        path: "/".to_owned(),
        authority: "localhost".to_owned(),
        allow_private: true,
        stdio: None,
        events: None,
        bridged: false,
        ca: None,
        category: String::new(),
        tags: Vec::new(),
        credentials: Vec::new(),
        oauth: None,
        first_byte_ms: 0,
        guard: Guard {
            failures: 0,
            open_ms: 0,
            slow_ms: 0,
            calls_max: u32::MAX,
        },
        server_requests: true,
        methods: Vec::new(),
        tools: Vec::new(),
    }
}

fn runtime() -> Runtime {
    Runtime {
        listen: "localhost:80".to_owned(),
        tls: None,
        client_ca: None,
        needs_certificate: false,
        hosts: Vec::new(),
        origins: Vec::new(),
        public_url: None,
        authorization_servers: Vec::new(),
        driver: 0,
        workers: 1,
        head_ms: 0,
        body_ms: 0,
        idle_ms: 0,
        connect_ms: 0,
        first_byte_ms: 0,
        upstream_idle_ms: 0,
        drain_ms: 0,
        request_bytes_max: BODY_BYTES_DEFAULT as u64,
        answer_bytes_max: ANSWER_BYTES_DEFAULT as u64,
        connections_max: 1,
        shedding: false,
        denials: 0,
        admin: None,
    }
}
