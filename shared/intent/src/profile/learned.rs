//! What the parameters of a definition tell beyond their names.

use varistor_model::Intent;

use super::{DEEDS, MULTI, Profile, TRIAL, choices};
use crate::definition::Definition;
use crate::keys::{self, Meaning};
use crate::name;
use crate::table::{Table, hash, key_hash};
use crate::words;

impl Profile {
    /// What the parameters tell.
    pub(super) fn learn(&mut self, definition: &Definition) {
        let mut free = 0_usize;
        for property in &definition.properties {
            let key = key_hash(property.name.as_bytes());
            let known = keys::meaning(key);
            if known == Some(Meaning::Trial) && property.is_true_by_default && property.is_outermost
            {
                self.traits |= TRIAL;
            }
            let is_order = ORDERS.find(key) != 0;
            if (is_order
                || matches!(
                    known,
                    Some(Meaning::Operation | Meaning::Method | Meaning::Command)
                ))
                && deeds(&property.choices) >= 2
            {
                self.traits |= MULTI | DEEDS;
            }
            // A command that is one of a few is a deed, no line of a shell.
            let is_deed = (known == Some(Meaning::Command) || is_order && known.is_none())
                && property.choices.len() >= 2;
            let named = is_deed.then_some(Meaning::Operation);
            // `publish: none | team | public`, whatever it is called.
            let is_seen = known.is_none() && keys::chooses_audience(&property.choices);
            let named = named.or(is_seen.then_some(Meaning::Visibility));
            let tried = choices::tries(&definition.description, &property.name);
            let told = || told(&property.description, known);
            let tried = tried || known.is_none() && is_tryout(key, definition);
            let named = named.or(tried.then_some(Meaning::Trial)).or_else(told);
            let opens = || known.is_none() && opens(&property.description);
            let named = named.or_else(|| opens().then_some(Meaning::Public));
            let Some(meaning) = named else {
                continue;
            };
            if let Some(place) = self.meanings.get_mut(free) {
                *place = (key, Some(meaning));
                free = free.saturating_add(1);
            }
        }
    }
}

/// Names of parameters that say what is done where their values are deeds.
static ORDERS: Table<32> = Table::of(&[(
    1,
    "order orders function request task instruction procedure act deed intent step call job",
)]);

/// Switches of a call that is only tried, where a definition declares them.
static TRYOUTS: Table<64> = Table::of(&[(
    1,
    "test istest testmode testrun testonly verifyonly verificationonly simulated simulationmode \
     shadow rehearsal rehearse practice papertrade paper trial pretend mock",
)]);

/// Whether this switch makes a trial of a call of a tool that is for no tests itself.
fn is_tryout(key: u64, definition: &Definition) -> bool {
    let mut name = words::of_name(definition.name.as_bytes());
    TRYOUTS.find(key) != 0 && !name.any(|word| TRYOUTS.find(word.hash) != 0)
}

/// Words of a description of a switch that opens something to everybody.
static OPENING: Table<64> = Table::of(&[
    (
        1,
        "public publicly internet anyone anybody everyone anonymous anonymously unauthenticated \
         outsiders worldwide",
    ),
    (
        2,
        "not no never without deny block hide private unless internal prevent holiday transport \
         key",
    ),
]);

/// Whether a switch opens something to everybody, as its description tells.
fn opens(description: &str) -> bool {
    let words = words::of_text(description.as_bytes()).take(16);
    words.fold(0, |all, word| all | OPENING.find(word.hash)) == 1
}

/// How many different intents these choices name.
fn deeds(choices: &[String]) -> usize {
    let said = |choice: &String| match name::read(choice).said {
        _ if name::asks(choice) => Some(Intent::Read),
        said => said.map(|(intent, _)| intent),
    };
    let mut intents: Vec<Intent> = choices.iter().filter_map(said).collect();
    intents.sort_unstable();
    intents.dedup();
    intents.len()
}

/// What a parameter means by its description, where its name says less.
fn told(description: &str, known: Option<Meaning>) -> Option<Meaning> {
    let is_code = matches!(
        known,
        None | Some(Meaning::Query | Meaning::Content | Meaning::Body)
    );
    for word in words::of_text(description.as_bytes()).take(24) {
        let [whole, one, _] = word.forms();
        let is = |text: &str| whole == hash(text.as_bytes()) || one == hash(text.as_bytes());
        if is("cent")
            || is("pence")
            || word.hash == hash(b"minor")
            || word.hash == hash(b"smallest")
        {
            let is_amount = matches!(known, Some(Meaning::Amount));
            return is_amount.then_some(Meaning::Minor);
        }
        if is_code && is("sql") {
            return Some(Meaning::Sql);
        }
        if known.is_none() && is("webhook") {
            return Some(Meaning::Hook);
        }
    }
    None
}
