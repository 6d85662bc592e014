//! Judges a value of which its name, or the head of its column, says what it is.

use super::field::{self, Field};
use super::kit::Kit;
use super::lexicon::Lexicon;
use super::look::Sight;
use super::text::{Text, sum};
use super::{Hit, account, financial, phone};

/// The name of a person in a field that may hold one.
pub(super) fn person_hit(
    (kit, lexicon): (&Kit, Lexicon<'_>),
    text: Text<'_>,
    field: Field,
    range: (usize, usize),
    sight: &mut Sight,
) {
    if let Some(detector) = kit.person
        && let Some(name) = field::name_in(text, range, field, lexicon)
    {
        sight
            .hits
            .push(Hit::new(name.start, name.end, detector, name.confidence));
    }
}

/// A value of which only a column or a member says what it is.
pub(super) fn cell_hit(
    (kit, lexicon): (&Kit, Lexicon<'_>),
    text: Text<'_>,
    field: Field,
    (start, end): (usize, usize),
    sight: &mut Sight,
) {
    let value = text.slice(start, end);
    let hit = match field {
        Field::Person | Field::Name => {
            person_hit((kit, lexicon), text, field, (start, end), sight);
            None
        }
        Field::Address => kit
            .address
            .filter(|_| field::is_address(value, lexicon))
            .map(|detector| Hit::new(start, end, detector, 84)),
        Field::Phone => kit.numbers.phone.and_then(|detector| {
            let digit = value.iter().position(u8::is_ascii_digit)?;
            let phone = phone::read(text, sum(start, digit))?;
            (phone.end <= end).then(|| Hit::new(phone.start, phone.end, detector, 85))
        }),
        Field::Birth => kit.birth.and_then(|detector| {
            account::date(text, start)
                .filter(|at| *at <= end)
                .map(|end| Hit::new(start, end, detector, 85))
        }),
        Field::Ssn => kit.numbers.ssn.and_then(|detector| {
            let found = financial::ssn_loose(text.0, start)?;
            (found <= end).then(|| Hit::new(start, found, detector, 88))
        }),
        Field::Account => kit
            .account
            .filter(|_| (6..=17).contains(&value.len()) && value.iter().all(u8::is_ascii_digit))
            .map(|detector| Hit::new(start, end, detector, 82)),
        Field::Routing => kit
            .routing
            .filter(|_| account::is_routing(value))
            .map(|detector| Hit::new(start, end, detector, 92)),
        Field::Secret(promise) => {
            let sure = promise.kept(value, true, false);
            let detector = kit.promised(promise);
            detector
                .filter(|_| sure > 0)
                .map(|detector| Hit::new(start, end, detector, sure))
        }
    };
    sight.hits.extend(hit);
}
