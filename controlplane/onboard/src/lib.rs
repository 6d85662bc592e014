//! Configurations of MCP clients: which servers stand in them, what of it is a credential, how the
//! same servers are said in a policy, and the file that points at the gateway instead.
//!
//! Functions over bytes: no file is opened here. Refuses a file that two readers could read
//! differently, and leaves a server where it is, with the reason, when the gateway could not serve
//! it as the client did. All bytes that are not a server's own stay as they are.

pub mod catalogue;
mod client;
mod credential;
mod document;
mod entry;
mod exposed;
mod json;
mod listening;
mod mcp_remote;
mod names;
mod plan;
mod policy;
mod toml;
mod variables;

pub use client::{CLIENTS, Client, Kind, Place, Scope, Syntax};
pub use credential::{Detector, is_credential};
pub use document::{Asked, Document, DocumentError, Found};
pub use entry::{Entry, Program, Transport, read};
pub use exposed::exposed;
pub use listening::{Listener, Seen, listeners, probe, seen};
pub use names::server_name;
pub use plan::{Known, Left, Move, NewSecret, Plan, Said, Stdio, Why, is_behind, leads_to, plan};
pub use policy::{Header, policy};
pub use variables::{Dialect, Lookup};
