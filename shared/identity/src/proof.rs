//! Proofs of possession (RFC 9449, DPoP): that whoever sends a request holds the private key that
//! its access token is bound to.
//!
//! Refuses proofs by another key, for another request or another token, those that are old, and
//! keys that come with their private part. That a proof serves once only is for whoever remembers
//! [`Proof::id`].

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::Value;
use sha2::{Digest as _, Sha256};
use varistor_model::Reason;

use crate::bounds::{PROOF_BYTES_MAX, PROOF_S, SKEW_S_MAX};
use crate::claims::{id, moment, text, thumbprint};
use crate::jwt::Parts;
use crate::key::Key;
use crate::key_set::public;
use crate::refused::Refused;

/// The request that a proof has to be for.
#[derive(Clone, Copy, Debug)]
pub struct Asked<'a> {
    /// Its HTTP method.
    pub method: &'a str,
    /// What the gateway may be called: scheme and authority, and what stands before its own paths.
    pub bases: &'a [String],
    /// Its target, without a query.
    pub path: &'a str,
    /// The access token that comes with it.
    pub token: &'a [u8],
    /// The thumbprint of the key that the token is bound to.
    pub key: [u8; 32],
}

/// A proof that holds.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Proof {
    /// What it is recognised by if it comes again.
    pub id: [u8; 16],
    /// The first second at which it would hold nowhere any more, whatever policy says of clocks, in
    /// seconds since 1970.
    pub ends_unix_s: u64,
}

/// Checks a proof (RFC 9449 section 4.3); clocks may disagree by `skew_s`. The signature last: it
/// costs the most.
///
/// # Errors
/// [`Reason::ProofInvalid`], and what is wrong with it.
pub fn prove(
    proof: &[u8],
    asked: &Asked<'_>,
    (now_unix_s, skew_s): (u64, u64),
) -> Result<Proof, Refused> {
    if proof.len() > PROOF_BYTES_MAX {
        return Err(invalid("it is longer than 4,096 bytes"));
    }
    let parts = Parts::read(proof).map_err(of_proof)?;
    if parts.kind.as_deref() != Some("dpop+jwt") {
        return Err(invalid("its `typ` is not dpop+jwt"));
    }
    let key = match parts.header.get("jwk") {
        Some(Value::Object(jwk)) => public(jwk).and_then(|key| Key::new("jwk", None, key)),
        _ => Err("its header has no `jwk`"),
    };
    let key = key.map_err(invalid)?;
    if key.public().thumbprint() != asked.key {
        return Err(invalid("its key is not the one that the token is bound to"));
    }
    let claims = &parts.claims;
    let said = |name: &str| claims.get(name).and_then(Value::as_str);
    if said("htm") != Some(asked.method) {
        return Err(invalid("its `htm` is not the request's method"));
    }
    if !said("htu").is_some_and(|url| is_place(url, asked)) {
        return Err(invalid("its `htu` is not the request's URL"));
    }
    let hash: [u8; 32] = Sha256::digest(asked.token).into();
    if claims.get("ath").and_then(thumbprint) != Some(hash) {
        return Err(invalid("its `ath` is not the hash of the token"));
    }
    let made = moment(claims, "iat").map_err(of_proof)?;
    let made = made.ok_or(invalid("its `iat` is missing"))?;
    let ends_unix_s = made.saturating_add(PROOF_S).saturating_add(skew_s);
    if made > now_unix_s.saturating_add(skew_s) || now_unix_s >= ends_unix_s {
        return Err(invalid("its `iat` is not of the last minute"));
    }
    let own = text(claims, "jti").map_err(of_proof)?;
    let own = own.ok_or(invalid("its `jti` is missing"))?;
    if !key.has_signed(parts.algorithm, (parts.signed, &parts.signature)) {
        return Err(invalid("its signature is not its key's"));
    }
    let key = URL_SAFE_NO_PAD.encode(asked.key);
    Ok(Proof {
        id: id(&["proof", &key, own]).0,
        ends_unix_s: made.saturating_add(PROOF_S).saturating_add(SKEW_S_MAX),
    })
}

const fn invalid(why: &'static str) -> Refused {
    Refused::new(Reason::ProofInvalid, why)
}

const fn of_proof(refused: Refused) -> Refused {
    invalid(refused.why)
}

/// Whether a URL is that of the request; its query and fragment say nothing.
fn is_place(url: &str, asked: &Asked<'_>) -> bool {
    let end = url.find(['?', '#']).unwrap_or(url.len());
    let Some(said) = url.get(..end).and_then(Place::of) else {
        return false;
    };
    asked.bases.iter().any(|base| {
        let whole = format!("{}{}", base.trim_end_matches('/'), asked.path);
        Place::of(&whole).is_some_and(|own| own == said)
    })
}

/// A URL's parts, as two that mean the same are written alike (RFC 3986 sections 6.2.2 and 6.2.3).
#[derive(PartialEq, Eq)]
struct Place<'u> {
    scheme: String,
    host: String,
    port: &'u str,
    path: &'u str,
}

impl<'u> Place<'u> {
    fn of(url: &'u str) -> Option<Self> {
        let (scheme, rest) = url.split_once("://")?;
        let end = rest.find('/').unwrap_or(rest.len());
        let (authority, path) = rest.split_at_checked(end)?;
        // A port stands behind the last colon that is not within the brackets of an IPv6 address.
        let (host, port) = match authority.rsplit_once(':') {
            Some((host, port)) if !port.ends_with(']') => (host, port),
            _ => (authority, ""),
        };
        let scheme = scheme.to_ascii_lowercase();
        let usual = match scheme.as_str() {
            "https" => "443",
            "http" => "80",
            _ => return None,
        };
        let is_sound = !host.is_empty() && !host.contains('@');
        is_sound.then(|| Self {
            host: host.to_ascii_lowercase(),
            port: if port == usual { "" } else { port },
            path: if path.is_empty() { "/" } else { path },
            scheme,
        })
    }
}
