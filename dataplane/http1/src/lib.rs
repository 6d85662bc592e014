//! HTTP/1.1 and SSE framing without I/O: decides where a message ends and refuses every message
//! that two readers could end differently.
//!
//! The scanner is our own, not httparse: under rules this strict a tokenizer that also takes bare
//! LF, spaces before a colon or `HTTP/1.0` has to be checked byte by byte again behind it, and it
//! cannot bound a line that is still arriving. Bytes are judged strictly in the order in which they
//! arrive, so that no split of them can change a decision: a prefix is either [`Progress::Partial`]
//! or refused for the very reason for which the whole is. httparse serves as an independent reader
//! in the tests.
//!
//! No part allocates once its buffers have grown, and none panics on any input. Sections of the
//! standards are RFC 9110, RFC 9112 and the WHATWG HTML standard's chapter on server-sent events.

#![deny(
    clippy::indexing_slicing,
    clippy::arithmetic_side_effects,
    clippy::unwrap_used,
    clippy::expect_used,
    clippy::panic,
    clippy::cast_possible_truncation,
    clippy::cast_sign_loss
)]

mod byte;
mod chunked;
mod field;
mod fields;
mod framing;
mod host;
mod lanes;
mod line;
mod name;
mod request;
mod request_line;
mod response;
pub mod sse;
mod target;
pub mod write;

pub use chunked::{Chunked, Piece};
pub use field::Field;
pub use framing::{Framing, ResponseFraming};
pub use request::{HttpMethod, RequestHead};
pub use response::ResponseHead;

/// How far a head has come.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Progress {
    /// Nothing is wrong so far, and more bytes are needed.
    Partial,
    /// The head is whole and valid; its length is `bytes()`.
    Complete,
}
