//! Identity providers whose tokens are taken beside our own.

use rkyv::{Archive, Deserialize, Serialize};

/// An OAuth authorization server, and whose its tokens are here. Issuers are distinct.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct IdentityProvider {
    /// Its name in the policy.
    pub name: String,
    /// What `iss` must be, byte for byte.
    pub issuer: String,
    /// What `aud` must name one of; at least one.
    pub audiences: Vec<Audience>,
    /// Where its keys come from.
    pub source: KeySource,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
    /// Whether it may be at an address that is not public: loopback, private, link-local.
    pub allow_private: bool,
    /// How it may sign: bits of `Algorithms`.
    pub algorithms: u16,
    /// Whether a `typ` of `JWT`, or none, is taken beside `at+jwt`.
    pub takes_plain: bool,
    /// Whether every token must be bound to a key (RFC 9449).
    pub needs_proof: bool,
    /// By how much clocks may disagree, in seconds.
    pub skew_s: u64,
    /// How often its keys are looked at, in seconds.
    pub refresh_s: u64,
    /// For how long a key is honoured that it does not publish any more, in seconds.
    pub keep_s: u64,
    /// Scopes that every token must have.
    pub scopes: Vec<String>,
    /// The organisation.
    pub organisation: ClaimSource,
    /// The team; the agent's, whichever it is, without.
    pub team: Option<ClaimSource>,
    /// The agent.
    pub agent: ClaimSource,
    /// Roles, from all of these together; without, all that the agent has.
    pub roles: Vec<ClaimSource>,
    /// Its keys when the policy was compiled.
    pub keys: Vec<ProviderKey>,
    /// When they were looked at, in seconds since 1970; 0: never.
    pub keys_unix_s: u64,
}

/// What a token may be for.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Audience {
    /// A value of `aud`.
    pub name: String,
    /// The only server that it reaches, when it is the route of one.
    pub server: Option<String>,
}

/// Where a provider's keys come from.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum KeySource {
    /// From its metadata, below its issuer's URL.
    Metadata,
    /// From a key set at this URL.
    Url(String),
    /// From a file, when the policy is compiled; the gateway asks nobody.
    File,
}

/// Where a name of the policy comes from.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum ClaimSource {
    /// It is the same for all tokens.
    Fixed(String),
    /// A claim says it.
    Claim(Claim),
}

/// A claim that says a name.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Claim {
    /// Names of members, from the outermost.
    pub path: Vec<String>,
    /// What its values mean, sorted by value; without, they are the names themselves.
    pub map: Option<Vec<(String, String)>>,
}

/// A key by which a provider signs.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ProviderKey {
    /// Its `kid`.
    pub id: String,
    /// The number of the one `Algorithm` that it is for, if its set says so.
    pub only: Option<u8>,
    /// The number of its `Kind`.
    pub kind: u8,
    /// Modulus, point or the bytes of Ed25519.
    pub bytes: Vec<u8>,
    /// The exponent of RSA.
    pub exponent: Vec<u8>,
}

/// Workloads of one SPIFFE trust domain, and whose their calls are.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct TrustDomain {
    /// Its name, such as `acme.example`.
    pub name: String,
    /// Its bundle: PEM certificates, absolute path.
    pub ca: String,
    /// The organisation.
    pub organisation: String,
    /// Paths of workloads and the agents that they are, sorted by path.
    pub agents: Vec<(String, String)>,
}
