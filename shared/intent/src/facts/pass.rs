//! The walk over the arguments: which value stands under which key.

use core::cmp::Ordering;

use varistor_effect::Outside;
use varistor_model::Span;

use super::{Fact, Facts, Kept, Slot};
use crate::json::{Part, Walk};
use crate::keys::Meaning;
use crate::lexicon::Verb;
use crate::profile::Profile;
use crate::table::Table;

/// Levels that are told apart; what lies deeper counts as lying in the last one.
const FRAMES_MAX: usize = 12;

/// Keys under which the lines of one record stand.
static ITEMS: Table<16> = Table::of(&[(1, "items lineitems lines addons positions entries")]);

/// Keys that name the deed within an action.
static NAMING: Table<16> = Table::of(&[(1, "type kind method name tool toolname action")]);

/// Keys of the parts of a statement of a policy.
static STATEMENT: Table<32> = Table::of(&[(
    1,
    "principal principals notprincipal statement statements effect action resource condition",
)]);

/// Keys of changes that a tool is handed that may only look.
static CHANGES: Table<16> = Table::of(&[(1, "update updates")]);

#[derive(Clone, Copy, Default)]
pub(super) struct Frame {
    /// The meaning of what lies in this object or array.
    pub(super) meaning: Option<Meaning>,
    pub(super) key: u64,
    /// Where its own key stands; none for the whole, and for what lies in an array.
    name: Option<(usize, usize)>,
    pub(super) is_array: bool,
    pub(super) count: u32,
    start: usize,
    sum: u64,
    /// How much is traded at which price, in hundredths.
    pub(super) quantity: u64,
    pub(super) price: u64,
}

impl Frame {
    /// Amounts in an array are paid together; those of one object are the same from several sides.
    pub(super) fn add(&mut self, amount: u64) {
        self.sum = if self.is_array {
            self.sum.saturating_add(amount)
        } else {
            self.sum.max(amount)
        };
    }
}

pub(super) struct Pass<'a, 'b> {
    pub(super) facts: &'b mut Facts<'a>,
    pub(super) profile: &'b Profile,
    pub(super) outside: &'b dyn Outside,
    pub(super) frames: [Frame; FRAMES_MAX],
    pub(super) depth: usize,
    /// Where the key of the value stands that comes now.
    pub(super) name: (usize, usize),
}

/// A value in its place.
pub(super) struct Value {
    pub(super) meaning: Option<Meaning>,
    pub(super) key: u64,
    pub(super) span: Span,
}

impl<'a, 'b> Pass<'a, 'b> {
    /// Adds what the text of these facts holds.
    pub(super) fn over(facts: &'b mut Facts<'a>, profile: &'b Profile, outside: &'b dyn Outside) {
        let mut pass = Self {
            facts,
            profile,
            outside,
            frames: [Frame::default(); FRAMES_MAX],
            depth: 0,
            name: (0, 0),
        };
        pass.run();
    }

    fn run(&mut self) {
        let text = self.facts.text;
        let mut key = (None, 0_u64);
        let mut name: &[u8] = &[];
        // What only reads names no sums and no recipients that count.
        let is_inferred = self.profile.verb != Some(Verb::Read);
        for part in Walk::over(text.as_bytes()) {
            match part {
                Part::Key(start, end) => {
                    name = text.as_bytes().get(start..end).unwrap_or_default();
                    key = self.keyed(name, (start, end), is_inferred);
                    continue;
                }
                Part::Object(start) => self.begin(key, start, false),
                Part::Array(start) => self.begin(key, start, true),
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
                            self.facts.texts = self.facts.texts.saturating_add(1);
                            self.payee(name, &value);
                            self.text(&value);
                        } else {
                            self.number(&value);
                        }
                    }
                }
                Part::Truth(truth, start) => {
                    let end = start.saturating_add(if truth { 4 } else { 5 });
                    let value = self.place(key);
                    if let Some(span) = Span::of(start..end) {
                        self.switch(name, value, (truth, is_inferred), span);
                    }
                }
                Part::Null => {
                    if self.place(key).0 == Some(Meaning::Trial) {
                        self.not_tried();
                    }
                }
            }
            key = (None, 0);
        }
    }

    /// An outermost argument says that the call is done, not tried.
    pub(super) fn done(&mut self, span: Span) {
        if self.depth == 1 {
            self.find(Fact::Done, span);
        }
    }

    /// Nothing, or a list: what is no yes may be a no.
    fn not_tried(&mut self) {
        if let Some(span) = Span::of(self.name.0..self.name.1) {
            self.done(span);
        }
    }

    /// The names of what the current value lies in, from the outermost on.
    pub(super) fn names(&self) -> impl Iterator<Item = &'a [u8]> + Clone {
        let text = self.facts.text.as_bytes();
        let open = self.frames.iter().take(self.depth);
        // What lies deeper than frames are kept has no path.
        let is_kept = self.depth <= FRAMES_MAX;
        let names = open.filter_map(move |frame| frame.name);
        let deep: Option<&[u8]> = (!is_kept).then_some(b"\n");
        names
            .filter_map(move |(start, end)| text.get(start..end))
            .chain(deep)
    }

    pub(super) fn frame(&mut self) -> Option<&mut Frame> {
        let at = self.depth.checked_sub(1)?.min(FRAMES_MAX.saturating_sub(1));
        self.frames.get_mut(at)
    }

    /// Whether what comes now lies in an array.
    pub(super) fn is_in_array(&mut self) -> bool {
        self.frame().is_some_and(|frame| frame.is_array)
    }

    /// Whether what comes now lies in one of the items of something.
    pub(super) fn is_in_items(&self) -> bool {
        let open = self.frames.iter().take(self.depth.min(FRAMES_MAX));
        open.into_iter()
            .any(|frame| frame.is_array && ITEMS.find(frame.key) != 0)
    }

    /// Members without a meaning of their own take that of what they lie in, where it is about
    /// persons, money or openness.
    pub(super) fn inherited(&mut self, meaning: Option<Meaning>, hash: u64) -> Option<Meaning> {
        let outer = self.frame()?.meaning;
        match (meaning, outer) {
            // `action: {type: list}`, `steps: [{name: list_pages}]`.
            (_, Some(Meaning::Operation | Meaning::Steps)) if NAMING.find(hash) != 0 => {
                Some(Meaning::Operation)
            }
            (None | Some(Meaning::Amount), Some(Meaning::Minor)) => Some(Meaning::Minor),
            (Some(Meaning::Recipient), Some(Meaning::ForwardTo)) => outer,
            // The parts of a statement are judged as a whole.
            (_, Some(Meaning::Policy)) if STATEMENT.find(hash) != 0 => outer,
            // What a step is given is no command line.
            (Some(Meaning::Arguments), Some(Meaning::Steps)) => None,
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
    pub(super) fn place(&mut self, key: (Option<Meaning>, u64)) -> (Option<Meaning>, u64) {
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

    /// An object or an array begins here.
    fn begin(&mut self, key: (Option<Meaning>, u64), start: usize, is_array: bool) {
        let is_member = self.depth > 0 && !self.is_in_array();
        let (meaning, key) = self.place(key);
        if meaning == Some(Meaning::Trial) {
            self.not_tried();
        }
        if is_member
            && self.depth == 1
            && self.profile.reads()
            && CHANGES.find(key) != 0
            && let Some(span) = Span::of(start..start.saturating_add(1))
        {
            self.find(Fact::Written, span);
        }
        if is_member && !is_array && self.profile.may_pay() {
            self.payee_set_up(start);
        }
        self.open(Frame {
            meaning,
            key,
            name: is_member.then_some(self.name),
            is_array,
            start,
            ..Frame::default()
        });
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
            outer.add(frame.sum);
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
            Meaning::Policy if !frame.is_array => self.statement(span),
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

    pub(super) fn find(&mut self, fact: Fact, span: Span) {
        if let Some(place) = self.facts.found.get_mut(fact as usize) {
            place.get_or_insert(span);
        }
    }

    pub(super) fn keep(&mut self, slot: Slot, value: &Value) {
        let rank = (self.depth, value.key, value.span.start as usize);
        let new = Kept {
            rank: Some(rank),
            span: value.span,
        };
        let text = self.facts.text;
        let Some(place) = self.facts.slots.get_mut(slot as usize) else {
            return;
        };
        let before = *place;
        let order = before.rank.map_or(Ordering::Less, |other| {
            let order = (rank.0, rank.1).cmp(&(other.0, other.1));
            // Of two that stand alike, what they say decides, not which of them comes first.
            order.then_with(|| {
                text.get(value.span.range())
                    .cmp(&text.get(before.span.range()))
            })
        });
        let rest = match order {
            Ordering::Less => core::mem::replace(place, new),
            Ordering::Equal => return,
            Ordering::Greater => new,
        };
        self.facts.add_code(slot, rest);
    }
}
