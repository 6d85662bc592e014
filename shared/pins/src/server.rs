//! The pins of one server: what a list does to them, and which calls they refuse.
//!
//! What returns to its pinned form is released by itself; what changed again waits in its newest
//! form. Refuses to forget: tools that a list lacks (a later page, another client) stay. When there
//! is no more room, unknown tools are quarantined.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use varistor_model::is_hidden;
use varistor_model::limits::{KNOWN_TOOLS_MAX, PIN_DEFINITION_BYTES_MAX, PINS_BYTES_MAX};

use crate::names;
use crate::pin::{By, Cause, Form, Pin, Pinned};

/// Seconds from the first list of a server in which further tools count as there from the
/// beginning: the pages of one list come one by one.
pub const FIRST_LISTING_S: u64 = 60;

/// What policy wants of a server.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Mode {
    /// No pins.
    Off,
    /// What is seen first is pinned.
    FirstUse,
    /// What a person approved is pinned.
    Approve,
}

/// How a server's tools are pinned.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Policy {
    /// How a tool comes to be trusted.
    pub mode: Mode,
    /// Whether tools that a server adds later wait for a person, when the first ones did not.
    pub new_tools_wait: bool,
}

/// The tools of one server, by name.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct ServerPins {
    pub(crate) pins: BTreeMap<Box<str>, Arc<Pin>>,
    /// When it was first listed, in seconds since 1970; 0 before.
    pub(crate) first_listed_unix_s: u64,
    /// Whether what was pinned before was lost, so that the first use of a tool proves nothing.
    pub(crate) is_distrusted: bool,
}

/// What a list is judged by.
pub(crate) struct Judging<'a> {
    pub(crate) policy: Policy,
    pub(crate) now_unix_s: u64,
    /// Names of other servers' tools as `server/tool`, by skeleton.
    pub(crate) others: HashMap<&'a str, (&'a str, &'a str)>,
}

impl ServerPins {
    /// A server whose pins could not be read: each of its tools waits for a person.
    #[must_use]
    pub fn distrusted() -> Self {
        Self {
            is_distrusted: true,
            ..Self::default()
        }
    }

    /// Its tools.
    pub fn iter(&self) -> impl Iterator<Item = (&str, &Pin)> {
        self.pins.iter().map(|(name, pin)| (&**name, &**pin))
    }

    /// One of them.
    #[must_use]
    pub fn get(&self, tool: &str) -> Option<&Pin> {
        self.pins.get(tool).map(AsRef::as_ref)
    }

    /// Whether what was pinned before was lost.
    #[must_use]
    pub const fn is_distrusted(&self) -> bool {
        self.is_distrusted
    }

    /// Whether tools that were never listed are refused, whatever the policy: what was pinned is
    /// lost, or there is no room for more.
    pub(crate) fn refuses_unknown(&self) -> bool {
        self.is_distrusted || self.pins.len() >= KNOWN_TOOLS_MAX
    }

    /// Whether a call of this tool is refused.
    #[must_use]
    pub fn is_quarantined(&self, tool: &str, policy: Policy) -> bool {
        if policy.mode == Mode::Off {
            return false;
        }
        match self.pins.get(tool) {
            Some(pin) => waits(pin, policy),
            // Never listed: nobody could pin it, and nobody was shown what it says.
            None => {
                let late = policy.new_tools_wait && self.first_listed_unix_s > 0;
                policy.mode == Mode::Approve || late || self.refuses_unknown()
            }
        }
    }

    /// Why a tool is quarantined; `None` when it is not.
    #[must_use]
    pub fn cause(&self, tool: &str, policy: Policy) -> Option<Cause> {
        let pin = self.pins.get(tool)?;
        let offered = pin.offered.as_ref();
        let cause = offered.map_or(Cause::New, |offered| offered.cause.clone());
        waits(pin, policy).then_some(cause)
    }

    /// Takes in a list: the names that are to be left out of it.
    pub(crate) fn offer(
        &mut self,
        list: &[(Box<str>, Form)],
        judging: &Judging<'_>,
    ) -> Vec<Box<str>> {
        let own: HashMap<Box<str>, Box<str>> = originals(self)
            .map(|(name, pin)| (pin.skeleton.clone(), name.into()))
            .collect();
        let mut judge = Judge {
            own,
            is_late: self.is_late(judging),
            is_distrusted: self.is_distrusted,
            judging,
        };
        let mut by_name: BTreeMap<&str, Vec<&Form>> = BTreeMap::new();
        let mut order: Vec<&str> = Vec::new();
        for (name, form) in list {
            let forms = by_name.entry(name).or_default();
            if forms.is_empty() {
                order.push(name);
            }
            forms.push(form);
        }
        if self.first_listed_unix_s == 0 && !list.is_empty() {
            self.first_listed_unix_s = judging.now_unix_s.max(1);
        }
        let mut withheld = Vec::new();
        let mut room = PINS_BYTES_MAX.saturating_sub(self.text_bytes());
        for name in order {
            let forms = by_name.get(name).map(Vec::as_slice).unwrap_or_default();
            if !self.pins.contains_key(name) && self.pins.len() >= KNOWN_TOOLS_MAX {
                withheld.push(name.into());
                continue;
            }
            let before = self.pins.get(name);
            let mut pin = before.map_or_else(|| Pin::named(name), |pin| Pin::clone(pin));
            judge.take_in(&mut pin, name, forms);
            bound(&mut pin, &mut room, before.map(AsRef::as_ref));
            if waits(&pin, judging.policy) {
                withheld.push(name.into());
            }
            if before.is_none_or(|before| **before != pin) {
                self.pins.insert(name.into(), Arc::new(pin));
            }
        }
        withheld
    }

    fn is_late(&self, judging: &Judging<'_>) -> bool {
        let until = self.first_listed_unix_s.saturating_add(FIRST_LISTING_S);
        let late = self.first_listed_unix_s > 0 && judging.now_unix_s > until;
        judging.policy.new_tools_wait && late
    }

    fn text_bytes(&self) -> usize {
        let bytes = self.pins.values().map(|pin| pin.text_bytes());
        bytes.fold(0, usize::saturating_add)
    }
}

/// Whether a tool of which something is known is quarantined.
fn waits(pin: &Pin, policy: Policy) -> bool {
    match policy.mode {
        Mode::Off => false,
        Mode::FirstUse => pin.offered.is_some(),
        Mode::Approve => pin.offered.is_some() || !pin.is_approved(),
    }
}

/// The tools that others can be twins of: those that are no twins themselves.
pub(crate) fn originals(server: &ServerPins) -> impl Iterator<Item = (&str, &Pin)> {
    let is_twin = |pin: &Pin| {
        let cause = pin.offered.as_ref().map(|offered| &offered.cause);
        pin.pinned.is_none() && matches!(cause, Some(Cause::Twin(_)))
    };
    server.iter().filter(move |(_, pin)| !is_twin(pin))
}

/// Lets go of texts that are too long, or for which there is no more room.
fn bound(pin: &mut Pin, room: &mut usize, before: Option<&Pin>) {
    let had = before.map_or(0, Pin::text_bytes);
    let mut left = room.saturating_add(had);
    let pinned = pin.pinned.as_mut().map(|pinned| &mut pinned.form);
    let offered = pin.offered.as_mut().map(|offered| &mut offered.form);
    for form in [pinned, offered].into_iter().flatten() {
        let bytes = form.text_bytes();
        if bytes > PIN_DEFINITION_BYTES_MAX.min(left) {
            form.definition = None;
        } else {
            left = left.saturating_sub(bytes);
        }
    }
    *room = left;
}

struct Judge<'a, 'j> {
    /// Names of the server's own tools, by skeleton.
    own: HashMap<Box<str>, Box<str>>,
    is_late: bool,
    is_distrusted: bool,
    judging: &'j Judging<'a>,
}

impl Judge<'_, '_> {
    /// What a list's definitions of one tool make of its pin.
    fn take_in(&mut self, pin: &mut Pin, name: &str, forms: &[&Form]) {
        let Some(first) = forms.first() else { return };
        let Some(other) = forms.iter().find(|form| !pin.trusts(form)) else {
            pin.offered = None;
            return;
        };
        if pin.pinned.is_some() {
            pin.quarantine(Form::clone(other), Cause::Changed);
            return;
        }
        let is_one = forms.iter().all(|form| form.sha256 == first.sha256);
        match self.against(pin, name, (first, is_one)) {
            Some(cause) => pin.quarantine(Form::clone(other), cause),
            None => {
                pin.offered = None;
                pin.pinned = Some(Pinned {
                    form: Form::clone(first),
                    by: By::FirstUse,
                });
            }
        }
        let is_twin = |offered: &crate::pin::Offered| matches!(offered.cause, Cause::Twin(_));
        if !pin.offered.as_ref().is_some_and(is_twin) {
            self.own.insert(pin.skeleton.clone(), name.into());
        }
    }

    /// What speaks against trusting a tool that was never trusted.
    fn against(&self, pin: &Pin, name: &str, (form, is_one): (&Form, bool)) -> Option<Cause> {
        if !is_one {
            return Some(Cause::Ambiguous);
        }
        if form.is_unreadable {
            return Some(Cause::Unreadable);
        }
        if name.chars().any(is_hidden) {
            return Some(Cause::HiddenName);
        }
        if let Some(twin) = self.twin(pin, name) {
            return Some(Cause::Twin(twin));
        }
        if form.is_suspicious {
            return Some(Cause::Suspicious);
        }
        if self.is_distrusted {
            return Some(Cause::Lost);
        }
        let waits = self.judging.policy.mode == Mode::Approve || self.is_late;
        waits.then_some(Cause::New)
    }

    /// Which tool this one could be taken for.
    fn twin(&self, pin: &Pin, name: &str) -> Option<Box<str>> {
        let own = self.own.get(&pin.skeleton).filter(|own| &***own != name);
        if let Some(own) = own {
            return Some(own.clone());
        }
        let other = self.judging.others.get(&*pin.skeleton);
        let (server, tool) = other.filter(|(_, tool)| names::is_disguise(name, tool))?;
        Some([server, "/", tool].concat().into())
    }
}
