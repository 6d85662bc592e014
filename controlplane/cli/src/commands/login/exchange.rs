//! One login: who is asked, as whom, and what comes of the code.

use anyhow::Context as _;
use varistor_identity::Owner;
use varistor_oauth::{
    Ask, Auth, Client, Consent, Discovery, Endpoints, Grant, Login, Next, Place, Terms, issued,
    registered, registration, request,
};
use varistor_snapshot::schema::{OAuth, Server, TemplatePart, TokenSource};
use varistor_vault::{Part, Vault};
use zeroize::Zeroizing;

use super::redirect::Redirect;
use super::vault::told;
use crate::exit::wrong;
use crate::web::{Sent, Trust, asked};

/// What any server of MCP has an answer to.
const PING: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#;
const FORM: &str = "application/x-www-form-urlencoded";
const JSON: &str = "application/json";

/// A login that has begun.
pub(super) struct Began<'p> {
    pub(super) consent: Consent,
    pub(super) redirect: Redirect,
    server: &'p Server,
    trust: Trust<'p>,
    at: Endpoints,
    client: Client,
    terms: Terms,
}

/// The client's secret, where the policy names one.
pub(super) fn secret(
    vault: &Vault,
    (server, oauth): (&Server, &OAuth),
) -> anyhow::Result<Option<Zeroizing<String>>> {
    let Some(parts) = &oauth.client_secret else {
        return Ok(None);
    };
    let parts = parts.iter().map(|part| match part {
        TemplatePart::Literal(text) => Part::Text(text),
        TemplatePart::Secret(name) => Part::Secret(name),
    });
    let bytes = vault.filled(&server.name, parts).map_err(told)?;
    let text = std::str::from_utf8(&bytes).context("the client's secret is no text")?;
    Ok(Some(Zeroizing::new(text.to_owned())))
}

/// Finds out whom to ask, and as whom.
pub(super) fn begin<'p>(
    (server, oauth): (&'p Server, &'p OAuth),
    secret: Option<Zeroizing<String>>,
    port: u16,
) -> anyhow::Result<Began<'p>> {
    let redirect = Redirect::listen(port)?;
    let near = Trust {
        ca: server.ca.as_deref(),
        allow_private: server.allow_private,
    };
    let trust = Trust {
        ca: oauth.ca.as_deref().or(match oauth.from {
            TokenSource::Server => near.ca,
            _ => None,
        }),
        allow_private: oauth.allow_private,
    };
    let own = url_of(server);
    let from = match &oauth.from {
        TokenSource::Issuer(issuer) => Place::Issuer(issuer.clone()),
        TokenSource::Endpoint(url) => Place::Token(url.clone()),
        // A secret is for whom policy or the server's own origin names; a person sees where they
        // log in.
        TokenSource::Server if secret.is_some() => Place::Server(own.clone()),
        TokenSource::Server => Place::Anybody(own.clone()),
    };
    let at = run(endpoints(&from, (near, trust)))?;
    let scopes = match oauth.scopes.is_empty() {
        true => at.scopes.clone(),
        false => oauth.scopes.clone(),
    };
    let client = client(oauth, secret, (&at, trust), (&redirect, &scopes))?;
    let named = oauth.resource.as_ref().or(at.resource.as_ref());
    let resource = named.cloned().unwrap_or(own);
    let terms = Terms {
        scopes,
        resource: (!resource.is_empty()).then_some(resource),
        audience: None,
    };
    let consent = Consent::begin(&at, &client, &terms, &redirect.url())?;
    Ok(Began {
        consent,
        redirect,
        server,
        trust,
        at,
        client,
        terms,
    })
}

/// As whom: whom the policy names, or whoever the authorization server registers.
fn client(
    oauth: &OAuth,
    secret: Option<Zeroizing<String>>,
    (at, trust): (&Endpoints, Trust<'_>),
    (redirect, scopes): (&Redirect, &[String]),
) -> anyhow::Result<Client> {
    Ok(match (&*oauth.client_id, &at.registration) {
        ("", Some(endpoint)) => {
            let body = registration(&redirect.url(), scopes);
            let answer = run(posted(endpoint, trust, (JSON, &body), None))?;
            registered(answer.0, &answer.1).with_context(|| endpoint.clone())?
        }
        ("", None) => {
            return Err(wrong(format!(
                "{} lets no client register itself; register one there with the redirect URI {} \
                 (choose --port), and name it in the policy: client_id",
                at.issuer.as_ref().unwrap_or(&at.token),
                redirect.url()
            )));
        }
        (id, _) => Client {
            id: id.to_owned(),
            secret,
            auth: match oauth.auth {
                1 => Auth::Basic,
                2 => Auth::Post,
                _ => Auth::Any,
            },
        },
    })
}

impl Began<'_> {
    /// Who is asked, for a person.
    pub(super) fn from(&self) -> &str {
        self.at.issuer.as_ref().unwrap_or(&self.at.token)
    }

    /// Waits for the answer, and takes what it stands for.
    pub(super) fn finish(self, owner: Owner, now_unix_s: u64) -> anyhow::Result<Login> {
        let granted = self.redirect.wait(|query| self.consent.answered(query))?;
        let grant = Grant::Code {
            code: &granted.code,
            verifier: &granted.verifier,
            redirect: &granted.redirect,
        };
        let sent = request(&self.client, &self.at.auth_methods, grant, &self.terms);
        let authorization = sent.authorization.as_ref().map(|text| text.as_str());
        let body = (FORM, sent.body.as_bytes());
        let (status, answer) = run(posted(&self.at.token, self.trust, body, authorization))?;
        let issued = issued(status, &answer).with_context(|| self.at.token.clone())?;
        let refresh = issued.refresh.with_context(|| {
            format!(
                "{} gave an access token but no refresh token, so it would be over soon; its \
                 documentation says which scope asks for one, often offline_access",
                self.from()
            )
        })?;
        Ok(Login {
            server: self.server.name.clone(),
            owner,
            since_unix_s: now_unix_s,
            issuer: self.at.issuer,
            token: self.at.token,
            auth_methods: self.at.auth_methods,
            client: self.client,
            terms: self.terms,
            refresh,
        })
    }
}

async fn endpoints(
    from: &Place,
    (near, trust): (Trust<'_>, Trust<'_>),
) -> Result<Endpoints, String> {
    let text = |error: varistor_oauth::DiscoveryError| error.to_string();
    let (mut search, mut next) = Discovery::begin(from).map_err(text)?;
    loop {
        let ask = match next {
            Next::Found(found) => return Ok(*found),
            Next::Ask(ask) => ask,
        };
        let ping = Sent {
            body: Some((JSON, PING)),
            is_for_head: true,
            ..Sent::default()
        };
        let (url, answer) = match &ask {
            Ask::Challenge(url) => (url, asked(url, near, ping).await),
            Ask::Resource(url) => (url, asked(url, near, Sent::default()).await),
            Ask::Issuer(url) => (url, asked(url, trust, Sent::default()).await),
        };
        let answer = answer.map_err(|error| format!("{url}: {error}"))?;
        next = search
            .answered(answer.status, Some(&answer.challenge), &answer.body)
            .map_err(text)?;
    }
}

async fn posted(
    url: &str,
    trust: Trust<'_>,
    body: (&'static str, &[u8]),
    authorization: Option<&str>,
) -> Result<(u16, Zeroizing<Vec<u8>>), String> {
    let sent = Sent {
        body: Some(body),
        authorization,
        is_for_head: false,
    };
    let answer = asked(url, trust, sent).await;
    let answer = answer.map_err(|error| format!("{url}: {error}"))?;
    Ok((answer.status, answer.body))
}

fn run<T>(asking: impl Future<Output = Result<T, String>>) -> anyhow::Result<T> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, asking).map_err(anyhow::Error::msg)
}

/// Where the server is.
fn url_of(server: &Server) -> String {
    let scheme = if server.tls { "https" } else { "http" };
    let path = match server.path.as_str() {
        "/" => "",
        path => path,
    };
    format!("{scheme}://{}{path}", server.authority)
}
