//! A token taken apart (RFC 7515 compact serialization). Nothing of it is believed yet.
//!
//! Refuses what is too long, not exactly three parts of base64url without padding, JSON with
//! repeated members, a header with `crit` or `b64`, and algorithms without a public key.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};
use varistor_model::Reason;
use varistor_model::limits::JWT_BYTES_MAX;

use crate::algorithm::Algorithm;
use crate::bounds::KEY_ID_BYTES_MAX;
use crate::refused::Refused;
use crate::strict;

/// A token that could be read.
pub(crate) struct Jwt<'t> {
    /// What is signed: the first two parts and the dot between.
    pub(crate) signed: &'t [u8],
    pub(crate) algorithm: Algorithm,
    pub(crate) key_id: String,
    /// The header's `typ`, lower case, without `application/`.
    pub(crate) kind: Option<String>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) signature: Vec<u8>,
}

/// Whether a bearer token is one of these rather than one of ours: `e` begins the base64url of `{`,
/// and no token of ours.
#[must_use]
pub fn looks_like_one(token: &[u8]) -> bool {
    token.first() == Some(&b'e')
}

/// The parts of a signed object, before anybody asks what they say.
pub(crate) struct Parts<'t> {
    /// What is signed: the first two parts and the dot between.
    pub(crate) signed: &'t [u8],
    pub(crate) header: Map<String, Value>,
    pub(crate) algorithm: Algorithm,
    /// The header's `typ`, lower case, without `application/`.
    pub(crate) kind: Option<String>,
    pub(crate) claims: Map<String, Value>,
    pub(crate) signature: Vec<u8>,
}

impl<'t> Parts<'t> {
    pub(crate) fn read(token: &'t [u8]) -> Result<Self, Refused> {
        let three = Refused::malformed("it is not three parts with dots between");
        let last = token.iter().rposition(|byte| *byte == b'.').ok_or(three)?;
        let (signed, signature) = token.split_at_checked(last).ok_or(three)?;
        let signature = signature.get(1..).ok_or(three)?;
        let mut parts = signed.split(|byte| *byte == b'.');
        let (Some(header), Some(claims), None) = (parts.next(), parts.next(), parts.next()) else {
            return Err(three);
        };
        let header = object(
            header,
            "its header is not one JSON object, or not base64url",
        )?;
        let (algorithm, kind) = signing(&header)?;
        let claims = object(
            claims,
            "its claims are not one JSON object, or not base64url",
        )?;
        let signature =
            decoded(signature)
                .filter(|bytes| !bytes.is_empty())
                .ok_or(Refused::malformed(
                    "its signature is missing, or not base64url",
                ))?;
        Ok(Self {
            signed,
            header,
            algorithm,
            kind,
            claims,
            signature,
        })
    }
}

impl<'t> Jwt<'t> {
    pub(crate) fn read(token: &'t [u8]) -> Result<Self, Refused> {
        if token.len() > JWT_BYTES_MAX {
            return Err(Refused::malformed("it is longer than 8,000 bytes"));
        }
        let parts = Parts::read(token)?;
        let key_id = match parts.header.get("kid") {
            Some(Value::String(id)) if (1..=KEY_ID_BYTES_MAX).contains(&id.len()) => id.clone(),
            _ => return Err(Refused::malformed("its header names no key (`kid`)")),
        };
        Ok(Self {
            signed: parts.signed,
            algorithm: parts.algorithm,
            key_id,
            kind: parts.kind,
            claims: parts.claims,
            signature: parts.signature,
        })
    }

    /// Who says to have issued it.
    pub(crate) fn issuer(&self) -> Option<&str> {
        self.claims.get("iss")?.as_str()
    }
}

/// How it is signed, and its `typ`: lower case, without `application/`.
fn signing(header: &Map<String, Value>) -> Result<(Algorithm, Option<String>), Refused> {
    // No extension is understood here, and none of them may then be ignored (RFC 7515 section
    // 4.1.11); `b64` changes what is signed (RFC 7797).
    if header.contains_key("crit") || header.contains_key("b64") {
        return Err(Refused::malformed(
            "its header asks for an extension (`crit`, `b64`)",
        ));
    }
    let algorithm = header.get("alg").and_then(Value::as_str);
    let algorithm = algorithm.ok_or(Refused::malformed("its header names no algorithm"))?;
    let algorithm = Algorithm::named(algorithm).ok_or(Refused::new(
        Reason::TokenAlgorithm,
        "its algorithm is none, symmetric or not known",
    ))?;
    let kind = match header.get("typ") {
        None => None,
        Some(Value::String(kind)) => {
            let kind = kind.to_ascii_lowercase();
            // RFC 7515 section 4.1.9: the prefix may be left out.
            let short = kind.strip_prefix("application/");
            Some(short.map_or_else(|| kind.clone(), str::to_owned))
        }
        Some(_) => return Err(Refused::malformed("its `typ` is no text")),
    };
    Ok((algorithm, kind))
}

fn object(part: &[u8], why: &'static str) -> Result<Map<String, Value>, Refused> {
    let bytes = decoded(part).ok_or(Refused::malformed(why))?;
    strict::object(&bytes).ok_or(Refused::malformed(why))
}

/// Without padding, without bits that say nothing: one spelling only.
fn decoded(part: &[u8]) -> Option<Vec<u8>> {
    URL_SAFE_NO_PAD.decode(part).ok()
}
