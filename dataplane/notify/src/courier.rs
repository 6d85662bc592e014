//! The thread that delivers: takes notices out of the queue, keeps their messages on disk, tries
//! each channel by itself, so that one that hangs keeps no other waiting.

use std::collections::{BTreeMap, BTreeSet};
use std::io;
use std::path::Path;
use std::sync::Arc;
use std::sync::atomic::Ordering;
use std::time::Duration;

use tokio::sync::mpsc;
use tokio::time::MissedTickBehavior;
use varistor_model::Notice;
use varistor_model::limits::{OUTBOX_AGE_MS_MAX, OUTBOX_MESSAGES_MAX};

use crate::backoff::pause_ms;
use crate::burst::{Bursts, Key, Place};
use crate::channel::Channels;
use crate::message::Message;
use crate::outbox::Outbox;
use crate::queue::Notices;
use crate::send::{Failure, now_ms, send};
use crate::stats::Stats;

/// How often the queue is looked at: workers wake nobody.
const TICK: Duration = Duration::from_millis(100);
/// Most names of channels that are remembered as told of.
const TOLD_MAX: usize = 256;

/// What the operator should hear of.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Told {
    /// A message was given up.
    Failed {
        /// The channel.
        channel: String,
        /// The kind of event.
        kind: String,
        /// The message's id.
        id: String,
        /// How many events it told of.
        count: u64,
        /// Attempts that failed.
        attempts: u32,
        /// The last failure.
        error: String,
    },
    /// Something is in the way; messages are kept.
    Trouble(String),
}

/// Channels that a notice goes to beside, each with a link of its own.
type Letters = Box<dyn Fn(&Notice) -> Vec<(String, String)> + Send>;

/// See the module.
pub struct Courier {
    notices: Arc<Notices>,
    outbox: Outbox,
    messages: BTreeMap<String, Message>,
    /// Messages whose newest state is not on disk.
    unwritten: BTreeSet<String>,
    bursts: Bursts,
    /// Channels at which an attempt is under way.
    busy: BTreeSet<String>,
    told: mpsc::Sender<Told>,
    /// Names of channels that policy lacks, of which was told.
    undefined: BTreeSet<String>,
    /// Where a notice goes beside: channels of people, each with a link of its own.
    letters: Letters,
    dropped: u64,
    disk_fails: bool,
}

/// What became of an attempt.
struct Attempt {
    id: String,
    channel: String,
    outcome: Result<(), Failure>,
}

impl Courier {
    /// Takes up what waits on disk.
    ///
    /// # Errors
    /// When the directory can't be used.
    pub fn open(dir: &Path, notices: Arc<Notices>, told: mpsc::Sender<Told>) -> io::Result<Self> {
        let (outbox, found) = Outbox::open(dir)?;
        let messages = found.into_iter().map(|one| (one.id.clone(), one)).collect();
        Ok(Self {
            notices,
            outbox,
            messages,
            unwritten: BTreeSet::new(),
            bursts: Bursts::default(),
            busy: BTreeSet::new(),
            told,
            undefined: BTreeSet::new(),
            letters: Box::new(|_| Vec::new()),
            dropped: 0,
            disk_fails: false,
        })
    }

    /// Also tells channels of people, each with a link of its own, which `letters` says.
    #[must_use]
    pub fn writing(
        mut self,
        letters: impl Fn(&Notice) -> Vec<(String, String)> + Send + 'static,
    ) -> Self {
        self.letters = Box::new(letters);
        self
    }

    /// Delivers until the queue is closed; then what is left stands on disk.
    ///
    /// # Errors
    /// When the network can't be used at all.
    pub fn run(mut self) -> io::Result<()> {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let tasks = tokio::task::LocalSet::new();
        runtime.block_on(tasks.run_until(self.deliver()));
        // A look-up of a name that hangs must not keep the gateway from ending.
        runtime.shutdown_background();
        Ok(())
    }

    async fn deliver(&mut self) {
        let (done, mut attempts) = mpsc::unbounded_channel();
        let mut tick = tokio::time::interval(TICK);
        tick.set_missed_tick_behavior(MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                _ = tick.tick() => {}
                Some(attempt) = attempts.recv() => self.attempted(attempt, now_ms()),
            }
            let closing = self.notices.is_closing();
            let now_ms = now_ms();
            let channels = self.notices.channels();
            self.take(&channels, now_ms);
            self.write();
            if closing {
                return;
            }
            self.tell_dropped();
            self.start(&channels, &done, now_ms);
            self.notices
                .stats()
                .waiting
                .store(self.messages.len() as u64, Ordering::Relaxed);
        }
    }

    /// Makes messages of what is in the queue.
    fn take(&mut self, channels: &Channels, now_ms: u64) {
        self.bursts.sweep(now_ms);
        while let Some(notice) = self.notices.pop() {
            let hearing = channels.hearing(notice.kind);
            let named = notice.channels.iter().map(String::as_str);
            let names: BTreeSet<&str> = named.chain(hearing).collect();
            for name in names {
                self.address(channels, name, &notice, now_ms);
            }
            for (name, url) in (self.letters)(&notice) {
                let own = match url.as_str() {
                    "" => *notice.clone(),
                    _ => Notice {
                        url,
                        ..*notice.clone()
                    },
                };
                self.address(channels, &name, &own, now_ms);
            }
        }
    }

    fn address(&mut self, channels: &Channels, name: &str, notice: &Notice, now_ms: u64) {
        match channels.named(name) {
            Some(_) => self.place(name, notice, now_ms),
            None => self.tell_undefined(name),
        }
    }

    fn place(&mut self, channel: &str, notice: &Notice, now_ms: u64) {
        let key = Key {
            channel: channel.to_owned(),
            kind: notice.kind.name(),
            organisation: notice.organisation.clone(),
            rule: notice.rule.clone(),
            server: match notice.rule.is_empty() {
                true => notice.server.clone(),
                false => String::new(),
            },
        };
        let id = fresh_id();
        let id = match self.bursts.place(key, &id, now_ms) {
            Place::Into(id) => match self.messages.get_mut(&id) {
                Some(message) => {
                    message.add(notice);
                    self.unwritten.insert(id);
                    return;
                }
                None => return Stats::count(&self.notices.stats().dropped),
            },
            Place::New(due) if self.messages.len() < OUTBOX_MESSAGES_MAX => {
                let mut message = Message::new(id.clone(), channel, notice, now_ms);
                message.due_unix_ms = due;
                self.messages.insert(id.clone(), message);
                id
            }
            Place::New(_) => return Stats::count(&self.notices.stats().dropped),
        };
        self.unwritten.insert(id);
    }

    /// Puts on disk what is not there yet; what can't be put there is tried again at the next tick.
    fn write(&mut self) {
        let mut failure = None;
        let (outbox, messages) = (&self.outbox, &self.messages);
        self.unwritten.retain(|id| match messages.get(id) {
            Some(_) if failure.is_some() => true,
            Some(message) => outbox
                .keep(message)
                .map_err(|error| failure = Some(error))
                .is_err(),
            None => false,
        });
        match failure {
            Some(error) if !self.disk_fails => {
                self.disk_fails = true;
                self.tell(Told::Trouble(format!(
                    "messages can't be kept on disk and would not survive a restart: {error}"
                )));
            }
            Some(_) => {}
            None => self.disk_fails = false,
        }
    }

    /// Begins an attempt at every channel that has something due and is not busy.
    fn start(&mut self, channels: &Channels, done: &mpsc::UnboundedSender<Attempt>, now_ms: u64) {
        let mut next: BTreeMap<&str, &Message> = BTreeMap::new();
        let mut lost = Vec::new();
        for message in self.messages.values() {
            let channel = message.channel.as_str();
            if message.due_unix_ms > now_ms || self.busy.contains(channel) {
                continue;
            }
            if channels.named(channel).is_none() {
                lost.push(message.id.clone());
                continue;
            }
            let first = next.entry(channel).or_insert(message);
            if message.due_unix_ms < first.due_unix_ms {
                *first = message;
            }
        }
        for message in next.into_values().cloned().collect::<Vec<_>>() {
            let Some(channel) = channels.named(&message.channel).map(Arc::clone) else {
                continue;
            };
            self.busy.insert(message.channel.clone());
            let done = done.clone();
            tokio::task::spawn_local(async move {
                let outcome = send(&channel, &message).await;
                let (id, channel) = (message.id, message.channel);
                // Nobody listens once the gateway ends; the message is on disk.
                let _ = done.send(Attempt {
                    id,
                    channel,
                    outcome,
                });
            });
        }
        for id in lost {
            self.give_up(&id, "the policy has no such channel any more");
        }
    }

    fn attempted(&mut self, attempt: Attempt, now_ms: u64) {
        self.busy.remove(&attempt.channel);
        let stats = Arc::clone(&self.notices);
        let stats = stats.stats();
        let failure = match attempt.outcome {
            Ok(()) => {
                Stats::count(&stats.delivered);
                return self.forget(&attempt.id);
            }
            Err(failure) => failure,
        };
        let Some(message) = self.messages.get_mut(&attempt.id) else {
            return;
        };
        message.failures = message.failures.saturating_add(1);
        let pause = pause_ms(message.failures, failure.asked_ms, chance());
        message.due_unix_ms = now_ms.saturating_add(pause);
        let over = message.made_unix_ms.saturating_add(OUTBOX_AGE_MS_MAX);
        if failure.permanent || message.due_unix_ms > over {
            return self.give_up(&attempt.id, &failure.text);
        }
        Stats::count(&stats.retried);
        self.unwritten.insert(attempt.id);
    }

    fn give_up(&mut self, id: &str, error: &str) {
        if let Some(message) = self.messages.get(id) {
            Stats::count(&self.notices.stats().failed);
            let told = Told::Failed {
                channel: message.channel.clone(),
                kind: message.kind.clone(),
                id: message.id.clone(),
                count: message.count,
                attempts: message.failures,
                error: error.to_owned(),
            };
            self.tell(told);
        }
        self.forget(id);
    }

    fn forget(&mut self, id: &str) {
        self.messages.remove(id);
        self.unwritten.remove(id);
        if let Err(error) = self.outbox.forget(id) {
            self.tell(Told::Trouble(format!(
                "a message that is done with can't be taken off the disk: {error}"
            )));
        }
    }

    fn tell_undefined(&mut self, channel: &str) {
        Stats::count(&self.notices.stats().dropped);
        self.dropped = self.dropped.saturating_add(1);
        if self.undefined.len() < TOLD_MAX && self.undefined.insert(channel.to_owned()) {
            self.tell(Told::Trouble(format!(
                "the channel {channel:?} is to be told, which the policy does not define"
            )));
        }
    }

    fn tell_dropped(&mut self) {
        let dropped = Stats::read(&self.notices.stats().dropped);
        let more = dropped.saturating_sub(self.dropped);
        if more > 0 {
            self.dropped = dropped;
            self.tell(Told::Trouble(format!(
                "{more} notices found no room and are told to nobody; the audit log has them"
            )));
        }
    }

    fn tell(&self, told: Told) {
        // Whoever listens is behind: the numbers are told by metrics all the same.
        let _ = self.told.try_send(told);
    }
}

/// A name for a message that no other has.
pub(crate) fn fresh_id() -> String {
    let mut bytes = [0_u8; 16];
    // Without random bytes the time still tells messages apart.
    if getrandom::fill(&mut bytes).is_err() {
        bytes = u128::from(now_ms()).to_be_bytes();
    }
    bytes
        .iter()
        .fold("msg_".to_owned(), |id, byte| format!("{id}{byte:02x}"))
}

fn chance() -> u64 {
    let mut bytes = [0; 8];
    // Without random bytes nothing is spread.
    let _ = getrandom::fill(&mut bytes);
    u64::from_le_bytes(bytes)
}
