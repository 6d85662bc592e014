//! Looks, every few milliseconds, at what no message tells of: the file `run/kill`, a signal, and
//! workers that do not run.
//!
//! The file stops what its lines name, one selector a line; an empty one stops everything, and so
//! does a line or a file that can't be read. Once it is gone, what it stopped may go on.

use std::fs;
use std::io::Read as _;
use std::os::unix::fs::MetadataExt as _;
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::sync::atomic::Ordering;

use varistor_model::Selector;
use varistor_model::limits::{KILL_FILE_BYTES_MAX, KILL_STALL_MS};
use varistor_pipeline::kill::Kill;

use super::rows::Source;
use super::{Order, Switch};
use crate::log;

/// What was seen at the last look.
pub(super) struct Watch {
    path: PathBuf,
    /// The file at the last look.
    seen: Seen,
    /// The file that was acted upon.
    acted: Seen,
    /// Per worker, the word of the kill switch for which it was last found not to run.
    stalled: Vec<usize>,
}

#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Seen {
    Nothing,
    /// Device, number, size, and times of the last changes of content and state.
    File([i64; 7]),
    /// Something that can't be looked at.
    Odd,
}

/// What follows a look at the file.
pub(super) struct FileSays {
    pub(super) gone: Vec<Selector>,
    pub(super) named: Vec<Selector>,
}

impl Watch {
    pub(super) fn new(dir: &Path) -> Self {
        Self {
            path: dir.join("run/kill"),
            seen: Seen::Nothing,
            acted: Seen::Nothing,
            stalled: Vec::new(),
        }
    }

    /// Acts upon the file at a start, before anything is served.
    pub(super) fn look_at_file(&mut self, switch: &Switch) {
        if let Some(says) = self.file(switch) {
            let mut rows = switch.rows();
            rows.remove(&says.gone, Some(Source::File));
            // At a start there is room.
            let _ = rows.add(&order(says.named), Source::File);
        }
    }

    /// One look at everything.
    pub(super) fn look(&mut self, switch: &Arc<Switch>) {
        if switch.hub.kill.word() == Kill::SIGNALLED {
            take_signal(switch);
        }
        if let Some(says) = self.file(switch) {
            let switch = Arc::clone(switch);
            tokio::task::spawn_local(async move {
                if !says.gone.is_empty() {
                    switch.revive(order(says.gone), Some(Source::File)).await;
                }
                if !says.named.is_empty()
                    && let Err(full) = switch.kill(order(says.named), Source::File).await
                {
                    log::error(format_args!("run/kill: {full}; everything is stopped"));
                    let _ = switch.kill(order(vec![Selector::All]), Source::File).await;
                }
            });
        }
        self.end_for_the_stalled(switch);
    }

    /// Shuts down what is stopped on workers that have not done so themselves.
    fn end_for_the_stalled(&mut self, switch: &Switch) {
        let word = switch.hub.kill.word();
        let since = switch.now_ms();
        let since = since.saturating_sub(switch.changed_ms.load(Ordering::Acquire));
        if !switch.hub.kill.is_pulled() || since < KILL_STALL_MS {
            return;
        }
        for (index, seats) in switch.seats.iter().enumerate() {
            if seats.heeded() != word {
                seats.cut(&switch.hub.kill.stopped());
                self.stalled.resize(switch.seats.len(), 0);
                let told = self.stalled.get_mut(index);
                if told.is_some_and(|told| core::mem::replace(told, word) != word) {
                    log::warning(format_args!(
                        "worker {index} does not run; the kill switch ends its connections from \
                         outside"
                    ));
                }
            }
        }
    }

    /// What the file says, if that is something new. A file counts once it looks the same twice:
    /// whoever writes it must come to an end first.
    fn file(&mut self, switch: &Switch) -> Option<FileSays> {
        let now = look_at(&self.path);
        let before = core::mem::replace(&mut self.seen, now);
        if now != before || now == self.acted {
            return None;
        }
        self.acted = now;
        let named = match now {
            Seen::Nothing => Vec::new(),
            Seen::Odd => vec![Selector::All],
            Seen::File(_) => read(&self.path),
        };
        let rows = switch.rows();
        let old = rows.all().iter().filter(|row| row.source == Source::File);
        let gone = old.map(|row| row.selector.clone());
        let gone = gone.filter(|it| !named.contains(it)).collect();
        Some(FileSays { gone, named })
    }
}

/// Makes what a signal did last.
fn take_signal(switch: &Arc<Switch>) {
    let order = Order {
        by: "SIGUSR1".into(),
        ..order(vec![Selector::All])
    };
    let written = {
        let mut rows = switch.rows();
        // Everything always has room.
        let _ = rows.add(&order, Source::Signal);
        switch.hub.kill.publish_over_signal(rows.stopped());
        switch.told();
        switch.write(&rows)
    };
    let (switch, before) = (Arc::clone(switch), switch.ended());
    tokio::task::spawn_local(async move {
        let done = switch.done(written, before).await;
        switch.notify(true, &order, done);
    });
}

fn order(selectors: Vec<Selector>) -> Order {
    Order {
        selectors,
        by: "the file run/kill".into(),
        reason: None,
    }
}

fn look_at(path: &Path) -> Seen {
    match fs::metadata(path) {
        Ok(it) => Seen::File([
            i64::try_from(it.dev()).unwrap_or_default(),
            i64::try_from(it.ino()).unwrap_or_default(),
            i64::try_from(it.len()).unwrap_or_default(),
            it.mtime(),
            it.mtime_nsec(),
            it.ctime(),
            it.ctime_nsec(),
        ]),
        Err(error) if error.kind() == std::io::ErrorKind::NotFound => Seen::Nothing,
        Err(_) => Seen::Odd,
    }
}

/// The selectors of the file; everything when it is empty or can't be read.
fn read(path: &Path) -> Vec<Selector> {
    let mut text = String::new();
    let most = KILL_FILE_BYTES_MAX as u64;
    let file = fs::File::open(path).map(|file| file.take(most.saturating_add(1)));
    let read = file.and_then(|mut file| file.read_to_string(&mut text));
    let lines = text.lines().map(str::trim);
    let named: Vec<_> = lines
        .filter(|line| !line.is_empty() && !line.starts_with('#'))
        .map(str::parse)
        .collect();
    let named: Result<Vec<Selector>, _> = named.into_iter().collect();
    match (read, named) {
        (Ok(bytes), Ok(named)) if bytes <= KILL_FILE_BYTES_MAX && !named.is_empty() => named,
        (Ok(_), Err(error)) => {
            log::error(format_args!(
                "run/kill: a line names nothing ({error}); everything is stopped"
            ));
            vec![Selector::All]
        }
        _ => vec![Selector::All],
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn said(content: &[u8]) -> Vec<String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("kill");
        fs::write(&path, content).unwrap();
        assert!(matches!(look_at(&path), Seen::File(_)));
        read(&path).iter().map(ToString::to_string).collect()
    }

    #[test]
    fn lines_name_what_they_say_and_everything_else_stops_everything() {
        let two = said(b"# why\nagent acme/bot\n\n  server files \n");
        assert_eq!(two, ["agent acme/bot", "server files"]);
        let many = "server x\n".repeat(KILL_FILE_BYTES_MAX / 9 + 1);
        for odd in [
            &b""[..],
            b"\n",
            b"agent bot\n",
            b"server a\n?\n",
            b"\xff",
            many.as_bytes(),
        ] {
            assert_eq!(said(odd), ["all"]);
        }
        let nowhere = Path::new("/nonexistent/kill");
        assert_eq!(look_at(nowhere), Seen::Nothing);
    }
}
