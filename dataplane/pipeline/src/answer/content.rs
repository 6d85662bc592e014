//! One message of an answer: read strictly, filtered to what the caller may see, scanned, redacted.

use varistor_audit::Status;
use varistor_inspect::dlp;
use varistor_inspect::json::{Filtered, Kind, List, Message, filter_list, same_id};
use varistor_model::{DlpAction, Era, Method, ProtocolVersion, Reason};
use varistor_snapshot::schema::kinds;

use super::Answering;
use crate::desk::Desk;
use crate::permission::{self, Ask};
use crate::stages::dlp::action_of;
use crate::stages::parse::Act;

/// What becomes of a message from the upstream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Passed {
    /// It goes on as it came.
    Same,
    /// The buffer holds what goes on in its place.
    Changed,
    /// It does not go on.
    Dropped,
}

impl Answering {
    /// Judges one JSON document of the answer. `request` is the body of the request; `out` is
    /// filled when the document changes.
    ///
    /// # Errors
    /// The reason for which the whole answer is withheld.
    pub fn message(
        &mut self,
        desk: &mut Desk,
        (request, data): (&[u8], &[u8]),
        out: &mut Vec<u8>,
    ) -> Result<Passed, Reason> {
        self.tally.bytes = self.tally.bytes.saturating_add(data.len() as u64);
        match desk.reader.read_answer(data) {
            Ok(()) => {
                if self.read(desk, request, data)? == Passed::Dropped {
                    return Ok(Passed::Dropped);
                }
            }
            // An error status may carry JSON that is no JSON-RPC; it is still scanned.
            Err(Reason::RpcInvalid) if self.tally.status == Status::HttpError => {}
            Err(_) => return Err(Reason::UpstreamInvalid),
        }
        let filtered = self.filter(desk, data, out)?;
        let scanned = match filtered {
            Passed::Changed => {
                let filtered = core::mem::take(out);
                let scanned = self.scan(desk, &filtered, out)?;
                if scanned == Passed::Same {
                    *out = filtered;
                }
                scanned
            }
            Passed::Same | Passed::Dropped => self.scan(desk, data, out)?,
        };
        Ok(if scanned == Passed::Same {
            filtered
        } else {
            scanned
        })
    }

    /// Checks whose messages these are, and notes how the request ended.
    fn read(&mut self, desk: &Desk, request: &[u8], data: &[u8]) -> Result<Passed, Reason> {
        for message in desk.reader.messages() {
            match message.kind {
                Kind::Response | Kind::Error if self.act == Act::Post => {
                    self.ended(desk, message, (request, data))?;
                }
                Kind::Response | Kind::Error | Kind::Notification => {}
                Kind::Request if self.era == Era::Modern => return Ok(Passed::Dropped),
                Kind::Request => {
                    let row = self.local.serving().server(self.server);
                    if !row.is_some_and(|row| row.server_requests) {
                        return Ok(Passed::Dropped);
                    }
                }
            }
        }
        Ok(Passed::Same)
    }

    fn ended(
        &mut self,
        desk: &Desk,
        message: &Message,
        (request, data): (&[u8], &[u8]),
    ) -> Result<(), Reason> {
        let id = message.id.of_bytes(data);
        let own = self.id.of_bytes(request);
        let nobody = message.kind == Kind::Error && (id.is_empty() || id == b"null");
        if !self.batch && !nobody && !same_id(own, id) {
            return Err(Reason::UpstreamInvalid);
        }
        if self.tally.status != Status::HttpError {
            self.tally.status = match message.kind {
                Kind::Error => Status::RpcError,
                _ if message.is_error => Status::ToolError,
                _ => Status::Ok,
            };
        }
        self.tally.finished = !self.batch;
        if self.method == Some(Method::Initialize) {
            self.version = message
                .initialize_version
                .and_then(|version| ProtocolVersion::named(desk.reader.text(version).as_bytes()));
        }
        Ok(())
    }

    /// Takes out of lists what the caller has no permission for. A stream that resumes may carry
    /// the response to any earlier request, so that all lists are looked at there.
    fn filter(&self, desk: &mut Desk, data: &[u8], out: &mut Vec<u8>) -> Result<Passed, Reason> {
        let all = [List::Tools, List::Prompts, List::Resources, List::Templates];
        let own = self.list().map(|list| [list]);
        let lists: &[List] = match &own {
            _ if !self.filters => &[],
            _ if self.act == Act::Listen || self.batch => &all,
            Some(list) => list,
            None => &[],
        };
        let response = desk
            .reader
            .messages()
            .iter()
            .any(|message| message.kind == Kind::Response);
        if !response {
            return Ok(Passed::Same);
        }
        let mut passed = Passed::Same;
        for list in lists {
            let before = core::mem::take(out);
            let body = if passed == Passed::Changed {
                &before[..]
            } else {
                data
            };
            let mut keep = |name: &str| self.may_see(desk, *list, name);
            match filter_list(body, *list, true, &mut keep, out)? {
                Filtered::Same => *out = before,
                Filtered::Changed { .. } => passed = Passed::Changed,
            }
        }
        Ok(passed)
    }

    fn may_see(&self, desk: &mut Desk, list: List, name: &str) -> bool {
        let (policy, principal) = (self.local.policy(), &*self.principal);
        let server = self.server;
        let qualified = &mut desk.qualified;
        let kind = match list {
            List::Tools => {
                let decision = permission::decide_tool(policy, principal, server, name, qualified);
                return decision.is_some();
            }
            List::Prompts => kinds::PROMPT,
            List::Resources | List::Templates => kinds::RESOURCE,
        };
        let ask = Ask {
            server,
            kind,
            name,
            intent: varistor_model::Intent::Read,
        };
        permission::decide(policy, principal, &ask, qualified).is_some()
    }

    /// Looks for sensitive data and does what policy says about it.
    fn scan(&mut self, desk: &mut Desk, data: &[u8], out: &mut Vec<u8>) -> Result<Passed, Reason> {
        let rows = &self.local.policy().dlp;
        desk.findings.clear();
        let mut scanner = self.local.scanner().borrow_mut();
        scanner
            .scan(data, &mut desk.findings)
            .map_err(|_| Reason::DlpFailed)?;
        let action = |finding: &dlp::Finding| {
            action_of(rows, finding.detector, finding.class, rows.response)
        };
        match desk.findings.iter().map(&action).max() {
            None | Some(DlpAction::Allow | DlpAction::Log) => Ok(Passed::Same),
            Some(DlpAction::Redact) => {
                let mut count = 0_u32;
                let mut select = |finding: &dlp::Finding| {
                    let chosen = action(finding) == DlpAction::Redact;
                    count = count.saturating_add(u32::from(chosen));
                    chosen
                };
                out.clear();
                dlp::redact(rows, data, &desk.findings, &mut select, out)
                    .map_err(|_| Reason::DlpFailed)?;
                self.tally.redacted = self.tally.redacted.saturating_add(count);
                Ok(Passed::Changed)
            }
            Some(DlpAction::Hold | DlpAction::Deny) => Err(Reason::AnswerRefused),
        }
    }
}
