//! TLS towards an origin: the machine's authorities, or the one that was named and no other. Set
//! up when the first connection needs it: reading the machine's authorities takes milliseconds.

use std::path::Path;
use std::sync::Arc;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use rustls::{ClientConfig, RootCertStore};
use tokio_rustls::TlsConnector;

/// A connector that trusts these authorities (PEM), or those of the machine.
///
/// # Errors
/// There is none that could be trusted; the text is for a person.
pub fn connector(authority: Option<&Path>) -> Result<TlsConnector, String> {
    let roots = match authority {
        Some(path) => named(path)?,
        None => of_the_machine()?,
    };
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .map_err(|error| format!("TLS can't be set up: {error}"))?
        .with_root_certificates(roots)
        .with_no_client_auth();
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(TlsConnector::from(Arc::new(config)))
}

fn named(path: &Path) -> Result<RootCertStore, String> {
    let unfit = |error: &dyn std::fmt::Display| {
        format!("{}: no usable certificates (PEM): {error}", path.display())
    };
    let mut roots = RootCertStore::empty();
    for certificate in CertificateDer::pem_file_iter(path).map_err(|error| unfit(&error))? {
        let certificate = certificate.map_err(|error| unfit(&error))?;
        roots.add(certificate).map_err(|error| unfit(&error))?;
    }
    match roots.is_empty() {
        true => Err(unfit(&"there is none")),
        false => Ok(roots),
    }
}

fn of_the_machine() -> Result<RootCertStore, String> {
    let mut roots = RootCertStore::empty();
    // Machines have odd certificates among the good ones; those are not trusted, and that is all.
    roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
    match roots.is_empty() {
        true => {
            Err("this machine has no certificate authorities; name a file with some".to_owned())
        }
        false => Ok(roots),
    }
}
