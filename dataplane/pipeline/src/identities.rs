//! The identity providers of a snapshot, and the keys that they publish at the moment.
//!
//! The snapshot holds the keys that were published when it was compiled. The control thread looks
//! at what is published now, where the signed snapshot says, and puts it on [`KeyRings`]; what
//! stands there goes before what the snapshot holds.

use std::collections::BTreeMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use varistor_identity::{
    Algorithm, Algorithms, Audience, Key, KeyRing, Kind, Provider, Public, Source,
};
use varistor_snapshot::schema::{
    ArchivedAudience, ArchivedClaimSource, ArchivedIdentityProvider, ArchivedKeySource,
    ArchivedPolicy, ArchivedProviderKey,
};

/// The providers of one snapshot.
#[derive(Debug, Default)]
pub struct Identities {
    providers: Vec<Provider>,
    /// In their order.
    rows: Vec<Row>,
}

#[derive(Debug)]
struct Row {
    origin: Origin,
    /// What the snapshot holds.
    compiled: Arc<KeyRing>,
}

/// Whose keys, and from where: what is known of them outlives a snapshot.
pub type Origin = String;

/// The keys that providers publish, as the control thread last saw them. Shared by all threads.
#[derive(Debug, Default)]
pub struct KeyRings {
    rings: ArcSwap<BTreeMap<Origin, Arc<KeyRing>>>,
    /// Grows whenever a key is honoured no longer.
    losses: AtomicU64,
}

impl Identities {
    /// The providers of a policy; `None` when a row can't be used by this build.
    #[must_use]
    pub fn of(policy: &ArchivedPolicy) -> Option<Self> {
        let mut all = Self::default();
        for row in policy.identity_providers.iter() {
            let keys = row.keys.iter().map(key).collect::<Option<Vec<_>>>()?;
            all.providers.push(provider(row));
            all.rows.push(Row {
                origin: origin(row),
                compiled: Arc::new(KeyRing::of(keys)),
            });
        }
        Some(all)
    }

    /// Whether there are any.
    #[must_use]
    pub const fn are_there(&self) -> bool {
        !self.providers.is_empty()
    }

    /// What policy says of them.
    #[must_use]
    pub fn providers(&self) -> &[Provider] {
        &self.providers
    }

    /// The provider of this issuer.
    pub(crate) fn of_issuer(&self, issuer: &str) -> Option<&Provider> {
        self.providers.iter().find(|it| it.issuer == issuer)
    }

    /// Whether tokens of some provider, or of all of them, must be bound to keys.
    pub(crate) fn need_proof(&self) -> (bool, bool) {
        let mut each = self.providers.iter().map(|it| it.needs_proof);
        (
            each.clone().any(|it| it),
            self.are_there() && each.all(|it| it),
        )
    }

    /// Scopes that tokens must have, of whichever provider they are.
    pub(crate) fn scopes(&self) -> Vec<&str> {
        let all = self.providers.iter().flat_map(|it| &it.scopes);
        let mut scopes: Vec<&str> = all.map(String::as_str).collect();
        scopes.sort_unstable();
        scopes.dedup();
        scopes
    }

    /// What a provider's keys are known by.
    #[must_use]
    pub fn origin(&self, at: usize) -> Option<&Origin> {
        self.rows.get(at).map(|row| &row.origin)
    }

    /// The keys that the snapshot holds.
    #[must_use]
    pub fn compiled(&self, at: usize) -> Option<&Arc<KeyRing>> {
        self.rows.get(at).map(|row| &row.compiled)
    }

    /// The keys of a provider that are honoured.
    #[must_use]
    pub fn ring(&self, at: usize, rings: &KeyRings) -> Option<Arc<KeyRing>> {
        let row = self.rows.get(at)?;
        let seen = rings.rings.load();
        Some(Arc::clone(seen.get(&row.origin).unwrap_or(&row.compiled)))
    }

    /// Whether the issuer's key of this name is honoured.
    pub(crate) fn honour(&self, issuer: &str, key: &[u8; 16], rings: &KeyRings) -> bool {
        let mut rows = self.providers.iter().zip(&self.rows);
        let Some((_, row)) = rows.find(|(provider, _)| provider.issuer == issuer) else {
            return false;
        };
        let seen = rings.rings.load();
        seen.get(&row.origin).unwrap_or(&row.compiled).honours(key)
    }
}

impl KeyRings {
    /// What is there now.
    #[must_use]
    pub fn all(&self) -> Arc<BTreeMap<Origin, Arc<KeyRing>>> {
        self.rings.load_full()
    }

    /// Puts other rings in place of all that were there. One thread does this.
    pub fn put(&self, rings: BTreeMap<Origin, Arc<KeyRing>>) {
        let before = self.all();
        let is_lost = before.iter().any(|(origin, before)| {
            let now = rings.get(origin);
            now.is_none_or(|now| now.lacks(before))
        });
        self.rings.store(Arc::new(rings));
        if is_lost {
            self.losses.fetch_add(1, Ordering::Release);
        }
    }

    /// Grows whenever a key is honoured no longer: what its tokens keep open is to be looked at.
    #[must_use]
    pub fn losses(&self) -> u64 {
        self.losses.load(Ordering::Acquire)
    }
}

/// What a row's keys are known by, from one snapshot to the next.
#[must_use]
pub fn origin(row: &ArchivedIdentityProvider) -> Origin {
    let place = match &row.source {
        ArchivedKeySource::Metadata => "metadata",
        ArchivedKeySource::Url(url) => url.as_str(),
        ArchivedKeySource::File => "file",
    };
    format!("{} {place}", row.issuer)
}

/// What policy says of a provider.
#[must_use]
pub fn provider(row: &ArchivedIdentityProvider) -> Provider {
    Provider {
        name: row.name.as_str().to_owned(),
        issuer: row.issuer.as_str().to_owned(),
        audiences: row.audiences.iter().map(audience).collect(),
        algorithms: Algorithms::of_bits(row.algorithms.to_native()),
        takes_plain: row.takes_plain,
        needs_proof: row.needs_proof,
        skew_s: row.skew_s.to_native(),
        scopes: row
            .scopes
            .iter()
            .map(|scope| scope.as_str().to_owned())
            .collect(),
        organisation: source(&row.organisation),
        team: row.team.as_ref().map(source),
        agent: source(&row.agent),
        roles: row.roles.iter().map(source).collect(),
    }
}

fn audience(row: &ArchivedAudience) -> Audience {
    Audience {
        name: row.name.as_str().to_owned(),
        server: row.server.as_ref().map(|name| name.as_str().to_owned()),
    }
}

fn source(row: &ArchivedClaimSource) -> Source {
    match row {
        ArchivedClaimSource::Fixed(name) => Source::Fixed(name.as_str().to_owned()),
        ArchivedClaimSource::Claim(claim) => Source::Claim {
            path: claim
                .path
                .iter()
                .map(|name| name.as_str().to_owned())
                .collect(),
            map: claim.map.as_ref().map(|rows| {
                let rows = rows.iter();
                rows.map(|row| (row.0.as_str().to_owned(), row.1.as_str().to_owned()))
                    .collect()
            }),
        },
    }
}

fn key(row: &ArchivedProviderKey) -> Option<Key> {
    let only = match row.only.as_ref() {
        Some(number) => Some(Algorithm::numbered(*number)?),
        None => None,
    };
    let public = Public {
        kind: Kind::numbered(row.kind)?,
        bytes: row.bytes.to_vec(),
        exponent: row.exponent.to_vec(),
    };
    Key::new(row.id.as_str(), only, public).ok()
}
