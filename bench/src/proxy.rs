//! The bare reverse proxy: the least that any gateway on this machine has to do.
//!
//! HTTP/1.1 with keep-alive on both sides, no checks, no policy, no records. Comparisons take it
//! as their floor.

mod relay;

use std::cell::RefCell;
use std::net::SocketAddr;
use std::rc::Rc;

use monoio::net::TcpStream;

use crate::driver::{self, Driver};
use crate::listen::{Listen, announce};

/// Options of `varistor-bench proxy`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    listen: Listen,
    /// Where requests go.
    #[arg(long, value_name = "ADDRESS")]
    upstream: SocketAddr,
    /// What to run on.
    #[arg(long, value_enum, default_value_t = Driver::Auto)]
    driver: Driver,
}

/// Connections to the upstream that nobody uses at the moment.
struct Pool {
    upstream: SocketAddr,
    idle: RefCell<Vec<TcpStream>>,
}

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be bound.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let listener = options.listen.bind()?;
    let pool = Rc::new(Pool {
        upstream: options.upstream,
        idle: RefCell::default(),
    });
    driver::run(options.driver, async move {
        let listener = monoio::net::TcpListener::from_std(listener)?;
        announce(listener.local_addr()?)?;
        loop {
            let (client, _) = listener.accept().await?;
            let pool = Rc::clone(&pool);
            monoio::spawn(async move {
                // Either side may go away; the other connections live on.
                drop(relay::serve(client, &pool).await);
            });
        }
    })
}
