//! What gateways say of the servers that they start themselves.

use serde::Deserialize;

use super::Row;
use crate::output;
use crate::output::table::Table;

/// The children of one server.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Children {
    children: u64,
    sessions: u64,
    starts: u64,
    crashes: u64,
    refused: u64,
    dropped: u64,
    noise: u64,
    pause_ms: u64,
    last_error: Option<String>,
}

/// Shows all of them, if there are any.
pub(super) fn show(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        "GATEWAY",
        "STARTED SERVER",
        "CHILDREN",
        "SESSIONS",
        "STARTS",
        "CRASHES",
        "REFUSED",
        "DROPPED",
        "NOISE",
        "NEXT START",
        "LAST ERROR",
    ]);
    let mut any = false;
    for row in rows {
        let servers = row.report().map(|report| report.servers);
        for server in servers.into_iter().flatten() {
            if let Some(stdio) = &server.stdio {
                any = true;
                table.row(&stdio.cells(&row.gateway, &server.name));
            }
        }
    }
    if any {
        output::line("")?;
        table.print()?;
    }
    Ok(())
}

impl Children {
    fn cells(&self, gateway: &str, server: &str) -> Vec<String> {
        let next = match self.pause_ms {
            0 => String::new(),
            ms => format!("in {} s", ms.div_ceil(1_000)),
        };
        vec![
            gateway.to_owned(),
            server.to_owned(),
            self.children.to_string(),
            self.sessions.to_string(),
            self.starts.to_string(),
            self.crashes.to_string(),
            self.refused.to_string(),
            self.dropped.to_string(),
            self.noise.to_string(),
            next,
            self.last_error.clone().unwrap_or_default(),
        ]
    }
}
