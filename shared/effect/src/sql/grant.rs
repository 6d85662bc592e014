//! `GRANT`: to whom decides what it is.

use varistor_model::Intent;

use super::tokens::Token;
use crate::Effect;

/// Grantees that are everybody, or named as outsiders.
const OUTSIDERS: [&str; 16] = [
    "public",
    "anonymous",
    "anon",
    "web_anon",
    "everyone",
    "guest",
    "allusers",
    "allauthenticatedusers",
    "external",
    "partner",
    "vendor",
    "contractor",
    "outsider",
    "thirdparty",
    "unauthenticated",
    "world",
];

/// Mail providers that no organisation owns.
const FREE_MAIL: [&str; 8] = [
    "gmail.com",
    "googlemail.com",
    "outlook.com",
    "hotmail.com",
    "yahoo.com",
    "proton.me",
    "protonmail.com",
    "icloud.com",
];

/// What this grant would do.
pub(super) fn effect(statement: &[Token<'_>]) -> Effect {
    let behind = statement
        .iter()
        .position(|token| token.is("to"))
        .unwrap_or(statement.len());
    let grantees = statement.get(behind..).unwrap_or_default();
    let is_outsider = grantees.iter().any(|token| {
        let lower = token.text.to_ascii_lowercase();
        let mut parts = lower.split(|c: char| !c.is_ascii_alphanumeric());
        OUTSIDERS.contains(&lower.as_str())
            || parts.any(|part| OUTSIDERS.contains(&part) && part != "world")
            || FREE_MAIL.iter().any(|host| lower.ends_with(host))
    });
    let is_share = grantees.iter().any(|token| token.is("share"));
    match is_outsider || is_share {
        true => Effect::new(Intent::Exfiltrative, 88, "sql.grant_outside"),
        false => Effect::new(Intent::Write, 80, "sql.grant"),
    }
}
