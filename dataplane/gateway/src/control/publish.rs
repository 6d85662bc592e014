//! Takes a snapshot into service: verified, its credentials fetched, its names resolved, then
//! swapped in. Whatever fails before the swap leaves the running one alone.

use std::path::{Path, PathBuf};
use std::sync::Arc;

use anyhow::Context as _;
use ed25519_dalek::VerifyingKey;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer, ServerName};
use rustls::server::WebPkiClientVerifier;
use rustls::{ClientConfig, RootCertStore, ServerConfig};
use varistor_pipeline::serving::Serving;
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::{ArchivedListenerTls, ArchivedPolicy, ArchivedServer};

use super::lent::Loan;
use super::safe::Safe;
use super::{Control, channels, checkpoints, clients, federation, identity, lent, names};
use super::{oauth, secrets, stdio, witnesses};
use crate::hub::Published;
use crate::log;
use crate::shelf::Shelf;
use crate::start::BadStart;
use crate::upstream::{Tls, Upstream};

/// The keys whose snapshots are trusted: `keys/snapshot.pub`, hex, one a line.
pub(crate) fn trusted_keys(dir: &Path) -> anyhow::Result<Vec<VerifyingKey>> {
    let path = dir.join("keys/snapshot.pub");
    let text = std::fs::read_to_string(&path).map_err(|error| {
        BadStart(format!(
            "{}: {error}; expected the public key of the control plane. Run `varictl init {}`, or \
             name another directory with --dir",
            path.display(),
            dir.display()
        ))
    })?;
    let keys: Option<Vec<_>> = text.split_whitespace().map(key_of_hex).collect();
    let keys = keys.filter(|keys| !keys.is_empty());
    keys.ok_or_else(|| {
        BadStart(format!(
            "{}: expected 64 hex digits a line, one Ed25519 key each",
            path.display()
        ))
        .into()
    })
}

fn key_of_hex(text: &str) -> Option<VerifyingKey> {
    VerifyingKey::from_bytes(&bytes_of_hex(text)?).ok()
}

/// The 32 bytes of 64 hex digits.
pub(super) fn bytes_of_hex(text: &str) -> Option<[u8; 32]> {
    let mut key = [0; 32];
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return None;
    }
    for (byte, at) in key.iter_mut().zip((0..).step_by(2)) {
        *byte = u8::from_str_radix(text.get(at..at + 2)?, 16).ok()?;
    }
    Some(key)
}

/// The snapshot that a starting gateway serves.
pub(crate) async fn at_start(
    dir: &Path,
    keys: &[VerifyingKey],
    shelf: &Shelf,
) -> anyhow::Result<Published> {
    let path = dir.join("state/current.snapshot");
    let file = std::fs::read(&path).map_err(|error| {
        BadStart(format!(
            "{}: {error}; expected a compiled policy. Run `varictl compile --dir {}`",
            path.display(),
            dir.display()
        ))
    })?;
    prepare(dir, &file, keys, (shelf, None))
        .await
        .map_err(|error| BadStart(format!("{}: {error:#}", path.display())).into())
}

/// Verifies a snapshot and makes it ready to serve.
pub(crate) async fn prepare(
    dir: &Path,
    file: &[u8],
    keys: &[VerifyingKey],
    (shelf, newer_than): (&Shelf, Option<u64>),
) -> anyhow::Result<Published> {
    prepare_with(dir, file, keys, (shelf, newer_than, None)).await
}

/// The same, where the secrets that others keep are at hand.
pub(super) async fn prepare_with(
    dir: &Path,
    file: &[u8],
    keys: &[VerifyingKey],
    (shelf, newer_than, lent): (&Shelf, Option<u64>, Option<Arc<Loan>>),
) -> anyhow::Result<Published> {
    let snapshot = Snapshot::open(file, keys, newer_than)?;
    let lent = match lent {
        Some(lent) => lent,
        None => lent::fetched(dir, snapshot.policy()).await?,
    };
    let safe = Safe::of(dir, &lent);
    let (credentials, own) = secrets::of(&safe, snapshot.policy())?;
    let stdio = stdio::specs((dir, &safe), snapshot.policy())?;
    let channels = Arc::new(channels::of(&safe, snapshot.policy())?);
    let checkpoints = checkpoints::of(&safe, snapshot.policy())?;
    let witnesses = witnesses::of(snapshot.policy())?;
    let identities = identity::of(snapshot.policy())?;
    let tokens = oauth::of(&safe, snapshot.policy())?;
    let listener = listener_tls(snapshot.policy())?;
    admin_serves(snapshot.policy())?;
    let serving = Serving::new(snapshot, credentials)?.recognising(own);
    let serving = shelf.supply.furnish(dir, serving)?;
    let serving = Arc::new(shelf.furnish(serving));
    let mut upstreams = Vec::with_capacity(serving.policy().servers.len());
    for row in serving.policy().servers.iter() {
        if row.is_bridged() {
            upstreams.push(Arc::new(Upstream::new(row, None, Vec::new())));
            continue;
        }
        let tls = tls(row).with_context(|| format!("server {}", row.name))?;
        let addresses =
            names::resolve(row.host.as_str(), row.port.to_native(), row.allow_private).await;
        if addresses.is_empty() {
            log::warning(format_args!(
                "server {}: {} has no address that may be connected to; tried again every 3 s",
                row.name, row.host
            ));
        }
        upstreams.push(Arc::new(Upstream::new(row, tls, addresses)));
    }
    Ok(Published {
        serving,
        upstreams,
        channels,
        witnesses,
        identities,
        tokens,
        checkpoints,
        stdio,
        listener,
        file: (lent.count() > 0).then(|| file.into()),
        lent,
    })
}

/// Takes it into service in the place of the one before.
pub(super) fn serve(control: &Control, (before, mut next): (&Published, Published)) {
    next.keep_servers_of(before);
    next.keep_addresses_of(before);
    control.servers.serve(core::mem::take(&mut next.stdio));
    federation::serve(control, &next);
    control.hub.publish(next);
}

/// Looks at the files that a restart would need, so that a snapshot that can't be started from is
/// refused while another one serves.
fn admin_serves(policy: &ArchivedPolicy) -> anyhow::Result<()> {
    if let Some(row) = policy.runtime.admin.as_ref() {
        admin_tls(&row.tls, row.client_ca.as_str())?;
    }
    Ok(())
}

fn tls(row: &ArchivedServer) -> anyhow::Result<Option<Tls>> {
    if !row.tls {
        return Ok(None);
    }
    let name = ServerName::try_from(row.host.as_str().to_owned())?;
    let config = trust(row)?;
    Ok(Some(Tls { config, name }))
}

/// Whom a server must be vouched for by: the authorities that are named, or those of the machine.
pub(super) fn trust(row: &ArchivedServer) -> anyhow::Result<Arc<ClientConfig>> {
    let mut roots = RootCertStore::empty();
    match row.ca.as_ref() {
        Some(path) => {
            for certificate in certificates(Path::new(path.as_str()))? {
                roots.add(certificate)?;
            }
        }
        None => {
            roots.add_parsable_certificates(rustls_native_certs::load_native_certs().certs);
            anyhow::ensure!(
                !roots.is_empty(),
                "this machine has no certificate authorities; install ca-certificates, or name a \
                 file with `ca`"
            );
        }
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    Ok(Arc::new(config))
}

/// Whom to trust: the authorities in this file, or those of the machine.
pub(super) fn roots(ca: Option<&str>) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    match ca {
        Some(path) => certificates(Path::new(path)),
        None => Ok(rustls_native_certs::load_native_certs().certs),
    }
}

pub(super) fn certificates(path: &Path) -> anyhow::Result<Vec<CertificateDer<'static>>> {
    let read = || CertificateDer::pem_file_iter(path)?.collect::<Result<Vec<_>, _>>();
    let found = read().with_context(|| format!("{}: can't be read as PEM", path.display()))?;
    anyhow::ensure!(
        !found.is_empty(),
        "{}: holds no certificate",
        path.display()
    );
    Ok(found)
}

/// The listener's TLS, when the policy names a certificate.
fn listener_tls(policy: &ArchivedPolicy) -> anyhow::Result<Option<Arc<ServerConfig>>> {
    let Some(row) = policy.runtime.tls.as_ref() else {
        return Ok(None);
    };
    let (chain, key) = identity(row)?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients = clients::verifier(policy, &provider)?;
    let clients = clients.unwrap_or_else(WebPkiClientVerifier::no_client_auth);
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)
        .with_context(|| format!("{} and {} do not go together", row.certificate, row.key))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Some(Arc::new(config)))
}

/// The admin interface's TLS: only clients of the named authorities are let in.
pub(crate) fn admin_tls(
    row: &ArchivedListenerTls,
    client_ca: &str,
) -> anyhow::Result<Arc<ServerConfig>> {
    let (chain, key) = identity(row)?;
    let mut roots = RootCertStore::empty();
    for certificate in certificates(Path::new(client_ca))? {
        roots.add(certificate)?;
    }
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let clients =
        WebPkiClientVerifier::builder_with_provider(Arc::new(roots), Arc::clone(&provider))
            .build()?;
    let config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_client_cert_verifier(clients)
        .with_single_cert(chain, key)?;
    Ok(Arc::new(config))
}

type Identity = (Vec<CertificateDer<'static>>, PrivateKeyDer<'static>);

fn identity(row: &ArchivedListenerTls) -> anyhow::Result<Identity> {
    let chain = certificates(Path::new(row.certificate.as_str()))?;
    let path = PathBuf::from(row.key.as_str());
    let key = PrivateKeyDer::from_pem_file(&path)
        .with_context(|| format!("{}: can't be read as a PEM key", path.display()))?;
    Ok((chain, key))
}
