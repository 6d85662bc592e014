//! What gateways say of identity providers.

use serde::Deserialize;

use super::Row;
use crate::output;
use crate::output::plain;
use crate::output::table::Table;
use crate::quantities::time_text;

/// One provider.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Provider {
    name: String,
    issuer: String,
    keys: u64,
    kept: u64,
    seen_unix_s: Option<u64>,
    error: Option<String>,
}

/// Shows all of them, if there are any.
pub(super) fn show(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = Table::new(&["GATEWAY", "PROVIDER", "ISSUER", "KEYS", "DROPPED", "SEEN"]);
    let mut any = false;
    for row in rows {
        let Some(report) = row.report() else { continue };
        for provider in &report.identity_providers {
            any = true;
            table.row(&[
                row.gateway.as_str(),
                &provider.name,
                &provider.issuer,
                &provider.keys.to_string(),
                &provider.kept.to_string(),
                &provider
                    .seen_unix_s
                    .map_or_else(|| "never".to_owned(), time_text),
            ]);
        }
    }
    if any {
        output::line("")?;
        table.print()?;
    }
    Ok(())
}

/// Tells what needs a hand.
pub(super) fn warn(gateway: &str, providers: &[Provider]) {
    for provider in providers {
        let name = plain(&provider.name);
        if let Some(error) = &provider.error {
            let error = plain(error);
            output::warning(&format!(
                "{gateway}: the keys of {name} can't be looked at, the known ones stay: {error}"
            ));
        }
    }
}
