//! What authorization servers (RFC 8414) and protected resources (RFC 9728) publish of themselves.

use serde_json::{Map, Value};
use varistor_identity::strict;

use crate::url::{is_secure, is_within};
use crate::{DOCUMENT_BYTES_MAX, TEXT_BYTES_MAX};

/// Where an authorization server is asked for what, and what it can do.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Endpoints {
    /// Its name, when that is known.
    pub issuer: Option<String>,
    /// Where tokens come from.
    pub token: String,
    /// Where a person is asked.
    pub authorization: Option<String>,
    /// Where clients register themselves (RFC 7591).
    pub registration: Option<String>,
    /// Whether it knows PKCE with S256.
    pub s256: bool,
    /// Whether its answers to a person's consent name it (RFC 9207).
    pub names_itself: bool,
    /// Whether a client may be a URL with a document about it.
    pub client_documents: bool,
    /// How clients may show who they are there; empty when it does not say.
    pub auth_methods: Vec<String>,
    /// What the server calls itself in its own metadata (RFC 9728), when that was asked for.
    pub resource: Option<String>,
    /// The scopes that the server names there.
    pub scopes: Vec<String>,
}

/// What a protected resource says of itself.
pub(crate) struct Resource {
    pub(crate) name: String,
    pub(crate) issuers: Vec<String>,
    pub(crate) scopes: Vec<String>,
}

/// The metadata of this issuer.
pub(crate) fn endpoints(issuer: &str, body: &[u8]) -> Result<Endpoints, Wrong> {
    let document = document(body)?;
    let found = text(&document, "issuer").ok_or(Wrong::Lacks("issuer"))?;
    if found != issuer {
        return Err(Wrong::Issuer(found.chars().take(200).collect()));
    }
    // Whoever may be without TLS is on this machine, and so may be its endpoints.
    let endpoint = |name: &'static str| match text(&document, name) {
        None => Ok(None),
        Some(url) if is_secure(url) => {
            let stays = url.starts_with("https://") || issuer.starts_with("http://");
            stays
                .then(|| Some(url.to_owned()))
                .ok_or(Wrong::Plain(name))
        }
        Some(_) => Err(Wrong::Plain(name)),
    };
    let is_true = |name: &str| document.get(name).and_then(Value::as_bool) == Some(true);
    let methods = texts(&document, "code_challenge_methods_supported");
    Ok(Endpoints {
        issuer: Some(issuer.to_owned()),
        token: endpoint("token_endpoint")?.ok_or(Wrong::Lacks("token_endpoint"))?,
        authorization: endpoint("authorization_endpoint")?,
        registration: endpoint("registration_endpoint")?,
        s256: methods.iter().any(|method| method == "S256"),
        names_itself: is_true("authorization_response_iss_parameter_supported"),
        client_documents: is_true("client_id_metadata_document_supported"),
        auth_methods: texts(&document, "token_endpoint_auth_methods_supported"),
        resource: None,
        scopes: Vec::new(),
    })
}

/// The metadata of the resource that this server is.
pub(crate) fn resource(server: &str, body: &[u8]) -> Result<Resource, Wrong> {
    let document = document(body)?;
    let name = text(&document, "resource").ok_or(Wrong::Lacks("resource"))?;
    if !is_within(server, name) {
        return Err(Wrong::Resource(name.chars().take(200).collect()));
    }
    let mut issuers = texts(&document, "authorization_servers");
    issuers.retain(|issuer| is_secure(issuer) && !issuer.contains('?'));
    if issuers.is_empty() {
        return Err(Wrong::Lacks("authorization_servers"));
    }
    Ok(Resource {
        name: name.to_owned(),
        issuers,
        scopes: texts(&document, "scopes_supported"),
    })
}

/// Why a document says nothing.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Wrong {
    /// It is something else.
    #[error("not one JSON object of at most 64 KiB without repeated members")]
    Form,
    /// It does not say this, or nothing that can be used.
    #[error("it names no `{0}` that can be used")]
    Lacks(&'static str),
    /// A place without TLS.
    #[error("its `{0}` is no https URL")]
    Plain(&'static str),
    /// It is another issuer's.
    #[error("its `issuer` is {0:?}, which is another one")]
    Issuer(String),
    /// It is another server's.
    #[error("its `resource` is {0:?}, which is another server")]
    Resource(String),
}

fn document(body: &[u8]) -> Result<Map<String, Value>, Wrong> {
    let fits = body.len() <= DOCUMENT_BYTES_MAX;
    let found = fits.then(|| strict::object(body)).flatten();
    found.ok_or(Wrong::Form)
}

fn text<'d>(document: &'d Map<String, Value>, name: &str) -> Option<&'d str> {
    let text = document.get(name)?.as_str()?;
    (text.len() <= TEXT_BYTES_MAX).then_some(text)
}

fn texts(document: &Map<String, Value>, name: &str) -> Vec<String> {
    let members = document.get(name).and_then(Value::as_array);
    let texts = members.into_iter().flatten().filter_map(Value::as_str);
    texts
        .filter(|text| text.len() <= TEXT_BYTES_MAX)
        .map(str::to_owned)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.example/t";

    #[test]
    fn endpoints_are_those_of_the_issuer_and_secure() {
        let of = |text: &str| endpoints(ISSUER, text.as_bytes());
        let good = r#"{"issuer":"https://id.example/t","token_endpoint":"https://x.example/t",
            "code_challenge_methods_supported":["plain","S256"]}"#;
        let found = of(good).unwrap();
        assert_eq!(found.token, "https://x.example/t");
        assert!(found.s256 && !found.names_itself);
        for (bad, why) in [
            (
                good.replace("id.example/t\"", "id.example/t/\""),
                "another issuer",
            ),
            (
                good.replace("https://x.example", "http://x.example"),
                "no TLS",
            ),
            (
                good.replace("https://x.example", "http://127.0.0.1"),
                "this machine",
            ),
            (good.replace("token_endpoint", "other"), "no endpoint"),
            (good.replace("{", "{\"issuer\":\"x\","), "twice"),
            ("[]".to_owned(), "no object"),
        ] {
            assert!(of(&bad).is_err(), "{why}");
        }
    }

    #[test]
    fn metadata_of_another_resource_is_refused() {
        let of = |resource: &str, issuer: &str| {
            let text =
                format!(r#"{{"resource":"{resource}","authorization_servers":["{issuer}"]}}"#);
            super::resource("https://a.example/mcp", text.as_bytes())
        };
        assert!(of("https://a.example/mcp", ISSUER).is_ok());
        assert!(of("https://b.example/mcp", ISSUER).is_err());
        assert!(of("https://a.example/mcp", "http://id.example").is_err());
    }
}
