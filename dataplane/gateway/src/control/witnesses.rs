//! Has witnesses cosign the log's heads, and says how much of the log still waits for them.
//!
//! Each witness of the policy is asked at its own pace, on the control thread; files are read by
//! threads that may wait. Calls are denied once records have waited longer than policy allows: the
//! moment is set ahead at every look, so that a control thread that hangs lets nothing through.

mod ask;
mod overdue;
mod row;
mod told;
mod waiting;

use core::cell::RefCell;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use varistor_audit::{Event, WitnessEvent};
use varistor_evidence::{Keychain, VerifierKey, witnessed};
use varistor_notify::{Target, Trust};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedWitness};

use self::row::{Row, Standing};
use self::waiting::Waiting;
use super::{Control, Journal, names, publish};
use crate::log;

pub(super) use told::{metrics, status};

/// How often it is looked after.
const LOOK: Duration = Duration::from_millis(250);
/// When a log without a head is looked at again: the first is signed within a second.
const NOTHING_YET: Duration = Duration::from_millis(500);

/// A witness of a policy, ready to be asked.
pub(crate) struct Witness {
    key: VerifierKey,
    url: String,
    target: Target,
    trust: Trust,
}

/// The witnesses of a policy.
///
/// # Errors
/// When one can't be asked.
pub(super) fn of(policy: &ArchivedPolicy) -> anyhow::Result<Vec<Arc<Witness>>> {
    let rows = policy.audit.witnesses.iter();
    rows.map(|row| witness(row).with_context(|| format!("witness {}", row.url)))
        .collect()
}

fn witness(row: &ArchivedWitness) -> anyhow::Result<Arc<Witness>> {
    let roots = publish::roots(row.ca.as_ref().map(|path| path.as_str()))?;
    // What is said is signed on both sides: plain HTTP tells nothing that is secret.
    let target = Target::read(row.url.as_str(), true)?;
    let words = (row.allow_private, true);
    let trust = Trust::new(roots, words, |host, port, private| {
        Box::pin(names::resolve(host, port, private))
    })?;
    Ok(Arc::new(Witness {
        key: row.key.as_str().parse()?,
        url: row.url.as_str().to_owned(),
        target,
        trust,
    }))
}

/// All witnesses of the policy in service.
#[derive(Default)]
pub(crate) struct Witnesses(RefCell<State>);

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    quorum: usize,
    every: Duration,
    /// Longest wait that policy allows, in nanoseconds; 0: any.
    within_ns: u64,
    /// The publication that this follows.
    version: Option<u64>,
    waiting: Waiting,
    /// Whether calls are denied.
    overdue: bool,
}

impl State {
    /// Records that a quorum has cosigned.
    fn covered(&self) -> u64 {
        let mut sizes: Vec<u64> = self.rows.iter().map(|row| row.cosigned).collect();
        sizes.sort_unstable_by(|a, b| b.cmp(a));
        let last = self.quorum.checked_sub(1).and_then(|at| sizes.get(at));
        last.copied().unwrap_or(0)
    }
}

/// Looks after them until the gateway ends.
pub(super) async fn keep(control: Rc<Control>, journal: Rc<Journal>) {
    loop {
        follow(&control).await;
        overdue::look(&control, &journal).await;
        let due = {
            let state = &mut *control.evidence.witnesses.0.borrow_mut();
            let now = Instant::now();
            let due = state.rows.iter_mut();
            let due = due.filter(|row| !row.asking && row.due <= now);
            due.map(|row| {
                row.asking = true;
                (Arc::clone(&row.witness), row.cosigned)
            })
            .collect::<Vec<_>>()
        };
        for (witness, old) in due {
            let (control, journal) = (Rc::clone(&control), Rc::clone(&journal));
            tokio::task::spawn_local(async move {
                let asked = {
                    let _asking = Asking(&control, &witness);
                    ask::ask(&control, &witness, old).await
                };
                heard(&control, &journal, (&witness, asked)).await;
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Gives the turn of a witness back, however asking it ends: it is asked again.
struct Asking<'a>(&'a Control, &'a Witness);

impl Drop for Asking<'_> {
    fn drop(&mut self) {
        let Ok(state) = &mut self.0.evidence.witnesses.0.try_borrow_mut() else {
            return;
        };
        let due = Instant::now() + state.every;
        let mut rows = state.rows.iter_mut();
        if let Some(row) = rows.find(|row| row.witness.key == self.1.key) {
            row.asking = false;
            row.due = due;
        }
    }
}

/// Takes up the witnesses of another policy. What is known of those that stay, stays.
async fn follow(control: &Control) {
    let version = control.hub.version();
    if control.evidence.witnesses.0.borrow().version == Some(version) {
        return;
    }
    let published = control.hub.published();
    let audit = &published.serving.policy().audit;
    let (quorum, within_ms) = (audit.quorum.to_native(), audit.unwitnessed_ms.to_native());
    let every = Duration::from_millis(audit.ask_ms.to_native());
    let witnesses = published.witnesses.clone();
    let dir = control.dir.join("audit");
    let keys: Vec<_> = witnesses.iter().map(|row| row.key.clone()).collect();
    let known = tokio::task::spawn_blocking(move || known(&dir, &keys));
    let known = known.await.unwrap_or_else(|_| vec![None; witnesses.len()]);
    let state = &mut *control.evidence.witnesses.0.borrow_mut();
    let mut before = core::mem::take(&mut state.rows);
    for (witness, known) in witnesses.into_iter().zip(known) {
        let same = |row: &Row| row.witness.key == witness.key && row.witness.url == witness.url;
        let kept = before
            .iter()
            .position(same)
            .map(|at| before.swap_remove(at));
        state.rows.push(match kept {
            Some(row) => Row {
                due: row.due.min(Instant::now() + every),
                witness,
                ..row
            },
            None => Row::begun(witness, known, every),
        });
    }
    state.quorum = usize::try_from(quorum).unwrap_or(usize::MAX);
    state.every = every;
    state.within_ns = within_ms.saturating_mul(1_000_000);
    state.version = Some(version);
}

/// What the log knows of these witnesses: records that each has cosigned, and when.
fn known(dir: &Path, keys: &[VerifierKey]) -> Vec<Option<(u64, u64)>> {
    let newest = || {
        let Some(chain) = Keychain::load(dir)? else {
            return anyhow::Ok(Vec::new());
        };
        Ok(witnessed::by_each(dir, &chain, keys)?)
    };
    let mut newest = newest().unwrap_or_else(|error| {
        log::warning(format_args!(
            "what witnesses have cosigned can't be read, and is asked for again: {error:#}"
        ));
        Vec::new()
    });
    newest.resize(keys.len(), None);
    let sizes = newest.into_iter();
    sizes
        .map(|of| of.map(|(head, time)| (head.size, time)))
        .collect()
}

/// Takes what came of asking a witness.
async fn heard(control: &Control, journal: &Journal, (witness, asked): (&Witness, ask::Asked)) {
    let (standing, error) = match asked {
        ask::Asked::Nothing => (None, None),
        ask::Asked::Cosigned { .. } => (Some(Standing::Cosigns), None),
        ask::Asked::Failed(standing, ref error) => (Some(standing), Some(error.clone())),
    };
    let (before, records) = {
        let state = &mut *control.evidence.witnesses.0.borrow_mut();
        let every = state.every;
        let mut rows = state.rows.iter_mut();
        let Some(row) = rows.find(|row| row.witness.key == witness.key) else {
            return;
        };
        let pause = match standing {
            None => NOTHING_YET,
            Some(Standing::Unreachable) => row.waits_again(),
            Some(_) => {
                row.was_reached();
                every
            }
        };
        row.due = Instant::now() + pause.min(every);
        let Some(standing) = standing else { return };
        if let ask::Asked::Cosigned { records, unix_s } = asked {
            row.cosigned = row.cosigned.max(records);
            row.at_unix_s = unix_s;
        } else {
            row.failures = row.failures.saturating_add(1);
        }
        row.error = error.clone();
        (
            core::mem::replace(&mut row.standing, standing),
            row.cosigned,
        )
    };
    let Some(standing) = standing.filter(|now| *now != before) else {
        return;
    };
    let name = witness.key.name();
    let event = match &error {
        None => {
            log::info(format_args!("witness {name} cosigns: {records} records"));
            WitnessEvent::Cosigns {
                witness: name,
                records,
            }
        }
        Some(error) => {
            log::warning(format_args!("witness {name} {}: {error}", standing.name()));
            let what = standing.name();
            WitnessEvent::Failed {
                witness: name,
                what,
                error,
            }
        }
    };
    journal.record(&Event::Witness(event)).await;
}
