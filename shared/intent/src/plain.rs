//! Questions in plain language: whether one asks for all records of people.
//!
//! Refuses to understand more than that: all of them, of people, and nothing that chooses.

use crate::lexicon::{self, about};
use crate::table::Table;
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
    for word in words::of_text(question.as_bytes()).take(WORDS_MAX) {
        let forms = word.forms();
        said |= forms.iter().fold(0, |all, form| all | SAYING.find(*form));
        has_people |= lexicon::subjects(&forms) & about::PEOPLE != 0;
        count = count.saturating_add(1);
    }
    let is_whole = said & ALL != 0 && said & (CONTACT | ROWS) != 0;
    count >= 3 && has_people && is_whole && said & COUNTED == 0
}

#[cfg(test)]
mod tests {
    use super::*;

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
        ] {
            assert_eq!(asks_for_everybody(question, false), expected, "{question}");
        }
    }
}
