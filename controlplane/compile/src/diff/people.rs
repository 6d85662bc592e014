//! Channels and the events they hear of, as named values. Shows no secret.

use varistor_snapshot::schema::{
    ArchivedChannel, ArchivedEndpoint, ArchivedPolicy, ArchivedTemplatePart,
};

use super::Values;
use super::settings::{fingerprint, joined};

/// Adds a line for each channel and each event.
pub(super) fn people(policy: &ArchivedPolicy, values: &mut Values) {
    for row in policy.channels.rows.iter() {
        values.insert(format!("channel {}", row.name), channel(row));
    }
    for row in policy.channels.events.iter() {
        values.insert(format!("events.{}", row.event), joined(row.channels.iter()));
    }
}

fn channel(row: &ArchivedChannel) -> String {
    let mut text = match &row.endpoint {
        ArchivedEndpoint::Slack(url) => template(url),
        ArchivedEndpoint::Webhook(url, key) => {
            format!("{}; key {}", template(url), template(key))
        }
        ArchivedEndpoint::Email(email) => {
            let scheme = if email.implicit { "smtps" } else { "smtp" };
            let to = joined(email.to.iter());
            let mut text = format!(
                "{scheme}://{}:{}; from {}; to {to}",
                email.host, email.port, email.from
            );
            if !email.user.is_empty() {
                let password = template(&email.password);
                text.push_str(&format!("; user {}; password {password}", email.user));
            }
            text
        }
    };
    if let Some(ca) = row.ca.as_ref() {
        text.push_str(&format!("; ca {ca}"));
    }
    for (word, said) in [
        ("allow_private", row.allow_private),
        ("allow_plain", row.allow_plain),
    ] {
        if said {
            text.push_str(&format!("; {word}"));
        }
    }
    text
}

/// Literal text may be a secret, so only the vault's names are shown.
fn template(parts: &[ArchivedTemplatePart]) -> String {
    let shown = parts.iter().map(|part| match part {
        ArchivedTemplatePart::Literal(text) => format!("text#{}", fingerprint(text.as_bytes())),
        ArchivedTemplatePart::Secret(name) => format!("${{vault:{name}}}"),
    });
    shown.collect::<Vec<_>>().join(" ")
}
