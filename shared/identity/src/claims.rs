//! What the claims of a genuine token say: for whom it is, when it is valid, and whose it is here.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use sha2::{Digest as _, Sha256};
use varistor_model::{Reason, TokenId};
use varistor_token::{Bound, Outside, Scope, Verified};

use crate::bounds::{NAME_BYTES_MAX, ROLES_MAX, SUBJECT_BYTES_MAX, TEXT_BYTES_MAX, UNIX_S_MAX};
use crate::jwt::Jwt;
use crate::key::KeyName;
use crate::owner::of_person;
use crate::provider::{Audience, Provider, Source, claim};
use crate::refused::Refused;

type Claims = Map<String, Value>;

/// Where providers say which client a token was issued to: RFC 9068, OpenID Connect, Okta, Entra.
const CLIENT: [&str; 4] = ["client_id", "azp", "cid", "appid"];

/// Whether it is an access token, by its header (RFC 9068 section 4, RFC 8725 section 3.11).
pub(crate) fn check_kind(provider: &Provider, jwt: &Jwt<'_>) -> Result<(), Refused> {
    match jwt.kind.as_deref() {
        Some("at+jwt") => Ok(()),
        Some("jwt") | None if provider.takes_plain => Ok(()),
        _ => Err(Refused::claims(
            "its `typ` is not at+jwt; a provider that writes JWT needs `types: [at+jwt, JWT]`",
        )),
    }
}

/// Whether it is for this gateway, and valid at this time. Returns the first second at which it is
/// not valid any more.
pub(crate) fn check(provider: &Provider, jwt: &Jwt<'_>, now_unix_s: u64) -> Result<u64, Refused> {
    let claims = &jwt.claims;
    let audiences = claims.get("aud");
    if !audiences.is_some_and(|all| all.is_string() || all.is_array()) {
        return Err(Refused::claims("its `aud` is missing, or no text"));
    }
    if meant(provider, claims).next().is_none() {
        let why = "its `aud` names none of the provider's `audience`";
        return Err(Refused::new(Reason::TokenAudience, why));
    }
    let ends = moment(claims, "exp")?.ok_or(Refused::claims("its `exp` is missing"))?;
    let ends = ends.saturating_add(provider.skew_s);
    if now_unix_s >= ends {
        return Err(Refused::new(Reason::TokenExpired, "its `exp` is over"));
    }
    let latest = now_unix_s.saturating_add(provider.skew_s);
    if moment(claims, "nbf")?.is_some_and(|begins| begins > latest) {
        return Err(Refused::new(
            Reason::TokenEarly,
            "its `nbf` is still to come",
        ));
    }
    let issued = moment(claims, "iat")?;
    if issued.is_some_and(|issued| issued > latest) {
        return Err(Refused::new(
            Reason::TokenEarly,
            "its `iat` is still to come",
        ));
    }
    text(claims, "sub")?.ok_or(Refused::claims("its `sub` is missing"))?;
    let token = text(claims, "jti")?;
    // What RFC 9068 section 2.2 requires beside those.
    if jwt.kind.as_deref() == Some("at+jwt") {
        issued.ok_or(Refused::claims("its `iat` is missing"))?;
        token.ok_or(Refused::claims("its `jti` is missing"))?;
        text(claims, "client_id")?.ok_or(Refused::claims("its `client_id` is missing"))?;
    }
    for scope in &provider.scopes {
        if !values(claims, "scope")
            .chain(values(claims, "scp"))
            .any(|one| one == scope)
        {
            let why = "it lacks a scope of the provider's `scopes`";
            return Err(Refused::new(Reason::ScopeMissing, why));
        }
    }
    Ok(ends)
}

/// What of ours it is for.
fn meant<'p>(provider: &'p Provider, claims: &Claims) -> impl Iterator<Item = &'p Audience> {
    let named: Vec<&str> = claims
        .get("aud")
        .into_iter()
        .flat_map(|value| texts(value, false))
        .collect();
    let all = provider.audiences.iter();
    all.filter(move |own| named.contains(&own.name.as_str()))
}

/// The servers that it is for; all of them, unless each audience of it is the route of one.
fn reach(provider: &Provider, claims: &Claims) -> Vec<Scope> {
    let servers: Option<Vec<String>> = meant(provider, claims)
        .map(|own| own.server.clone())
        .collect();
    let scope = servers.map(|servers| Scope {
        servers: Some(servers),
        ..Scope::default()
    });
    scope.into_iter().collect()
}

/// Whose it is, by the rows of the policy.
pub(crate) fn mapped(
    provider: &Provider,
    jwt: &Jwt<'_>,
    (key, ends): (KeyName, u64),
) -> Result<Verified, Refused> {
    let claims = &jwt.claims;
    let unmapped = Refused::unmapped;
    let organisation = name(&provider.organisation, claims)
        .ok_or(unmapped("`claims.organisation` maps it to no organisation"))?;
    let agent =
        name(&provider.agent, claims).ok_or(unmapped("`claims.agent` maps it to no agent"))?;
    let team = match &provider.team {
        None => None,
        Some(source) => {
            let team = name(source, claims);
            Some(team.ok_or(unmapped("`claims.team` maps it to no team"))?)
        }
    };
    let roles = roles(provider, claims)?;
    if roles.is_empty() && !provider.roles.is_empty() {
        return Err(unmapped("`claims.roles` maps it to no role"));
    }
    let subject = text(claims, "sub")?.unwrap_or_default();
    let (holder, token) = ids(jwt, &provider.issuer)?;
    let bound = bound(provider, claims)?;
    Ok(Verified {
        ids: vec![holder, token],
        organisation,
        team,
        agent,
        roles,
        scopes: reach(provider, claims),
        expires_unix_s: ends,
        limits: Vec::new(),
        outside: Some(Outside {
            issuer: provider.issuer.clone(),
            person: (!subject.is_empty()).then(|| of_person(&provider.issuer, subject)),
            subject: cut(subject).to_owned(),
            key,
            has_all_roles: provider.roles.is_empty(),
            bound,
        }),
    })
}

/// What whoever presents it must hold beside it. What it is bound by and nobody here can check is
/// not let go.
fn bound(provider: &Provider, claims: &Claims) -> Result<Bound, Refused> {
    let mut bound = Bound::default();
    if let Some(confirmation) = claims.get("cnf") {
        let wrong = Refused::claims(
            "its `cnf` has something else than a `jkt` (RFC 9449) and an `x5t#S256` (RFC 8705)",
        );
        let members = confirmation.as_object().filter(|all| !all.is_empty());
        for (name, value) in members.ok_or(wrong)? {
            match name.as_str() {
                "jkt" => bound.key = Some(thumbprint(value).ok_or(wrong)?),
                "x5t#S256" => bound.certificate = Some(thumbprint(value).ok_or(wrong)?),
                _ => return Err(wrong),
            }
        }
    }
    match provider.needs_proof && bound.key.is_none() {
        true => Err(Refused::claims(
            "it is not bound to a key (`cnf.jkt`), which the provider's `dpop: required` asks for",
        )),
        false => Ok(bound),
    }
}

/// A SHA-256, in base64url.
pub(crate) fn thumbprint(value: &Value) -> Option<[u8; 32]> {
    let bytes = URL_SAFE_NO_PAD.decode(value.as_str()?).ok()?;
    bytes.try_into().ok()
}

/// The ids of a token's holder, and of the token itself.
///
/// Sessions, approvals, limits and the memory of calls belong to whoever holds the token, so that
/// they outlive it: a client gets the next one every few minutes.
pub(crate) fn ids(jwt: &Jwt<'_>, issuer: &str) -> Result<(TokenId, TokenId), Refused> {
    let claims = &jwt.claims;
    let subject = text(claims, "sub")?.unwrap_or_default();
    let mut client = CLIENT.iter().filter_map(|name| claims.get(*name)?.as_str());
    let client = client.next().unwrap_or_default();
    let token = match text(claims, "jti")? {
        Some(token) => id(&["token", issuer, token]),
        None => of_bytes(jwt.signed),
    };
    Ok((id(&["holder", issuer, subject, client]), token))
}

fn roles(provider: &Provider, claims: &Claims) -> Result<Vec<String>, Refused> {
    let mut roles: Vec<String> = Vec::new();
    for source in &provider.roles {
        match source {
            Source::Fixed(role) => roles.push(role.clone()),
            Source::Claim { path, map } => {
                let is_scope = matches!(path.as_slice(), [one] if one == "scope" || one == "scp");
                let values = claim(claims, path).into_iter();
                let values = values.flat_map(|value| texts(value, is_scope));
                let named = values.filter_map(|value| match map {
                    Some(map) => map.get(value).map(String::as_str),
                    None => Some(value).filter(|value| is_name(value)),
                });
                roles.extend(named.map(str::to_owned));
            }
        }
        roles.sort_unstable();
        roles.dedup();
        if roles.len() > ROLES_MAX {
            return Err(Refused::unmapped(
                "`claims.roles` gives it more than 32 roles; use `map` to take those that matter",
            ));
        }
    }
    Ok(roles)
}

/// The one name that a source gives.
fn name(source: &Source, claims: &Claims) -> Option<String> {
    match source {
        Source::Fixed(name) => Some(name.clone()),
        Source::Claim { path, map } => {
            let value = claim(claims, path)?.as_str()?;
            match map {
                Some(map) => map.get(value).cloned(),
                None => is_name(value).then(|| value.to_owned()),
            }
        }
    }
}

fn is_name(text: &str) -> bool {
    (1..=NAME_BYTES_MAX).contains(&text.len()) && !text.chars().any(char::is_control)
}

/// The values of a claim of scopes: words with blanks between, or a list.
fn values<'c>(claims: &'c Claims, name: &str) -> impl Iterator<Item = &'c str> {
    claims
        .get(name)
        .into_iter()
        .flat_map(|value| texts(value, true))
}

fn texts(value: &Value, splits: bool) -> Box<dyn Iterator<Item = &str> + '_> {
    match value {
        Value::String(text) if splits => Box::new(text.split(' ').filter(|one| !one.is_empty())),
        Value::String(text) => Box::new(core::iter::once(text.as_str())),
        Value::Array(all) => Box::new(all.iter().filter_map(Value::as_str)),
        _ => Box::new(core::iter::empty()),
    }
}

/// A claim that is a text of bounded length, when it is there.
pub(crate) fn text<'c>(claims: &'c Claims, name: &str) -> Result<Option<&'c str>, Refused> {
    match claims.get(name) {
        None => Ok(None),
        Some(Value::String(text)) if (1..=TEXT_BYTES_MAX).contains(&text.len()) => Ok(Some(text)),
        Some(_) => Err(Refused::claims(
            "its `sub`, `jti` or `client_id` is no text of 1 to 1024 bytes",
        )),
    }
}

/// A moment in whole seconds since 1970; parts of a second are cut off (RFC 7519 section 2).
pub(crate) fn moment(claims: &Claims, name: &str) -> Result<Option<u64>, Refused> {
    let wrong = Refused::claims("its `exp`, `nbf` or `iat` is no number of seconds since 1970");
    let Some(value) = claims.get(name) else {
        return Ok(None);
    };
    let seconds = match (value.as_u64(), value.as_f64()) {
        (Some(seconds), _) => seconds,
        (None, Some(seconds)) => whole(seconds).ok_or(wrong)?,
        _ => return Err(wrong),
    };
    match seconds <= UNIX_S_MAX {
        true => Ok(Some(seconds)),
        false => Err(wrong),
    }
}

#[expect(
    clippy::as_conversions,
    reason = "checked: a whole number within 53 bits"
)]
fn whole(seconds: f64) -> Option<u64> {
    let fits = (0.0..=253_402_300_799.0).contains(&seconds);
    fits.then(|| seconds.trunc() as u64)
}

/// The start of a subject that records show.
pub(crate) fn cut(subject: &str) -> &str {
    subject
        .get(..subject.floor_char_boundary(SUBJECT_BYTES_MAX))
        .unwrap_or_default()
}

/// An id of our own: a hash over these.
pub(crate) fn id(parts: &[&str]) -> TokenId {
    let mut bytes = Vec::new();
    for part in parts {
        let length = u64::try_from(part.len()).unwrap_or(u64::MAX);
        bytes.extend_from_slice(&length.to_le_bytes());
        bytes.extend_from_slice(part.as_bytes());
    }
    of_bytes(&bytes)
}

fn of_bytes(bytes: &[u8]) -> TokenId {
    let hash = Sha256::new_with_prefix(b"varistor.dev/identity/v1\0").chain_update(bytes);
    TokenId(hash.finalize().first_chunk().copied().unwrap_or_default())
}
