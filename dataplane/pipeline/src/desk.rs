//! What one worker keeps between calls: buffers that are used again, tokens already verified.

mod tokens;

use std::rc::Rc;
use std::sync::Arc;

use varistor_identity::OwnerId;
use varistor_identity::owner::of_agent;
use varistor_inspect::actions::Table;
use varistor_inspect::dlp::Findings;
use varistor_inspect::json::Reader;
use varistor_model::limits::OUTSIDE_TOKENS_REMEMBERED;
use varistor_model::{Reason, TokenId};
use varistor_rules::Scratch;
use varistor_token::Verified;

use crate::budget::Budgets;
use crate::flows::Legs;
use crate::holds::Holds;
use crate::identities::KeyRings;
use crate::kill::{Kill, Mark};
use crate::known::{KnownTools, View};
use crate::memory::Memory;
use crate::outside::Now;
use crate::pins::{self, PinBoard};
use crate::proofs::Proofs;
use crate::stages::audit::Apart;
use crate::tail::Tail;

pub(crate) use tokens::Tokens;

/// One worker's desk. Nothing on it is shared between threads but the budgets.
pub struct Desk {
    pub(crate) reader: Reader,
    /// Reads a request once more, when its answer is judged.
    pub(crate) again: Reader,
    /// What was found in the message at hand.
    pub(crate) findings: Findings,
    /// What follows it. Begun whenever there are findings.
    pub(crate) table: Table,
    /// What servers said about their tools.
    pub(crate) known: View,
    /// Which definitions of tools are trusted.
    pub(crate) pins: pins::View,
    /// Of the evaluation of rules.
    pub(crate) scratch: Scratch,
    pub(crate) memory: Arc<Memory>,
    /// Calls that wait for a human; without it, nobody can release them.
    pub(crate) holds: Option<Arc<Holds>>,
    /// What the operator has stopped.
    pub(crate) kill: Arc<Kill>,
    /// Until when the log may go on without its witnesses.
    pub(crate) tail: Arc<Tail>,
    pub(crate) budgets: Arc<Budgets>,
    pub(crate) tokens: Tokens,
    /// Those of outside identity providers.
    pub(crate) outside: Tokens,
    /// Callers without one, by their certificates. Apart: what stands here was never presented as a
    /// token, and must not be found by one.
    pub(crate) workloads: Tokens,
    /// By which tokens of providers are verified.
    pub(crate) rings: Arc<KeyRings>,
    /// Proofs that were shown with them.
    pub(crate) proofs: Arc<Proofs>,
    pub(crate) pace: Pace,
    /// Bounds the records that callers without a valid token can cause.
    pub(crate) refusals: Pace,
    /// `server/name` of the thing that a permission is asked for.
    pub(crate) qualified: String,
    pub(crate) masked: Vec<u8>,
    /// What of parameters the log is held to without telling.
    pub(crate) apart: Apart,
}

/// Who calls, resolved against one generation of the policy.
#[derive(Debug)]
pub struct Principal {
    pub(crate) verified: Rc<Verified>,
    /// What it is recognised by when it is stopped.
    pub(crate) mark: Mark,
    /// The presented token (the last block), or the holder of an outside provider's.
    pub(crate) token: TokenId,
    pub(crate) generation: u64,
    pub(crate) organisation: u32,
    pub(crate) team: Option<u32>,
    pub(crate) agent: u32,
    /// Roles of the agent that the token names too.
    pub(crate) roles: Vec<u32>,
    /// What flowed where in its session; nothing where there is no room, or policy asks for none.
    pub(crate) legs: Option<Arc<Legs>>,
    /// Whose account it uses at servers where callers have their own; nobody's, where it speaks for
    /// nobody. Worked out when first asked for.
    pub(crate) owner: core::cell::OnceCell<Option<OwnerId>>,
    /// The token itself, where it is an outside provider's: another policy may read it otherwise.
    pub(crate) text: Option<Rc<[u8]>>,
    /// Names of the servers within its reach, with commas between; worked out when first asked for.
    pub(crate) reach: core::cell::OnceCell<String>,
}

/// Bounds the time that one worker spends on signatures of unknown tokens.
#[derive(Debug, Default)]
pub(crate) struct Pace {
    ready_ns: u64,
}

/// A verification costs about 75 us; one per 500 us leaves 85 % of a core to known callers.
const VERIFICATION_EVERY_NS: u64 = 500_000;
/// Verifications that may come at once after a quiet time.
const VERIFICATION_BURST: u64 = 256;

impl Desk {
    /// An empty desk.
    #[must_use]
    pub fn new(budgets: Arc<Budgets>) -> Self {
        Self {
            reader: Reader::new(),
            again: Reader::new(),
            findings: Findings::default(),
            table: Table::default(),
            known: View::of(Arc::default()),
            pins: pins::View::default(),
            scratch: Scratch::new(),
            memory: Arc::default(),
            holds: None,
            kill: Arc::default(),
            tail: Arc::default(),
            budgets,
            tokens: Tokens::default(),
            outside: Tokens::in_all(OUTSIDE_TOKENS_REMEMBERED),
            workloads: Tokens::default(),
            rings: Arc::default(),
            proofs: Arc::default(),
            pace: Pace::default(),
            refusals: Pace::default(),
            qualified: String::new(),
            masked: Vec::new(),
            apart: Apart::default(),
        }
    }

    /// Shares what other workers learn about tools.
    #[must_use]
    pub fn knowing(mut self, known: Arc<KnownTools>) -> Self {
        self.known = View::of(known);
        self
    }

    /// Pins tools, as the policy says, to what stands on this board; without it, none are.
    #[must_use]
    pub fn pinning(mut self, board: &Arc<PinBoard>) -> Self {
        self.pins = pins::View::of(board);
        self
    }

    /// Shares what other workers remember of calls.
    #[must_use]
    pub fn recalling(mut self, memory: Arc<Memory>) -> Self {
        self.memory = memory;
        self
    }

    /// Lets humans release calls that policy holds.
    #[must_use]
    pub fn holding(mut self, holds: Arc<Holds>) -> Self {
        self.holds = Some(holds);
        self
    }

    /// Heeds what the operator has stopped.
    #[must_use]
    pub fn heeding(mut self, kill: Arc<Kill>) -> Self {
        self.kill = kill;
        self
    }

    /// Heeds how long records may wait for their witnesses.
    #[must_use]
    pub fn witnessed(mut self, tail: Arc<Tail>) -> Self {
        self.tail = tail;
        self
    }

    /// Verifies tokens of outside identity providers by what stands on these rings.
    #[must_use]
    pub fn trusting(mut self, rings: Arc<KeyRings>) -> Self {
        self.rings = rings;
        self
    }

    /// Takes a proof of possession once only, whichever worker it comes to.
    #[must_use]
    pub fn proving(mut self, proofs: Arc<Proofs>) -> Self {
        self.proofs = proofs;
        self
    }

    /// Lets the desk remember this many verified tokens (about 1 KB each), of which half may all be
    /// in use; without it, 65,536.
    #[must_use]
    pub fn remembering(mut self, tokens: usize) -> Self {
        self.tokens = Tokens::in_all(tokens);
        self
    }
}

impl Principal {
    /// The id of the presented token, or of its holder.
    #[must_use]
    pub const fn token(&self) -> TokenId {
        self.token
    }

    /// What it is recognised by when it is stopped.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        self.mark
    }

    /// Whose account it uses at servers where callers have their own: a person's, by whatever token
    /// of theirs, or that of an agent with a token of ours. Never one that a caller names.
    #[must_use]
    pub fn owner(&self) -> Option<OwnerId> {
        *self.owner.get_or_init(|| {
            let verified = &self.verified;
            match &verified.outside {
                Some(outside) => outside.person,
                None => Some(of_agent(&verified.organisation, &verified.agent)),
            }
        })
    }

    /// The verified content of the token.
    #[must_use]
    pub fn verified(&self) -> &Verified {
        &self.verified
    }
}

impl Pace {
    /// Permits one verification, or says that the worker is busy enough with them.
    pub(crate) fn take(&mut self, now: Now) -> Result<(), Reason> {
        let earliest = now
            .mono_ns
            .saturating_sub(VERIFICATION_EVERY_NS.saturating_mul(VERIFICATION_BURST));
        let next = self
            .ready_ns
            .max(earliest)
            .saturating_add(VERIFICATION_EVERY_NS);
        if next > now.mono_ns.saturating_add(VERIFICATION_EVERY_NS) {
            return Err(Reason::VerificationBusy);
        }
        self.ready_ns = next;
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn unknown_tokens_are_verified_at_a_bounded_pace() {
        let mut pace = Pace::default();
        let at = |ms: u64| Now {
            unix_ns: 0,
            mono_ns: 1_000_000_000 + ms * 1_000_000,
        };
        let at_once = (0..10_000).filter(|_| pace.take(at(0)).is_ok()).count();
        assert!((256..=257).contains(&at_once), "{at_once}");
        let later = (0..10_000).filter(|_| pace.take(at(10)).is_ok()).count();
        assert!((19..=21).contains(&later), "{later}");
    }
}
