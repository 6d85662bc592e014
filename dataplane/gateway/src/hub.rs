//! What all threads of the gateway share: the snapshot in service, counters, the wish to stop.

use std::path::PathBuf;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::sync::{Arc, OnceLock};

use arc_swap::ArcSwap;
use rustls::ServerConfig;
use tokio::sync::Notify;
use varistor_approvals::Book;
use varistor_notify::{Channels, Notices};
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::holds::Holds;
use varistor_pipeline::kill::Kill;
use varistor_pipeline::known::KnownTools;
use varistor_pipeline::memory::Memory;
use varistor_pipeline::pins::PinBoard;
use varistor_pipeline::proofs::Proofs;
use varistor_pipeline::serving::Serving;
use varistor_pipeline::tail::Tail;
use varistor_stdio::{Servers, Spec};

use crate::control::checkpoints::Place;
use crate::control::lent::Loan;
use crate::control::witnesses::Witness;
use crate::control::{identity, oauth};
use crate::log;
use crate::seeking::Seeking;
use crate::shelf::Shelf;
use crate::upstream::Upstream;

/// Shared by workers, control thread and main.
pub(crate) struct Hub {
    published: ArcSwap<Published>,
    /// Grows with every publication.
    version: AtomicU64,
    /// Grows whenever workers have to look anew: they compare it before each request.
    views: AtomicU64,
    draining: AtomicBool,
    pub(crate) budgets: Arc<Budgets>,
    /// What servers said about their tools.
    pub(crate) known: Arc<KnownTools>,
    /// Which definitions of tools are trusted.
    pub(crate) pins: Arc<PinBoard>,
    /// What is remembered of calls.
    pub(crate) memory: Arc<Memory>,
    /// Calls that wait for a human.
    pub(crate) holds: Arc<Holds>,
    /// Wakes the control thread when something happened to them.
    pub(crate) woken: Arc<Notify>,
    /// What the operator has stopped.
    pub(crate) kill: Arc<Kill>,
    /// Until when the log may go on without its witnesses.
    pub(crate) tail: Arc<Tail>,
    /// Keys of identity providers.
    pub(crate) seeking: Seeking,
    /// Wakes who exchanges callers' tokens.
    pub(crate) wanted: Notify,
    /// Proofs of possession that were shown: none serves twice.
    pub(crate) proofs: Arc<Proofs>,
    pub(crate) counters: Counters,
    pub(crate) shelf: Shelf,
    /// The way to people.
    pub(crate) notices: Arc<Notices>,
    /// Servers that the bridge has; set before workers start.
    pub(crate) children: OnceLock<Servers>,
    /// Where all servers are as one.
    federation: Option<Upstream>,
}

/// A snapshot in service with its upstreams, in the order of the snapshot's servers.
pub(crate) struct Published {
    pub(crate) serving: Arc<Serving>,
    pub(crate) upstreams: Vec<Arc<Upstream>>,
    pub(crate) channels: Arc<Channels>,
    /// Who cosigns the log.
    pub(crate) witnesses: Vec<Arc<Witness>>,
    /// Whose tokens are taken beside our own.
    pub(crate) identities: Vec<Arc<identity::Place>>,
    /// Servers that want access tokens.
    pub(crate) tokens: Vec<Arc<oauth::Place>>,
    /// Where its checkpoints go.
    pub(crate) checkpoints: Option<Arc<Place>>,
    /// Servers that the bridge starts; it takes them when the snapshot is published.
    pub(crate) stdio: Vec<Spec>,
    /// What the listener shakes hands with, where it speaks TLS.
    pub(crate) listener: Option<Arc<ServerConfig>>,
    /// Secrets that others keep.
    pub(crate) lent: Arc<Loan>,
    /// The signed snapshot itself, where it is published again when one of those changes.
    pub(crate) file: Option<Arc<[u8]>>,
}

impl Published {
    /// Goes on with the breakers and access tokens of the same servers. To be called before anybody
    /// shares this.
    pub(crate) fn keep_servers_of(&mut self, before: &Self) {
        if let Some(serving) = Arc::get_mut(&mut self.serving) {
            serving.keep_breakers_of(&before.serving);
            serving.keep_bearers_of(&before.serving);
        }
    }

    /// Takes over addresses of the same hosts where a look-up found none: a name server that is
    /// down takes no server away that works.
    pub(crate) fn keep_addresses_of(&self, before: &Self) {
        for upstream in &self.upstreams {
            let same =
                |old: &&Arc<Upstream>| old.host == upstream.host && old.port == upstream.port;
            let old = before.upstreams.iter().find(same);
            if let Some(old) = old.filter(|_| upstream.addresses.load().is_empty()) {
                upstream.addresses.store(old.addresses.load_full());
            }
        }
    }
}

/// Numbers for `status` and metrics. They are told, never decided by.
#[derive(Debug, Default)]
pub(crate) struct Counters {
    pub(crate) connections: AtomicU64,
    pub(crate) accepted: AtomicU64,
    pub(crate) requests: AtomicU64,
    pub(crate) denied: AtomicU64,
    pub(crate) failed: AtomicU64,
    pub(crate) panics: AtomicU64,
    pub(crate) swaps: AtomicU64,
    /// Requests that were refused because a worker could not keep up.
    pub(crate) shed: AtomicU64,
    /// Workers that refuse some at the moment.
    pub(crate) shedding: AtomicU64,
}

/// Cells for rate limits: 16 bytes each, touched only when used.
const BUDGET_CELLS: usize = 1 << 18;

impl Hub {
    pub(crate) fn new(first: Published, shelf: Shelf, book: Book) -> Self {
        let woken = Arc::new(Notify::new());
        let wake = Arc::clone(&woken);
        let holds = Holds::new(seed(), move || wake.notify_one());
        let notices = Arc::new(Notices::default());
        notices.serve(Arc::clone(&first.channels));
        // Where policy has a bound, nothing is known of the log before the first look.
        let bounded = first.serving.policy().audit.unwitnessed_ms > 0;
        let tail = Tail::overdue_at(if bounded { 0 } else { u64::MAX });
        Self {
            published: ArcSwap::from_pointee(first),
            version: AtomicU64::new(1),
            views: AtomicU64::new(1),
            draining: AtomicBool::new(false),
            budgets: Arc::new(Budgets::new(BUDGET_CELLS)),
            known: Arc::default(),
            pins: Arc::default(),
            memory: Arc::default(),
            holds: Arc::new(holds.with(book)),
            woken,
            kill: Arc::default(),
            tail: Arc::new(tail),
            seeking: Seeking::default(),
            wanted: Notify::new(),
            proofs: Arc::default(),
            counters: Counters::default(),
            shelf,
            notices,
            children: OnceLock::new(),
            federation: None,
        }
    }

    /// Hands requests for all servers as one to the federation at this socket.
    pub(crate) fn federating(mut self, socket: PathBuf) -> Self {
        self.federation = Some(Upstream::federation(socket));
        self
    }

    /// Where all servers are as one.
    pub(crate) const fn federation(&self) -> Option<&Upstream> {
        self.federation.as_ref()
    }

    /// Pins tools to what stands on this board.
    pub(crate) fn pinning(mut self, board: Arc<PinBoard>) -> Self {
        self.pins = board;
        self
    }

    /// The snapshot in service.
    pub(crate) fn published(&self) -> Arc<Published> {
        self.published.load_full()
    }

    /// A number that changes with every publication.
    pub(crate) fn version(&self) -> u64 {
        self.version.load(Ordering::Acquire)
    }

    /// Takes another snapshot into service. Requests in flight end on theirs.
    pub(crate) fn publish(&self, next: Published) {
        let bound = |of: &Published| of.serving.policy().audit.unwitnessed_ms.to_native();
        if is_stricter(bound(&self.published()), bound(&next)) {
            // How long records wait by this bound is known with the next look.
            self.tail.put(0);
        }
        self.notices.serve(Arc::clone(&next.channels));
        self.published.store(Arc::new(next));
        // In this order: who sees the version sees the policy.
        self.renew_views();
        self.version.fetch_add(1, Ordering::AcqRel);
        self.counters.swaps.fetch_add(1, Ordering::Relaxed);
    }

    /// Has workers make their views of the snapshot anew: what they recognise has changed.
    pub(crate) fn renew_views(&self) {
        self.views.fetch_add(1, Ordering::AcqRel);
    }

    /// A number that changes whenever workers have to make their views anew.
    pub(crate) fn views(&self) -> u64 {
        self.views.load(Ordering::Acquire)
    }

    /// Asks everything to come to an end.
    pub(crate) fn drain(&self) {
        self.draining.store(true, Ordering::Release);
    }

    /// Whether everything is to come to an end.
    pub(crate) fn is_draining(&self) -> bool {
        self.draining.load(Ordering::Acquire)
    }
}

/// Whether a bound, in milliseconds, is new or narrower than before; 0: there is none.
const fn is_stricter(before: u64, next: u64) -> bool {
    next > 0 && (before == 0 || next < before)
}

/// Random bytes, for names that nobody can guess.
fn seed() -> [u8; 32] {
    let mut seed = [0; 32];
    if getrandom::fill(&mut seed).is_err() {
        log::error(format_args!("the kernel gives no random bytes"));
        std::process::abort();
    }
    seed
}

impl Counters {
    pub(crate) fn count(counter: &AtomicU64) {
        counter.fetch_add(1, Ordering::Relaxed);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_bound_is_stricter_when_it_is_new_or_narrower() {
        for (before, next, stricter) in [
            (0, 0, false),
            (0, 9, true),
            (9, 0, false),
            (9, 9, false),
            (9, 10, false),
            (9, 8, true),
        ] {
            assert_eq!(is_stricter(before, next), stricter, "{before} {next}");
        }
    }
}
