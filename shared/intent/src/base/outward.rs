//! What a definition says goes to somebody who is no part of the organisation, or is gone once it
//! was looked at; and that money goes to another account from now on.
//!
//! Refuses to call a tool a leak that is for writing to the other side: what it sends has to
//! be kept
//! by the organisation.

use varistor_model::Intent;

use crate::definition::Definition;
use crate::description::{Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{self, Verb, about};
use crate::name::Name;
use crate::parties::{self, kind};
use crate::table::{Table, hash};
use crate::words;

/// Verbs that hand out a credential for a while.
static LENDING: Table<32> = Table::of(&[(
    1,
    "checkout check borrow lease unlock claim acquire breakglass escrow obtain lend withdraw",
)]);

/// Words that are about an account that is paid, and about the account.
static PAID: Table<64> = Table::of(&[
    (
        1,
        "bank payout payouts settlement remittance disbursement beneficiary iban",
    ),
    (
        2,
        "account details destination iban routing instruction instructions method bank standing",
    ),
    (
        4,
        "update change replace swap set edit redirect switch modify amend reroute",
    ),
]);

/// What the words of a name say.
struct Named {
    moves: bool,
    party: bool,
    kept: bool,
    document: bool,
    to_party: bool,
    repays: bool,
    once: bool,
}

fn named(definition: &Definition) -> Named {
    let mut all = 0_u64;
    let mut paid = 0_u64;
    let mut is_kept = false;
    let mut is_to = false;
    let mut is_to_party = false;
    let mut before = 0_u64;
    let mut is_once = false;
    let mut is_letter = false;
    for (at, word) in words::of_name(definition.name.as_bytes())
        .take(10)
        .enumerate()
    {
        let kinds = parties::kinds(&word);
        is_letter |= at > 0 && kinds & kind::LETTER != 0;
        let of_people = lexicon::subjects(&word.forms()) & about::PEOPLE != 0;
        is_to_party |= is_to && kinds & kind::PARTY != 0;
        is_to = kinds & kind::TO != 0;
        is_kept |= parties::is_kept(&word) || of_people;
        is_once |= word.hash == hash(b"once") && SEEING.find(before) != 0;
        is_once |= word.hash == hash(b"reading") && before == hash(b"after");
        before = word.hash;
        all |= kinds;
        paid |= PAID.find(word.hash);
    }
    Named {
        moves: all & (kind::MOVES | kind::MOVES_ABROAD) != 0,
        party: all & kind::PARTY != 0,
        kept: is_kept,
        document: is_letter || all & kind::DOCUMENT != 0,
        to_party: is_to_party,
        repays: paid == 7,
        once: is_once,
    }
}

/// Verbs of looking in front of `once`.
static SEEING: Table<16> = Table::of(&[(1, "view read open show reveal")]);

/// Whether what the organisation keeps goes where an argument says.
pub(super) fn moves(definition: &Definition, told: &Description) -> bool {
    let named = named(definition);
    told.phrases & phrase::MOVES != 0 || named.moves && named.kept && !named.document
}

/// What follows from where things go.
pub(super) fn settled(
    definition: &Definition,
    name: &Name,
    told: &Description,
    judgement: &mut Judgement,
) {
    if told.phrases & phrase::TRIED != 0 {
        return;
    }
    let named = named(definition);
    if judgement.intent == Intent::Write {
        let writes = matches!(
            name.verb,
            None | Some(Verb::Write | Verb::Pay | Verb::Generic)
        );
        if writes && (told.phrases & phrase::REPAYS != 0 || named.repays) {
            judgement.raise(Ground::new("description.repays", Intent::Destructive, 60));
        }
    }
    let is_seen = judgement.intent == Intent::Read;
    if is_seen && (told.phrases & phrase::ONCE != 0 || named.once) {
        judgement.raise(Ground::new("description.once", Intent::Destructive, 60));
    }
    if judgement.intent >= Intent::Exfiltrative {
        return;
    }
    if told.phrases & phrase::HANDS_OUT != 0 && judgement.intent <= Intent::Write {
        judgement.raise(Ground::new(
            "description.hands_out",
            Intent::Exfiltrative,
            65,
        ));
    }
    let is_led = told.lead.is_none_or(|lead| {
        matches!(
            lead,
            Verb::Write | Verb::Forward | Verb::Share | Verb::Export
        )
    });
    let is_sent = named.moves || parties::kinds_of(told.lead_hash) & kind::MOVES != 0;
    let is_kept = (named.kept || told.phrases & phrase::MOVES != 0) && !named.document;
    let is_handed = named.to_party || named.party && is_sent;
    if judgement.intent <= Intent::Write && is_handed && is_kept && is_led {
        judgement.raise(Ground::new("name.outsider", Intent::Exfiltrative, 60));
    }
    // A password that is lent: `checks out an account and returns its password`.
    let lends = LENDING.find(name.verb_hash) | LENDING.find(told.lead_hash) != 0;
    let is_credential =
        told.handed & about::CREDENTIAL != 0 && told.phrases & phrase::WITHHELD == 0;
    if judgement.intent == Intent::Write && lends && is_credential {
        judgement.raise(Ground::new(
            "description.credential",
            Intent::Exfiltrative,
            60,
        ));
    }
}
