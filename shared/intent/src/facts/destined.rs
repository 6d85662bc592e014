//! Where a value sends what the organisation keeps, and what a value decides by itself: a ref
//! that is
//! forced, a record that is deleted by its text, a guard that is switched off under whatever key.
//!
//! Refuses keys of where something comes from.

use super::Fact;
use super::pass::{Pass, Value};
use crate::keys::Meaning;
use crate::lexicon::{Verb, about};
use crate::name;
use crate::parties::{self, kind};
use crate::table::{Table, key_hash};
use crate::values::{self, word};
use crate::words;

/// Bytes of a place, and of a text that names a person or a thing.
const PLACE_MAX: usize = 256;
const LABEL_MAX: usize = 64;
/// Bytes of a text of changes that is looked at.
const CHANGES_MAX: usize = 64 << 10;
/// Digits of a telephone number with its country.
const PHONE_MIN: usize = 8;

const AIMED: u64 = 1;
const SOURCE: u64 = 1 << 1;
const LINE: u64 = 1 << 2;

/// Words in the names of parameters that say where something goes, or where it comes from.
static KEYS: Table<256> = Table::of(&[
    (
        AIMED,
        "to target dest destination host hostname endpoint server sink address addr email mail \
         recipient recipients place location drive bucket share site service folder remote feed \
         subscriber inbox upload hub repository repo network receiver node peer sftp ftp ftps scp \
         webdav smb portal platform cloud destinatario empfaenger empfanger ziel destino cible \
         destinataire destinazione odbiorca mottagare modtager vastaanottaja prijemce alici \
         cimzett \
         poluchatel penerima collector space drop deliver delivery ship forward",
    ),
    (
        SOURCE,
        "from source src origin input referer avatar logo image icon download fetch pull import \
         sender reply own",
    ),
    (
        LINE,
        "msisdn line subscriber extension from caller iccid imsi own source did ddi user",
    ),
]);

/// Keys of texts that say themselves what is done.
static SPOKEN: Table<16> = Table::of(&[(1, "refspec refspecs"), (2, "ldif ldifs ldiftext")]);

/// Words that make of a person one who is no part of the organisation.
static STRANGERS: Table<64> = Table::of(&[(
    1,
    "external extern externe externo esterno freelancer freelance contractor subcontractor vendor \
     partner agency consultant consultancy outsider thirdparty auditor guest supplier reseller",
)]);

/// Kinds of elements on a page that lead to another view.
static VIEWS: Table<64> = Table::of(&[(
    1,
    "tab tabs menu dropdown accordion breadcrumb pagination tooltip expand collapse heading \
     navigation sidebar thumbnail",
)]);

const SILENCES: u64 = 1;
const ISOLATES: u64 = 1 << 1;
const GUARD: u64 = 1 << 2;
const BOUND: u64 = 1 << 3;

/// Words of operations that take a guard away: alone, or with what is isolated.
static SILENCING: Table<128> = Table::of(&[
    (
        SILENCES,
        "override bypass inhibit defeat disable disarm suppress jumper overridden bypassed \
         inhibited off shelve",
    ),
    (
        BOUND,
        "limit limits safety lock lockout check checks guard trip bounds envelope endstop \
         endstops",
    ),
    (ISOLATES, "isolate mask mute silence exclude omit lock"),
    (
        GUARD,
        "zone zones loop detector sensor sounder sounders head panel circuit alarm alarms siren \
         bell strobe horn trip input",
    ),
]);

impl Pass<'_, '_> {
    /// What a text tells by where it leads and by what it says itself.
    pub(super) fn destined(&mut self, content: &str, value: &Value) {
        if (1..=13).contains(&content.len()) && content.bytes().all(|byte| byte.is_ascii_digit()) {
            self.measured(content.as_bytes(), value.span);
        }
        match SPOKEN.find(value.key) {
            1 if content.starts_with(['+', ':']) => self.find(Fact::Lost, value.span),
            2 if deletes_entry(content) => self.find(Fact::Deleted, value.span),
            _ => {}
        }
        if content.starts_with('$') {
            self.operated(content, value);
        }
        if self.profile.reads() && !self.profile.moves() {
            return;
        }
        let subjects = self.profile.subjects;
        if subjects & about::PROTECTION != 0
            && value.meaning.is_none()
            && values::words(content.as_bytes()) & word::OFF != 0
            && !matches!(content, "none" | "0" | "no" | "false")
        {
            self.find(Fact::Off, value.span);
        }
        if subjects & about::FORWARDING != 0 && is_phone(content) && self.key() & LINE == 0 {
            self.find(Fact::ForwardsOut, value.span);
        }
        if subjects & (about::CREDENTIAL | about::ACCESS) != 0
            && (4..=LABEL_MAX).contains(&content.len())
            && value.meaning != Some(Meaning::Role)
        {
            let mut words = words::of_name(content.as_bytes()).take(8);
            if words.any(|word| STRANGERS.find(word.hash) != 0) {
                self.find(Fact::Stranger, value.span);
            }
        }
        if self.profile.presses() {
            self.viewed(content, value);
        }
        let hands_on = self.profile.moves() || self.profile.sends();
        if hands_on && (4..=PLACE_MAX).contains(&content.len()) {
            self.placed(content, value);
        }
    }

    /// An operation that takes a guard away, whatever it calls that: `ISOLATE_ZONE`.
    pub(super) fn guarded(&mut self, content: &str, read: &name::Name, span: varistor_model::Span) {
        let meant = read.subjects | self.profile.subjects;
        let kinds = words::of_name(content.as_bytes())
            .take(8)
            .fold(0, |all, word| all | SILENCING.find(word.hash));
        let is_guard = meant & about::PROTECTION != 0;
        let is_off = kinds & SILENCES != 0 || kinds & (ISOLATES | GUARD) == ISOLATES | GUARD;
        if is_off && is_guard || kinds & (SILENCES | BOUND) == SILENCES | BOUND {
            self.facts.kinds |= about::PROTECTION;
            self.find(Fact::Off, span);
        }
    }

    /// Whether a value takes a guard away by its words; then that is what the call is about.
    pub(super) fn guards_off(&mut self, content: &str) -> bool {
        let read = name::read(content);
        let is_off = read.verb == Some(Verb::Disable) && read.subjects & about::PROTECTION != 0;
        if is_off {
            self.facts.kinds |= about::PROTECTION;
        }
        is_off
    }

    /// Operations of health records, which begin with a sign.
    fn operated(&mut self, content: &str, value: &Value) {
        let fact = match content {
            "$export" | "$everything" | "$bulk-export" => Fact::Exports,
            "$expunge" | "$purge" => Fact::Deleted,
            _ => return,
        };
        self.find(fact, value.span);
    }

    /// What is pressed only to see something else.
    fn viewed(&mut self, content: &str, value: &Value) {
        if !(3..=LABEL_MAX).contains(&content.len()) {
            return;
        }
        let mut words = words::of_name(content.as_bytes()).take(8);
        let is_view = words.any(|word| VIEWS.find(word.hash) != 0);
        let read = name::read(content);
        if is_view && read.verb.is_none_or(|verb| !verb.is_active()) {
            self.find(Fact::Looks, value.span);
        }
    }

    /// The kinds of the words of the key that this value stands under.
    fn key(&self) -> u64 {
        let (start, end) = self.name;
        let name = self
            .facts
            .text
            .as_bytes()
            .get(start..end)
            .unwrap_or_default();
        let words = words::of_name(name).take(6);
        words.fold(0, |all, word| {
            let party = parties::kinds(&word) & kind::PARTY != 0;
            all | KEYS.find(word.hash) | if party { AIMED } else { 0 }
        })
    }

    /// A place that is somebody else's, where what the organisation keeps is sent.
    fn placed(&mut self, content: &str, value: &Value) {
        let bytes = content.as_bytes();
        let has_sign = memchr::memchr3(b'.', b'@', b'/', bytes).is_some();
        if !has_sign || memchr::memchr2(b' ', b'\n', bytes).is_some() {
            return;
        }
        if parties::is_drop(content) {
            self.find(Fact::Dropped, value.span);
        }
        if !self.profile.moves() {
            return;
        }
        let key = self.key();
        let is_page = content.starts_with("http");
        let is_aimed = key & AIMED != 0 || self.profile.aims();
        if is_page && !is_aimed || key & SOURCE != 0 || is_own(value.key) {
            return;
        }
        let is_foreign = if content.contains("://") || !content.contains('@') {
            let host = values::host(content).or_else(|| bare(content));
            host.is_some_and(|host| values::is_domain(host) && self.outside.is_foreign_host(host))
                || content.contains("://") && is_strange(content)
        } else {
            self.outside.is_foreign_mail(content)
        };
        if is_foreign {
            self.find(Fact::OuterPlace, value.span);
        }
    }
}

/// Ends of the names of files that are no ends of hosts.
static FILES: Table<128> = Table::of(&[(
    1,
    "md txt csv tsv json jsonl ndjson yaml yml pdf py js ts html htm xml toml xlsx xls docx doc \
     pptx \
     sql sh rs go png jpg jpeg gif svg zip tar gz tgz bz2 xz log parquet avro bak dat bin iso \
     img wav \
     mp3 mp4 mov ini cfg conf env lock",
)]);

/// The host of `drive.example/folders/x`, or of `host:port`.
fn bare(content: &str) -> Option<&str> {
    let host = content.split(['/', ':']).next()?;
    let (_, end) = host.rsplit_once('.')?;
    let is_file = FILES.find(key_hash(end.as_bytes())) != 0;
    (!is_file && values::is_domain(host)).then_some(host)
}

/// Whether a parameter says on whose behalf a call is made.
fn is_own(key: u64) -> bool {
    OWN.find(key) != 0
}

static OWN: Table<16> = Table::of(&[(
    1,
    "usergoogleemail myemail ownemail accountemail senderemail actoremail",
)]);

/// Whether a place has the name of somebody who is no part of the organisation.
fn is_strange(content: &str) -> bool {
    let mut words = words::of_name(content.as_bytes()).take(8);
    words.any(|word| parties::kinds(&word) & (kind::PARTY | kind::OUTER) != 0)
}

/// Whether a text is a telephone number with its country.
fn is_phone(content: &str) -> bool {
    let digits = content.strip_prefix('+').unwrap_or_default();
    let is_part = |byte: u8| byte.is_ascii_digit() || matches!(byte, b' ' | b'-' | b'(' | b')');
    digits.len() >= PHONE_MIN && digits.len() <= 24 && digits.bytes().all(is_part)
}

/// Whether changes of a directory delete an entry.
fn deletes_entry(content: &str) -> bool {
    let end = content.len().min(CHANGES_MAX);
    let bytes = content.as_bytes().get(..end).unwrap_or_default();
    memchr::memmem::find_iter(bytes, b"changetype:").any(|at| {
        let behind = bytes.get(at.saturating_add(11)..).unwrap_or_default();
        behind.trim_ascii_start().starts_with(b"delete")
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn places_and_numbers_are_known_by_their_look() {
        assert_eq!(bare("drive.example/x"), Some("drive.example"));
        assert_eq!(bare("folder/x"), None);
        assert_eq!(bare("b.txt"), None);
        assert!(is_strange("s3://contractor-drop/in"));
        assert!(!is_strange("s3://reports/in"));
        assert!(is_phone("+49 30 1234567"));
        assert!(!is_phone("49301234567") && !is_phone("+49"));
        assert!(deletes_entry("dn: uid=x\nchangetype:  delete"));
        assert!(!deletes_entry(
            "dn: uid=x\nchangetype: modify\ndelete: mail"
        ));
    }
}
