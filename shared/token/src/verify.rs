//! Decides whether a token is genuine and within the vocabulary.
//!
//! Refuses, in the order of cost: what is not the text of a token, an unknown key, a wrong
//! signature, a statement outside the vocabulary. Expiry and revocation are the caller's to
//! check, at every request: this crate has no clock.

use biscuit_auth::PublicKey;
use biscuit_auth::builder::Algorithm;
use biscuit_auth::datalog::SymbolTable;
use biscuit_auth::error::Format;
use biscuit_auth::format::SerializedBiscuit;
use varistor_model::Reason;

use crate::wire::{self, Flaw, Wire};
use crate::{OwnedRate, TokenError, Verified, bounds, read};

/// Holds the public keys by which tokens are known.
pub struct Verifier {
    /// Sorted by id, ids and keys unique.
    keys: Vec<(u32, PublicKey)>,
}

impl Verifier {
    /// A verifier for tokens of these keys: (id, Ed25519 public key).
    ///
    /// # Errors
    /// [`TokenError::Key`] when a key is not a point of the curve, or an id or key is given twice.
    pub fn new(keys: impl IntoIterator<Item = (u32, [u8; 32])>) -> Result<Self, TokenError> {
        let mut known: Vec<(u32, PublicKey)> = Vec::new();
        for (id, bytes) in keys {
            let refuse = |problem| TokenError::Key { id, problem };
            let key = PublicKey::from_bytes(&bytes, Algorithm::Ed25519)
                .map_err(|_| refuse("is not an Ed25519 public key"))?;
            if known
                .iter()
                .any(|(other, same)| *other == id || *same == key)
            {
                return Err(refuse("is given twice"));
            }
            known.push((id, key));
        }
        known.sort_unstable_by_key(|(id, _)| *id);
        Ok(Self { keys: known })
    }

    /// What a genuine token says.
    ///
    /// # Errors
    /// `TokenMalformed`, `TokenForged` (unknown key, wrong signature) or `TokenVocabulary`.
    pub fn verify(&self, token: &[u8]) -> Result<Verified, Reason> {
        let wire = Wire::decode(token).map_err(reason)?;
        let key = self
            .key(wire.biscuit.root_key_id)
            .ok_or(Reason::TokenForged)?;
        SerializedBiscuit::from_slice(&wire.bytes, key).map_err(|error| match error {
            Format::DeserializationError(_) | Format::BlockDeserializationError(_) => {
                Reason::TokenMalformed
            }
            _ => Reason::TokenForged,
        })?;
        statements(&wire).map_err(reason)
    }

    /// What a token says that nobody has verified; for people, never for a decision.
    ///
    /// # Errors
    /// [`TokenError::Unreadable`] or [`TokenError::Vocabulary`].
    pub fn inspect(token: &str) -> Result<Verified, TokenError> {
        let wire = Wire::decode(token.as_bytes())?;
        Ok(statements(&wire)?)
    }

    fn key(&self, id: Option<u32>) -> Option<PublicKey> {
        let id = id?;
        let index = self.keys.binary_search_by_key(&id, |(id, _)| *id).ok()?;
        self.keys.get(index).map(|(_, key)| *key)
    }
}

/// Everything that the blocks say, put together. Does not look at signatures.
pub(crate) fn statements(wire: &Wire) -> Result<Verified, Flaw> {
    let mut symbols = SymbolTable::new();
    let signed = &wire.biscuit.authority;
    let at = |block| move |what| Flaw::Foreign { block, what };
    let first = read::statement(&signed.block, &mut symbols, true).map_err(at(0))?;
    let missing = Flaw::Foreign {
        block: 0,
        what: "no organisation, no agent or no expiry",
    };
    let mut verified = Verified {
        ids: Vec::with_capacity(wire.biscuit.blocks.len().saturating_add(1)),
        organisation: first.organisation.ok_or(missing)?,
        team: first.team,
        agent: first.agent.ok_or(missing)?,
        roles: first.roles,
        scopes: Vec::new(),
        expires_unix_s: first.expires_unix_s.ok_or(missing)?,
        limits: Vec::new(),
        outside: None,
    };
    add(&mut verified, wire::id(signed), first.scope, &first.limits);
    for (index, signed) in wire.biscuit.blocks.iter().enumerate() {
        let block = index.saturating_add(1);
        let statement = read::statement(&signed.block, &mut symbols, false).map_err(at(block))?;
        if let Some(unix_s) = statement.expires_unix_s {
            verified.expires_unix_s = verified.expires_unix_s.min(unix_s);
        }
        add(
            &mut verified,
            wire::id(signed),
            statement.scope,
            &statement.limits,
        );
        if verified.limits.len() > bounds::LIMITS_PER_TOKEN_MAX {
            return Err(at(block)("too many limits"));
        }
    }
    Ok(verified)
}

fn add(
    verified: &mut Verified,
    owner: varistor_model::TokenId,
    scope: crate::Scope,
    limits: &[crate::TokenRate],
) {
    verified.ids.push(owner);
    if !scope.is_open() {
        verified.scopes.push(scope);
    }
    verified.limits.extend(limits.iter().map(|rate| OwnedRate {
        owner,
        count: rate.count,
        period_ns: rate.period_ns,
    }));
}

const fn reason(flaw: Flaw) -> Reason {
    match flaw {
        Flaw::Malformed(_) => Reason::TokenMalformed,
        Flaw::Foreign { .. } => Reason::TokenVocabulary,
    }
}

impl From<Flaw> for TokenError {
    fn from(flaw: Flaw) -> Self {
        match flaw {
            Flaw::Malformed(why) => Self::Unreadable(why),
            Flaw::Foreign { block, what } => Self::Vocabulary { block, what },
        }
    }
}
