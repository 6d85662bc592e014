//! Says what sensitive data a message carries, and what policy wants done about it.
//!
//! One scan over the message's payload, never over its envelope: an id that looks like a card
//! number is an id. A payload that can't be scanned is refused.

use varistor_inspect::dlp::Finding;
use varistor_inspect::json::{Kind, Message};
use varistor_model::{Class, DlpAction, Reason, Span};
use varistor_snapshot::schema::ArchivedDlp;

use super::classify::Classified;
use crate::desk::Desk;
use crate::outside::Client;
use crate::serving::Local;

/// A message whose payload was scanned. Made here only.
#[derive(Clone, Debug)]
pub struct Scanned {
    classified: Classified,
    action: DlpAction,
}

impl Scanned {
    pub(crate) const fn classified(&self) -> &Classified {
        &self.classified
    }

    /// The strictest action of all findings; `Allow` when there are none.
    pub(crate) const fn action(&self) -> DlpAction {
        self.action
    }
}

/// Scans the body of the request.
///
/// # Errors
/// When policy denies what was found, or the payload can't be scanned.
pub fn dlp(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    classified: Classified,
) -> Result<Scanned, Reason> {
    desk.findings.clear();
    let payload = classified.call().message().map(payload).unwrap_or_default();
    if !payload.is_empty() {
        let mut scanner = local.scanner().borrow_mut();
        let payload = payload.of_bytes(client.body());
        let scanned = scanner.scan(&local.policy().dlp, payload, &mut desk.findings);
        scanned.map_err(|_| Reason::DlpFailed)?;
    }
    let rows = &local.policy().dlp;
    let action = desk
        .findings
        .iter()
        .map(|finding| action_of(rows, finding.detector, finding.class, rows.request))
        .max()
        .unwrap_or(DlpAction::Allow);
    if desk.findings.overflowed() && strictest(rows, rows.request) > DlpAction::Log {
        return Err(Reason::DlpFailed);
    }
    if action == DlpAction::Deny {
        return Err(Reason::DlpRefused);
    }
    Ok(Scanned { classified, action })
}

/// Where the data of a message lies: parameters, result or error; everywhere when the envelope has
/// members of its own making.
#[must_use]
pub const fn payload(message: &Message) -> Span {
    match message.kind {
        _ if message.has_extra => message.whole,
        Kind::Request | Kind::Notification => message.params,
        Kind::Response => message.result,
        Kind::Error => message.error,
    }
}

/// Selects the findings that policy wants replaced.
pub(crate) fn redacts(rows: &ArchivedDlp, classes: [u8; 3]) -> impl FnMut(&Finding) -> bool {
    move |finding| action_of(rows, finding.detector, finding.class, classes) == DlpAction::Redact
}

/// The strictest action that any finding could have: what counts when not all of them are known.
pub(crate) fn strictest(rows: &ArchivedDlp, classes: [u8; 3]) -> DlpAction {
    let own = rows.detectors.iter().filter_map(|row| row.action.as_ref());
    own.copied()
        .chain(classes)
        .map(DlpAction::numbered)
        .max()
        .unwrap_or(DlpAction::Deny)
}

/// The detector's own action, else that of its class.
pub(crate) fn action_of(
    rows: &ArchivedDlp,
    detector: u16,
    class: Class,
    classes: [u8; 3],
) -> DlpAction {
    let own = rows
        .detectors
        .get(usize::from(detector))
        .and_then(|row| row.action.as_ref());
    let number = own
        .copied()
        .or_else(|| classes.get(usize::from(class as u8)).copied());
    number.map_or(DlpAction::Deny, DlpAction::numbered)
}
