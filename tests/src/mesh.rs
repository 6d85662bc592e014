//! Clients that show certificates, and the authorities that vouch for them.

use std::io::{Read as _, Write as _};
use std::net::TcpStream;
use std::sync::Arc;
use std::time::Duration;

use rcgen::{BasicConstraints, CertificateParams, IsCa, Issuer as Signer, KeyPair, SanType};
use rustls::pki_types::{CertificateDer, PrivateKeyDer};
use rustls::{ClientConfig, ClientConnection, RootCertStore, StreamOwned};

use crate::http::Answer;

/// An authority, and the files of what it vouches for.
pub struct Authority {
    signer: Signer<'static, KeyPair>,
    /// Its certificate.
    pub pem: String,
    der: CertificateDer<'static>,
}

/// A certificate and its key.
pub struct Identity {
    /// The certificate.
    pub der: CertificateDer<'static>,
    /// The same as text.
    pub pem: String,
    /// Its key.
    pub key: KeyPair,
}

impl Authority {
    /// One that nobody knows yet.
    #[expect(clippy::new_without_default, reason = "a new one is another one")]
    pub fn new() -> Self {
        let mut params = CertificateParams::new(Vec::new()).expect("parameters");
        params.is_ca = IsCa::Ca(BasicConstraints::Unconstrained);
        let key = KeyPair::generate().expect("a key");
        let own = params.self_signed(&key).expect("a certificate");
        let (pem, der) = (own.pem(), own.der().clone());
        let signer = Signer::new(params, key);
        Self { signer, pem, der }
    }

    /// A certificate with these DNS names and URIs.
    pub fn vouches_for(&self, names: &[&str], uris: &[&str]) -> Identity {
        let names: Vec<String> = names.iter().map(|name| (*name).to_owned()).collect();
        let mut params = CertificateParams::new(names).expect("parameters");
        for uri in uris {
            let uri = (*uri).try_into().expect("ASCII");
            params.subject_alt_names.push(SanType::URI(uri));
        }
        let key = KeyPair::generate().expect("a key");
        let made = params.signed_by(&key, &self.signer).expect("a certificate");
        Identity {
            der: made.der().clone(),
            pem: made.pem(),
            key,
        }
    }
}

/// A TLS connection to the gateway.
pub struct Client(StreamOwned<ClientConnection, TcpStream>);

impl Client {
    /// Connects, and shows this; hands are shaken with the first request.
    pub fn new(address: &str, own: &Authority, shown: Option<&Identity>) -> Self {
        let mut roots = RootCertStore::empty();
        roots.add(own.der.clone()).expect("a root");
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .expect("versions")
            .with_root_certificates(roots);
        let config = match shown {
            None => config.with_no_client_auth(),
            Some(shown) => {
                let key = PrivateKeyDer::try_from(shown.key.serialize_der()).expect("a key");
                let chain = vec![shown.der.clone()];
                config.with_client_auth_cert(chain, key).expect("a pair")
            }
        };
        let name = "localhost".try_into().expect("a name");
        let session = ClientConnection::new(Arc::new(config), name).expect("a session");
        let stream = TcpStream::connect(address).expect("a listener");
        let time = Some(Duration::from_secs(30));
        stream.set_read_timeout(time).expect("a time-out");
        Self(StreamOwned::new(session, stream))
    }

    /// The answer; `None` where hands are not shaken.
    pub fn ask(&mut self, request: &[u8]) -> Option<Answer> {
        self.0.write_all(request).ok()?;
        let mut bytes = Vec::new();
        let mut part = [0; 4096];
        loop {
            let text = String::from_utf8_lossy(&bytes).to_ascii_lowercase();
            if let Some((head, body)) = text.split_once("\r\n\r\n") {
                let length = head.split("content-length: ").nth(1);
                let length = length.and_then(|rest| rest.lines().next()?.parse().ok());
                if body.len() >= length.unwrap_or(0) {
                    return Some(Answer::parse(&bytes));
                }
            }
            match self.0.read(&mut part) {
                Ok(0) | Err(_) => return None,
                Ok(count) => bytes.extend_from_slice(&part[..count]),
            }
        }
    }

    /// The certificate that the gateway has shown.
    pub fn peer(&self) -> Option<Vec<u8>> {
        Some(self.0.conn.peer_certificates()?.first()?.to_vec())
    }
}
