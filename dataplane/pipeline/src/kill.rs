//! The kill switch: says whether the operator has stopped a caller, a server or a tool.
//!
//! Refuses what is stopped. While nothing is, asking costs one load. The word changes with every
//! change of what is stopped, so that whoever holds something open sees when to look again; a
//! signal handler may store [`Kill::SIGNALLED`] in it, and then everything is stopped at once.
//!
//! Names are compared by keys of 64 bits: of two names with one key, both are stopped.

mod mark;

use std::rc::Rc;
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};

use arc_swap::ArcSwap;
use varistor_model::{Reason, Selector, TokenId};

use crate::desk::Principal;
pub use mark::Mark;
use mark::{agent_key, organisation_key, server_key, team_key, token_bits, tool_key};

/// What is stopped, shared by all threads.
///
/// Relation: `word` is odd while anything is stopped.
#[derive(Debug)]
pub struct Kill {
    word: Arc<AtomicUsize>,
    /// How often something was put in force.
    puts: AtomicUsize,
    stopped: ArcSwap<Stopped>,
}

/// What is stopped, made ready to be asked.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Stopped {
    all: bool,
    /// Of organisations, teams, agents, servers and tools, in order.
    keys: Vec<u64>,
    /// In order.
    tokens: Vec<TokenId>,
    /// Of each of `tokens`.
    token_bits: Vec<u64>,
}

/// Who does what: a call on its way, or what has been open since.
#[derive(Clone, Debug)]
pub struct Target {
    principal: Rc<Principal>,
    /// With the server, and the tool of the first message, if it calls one.
    mark: Mark,
    /// Keys of the tools of further messages.
    more: Vec<u64>,
}

impl Default for Kill {
    fn default() -> Self {
        Self {
            word: Arc::default(),
            puts: AtomicUsize::new(0),
            stopped: ArcSwap::from_pointee(Stopped::default()),
        }
    }
}

impl Kill {
    /// The word of a signal: everything is stopped, whatever else is said.
    pub const SIGNALLED: usize = usize::MAX;

    /// The word, for a signal handler to store [`Self::SIGNALLED`] in it.
    #[must_use]
    pub fn lever(&self) -> Arc<AtomicUsize> {
        Arc::clone(&self.word)
    }

    /// Changes with every change of what is stopped.
    #[inline]
    #[must_use]
    pub fn word(&self) -> usize {
        self.word.load(Ordering::Acquire)
    }

    /// Whether anything is stopped.
    #[inline]
    #[must_use]
    pub fn is_pulled(&self) -> bool {
        self.word() & 1 == 1
    }

    /// What is stopped now; with a signal, everything.
    #[must_use]
    pub fn stopped(&self) -> Arc<Stopped> {
        if self.word() == Self::SIGNALLED {
            return Arc::new(Stopped::everything());
        }
        self.stopped.load_full()
    }

    /// Puts this in force in place of what was. What a signal stopped stays stopped.
    pub fn publish(&self, stopped: Stopped) {
        self.put(stopped, |word| word != Self::SIGNALLED);
    }

    /// Puts this in force, also in place of what a signal stopped.
    pub fn publish_over_signal(&self, stopped: Stopped) {
        self.put(stopped, |_| true);
    }

    /// Callers take turns (the gateway's switch holds a lock); only a signal may come between.
    fn put(&self, stopped: Stopped, may: impl Fn(usize) -> bool) {
        let odd = usize::from(!stopped.is_empty());
        self.stopped.store(Arc::new(stopped));
        // Never a word that was before, nor the signal's own: 62 bits of changes don't run out.
        let number = self.puts.fetch_add(1, Ordering::Relaxed).wrapping_add(1);
        let next = |word| may(word).then_some(((number << 2) & (usize::MAX >> 1)) | odd);
        // A signal that keeps its word is what was asked for.
        let _ = self
            .word
            .fetch_update(Ordering::AcqRel, Ordering::Acquire, next);
    }

    /// Whether this caller may use this server.
    ///
    /// # Errors
    /// [`Reason::Killed`].
    #[inline]
    pub fn caller(&self, principal: &Principal, server: &str) -> Result<(), Reason> {
        if !self.is_pulled() {
            return Ok(());
        }
        let mark = principal.mark.of_server(server_key(server));
        self.ask(principal, &mark)
    }

    /// Whether this caller may use anything.
    ///
    /// # Errors
    /// [`Reason::Killed`].
    pub fn principal(&self, principal: &Principal) -> Result<(), Reason> {
        if !self.is_pulled() {
            return Ok(());
        }
        self.ask(principal, &principal.mark)
    }

    /// Whether this tool may be called; `key` as [`Self::key_of_tool`] makes it.
    ///
    /// # Errors
    /// [`Reason::ToolKilled`].
    #[inline]
    pub fn tool(&self, key: u64) -> Result<(), Reason> {
        if self.is_pulled() && self.stopped().has(key) {
            return Err(Reason::ToolKilled);
        }
        Ok(())
    }

    /// The key of a tool of a server.
    #[must_use]
    pub fn key_of_tool(server: &str, name: &str) -> u64 {
        tool_key(server_key(server), name)
    }

    /// Whether this may go on.
    ///
    /// # Errors
    /// [`Reason::Killed`] or [`Reason::ToolKilled`].
    #[inline]
    pub fn target(&self, target: &Target) -> Result<(), Reason> {
        if !self.is_pulled() {
            return Ok(());
        }
        self.ask(&target.principal, &target.mark)?;
        target.more.iter().try_for_each(|key| self.tool(*key))
    }

    fn ask(&self, principal: &Principal, mark: &Mark) -> Result<(), Reason> {
        let stopped = self.stopped();
        let ids = &principal.verified.ids;
        if stopped.has_caller(mark) || ids.iter().any(|id| stopped.has_token(id)) {
            return Err(Reason::Killed);
        }
        if stopped.has(mark.tool) {
            return Err(Reason::ToolKilled);
        }
        Ok(())
    }
}

impl Stopped {
    /// What these selectors name.
    #[must_use]
    pub fn of<'a>(selectors: impl IntoIterator<Item = &'a Selector>) -> Self {
        let mut this = Self::default();
        for selector in selectors {
            match selector {
                Selector::All => this.all = true,
                Selector::Organisation(name) => this.keys.push(organisation_key(name)),
                Selector::Team(of, name) => this.keys.push(team_key(of, name)),
                Selector::Agent(of, name) => this.keys.push(agent_key(of, name)),
                Selector::Token(id) => this.tokens.push(*id),
                Selector::Server(name) => this.keys.push(server_key(name)),
                Selector::Tool(of, name) => this.keys.push(tool_key(server_key(of), name)),
            }
        }
        this.keys.sort_unstable();
        this.tokens.sort_unstable();
        this.token_bits = this.tokens.iter().map(token_bits).collect();
        this
    }

    fn everything() -> Self {
        Self::of([&Selector::All])
    }

    /// Whether nothing is stopped.
    #[must_use]
    pub const fn is_empty(&self) -> bool {
        !self.all && self.keys.is_empty() && self.tokens.is_empty()
    }

    /// Whether everything is.
    #[must_use]
    pub const fn is_everything(&self) -> bool {
        self.all
    }

    /// Whether a caller of this token, whoever that is, is stopped. Where nobody knows the caller
    /// yet, only everything stops it.
    #[must_use]
    pub fn has_principal(&self, principal: Option<&Principal>) -> bool {
        let named = principal.is_some_and(|it| {
            self.has_caller(&it.mark) || it.verified.ids.iter().any(|id| self.has_token(id))
        });
        self.all || named
    }

    /// Whether a call on its way is stopped.
    #[must_use]
    pub fn has_target(&self, target: &Target) -> bool {
        self.has_principal(Some(&target.principal))
            || self.has(target.mark.server)
            || self.has(target.mark.tool)
            || target.more.iter().any(|key| self.has(*key))
    }

    /// Whether this may be stopped: as [`Self::has_target`] for whoever sees the mark only. Tokens
    /// are told apart coarsely; what is stopped is never missed.
    #[must_use]
    pub fn may_have(&self, mark: &Mark) -> bool {
        let token = |bits: &u64| mark.tokens & bits == *bits;
        self.has_caller(mark) || self.has(mark.tool) || self.token_bits.iter().any(token)
    }

    /// Whether this server is stopped.
    #[must_use]
    pub fn has_server(&self, name: &str) -> bool {
        self.all || self.has(server_key(name))
    }

    fn has_caller(&self, mark: &Mark) -> bool {
        self.all
            || self.has(mark.organisation)
            || self.has(mark.team)
            || self.has(mark.agent)
            || self.has(mark.server)
    }

    fn has(&self, key: u64) -> bool {
        key != 0 && self.keys.binary_search(&key).is_ok()
    }

    fn has_token(&self, id: &TokenId) -> bool {
        self.tokens.binary_search(id).is_ok()
    }
}

impl Target {
    /// A caller that uses a server; `tools` are the keys of what is called.
    pub(crate) fn new(
        principal: &Rc<Principal>,
        server: &str,
        mut tools: impl Iterator<Item = u64>,
    ) -> Self {
        let mark = principal.mark.of_server(server_key(server));
        Self {
            principal: Rc::clone(principal),
            mark: Mark {
                tool: tools.next().unwrap_or_default(),
                ..mark
            },
            more: tools.collect(),
        }
    }

    /// What other threads may see of it. A batch shows the first of its tools only.
    #[must_use]
    pub const fn mark(&self) -> Mark {
        self.mark
    }
}

#[cfg(test)]
mod tests;
