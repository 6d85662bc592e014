//! Invented people, the same at every start.
//!
//! Nothing here belongs to anybody: addresses end in `.example`, phone numbers lie in the range
//! that is kept for fiction (555-0100 to 555-0199), card numbers are the card schemes' published
//! test numbers, social security numbers are the two that were printed on cards and withdrawn,
//! bank accounts are the examples of the IBAN registry.

use serde::Serialize;

const GIVEN: [&str; 12] = [
    "Ada", "Bruno", "Chiara", "Dmitri", "Elin", "Farid", "Grace", "Hugo", "Ingrid", "Jamal",
    "Keiko", "Luis",
];
const FAMILY: [&str; 11] = [
    "Lindqvist",
    "Okafor",
    "Moreau",
    "Tanaka",
    "Schneider",
    "Alvarez",
    "Novak",
    "Haddad",
    "Byrne",
    "Castellano",
    "Whitfield",
];
const COMPANIES: [&str; 5] = ["northwind", "contoso", "lakeside", "meridian", "bluepeak"];
const STREETS: [&str; 5] = [
    "Harbour Street",
    "Mill Lane",
    "Station Road",
    "Elm Avenue",
    "Market Square",
];
const CARDS: [&str; 6] = [
    "4242 4242 4242 4242",
    "5555-5555-5555-4444",
    "378282246310005",
    "6011 1111 1111 1117",
    "4000056655665556",
    "3566 0020 2036 0505",
];
const SSNS: [&str; 2] = ["078-05-1120", "219-09-9999"];
const IBANS: [&str; 2] = [
    "DE89 3704 0044 0532 0130 00",
    "FR14 2004 1010 0505 0001 3M02 606",
];
const PLANS: [&str; 3] = ["free", "team", "enterprise"];
const NOTES: [&str; 4] = [
    "Prefers to be called in the morning.",
    "Asked twice about the annual discount.",
    "Wants invoices sent to the accounting department.",
    "Moved here from a competitor last spring.",
];

/// One customer, with everything that a CRM knows too much of.
#[derive(Clone, Serialize)]
pub(super) struct Customer {
    pub(super) id: String,
    pub(super) name: String,
    pub(super) email: String,
    pub(super) phone: String,
    pub(super) address: String,
    pub(super) country: &'static str,
    pub(super) plan: String,
    pub(super) ssn: Option<&'static str>,
    pub(super) iban: Option<&'static str>,
    pub(super) card: Card,
    pub(super) note: String,
}

/// A payment card.
#[derive(Clone, Serialize)]
pub(super) struct Card {
    pub(super) number: &'static str,
    pub(super) expires: String,
}

impl Customer {
    /// The customer with this number, from 1.
    pub(super) fn invented(number: u32) -> Self {
        let given = pick(&GIVEN, number);
        let family = pick(&FAMILY, number);
        let company = pick(&COMPANIES, number);
        let (given_low, family_low) = (given.to_lowercase(), family.to_lowercase());
        let american = !number.is_multiple_of(3);
        Self {
            id: format!("cus_{number:04}"),
            name: format!("{given} {family}"),
            email: format!("{given_low}.{family_low}@{company}.example"),
            phone: format!("+1-202-555-01{:02}", number % 100),
            address: format!(
                "{} {}, {}",
                10 + number % 80,
                pick(&STREETS, number),
                city(american)
            ),
            country: if american { "US" } else { "DE" },
            plan: pick(&PLANS, number).to_owned(),
            ssn: american.then(|| pick(&SSNS, number)),
            iban: (!american).then(|| pick(&IBANS, number)),
            card: Card {
                number: pick(&CARDS, number),
                expires: format!("{:02}/{}", 1 + number % 12, 28 + number % 4),
            },
            note: pick(&NOTES, number).to_owned(),
        }
    }
}

fn city(american: bool) -> &'static str {
    if american { "Springfield" } else { "Neustadt" }
}

fn pick<const N: usize>(list: &'static [&'static str; N], number: u32) -> &'static str {
    let index = usize::try_from(number).unwrap_or(0) % N.max(1);
    list.get(index).copied().unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::{CARDS, Customer};

    #[test]
    fn the_same_number_is_always_the_same_person() {
        let (once, again) = (Customer::invented(7), Customer::invented(7));
        assert_eq!(
            serde_json::to_string(&once).unwrap(),
            serde_json::to_string(&again).unwrap()
        );
        assert_ne!(once.name, Customer::invented(8).name);
    }

    #[test]
    fn every_card_number_passes_the_luhn_check() {
        for card in CARDS {
            let digits: Vec<u32> = card.chars().filter_map(|c| c.to_digit(10)).collect();
            let sum: u32 = digits
                .iter()
                .rev()
                .enumerate()
                .map(|(place, digit)| if place % 2 == 1 { digit * 2 } else { *digit })
                .map(|value| if value > 9 { value - 9 } else { value })
                .sum();
            assert_eq!(sum % 10, 0, "{card}");
        }
    }
}
