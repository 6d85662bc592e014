//! Clients on this machine: credentials in plain text, and tokens of imported ones.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use varistor_onboard::exposed;

use super::{Report, permissions};
use crate::clients;
use crate::commands::import;
use crate::detectors::Detectors;
use crate::quantities::{DAY_S, now_unix_s, time_text};
use crate::registry;

const CLIENTS: &str = "clients";
const TOKENS: &str = "tokens";
/// A token that ends within this is worth a warning, in seconds.
const SOON_S: u64 = 3 * DAY_S;

pub(super) fn look(report: &mut Report<'_>) -> anyhow::Result<()> {
    files(report)?;
    tokens(report)
}

fn files(report: &mut Report<'_>) -> anyhow::Result<()> {
    let Ok(home) = clients::home() else {
        return Ok(());
    };
    let mut projects = clients::known_projects(&home);
    projects.extend(std::env::current_dir());
    let mut detectors = Detectors::ready()?;
    for file in clients::files(&[], &projects)? {
        let shown = file.path.display();
        let id = file.client.id;
        let content = match file.read() {
            Ok(content) => content,
            Err(error) => {
                let mend = format!(
                    "mend the file; {} may not read it either",
                    file.client.title
                );
                report.warn(CLIENTS, format!("{shown}: {error}"), mend);
                continue;
            }
        };
        let servers = content.servers.iter();
        let places: Vec<String> = servers
            .flat_map(|one| exposed(one, &mut detectors))
            .map(|at| at.join("."))
            .collect();
        if places.is_empty() {
            continue;
        }
        let found = format!("{shown}: in plain text at {}", places.join(", "));
        let mend = format!("varictl import --client {id} --file {shown}");
        // What everybody on the machine can read is out already.
        let is_open = fs::metadata(&file.path).is_ok_and(|data| data.mode() & 0o004 != 0);
        match is_open {
            true => report.problem(CLIENTS, format!("{found}, for every user to read"), mend),
            false => report.warn(CLIENTS, found, mend),
        }
    }
    report.ok_if_quiet(CLIENTS, "no credential in plain text in their files");
    Ok(())
}

fn tokens(report: &mut Report<'_>) -> anyhow::Result<()> {
    let issued = registry::issued(report.dir)?;
    let revoked = registry::revoked(report.dir)?;
    let (now, flag) = (now_unix_s(), report.dir.flag());
    for import in import::tokens(report.dir)? {
        let file = import.file.display();
        let mend = format!(
            "varictl token issue{flag} --agent {} --ttl 30d > {file}",
            import.client
        );
        let known = issued.iter().find(|issued| issued.id == import.token);
        let ends = known.map_or(0, |issued| issued.expires_unix_s);
        if !import.file.exists() {
            report.problem(TOKENS, format!("{file} is gone"), mend);
        } else if revoked.iter().any(|id| id.to_string() == import.token) {
            report.problem(TOKENS, format!("that of {file} is revoked"), mend);
        } else if ends <= now {
            report.problem(
                TOKENS,
                format!("that of {file} has ended at {}", time_text(ends)),
                mend,
            );
        } else if ends.saturating_sub(now) < SOON_S {
            report.warn(
                TOKENS,
                format!("that of {file} ends at {}", time_text(ends)),
                mend,
            );
        }
        permissions::private(&import.file, 0o600, None, report);
    }
    report.ok_if_quiet(TOKENS, "those of imported clients are alive");
    Ok(())
}
