//! One message of an answer: read strictly, filtered to what the caller may see, scanned, redacted.

use varistor_audit::Status;
use varistor_inspect::json::{Filtered, Kind, List, Message, Reader, Splice, same_id};
use varistor_model::{Era, Intent, Method, ProtocolVersion, Reason};
use varistor_pins::Withheld;
use varistor_snapshot::schema::kinds;

use super::Answering;
use super::scan::{Looking, Piece};
use crate::desk::Desk;
use crate::known::View;
use crate::permission::{self, Ask};
use crate::pins;
use crate::stages::classify;
use crate::stages::dlp::payload;
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

/// What the caller may see of lists.
struct Sight<'a> {
    known: &'a mut View,
    qualified: &'a mut String,
    /// Tools that nobody is to see.
    withheld: &'a [Box<str>],
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
        let Desk {
            reader,
            again,
            findings,
            table,
            qualified,
            known,
            pins,
            ..
        } = desk;
        let mut piece = Piece {
            number: self.tally.messages,
            message: None,
            request,
        };
        let read = reader.read_answer(data);
        let reader = &*reader;
        let mut looking = Looking {
            reader,
            findings,
            table,
            again,
            known,
            pins,
        };
        match read {
            Ok(()) => {}
            // An error status may carry JSON that is no JSON-RPC; it is still scanned.
            Err(Reason::RpcInvalid) if self.tally.status == Status::HttpError => {
                self.tally.messages = self.tally.messages.saturating_add(1);
                let scanned = self.scan(&mut looking, piece, data)?;
                return Ok(replaced(scanned, out));
            }
            Err(_) => return Err(Reason::UpstreamInvalid),
        }
        let count = u32::try_from(reader.messages().len()).unwrap_or(u32::MAX);
        self.tally.messages = self.tally.messages.saturating_add(count);
        if self.read(reader, (request, data))? == Passed::Dropped {
            return Ok(Passed::Dropped);
        }
        let mut splice = Splice::new(data, out);
        for message in reader.messages() {
            piece.message = Some((message, data));
            let withheld = self.learn(&mut looking, (message, data));
            let withheld = withheld.as_deref().unwrap_or_default();
            self.one(&mut looking, piece, (qualified, withheld), &mut splice)?;
            piece.number = piece.number.saturating_add(1);
        }
        Ok(if splice.finish() {
            Passed::Changed
        } else {
            Passed::Same
        })
    }

    /// Filters, scans and redacts one message.
    fn one(
        &mut self,
        looking: &mut Looking<'_>,
        piece: Piece<'_>,
        (qualified, withheld): (&mut String, &[Box<str>]),
        splice: &mut Splice<'_>,
    ) -> Result<(), Reason> {
        let Some((message, data)) = piece.message else {
            return Ok(());
        };
        let payload = payload(message).range();
        let start = splice.place_of(payload.start);
        let sight = Sight {
            known: looking.known,
            qualified,
            withheld,
        };
        match self.filter(looking.reader, message, sight, splice)? {
            Filtered::Same => {
                let bytes = data.get(payload.clone()).unwrap_or_default();
                if let Some(redacted) = self.scan(looking, piece, bytes)? {
                    splice.replace(payload, &redacted);
                }
            }
            // What was taken out needs no scan; it lay inside of the payload.
            Filtered::Changed { .. } => {
                let text = splice.copy(payload.end).get(start..).unwrap_or_default();
                if let Some(redacted) = self.scan(looking, piece, text)? {
                    splice.rewrite(start, &redacted);
                }
            }
        }
        Ok(())
    }

    /// Learns what a server says about its tools; the names of those that are not to be seen,
    /// because they are not what they were. A stream that resumes, and a batch, may carry the
    /// response to any request.
    fn learn(&self, looking: &mut Looking<'_>, (message, data): (&Message, &[u8])) -> Withheld {
        let may_list = self.act == Act::Listen || self.batch || self.list() == Some(List::Tools);
        if message.kind != Kind::Response || !may_list {
            return None;
        }
        let server = self.local.serving().server(self.server)?;
        let list = (&*server.name, message.result.of_bytes(data));
        let reader = looking.reader;
        let policy = pins::policy(self.local.policy(), self.server);
        if looking.pins.is_on(policy) {
            let now_s = self.now.unix_s();
            return looking
                .pins
                .screen(looking.known, list, (policy, now_s), |each| {
                    definitions(reader, (message, data), each);
                });
        }
        if self.list() == Some(List::Tools) {
            looking
                .known
                .learn(list, |each| definitions(reader, (message, data), each));
        }
        None
    }

    /// Checks whose messages these are, and notes how the request ended.
    fn read(&mut self, reader: &Reader, both: (&[u8], &[u8])) -> Result<Passed, Reason> {
        let had_response = self.tally.finished;
        for message in reader.messages() {
            match message.kind {
                // The record of the first one is written: a second would leave unrecorded.
                Kind::Response | Kind::Error if self.awaits_response() && had_response => {
                    return Ok(Passed::Dropped);
                }
                Kind::Response | Kind::Error if self.act == Act::Post => {
                    self.ended(reader, message, both)?;
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
        reader: &Reader,
        message: &Message,
        (request, data): (&[u8], &[u8]),
    ) -> Result<(), Reason> {
        let id = message.id.of_bytes(data);
        let own = self.id.of_bytes(request);
        // With an error status, some servers make an id up.
        let nobody = message.kind == Kind::Error
            && (id.is_empty() || id == b"null" || self.tally.status == Status::HttpError);
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
                .and_then(|version| ProtocolVersion::named(reader.text(version).as_bytes()));
        }
        Ok(())
    }

    /// Takes out of lists what the caller has no permission for, and what is not to be seen. A
    /// stream that resumes may carry the response to any earlier request, so that all lists are
    /// looked at there.
    fn filter(
        &self,
        reader: &Reader,
        message: &Message,
        mut sight: Sight<'_>,
        splice: &mut Splice<'_>,
    ) -> Result<Filtered, Reason> {
        let all = [List::Tools, List::Prompts, List::Resources, List::Templates];
        let own = self.list().map(|list| [list]);
        let filters = self.filters || !sight.withheld.is_empty();
        let lists: &[List] = match &own {
            _ if !filters || message.kind != Kind::Response => &[],
            _ if self.act == Act::Listen || self.batch => &all,
            Some(list) => list,
            None => &[],
        };
        if lists.is_empty() {
            return Ok(Filtered::Same);
        }
        let mut keep = |list, name: &str| self.may_see(list, name, &mut sight);
        reader.filter(message, lists, &mut keep, splice)
    }

    fn may_see(&self, list: List, name: &str, sight: &mut Sight<'_>) -> bool {
        let Sight {
            known,
            qualified,
            withheld,
        } = sight;
        let (policy, principal) = (self.local.policy(), &*self.principal);
        let server = self.server;
        let kind = match list {
            List::Tools if withheld.iter().any(|tool| **tool == *name) => return false,
            List::Tools => {
                let Some(row) = self.local.serving().server(server) else {
                    return false;
                };
                let tool = (server, name, classify::base(known, row, name));
                return permission::is_visible(
                    policy,
                    principal,
                    tool,
                    self.local.serving().may_allow(),
                    qualified,
                );
            }
            List::Prompts => kinds::PROMPT,
            List::Resources | List::Templates => kinds::RESOURCE,
        };
        let ask = Ask {
            server,
            kind,
            name,
            intent: Intent::Read,
        };
        permission::decide(policy, principal, &ask, qualified).is_some()
    }
}

/// Tells the names and the texts of the definitions in a list.
fn definitions<'d>(
    reader: &Reader,
    (message, data): (&Message, &'d [u8]),
    each: &mut dyn FnMut(&str, &'d str),
) {
    reader.definitions(message, data, &mut |name, span| {
        let text = core::str::from_utf8(span.of_bytes(data));
        each(name, text.unwrap_or_default());
    });
}

fn replaced(scanned: Option<Vec<u8>>, out: &mut Vec<u8>) -> Passed {
    match scanned {
        Some(redacted) => {
            *out = redacted;
            Passed::Changed
        }
        None => Passed::Same,
    }
}
