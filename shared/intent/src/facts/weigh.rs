//! What a value under a key of some meaning tells.

use varistor_model::{Intent, Span};

use super::named::names_secret;
use super::outer::{is_outer_account, is_outer_kind, names_everybody};
use super::pass::{Pass, Value};
use super::{Deed, Fact, Slot};
use crate::keys::Meaning;
use crate::lexicon::{self, Verb, about};
use crate::name;
use crate::table::{Table, key_hash};
use crate::values::{self, word};
use crate::verdict;
use crate::words;

impl Pass<'_, '_> {
    /// A switch that makes a call no milder.
    pub(super) fn graver(&mut self, meaning: Meaning, truth: bool, span: Span) {
        let fact = match (meaning, truth) {
            (Meaning::Trial, false) | (Meaning::Applied, true) => return self.done(span),
            (Meaning::Force, true) => Fact::Force,
            (Meaning::Lost, true) => Fact::Lost,
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
        self.measured(digits, value.span);
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
            Meaning::Trial => self.like(meaning, digits == b"1", value.span),
            Meaning::Force | Meaning::Lost | Meaning::Guarded | Meaning::Enabled => {
                self.like(meaning, digits != b"0", value.span);
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

    /// Whether a value only asks how something stands: `state: "status"`.
    fn asks_state(&self, content: &str) -> bool {
        self.profile.is_multi()
            && matches!(
                content,
                "status" | "get" | "show" | "read" | "query" | "check" | "current"
            )
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
        self.destined(content, value);
        if SIGNALS.find(value.key) != 0
            && matches!(content, "KILL" | "SIGKILL" | "TERM" | "SIGTERM")
        {
            self.find(Fact::Deleted, value.span);
        }
        let profile = self.profile;
        let is_told = profile.sends() || profile.fills_in() || profile.asks_web();
        // Whom it is for is no part of what it says.
        let is_aside = matches!(value.meaning, Some(Meaning::Recipient | Meaning::Ids));
        if is_told && !is_aside && content.len() >= 12 {
            self.content(content, value.span);
        }
        let Some(meaning) = value.meaning else {
            return;
        };
        let span = value.span;
        if matches!(meaning, Meaning::Command | Meaning::Arguments) && self.is_in_array() {
            return;
        }
        match meaning {
            Meaning::Content | Meaning::Variables | Meaning::PublicKey => {}
            Meaning::Sql => self.keep(Slot::Sql, value),
            Meaning::Query => self.keep(Slot::Query, value),
            Meaning::Command if is_deed(content) => self.operation(content, span),
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
            // `action: "/orders/7", method: "GET"`.
            Meaning::Operation if content.starts_with('/') => {
                self.facts.kinds |= content.rsplit('/').next().map_or(0, kinds) & about::MONEY;
                self.keep(Slot::Url, value);
            }
            Meaning::Operation => self.operation(content, span),
            // `steps: [["delete", "tasks", 4]]`.
            Meaning::Steps if self.leads_step() => self.operation(content, span),
            // `value: "{..}"`.
            Meaning::Amount if content.starts_with(['{', '[']) => self.body(content, value),
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
            Meaning::Columns => {
                for name in content.split(',').take(COLUMNS_MAX) {
                    self.column(name.trim(), span);
                }
            }
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
    pub(super) fn column(&mut self, content: &str, span: Span) {
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
        // The entry of a list of access that is for whoever comes: `scope: {type: "default"}`.
        if content == "default" && self.is_scope() && self.profile.shares() {
            self.find(Fact::Public, span);
        }
        let is_circle = matches!(meaning, Meaning::Kind | Meaning::Role | Meaning::Visibility);
        if is_circle && is_outer_kind(content) {
            self.find(Fact::OuterKind, span);
        }
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
                if content.len() <= 64 && !content.contains(['/', '|']) {
                    self.facts.kinds |= kinds(content);
                } else if let Some((_, last)) = content.rsplit_once('/') {
                    // What a message is sent to: `plant/line2/door_interlock`.
                    self.facts.kinds |= kinds(last) & about::PROTECTION;
                }
            }
            Meaning::Part if words & word::ALL != 0 => self.find(Fact::All, span),
            Meaning::State | Meaning::Mode | Meaning::Enabled
                if self.stated(meaning, content, span) => {}
            Meaning::Place if words & word::TRYOUT != 0 => self.find(Fact::Tryout, span),
            Meaning::Ids if words & word::ALL != 0 => self.find(Fact::All, span),
            // `scope: "all"` of what is loaded as a whole.
            Meaning::Visibility if words & word::ALL != 0 && self.profile.loads() => {
                self.find(Fact::All, span);
            }
            Meaning::Visibility if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Public if words & word::PUBLIC != 0 => self.find(Fact::Public, span),
            Meaning::Policy => self.policy(content, span),
            Meaning::Retention if matches!(content, "0" | "0d" | "0h" | "0s" | "P0D") => {
                self.find(Fact::Lost, span);
            }
            Meaning::Guarded if words & word::OFF != 0 => self.like(meaning, false, span),
            _ if words & word::YES != 0 => self.like(meaning, true, span),
            // What is not said to be tried is done.
            Meaning::Trial => self.like(meaning, false, span),
            _ if words & word::NO != 0 => self.like(meaning, false, span),
            _ => {}
        }
    }

    /// A state or a mode that decides by its word.
    fn stated(&mut self, meaning: Meaning, content: &str, span: Span) -> bool {
        let words = values::words(content.as_bytes());
        match meaning {
            Meaning::Mode if words & word::TRIAL != 0 => self.mode(Fact::Trial, content, span),
            Meaning::Mode if words & word::CONSUMED != 0 => self.find(Fact::Consumed, span),
            Meaning::Mode if words & word::BESIDE != 0 => self.mode(Fact::Kept, content, span),
            Meaning::Mode if words & word::LOST != 0 => self.find(Fact::Lost, span),
            Meaning::State | Meaning::Mode | Meaning::Enabled if self.asks_state(content) => {
                self.operation(content, span);
            }
            Meaning::State if words & word::DELETED != 0 => self.find(Fact::Deleted, span),
            Meaning::State | Meaning::Mode if words & word::OFF != 0 => self.find(Fact::Off, span),
            Meaning::State | Meaning::Mode
                if self.profile.subjects & about::SAFETY != 0
                    && matches!(content, "muted" | "silenced" | "masked" | "isolated") =>
            {
                self.find(Fact::Off, span);
            }
            // `mode: "safety_off"`.
            Meaning::State | Meaning::Mode
                if content.len() <= 40
                    && content.contains(['_', '-'])
                    && self.guards_off(content) =>
            {
                self.find(Fact::Off, span);
            }
            _ => return false,
        }
        true
    }

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

/// Keys of what a process is sent.
static SIGNALS: Table<4> = Table::of(&[(1, "signal")]);

/// Columns of one list that are looked at.
const COLUMNS_MAX: usize = 64;

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

/// Whether a command is the name of a deed, as devices and services have them, and no program:
/// `close_valve`, `setPoint`.
fn is_deed(content: &str) -> bool {
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

/// Subjects of a tool that decide whether its export is one of people or of secrets.
const EXPORTED: u64 = about::PEOPLE
    | about::CREDENTIAL
    | about::SENSITIVE
    | about::HOLDER
    | about::TELLING
    | about::METADATA;

/// Deeds that hand out what a tool keeps.
static HANDING: Table<64> = Table::of(&[(
    1,
    "get read fetch retrieve show reveal view decrypt unwrap download export dump cat load copy \
     resolve display print",
)]);

/// What the name of a kind, a table or a list is about.
pub(super) fn kinds(content: &str) -> u64 {
    let words = words::of_name(content.as_bytes()).take(8);
    words.fold(0, |all, word| all | lexicon::subjects(&word.forms()))
}
