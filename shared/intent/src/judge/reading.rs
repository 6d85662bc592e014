//! What makes reading grave: much about many people, secrets, whole trees.

use varistor_model::Intent;

use super::verbs::{SCANNING, TAKING_TREES};
use super::{Call, PEOPLE_MIN, RECORDS_MIN};
use crate::facts::{Fact, Slot};
use crate::lexicon::{Verb, about};
use crate::plain;

impl Call<'_> {
    /// What makes reading grave: much about many people, secrets.
    pub(super) fn reading(&mut self) {
        let meant = self.profile.subjects | self.facts.kinds;
        let of_people = meant & about::PEOPLE != 0;
        let is_told_only = self.profile.named & about::TELLING != 0;
        if self.facts.has(Fact::Consumed) {
            self.raise_by(Fact::Consumed, "argument.consumes", Intent::Destructive, 70);
            return;
        }
        self.raise_by(Fact::Written, "argument.written", Intent::Write, 60);
        self.counted(meant, is_told_only);
        let is_export = self.verb == Some(Verb::Export)
            || self
                .profile
                .base()
                .grounds()
                .any(|ground| ground.code == "name.export");
        if of_people && self.profile.loads() && !is_told_only {
            self.raise_by(Fact::Contact, "argument.contact", Intent::Exfiltrative, 70);
            if self.profile.named & about::STORE != 0 {
                self.raise("name.store_of_people", Intent::Exfiltrative, 65, None);
            }
        }
        if is_export && self.facts.kinds & about::PEOPLE != 0 {
            self.raise("argument.people", Intent::Exfiltrative, 75, None);
        }
        let is_secret =
            self.facts.kinds & about::CREDENTIAL != 0 && self.facts.kinds & about::METADATA == 0;
        if is_secret && self.verb != Some(Verb::Write) && !is_told_only {
            self.raise("argument.credential", Intent::Exfiltrative, 60, None);
        }
        self.raise_by(Fact::Revealed, "argument.reveal", Intent::Exfiltrative, 75);
        self.asked(of_people && !is_told_only);
        self.raise_by(
            Fact::SecretColumns,
            "argument.columns",
            Intent::Exfiltrative,
            70,
        );
        self.raise_by(
            Fact::ForeignCode,
            "argument.foreign_code",
            Intent::Destructive,
            75,
        );
        let is_looked_at = self.profile.named & (about::TELLING | about::METADATA) != 0;
        if (self.about(about::FILE) && !is_looked_at) || self.facts.has(Fact::Opened) {
            self.touching();
        }
        if self.profile.asks_web() {
            self.raise_by(Fact::Secret, "argument.secret", Intent::Exfiltrative, 70);
        }
        self.naming();
        self.kept_secret();
        // What is made to be looked at elsewhere, for everybody.
        if self.profile.named & (about::SHARING | about::LINK) != 0
            && self.profile.named & about::METADATA == 0
        {
            self.raise_by(Fact::Public, "argument.public", Intent::Exfiltrative, 65);
        }
        let is_request = self.about(about::HTTP | about::BROWSER);
        if !is_request {
            self.raise_by(Fact::Hook, "argument.hook", Intent::Exfiltrative, 75);
        }
    }

    /// How many records are read, and whether any are chosen.
    fn counted(&mut self, meant: u64, is_told_only: bool) {
        let of_people = meant & about::PEOPLE != 0;
        let of_mail = self.profile.named & about::HOLDER != 0 && meant & about::MESSAGE != 0;
        let of_persons = of_people || meant & about::PRIVATE != 0;
        let (wanted, place) = self.facts.limit;
        let all = self
            .facts
            .get(Fact::All)
            .or(self.facts.get(Fact::EmptyFilter));
        let is_asked_for = self.facts.kinds & about::PEOPLE != 0;
        if wanted >= PEOPLE_MIN && of_persons && (!is_told_only || is_asked_for) {
            self.raise("argument.limit", Intent::Exfiltrative, 80, place);
        } else if wanted >= RECORDS_MIN && meant & about::STORE != 0 && !is_told_only {
            self.raise("argument.limit", Intent::Exfiltrative, 55, place);
        }
        if (of_people || of_mail)
            && !is_told_only
            && self.facts.has(Fact::All)
            && !self.facts.has(Fact::Filtered)
        {
            self.raise("argument.all", Intent::Exfiltrative, 65, all);
        }
        let is_scan = SCANNING.find(self.profile.verb_hash) != 0
            && self.facts.kinds & about::PEOPLE != 0
            && wanted == 0
            && !self.facts.has(Fact::Filtered);
        if is_scan {
            self.raise("argument.unfiltered", Intent::Exfiltrative, 60, None);
        }
        let is_whole = of_people && meant & about::ALL != 0 && self.about(about::SENSITIVE);
        if is_whole && !is_told_only && !self.facts.has(Fact::Chosen) {
            self.raise("argument.unfiltered", Intent::Exfiltrative, 60, None);
        }
    }

    /// What is handed out by its name, and what without any: a variable, the whole environment.
    fn naming(&mut self) {
        let shows = self.profile.shows_values();
        let kinds = about::ENVIRON | about::VAULT | about::SETTING | about::CREDENTIAL;
        if shows && self.about(kinds) {
            self.raise_by(
                Fact::NamesSecret,
                "argument.names_credential",
                Intent::Exfiltrative,
                70,
            );
        }
        // Vaults of notes are none.
        let is_vault = self.about(about::VAULT)
            && !self.about(about::PUBLISHED | about::CELL | about::FILE)
            && !self.facts.has(Fact::Veiled);
        if shows && is_vault {
            self.raise("name.vault", Intent::Exfiltrative, 55, None);
        }
        if shows && self.about(about::ENVIRON) && !self.facts.has(Fact::Named) {
            self.raise("name.environment", Intent::Exfiltrative, 60, None);
        }
        let is_taken = match TAKING_TREES.find(self.profile.verb_hash) {
            0 => false,
            1 => true,
            _ => self.about(about::ALL),
        };
        if is_taken && self.about(about::TREE | about::FILE) {
            self.raise_by(Fact::Broad, "argument.broad", Intent::Exfiltrative, 60);
        }
    }

    /// A deed that hands out what a tool keeps, where that is secret: `kv(action: get)`.
    fn kept_secret(&mut self) {
        let base = self.profile.base();
        let keeps = base.intent == Intent::Exfiltrative
            && base
                .decisive()
                .is_some_and(|ground| ground.code.ends_with("credential"));
        let is_hidden = self.facts.has(Fact::Veiled)
            || self.facts.kinds & (about::METADATA | about::TELLING) != 0;
        if keeps && !is_hidden {
            self.raise_by(Fact::Handed, "argument.hands_out", Intent::Exfiltrative, 65);
        }
    }

    /// A query in plain language that asks for all records of people.
    fn asked(&mut self, of_people: bool) {
        if self.profile.is_spoken()
            && let Some((text, span)) = self.facts.slot(Slot::Query)
            && let Some(intent) = plain::demands(text)
        {
            self.raise("argument.demands", intent, 60, Some(span));
        }
        if self.judgement.intent == Intent::Read
            && let Some((text, span)) = self.facts.slot(Slot::Query)
            && plain::asks_for_everybody(text, of_people)
        {
            self.raise(
                "argument.asks_for_all",
                Intent::Exfiltrative,
                65,
                Some(span),
            );
        }
    }
}
