//! One issuer, random claims and narrowings, and a reference reading of what a token permits.

use proptest::prelude::*;
use proptest::sample::select;
use varistor_model::{Intent, IntentSet};
use varistor_token::{Claims, Issuer, Narrowing, TokenRate, Verified, Verifier};

pub(crate) const KEY_ID: u32 = 7;
pub(crate) const PRIVATE: [u8; 32] = [42; 32];

pub(crate) fn issuer() -> Issuer {
    Issuer::new(KEY_ID, &PRIVATE).unwrap()
}

pub(crate) fn verifier() -> Verifier {
    Verifier::new([(KEY_ID, issuer().public())]).unwrap()
}

pub(crate) fn biscuit_key() -> biscuit_auth::PublicKey {
    let algorithm = biscuit_auth::Algorithm::Ed25519;
    biscuit_auth::PublicKey::from_bytes(&issuer().public(), algorithm).unwrap()
}

pub(crate) fn claims() -> Claims {
    Claims {
        organisation: "acme".into(),
        team: Some("platform".into()),
        agent: "ci-bot".into(),
        roles: vec!["developer".into(), "finance".into()],
        servers: vec!["git*".into(), "linear".into()],
        tools: vec!["github/*".into(), "linear/get_?".into()],
        expires_unix_s: 1_800_000_000,
        limits: vec![rate(60, 60)],
    }
}

pub(crate) fn rate(count: u64, seconds: u64) -> TokenRate {
    TokenRate {
        count,
        period_ns: seconds * 1_000_000_000,
    }
}

/// One call that a token is asked about.
#[derive(Clone, Debug)]
pub(crate) struct Point {
    pub(crate) server: &'static str,
    pub(crate) tool: String,
    pub(crate) intent: Intent,
    pub(crate) unix_s: u64,
}

pub(crate) fn point() -> impl Strategy<Value = Point> {
    let server = select(vec!["github", "gitlab", "linear", "db.a", "dbxa", ""]);
    let tool = select(vec!["get_a", "get_ab", "create", "drop|all", "ünï", ""]);
    (server, tool, select(Intent::ALL.to_vec()), 0u64..12).prop_map(
        |(server, tool, intent, unix_s)| Point {
            server,
            tool: format!("{server}/{tool}"),
            intent,
            unix_s,
        },
    )
}

fn server_glob() -> impl Strategy<Value = String> {
    let known = [
        "*", "git*", "github", "?????b", "*a*", "db.a", "linear", "g(h|l)", "^$+",
    ];
    select(known.to_vec()).prop_map(str::to_owned)
}

fn tool_glob() -> impl Strategy<Value = String> {
    let known = [
        "*",
        "*/get_?",
        "git*/*",
        "github/create",
        "*/*_*",
        "db?a/*",
        "*/drop|all",
        "*/???",
        "/",
    ];
    select(known.to_vec()).prop_map(str::to_owned)
}

fn rates() -> impl Strategy<Value = Vec<TokenRate>> {
    prop::collection::btree_map(1u64..99, 1u64..99, 0..=2)
        .prop_map(|map| map.into_iter().map(|(c, s)| rate(c, s)).collect())
}

pub(crate) fn any_claims() -> impl Strategy<Value = Claims> {
    (
        prop::collection::vec(server_glob(), 0..4),
        prop::collection::vec(tool_glob(), 0..4),
        0u64..12,
        rates(),
    )
        .prop_map(|(servers, tools, expires_unix_s, limits)| Claims {
            servers,
            tools,
            expires_unix_s,
            limits,
            ..claims()
        })
}

pub(crate) fn any_narrowing() -> impl Strategy<Value = Narrowing> {
    (
        prop::option::of(prop::collection::vec(server_glob(), 1..4)),
        prop::option::of(prop::collection::vec(tool_glob(), 1..4)),
        prop::option::of((1u8..16).prop_map(IntentSet::from_bits)),
        prop::option::of(0u64..12),
        rates(),
    )
        .prop_map(
            |(servers, tools, intents, expires_unix_s, limits)| Narrowing {
                servers,
                tools,
                intents,
                expires_unix_s,
                limits,
            },
        )
}

/// Whether a token permits a call, by its own account.
pub(crate) fn permits(token: &Verified, at: &Point) -> bool {
    let scopes = token.scopes.iter().all(|scope| {
        allows(
            scope.servers.as_deref(),
            scope.tools.as_deref(),
            scope.intents,
            at,
        )
    });
    scopes && at.unix_s <= token.expires_unix_s
}

/// Whether a narrowing leaves a call.
pub(crate) fn leaves(narrowing: &Narrowing, at: &Point) -> bool {
    let (servers, tools) = (narrowing.servers.as_deref(), narrowing.tools.as_deref());
    allows(servers, tools, narrowing.intents, at)
        && narrowing
            .expires_unix_s
            .is_none_or(|last| at.unix_s <= last)
}

fn allows(
    servers: Option<&[String]>,
    tools: Option<&[String]>,
    intents: Option<IntentSet>,
    at: &Point,
) -> bool {
    let any = |globs: &[String], text: &str| globs.iter().any(|glob| matches(glob, text));
    servers.is_none_or(|globs| any(globs, at.server))
        && tools.is_none_or(|globs| any(globs, &at.tool))
        && intents.is_none_or(|set| set.contains(at.intent))
}

/// The meaning of a glob, by definition: slow and obvious.
pub(crate) fn matches(glob: &str, text: &str) -> bool {
    let mut rest = text.chars();
    match glob.chars().next() {
        None => text.is_empty(),
        Some('*') => {
            matches(&glob[1..], text) || (rest.next().is_some() && matches(glob, rest.as_str()))
        }
        Some(c) => {
            let first = rest.next();
            let fits = first.is_some() && (c == '?' || first == Some(c));
            fits && matches(&glob[c.len_utf8()..], rest.as_str())
        }
    }
}
