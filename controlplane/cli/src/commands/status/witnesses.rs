//! What gateways say of the witnesses of their logs.

use serde::Deserialize;

use super::{Audit, Row};
use crate::output;
use crate::output::plain;
use crate::output::table::Table;
use crate::quantities::{duration_text, time_text};

/// One witness.
#[derive(Debug, Default, Deserialize)]
#[serde(default)]
pub(super) struct Witness {
    name: String,
    state: String,
    cosigned: u64,
    cosigned_unix_s: Option<u64>,
    error: Option<String>,
}

/// Shows all of them, if there are any.
pub(super) fn show(rows: &[Row]) -> anyhow::Result<()> {
    let mut table = Table::new(&[
        "GATEWAY", "WITNESS", "STATE", "COSIGNED", "AT", "WAITING", "FOR",
    ]);
    let mut any = false;
    for row in rows {
        let Some(report) = row.report() else { continue };
        for witness in &report.audit.witnesses {
            any = true;
            table.row(&witness.cells(&row.gateway, &report.audit));
        }
    }
    if any {
        output::line("")?;
        table.print()?;
    }
    Ok(())
}

impl Witness {
    fn cells(&self, gateway: &str, audit: &Audit) -> Vec<String> {
        vec![
            gateway.to_owned(),
            self.name.clone(),
            self.state.clone(),
            self.cosigned.to_string(),
            self.cosigned_unix_s.map_or_else(String::new, time_text),
            audit.unwitnessed.to_string(),
            match audit.unwitnessed {
                0 => String::new(),
                _ => duration_text(audit.unwitnessed_s),
            },
        ]
    }
}

/// Tells what needs a hand.
pub(super) fn warn(gateway: &str, audit: &Audit) {
    for witness in &audit.witnesses {
        let Some(error) = &witness.error else {
            continue;
        };
        let (name, error) = (plain(&witness.name), plain(error));
        output::warning(&format!(
            "{gateway}: witness {name} {}: {error}",
            plain(&witness.state)
        ));
    }
    if audit.overdue {
        output::warning(&format!(
            "{gateway} denies calls: {} records wait for their witnesses, the oldest for {}",
            audit.unwitnessed,
            duration_text(audit.unwitnessed_s)
        ));
    }
}
