//! Whoever has asked lately, by holder and route: sessions of legacy clients, links that modern
//! clients share, names that were cut.
//!
//! Everything is bound to the holder: nobody else's token finds a session. What goes on by itself
//! speaks with the token that was shown last. What is idle is ended. Where there is no room, the
//! member that is idle the longest makes some; one with open streams or with requests under way
//! never does.

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use tokio::sync::Semaphore;

use crate::catalogue::Catalogue;
use crate::door::Who;
use crate::link::Holder;
use crate::parked::{Askable, ParkedCalls};
use crate::run::Hub;
use crate::session::Session;

/// All members.
#[derive(Default)]
pub(crate) struct Members {
    all: RefCell<HashMap<[u8; 32], Rc<Member>>>,
}

/// One holder on one route.
pub(crate) struct Member {
    /// Links of its modern clients, by what they can be asked.
    shared: RefCell<HashMap<Askable, Rc<Holder>>>,
    /// Calls of modern clients that are asked something.
    pub(crate) parked: ParkedCalls,
    pub(crate) catalogue: Catalogue,
    /// Lists that are put together at the same time.
    pub(crate) merging: Semaphore,
    /// What is passed on while its client does not wait for it.
    pub(crate) telling: Arc<Semaphore>,
    /// Subscriptions of its modern clients.
    pub(crate) listening: Arc<Semaphore>,
    sessions: RefCell<HashMap<String, Rc<Session>>>,
    who: RefCell<Who>,
    used: Cell<Instant>,
}

/// Most tokens and routes that are known at once.
const MEMBERS_MAX: usize = 16_384;
/// Most sessions of one token on one route; the one that is idle the longest makes room.
const SESSIONS_MAX: usize = 64;
/// Most lists that are put together for one token at the same time: each asks all servers.
const MERGING_MAX: usize = 4;
/// Most messages of one token that are passed on while their clients do not wait.
const TELLING_MAX: usize = 64;
/// Most subscriptions of one token at once: each listens to all servers.
const LISTENING_MAX: usize = 16;
/// After how long what is idle is ended.
const IDLE: Duration = Duration::from_secs(1800);

impl Members {
    /// The member that asks; nothing when there is no room for another one.
    pub(crate) fn member(&self, hub: &Rc<Hub>, who: &Who) -> Option<Rc<Member>> {
        let mut all = self.all.borrow_mut();
        if let Some(member) = all.get(&who.identity) {
            member.used.set(Instant::now());
            *member.who.borrow_mut() = who.clone();
            return Some(Rc::clone(member));
        }
        if all.len() >= MEMBERS_MAX {
            let quiet = all.iter().filter(|(_, member)| member.is_quiet());
            let oldest = quiet.min_by_key(|(_, member)| member.used.get());
            let identity = oldest.map(|(identity, _)| *identity)?;
            if let Some(member) = all.remove(&identity) {
                member.end_all(hub);
            }
        }
        let member = Rc::new(Member {
            shared: RefCell::default(),
            parked: ParkedCalls::default(),
            catalogue: Catalogue::default(),
            merging: Semaphore::new(MERGING_MAX),
            telling: Arc::new(Semaphore::new(TELLING_MAX)),
            listening: Arc::new(Semaphore::new(LISTENING_MAX)),
            sessions: RefCell::default(),
            who: RefCell::new(who.clone()),
            used: Cell::new(Instant::now()),
        });
        all.insert(who.identity, Rc::clone(&member));
        Some(member)
    }

    /// Ends what is idle.
    pub(crate) fn tidy(&self, hub: &Rc<Hub>) {
        let idle = |since: Option<Instant>| since.is_some_and(|since| since.elapsed() >= IDLE);
        for member in self.all.borrow().values() {
            member.parked.tidy();
        }
        self.all.borrow_mut().retain(|_, member| {
            let sessions: Vec<_> = member.sessions.borrow().values().cloned().collect();
            for session in sessions {
                if idle(session.idle_since()) {
                    member.end(hub, &session);
                }
            }
            let keep = !member.sessions.borrow().is_empty()
                || !idle(Some(member.used.get()))
                || Rc::strong_count(member) > 1;
            if !keep {
                member.end_all(hub);
            }
            keep
        });
    }
}

impl Member {
    /// A session that begins; nothing when the kernel gives no random bytes.
    pub(crate) fn begin(&self, hub: &Rc<Hub>, hello: String, who: &Who) -> Option<Rc<Session>> {
        let id = random_name()?;
        let all: Vec<_> = self.sessions.borrow().values().cloned().collect();
        if all.len() >= SESSIONS_MAX {
            let quiet = all.iter().filter(|it| it.idle_since().is_some());
            let oldest = quiet.min_by_key(|it| it.idle_since())?;
            self.end(hub, oldest);
        }
        let session = Rc::new(Session::new(id.clone(), hello, who.clone()));
        self.sessions.borrow_mut().insert(id, Rc::clone(&session));
        Some(session)
    }

    /// The links of modern clients that can be asked this.
    pub(crate) fn shared(&self, askable: Askable) -> Rc<Holder> {
        let mut shared = self.shared.borrow_mut();
        let holder = shared.entry(askable);
        Rc::clone(holder.or_insert_with(|| Rc::new(Holder::shared(askable))))
    }

    /// Whether nothing is under way and no stream is open.
    fn is_quiet(self: &Rc<Self>) -> bool {
        let sessions = self.sessions.borrow();
        let open = sessions.values().any(|it| it.idle_since().is_none());
        !open && Rc::strong_count(self) == 1
    }

    /// Ends all sessions, and the links that modern clients share.
    fn end_all(&self, hub: &Rc<Hub>) {
        let sessions: Vec<_> = self.sessions.borrow().values().cloned().collect();
        for session in sessions {
            self.end(hub, &session);
        }
        let (hub, who) = (Rc::clone(hub), self.who.borrow().clone());
        let shared: Vec<_> = self.shared.borrow_mut().drain().collect();
        tokio::task::spawn_local(async move {
            for (_, holder) in shared {
                holder.end(&hub, &who).await;
            }
        });
    }

    /// The session of this id.
    pub(crate) fn session(&self, id: &str, who: &Who) -> Option<Rc<Session>> {
        let session = self.sessions.borrow().get(id).map(Rc::clone)?;
        session.touch(who);
        Some(session)
    }

    /// Ends a session, and those with servers that it opened.
    pub(crate) fn end(&self, hub: &Rc<Hub>, session: &Rc<Session>) {
        self.sessions.borrow_mut().remove(&session.id);
        session.end();
        let (hub, session) = (Rc::clone(hub), Rc::clone(session));
        tokio::task::spawn_local(async move {
            let who = session.who();
            session.holder.end(&hub, &who).await;
        });
    }
}

/// A name that nobody can guess; nothing when the kernel gives no random bytes.
pub(crate) fn random_name() -> Option<String> {
    let mut bytes = [0; 16];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
