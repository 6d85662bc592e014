//! One snapshot in service: the rows, and what was derived from them when it was taken in.

use std::sync::Arc;

use varistor_hidden::{Hidden, Kept};
use varistor_http1::{Field, HttpMethod};
use varistor_inspect::dlp::{HashKey, Keep, ScanError, Scanner};
use varistor_inspect::glob;
use varistor_model::limits::BODY_BYTES_MAX;
use varistor_rules::{LoadError, Loaded};
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::rules::ArchivedRuleAction;
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedServer, QUERY};
use varistor_token::{TokenError, Verifier};
use xxhash_rust::xxh3::Xxh3;
use zeroize::Zeroizing;

pub use varistor_inspect::dlp::{OWN_SECRET_BYTES_MIN, OwnSecrets};

use crate::bearers::Bearers;
use crate::breaker::Breaker;
use crate::identities::Identities;
use crate::originals::Originals;
use crate::privates::Privates;
use crate::reversible::Reversible;
use crate::session::Sealer;
use crate::wire;

pub use crate::local::Local;

/// A snapshot with its token keys and credentials ready. Shared by all workers.
pub struct Serving {
    snapshot: Snapshot,
    verifier: Verifier,
    /// Names the token keys: what another set of them verified counts for nothing here.
    trust: u128,
    /// Whose tokens are taken beside ours.
    identities: Identities,
    sealer: Sealer,
    hash_key: HashKey,
    has_credential: Vec<bool>,
    bearers: Bearers,
    own: Arc<OwnSecrets>,
    /// See [`Serving::opening`].
    openings: Hidden,
    /// By server, in the order of the snapshot. They outlive it.
    breakers: Vec<Arc<Breaker>>,
    reversible: Option<Reversible>,
    privates: Option<Arc<Privates>>,
    rules: Loaded,
    /// See [`Serving::may_allow`].
    may_allow: bool,
    /// Whether the eras of any server are bridged.
    bridges: bool,
}

/// The values of the headers that the gateway adds for an upstream, in their order. Never printed.
pub struct Credential(pub Vec<Zeroizing<Vec<u8>>>);

/// Why a snapshot can't be taken into service.
#[derive(Debug, thiserror::Error)]
pub enum ServingError {
    /// A token key is no Ed25519 public key.
    #[error("the snapshot's token keys can't be used: {0}; compile it again")]
    TokenKeys(#[from] TokenError),
    /// A key of an identity provider can't be used.
    #[error("a key of the snapshot's identity providers can't be used; compile it again")]
    Identity,
    /// The scanner's database can't be read.
    #[error("the snapshot's scanner database can't be used: {0}; compile it again")]
    Scanner(#[from] ScanError),
    /// The rules can't be evaluated by this build.
    #[error("{0}; compile it again")]
    Rules(#[from] LoadError),
    /// There is no memory for the heads of requests.
    #[error("no memory for credentials: {0}")]
    Memory(#[from] std::io::Error),
    /// Rows are looked up by halving, and would be overlooked.
    #[error("the snapshot's permissions, limits or tools are not in order; compile it again")]
    Order,
}

impl Serving {
    /// Takes a verified snapshot into service. `credentials` has one entry per server, in the
    /// order of the snapshot.
    ///
    /// # Errors
    /// When the snapshot's token keys or its scanner database can't be used, or its rows are not in
    /// order.
    pub fn new(
        snapshot: Snapshot,
        credentials: Vec<Option<Credential>>,
    ) -> Result<Self, ServingError> {
        let policy = snapshot.policy();
        if !glob::are_arranged(policy) {
            return Err(ServingError::Order);
        }
        let keys = policy
            .keys
            .token
            .iter()
            .map(|key| (key.id.to_native(), key.public));
        let verifier = Verifier::new(keys)?;
        let mut trust = Xxh3::new();
        for key in policy.keys.token.iter() {
            trust.update(&key.id.to_native().to_le_bytes());
            trust.update(&key.public);
        }
        let identities = Identities::of(policy).ok_or(ServingError::Identity)?;
        let sealer = Sealer::new(&policy.keys.session);
        let hash_key = HashKey::derived(&policy.keys.session);
        let rules = Loaded::new(&policy.rules)?;
        let may_allow = policy.rules.body.rules.iter().any(|row| {
            let mut actions = row.actions.iter();
            !row.shadow && actions.any(|action| matches!(action, ArchivedRuleAction::Allow))
        });
        let bridges = policy.servers.iter().any(|row| row.bridged);
        Scanner::open(&policy.dlp)?;
        let rows = policy.servers.iter().enumerate();
        let openings = rows
            .map(|(index, row)| {
                let credential = credentials.get(index).and_then(Option::as_ref);
                opening(row, credential)
            })
            .collect::<Vec<_>>();
        let openings = openings.iter().map(|opening| match opening {
            Some(opening) => opening.as_slice(),
            None => &[],
        });
        let openings = Hidden::of(openings)?;
        let breakers = policy.servers.iter().map(|_| Arc::default()).collect();
        Ok(Self {
            openings,
            breakers,
            verifier,
            trust: trust.digest128(),
            identities,
            sealer,
            hash_key,
            has_credential: credentials.iter().map(Option::is_some).collect(),
            bearers: Bearers::of(snapshot.policy()),
            own: Arc::default(),
            snapshot,
            reversible: None,
            privates: None,
            rules,
            may_allow,
            bridges,
        })
    }

    /// Goes on with the breakers of servers that are the same in another snapshot: same name, same
    /// place. A server that moved is another one.
    pub fn keep_breakers_of(&mut self, before: &Self) {
        let rows = before.policy().servers.iter().zip(&before.breakers);
        for (row, breaker) in self
            .snapshot
            .policy()
            .servers
            .iter()
            .zip(&mut self.breakers)
        {
            let place = |row: &ArchivedServer| (row.port.to_native(), row.tls);
            let same = |old: &ArchivedServer| {
                old.name == row.name && old.host == row.host && place(old) == place(row)
            };
            if let Some((_, kept)) = rows.clone().find(|(old, _)| same(old)) {
                *breaker = Arc::clone(kept);
            }
        }
    }

    /// Goes on with the access tokens of servers that want the same ones.
    pub fn keep_bearers_of(&mut self, before: &Self) {
        self.bearers.keep_of(self.snapshot.policy(), before);
    }

    /// With an access token for every server that wants one, whoever calls: for those who only
    /// judge calls.
    #[must_use]
    pub fn supposing_tokens(mut self) -> Self {
        self.bearers.suppose();
        self
    }

    /// The access tokens of servers that want one.
    #[must_use]
    pub const fn bearers(&self) -> &Bearers {
        &self.bearers
    }

    /// The breaker of a server; `None` when the index is of another snapshot.
    #[must_use]
    pub fn breaker(&self, server: u32) -> Option<&Breaker> {
        let entry = self.breakers.get(usize::try_from(server).ok()?)?;
        Some(entry)
    }

    /// All breakers, in the order of the snapshot's servers.
    #[must_use]
    pub fn breakers(&self) -> &[Arc<Breaker>] {
        &self.breakers
    }

    /// The organisation's rules, made ready; `None` when there are none.
    pub(crate) fn rules(&self) -> Option<&Loaded> {
        (!self.policy().rules.body.rules.is_empty()).then_some(&self.rules)
    }

    /// Whether a rule may allow what the defaults deny.
    pub(crate) const fn may_allow(&self) -> bool {
        self.may_allow
    }

    /// Whether the eras of any server are bridged.
    pub(crate) const fn bridges(&self) -> bool {
        self.bridges
    }

    /// Keeps the values of reversible placeholders there; otherwise, all are irreversible.
    #[must_use]
    pub fn keeping(mut self, originals: &Arc<Originals>) -> Self {
        self.reversible = Reversible::of(self.policy(), originals);
        self
    }

    /// What placeholders can be turned back; `None` when none can.
    #[must_use]
    pub const fn reversible(&self) -> Option<&Reversible> {
        self.reversible.as_ref()
    }

    /// Takes salts and envelopes from there; otherwise, what policy wants committed or encrypted
    /// is left out of records.
    #[must_use]
    pub fn hiding(mut self, privates: Arc<Privates>) -> Self {
        self.privates = Some(privates);
        self
    }

    /// Where salts and envelopes come from.
    #[must_use]
    pub const fn privates(&self) -> Option<&Arc<Privates>> {
        self.privates.as_ref()
    }

    /// Lets every scanner recognise these secrets.
    #[must_use]
    pub fn recognising(mut self, own: OwnSecrets) -> Self {
        self.own = Arc::new(own);
        self
    }

    /// The secrets that every scanner recognises, access tokens as they are now among them.
    #[must_use]
    pub fn own_secrets(&self) -> Arc<OwnSecrets> {
        self.bearers.recognised(&self.own)
    }

    /// The rows.
    #[must_use]
    pub fn policy(&self) -> &ArchivedPolicy {
        self.snapshot.policy()
    }

    /// The snapshot itself.
    #[must_use]
    pub const fn snapshot(&self) -> &Snapshot {
        &self.snapshot
    }

    /// The generation that records name.
    #[must_use]
    pub fn generation(&self) -> u64 {
        self.snapshot.generation()
    }

    /// The row of a server; `None` when the index is of another snapshot.
    #[must_use]
    pub fn server(&self, index: u32) -> Option<&ArchivedServer> {
        self.policy().servers.get(usize::try_from(index).ok()?)
    }

    /// Largest request body, in bytes.
    #[must_use]
    pub fn request_bytes_max(&self) -> usize {
        let bytes = self.policy().runtime.request_bytes_max.to_native();
        usize::try_from(bytes)
            .unwrap_or(usize::MAX)
            .min(BODY_BYTES_MAX)
    }

    /// The server with this name. Servers are sorted by name.
    #[must_use]
    pub fn server_named(&self, name: &str) -> Option<u32> {
        let servers = &self.policy().servers;
        let at = servers
            .binary_search_by(|server| server.name.as_str().cmp(name))
            .ok()?;
        u32::try_from(at).ok()
    }

    pub(crate) const fn verifier(&self) -> &Verifier {
        &self.verifier
    }

    pub(crate) const fn trust(&self) -> u128 {
        self.trust
    }

    /// Whether clients may show certificates, where the listener speaks TLS.
    pub(crate) fn asks_for_certificates(&self) -> bool {
        let policy = self.policy();
        policy.runtime.client_ca.is_some() || !policy.workloads.is_empty()
    }

    /// Whose tokens are taken beside ours.
    #[must_use]
    pub const fn identities(&self) -> &Identities {
        &self.identities
    }

    pub(crate) const fn sealer(&self) -> &Sealer {
        &self.sealer
    }

    /// What placeholders in the data of this organisation's calls tell.
    pub(crate) fn keep<'a>(&'a self, organisation: &'a str) -> Keep<'a> {
        match self.policy().actions.keep {
            1 => Keep::Length,
            2 => Keep::Hash {
                key: &self.hash_key,
                organisation,
            },
            _ => Keep::Nothing,
        }
    }

    /// What a head for this server begins with, behind the method: path and version, and the fields
    /// that are the same in every request, the credential among them. `None` when the path can't
    /// stand in a head.
    pub(crate) fn opening(&self, server: u32) -> Option<&[u8]> {
        let opening = self.openings.get(usize::try_from(server).ok()?)?;
        Some(opening).filter(|opening| !opening.is_empty())
    }

    /// How well credentials are kept from others than this process.
    #[must_use]
    pub const fn kept(&self) -> Kept {
        self.openings.kept()
    }

    pub(crate) fn has_credential(&self, server: u32) -> bool {
        let at = usize::try_from(server).ok();
        at.is_some_and(|at| self.has_credential.get(at) == Some(&true))
    }
}

fn opening(row: &ArchivedServer, credential: Option<&Credential>) -> Option<Zeroizing<Vec<u8>>> {
    const METHOD: HttpMethod = HttpMethod::Get;
    // Room for all of it: what grows leaves copies of the credential behind.
    let values = || credential.iter().flat_map(|credential| &credential.0);
    let secrets: usize = values().map(|value| value.len()).sum();
    let names: usize = row
        .credentials
        .iter()
        .map(|it| it.header.len().saturating_add(4))
        .sum();
    let known = [row.path.len(), row.authority.len(), secrets, names, 256];
    let room: usize = known.iter().sum();
    let (queries, headers): (Vec<_>, Vec<_>) = row
        .credentials
        .iter()
        .zip(values())
        .partition(|(row, _)| row.header == *QUERY);
    let mut target = Zeroizing::new(Vec::with_capacity(room));
    target.extend_from_slice(row.path.as_bytes());
    for (_, value) in queries {
        let has_one = target.contains(&b'?');
        target.push(if has_one { b'&' } else { b'?' });
        target.extend_from_slice(value);
    }
    let mut line = Zeroizing::new(Vec::with_capacity(room));
    wire::request_line(&mut line, METHOD, &target);
    let mut opening = Zeroizing::new(Vec::with_capacity(room));
    opening.extend_from_slice(line.strip_prefix(METHOD.name().as_bytes())?);
    wire::known(&mut opening, Field::Host, row.authority.as_bytes());
    let agent = concat!("varistor/", env!("CARGO_PKG_VERSION"));
    wire::known(&mut opening, Field::UserAgent, agent.as_bytes());
    wire::known(&mut opening, Field::AcceptEncoding, b"identity");
    for (row, value) in headers {
        wire::field(&mut opening, row.header.as_bytes(), value);
    }
    Some(opening)
}
