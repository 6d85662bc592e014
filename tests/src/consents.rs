//! The part of [`crate::authority`] that people log in to: registration (RFC 7591), consent, codes
//! with PKCE, and refresh tokens of which each is good once (RFC 9700 section 4.14.2).

use std::collections::BTreeMap;

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};

/// What it knows of people.
#[derive(Default)]
pub struct Consents {
    /// Who consents next; nobody: consent is refused.
    pub person: Option<String>,
    /// Clients that have registered themselves, and where their answers go.
    pub clients: BTreeMap<String, String>,
    codes: BTreeMap<String, Code>,
    /// Refresh tokens, and whose they are; `None`: used already.
    refresh: BTreeMap<String, Option<String>>,
    /// Refresh tokens that were used twice.
    pub reused: Vec<String>,
    /// Calls that came with the token of somebody else than they say.
    pub crossed: Vec<String>,
}

struct Code {
    person: String,
    client: String,
    redirect: String,
    challenge: String,
    resource: Option<String>,
}

type Form = BTreeMap<String, String>;

impl Consents {
    /// Answers to a request for registration.
    pub(crate) fn register(&mut self, document: &Value) -> (u16, Value) {
        let id = format!("client-{}", self.clients.len());
        let redirect = document["redirect_uris"][0].as_str().unwrap_or_default();
        if document["token_endpoint_auth_method"] != "none" || redirect.is_empty() {
            return (400, json!({"error": "invalid_client_metadata"}));
        }
        self.clients.insert(id.clone(), redirect.to_owned());
        let body = json!({"client_id": id, "token_endpoint_auth_method": "none"});
        (201, body)
    }

    /// Where the browser is sent back to; `None`: it is shown an error.
    pub(crate) fn consent(&mut self, issuer: &str, query: &Form) -> Option<String> {
        let field = |name: &str| query.get(name).cloned().unwrap_or_default();
        let client = field("client_id");
        let redirect = self.clients.get(&client)?.clone();
        let is_good = field("redirect_uri") == redirect
            && field("response_type") == "code"
            && field("code_challenge_method") == "S256"
            && field("code_challenge").len() == 43;
        if !is_good {
            return None;
        }
        let (state, iss) = (field("state"), escaped(issuer));
        let back = format!("{redirect}?state={state}&iss={iss}");
        let Some(person) = self.person.clone() else {
            return Some(format!("{back}&error=access_denied"));
        };
        let name = format!("code+{}", self.codes.len());
        let code = Code {
            person,
            client,
            redirect,
            challenge: field("code_challenge"),
            resource: query.get("resource").cloned(),
        };
        self.codes.insert(name.clone(), code);
        Some(format!("{back}&code={}", escaped(&name)))
    }

    /// Whose token is asked for by a code or a refresh token, and the next refresh token.
    pub(crate) fn granted(
        &mut self,
        form: &Form,
        resource: Option<&String>,
    ) -> Result<(String, String), &'static str> {
        let field = |name: &str| form.get(name).cloned().unwrap_or_default();
        if form.get("resource") != resource {
            return Err("invalid_target");
        }
        let person = match &*field("grant_type") {
            "authorization_code" => {
                let code = self.codes.remove(&field("code")).ok_or("invalid_grant")?;
                let hash = Sha256::digest(field("code_verifier"));
                let is_right = URL_SAFE_NO_PAD.encode(hash) == code.challenge
                    && field("client_id") == code.client
                    && field("redirect_uri") == code.redirect
                    && code.resource.as_ref() == resource;
                is_right.then_some(code.person).ok_or("invalid_grant")?
            }
            "refresh_token" => {
                let token = field("refresh_token");
                let known = self.refresh.get_mut(&token).ok_or("invalid_grant")?;
                if known.is_none() {
                    self.reused.push(token);
                    return Err("invalid_grant");
                }
                known.take().ok_or("invalid_grant")?
            }
            _ => return Err("unsupported_grant_type"),
        };
        let next = format!("refresh-{}-{}", self.refresh.len(), "Zk4vQ9tLw2xN");
        self.refresh.insert(next.clone(), Some(person.clone()));
        Ok((person, next))
    }

    /// Withdraws everything of this person.
    pub fn withdraw(&mut self, person: &str) {
        self.refresh
            .retain(|_, of| of.as_deref().is_none_or(|of| of != person));
    }
}

fn escaped(text: &str) -> String {
    let plain = |byte: &u8| byte.is_ascii_alphanumeric();
    text.bytes()
        .map(|byte| match plain(&byte) {
            true => char::from(byte).to_string(),
            false => format!("%{byte:02X}"),
        })
        .collect()
}
