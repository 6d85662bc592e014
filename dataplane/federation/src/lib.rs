//! All servers that a token may reach, as one MCP server: what `/mcp` and `/mcp/@name` answer.
//!
//! An intermediary without a secret of its own and without a decision of its own. Workers hand it
//! requests that they have read strictly and authenticated, over a Unix socket. It asks each server
//! through the gateway's own order again, as `/mcp/<server>` with the client's own token, over
//! sockets of the workers. So every call is classified, scanned, decided and recorded there as
//! (server, tool), exactly as a direct one, and here nothing happens but naming, merging and
//! routing. Of messages only names, URIs, ids and tokens are changed, in place.
//!
//! Refuses what it can't route, and says what it could not merge.
#![deny(clippy::indexing_slicing, clippy::cast_possible_truncation)]

mod ask;
mod audience;
mod calls;
mod catalogue;
mod course;
mod door;
mod event_streams;
mod feed;
mod greeting;
mod inner;
mod items;
mod json;
mod link;
mod listen;
mod lists;
mod members;
mod names;
mod offers;
mod order;
mod own;
mod parked;
mod passage;
mod plan;
mod reply;
mod resume;
mod rounds;
mod run;
mod said;
mod search;
mod session;
mod spoken;
mod subscription;
mod trouble;
mod uris;

pub use names::{NAME_CHARS_MAX, joined};
pub use plan::{Chosen, Plan, View};
pub use run::{Federation, Options, Plans};
