//! For how long something is kept, and what is traded: numbers that decide by what they stand
//! with.
//!
//! Refuses periods of links, caches and sessions: those end by themselves.

use varistor_model::Span;

use super::Fact;
use super::pass::Pass;
use crate::lexicon::{Verb, about};
use crate::table::{Table, key_hash};
use crate::values;
use crate::words;

/// Seconds up to which what is kept is as good as lost.
const LOST_MAX: u64 = 24 * 3600;

const KEEPS: u64 = 1;
const MILLIS: u64 = 1 << 1;
const SECONDS: u64 = 1 << 2;
const MINUTES: u64 = 1 << 3;
const HOURS: u64 = 1 << 4;
const DAYS: u64 = 1 << 5;
const QUANTITY: u64 = 1 << 6;
const PRICE: u64 = 1 << 7;
const ASIDE: u64 = 1 << 8;

static WORDS: Table<128> = Table::of(&[
    (
        KEEPS,
        "retention retain retains keep kept noncurrent expiration",
    ),
    (MILLIS, "ms millis milliseconds"),
    (SECONDS, "s sec secs second seconds"),
    (MINUTES, "min mins minutes"),
    (HOURS, "h hour hours"),
    (DAYS, "d day days"),
    (
        QUANTITY,
        "qty quantity shares units mwh kwh mw lots contracts coins tonnes barrels ounces volume",
    ),
    (PRICE, "price"),
    (
        ASIDE,
        "alive count versions copies min minimum link session cache token",
    ),
]);

/// Keys of what says when things go that are kept.
static EXPIRING: Table<16> = Table::of(&[(
    1,
    "expiration noncurrentversionexpiration retention expire retentionpolicy lifecycle",
)]);

impl Pass<'_, '_> {
    /// What a number of a tool that changes something says by the words of its key.
    pub(super) fn measured(&mut self, digits: &[u8], span: Span) {
        if self.profile.verb == Some(Verb::Read) && !self.profile.is_multi() {
            return;
        }
        let (start, end) = self.name;
        let name = self
            .facts
            .text
            .as_bytes()
            .get(start..end)
            .unwrap_or_default();
        let words = words::of_name(name).take(6);
        let kinds = words.fold(0, |all, word| all | WORDS.find(word.hash));
        let outer = self.outer_key();
        let of_keeping = self.profile.named & about::HOLD != 0;
        let keeps = kinds & KEEPS != 0 || of_keeping || EXPIRING.find(outer) != 0;
        let unit = match kinds {
            _ if kinds & MILLIS != 0 => 1,
            _ if kinds & SECONDS != 0 => 1_000,
            _ if kinds & MINUTES != 0 => 60_000,
            _ if kinds & HOURS != 0 => 3_600_000,
            _ if kinds & DAYS != 0 => 86_400_000,
            _ => 0,
        };
        if keeps
            && unit != 0
            && kinds & ASIDE == 0
            && let Some(value) = values::whole(digits)
            && value.saturating_mul(unit) <= LOST_MAX.saturating_mul(1_000)
        {
            self.find(Fact::Lost, span);
        }
        if self.profile.trades() && kinds & (QUANTITY | PRICE) != 0 {
            self.traded(kinds & QUANTITY != 0, digits, span);
        }
    }

    /// How much of something is traded at which price.
    fn traded(&mut self, is_quantity: bool, digits: &[u8], span: Span) {
        let Some(hundredths) = values::amount(digits) else {
            return;
        };
        let Some(frame) = self.frame() else {
            return;
        };
        let place = if is_quantity {
            &mut frame.quantity
        } else {
            &mut frame.price
        };
        *place = hundredths;
        let sum = frame.quantity.saturating_mul(frame.price).checked_div(100);
        let sum = sum.unwrap_or(0);
        if sum > self.facts.amount.0 {
            self.facts.amount = (sum, Some(span));
            self.find(Fact::Traded, span);
        }
    }

    /// The hash of the key of the object in which the current value stands.
    fn outer_key(&mut self) -> u64 {
        self.frame().map_or(0, |frame| frame.key)
    }
}

/// Keys by which what is read is gone at once.
static CONSUMING: Table<32> = Table::of(&[(
    1,
    "autoack ack acknowledge autoacknowledge ackonread deleteonread deleteafterread removeonread \
     removeafterread consume autodelete deleteafter pop destroyafterread autocommit",
)]);

/// Whether a switch of this name takes away what is read.
pub(super) fn consumes(name: &[u8]) -> bool {
    CONSUMING.find(key_hash(name)) != 0
}
