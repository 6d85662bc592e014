//! What reading a definition may look at beside its own node.

use std::path::Path;

use crate::secrets::Secrets;

/// The directory and its vault.
pub(crate) struct Context<'c> {
    pub(crate) dir: &'c Path,
    pub(crate) secrets: &'c Secrets,
}
