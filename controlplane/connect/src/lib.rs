//! The bridge that an MCP host starts as a local server: messages, one a line, on standard input
//! and output, Streamable HTTP to the gateway. It decides when a message may be sent again, and
//! refuses to send one twice that a server may have acted upon.
//!
//! The bytes of messages stay as they are but for the framing. Nothing but messages of the protocol
//! goes to standard output; what a person should know goes to standard error, in short lines
//! without secrets.

mod annotations;
mod answer;
mod bridge;
mod credential;
mod exchange;
mod heads;
mod input;
mod listen;
mod message;
mod output;
mod post;
mod renew;
mod room;
mod run;
mod say;
mod session;
mod target;
mod trouble;

use std::path::PathBuf;
use std::time::Duration;

pub use credential::{Credential, CredentialError, Source};
pub use run::run;
pub use target::{Target, TargetError};
pub use varistor_origin::told;

/// Longest line that a host may send, in bytes.
pub const LINE_BYTES_MAX: usize = 32 * 1024 * 1024;
/// Largest answer or event that is taken, in bytes: twice what a gateway lets pass unless told
/// otherwise.
pub const ANSWER_BYTES_MAX: usize = 64 * 1024 * 1024;
/// What all messages of one direction may hold at once, in bytes.
pub const HELD_BYTES_MAX: usize = 128 * 1024 * 1024;
/// Most requests under way at once. Further ones are refused, not kept waiting: what they wait for
/// may be an answer of the host that stands behind them.
pub const REQUESTS_MAX: usize = 256;

const _: () = assert!(LINE_BYTES_MAX <= HELD_BYTES_MAX);
const _: () = assert!(ANSWER_BYTES_MAX <= HELD_BYTES_MAX);

/// What the bridge needs to know.
#[derive(Debug)]
pub struct Options {
    /// Where the gateway is.
    pub target: Target,
    /// What to prove ourselves with.
    pub credential: Credential,
    /// Authorities (PEM) that the gateway's certificate must come from instead of the machine's.
    pub authority: Option<PathBuf>,
    /// For how long a message that was certainly not sent is tried again.
    pub patience: Duration,
}

/// Why the bridge could not do its work at all.
#[derive(Debug, thiserror::Error)]
pub enum ConnectError {
    /// The runtime or a thread could not be started.
    #[error("the bridge can't start: {0}")]
    Start(std::io::Error),
    /// Standard input failed.
    #[error("standard input can't be read: {0}")]
    Input(std::io::Error),
}
