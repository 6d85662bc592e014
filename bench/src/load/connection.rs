//! One connection under load: at most one call under way, opened again when it has closed.

use std::io;
use std::rc::Rc;
use std::time::{Duration, Instant};

use super::call::{Era, Filling, set_id};
use super::check::judge;
use super::exchange::{Answer, Wire};
use super::expectation::Rating;
use super::session::{self, Visitor};
use super::shift::{Deal, Shift};

/// A server may close a connection that has been idle; one idle for longer is looked at first.
const IDLE: Duration = Duration::from_millis(20);
/// The pause after a connection could not be opened.
const PAUSE: Duration = Duration::from_millis(10);

/// A connection, and the agent whose calls go over it.
pub(super) struct Connection {
    era: Era,
    /// Counted over all threads; decides the token.
    serial: u64,
    wire: Option<Wire>,
    /// Sessions of the legacy era that calls take turns in; they outlive the connection.
    sessions: Vec<Option<String>>,
    turn: usize,
    /// Calls answered on `wire`.
    calls: u64,
    last: Instant,
    request: Vec<u8>,
    id_places: Vec<usize>,
    filled: Option<Filled>,
}

/// What `request` was filled with.
#[derive(PartialEq, Eq, Clone, Copy)]
struct Filled {
    kind: usize,
    tool: usize,
    token: u64,
    session: usize,
}

impl Connection {
    /// Connects, and opens the sessions of the legacy era.
    ///
    /// # Errors
    /// The server does not accept, or refuses a session.
    pub(super) async fn open(shift: &Shift, serial: u64) -> io::Result<Self> {
        let mut connection = Self {
            era: shift.plan.era_of(serial),
            serial,
            wire: None,
            sessions: Vec::new(),
            turn: 0,
            calls: 0,
            last: Instant::now(),
            request: Vec::new(),
            id_places: Vec::new(),
            filled: None,
        };
        connection.ready(shift).await?;
        if connection.era == Era::Legacy {
            for _ in 0..shift.plan.sessions_per_connection {
                let session = connection.initialize(shift).await?;
                connection.sessions.push(session);
            }
        }
        Ok(connection)
    }

    /// Makes calls until there are no more, then ends the sessions.
    pub(super) async fn run(mut self, shift: Rc<Shift>) {
        while let Some(begin) = shift.next().await {
            self.call(&shift, begin).await;
        }
        for session in std::mem::take(&mut self.sessions).into_iter().flatten() {
            if self.ready(&shift).await.is_err() {
                break;
            }
            let Some(wire) = &mut self.wire else { break };
            let visitor = visitor(&shift, self.serial);
            if session::end(wire, visitor, &session).await.is_err() {
                self.wire = None;
                continue;
            }
            shift.tally.borrow_mut().events.sessions_ended += 1;
        }
        if let Some(wire) = self.wire.take() {
            wire.close().await;
        }
    }

    async fn call(&mut self, shift: &Shift, begin: Instant) {
        let deal = shift.deal();
        shift.tally.borrow_mut().begin(deal.kind, begin);
        if self.is_stale(shift) {
            self.wire = None;
        }
        if self.ready(shift).await.is_err() {
            shift.tally.borrow_mut().broke(deal.kind, begin);
            monoio::time::sleep(PAUSE).await;
            return;
        }
        match self.exchange(shift, deal).await {
            Ok((rating, answer)) => {
                self.last = Instant::now();
                shift
                    .tally
                    .borrow_mut()
                    .take(deal.kind, rating, begin, self.last);
                self.calls = self.calls.saturating_add(1);
                if !answer.keep_alive || self.calls >= shift.plan.calls_per_connection {
                    self.close().await;
                }
            }
            Err(_) => {
                self.wire = None;
                shift.tally.borrow_mut().broke(deal.kind, begin);
            }
        }
    }

    /// Sends the call; once more in a new session, where the server says that the old one is gone.
    async fn exchange(&mut self, shift: &Shift, deal: Deal) -> io::Result<(Rating, Answer)> {
        let sessions = self.sessions.len().max(1);
        self.turn = (self.turn + 1) % sessions;
        for is_last in [false, true] {
            let id = shift.next_id();
            self.fill(shift, deal);
            set_id(&mut self.request, &self.id_places, id);
            let wire = self.wire.as_mut().ok_or(io::ErrorKind::NotConnected)?;
            let answer = wire.exchange(&mut self.request).await?;
            let in_session = matches!(self.sessions.get(self.turn), Some(Some(_)));
            if answer.status == 404 && in_session && !is_last {
                shift.tally.borrow_mut().events.sessions_lost += 1;
                if !answer.keep_alive {
                    self.close().await;
                    self.ready(shift).await?;
                }
                let session = self.initialize(shift).await?;
                if let Some(place) = self.sessions.get_mut(self.turn) {
                    *place = session;
                }
                self.filled = None;
                continue;
            }
            let body = wire.body();
            let verdict = judge(answer.status, answer.event_stream, body, id);
            let rating = shift.rate(deal.kind, verdict, answer.event_stream, body);
            return Ok((rating, answer));
        }
        Err(io::ErrorKind::NotConnected.into())
    }

    /// Writes the call into `request`, if it is not there already.
    fn fill(&mut self, shift: &Shift, deal: Deal) {
        let plan = &shift.plan;
        let token = shift.token_turn(self.serial, deal.turn);
        let wanted = Filled {
            kind: deal.kind,
            tool: deal.tool,
            token: if plan.tokens.is_some() { token } else { 0 },
            session: self.turn,
        };
        if self.filled == Some(wanted) {
            return;
        }
        let session = self.sessions.get(self.turn).and_then(Option::as_deref);
        let filling = Filling {
            tool: plan.tool_name(deal.kind, deal.tool),
            token: plan.tokens.as_ref().map(|tokens| tokens.at(token)),
            session,
        };
        if let Some(template) = plan.template(deal.kind, self.era) {
            template.fill(filling, &mut self.request, &mut self.id_places);
            self.filled = Some(wanted);
        }
    }

    /// Connects where there is no connection.
    async fn ready(&mut self, shift: &Shift) -> io::Result<()> {
        if self.wire.is_none() {
            self.wire = Some(Wire::new(shift.plan.connector.connect().await?));
            self.calls = 0;
            shift.tally.borrow_mut().events.connections_opened += 1;
        }
        Ok(())
    }

    async fn initialize(&mut self, shift: &Shift) -> io::Result<Option<String>> {
        let wire = self.wire.as_mut().ok_or(io::ErrorKind::NotConnected)?;
        let session = session::open(wire, visitor(shift, self.serial)).await?;
        shift.tally.borrow_mut().events.sessions_opened += 1;
        Ok(session)
    }

    /// Whether the server closed this connection while it had nothing to do.
    fn is_stale(&self, shift: &Shift) -> bool {
        // In a closed loop there is no such time.
        shift.plan.schedule.is_some()
            && self.last.elapsed() > IDLE
            && self
                .wire
                .as_ref()
                .is_some_and(|wire| wire.stream().has_gone())
    }

    async fn close(&mut self) {
        if let Some(wire) = self.wire.take() {
            wire.close().await;
        }
    }
}

/// The agent of a connection, outside of calls.
fn visitor(shift: &Shift, serial: u64) -> Visitor<'_> {
    let plan = &shift.plan;
    Visitor {
        target: &plan.target,
        headers: &plan.headers,
        token: plan.tokens.as_ref().map(|tokens| tokens.at(serial)),
    }
}
