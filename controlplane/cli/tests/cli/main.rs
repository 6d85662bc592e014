//! `varictl` as a person and a script see it: the built binary in directories that die with the
//! test.

#![expect(
    clippy::unwrap_used,
    clippy::panic,
    reason = "a test that can't go on fails"
)]

mod approval_page;
mod audit_log;
mod bad_configuration;
mod catalog;
mod channels;
mod connect;
mod discover;
mod doctor;
mod explain;
mod explain_vault;
mod fake_gateway;
mod gateways;
mod help;
mod import;
mod kill;
mod policy_directory;
mod program;
mod records;
mod replay;
mod rules;
mod sandbox;
mod tokens;
mod tool_flags;
mod tools;
mod vault;
mod vault_changes;
