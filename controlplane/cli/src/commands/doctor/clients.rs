//! Clients on this machine: credentials in plain text, and tokens of imported ones.

use std::fs;
use std::os::unix::fs::MetadataExt as _;

use varistor_compile::TOKEN_KEY_ID;
use varistor_onboard::exposed;
use varistor_token::Verifier;
use zeroize::Zeroizing;

use super::{Report, permissions};
use crate::clients;
use crate::commands::import;
use crate::detectors::Detectors;
use crate::quantities::{DAY_S, now_unix_s, time_text};
use crate::{keys, registry};

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

/// What is in each client's file counts, whichever token that is: it may be a newer one than the
/// import had issued.
fn tokens(report: &mut Report<'_>) -> anyhow::Result<()> {
    let revoked = registry::revoked(report.dir)?;
    let (now, flag) = (now_unix_s(), report.dir.flag());
    for import in import::tokens(report.dir)? {
        let file = import.file.display();
        let mend = format!(
            "varictl token issue{flag} --agent {} --ttl 30d > {file}",
            import.client
        );
        let Ok(text) = fs::read_to_string(&import.file).map(Zeroizing::new) else {
            let found = format!(
                "{file} is gone, or can't be read; it had the token {}",
                import.token
            );
            report.problem(TOKENS, found, mend);
            continue;
        };
        permissions::private(&import.file, 0o600, None, report);
        let token = text.trim();
        let Ok(said) = Verifier::inspect(token) else {
            report.problem(TOKENS, format!("{file} holds no token"), mend);
            continue;
        };
        let id = said.ids.last().map(ToString::to_string).unwrap_or_default();
        let what = format!("the token {id} in {file}");
        let ends = said.expires_unix_s;
        if said.ids.iter().any(|id| revoked.contains(id)) {
            report.problem(TOKENS, format!("{what} is revoked"), mend);
        } else if ends <= now {
            report.problem(
                TOKENS,
                format!("{what} has ended at {}", time_text(ends)),
                mend,
            );
        } else if !is_ours(report, token) {
            report.problem(
                TOKENS,
                format!("{what} is not of this policy directory"),
                mend,
            );
        } else if ends.saturating_sub(now) < SOON_S {
            report.warn(TOKENS, format!("{what} ends at {}", time_text(ends)), mend);
        }
    }
    report.ok_if_quiet(TOKENS, "those of imported clients are alive");
    Ok(())
}

/// Whether the key of this directory has signed it. A key that is unfit is another check's.
fn is_ours(report: &Report<'_>, token: &str) -> bool {
    let Ok(key) = keys::public(&report.dir.key("token.pub")) else {
        return true;
    };
    let verifier = Verifier::new([(TOKEN_KEY_ID, key)]);
    verifier.is_ok_and(|verifier| verifier.verify(token.as_bytes()).is_ok())
}
