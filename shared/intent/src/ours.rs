//! Whose side a call is on, where nobody has stated the organisation's domains: a sender, an owner
//! or a tenant among the arguments shows its own.
//!
//! Refuses what the caller could make up: only parameters that the definition declares count,
//! never beside stated domains, never the domains of providers that give addresses to anybody, and
//! never where the parameter is the one who receives.

use varistor_effect::Outside;

use crate::definition::Definition;
use crate::json::{Part, Walk};
use crate::keys::{self, Meaning};
use crate::lexicon::about;
use crate::profile::Profile;
use crate::table::{Table, hash, key_hash};
use crate::values;
use crate::words;

/// Parameters that show whose side a call is on; more are not looked at.
const KEYS_MAX: usize = 3;

/// The declared parameters that show it, by the hashes of their names.
pub(crate) type Keys = [u64; KEYS_MAX];

const ACTS: u64 = 1;
const HOLDS: u64 = 1 << 1;
const HOME: u64 = 1 << 2;
const DOMAIN: u64 = 1 << 3;
const BY: u64 = 1 << 4;
const AIMS: u64 = 1 << 5;
const OWNS: u64 = 1 << 6;

static PARTS: Table<256> = Table::of(&[
    (
        ACTS,
        "from sender requester requestor author creator organizer organiser initiator actor \
         submitter originator impersonate acting behalf myself caller operator sponsor inviter \
         absender expediteur remitente mittente",
    ),
    (OWNS, "owner eigentuemer proprietaire propietario"),
    (HOLDS, "mailbox calendar group inbox drive workspace google"),
    (
        HOME,
        "tenant org organization organisation company firm workspace home primary own our \
         internal \
         corporate employer directory school account my customer site hosted verified",
    ),
    (DOMAIN, "domain"),
    (BY, "by"),
    (
        AIMS,
        "to new target recipient guest external partner other allowed blocked shared with next \
         member members invitee destination forward",
    ),
]);

/// Words of a name that tell of a change of the owner.
static CHANGING: Table<32> = Table::of(&[(
    1,
    "owner ownership transfer assign reassign handover delegate delegation",
)]);

/// First labels of the domains of providers where anybody gets an address.
static OPEN_TO_ALL: Table<128> = Table::of(&[(
    1,
    "gmail googlemail outlook hotmail live msn yahoo ymail icloud me mac aol gmx web proton \
     protonmail pm mail yandex qq 163 126 zoho zohomail fastmail tutanota tuta hey tonline orange \
     laposte free libero virgilio wp o2 onet interia seznam naver daum rediffmail mailinator \
     guerrillamail yopmail tempmail inbox freenet posteo mailbox sfr wanadoo comcast verizon att \
     bluewin telia centrum",
)]);

/// The parameters of this definition that show whose side a call is on.
pub(crate) fn keys(definition: &Definition, subjects: u64) -> Keys {
    let mut found = Keys::default();
    // The sender that a rule matches is anybody.
    if subjects & about::FORWARDING != 0 {
        return found;
    }
    let changes =
        words::of_name(definition.name.as_bytes()).any(|word| CHANGING.find(word.hash) != 0);
    let outermost = || definition.properties.iter().filter(|one| one.is_outermost);
    let mut free = found.iter_mut();
    for property in outermost() {
        let name = property.name.as_bytes();
        let key = key_hash(name);
        // Somebody else has to be named besides.
        let has_other = outermost().any(|other| {
            let name = other.name.as_bytes();
            let meaning = keys::meaning(key_hash(name)).or_else(|| keys::inferred(name));
            let is_value = words::of_name(name)
                .last()
                .is_some_and(|word| word.hash == hash(b"value") || word.hash == hash(b"with"));
            key_hash(name) != key && (meaning == Some(Meaning::Recipient) || is_value)
        });
        if has_other
            && shows(name, changes)
            && let Some(place) = free.next()
        {
            *place = key;
        }
    }
    found
}

/// Whether a parameter of this name shows whose side a call is on.
fn shows(name: &[u8], changes: bool) -> bool {
    let words = words::of_name(name).take(5);
    let (all, last) = words.fold((0, 0), |(all, _), word| {
        let found = PARTS.find(word.hash);
        (all | found, found)
    });
    if all & AIMS != 0 {
        return false;
    }
    all & (ACTS | HOLDS) != 0
        || all & OWNS != 0 && !changes
        || last & BY != 0
        || all & HOME != 0 && last & DOMAIN != 0
}

/// The domain of whoever makes this call, as its arguments show it.
pub(crate) fn domain<'a>(arguments: &'a str, profile: &Profile) -> Option<&'a str> {
    let mut depth = 0_usize;
    let mut is_wanted = false;
    for part in Walk::over(arguments.as_bytes()) {
        match part {
            Part::Object(_) | Part::Array(_) => depth = depth.saturating_add(1),
            Part::End(_) => depth = depth.saturating_sub(1),
            Part::Key(start, end) => {
                let name = arguments.as_bytes().get(start..end).unwrap_or_default();
                let key = key_hash(name);
                is_wanted =
                    depth == 1 && profile.ours.contains(&key) && profile.declared.knows(key, name);
                continue;
            }
            Part::Text(start, end) if is_wanted && depth == 1 => {
                let text = arguments.get(start..end).unwrap_or_default();
                if let Some(domain) = own(text) {
                    return Some(domain);
                }
            }
            _ => {}
        }
        is_wanted = false;
    }
    None
}

/// The domain of an address or of a bare domain, unless anybody may have an address there.
fn own(text: &str) -> Option<&str> {
    let text = text.trim_end_matches('>').trim();
    let domain = text.rsplit_once('@').map_or(text, |(_, domain)| domain);
    let label = domain.split('.').next().unwrap_or_default();
    let is_open = OPEN_TO_ALL.find(key_hash(label.as_bytes())) != 0;
    (values::is_domain(domain) && !is_open).then_some(domain)
}

/// What is outside for a call from within this domain.
pub(crate) struct Near<'a> {
    pub(crate) outside: &'a dyn Outside,
    pub(crate) domain: &'a str,
}

impl Near<'_> {
    fn is_near(&self, host: &str) -> bool {
        let Some(at) = host.len().checked_sub(self.domain.len()) else {
            return false;
        };
        let (Some(before), Some(end)) = (host.get(..at), host.get(at..)) else {
            return false;
        };
        end.eq_ignore_ascii_case(self.domain) && (before.is_empty() || before.ends_with('.'))
    }
}

impl Outside for Near<'_> {
    fn is_foreign_host(&self, host: &str) -> bool {
        !self.is_near(host) && self.outside.is_foreign_host(host)
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        let domain = address.rsplit_once('@').map_or("", |(_, domain)| domain);
        let ends = |sign: char| !sign.is_ascii_alphanumeric() && sign != '.' && sign != '-';
        let domain = domain.split(ends).next().unwrap_or_default();
        !self.is_near(domain) && self.outside.is_foreign_mail(address)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_sender_shows_its_own_domain() {
        for (name, expected) in [
            ("from", true),
            ("requested_by", true),
            ("ownerEmail", true),
            ("company_domain", true),
            ("from_to", false),
            ("new_owner", false),
            ("allowed_domain", false),
            ("domain", false),
            ("email", false),
        ] {
            assert_eq!(shows(name.as_bytes(), false), expected, "{name}");
        }
        assert!(!shows(b"owner", true));
        assert_eq!(own("Ann <ann@firm.example>"), Some("firm.example"));
        assert_eq!(own("ann@gmail.com"), None);
        assert_eq!(own("weekly"), None);
    }
}
