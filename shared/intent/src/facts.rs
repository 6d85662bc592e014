//! One pass over the arguments of a call: what they hold that may count, whatever the tool is.
//!
//! Refuses to weigh: what a fact means is for the judge to say. The order of arguments makes no
//! difference, for facts are united and of several texts of one kind the outermost is kept.

use varistor_effect::Outside;
use varistor_model::{Intent, Span};

use crate::json::{Part, Walk};
use crate::keys::{self, Meaning};
use crate::lexicon::{self, about};
use crate::name;
use crate::profile::Profile;
use crate::table;
use crate::values::{self, word};

/// Something that arguments may say, each kept with one place that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The call is only tried.
    Trial,
    /// The call is done for sure, not tried.
    Done,
    /// Resistance is ignored.
    Force,
    /// What is there is lost.
    Lost,
    /// It stays restorable.
    Kept,
    /// Somebody outside gets it.
    Outsider,
    /// Something is attached.
    Attached,
    /// Everybody may see it.
    Public,
    /// Everybody may come in.
    Unbounded,
    /// Nothing of it runs any more.
    Zero,
    /// It is switched off.
    Off,
    /// A guard is taken away.
    Unguarded,
    /// A foreign address is called.
    Hook,
    /// Mail is passed on to somebody outside.
    ForwardsOut,
    /// All records are meant.
    All,
    /// A filter that matches everything.
    EmptyFilter,
    /// A filter that matches something.
    Filtered,
    /// A text carries a secret.
    Secret,
    /// A text carries records.
    Records,
    /// It is marked as deleted.
    Deleted,
    /// It happens where things are tried out.
    Tryout,
    /// Nobody was ever paid there.
    NewPayee,
    /// Columns that hold secrets are asked for.
    SecretColumns,
    /// A port of the web.
    WebPort,
}

const FACTS: usize = Fact::WebPort as usize + 1;

/// Texts that are judged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Sql,
    Query,
    Command,
    Arguments,
    Script,
    Url,
    Method,
    Body,
    Language,
    Pipeline,
    Path,
    Hook,
}

const SLOTS: usize = Slot::Hook as usize + 1;

/// A kept text: how deep it lies and the hash of its key, which decide between several.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    rank: Option<(usize, u64, usize)>,
    span: Span,
}

/// What the arguments hold.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) text: &'a str,
    found: [Option<Span>; FACTS],
    slots: [Kept; SLOTS],
    /// The greatest amount, in hundredths, and where it stands.
    pub(crate) amount: (u64, Option<Span>),
    /// How many are wanted.
    pub(crate) limit: (u64, Option<Span>),
    /// The gravest operation that is asked for.
    pub(crate) operation: Option<(Intent, u8, Span)>,
    /// The subjects of the kinds of things that are meant.
    pub(crate) kinds: u64,
    /// Where a path stands that matters.
    pub(crate) path: Option<(varistor_effect::Effect, Span)>,
}

impl<'a> Facts<'a> {
    /// What these arguments of this tool hold.
    pub(crate) fn of(text: &'a str, profile: &Profile, outside: &dyn Outside) -> Self {
        let facts = Self {
            text,
            found: [None; FACTS],
            slots: [Kept::default(); SLOTS],
            amount: (0, None),
            limit: (0, None),
            operation: None,
            kinds: 0,
            path: None,
        };
        let mut pass = Pass {
            facts,
            profile,
            outside,
            frames: [Frame::default(); FRAMES_MAX],
            depth: 0,
        };
        pass.run();
        pass.facts
    }

    /// Where this fact stands, if it does.
    pub(crate) fn get(&self, fact: Fact) -> Option<Span> {
        self.found.get(fact as usize).copied().flatten()
    }

    /// Whether this fact stands.
    pub(crate) fn has(&self, fact: Fact) -> bool {
        self.get(fact).is_some()
    }

    /// The text in this slot, still escaped.
    pub(crate) fn slot(&self, slot: Slot) -> Option<(&'a str, Span)> {
        let kept = self.slots.get(slot as usize)?;
        kept.rank?;
        Some((self.text.get(kept.span.range())?, kept.span))
    }
}

/// Levels that are told apart; what lies deeper counts as lying in the last one.
const FRAMES_MAX: usize = 12;

#[derive(Clone, Copy, Default)]
struct Frame {
    /// The meaning of what lies in this object or array.
    meaning: Option<Meaning>,
    key: u64,
    is_array: bool,
    count: u32,
    start: usize,
    sum: u64,
}

struct Pass<'a, 'b> {
    facts: Facts<'a>,
    profile: &'b Profile,
    outside: &'b dyn Outside,
    frames: [Frame; FRAMES_MAX],
    depth: usize,
}

/// A value in its place.
struct Value {
    meaning: Option<Meaning>,
    key: u64,
    span: Span,
}

impl<'a> Pass<'a, '_> {
    fn run(&mut self) {
        let text = self.facts.text;
        let mut key = (None, 0_u64);
        for part in Walk::over(text.as_bytes()) {
            match part {
                Part::Key(start, end) => {
                    let name = text.as_bytes().get(start..end).unwrap_or_default();
                    let hash = table::key_hash(name);
                    let meaning = self.profile.meaning(hash).or_else(|| keys::meaning(hash));
                    key = (self.inherited(meaning), hash);
                    continue;
                }
                Part::Object(start) | Part::Array(start) => {
                    let is_array = matches!(part, Part::Array(_));
                    let (meaning, hash) = self.place(key);
                    self.open(Frame {
                        meaning,
                        key: hash,
                        is_array,
                        start,
                        ..Frame::default()
                    });
                }
                Part::End(end) => self.close(end),
                Part::Text(start, end) | Part::Bare(start, end) => {
                    let (meaning, hash) = self.place(key);
                    if let Some(span) = Span::of(start..end) {
                        let value = Value {
                            meaning,
                            key: hash,
                            span,
                        };
                        if matches!(part, Part::Text(..)) {
                            self.text(&value);
                        } else {
                            self.number(&value);
                        }
                    }
                }
                Part::Truth(truth, start) => {
                    let (meaning, _) = self.place(key);
                    let end = start.saturating_add(if truth { 4 } else { 5 });
                    if let (Some(meaning), Some(span)) = (meaning, Span::of(start..end)) {
                        self.truth(meaning, truth, span);
                    }
                }
                Part::Null => {
                    self.place(key);
                }
            }
            key = (None, 0);
        }
    }

    fn frame(&mut self) -> Option<&mut Frame> {
        let at = self.depth.checked_sub(1)?.min(FRAMES_MAX.saturating_sub(1));
        self.frames.get_mut(at)
    }

    /// Members without a meaning of their own take that of what they lie in, where it is about
    /// persons, money or openness.
    fn inherited(&mut self, meaning: Option<Meaning>) -> Option<Meaning> {
        let outer = self.frame()?.meaning;
        match (meaning, outer) {
            (None | Some(Meaning::Amount), Some(Meaning::Minor)) => Some(Meaning::Minor),
            (
                None,
                Some(
                    Meaning::Recipient
                    | Meaning::Amount
                    | Meaning::Range
                    | Meaning::Hook
                    | Meaning::Attachment
                    | Meaning::Visibility
                    | Meaning::ForwardTo
                    | Meaning::Policy
                    | Meaning::Content,
                ),
            ) => outer,
            _ => meaning,
        }
    }

    /// The meaning of the value that comes now, and the hash of its key; counts it.
    fn place(&mut self, key: (Option<Meaning>, u64)) -> (Option<Meaning>, u64) {
        let Some(frame) = self.frame() else {
            return key;
        };
        frame.count = frame.count.saturating_add(1);
        if frame.is_array {
            (frame.meaning, frame.key)
        } else {
            key
        }
    }

    fn open(&mut self, frame: Frame) {
        self.depth = self.depth.saturating_add(1);
        if self.depth <= FRAMES_MAX
            && let Some(place) = self.frame()
        {
            *place = frame;
        }
    }

    /// An object or array ends: whether it was empty, how much it held.
    fn close(&mut self, end: usize) {
        let is_kept = self.depth <= FRAMES_MAX;
        let frame = self.frame().copied();
        self.depth = self.depth.saturating_sub(1);
        let Some(frame) = frame.filter(|_| is_kept) else {
            return;
        };
        let Some(span) = Span::of(frame.start..end) else {
            return;
        };
        // The amounts of a batch are one payment.
        if frame.is_array && frame.sum > self.facts.amount.0 {
            self.facts.amount = (frame.sum, Some(span));
        }
        if let Some(outer) = self.frame() {
            outer.sum = outer.sum.saturating_add(frame.sum);
        }
        let Some(meaning) = frame.meaning else {
            return;
        };
        let value = Value {
            meaning: Some(meaning),
            key: frame.key,
            span,
        };
        match meaning {
            Meaning::Filter if frame.count == 0 => self.find(Fact::EmptyFilter, span),
            Meaning::Filter => self.find(Fact::Filtered, span),
            Meaning::Attachment if frame.count > 0 => self.find(Fact::Attached, span),
            Meaning::Ids if u64::from(frame.count) > self.facts.limit.0 => {
                self.facts.limit = (u64::from(frame.count), Some(span));
            }
            Meaning::Arguments | Meaning::Command => self.keep(Slot::Arguments, &value),
            Meaning::Pipeline => self.keep(Slot::Pipeline, &value),
            Meaning::Body => self.keep(Slot::Body, &value),
            _ => {}
        }
    }

    fn find(&mut self, fact: Fact, span: Span) {
        if let Some(place) = self.facts.found.get_mut(fact as usize) {
            place.get_or_insert(span);
        }
    }

    fn keep(&mut self, slot: Slot, value: &Value) {
        let rank = (self.depth, value.key, value.span.start as usize);
        if let Some(kept) = self.facts.slots.get_mut(slot as usize)
            && kept
                .rank
                .is_none_or(|other| (rank.0, rank.1) < (other.0, other.1))
        {
            *kept = Kept {
                rank: Some(rank),
                span: value.span,
            };
        }
    }

    fn truth(&mut self, meaning: Meaning, truth: bool, span: Span) {
        let fact = match (meaning, truth) {
            (Meaning::Trial, true) | (Meaning::Applied, false) => Fact::Trial,
            (Meaning::Trial, false) | (Meaning::Applied, true) => Fact::Done,
            (Meaning::Force, true) => Fact::Force,
            (Meaning::Lost, true) => Fact::Lost,
            (Meaning::Lost, false) | (Meaning::Trashed, true) => Fact::Kept,
            (Meaning::Public, true) | (Meaning::Private, false) => Fact::Public,
            (Meaning::Enabled, false) => Fact::Off,
            (Meaning::Guarded, false) | (Meaning::Unguarded, true) => Fact::Unguarded,
            (Meaning::All, true) => Fact::All,
            (Meaning::NewPayee, true) => Fact::NewPayee,
            (Meaning::Deleted, true) => Fact::Deleted,
            (Meaning::Attachment, true) => Fact::Attached,
            _ => return,
        };
        self.find(fact, span);
    }

    fn number(&mut self, value: &Value) {
        let text = self.facts.text;
        let digits = text.as_bytes().get(value.span.range()).unwrap_or_default();
        if matches!(digits, b"443" | b"80") {
            self.find(Fact::WebPort, value.span);
        }
        let Some(meaning) = value.meaning else {
            return;
        };
        match meaning {
            Meaning::Amount | Meaning::Minor => self.amount(meaning, digits, value.span),
            Meaning::Limit => self.limit(digits, value.span),
            Meaning::Replicas if values::whole(digits) == Some(0) => {
                self.find(Fact::Zero, value.span);
            }
            Meaning::Trial
            | Meaning::Force
            | Meaning::Lost
            | Meaning::Guarded
            | Meaning::Enabled => {
                self.truth(meaning, digits != b"0", value.span);
            }
            _ => {}
        }
    }

    fn limit(&mut self, digits: &[u8], span: Span) {
        if digits.starts_with(b"-") {
            self.find(Fact::All, span);
        } else if let Some(wanted) = values::whole(digits)
            && wanted > self.facts.limit.0
        {
            self.facts.limit = (wanted, Some(span));
        }
    }

    fn amount(&mut self, meaning: Meaning, digits: &[u8], span: Span) {
        let Some(amount) = values::amount(digits) else {
            return;
        };
        let is_minor = meaning == Meaning::Minor || self.profile.has_minor_units();
        let amount = if is_minor {
            amount.checked_div(100).unwrap_or(0)
        } else {
            amount
        };
        if amount > self.facts.amount.0 {
            self.facts.amount = (amount, Some(span));
        }
        if let Some(frame) = self.frame() {
            frame.sum = frame.sum.saturating_add(amount);
        }
    }

    fn text(&mut self, value: &Value) {
        let text = self.facts.text;
        let Some(content) = text.get(value.span.range()) else {
            return;
        };
        if self.profile.sends() && content.len() >= 12 {
            self.content(content, value.span);
        }
        let Some(meaning) = value.meaning else {
            return;
        };
        let words = values::words(content.as_bytes());
        let span = value.span;
        match meaning {
            Meaning::Sql => self.keep(Slot::Sql, value),
            Meaning::Query => self.keep(Slot::Query, value),
            Meaning::Command => self.keep(Slot::Command, value),
            Meaning::Arguments => self.keep(Slot::Arguments, value),
            Meaning::Script => self.keep(Slot::Script, value),
            Meaning::Url => self.keep(Slot::Url, value),
            Meaning::Language => self.keep(Slot::Language, value),
            Meaning::Pipeline => self.keep(Slot::Pipeline, value),
            Meaning::Body => self.keep(Slot::Body, value),
            Meaning::Method => {
                if words & word::HTTP != 0 {
                    self.keep(Slot::Method, value);
                }
                self.operation(content, span);
            }
            Meaning::Operation => self.operation(content, span),
            Meaning::Amount | Meaning::Minor => self.amount(meaning, content.as_bytes(), span),
            Meaning::Limit if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::Limit => self.limit(content.as_bytes(), span),
            Meaning::Replicas if content == "0" => self.find(Fact::Zero, span),
            Meaning::Path => self.path(content, span, value),
            Meaning::Attachment if !content.is_empty() => {
                self.find(Fact::Attached, span);
                self.path(content, span, value);
            }
            Meaning::Recipient => self.recipient(content, span, words),
            Meaning::Hook | Meaning::ForwardTo => self.hook(content, span, meaning),
            Meaning::Range if matches!(content, "0.0.0.0/0" | "::/0" | "*" | "0.0.0.0") => {
                self.find(Fact::Unbounded, span);
            }
            Meaning::Columns => {
                if name::read(content).subjects & about::CREDENTIAL != 0 && content.len() < 40 {
                    self.find(Fact::SecretColumns, span);
                }
            }
            _ => self.word(meaning, content, span, words),
        }
    }

    /// A value that is one of a few words.
    fn word(&mut self, meaning: Meaning, content: &str, span: Span, words: u64) {
        match meaning {
            Meaning::Filter => {
                let is_empty = matches!(content, "" | "*" | "{}" | "1=1" | "true" | "1 = 1");
                let fact = if is_empty {
                    Fact::EmptyFilter
                } else {
                    Fact::Filtered
                };
                self.find(fact, span);
            }
            Meaning::Kind => {
                if words & word::ANYONE != 0 {
                    self.find(Fact::Public, span);
                }
                if content.len() <= 64 {
                    self.facts.kinds |= kinds(content);
                }
            }
            Meaning::Mode if words & word::TRIAL != 0 => self.find(Fact::Trial, span),
            Meaning::Mode if words & word::LOST != 0 => self.find(Fact::Lost, span),
            Meaning::State if words & word::DELETED != 0 => self.find(Fact::Deleted, span),
            Meaning::State if words & word::OFF != 0 => self.find(Fact::Off, span),
            Meaning::Place if words & word::TRYOUT != 0 => self.find(Fact::Tryout, span),
            Meaning::Ids if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::Visibility if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Public if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Policy => {
                let is_open = memchr::memmem::find(content.as_bytes(), b"Principal").is_some()
                    && memchr::memmem::find(content.as_bytes(), b"\"*").is_some();
                if is_open {
                    self.find(Fact::Public, span);
                }
            }
            _ if words & word::YES != 0 => self.truth(meaning, true, span),
            _ if words & word::NO != 0 => self.truth(meaning, false, span),
            _ => {}
        }
    }

    fn operation(&mut self, content: &str, span: Span) {
        if content.len() > 48 {
            return;
        }
        let said = name::read(content).said;
        let Some((intent, sure)) = said else {
            return;
        };
        let graver = |(other, before, _): &(Intent, u8, Span)| (*other, *before) < (intent, sure);
        if self.facts.operation.as_ref().is_none_or(graver) {
            self.facts.operation = Some((intent, sure, span));
        }
    }

    fn recipient(&mut self, content: &str, span: Span, words: u64) {
        if words & (word::PUBLIC | word::ANYONE) != 0 || content == "*" {
            self.find(Fact::Public, span);
        }
        if memchr::memchr(b'@', content.as_bytes()).is_some() {
            let mut addresses = content.split([',', ';', ' ', '<', '>']);
            if addresses.any(|one| one.contains('@') && self.outside.is_foreign_mail(one)) {
                self.find(Fact::Outsider, span);
            }
        } else if self.profile.shares() {
            // The number of an account of a cloud, bare or in an ARN.
            let bytes = content.as_bytes();
            let is_account = bytes.len() == 12 && bytes.iter().all(u8::is_ascii_digit);
            if is_account || content.starts_with("arn:aws:iam::") {
                self.find(Fact::Outsider, span);
            }
        }
    }

    fn hook(&mut self, content: &str, span: Span, meaning: Meaning) {
        let is_mail = content.contains('@') && !content.contains("://");
        let is_foreign = if is_mail {
            self.outside.is_foreign_mail(content)
        } else {
            values::host(content).is_some_and(|host| self.outside.is_foreign_host(host))
        };
        if is_foreign {
            let is_forward = meaning == Meaning::ForwardTo || is_mail;
            let fact = if is_forward {
                Fact::ForwardsOut
            } else {
                Fact::Hook
            };
            self.find(fact, span);
        }
    }

    fn path(&mut self, content: &str, span: Span, value: &Value) {
        self.keep(Slot::Path, value);
        let Some(access) = self.profile.access() else {
            return;
        };
        let Some(effect) = varistor_effect::path(content, access).gravest() else {
            return;
        };
        let weight = |effect: &varistor_effect::Effect| (effect.intent, effect.confidence_percent);
        let graver = self.facts.path.as_ref();
        if graver.is_none_or(|(kept, _)| weight(kept) < weight(&effect)) {
            self.facts.path = Some((effect, span));
        }
    }

    fn content(&mut self, content: &str, span: Span) {
        if !self.facts.has(Fact::Secret) && values::holds_secret(content.as_bytes()) {
            self.find(Fact::Secret, span);
        }
        if !self.facts.has(Fact::Records) && values::holds_records(content.as_bytes()) {
            self.find(Fact::Records, span);
        }
    }
}

/// What the name of a kind, a table or a list is about.
fn kinds(content: &str) -> u64 {
    let words = crate::words::of_name(content.as_bytes()).take(8);
    words.fold(0, |all, word| all | lexicon::subjects(&word.forms()))
}
