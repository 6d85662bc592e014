//! What a mutation sends elsewhere: addresses that it has called, people that it lets in.
//!
//! Refuses what a mutation only stores: the names of its fields have to say that something is
//! sent, or that somebody gets access.

use varistor_effect::{self as effect, Effect, Effects, Outside};
use varistor_model::Intent;

use super::line::with_plain;
use crate::facts::Facts;
use crate::table::Table;
use crate::values;
use crate::words;

/// Words of a document and addresses among the arguments that are looked at.
const WORDS_MAX: usize = 96;
const ADDRESSES_MAX: usize = 8;
/// Bytes in front of an address's sign that may be its scheme or its name.
const FRONT_MAX: usize = 64;

const HOOKS: u64 = 1;
const ADMITS: u64 = 2;

static SAYS: Table<128> = Table::of(&[
    (
        HOOKS,
        "webhook webhooks hook hooks callback callbacks subscription endpoint destination sink \
         drain forward forwarding forwarder mirror replicate replication integration eventbridge \
         logdrain logpush stream exporter relay notifier",
    ),
    (
        ADMITS,
        "invite invitation invitations collaborator collaborators share grant guest guests access \
         permission permissions delegate member members viewer editor ownership transfer forward \
         forwarding",
    ),
]);

/// What a document does, with what it sends to somebody else.
pub(super) fn judged(text: &str, facts: &Facts<'_>, outside: &dyn Outside) -> Effects {
    let mut effects = with_plain(text, effect::graphql);
    if effects.intent() != Some(Intent::Write) {
        return effects;
    }
    let names = words::of_name(text.as_bytes()).take(WORDS_MAX);
    let said = names.fold(0, |all, word| all | SAYS.find(word.hash));
    if said & HOOKS != 0 && leads_out(facts.text, outside) {
        effects.push(Effect::new(Intent::Exfiltrative, 72, "graphql.hook"));
    }
    if said & ADMITS != 0 && names_outsider(facts.text, outside) {
        effects.push(Effect::new(Intent::Exfiltrative, 70, "graphql.outsider"));
    }
    effects
}

/// Whether an address of a foreign host stands among the arguments.
fn leads_out(text: &str, outside: &dyn Outside) -> bool {
    let signs = memchr::memmem::find_iter(text.as_bytes(), b"://").take(ADDRESSES_MAX);
    signs.into_iter().any(|at| {
        let url = around(text, at, |byte| {
            byte.is_ascii_alphanumeric() || byte == b'+'
        });
        values::host(url).is_some_and(|host| outside.is_foreign_host(host))
    })
}

/// Whether a foreign mail address stands among the arguments.
fn names_outsider(text: &str, outside: &dyn Outside) -> bool {
    let signs = memchr::memchr_iter(b'@', text.as_bytes()).take(ADDRESSES_MAX);
    signs.into_iter().any(|at| {
        let is_local = |byte: u8| byte.is_ascii_alphanumeric() || b"._+-".contains(&byte);
        let address = around(text, at, is_local);
        let named = address.split_once('@');
        named.is_some_and(|(local, domain)| {
            !local.is_empty() && values::is_domain(domain) && outside.is_foreign_mail(address)
        })
    })
}

/// The text around this place: what may stand in front of it, and all up to a quote or a blank.
fn around(text: &str, at: usize, is_front: impl Fn(u8) -> bool) -> &str {
    let (front, behind) = text.split_at_checked(at).unwrap_or_default();
    let bytes = front.bytes().rev().take(FRONT_MAX);
    let start = at.saturating_sub(bytes.take_while(|byte| is_front(*byte)).count());
    let is_end = |letter: char| matches!(letter, '"' | '\'' | '\\' | ' ' | ')' | '>' | ',' | '<');
    let length = behind.find(is_end).unwrap_or(behind.len());
    text.get(start..at.saturating_add(length))
        .unwrap_or_default()
}
