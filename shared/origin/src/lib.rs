//! HTTP/1.1 to one origin, on the tokio runtime: how it is dialled, TLS, connections that are kept.
//!
//! For what is not on the way of a request; workers have their own. Refuses redirects by following
//! none, and never sends a message again that may have left.

mod dial;
mod link;
mod tls;

pub use dial::{Resolve, dial, in_turn, looked_up};
pub use link::{Link, LinkError, Place, Reply, told};
pub use tls::connector;
