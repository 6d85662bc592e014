//! A stream of bytes, over TCP, TLS, a Unix socket or in memory, with owned buffers as io_uring
//! wants them.

mod tls;

use std::io;
use std::os::fd::{AsRawFd as _, RawFd};

use monoio::buf::{IoBuf as _, IoBufMut as _};
use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::{TcpStream, UnixStream};

use varistor_identity::Certificate;
use varistor_stdio::Conduit;

use crate::worker::watch::is_quiet;

pub(crate) use tls::TlsStream;

/// A connection to a client or an upstream.
pub(crate) enum Stream {
    /// Bare TCP.
    Plain(TcpStream),
    /// TLS over TCP.
    Tls(Box<TlsStream>),
    /// A socket of this machine.
    Unix(UnixStream),
    /// To the bridge.
    Conduit(Box<Conduit>),
}

/// Bytes that a read makes room for.
const READ_BYTES: usize = 16 * 1024;
/// The same where mostly nothing comes: a connection keeps its room while it waits.
const IDLE_READ_BYTES: usize = 512;

impl Stream {
    /// The descriptor, to be shut down or looked at; never to be closed.
    pub(crate) fn fd(&self) -> RawFd {
        match self {
            Self::Plain(stream) => stream.as_raw_fd(),
            Self::Tls(stream) => stream.fd(),
            Self::Unix(stream) => stream.as_raw_fd(),
            Self::Conduit(stream) => stream.fd(),
        }
    }

    /// The certificate that the peer has shown, and an authority vouched for.
    pub(crate) fn certificate(&self) -> Option<Certificate> {
        match self {
            Self::Tls(stream) => stream.certificate(),
            Self::Plain(_) | Self::Unix(_) | Self::Conduit(_) => None,
        }
    }

    /// Whether the peer is there and has sent nothing that was not read.
    pub(crate) fn is_quiet(&self) -> bool {
        match self {
            Self::Plain(_) | Self::Tls(_) | Self::Unix(_) => is_quiet(self.fd()),
            Self::Conduit(stream) => stream.end().is_quiet(),
        }
    }

    /// Reads some bytes and appends them to the buffer; 0 at the end of the stream.
    ///
    /// The buffer is taken for the time of the operation; when this future is dropped before it
    /// is ready, the buffer and the stream's place are lost and the connection must be closed.
    pub(crate) async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => read_bare(stream, buffer, READ_BYTES).await,
            Self::Tls(stream) => stream.read(buffer).await,
            Self::Unix(stream) => read_bare(stream, buffer, READ_BYTES).await,
            Self::Conduit(stream) => Ok(stream.end().read(buffer).await),
        }
    }

    /// The same in little room, where it may be long until something comes.
    pub(crate) async fn read_idle(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => read_bare(stream, buffer, IDLE_READ_BYTES).await,
            Self::Tls(stream) => stream.read(buffer).await,
            Self::Unix(stream) => read_bare(stream, buffer, IDLE_READ_BYTES).await,
            Self::Conduit(stream) => Ok(stream.end().read(buffer).await),
        }
    }

    /// Writes all of the buffer and empties it.
    pub(crate) async fn write(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Plain(stream) => write_bare(stream, buffer).await,
            Self::Tls(stream) => stream.write(buffer).await,
            Self::Unix(stream) => write_bare(stream, buffer).await,
            Self::Conduit(stream) => stream.end().write(buffer).await,
        }
    }

    /// Writes a part of the buffer and leaves the buffer as it was.
    pub(crate) async fn write_part(
        &mut self,
        buffer: &mut Vec<u8>,
        part: core::ops::Range<usize>,
    ) -> io::Result<()> {
        match self {
            Self::Plain(stream) => write_bare_part(stream, buffer, part).await,
            Self::Unix(stream) => write_bare_part(stream, buffer, part).await,
            Self::Tls(stream) => {
                let mut copy = buffer.get(part).unwrap_or_default().to_vec();
                stream.write(&mut copy).await
            }
            Self::Conduit(stream) => {
                let mut copy = buffer.get(part).unwrap_or_default().to_vec();
                stream.end().write(&mut copy).await
            }
        }
    }
}

/// Appends what one read brings.
async fn read_bare(
    stream: &mut impl AsyncReadRent,
    buffer: &mut Vec<u8>,
    room_bytes: usize,
) -> io::Result<usize> {
    let mut whole = core::mem::take(buffer);
    let filled = whole.len();
    if whole.capacity().saturating_sub(filled) < room_bytes / 4 {
        whole.reserve(room_bytes);
    }
    let end = whole.capacity();
    let (result, slice) = stream.read(whole.slice_mut(filled..end)).await;
    *buffer = slice.into_inner();
    if result.is_err() {
        buffer.truncate(filled);
    }
    result
}

async fn write_bare(stream: &mut impl AsyncWriteRentExt, buffer: &mut Vec<u8>) -> io::Result<()> {
    let (result, whole) = stream.write_all(core::mem::take(buffer)).await;
    *buffer = whole;
    buffer.clear();
    result.map(drop)
}

async fn write_bare_part(
    stream: &mut impl AsyncWriteRentExt,
    buffer: &mut Vec<u8>,
    part: core::ops::Range<usize>,
) -> io::Result<()> {
    let whole = core::mem::take(buffer);
    let (result, slice) = stream.write_all(whole.slice(part)).await;
    *buffer = slice.into_inner();
    result.map(drop)
}
