//! `varictl catalog search`: servers by words.

use clap::Args;
use serde::Serialize;
use varistor_onboard::catalogue::{Entry, Origin, ways};

use super::catalogue;
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output;
use crate::output::table::Table;

/// List the servers in which all of these words stand.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl catalog search                every server of the catalogue
  varictl catalog search database       a category, or a word in name, package or description
  varictl catalog search github issues

Exit status: 0 some were found, 1 none.")]
pub(crate) struct Search {
    /// Words; without any, all servers
    words: Vec<String>,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

#[derive(Serialize)]
struct Row<'e> {
    short: &'e str,
    name: &'e str,
    description: &'e str,
    category: &'e str,
    ways: Vec<&'static str>,
    imported: bool,
}

impl Search {
    pub(super) fn run(&self, dir: Option<&PolicyDir>) -> anyhow::Result<Exit> {
        let catalogue = catalogue(dir)?;
        let found = catalogue.search(&self.words);
        let rows: Vec<Row<'_>> = found.iter().map(|entry| row(entry)).collect();
        if self.json {
            output::json(&rows)?;
        } else if !rows.is_empty() {
            let mut table = Table::new(&["NAME", "CATEGORY", "BY", "WHAT IT IS FOR"]);
            for row in &rows {
                let category = if row.imported {
                    "imported"
                } else {
                    row.category
                };
                table.row(&[row.short, category, &row.ways.join(", "), row.description]);
            }
            table.print()?;
        }
        let number = output::count(rows.len(), "server");
        output::note(&match rows.is_empty() {
            true => "no server of the catalogue has all of these words".to_owned(),
            false => format!("{number}; `varictl catalog show NAME` says more"),
        });
        Ok(match rows.is_empty() {
            true => Exit::Failed,
            false => Exit::Done,
        })
    }
}

fn row(entry: &Entry) -> Row<'_> {
    let ways = ways(&entry.server);
    Row {
        short: &entry.extra.short,
        name: &entry.server.name,
        description: &entry.server.description,
        category: &entry.extra.category,
        ways: ways.iter().map(|way| way.kind.name()).collect(),
        imported: entry.origin == Origin::Imported,
    }
}
