//! Turns a policy directory into the rows of a snapshot, and says what differs between two
//! snapshots.
//!
//! Refuses a directory with any mistake in it, and names all mistakes in one run: file, line,
//! what was found, what was expected, what to do. Nothing in a policy is ever ignored.

mod approvals;
mod audit;
mod channels;
mod compile;
mod context;
mod decisions;
mod diff;
mod directory;
mod dlp;
mod federation;
mod files;
mod flows;
mod gather;
mod identity;
mod keys;
mod lent;
mod name;
mod patterns;
mod pinning;
mod problem;
mod published;
mod quantity;
mod rates;
mod read;
mod roles;
mod rules;
mod runtime;
mod secrets;
mod servers;
mod template;
mod tenants;
mod url;
mod workloads;
mod yaml;

pub use compile::{Compiled, compile};
pub use diff::{AgentChange, Change, Diff, diff};
pub use directory::rule_files;
pub use identity::row as provider_key;
pub use keys::TOKEN_KEY_ID;
pub use problem::{Problem, Problems};
pub use published::POLICY_SCHEMA;
