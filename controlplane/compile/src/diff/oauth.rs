//! How the gateway comes by access tokens, as text.

use varistor_snapshot::schema::{ArchivedOAuth, ArchivedTokenSource};

use super::settings::{joined, template};

/// What is asked, and as whom.
pub(super) fn shown(row: &ArchivedOAuth) -> String {
    let from = match &row.from {
        ArchivedTokenSource::Endpoint(url) => format!("token_url {url}"),
        ArchivedTokenSource::Issuer(issuer) => format!("issuer {issuer}"),
        ArchivedTokenSource::Server => "the server's own".to_owned(),
    };
    let mut text = format!("oauth from {from}");
    let mut note = |key: &str, value: &str| {
        if !value.is_empty() {
            text.push_str(&format!(", {key} {value}"));
        }
    };
    note(
        "login",
        ["", "shared", "each"]
            .get(usize::from(row.login))
            .unwrap_or(&"?"),
    );
    if let Some(exchange) = row.exchange.as_ref() {
        note("exchange of tokens from", &exchange.issuer);
        let audience = exchange.audience.as_ref();
        note("audience", audience.map_or("", |text| text));
    }
    note("client_id", &row.client_id);
    let secret = row.client_secret.as_ref();
    let secret = secret.map_or_else(String::new, |parts| template(parts));
    note("client_secret", secret.trim_start());
    note(
        "auth",
        ["", "basic", "post"]
            .get(usize::from(row.auth))
            .unwrap_or(&"?"),
    );
    note("scopes", &joined(row.scopes.iter()));
    if let Some(resource) = row.resource.as_ref() {
        let none = resource.is_empty();
        note("resource", if none { "none" } else { resource });
    }
    note("ca", row.ca.as_ref().map_or("", |ca| ca));
    note("allow_private", if row.allow_private { "true" } else { "" });
    text
}
