//! Answers of a token endpoint (RFC 6749 sections 5.1 and 5.2).

use serde_json::{Map, Value};
use varistor_identity::strict;
use zeroize::Zeroizing;

use crate::DOCUMENT_BYTES_MAX;

/// Longest access or refresh token, in bytes: what fits into a head beside everything else.
const TOKEN_BYTES_MAX: usize = 12 * 1024;
/// Longest lifetime that is believed, in seconds; after this a token is renewed in any case.
const LIFETIME_S_MAX: u64 = 30 * 86_400;
/// Longest code of an error that is told, in bytes.
const CODE_BYTES_MAX: usize = 64;

/// What came back.
pub struct Issued {
    /// The access token: visible ASCII.
    pub access: Zeroizing<String>,
    /// For how long it holds, in seconds from when it was made; `None` when nobody says.
    pub lifetime_s: Option<u64>,
    /// What the next one can be asked for with, if that is new.
    pub refresh: Option<Zeroizing<String>>,
    /// What it may do, when that is not what was asked for.
    pub scopes: Option<Vec<String>>,
}

/// Why there is no token. Says nothing that the answer holds but the code of its error.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// It was refused.
    #[error("the authorization server refuses: {code}")]
    Refused {
        /// The code, such as `invalid_client`.
        code: String,
    },
    /// It answered with something else.
    #[error("the token endpoint answered with status {0}")]
    Status(u16),
    /// What it says can't be used.
    #[error("the token endpoint's answer can't be used: {0}")]
    Answer(&'static str),
}

impl TokenError {
    /// Whether what a token was asked for with is good for nothing any more.
    #[must_use]
    pub fn is_spent(&self) -> bool {
        matches!(self, Self::Refused { code } if code == "invalid_grant")
    }

    /// Whether a caller's token was refused, rather than the gateway (RFC 8693 section 2.2.2).
    #[must_use]
    pub fn is_of_caller(&self) -> bool {
        const CODES: [&str; 5] = [
            "invalid_grant",
            "invalid_request",
            "invalid_target",
            "invalid_scope",
            "access_denied",
        ];
        matches!(self, Self::Refused { code } if CODES.contains(&code.as_str()))
    }
}

/// Reads the answer.
///
/// # Errors
/// Why there is no token in it.
pub fn issued(status: u16, body: &[u8]) -> Result<Issued, TokenError> {
    let document = (body.len() <= DOCUMENT_BYTES_MAX)
        .then(|| strict::object(body))
        .flatten();
    match (status, document) {
        (200, Some(document)) => granted(document),
        (200, None) => Err(TokenError::Answer("it is not one JSON object")),
        (_, Some(document)) => Err(refused(status, &document)),
        (_, None) => Err(TokenError::Status(status)),
    }
}

fn granted(mut document: Map<String, Value>) -> Result<Issued, TokenError> {
    // Errors with status 200 are not rare.
    if document.contains_key("error") {
        return Err(refused(200, &document));
    }
    let kind = document.get("token_type").and_then(Value::as_str);
    if !kind.is_some_and(|kind| kind.eq_ignore_ascii_case("bearer")) {
        return Err(TokenError::Answer("its token_type is not Bearer"));
    }
    // Whatever else an exchange gives would say nothing to a server of MCP.
    let exchanged = document.get("issued_token_type").map(Value::as_str);
    let is_token = |kind: Option<&str>| {
        let name = kind.and_then(|kind| kind.strip_prefix("urn:ietf:params:oauth:token-type:"));
        matches!(name, Some("access_token" | "jwt"))
    };
    if exchanged.is_some_and(|kind| !is_token(kind)) {
        return Err(TokenError::Answer(
            "its issued_token_type is no access token",
        ));
    }
    let Some(access) = token(&mut document, "access_token")? else {
        return Err(TokenError::Answer("it has no access_token"));
    };
    let lifetime_s = match document.get("expires_in") {
        None | Some(Value::Null) => None,
        // Some write the number as text.
        Some(Value::String(text)) => Some(text.parse().map_err(|_| lifetime())?),
        Some(value) => Some(seconds(value).ok_or_else(lifetime)?),
    };
    let scopes = document.get("scope").and_then(Value::as_str);
    let scopes = scopes.map(|text| text.split_ascii_whitespace().map(str::to_owned).collect());
    Ok(Issued {
        access,
        lifetime_s: lifetime_s.map(|seconds: u64| seconds.min(LIFETIME_S_MAX)),
        refresh: token(&mut document, "refresh_token")?,
        scopes,
    })
}

fn lifetime() -> TokenError {
    TokenError::Answer("its expires_in is no number of seconds")
}

fn seconds(value: &Value) -> Option<u64> {
    let whole = value.as_u64();
    // `3600.0` is the same number in JSON.
    whole.or_else(|| format!("{:.0}", value.as_f64()?).parse().ok())
}

/// A token, taken out. Empty ones are none.
fn token(
    document: &mut Map<String, Value>,
    name: &str,
) -> Result<Option<Zeroizing<String>>, TokenError> {
    let text = match document.remove(name) {
        None | Some(Value::Null) => return Ok(None),
        Some(Value::String(text)) => Zeroizing::new(text),
        Some(_) => return Err(TokenError::Answer("a token in it is no text")),
    };
    let fits = text.len() <= TOKEN_BYTES_MAX;
    if !fits || !text.bytes().all(|byte| byte.is_ascii_graphic()) {
        return Err(TokenError::Answer(
            "a token in it is too long, or not of visible ASCII characters",
        ));
    }
    Ok((!text.is_empty()).then_some(text))
}

fn refused(status: u16, document: &Map<String, Value>) -> TokenError {
    let is_code = |code: &&str| {
        let bytes = || code.bytes();
        (1..=CODE_BYTES_MAX).contains(&code.len())
            && bytes().all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    };
    let code = document.get("error").and_then(Value::as_str);
    match code.filter(is_code) {
        Some(code) => TokenError::Refused {
            code: code.to_owned(),
        },
        None => TokenError::Status(status),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_and_what_goes_with_it_are_read() {
        let body = br#"{"access_token":"a.b-c","token_type":"bearer","expires_in":300,
            "refresh_token":"r","scope":"x y"}"#;
        let found = issued(200, body).ok().unwrap();
        assert_eq!(
            (found.access.as_str(), found.lifetime_s),
            ("a.b-c", Some(300))
        );
        assert_eq!(found.refresh.as_deref().map(String::as_str), Some("r"));
        assert_eq!(found.scopes, Some(vec!["x".to_owned(), "y".to_owned()]));
        for (number, seconds) in [
            ("\"60\"", Some(60)),
            ("60.0", Some(60)),
            ("null", None),
            ("99999999999", Some(LIFETIME_S_MAX)),
        ] {
            let body =
                format!(r#"{{"access_token":"a","token_type":"Bearer","expires_in":{number}}}"#);
            let found = issued(200, body.as_bytes()).ok().unwrap();
            assert_eq!(found.lifetime_s, seconds, "{number}");
        }
    }

    #[test]
    fn what_is_no_token_for_a_header_is_refused() {
        for bad in [
            r#"{"access_token":"a","token_type":"DPoP"}"#,
            r#"{"access_token":"a"}"#,
            r#"{"token_type":"Bearer"}"#,
            r#"{"access_token":"","token_type":"Bearer"}"#,
            r#"{"access_token":"a b","token_type":"Bearer"}"#,
            r#"{"access_token":"a\r\nx: y","token_type":"Bearer"}"#,
            r#"{"access_token":"a","access_token":"b","token_type":"Bearer"}"#,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":-5}"#,
            r#"{"access_token":"a","token_type":"Bearer","expires_in":"soon"}"#,
            r#"{"access_token":7,"token_type":"Bearer"}"#,
            r#"{"access_token":"a","token_type":"Bearer",
                "issued_token_type":"urn:ietf:params:oauth:token-type:refresh_token"}"#,
            "[]",
        ] {
            let found = issued(200, bad.as_bytes());
            assert!(matches!(found, Err(TokenError::Answer(_))), "{bad}");
        }
    }

    #[test]
    fn only_the_code_of_a_refusal_is_told() {
        let of = |status, body: &str| issued(status, body.as_bytes()).err().unwrap();
        let spent = of(
            400,
            r#"{"error":"invalid_grant","error_description":"s3cret"}"#,
        );
        assert!(spent.is_spent());
        assert_eq!(
            spent.to_string(),
            "the authorization server refuses: invalid_grant"
        );
        let shaped = of(200, r#"{"error":"invalid_client"}"#);
        assert!(!shaped.is_spent());
        assert_eq!(
            of(400, r#"{"error":"the secret is S"}"#),
            TokenError::Status(400)
        );
        assert_eq!(of(503, "<html>"), TokenError::Status(503));
    }
}
