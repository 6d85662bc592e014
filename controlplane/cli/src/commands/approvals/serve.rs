//! `varictl approvals serve`: the page where approvers decide.

use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;

use anyhow::Context as _;
use clap::Args;
use rustls::ServerConfig;
use rustls::pki_types::pem::PemObject as _;
use rustls::pki_types::{CertificateDer, PrivateKeyDer};

use crate::arguments::Gateways;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output;
use crate::page::{Approvers, Fleet, Site, serve};

/// Serve the page where approvers decide, for phones and chats.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl approvals serve\n  varictl approvals serve --listen \
                        0.0.0.0:443 --tls cert.pem,key.pem --host approvals.acme.example"
)]
pub(crate) struct Serve {
    /// Address and port of the page
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7333")]
    listen: SocketAddr,
    /// Certificate chain and private key (PEM); without them, loopback addresses only
    #[arg(long, value_name = "CERT,KEY")]
    tls: Option<String>,
    /// A further host name (and port, unless it is the usual one) of the page; repeatable
    #[arg(long, value_name = "NAME[:PORT]")]
    host: Vec<String>,
    #[command(flatten)]
    gateways: Gateways,
}

impl Serve {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let tls = self.tls.as_deref().map(identity).transpose()?;
        if tls.is_none() && !self.listen.ip().is_loopback() {
            return Err(wrong(format!(
                "--listen {}: names and access codes would go unencrypted; add --tls CERT,KEY, or \
                 listen on 127.0.0.1 behind a proxy that has TLS",
                self.listen
            )));
        }
        if Approvers::open(dir)?.all().is_empty() {
            output::warning("there are no approvers; add one: varictl approvals approver add NAME");
        }
        serve(Site {
            fleet: Fleet(self.gateways.resolve(Some(dir))?),
            dir: dir.clone(),
            listen: self.listen,
            tls,
            hosts: self.host.clone(),
        })?;
        Ok(Exit::Done)
    }
}

fn identity(files: &str) -> anyhow::Result<Arc<ServerConfig>> {
    let both = files
        .split_once(',')
        .filter(|(cert, key)| !cert.is_empty() && !key.is_empty());
    let Some((cert, key)) = both.map(|(cert, key)| (PathBuf::from(cert), PathBuf::from(key)))
    else {
        return Err(wrong(format!(
            "--tls {files}: expected CERT,KEY, two PEM files"
        )));
    };
    let chain = CertificateDer::pem_file_iter(&cert)
        .and_then(Iterator::collect::<Result<Vec<_>, _>>)
        .map_err(|error| {
            wrong(format!(
                "{}: {error}; expected PEM certificates",
                cert.display()
            ))
        })?;
    let private = PrivateKeyDer::from_pem_file(&key)
        .map_err(|error| wrong(format!("{}: {error}; expected a PEM key", key.display())))?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let mut config = ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()
        .context("TLS can't be set up")?
        .with_no_client_auth()
        .with_single_cert(chain, private)
        .map_err(|error| wrong(format!("--tls {files}: {error}")))?;
    config.alpn_protocols = vec![b"http/1.1".to_vec()];
    Ok(Arc::new(config))
}
