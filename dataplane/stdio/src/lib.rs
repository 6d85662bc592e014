//! stdio servers: child processes that speak MCP on standard input and output, offered to the
//! workers as Streamable HTTP over conduits in memory. Servers that are reached over
//! the HTTP+SSE of 2024-11-05 are offered likewise: an event stream stands in for a process there.
//!
//! One thread (the bridge) starts them, looks after them and carries messages between HTTP and
//! lines; workers forward to it as to any other server. A legacy client gets a child of its own, or
//! a session with a child that several clients share; on 2026-07-28 all clients share one.
//!
//! Refuses to start an executable that is not the one that was pinned, lines that are too long, and
//! everything that a child says to nobody in particular while several clients share it: no message
//! ever reaches a client that it was not meant for.
#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod backoff;
mod bridge;
mod child;
mod conduit;
mod connection;
mod gauge;
mod keeper;
mod lines;
mod mask;
mod message;
mod order;
mod outbox;
mod pin;
mod remote;
mod reply;
mod say;
mod server;
mod session;
mod spec;
mod subscriptions;
mod table;
mod tree;

pub use bridge::{Bridge, Options, Resolve, Servers, Told};
pub use conduit::{Closer, Conduit, End};
pub use gauge::{Board, Shown};
pub use keeper::keep_if_asked;
pub use say::{Level, Say};
pub use spec::{Events, Instances, Program, Source, Spec};
