//! TLS over a monoio stream: rustls keeps the records, this moves the bytes.
//!
//! A dropped read or write leaves the stream unusable, as everywhere here: it must be closed.

use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsRawFd as _, RawFd};
use std::sync::Arc;

use monoio::net::TcpStream;
use rustls::pki_types::ServerName;
use rustls::{ClientConfig, ClientConnection, Connection, ServerConfig, ServerConnection};

use varistor_identity::Certificate;

use super::{READ_BYTES, read_bare, write_bare};

/// A TLS connection of either side.
pub(crate) struct TlsStream {
    tcp: TcpStream,
    session: Connection,
    /// Records from the peer that rustls has not taken yet.
    incoming: Vec<u8>,
    /// What rustls has decrypted; it takes no records beyond 16 KiB of plaintext.
    plain: Vec<u8>,
    /// Records for the peer that are being written.
    outgoing: Vec<u8>,
}

/// Plaintext taken out of rustls at once.
const PLAIN_BYTES: usize = 16 * 1024;

impl TlsStream {
    /// Shakes hands with an upstream.
    pub(crate) async fn connect(
        tcp: TcpStream,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> io::Result<Self> {
        let session = ClientConnection::new(config, name).map_err(io::Error::other)?;
        Self::handshake(tcp, session.into()).await
    }

    /// Shakes hands with a client.
    pub(crate) async fn accept(tcp: TcpStream, config: Arc<ServerConfig>) -> io::Result<Self> {
        let session = ServerConnection::new(config).map_err(io::Error::other)?;
        Self::handshake(tcp, session.into()).await
    }

    async fn handshake(tcp: TcpStream, session: Connection) -> io::Result<Self> {
        let mut this = Self {
            tcp,
            session,
            incoming: Vec::new(),
            plain: Vec::new(),
            outgoing: Vec::new(),
        };
        while this.session.is_handshaking() {
            this.flush().await?;
            if this.session.is_handshaking() && this.receive().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        this.flush().await?;
        Ok(this)
    }

    /// The certificate that the peer has shown.
    pub(crate) fn certificate(&self) -> Option<Certificate> {
        let chain = self.session.peer_certificates()?;
        // What can't be read was refused when hands were shaken.
        Certificate::read(chain.first()?).ok()
    }

    pub(crate) fn fd(&self) -> RawFd {
        self.tcp.as_raw_fd()
    }

    pub(crate) async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        let before = buffer.len();
        loop {
            if !self.plain.is_empty() {
                buffer.append(&mut self.plain);
                return Ok(buffer.len().saturating_sub(before));
            }
            let filled = buffer.len();
            buffer.resize(filled.saturating_add(PLAIN_BYTES), 0);
            let room = buffer.get_mut(filled..).unwrap_or_default();
            let taken = self.session.reader().read(room);
            buffer.truncate(filled.saturating_add(*taken.as_ref().unwrap_or(&0)));
            match taken {
                Err(error) if error.kind() == io::ErrorKind::WouldBlock => {}
                // A TCP end without close_notify cuts a message short: rustls says UnexpectedEof.
                other => return other,
            }
            self.receive().await?;
            self.flush().await?;
        }
    }

    pub(crate) async fn write(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut rest = buffer.as_slice();
        while !rest.is_empty() {
            let written = self.session.writer().write(rest)?;
            rest = rest.get(written..).unwrap_or_default();
            self.flush().await?;
        }
        buffer.clear();
        Ok(())
    }

    /// Reads records from the peer into rustls; 0 at the end of the TCP stream.
    async fn receive(&mut self) -> io::Result<usize> {
        let count = read_bare(&mut self.tcp, &mut self.incoming, READ_BYTES).await?;
        if count == 0 {
            self.session.read_tls(&mut io::empty())?;
        }
        let mut records = self.incoming.as_slice();
        while !records.is_empty() {
            if self.session.read_tls(&mut records)? == 0 {
                break;
            }
            let state = self
                .session
                .process_new_packets()
                .map_err(io::Error::other)?;
            let filled = self.plain.len();
            let more = state.plaintext_bytes_to_read();
            self.plain.resize(filled.saturating_add(more), 0);
            let room = self.plain.get_mut(filled..).unwrap_or_default();
            self.session.reader().read_exact(room)?;
        }
        let left = records.len();
        let taken = self.incoming.len().saturating_sub(left);
        self.incoming.drain(..taken);
        Ok(count)
    }

    async fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.outgoing)?;
        }
        if self.outgoing.is_empty() {
            return Ok(());
        }
        write_bare(&mut self.tcp, &mut self.outgoing).await
    }
}
