//! Judges numbers: cards, accounts, identity numbers, telephones. Looked at where digits begin.

use super::confirm::{Expression, is_open_before, is_open_behind};
use super::context::{Contexts, Promised};
use super::shape::{has_digits, is_fraction, is_in_chain, led_by_letters};
use super::text::{Text, is_word, less, sum};
use super::which::Which;
use super::{ScanError, financial, ids, phone};

/// Fewest digits near the first one of anything that is looked for: `ABCDE1234F` has four.
pub(super) const DIGITS_NEAR: u32 = 4;
/// How far from its first digit on a number has as many, in bytes.
pub(super) const REACH: u32 = 24;
/// Longest identity number with its separators, in bytes.
const ID_MAX: usize = 136;

/// A detector of identity numbers.
pub(super) struct Id {
    pub(super) detector: u16,
    pub(super) check: ids::Check,
    /// Its shape from the first byte on.
    pub(super) anchored: Expression,
    pub(super) confidence: u8,
    /// Its bit among the promised, when words must stand before it.
    pub(super) bit: u32,
    /// Whether its form is enough without words.
    pub(super) alone: bool,
}

/// The detectors that numbers may be of, by row.
#[derive(Default)]
pub(super) struct Numbers {
    pub(super) card: Option<u16>,
    pub(super) iban: Option<u16>,
    pub(super) ssn: Option<u16>,
    pub(super) phone: Option<u16>,
    ids: Vec<Id>,
    pub(super) contexts: Contexts,
    /// Bits of the above among the promised.
    pub(super) ssn_bit: u32,
    pub(super) phone_bit: u32,
    /// The shapes of all ids that stand alone, in the order of `alone_ids`.
    alone: Which,
    alone_ids: Vec<usize>,
    /// Addresses of machines, which begin with any hexadecimal digit, and their shapes.
    hosts: Vec<(usize, Expression)>,
}

/// What a number is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Found {
    pub(super) start: usize,
    pub(super) end: usize,
    pub(super) detector: u16,
    pub(super) confidence: u8,
}

impl Numbers {
    /// Takes in a detector of identity numbers of this shape.
    pub(super) fn add(&mut self, shape: &str, id: Id) {
        let row = self.ids.len();
        if matches!(
            id.check,
            ids::Check::Ipv4 | ids::Check::Ipv6 | ids::Check::Mac
        ) {
            self.hosts.push((row, Expression::new(shape.to_owned())));
        } else if id.alone {
            self.alone_ids.push(row);
            self.alone.add(format!("(?:{shape})(?:[^0-9A-Za-z]|$)"));
        }
        self.ids.push(id);
    }

    /// The number whose first digit stands at `start`, which no digit stands before.
    pub(super) fn at(&self, text: Text<'_>, start: usize) -> Result<Option<Found>, ScanError> {
        let found = |start, end, detector, confidence| {
            Ok(Some(Found {
                start,
                end,
                detector,
                confidence,
            }))
        };
        let before = text.before(start);
        let led = led_by_letters(text, start);
        if (matches!(before, b'-' | b'_') && led.is_none())
            || !has_digits(text, start, led.is_some())
        {
            return Ok(None);
        }
        if let Some(strong) = self.strong(text, start) {
            return Ok(Some(strong));
        }
        let mut promised = None;
        let phone = self
            .phone
            .and_then(|detector| Some((detector, phone::read(text, start)?)));
        if let Some((detector, phone)) = phone
            && !phone.needs_context
            && phone.confidence >= 90
        {
            return found(phone.start, phone.end, detector, phone.confidence);
        }
        let mut promises = || *promised.get_or_insert_with(|| self.contexts.before(text, start));
        if is_open_before(text.0, start)
            && let Some(detector) = self.ssn
            && let Some(end) = financial::ssn_loose(text.0, start)
            && promises().has(self.ssn_bit)
        {
            return found(start, end, detector, 88);
        }
        if let Some(id) = self.id(text, start, &mut promises)? {
            return Ok(Some(id));
        }
        if let Some((detector, phone)) = phone {
            let called = phone.is_grouped && phone::is_asked_for(text, phone.start);
            let promised = called || promises().has(self.phone_bit);
            if promised || !phone.needs_context {
                let sure = if promised {
                    phone.confidence.max(78)
                } else {
                    phone.confidence
                };
                return found(phone.start, phone.end, detector, sure);
            }
        }
        Ok(None)
    }

    /// The number whose form is enough: an account, a card, a social security number.
    fn strong(&self, text: Text<'_>, start: usize) -> Option<Found> {
        let found = |start, end, detector, confidence| {
            Some(Found {
                start,
                end,
                detector,
                confidence,
            })
        };
        let country =
            text.before(start).is_ascii_uppercase() && text.back(start, 2).is_ascii_uppercase();
        let letters = start
            .checked_sub(2)
            .filter(|at| country && is_open_before(text.0, *at));
        if let (Some(detector), Some(letters)) = (self.iban, letters)
            && let Some(end) = financial::iban(text.0, letters)
        {
            return found(letters, end, detector, 97);
        }
        let open = is_open_before(text.0, start) && !is_fraction(text, start);
        if open
            && let Some(detector) = self.card
            && let Some(end) = financial::card(text.0, start)
            && is_open_behind(text.0, end)
            && !is_in_chain(text, start, end)
            && !(text.at(end) == b'.' && text.at(sum(end, 1)).is_ascii_digit())
        {
            return found(start, end, detector, 95);
        }
        if open
            && text.before(start) != b'-'
            && let Some(detector) = self.ssn
            && let Some(end) = financial::ssn(text.0, start)
        {
            return found(start, end, detector, 90);
        }
        None
    }

    /// The identity number that holds the digit at `start`, which may begin with letters.
    fn id(
        &self,
        text: Text<'_>,
        start: usize,
        promises: &mut dyn FnMut() -> Promised,
    ) -> Result<Option<Found>, ScanError> {
        if self.ids.is_empty() {
            return Ok(None);
        }
        if let Some(from) = led_by_letters(text, start)
            && let Some(found) = self.id_from(text, from, promises)?
        {
            return Ok(Some(found));
        }
        let lead = text.run_back(start, 8, |byte| byte.is_ascii_alphabetic());
        self.id_from(text, less(start, lead), promises)
    }

    fn id_from(
        &self,
        text: Text<'_>,
        from: usize,
        promises: &mut dyn FnMut() -> Promised,
    ) -> Result<Option<Found>, ScanError> {
        if is_word(text.before(from))
            || matches!(
                text.before(from),
                b'_' | b'.' | b'-' | b'/' | b'+' | b'$' | b'#'
            )
        {
            return Ok(None);
        }
        if let Some(found) = self.alone(text, from)? {
            return Ok(Some(found));
        }
        self.announced(text, from, promises())
    }

    /// The identity number at the place that words before it promise.
    pub(super) fn announced(
        &self,
        text: Text<'_>,
        from: usize,
        promised: Promised,
    ) -> Result<Option<Found>, ScanError> {
        if promised.is_empty() {
            return Ok(None);
        }
        for (row, id) in self.ids.iter().enumerate() {
            if promised.has(id.bit)
                && let Some(found) = self.confirmed(row, text, from)?
            {
                return Ok(Some(found));
            }
        }
        Ok(None)
    }

    /// The number that a long run of letters and digits is: a wallet, mostly.
    pub(super) fn run(&self, text: Text<'_>, start: usize) -> Result<Option<Found>, ScanError> {
        let first = text.at(start);
        let leads = first.is_ascii_digit() || b"bltLMDTraKxzyAX".contains(&first);
        if self.ids.is_empty() || is_word(text.before(start)) || !leads {
            return Ok(None);
        }
        let letters = text.run(start, 64, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'_'
        });
        if letters < 25 {
            return Ok(None);
        }
        match self.alone(text, start)? {
            Some(found) => Ok(Some(found)),
            None if !(32..=44).contains(&letters) => Ok(None),
            None => self.announced(text, start, self.contexts.before(text, start)),
        }
    }

    /// Tells the addresses of machines in the text, which only some policies want.
    pub(super) fn hosts(
        &self,
        text: Text<'_>,
        each: &mut dyn FnMut(Found),
    ) -> Result<(), ScanError> {
        for (row, shape) in &self.hosts {
            let Some(id) = self.ids.get(*row) else {
                continue;
            };
            let regex = shape.regex(usize::from(id.detector))?;
            let mut at = 0;
            while let Some(found) = regex.find_at(text.0, at) {
                at = found.end().max(sum(at, 1));
                let part = |byte: u8| is_word(byte) || matches!(byte, b'.' | b':' | b'-' | b'_');
                let behind = text.at(found.end());
                let ends =
                    !(is_word(behind) || part(behind) && is_word(text.at(sum(found.end(), 1))));
                if !part(text.before(found.start()))
                    && ends
                    && ids::check(id.check, found.as_bytes())
                {
                    each(Found {
                        start: found.start(),
                        end: found.end(),
                        detector: id.detector,
                        confidence: id.confidence,
                    });
                }
            }
        }
        Ok(())
    }

    /// The identity number that needs no words before it and begins at the place.
    fn alone(&self, text: Text<'_>, from: usize) -> Result<Option<Found>, ScanError> {
        let window = text.slice(from, sum(from, ID_MAX));
        let mut found = None;
        self.alone.each(window, true, &mut |at| {
            if let Some(row) = self.alone_ids.get(at) {
                found = self.confirmed(*row, text, from)?;
            }
            Ok(found.is_none())
        })?;
        Ok(found)
    }

    fn confirmed(
        &self,
        row: usize,
        text: Text<'_>,
        from: usize,
    ) -> Result<Option<Found>, ScanError> {
        let Some(id) = self.ids.get(row) else {
            return Ok(None);
        };
        let regex = id.anchored.regex(usize::from(id.detector))?;
        let window = text.slice(from, sum(from, ID_MAX));
        let Some(end) = regex.find(window).map(|found| sum(from, found.end())) else {
            return Ok(None);
        };
        let goes_on = matches!(text.at(end), b'-' | b'.' | b'/')
            && text.at(sum(end, 1)).is_ascii_alphanumeric();
        let good =
            !is_word(text.at(end)) && !goes_on && ids::check(id.check, text.slice(from, end));
        Ok(good.then_some(Found {
            start: from,
            end,
            detector: id.detector,
            confidence: id.confidence,
        }))
    }
}
