//! What the pipeline needs from outside: bytes, the time, and the audit log.

use core::future::Future;
use std::rc::Rc;

use varistor_http1::RequestHead;
use varistor_identity::Certificate;
use varistor_model::{Durability, Reason};

use crate::desk::Principal;

/// One reading of both clocks, taken when the request's head was complete.
#[derive(Clone, Copy, Debug, Default)]
pub struct Now {
    /// Nanoseconds since 1970, UTC.
    pub unix_ns: u64,
    /// Nanoseconds of a monotonic clock that all workers share.
    pub mono_ns: u64,
}

impl Now {
    /// Seconds since 1970.
    #[must_use]
    pub const fn unix_s(self) -> u64 {
        self.unix_ns / 1_000_000_000
    }
}

/// The message as it arrives, and who sent it.
pub trait Client {
    /// The parsed head and the bytes that its spans point into.
    fn head(&self) -> (&RequestHead, &[u8]);
    /// Reads the body to its end, at most `bytes_max` of it.
    fn read_body(&mut self, bytes_max: usize) -> impl Future<Output = Result<(), Reason>>;
    /// Learns whose request it is, as soon as that is known.
    fn belongs_to(&self, _: &Rc<Principal>) {}
    /// Whether it is another part of this very gateway, on behalf of a client that was let in.
    fn is_inner(&self) -> bool {
        false
    }
    /// Whether it is known that its sender holds the key of its token: that is shown once, however
    /// often the request is judged.
    fn is_proven(&self) -> bool {
        false
    }
    /// Its sender holds the key of its token.
    fn proven(&self) {}
    /// The certificate that its sender has shown, and an authority vouched for.
    fn certificate(&self) -> Option<&Certificate> {
        None
    }
    /// The body as read so far; complete once `read_body` has succeeded.
    fn body(&self) -> &[u8];
    /// The address that the connection came from, as text.
    fn peer(&self) -> &str;
    /// Whether the connection is encrypted.
    fn secure(&self) -> bool;
    /// The time of this request.
    fn now(&self) -> Now;
}

/// The way to the audit log.
pub trait Ledger {
    /// Resolves to the record's number once it stands as firmly as was asked.
    type Pending: Future<Output = Result<u64, Reason>>;

    /// Hands one record over; `write` appends the line's tail to the buffer that it is given.
    fn submit(&self, durability: Durability, write: &mut dyn FnMut(&mut Vec<u8>)) -> Self::Pending;

    /// Hands over a record that nobody waits for. It is kept back until there is room, never
    /// dropped.
    fn post(&self, write: &mut dyn FnMut(&mut Vec<u8>));
}
