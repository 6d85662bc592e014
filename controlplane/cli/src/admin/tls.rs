//! Mutual TLS towards a gateway on another host: our certificate, its authority, nothing else.

use std::io;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context;
use rustls::pki_types::pem::PemObject;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::{ClientConfig, RootCertStore};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;
use tokio_rustls::client::TlsStream;

/// The three files of `--cert`, `--key` and `--ca`.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Identity<'a> {
    /// PEM certificate chain that proves us.
    pub(crate) certificate: &'a Path,
    /// PEM private key of it.
    pub(crate) key: &'a Path,
    /// PEM certificates of the authorities that a gateway's certificate must come from.
    pub(crate) authority: &'a Path,
}

impl Identity<'_> {
    /// Reads the files. Only the named authorities are trusted, not the machine's.
    pub(crate) fn load(self) -> anyhow::Result<Arc<ClientConfig>> {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(self.authority)? {
            roots
                .add(certificate)
                .with_context(|| format!("unfit authority in {}", self.authority.display()))?;
        }
        let key = PrivateKeyDer::from_pem_file(self.key)
            .with_context(|| format!("no private key (PEM) in {}", self.key.display()))?;
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .context("TLS can't be set up")?
            .with_root_certificates(roots)
            .with_client_auth_cert(certificates(self.certificate)?, key)
            .with_context(|| {
                format!(
                    "{} and {} do not fit",
                    self.certificate.display(),
                    self.key.display()
                )
            })?;
        Ok(Arc::new(config))
    }
}

/// Speaks TLS on a fresh connection to `HOST:PORT`; its certificate must name HOST.
pub(super) async fn secure(
    address: &str,
    config: &Arc<ClientConfig>,
    stream: TcpStream,
) -> io::Result<TlsStream<TcpStream>> {
    let name = ServerName::try_from(host(address).to_owned()).map_err(io::Error::other)?;
    TlsConnector::from(Arc::clone(config))
        .connect(name, stream)
        .await
}

fn host(address: &str) -> &str {
    let host = address.rsplit_once(':').map_or(address, |(host, _)| host);
    host.strip_prefix('[')
        .and_then(|host| host.strip_suffix(']'))
        .unwrap_or(host)
}

fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = || format!("no certificates (PEM) in {}", path.display());
    let certificates = CertificateDer::pem_file_iter(path)
        .with_context(read)?
        .collect::<Result<Vec<_>, _>>()
        .with_context(read)?;
    anyhow::ensure!(!certificates.is_empty(), read());
    Ok(certificates)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_has_no_port_and_no_brackets() {
        assert_eq!(host("gw1.example:7333"), "gw1.example");
        assert_eq!(host("[::1]:7333"), "::1");
        assert_eq!(host("10.0.0.1:7333"), "10.0.0.1");
    }
}
