//! Whether a parameter tells that money goes where none went before: `is_new_destination`,
//! `payee_known`, `beneficiary_status`.
//!
//! Refuses names of one side only: who is paid and whether that is new have to stand together.

use crate::table::Table;
use crate::words;

/// Words of a parameter's name that are looked at.
const WORDS_MAX: usize = 6;

const PAYEE: u64 = 1;
const FRESH: u64 = 1 << 1;
const KNOWN: u64 = 1 << 2;
const STATE: u64 = 1 << 3;
const NOT: u64 = 1 << 4;

static WORDS: Table<256> = Table::of(&[
    (
        PAYEE,
        "payee payees beneficiary recipient destination address account creditor vendor supplier \
         counterparty wallet iban receiver payout contact bank merchant empfanger empfaenger \
         begunstigter beguenstigter beneficiario beneficiaire creancier begunstigde saaja \
         maksunsaaja odbiorca mottagare betalningsmottagare modtager mottaker prijemce alici \
         kedvezmenyezett beneficiar poluchatel penerima fornitore proveedor fournisseur \
         fornecedor \
         leverancier lieferant dostawca leverantor toimittaja dodavatel tedarikci uketorinin",
    ),
    (
        FRESH,
        "new first firsttime unknown unverified unsaved untrusted unregistered adhoc oneoff \
         onetime \
         unlisted unapproved unconfirmed external manual neu neue neuer nuevo nueva nouveau \
         nouvelle nuovo nuova novo nova nieuw nieuwe nowy \
         nowa ny nytt nyt uusi novy yeni uj nou noua novyj novyy baru shinki xin",
    ),
    (
        KNOWN,
        "known verified saved trusted whitelisted allowlisted existing registered approved \
         confirmed \
         validated established stored onfile familiar paidbefore previously bekannt conocido \
         connu",
    ),
    (STATE, "status state kind type trust verification check"),
    (NOT, "not non isnt"),
]);

/// Whether this switch, where it says `truth`, tells that nobody was ever paid there.
pub(crate) fn is_new(name: &[u8], truth: bool) -> bool {
    let all = kinds(name);
    let fresh = all & FRESH != 0 || all & KNOWN != 0 && all & NOT != 0;
    let known = all & KNOWN != 0 && all & NOT == 0;
    all & PAYEE != 0
        && if truth {
            fresh
        } else {
            known && all & FRESH == 0
        }
}

/// Whether this text under this name tells it: `payee_status: "unverified"`.
pub(crate) fn is_new_by(name: &[u8], value: &[u8]) -> bool {
    let all = kinds(name);
    if all & PAYEE == 0 || value.len() > 24 {
        return false;
    }
    match value {
        b"true" | b"yes" | b"True" | b"YES" | b"1" | b"y" => is_new(name, true),
        b"false" | b"no" | b"False" | b"NO" | b"0" | b"n" => is_new(name, false),
        b"new" | b"NEW" | b"New" => true,
        _ => all & STATE != 0 && kinds(value) & FRESH != 0,
    }
}

fn kinds(name: &[u8]) -> u64 {
    let words = words::of_name(name).take(WORDS_MAX);
    words.fold(0, |all, word| all | WORDS.find(word.hash))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn who_was_never_paid_is_told_by_name_and_value() {
        for (name, value, expected) in [
            ("isNewBeneficiary", "true", true),
            ("beneficiary_verified", "false", true),
            ("payee_known", "true", false),
            ("wallet_whitelisted", "no", true),
            ("payee_status", "first_time", true),
            ("payee_status", "active", false),
            ("recipient_id", "new", true),
            ("new_invoice", "true", false),
            ("verified", "false", false),
        ] {
            let told = is_new_by(name.as_bytes(), value.as_bytes());
            assert_eq!(told, expected, "{name} {value}");
        }
    }
}
