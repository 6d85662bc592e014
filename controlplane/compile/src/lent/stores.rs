//! `secret_stores`: where they are, and as whom the gateway asks them.

use std::collections::BTreeMap;

use varistor_snapshot::schema::{AppRole, JwtRole, SecretStore, StoreAuth, TemplatePart};

use super::{absolute, at_most, plain_path, visible};
use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::name;
use crate::problem::{Report, Wrong, quote};
use crate::quantity;
use crate::read::{Fields, boolean, entries, join, parsed};
use crate::template;
use crate::url;
use crate::yaml::Node;

const STORE: &[&str] = &["url", "namespace", "auth", "ca", "allow_private", "refresh"];
/// What the vault calls the receiver of secrets that a store is asked with.
const RECEIVER: &str = "_secrets";
/// Most stores of a policy.
const STORES_MAX: usize = 16;
/// How often a store is asked.
const REFRESH_S: u64 = 300;
const REFRESH_MS: core::ops::RangeInclusive<u64> = 1_000..=86_400_000;

pub(super) fn stores(
    sources: &Sources<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Vec<SecretStore> {
    let Some(node) = sources.setting("secret_stores") else {
        return Vec::new();
    };
    let mut rows = BTreeMap::new();
    for (key, node) in entries(node, "secret_stores", report) {
        let refused = name::other(&key.text).err();
        let refused = refused.or_else(|| (rows.len() >= STORES_MAX).then(|| at_most(STORES_MAX)));
        if let Some(wrong) = refused {
            let found = format!("the name {} in secret_stores", quote(&key.text));
            report.refuse(key.place, found, wrong);
            continue;
        }
        let row = store(node, &key.text, context, report);
        rows.extend(row.map(|row| (key.text, row)));
    }
    rows.into_values().collect()
}

fn store(
    node: &Node,
    name: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<SecretStore> {
    let path = join("secret_stores", name);
    let fields = Fields::of(node, &path, STORE, report);
    let url = fields.required("url", report);
    let url = url.and_then(|node| parsed(node, &fields.path("url"), report, address));
    let namespace = fields.get("namespace");
    let namespace =
        namespace.map(|node| parsed(node, &fields.path("namespace"), report, plain_path));
    let auth = fields.required("auth", report);
    let auth = auth.and_then(|node| auth_of(node, &fields.path("auth"), context, report));
    let ca = fields.get("ca");
    let ca = ca.and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let allow_private = fields.read("allow_private", report, boolean);
    let refresh = fields.get("refresh");
    let refresh = refresh.and_then(|node| {
        parsed(
            node,
            &fields.path("refresh"),
            report,
            |text| match quantity::duration_ms(text)? {
                ms if REFRESH_MS.contains(&ms) => Ok(ms / 1_000),
                _ => Err(Wrong::expected("a duration from 1s to 24h")),
            },
        )
    });
    let (url, is_private) = url?;
    Some(SecretStore {
        name: name.to_owned(),
        url,
        namespace: namespace.map_or(Some(None), |text| text.map(Some))?,
        auth: auth?,
        ca,
        allow_private: allow_private.unwrap_or(is_private),
        refresh_s: refresh.unwrap_or(REFRESH_S),
    })
}

/// As whom it is asked: one of the ways.
fn auth_of(
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<StoreAuth> {
    const WAYS: [&str; 4] = ["token", "approle", "kubernetes", "jwt"];
    let fields = Fields::of(node, path, &WAYS, report);
    let mut given = WAYS.iter().filter_map(|way| Some((*way, fields.get(way)?)));
    let (Some((way, node)), None) = (given.next(), given.next()) else {
        let wrong = Wrong::expected("one of token, approle, kubernetes and jwt");
        report.refuse(node.place, format!("not one way for {path}"), wrong);
        return None;
    };
    let path = fields.path(way);
    if way == "token" {
        return secret(node, &path, context, report).map(StoreAuth::Token);
    }
    let keys: &[&str] = match way {
        "approle" => &["role_id", "secret_id", "mount"],
        _ => &["role", "token_file", "mount"],
    };
    let fields = Fields::of(node, &path, keys, report);
    let mount = fields.get("mount");
    let mount = mount.map(|node| parsed(node, &fields.path("mount"), report, plain_path));
    let mount = mount.unwrap_or_else(|| Some(way.to_owned()));
    let role = match way {
        "approle" => "role_id",
        _ => "role",
    };
    let named = fields.required(role, report);
    let named = named.and_then(|node| parsed(node, &fields.path(role), report, visible));
    if way == "approle" {
        let node = fields.required("secret_id", report)?;
        let secret_id = secret(node, &fields.path("secret_id"), context, report);
        return Some(StoreAuth::AppRole(AppRole {
            mount: mount?,
            role_id: named?,
            secret_id: secret_id?,
        }));
    }
    let file = match way {
        "kubernetes" => fields.get("token_file"),
        _ => fields.required("token_file", report),
    };
    let file = file.map(|node| parsed(node, &fields.path("token_file"), report, absolute));
    let usual = || Some("/var/run/secrets/kubernetes.io/serviceaccount/token".to_owned());
    Some(StoreAuth::Jwt(JwtRole {
        mount: mount?,
        role: named?,
        token_file: file.unwrap_or_else(usual)?,
    }))
}

/// What a store is asked with: in the vault, never here.
fn secret(
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<TemplatePart>> {
    let parts = parsed(node, path, report, |text| {
        let parts = template::value(text).map_err(Wrong::hidden)?;
        if template::secrets_of(&parts).next().is_none() {
            let help = "put it into the vault: varictl vault set NAME --servers _secrets";
            return Err(Wrong::expected("${vault:NAME}").help(help).hidden());
        }
        Ok(parts)
    })?;
    let secrets = context.secrets;
    secrets.check_all(&parts, RECEIVER, node.place, report);
    Some(parts)
}

/// Where a store is, and whether its URL itself says that it is near.
fn address(text: &str) -> Result<(String, bool), Wrong> {
    let found = url::url(text)?;
    match (found.tls || found.is_loopback(), text.contains('?')) {
        (true, false) => Ok((text.to_owned(), found.is_private())),
        (true, true) => Err(Wrong::expected("a URL without a query")),
        (false, _) => Err(Wrong::expected("an https URL")
            .help("secrets come from there; http is for this machine only")),
    }
}
