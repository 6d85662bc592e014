//! The order in which a token is believed, in one function.

use varistor_model::{Reason, TokenId};
use varistor_token::Verified;

use crate::algorithm::Algorithm;
use crate::claims;
use crate::jwt::Jwt;
use crate::key::KeyName;
use crate::provider::Provider;
use crate::refused::Refused;
use crate::ring_of_keys::KeyRing;

/// A key that a token names and that its provider's ring lacks.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Unknown {
    /// Place of the provider among those that were given.
    pub provider: usize,
    /// The key's id.
    pub key_id: String,
}

/// What a genuine token says, and whose it is here.
///
/// `ring` finds the keys of a provider by its place. Each step costs more than the one before, and
/// none of them more than one verification of a signature.
///
/// # Errors
/// What is wrong with it. Where only its key is not known, `unknown` says which.
pub fn verify(
    token: &[u8],
    providers: &[Provider],
    ring: impl Fn(usize) -> Option<std::sync::Arc<KeyRing>>,
    (now_unix_s, unknown): (u64, &mut Option<Unknown>),
) -> Result<Verified, Refused> {
    let jwt = Jwt::read(token)?;
    let (at, provider) = issued_by(providers, &jwt)?;
    if !provider.algorithms.has(jwt.algorithm) {
        let why = "its algorithm is not one of the provider's `algorithms`";
        return Err(Refused::new(Reason::TokenAlgorithm, why));
    }
    claims::check_kind(provider, &jwt)?;
    let ring = ring(at).unwrap_or_default();
    let Some(key) = ring.find(&jwt.key_id, jwt.algorithm) else {
        if ring.has(&jwt.key_id) {
            let why = "its key is for another algorithm";
            return Err(Refused::new(Reason::TokenAlgorithm, why));
        }
        *unknown = Some(Unknown {
            provider: at,
            key_id: jwt.key_id,
        });
        let why = "its key (`kid`) is not among those that the provider publishes";
        return Err(Refused::new(Reason::KeyUnknown, why));
    };
    if !key.has_signed(jwt.algorithm, (jwt.signed, &jwt.signature)) {
        return Err(Refused::new(
            Reason::TokenForged,
            "its signature is not its key's",
        ));
    }
    let ends = claims::check(provider, &jwt, now_unix_s)?;
    claims::mapped(provider, &jwt, (key.name(), ends))
}

/// The same for a token whose signature was verified before, by this key: what policy says of it
/// may be another by now.
///
/// # Errors
/// What is wrong with it.
pub fn reread(
    token: &[u8],
    providers: &[Provider],
    key: KeyName,
    now_unix_s: u64,
) -> Result<Verified, Refused> {
    let jwt = Jwt::read(token)?;
    let (_, provider) = issued_by(providers, &jwt)?;
    if !provider.algorithms.has(jwt.algorithm) {
        let why = "its algorithm is not one of the provider's `algorithms`";
        return Err(Refused::new(Reason::TokenAlgorithm, why));
    }
    claims::check_kind(provider, &jwt)?;
    let ends = claims::check(provider, &jwt, now_unix_s)?;
    claims::mapped(provider, &jwt, (key, ends))
}

/// What a token says that nobody has verified; for people, never for a decision.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Said {
    /// Who says to have issued it.
    pub issuer: String,
    /// Whom it speaks for.
    pub subject: String,
    /// The key that it names.
    pub key_id: String,
    /// How it says to be signed.
    pub algorithm: Algorithm,
    /// The id of its holder.
    pub holder: TokenId,
    /// Its own id.
    pub id: TokenId,
}

/// Reads a token without verifying it.
///
/// # Errors
/// Why it can't be read.
pub fn said(token: &[u8]) -> Result<Said, Refused> {
    let jwt = Jwt::read(token)?;
    let issuer = jwt.issuer().unwrap_or_default().to_owned();
    let (holder, id) = claims::ids(&jwt, &issuer)?;
    let subject = jwt.claims.get("sub").and_then(|it| it.as_str());
    Ok(Said {
        subject: subject.unwrap_or_default().to_owned(),
        algorithm: jwt.algorithm,
        key_id: jwt.key_id,
        issuer,
        holder,
        id,
    })
}

fn issued_by<'p>(
    providers: &'p [Provider],
    jwt: &Jwt<'_>,
) -> Result<(usize, &'p Provider), Refused> {
    let issuer = jwt
        .issuer()
        .ok_or(Refused::claims("its `iss` is missing"))?;
    let mut rows = providers.iter().enumerate();
    rows.find(|(_, row)| row.issuer == issuer)
        .ok_or(Refused::new(
            Reason::TokenIssuer,
            "its `iss` is none of the `identity_providers`, byte for byte",
        ))
}
