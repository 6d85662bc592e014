//! Where a provider's keys come from, and those that are known when the policy is compiled: from a
//! file of the operator, or as `varictl` saw them last.

use std::path::Path;

use varistor_identity::{Algorithm, Key, KeySet};
use varistor_snapshot::schema::{KeySource, ProviderKey};

use super::{Fields, Report, Wrong, secure};
use crate::context::Context;
use crate::directory::{Access, read_checked};
use crate::problem::quote;
use crate::read::{parsed, text};
use crate::url;

/// Keys, and when they were looked at.
#[derive(Default)]
pub(super) struct Found {
    pub(super) keys: Vec<ProviderKey>,
    pub(super) unix_s: u64,
}

/// What `varictl` saw last: `state/identity/NAME.json`.
#[derive(serde::Deserialize)]
struct Seen {
    issuer: String,
    unix_s: u64,
    jwks: serde_json::Value,
}

pub(super) fn source(fields: &Fields<'_>, report: &mut Report) -> Option<KeySource> {
    match (fields.get("jwks_url"), fields.get("jwks_file")) {
        (Some(_), Some(node)) => {
            let found = format!("both `jwks_url` and `jwks_file` in {}", fields.name());
            let wrong = Wrong::expected("one of them, or none to use the issuer's metadata");
            report.refuse(node.place, found, wrong);
            None
        }
        (Some(node), None) => {
            let url = parsed(
                node,
                &fields.path("jwks_url"),
                report,
                |text| match secure(&url::url(text)?) {
                    true => Ok(text.to_owned()),
                    false => Err(Wrong::expected("an https URL")),
                },
            );
            url.map(KeySource::Url)
        }
        (None, Some(_)) => Some(KeySource::File),
        (None, None) => Some(KeySource::Metadata),
    }
}

/// The keys that are known now.
pub(super) fn found(
    fields: &Fields<'_>,
    (name, issuer): (&str, &str),
    context: &Context<'_>,
    report: &mut Report,
) -> Found {
    if fields.get("jwks_file").is_some() {
        return of_file(fields, context.dir, report).unwrap_or_default();
    }
    seen(context.dir, name, issuer).unwrap_or_default()
}

/// Keys of a file: known when the policy is compiled, whenever that is.
fn of_file(fields: &Fields<'_>, dir: &Path, report: &mut Report) -> Option<Found> {
    let node = fields.get("jwks_file")?;
    let path = fields.path("jwks_file");
    let shown = text(node, &path, report)?;
    let named = |what: &str| format!("the file {} for {path}: {what}", quote(shown));
    let file = dir.join(shown);
    let content = match read_checked(&file, Access::Policy) {
        Ok(content) => content,
        Err((what, wrong)) => {
            report.refuse(node.place, named(&what), wrong);
            return None;
        }
    };
    match KeySet::read(content.as_bytes()) {
        Ok(set) => {
            for why in &set.passed_over {
                let wrong = Wrong::expected("keys that verify signatures, each with a `kid`");
                report.warn(
                    node.place,
                    named(&format!("{why}, so it is not used")),
                    wrong,
                );
            }
            let changed = std::fs::metadata(&file).and_then(|it| it.modified()).ok();
            let since = changed.and_then(|at| at.duration_since(std::time::UNIX_EPOCH).ok());
            Some(Found {
                keys: set.keys.iter().map(row).collect(),
                unix_s: since.map_or(1, |since| since.as_secs()),
            })
        }
        Err(why) => {
            let wrong = Wrong::expected("a JSON Web Key Set (RFC 7517) of the provider");
            report.refuse(node.place, named(&why.to_string()), wrong);
            None
        }
    }
}

/// What `varictl` saw last. What can't be read was not seen: the gateway looks by itself.
fn seen(dir: &Path, name: &str, issuer: &str) -> Option<Found> {
    let path = dir.join("state/identity").join(format!("{name}.json"));
    let text = read_checked(&path, Access::Policy).ok()?;
    let seen: Seen = serde_json::from_str(&text).ok()?;
    if seen.issuer != issuer {
        return None;
    }
    let set = KeySet::read(seen.jwks.to_string().as_bytes()).ok()?;
    Some(Found {
        keys: set.keys.iter().map(row).collect(),
        unix_s: seen.unix_s,
    })
}

/// The row of a key.
#[must_use]
pub fn row(key: &Key) -> ProviderKey {
    ProviderKey {
        id: key.id().to_owned(),
        only: key.only().map(Algorithm::number),
        kind: key.public().kind.number(),
        bytes: key.public().bytes.clone(),
        exponent: key.public().exponent.clone(),
    }
}
