//! Dynamic client registration (RFC 7591): a name and, if need be, a secret at an authorization
//! server that has never heard of us.

use serde_json::{Value, json};
use varistor_identity::strict;
use zeroize::Zeroizing;

use crate::request::{Auth, Client};
use crate::{DOCUMENT_BYTES_MAX, TEXT_BYTES_MAX};

/// Why there is no registration.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum RegistrationError {
    /// It was refused.
    #[error("the authorization server registers nobody (status {0}); name a client_id")]
    Status(u16),
    /// What it says can't be used.
    #[error("the answer of its registration endpoint can't be used: {0}")]
    Answer(&'static str),
}

/// What is posted to the registration endpoint, as JSON. The answer to a consent comes to
/// `redirect`.
#[must_use]
pub fn registration(redirect: &str, scopes: &[String]) -> Vec<u8> {
    let document = json!({
        "client_name": "Varistor",
        "application_type": "native",
        "redirect_uris": [redirect],
        "grant_types": ["authorization_code", "refresh_token"],
        "response_types": ["code"],
        "token_endpoint_auth_method": "none",
        // An empty one is none.
        "scope": scopes.join(" "),
    });
    document.to_string().into_bytes()
}

/// Reads the answer.
///
/// # Errors
/// Why there is no registration.
pub fn registered(status: u16, body: &[u8]) -> Result<Client, RegistrationError> {
    if !matches!(status, 200 | 201) {
        return Err(RegistrationError::Status(status));
    }
    let document = (body.len() <= DOCUMENT_BYTES_MAX).then(|| strict::object(body));
    let document = document.flatten();
    let document = document.ok_or(RegistrationError::Answer("it is not one JSON object"))?;
    let text = |name: &str| {
        let text = document.get(name).and_then(Value::as_str)?;
        let fits = (1..=TEXT_BYTES_MAX).contains(&text.len());
        (fits && text.bytes().all(|byte| byte.is_ascii_graphic())).then(|| text.to_owned())
    };
    let id = text("client_id").ok_or(RegistrationError::Answer("it names no client_id"))?;
    // It may say that the client has to show who it is, whatever was asked for.
    let auth = match text("token_endpoint_auth_method").as_deref() {
        Some("client_secret_basic") => Auth::Basic,
        Some("client_secret_post") => Auth::Post,
        _ => Auth::Any,
    };
    let is_public = text("token_endpoint_auth_method").as_deref() == Some("none");
    let secret = text("client_secret").filter(|_| !is_public);
    Ok(Client {
        id,
        secret: secret.map(Zeroizing::new),
        auth,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_registration_says_as_whom_tokens_are_asked_for() {
        let plain = br#"{"client_id":"a","token_endpoint_auth_method":"none","client_secret":"s"}"#;
        let found = registered(201, plain).unwrap();
        assert_eq!((&*found.id, found.secret.is_some()), ("a", false));
        let secret = br#"{"client_id":"a","client_secret":"s",
            "token_endpoint_auth_method":"client_secret_post"}"#;
        let found = registered(200, secret).unwrap();
        assert_eq!((found.secret.is_some(), found.auth), (true, Auth::Post));
        for (status, body) in [
            (400, &plain[..]),
            (201, b"{}"),
            (201, b"{\"client_id\":\"\"}"),
        ] {
            assert!(registered(status, body).is_err());
        }
    }
}
