//! Judges the reading of a resource by its URI: files with credentials, vaults, environments.
//!
//! Refuses to guess what a server keeps under a name of its own: beyond files, only names that are
//! credentials anywhere count.

use varistor_effect::Access;
use varistor_model::Intent;

use crate::ground::{Ground, Judgement};
use crate::table::{Table, hash};

/// What is not a call of a tool reads.
const PROTOCOL: Ground = Ground::new("protocol", Intent::Read, 100);

/// How sure it has to be that a name is that of a credential where it is the name of no file.
const SURE_MIN: u8 = 85;

/// Schemes of URIs under which credentials lie.
static VAULTS: Table<32> = Table::of(&[
    (
        1,
        "vault secret secrets keychain keyring op onepassword bitwarden credential credentials",
    ),
    (2, "env environ environment"),
]);

/// The intent of reading the resource of this URI.
#[must_use]
pub fn resource(uri: &str) -> Judgement {
    let mut judgement = Judgement::of(PROTOCOL);
    let (scheme, rest) = uri.split_once(':').unwrap_or(("file", uri));
    let is_one = |name: &str| scheme.eq_ignore_ascii_case(name);
    if is_one("http") || is_one("https") {
        return judgement;
    }
    let name = rest.trim_start_matches('/');
    let is_kept = match VAULTS.find(hash(scheme.as_bytes())) {
        1 => !name.is_empty(),
        2 => name.is_empty() || varistor_effect::names_secret(name),
        _ => false,
    };
    if is_kept {
        judgement.raise(Ground::new("resource.vault", Intent::Exfiltrative, 75));
        return judgement;
    }
    if let Some(effect) = varistor_effect::path(uri, Access::Read).gravest()
        && effect.intent == Intent::Exfiltrative
        && (is_one("file") || effect.confidence_percent >= SURE_MIN)
    {
        let sure = effect.confidence_percent;
        judgement.raise(Ground::new(effect.evidence, effect.intent, sure));
    }
    judgement
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn files_with_credentials_are_no_mere_resources() {
        for uri in [
            "file:///home/ana/.aws/credentials",
            "file://localhost/home/ann/.kube/config",
            "FILE:///home/ana/%2Enetrc",
            "file:/etc/shadow",
            "file:///srv/../home/ann/.ssh/id_ed25519",
            "file:///app/.env",
            "/proc/self/environ",
            "s3://ops/prod/.env",
            "repo://main/.git-credentials",
            "vault://prod/db",
            "env://STRIPE_SECRET_KEY",
            "env://",
        ] {
            assert_eq!(resource(uri).intent, Intent::Exfiltrative, "{uri}");
        }
        for uri in [
            "file:///srv/docs/plan.md",
            "file:///home/ana/.ssh/known_hosts",
            "file:///app/.env.example",
            "file:///app/src/tokens.rs",
            "design://tokens",
            "docs://secrets/how-to",
            "env://PATH",
            "https://example.org/.env",
            "note:///password policy",
            "",
            ":",
            "file:",
            "file:///%",
        ] {
            assert_eq!(resource(uri).intent, Intent::Read, "{uri}");
        }
    }
}
