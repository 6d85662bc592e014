//! What is pressed, typed or asked of a browser: the labels of a page say what happens.
//!
//! Refuses what a sentence forbids: `do not delete anything`.

use super::Fact;
use super::pass::{Pass, Value};
use crate::keys::Meaning;
use crate::lexicon::Verb;
use crate::name;
use crate::table::Table;
use crate::values;
use crate::words;

/// Bytes of the label of a button, or of its place on a page.
const LABEL_MAX: usize = 160;
/// Bytes of a task in plain language that are looked at.
const TASK_MAX: usize = 1_200;

const ENDS: u64 = 1;
const PAYS: u64 = 1 << 1;
const NOT: u64 = 1 << 2;
const OPEN: u64 = 1 << 3;
const MONEY: u64 = 1 << 4;

static SAID: Table<128> = Table::of(&[
    (
        ENDS,
        "delete deactivate destroy erase wipe purge terminate truncate uninstall",
    ),
    (
        PAYS,
        "pay payment transfer buy purchase order send wire donate withdraw checkout place",
    ),
    (NOT, "not don never without avoid no before"),
    (
        OPEN,
        "public pastebin paste gist forum comment tweet thread review guestbook",
    ),
    (MONEY, "eur usd gbp chf euro euros dollar dollars pounds"),
]);

/// Keys under which a task in plain language stands.
static TASKS: Table<32> = Table::of(&[(
    1,
    "action instruction instructions prompt task goal step command objective request",
)]);

impl Pass<'_, '_> {
    /// What a text says that names what is pressed, or what a browser shall do.
    pub(super) fn labelled(&mut self, content: &str, value: &Value) {
        if !self.profile.is_labelled() {
            return;
        }
        let (presses, fills_in) = (self.profile.presses(), self.profile.fills_in());
        let is_task = !(presses || fills_in) && TASKS.find(value.key) != 0;
        let most = if is_task { TASK_MAX } else { LABEL_MAX };
        if !(is_task || presses || fills_in)
            || content.len() < 4
            || value.meaning == Some(Meaning::Url)
        {
            return;
        }
        let said = said(content.get(..content.len().min(most)).unwrap_or_default());
        // What is written into a field is no label of it.
        if fills_in {
            let is_label = content.len() <= LABEL_MAX;
            if is_label && said & ENDS != 0 && said & (PAYS | MONEY) == 0 {
                self.find(Fact::Confirming, value.span);
            }
            if is_label && said & OPEN != 0 {
                self.find(Fact::OpenField, value.span);
            }
            return;
        }
        if content.len() > most {
            return;
        }
        let read = name::read(content);
        let is_named = presses && read.verb == Some(Verb::Delete) && !read.is_doubtful;
        if is_named || said & ENDS != 0 {
            self.find(Fact::Pressed, value.span);
        }
        if said & (PAYS | MONEY) == PAYS | MONEY
            && let Some(amount) = sum(content)
            && amount > self.facts.amount.0
        {
            self.facts.amount = (amount, Some(value.span));
            self.find(Fact::Payee, value.span);
        }
    }
}

/// What the words of a label or of a task say, beyond what it forbids.
fn said(content: &str) -> u64 {
    let mut all = 0;
    let mut is_forbidden = false;
    for word in words::of_text(content.as_bytes()).take(200) {
        is_forbidden &= !word.opens_sentence() && word.before != b',';
        let kinds = SAID.find(word.hash);
        is_forbidden |= kinds & NOT != 0;
        if !is_forbidden {
            all |= kinds;
        }
    }
    let has_sign = content.contains(['$', '\u{20ac}', '\u{a3}']);
    all | if has_sign { MONEY } else { 0 }
}

/// The greatest number of a label, in hundredths.
fn sum(content: &str) -> Option<u64> {
    let is_part = |letter: char| letter.is_ascii_digit() || matches!(letter, '.' | ',');
    let parts = content.split(|letter: char| !is_part(letter));
    parts
        .map(|part| part.trim_matches(['.', ',']))
        .filter_map(|part| values::amount(part.as_bytes()))
        .max()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn labels_and_tasks_say_what_they_do() {
        for (content, expected) in [
            ("button[data-testid='confirm-delete-workspace']", ENDS),
            ("Deleted items", 0),
            ("Search for hotels. Do not delete or pay anything.", 0),
            ("Do not sign in, delete the draft", ENDS),
            ("Confirm transfer of EUR 48,500.00", PAYS | MONEY),
        ] {
            assert_eq!(said(content), expected, "{content}");
        }
        assert_eq!(sum("Confirm transfer of EUR 48,500.00"), Some(4_850_000));
        assert_eq!(sum("Confirm and pay $48,900"), Some(4_890_000));
    }
}
