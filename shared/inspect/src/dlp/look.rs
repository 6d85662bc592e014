//! Looks through one text: everything that stands in it, in the order in which it is cheapest.
//!
//! The marks of a block say where digits, capitals and `@` lead a candidate; the matches of the
//! database say where a literal does, or a word that names what follows.

use memchr::{memchr_iter, memchr3};
use varistor_model::Span;

use super::address;
use super::emails;
use super::encoded;
use super::house;
use super::kit::Kit;
use super::lexicon::{Kinds, Lexicon};
use super::marks::{BLOCK, Marks, places};
use super::numbers::{self, Found};
use super::person::{self, inverted};
use super::split;
use super::text::{Text, is_letter, less, sum};
use super::words::{self, Row};
use super::{Encoding, Hit, ScanError};

/// What is collected from one text.
#[derive(Default)]
pub(super) struct Sight {
    pub(super) hits: Vec<Hit>,
    /// Runs that base64 or hex may have made.
    pub(super) runs: Vec<(u32, u32)>,
    /// All runs of at least [`encoded::RUN_MIN`], in order.
    pub(super) long: Vec<(usize, usize)>,
    /// Whether a part of a token may stand in it: letters and digits side by side.
    pub(super) is_mixed: bool,
    /// Whether it holds characters that may be written over.
    pub(super) is_rich: bool,
}

impl Sight {
    pub(super) fn clear(&mut self) {
        self.hits.clear();
        self.runs.clear();
        self.long.clear();
        self.is_mixed = false;
        self.is_rich = false;
    }
}

/// Places up to which text is taken, by what took it.
#[derive(Default)]
struct Done {
    number: usize,
    row: usize,
    address: usize,
    run: usize,
}

/// Finds what marks lead to.
#[inline(never)]
pub(super) fn marked(
    kit: &Kit,
    lexicon: Lexicon<'_>,
    bytes: &[u8],
    sight: &mut Sight,
) -> Result<(), ScanError> {
    let text = Text(bytes);
    let mut before = Marks::default();
    let mut done = Done::default();
    let mut blocks = bytes.chunks(BLOCK).map(Marks::of);
    let mut next = blocks.next().unwrap_or_default();
    for index in 0..bytes.len().div_ceil(BLOCK) {
        let marks = next;
        next = blocks.next().unwrap_or_default();
        let ahead = u128::from(marks.digit) | (u128::from(next.digit) << 64);
        let base = index.saturating_mul(BLOCK);
        let behind = |now: u64, then: u64| (now << 1) | (then >> 63);
        let digits = marks.digit & !behind(marks.digit, before.digit);
        let capitals = marks.upper & !behind(marks.base64, before.base64);
        for place in places(digits) {
            // Fewer digits within reach are no number, but may be that of a house.
            let near = (ahead >> place) & ((1 << numbers::REACH) - 1);
            let many = near.count_ones() >= numbers::DIGITS_NEAR;
            number(
                (kit, lexicon),
                text,
                (sum(base, place), many),
                &mut done,
                sight,
            )?;
        }
        if kit.person.is_some() || kit.address.is_some() {
            for place in places(capitals) {
                capital((kit, lexicon), text, sum(base, place), &mut done, sight);
            }
        }
        if !sight.is_mixed {
            let sides = marks.digit & behind(marks.letter, before.letter)
                | marks.letter & behind(marks.digit, before.digit);
            let mut sides = places(sides);
            sight.is_mixed = sides.any(|place| split::may_be_part(text, sum(base, place)));
        }
        let long = long_runs(before.base64, marks.base64);
        if long != 0 {
            runs(kit, text, (base, long), &mut done, sight)?;
        }
        before = marks;
    }
    if let Some(detector) = kit.email {
        for at in memchr_iter(b'@', bytes) {
            if let Some((start, end)) = emails::around(bytes, at) {
                sight.hits.push(Hit::new(start, end, detector, 95));
            }
        }
    }
    let hits = &mut sight.hits;
    kit.numbers.hosts(text, &mut |found| {
        hits.push(Hit::from(found));
    })?;
    sight.is_rich = memchr3(b'%', b'&', b'\\', bytes).is_some() || !bytes.is_ascii();
    sight.is_mixed |= sight.is_rich && split::is_written_over(bytes);
    Ok(())
}

#[inline(never)]
fn number(
    (kit, lexicon): (&Kit, Lexicon<'_>),
    text: Text<'_>,
    (at, many): (usize, bool),
    done: &mut Done,
    sight: &mut Sight,
) -> Result<(), ScanError> {
    let before = text.before(at);
    // Parts of hashes, of identifiers and of times.
    let inner = before.is_ascii_lowercase()
        || !is_called(text, at) && matches!(before, b':' | b'.' | b'_' | b'-') && {
            let other = text.back(at, 2);
            other.is_ascii_digit() || other.is_ascii_lowercase()
        };
    if at < done.number || inner {
        return Ok(());
    }
    if many && let Some(found) = kit.numbers.at(text, at)? {
        sight.hits.push(Hit::from(found));
        done.number = found.end;
        return Ok(());
    }
    let Some(detector) = kit.address.filter(|_| at >= done.address) else {
        return Ok(());
    };
    // `Elmstraße 12`, `12 rue de la Paix`.
    let before = (text.before(at), text.back(at, 2));
    let found = if before.0 == b' ' && follows_capital(text, less(at, 1)) {
        address::number_last(text, at, lexicon)
    } else {
        None
    };
    let found = found.or_else(|| {
        let digits = text.run(at, 6, |byte| byte.is_ascii_digit());
        let behind = sum(at, digits);
        let gap = text.run(behind, 2, |byte| matches!(byte, b' ' | b','));
        let word = sum(behind, gap);
        let word = sum(word, house::repeated(text, word));
        let length = text.run(word, 12, |byte| byte.is_ascii_lowercase() || byte >= 0x80);
        let known = digits <= 4 && gap > 0 && (2..=10).contains(&length) && {
            let kinds = lexicon.of_lower_case(text.slice(word, sum(word, length)));
            kinds.any(Kinds::STREET_BEFORE)
        };
        known
            .then(|| address::number_first(text, word, lexicon))
            .flatten()
    });
    if let Some((start, end)) = found {
        sight.hits.push(Hit::new(start, end, detector, 80));
        done.address = end;
        done.number = end;
    }
    Ok(())
}

/// Whether what ends at the place says that a telephone number follows: `tel:`, `TYPE=cell:`.
fn is_called(text: Text<'_>, at: usize) -> bool {
    const NAMES: [&[u8]; 11] = [
        b"tel", b"cell", b"phone", b"mobile", b"fax", b"sms", b"callto", b"voice", b"home",
        b"work", b"mob",
    ];
    text.before(at) == b':' && {
        let end = less(at, 1);
        let length = text.run_back(end, 12, |byte| byte.is_ascii_alphabetic());
        let word = text.slice(less(end, length), end);
        NAMES.iter().any(|name| word.eq_ignore_ascii_case(name))
    }
}

/// Whether the word that ends at the place, perhaps with a sign behind it, begins with a capital.
fn follows_capital(text: Text<'_>, end: usize) -> bool {
    let end = less(end, usize::from(matches!(text.before(end), b'.' | b',')));
    let end = less(end, usize::from(text.before(end) == b'.'));
    let length = text.run_back(end, 40, |byte| {
        is_letter(byte) || matches!(byte, b'-' | b'\'')
    });
    let first = text.at(less(end, length));
    length > 0 && !first.is_ascii_lowercase()
}

#[inline(never)]
fn capital(
    (kit, lexicon): (&Kit, Lexicon<'_>),
    text: Text<'_>,
    at: usize,
    done: &mut Done,
    sight: &mut Sight,
) {
    if text.before(at) != b' ' {
        return;
    }
    let before = text.back(at, 2);
    // `12 Elm Street`, `12, Elm Street`, `12A Elm Street`.
    let lettered = before.is_ascii_uppercase() || before == b',';
    if before.is_ascii_digit() || lettered && text.back(at, 3).is_ascii_digit() {
        if let Some(detector) = kit.address.filter(|_| at >= done.address)
            && let Some((start, end)) = address::number_first(text, at, lexicon)
        {
            sight.hits.push(Hit::new(start, end, detector, 85));
            done.address = end;
        }
        return;
    }
    let Some(detector) = kit.person.filter(|_| at >= done.row) else {
        return;
    };
    if before == b',' {
        if let Some(name) = inverted::name(text, at, lexicon) {
            sight
                .hits
                .push(Hit::new(name.start, name.end, detector, name.confidence));
            done.row = name.end;
        }
        return;
    }
    if !(is_letter(before) || before == b'.') || !words::is_capital(text, at) {
        return;
    }
    let Some(start) = person::row_start(text, at) else {
        return;
    };
    let row = Row::at(text, start.max(done.row), lexicon);
    person::names(text, &row, lexicon, &mut |name| {
        sight
            .hits
            .push(Hit::new(name.start, name.end, detector, name.confidence));
    });
    done.row = row.last().map_or(at, |word| word.end).max(sum(at, 1));
}

/// Marks, in a block and the one before it, where sixteen bytes of a run stand side by side.
#[inline]
fn long_runs(before: u64, now: u64) -> u128 {
    let both = u128::from(before) | (u128::from(now) << 64);
    // A bit stays where it and the fifteen behind it are set.
    let mut long = both & (both >> 1);
    long &= long >> 2;
    long &= long >> 4;
    long & (long >> 8)
}

/// Collects runs that are long enough to hold a value.
#[inline(never)]
fn runs(
    kit: &Kit,
    text: Text<'_>,
    (base, mut long): (usize, u128),
    done: &mut Done,
    sight: &mut Sight,
) -> Result<(), ScanError> {
    while long != 0 {
        let place = long.trailing_zeros() as usize;
        long &= long.wrapping_sub(1);
        let Some(at) = sum(base, place).checked_sub(64) else {
            continue;
        };
        if at < done.run {
            continue;
        }
        let length = text.run(at, usize::MAX, encoded::is_base64);
        let end = sum(at, length);
        done.run = end;
        sight.long.push((at, end));
        let run = text.slice(at, end);
        if (25..=128).contains(&run.len())
            && let Some(found) = kit.numbers.run(text, at)?
        {
            sight.hits.push(Hit::from(found));
            continue;
        }
        if encoded::may_be_text(run)
            && let (Ok(start), Ok(end)) = (u32::try_from(at), u32::try_from(end))
        {
            sight.runs.push((start, end));
        }
    }
    Ok(())
}

impl From<Found> for Hit {
    fn from(found: Found) -> Self {
        Self::new(found.start, found.end, found.detector, found.confidence)
    }
}

impl Hit {
    pub(super) const fn new(start: usize, end: usize, detector: u16, confidence: u8) -> Self {
        Self {
            start,
            end,
            detector,
            confidence,
            encoding: Encoding::Plain,
            is_whole: false,
            value: Span { start: 0, end: 0 },
        }
    }
}
