//! What words mean in names, descriptions and values: verbs by what they do, and subjects.
//!
//! Refuses to know objects of one product: what stands here is the vocabulary of many.

mod subjects;
mod things;
mod tongues;
mod verbs;

use crate::table::Table;

/// What a verb does to its object.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Verb {
    /// Looks, or computes something new out of what it is given.
    Read,
    /// Creates or changes.
    Write,
    /// Deletes.
    Delete,
    /// Takes away: what it takes decides whether that can be undone.
    Remove,
    /// Sets back or empties: what it empties decides.
    Clear,
    /// Puts an older state back: over live data that destroys.
    Restore,
    /// Hands out many records at once.
    Export,
    /// Does whatever its arguments say.
    Generic,
    /// Switches something off: what it protects decides.
    Disable,
    /// Pays or moves money.
    Pay,
    /// Gives access to others.
    Share,
    /// Passes something on.
    Forward,
}

impl Verb {
    const fn numbered(number: u64) -> Option<Self> {
        Some(match number {
            1 => Self::Read,
            2 => Self::Write,
            3 => Self::Delete,
            4 => Self::Remove,
            5 => Self::Clear,
            6 => Self::Restore,
            7 => Self::Export,
            8 => Self::Generic,
            9 => Self::Disable,
            10 => Self::Pay,
            11 => Self::Share,
            12 => Self::Forward,
            _ => return None,
        })
    }

    /// Whether it changes or hands out something.
    pub(crate) const fn is_active(self) -> bool {
        !matches!(self, Self::Read | Self::Generic)
    }
}

/// A verb as it is known.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Known {
    pub(crate) verb: Verb,
    /// Whether the word is a noun as often: `backup`, `export`, `order`.
    pub(crate) is_noun: bool,
}

const NOUN: u64 = 1 << 8;

/// The verb that one of these forms is.
pub(crate) fn verb(forms: &[u64]) -> Option<Known> {
    let found = forms.iter().map(|form| VERBS.find(*form));
    let value = found.into_iter().find(|value| *value != 0)?;
    Some(Known {
        verb: Verb::numbered(value & 0xff)?,
        is_noun: value & NOUN != 0,
    })
}

/// The verb that this one makes with the particle behind it: `turn off`, `write off`.
pub(crate) fn phrasal(verb: u64, particle: u64) -> Option<Verb> {
    let verb = PHRASES.find(verb);
    match PARTICLES.find(particle) {
        1 if verb & 1 != 0 => Some(Verb::Disable),
        1 if verb & 2 != 0 => Some(Verb::Delete),
        1 if verb & 256 != 0 => Some(Verb::Write),
        2 if verb & 4 != 0 => Some(Verb::Delete),
        // The burn-down of work.
        2 if verb & 128 != 0 => Some(Verb::Read),
        3 if verb & 8 != 0 => Some(Verb::Restore),
        3 if verb & 64 != 0 => Some(Verb::Remove),
        4 if verb & 16 != 0 => Some(Verb::Delete),
        5 if verb & 32 != 0 => Some(Verb::Delete),
        6 if verb & 512 != 0 => Some(Verb::Write),
        _ => None,
    }
}

static PHRASES: Table<64> = Table::of(&[
    (1, "turn turns switch switches shut toggle"),
    (2, "write writes"),
    (4, "tear tears take takes"),
    (128, "burn burns"),
    (8, "roll rolls"),
    (16, "throw throws give"),
    (32, "port ports"),
    (64, "take takes"),
    (256, "kick kicks"),
    (512, "log logs sign signs"),
]);

static PARTICLES: Table<16> = Table::of(&[
    (1, "off"),
    (2, "down"),
    (3, "back"),
    (4, "away"),
    (5, "out"),
    (6, "in"),
]);

/// What two words that stand together are about: `api key`, `access token`, `config vars`.
pub(crate) fn pair(first: u64, second: u64) -> u64 {
    let found = OPENING.find(first) & OPENERS.find(second);
    let credential = if found & pairs::CREDENTIAL == 0 {
        0
    } else {
        about::CREDENTIAL
    };
    let original = if found & pairs::FACTORY == 0 {
        0
    } else {
        about::ORIGINAL
    };
    let environment = if found & pairs::ENVIRON == 0 {
        0
    } else {
        about::ENVIRON
    };
    let vault = if found & pairs::VAULT == 0 {
        0
    } else {
        about::VAULT
    };
    credential | environment | original | vault
}

/// Kinds of pairs, one bit each, for both of their words.
mod pairs {
    pub(super) const KEY: u64 = 1;
    pub(super) const TOKEN: u64 = 1 << 1;
    pub(super) const PHRASE: u64 = 1 << 2;
    pub(super) const STRING: u64 = 1 << 3;
    pub(super) const CODE: u64 = 1 << 4;
    pub(super) const ENVIRON: u64 = 1 << 5;
    pub(super) const LOGIN: u64 = 1 << 6;
    pub(super) const FACTORY: u64 = 1 << 7;
    pub(super) const VAULT: u64 = 1 << 8;
    pub(super) const PIN: u64 = 1 << 9;
    /// Those that open something.
    pub(super) const CREDENTIAL: u64 = KEY | TOKEN | PHRASE | STRING | CODE | LOGIN | PIN;
}

static OPENING: Table<256> = Table::of(&[
    (
        pairs::KEY,
        "api access private secret encryption signing master recovery host license root session \
         temporary temp deploy service account storage admin pgp gpg wrapping unseal stream \
         shared wireguard server decryption",
    ),
    (
        pairs::TOKEN,
        "access refresh api auth bearer session personal oauth deploy id bot service guest sas \
         registration join embed app user security jwt identity",
    ),
    (
        pairs::PHRASE,
        "recovery seed backup secret mnemonic rescue 2fa mfa",
    ),
    (pairs::STRING, "connection"),
    (
        pairs::CODE,
        "guest door access gate entry alarm auth pairing authentication authorization recovery \
         authorisation unlock transfer epp backup rescue 2fa mfa card sim",
    ),
    (
        pairs::ENVIRON,
        "env environment environmental config process app service shell deploy runtime container \
         host application system secret project ci build workflow actions",
    ),
    (pairs::LOGIN, "saved stored browser site"),
    (pairs::FACTORY, "factory"),
    (pairs::VAULT, "kv value secrets secret"),
    (pairs::PIN, "pin pins puk show reveal shows reveals"),
]);

static OPENERS: Table<64> = Table::of(&[
    (pairs::KEY, "key keys"),
    (pairs::TOKEN, "token tokens"),
    (pairs::PHRASE, "phrase phrases words code codes"),
    (pairs::STRING, "string strings"),
    (pairs::CODE, "code codes pin pins"),
    (pairs::ENVIRON, "var vars variable variables dump"),
    (pairs::LOGIN, "login logins"),
    (pairs::VAULT, "engine mount"),
    (pairs::PIN, "show reveal view pin"),
    (
        pairs::FACTORY,
        "default defaults settings reset state condition",
    ),
]);

/// What one of these forms is about: a set of the constants of [`about`].
pub(crate) fn subjects(forms: &[u64]) -> u64 {
    let found = forms.iter().map(|form| SUBJECTS.find(*form));
    found.into_iter().find(|value| *value != 0).unwrap_or(0)
}

/// Subjects, one bit each.
pub(crate) mod about {
    /// Records about persons.
    pub(crate) const PEOPLE: u64 = 1;
    /// Records that are somebody's own: messages, orders, payments.
    pub(crate) const PRIVATE: u64 = 1 << 1;
    /// What opens doors.
    pub(crate) const CREDENTIAL: u64 = 1 << 2;
    /// What guards, watches or keeps copies.
    pub(crate) const PROTECTION: u64 = 1 << 3;
    /// Money.
    pub(crate) const MONEY: u64 = 1 << 4;
    /// Mail, chat, texts.
    pub(crate) const MESSAGE: u64 = 1 << 5;
    /// What others will read: issues, comments, posts, pages, commits.
    pub(crate) const PUBLISHED: u64 = 1 << 6;
    /// What only tells about something: a status, a preview.
    pub(crate) const TELLING: u64 = 1 << 7;
    /// What may tell about something, or be the thing itself: a report, a policy.
    pub(crate) const MAYBE_TELLING: u64 = 1 << 8;
    /// What is given again in a moment: a reaction, a star.
    pub(crate) const LIGHT: u64 = 1 << 9;
    /// What ties things together: a label, a membership.
    pub(crate) const TIE: u64 = 1 << 10;
    /// Text and pictures as values.
    pub(crate) const VALUE: u64 = 1 << 11;
    /// What is filled again by itself.
    pub(crate) const CACHE: u64 = 1 << 12;
    /// SQL.
    pub(crate) const SQL: u64 = 1 << 13;
    /// Command lines.
    pub(crate) const SHELL: u64 = 1 << 14;
    /// Scripts.
    pub(crate) const SCRIPT: u64 = 1 << 15;
    /// Requests.
    pub(crate) const HTTP: u64 = 1 << 16;
    /// GraphQL.
    pub(crate) const GRAPHQL: u64 = 1 << 17;
    /// MongoDB.
    pub(crate) const MONGO: u64 = 1 << 18;
    /// Redis.
    pub(crate) const REDIS: u64 = 1 << 19;
    /// Elasticsearch.
    pub(crate) const ELASTIC: u64 = 1 << 20;
    /// Everything of a kind.
    pub(crate) const ALL: u64 = 1 << 21;
    /// Everybody.
    pub(crate) const PUBLIC: u64 = 1 << 22;
    /// What things lie in before they are gone.
    pub(crate) const TRASH: u64 = 1 << 23;
    /// Whole stores of data, and their copies.
    pub(crate) const STORE: u64 = 1 << 24;
    /// Addresses that are called when something happens.
    pub(crate) const HOOK: u64 = 1 << 25;
    /// Access of others.
    pub(crate) const ACCESS: u64 = 1 << 26;
    /// How much of something runs.
    pub(crate) const SCALE: u64 = 1 << 27;
    /// The act of deleting, as a noun.
    pub(crate) const DELETION: u64 = 1 << 28;
    /// A page in a browser.
    pub(crate) const BROWSER: u64 = 1 << 29;
    /// A way that mail takes by itself.
    pub(crate) const FORWARDING: u64 = 1 << 30;
    /// Files.
    pub(crate) const FILE: u64 = 1 << 31;
    /// Sending something up to somebody else.
    pub(crate) const UPLOAD: u64 = 1 << 32;
    /// Git.
    pub(crate) const GIT: u64 = 1 << 33;
    /// Cookies and sessions of a browser.
    pub(crate) const SESSION: u64 = 1 << 34;
    /// The names of things only, not what is in them.
    pub(crate) const METADATA: u64 = 1 << 35;
    /// Ways to something, and who may see it.
    pub(crate) const LINK: u64 = 1 << 36;
    /// Parts of a document that is kept.
    pub(crate) const CELL: u64 = 1 << 37;
    /// What a file system lies on.
    pub(crate) const DISK: u64 = 1 << 38;
    /// The state of a thing that was never used.
    pub(crate) const FACTORY: u64 = 1 << 39;
    /// What keeps others out.
    pub(crate) const CLOSED: u64 = 1 << 40;
    /// What people keep to themselves: pay, health, numbers of identity.
    pub(crate) const SENSITIVE: u64 = 1 << 41;
    /// What keeps records from being deleted, by law.
    pub(crate) const HOLD: u64 = 1 << 42;
    /// What runs on a machine once it is loaded.
    pub(crate) const CODE_IMAGE: u64 = 1 << 43;
    /// What is built and then published.
    pub(crate) const ARTEFACT: u64 = 1 << 44;
    /// A start anew that loses nothing.
    pub(crate) const SOFT: u64 = 1 << 45;
    /// Rules by which messages and calls take their way.
    pub(crate) const ROUTING: u64 = 1 << 46;
    /// What binds two parties.
    pub(crate) const CONTRACT: u64 = 1 << 47;
    /// Records that may be of one and the same.
    pub(crate) const DUPLICATE: u64 = 1 << 48;
    /// What was sold or sent out in numbers.
    pub(crate) const SERIAL: u64 = 1 << 49;
    /// Where something goes that leaves for another company.
    pub(crate) const ELSEWHERE: u64 = 1 << 50;
    /// What lets others in by itself.
    pub(crate) const SHARING: u64 = 1 << 51;
    /// What is paid once it is approved.
    pub(crate) const PAYABLE: u64 = 1 << 52;
    /// What keeps a machine from harm.
    pub(crate) const SAFETY: u64 = 1 << 53;
    /// What is written and not sent yet.
    pub(crate) const DRAFT: u64 = 1 << 54;
    /// Where secrets lie.
    pub(crate) const VAULT: u64 = 1 << 55;
    /// What points at a place on a screen.
    pub(crate) const POINTER: u64 = 1 << 56;
    /// The web, as a place.
    pub(crate) const WEB: u64 = 1 << 57;
    /// The variables of an environment.
    pub(crate) const ENVIRON: u64 = 1 << 58;
    /// What people are invited to.
    pub(crate) const EVENT: u64 = 1 << 59;
    /// What holds much that is somebody's own: mailboxes, buckets, drives.
    pub(crate) const HOLDER: u64 = 1 << 60;
    /// What has a value by its name.
    pub(crate) const SETTING: u64 = 1 << 61;
    /// Folders, with all that lies in them.
    pub(crate) const TREE: u64 = 1 << 62;
    /// The state in which something came out of its factory.
    pub(crate) const ORIGINAL: u64 = 1 << 63;
}

static VERBS: Table<16384> = Table::of_all(&[
    verbs::VERB_ROWS,
    tongues::GERMANIC,
    tongues::ROMANCE,
    tongues::SLAVIC,
    tongues::URALIC,
    tongues::EASTERN,
]);

static SUBJECTS: Table<8192> = Table::of_all(&[subjects::SUBJECT_ROWS, things::THING_ROWS]);

#[cfg(test)]
mod tests {
    use super::*;
    use crate::table::hash;

    #[test]
    fn a_verb_stands_in_one_row_only() {
        let tongues = [
            verbs::VERB_ROWS,
            tongues::GERMANIC,
            tongues::ROMANCE,
            tongues::SLAVIC,
            tongues::URALIC,
            tongues::EASTERN,
        ];
        let rows = tongues.into_iter().flatten();
        let mut all: Vec<_> = rows
            .flat_map(|(_, row)| row.split(' '))
            .map(|word| hash(word.as_bytes()))
            .collect();
        all.sort_unstable();
        let twice: Vec<_> = all.windows(2).filter(|pair| pair[0] == pair[1]).collect();
        assert!(twice.is_empty(), "{twice:?}");
    }

    #[test]
    fn words_of_every_kind_are_known() {
        for (word, verb_, is_noun) in [
            ("get", Verb::Read, false),
            ("delete", Verb::Delete, false),
            ("remove", Verb::Remove, false),
            ("reset", Verb::Clear, true),
            ("export", Verb::Export, true),
            ("run", Verb::Generic, false),
            ("disable", Verb::Disable, false),
            ("transfer", Verb::Pay, true),
            ("share", Verb::Share, true),
            ("löschen", Verb::Delete, false),
        ] {
            let known = verb(&[hash(word.as_bytes())]).expect(word);
            assert_eq!(known.verb, verb_, "{word}");
            assert_eq!(known.is_noun, is_noun, "{word}");
        }
        assert_eq!(verb(&[hash(b"frobnicate")]), None);
        let customers = subjects(&[hash(b"customers")]);
        assert_ne!(customers & about::PEOPLE, 0);
        assert_eq!(subjects(&[hash(b"weather")]), 0);
    }
}
