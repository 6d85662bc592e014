//! What a value under a key of some meaning tells.

use varistor_model::Span;

use super::deeds::is_deed;
use super::named::names_secret;
use super::outer::{is_outer_account, is_outer_kind, names_everybody};
use super::pass::{Pass, Value};
use super::{Fact, Slot};
use crate::keys::Meaning;
use crate::lexicon::{self, Verb, about};
use crate::table::{Table, key_hash};
use crate::values::{self, word};
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
        if let Some(meaning) = value.meaning {
            self.meant(meaning, content, value);
        }
    }

    /// A text under a key of this meaning.
    fn meant(&mut self, meaning: Meaning, content: &str, value: &Value) {
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
            Meaning::Columns => self.columns(content, span),
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

    /// A list of columns that are asked for.
    fn columns(&mut self, content: &str, span: Span) {
        for name in content.split(',').take(COLUMNS_MAX) {
            self.column(name.trim(), span);
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
}

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

/// What the name of a kind, a table or a list is about.
pub(super) fn kinds(content: &str) -> u64 {
    let words = words::of_name(content.as_bytes()).take(8);
    words.fold(0, |all, word| all | lexicon::subjects(&word.forms()))
}
