//! Which client certificates are taken: those of workloads by their trust domain's own bundle
//! (SPIFFE), all others by the authorities that policy names.
//!
//! Refuses a workload that another domain's authority vouches for.

use std::collections::BTreeMap;
use std::path::Path;
use std::sync::Arc;

use anyhow::Context as _;
use rustls::client::danger::HandshakeSignatureValid;
use rustls::crypto::{CryptoProvider, verify_tls12_signature, verify_tls13_signature};
use rustls::pki_types::{CertificateDer, UnixTime};
use rustls::server::WebPkiClientVerifier;
use rustls::server::danger::{ClientCertVerified, ClientCertVerifier};
use rustls::{
    CertificateError, DigitallySignedStruct, DistinguishedName, Error, RootCertStore,
    SignatureScheme,
};
use varistor_identity::Certificate;
use varistor_snapshot::schema::ArchivedPolicy;

use super::publish::certificates;

type Verifier = Arc<dyn ClientCertVerifier>;

/// See the module.
#[derive(Debug)]
struct Clients {
    domains: BTreeMap<String, Verifier>,
    others: Option<Verifier>,
    is_required: bool,
    provider: Arc<CryptoProvider>,
    hints: Vec<DistinguishedName>,
}

/// Who vouches for clients; `None` where policy asks for no certificates.
///
/// # Errors
/// A file with authorities that can't be used.
pub(super) fn verifier(
    policy: &ArchivedPolicy,
    provider: &Arc<CryptoProvider>,
) -> anyhow::Result<Option<Verifier>> {
    let mut hints = Vec::new();
    let mut by = |path: &str| {
        let mut roots = RootCertStore::empty();
        for certificate in certificates(Path::new(path))? {
            roots.add(certificate).with_context(|| path.to_owned())?;
        }
        hints.extend(roots.subjects());
        let verifier =
            WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(provider));
        let verifier: Verifier = verifier.build().with_context(|| path.to_owned())?;
        anyhow::Ok(verifier)
    };
    let mut domains = BTreeMap::new();
    for row in policy.workloads.iter() {
        domains.insert(row.name.to_string(), by(row.ca.as_str())?);
    }
    let others = policy.runtime.client_ca.as_ref();
    let others = others.map(|path| by(path.as_str())).transpose()?;
    if domains.is_empty() && others.is_none() {
        return Ok(None);
    }
    Ok(Some(Arc::new(Clients {
        domains,
        others,
        is_required: policy.runtime.needs_certificate,
        provider: Arc::clone(provider),
        hints,
    })))
}

impl ClientCertVerifier for Clients {
    fn client_auth_mandatory(&self) -> bool {
        self.is_required
    }

    fn root_hint_subjects(&self) -> &[DistinguishedName] {
        &self.hints
    }

    fn verify_client_cert(
        &self,
        end_entity: &CertificateDer<'_>,
        intermediates: &[CertificateDer<'_>],
        now: UnixTime,
    ) -> Result<ClientCertVerified, Error> {
        let wrong = |error| Error::InvalidCertificate(error);
        let read =
            Certificate::read(end_entity).map_err(|_| wrong(CertificateError::BadEncoding))?;
        let verifier = match &read.workload {
            Some(workload) => self.domains.get(&workload.domain),
            None => self.others.as_ref(),
        };
        let verifier = verifier.ok_or(wrong(CertificateError::UnknownIssuer))?;
        verifier.verify_client_cert(end_entity, intermediates, now)
    }

    fn verify_tls12_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls12_signature(message, certificate, signed, algorithms)
    }

    fn verify_tls13_signature(
        &self,
        message: &[u8],
        certificate: &CertificateDer<'_>,
        signed: &DigitallySignedStruct,
    ) -> Result<HandshakeSignatureValid, Error> {
        let algorithms = &self.provider.signature_verification_algorithms;
        verify_tls13_signature(message, certificate, signed, algorithms)
    }

    fn supported_verify_schemes(&self) -> Vec<SignatureScheme> {
        let algorithms = &self.provider.signature_verification_algorithms;
        algorithms.supported_schemes()
    }
}
