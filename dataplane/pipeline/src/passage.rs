//! Whether the server may be called at all at the moment, and what its breaker learns of the call.
//!
//! Asked twice, and each time refused before the call costs the server a byte: before a call is
//! judged, so that what can't be sent uses up no budget and no approval, and before it is recorded
//! as sent, when it takes its place among the server's calls. Every way on which a call ends gives
//! the place back.

use std::rc::Rc;

use varistor_model::{Denial, Method, Reason};

use crate::breaker::{Breaker, Cause, Closed, Settings, Ticket, Took};
use crate::outside::Client;
use crate::serving::Local;
use crate::stages::audit::Judged;
use crate::stages::parse::{Act, Parsed};

/// The place of one call among those of its server. Made here only.
pub struct Passage {
    local: Rc<Local>,
    server: u32,
    /// Whether it counts as under way: what waits for whatever the server says does not.
    counted: bool,
    /// `None` once its breaker knows how it went.
    ticket: Option<Ticket>,
    /// When its request had come, in monotonic nanoseconds.
    since_ns: u64,
}

/// When to come back to a server with too many calls under way, in milliseconds.
const BUSY_MS: u64 = 1_000;

/// Whether the request could be sent, as things stand.
///
/// # Errors
/// [`Reason::LoginNeeded`]; [`Reason::UpstreamToken`], [`Reason::UpstreamOpen`] or
/// [`Reason::UpstreamBusy`], with the time to come back.
pub fn ask(local: &Local, client: &impl Client, parsed: &Parsed) -> Result<(), Denial> {
    let server = parsed.caller.server();
    let caller = parsed.caller.principal();
    local
        .serving()
        .bearers()
        .ask(server, caller, || client.now())?;
    let (breaker, settings) = of(local, server)?;
    breaker.ask(settings, client.now().mono_ns).map_err(denial)
}

/// Takes the request's place among those of its server.
///
/// # Errors
/// As [`ask`].
pub fn enter(
    local: &Rc<Local>,
    client: &impl Client,
    (parsed, judged): (&Parsed, &Judged),
) -> Result<Passage, Denial> {
    let server = parsed.caller.server();
    let (breaker, settings) = of(local, server)?;
    let endless = parsed.act == Act::Listen || judged.method() == Some(Method::SubscriptionsListen);
    if !endless {
        breaker.take_place(settings).map_err(denial)?;
    }
    let since_ns = client.now().mono_ns;
    let mut passage = Passage {
        local: Rc::clone(local),
        server,
        counted: !endless,
        ticket: None,
        since_ns,
    };
    passage.ticket = Some(breaker.enter(settings, since_ns).map_err(denial)?);
    breaker.count();
    Ok(passage)
}

impl Passage {
    /// The server has answered.
    pub fn answered(mut self, now_ns: impl FnOnce() -> u64) {
        let since_ns = self.since_ns;
        let took = || {
            let now_ns = now_ns();
            let ms = now_ns.saturating_sub(since_ns) / 1_000_000;
            Took { ms, now_ns }
        };
        if let (Some(ticket), Ok((breaker, settings))) =
            (self.ticket.take(), of(&self.local, self.server))
        {
            breaker.answered(ticket, settings, took);
        }
    }

    /// The server has said that it fails.
    pub fn failed(self, now_ns: u64) {
        self.settle(Cause::Status, now_ns);
    }

    /// The exchange ended for this reason: the server's failure, an answer that may not pass, or
    /// nothing that says anything of the server.
    pub fn ended(self, reason: Reason, now_ns: u64) {
        let cause = match reason {
            Reason::UpstreamUnresolved | Reason::UpstreamUnreachable | Reason::UpstreamTls => {
                Cause::Unreachable
            }
            // A server may keep the head of a stream back until it has something to say.
            Reason::UpstreamTimeout | Reason::UpstreamClosed if !self.counted => return,
            Reason::UpstreamTimeout => Cause::Timeout,
            Reason::UpstreamClosed => Cause::Broken,
            Reason::UpstreamInvalid => Cause::Invalid,
            Reason::UpstreamEncoding
            | Reason::UpstreamTooLarge
            | Reason::UpstreamCredential
            | Reason::UpstreamRedirect
            | Reason::AnswerRefused
            | Reason::AnswerHeld
            | Reason::AnswerUnfit => return self.answered(|| now_ns),
            _ => return,
        };
        self.settle(cause, now_ns);
    }

    fn settle(mut self, cause: Cause, now_ns: u64) {
        if let (Some(ticket), Ok((breaker, settings))) =
            (self.ticket.take(), of(&self.local, self.server))
        {
            breaker.failed(ticket, settings, (cause, now_ns));
        }
    }
}

impl Drop for Passage {
    fn drop(&mut self) {
        let Ok((breaker, _)) = of(&self.local, self.server) else {
            return;
        };
        if let Some(ticket) = self.ticket.take() {
            breaker.withdrawn(ticket);
        }
        if self.counted {
            breaker.give_place_back();
        }
    }
}

fn of(local: &Local, server: u32) -> Result<(&Breaker, Settings), Reason> {
    let row = local.serving().server(server).ok_or(Reason::Internal)?;
    let breaker = local.serving().breaker(server).ok_or(Reason::Internal)?;
    Ok((breaker, Settings::of(&row.guard)))
}

fn denial(closed: Closed) -> Denial {
    match closed {
        Closed::Open(ms) => Denial::from(Reason::UpstreamOpen).after_ms(ms),
        Closed::Busy => Denial::from(Reason::UpstreamBusy).after_ms(BUSY_MS),
    }
}
