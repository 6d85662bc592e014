//! The servers behind the gateway: where they are, how they are trusted, pooled connections.

mod connection;
mod dial;
mod exchange;
mod pool;

use core::fmt::Display;
use std::net::SocketAddr;
use std::path::PathBuf;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::ArcSwap;
use rustls::ClientConfig;
use rustls::pki_types::ServerName;
use varistor_model::Reason;
use varistor_snapshot::schema::ArchivedServer;
use xxhash_rust::xxh3::Xxh3;

use crate::log;

pub(crate) use connection::Connection;
pub(crate) use exchange::exchange;
pub(crate) use pool::Pool;

/// How often a failing server is told of.
const TELL_EVERY_NS: u64 = 10_000_000_000;

/// One server of a snapshot, ready to be connected to.
pub(crate) struct Upstream {
    pub(crate) name: String,
    pub(crate) host: String,
    pub(crate) port: u16,
    /// Whether the name may lead to an address that is not public.
    pub(crate) allow_private: bool,
    pub(crate) tls: Option<Tls>,
    /// Where it is within this process, if it is; it has no address then.
    pub(crate) within: Option<Within>,
    /// Renewed by the control thread; empty while the name can't be resolved.
    pub(crate) addresses: ArcSwap<Vec<SocketAddr>>,
    /// Connections are shared by servers with the same place and trust only.
    pub(crate) pool: u64,
    /// When a failure to connect was last told, in monotonic nanoseconds.
    told_ns: AtomicU64,
}

/// What this process serves itself.
#[derive(Debug)]
pub(crate) enum Within {
    /// A stdio server, or one of HTTP+SSE: the bridge has it.
    Bridge,
    /// All servers as one, behind this socket.
    Federation(PathBuf),
}

/// How an upstream proves who it is.
#[derive(Clone)]
pub(crate) struct Tls {
    pub(crate) config: Arc<ClientConfig>,
    pub(crate) name: ServerName<'static>,
}

impl Upstream {
    pub(crate) fn new(row: &ArchivedServer, tls: Option<Tls>, addresses: Vec<SocketAddr>) -> Self {
        let mut hash = Xxh3::new();
        let ca = row.ca.as_ref().map_or("", |ca| ca.as_str());
        for part in [
            row.host.as_str(),
            row.authority.as_str(),
            ca,
            row.name.as_str(),
        ] {
            hash.update(part.as_bytes());
            hash.update(&[0]);
        }
        hash.update(&row.port.to_native().to_le_bytes());
        hash.update(&[u8::from(row.tls)]);
        Self {
            name: row.name.as_str().to_owned(),
            host: row.host.as_str().to_owned(),
            port: row.port.to_native(),
            allow_private: row.allow_private,
            tls,
            within: row.is_bridged().then_some(Within::Bridge),
            addresses: ArcSwap::from_pointee(addresses),
            pool: hash.digest(),
            told_ns: AtomicU64::new(0),
        }
    }

    /// The federation, which is there for all servers, behind its socket.
    pub(crate) fn federation(socket: PathBuf) -> Self {
        const NAME: &str = "federation";
        let mut hash = Xxh3::new();
        // No server's name holds this.
        hash.update(b"@federation");
        Self {
            name: NAME.to_owned(),
            host: String::new(),
            port: 0,
            allow_private: false,
            tls: None,
            within: Some(Within::Federation(socket)),
            addresses: ArcSwap::default(),
            pool: hash.digest(),
            told_ns: AtomicU64::new(0),
        }
    }

    /// What an answer of the bridge itself means: stdio servers have no HTTP statuses of their own.
    pub(crate) const fn bridged(&self, status: u16) -> Result<(), Reason> {
        match (&self.within, status) {
            (Some(_), 502) => Err(Reason::UpstreamUnreachable),
            (Some(_), 503) => Err(Reason::UpstreamBusy),
            _ => Ok(()),
        }
    }

    /// Tells the operator why no connection could be made; the agent only learns that there is
    /// none.
    pub(crate) fn tell_failure(&self, now_ns: u64, address: &dyn Display, error: &std::io::Error) {
        let told_ns = self.told_ns.load(Ordering::Relaxed);
        if now_ns.saturating_sub(told_ns) < TELL_EVERY_NS {
            return;
        }
        let (before, after) = (Ordering::Relaxed, Ordering::Relaxed);
        if self
            .told_ns
            .compare_exchange(told_ns, now_ns, before, after)
            .is_ok()
        {
            let (name, host) = (&self.name, &self.host);
            log::warning(format_args!(
                "server {name}: no connection to {host} ({address}): {error}"
            ));
        }
    }
}
