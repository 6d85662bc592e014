//! What identity providers publish, looked at for the next snapshot. What was seen is kept in
//! `state/identity`, so that a provider that is down takes no key away.

use std::time::Duration;

use anyhow::Context as _;
use serde_json::{Value, json};
use varistor_identity::{Fetching, Key, Next};
use varistor_snapshot::schema::{IdentityProvider, KeySource, Policy};

use crate::directory::PolicyDir;
use crate::files;
use crate::quantities::now_unix_ms;
use crate::web::{Answer, Sent, Trust, asked};

/// Longest time for one provider.
const WITHIN: Duration = Duration::from_secs(10);

/// What came of looking at one provider.
pub(crate) struct Looked {
    pub(crate) name: String,
    pub(crate) issuer: String,
    /// Ids of the keys that the policy has for it now.
    pub(crate) keys: Vec<String>,
    /// Why they are not those of now; nothing where nobody is to be asked.
    pub(crate) error: Option<String>,
    /// When they were looked at, in seconds since 1970; 0: never.
    pub(crate) unix_s: u64,
}

/// Looks at all providers of a policy, and puts their keys into it. Those that can't be asked keep
/// the keys that are known.
///
/// # Errors
/// When what was seen can't be kept.
pub(crate) fn renew(dir: &PolicyDir, policy: &mut Policy) -> anyhow::Result<Vec<Looked>> {
    let mut all = Vec::new();
    for row in &mut policy.identity_providers {
        let error = match &row.source {
            KeySource::File => None,
            KeySource::Metadata | KeySource::Url(_) => match look(row) {
                Ok((keys, jwks)) => {
                    row.keys = keys.iter().map(varistor_compile::provider_key).collect();
                    row.keys_unix_s = now_unix_ms() / 1_000;
                    keep(dir, row, jwks)?;
                    None
                }
                Err(error) => Some(error),
            },
        };
        all.push(Looked {
            name: row.name.clone(),
            issuer: row.issuer.clone(),
            keys: row.keys.iter().map(|key| key.id.clone()).collect(),
            error,
            unix_s: row.keys_unix_s,
        });
    }
    Ok(all)
}

fn keep(dir: &PolicyDir, row: &IdentityProvider, jwks: Value) -> anyhow::Result<()> {
    let folder = dir.root().join("state/identity");
    std::fs::create_dir_all(&folder).with_context(|| format!("can't make {}", folder.display()))?;
    let seen = json!({"issuer": row.issuer, "unix_s": row.keys_unix_s, "jwks": jwks});
    let path = folder.join(format!("{}.json", row.name));
    files::replace(&path, format!("{seen}\n").as_bytes())
}

/// The keys that a provider publishes, and the document that holds them.
fn look(row: &IdentityProvider) -> Result<(Vec<Key>, Value), String> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .map_err(|error| error.to_string())?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        let looked = tokio::time::timeout(WITHIN, published(row));
        let late = |_| format!("{} did not answer in {} s", row.issuer, WITHIN.as_secs());
        looked.await.map_err(late)?
    })
}

async fn published(row: &IdentityProvider) -> Result<(Vec<Key>, Value), String> {
    let keys_url = match &row.source {
        KeySource::Url(url) => Some(url.as_str()),
        KeySource::Metadata | KeySource::File => None,
    };
    let mut fetching = Fetching::begin(&row.issuer, keys_url);
    loop {
        let url = fetching.url().to_owned();
        let trust = Trust {
            ca: row.ca.as_deref(),
            allow_private: row.allow_private,
        };
        let answer = asked(&url, trust, Sent::default()).await;
        let Answer { status, body, .. } = answer.map_err(|error| format!("{url}: {error}"))?;
        match fetching
            .answered(status, &body)
            .map_err(|error| error.to_string())?
        {
            Next::Get(_) => {}
            Next::Keys(set) => {
                let jwks = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
                return Ok((set.keys, jwks));
            }
        }
    }
}
