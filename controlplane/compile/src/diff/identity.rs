//! Identity providers as named values.

use std::collections::BTreeSet;

use varistor_identity::{Algorithm, Algorithms};
use varistor_snapshot::schema::{ArchivedClaimSource, ArchivedKeySource, ArchivedPolicy};

use super::Values;
use crate::quantity::show_duration;

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
