//! How long records wait for their witnesses, and what is denied meanwhile.

use varistor_audit::{Event, WitnessEvent};
use varistor_evidence::time_of;

use super::super::{Control, Journal};
use super::State;
use super::waiting::Waiting;
use crate::log;

/// Sees how long records wait, and sets the moment from which calls are denied.
pub(super) async fn look(control: &Control, journal: &Journal) {
    let next = control.ledger.state().seq;
    let unknown = {
        let state = &mut *control.evidence.witnesses.0.borrow_mut();
        if state.rows.is_empty() {
            state.waiting = Waiting::default();
            put(control, state, u64::MAX);
            None
        } else {
            let covered = state.covered();
            state.waiting.note(next, control.clock.mono_ns());
            (!state.waiting.knows(covered)).then_some(covered)
        }
    };
    if let Some(record) = unknown {
        let dir = control.dir.join("audit");
        let time = tokio::task::spawn_blocking(move || time_of(&dir, record)).await;
        let now = control.clock.now();
        // What can't be read has waited for ever.
        let written = time.ok().and_then(Result::ok).flatten().unwrap_or(0);
        let age_ns = now.unix_ns.saturating_sub(written);
        let state = &mut *control.evidence.witnesses.0.borrow_mut();
        state
            .waiting
            .begin(record, now.mono_ns.saturating_sub(age_ns));
    }
    let turned = {
        let state = &mut *control.evidence.witnesses.0.borrow_mut();
        if state.rows.is_empty() {
            core::mem::take(&mut state.overdue).then_some((false, 0, 0))
        } else {
            deny(control, state)
        }
    };
    if let Some((begun, records, seconds)) = turned {
        match begun {
            true => log::warning(format_args!(
                "{records} records wait for their witnesses, the oldest for {seconds} s: calls are \
                 denied as audit.unwitnessed says"
            )),
            false => log::info(format_args!("records wait no longer than policy allows")),
        }
        let event = WitnessEvent::Overdue {
            begun,
            records,
            seconds,
        };
        journal.record(&Event::Witness(event)).await;
    }
}

/// Sets the moment. When calls begin or cease to be denied: which, records that wait, and for how
/// many seconds.
fn deny(control: &Control, state: &mut State) -> Option<(bool, u64, u64)> {
    let now_ns = control.clock.mono_ns();
    let covered = state.covered();
    let oldest_ns = state.waiting.oldest(covered);
    if state.within_ns == 0 {
        put(control, state, u64::MAX);
        return core::mem::take(&mut state.overdue).then_some((false, 0, 0));
    }
    let overdue_ns = oldest_ns.unwrap_or(now_ns).saturating_add(state.within_ns);
    put(control, state, overdue_ns);
    let overdue = now_ns >= overdue_ns;
    let before = core::mem::replace(&mut state.overdue, overdue);
    let records = control.ledger.state().seq.saturating_sub(covered);
    let seconds = now_ns.saturating_sub(oldest_ns.unwrap_or(now_ns)) / 1_000_000_000;
    (overdue != before).then_some((overdue, records, seconds))
}

/// Moves the moment, unless it would be by the bound of a policy that is not in service any more.
fn put(control: &Control, state: &State, overdue_ns: u64) {
    if state.version == Some(control.hub.version()) {
        control.hub.tail.put(overdue_ns);
    }
}
