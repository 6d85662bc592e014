//! Which of its deeds a tool shall do, as an argument says it.
//!
//! Refuses to take a right for a deed, and the name of a program.

use varistor_model::{Intent, Span};

use super::pass::Pass;
use super::{Deed, Fact};
use crate::lexicon::{Verb, about};
use crate::name;
use crate::table::{Table, key_hash};
use crate::verdict;

impl Pass<'_, '_> {
    pub(super) fn operation(&mut self, content: &str, span: Span) {
        if content.len() > 48 {
            return;
        }
        // What somebody may do is not done.
        if self.profile.shares() && RIGHTS.find(key_hash(content.as_bytes())) != 0 {
            return;
        }
        let read = name::read(content);
        let is_named_only = name::asks(content);
        if is_named_only || content.starts_with("list") {
            self.find(Fact::Veiled, span);
        }
        let is_telling = read.subjects & about::TELLING != 0 || is_named_only;
        let told = is_telling.then_some((Intent::Read, 70));
        // What is exported is what the tool is about: `contacts_bulk(op: export)`.
        let meant = read.subjects | self.profile.subjects & EXPORTED;
        let exported = (read.verb == Some(Verb::Export))
            .then(|| verdict::of(Verb::Export, meant))
            .flatten();
        self.guarded(content, &read, span);
        // `action: resolve` of what the tool is about.
        let turned = (read.verb == Some(Verb::Read))
            .then(|| verdict::turned(read.verb_hash, read.subjects | self.profile.subjects))
            .flatten();
        let said = if is_named_only {
            told
        } else if turned.is_some() {
            turned
        } else {
            exported.or(read.said).or(told)
        };
        let Some((intent, sure)) = said else {
            return;
        };
        if read.verb == Some(Verb::Disable) {
            self.find(Fact::Off, span);
        }
        if TRYING.find(key_hash(content.as_bytes())) != 0 {
            self.mode_of_trial(content, span);
        }
        if intent == Intent::Read && !is_telling && HANDING.find(read.verb_hash) != 0 {
            self.find(Fact::Handed, span);
        }
        let deed = Deed {
            intent,
            sure,
            span,
            is_declared: false,
        };
        self.deed(deed, content);
    }
}

/// Rights that a tool gives which is about access.
static RIGHTS: Table<32> = Table::of(&[(
    1,
    "read view write edit comment readonly readwrite viewer editor reader writer",
)]);

/// Deeds that only try.
static TRYING: Table<16> = Table::of(&[(
    1,
    "dryrun preview simulate whatif validateonly planonly previewonly",
)]);

/// Deeds that hand out what a tool keeps.
static HANDING: Table<64> = Table::of(&[(
    1,
    "get read fetch retrieve show reveal view decrypt unwrap download export dump cat load copy \
     resolve display print",
)]);

/// Subjects of a tool that decide whether its export is one of people or of secrets.
const EXPORTED: u64 = about::PEOPLE
    | about::CREDENTIAL
    | about::SENSITIVE
    | about::HOLDER
    | about::TELLING
    | about::METADATA;

/// Whether a command is the name of a deed, as devices and services have them, and no program:
/// `close_valve`, `setPoint`.
pub(super) fn is_deed(content: &str) -> bool {
    let is_name = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.');
    let is_parted = content.contains('_')
        || content.starts_with(|letter: char| letter.is_ascii_lowercase())
            && content.contains(|letter: char| letter.is_ascii_uppercase());
    (3..=48).contains(&content.len())
        && is_parted
        && content.bytes().all(is_name)
        && name::read(content).said.is_some()
        && !varistor_effect::is_program(content)
}
