//! Asks for one access token: first where, if nobody knows that yet, then for the token.

use hyper::Method;
use varistor_notify::{Asked, Target, ask, challenged};
use varistor_oauth::{
    Ask, Discovery, Endpoints, Grant, Issued, Next, Terms, is_secure, issued, request,
};
use zeroize::Zeroizing;

use super::Place;

/// What any server of MCP has an answer to.
const PING: &[u8] = br#"{"jsonrpc":"2.0","id":0,"method":"ping"}"#;
const BOTH: (&str, &str) = ("accept", "application/json, text/event-stream");
const JSON: (&str, &str) = ("accept", "application/json");

/// Where tokens come from; the error is for a person.
pub(super) async fn endpoints(place: &Place) -> Result<Endpoints, String> {
    let (mut search, mut next) = Discovery::begin(&place.from).map_err(text)?;
    loop {
        let asked = match next {
            Next::Found(found) => return Ok(*found),
            Next::Ask(asked) => asked,
        };
        let (status, challenge, body) = answer(place, &asked).await?;
        next = search
            .answered(status, Some(&challenge), &body)
            .map_err(text)?;
    }
}

async fn answer(place: &Place, asked: &Ask) -> Result<(u16, String, Vec<u8>), String> {
    let document = |fields| Asked {
        method: Method::GET,
        suffix: "",
        media: "application/json",
        fields,
        body: Vec::new(),
    };
    let (url, answer) = match asked {
        Ask::Challenge(url) => {
            let ping = Asked {
                method: Method::POST,
                body: PING.to_vec(),
                ..document(&[BOTH])
            };
            let answer = challenged(&target(url)?, &place.near, ping).await;
            (url, answer.map(|(status, says)| (status, says, Vec::new())))
        }
        Ask::Resource(url) | Ask::Issuer(url) => {
            let trust = match asked {
                Ask::Issuer(_) => &place.trust,
                _ => &place.near,
            };
            let answer = ask(&target(url)?, trust, document(&[JSON])).await;
            (
                url,
                answer.map(|(status, body)| (status, String::new(), body)),
            )
        }
    };
    answer.map_err(|failure| format!("{url}: {failure}"))
}

/// A token from there, in exchange for that of a caller where one is given. The error is for a
/// person, and says nothing of what was sent.
pub(super) async fn token(
    place: &Place,
    at: &Endpoints,
    subject: Option<&str>,
) -> Result<Issued, Missed> {
    let named = place.terms.resource.as_ref().or(at.resource.as_ref());
    let resource = named.unwrap_or(&place.own_resource);
    let terms = Terms {
        scopes: place.terms.scopes.clone(),
        resource: (!resource.is_empty()).then(|| resource.clone()),
        audience: place.terms.audience.clone(),
    };
    if !is_secure(&at.token) {
        return Err(format!("{}: it is no https URL", at.token).into());
    }
    let sent = match place.login() {
        Some(login) => {
            let grant = Grant::RefreshToken(&login.refresh);
            // What was consented to: nothing is said of it again.
            let terms = Terms {
                scopes: Vec::new(),
                resource: login.terms.resource.clone(),
                audience: None,
            };
            request(&place.client, &at.auth_methods, grant, &terms)
        }
        None => {
            let grant = subject.map_or(Grant::ClientCredentials, Grant::TokenExchange);
            request(&place.client, &at.auth_methods, grant, &terms)
        }
    };
    let mut fields = vec![JSON];
    if let Some(authorization) = &sent.authorization {
        fields.push(("authorization", authorization));
    }
    let asked = Asked {
        method: Method::POST,
        suffix: "",
        media: "application/x-www-form-urlencoded",
        fields: &fields,
        body: sent.body.as_bytes().to_vec(),
    };
    let answer = ask(&target(&at.token)?, &place.trust, asked).await;
    let (status, body) = answer.map_err(|failure| format!("{}: {failure}", at.token))?;
    issued(status, &Zeroizing::new(body)).map_err(|error| Missed {
        is_spent: error.is_spent(),
        is_of_caller: error.is_of_caller(),
        why: format!("{}: {error}", at.token),
    })
}

/// Why there is no token.
pub(super) struct Missed {
    /// For a person.
    pub(super) why: String,
    /// Whether what it was asked for with is good for nothing any more.
    pub(super) is_spent: bool,
    /// Whether it is the caller's token that was refused, where that was to be exchanged.
    pub(super) is_of_caller: bool,
}

impl From<String> for Missed {
    fn from(why: String) -> Self {
        Self {
            why,
            is_spent: false,
            is_of_caller: false,
        }
    }
}

fn target(url: &str) -> Result<Target, String> {
    Target::read(url, false).map_err(|error| format!("{url}: {error}"))
}

fn text(error: impl ToString) -> String {
    error.to_string()
}
