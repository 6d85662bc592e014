//! What a value under a key of some meaning tells.

use varistor_effect::Access;
use varistor_model::{Intent, Span};

use super::named::names_secret;
use super::outer::{is_open_policy, is_outer, is_outer_account, names_everybody};
use super::pass::{Pass, Value};
use super::{Fact, Slot};
use crate::keys::Meaning;
use crate::lexicon::{self, Verb, about};
use crate::name;
use crate::secrets;
use crate::table::{Table, key_hash};
use crate::values::{self, word};
use crate::words;

impl Pass<'_, '_> {
    pub(super) fn truth(&mut self, meaning: Meaning, truth: bool, span: Span) {
        let fact = match (meaning, truth) {
            (Meaning::Trial, true) | (Meaning::Applied, false) => Fact::Trial,
            (Meaning::Trial, false) | (Meaning::Applied, true) => Fact::Done,
            (Meaning::Force, true) => Fact::Force,
            (Meaning::Lost, true) => Fact::Lost,
            (Meaning::Lost, false) | (Meaning::Trashed, true) => Fact::Kept,
            (Meaning::Public, true) | (Meaning::Private, false) => Fact::Public,
            (Meaning::Enabled | Meaning::Amount, false) | (Meaning::Disabled, true) => Fact::Off,
            (Meaning::Guarded, false) | (Meaning::Unguarded, true) => Fact::Unguarded,
            (Meaning::All, true) => Fact::All,
            (Meaning::NewPayee, true) => Fact::NewPayee,
            // One line of several goes, the record stays.
            (Meaning::Deleted, true) if self.is_in_items() => return,
            (Meaning::Deleted, true) => Fact::Deleted,
            (Meaning::Reveal, true) => Fact::Revealed,
            (Meaning::Reveal, false) => Fact::Veiled,
            (Meaning::Show, true) if self.is_about_secrets() => Fact::Revealed,
            (Meaning::Personal, true) => Fact::Contact,
            (Meaning::Attachment, true) => Fact::Attached,
            _ => return,
        };
        self.find(fact, span);
    }

    pub(super) fn number(&mut self, value: &Value) {
        let text = self.facts.text;
        let digits = text.as_bytes().get(value.span.range()).unwrap_or_default();
        if matches!(digits, b"443" | b"80") {
            self.find(Fact::WebPort, value.span);
        }
        let Some(meaning) = value.meaning else {
            return;
        };
        match meaning {
            Meaning::Amount | Meaning::Minor => self.amount(meaning, digits, value.span),
            Meaning::Limit | Meaning::Bound | Meaning::Recipient
                if digits == b"0" && self.is_scaled() =>
            {
                self.find(Fact::Zero, value.span);
            }
            Meaning::Limit => self.limit(digits, value.span),
            Meaning::Replicas if values::whole(digits) == Some(0) => {
                self.find(Fact::Zero, value.span);
            }
            Meaning::Trial
            | Meaning::Force
            | Meaning::Lost
            | Meaning::Guarded
            | Meaning::Enabled => {
                self.truth(meaning, digits != b"0", value.span);
            }
            Meaning::Retention if digits == b"0" => self.find(Fact::Lost, value.span),
            _ => {}
        }
    }

    fn limit(&mut self, digits: &[u8], span: Span) {
        if digits.starts_with(b"-") || digits == b"0" {
            self.find(Fact::All, span);
        } else if let Some(wanted) = values::whole(digits)
            && wanted > self.facts.limit.0
        {
            self.facts.limit = (wanted, Some(span));
        }
    }

    /// Whether the tool says how much of something runs.
    fn is_scaled(&self) -> bool {
        self.profile.subjects & about::SCALE != 0 && self.profile.verb != Some(Verb::Read)
    }

    fn is_about_secrets(&self) -> bool {
        (self.profile.subjects | self.profile.named) & (about::CREDENTIAL | about::VAULT) != 0
    }

    fn amount(&mut self, meaning: Meaning, digits: &[u8], span: Span) {
        let Some(amount) = values::amount(digits) else {
            return;
        };
        let is_minor = meaning == Meaning::Minor || self.profile.has_minor_units();
        let amount = if is_minor {
            amount.checked_div(100).unwrap_or(0)
        } else {
            amount
        };
        if amount > self.facts.amount.0 {
            self.facts.amount = (amount, Some(span));
        }
        if let Some(frame) = self.frame() {
            frame.add(amount);
        }
    }

    pub(super) fn text(&mut self, value: &Value) {
        let text = self.facts.text;
        let Some(content) = text.get(value.span.range()) else {
            return;
        };
        self.elsewhere(content, value);
        if self.profile.sends() && content.len() >= 12 {
            self.content(content, value.span);
        }
        let Some(meaning) = value.meaning else {
            return;
        };
        let span = value.span;
        if matches!(meaning, Meaning::Command | Meaning::Arguments) && self.is_in_array() {
            // The words of one command line are kept as a whole.
            return;
        }
        match meaning {
            Meaning::Content | Meaning::Variables | Meaning::PublicKey => {}
            Meaning::Sql => self.keep(Slot::Sql, value),
            Meaning::Query => self.keep(Slot::Query, value),
            Meaning::Command => self.keep(Slot::Command, value),
            Meaning::Arguments => self.keep(Slot::Arguments, value),
            Meaning::Script => self.keep(Slot::Script, value),
            Meaning::Url => {
                self.keep(Slot::Url, value);
                if self.profile.subjects & about::HOOK != 0 {
                    self.hook(content, span, meaning);
                }
            }
            Meaning::Language => self.keep(Slot::Language, value),
            Meaning::Pipeline => self.keep(Slot::Pipeline, value),
            Meaning::Body => self.body(content, value),
            Meaning::Role if self.profile.shares() && is_outer_account(content) => {
                self.find(Fact::Outsider, span);
            }
            Meaning::Method => {
                if values::words(content.as_bytes()) & word::HTTP != 0 {
                    self.keep(Slot::Method, value);
                }
                self.operation(content, span);
            }
            Meaning::Operation => self.operation(content, span),
            Meaning::Amount if values::words(content.as_bytes()) & word::OFF != 0 => {
                self.find(Fact::Off, span);
            }
            Meaning::Amount | Meaning::Minor => self.amount(meaning, content.as_bytes(), span),
            Meaning::Path => self.path(content, span, value),
            Meaning::Attachment if !content.is_empty() => {
                self.find(Fact::Attached, span);
                self.path(content, span, value);
            }
            Meaning::Ids if FILES.find(value.key) != 0 && self.profile.invites() => {
                self.find(Fact::Attached, span);
            }
            Meaning::Ids if self.profile.shares() => {
                self.recipient(content, span);
                self.word(meaning, content, span);
            }
            Meaning::Recipient => self.recipient(content, span),
            Meaning::Hook | Meaning::ForwardTo => self.hook(content, span, meaning),
            Meaning::Range if matches!(content, "0.0.0.0/0" | "::/0" | "*" | "0.0.0.0") => {
                self.find(Fact::Unbounded, span);
            }
            Meaning::Columns => self.column(content, span),
            _ => self.word(meaning, content, span),
        }
    }

    /// What is sent, which may be a switch.
    fn body(&mut self, content: &str, value: &Value) {
        self.keep(Slot::Body, value);
        if values::words(content.as_bytes()) & word::OFF != 0 {
            self.find(Fact::Off, value.span);
        }
    }

    /// The name of a column that is asked for.
    fn column(&mut self, content: &str, span: Span) {
        let key = key_hash(content.as_bytes());
        if SECRET_COLUMNS.find(key) != 0 || names_secret(content) {
            self.find(Fact::SecretColumns, span);
        }
        if CONTACT_COLUMNS.find(key) != 0 {
            self.find(Fact::Contact, span);
        }
    }

    /// A value that is one of a few words.
    fn word(&mut self, meaning: Meaning, content: &str, span: Span) {
        let words = values::words(content.as_bytes());
        match meaning {
            Meaning::Limit if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::Limit => self.limit(content.as_bytes(), span),
            Meaning::Replicas if content == "0" => self.find(Fact::Zero, span),
            Meaning::Filter => {
                let is_empty = matches!(
                    content,
                    "" | "*" | "{}" | "1=1" | "true" | "1 = 1" | "(objectClass=*)"
                );
                let fact = if is_empty {
                    Fact::EmptyFilter
                } else {
                    Fact::Filtered
                };
                self.find(fact, span);
            }
            Meaning::Kind => {
                let is_shared = self.profile.shares() && names_everybody(content);
                if words & word::ANYONE != 0 || is_shared {
                    self.find(Fact::Public, span);
                }
                if content.len() <= 64 && !content.contains(['/', '-', '|']) {
                    self.facts.kinds |= kinds(content);
                } else if let Some((_, last)) = content.rsplit_once('/') {
                    // What a message is sent to: `plant/line2/door_interlock`.
                    self.facts.kinds |= kinds(last) & about::PROTECTION;
                }
            }
            Meaning::Mode if words & word::TRIAL != 0 => self.find(Fact::Trial, span),
            Meaning::Mode if words & word::LOST != 0 => self.find(Fact::Lost, span),
            Meaning::Part if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::State if words & word::DELETED != 0 => self.find(Fact::Deleted, span),
            Meaning::State if words & word::OFF != 0 => self.find(Fact::Off, span),
            Meaning::Place if words & word::TRYOUT != 0 => self.find(Fact::Tryout, span),
            Meaning::Ids if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::Visibility if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Public if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Policy if is_open_policy(content) => self.find(Fact::Public, span),
            Meaning::Policy => {}
            Meaning::Retention if matches!(content, "0" | "0d" | "0h" | "0s" | "P0D") => {
                self.find(Fact::Lost, span);
            }
            Meaning::Guarded if words & word::OFF != 0 => self.truth(meaning, false, span),
            _ if words & word::YES != 0 => self.truth(meaning, true, span),
            _ if words & word::NO != 0 => self.truth(meaning, false, span),
            _ => {}
        }
    }

    fn operation(&mut self, content: &str, span: Span) {
        if content.len() > 48 {
            return;
        }
        let read = name::read(content);
        let is_named_only = matches!(content, "metadata" | "names" | "versions" | "ls");
        if is_named_only || content.starts_with("list") {
            self.find(Fact::Veiled, span);
        }
        let is_telling = read.subjects & about::TELLING != 0 || is_named_only;
        let told = is_telling.then_some((Intent::Read, 70));
        let Some((intent, sure)) = read.said.or(told) else {
            return;
        };
        let graver = |(other, before, _): &(Intent, u8, Span)| (*other, *before) < (intent, sure);
        if self.facts.operation.as_ref().is_none_or(graver) {
            self.facts.operation = Some((intent, sure, span));
        }
    }

    fn recipient(&mut self, content: &str, span: Span) {
        if memchr::memchr(b'@', content.as_bytes()).is_some() {
            let mut addresses = content.split([',', ';', ' ', '<', '>']);
            if addresses.any(|one| one.contains('@') && self.outside.is_foreign_mail(one)) {
                self.find(Fact::Outsider, span);
            }
            return;
        }
        if values::is_domain(content) && self.outside.is_foreign_host(content) {
            self.find(Fact::Outsider, span);
        }
        let words = values::words(content.as_bytes());
        if words & (word::PUBLIC | word::ANYONE) != 0 || content == "*" {
            self.find(Fact::Public, span);
        }
        if self.profile.shares() {
            // The number of an account of a cloud, bare or in an ARN.
            let bytes = content.as_bytes();
            let is_account = bytes.len() == 12 && bytes.iter().all(u8::is_ascii_digit);
            if is_account || is_outer(content) || content.starts_with("arn:aws:iam::") {
                self.find(Fact::Outsider, span);
            }
        }
    }

    fn hook(&mut self, content: &str, span: Span, meaning: Meaning) {
        let is_mail = content.contains('@') && !content.contains("://");
        let is_foreign = if is_mail {
            self.outside.is_foreign_mail(content)
        } else {
            values::host(content).is_some_and(|host| self.outside.is_foreign_host(host))
        };
        if is_foreign {
            let is_forward = meaning == Meaning::ForwardTo || is_mail;
            let fact = if is_forward {
                Fact::ForwardsOut
            } else {
                Fact::Hook
            };
            self.find(fact, span);
        }
    }

    fn path(&mut self, content: &str, span: Span, value: &Value) {
        self.keep(Slot::Path, value);
        let Some(access) = self.profile.access() else {
            return;
        };
        // A bare word is the name of no file that matters.
        if content.bytes().all(|byte| byte.is_ascii_alphanumeric()) {
            return;
        }
        let is_copied = COPYING.find(self.profile.verb_hash) != 0 && SOURCES.find(value.key) != 0;
        let access = if is_copied { Access::Read } else { access };
        let Some(effect) = varistor_effect::path(content, access).gravest() else {
            return;
        };
        let weight = |effect: &varistor_effect::Effect| (effect.intent, effect.confidence_percent);
        let graver = self.facts.path.as_ref();
        if graver.is_none_or(|(kept, _)| weight(kept) < weight(&effect)) {
            self.facts.path = Some((effect, span));
        }
    }

    fn content(&mut self, content: &str, span: Span) {
        let bytes = content.as_bytes();
        let shape = secrets::shape(bytes);
        if !self.facts.has(Fact::Secret) && secrets::holds_secret(bytes, &shape) {
            self.find(Fact::Secret, span);
        }
        if !self.facts.has(Fact::Records) && secrets::holds_records(bytes, &shape) {
            self.find(Fact::Records, span);
        }
    }
}

/// Columns that hold what opens doors.
static SECRET_COLUMNS: Table<64> = Table::of(&[(
    1,
    "password passwd passwordhash hashedpassword passwordsalt secret totpsecret mfasecret \
     otpsecret \
     apikey apikeys apitoken accesstoken refreshtoken sessiontoken privatekey secretkey \
     clientsecret \
     recoverycodes credentials ssn socialsecuritynumber creditcard cardnumber taxid",
)]);

/// Columns that tell how to reach a person, or what is theirs alone.
static CONTACT_COLUMNS: Table<64> = Table::of(&[(
    1,
    "email emails emailaddress phone phonenumber mobile telephone birthday birthdate dob \
     dateofbirth address homeaddress streetaddress salary passport iban nationalid",
)]);

/// Keys of files that go along.
static FILES: Table<16> = Table::of(&[(1, "files paths documents")]);

/// Verbs that copy what stands at a source.
static COPYING: Table<32> =
    Table::of(&[(1, "copy pull sync transfer backup collect grab scp rsync")]);

/// Keys of what is copied.
static SOURCES: Table<32> = Table::of(&[(
    1,
    "remotepath remotefile remotefilepath source src sourcepath sourcefile frompath \
     containerpath sourcefilepath",
)]);

/// What the name of a kind, a table or a list is about.
fn kinds(content: &str) -> u64 {
    let words = words::of_name(content.as_bytes()).take(8);
    words.fold(0, |all, word| all | lexicon::subjects(&word.forms()))
}
