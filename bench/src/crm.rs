//! The demo's MCP server: a CRM full of invented people, with a payment interface.
//!
//! It does what it says, in memory: an update is there at the next read, a deleted customer is
//! gone, a refund can be made once. It refuses nothing for security; that is the gateway's part.

mod handler;
mod people;
mod store;
mod tools;

use std::sync::{Arc, Mutex};

use rmcp::transport::streamable_http_server::session::local::LocalSessionManager;

use crate::catalogue::Catalogue;
use crate::listen::Listen;
use crate::serve::{serve, session_config};

use self::handler::Crm;
use self::store::Store;

/// Options of `varistor-bench crm`.
#[derive(clap::Args)]
pub(crate) struct Options {
    #[command(flatten)]
    listen: Listen,
    /// How many customers there are at the start.
    #[arg(long, default_value_t = 24, value_parser = clap::value_parser!(u32).range(1..=9999))]
    customers: u32,
}

/// Serves until the process ends.
///
/// # Errors
/// The address cannot be bound.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let catalogue = Arc::new(Catalogue::read(
        include_str!("crm/tools.json"),
        include_str!("crm/lists.json"),
    )?);
    let store = Arc::new(Mutex::new(Store::new(options.customers)));
    let mut sessions = LocalSessionManager::default();
    sessions.session_config = session_config();
    serve(&options.listen, Arc::new(sessions), move || {
        Crm::new(Arc::clone(&catalogue), Arc::clone(&store))
    })
}
