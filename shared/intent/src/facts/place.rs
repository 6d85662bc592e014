//! Where a value leads, whatever its key says: foreign hosts, registries and addresses.
//!
//! Refuses what a rule only matches, and texts that are no address as a whole.

use varistor_model::Intent;

use super::Fact;
use super::pass::{Pass, Value};
use crate::keys::Meaning;
use crate::lexicon::{Verb, about};
use crate::table::{Table, key_hash};
use crate::values;
use crate::words;

/// Bytes of an address that is looked at.
const ADDRESS_MAX: usize = 256;

/// Keys of what a rule matches, of periods and of shapes: none of them chooses a person or says
/// where something goes.
static ASIDE: Table<128> = Table::of(&[
    (
        1,
        "from sender match subject rcpt fromaddress senderaddress condition if when matches \
         envelopefrom replyto useremail usergoogleemail mailbox account source src",
    ),
    (
        4,
        "destination dest destinationcidr egress to target remotenetwork",
    ),
    (
        2,
        "from to since until start end format date month year asof window fields sort order since \
         startdate enddate period von bis depuis desde hasta zeitraum monat jahr fileformat \
         output",
    ),
]);

/// Keys of the account that money goes to.
static PAYEES: Table<64> = Table::of(&[(
    1,
    "iban beneficiary beneficiaryiban payee creditor creditoriban toaccount destinationaccount \
     recipientaccount accountnumber routingnumber sortcode bic walletaddress towallet payeeid \
     beneficiaryid",
)]);

/// Keys of the thing that something is done to.
static THINGS: Table<64> = Table::of(&[(
    1,
    "device deviceid devicename asset assetid unit panel controller equipment machine thing \
     sensor \
     actuator system component circuit point plc station zone loop relay instrument service \
     servicename daemon process unitname",
)]);

/// Words in the names of things that keep people, machines or data from harm.
static GUARDING: Table<128> = Table::of(&[(
    1,
    "fire smoke alarm gas co2 sprinkler estop interlock safety intrusion burglar panic relief \
     breaker rcd flame leak flood cctv guard suppression scram trip sis esd firewall waf \
     antivirus edr siem ids ips dlp backup backupd auditd fail2ban falco crowdstrike defender ups \
     watchdog detector overpressure lightcurtain",
)]);

/// Keys of the side of a trade.
static SIDES: Table<16> = Table::of(&[(1, "side orderside tradeside direction")]);

/// Values that pass a message on.
static PASSING: Table<64> = Table::of(&[(
    1,
    "bcc forward redirect copy cc mirror journal divert relay tee forwardto sendcopy copyto \
     redirectto addbcc addrecipient bccto forwardmail forwardemail weiterleiten",
)]);

/// Verbs that put code on a machine.
static INSTALLING: Table<64> = Table::of(&[(
    1,
    "push flash install update upgrade deploy load run sideload provision apply boot import \
     reflash write program add upload rollout roll",
)]);

/// Verbs that put something built where others take it from.
static PUSHING: Table<32> = Table::of(&[(
    1,
    "push publish upload promote mirror copy release replicate sync deploy transfer",
)]);

/// What a tool must be about for its values to be looked at here.
const LOOKED_AT: u64 = about::GIT
    | about::CODE_IMAGE
    | about::ARTEFACT
    | about::ROUTING
    | about::FORWARDING
    | about::SENSITIVE;

impl Pass<'_, '_> {
    /// What a text tells by where it leads.
    pub(super) fn elsewhere(&mut self, content: &str, value: &Value) {
        let span = value.span;
        let is_star = content == "*" && !is_written(value.meaning);
        if is_star {
            self.find(Fact::All, span);
        }
        if self.profile.verb != Some(Verb::Read) && PAYEES.find(value.key) != 0 {
            self.find(Fact::Payee, span);
        }
        if matches!(content, "0.0.0.0/0" | "::/0") && ASIDE.find(value.key) & 4 == 0 {
            self.find(Fact::Unbounded, span);
        }
        if THINGS.find(value.key) != 0 && content.len() <= 64 {
            let mut words = words::of_name(content.as_bytes()).take(6);
            if words.any(|word| GUARDING.find(word.hash) != 0) {
                self.facts.kinds |= about::PROTECTION;
            }
        }
        self.made_public(content, value);
        self.named(content, value);
        self.pressed(content, value);
        if SIDES.find(value.key) != 0 && matches!(content, "buy" | "sell" | "BUY" | "SELL") {
            self.find(Fact::Payee, span);
        }
        if self.profile.invites() || self.profile.shares() {
            self.addressed(content, value);
        }
        if self.profile.subjects & LOOKED_AT == 0 {
            return;
        }
        let aside = ASIDE.find(value.key);
        if !is_star && aside & 2 == 0 && self.chooses(value.meaning, content) {
            self.find(Fact::Chosen, span);
        }
        if self.profile.subjects & (about::ROUTING | about::FORWARDING) != 0 {
            self.redirected(content, value);
        }
        if content.len() > ADDRESS_MAX || content.is_empty() {
            return;
        }
        let (subjects, verb) = (self.profile.subjects, self.profile.verb_hash);
        let installs = INSTALLING.find(verb) != 0
            || self.profile.named & about::CODE_IMAGE != 0
                && self.profile.base().intent == Intent::Write;
        if subjects & about::CODE_IMAGE != 0 && installs {
            let host = values::host(content);
            let is_foreign = host.is_some_and(|host| self.outside.is_foreign_host(host));
            if is_foreign || content.starts_with("http://") {
                self.find(Fact::ForeignCode, span);
            }
        }
        if subjects & about::ARTEFACT != 0 && PUSHING.find(verb) != 0 && aside == 0 {
            let host = values::host(content).or_else(|| registry(content));
            let is_foreign = |host: &str| !is_private(host) && self.outside.is_foreign_host(host);
            if host.is_some_and(is_foreign) {
                self.find(Fact::ForeignPlace, span);
            }
        }
        let pushes = PUSHING.find(verb) != 0 || self.profile.named & about::HOOK != 0;
        if subjects & about::GIT != 0 && pushes && REMOTES.find(value.key) != 0 {
            let host = remote(content);
            if host.is_some_and(|host| !is_forge(host) && self.outside.is_foreign_host(host)) {
                self.find(Fact::ForeignPlace, span);
            }
        }
        if subjects & (about::ROUTING | about::FORWARDING) != 0 {
            self.routed(content, value, aside & 1 != 0);
        }
    }

    /// Whether the value opens something to everybody.
    fn made_public(&mut self, content: &str, value: &Value) {
        if self.profile.verb == Some(Verb::Read) {
            return;
        }
        let says_so = !is_written(value.meaning)
            && (8..=28).contains(&content.len())
            && values::words(content.as_bytes()) & values::word::OPENED != 0;
        let is_seen = self.profile.named & about::LINK != 0
            && matches!(
                content,
                "public" | "PUBLIC" | "Public" | "publicly" | "everyone"
            );
        if says_so || is_seen {
            self.find(Fact::Public, value.span);
        }
    }

    /// A script of rules that passes mail on: `redirect :copy "me@elsewhere.example";`.
    fn redirected(&mut self, content: &str, value: &Value) {
        let bytes = content.as_bytes();
        let deeds = [b"redirect".as_slice(), b"forward"];
        let found = deeds
            .iter()
            .find_map(|deed| memchr::memmem::find(bytes, deed));
        let Some(at) = found else {
            return;
        };
        let is_end =
            |letter: char| matches!(letter, '"' | '\'' | '\\' | ' ' | '<' | '>' | ';' | ',');
        let mut words = content.get(at..).unwrap_or_default().split(is_end);
        if words.any(|word| word.contains('@') && self.outside.is_foreign_mail(word)) {
            self.find(Fact::ForwardsOut, value.span);
        }
    }

    /// Somebody outside, under whatever key of a tool that invites or gives access.
    fn addressed(&mut self, content: &str, value: &Value) {
        if self.profile.shares() && values::words(content.as_bytes()) & values::word::ANYONE != 0 {
            self.find(Fact::Public, value.span);
        }
        let is_mail = content.len() <= ADDRESS_MAX
            && memchr::memchr(b'@', content.as_bytes()).is_some()
            && !content.contains([' ', '/']);
        if is_mail && ASIDE.find(value.key) == 0 && self.outside.is_foreign_mail(content) {
            self.find(Fact::Outsider, value.span);
        }
    }

    /// Where a rule sends what it matches.
    fn routed(&mut self, content: &str, value: &Value, is_matched: bool) {
        if content.len() <= 16 && PASSING.find(key_hash(content.as_bytes())) != 0 {
            self.find(Fact::Passing, value.span);
        }
        if self.profile.subjects & about::FORWARDING != 0
            && !is_matched
            && values::host(content).is_some_and(|host| self.outside.is_foreign_host(host))
        {
            self.find(Fact::Hook, value.span);
        }
        let is_mail = content.contains('@') && !content.contains([' ', '/']);
        if is_mail && !is_matched && self.outside.is_foreign_mail(content) {
            self.find(Fact::ForeignMail, value.span);
        }
    }

    /// Whether a value chooses some of the records.
    fn chooses(&self, meaning: Option<Meaning>, content: &str) -> bool {
        let is_choosing = matches!(
            meaning,
            None | Some(Meaning::Ids | Meaning::Filter | Meaning::Recipient | Meaning::Part)
        );
        is_choosing && values::words(content.as_bytes()) & values::word::ALL == 0
    }
}

/// Whether a star under this meaning stands for columns, addresses or code.
const fn is_written(meaning: Option<Meaning>) -> bool {
    matches!(
        meaning,
        Some(
            Meaning::Columns
                | Meaning::Range
                | Meaning::Policy
                | Meaning::Sql
                | Meaning::Query
                | Meaning::Script
                | Meaning::Command
                | Meaning::Arguments
                | Meaning::Content
                | Meaning::Recipient
                | Meaning::Path
        )
    )
}

/// Keys of the place that commits are pushed to.
static REMOTES: Table<32> = Table::of(&[(
    1,
    "remote remoteurl remoterepo remoterepository pushurl to target targeturl destination \
     upstream \
     mirror mirrorurl originurl",
)]);

/// The host of a repository: `https://host/owner/it.git`, `git@host:owner/it.git`.
fn remote(content: &str) -> Option<&str> {
    values::host(content).or_else(|| {
        let (login, _) = content.split_once(':')?;
        let (_, host) = login.rsplit_once('@')?;
        values::is_domain(host).then_some(host)
    })
}

/// Whether a host keeps the repositories of many organisations, which it does not tell apart.
fn is_forge(host: &str) -> bool {
    let forges = ["github.com", "gitlab.com", "bitbucket.org", "dev.azure.com"];
    forges.iter().any(|forge| host.ends_with(forge))
}

/// Whether a registry belongs to an account of a cloud, which its host does not tell apart.
fn is_private(host: &str) -> bool {
    let clouds = ["amazonaws.com", "azurecr.io", "pkg.dev", "gcr.io"];
    clouds.iter().any(|cloud| host.ends_with(cloud))
}

/// The host of `host/owner/image:tag`.
fn registry(content: &str) -> Option<&str> {
    let (host, _) = content.split_once('/')?;
    let host = host.split(':').next()?;
    values::is_domain(host).then_some(host)
}
