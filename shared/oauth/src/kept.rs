//! A login as it lies in the vault: one JSON object.

use serde::{Deserialize, Serialize};
use sha2::{Digest as _, Sha256};
use varistor_identity::{Owner, OwnerId};
use zeroize::Zeroizing;

use crate::login::Login;
use crate::request::{Auth, Client, Terms};

/// What the names of such secrets begin with.
const PREFIX: &str = "login-";

#[derive(Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
struct Kept {
    version: u8,
    server: String,
    owner: Whose,
    since_unix_s: u64,
    issuer: Option<String>,
    token_endpoint: String,
    auth_methods: Vec<String>,
    client_id: String,
    client_secret: Option<Zeroizing<String>>,
    auth: u8,
    scopes: Vec<String>,
    resource: Option<String>,
    refresh_token: Zeroizing<String>,
}

#[derive(Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
enum Whose {
    Everybody,
    Agent { organisation: String, agent: String },
    Person { issuer: String, subject: String },
}

/// The name of the secret that holds the login of this owner at this server.
#[must_use]
pub fn name_of(server: &str, owner: OwnerId) -> String {
    let hash = Sha256::new_with_prefix(b"varistor.dev/login/v1\0")
        .chain_update(owner)
        .chain_update(server)
        .finalize();
    let digits = hash.iter().take(16).map(|byte| format!("{byte:02x}"));
    [PREFIX.to_owned()].into_iter().chain(digits).collect()
}

/// Whether a secret of this name is a login.
#[must_use]
pub fn is_name(name: &str) -> bool {
    name.starts_with(PREFIX)
}

impl Login {
    /// The name of its secret.
    #[must_use]
    pub fn name(&self) -> String {
        name_of(&self.server, self.owner.id())
    }

    /// The content of its secret.
    #[must_use]
    pub fn written(&self) -> Zeroizing<Vec<u8>> {
        let owner = match self.owner.clone() {
            Owner::Everybody => Whose::Everybody,
            Owner::Agent {
                organisation,
                agent,
            } => Whose::Agent {
                organisation,
                agent,
            },
            Owner::Person { issuer, subject } => Whose::Person { issuer, subject },
        };
        let kept = Kept {
            version: 1,
            server: self.server.clone(),
            owner,
            since_unix_s: self.since_unix_s,
            issuer: self.issuer.clone(),
            token_endpoint: self.token.clone(),
            auth_methods: self.auth_methods.clone(),
            client_id: self.client.id.clone(),
            client_secret: self.client.secret.clone(),
            auth: match self.client.auth {
                Auth::Any => 0,
                Auth::Basic => 1,
                Auth::Post => 2,
            },
            scopes: self.terms.scopes.clone(),
            resource: self.terms.resource.clone(),
            refresh_token: self.refresh.clone(),
        };
        // Room for all of it: what grows leaves copies behind.
        let mut bytes = Zeroizing::new(Vec::with_capacity(64 * 1024));
        // Text and numbers always can be.
        let _ = serde_json::to_writer(&mut *bytes, &kept);
        bytes
    }

    /// Reads one; nothing for what is none.
    #[must_use]
    pub fn read(bytes: &[u8]) -> Option<Self> {
        let kept: Kept = serde_json::from_slice(bytes).ok()?;
        let is_known = kept.version == 1 && crate::is_secure(&kept.token_endpoint);
        is_known.then(|| Self {
            server: kept.server,
            owner: match kept.owner {
                Whose::Everybody => Owner::Everybody,
                Whose::Agent {
                    organisation,
                    agent,
                } => Owner::Agent {
                    organisation,
                    agent,
                },
                Whose::Person { issuer, subject } => Owner::Person { issuer, subject },
            },
            since_unix_s: kept.since_unix_s,
            issuer: kept.issuer,
            token: kept.token_endpoint,
            auth_methods: kept.auth_methods,
            client: Client {
                id: kept.client_id,
                secret: kept.client_secret,
                auth: match kept.auth {
                    1 => Auth::Basic,
                    2 => Auth::Post,
                    _ => Auth::Any,
                },
            },
            terms: Terms {
                scopes: kept.scopes,
                resource: kept.resource,
                audience: None,
            },
            refresh: kept.refresh_token,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_login_is_the_same_after_it_was_kept() {
        for owner in [
            Owner::Everybody,
            Owner::Agent {
                organisation: "acme".into(),
                agent: "ann".into(),
            },
            Owner::Person {
                issuer: "https://id.example".into(),
                subject: "7".into(),
            },
        ] {
            let login = Login {
                server: "crm".into(),
                owner: owner.clone(),
                since_unix_s: 17,
                issuer: Some("https://as.example".into()),
                token: "https://as.example/token".into(),
                auth_methods: vec!["none".into()],
                client: Client {
                    id: "c".into(),
                    secret: None,
                    auth: Auth::Post,
                },
                terms: Terms::default(),
                refresh: Zeroizing::new("r".into()),
            };
            let read = Login::read(&login.written()).unwrap();
            assert_eq!((&read.owner, read.since_unix_s), (&owner, 17));
            assert_eq!((read.name(), &**read.refresh), (login.name(), "r"));
            assert!(is_name(&read.name()) && read.client.auth == Auth::Post);
        }
        assert!(Login::read(b"{}").is_none());
    }
}
