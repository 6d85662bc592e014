//! Says what the name of a member, a setting or a column promises about its value, and whether the
//! value keeps the promise.

use super::company;
use super::lexicon::{Kinds, Lexicon};
use super::person::{self, Name};
use super::secret::{self, Promise};
use super::text::{Text, less, sum};
use super::vocabulary::Meaning;
use super::words::{Row, Shape, Word};

/// What a name promises.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Field {
    /// The full name of a person.
    Person,
    /// The name of something, perhaps of a person.
    Name,
    /// A telephone number.
    Phone,
    /// A postal address or its street.
    Address,
    /// A date of birth.
    Birth,
    /// A United States social security number.
    Ssn,
    /// A bank account number.
    Account,
    /// A routing number.
    Routing,
    /// A password, key or token.
    Secret(Promise),
}

/// What the name promises; it is in lower case with `_` between its words.
pub(super) fn of(name: &[u8]) -> Option<Field> {
    let mut all = Meaning::default();
    let mut last = Meaning::default();
    for word in name.split(|byte| *byte == b'_') {
        last = Meaning::of(without_number(word));
        all = all.and(last);
    }
    if let Some(promise) = secret::promise(name, all, last) {
        return Some(Field::Secret(promise));
    }
    let is = |meaning: Meaning, but: Meaning| all.any(meaning) && !all.any(but);
    if is(Meaning::PHONE, Meaning::NO_PHONE) {
        return Some(Field::Phone);
    }
    if is(Meaning::BIRTH, Meaning::NO_BIRTH) {
        return Some(Field::Birth);
    }
    if all.any(Meaning::SSN) || (all.any(Meaning::SOCIAL) && all.any(Meaning::SECURITY)) {
        return Some(Field::Ssn);
    }
    if is(Meaning::ROUTING, Meaning::NO_ROUTING) {
        return Some(Field::Routing);
    }
    if name == b"acct"
        || all.any(Meaning::ACCOUNT_NUMBER)
        || (all.any(Meaning::ACCOUNT) && all.any(Meaning::NUMBER))
    {
        return Some(Field::Account);
    }
    if is(Meaning::ADDRESS, Meaning::NO_ADDRESS) {
        return Some(Field::Address);
    }
    if all.any(Meaning::NO_NAME) {
        return None;
    }
    let named = all.any(Meaning::NAME);
    if all.any(Meaning::FULL_NAME) || (named && all.any(Meaning::PERSON.and(Meaning::FULL))) {
        return Some(Field::Person);
    }
    let perhaps = Meaning::NAME.and(Meaning::PERSON).and(Meaning::ROLE);
    all.any(perhaps).then_some(Field::Name)
}

fn without_number(word: &[u8]) -> &[u8] {
    let digits = word
        .iter()
        .rev()
        .take_while(|byte| byte.is_ascii_digit())
        .count();
    word.get(..less(word.len(), digits)).unwrap_or_default()
}

/// The name of a person that a value is, if it is one.
pub(super) fn name_in(
    text: Text<'_>,
    (start, end): (usize, usize),
    field: Field,
    lexicon: Lexicon<'_>,
) -> Option<Name> {
    let length = less(end, start);
    if !(3..=80).contains(&length) {
        return None;
    }
    // Words with one blank between them, or `Family, Given`.
    let mut at = start;
    let (mut count, mut surely, mut plain, mut odd) = (0_usize, 0_usize, 0_usize, false);
    let mut named = 0_usize;
    while at < end {
        let word = Word::at(text, at, lexicon)?;
        if word.end > end {
            return None;
        }
        count = sum(count, 1);
        let name = Kinds::GIVEN.and(Kinds::FAMILY);
        surely = sum(surely, usize::from(word.is_surely(name)));
        named = sum(named, usize::from(word.kinds.any(name)));
        let known_name = word.kinds.any(
            Kinds::GIVEN
                .and(Kinds::FAMILY)
                .and(Kinds::PARTICLE)
                .and(Kinds::TITLE),
        );
        plain = sum(
            plain,
            usize::from(word.kinds.any(Kinds::WORD) && !known_name),
        );
        let form = word.shape == Shape::Capitals && count > 1;
        odd |= word.kinds.any(Kinds::ORGANISATION) && (form || !known_name);
        odd |= matches!(word.shape, Shape::Mixed);
        at = word.behind();
        let gap = match (text.at(at), text.at(sum(at, 1))) {
            _ if at >= end => break,
            (b' ', _) => 1,
            (b',', b' ') => 2,
            _ => return None,
        };
        at = sum(at, gap);
    }
    if odd || !(2..=6).contains(&count) || company::names(text, start) {
        return None;
    }
    let confidence = match field {
        Field::Person if plain == 0 => 90,
        Field::Person if surely > 0 => 80,
        Field::Name if plain == 0 && surely > 0 => 82,
        Field::Name if plain == 0 && named == count => 75,
        _ => return inner(text, (start, end), lexicon),
    };
    Some(Name {
        start,
        end,
        confidence,
    })
}

/// The name within a value, when it makes up most of it.
fn inner(text: Text<'_>, (start, end): (usize, usize), lexicon: Lexicon<'_>) -> Option<Name> {
    let row = Row::at(text, start, lexicon);
    let mut found = None;
    person::names(text, &row, lexicon, &mut |name| found = Some(name));
    found.filter(|name| {
        name.end <= end
            && less(name.end, name.start).saturating_mul(3) > less(end, start).saturating_mul(2)
    })
}

/// Whether a value that is named an address looks like one: words, and a number or a type of
/// street among them.
pub(super) fn is_address(value: &[u8], lexicon: Lexicon<'_>) -> bool {
    if !(6..=250).contains(&value.len())
        || value.contains(&b'@')
        || memchr::memmem::find(value, b"://").is_some()
    {
        return false;
    }
    let digits = value.iter().any(u8::is_ascii_digit);
    let blank = value.contains(&b' ') || value.contains(&b',');
    let letters = value
        .iter()
        .filter(|byte| byte.is_ascii_alphabetic() || **byte >= 0x80)
        .count();
    if letters < 3 || !blank {
        return false;
    }
    let hexadecimal = value.starts_with(b"0x");
    let words = value.split(|byte| !(byte.is_ascii_alphabetic() || *byte >= 0x80));
    let street = words.into_iter().any(|word| {
        word.len() > 1
            && lexicon
                .kinds(word)
                .any(Kinds::STREET.and(Kinds::STREET_BEFORE))
    });
    (digits || street) && !hexadecimal
}
