//! Exports the log's newest checkpoint to a directory or a URL, such as an immutable bucket.
//!
//! Each goes into a file or an object of its own, named by how many records it covers, that is made
//! new and never written again: what is kept there is what was signed then.

use core::cell::RefCell;
use std::io::Write as _;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hyper::Method;
use serde_json::{Value, json};
use varistor_audit::{Event, WitnessEvent};
use varistor_evidence::{Checkpoint, Note};
use varistor_notify::{Target, Trust};
use varistor_snapshot::schema::{ArchivedCheckpoints, ArchivedPolicy};
use varistor_vault::Vault;
use zeroize::Zeroizing;

use super::metric::metric;
use super::safe::Safe;
use super::{Control, Journal, channels, names, publish};
use crate::log;

/// What the vault calls the receiver of secrets that the export needs.
const RECEIVER: &str = "_audit";
/// How often it is looked after.
const LOOK: Duration = Duration::from_millis(500);
/// How long a directory may take.
const WITHIN: Duration = Duration::from_secs(15);

/// Where checkpoints go.
pub(crate) struct Place {
    directory: Option<PathBuf>,
    bucket: Option<Bucket>,
    every: Duration,
    /// Shared with the thread that writes to the directory, as long as it does.
    turn: Arc<()>,
}

struct Bucket {
    /// What is told of it: without what may be secret.
    shown: String,
    /// Before and behind the object's name.
    url: Zeroizing<String>,
    query: Zeroizing<String>,
    fields: Vec<(String, Zeroizing<String>)>,
    allow_plain: bool,
    trust: Trust,
}

/// What became of it.
#[derive(Default)]
pub(crate) struct Exports(RefCell<State>);

#[derive(Default)]
struct State {
    place: Option<Arc<Place>>,
    version: Option<u64>,
    due: Option<Instant>,
    /// Records of the newest checkpoint that was exported, and when.
    exported: u64,
    at_unix_s: u64,
    /// Records of the newest checkpoint that the bucket of this place has.
    sent: Option<u64>,
    failures: u64,
    error: Option<String>,
    /// Whether anything was tried since the place changed.
    tried: bool,
}

/// Where a policy wants checkpoints.
///
/// # Errors
/// When the place can't be used.
pub(super) fn of(safe: &Safe, policy: &ArchivedPolicy) -> anyhow::Result<Option<Arc<Place>>> {
    let Some(row) = policy.audit.checkpoints.as_ref() else {
        return Ok(None);
    };
    Ok(Some(Arc::new(Place {
        directory: row.directory.as_ref().map(|path| path.as_str().into()),
        bucket: bucket(safe, row).context("audit.checkpoints")?,
        every: Duration::from_millis(row.every_ms.to_native()),
        turn: Arc::default(),
    })))
}

fn bucket(safe: &Safe, row: &ArchivedCheckpoints) -> anyhow::Result<Option<Bucket>> {
    if row.url.is_empty() {
        return Ok(None);
    }
    let vault = safe.vault_if(row.has_secrets)?;
    let url = text(&row.url, vault)?;
    let (url, query) = match url.split_once('?') {
        Some((url, query)) => (url.to_owned(), format!("?{query}")),
        None => (url.to_string(), String::new()),
    };
    let mut fields = Vec::with_capacity(row.headers.len());
    for header in row.headers.iter() {
        fields.push((
            header.header.as_str().to_owned(),
            text(&header.value, vault)?,
        ));
    }
    let roots = publish::roots(row.ca.as_ref().map(|path| path.as_str()))?;
    let words = (row.allow_private, row.allow_plain);
    let trust = Trust::new(roots, words, |host, port, private| {
        Box::pin(names::resolve(host, port, private))
    })?;
    let bucket = Bucket {
        shown: row.shown.as_str().to_owned(),
        url: Zeroizing::new(url),
        query: Zeroizing::new(query),
        fields,
        allow_plain: row.allow_plain,
        trust,
    };
    bucket.target("x")?;
    Ok(Some(bucket))
}

fn text(
    parts: &[varistor_snapshot::schema::ArchivedTemplatePart],
    vault: Option<&Vault>,
) -> anyhow::Result<Zeroizing<String>> {
    let bytes = channels::filled(parts, vault, RECEIVER)?;
    let text = core::str::from_utf8(&bytes).context("a secret of it is no text")?;
    Ok(Zeroizing::new(text.to_owned()))
}

impl Bucket {
    fn target(&self, name: &str) -> anyhow::Result<Target> {
        let url = self.url.trim_end_matches('/');
        let whole = Zeroizing::new(format!("{url}/{name}{}", self.query.as_str()));
        Ok(Target::read(&whole, self.allow_plain)?)
    }

    async fn put(&self, name: &str, note: &str) -> anyhow::Result<()> {
        let mut fields = vec![("if-none-match", "*")];
        let own = self.fields.iter();
        fields.extend(own.map(|(name, value)| (name.as_str(), value.as_str())));
        let asked = varistor_notify::Asked {
            method: Method::PUT,
            suffix: "",
            media: "text/plain; charset=utf-8",
            fields: &fields,
            body: note.as_bytes().to_vec(),
        };
        let target = self.target(name)?;
        let (status, _) = varistor_notify::ask(&target, &self.trust, asked).await?;
        // 412, or 409 of some stores: the object is there already, and stays as it is.
        anyhow::ensure!(
            (200..300).contains(&status) || matches!(status, 409 | 412),
            "{} answered with status {status}",
            self.shown
        );
        Ok(())
    }
}

/// Makes a file that was not there; one that was, with the same text, is as good.
fn keep(directory: &Path, name: &str, note: &str) -> anyhow::Result<()> {
    let path = directory.join(name);
    let shown = || format!("can't write {}", path.display());
    let mut options = std::fs::OpenOptions::new();
    match options.write(true).create_new(true).open(&path) {
        Ok(mut file) => {
            file.write_all(note.as_bytes()).with_context(shown)?;
            file.sync_all().with_context(shown)?;
            // Not every mounted bucket has directories that can be synced.
            let _ = std::fs::File::open(directory).and_then(|dir| dir.sync_all());
            Ok(())
        }
        Err(error) if error.kind() == std::io::ErrorKind::AlreadyExists => {
            let there = std::fs::read_to_string(&path).with_context(shown)?;
            let text = |note: &str| Note::parse(note).map(|note| note.text);
            anyhow::ensure!(
                text(&there) == text(note),
                "{} is there, with another checkpoint than the log's",
                path.display()
            );
            Ok(())
        }
        Err(error) => Err(error).with_context(shown),
    }
}

impl Place {
    /// Keeps a checkpoint in the directory, which may be mounted from a host that hangs: one thread
    /// at most waits for it.
    async fn keep(&self, directory: &Path, (name, note): (&str, &str)) -> anyhow::Result<()> {
        let shown = directory.display().to_string();
        let hangs = || format!("{shown} does not answer");
        anyhow::ensure!(Arc::strong_count(&self.turn) == 1, hangs());
        let turn = Arc::clone(&self.turn);
        let (directory, name, note) = (directory.to_owned(), name.to_owned(), note.to_owned());
        let kept = tokio::task::spawn_blocking(move || {
            let _turn = turn;
            keep(&directory, &name, &note)
        });
        tokio::time::timeout(WITHIN, kept)
            .await
            .ok()
            .with_context(hangs)??
    }
}

/// Exports until the gateway ends.
pub(super) async fn run(control: Rc<Control>, journal: Rc<Journal>) {
    loop {
        if let Some(place) = due(&control) {
            let head = control.dir.join("state/audit-head");
            let export = export(&control, &place, head).await;
            tell(&control, &journal, (&place, export)).await;
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Where to, when it is time.
fn due(control: &Control) -> Option<Arc<Place>> {
    let state = &mut *control.evidence.exports.0.borrow_mut();
    let version = control.hub.version();
    if state.version != Some(version) {
        let place = control.hub.published().checkpoints.clone();
        *state = State {
            place,
            version: Some(version),
            due: Some(Instant::now()),
            sent: None,
            ..core::mem::take(state)
        };
        state.tried = false;
    }
    let place = state.place.as_ref()?;
    let now = Instant::now();
    state.due.is_none_or(|due| due <= now).then(|| {
        state.due = Some(now + place.every);
        Arc::clone(place)
    })
}

/// Exports the newest checkpoint; how many records it covers, `None` when there is none yet.
async fn export(control: &Control, place: &Place, head: PathBuf) -> anyhow::Result<Option<u64>> {
    let read = move || std::fs::read_to_string(&head);
    let text = match tokio::task::spawn_blocking(read).await? {
        Ok(text) => text,
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => return Ok(None),
        Err(error) => return Err(error).context("the newest checkpoint can't be read"),
    };
    let note = Note::parse(&text).context("the newest checkpoint can't be read")?;
    let head = Checkpoint::parse(&note.text).context("the newest checkpoint can't be read")?;
    let name = format!("{:020}.checkpoint", head.size);
    let kept = match &place.directory {
        Some(directory) => place.keep(directory, (&name, &text)).await,
        None => Ok(()),
    };
    // What fails in one place is kept in the other all the same.
    let state = &control.evidence.exports.0;
    let sent = state.borrow().sent == Some(head.size);
    if let Some(bucket) = place.bucket.as_ref().filter(|_| !sent) {
        match (bucket.put(&name, &text).await, &kept) {
            (Ok(()), _) => state.borrow_mut().sent = Some(head.size),
            (Err(error), Err(before)) => anyhow::bail!("{before:#}; {error:#}"),
            (Err(error), Ok(())) => return Err(error),
        }
    }
    kept.map(|()| Some(head.size))
}

async fn tell(
    control: &Control,
    journal: &Journal,
    (place, export): (&Place, anyhow::Result<Option<u64>>),
) {
    let shown = place.shown();
    let error = export.as_ref().err().map(|error| format!("{error:#}"));
    let turned = {
        let state = &mut *control.evidence.exports.0.borrow_mut();
        match export {
            Ok(None) => {
                state.due = Some(Instant::now() + LOOK);
                return;
            }
            Ok(Some(records)) => {
                state.exported = records;
                state.at_unix_s = control.clock.now().unix_s();
            }
            Err(_) => state.failures = state.failures.saturating_add(1),
        }
        let before = core::mem::replace(&mut state.error, error.clone());
        let first = !core::mem::replace(&mut state.tried, true);
        first || before.is_some() != error.is_some()
    };
    if !turned {
        return;
    }
    let event = match &error {
        None => {
            let records = control.evidence.exports.0.borrow().exported;
            log::info(format_args!("checkpoints are exported to {shown}"));
            WitnessEvent::Exported {
                place: &shown,
                records,
            }
        }
        Some(error) => {
            log::warning(format_args!("checkpoints can't be exported: {error}"));
            WitnessEvent::Unexported {
                place: &shown,
                error,
            }
        }
    };
    journal.record(&Event::Witness(event)).await;
}

impl Place {
    fn shown(&self) -> String {
        let directory = self
            .directory
            .as_ref()
            .map(|path| path.display().to_string());
        let bucket = self.bucket.as_ref().map(|bucket| bucket.shown.clone());
        let all: Vec<_> = directory.into_iter().chain(bucket).collect();
        all.join(", ")
    }
}

/// Adds what `GET /v1/status` says of it, where policy wants it.
pub(super) fn status(control: &Control, audit: &mut Value) {
    let state = control.evidence.exports.0.borrow();
    let Some(place) = &state.place else { return };
    audit["checkpoints"] = json!({
        "place": place.shown(),
        "exported": state.exported,
        "exported_unix_s": (state.at_unix_s > 0).then_some(state.at_unix_s),
        "failures": state.failures,
        "error": state.error,
    });
}

/// Appends its metrics, in the Prometheus text format.
pub(super) fn metrics(control: &Control, text: &mut String) {
    let state = control.evidence.exports.0.borrow();
    if state.place.is_none() {
        return;
    }
    let help = "Records that the newest exported checkpoint covers.";
    metric(text, "audit_exported_seq", ("gauge", help), state.exported);
    let help = "How often a checkpoint could not be exported.";
    let name = "audit_export_failures_total";
    metric(text, name, ("counter", help), state.failures);
}
