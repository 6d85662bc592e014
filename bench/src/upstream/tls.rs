//! TLS towards the clients of the mock server: rustls keeps the records, this moves the bytes.

use std::io::{self, Read, Write};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use monoio::io::{AsyncWriteRent, AsyncWriteRentExt};
use monoio::net::TcpStream;
use rustls::crypto::ring;
use rustls::{ServerConfig, ServerConnection};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, PrivateKeyDer};

use crate::wire::Inbox;

/// What all connections share: a certificate and its key, both in PEM form.
///
/// # Errors
/// A file cannot be read, holds something else, or the two do not belong together.
pub(super) fn config(certificates: &Path, key: &Path) -> anyhow::Result<Arc<ServerConfig>> {
    let place = || {
        format!(
            "--tls-cert {}: expected certificates in PEM form",
            certificates.display()
        )
    };
    let chain: Result<Vec<_>, _> = CertificateDer::pem_file_iter(certificates)
        .with_context(place)?
        .collect();
    let chain = chain.with_context(place)?;
    anyhow::ensure!(!chain.is_empty(), "{}, found none", place());
    let key_place = || {
        format!(
            "--tls-key {}: expected a private key in PEM form",
            key.display()
        )
    };
    let key = PrivateKeyDer::from_pem_file(key).with_context(key_place)?;
    let config = ServerConfig::builder_with_provider(Arc::new(ring::default_provider()))
        .with_safe_default_protocol_versions()
        .context("TLS")?
        .with_no_client_auth()
        .with_single_cert(chain, key)
        .context("--tls-cert and --tls-key do not belong together")?;
    Ok(Arc::new(config))
}

/// A TLS connection of a client.
pub(super) struct TlsStream {
    tcp: TcpStream,
    session: ServerConnection,
    /// Records from the client that rustls has not taken yet.
    records: Inbox,
    /// What rustls has decrypted and nobody has received.
    plain: Vec<u8>,
    /// Records for the client that are being written.
    outgoing: Vec<u8>,
}

impl TlsStream {
    /// Shakes hands with a client.
    ///
    /// # Errors
    /// The client goes away or does not speak TLS.
    pub(super) async fn accept(tcp: TcpStream, config: Arc<ServerConfig>) -> io::Result<Self> {
        let mut this = Self {
            tcp,
            session: ServerConnection::new(config).map_err(io::Error::other)?,
            records: Inbox::default(),
            plain: Vec::new(),
            outgoing: Vec::new(),
        };
        while this.session.is_handshaking() {
            this.flush().await?;
            if this.session.is_handshaking() && this.take_records().await? == 0 {
                return Err(io::ErrorKind::UnexpectedEof.into());
            }
        }
        this.flush().await?;
        Ok(this)
    }

    /// Receives more plaintext; returns 0 at the end of the stream.
    ///
    /// # Errors
    /// The connection failed, or a record is broken.
    pub(super) async fn receive(&mut self, inbox: &mut Inbox) -> io::Result<usize> {
        while self.plain.is_empty() {
            if self.take_records().await? == 0 {
                return Ok(0);
            }
            self.flush().await?;
        }
        inbox.push(&self.plain);
        let count = self.plain.len();
        self.plain.clear();
        Ok(count)
    }

    /// Reads records and decrypts them; returns 0 at the end of the TCP stream.
    async fn take_records(&mut self) -> io::Result<usize> {
        let count = self.records.receive(&mut self.tcp).await?;
        let mut rest = self.records.bytes();
        while !rest.is_empty() && self.session.read_tls(&mut rest)? > 0 {
            let processed = self.session.process_new_packets();
            let more = processed
                .map_err(io::Error::other)?
                .plaintext_bytes_to_read();
            let filled = self.plain.len();
            self.plain.resize(filled.saturating_add(more), 0);
            let room = self.plain.get_mut(filled..).unwrap_or_default();
            self.session.reader().read_exact(room)?;
        }
        let taken = self.records.bytes().len().saturating_sub(rest.len());
        self.records.discard(taken);
        Ok(count)
    }

    async fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.outgoing)?;
        }
        if !self.outgoing.is_empty() {
            let outgoing = std::mem::take(&mut self.outgoing);
            let (result, outgoing) = self.tcp.write_all(outgoing).await;
            result?;
            self.outgoing = outgoing;
            self.outgoing.clear();
        }
        Ok(())
    }

    /// Sends plaintext.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn send(&mut self, mut rest: &[u8]) -> io::Result<usize> {
        let all = rest.len();
        while !rest.is_empty() {
            let taken = self.session.writer().write(rest)?;
            rest = rest.get(taken..).unwrap_or_default();
            self.flush().await?;
        }
        Ok(all)
    }

    /// Says that nothing more is sent.
    ///
    /// # Errors
    /// The connection failed.
    pub(super) async fn finish(&mut self) -> io::Result<()> {
        self.session.send_close_notify();
        self.flush().await?;
        self.tcp.shutdown().await
    }
}
