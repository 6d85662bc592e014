//! Secrets that others keep: in the gateway's environment, in files, in OpenBao or HashiCorp Vault.
//!
//! They are had before a snapshot serves, and looked at again while it does: what has changed is
//! taken up as a new policy is, what can't be had stays as it was. Refuses a snapshot for which one
//! can't be had at all.

mod loan;
mod store;

use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use serde_json::{Value, json};
use varistor_snapshot::schema::{ArchivedLentSecret, ArchivedPolicy, ArchivedSecretSource};
use varistor_vault::Lent;
use zeroize::Zeroizing;

use super::Control;
use super::metric::metric_of_each;
use super::publish;
use super::safe::Safe;
use crate::hub::Published;
use crate::log;
use store::{Missed, Session};

pub(crate) use loan::Loan;

/// How often files and the environment are looked at, at least.
const REFRESH_S: u64 = 60;
/// How often it is seen whether a look is due.
const STEP: Duration = Duration::from_secs(1);
/// How soon it is tried again after a failure.
const AGAIN: Duration = Duration::from_secs(10);
/// Largest file that is read, in bytes.
const FILE_BYTES_MAX: u64 = 64 * 1024;

/// How the looks have gone.
#[derive(Default)]
pub(crate) struct Looks {
    looks: u64,
    changes: u64,
    failures: u64,
    error: Option<String>,
}

/// The secrets of a policy that are not in the vault.
///
/// # Errors
/// One can't be had.
pub(super) async fn fetched(dir: &Path, policy: &ArchivedPolicy) -> anyhow::Result<Arc<Loan>> {
    let all: anyhow::Result<Vec<Lent>> = each(dir, policy, true).await.into_iter().collect();
    Ok(Arc::new(Loan::of(&all?)?))
}

/// The same for a policy that serves: those that can't be had stay as they were.
async fn fetched_anew(
    dir: &Path,
    (policy, before): (&ArchivedPolicy, &Loan),
) -> anyhow::Result<(Loan, Option<anyhow::Error>)> {
    let mut missed = None;
    let mut all = Vec::with_capacity(policy.secrets.len());
    // Both are in the order of the policy.
    for (row, before) in each(dir, policy, false)
        .await
        .into_iter()
        .zip(before.copies())
    {
        all.push(row.unwrap_or_else(|error| {
            missed.get_or_insert(error);
            before
        }));
    }
    Ok((Loan::of(&all)?, missed))
}

/// A store that was asked before, or why it is not asked again.
type Asked = Result<Session, String>;

/// Each of them, or why it can't be had; up to the first of those, where `stops` says so.
async fn each(dir: &Path, policy: &ArchivedPolicy, stops: bool) -> Vec<anyhow::Result<Lent>> {
    let safe = Safe::of(dir, &Arc::default());
    let mut sessions = HashMap::new();
    let mut all = Vec::with_capacity(policy.secrets.len());
    for row in policy.secrets.iter() {
        let value = value(row, (policy, &safe), &mut sessions).await;
        let value = value.with_context(|| format!("secret {}", row.name));
        all.push(value.map(|value| Lent {
            name: row.name.to_string(),
            servers: row.servers.iter().map(ToString::to_string).collect(),
            value,
        }));
        if stops && all.last().is_some_and(Result::is_err) {
            break;
        }
    }
    all
}

async fn value<'p>(
    row: &'p ArchivedLentSecret,
    (policy, safe): (&'p ArchivedPolicy, &Safe),
    sessions: &mut HashMap<&'p str, Asked>,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    match &row.from {
        ArchivedSecretSource::Environment(name) => {
            let value = std::env::var_os(name.as_str());
            let value = value.filter(|value| !value.is_empty());
            let value =
                value.with_context(|| format!("the gateway's environment has no {name}"))?;
            Ok(Zeroizing::new(value.into_encoded_bytes()))
        }
        ArchivedSecretSource::File(path) => file(Path::new(path.as_str())),
        ArchivedSecretSource::Store(stored) => {
            let store = &stored.store;
            let mut stores = policy.secret_stores.iter();
            let found = stores.find(|row| row.name == *store);
            let found = found.with_context(|| format!("no store {store}"))?;
            let asked = match sessions.remove(store.as_str()) {
                Some(asked) => asked,
                None => {
                    let begun = Session::begin(found, safe).await;
                    begun.map_err(|error| format!("{error:#}"))
                }
            };
            let (asked, value) = match asked {
                Ok(session) => {
                    let read = session.read(stored.path.as_str(), stored.field.as_str());
                    match read.await {
                        // It is not waited for once for each of its secrets.
                        Err(Missed::Store(why)) => (Err(why.clone()), Err(why)),
                        Err(Missed::Secret(why)) => (Ok(session), Err(why)),
                        Ok(value) => (Ok(session), Ok(value)),
                    }
                }
                Err(why) => (Err(why.clone()), Err(why)),
            };
            sessions.insert(store.as_str(), asked);
            value.map_err(|why| anyhow::anyhow!("store {store}: {why}"))
        }
    }
}

/// The content of a file, without the end of line at its end.
fn file(path: &Path) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let context = || path.display().to_string();
    let found = std::fs::metadata(path).with_context(context)?;
    anyhow::ensure!(
        found.is_file() && found.len() <= FILE_BYTES_MAX,
        "{}: it is no file of at most {FILE_BYTES_MAX} bytes",
        path.display()
    );
    let mut value = Zeroizing::new(std::fs::read(path).with_context(context)?);
    if value.last() == Some(&b'\n') {
        value.pop();
    }
    if value.last() == Some(&b'\r') {
        value.pop();
    }
    anyhow::ensure!(!value.is_empty(), "{}: it is empty", path.display());
    Ok(value)
}

/// Looks again and again until the gateway ends.
pub(super) async fn keep(control: Rc<Control>) {
    let mut version = control.hub.version();
    let mut last = Instant::now();
    let mut failed = false;
    loop {
        tokio::time::sleep(STEP).await;
        let published = control.hub.published();
        if control.hub.version() != version {
            // They were had when it was published.
            (version, last, failed) = (control.hub.version(), Instant::now(), false);
        }
        let pause = pause(&published);
        let pause = if failed { pause.min(AGAIN) } else { pause };
        if published.serving.policy().secrets.is_empty() || last.elapsed() < pause {
            continue;
        }
        let looked = look(&control, &published).await;
        (version, last) = (control.hub.version(), Instant::now());
        failed = looked.is_err();
        let mut looks = control.authorities.looks.borrow_mut();
        looks.looks = looks.looks.saturating_add(1);
        let Err(error) = looked else {
            looks.error = None;
            continue;
        };
        let error = format!("{error:#}");
        if looks.error.as_ref() != Some(&error) {
            log::warning(format_args!(
                "secrets that others keep stay as they were: {error}"
            ));
        }
        looks.failures = looks.failures.saturating_add(1);
        looks.error = Some(error);
    }
}

/// From one look to the next: as often as the store wants that is asked most often, and files and
/// the environment want.
fn pause(published: &Published) -> Duration {
    let policy = published.serving.policy();
    let stores = policy.secret_stores.iter();
    let stores = stores.map(|row| row.refresh_s.to_native());
    let is_near = |row: &ArchivedLentSecret| !matches!(row.from, ArchivedSecretSource::Store(_));
    let near = policy.secrets.iter().any(is_near).then_some(REFRESH_S);
    Duration::from_secs(stores.chain(near).min().unwrap_or(REFRESH_S))
}

/// Takes up what has changed.
///
/// # Errors
/// Why one of them could not be had; the others are taken up.
async fn look(control: &Control, published: &Published) -> anyhow::Result<()> {
    let row = (published.serving.policy(), &*published.lent);
    let (now, missed) = fetched_anew(&control.dir, row).await?;
    if !now.is_same(&published.lent) {
        let Some(file) = &published.file else {
            anyhow::bail!("the policy that serves is not at hand");
        };
        let given = (&control.hub.shelf, None, Some(Arc::new(now)));
        let next = publish::prepare_with(&control.dir, file, &control.keys, given).await?;
        let before = control.hub.published();
        // Another one may have been pushed meanwhile, with its secrets.
        if core::ptr::eq(&*before, published) {
            publish::serve(control, (&before, next));
            let mut looks = control.authorities.looks.borrow_mut();
            looks.changes = looks.changes.saturating_add(1);
            log::info(format_args!(
                "secrets that others keep have changed, and are in use"
            ));
        }
    }
    missed.map_or(Ok(()), Err)
}

/// For `GET /v1/status`: how well credentials are kept, and how the looks have gone.
pub(super) fn status(control: &Control) -> Value {
    let published = control.hub.published();
    let looks = control.authorities.looks.borrow();
    json!({
        "kept": published.serving.kept().name(),
        "count": published.lent.count(),
        "looks": looks.looks,
        "changes": looks.changes,
        "failures": looks.failures,
        "error": looks.error,
    })
}

/// Appends their metrics, in the Prometheus text format.
pub(super) fn metrics(control: &Control, text: &mut String) {
    if control.hub.published().lent.count() == 0 {
        return;
    }
    let looks = control.authorities.looks.borrow();
    let rows = [
        ("good", looks.looks.saturating_sub(looks.failures)),
        ("failed", looks.failures),
    ];
    let help = "Looks at secrets that others keep.";
    let name = "secret_looks_total";
    metric_of_each(text, name, ("counter", help), "result", rows.into_iter());
}
