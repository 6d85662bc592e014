//! Whether prose tells figures about persons or the business, or says a secret.
//!
//! Refuses a mere word or a mere number: the two have to stand together, and more than once.

use crate::table::Table;
use crate::words;

/// Words of a text that are looked at.
const WORDS_MAX: usize = 400;

mod said {
    /// What people or companies keep to themselves.
    pub(super) const KEPT: u64 = 1;
    /// What opens something.
    pub(super) const OPENS: u64 = 1 << 1;
    /// Lists of persons.
    pub(super) const LISTED: u64 = 1 << 2;
}

static SAID: Table<256> = Table::of(&[
    (
        said::KEPT,
        "salary salaries payroll compensation wage wages bonus bonuses revenue margin margins \
         churn acv arr mrr pipeline valuation headcount balance balances debt diagnosis diagnoses \
         iban ssn passport earnings income pay gehalt gehalter gehaelter lohn loehne umsatz \
         forecast turnover profit profits bid bids tender tenders ebitda capex opex runway burn \
         liabilities losses costing discount discounts rebate rebates markup royalties dividend \
         payables receivables severance layoffs angebot gebot gewinn marge kosten budget budgets \
         quota quotas backlog bookings cogs target targets",
    ),
    (
        said::LISTED,
        "customers clients employees patients members subscribers leads contacts accounts \
         kunden mitarbeiter patienten candidates donors students suppliers investors users",
    ),
    (
        said::OPENS,
        "password passphrase passwort passcode secret kennwort pw pwd credentials login",
    ),
]);

/// Whether a text tells several figures beside a word for what is kept, or beside a list.
pub(super) fn tells_figures(text: &[u8]) -> bool {
    let mut found = 0;
    let mut figures = 0_u32;
    let mut items = 0_u32;
    for word in words::of_text(text).take(WORDS_MAX) {
        found |= SAID.find(word.hash);
        // Parts of dates and times are none.
        let is_dated = matches!(word.before, b'-' | b':' | b'/');
        figures = figures.saturating_add(u32::from(word.is_figure() && !is_dated));
        let is_item = matches!(word.before, b',' | b';' | b'|' | b'\\' | b'-' | b'*');
        items = items.saturating_add(u32::from(is_item));
    }
    let is_kept = found & said::KEPT != 0 && figures >= 2;
    let is_listed = found & said::LISTED != 0 && figures >= 2 && items >= 2;
    is_kept || is_listed
}

/// Whether a text says what a password is.
pub(super) fn says_secret(text: &[u8]) -> bool {
    let mut opens_at = None;
    for (at, word) in words::of_text(text).take(WORDS_MAX).enumerate() {
        let kinds = SAID.find(word.hash);
        if kinds & said::OPENS != 0 {
            opens_at = Some(at);
        } else if let Some(open) = opens_at {
            // `the password of the server is Tr0ub4dor`
            let is_near = at.saturating_sub(open) <= 6;
            if is_near && word.is_mixed() {
                return true;
            }
        }
    }
    false
}
