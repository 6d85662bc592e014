//! Starting a child: whether it may be now, whether the executable is the right one, and what is
//! said to a child that many share before it serves.

use std::path::PathBuf;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde::Deserialize;
use serde_json::value::RawValue;
use varistor_model::ProtocolVersion;

use super::{Server, Slot};
use crate::backoff;
use crate::bridge::{CHILDREN_MAX, Common, Told};
use crate::child::{Child, Ended, Sharing, State};
use crate::gauge::Gauge;
use crate::message::Kind;
use crate::pin::{self, PinError};
use crate::say::Level;
use crate::spec::Source;

/// Why there is no child.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Refused {
    /// As many as may be, are.
    Full,
    /// It failed, or must not be started now.
    Unavailable,
    /// It does not know 2026-07-28.
    Legacy,
}

/// Longest pause before a start that a call waits for.
const PAUSE_MAX: Duration = Duration::from_millis(1_000);
/// For how long a server is taken not to know 2026-07-28, once it has said so.
const LEGACY: Duration = Duration::from_secs(60);

/// A child's place among those that may be, given back when nothing of it is left.
struct Place(Rc<Server>);

impl Place {
    fn take(server: &Rc<Server>) -> Result<Self, Refused> {
        let (own, all) = (&server.places, &server.common.children);
        if own.get() >= server.spec.children_max || all.get() >= CHILDREN_MAX {
            return Err(Refused::Full);
        }
        own.set(own.get().saturating_add(1));
        all.set(all.get().saturating_add(1));
        Ok(Self(Rc::clone(server)))
    }
}

impl Drop for Place {
    fn drop(&mut self) {
        let (own, all) = (&self.0.places, &self.0.common.children);
        own.set(own.get().saturating_sub(1));
        all.set(all.get().saturating_sub(1));
    }
}

impl Server {
    /// A child that has just been started.
    pub(super) async fn start(self: &Rc<Self>, sharing: Sharing) -> Result<Rc<Child>, Refused> {
        let started = self.try_start(sharing).await;
        if started.is_err() {
            Gauge::add(&self.gauge.refused);
        }
        started
    }

    async fn try_start(self: &Rc<Self>, sharing: Sharing) -> Result<Rc<Child>, Refused> {
        let place = Place::take(self)?;
        let now = Instant::now();
        let pause = self.not_before.get();
        let pause = pause.map_or(Duration::ZERO, |at| at.saturating_duration_since(now));
        if pause > PAUSE_MAX {
            return Err(Refused::Unavailable);
        }
        tokio::time::sleep(pause).await;
        let turn = self.common.starts.acquire().await;
        let _turn = turn.map_err(|_| Refused::Unavailable)?;
        self.check_executable().await?;
        if self.retired.get() || self.is_stopped() {
            return Err(Refused::Unavailable);
        }
        let (server, say) = (Rc::downgrade(self), self.common.options.say);
        let ended = move |ended: Ended| {
            drop(place);
            if let Some(server) = server.upgrade() {
                server.ended(ended);
            }
        };
        let (mark, resolve) = (&self.common.mark, self.common.options.resolve);
        match Child::start(
            &self.spec,
            sharing,
            (&self.gauge, say),
            (mark, resolve),
            ended,
        ) {
            Ok(child) => {
                self.children.borrow_mut().push(Rc::clone(&child));
                Ok(child)
            }
            Err(error) => {
                self.fails(&format!("it can't be started: {error}"));
                Err(Refused::Unavailable)
            }
        }
    }

    fn is_stopped(&self) -> bool {
        (self.common.options.stopped)(&self.spec.name)
    }

    /// Reads the executable away from this thread, unless it is known.
    async fn check_executable(&self) -> Result<(), Refused> {
        let Source::Program(program) = &self.spec.source else {
            return Ok(());
        };
        let path = PathBuf::from(program.command.first().map_or("", |it| it));
        let (pinned, known) = (program.sha256, self.looks.get());
        let check = move || pin::check(&path, &pinned, known);
        match tokio::task::spawn_blocking(check).await {
            Ok(Ok(looks)) => {
                self.looks.set(Some(looks));
                Ok(())
            }
            Ok(Err(error)) => {
                let text = error.to_string();
                self.fails(&text);
                if matches!(error, PinError::Changed { .. }) {
                    self.common.tell(Told {
                        server: self.spec.name.clone(),
                        what: "executable_changed",
                        detail: text,
                    });
                }
                Err(Refused::Unavailable)
            }
            Err(_) => Err(Refused::Unavailable),
        }
    }

    /// A child could not be had.
    fn fails(&self, why: &str) {
        Gauge::add(&self.gauge.crashes);
        self.gauge.last_error.store(Some(Arc::new(why.to_owned())));
        let name = &self.spec.name;
        let text = format_args!("server {name}: {why}");
        (self.common.options.say)(Level::Warning, text);
        self.hold_back(false);
    }

    /// Nothing of a child is left.
    fn ended(&self, ended: Ended) {
        if ended.crashed {
            self.hold_back(ended.answered);
        }
        self.children
            .borrow_mut()
            .retain(|child| child.state() != State::Ended);
        if ended.unkept {
            self.common.sweep();
        }
    }

    /// Puts the next start off.
    fn hold_back(&self, answered: bool) {
        let before = if answered { 0 } else { self.failures.get() };
        let failures = before.saturating_add(1);
        self.failures.set(failures);
        let mut chance = [0; 8];
        // Without it, the pause is the shortest of its kind.
        let _ = getrandom::fill(&mut chance);
        let pause = backoff::pause_ms(failures, u64::from_le_bytes(chance));
        let until = Instant::now().checked_add(Duration::from_millis(pause));
        self.not_before.set(until);
    }

    /// The child that requests of 2026-07-28 share.
    pub(super) async fn modern(self: &Rc<Self>) -> Result<Rc<Child>, Refused> {
        // Event streams came to an end before this version.
        if matches!(self.spec.source, Source::Events(_)) {
            self.legacy_since.set(Some(Instant::now()));
        }
        let known = self.legacy_since.get();
        if known.is_some_and(|since| since.elapsed() < LEGACY) {
            return Err(Refused::Legacy);
        }
        let child = self.common_child(&self.modern, Sharing::Modern).await;
        match self.legacy_since.get() {
            Some(since) if child.is_err() && since.elapsed() < LEGACY => Err(Refused::Legacy),
            _ => child,
        }
    }

    /// The child that sessions share, and what it said when it was initialised.
    pub(super) async fn shared(self: &Rc<Self>) -> Result<(Rc<Child>, String), Refused> {
        let child = self.common_child(&self.shared, Sharing::Sessions).await?;
        let welcome = self.welcome.borrow().clone();
        Ok((child, welcome.ok_or(Refused::Unavailable)?))
    }

    async fn common_child(
        self: &Rc<Self>,
        slot: &Slot,
        sharing: Sharing,
    ) -> Result<Rc<Child>, Refused> {
        let ready = |child: &Rc<Child>| child.state() == State::Ready;
        if let Some(child) = slot.child.borrow().as_ref().filter(|it| ready(it)) {
            return Ok(Rc::clone(child));
        }
        let turn = slot.turn.acquire().await;
        let _turn = turn.map_err(|_| Refused::Unavailable)?;
        let known = slot.child.borrow().clone();
        let known = known.filter(|it| matches!(it.state(), State::Starting | State::Ready));
        let child = match known {
            Some(child) => child,
            None => {
                let child = self.start(sharing).await?;
                *slot.child.borrow_mut() = Some(Rc::clone(&child));
                // It goes on also when whoever asked for it leaves.
                let (server, own) = (Rc::clone(self), Rc::clone(&child));
                tokio::task::spawn_local(async move { server.greet(&own).await });
                child
            }
        };
        match child.settled().await {
            true => Ok(child),
            false => Err(Refused::Unavailable),
        }
    }

    /// Says to a child that many share what comes before the first request.
    async fn greet(&self, child: &Rc<Child>) {
        match child.sharing {
            Sharing::Session => {}
            Sharing::Modern => match child.ask_own("\"server/discover\"", &discover()).await {
                Ok(answer) if answer.kind == Kind::Response => child.is_ready(),
                Ok(_) => {
                    self.legacy_since.set(Some(Instant::now()));
                    child.end();
                }
                Err(_) => {}
            },
            Sharing::Sessions => match child.ask_own("\"initialize\"", &initialize()).await {
                Ok(answer) if answer.kind == Kind::Response => {
                    let read: Result<Initialized<'_>, _> = serde_json::from_str(&answer.text);
                    let Ok(read) = read else {
                        return child.gives_up("its answer to `initialize` has no result");
                    };
                    *self.welcome.borrow_mut() = Some(read.result.get().to_owned());
                    let said = r#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#;
                    // The first line but one has room.
                    let _ = child.input.send_line(said.as_bytes().to_vec());
                    child.is_ready();
                }
                Ok(_) => child.gives_up("it refuses to be initialised"),
                Err(_) => {}
            },
        }
    }

    /// Starts the child that is not to wait for a call.
    pub(crate) fn start_eagerly(self: &Rc<Self>) {
        let now = Instant::now();
        let held_back = self.not_before.get().is_some_and(|at| at > now);
        // Each of its sessions will have a child of its own.
        let useless = self.legacy_since.get().is_some() && !self.is_for_sessions();
        let wanted = self.spec.eager && !self.retired.get() && !self.is_stopped();
        if !wanted || held_back || useless || !self.living().is_empty() || self.eager.replace(true)
        {
            return;
        }
        let server = Rc::clone(self);
        tokio::task::spawn_local(async move {
            // Why it fails has been told; it is tried again.
            let legacy = server.modern().await.err() == Some(Refused::Legacy);
            if legacy && server.is_for_sessions() {
                let _ = server.shared().await;
            }
            server.eager.set(false);
        });
    }
}

impl Common {
    fn tell(&self, told: Told) {
        // The log can't keep up: standard error has it.
        let _ = self.options.told.try_send(told);
    }
}

#[derive(Deserialize)]
struct Initialized<'a> {
    #[serde(borrow)]
    result: &'a RawValue,
}

fn discover() -> String {
    let version = ProtocolVersion::V2026_07_28.name();
    let meta = [
        ("protocolVersion", format!("\"{version}\"")),
        ("clientInfo", own_name().to_owned()),
        ("clientCapabilities", "{}".to_owned()),
    ];
    let meta = meta.map(|(key, value)| format!("\"io.modelcontextprotocol/{key}\":{value}"));
    format!("{{\"_meta\":{{{}}}}}", meta.join(","))
}

/// Without capabilities: no client could be asked for all of them.
fn initialize() -> String {
    format!(
        r#"{{"protocolVersion":"{}","capabilities":{{}},"clientInfo":{}}}"#,
        ProtocolVersion::V2025_11_25.name(),
        own_name()
    )
}

const fn own_name() -> &'static str {
    concat!(
        r#"{"name":"varistor","version":""#,
        env!("CARGO_PKG_VERSION"),
        r#""}"#
    )
}
