//! Verbs of other languages than English, as names of tools and descriptions have them:
//! infinitives,
//! imperatives, the third person and nouns of deeds.
//!
//! Refuses words that are English ones as well, and gives a word that several languages have
//! to the
//! commonest of them. Letters with marks that the hash of a word does not fold stand with and
//! without
//! them.

mod eastern;
mod germanic;
mod romance;
mod slavic;
mod uralic;

use super::NOUN;
pub(super) use eastern::ROWS as EASTERN;
pub(super) use germanic::ROWS as GERMANIC;
pub(super) use romance::ROWS as ROMANCE;
pub(super) use slavic::ROWS as SLAVIC;
pub(super) use uralic::ROWS as URALIC;
