//! The whole way of a request, in one function.

use core::cell::RefCell;
use std::rc::Rc;
use std::sync::Arc;

use varistor_inspect::json::Message;
use varistor_intent::Judgement;
use varistor_model::{Denial, Era, Notice, Reason, Stage};
use varistor_token::Verified;

use crate::bearer::Bearer;
use crate::desk::{Desk, Principal};
use crate::identities::Origin;
use crate::outside::{Client, Ledger};
use crate::passage;
use crate::refusal::LocalAnswer;
use crate::ruling::Ruling;
use crate::serving::Local;
use crate::stages::policy::Waits;
use crate::stages::{
    accept, audit, authenticate, classify, dlp, forward, parse, policy, rate_limit,
};

/// Judges one request: what may go to the upstream, or why nothing may.
///
/// Each step yields the value that the next one consumes, so that none can be skipped. The desk
/// is borrowed only between waits: while this call waits for bytes or for the audit log, other
/// calls of the worker use it.
///
/// # Errors
/// A denial, or an answer that needs no upstream. What was learned until then is in `notes`.
pub async fn order<C: Client, L: Ledger>(
    desk: &RefCell<Desk>,
    local: &Rc<Local>,
    (client, ledger): (&mut C, &L),
    notes: &mut Notes,
    head: &mut Vec<u8>,
) -> Result<forward::Forward, Turned> {
    let caller = {
        let desk = &mut *desk.borrow_mut();
        let request = accept::accept(local.serving(), client)?;
        authenticate::authenticate(desk, local, client, request, notes)?
    };
    client.belongs_to(caller.principal());
    client
        .read_body(local.serving().request_bytes_max())
        .await?;
    let (recorded, passage) = {
        let desk = &mut *desk.borrow_mut();
        let mut judged = audit::Judged::default();
        let parsed = parse::parse(desk, local, client, caller, notes)?;
        passage::ask(local, client, &parsed)?;
        for at in 0..parsed.len() {
            let message = parsed.call(desk, at, notes)?;
            let admitted = rate_limit::rate_limit(desk, local, client, message)?;
            let intent = classify::classify(desk, local, client, admitted, notes);
            let findings = dlp::dlp(desk, local, client, intent)?;
            let permit = policy::policy(desk, local, client, findings, notes)?;
            judged.add(permit);
        }
        let passage = passage::enter(local, client, (&parsed, &judged))?;
        let recorded = audit::record(desk, local, (client, ledger), parsed, judged)?;
        (recorded, passage)
    };
    let sealed = audit::seal(recorded).await?;
    Ok(forward::forward(local, client, (sealed, passage), head)?)
}

/// Records a refusal. Resolves to the record's number; `None` when there is none: an unreadable
/// request is nobody's call, and floods of bad tokens are recorded at a bounded pace.
pub fn refused<C: Client, L: Ledger>(
    desk: &RefCell<Desk>,
    local: &Local,
    (client, ledger): (&C, &L),
    notes: &Notes,
    denial: Denial,
) -> Option<L::Pending> {
    let desk = &mut *desk.borrow_mut();
    let judged = match denial.stage() {
        Stage::Authenticate => desk.refusals.take(client.now()).is_ok(),
        _ => notes.principal.is_some(),
    };
    judged.then(|| audit::refused(desk, local, (client, ledger), notes, denial))
}

/// Why a request does not go to an upstream.
#[derive(Clone, Copy, Debug)]
pub enum Turned {
    /// It is refused.
    Denied(Denial),
    /// The gateway answers it itself.
    Local(LocalAnswer),
}

impl From<Reason> for Turned {
    fn from(reason: Reason) -> Self {
        Self::Denied(reason.into())
    }
}

impl From<Denial> for Turned {
    fn from(denial: Denial) -> Self {
        Self::Denied(denial)
    }
}

/// What was learned of a request so far: what a denial's record and answer can say.
#[derive(Debug, Default)]
pub struct Notes {
    pub(crate) principal: Option<Rc<Principal>>,
    /// What a token with a valid signature says, also when it is dead.
    pub(crate) verified: Option<Rc<Verified>>,
    pub(crate) server: Option<u32>,
    pub(crate) era: Option<Era>,
    pub(crate) message: Option<Message>,
    pub(crate) session: Option<[u8; 8]>,
    pub(crate) intent: Option<Judgement>,
    /// A key that its token names and that is not known: it may only just have been published.
    pub(crate) awaited: Option<Awaited>,
    /// What the organisation's rules said.
    pub(crate) ruling: Option<Ruling>,
    /// Where the call waits, when it is held.
    pub(crate) waits: Option<Waits>,
    /// What people are to be told of it, once its record has a number.
    pub notices: Vec<Notice>,
}

/// A key of an outside identity provider that nobody here has seen.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Awaited {
    /// Whose keys it is missing from.
    pub origin: Origin,
    /// Its id.
    pub key_id: String,
}

impl Notes {
    /// The key for want of which the request was turned away.
    #[must_use]
    pub const fn awaited(&self) -> Option<&Awaited> {
        self.awaited.as_ref()
    }

    /// The access token of its server, when nobody has been asked for it yet.
    #[must_use]
    pub fn awaited_token(&self, local: &Local) -> Option<Arc<Bearer>> {
        let caller = self.principal.as_ref()?;
        let bearer = local.serving().bearers().get(self.server?, caller);
        bearer.ok()?.filter(|bearer| bearer.is_awaited())
    }

    /// Whether the caller was known when the request was turned away.
    #[must_use]
    pub const fn is_authenticated(&self) -> bool {
        self.principal.is_some()
    }

    /// Where the call waits, when it is held.
    #[must_use]
    pub const fn waits(&self) -> Option<Waits> {
        self.waits
    }

    /// The era of the request, once it is known.
    #[must_use]
    pub const fn era(&self) -> Option<Era> {
        self.era
    }
}
