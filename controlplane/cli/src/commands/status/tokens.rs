//! What gateways say of access tokens for servers.

use serde::Deserialize;

use super::Row;
use crate::output;
use crate::output::plain;
use crate::output::table::Table;
use crate::quantities::time_text;

/// How one server's token stands.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Token {
    held: bool,
    /// Whose account it is for, where people log in.
    of: Option<String>,
    from: String,
    since_unix_s: Option<u64>,
    until_unix_s: Option<u64>,
    renewals: u64,
    error: Option<String>,
}

/// How one server's exchanged tokens stand.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Exchange {
    from: String,
    held: u64,
    exchanged: u64,
    error: Option<String>,
}

/// Shows all of them, if there are any.
pub(super) fn show(rows: &[Row]) -> anyhow::Result<()> {
    let heads = [
        "GATEWAY", "SERVER", "OF", "TOKEN", "FROM", "SINCE", "UNTIL", "GOT",
    ];
    let mut table = Table::new(&heads);
    let mut any = false;
    for row in rows {
        let Some(report) = row.report() else { continue };
        for server in &report.servers {
            for token in server.token.iter().chain(&server.logins) {
                any = true;
                let time = |unix_s: Option<u64>| unix_s.map_or_else(|| "-".to_owned(), time_text);
                table.row(&[
                    row.gateway.as_str(),
                    &server.name,
                    token.of.as_deref().unwrap_or("-"),
                    if token.held { "held" } else { "none" },
                    &token.from,
                    &time(token.since_unix_s),
                    &time(token.until_unix_s),
                    &token.renewals.to_string(),
                ]);
            }
            if let Some(exchange) = &server.exchange {
                any = true;
                table.row(&[
                    row.gateway.as_str(),
                    &server.name,
                    "each caller's token",
                    &format!("{} held", exchange.held),
                    &exchange.from,
                    "-",
                    "-",
                    &exchange.exchanged.to_string(),
                ]);
            }
        }
    }
    if any {
        output::line("")?;
        table.print()?;
    }
    Ok(())
}

/// Tells what needs a hand.
pub(super) fn warn(gateway: &str, server: &str, token: &Token) {
    let server = match &token.of {
        Some(of) => format!("{} ({})", plain(server), plain(of)),
        None => plain(server).into_owned(),
    };
    let error = token.error.as_ref().map(|error| plain(error));
    match (error, token.held) {
        (Some(error), true) => output::warning(&format!(
            "{gateway}: the access token of {server} can't be renewed, the one before is used to \
             its end: {error}"
        )),
        (Some(error), false) => output::warning(&format!(
            "{gateway}: {server} gets no calls, for want of an access token: {error}"
        )),
        (None, _) => {}
    }
}

/// Tells that callers' tokens are exchanged for nothing.
pub(super) fn warn_of(gateway: &str, server: &str, exchange: &Exchange) {
    if let Some(error) = &exchange.error {
        let (server, error) = (plain(server), plain(error));
        output::warning(&format!(
            "{gateway}: callers' tokens can't be exchanged for those of {server}: {error}"
        ));
    }
}
