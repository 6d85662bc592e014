//! What sensitive data a message of an answer carries, and what becomes of it.

use varistor_inspect::actions::{Case, Table, Tool};
use varistor_inspect::dlp::{Finding, Findings, Keep, Redaction};
use varistor_inspect::json::{Kind, Message, Reader, same_id};
use varistor_model::{Direction, DlpAction, Method, Reason, Subject};

use super::Answering;
use super::structured::Restructured;
use crate::known::View;
use crate::pins;
use crate::reversible::Keeping;
use crate::stages::dlp::tool_of;
use crate::stages::parse::Act;

/// The parts of the desk that looking takes.
pub(super) struct Looking<'d> {
    /// Read the message.
    pub(super) reader: &'d Reader,
    pub(super) findings: &'d mut Findings,
    pub(super) table: &'d mut Table,
    /// For the request, whose names are asked for when something is found.
    pub(super) again: &'d mut Reader,
    /// What servers said about their tools.
    pub(super) known: &'d mut View,
    /// Which of it is trusted.
    pub(super) pins: &'d mut pins::View,
}

/// One message of the answer.
#[derive(Clone, Copy)]
pub(super) struct Piece<'a> {
    /// Its number in the answer, from 0.
    pub(super) number: u32,
    /// The message, and the document that it was read from; none when it is no JSON-RPC.
    pub(super) message: Option<(&'a Message, &'a [u8])>,
    /// The body of the request.
    pub(super) request: &'a [u8],
}

impl Answering {
    /// Looks for sensitive data in a payload; what stands in its place when policy wants it
    /// redacted.
    ///
    /// # Errors
    /// When policy keeps it back, or it can't be scanned.
    pub(super) fn scan(
        &mut self,
        looking: &mut Looking<'_>,
        piece: Piece<'_>,
        data: &[u8],
    ) -> Result<Option<Vec<u8>>, Reason> {
        let policy = self.local.policy();
        let scanned = {
            let mut scanner = self.local.scanner().borrow_mut();
            looking.findings.clear();
            scanner.scan(&policy.dlp, data, looking.findings)
        };
        scanned.map_err(|_| Reason::DlpFailed)?;
        if looking.findings.is_empty() && !looking.findings.overflowed() {
            return Ok(None);
        }
        let case = Case {
            direction: Direction::Response,
            server: self.server,
            tool: self.tool(looking.again, piece),
            roles: &self.principal.roles,
        };
        looking.table.begin(&policy.actions, &case);
        match self.strictest(looking, piece.number)? {
            DlpAction::Allow | DlpAction::Log => Ok(None),
            DlpAction::Redact => self.redacted(looking, (piece, data)).map(Some),
            DlpAction::Hold => Err(Reason::AnswerHeld),
            DlpAction::Deny => Err(Reason::AnswerRefused),
        }
    }

    /// The strictest action of all findings, each of which is noted for the record.
    fn strictest(&mut self, looking: &mut Looking<'_>, number: u32) -> Result<DlpAction, Reason> {
        let rows = &self.local.policy().actions;
        let mut strictest = DlpAction::Allow;
        for finding in looking.findings.iter() {
            let action = looking.table.act(rows, finding);
            strictest = strictest.max(action);
            if action > DlpAction::Allow {
                self.notes.add(&self.local, (number, finding), action);
            }
        }
        if looking.findings.overflowed() && looking.table.strictest(rows) > DlpAction::Log {
            return Err(Reason::AnswerRefused);
        }
        Ok(strictest)
    }

    fn redacted(
        &mut self,
        looking: &mut Looking<'_>,
        (piece, data): (Piece<'_>, &[u8]),
    ) -> Result<Vec<u8>, Reason> {
        let policy = self.local.policy();
        let keep = self
            .local
            .serving()
            .keep(&self.principal.verified.organisation);
        let keeping = self.keeping();
        // Lent to the redaction for as long as it is at work.
        let findings = core::mem::take(looking.findings);
        let redaction = Redaction {
            dlp: &policy.dlp,
            findings: &findings,
            keep: match &keeping {
                Some(keeping) => Keep::Number(keeping, &keep),
                None => keep,
            },
        };
        let written = self.write(looking, (piece, data), &redaction);
        *looking.findings = findings;
        let (out, told) = written?;
        let table = &mut *looking.table;
        let chosen = looking.findings.iter();
        let chosen = chosen.filter(|f| table.act(&policy.actions, f) == DlpAction::Redact);
        let count = u32::try_from(chosen.count()).unwrap_or(u32::MAX);
        self.tally.redacted = self.tally.redacted.saturating_add(count);
        self.tally.restructured.add(told);
        Ok(out)
    }

    fn write(
        &self,
        looking: &mut Looking<'_>,
        (piece, data): (Piece<'_>, &[u8]),
        redaction: &Redaction<'_>,
    ) -> Result<(Vec<u8>, Restructured), Reason> {
        let rows = &self.local.policy().actions;
        let (parts, told) = self.restructured(looking, (piece, data), redaction)?;
        let table = &mut *looking.table;
        let mut select = |finding: &Finding| table.act(rows, finding) == DlpAction::Redact;
        let mut out = Vec::with_capacity(data.len());
        let (mut from, mut keys) = (0, 0);
        for (place, text) in &parts {
            redaction
                .write_part((data, from..place.start), &mut select, &mut keys, &mut out)
                .map_err(|_| Reason::DlpFailed)?;
            out.extend_from_slice(text.as_bytes());
            from = place.end;
        }
        redaction
            .write_part((data, from..data.len()), &mut select, &mut keys, &mut out)
            .map_err(|_| Reason::DlpFailed)?;
        Ok((out, told))
    }

    /// Who keeps the values that are replaced, if anybody does. What `initialize` tells belongs to
    /// a session that has no name yet.
    fn keeping(&self) -> Option<Keeping<'_>> {
        let reversible = self.local.serving().reversible()?;
        let verified = &self.principal.verified;
        (!self.opens_session()).then(|| Keeping {
            reversible,
            whose: reversible.whose(verified, self.session, self.now),
        })
    }

    /// The tool whose call the message belongs to.
    fn tool<'r>(&self, again: &'r mut Reader, piece: Piece<'_>) -> Tool<'r> {
        if self.local.policy().actions.exceptions.is_empty() {
            // Nobody asks.
            return Tool::None;
        }
        self.called(again, piece)
    }

    /// As [`Self::tool`], for whoever asks.
    pub(super) fn called<'r>(&self, again: &'r mut Reader, piece: Piece<'_>) -> Tool<'r> {
        let subject = self.method.map_or(Subject::None, Method::subject);
        let of_call = self.batch || subject == Subject::Tool;
        if self.is_endless() || subject == Subject::Task {
            return Tool::Unknown;
        }
        if self.act != Act::Post || !of_call {
            return Tool::None;
        }
        // What passed once passes again; otherwise nothing is known.
        if again.read_call(piece.request).is_err() {
            return Tool::Unknown;
        }
        let messages = again.messages();
        let asked = match (messages, piece.message) {
            ([only], _) => Some(only),
            (many, Some((answer, data))) if answer_to_one(answer) => {
                let id = answer.id.of_bytes(data);
                many.iter()
                    .find(|one| same_id(one.id.of_bytes(piece.request), id))
            }
            _ => None,
        };
        asked.map_or(Tool::Unknown, |message| tool_of(again, message))
    }
}

/// Whether a message answers a request of its own, so that its id tells which.
const fn answer_to_one(message: &Message) -> bool {
    matches!(message.kind, Kind::Response | Kind::Error)
}
