//! A connection to the server, plain or TLS, with owned buffers as io_uring wants them.
//!
//! A read or write that was dropped leaves the stream unusable: it must be closed.

use std::io;
use std::os::fd::{AsRawFd, RawFd};
use std::sync::Arc;
use std::time::Duration;

use monoio::buf::{IoBuf, IoBufMut};
use monoio::io::{AsyncReadRent, AsyncWriteRentExt};
use monoio::net::TcpStream;
use nix::sys::socket::{MsgFlags, recv};
use rustls::ClientConfig;
use rustls_pki_types::ServerName;

use super::target::Target;
use super::tls::TlsStream;

/// How long connecting may take, the handshake of TLS included.
const CONNECT: Duration = Duration::from_secs(10);
/// Room that a read makes at least.
const READ_BYTES_MIN: usize = 4 * 1024;

/// A connection.
pub(super) enum Stream {
    Plain(TcpStream),
    Tls(Box<TlsStream>),
}

/// How connections are made.
pub(super) struct Connector {
    target: Target,
    tls: Option<(Arc<ClientConfig>, ServerName<'static>)>,
}

impl Connector {
    /// # Errors
    /// A host that no certificate can bear.
    pub(super) fn new(target: &Target, tls: Option<Arc<ClientConfig>>) -> anyhow::Result<Self> {
        let tls = tls
            .map(|config| anyhow::Ok((config, ServerName::try_from(target.host())?.to_owned())))
            .transpose()?;
        Ok(Self {
            target: target.clone(),
            tls,
        })
    }

    /// # Errors
    /// The server does not accept, or not in time.
    pub(super) async fn connect(&self) -> io::Result<Stream> {
        let timed_out = || io::Error::new(io::ErrorKind::TimedOut, "no answer within 10 s");
        monoio::time::timeout(CONNECT, self.connect_slowly())
            .await
            .map_err(|_| timed_out())?
    }

    async fn connect_slowly(&self) -> io::Result<Stream> {
        let tcp = TcpStream::connect_addr(self.target.address).await?;
        tcp.set_nodelay(true)?;
        Ok(match &self.tls {
            None => Stream::Plain(tcp),
            Some((config, name)) => {
                let config = Arc::clone(config);
                Stream::Tls(Box::new(
                    TlsStream::connect(tcp, config, name.clone()).await?,
                ))
            }
        })
    }
}

impl Stream {
    /// Reads some bytes and appends them to the buffer; 0 at the end of the stream. `room` is how
    /// many are expected.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>, room: usize) -> io::Result<usize> {
        match self {
            Self::Plain(stream) => read_tcp(stream, buffer, room).await,
            Self::Tls(stream) => stream.read(buffer).await,
        }
    }

    /// Writes all of the buffer and leaves it as it is.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn write(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        match self {
            Self::Plain(stream) => write_tcp(stream, buffer).await,
            Self::Tls(stream) => stream.write(buffer).await,
        }
    }

    /// Whether the server has closed or reset this connection while it was idle.
    pub(super) fn has_gone(&self) -> bool {
        let fd: RawFd = match self {
            Self::Plain(stream) => stream.as_raw_fd(),
            Self::Tls(stream) => stream.fd(),
        };
        let look = recv(fd, &mut [0], MsgFlags::MSG_PEEK | MsgFlags::MSG_DONTWAIT);
        !matches!(look, Ok(1..) | Err(nix::errno::Errno::EAGAIN))
    }

    /// Closes in order.
    pub(super) async fn close(self) {
        if let Self::Tls(mut stream) = self {
            // The server may have gone already.
            drop(stream.say_goodbye().await);
        }
    }
}

/// Appends what one read brings.
pub(super) async fn read_tcp(
    stream: &mut TcpStream,
    buffer: &mut Vec<u8>,
    room: usize,
) -> io::Result<usize> {
    let mut whole = std::mem::take(buffer);
    let filled = whole.len();
    if whole.capacity().saturating_sub(filled) < room.clamp(1, READ_BYTES_MIN) {
        whole.reserve(room.max(READ_BYTES_MIN));
    }
    let end = whole.capacity();
    let (result, slice) = stream.read(whole.slice_mut(filled..end)).await;
    *buffer = slice.into_inner();
    if result.is_err() {
        buffer.truncate(filled);
    }
    result
}

/// Writes all of the buffer and leaves it as it is.
pub(super) async fn write_tcp(stream: &mut TcpStream, buffer: &mut Vec<u8>) -> io::Result<()> {
    let whole = std::mem::take(buffer);
    let (result, slice) = stream.write_all(whole.slice(..)).await;
    *buffer = slice.into_inner();
    result.map(drop)
}
