//! Server-sent events (WHATWG HTML standard, section 9.2); decides where an event ends, and
//! refuses events that are too large or whose names are not UTF-8.

mod decode;
mod encode;

pub use decode::Decoder;
pub use encode::encode;

/// One block of a stream as it stands between two empty lines, or one comment line.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Event<'a> {
    /// The type; empty when none was given, which means `message`.
    pub event: &'a str,
    /// The data lines joined by LF. `None` when there was none: such a block is not dispatched in
    /// a browser, but its id and retry count. An event that primes a stream for resumption has an
    /// id and `Some` empty data.
    pub data: Option<&'a [u8]>,
    /// The id, when one was given; an empty one takes the last id back.
    pub id: Option<&'a str>,
    /// The time to wait before connecting again, in milliseconds, when one was given.
    pub retry: Option<u64>,
    /// The text of a comment line. A decoder gives each as an event of its own, with nothing else
    /// in it, as soon as the line is whole: comments keep connections alive.
    pub comment: Option<&'a [u8]>,
}
