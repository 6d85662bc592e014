//! Who is no part of the organisation, and what is pressed or let in by what a value says.
//!
//! Refuses what a tool of another kind is given: a text that is typed presses nothing.

use varistor_model::Span;

use super::Fact;
use super::pass::{Pass, Value};
use super::weigh::kinds;
use crate::lexicon::about;
use crate::table::{Table, key_hash};
use crate::values::{self, word};
use crate::words;

/// Bytes of the label of a button, or of its place on a page.
const LABEL_MAX: usize = 96;
/// Bytes of a manifest that is looked at.
const MANIFEST_MAX: usize = 64 << 10;
/// Digits from which on a name holds the number of an account.
const ACCOUNT_DIGITS_MIN: usize = 5;

/// Words in front of the names of those who are no part of the organisation.
static OUTER: Table<32> = Table::of(&[
    (
        1,
        "external partner partners vendor vendors contractor contractors ext extern supplier \
         thirdparty outsider freelancer consultant agency",
    ),
    (2, "external ext extern contractor outsider freelancer"),
]);

/// Kinds of those who are no part of the organisation.
static OUTER_KINDS: Table<64> = Table::of(&[(
    1,
    "external externaluser externalorg externalorganization externalorganisation externalguest \
     externalpartner externaldomain externaltenant externalmember externalcollaborator outside \
     outsider thirdparty partner partnerorg crossorg crosstenant crossdomain crosscompany otherorg \
     otherorganization otherorganisation othertenant anothertenant federated b2b interorg foreign",
)]);

/// Whether a kind of member, channel or link is that of somebody else: `external_org`.
pub(super) fn is_outer_kind(content: &str) -> bool {
    content.len() <= 32 && OUTER_KINDS.find(key_hash(content.as_bytes())) != 0
}

/// Whether a name says that its bearer is no part of the organisation: `ext-jdoe`.
pub(super) fn is_outer(content: &str) -> bool {
    if content.len() > LABEL_MAX || content.contains(' ') {
        return false;
    }
    let mut words = words::of_name(content.as_bytes()).take(6);
    let is_front = words
        .next()
        .is_some_and(|word| OUTER.find(word.hash) & 1 != 0);
    is_front || words.any(|word| OUTER.find(word.hash) & 2 != 0)
}

/// Whether a name is that of an account of somebody outside: `vendor-sync-4410982`.
pub(super) fn is_outer_account(content: &str) -> bool {
    let digits = content.bytes().filter(u8::is_ascii_digit).count();
    digits >= ACCOUNT_DIGITS_MIN && is_outer(content)
}

/// Whether a group is everybody's, by a word of its name.
pub(super) fn names_everybody(content: &str) -> bool {
    let mut words = words::of_text(content.as_bytes()).take(6);
    content.len() <= 64 && words.any(|word| EVERYBODY.find(word.hash) != 0)
}

static EVERYBODY: Table<16> =
    Table::of(&[(1, "everyone everybody anyone anonymous guest guests public")]);

/// Whether rules let everybody in: policies of clouds, rules of databases of apps. What is only
/// denied to everybody lets nobody in.
pub(super) fn is_open_policy(content: &str) -> bool {
    let has = |part: &[u8]| memchr::memmem::find(content.as_bytes(), part).is_some();
    if has(b"Deny") && !has(b"Allow") {
        return false;
    }
    let compact = || content.split([' ', '\\', '\t']).collect::<String>();
    names_all(content) && !has(b"PrincipalOrg") && !has(b"SourceVpc") && !has(b"SourceAccount")
        || (has(b".read") || has(b".write")) && {
            let plain = compact();
            plain.contains("\".read\":true") || plain.contains("\".write\":true")
        }
        || has(b"if true") && has(b"allow ")
}

/// Whether a principal is everybody: `"Principal": "*"`, `"Principal": {"AWS": ["*"]}`.
fn names_all(content: &str) -> bool {
    let is_sign = |sign: char| matches!(sign, '"' | '\\' | ':' | ' ' | '{' | '[' | '\n' | '\t');
    content.split("Principal").skip(1).any(|behind| {
        let behind = behind.trim_start_matches(is_sign);
        let kinds = ["AWS", "Federated", "CanonicalUser", "Service"];
        let value = kinds.iter().find_map(|kind| behind.strip_prefix(kind));
        let value = value.unwrap_or(behind).trim_start_matches(is_sign);
        value.starts_with('*')
    })
}

/// Verbs that put a manifest in force.
static APPLYING: Table<32> =
    Table::of(&[(1, "apply create patch replace update put upsert deploy set")]);

impl Pass<'_, '_> {
    /// A policy, or the name of one: `policy: "require_mfa"`.
    pub(super) fn policy(&mut self, content: &str, span: Span) {
        if is_open_policy(content) {
            self.find(Fact::Public, span);
        } else if content.starts_with("arn:aws:iam::") {
            // The account of somebody else, in a statement.
            self.recipient(content, span);
        } else if values::words(content.as_bytes()) & word::OFF != 0 {
            self.find(Fact::Off, span);
        } else if content.len() <= 48 {
            self.facts.kinds |= kinds(content) & about::PROTECTION;
        }
    }

    /// A statement of a policy ends: whether it lets everybody in.
    pub(super) fn statement(&mut self, span: Span) {
        let content = self.facts.text.get(span.range()).unwrap_or_default();
        // Of several statements, each is judged by itself.
        let is_one = memchr::memmem::find_iter(content.as_bytes(), b"\"Effect\"")
            .take(2)
            .count()
            < 2;
        if is_one && content.len() <= MANIFEST_MAX && is_open_policy(content) {
            self.find(Fact::Public, span);
        }
    }

    /// What a label says that is pressed, and whom a manifest lets in.
    pub(super) fn pressed(&mut self, content: &str, value: &Value) {
        let verb = self.profile.verb_hash;
        self.labelled(content, value);
        let is_manifest = (40..=MANIFEST_MAX).contains(&content.len());
        if is_manifest && APPLYING.find(verb) != 0 {
            let has = |part: &[u8]| memchr::memmem::find(content.as_bytes(), part).is_some();
            let is_anybody = has(b"system:anonymous") || has(b"system:unauthenticated");
            if is_anybody && has(b"RoleBinding") {
                self.find(Fact::Public, value.span);
            }
        }
        if let Some(intent) = self.profile.choice(content)
            && self.facts.choice.is_none_or(|(other, _)| other < intent)
        {
            self.facts.choice = Some((intent, value.span));
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_of_outsiders_say_so() {
        for (name, expected) in [
            ("ext-mueller", true),
            ("vendor-sync", true),
            ("jane-external", true),
            ("team-partner", false),
            ("next-release", false),
            ("text", false),
        ] {
            assert_eq!(is_outer(name), expected, "{name}");
        }
        assert!(is_outer_account("vendor-sync-4410982"));
        assert!(!is_outer_account("vendor-viewer"));
    }
}
