//! Secrets that others keep.

use rkyv::{Archive, Deserialize, Serialize};

use super::TemplatePart;

/// A secret that is not in the vault, and is used as if it were.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct LentSecret {
    /// What it is called.
    pub name: String,
    /// Servers that may receive it; `*` alone is all.
    pub servers: Vec<String>,
    /// Where it is.
    pub from: SecretSource,
}

/// Where a secret is.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum SecretSource {
    /// In this variable of the gateway's environment.
    Environment(String),
    /// In this file, absolute path; an end of line at its end is none of it.
    File(String),
    /// In a store.
    Store(StoredSecret),
}

/// A field of a secret in a store.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct StoredSecret {
    /// Name of the store.
    pub store: String,
    /// Path behind `/v1/`.
    pub path: String,
    /// The field.
    pub field: String,
}

/// An OpenBao or HashiCorp Vault server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct SecretStore {
    /// Its name in the policy.
    pub name: String,
    /// Where it is, without `/v1`.
    pub url: String,
    /// Whose secrets, where it has those of several.
    pub namespace: Option<String>,
    /// As whom the gateway asks.
    pub auth: StoreAuth,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
    /// Whether it may be at an address that is not public: loopback, private, link-local.
    pub allow_private: bool,
    /// How often its secrets are looked at, in seconds.
    pub refresh_s: u64,
}

/// As whom the gateway asks a store.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum StoreAuth {
    /// By a token that it has.
    Token(Vec<TemplatePart>),
    /// As a role, by a secret id.
    AppRole(AppRole),
    /// As a role, by the token of its Kubernetes service account, or any other JWT.
    Jwt(JwtRole),
}

/// A role and its secret id.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct AppRole {
    /// Where the method is mounted, behind `auth/`.
    pub mount: String,
    /// The role.
    pub role_id: String,
    /// Its secret.
    pub secret_id: Vec<TemplatePart>,
}

/// A role, for whoever has a JWT.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct JwtRole {
    /// Where the method is mounted, behind `auth/`.
    pub mount: String,
    /// The role.
    pub role: String,
    /// The file with the token, absolute path.
    pub token_file: String,
}
