//! `identity_providers`: whose tokens are taken beside our own, and whose they are here.
//!
//! Refuses issuers without TLS that are not on this machine, two providers of one issuer,
//! algorithms without a public key, routes that lead nowhere, and mappings to what the policy does
//! not have.

mod claims;
mod keys;

pub use keys::row;

use std::collections::{BTreeMap, BTreeSet};

use varistor_identity::{Algorithm, Algorithms, bounds};
use varistor_snapshot::schema::{Audience, Federation, IdentityProvider, Runtime, View};

use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::name;
use crate::problem::{Report, Wrong, alternatives, nearest, quote};
use crate::quantity;
use crate::read::{Fields, boolean, entries, index, join, one_or_list, parsed, word};
use crate::tenants::Tenants;
use crate::url;
use crate::yaml::Node;

const KEYS: &[&str] = &[
    "issuer",
    "audience",
    "jwks_url",
    "jwks_file",
    "ca",
    "allow_private",
    "algorithms",
    "types",
    "dpop",
    "skew",
    "refresh",
    "keep",
    "scopes",
    "claims",
];
/// Most providers of a policy, and most values of one list of one.
const PROVIDERS_MAX: usize = 64;
const VALUES_MAX: usize = 64;
/// What stands before the name of a server in its route.
const ROUTES: &str = "/mcp/";
/// Clocks that disagree by more are broken, and a minute is what providers themselves allow.
const SKEW_S: u64 = 60;
/// How often keys are looked at: often enough to see them before they are used.
const REFRESH_S: u64 = 300;
const REFRESH_MS: core::ops::RangeInclusive<u64> = 10_000..=86_400_000;
/// How long a dropped key is honoured: longer than most access tokens live after their provider
/// has begun to sign with the next one.
const KEEP_S: u64 = 900;
const KEEP_MS_MAX: u64 = 86_400_000;

/// `Policy::identity_providers`, in the order of their names.
pub(crate) fn providers(
    sources: &Sources<'_>,
    (tenants, federation): (&Tenants, &Federation),
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<IdentityProvider> {
    let Some(node) = sources.setting("identity_providers") else {
        return Vec::new();
    };
    let mut rows: BTreeMap<String, IdentityProvider> = BTreeMap::new();
    for (key, node) in entries(node, "identity_providers", report) {
        if let Err(wrong) = name::other(&key.text) {
            let found = format!("the name {} in identity_providers", quote(&key.text));
            report.refuse(key.place, found, wrong);
        }
        if rows.len() >= PROVIDERS_MAX {
            let found = format!("more than {PROVIDERS_MAX} identity providers");
            report.refuse(key.place, found, Wrong::expected("fewer"));
            break;
        }
        let about = About {
            name: &key.text,
            sources,
            tenants,
            views: &federation.views,
            context,
        };
        let Some(row) = about.provider(node, report) else {
            continue;
        };
        if let Some(other) = rows.values().find(|other| other.issuer == row.issuer) {
            let found = format!("a second provider of the issuer {}", quote(&row.issuer));
            let wrong = Wrong::expected("one provider for each issuer");
            let help = format!("the first one is {}", other.name);
            report.refuse(key.place, found, wrong.help(help));
        }
        rows.insert(key.text, row);
    }
    rows.into_values().collect()
}

/// Tells clients where to sign in: whoever does so there gets a token that is taken here.
pub(crate) fn announce(providers: &[IdentityProvider], runtime: &mut Runtime) {
    if runtime.authorization_servers.is_empty() {
        let issuers = providers.iter().map(|row| row.issuer.clone());
        runtime.authorization_servers = issuers.collect();
    }
}

/// What a provider may refer to.
struct About<'a> {
    name: &'a str,
    sources: &'a Sources<'a>,
    tenants: &'a Tenants,
    views: &'a [View],
    context: &'a Context<'a>,
}

impl About<'_> {
    fn provider(&self, node: &Node, report: &mut Report) -> Option<IdentityProvider> {
        let path = join("identity_providers", self.name);
        let fields = Fields::of(node, &path, KEYS, report);
        let issuer = fields.required("issuer", report);
        let issuer =
            issuer.and_then(|node| parsed(node, &fields.path("issuer"), report, issuer_of));
        let audiences = fields.required("audience", report);
        let audiences = audiences.map(|node| self.audiences(node, &fields, report));
        let claims = fields.required("claims", report);
        let claims = claims
            .and_then(|node| claims::claims(node, &fields.path("claims"), self.tenants, report));
        let source = keys::source(&fields, report);
        let ca = fields.get("ca");
        let ca = ca.and_then(|node| {
            files::certificate(node, &fields.path("ca"), self.context.dir, report)
        });
        let allow_private = fields.read("allow_private", report, boolean);
        let times = Times::of(&fields, report);
        let (algorithms, takes_plain) = (algorithms(&fields, report), takes_plain(&fields, report));
        let dpop = fields.get("dpop").and_then(|node| {
            let words = [("accepted", false), ("required", true)];
            word(node, &fields.path("dpop"), &words, report)
        });
        let scopes = fields.get("scopes");
        let scopes = scopes.map(|node| values(node, &fields.path("scopes"), report, scope));
        let (issuer, is_private) = issuer?;
        let found = keys::found(&fields, (self.name, &issuer), self.context, report);
        let claims = claims?;
        Some(IdentityProvider {
            name: self.name.to_owned(),
            issuer,
            audiences: audiences?,
            source: source?,
            ca,
            allow_private: allow_private.unwrap_or(is_private),
            algorithms,
            takes_plain,
            needs_proof: dpop.unwrap_or(false),
            skew_s: times.skew_s,
            refresh_s: times.refresh_s,
            keep_s: times.keep_s,
            scopes: scopes.unwrap_or_default(),
            organisation: claims.organisation,
            team: claims.team,
            agent: claims.agent,
            roles: claims.roles,
            keys: found.keys,
            keys_unix_s: found.unix_s,
        })
    }

    fn audiences(&self, node: &Node, fields: &Fields<'_>, report: &mut Report) -> Vec<Audience> {
        let path = fields.path("audience");
        // What can't be read may have the server.
        let is_whole = !report.incomplete;
        let all = values(node, &path, report, |text| {
            let name = audience(text)?;
            let servers = match is_whole {
                true => self.servers(&name)?,
                false => Vec::new(),
            };
            Ok((name, servers))
        });
        if all.is_empty() {
            let wrong = Wrong::expected("the gateway as its tokens name it in `aud`");
            report.refuse(node.place, format!("no value for {path}"), wrong);
        }
        let rows = all.into_iter().flat_map(|(name, servers)| {
            let row = move |server| Audience {
                name: name.clone(),
                server,
            };
            servers.into_iter().map(row)
        });
        rows.collect()
    }

    /// The servers that tokens for this audience reach: that of a route, those whose tools a
    /// virtual server has; `None` stands for all, where it is no route. A route that leads nowhere
    /// is refused, since what was meant for one server would reach every one.
    fn servers(&self, audience: &str) -> Result<Vec<Option<String>>, Wrong> {
        let Some(at) = audience.to_ascii_lowercase().rfind(ROUTES) else {
            return Ok(vec![None]);
        };
        let (place, name) = audience.split_at(at.saturating_add(ROUTES.len()));
        if place.ends_with(ROUTES) {
            if self.sources.servers.contains_key(name) {
                return Ok(vec![Some(name.to_owned())]);
            }
            let mut views = self.views.iter();
            if let Some(view) = views.find(|view| name.strip_prefix('@') == Some(&view.name)) {
                let servers: BTreeSet<_> = view.tools.iter().map(|tool| &tool.server).collect();
                return Ok(servers.into_iter().cloned().map(Some).collect());
            }
        }
        let wrong = Wrong::expected("the route of a server or a virtual server behind /mcp/");
        if !place.ends_with(ROUTES) {
            return Err(wrong.help("/mcp/ is written in small letters"));
        }
        let views = self.views.iter().map(|view| format!("@{}", view.name));
        let servers = self.sources.servers.keys().map(ToString::to_string);
        let routes: Vec<String> = servers.chain(views).collect();
        let help = nearest(name, routes.iter().map(String::as_str));
        Err(wrong.help(
            help.unwrap_or_else(|| "for all servers leave out /mcp/ and what follows".to_owned()),
        ))
    }
}

struct Times {
    skew_s: u64,
    refresh_s: u64,
    keep_s: u64,
}

impl Times {
    fn of(fields: &Fields<'_>, report: &mut Report) -> Self {
        let skew = fields.get("skew");
        let skew = skew.and_then(|node| parsed(node, &fields.path("skew"), report, skew_s));
        let refresh = fields.get("refresh");
        let refresh =
            refresh.and_then(|node| parsed(node, &fields.path("refresh"), report, refresh_s));
        let keep = fields.get("keep");
        let keep = keep.and_then(|node| parsed(node, &fields.path("keep"), report, keep_s));
        Self {
            skew_s: skew.unwrap_or(SKEW_S),
            refresh_s: refresh.unwrap_or(REFRESH_S),
            keep_s: keep.unwrap_or(KEEP_S),
        }
    }
}

/// An issuer, byte for byte, and whether its URL itself says that it is near.
fn issuer_of(text: &str) -> Result<(String, bool), Wrong> {
    let found = url::url(text)?;
    if text.contains(['?', '#']) {
        return Err(Wrong::expected(
            "a URL without a query (RFC 8414 section 2)",
        ));
    }
    match secure(&found) {
        true => Ok((text.to_owned(), found.is_private())),
        false => Err(Wrong::expected("an https URL")
            .help("keys that come without TLS could be anybody's; http is for this machine only")),
    }
}

fn secure(found: &url::Url) -> bool {
    found.tls || found.is_loopback()
}

fn audience(text: &str) -> Result<String, Wrong> {
    let fits = (1..=bounds::TEXT_BYTES_MAX).contains(&text.len());
    match fits && text.bytes().all(|byte| byte.is_ascii_graphic()) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected(
            "1 to 1024 visible ASCII characters, such as https://mcp.acme.example",
        )),
    }
}

/// RFC 6749 section 3.3.
pub(crate) fn scope(text: &str) -> Result<String, Wrong> {
    let allowed = |byte: u8| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\');
    match (1..=128).contains(&text.len()) && text.bytes().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected(
            "a scope: 1 to 128 visible ASCII characters without quotes and backslashes",
        )),
    }
}

fn values<T: Ord>(
    node: &Node,
    path: &str,
    report: &mut Report,
    read: impl Fn(&str) -> Result<T, Wrong>,
) -> Vec<T> {
    let members = one_or_list(node);
    if members.len() > VALUES_MAX {
        let found = format!("{} values for {path}", members.len());
        report.refuse(
            node.place,
            found,
            Wrong::expected(format!("at most {VALUES_MAX}")),
        );
    }
    let mut all = Vec::new();
    for (at, member) in members.iter().take(VALUES_MAX).enumerate() {
        all.extend(parsed(member, &index(path, at), report, &read));
    }
    all.sort_unstable();
    all.dedup();
    all
}

fn algorithms(fields: &Fields<'_>, report: &mut Report) -> u16 {
    let Some(node) = fields.get("algorithms") else {
        return Algorithms::from_iter(Algorithms::DEFAULT).bits();
    };
    let path = fields.path("algorithms");
    let mut all = Vec::new();
    for (at, member) in one_or_list(node).iter().enumerate() {
        all.extend(parsed(member, &index(&path, at), report, algorithm));
    }
    if all.is_empty() {
        let wrong = Wrong::expected("at least one algorithm");
        report.refuse(node.place, format!("no algorithm for {path}"), wrong);
    }
    Algorithms::from_iter(all).bits()
}

fn algorithm(text: &str) -> Result<Algorithm, Wrong> {
    Algorithm::named(text).ok_or_else(|| {
        let names = || Algorithm::ALL.map(Algorithm::name);
        let wrong = Wrong::expected(alternatives(names()));
        let help = match text {
            "none" | "HS256" | "HS384" | "HS512" => {
                Some("an algorithm without a public key proves nothing to a gateway".to_owned())
            }
            _ => nearest(text, names()),
        };
        Wrong { help, ..wrong }
    })
}

/// Whether `JWT` is among `types`. `at+jwt` always is.
fn takes_plain(fields: &Fields<'_>, report: &mut Report) -> bool {
    let Some(node) = fields.get("types") else {
        return false;
    };
    let path = fields.path("types");
    let words = [("at+jwt", false), ("JWT", true)];
    let members = one_or_list(node).iter().enumerate();
    let found: Vec<_> = members
        .filter_map(|(at, member)| word(member, &index(&path, at), &words, report))
        .collect();
    found.contains(&true)
}

fn skew_s(text: &str) -> Result<u64, Wrong> {
    match quantity::duration_ms(text)? {
        ms if ms <= bounds::SKEW_S_MAX * 1_000 => Ok(ms / 1_000),
        _ => Err(Wrong::expected("a duration of at most 5m")),
    }
}

fn refresh_s(text: &str) -> Result<u64, Wrong> {
    match quantity::duration_ms(text)? {
        ms if REFRESH_MS.contains(&ms) => Ok(ms / 1_000),
        _ => Err(Wrong::expected("a duration from 10s to 24h")),
    }
}

fn keep_s(text: &str) -> Result<u64, Wrong> {
    match quantity::duration_ms(text)? {
        ms if ms <= KEEP_MS_MAX => Ok(ms / 1_000),
        _ => Err(Wrong::expected("a duration of at most 24h")),
    }
}
