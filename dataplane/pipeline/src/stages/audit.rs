//! Puts the call's record into the log, and waits until it stands as firmly as policy wants.
//!
//! No call goes on without: what can't be recorded is refused.

use core::future::Future;

use varistor_audit::{CallRecord, Findings, Found, Params};
use varistor_inspect::dlp::Redaction;
use varistor_inspect::json::{Kind, Message};
use varistor_model::limits::FINDINGS_MAX;
use varistor_model::{Decision, Denial, DlpAction, Durability, Method, Reason, Span, Subject};
use varistor_token::Verified;

use super::dlp::{find, payload, redacts};
use super::parse::{Act, Parsed};
use super::policy::Permit;
use crate::desk::Desk;
use crate::order::Notes;
use crate::outside::{Client, Ledger};
use crate::serving::Local;

/// Permits of all messages of one request; usually one.
#[derive(Debug, Default)]
pub struct Judged {
    first: Option<Permit>,
    rest: Vec<Permit>,
}

/// Records on their way into the log.
pub struct Recorded<P> {
    parsed: Parsed,
    judged: Judged,
    redacted: Option<Vec<u8>>,
    pending: Option<P>,
    more: Vec<P>,
}

/// A request whose records are in the log. Made here only.
pub struct Sealed {
    pub(crate) parsed: Parsed,
    pub(crate) judged: Judged,
    /// The body to send instead of the client's.
    pub(crate) redacted: Option<Vec<u8>>,
    /// The number of the (first) record.
    pub(crate) seq: u64,
}

impl Judged {
    /// Adds the permit of the next message.
    pub fn add(&mut self, permit: Permit) {
        match self.first {
            None => self.first = Some(permit),
            Some(_) => self.rest.push(permit),
        }
    }

    pub(crate) fn first_message(&self) -> Option<&Message> {
        self.first
            .as_ref()
            .and_then(|permit| permit.call().message())
    }

    pub(crate) fn method(&self) -> Option<Method> {
        self.first
            .as_ref()
            .and_then(|permit| permit.call().method())
    }

    /// Puts the findings of one permit's message onto the desk. Those of the only message are there
    /// still; members of a batch are scanned once more.
    fn findings_of(
        &self,
        permit: &Permit,
        desk: &mut Desk,
        local: &Local,
        client: &impl Client,
    ) -> Result<(), Reason> {
        if self.rest.is_empty() {
            return Ok(());
        }
        let call = permit.call();
        let from = (&*call.principal, call.server);
        find(desk, local, client, (call.message(), from))
    }

    fn iter(&self) -> impl Iterator<Item = &Permit> {
        self.first.iter().chain(&self.rest)
    }
}

/// Hands the records of all permits over, and prepares what is sent in place of a redacted body.
///
/// # Errors
/// When findings can't be masked or replaced.
pub fn record<C: Client, L: Ledger>(
    desk: &mut Desk,
    local: &Local,
    (client, ledger): (&C, &L),
    parsed: Parsed,
    judged: Judged,
) -> Result<Recorded<L::Pending>, Reason> {
    let redacted = redacted_body(desk, local, client, &judged)?;
    let session = parsed.session.as_ref().map(|session| session.label);
    let (mut pending, mut more) = (None, Vec::new());
    for permit in judged.iter() {
        judged.findings_of(permit, desk, local, client)?;
        let organisation = &permit.call().principal.verified.organisation;
        let message = permit.call().message();
        let masked = masked_params(desk, local, client, (message, organisation))?;
        let classified = permit.scanned().classified().intent();
        let facts = Facts {
            message: permit.call().message().copied(),
            act: permit.call().act,
            verified: Some(permit.call().principal.verified()),
            server: Some(permit.call().server),
            session,
            intent: Some((
                classified.intent,
                classified.confidence_percent,
                classified.evidence,
            )),
            decision: permit.decision(),
            reason: None,
            masked,
        };
        let submitted = ledger.submit(permit.durability(), &mut |line| {
            facts.write((desk, local, client), line);
        });
        match pending {
            None => pending = Some(submitted),
            Some(_) => more.push(submitted),
        }
    }
    Ok(Recorded {
        parsed,
        judged,
        redacted,
        pending,
        more,
    })
}

/// Waits for the records.
///
/// # Errors
/// When the log does not take them.
pub async fn seal<P: Future<Output = Result<u64, Reason>>>(
    recorded: Recorded<P>,
) -> Result<Sealed, Reason> {
    let Recorded {
        parsed,
        judged,
        redacted,
        pending,
        more,
    } = recorded;
    let seq = pending.ok_or(Reason::Internal)?.await?;
    for pending in more {
        pending.await?;
    }
    Ok(Sealed {
        parsed,
        judged,
        redacted,
        seq,
    })
}

/// Hands over the record of a refusal. The message's texts are still on the desk when the refusal
/// came from a stage between `parse` and `policy`.
pub(crate) fn refused<C: Client, L: Ledger>(
    desk: &mut Desk,
    local: &Local,
    (client, ledger): (&C, &L),
    notes: &Notes,
    denial: Denial,
) -> L::Pending {
    use varistor_model::Stage;
    let readable = (Stage::Parse..Stage::Audit).contains(&denial.stage());
    let message = notes.message.filter(|_| readable);
    // Before the scan, the desk holds the findings of some other message.
    let rescan = denial.stage() < Stage::Dlp || denial.reason == Reason::DlpFailed;
    let from = notes.principal.as_deref().zip(notes.server);
    let masked = match (message.as_ref(), from) {
        (Some(message), Some(from)) => {
            let found = match rescan {
                true => find(desk, local, client, (Some(message), from)),
                false => Ok(()),
            };
            let organisation = &from.0.verified.organisation;
            let about = (Some(message), organisation.as_str());
            found.and_then(|()| masked_params(desk, local, client, about))
        }
        _ => {
            desk.findings.clear();
            Ok(Masked::AsTheyCame)
        }
    };
    let facts = Facts {
        message,
        act: Act::Post,
        verified: notes.verified.as_deref(),
        server: notes.server,
        session: notes.session,
        intent: notes.intent,
        decision: match denial.reason {
            Reason::Held => Decision::Hold,
            _ => Decision::Deny,
        },
        reason: Some(denial.reason),
        masked: masked.unwrap_or(Masked::Failed),
    };
    ledger.submit(Durability::Written, &mut |line| {
        facts.write((desk, local, client), line)
    })
}

/// What a record says, beside what desk, snapshot and client know.
struct Facts<'a> {
    message: Option<Message>,
    act: Act,
    verified: Option<&'a Verified>,
    server: Option<u32>,
    session: Option<[u8; 8]>,
    intent: Option<(varistor_model::Intent, u8, &'static str)>,
    decision: Decision,
    reason: Option<Reason>,
    masked: Masked,
}

/// Which parameters the record gets.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Masked {
    /// The body's.
    AsTheyCame,
    /// Those on the desk.
    OnDesk,
    /// None: policy does not keep them.
    Unkept,
    /// None: they could not be masked.
    Failed,
}

impl Facts<'_> {
    fn write<C: Client>(&self, (desk, local, client): (&Desk, &Local, &C), line: &mut Vec<u8>) {
        let text = |text| desk.reader.text(text);
        let method = match (self.act, &self.message) {
            (Act::Listen, _) => "GET",
            (Act::End, _) => "DELETE",
            (Act::Post, Some(message)) => match message.kind {
                Kind::Request | Kind::Notification => text(message.method_text),
                Kind::Response | Kind::Error => "response",
            },
            (Act::Post, None) => "",
        };
        let message = self.message.as_ref();
        let name = message.and_then(|message| message.name);
        let params = message
            .map_or(Span::default(), payload)
            .of_bytes(client.body());
        let verified = self.verified;
        let server = self.server.and_then(|index| local.serving().server(index));
        let record = CallRecord {
            token: verified.and_then(|verified| verified.ids.last().copied()),
            organisation: verified.map_or("", |verified| &verified.organisation),
            agent: verified.map_or("", |verified| &verified.agent),
            session: self.session,
            client: client.peer(),
            server: server.map_or("", |server| server.name.as_str()),
            method,
            subject: message.map_or(Subject::None, |message| message.method.subject()),
            name: name.map_or("", text),
            id: message
                .map_or(Span::default(), |message| message.id)
                .of_bytes(client.body()),
            params: match self.masked {
                _ if params.is_empty() => Params::None,
                // Without a message there are no params, and a message has passed the strict gate.
                Masked::AsTheyCame => Params::Judged(params),
                Masked::OnDesk => Params::Masked(&desk.masked),
                Masked::Unkept => Params::Omitted("policy"),
                Masked::Failed => Params::Omitted("not masked"),
            },
            intent: self.intent,
            findings: &OnDesk { desk, local },
            decision: self.decision,
            reason: self.reason,
            rule: "",
            generation: local.serving().generation(),
        };
        record.write(line);
    }
}

/// The findings on the desk that policy wants recorded.
struct OnDesk<'a> {
    desk: &'a Desk,
    local: &'a Local,
}

impl Findings for OnDesk<'_> {
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>)) {
        let policy = self.local.policy();
        let judged = self.desk.findings.iter().map(|finding| {
            let action = self.desk.table.look(&policy.actions, finding);
            (finding, action)
        });
        let recorded = judged.filter(|(_, action)| *action > DlpAction::Allow);
        for (finding, action) in recorded.take(FINDINGS_MAX) {
            let row = policy.dlp.detectors.get(usize::from(finding.detector));
            tell(&Found {
                entity: row.map_or("unknown", |row| row.entity.as_str()),
                message: None,
                place: finding.span,
                action,
                confidence: finding.confidence,
            });
        }
    }
}

/// The body with everything replaced that policy wants redacted; `None` when nothing is.
fn redacted_body(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    judged: &Judged,
) -> Result<Option<Vec<u8>>, Reason> {
    if !judged
        .iter()
        .any(|permit| permit.decision() == Decision::Redact)
    {
        return Ok(None);
    }
    let body = client.body();
    let (mut out, mut done) = (Vec::with_capacity(body.len()), 0);
    for permit in judged
        .iter()
        .filter(|permit| permit.decision() == Decision::Redact)
    {
        judged.findings_of(permit, desk, local, client)?;
        let span = permit.call().message().map(payload).unwrap_or_default();
        out.extend_from_slice(body.get(done..span.range().start).unwrap_or_default());
        let redaction = Redaction {
            dlp: &local.policy().dlp,
            findings: &desk.findings,
            keep: local
                .serving()
                .keep(&permit.call().principal.verified.organisation),
        };
        redaction
            .write(span.of_bytes(body), &mut redacts(desk, local), &mut out)
            .map_err(|_| Reason::DlpFailed)?;
        done = span.range().end;
    }
    out.extend_from_slice(body.get(done..).unwrap_or_default());
    Ok(Some(out))
}

/// Puts the parameters onto the desk as the record may show them.
fn masked_params(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (message, organisation): (Option<&Message>, &str),
) -> Result<Masked, Reason> {
    let Some(message) = message else {
        return Ok(Masked::AsTheyCame);
    };
    let params = payload(message);
    match local.policy().audit.params {
        0 => Ok(Masked::AsTheyCame),
        2 => Ok(Masked::Unkept),
        _ if desk.findings.is_empty() || params.is_empty() => Ok(Masked::AsTheyCame),
        _ => {
            desk.masked.clear();
            let redaction = Redaction {
                dlp: &local.policy().dlp,
                findings: &desk.findings,
                keep: local.serving().keep(organisation),
            };
            let params = params.of_bytes(client.body());
            redaction
                .write(params, &mut |_| true, &mut desk.masked)
                .map_err(|_| Reason::DlpFailed)?;
            Ok(Masked::OnDesk)
        }
    }
}
