//! Takes from the vault what a snapshot needs: the headers that carry secrets, and the means to
//! recognise every secret elsewhere.
//!
//! Refuses a snapshot whose servers need a secret that can't be had.

use anyhow::Context as _;
use varistor_pipeline::serving::{Credential, OWN_SECRET_BYTES_MIN, OwnSecrets};
use varistor_snapshot::schema::{
    ArchivedCredential, ArchivedPolicy, ArchivedServer, ArchivedTemplatePart, QUERY,
};
use varistor_vault::{Secret, Vault};
use zeroize::Zeroizing;

use super::safe::Safe;
use crate::log;

/// The values of the headers that carry secrets, one per server, and what recognises all secrets.
///
/// A vault that no server needs may be out of reach: then there is a warning.
pub(super) fn of(
    safe: &Safe,
    policy: &ArchivedPolicy,
) -> anyhow::Result<(Vec<Option<Credential>>, OwnSecrets)> {
    let rows = policy.servers.as_slice();
    let needs = |server: &ArchivedServer| !server.credentials.is_empty() || server.oauth.is_some();
    let is_needed = rows.iter().any(needs);
    if !is_needed && !safe.is_there() {
        return Ok((rows.iter().map(|_| None).collect(), OwnSecrets::default()));
    }
    let opened = safe.vault();
    match opened.and_then(|vault| Ok((vault, recognisable(vault)?))) {
        Ok((vault, own)) => {
            let credentials = rows.iter().map(|server| credential(vault, server));
            Ok((credentials.collect::<anyhow::Result<_>>()?, own))
        }
        Err(error) if !is_needed => {
            log::warning(format_args!(
                "{error:#}; no server needs the vault, but its secrets are not recognised in what \
                 passes"
            ));
            Ok((rows.iter().map(|_| None).collect(), OwnSecrets::default()))
        }
        Err(error) => Err(error),
    }
}

fn recognisable(vault: &Vault) -> anyhow::Result<OwnSecrets> {
    let mut seed = [0; 8];
    getrandom::fill(&mut seed).context("the system gives no random numbers")?;
    let values = vault.values().collect::<Result<Vec<_>, _>>()?;
    let own = OwnSecrets::new(u64::from_le_bytes(seed), values.iter().map(Secret::expose))?;
    let short = values.len().saturating_sub(own.len());
    if short > 0 {
        log::warning(format_args!(
            "{short} secrets of the vault are shorter than {OWN_SECRET_BYTES_MIN} bytes and are not \
             recognised in what passes"
        ));
    }
    Ok(own)
}

fn credential(vault: &Vault, server: &ArchivedServer) -> anyhow::Result<Option<Credential>> {
    if server.credentials.is_empty() {
        return Ok(None);
    }
    let templates = server.credentials.iter();
    let values = templates.map(|template| value(vault, server, template));
    Ok(Some(Credential(values.collect::<anyhow::Result<_>>()?)))
}

/// Appends it as a query has to spell it (RFC 3986 section 3.4).
fn escape(secret: &[u8], value: &mut Vec<u8>) {
    const DIGITS: &[u8; 16] = b"0123456789ABCDEF";
    for byte in secret {
        if byte.is_ascii_alphanumeric() || b"-._~".contains(byte) {
            value.push(*byte);
        } else {
            let digit = |half: u8| DIGITS.get(usize::from(half)).copied().unwrap_or(b'0');
            value.extend([b'%', digit(byte >> 4), digit(byte & 15)]);
        }
    }
}

/// The value of one header, or the parameter of a query.
fn value(
    vault: &Vault,
    server: &ArchivedServer,
    template: &ArchivedCredential,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut value = Zeroizing::new(Vec::with_capacity(256));
    for part in template.value.iter() {
        match part {
            ArchivedTemplatePart::Literal(text) => value.extend_from_slice(text.as_bytes()),
            ArchivedTemplatePart::Secret(name) => {
                let secret = vault
                    .get(name.as_str(), server.name.as_str())
                    .with_context(|| format!("server {}: secret `{name}`", server.name))?;
                match template.header == *QUERY {
                    true => escape(secret.expose(), &mut value),
                    false => value.extend_from_slice(secret.expose()),
                }
            }
        }
    }
    let plain = value.iter().all(|byte| (0x20..=0x7e).contains(byte));
    anyhow::ensure!(
        plain,
        "server {}: its credential has bytes that no header can",
        server.name
    );
    Ok(value)
}
