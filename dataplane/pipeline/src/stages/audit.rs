//! Puts the call's record into the log, and waits until it stands as firmly as policy wants.
//!
//! No call goes on without: what can't be recorded is refused.

mod answered;
mod facts;
mod keep;
mod outgoing;
mod wanted;

use core::future::Future;

use varistor_inspect::json::Message;
use varistor_model::{Decision, Denial, Durability, Method, Reason};

use self::facts::Facts;
pub(crate) use self::keep::Apart;
use self::keep::{About, Masked, kept_params, kept_unplaced};
use self::outgoing::{Outgoing, outgoing};
use super::dlp::find;
use super::parse::{Act, Parsed};
use super::policy::{Permit, redact};
use crate::desk::Desk;
use crate::holds::Release;
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
    outgoing: Outgoing,
    pending: Option<P>,
    more: Vec<P>,
}

/// A request whose records are in the log. Made here only.
pub struct Sealed {
    pub(crate) parsed: Parsed,
    pub(crate) judged: Judged,
    /// What is sent instead of what came.
    pub(crate) outgoing: Outgoing,
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

    /// The calls go to their server: releases are used up.
    pub(crate) fn spend(&mut self) {
        self.first
            .iter_mut()
            .chain(&mut self.rest)
            .for_each(Permit::spend);
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
        find(desk, local, client, (call.message(), from))?;
        // What follows them by rules is not in the policy's rows.
        if let Some(ruling) = permit.ruling() {
            redact(desk, local, ruling);
        }
        Ok(())
    }

    /// The tools that are called, as the kill switch names them.
    pub(crate) fn tools(&self) -> impl Iterator<Item = u64> {
        self.iter().map(Permit::tool).filter(|key| *key != 0)
    }

    fn iter(&self) -> impl Iterator<Item = &Permit> {
        self.first.iter().chain(&self.rest)
    }
}

/// Hands the records of all permits over, and prepares what is sent in place of a redacted body.
///
/// # Errors
/// When findings can't be masked, replaced or kept apart, or earlier records wait for their
/// witnesses too long.
pub fn record<C: Client, L: Ledger>(
    desk: &mut Desk,
    local: &Local,
    (client, ledger): (&C, &L),
    parsed: Parsed,
    judged: Judged,
) -> Result<Recorded<L::Pending>, Reason> {
    for permit in judged.iter() {
        desk.tail.pass(local, permit, client.now())?;
    }
    let outgoing = outgoing(desk, local, client, (&parsed, &judged))?;
    let session = parsed.session.as_ref().map(|session| session.label);
    let (mut pending, mut more) = (None, Vec::new());
    for (number, permit) in judged.iter().enumerate() {
        judged.findings_of(permit, desk, local, client)?;
        let about = About {
            message: permit.call().message(),
            server: permit.call().server,
            organisation: &permit.call().principal.verified.organisation,
        };
        let masked = kept_params(desk, local, client, about)?;
        let classified = permit.scanned().classified().intent();
        let facts = Facts {
            message: permit.call().message().copied(),
            act: permit.call().act,
            verified: Some(permit.call().principal.verified()),
            server: Some(permit.call().server),
            session,
            intent: Some(*classified),
            ruling: permit.ruling(),
            decision: permit.decision(),
            reason: None,
            approval: permit.release().map(Release::id),
            masked,
            restored: outgoing
                .restored
                .as_deref()
                .map(|all| all.of_message(number)),
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
        outgoing,
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
        outgoing,
        pending,
        more,
    } = recorded;
    let seq = pending.ok_or(Reason::Internal)?.await?;
    for pending in more {
        pending.await?;
    }
    for release in judged.iter().filter_map(Permit::release) {
        release.settled().await?;
    }
    Ok(Sealed {
        parsed,
        judged,
        outgoing,
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
    // Refused before anything was judged, or after all of it.
    let unsent = matches!(
        denial.reason,
        Reason::UpstreamToken
            | Reason::LoginNeeded
            | Reason::ExchangeRefused
            | Reason::UpstreamOpen
            | Reason::UpstreamBusy
            | Reason::Unwitnessed
    );
    let readable = unsent || (Stage::Parse..Stage::Audit).contains(&denial.stage());
    let message = notes.message.filter(|_| readable);
    // Before the scan, the desk holds the findings of some other message.
    let rescan = unsent || denial.stage() < Stage::Dlp || denial.reason == Reason::DlpFailed;
    let from = notes.principal.as_deref().zip(notes.server);
    let masked = match (message.as_ref(), from) {
        (Some(message), Some(from)) => {
            let found = match rescan {
                true => find(desk, local, client, (Some(message), from)),
                false => Ok(()),
            };
            let about = About {
                message: Some(message),
                server: from.1,
                organisation: &from.0.verified.organisation,
            };
            found.and_then(|()| kept_params(desk, local, client, about))
        }
        (message, _) => {
            let organisation = notes.principal.as_deref();
            let organisation = organisation.map_or("", |it| &it.verified.organisation);
            let kept = message.map_or(Ok(Masked::AsTheyCame), |message| {
                kept_unplaced(desk, local, client, (message, organisation))
            });
            // They are of no server's rows: none says what follows them.
            desk.findings.clear();
            kept
        }
    };
    let facts = Facts {
        message,
        act: Act::Post,
        verified: notes.verified.as_deref(),
        server: notes.server,
        session: notes.session,
        intent: notes.intent,
        ruling: notes.ruling.as_ref(),
        decision: match denial.reason {
            Reason::Held => Decision::Hold,
            _ => Decision::Deny,
        },
        reason: Some(denial.reason),
        approval: notes.waits.map(|waits| waits.id),
        masked: masked.unwrap_or(Masked::Failed),
        restored: None,
    };
    ledger.submit(Durability::Written, &mut |line| {
        facts.write((desk, local, client), line)
    })
}
