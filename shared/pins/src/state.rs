//! The pins of all servers, as one value: what happens to them makes another one, so that workers
//! that learn at the same time agree on one pinned form.

use std::collections::{BTreeMap, HashMap};
use std::sync::Arc;

use varistor_model::limits::{REMEMBERED_LIST_BYTES_MAX, REMEMBERED_LISTS_MAX};

use crate::digest::Digest;
use crate::pin::{By, Form, Pin, Pinned};
use crate::server::{Judging, Policy, ServerPins, originals};

/// Names that are to be left out of a list; `None`: it passes whole.
pub type Withheld = Option<Arc<[Box<str>]>>;

/// The pins of all servers.
#[derive(Clone, Debug, Default)]
pub struct Pins {
    servers: BTreeMap<Box<str>, Known>,
    quarantined: usize,
}

/// One server, and the lists that change nothing any more.
#[derive(Clone, Debug, Default)]
struct Known {
    pins: Arc<ServerPins>,
    remembered: Vec<Arc<Remembered>>,
}

/// A list that passed, byte by byte, and what was left out of it.
#[derive(Debug)]
struct Remembered {
    policy: Policy,
    list: Box<[u8]>,
    withheld: Withheld,
}

/// What a list did.
#[derive(Debug)]
pub struct Offer {
    /// The pins after it; `None` when it changed nothing.
    pub next: Option<Pins>,
    /// Names that are to be left out of it.
    pub withheld: Vec<Box<str>>,
}

/// Whom a person trusts.
#[derive(Clone, Copy, Debug)]
pub struct Approval<'a> {
    /// Name of the server.
    pub server: &'a str,
    /// Name of the tool.
    pub tool: &'a str,
    /// The form that the person saw.
    pub sha256: Digest,
    /// Who it is.
    pub by: &'a str,
}

/// Why a form can't be approved.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Refused {
    /// No list held it.
    #[error("no list held this tool yet")]
    Unknown,
    /// The form that waits, or that is trusted, is another one.
    #[error("the definition is another one now: {0}")]
    Changed(Digest),
}

impl Pins {
    /// The servers.
    pub fn servers(&self) -> impl Iterator<Item = (&str, &Arc<ServerPins>)> {
        let rows = self.servers.iter();
        rows.map(|(name, known)| (&**name, &known.pins))
    }

    /// One of them.
    #[must_use]
    pub fn server(&self, name: &str) -> Option<&Arc<ServerPins>> {
        self.servers.get(name).map(|known| &known.pins)
    }

    /// Puts back what was kept of a server.
    pub fn restore(&mut self, server: &str, pins: ServerPins) {
        self.set(server, Arc::new(pins));
    }

    /// Notes what was kept of a server.
    pub fn restore_shared(&mut self, server: &str, pins: Arc<ServerPins>) {
        self.set(server, pins);
    }

    /// Whether any form of any server waits, or a server's unknown tools do: if not, and policy
    /// pins what it sees first, whenever that is, no call is refused.
    #[must_use]
    pub const fn any_waits(&self) -> bool {
        self.quarantined > 0
    }

    /// Whether a call of this tool is refused.
    #[must_use]
    pub fn is_quarantined(&self, server: &str, tool: &str, policy: Policy) -> bool {
        match self.servers.get(server) {
            Some(known) => known.pins.is_quarantined(tool, policy),
            None => ServerPins::default().is_quarantined(tool, policy),
        }
    }

    /// What is to be left out of a list that came before, as long as nothing changed since.
    #[must_use]
    pub fn recall(&self, server: &str, list: &[u8], policy: Policy) -> Option<&Withheld> {
        let mut rows = self.servers.get(server)?.remembered.iter();
        // Compared whole: whoever writes lists could find two with one hash.
        let row = rows.find(|row| row.policy == policy && *row.list == *list)?;
        Some(&row.withheld)
    }

    /// Remembers a list of which `recall` is to tell what was left out; `of` are the pins that it
    /// was judged by. `None` when those are gone, or the list is too long.
    #[must_use]
    pub fn remember(
        &self,
        (server, of): (&str, &Arc<ServerPins>),
        (list, policy): (&[u8], Policy),
        withheld: &Withheld,
    ) -> Option<Self> {
        let known = self.servers.get(server)?;
        if !Arc::ptr_eq(&known.pins, of) || list.len() > REMEMBERED_LIST_BYTES_MAX {
            return None;
        }
        let mut next = self.clone();
        let remembered = &mut next.servers.get_mut(server)?.remembered;
        remembered.retain(|row| *row.list != *list);
        let fits = |rows: &[Arc<Remembered>]| {
            let bytes = rows.iter().map(|row| row.list.len());
            let bytes = bytes.fold(list.len(), usize::saturating_add);
            rows.len() < REMEMBERED_LISTS_MAX && bytes <= REMEMBERED_LIST_BYTES_MAX
        };
        while !fits(remembered) && !remembered.is_empty() {
            remembered.remove(0);
        }
        remembered.push(Arc::new(Remembered {
            policy,
            list: list.into(),
            withheld: withheld.clone(),
        }));
        Some(next)
    }

    /// Takes in a list of a server.
    #[must_use]
    pub fn offer(
        &self,
        server: &str,
        list: &[(Box<str>, Form)],
        (policy, now_unix_s): (Policy, u64),
    ) -> Offer {
        let before = self.servers.get(server).map(|known| &known.pins);
        let is_known = |name: &str| {
            let pin = before.and_then(|before| before.get(name));
            pin.is_some_and(|pin| pin.pinned.is_some())
        };
        // Names of others matter to new ones only.
        let others = match list.iter().all(|(name, _)| is_known(name)) {
            true => HashMap::new(),
            false => self.others(server),
        };
        let judging = Judging {
            policy,
            now_unix_s,
            others,
        };
        let mut pins = before.map_or_else(ServerPins::default, |before| ServerPins::clone(before));
        let withheld = pins.offer(list, &judging);
        let is_same = before.is_some_and(|before| **before == pins);
        let next = (!is_same).then(|| {
            let mut next = self.clone();
            next.set(server, Arc::new(pins));
            next
        });
        Offer { next, withheld }
    }

    /// Trusts the form that a person saw.
    ///
    /// # Errors
    /// When the tool is unknown, or the form is another one.
    pub fn approve(&self, approval: &Approval<'_>) -> Result<Self, Refused> {
        let Approval {
            server,
            tool,
            sha256,
            by,
        } = *approval;
        let before = self.server(server).ok_or(Refused::Unknown)?;
        let pin = before.get(tool).ok_or(Refused::Unknown)?;
        let offered = pin.offered.as_ref().map(|offered| &offered.form);
        let pinned = pin.pinned.as_ref().map(|pinned| &pinned.form);
        let form = offered.or(pinned).ok_or(Refused::Unknown)?;
        if form.sha256 != sha256 {
            return Err(Refused::Changed(form.sha256));
        }
        let pin = Pin {
            pinned: Some(Pinned {
                form: form.clone(),
                by: By::Approved(by.into()),
            }),
            offered: None,
            quarantines: pin.quarantines,
            skeleton: pin.skeleton.clone(),
        };
        let mut pins = ServerPins::clone(before);
        pins.pins.insert(tool.into(), Arc::new(pin));
        let mut next = self.clone();
        next.set(server, Arc::new(pins));
        Ok(next)
    }

    /// Puts a server's pins in place; what was remembered of its lists no longer holds.
    fn set(&mut self, server: &str, pins: Arc<ServerPins>) {
        let known = Known {
            pins,
            remembered: Vec::new(),
        };
        self.servers.insert(server.into(), known);
        let waiting = self.servers().map(|(_, pins)| {
            let offered = pins.iter().filter(|(_, pin)| pin.offered.is_some()).count();
            offered.saturating_add(usize::from(pins.refuses_unknown()))
        });
        self.quarantined = waiting.fold(0, usize::saturating_add);
    }

    /// Tools of the other servers, by skeleton.
    fn others(&self, server: &str) -> HashMap<&str, (&str, &str)> {
        let rows = self.servers().filter(|(name, _)| *name != server);
        let rows = rows.flat_map(|(name, pins)| {
            let rows = originals(pins);
            rows.map(move |(tool, pin)| (&*pin.skeleton, (name, tool)))
        });
        rows.collect()
    }
}
