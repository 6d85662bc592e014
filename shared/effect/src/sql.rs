//! What SQL does.

use varistor_model::Intent;

use crate::{Effect, Effects};

/// What running this SQL would do.
#[must_use]
pub fn sql(_text: &str) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "sql.unknown"))
}
