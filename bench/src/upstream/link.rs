//! One accepted connection: TCP, a Unix socket, or TLS over TCP.

use std::io;

use monoio::io::{AsyncWriteRent, AsyncWriteRentExt};
use monoio::net::{TcpStream, UnixStream};

use super::tls::TlsStream;
use crate::wire::Inbox;

/// The connection of one client.
pub(super) enum Link {
    Tcp(TcpStream),
    Unix(UnixStream),
    Tls(Box<TlsStream>),
}

impl Link {
    /// Receives more; returns 0 at the end of the stream.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn receive(&mut self, inbox: &mut Inbox) -> io::Result<usize> {
        match self {
            Self::Tcp(stream) => inbox.receive(stream).await,
            Self::Unix(stream) => inbox.receive(stream).await,
            Self::Tls(stream) => stream.receive(inbox).await,
        }
    }

    /// Sends all bytes, and gives their buffer back.
    ///
    /// # Errors
    /// The connection failed; the buffer is lost.
    pub(super) async fn send(&mut self, bytes: Vec<u8>) -> io::Result<Vec<u8>> {
        let (result, bytes) = match self {
            Self::Tcp(stream) => stream.write_all(bytes).await,
            Self::Unix(stream) => stream.write_all(bytes).await,
            Self::Tls(stream) => (stream.send(&bytes).await, bytes),
        };
        result.map(|_| bytes)
    }

    /// Says that nothing more is sent.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        match self {
            Self::Tcp(stream) => stream.shutdown().await,
            Self::Unix(stream) => stream.shutdown().await,
            Self::Tls(stream) => stream.finish().await,
        }
    }
}
