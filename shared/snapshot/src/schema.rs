//! What a snapshot holds: the rows that the gateway consults while it judges a call.
//!
//! Rows name each other by index. Every index was checked by the compiler and is checked again
//! where it is followed: a row that is missing grants nothing.

mod approvals;
mod audit;
mod channels;
mod data;
mod federation;
mod flows;
mod guard;
mod identity;
mod oauth;
mod pinning;
pub mod rules;
mod secrets;
mod stdio;

use rkyv::{Archive, Deserialize, Serialize};

pub use approvals::*;
pub use audit::*;
pub use channels::*;
pub use data::*;
pub use federation::*;
pub use flows::Flows;
pub use guard::*;
pub use identity::*;
pub use oauth::*;
pub use pinning::*;
pub use secrets::*;
pub use stdio::*;

/// The number of this layout; a snapshot of another one is refused.
pub const SCHEMA: u32 = 16;

/// One compiled policy directory.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Policy {
    /// Grows with every compilation of a directory; a gateway refuses to go back.
    pub generation: u64,
    /// When it was compiled, in milliseconds since 1970.
    pub compiled_unix_ms: u64,
    /// How the gateway runs.
    pub runtime: Runtime,
    /// Keys by which the gateway knows tokens and sessions.
    pub keys: Keys,
    /// Upstreams, sorted by name; `/mcp/<name>` is the route.
    pub servers: Vec<Server>,
    /// Tenants, sorted by name.
    pub organisations: Vec<Organisation>,
    /// Teams, sorted by (organisation, name).
    pub teams: Vec<Team>,
    /// Roles, sorted by (organisation, name).
    pub roles: Vec<Role>,
    /// Agents, sorted by (organisation, name).
    pub agents: Vec<Agent>,
    /// Limits of single tools or groups of them, in the order of patterns (see `Role::grants`).
    pub tool_limits: Vec<ToolLimit>,
    /// Ids of revoked tokens, sorted; a token with any block in here is dead.
    pub revoked: Vec<[u8; 16]>,
    /// The decision per intent when neither role nor rule speaks: `Decision` as a number, indexed
    /// by `Intent` as a number.
    pub defaults: [u8; 4],
    /// What is looked for in payloads.
    pub dlp: Dlp,
    /// What follows what is found.
    pub actions: Actions,
    /// The organisation's rules.
    pub rules: rules::RuleProgram,
    /// What a human's approval needs.
    pub approvals: Approvals,
    /// How tools are pinned: one row for each of `servers`, in their order.
    pub pinning: Vec<Pinning>,
    /// How records are kept.
    pub audit: Audit,
    /// Who is told of what.
    pub channels: Channels,
    /// What follows when data could flow from private to outside.
    pub flows: Flows,
    /// How all servers are offered as one.
    pub federation: Federation,
    /// Whose tokens are taken beside our own.
    pub identity_providers: Vec<IdentityProvider>,
    /// Whose client certificates are taken in the place of tokens, by their names.
    pub workloads: Vec<TrustDomain>,
    /// Servers that keep secrets, by their names.
    pub secret_stores: Vec<SecretStore>,
    /// Secrets that others keep, by their names.
    pub secrets: Vec<LentSecret>,
}

/// How the gateway runs. Times are in milliseconds, sizes in bytes.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Runtime {
    /// `ADDRESS:PORT` of the listener.
    pub listen: String,
    /// Certificate chain and key (absolute paths, PEM) when the listener speaks TLS.
    pub tls: Option<ListenerTls>,
    /// PEM certificates (absolute path) that clients' certificates must come from which name no
    /// workload.
    pub client_ca: Option<String>,
    /// Whether a client without a certificate is not spoken to.
    pub needs_certificate: bool,
    /// `Host` values that are served, without port, lower case. Loopback names are always served
    /// when `listen` is a loopback address.
    pub hosts: Vec<String>,
    /// `Origin` values that are allowed beyond the served hosts themselves.
    pub origins: Vec<String>,
    /// The URL by which clients reach the gateway, without a path, when it is not
    /// `http(s)://<Host>`.
    pub public_url: Option<String>,
    /// OAuth authorization servers named in the protected-resource metadata (RFC 9728).
    pub authorization_servers: Vec<String>,
    /// 0 auto, 1 io_uring, 2 epoll.
    pub driver: u8,
    /// Worker threads; 0 is one per core.
    pub workers: u32,
    /// From the first byte of a head to its last.
    pub head_ms: u64,
    /// From the first byte of a body to its last.
    pub body_ms: u64,
    /// A client connection without a request.
    pub idle_ms: u64,
    /// Connecting to an upstream, TLS included.
    pub connect_ms: u64,
    /// From the request's last byte to the first of the answer.
    pub first_byte_ms: u64,
    /// An idle pooled connection to an upstream.
    pub upstream_idle_ms: u64,
    /// After SIGTERM, for calls in flight.
    pub drain_ms: u64,
    /// Largest request body.
    pub request_bytes_max: u64,
    /// Largest JSON answer.
    pub answer_bytes_max: u64,
    /// Most client connections a worker serves at once.
    pub connections_max: u32,
    /// Whether a worker that can't keep up refuses a part of the requests.
    pub shedding: bool,
    /// 0: denied calls are tool errors; 1: JSON-RPC errors.
    pub denials: u8,
    /// `ADDRESS:PORT` and files of the admin interface over mutual TLS, when it is wanted.
    pub admin: Option<AdminTls>,
}

/// Certificate and key of a listener.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ListenerTls {
    /// PEM certificate chain, absolute path.
    pub certificate: String,
    /// PEM private key, absolute path.
    pub key: String,
}

/// The admin interface over TCP.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct AdminTls {
    /// `ADDRESS:PORT`.
    pub listen: String,
    /// Its certificate and key.
    pub tls: ListenerTls,
    /// PEM certificates of the authorities whose clients are let in, absolute path.
    pub client_ca: String,
}

/// Keys that the gateway holds.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Keys {
    /// Ed25519 public keys of tokens, by key id.
    pub token: Vec<TokenKey>,
    /// Seals session ids; the same on every gateway of a fleet.
    pub session: [u8; 32],
}

/// One public key of tokens.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct TokenKey {
    /// The id that a token names.
    pub id: u32,
    /// Ed25519 public key.
    pub public: [u8; 32],
}

/// One upstream.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Server {
    /// The name in the route, in permissions and records.
    pub name: String,
    /// DNS name or address, as in the URL, without brackets; empty for a server that the gateway
    /// starts itself, or reaches over HTTP+SSE.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the URL is https.
    pub tls: bool,
    /// Path and query of the URL; begins with `/`.
    pub path: String,
    /// Value of the `Host` header.
    pub authority: String,
    /// Whether `host` may lead to an address that is not public: loopback, private, link-local.
    pub allow_private: bool,
    /// How it is started, when the gateway does that.
    pub stdio: Option<Stdio>,
    /// Where it is, when it is reached over the HTTP+SSE of 2024-11-05.
    pub events: Option<EventStream>,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
    /// The operator's category, such as `financial`; empty when none is given.
    pub category: String,
    /// The operator's labels.
    pub tags: Vec<String>,
    /// The headers that carry the gateway's own credential.
    pub credentials: Vec<Credential>,
    /// How it comes by an access token, when that is its credential.
    pub oauth: Option<OAuth>,
    /// Overrides `Runtime::first_byte_ms`; 0 does not.
    pub first_byte_ms: u64,
    /// What keeps its failures from others.
    pub guard: Guard,
    /// Whether clients of either era are served, whichever the server speaks.
    pub bridged: bool,
    /// Whether the server may send requests (sampling, elicitation, roots) to the agent.
    pub server_requests: bool,
    /// Methods beyond the protocol's own that agents may send.
    pub methods: Vec<String>,
    /// What the operator says about tools, in the order of patterns (see `Role::grants`).
    pub tools: Vec<ToolRow>,
}

/// A header with a secret in it; the secret itself stays in the vault.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Credential {
    /// Header name, lower case; [`QUERY`] where it is no header.
    pub header: String,
    /// The value: literal pieces and names of secrets.
    pub value: Vec<TemplatePart>,
}

/// What stands for a header's name where a credential goes into the query of the URL: no header is
/// called that. The value is then `NAME=` and what is behind it.
pub const QUERY: &str = "?";

/// One piece of a template.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(PartialEq))]
pub enum TemplatePart {
    /// Stands as it is.
    Literal(String),
    /// `${vault:name}`.
    Secret(String),
}

/// What the operator says about a tool.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ToolRow {
    /// Glob over tool names.
    pub name: String,
    /// The base intent as a number, when the operator states it.
    pub intent: Option<u8>,
    /// Labels such as `external-out`.
    pub tags: Vec<String>,
    /// The labels of its flows as bits of `Labels`, when the operator states them.
    pub labels: Option<u8>,
    /// Its place in the policy: of the rows that match and state an intent (or labels), the first
    /// one counts.
    pub rank: u32,
}

/// A tenant.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Organisation {
    /// Its name.
    pub name: String,
    /// Limits over all of its agents together.
    pub limits: Vec<Rate>,
    /// Its own domains, lower case: what goes to others leaves it.
    pub domains: Vec<String>,
}

/// A team of agents.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Team {
    /// Index into `Policy::organisations`.
    pub organisation: u32,
    /// Its name.
    pub name: String,
    /// Limits over all of its agents together.
    pub limits: Vec<Rate>,
}

/// A role: a set of permissions.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Role {
    /// Index into `Policy::organisations`.
    pub organisation: u32,
    /// Its name.
    pub name: String,
    /// What it permits, sorted by server, then by the text of the pattern before its first
    /// wildcard, then by the whole pattern. A snapshot in another order is refused.
    pub grants: Vec<Grant>,
    /// Intents that need a human's approval when the call is permitted by this role (bits).
    pub hold: u8,
}

/// Permission for things of one server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Grant {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Glob over the names of tools and prompts, or URIs of resources.
    pub name: String,
    /// Which kinds: bit 0 tools, bit 1 prompts, bit 2 resources.
    pub kinds: u8,
    /// Which intents of tools (bits).
    pub intents: u8,
    /// Whether the policy listed the intents: then the listed ones need no default decision.
    pub stated: bool,
    /// A prohibition: wins over every permission.
    pub deny: bool,
}

/// Bits of `Grant::kinds`.
pub mod kinds {
    /// Tools.
    pub const TOOL: u8 = 1;
    /// Prompts.
    pub const PROMPT: u8 = 2;
    /// Resources and resource templates.
    pub const RESOURCE: u8 = 4;
    /// All of them.
    pub const ALL: u8 = TOOL | PROMPT | RESOURCE;
}

/// An agent.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Agent {
    /// Index into `Policy::organisations`.
    pub organisation: u32,
    /// Its name, unique in its organisation.
    pub name: String,
    /// Index into `Policy::teams`.
    pub team: Option<u32>,
    /// Indices into `Policy::roles`: its own and its team's.
    pub roles: Vec<u32>,
    /// Limits of this agent.
    pub limits: Vec<Rate>,
}

/// `count` calls per `period_ns`, with a cell that survives recompilation.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Rate {
    /// Calls in a period; also the largest burst.
    pub count: u64,
    /// The period in nanoseconds.
    pub period_ns: u64,
    /// Names the counter: a hash of what is limited and of the rate.
    pub cell: u64,
}

/// A limit on calls of tools.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct ToolLimit {
    /// Index into `Policy::servers`.
    pub server: u32,
    /// Glob over tool names.
    pub name: String,
    /// The rate.
    pub rate: Rate,
    /// Who shares a counter: 0 everybody, 1 an organisation, 2 a team, 3 an agent, 4 a token.
    pub per: u8,
}
