//! Cypher: clauses by their words, and how many nodes about people come out.

use varistor_model::Intent;

use super::words::{self, Word};
use crate::{Effect, Effects, words as names};

/// How many rows are a bulk export.
const ROWS_MAX: u64 = 10_000;

/// What is known while clauses are walked over.
#[derive(Default)]
struct Walk {
    effects: Effects,
    in_match: bool,
    in_return: bool,
    matches: bool,
    is_filtered: bool,
    is_limited: bool,
    counts: bool,
    of_people: bool,
    shows_whole: bool,
    shows_person: bool,
}

/// What this Cypher does.
pub(super) fn effects(text: &str) -> Effects {
    let mut walk = Walk::default();
    // Procedures that run Cypher are given it in strings.
    let runs_strings = ["apoc.periodic", "apoc.cypher", "apoc.do", "apoc.trigger"]
        .iter()
        .any(|name| text.contains(name));
    let words = if runs_strings {
        words::all(text)
    } else {
        words::bare(text)
    };
    let mut previous = "";
    for word in words {
        walk.word(&word, previous, text);
        previous = word.text;
    }
    walk.end()
}

impl Walk {
    fn find(&mut self, intent: Intent, percent: u8, evidence: &'static str) {
        self.effects.push(Effect::new(intent, percent, evidence));
    }

    fn word(&mut self, word: &Word<'_>, previous: &str, text: &str) {
        let is_name = matches!(word.before, b'.' | b':' | b'$');
        if is_name {
            return self.name(word, previous);
        }
        if word.is_one_of(&["match", "optional", "unwind", "with", "call", "union"]) {
            self.in_match |= word.is("match");
            self.matches |= word.is("match");
            self.in_return = false;
        }
        match () {
            () if word.is("where") => self.is_filtered = true,
            () if word.is("limit") => self.is_limited |= limit(text, word.end),
            () if word.is("return") => {
                self.in_match = false;
                self.in_return = true;
            }
            () if word.is("order") => self.in_return = false,
            () => self.clause(word, previous),
        }
        if self.in_match && word.after == b'{' {
            self.is_filtered = true;
        }
        if self.in_return && !word.is("return") {
            self.counts |= word.after == b'(' && word.is_one_of(COUNTING);
            let is_whole = !matches!(word.after, b'(' | b'.') && !word.is_one_of(FILLING);
            self.shows_whole |= is_whole && !previous.eq_ignore_ascii_case("as");
        }
    }

    /// Clauses that change something.
    fn clause(&mut self, word: &Word<'_>, previous: &str) {
        use Intent::{Destructive, Exfiltrative, Write};
        let on_match = previous.eq_ignore_ascii_case("on");
        match () {
            () if word.is("delete") => self.find(Destructive, 92, "cypher.delete"),
            () if word.is("drop") => self.find(Destructive, 93, "cypher.drop"),
            () if word.is_one_of(&["revoke", "deny"]) => {
                self.find(Destructive, 75, "cypher.revoke");
            }
            () if word.is_one_of(&["terminate", "stop"]) && previous.is_empty() => {
                self.find(Destructive, 75, "cypher.stops");
            }
            () if word.is("set") && self.matches && !self.is_filtered && !on_match => {
                self.find(Destructive, 62, "cypher.updates_all");
            }
            () if on_match => {}
            () if word.is_one_of(&["create", "merge", "set", "remove", "foreach", "grant"])
                && word.after != b'.' =>
            {
                self.find(Write, 86, "cypher.writes");
            }
            () if word.is_one_of(&["alter", "rename", "start"]) && previous.is_empty() => {
                self.find(Write, 75, "cypher.writes");
            }
            () if word.is("csv") && previous.eq_ignore_ascii_case("load") => {
                self.find(Intent::Read, 60, "cypher.loads");
            }
            () if word.is("apoc") && word.after == b'.' => {}
            () if word.is("export") && word.before == b'.' => {
                self.find(Exfiltrative, 80, "cypher.exports");
            }
            () => {}
        }
    }

    /// A label, a property or a part of the name of a procedure.
    fn name(&mut self, word: &Word<'_>, previous: &str) {
        let of_procedure = matches!(previous, "apoc" | "gds" | "dbms" | "db");
        match () {
            () if word.before == b':' => {
                self.of_people |= self.in_match && names::is_about_people(word.text);
                self.is_filtered |= self.in_match && word.after == b'{';
            }
            () if of_procedure && word.is("export") => {
                self.find(Intent::Exfiltrative, 80, "cypher.exports");
            }
            () if word.after == b'(' && word.is_one_of(&["write", "createUser", "create"]) => {
                self.find(Intent::Write, 70, "cypher.writes");
            }
            () if word.after == b'(' && word.is_one_of(&["deleteUser", "drop", "nuke"]) => {
                self.find(Intent::Destructive, 75, "cypher.drop");
            }
            () if self.in_return && names::is_secret(word.text) => {
                self.find(Intent::Exfiltrative, 78, "cypher.reads_secret");
            }
            () if self.in_return => self.shows_person |= names::is_personal(word.text),
            () => {}
        }
    }

    fn end(mut self) -> Effects {
        let is_bulk = self.of_people && !self.is_filtered && !self.is_limited && !self.counts;
        if is_bulk && (self.shows_whole || self.shows_person) {
            self.find(Intent::Exfiltrative, 80, "cypher.reads_all_people");
        }
        self.find(Intent::Read, 85, "cypher.reads");
        self.effects
    }
}

const COUNTING: &[&str] = &[
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "stdev",
    "percentilecont",
];

/// Words of a result that name nothing that comes out.
const FILLING: &[&str] = &["distinct", "as", "limit", "skip", "by", "desc", "asc"];

/// Whether the number behind `LIMIT` is that of a page.
fn limit(text: &str, at: usize) -> bool {
    let rest = text.get(at..).unwrap_or_default().trim_start();
    let digits = rest.bytes().take_while(u8::is_ascii_digit).count();
    let number = rest.get(..digits).unwrap_or_default().parse::<u64>();
    number.map_or(digits == 0, |number| number < ROWS_MAX)
}
