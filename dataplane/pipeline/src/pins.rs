//! Which definitions of tools are trusted: what servers said is checked against their pins when a
//! list passes, and a call asks whether its tool is quarantined.
//!
//! All workers share one board. Decided at once and in memory; whoever keeps the pins on a disk is
//! woken and takes them from here. A list that passed before is told by its bytes; a new one is
//! read whole before anything of it goes on. Refuses, that is leaves out of the list, what is not
//! as it was pinned, what it did not read, and what has an over-long name.

use std::sync::{Arc, OnceLock};

use arc_swap::{ArcSwap, Cache, Guard};
use varistor_model::limits::{KNOWN_TOOLS_MAX, NAME_BYTES_MAX};
use varistor_pins::{Approval, Form, Mode, Pins, Policy, Refused, ServerPins, Withheld};
use varistor_snapshot::schema::ArchivedPolicy;

use crate::known;
use crate::serving::Local;

/// The pins of all servers. One for all workers.
#[derive(Default)]
pub struct PinBoard {
    pins: Arc<ArcSwap<Pins>>,
    wake: OnceLock<Wake>,
}

/// Is called, on any thread, after a change.
type Wake = Box<dyn Fn() + Send + Sync>;

/// One worker's view; without a board, nothing is pinned.
#[derive(Default)]
pub(crate) struct View(Option<Seen>);

struct Seen {
    board: Arc<PinBoard>,
    pins: Cache<Arc<ArcSwap<Pins>>, Arc<Pins>>,
}

/// What policy wants of a server; of one that it lost, the strictest.
#[must_use]
pub fn policy(policy: &ArchivedPolicy, server: u32) -> Policy {
    let row = usize::try_from(server).ok();
    let row = row.and_then(|at| policy.pinning.get(at));
    Policy {
        mode: match row.map(|row| row.mode) {
            Some(0) => Mode::Off,
            Some(1) => Mode::FirstUse,
            _ => Mode::Approve,
        },
        new_tools_wait: row.is_none_or(|row| row.new_tools_wait),
    }
}

impl PinBoard {
    /// A board with what was kept.
    #[must_use]
    pub fn new(pins: Pins) -> Self {
        Self {
            pins: Arc::new(ArcSwap::from_pointee(pins)),
            wake: OnceLock::new(),
        }
    }

    /// Has this called, on any thread, after each change.
    #[must_use]
    pub fn waking(self, wake: impl Fn() + Send + Sync + 'static) -> Self {
        // A board is new here, so that there is nothing to replace.
        let _ = self.wake.set(Box::new(wake));
        self
    }

    /// The pins as they are.
    #[must_use]
    pub fn pins(&self) -> Arc<Pins> {
        self.pins.load_full()
    }

    /// Trusts the form that a person saw.
    ///
    /// # Errors
    /// When the tool is unknown, or the form is another one by now.
    pub fn approve(&self, approval: &Approval<'_>) -> Result<(), Refused> {
        let (approved, _) = self.update(|pins| match pins.approve(approval) {
            Ok(next) => (Some(next), Ok(())),
            Err(refused) => (None, Err(refused)),
        });
        self.changed();
        approved
    }

    /// Takes in a list: what is to be left out of it, and the pins that say so.
    fn offer(
        &self,
        server: &str,
        list: &[(Box<str>, Form)],
        asked: (Policy, u64),
    ) -> (Vec<Box<str>>, Option<Arc<ServerPins>>) {
        let ((withheld, is_new), pins) = self.update(|pins| {
            let offer = pins.offer(server, list, asked);
            let is_new = offer.next.is_some();
            (offer.next, (offer.withheld, is_new))
        });
        if is_new {
            self.changed();
        }
        (withheld, pins.server(server).map(Arc::clone))
    }

    /// Puts what `step` makes of the pins in their place; once more when another thread was faster.
    fn update<T>(&self, mut step: impl FnMut(&Pins) -> (Option<Pins>, T)) -> (T, Arc<Pins>) {
        let mut now = self.pins.load_full();
        loop {
            let (next, told) = step(&now);
            let Some(next) = next.map(Arc::new) else {
                return (told, now);
            };
            let before = self.pins.compare_and_swap(&now, Arc::clone(&next));
            if Arc::ptr_eq(&before, &now) {
                return (told, next);
            }
            now = Guard::into_inner(before);
        }
    }

    fn changed(&self) {
        if let Some(wake) = self.wake.get() {
            wake();
        }
    }
}

impl View {
    pub(crate) fn of(board: &Arc<PinBoard>) -> Self {
        Self(Some(Seen {
            pins: Cache::new(Arc::clone(&board.pins)),
            board: Arc::clone(board),
        }))
    }

    /// Whether anything is pinned where policy wants this.
    pub(crate) fn is_on(&self, policy: Policy) -> bool {
        self.0.is_some() && policy.mode != Mode::Off
    }

    /// Whether a call of this tool is refused.
    pub(crate) fn is_quarantined(&mut self, local: &Local, server: u32, tool: &str) -> bool {
        let Some(Seen { pins, .. }) = &mut self.0 else {
            return false;
        };
        let pins = pins.load();
        let policy = policy(local.policy(), server);
        let is_mild = policy.mode == Mode::FirstUse && !policy.new_tools_wait;
        if policy.mode == Mode::Off || (is_mild && !pins.any_waits()) {
            return false;
        }
        let row = local.serving().server(server);
        row.is_none_or(|row| pins.is_quarantined(&row.name, tool, policy))
    }

    /// Checks a list of a server against its pins, and learns what is trusted of it. `each` tells
    /// names and definitions.
    pub(crate) fn screen<'d>(
        &mut self,
        known: &known::View,
        (server, list): (&str, &[u8]),
        (policy, now_s): (Policy, u64),
        each: impl FnOnce(&mut dyn FnMut(&str, &'d str)),
    ) -> Withheld {
        let Seen { board, pins } = self.0.as_mut()?;
        if let Some(withheld) = pins.load().recall(server, list, policy) {
            return withheld.clone();
        }
        let (mut rows, mut unread) = (Vec::<(Box<str>, &str)>::new(), Vec::new());
        each(&mut |name, text| {
            if rows.len() < KNOWN_TOOLS_MAX && name.len() <= NAME_BYTES_MAX {
                rows.push((name.into(), text));
            } else {
                unread.push(Box::from(name));
            }
        });
        let forms = rows
            .iter()
            .map(|(name, text)| (name.clone(), form(text, now_s)));
        let forms: Vec<_> = forms.collect();
        if forms.is_empty() && unread.is_empty() {
            return None;
        }
        let (mut names, of) = board.offer(server, &forms, (policy, now_s));
        names.append(&mut unread);
        let is_trusted = |name: &str| !names.iter().any(|held| **held == *name);
        let trusted: Vec<_> = rows
            .iter()
            .filter(|(name, _)| is_trusted(name))
            .map(|(name, text)| (&**name, *text))
            .collect();
        let is_all = known.learn_all(server, &trusted);
        let withheld: Withheld = (!names.is_empty()).then(|| names.into());
        if let (true, Some(of)) = (is_all, of) {
            board.update(|pins| {
                let next = pins.remember((server, &of), (list, policy), &withheld);
                (next, ())
            });
        }
        withheld
    }
}

/// A definition as it is pinned, with what in it speaks to the model. A new tool that is suspicious
/// waits for a person.
fn form(definition: &str, now_s: u64) -> Form {
    let found = varistor_suspect::look(definition);
    let mut flags: Vec<Box<str>> = Vec::new();
    for flag in &found {
        if !flags.iter().any(|known| **known == *flag.kind.as_str()) {
            flags.push(flag.kind.as_str().into());
        }
    }
    Form {
        is_suspicious: varistor_suspect::is_suspicious(&found),
        ..Form::of(definition, now_s, flags)
    }
}
