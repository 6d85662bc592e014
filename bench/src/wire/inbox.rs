//! Bytes received on a connection and not yet used.

use std::io;

use monoio::buf::IoBufMut;
use monoio::io::AsyncReadRent;

/// Room for one read.
const READ_BYTES: usize = 64 * 1024;

/// The receive buffer of one connection.
#[derive(Default)]
pub(crate) struct Inbox {
    bytes: Vec<u8>,
}

impl Inbox {
    /// Everything received and not used.
    pub(crate) fn bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Receives more; returns 0 at the end of the stream.
    ///
    /// # Errors
    /// The connection failed.
    pub(crate) async fn receive<S: AsyncReadRent>(&mut self, stream: &mut S) -> io::Result<usize> {
        let mut bytes = std::mem::take(&mut self.bytes);
        bytes.reserve(READ_BYTES);
        let (filled, room) = (bytes.len(), bytes.capacity());
        let (result, slice) = stream.read(bytes.slice_mut(filled..room)).await;
        self.bytes = slice.into_inner();
        result
    }

    /// Appends bytes that were received elsewhere.
    pub(crate) fn push(&mut self, bytes: &[u8]) {
        self.bytes.extend_from_slice(bytes);
    }

    /// Forgets the first `count` bytes.
    pub(crate) fn discard(&mut self, count: usize) {
        if count >= self.bytes.len() {
            self.bytes.clear();
        } else {
            self.bytes.drain(..count);
        }
    }
}
