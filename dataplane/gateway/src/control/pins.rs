//! Keeps the pins of tools in `state/pins`, a file for each server, and tells the log what happened
//! to them. Workers decide in memory at once; this follows, woken by each change.
//!
//! Refuses to take a damaged file for nothing: what stands in it is lost, and every tool of its
//! server is quarantined until a person approves it. A crash before a file is written leaves the
//! pins as they were: what was first seen in between is seen first once more, what was quarantined
//! still is at the next list.

use std::fs::{self, File, OpenOptions};
use std::io::{self, Write as _};
use std::os::unix::fs::{OpenOptionsExt as _, PermissionsExt as _};
use std::path::{Path, PathBuf};
use std::sync::Arc;
use std::time::Duration;

use tokio::sync::{Mutex, Notify};
use varistor_audit::{Event, ToolTold, ToolsEvent, ToolsTold};
use varistor_pins::{By, Pins, ServerPins};
use varistor_pipeline::pins::PinBoard;

use super::Journal;
use crate::log;

/// Tools that one record names; it says how many there are.
const TOLD_MAX: usize = 64;
/// Longest name in such a record, in bytes; more of it is cut off.
const NAME_BYTES_MAX: usize = 256;
/// After a failure, the next attempt.
const AGAIN: Duration = Duration::from_secs(5);
/// Largest file that is read, in bytes: twice the definitions, escaped, and their digests.
const FILE_BYTES_MAX: u64 = 256 << 20;

/// Where pins are kept.
pub(crate) struct Keeper {
    folder: PathBuf,
    board: Arc<PinBoard>,
    changed: Arc<Notify>,
    seen: Mutex<Seen>,
}

/// What was done already.
struct Seen {
    told: Arc<Pins>,
    saved: Pins,
}

/// What the files in a directory say; of a damaged one, that its server is not to be trusted.
fn load(dir: &Path) -> Pins {
    let folder = dir.join("state/pins");
    let mut pins = Pins::default();
    let Ok(entries) = fs::read_dir(&folder) else {
        return pins;
    };
    for path in entries.flatten().map(|entry| entry.path()) {
        let name = path.file_stem().and_then(|name| name.to_str());
        let (Some(server), true) = (name, path.extension().is_some_and(|end| end == "json")) else {
            continue;
        };
        match read(&path) {
            Ok(found) => pins.restore(server, found),
            Err(error) => {
                let aside = path.with_extension("json.damaged");
                log::warning(format_args!(
                    "{}: {error:#}; every tool of {server} is quarantined until `varictl tools \
                     approve`; the file is copied to {}",
                    path.display(),
                    aside.display()
                ));
                // The copy is for a person; without it nothing is worse.
                let _ = fs::copy(&path, &aside);
                pins.restore(server, ServerPins::distrusted());
            }
        }
    }
    pins
}

fn read(path: &Path) -> anyhow::Result<ServerPins> {
    let bytes = fs::metadata(path)?.len();
    anyhow::ensure!(bytes <= FILE_BYTES_MAX, "it has {bytes} bytes");
    Ok(ServerPins::of_file(&fs::read_to_string(path)?)?)
}

impl Keeper {
    /// Begins with what is kept.
    pub(crate) fn open(dir: &Path) -> Self {
        let changed = Arc::new(Notify::new());
        let wake = Arc::clone(&changed);
        let board = PinBoard::new(load(dir)).waking(move || wake.notify_one());
        Self {
            folder: dir.join("state/pins"),
            seen: Mutex::new(Seen {
                told: board.pins(),
                saved: Pins::default(),
            }),
            board: Arc::new(board),
            changed,
        }
    }

    /// The board.
    pub(crate) const fn board(&self) -> &Arc<PinBoard> {
        &self.board
    }

    /// Follows the changes, for ever.
    pub(crate) async fn run(&self, journal: &Journal) {
        let mut failed = false;
        loop {
            match self.save(journal).await {
                Ok(()) => {
                    if core::mem::take(&mut failed) {
                        log::info(format_args!("the pins of tools are kept again"));
                    }
                    self.changed.notified().await;
                }
                Err(error) => {
                    if !core::mem::replace(&mut failed, true) {
                        log::warning(format_args!(
                            "{}: the pins of tools can't be kept ({error}), and hold only until \
                             this gateway ends; tried again",
                            self.folder.display()
                        ));
                    }
                    tokio::time::sleep(AGAIN).await;
                }
            }
        }
    }

    /// Tells the log what happened since the last time, and writes what changed.
    pub(crate) async fn save(&self, journal: &Journal) -> io::Result<()> {
        let mut seen = self.seen.lock().await;
        let now = self.board.pins();
        tell(&seen.told, &now, journal).await;
        seen.told = Arc::clone(&now);
        for (server, pins) in now.servers() {
            let is_saved = |saved: &Arc<ServerPins>| Arc::ptr_eq(saved, pins);
            if seen.saved.server(server).is_some_and(is_saved) {
                continue;
            }
            let (folder, name, kept) = (self.folder.clone(), server.to_owned(), Arc::clone(pins));
            let written = tokio::task::spawn_blocking(move || write(&folder, &name, &kept));
            written.await.map_err(io::Error::other)??;
            seen.saved.restore_shared(server, Arc::clone(pins));
        }
        Ok(())
    }
}

/// Puts a server's file in place: whole, or not at all.
fn write(folder: &Path, server: &str, pins: &ServerPins) -> io::Result<()> {
    let text = pins.to_file().map_err(io::Error::other)?;
    fs::create_dir_all(folder)?;
    fs::set_permissions(folder, fs::Permissions::from_mode(0o700))?;
    let next = folder.join(format!("{server}.json.next"));
    let mut file = OpenOptions::new()
        .write(true)
        .create(true)
        .truncate(true)
        .mode(0o600)
        .open(&next)?;
    file.write_all(text.as_bytes())?;
    file.sync_all()?;
    fs::rename(&next, folder.join(format!("{server}.json")))?;
    File::open(folder)?.sync_all()
}

/// One thing that happened to tools of a server.
#[derive(Default)]
struct Happened<'a> {
    count: u64,
    tools: Vec<ToolTold<'a>>,
}

impl<'a> Happened<'a> {
    fn add(&mut self, tool: ToolTold<'a>) {
        self.count = self.count.saturating_add(1);
        if self.tools.len() < TOLD_MAX {
            self.tools.push(tool);
        }
    }

    fn told<'t>(&'t self, server: &'t str) -> ToolsTold<'t> {
        ToolsTold {
            server,
            count: self.count,
            tools: &self.tools,
        }
    }
}

async fn tell(before: &Pins, now: &Pins, journal: &Journal) {
    for (server, pins) in now.servers() {
        let old = before.server(server);
        if old.is_some_and(|old| Arc::ptr_eq(old, pins)) {
            continue;
        }
        let [pinned, quarantined, released] = happened(old.map(AsRef::as_ref), pins);
        let events = [
            (pinned.count, ToolsEvent::Pinned(pinned.told(server))),
            (
                quarantined.count,
                ToolsEvent::Quarantined(quarantined.told(server)),
            ),
            (released.count, ToolsEvent::Released(released.told(server))),
        ];
        for (_, event) in events.into_iter().filter(|(count, _)| *count > 0) {
            journal.record(&Event::Tools(event)).await;
        }
    }
}

/// What was pinned, quarantined, and released by itself.
fn happened<'a>(before: Option<&ServerPins>, now: &'a ServerPins) -> [Happened<'a>; 3] {
    let [mut pinned, mut quarantined, mut released] = <[Happened<'a>; 3]>::default();
    for (name, pin) in now.iter() {
        let old = before.and_then(|before| before.get(name));
        let tool = short(name);
        let had = old.and_then(|old| old.pinned.as_ref());
        let is_new = pin.pinned.as_ref().filter(|_| had.is_none());
        if let Some(new) = is_new.filter(|new| new.by == By::FirstUse) {
            pinned.add(ToolTold {
                tool,
                sha256: &new.form.sha256.0,
                cause: None,
            });
        }
        let counted = old.map_or(0, |old| old.quarantines);
        match &pin.offered {
            Some(offered) if pin.quarantines > counted => quarantined.add(ToolTold {
                tool,
                sha256: &offered.form.sha256.0,
                cause: Some(offered.cause.name()),
            }),
            // It came and went between two looks: that it did still counts.
            None if pin.quarantines > counted => {
                if let Some(pinned) = &pin.pinned {
                    let sha256 = &pinned.form.sha256.0;
                    let cause = Some("changed");
                    quarantined.add(ToolTold {
                        tool,
                        sha256,
                        cause,
                    });
                    released.add(ToolTold {
                        tool,
                        sha256,
                        cause: None,
                    });
                }
            }
            None if had.is_some() && old.is_some_and(|old| old.offered.is_some()) => {
                if let Some(same) = pin.pinned.as_ref().filter(|pinned| had == Some(pinned)) {
                    released.add(ToolTold {
                        tool,
                        sha256: &same.form.sha256.0,
                        cause: None,
                    });
                }
            }
            Some(_) | None => {}
        }
    }
    [pinned, quarantined, released]
}

fn short(name: &str) -> &str {
    name.get(..name.floor_char_boundary(NAME_BYTES_MAX))
        .unwrap_or(name)
}

#[cfg(test)]
mod tests {
    use super::*;
    use varistor_pins::{Form, Mode, Policy};

    const FIRST_USE: Policy = Policy {
        mode: Mode::FirstUse,
        new_tools_wait: false,
    };

    fn listed(pins: &Pins, text: &str) -> Pins {
        let form = Form::of(text, 1, Vec::new());
        let offer = pins.offer("crm", &[("a".into(), form)], (FIRST_USE, 1));
        offer.next.unwrap_or_else(|| pins.clone())
    }

    #[test]
    fn what_is_written_is_loaded_and_a_damaged_file_is_distrust() {
        let dir = tempfile::tempdir().unwrap();
        assert_eq!(load(dir.path()).servers().count(), 0);
        let pins = listed(&listed(&Pins::default(), "{}"), r#"{"x":1}"#);
        let crm = pins.server("crm").unwrap();
        let folder = dir.path().join("state/pins");
        write(&folder, "crm", crm).unwrap();
        write(&folder, "crm", crm).unwrap();
        let mode = fs::metadata(folder.join("crm.json")).unwrap().permissions();
        assert_eq!(mode.mode() & 0o777, 0o600);
        assert_eq!(load(dir.path()).server("crm"), Some(crm));
        fs::write(folder.join("crm.json"), "{}").unwrap();
        fs::write(folder.join("mail.json.next"), "half").unwrap();
        let damaged = load(dir.path());
        assert!(damaged.server("crm").unwrap().is_distrusted());
        assert_eq!(damaged.servers().count(), 1);
        assert!(folder.join("crm.json.damaged").exists());
    }

    #[test]
    fn each_thing_that_happened_is_told_once() {
        let of = |pins: &Pins| Arc::clone(pins.server("crm").unwrap());
        let counts = |before: Option<&ServerPins>, now: &ServerPins| {
            happened(before, now).map(|happened| happened.count)
        };
        let first = listed(&Pins::default(), "{}");
        let changed = listed(&first, r#"{"x":1}"#);
        let back = listed(&changed, "{}");
        let [first, changed, back] = [of(&first), of(&changed), of(&back)];
        assert_eq!(counts(None, &first), [1, 0, 0]);
        assert_eq!(counts(Some(&first), &changed), [0, 1, 0]);
        assert_eq!(counts(Some(&changed), &back), [0, 0, 1]);
        assert_eq!(counts(Some(&first), &back), [0, 1, 1]);
        assert_eq!(counts(Some(&back), &back), [0, 0, 0]);
    }

    #[test]
    fn a_record_names_a_bounded_number_of_tools_and_bytes() {
        let rows = (0..TOLD_MAX + 9).map(|at| {
            let name = format!("{at:05}{}", "ü".repeat(NAME_BYTES_MAX));
            (name.into(), Form::of("{}", 1, Vec::new()))
        });
        let rows: Vec<_> = rows.collect();
        let offer = Pins::default().offer("crm", &rows, (FIRST_USE, 1));
        let pins = offer.next.unwrap();
        let [pinned, _, _] = happened(None, pins.server("crm").unwrap());
        assert_eq!(pinned.count, 73);
        assert_eq!(pinned.tools.len(), TOLD_MAX);
        assert!(
            pinned
                .tools
                .iter()
                .all(|tool| tool.tool.len() <= NAME_BYTES_MAX)
        );
    }
}
