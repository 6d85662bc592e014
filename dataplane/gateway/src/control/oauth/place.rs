//! What the gateway asks for a server's access tokens, as whom, and whom it trusts on the way.

use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use varistor_notify::Trust;
use varistor_oauth::{Auth, Client, Place as From, Terms};
use varistor_snapshot::schema::{
    ArchivedOAuth, ArchivedPolicy, ArchivedServer, ArchivedTemplatePart, ArchivedTokenSource,
};
use varistor_vault::{Key, Vault};
use zeroize::Zeroizing;

use super::super::{names, publish};

/// The tokens of one server, ready to be asked for.
pub(crate) struct Place {
    /// The server's place among those of the snapshot.
    pub(super) at: u32,
    pub(super) server: String,
    pub(super) from: From,
    pub(super) client: Client,
    pub(super) terms: Terms,
    /// What the server is called when nobody says something else.
    pub(super) own_resource: String,
    /// Towards the server.
    pub(super) near: Trust,
    /// Towards the authorization server.
    pub(super) trust: Trust,
}

impl Place {
    /// Who is asked, for a person.
    pub(super) fn from(&self) -> &str {
        let (From::Token(url) | From::Issuer(url) | From::Server(url) | From::Anybody(url)) =
            &self.from;
        url
    }
}

/// The places of a policy.
///
/// # Errors
/// When one can't be asked.
pub(in super::super) fn of(dir: &Path, policy: &ArchivedPolicy) -> anyhow::Result<Vec<Arc<Place>>> {
    let rows = (0..).zip(policy.servers.iter());
    let wanted: Vec<_> = rows
        .filter_map(|(at, row)| Some((at, row, row.oauth.as_ref()?)))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let key = Key::load(&dir.join("keys/vault.key"))?;
    let vault = Vault::open(&dir.join("vault.json"), &key)?;
    let places = wanted.into_iter().map(|(at, row, oauth)| {
        let place = place(&vault, (at, row, oauth));
        place.with_context(|| format!("server {}: its access tokens", row.name))
    });
    places.collect()
}

fn place(
    vault: &Vault,
    (at, row, oauth): (u32, &ArchivedServer, &ArchivedOAuth),
) -> anyhow::Result<Arc<Place>> {
    let url = url(row);
    let own = row.ca.as_ref().map(|path| path.as_str());
    let named = oauth.ca.as_ref().map(|path| path.as_str());
    let (from, ca) = match &oauth.from {
        ArchivedTokenSource::Endpoint(url) => (From::Token(url.as_str().to_owned()), named),
        ArchivedTokenSource::Issuer(issuer) => (From::Issuer(issuer.as_str().to_owned()), named),
        // It is of the server's own origin.
        ArchivedTokenSource::Server => (From::Server(url.clone()), named.or(own)),
    };
    let resource = oauth.resource.as_ref();
    let secret = oauth.client_secret.as_ref();
    let secret = secret.map(|parts| text(vault, row, parts)).transpose()?;
    Ok(Arc::new(Place {
        at,
        server: row.name.as_str().to_owned(),
        from,
        client: Client {
            id: oauth.client_id.as_str().to_owned(),
            secret,
            auth: match oauth.auth {
                1 => Auth::Basic,
                2 => Auth::Post,
                _ => Auth::Any,
            },
        },
        terms: Terms {
            scopes: oauth
                .scopes
                .iter()
                .map(|scope| scope.as_str().to_owned())
                .collect(),
            resource: resource.map(|text| text.as_str().to_owned()),
        },
        own_resource: url,
        near: trust(own, row.allow_private)?,
        trust: trust(ca, oauth.allow_private)?,
    }))
}

/// Where the server is.
fn url(row: &ArchivedServer) -> String {
    let scheme = if row.tls { "https" } else { "http" };
    let path = match row.path.as_str() {
        "/" => "",
        path => path,
    };
    format!("{scheme}://{}{path}", row.authority)
}

fn trust(ca: Option<&str>, allow_private: bool) -> anyhow::Result<Trust> {
    let resolve: varistor_notify::Resolve =
        |host, port, private| Box::pin(names::resolve_checked(host, port, private));
    Ok(Trust::new(
        publish::roots(ca)?,
        (allow_private, false),
        resolve,
    )?)
}

/// A template filled from the vault.
fn text(
    vault: &Vault,
    row: &ArchivedServer,
    parts: &[ArchivedTemplatePart],
) -> anyhow::Result<Zeroizing<String>> {
    let mut bytes = Zeroizing::new(Vec::with_capacity(256));
    for part in parts {
        match part {
            ArchivedTemplatePart::Literal(text) => bytes.extend_from_slice(text.as_bytes()),
            ArchivedTemplatePart::Secret(name) => {
                let secret = vault
                    .get(name.as_str(), row.name.as_str())
                    .with_context(|| format!("secret `{name}`"))?;
                bytes.extend_from_slice(secret.expose());
            }
        }
    }
    let text = core::str::from_utf8(&bytes).context("a secret that is no text")?;
    Ok(Zeroizing::new(text.to_owned()))
}
