//! What was found in an answer, until its record is written. Never a value.

use std::rc::Rc;

use varistor_audit::{Findings, Found};
use varistor_inspect::dlp::Finding;
use varistor_model::limits::FINDINGS_MAX;
use varistor_model::{DlpAction, Span};

use crate::serving::Local;

/// One finding of an answer.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Noted {
    place: Span,
    message: u32,
    detector: u16,
    confidence: u8,
    action: DlpAction,
}

/// The findings of one answer, at most [`FINDINGS_MAX`]. Its list comes from the snapshot's view of
/// this worker, and goes back there.
#[derive(Default)]
pub(super) struct Notes {
    list: Vec<Noted>,
    /// The view by which the detectors are numbered; there when anything was noted.
    local: Option<Rc<Local>>,
}

/// Most lists that are kept; of more answers at a time with findings, lists are allocated.
const LISTS_MAX: usize = 64;
/// A detector that another snapshot has no more.
const GONE: u16 = u16::MAX;

impl Notes {
    /// Notes a finding in this message of the answer, unless there are too many.
    pub(super) fn add(
        &mut self,
        local: &Rc<Local>,
        (message, finding): (u32, &Finding),
        action: DlpAction,
    ) {
        if self.list.len() >= FINDINGS_MAX {
            return;
        }
        self.numbered_by(local);
        self.list.push(Noted {
            place: finding.span,
            message,
            detector: finding.detector,
            confidence: finding.confidence,
            action,
        });
    }

    /// Sees to it that detectors are numbered as in this view.
    fn numbered_by(&mut self, local: &Rc<Local>) {
        match self.local.replace(Rc::clone(local)) {
            None => self.list = local.lists().borrow_mut().pop().unwrap_or_default(),
            Some(before) if Rc::ptr_eq(&before, local) => {}
            // A stream that outlives a snapshot.
            Some(before) => {
                let (old, new) = (&before.policy().dlp, &local.policy().dlp);
                for noted in &mut self.list {
                    let name = old.detectors.get(usize::from(noted.detector));
                    let mut rows = (0..GONE).zip(new.detectors.iter());
                    let same = rows.find(|(_, row)| name.is_some_and(|n| n.entity == row.entity));
                    noted.detector = same.map_or(GONE, |(number, _)| number);
                }
            }
        }
    }
}

impl Findings for Notes {
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>)) {
        let Some(local) = &self.local else { return };
        for noted in &self.list {
            let rows = &local.policy().dlp.detectors;
            let row = rows.get(usize::from(noted.detector));
            tell(&Found {
                entity: row.map_or("unknown", |row| row.entity.as_str()),
                message: Some(noted.message),
                place: noted.place,
                action: noted.action,
                confidence: noted.confidence,
            });
        }
    }
}

impl Drop for Notes {
    fn drop(&mut self) {
        let Some(local) = self.local.take() else {
            return;
        };
        let mut lists = local.lists().borrow_mut();
        if lists.len() < LISTS_MAX {
            self.list.clear();
            lists.push(core::mem::take(&mut self.list));
        }
    }
}
