//! What a person is told when a token can't be issued, narrowed or read.

use varistor_model::limits::{TOKEN_BLOCKS_MAX, TOKEN_BYTES_MAX};

/// Why a token can't be issued, narrowed or read.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum TokenError {
    /// A value that may not stand in a token.
    #[error("{what} `{found}` is not allowed in a token; expected {expected}")]
    Value {
        /// Which member.
        what: &'static str,
        /// The value as given.
        found: String,
        /// What would be accepted.
        expected: &'static str,
    },
    /// Not the text of a token.
    #[error(
        "this is not a token: {0}. Expected the one line that `varictl token issue` or \
         `varictl token attenuate` printed, at most {TOKEN_BYTES_MAX} characters"
    )]
    Unreadable(&'static str),
    /// Says something outside the vocabulary.
    #[error(
        "block {block} of the token holds {what}, which is outside the vocabulary; \
         gateways refuse this token"
    )]
    Vocabulary {
        /// Counted from 0, the issuer's own.
        block: usize,
        /// What was found.
        what: &'static str,
    },
    /// Its holder closed it.
    #[error("the token is sealed: whoever sealed it did not want it narrowed; ask for another")]
    Sealed,
    /// Narrowed too often.
    #[error(
        "the token already has {TOKEN_BLOCKS_MAX} blocks, which is the most a gateway accepts; \
         narrow one of its parents instead"
    )]
    Blocks,
    /// Longer than a gateway accepts.
    #[error(
        "the token would be {found} characters long and gateways accept {TOKEN_BYTES_MAX}; \
         name fewer servers, tools or roles, or use shorter patterns"
    )]
    TooLong {
        /// Its length.
        found: usize,
    },
    /// More limits than are counted for one call.
    #[error(
        "the token would carry more than {} rate limits; leave some out",
        crate::bounds::LIMITS_PER_TOKEN_MAX
    )]
    Limits,
    /// A public key that is not one, or is given twice.
    #[error("token key {id} {problem}; `varictl init` makes a good one")]
    Key {
        /// The key's id.
        id: u32,
        /// What is wrong.
        problem: &'static str,
    },
    /// The Biscuit library failed.
    #[error("the token could not be built: {0}")]
    Library(String),
}
