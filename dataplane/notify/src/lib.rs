//! Tells people: chats, webhooks and mailboxes, from a queue that survives a restart.
//!
//! Workers push small notices into a bounded queue and go on. One thread takes them out, puts
//! bursts together, keeps each message on disk until it is delivered, and tries again with growing
//! pauses. Messages say who, what and when, never a value of a call.
//!
//! Refuses redirects, unencrypted ways that nobody asked for, and names that lead to private
//! addresses where the policy does not say so.

mod backoff;
mod burst;
mod channel;
mod courier;
mod email;
mod http;
mod message;
mod outbox;
mod queue;
mod send;
mod slack;
mod stats;
mod text;
mod webhook;

pub use channel::{
    Channel, ChannelError, Channels, Endpoint, Mailbox, Resolve, Signing, Target, Trust,
};
pub use courier::{Courier, Told};
pub use http::{Asked, ask, challenged};
pub use message::Message;
pub use queue::Notices;
pub use send::{Failure, send};
pub use stats::Stats;
