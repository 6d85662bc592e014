//! Who is let in, and how, as named values: identity providers, workloads, TLS of the listener.

use std::collections::BTreeSet;

use varistor_identity::{Algorithm, Algorithms};
use varistor_snapshot::schema::{
    ArchivedClaimSource, ArchivedKeySource, ArchivedPolicy, ArchivedRuntime,
};

use super::Values;
use crate::quantity::show_duration;

/// The listener's certificate, and whose certificates of clients are taken.
pub(super) fn tls(row: &ArchivedRuntime, add: &mut impl FnMut(&str, String)) {
    if let Some(tls) = row.tls.as_ref() {
        add("tls", format!("{} {}", tls.certificate, tls.key));
    }
    let ca = row.client_ca.as_ref();
    add(
        "tls.client_ca",
        ca.map_or_else(String::new, ToString::to_string),
    );
    let required = if row.needs_certificate {
        "required"
    } else {
        ""
    };
    add("tls.clients", required.to_owned());
}

/// Each workload as a line.
pub(super) fn workloads(policy: &ArchivedPolicy, values: &mut Values) {
    for row in policy.workloads.iter() {
        let name = format!("workload_identities.{}", row.name);
        values.insert(format!("{name}.ca"), row.ca.to_string());
        for agent in row.agents.iter() {
            let value = format!("{}/{}", row.organisation, agent.1);
            values.insert(format!("{name}.agents.{}", agent.0), value);
        }
    }
}

/// Each provider as a few lines.
pub(super) fn providers(policy: &ArchivedPolicy, values: &mut Values) {
    for row in policy.identity_providers.iter() {
        let mut add = |key: &str, value: String| {
            values.insert(format!("identity_providers.{}.{key}", row.name), value);
        };
        add("issuer", row.issuer.to_string());
        let audiences = row.audiences.iter().map(|it| it.name.as_str());
        add(
            "audience",
            joined(BTreeSet::from_iter(audiences).into_iter()),
        );
        let place = match &row.source {
            ArchivedKeySource::Metadata => "metadata",
            ArchivedKeySource::Url(url) => url.as_str(),
            ArchivedKeySource::File => "file",
        };
        let ca = row
            .ca
            .as_ref()
            .map_or_else(String::new, |ca| format!(", ca {ca}"));
        let private = if row.allow_private { ", private" } else { "" };
        add("source", format!("{place}{private}{ca}"));
        let algorithms = Algorithms::of_bits(row.algorithms.to_native());
        let named = Algorithm::ALL
            .into_iter()
            .filter(|one| algorithms.has(*one));
        add("algorithms", joined(named.map(Algorithm::name)));
        add(
            "types",
            if row.takes_plain {
                "at+jwt, JWT"
            } else {
                "at+jwt"
            }
            .to_owned(),
        );
        let dpop = match row.needs_proof {
            true => "required",
            false => "accepted",
        };
        add("dpop", dpop.to_owned());
        for (key, seconds) in [
            ("skew", row.skew_s.to_native()),
            ("refresh", row.refresh_s.to_native()),
            ("keep", row.keep_s.to_native()),
        ] {
            add(key, show_duration(seconds.saturating_mul(1_000)));
        }
        add("scopes", joined(row.scopes.iter().map(|it| it.as_str())));
        add("claims.organisation", source(&row.organisation));
        if let Some(team) = row.team.as_ref() {
            add("claims.team", source(team));
        }
        add("claims.agent", source(&row.agent));
        for (at, role) in row.roles.iter().enumerate() {
            add(&format!("claims.roles[{at}]"), source(role));
        }
        add("keys", joined(row.keys.iter().map(|key| key.id.as_str())));
    }
}

fn source(row: &ArchivedClaimSource) -> String {
    match row {
        ArchivedClaimSource::Fixed(name) => name.to_string(),
        ArchivedClaimSource::Claim(row) => {
            let path: Vec<&str> = row.path.iter().map(|name| name.as_str()).collect();
            let claim = format!("claim {}", path.join("/"));
            let Some(map) = row.map.as_ref() else {
                return claim;
            };
            let rows = map.iter().map(|row| format!("{} = {}", row.0, row.1));
            format!("{claim}: {}", rows.collect::<Vec<_>>().join(", "))
        }
    }
}

fn joined<'a>(names: impl Iterator<Item = &'a str>) -> String {
    names.collect::<Vec<_>>().join(", ")
}
