//! What touching a file of this path means.

use varistor_model::Intent;

use crate::{Effect, Effects};

/// How a file is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its content is read.
    Read,
    /// It is created, changed or overwritten.
    Write,
    /// It is removed.
    Delete,
}

/// What this access to this path would do.
#[must_use]
pub fn path(_path: &str, _access: Access) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "path.unknown"))
}
