//! Narrows a token without any key but the one that the token carries for it.
//!
//! Refuses sealed tokens, and whatever would make a token that gateways refuse.

use biscuit_auth::UnverifiedBiscuit;
use varistor_model::limits::{TOKEN_BLOCKS_MAX, TOKEN_BYTES_MAX};

use crate::wire::Wire;
use crate::{Narrowing, TokenError, Verifier, bounds, verify, write};

/// The text of a token that permits at most what `token` permits and what `narrowing` leaves.
///
/// Offline: does not check whether `token` is genuine. Draws randomness for the next key.
///
/// # Errors
/// [`TokenError::Unreadable`], [`TokenError::Vocabulary`], [`TokenError::Sealed`],
/// [`TokenError::Blocks`], [`TokenError::Limits`], [`TokenError::TooLong`], and
/// [`TokenError::Value`] naming the part of the narrowing that is out of bounds.
pub fn attenuate(token: &str, narrowing: &Narrowing) -> Result<String, TokenError> {
    let wire = Wire::decode(token.as_bytes())?;
    let parent = verify::statements(&wire)?;
    if wire.is_sealed() {
        return Err(TokenError::Sealed);
    }
    if parent.ids.len() >= TOKEN_BLOCKS_MAX {
        return Err(TokenError::Blocks);
    }
    let limits = parent.limits.len().saturating_add(narrowing.limits.len());
    if limits > bounds::LIMITS_PER_TOKEN_MAX {
        return Err(TokenError::Limits);
    }
    let block = write::narrowing(narrowing)?;
    let text = UnverifiedBiscuit::from(&wire.bytes)
        .and_then(|parent| parent.append(block))
        .and_then(|child| child.to_base64())
        .map_err(|error| TokenError::Library(error.to_string()))?;
    accepted(text)
}

/// The text, if a gateway would accept what it says.
pub(crate) fn accepted(text: String) -> Result<String, TokenError> {
    if text.len() > TOKEN_BYTES_MAX {
        return Err(TokenError::TooLong { found: text.len() });
    }
    Verifier::inspect(&text).map(|_| text)
}
