//! Our gateway with every control on, and with all off that a policy can switch off.

use super::lineup::{Entry, Kind};
use crate::rig::Rig;
use crate::rig::gateway::{Directory, Start};

/// Starts one of ours.
///
/// # Errors
/// It does not start.
pub(super) fn start(rig: &Rig, kind: Kind, upstream: &str) -> anyhow::Result<Entry> {
    let policy = match kind {
        Kind::VaristorOff => off(upstream),
        _ => on(upstream),
    };
    let files = [("varistor.yaml".to_owned(), policy)];
    let directory = Directory::new(rig, kind.name(), &files)?;
    let token = directory.token(rig, "load")?;
    let driver = match kind {
        Kind::VaristorEpoll => "epoll",
        _ => "io_uring",
    };
    let gateway = directory.start(
        rig,
        &Start {
            cores: &rig.gateway_cores,
            driver,
            workers: 1,
        },
    )?;
    let url = gateway.endpoint();
    Ok(Entry::ours(kind, url, &token, gateway))
}

/// Limits that are counted at every level and never reached, DLP that acts on every class.
fn on(upstream: &str) -> String {
    let never = "{ calls: 100000000/second }";
    format!(
        "servers: {{ mock: {{ url: \"{upstream}\" }} }}
organisations:
  acme:
    limits: {never}
    roles: {{ all: {{ allow: [\"*\"] }} }}
    teams: {{ bench: {{ roles: [all], limits: {never} }} }}
    agents: {{ load: {{ team: bench, limits: {never} }} }}
limits:
  - {{ tool: \"mock/echo\", calls: 100000000/second, per: agent }}
dlp:
  request:  {{ secrets: deny, financial: deny, pii: log }}
  response: {{ secrets: redact, financial: redact, pii: redact }}
"
    )
}

fn off(upstream: &str) -> String {
    format!(
        "servers: {{ mock: {{ url: \"{upstream}\" }} }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ load: {{ roles: [all] }} }}
dlp:
  request:  {{ secrets: allow, financial: allow, pii: allow }}
  response: {{ secrets: allow, financial: allow, pii: allow }}
audit: {{ params: omitted, durable: [] }}
"
    )
}
