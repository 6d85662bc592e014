//! `varictl schema`: the JSON Schema of policy files.

use crate::exit::Exit;
use crate::output;

/// Prints it.
pub(super) fn run() -> anyhow::Result<Exit> {
    output::line(varistor_compile::POLICY_SCHEMA.trim_end())?;
    Ok(Exit::Done)
}
