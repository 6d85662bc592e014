//! Says what follows a finding, by detector, direction, server, tool and roles of the caller.
//!
//! Exceptions of the policy go before what it says about entities and classes. Of the exceptions
//! that cover a finding of a call, one decides unless another is more special: named at least as
//! closely in each of what, server, tool, roles and direction, and closer in one of them. Of
//! several that decide, the strictest counts, so that an exception loosens another one only where
//! it says more in every respect.
//!
//! Refuses to guess: a detector without a row is denied, and where the tool can't be told, what is
//! said about tools only makes the action stricter.

use varistor_model::{Direction, DlpAction};
use varistor_snapshot::schema::{ArchivedActions, ArchivedException, Dlp, Placeholders};

use crate::dlp::Finding;
use crate::glob;

/// What is called.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Tool<'a> {
    /// A tool of this name.
    Named(&'a str),
    /// No tool: a prompt, a resource, a list.
    None,
    /// Maybe a tool: a message of a stream that belongs to no call, or the result of a task.
    Unknown,
}

/// Whose finding, and on which way.
#[derive(Clone, Copy, Debug)]
pub struct Case<'a> {
    /// Which way the payload travels.
    pub direction: Direction,
    /// Index of the server.
    pub server: u32,
    /// What is called.
    pub tool: Tool<'a>,
    /// The caller's roles: indices into `Policy::roles`.
    pub roles: &'a [u32],
}

/// The actions of one case, worked out detector by detector when they are asked for. Reused from
/// case to case; allocates only while it grows to the number of detectors and exceptions.
#[derive(Debug)]
pub struct Table {
    direction: Direction,
    exceptions: Vec<Holding>,
    /// By detector: the action as a number, or [`OPEN`].
    actions: Vec<u8>,
}

/// An exception that holds in this case.
#[derive(Clone, Copy, Debug)]
struct Holding {
    index: u16,
    /// Relation: the bits of `WHAT` are 0; they depend on the detector.
    special: u8,
    /// Whether it is not known to hold, because the tool is not known.
    maybe: bool,
}

/// Not worked out yet; no action has this number.
const OPEN: u8 = u8::MAX;

/// How closely an exception names a case, packed: what it is about (2 bits), server (2), tool (2),
/// roles (1), direction (1).
const WHAT: u8 = 0b1100_0000;
const SERVER: u8 = 0b0011_0000;
const TOOL: u8 = 0b0000_1100;
const ROLES: u8 = 0b0000_0010;
const DIRECTION: u8 = 0b0000_0001;
const FIELDS: [u8; 5] = [WHAT, SERVER, TOOL, ROLES, DIRECTION];
/// As many as there are packed values.
const SPECIALS: usize = 256;

/// `Exception::directions` of an exception that names none.
const BOTH: u8 = 0b11;

/// Actions without exceptions: each detector's own, else that of its class. Everything found is
/// acted upon, however sure, and placeholders tell nothing.
#[must_use]
pub fn of_classes(dlp: &Dlp) -> varistor_snapshot::schema::Actions {
    let row = |detector: &varistor_snapshot::schema::Detector| {
        let class = |classes: [u8; 3]| classes.get(usize::from(detector.class)).copied();
        [dlp.request, dlp.response].map(|classes| {
            let number = detector.action.or_else(|| class(classes));
            number.unwrap_or(DlpAction::Deny as u8)
        })
    };
    varistor_snapshot::schema::Actions {
        detectors: dlp.detectors.iter().map(row).collect(),
        confidence_min: 0,
        keep: 0,
        structured: 0,
        exceptions: Vec::new(),
        placeholders: Placeholders::default(),
    }
}

impl Default for Table {
    fn default() -> Self {
        Self {
            direction: Direction::Request,
            exceptions: Vec::new(),
            actions: Vec::new(),
        }
    }
}

impl Table {
    /// Begins another case. `rows` are those of the snapshot by which it is judged, here and below.
    pub fn begin(&mut self, rows: &ArchivedActions, case: &Case<'_>) {
        self.direction = case.direction;
        self.actions.clear();
        self.actions.resize(rows.detectors.len(), OPEN);
        self.exceptions.clear();
        for (index, row) in (0..).zip(rows.exceptions.iter()) {
            if let Some((special, maybe)) = holds(row, case) {
                self.exceptions.push(Holding {
                    index,
                    special,
                    maybe,
                });
            }
        }
    }

    /// What follows this finding.
    pub fn act(&mut self, rows: &ArchivedActions, finding: &Finding) -> DlpAction {
        let at = usize::from(finding.detector);
        let known = self.actions.get(at).copied().unwrap_or(OPEN);
        let number = if known == OPEN {
            let action = self.work_out(rows, finding.detector);
            if let Some(entry) = self.actions.get_mut(at) {
                *entry = action as u8;
            }
            action as u8
        } else {
            known
        };
        tempered(rows, finding, DlpAction::numbered(number))
    }

    /// As [`Table::act`], for whoever may not change the table.
    #[must_use]
    pub fn look(&self, rows: &ArchivedActions, finding: &Finding) -> DlpAction {
        let known = self.actions.get(usize::from(finding.detector)).copied();
        let action = match known.unwrap_or(OPEN) {
            OPEN => self.work_out(rows, finding.detector),
            number => DlpAction::numbered(number),
        };
        tempered(rows, finding, action)
    }

    /// Makes what follows findings of this detector at least as strict, in this case.
    pub fn raise(&mut self, rows: &ArchivedActions, detector: u16, action: DlpAction) {
        let at = usize::from(detector);
        if self.actions.get(at) == Some(&OPEN) {
            let worked_out = self.work_out(rows, detector) as u8;
            if let Some(entry) = self.actions.get_mut(at) {
                *entry = worked_out;
            }
        }
        if let Some(entry) = self.actions.get_mut(at) {
            *entry = (*entry).max(action as u8);
        }
    }

    /// The strictest action that any finding of this case could have: what counts when not all of
    /// them are known.
    #[must_use]
    pub fn strictest(&self, rows: &ArchivedActions) -> DlpAction {
        let detectors = (0..=u16::MAX).take(rows.detectors.len());
        let actions = detectors.map(|detector| self.work_out(rows, detector));
        actions.max().unwrap_or(DlpAction::Deny)
    }

    fn work_out(&self, rows: &ArchivedActions, detector: u16) -> DlpAction {
        let base = rows.detectors.get(usize::from(detector)).copied();
        let [request, response] = base.unwrap_or([DlpAction::Deny as u8; 2]);
        let base = DlpAction::numbered(match self.direction {
            Direction::Request => request,
            Direction::Response => response,
        });
        if self.exceptions.is_empty() {
            return base;
        }
        let mut maybe = DlpAction::Allow;
        // The strictest action of all that are equally special.
        let mut strictest: [Option<DlpAction>; SPECIALS] = [None; SPECIALS];
        for holding in &self.exceptions {
            let row = rows.exceptions.get(usize::from(holding.index));
            let Some((row, what)) = row.and_then(|row| Some((row, covers(row, detector)?))) else {
                continue;
            };
            let action = DlpAction::numbered(row.action);
            if holding.maybe {
                maybe = maybe.max(action);
                continue;
            }
            let special = holding.special | packed(what, WHAT);
            if let Some(entry) = strictest.get_mut(usize::from(special)) {
                *entry = entry.max(&mut Some(action)).to_owned();
            }
        }
        decided(&strictest).unwrap_or(base).max(maybe)
    }
}

/// The strictest action of those than which none is more special.
fn decided(strictest: &[Option<DlpAction>; SPECIALS]) -> Option<DlpAction> {
    let spoken = || (0..=u8::MAX).zip(strictest.iter().copied());
    let spoken = || spoken().filter_map(|(special, action)| Some((special, action?)));
    let deciding = spoken().filter(|(special, _)| {
        let mut others = spoken();
        !others.any(|(other, _)| is_more_special(other, *special))
    });
    deciding.map(|(_, action)| action).max()
}

fn is_more_special(one: u8, other: u8) -> bool {
    one != other && FIELDS.iter().all(|field| one & field >= other & field)
}

/// A finding that is not sure enough is recorded, and nothing else.
fn tempered(rows: &ArchivedActions, finding: &Finding, action: DlpAction) -> DlpAction {
    if finding.confidence < rows.confidence_min {
        action.min(DlpAction::Log)
    } else {
        action
    }
}

/// Whether an exception holds, how closely it names the case, and whether that is not certain.
fn holds(row: &ArchivedException, case: &Case<'_>) -> Option<(u8, bool)> {
    let direction = match case.direction {
        Direction::Request => 0b01,
        Direction::Response => 0b10,
    };
    if row.directions & direction == 0 {
        return None;
    }
    let is_for_all = row.roles.is_empty();
    if !is_for_all
        && !row
            .roles
            .iter()
            .any(|role| case.roles.contains(&role.to_native()))
    {
        return None;
    }
    let (target, maybe) = if row.everywhere {
        (0, false)
    } else {
        target(row, case)?
    };
    let roles = packed(u8::from(!is_for_all), ROLES);
    let direction = packed(u8::from(row.directions != BOTH), DIRECTION);
    Some((target | roles | direction, maybe))
}

/// The most special target of an exception that the case is in, and whether it only may be.
fn target(row: &ArchivedException, case: &Case<'_>) -> Option<(u8, bool)> {
    let targets = glob::of_server(&row.targets, |row| row.server.to_native(), case.server);
    let found = targets.iter().filter_map(|target| {
        let is_sure = match (target.tool_special, case.tool) {
            (0, _) => true,
            (_, Tool::None) => return None,
            (_, Tool::Unknown) => false,
            (_, Tool::Named(name)) if glob::matches(&target.name, name) => true,
            (_, Tool::Named(_)) => return None,
        };
        let special = packed(target.tool_special, TOOL) | packed(target.server_special, SERVER);
        Some((is_sure, target.tool_special, special))
    });
    // What certainly holds goes before what may hold, then the tool counts before the server.
    let (is_sure, _, special) = found.max()?;
    Some((special, !is_sure))
}

/// By what an exception names this detector, if it does.
fn covers(row: &ArchivedException, detector: u16) -> Option<u8> {
    let at = row
        .covers
        .binary_search_by_key(&detector, |cover| cover.detector.to_native());
    row.covers.get(at.ok()?).map(|cover| cover.special)
}

/// A number in the place of one field; numbers that are too large for it count as its largest.
const fn packed(number: u8, field: u8) -> u8 {
    let shift = field.trailing_zeros();
    let largest = field >> shift;
    let number = if number > largest { largest } else { number };
    number << shift
}

#[cfg(test)]
mod tests;
