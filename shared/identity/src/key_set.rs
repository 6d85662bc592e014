//! A provider's published keys (RFC 7517 section 5). Keys that nothing here can use are passed
//! over; a set without a usable one, or with one name for two of them, is refused.

use base64::Engine as _;
use base64::engine::general_purpose::URL_SAFE_NO_PAD;
use serde_json::{Map, Value};

use crate::algorithm::{Algorithm, Kind};
use crate::bounds::{DOCUMENT_BYTES_MAX, KEYS_MAX};
use crate::key::{Key, Public};
use crate::strict;

/// Keys that can be used, and why others can't.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct KeySet {
    /// Those that verify signatures.
    pub keys: Vec<Key>,
    /// For a person: each that was passed over, and why.
    pub passed_over: Vec<String>,
}

/// Why a key set is refused.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum KeySetError {
    /// Too long.
    #[error("it is longer than {DOCUMENT_BYTES_MAX} bytes")]
    TooLong,
    /// No key set.
    #[error("it is no JSON Web Key Set: expected {{\"keys\": [...]}} without repeated members")]
    Malformed,
    /// Too many keys.
    #[error("it has more than {KEYS_MAX} keys")]
    TooMany,
    /// Two usable keys of one name.
    #[error("two of its keys have the `kid` {0:?}")]
    Twice(String),
    /// None can be used.
    #[error("none of its keys can be used: {0}")]
    Empty(String),
}

impl KeySet {
    /// Reads a key set.
    ///
    /// # Errors
    /// When it is none, or has no key that can be used.
    pub fn read(bytes: &[u8]) -> Result<Self, KeySetError> {
        if bytes.len() > DOCUMENT_BYTES_MAX {
            return Err(KeySetError::TooLong);
        }
        let document = strict::object(bytes).ok_or(KeySetError::Malformed)?;
        let Some(Value::Array(rows)) = document.get("keys") else {
            return Err(KeySetError::Malformed);
        };
        if rows.len() > KEYS_MAX {
            return Err(KeySetError::TooMany);
        }
        let mut set = Self::default();
        for (at, row) in rows.iter().enumerate() {
            match key(row) {
                Ok(key) if set.keys.iter().any(|known| is_same(known, &key)) => {
                    return Err(KeySetError::Twice(key.id().to_owned()));
                }
                Ok(key) => set.keys.push(key),
                Err(why) => set.passed_over.push(format!("keys[{at}]: {why}")),
            }
        }
        if set.keys.is_empty() {
            return Err(KeySetError::Empty(match set.passed_over.is_empty() {
                true => "there is none".to_owned(),
                false => set.passed_over.join("; "),
            }));
        }
        Ok(set)
    }
}

/// Whether a token's `kid` and `alg` could mean both.
fn is_same(one: &Key, other: &Key) -> bool {
    one.id() == other.id() && one.public().kind == other.public().kind
}

fn key(row: &Value) -> Result<Key, &'static str> {
    let Value::Object(row) = row else {
        return Err("it is no object");
    };
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    if text("use").is_some_and(|purpose| purpose != "sig") {
        return Err("it is not for signatures (`use`)");
    }
    if let Some(Value::Array(operations)) = row.get("key_ops")
        && !operations.iter().any(|one| one.as_str() == Some("verify"))
    {
        return Err("it is not for verification (`key_ops`)");
    }
    let only = match text("alg") {
        None => None,
        Some(name) => Some(Algorithm::named(name).ok_or("its `alg` is not known")?),
    };
    Key::new(text("kid").unwrap_or_default(), only, public(row)?)
}

/// The public part that a key says (RFC 7518 section 6, RFC 8037 section 2).
pub(crate) fn public(row: &Map<String, Value>) -> Result<Public, &'static str> {
    if row.contains_key("d") {
        return Err("it holds its private part, which everybody can read");
    }
    let text = |name: &str| row.get(name).and_then(Value::as_str);
    Ok(match (text("kty"), text("crv")) {
        (Some("RSA"), _) => Public {
            kind: Kind::Rsa,
            bytes: number(row, "n")?,
            exponent: number(row, "e")?,
        },
        (Some("EC"), Some("P-256")) => point(row, Kind::P256)?,
        (Some("EC"), Some("P-384")) => point(row, Kind::P384)?,
        (Some("OKP"), Some("Ed25519")) => Public {
            kind: Kind::Ed25519,
            bytes: number(row, "x")?,
            exponent: Vec::new(),
        },
        _ => return Err("its kind is not RSA, P-256, P-384 or Ed25519"),
    })
}

fn point(row: &Map<String, Value>, kind: Kind) -> Result<Public, &'static str> {
    let (x, y) = (number(row, "x")?, number(row, "y")?);
    if x.len() != y.len() {
        return Err("its coordinates are of different lengths");
    }
    Ok(Public {
        kind,
        bytes: [&[4][..], &x, &y].concat(),
        exponent: Vec::new(),
    })
}

fn number(row: &Map<String, Value>, name: &str) -> Result<Vec<u8>, &'static str> {
    let text = row.get(name).and_then(Value::as_str);
    let text = text.ok_or("a part of it is missing")?;
    URL_SAFE_NO_PAD
        .decode(text)
        .map_err(|_| "a part of it is not base64url without padding")
}
