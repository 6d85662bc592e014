//! What the gateway asks for a server's access tokens, as whom, and whom it trusts on the way.

use std::sync::Arc;

use anyhow::Context as _;
use arc_swap::ArcSwap;
use varistor_identity::{Owner, OwnerId};
use varistor_notify::Trust;
use varistor_oauth::{Auth, Client, Login, Place as From, Terms, kept};
use varistor_snapshot::schema::{
    ArchivedOAuth, ArchivedPolicy, ArchivedServer, ArchivedTokenSource,
};
use varistor_vault::Vault;

use super::super::safe::{Safe, text};
use super::super::{names, publish};

/// The tokens of one server, or of one account there, ready to be asked for.
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
    /// Whether callers' own tokens are exchanged for them.
    pub(super) exchanges: bool,
    /// Whose consent they come from; `None`: nobody's.
    pub(super) login: Option<ArcSwap<Login>>,
}

impl Place {
    /// Whose account they are for, where callers have their own; and since when.
    pub(super) fn account(&self) -> Option<(OwnerId, u64)> {
        let login = self.login()?;
        Some((login.owner.id(), login.since_unix_s))
    }

    /// What people's consent left behind.
    pub(super) fn login(&self) -> Option<Arc<Login>> {
        Some(self.login.as_ref()?.load_full())
    }

    /// This place, with what tokens are asked for with at the other one, which is the same account.
    pub(super) fn with_refresh_of(self: &Arc<Self>, other: &Self) -> Arc<Self> {
        if let (Some(own), Some(newest)) = (&self.login, other.login()) {
            own.store(newest);
        }
        Arc::clone(self)
    }

    /// Whose they are, for a person.
    pub(super) fn whose(&self) -> Option<String> {
        Some(self.login()?.owner.to_string())
    }

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
pub(in super::super) fn of(
    safe: &Safe,
    policy: &ArchivedPolicy,
) -> anyhow::Result<Vec<Arc<Place>>> {
    let rows = (0..).zip(policy.servers.iter());
    let wanted: Vec<_> = rows
        .filter_map(|(at, row)| Some((at, row, row.oauth.as_ref()?)))
        .collect();
    if wanted.is_empty() {
        return Ok(Vec::new());
    }
    let vault = safe.vault()?;
    let places = wanted.into_iter().map(|(at, row, oauth)| {
        let places = match oauth.login {
            0 => place(vault, (at, row, oauth)).map(|place| vec![Arc::new(place)]),
            _ => accounts(vault, (at, row, oauth)),
        };
        places.with_context(|| format!("server {}: its access tokens", row.name))
    });
    let places: anyhow::Result<Vec<_>> = places.collect();
    Ok(places?.into_iter().flatten().collect())
}

/// The accounts of one server that people have logged in to.
fn accounts(
    vault: &Vault,
    (at, row, oauth): (u32, &ArchivedServer, &ArchivedOAuth),
) -> anyhow::Result<Vec<Arc<Place>>> {
    let own = |entry: &varistor_vault::Entry<'_>| {
        kept::is_name(entry.name) && entry.servers == [row.name.as_str()]
    };
    let mut places = Vec::new();
    for entry in vault.names().filter(own) {
        let secret = vault.get(entry.name, row.name.as_str())?;
        let Some(login) = Login::read(secret.expose()) else {
            continue; // a secret of that name that somebody else has put there
        };
        let is_shared = login.owner == Owner::Everybody;
        let is_of_issuer = match &oauth.from {
            ArchivedTokenSource::Issuer(issuer) => login.issuer.as_deref() == Some(issuer.as_str()),
            _ => true,
        };
        let is_of_client =
            oauth.client_id.is_empty() || login.client.id == oauth.client_id.as_str();
        let wanted = is_shared == (oauth.login == 1) && is_of_issuer && is_of_client;
        if wanted && login.name() == entry.name && login.server == row.name.as_str() {
            let mut place = place(vault, (at, row, oauth))?;
            place.terms.clone_from(&login.terms);
            // A secret that the policy names may have changed since.
            let secret = place.client.secret.take().or(login.client.secret.clone());
            place.client = Client {
                secret,
                ..login.client.clone()
            };
            place.login = Some(ArcSwap::from_pointee(login));
            places.push(Arc::new(place));
        }
    }
    Ok(places)
}

fn place(
    vault: &Vault,
    (at, row, oauth): (u32, &ArchivedServer, &ArchivedOAuth),
) -> anyhow::Result<Place> {
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
    let exchange = oauth.exchange.as_ref();
    let secret = oauth.client_secret.as_ref();
    let secret = secret
        .map(|parts| text(vault, &row.name, parts))
        .transpose()?;
    Ok(Place {
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
            audience: exchange
                .and_then(|it| it.audience.as_ref())
                .map(|text| text.as_str().to_owned()),
        },
        own_resource: url,
        near: trust(own, row.allow_private)?,
        trust: trust(ca, oauth.allow_private)?,
        exchanges: exchange.is_some(),
        login: None,
    })
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
