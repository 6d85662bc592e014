//! What a script does.

use varistor_model::Intent;

use crate::{Effect, Effects, Language, Outside};

/// What running this script would do.
#[must_use]
pub fn script(_language: Language, _text: &str, _outside: &dyn Outside) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "script.unknown"))
}
