//! How the gateway comes by an access token for a server.

use rkyv::{Archive, Deserialize, Serialize};

use super::TemplatePart;

/// Access tokens of an OAuth authorization server, in the place of headers that stay the same.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(PartialEq))]
pub struct OAuth {
    /// Where they come from.
    pub from: TokenSource,
    /// Whose consent they come from: 0 nobody's, 1 one person's for all callers, 2 each caller's
    /// own.
    pub login: u8,
    /// Whose tokens are exchanged for them; `None`: they are asked for with something else.
    pub exchange: Option<Exchange>,
    /// The gateway's name there; empty where it registers itself.
    pub client_id: String,
    /// What only the two know; a public client has none.
    pub client_secret: Option<Vec<TemplatePart>>,
    /// How it shows who it is: 0 as metadata says, 1 Basic, 2 in the body.
    pub auth: u8,
    /// What the tokens may do; empty: what the authorization server thinks right.
    pub scopes: Vec<String>,
    /// What they are for (RFC 8707), when it is not what the server calls itself; empty: nothing is
    /// said.
    pub resource: Option<String>,
    /// PEM certificates that the authorization server is trusted by instead of the machine's,
    /// absolute path.
    pub ca: Option<String>,
    /// Whether it may be at an address that is not public: loopback, private, link-local.
    pub allow_private: bool,
}

/// Callers' own tokens, in exchange for which others are asked for (RFC 8693).
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(PartialEq))]
pub struct Exchange {
    /// The issuer of those tokens; no other's ever goes there.
    pub issuer: String,
    /// The `audience` that is asked for, when the authorization server knows servers by names.
    pub audience: Option<String>,
}

/// Where access tokens come from.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
#[rkyv(derive(PartialEq))]
pub enum TokenSource {
    /// From this endpoint.
    Endpoint(String),
    /// From the endpoint in the metadata of this issuer.
    Issuer(String),
    /// From whom the server itself names, if that is of its own origin.
    Server,
}
