//! `credential: { oauth: .. }`: how the gateway comes by access tokens for a server.
//!
//! Refuses a secret that stands in the policy itself, and ways without TLS that leave this machine.

use varistor_snapshot::schema::{Exchange, IdentityProvider, OAuth, TemplatePart, TokenSource};

use crate::context::Context;
use crate::files;
use crate::identity::scope;
use crate::problem::{Report, Wrong, nearest};
use crate::read::{Fields, boolean, each, parsed, word};
use crate::template;
use crate::url::{Url, url};
use crate::yaml::Node;

const KEYS: &[&str] = &[
    "token_url",
    "issuer",
    "login",
    "exchange",
    "audience",
    "client_id",
    "client_secret",
    "auth",
    "scopes",
    "resource",
    "ca",
    "allow_private",
];
/// Longest name of a client, and longest resource, in bytes.
const TEXT_BYTES_MAX: usize = 1024;

/// The tokens of the server `server` at this URL.
pub(super) fn oauth(
    (server, target): (&str, Option<&Url>),
    (node, path): (&Node, &str),
    context: &Context<'_>,
    report: &mut Report,
) -> Option<OAuth> {
    let fields = Fields::of(node, path, KEYS, report);
    if target.is_some_and(|target| !is_secure(target)) {
        let wrong = Wrong::expected("an https URL of the server");
        let found = format!("tokens without encryption for {path}");
        report.refuse(
            node.place,
            found,
            wrong.help("http is for this machine only"),
        );
    }
    let exchange = exchange(&fields, context, report);
    let of_provider = exchange.as_ref().map(|(provider, _)| *provider);
    let source = source(&fields, (node, of_provider), report);
    let login = fields.get("login").map(|node| {
        let words = [("shared", 1), ("each", 2)];
        word(node, &fields.path("login"), &words, report).unwrap_or(1)
    });
    let login = login.unwrap_or(0);
    if let (Some(node), Some(_)) = (fields.get("login"), fields.get("exchange")) {
        let found = format!("both `login` and `exchange` in {}", fields.name());
        report.refuse(node.place, found, Wrong::expected("one of them"));
    }
    let (id, secret) = client((&fields, server), login != 0, context, report);
    if login != 0 {
        people(&fields, node, report);
    }
    let auth = fields.get("auth").and_then(|node| {
        let words = [("basic", 1), ("post", 2)];
        word(node, &fields.path("auth"), &words, report)
    });
    let scopes = fields.read("scopes", report, scopes);
    let resource = fields.get("resource");
    let resource =
        resource.and_then(|node| parsed(node, &fields.path("resource"), report, resource_of));
    let ca = fields.get("ca");
    let ca = ca.and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let allow_private = fields.read("allow_private", report, boolean);
    let (from, is_private) = source?;
    let is_private = is_private || target.is_some_and(Url::is_private);
    if login == 0 && (id.is_none() || secret.is_none()) {
        return None;
    }
    // Where it is the provider that gives the tokens, it is reached as the provider is.
    let near = of_provider.filter(|row| from == TokenSource::Issuer(row.issuer.clone()));
    let ca = ca.or_else(|| near?.ca.clone());
    let is_private = is_private || near.is_some_and(|row| row.allow_private);
    Some(OAuth {
        from,
        login,
        exchange: exchange.map(|(_, row)| row),
        client_id: id.unwrap_or(Some(String::new()))?,
        client_secret: secret.map_or(Some(None), |parts| parts.map(Some))?,
        auth: auth.unwrap_or(0),
        scopes: scopes.unwrap_or_default(),
        resource,
        ca,
        allow_private: allow_private.unwrap_or(is_private),
    })
}

/// The client's name and its secret, where they are there; the inner one is missing when wrong.
fn client(
    (fields, server): (&Fields<'_>, &str),
    may_lack: bool,
    context: &Context<'_>,
    report: &mut Report,
) -> (Option<Option<String>>, Option<Option<Vec<TemplatePart>>>) {
    let id = match may_lack {
        false => fields.required("client_id", report),
        true => fields.get("client_id"),
    };
    let id = id.map(|node| parsed(node, &fields.path("client_id"), report, visible));
    let secret = match may_lack {
        false => fields.required("client_secret", report),
        true => fields.get("client_secret"),
    };
    let secret = secret.map(|node| {
        let parts = parsed(node, &fields.path("client_secret"), report, |text| {
            secret_of(text).map_err(Wrong::hidden)
        })?;
        let secrets = context.secrets;
        secrets.check_all(&parts, server, node.place, report);
        Some(parts)
    });
    (id, secret)
}

/// What does not go together where people are asked.
fn people(fields: &Fields<'_>, node: &Node, report: &mut Report) {
    let wrong = match (fields.get("token_url"), fields.get("client_secret")) {
        (Some(_), _) => ("token_url", "issuer, or neither to ask the server"),
        (None, Some(_)) if fields.get("client_id").is_none() => (
            "client_secret",
            "client_id beside it, or neither to have the gateway register itself",
        ),
        _ => return,
    };
    let (key, expected) = wrong;
    let found = format!("{key} beside `login` in {}", fields.name());
    report.refuse(node.place, found, Wrong::expected(expected));
}

/// Whose tokens are exchanged: those of one identity provider, whom whoever takes them trusts.
fn exchange<'c>(
    fields: &Fields<'_>,
    context: &Context<'c>,
    report: &mut Report,
) -> Option<(&'c IdentityProvider, Exchange)> {
    let audience = fields.get("audience");
    let Some(node) = fields.get("exchange") else {
        if let Some(node) = audience {
            let found = format!("`audience` without `exchange` in {}", fields.name());
            let wrong = Wrong::expected("`resource`, which is what other requests say");
            report.refuse(node.place, found, wrong);
        }
        return None;
    };
    let provider = parsed(node, &fields.path("exchange"), report, |text| {
        let mut rows = context.providers.iter();
        rows.find(|row| row.name == text).ok_or_else(|| {
            let wrong = Wrong::expected("one of the `identity_providers`");
            let names = context.providers.iter().map(|row| row.name.as_str());
            match nearest(text, names) {
                Some(help) => wrong.help(help),
                None => wrong.help("callers' tokens are exchanged that this provider has issued"),
            }
        })
    });
    let audience = audience.map(|node| parsed(node, &fields.path("audience"), report, visible));
    let provider = provider?;
    let row = Exchange {
        issuer: provider.issuer.clone(),
        audience: audience.map_or(Some(None), |text| text.map(Some))?,
    };
    Some((provider, row))
}

/// Where tokens come from, and whether its URL itself says that it is near. Callers' tokens go to
/// whom the policy names, never to whom a server does.
fn source(
    fields: &Fields<'_>,
    (node, of_provider): (&Node, Option<&IdentityProvider>),
    report: &mut Report,
) -> Option<(TokenSource, bool)> {
    match (fields.get("token_url"), fields.get("issuer")) {
        (None, None) => Some(match of_provider {
            Some(row) => (TokenSource::Issuer(row.issuer.clone()), false),
            None => (TokenSource::Server, false),
        }),
        (Some(node), None) => {
            let found = parsed(node, &fields.path("token_url"), report, secure);
            found.map(|(text, near)| (TokenSource::Endpoint(text), near))
        }
        (None, Some(node)) => {
            let found = parsed(node, &fields.path("issuer"), report, issuer);
            found.map(|(text, near)| (TokenSource::Issuer(text), near))
        }
        (Some(_), Some(_)) => {
            let found = format!("both `token_url` and `issuer` in {}", fields.name());
            let wrong = "one of them, or none to ask the server";
            report.refuse(node.place, found, Wrong::expected(wrong));
            None
        }
    }
}

fn is_secure(url: &Url) -> bool {
    url.tls || url.is_loopback()
}

fn secure(text: &str) -> Result<(String, bool), Wrong> {
    let found = url(text)?;
    match is_secure(&found) {
        true => Ok((text.to_owned(), found.is_private())),
        false => Err(Wrong::expected("an https URL")
            .help("the client's secret goes there; http is for this machine only")),
    }
}

fn issuer(text: &str) -> Result<(String, bool), Wrong> {
    match text.contains('?') {
        true => Err(Wrong::expected(
            "a URL without a query (RFC 8414 section 2)",
        )),
        false => secure(text),
    }
}

fn visible(text: &str) -> Result<String, Wrong> {
    let fits = (1..=TEXT_BYTES_MAX).contains(&text.len());
    match fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected("1 to 1024 visible ASCII characters")),
    }
}

/// The client's secret: in the vault, never here.
fn secret_of(text: &str) -> Result<Vec<TemplatePart>, Wrong> {
    let parts = template::value(text)?;
    if template::secrets_of(&parts).next().is_none() {
        let help = "put it into the vault: varictl vault set NAME";
        return Err(Wrong::expected("${vault:NAME}").help(help));
    }
    Ok(parts)
}

/// What tokens are for (RFC 8707 section 2); empty for `none`.
fn resource_of(text: &str) -> Result<String, Wrong> {
    let is_uri = visible(text).is_ok() && text.contains(':') && !text.contains('#');
    match text {
        "none" => Ok(String::new()),
        _ if is_uri => Ok(text.to_owned()),
        _ => Err(Wrong::expected(
            "none, or an absolute URI without fragment, such as https://crm.example.com/mcp",
        )),
    }
}

fn scopes(node: &Node, path: &str, report: &mut Report) -> Option<Vec<String>> {
    Some(each(node, path, report, |node, path, report| {
        parsed(node, path, report, scope)
    }))
}
