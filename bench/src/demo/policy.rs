//! The demo's policy, written over the one that `varictl init` leaves.

use std::path::Path;

/// Writes the policy: `invoices` is how often invoices may be listed in a minute.
pub(super) fn write(
    dir: &Path,
    crm: &str,
    everything: Option<&str>,
    invoices: u32,
) -> std::io::Result<()> {
    let more = everything
        .map(|url| format!("  everything:\n    url: {url}\n    category: test\n"))
        .unwrap_or_default();
    let grant = if everything.is_some() {
        "
          - \"everything/*\""
    } else {
        ""
    };
    let text = format!(
        "# The demo's policy. `varictl check` says what is wrong with it, `varictl push` makes it live.
servers:
  crm:
    url: {crm}
    category: crm
{more}organisations:
  acme:
    limits: {{ calls: 10000/minute }}
    roles:
      support:
        allow:
          - {{ tools: \"crm/*\", intents: [read] }}
          - \"crm/crm://*\"{grant}
    teams:
      support: {{ roles: [support] }}
    agents:
      support-bot: {{ team: support, limits: {{ calls: 600/minute }} }}
limits:
  - {{ tool: \"crm/list_invoices\", calls: {invoices}/minute, per: agent }}
dlp:
  request:  {{ secrets: deny, financial: deny, pii: log }}
  response: {{ secrets: redact, financial: redact, pii: log }}
"
    );
    std::fs::write(dir.join("varistor.yaml"), text)
}
