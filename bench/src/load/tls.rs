//! TLS towards the server under load: rustls keeps the records, this moves the bytes.

use std::io::{self, Read, Write};
use std::os::fd::{AsRawFd, RawFd};
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use monoio::net::TcpStream;
use rustls::client::danger::{HandshakeSignatureValid, ServerCertVerified, ServerCertVerifier};
use rustls::crypto::{CryptoProvider, ring};
use rustls::{ClientConfig, ClientConnection, DigitallySignedStruct, RootCertStore};
use rustls_pki_types::pem::PemObject;
use rustls_pki_types::{CertificateDer, ServerName, UnixTime};

use super::stream::{read_tcp, write_tcp};

/// Plaintext taken out of rustls at once, and room for its records.
const RECORD_BYTES: usize = 16 * 1024;

/// Whom to trust.
pub(super) enum Trust<'a> {
    /// The certificate authorities of this machine.
    System,
    /// Those of a PEM file.
    File(&'a Path),
    /// Everybody.
    All,
}

/// What all connections of a run share.
///
/// # Errors
/// No certificate authority can be read.
pub(super) fn config(trust: &Trust<'_>) -> anyhow::Result<Arc<ClientConfig>> {
    let provider = Arc::new(ring::default_provider());
    let builder = ClientConfig::builder_with_provider(Arc::clone(&provider))
        .with_safe_default_protocol_versions()
        .context("TLS")?;
    let mut roots = RootCertStore::empty();
    match trust {
        Trust::All => {
            let verifier = Arc::new(Nobody(provider));
            let builder = builder
                .dangerous()
                .with_custom_certificate_verifier(verifier);
            return Ok(Arc::new(builder.with_no_client_auth()));
        }
        Trust::System => {
            let found = rustls_native_certs::load_native_certs();
            roots.add_parsable_certificates(found.certs);
            anyhow::ensure!(
                !roots.is_empty(),
                "this machine has no certificate authorities: give --ca FILE or --insecure"
            );
        }
        Trust::File(path) => {
            let place = || format!("--ca {}: expected certificates in PEM form", path.display());
            for certificate in CertificateDer::pem_file_iter(path).with_context(place)? {
                let certificate = certificate.with_context(place)?;
                roots.add(certificate).with_context(place)?;
            }
            anyhow::ensure!(!roots.is_empty(), "{}, found none", place());
        }
    }
    Ok(Arc::new(
        builder.with_root_certificates(roots).with_no_client_auth(),
    ))
}

/// A TLS connection to the server.
pub(super) struct TlsStream {
    tcp: TcpStream,
    session: ClientConnection,
    /// Records from the server that rustls has not taken yet.
    incoming: Vec<u8>,
    /// What rustls has decrypted.
    plain: Vec<u8>,
    /// Records for the server that are being written.
    outgoing: Vec<u8>,
}

impl TlsStream {
    /// # Errors
    /// The handshake fails.
    pub(super) async fn connect(
        tcp: TcpStream,
        config: Arc<ClientConfig>,
        name: ServerName<'static>,
    ) -> io::Result<Self> {
        let mut this = Self {
            tcp,
            session: ClientConnection::new(config, name).map_err(io::Error::other)?,
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

    pub(super) fn fd(&self) -> RawFd {
        self.tcp.as_raw_fd()
    }

    pub(super) async fn read(&mut self, buffer: &mut Vec<u8>) -> io::Result<usize> {
        loop {
            if !self.plain.is_empty() {
                let count = self.plain.len();
                buffer.append(&mut self.plain);
                return Ok(count);
            }
            if self.receive().await? == 0 {
                return Ok(0);
            }
            self.flush().await?;
        }
    }

    pub(super) async fn write(&mut self, buffer: &mut Vec<u8>) -> io::Result<()> {
        let mut rest = buffer.as_slice();
        while !rest.is_empty() {
            let written = self.session.writer().write(rest)?;
            rest = rest.get(written..).unwrap_or_default();
            self.flush().await?;
        }
        Ok(())
    }

    /// Tells the server that nothing more comes.
    pub(super) async fn say_goodbye(&mut self) -> io::Result<()> {
        self.session.send_close_notify();
        self.flush().await
    }

    /// Reads records and decrypts them; 0 at the end of the TCP stream.
    async fn receive(&mut self) -> io::Result<usize> {
        let count = read_tcp(&mut self.tcp, &mut self.incoming, RECORD_BYTES).await?;
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
        let taken = self.incoming.len().saturating_sub(records.len());
        self.incoming.drain(..taken);
        Ok(count)
    }

    async fn flush(&mut self) -> io::Result<()> {
        while self.session.wants_write() {
            self.session.write_tls(&mut self.outgoing)?;
        }
        if !self.outgoing.is_empty() {
            write_tcp(&mut self.tcp, &mut self.outgoing).await?;
            self.outgoing.clear();
        }
        Ok(())
    }
}

/// Accepts every certificate, as `--insecure` asks; signatures are still checked.
#[derive(Debug)]
struct Nobody(Arc<CryptoProvider>);

impl ServerCertVerifier for Nobody {
    fn verify_server_cert(
        &self,
        _: &CertificateDer<'_>,
        _: &[CertificateDer<'_>],
        _: &ServerName<'_>,
        _: &[u8],
        _: UnixTime,
    ) -> Result<ServerCertVerified, rustls::Error> {
        Ok(ServerCertVerified::assertion())
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls12_signature(message, certificate, signature, known)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signature: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, rustls::Error> {
        let known = &self.0.signature_verification_algorithms;
        rustls::crypto::verify_tls13_signature(message, certificate, signature, known)
    }

    fn supported_verify_schemes(&self) -> Vec<rustls::SignatureScheme> {
        self.0.signature_verification_algorithms.supported_schemes()
    }
}
