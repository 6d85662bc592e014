//! What the operator sees of stdio servers: counts that the bridge keeps and any thread reads.

use std::collections::HashMap;
use std::sync::Arc;
use std::sync::atomic::{AtomicU64, Ordering};

use arc_swap::{ArcSwap, ArcSwapOption};

/// The counts of every server, by name.
#[derive(Debug, Default)]
pub struct Board(ArcSwap<HashMap<String, Arc<Gauge>>>);

/// The counts of one server. They outlive its children and changes of the policy.
#[derive(Debug, Default)]
pub(crate) struct Gauge {
    pub(crate) children: AtomicU64,
    pub(crate) sessions: AtomicU64,
    pub(crate) starts: AtomicU64,
    pub(crate) crashes: AtomicU64,
    pub(crate) refused: AtomicU64,
    pub(crate) dropped: AtomicU64,
    pub(crate) noise: AtomicU64,
    /// Milliseconds until the next start may be; 0: it may be now.
    pub(crate) pause_ms: AtomicU64,
    pub(crate) last_error: ArcSwapOption<String>,
}

/// The same at one moment.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Shown {
    /// Children that run or are being started or ended.
    pub children: u64,
    /// Sessions of clients.
    pub sessions: u64,
    /// Children started so far.
    pub starts: u64,
    /// Children that ended though nobody had asked them to, or that could not be started.
    pub crashes: u64,
    /// Calls refused: no child could be had.
    pub refused: u64,
    /// Messages of children that were for nobody, or that nobody fetched.
    pub dropped: u64,
    /// Lines of children that were no messages.
    pub noise: u64,
    /// How long the next start is held back, in milliseconds.
    pub pause_ms: u64,
    /// Why a child could not be had the last time.
    pub last_error: Option<String>,
}

impl Gauge {
    pub(crate) fn add(count: &AtomicU64) {
        count.fetch_add(1, Ordering::Relaxed);
    }

    pub(crate) fn take(count: &AtomicU64) {
        count.fetch_sub(1, Ordering::Relaxed);
    }

    fn shown(&self) -> Shown {
        let read = |count: &AtomicU64| count.load(Ordering::Relaxed);
        Shown {
            children: read(&self.children),
            sessions: read(&self.sessions),
            starts: read(&self.starts),
            crashes: read(&self.crashes),
            refused: read(&self.refused),
            dropped: read(&self.dropped),
            noise: read(&self.noise),
            pause_ms: read(&self.pause_ms),
            last_error: self.last_error.load_full().map(|text| text.to_string()),
        }
    }
}

impl Shown {
    /// The state in a word.
    #[must_use]
    pub const fn state(&self) -> &'static str {
        match (self.children, self.pause_ms) {
            (0, 0) => "idle",
            (0, _) => "waiting",
            _ => "running",
        }
    }
}

impl Board {
    /// What there is to see of this server; `None`: it is no stdio server.
    #[must_use]
    pub fn shown(&self, server: &str) -> Option<Shown> {
        self.0.load().get(server).map(|gauge| gauge.shown())
    }

    /// The counts of these servers from now on.
    pub(crate) fn serve<'a>(
        &self,
        names: impl Iterator<Item = &'a str>,
    ) -> Arc<HashMap<String, Arc<Gauge>>> {
        let before = self.0.load();
        let kept = |name: &str| before.get(name).cloned().unwrap_or_default();
        let next: HashMap<_, _> = names.map(|name| (name.to_owned(), kept(name))).collect();
        let next = Arc::new(next);
        self.0.store(Arc::clone(&next));
        next
    }
}
