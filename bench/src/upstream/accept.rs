//! Accepts connections, or refuses to, as the script says.

use std::future::pending;
use std::io;
use std::rc::Rc;
use std::sync::Arc;

use monoio::net::{TcpListener, UnixListener};
use rustls::ServerConfig;

use super::Upstream;
use super::connection;
use super::fault::Fault;
use super::link::Link;
use super::place::Listener;
use super::plan::Plan;
use super::script::Event;
use super::tls::TlsStream;

/// Accepts until the process ends.
///
/// # Errors
/// Accepting fails for good.
pub(super) async fn run(
    listener: Listener,
    tls: Option<Arc<ServerConfig>>,
    upstream: Rc<Upstream>,
) -> anyhow::Result<()> {
    match listener {
        Listener::Tcp(listener) => {
            let listener = TcpListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                stream.set_nodelay(true)?;
                meet(Link::Tcp(stream), tls.clone(), &upstream).await;
            }
        }
        Listener::Unix(listener) => {
            let listener = UnixListener::from_std(listener)?;
            loop {
                let (stream, _) = listener.accept().await?;
                meet(Link::Unix(stream), None, &upstream).await;
            }
        }
    }
}

/// Serves a connection on a task of its own, unless the script refuses it. Returns when the next
/// one may be accepted.
async fn meet(link: Link, tls: Option<Arc<ServerConfig>>, upstream: &Rc<Upstream>) {
    upstream.stats.count_connection();
    let mut plan = Plan::default();
    upstream.script.apply(Event::Connection, &mut plan);
    if let Some(fault) = plan.fault {
        upstream.stats.count_fault(fault);
    }
    if plan.fault == Some(Fault::Refuse) {
        return;
    }
    let is_deaf = plan.fault == Some(Fault::Deaf);
    let task = Rc::clone(upstream);
    monoio::spawn(async move {
        if !plan.delay.is_zero() && !is_deaf {
            monoio::time::sleep(plan.delay).await;
        }
        // A client that goes away ends its connection, nothing else.
        drop(serve(link, tls, &task).await);
    });
    if is_deaf && plan.delay.is_zero() {
        pending::<()>().await;
    } else if is_deaf {
        monoio::time::sleep(plan.delay).await;
    }
}

async fn serve(link: Link, tls: Option<Arc<ServerConfig>>, upstream: &Upstream) -> io::Result<()> {
    let link = match (link, tls) {
        (Link::Tcp(stream), Some(config)) => {
            Link::Tls(Box::new(TlsStream::accept(stream, config).await?))
        }
        (link, _) => link,
    };
    connection::serve(link, upstream).await
}
