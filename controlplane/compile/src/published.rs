//! The JSON Schema of policy files, for editors. It says what a policy may look like; what its
//! names refer to is for the compiler to check.

/// JSON Schema (2020-12) of a policy file.
pub const POLICY_SCHEMA: &str = include_str!("../policy.schema.json");

#[cfg(test)]
mod tests;
