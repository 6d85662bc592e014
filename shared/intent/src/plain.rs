//! Questions in plain language: whether one asks for all records of people.
//!
//! Refuses to understand more than that: all of them, of people, and nothing that chooses.

use varistor_model::Intent;

use crate::lexicon::{self, Verb, about};
use crate::table::{Table, hash};
use crate::words;

/// Words of a question that are looked at.
const WORDS_MAX: usize = 48;

/// What a word of a question says, one bit each.
const ALL: u64 = 1;
const CONTACT: u64 = 1 << 1;
const COUNTED: u64 = 1 << 2;
const ROWS: u64 = 1 << 3;

static SAYING: Table<256> = Table::of(&[
    (
        ALL,
        "all every everyone everybody entire whole complete full each alle todos tous",
    ),
    (
        CONTACT,
        "email emails phone phones mobile birthday birthdays birthdate dob address addresses \
         ssn iban passport salary salaries birth telephone contact contacts",
    ),
    (
        COUNTED,
        "count many number average sum total percentage share how top latest last first \
         where whose who without named since today yesterday older newer",
    ),
    (
        ROWS,
        "row rows record records entry entries line lines details table list dump export",
    ),
]);

/// Whether this question asks for all records of people, with what is theirs; where the tool is
/// about people itself, it need not name them.
pub(crate) fn asks_for_everybody(question: &str, of_people: bool) -> bool {
    let mut said = 0;
    let mut has_people = of_people;
    let mut count = 0_usize;
    let mut asked = words::of_text(question.as_bytes())
        .take(WORDS_MAX)
        .peekable();
    while let Some(word) = asked.next() {
        let forms = word.forms();
        // Only `the number of` counts.
        let is_of = asked.peek().is_some_and(|next| next.hash == hash(b"of"));
        if word.hash == hash(b"number") && !is_of {
            continue;
        }
        said |= forms.iter().fold(0, |all, form| all | SAYING.find(*form));
        has_people |= lexicon::subjects(&forms) & about::PEOPLE != 0;
        count = count.saturating_add(1);
    }
    let is_whole = said & ALL != 0 && said & (CONTACT | ROWS) != 0;
    count >= 3 && has_people && is_whole && said & COUNTED == 0
}

/// Words in front of what is asked for.
static POLITE: Table<32> = Table::of(&[(
    1,
    "please can could you would i want to need now then kindly just",
)]);

/// What this request in plain language wants done, where that is more than an answer:
/// `Remove all accounts that ..`.
pub(crate) fn demands(request: &str) -> Option<Intent> {
    let mut words = words::of_text(request.as_bytes())
        .take(WORDS_MAX)
        .skip_while(|word| POLITE.find(word.hash) != 0);
    let first = words.next()?;
    let known = lexicon::verb(&[first.hash]).filter(|known| !known.is_noun)?;
    if words.count() < 2 {
        return None;
    }
    match known.verb {
        Verb::Delete | Verb::Remove => Some(Intent::Destructive),
        Verb::Write | Verb::Pay | Verb::Disable => Some(Intent::Write),
        _ => None,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_demand_begins_with_what_shall_be_done() {
        for (request, expected) in [
            (
                "Remove all accounts of last year",
                Some(Intent::Destructive),
            ),
            ("please update the price of sku 4", Some(Intent::Write)),
            ("which accounts did we remove", None),
            ("delete policy", None),
        ] {
            assert_eq!(demands(request), expected, "{request}");
        }
    }

    #[test]
    fn only_a_question_for_all_of_them_is_grave() {
        for (question, expected) in [
            ("every subscriber without an email", false),
            ("every row of the subscribers including emails", true),
            ("dump the entire patients table", true),
            ("show all employees and their birthdays", true),
            ("how many customers are there in all rows", false),
            ("all orders of today", false),
            ("all products, every row", false),
            ("customers", false),
            ("the full customer list with email and phone number", true),
            ("the number of customers with every email", false),
        ] {
            assert_eq!(asks_for_everybody(question, false), expected, "{question}");
        }
    }
}
