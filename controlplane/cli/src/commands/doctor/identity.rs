//! Identity providers: whether their keys are known, and how old that knowledge is.

use varistor_snapshot::schema::{KeySource, Policy};

use super::Report;
use crate::quantities::{now_unix_s, time_text};

const IDENTITY: &str = "identity";
/// Keys that were looked at before this are old: providers change theirs within weeks.
const OLD_S: u64 = 7 * 86_400;

pub(super) fn look(policy: Option<&Policy>, report: &mut Report<'_>) {
    let Some(policy) = policy.filter(|policy| !policy.identity_providers.is_empty()) else {
        return;
    };
    let flag = report.dir.flag();
    for row in &policy.identity_providers {
        let asked = !matches!(row.source, KeySource::File);
        let name = &row.name;
        if row.keys.is_empty() {
            report.warn(
                IDENTITY,
                format!("no key of {name} is known; a gateway has to reach it when it starts"),
                format!("varictl identity refresh{flag}"),
            );
        } else if asked && row.keys_unix_s.saturating_add(OLD_S) < now_unix_s() {
            report.warn(
                IDENTITY,
                format!("keys of {name} are those of {}", time_text(row.keys_unix_s)),
                format!("varictl push{flag}"),
            );
        }
        if row.takes_plain && row.roles.is_empty() && row.scopes.is_empty() {
            report.warn(
                IDENTITY,
                format!(
                    "{name} takes `typ: JWT` without `roles` or `scopes`, so an ID token of this \
                     audience would do"
                ),
                "name scopes or roles that only access tokens have",
            );
        }
    }
    let count = crate::output::count(policy.identity_providers.len(), "provider");
    report.ok_if_quiet(IDENTITY, format!("{count}, with keys"));
}
