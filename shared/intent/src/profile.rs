//! What is known of a tool before it is called: a judgement of its definition, and what to look
//! for in its arguments.
//!
//! Refuses to take a server's word: its hints may raise what name and description say, never
//! lower.

mod choices;
mod declared;
mod learned;
mod programs;
mod runs;
mod traits;

use varistor_effect::{Access, Language};
use varistor_model::Intent;

use crate::base;
use crate::code::METHODS;
use crate::definition::{self, Definition, Property};
use crate::ground::Judgement;
use crate::keys::{self, Meaning};
use crate::labels::Intake;
use crate::lexicon::{Verb, about};
use crate::name;
use crate::ours;
use crate::table::{Table, hash, key_hash};
use crate::words;
use choices::Choices;
use declared::Declared;
pub(crate) use declared::Parameter;
use programs::PROGRAMS;
use runs::Runs;
use traits::{
    AIMS, ASKS_WEB, CARRIES, DEEDS, FILLS_IN, KEPT, LABELLED, MINOR, MOVES, MULTI, PRESSES, REST,
    SENDS, SPOKEN, TRADES, TRIAL, VALUES,
};

/// What is known of a tool before it is called. It owns what it holds, some hundred bytes.
#[derive(Clone, Debug)]
pub struct Profile {
    base: Judgement,
    pub(crate) verb: Option<Verb>,
    pub(crate) verb_hash: u64,
    /// What name and first sentence are about.
    pub(crate) subjects: u64,
    /// What the name alone is about.
    pub(crate) named: u64,
    pub(crate) language: Option<Language>,
    /// The program that the name names.
    pub(crate) program: &'static str,
    traits: u32,
    /// What the name tells of what it runs.
    runs: Runs,
    /// What calls that read take in.
    pub(crate) intake: Intake,
    /// Declared parameters that show whose side a call is on.
    pub(crate) ours: ours::Keys,
    /// Values that do something grave, as the description says.
    choices: Choices,
    /// Parameters that mean something else than their names say.
    meanings: [(u64, Option<Meaning>); MEANINGS_MAX],
    /// The declared parameters.
    pub(crate) declared: Declared,
}

const MEANINGS_MAX: usize = 8;

static CARRIED: Table<64> = Table::of(&[(
    1,
    "report reports dashboard dashboards export extract dataset spreadsheet recording transcript \
     backup digest digests scorecard roster timesheet timesheets",
)]);

static TRADING: Table<64> = Table::of(&[(
    1,
    "order orders trade trades bid bids deal deals buy sell purchase po auction offer hedge swap",
)]);

static LANGUAGES: Table<64> = Table::of(&[
    (1, "python python3 jupyter ipython notebook py"),
    (
        2,
        "javascript js node nodejs typescript browser playwright puppeteer deno evaluate page \
         chrome",
    ),
    (3, "bash shell sh zsh"),
    (4, "powershell pwsh"),
    (5, "ruby"),
    (6, "php"),
    (7, "perl"),
]);

impl Profile {
    /// From one element of a `tools/list` result, as JSON text. What can't be read counts as
    /// absent.
    #[must_use]
    pub fn of_definition(definition: &str) -> Self {
        Self::of(&definition::read(definition))
    }

    /// From a name alone, where the definition was never seen.
    #[must_use]
    pub fn of_name(name: &str) -> Self {
        Self::of(&Definition {
            name: name.chars().take(NAME_MAX).collect(),
            ..Definition::default()
        })
    }

    /// What the definition says before any argument is seen.
    #[must_use]
    pub fn base(&self) -> Judgement {
        self.base
    }

    fn of(definition: &Definition) -> Self {
        let base = base::of(definition);
        let name = name::read(&definition.name);
        let mut profile = Self {
            base: base.judgement,
            verb: base.verb,
            verb_hash: base.verb_hash,
            subjects: base.subjects,
            named: name.subjects,
            language: None,
            program: "",
            traits: 0,
            runs: Runs::default(),
            intake: Intake::of(definition, name.subjects, base.subjects),
            ours: ours::keys(definition, base.subjects),
            choices: choices::of(definition),
            meanings: [(0, None); MEANINGS_MAX],
            declared: Declared::default(),
        };
        for word in words::of_name(definition.name.as_bytes()).chain(words::of_text(
            definition
                .description
                .get(..240)
                .unwrap_or(&definition.description)
                .as_bytes(),
        )) {
            let language = language(LANGUAGES.find(word.hash));
            profile.language = profile.language.or(language);
        }
        profile.program = program(definition, name.verb);
        profile.runs = Runs::of(definition, name.verb, name.verb_hash);
        let is_named = |table: &Table<64>| {
            let mut words = words::of_name(definition.name.as_bytes());
            words.any(|word| table.find(word.hash) != 0)
        };
        profile.set(MINOR, base.has_minor_units);
        profile.set(CARRIES, is_named(&CARRIED));
        profile.set(VALUES, base.shows_values);
        profile.set(TRADES, is_named(&TRADING));
        profile.set(MOVES, base.moves);
        profile.set(AIMS, base.aims);
        let can_force = || definition.properties.iter().any(forces);
        profile.set(KEPT, base.is_kept && can_force());
        profile.tell(definition);
        profile.learn(definition);
        profile.declared = Declared::of(definition, |key| profile.meant(key));
        if matches!(name.verb, None | Some(Verb::Generic)) && profile.verb != Some(Verb::Read) {
            profile.traits |= MULTI;
        }
        if name.verb == Some(Verb::Read) && !name.is_doubtful {
            profile.traits &= !MULTI;
        }
        profile
    }

    /// What holds of a tool by its verb and what it is about.
    fn tell(&mut self, definition: &Definition) {
        self.set(SENDS, self.sends_on());
        let pressing = PRESSING.find(self.verb_hash);
        self.set(PRESSES, pressing == 1);
        self.set(FILLS_IN, pressing == 2);
        let is_open = matches!(self.verb, None | Some(Verb::Generic | Verb::Write));
        let is_asked = is_open && self.subjects & about::BROWSER != 0;
        self.set(LABELLED, is_asked || pressing != 0);
        self.set(ASKS_WEB, self.reads() && self.named & about::WEB != 0);
        self.set(REST, requests(definition));
        self.set(SPOKEN, is_spoken(&definition.description));
    }

    /// What a parameter means, by the definition or by its name.
    pub(crate) fn meant(&self, key: u64) -> Option<Meaning> {
        self.meaning(key).or_else(|| keys::meaning(key))
    }

    /// What the definition says about a parameter beyond its name.
    fn meaning(&self, key: u64) -> Option<Meaning> {
        let mut told = self
            .meanings
            .iter()
            .take_while(|(_, meaning)| meaning.is_some());
        told.find(|(other, _)| *other == key)?.1
    }

    /// What the description says that this value does, where that is grave.
    pub(crate) fn choice(&self, value: &str) -> Option<Intent> {
        if self.choices.first().is_none_or(Option::is_none) || value.len() > 32 {
            return None;
        }
        let key = key_hash(value.as_bytes());
        let mut known = self.choices.iter().flatten();
        known.find(|(other, _)| *other == key).map(|known| known.1)
    }

    /// Whether an argument says which of its deeds the tool does.
    pub(crate) const fn is_multi(&self) -> bool {
        self.traits & MULTI != 0
    }

    /// Whether the arguments decide what a call does, so that the base says little: the tool runs
    /// code or commands, sends requests, or does one of several things.
    #[must_use]
    pub const fn is_open(&self) -> bool {
        let code = about::SQL | about::SHELL | about::SCRIPT | about::HTTP | about::GRAPHQL;
        let stores = about::MONGO | about::REDIS | about::ELASTIC;
        let runs = matches!(self.verb, None | Some(Verb::Generic));
        self.traits & DEEDS != 0 || (runs && self.subjects & (code | stores) != 0)
    }

    /// Whether the name tells that something it is given is run, whatever the parameter is called.
    pub(crate) const fn runs(&self) -> bool {
        self.runs.code || self.is_open()
    }

    /// Whether the name alone has no verb that tells what is done.
    pub(crate) const fn has_open_name(&self) -> bool {
        self.runs.is_open_name
    }

    /// Whether the name tells that code is only looked at.
    pub(crate) const fn only_looks(&self) -> bool {
        self.runs.only_looks
    }

    /// Whether the name tells nothing but that.
    pub(crate) const fn runs_alone(&self) -> bool {
        self.runs.alone
    }

    /// Whether what it is given is in a language that only selects.
    pub(crate) const fn selects(&self) -> bool {
        self.runs.only_selects
    }

    /// Whether its calls only read, as far as its definition tells.
    pub(crate) fn reads(&self) -> bool {
        self.base.intent == Intent::Read
    }

    /// Whether people are asked to something, or written to.
    pub(crate) fn invites(&self) -> bool {
        let asked = about::EVENT | about::MESSAGE;
        self.subjects & asked != 0 && !matches!(self.verb, Some(Verb::Read))
    }

    /// Whether money may go to somebody.
    pub(crate) fn may_pay(&self) -> bool {
        matches!(
            self.verb,
            Some(Verb::Pay | Verb::Write | Verb::Generic) | None
        )
    }

    /// Whether it hands out many records as one file.
    pub(crate) fn loads(&self) -> bool {
        LOADING.find(self.verb_hash) != 0
    }

    fn sends_on(&self) -> bool {
        let shown = about::MESSAGE | about::PUBLISHED | about::UPLOAD | about::GIT | about::EVENT;
        let is_sent = self.subjects & shown != 0 || SENDING.find(self.verb_hash) != 0;
        is_sent && !matches!(self.verb, Some(Verb::Read))
    }

    /// Whether it gives access to others.
    pub(crate) const fn shares(&self) -> bool {
        matches!(self.verb, Some(Verb::Share)) || self.subjects & about::ACCESS != 0
    }

    /// How it touches the files that it is given, if it is about files.
    pub(crate) fn access(&self) -> Option<Access> {
        let files = about::FILE | about::UPLOAD | about::MESSAGE | about::GIT;
        let is_sent = SENDING.find(self.verb_hash) != 0;
        if self.subjects & files == 0 && !is_sent {
            return None;
        }
        Some(match self.base.intent {
            Intent::Read | Intent::Exfiltrative => Access::Read,
            _ if is_sent || self.subjects & (about::UPLOAD | about::MESSAGE) != 0 => Access::Read,
            Intent::Write => Access::Write,
            Intent::Destructive => Access::Delete,
        })
    }
}

/// Verbs that press what has a label, and verbs that write into it.
static PRESSING: Table<32> = Table::of(&[
    (1, "click press tap dblclick doubleclick"),
    (2, "type fill enter input"),
]);

/// Verbs that hand something on to somebody.
static SENDING: Table<32> = Table::of(&[(
    1,
    "send forward email mail deliver dispatch fax message notify post publish paste transmit \
     export produce",
)]);

/// Verbs that hand out many records as one file.
static LOADING: Table<16> = Table::of(&[(1, "download export dump extract pull")]);

/// Characters of a name that are looked at.
const NAME_MAX: usize = 256;

/// The program that a definition names.
fn program(definition: &Definition, verb: Option<Verb>) -> &'static str {
    let is = |one: &str, word: &words::Word| hash(one.as_bytes()) == word.hash;
    let known = |word: words::Word| PROGRAMS.iter().find(|one| is(one, &word));
    let named = words::of_name(definition.name.as_bytes())
        .filter_map(known)
        .last();
    let is_open = matches!(verb, None | Some(Verb::Generic));
    // `Runs a terraform subcommand`, whatever its name says.
    let told = || {
        let mut words = words::of_text(definition.description.as_bytes()).take(5);
        words.find_map(|word| known(word).filter(|one| one.len() > 3))
    };
    let told = named.or_else(|| is_open.then(told).flatten());
    told.copied().unwrap_or_default()
}

const fn language(number: u64) -> Option<Language> {
    Some(match number {
        1 => Language::Python,
        2 => Language::JavaScript,
        3 => Language::Shell,
        4 => Language::PowerShell,
        5 => Language::Ruby,
        6 => Language::Php,
        7 => Language::Perl,
        _ => return None,
    })
}

/// Whether the name ends with a method of HTTP, and a parameter says where: `jira_post(path: ..)`.
fn requests(definition: &Definition) -> bool {
    let last = words::of_name(definition.name.as_bytes()).last();
    let is_method = last.is_some_and(|word| METHODS.find(word.hash) != 0);
    let has = |one: &Property| WHERE.find(key_hash(one.name.as_bytes())) != 0;
    is_method && definition.properties.iter().any(has)
}

static WHERE: Table<16> = Table::of(&[(1, "path endpoint route resourcepath apipath url uri")]);

/// Whether a tool takes questions as people ask them: `natural language queries`.
fn is_spoken(description: &str) -> bool {
    let head = description.as_bytes();
    let head = head.get(..head.len().min(400)).unwrap_or_default();
    let mut before = 0;
    words::of_text(head).any(|word| {
        let pair = (before, word.hash);
        before = word.hash;
        pair == (hash(b"natural"), hash(b"language")) || pair == (hash(b"plain"), hash(b"english"))
    })
}

/// Whether a parameter makes a deletion final.
fn forces(property: &Property) -> bool {
    let meaning = keys::meaning(key_hash(property.name.as_bytes()));
    matches!(meaning, Some(Meaning::Force | Meaning::Lost))
}
