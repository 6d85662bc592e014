//! The loop that begins calls when they are due and takes their answers.
//!
//! One thread, epoll and a timer descriptor: a poll time-out is too coarse to begin calls on
//! time, and spinning would take the CPU from the server under test on a small machine.

use std::collections::VecDeque;
use std::io;
use std::os::fd::OwnedFd;
use std::time::{Duration, Instant};

use anyhow::Context;
use rustix::event::epoll::{self, Event, EventData, EventFlags};
use rustix::time::{
    Itimerspec, TimerfdClockId, TimerfdFlags, TimerfdTimerFlags, Timespec, timerfd_create,
    timerfd_settime,
};

use super::call::{FIRST_ID, Shape};
use super::check::Verdict;
use super::connection::{Connection, Progress};
use super::cpu::Processes;
use super::outcome::Outcome;
use super::schedule::Schedule;
use super::target::Target;

/// How long answers are waited for after the last call has begun.
const GRACE: Duration = Duration::from_secs(5);
/// Marks the timer among the connections.
const TIMER: u64 = u64::MAX;
/// Events taken from the kernel at once.
const EVENTS: usize = 256;
/// After so many closed connections no more are opened.
const CLOSED_MAX: u64 = 100_000;
/// Room for one read.
const READ_BYTES: usize = 64 * 1024;

/// What to run.
pub(super) struct Plan {
    pub(super) duration: Duration,
    pub(super) warmup: Duration,
    /// `None`: closed loop.
    pub(super) schedule: Option<Schedule>,
    pub(super) expect_denied: bool,
}

/// The connections and the calls under way.
pub(super) struct Engine<'a> {
    target: &'a Target,
    shape: &'a Shape<'a>,
    epoll: OwnedFd,
    timer: OwnedFd,
    connections: Vec<Connection>,
    /// When the call on each connection should have begun.
    begun: Vec<Option<Instant>>,
    idle: Vec<usize>,
    /// Calls that are due and have no connection yet.
    due: VecDeque<Instant>,
    next_id: u64,
    closed: u64,
    scratch: Vec<u8>,
}

impl<'a> Engine<'a> {
    /// Opens all connections.
    ///
    /// # Errors
    /// One of them cannot be opened.
    pub(super) fn new(
        target: &'a Target,
        shape: &'a Shape<'a>,
        connections: u32,
    ) -> anyhow::Result<Self> {
        let epoll = epoll::create(epoll::CreateFlags::CLOEXEC)?;
        let flags = TimerfdFlags::NONBLOCK | TimerfdFlags::CLOEXEC;
        let timer = timerfd_create(TimerfdClockId::Monotonic, flags)?;
        let edge = EventFlags::IN | EventFlags::ET;
        epoll::add(&epoll, &timer, EventData::new_u64(TIMER), edge)?;
        let mut engine = Self {
            target,
            shape,
            epoll,
            timer,
            connections: Vec::new(),
            begun: Vec::new(),
            idle: Vec::new(),
            due: VecDeque::new(),
            next_id: FIRST_ID,
            closed: 0,
            scratch: vec![0; READ_BYTES],
        };
        for index in 0..usize::try_from(connections)? {
            let connection = engine
                .connect(index)
                .with_context(|| format!("cannot open connection {index} to {}", target.address))?;
            engine.connections.push(connection);
            engine.begun.push(None);
            engine.idle.push(index);
        }
        Ok(engine)
    }

    /// Runs warm-up and measurement.
    ///
    /// # Errors
    /// epoll or the timer fail, or a watched process ends.
    pub(super) fn run(&mut self, plan: &Plan, cpu: &mut Processes) -> anyhow::Result<Outcome> {
        let start = Instant::now();
        let measured = start + plan.warmup;
        let end = measured + plan.duration;
        let mut outcome = Outcome::new(measured, plan.expect_denied)?;
        let mut measuring = false;
        let mut sent = 0_u64;
        let mut events = Vec::with_capacity(EVENTS);
        loop {
            let now = Instant::now();
            if !measuring && now >= measured {
                measuring = true;
                cpu.begin()?;
            }
            if now >= end {
                break;
            }
            let wake = match &plan.schedule {
                Some(schedule) => self.fall_due(schedule, start, now, &mut sent).min(end),
                None => {
                    self.due.extend(std::iter::repeat_n(now, self.idle.len()));
                    if measuring { end } else { measured }
                }
            };
            self.send(&mut outcome);
            self.wait(wake, &mut events)?;
            self.receive(&mut events, &mut outcome);
        }
        cpu.end()?;
        outcome.elapsed = measured.elapsed();
        self.drain(&mut events, &mut outcome)?;
        Ok(outcome)
    }

    /// Queues the calls that should have begun by now; returns when the next one should.
    fn fall_due(
        &mut self,
        schedule: &Schedule,
        start: Instant,
        now: Instant,
        sent: &mut u64,
    ) -> Instant {
        loop {
            let begin = start + schedule.start(*sent);
            if begin > now {
                return begin;
            }
            self.due.push_back(begin);
            *sent = sent.saturating_add(1);
        }
    }

    /// Begins the calls that are due on the connections that are idle.
    fn send(&mut self, outcome: &mut Outcome) {
        while let (Some(&begin), Some(&index)) = (self.due.front(), self.idle.last()) {
            self.due.pop_front();
            self.idle.pop();
            let id = self.next_id;
            self.next_id = self.next_id.saturating_add(1);
            let Some(connection) = self.connections.get_mut(index) else {
                return;
            };
            match connection.send(id) {
                Ok(()) => self.set_begun(index, Some(begin)),
                Err(_) => {
                    outcome.broke(begin);
                    self.reopen(index);
                }
            }
        }
    }

    fn wait(&self, wake: Instant, events: &mut Vec<Event>) -> anyhow::Result<()> {
        events.clear();
        let left = wake
            .saturating_duration_since(Instant::now())
            .max(Duration::from_nanos(1));
        let spec = Itimerspec {
            it_interval: Timespec {
                tv_sec: 0,
                tv_nsec: 0,
            },
            it_value: left.try_into()?,
        };
        timerfd_settime(&self.timer, TimerfdTimerFlags::empty(), &spec)?;
        match epoll::wait(&self.epoll, rustix::buffer::spare_capacity(events), None) {
            Ok(_) | Err(rustix::io::Errno::INTR) => Ok(()),
            Err(error) => Err(io::Error::from(error).into()),
        }
    }

    fn receive(&mut self, events: &mut Vec<Event>, outcome: &mut Outcome) {
        for event in events.drain(..) {
            // Copied out, as the kernel's event is packed.
            let (data, flags) = (event.data, event.flags);
            let hung_up = flags.intersects(EventFlags::RDHUP | EventFlags::HUP | EventFlags::ERR);
            let Ok(index) = usize::try_from(data.u64()) else {
                continue;
            };
            let Some(connection) = self.connections.get_mut(index) else {
                continue;
            };
            let progress = connection.progress(hung_up, &mut self.scratch);
            let begin = self.begun.get(index).copied().flatten();
            let (verdict, reopen) = match progress {
                Ok(Progress::More) => continue,
                Ok(Progress::Answered(verdict)) => (Some(verdict), false),
                Ok(Progress::Closed(verdict)) => (verdict, true),
                Err(_) => (Some(Verdict::Wrong), true),
            };
            if let (Some(begin), Some(verdict)) = (begin, verdict) {
                outcome.take(verdict, begin, reopen);
            }
            self.set_begun(index, None);
            if reopen {
                self.reopen(index);
            } else {
                self.idle.push(index);
            }
        }
    }

    /// Waits for the answers still under way.
    fn drain(&mut self, events: &mut Vec<Event>, outcome: &mut Outcome) -> anyhow::Result<()> {
        let until = Instant::now() + GRACE;
        while self.begun.iter().any(Option::is_some) && Instant::now() < until {
            self.wait(until, events)?;
            self.receive(events, outcome);
        }
        let open = self.begun.iter().flatten().chain(&self.due);
        let unanswered = open.filter(|&&begin| outcome.counts(begin)).count();
        outcome.unanswered = u64::try_from(unanswered)?;
        Ok(())
    }

    fn connect(&self, index: usize) -> anyhow::Result<Connection> {
        let connection = Connection::open(self.target, self.shape)?;
        let edge = EventFlags::IN | EventFlags::OUT | EventFlags::RDHUP | EventFlags::ET;
        let data = EventData::new_u64(u64::try_from(index)?);
        epoll::add(&self.epoll, connection.stream(), data, edge)?;
        Ok(connection)
    }

    /// Replaces a connection that has closed; without a server it stays closed.
    fn reopen(&mut self, index: usize) {
        self.closed = self.closed.saturating_add(1);
        self.idle.retain(|&other| other != index);
        if self.closed > CLOSED_MAX {
            return;
        }
        if let (Ok(fresh), Some(place)) = (self.connect(index), self.connections.get_mut(index)) {
            *place = fresh;
            self.idle.push(index);
        }
    }

    fn set_begun(&mut self, index: usize, begin: Option<Instant>) {
        if let Some(place) = self.begun.get_mut(index) {
            *place = begin;
        }
    }
}
