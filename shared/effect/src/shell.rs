//! What a command line does.

use varistor_model::Intent;

use crate::{Effect, Effects, Outside};

/// What running this command line would do.
#[must_use]
pub fn shell(_text: &str, _outside: &dyn Outside) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "shell.unknown"))
}
