//! What a definition says is handed out in clear: credentials, vaults, environments.
//!
//! Refuses tools that only look at a credential: that count, check, mask or name it.

use varistor_model::Intent;

use super::UNKNOWN;
use crate::definition::Definition;
use crate::description::{Description, phrase};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{self, Verb, about};
use crate::name::Name;
use crate::table::{Table, hash};
use crate::words::{self, Word};

/// Verbs that hand out what they find.
static HANDING: Table<64> = Table::of(&[(
    1,
    "get read fetch retrieve show reveal view print display decrypt lookup load access obtain grab \
     look dump cat export tail open provide return give copy pull resolve",
)]);

/// Verbs and nouns at the end of a name that do not change what it is about.
static SHOWING: Table<64> = Table::of(&[(
    1,
    "show view get reveal read fetch value values plaintext decrypted raw dump current now clear \
     data content contents",
)]);

/// Words of names that are about the form of a credential.
static EXAMPLES: Table<32> = Table::of(&[(
    1,
    "example examples sample samples template templates schema format formats docs help",
)]);

/// Words that end what a name is about: `secret_by_name`, `key_of_song`.
static BOUNDS: Table<32> = Table::of(&[(1, "by for of from in with to at on per")]);

/// Words of a name that are looked at.
const WORDS_MAX: usize = 8;

/// What the end of a name is about, before anything that only says by what it is found.
fn head(name: &str) -> u64 {
    let words = words::of_name(name.as_bytes())
        .filter(|word| !word.is_number())
        .take_while(|word| BOUNDS.find(word.hash) == 0);
    let mut last: Option<Word> = None;
    let mut pair = 0;
    let mut is_parted = false;
    for word in words.take(WORDS_MAX) {
        if last.is_some() && SHOWING.find(word.hash) != 0 {
            is_parted = true;
            continue;
        }
        let before = last.filter(|_| !is_parted);
        pair = before.map_or(0, |before| lexicon::pair(before.hash, word.hash));
        last = Some(word);
        is_parted = false;
    }
    let Some(last) = last else {
        return 0;
    };
    let is_token = [hash(b"token"), hash(b"tokens")].contains(&last.hash);
    let alone = lexicon::subjects(&[last.hash]);
    pair | if is_token {
        alone & !about::CREDENTIAL
    } else {
        alone
    }
}

/// A verb of the name that hands nothing out: `mask_secrets`, `count_tokens`.
fn only_looks(name: &Name) -> bool {
    let is_open = matches!(name.verb, None | Some(Verb::Generic | Verb::Export));
    !is_open && !name.is_doubtful && HANDING.find(name.verb_hash) == 0
}

/// Whether values are handed out, as opposed to names and numbers of things.
pub(super) fn shows_values(name: &Name, told: &Description) -> bool {
    let is_told = told.lead.is_none() || HANDING.find(told.lead_hash) != 0;
    let is_named = HANDING.find(name.verb_hash) != 0;
    let is_open = matches!(name.verb, None | Some(Verb::Generic | Verb::Export));
    let is_first_told = told.lead.is_none() && told.first & (about::TELLING | about::METADATA) != 0;
    (is_named || ((is_open || name.is_doubtful) && is_told && !is_first_told))
        && (name.subjects | told.objects & about::TELLING) & (about::TELLING | about::METADATA) == 0
        && told.phrases & phrase::WITHHELD == 0
}

/// Whether the first words say that values come in clear.
fn is_clear(description: &str) -> bool {
    let mut words = words::of_text(description.as_bytes()).take(24);
    words.any(|word| CLEAR.find(word.hash) != 0)
}

static CLEAR: Table<16> = Table::of(&[(1, "decrypted plaintext cleartext unmasked unencrypted")]);

/// A credential that is handed out in clear.
pub(super) fn credentials(
    definition: &Definition,
    name: &Name,
    told: &Description,
    judgement: &mut Judgement,
) {
    let is_unknown = judgement
        .decisive()
        .is_some_and(|ground| ground.code == UNKNOWN);
    // A verb that may be a noun, and no other: `transfer_code`.
    let is_noun = judgement.intent == Intent::Write && name.is_doubtful && told.lead.is_none();
    if judgement.intent != Intent::Read && !is_unknown && !is_noun {
        return;
    }
    let names_only = about::METADATA | about::TELLING;
    let is_example =
        words::of_name(definition.name.as_bytes()).any(|word| EXAMPLES.find(word.hash) != 0);
    let handed =
        |verb: u64, subjects: u64| HANDING.find(verb) != 0 && subjects & about::CREDENTIAL != 0;
    let is_handed = !only_looks(name)
        && !is_example
        && (handed(name.verb_hash, name.subjects | told.objects)
            || handed(told.lead_hash, told.objects))
        && (name.subjects | told.objects) & names_only == 0;
    let is_kept_back = told.phrases & phrase::WITHHELD != 0
        || told.objects & names_only != 0
        || told.lead.is_none() && told.first & names_only != 0;
    let is_named = HANDING.find(name.verb_hash) != 0 || !is_kept_back;
    let is_headed = !only_looks(name)
        && !is_example
        && is_named
        && head(&definition.name) & about::CREDENTIAL != 0;
    let is_spelled_out = told.spells_out
        && !only_looks(name)
        && told.phrases & phrase::WITHHELD == 0
        && (told.lead.is_none() || HANDING.find(told.lead_hash) != 0);
    if is_handed || is_headed || is_spelled_out {
        judgement.raise(Ground::new("name.credential", Intent::Exfiltrative, 60));
    }
    let is_carried = told.handed & about::CREDENTIAL != 0 && !is_example;
    if is_carried && shows_values(name, told) {
        judgement.raise(Ground::new(
            "description.credential",
            Intent::Exfiltrative,
            60,
        ));
    }
    // `List variables with their decrypted values`, whatever the name says.
    let is_unmasked = told.handed & about::ENVIRON != 0 && is_clear(&definition.description);
    if is_unmasked && told.phrases & phrase::WITHHELD == 0 && !is_example {
        judgement.raise(Ground::new("description.clear", Intent::Exfiltrative, 60));
    }
    let is_session = name.subjects & about::SESSION != 0 && told.subjects & about::SESSION != 0;
    if is_session && name.subjects & about::BROWSER != 0 {
        judgement.raise(Ground::new("name.session", Intent::Exfiltrative, 50));
    }
}
