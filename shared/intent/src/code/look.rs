//! Code under whatever name: what runs it is told by the tool, its language by its look.
//!
//! Refuses to look where a tool has a deed of its own: what it is given is then a value. Of each
//! text no more is looked at than tells its language.

use varistor_effect::{self as effect, Effect, Effects, Language, Outside, Tongue};
use varistor_model::{Intent, Span};

use super::Found;
use super::line::{line, with_plain};
use crate::facts::Facts;
use crate::json::{Part, Walk};
use crate::keys::{self, Meaning};
use crate::lexicon::{Verb, about};
use crate::profile::Profile;
use crate::table::{self, Table};

/// Levels at which texts are looked for.
const DEPTH_MAX: usize = 3;

/// What stands among the arguments of a tool that runs something.
pub(super) fn anything(profile: &Profile, facts: &Facts<'_>, outside: &dyn Outside) -> Found {
    let is_open = matches!(profile.verb, None | Some(Verb::Generic)) && !profile.sends();
    if !profile.runs() && !is_open {
        return None;
    }
    let mut search = Search {
        profile,
        outside,
        found: None,
        longest: None,
    };
    search.walk(facts.text);
    search.found.or_else(|| search.unlike(facts))
}

struct Search<'a> {
    profile: &'a Profile,
    outside: &'a dyn Outside,
    found: Found,
    /// The longest text that looks like nothing known.
    longest: Option<(&'a str, Span)>,
}

/// Keys of what is only thought, and of files.
static PROSE: Table<32> = Table::of(&[(
    1,
    "thought thoughts thinking reasoning rationale explanation justification",
)]);
static NAMES: Table<32> = Table::of(&[(
    1,
    "sqlpath sqlfile scriptpath scriptfile filepath filename archivepath path",
)]);

impl<'a> Search<'a> {
    fn walk(&mut self, text: &'a str) {
        let mut walk = Walk::over(text.as_bytes());
        let mut depth = 0_usize;
        let mut key = 0_u64;
        while let Some(part) = walk.next() {
            match part {
                Part::Key(start, end) => {
                    let name = text.as_bytes().get(start..end).unwrap_or_default();
                    key = table::key_hash(name);
                }
                Part::Object(start) | Part::Array(start) => {
                    let rest = text.get(start..).unwrap_or_default();
                    let is_whole = depth > 0 && self.is_whole(rest);
                    if is_whole || depth >= DEPTH_MAX {
                        let end = walk.pass_over();
                        let whole = text.get(start..end).unwrap_or_default();
                        if is_whole && let Some(span) = Span::of(start..end) {
                            self.object(whole, span);
                        }
                    } else {
                        depth = depth.saturating_add(1);
                    }
                }
                Part::End(_) => depth = depth.saturating_sub(1),
                Part::Text(start, end) => {
                    let value = text.get(start..end).unwrap_or_default();
                    if let Some(span) = Span::of(start..end) {
                        self.text(value, span, key);
                    }
                }
                Part::Bare(..) | Part::Truth(..) | Part::Null => {}
            }
        }
    }

    /// Whether an object or an array is a command by itself.
    fn is_whole(&self, rest: &str) -> bool {
        let of_mongo = self.profile.subjects & about::MONGO != 0;
        (of_mongo && effect::tongue(rest) == Some(Tongue::Mongo))
            || (rest.starts_with('[') && is_line(rest))
    }

    fn object(&mut self, whole: &str, span: Span) {
        let effects = if whole.starts_with('[') && is_line(whole) {
            with_words(whole, |line| effect::shell(line, self.outside))
        } else {
            effect::mongo_text(whole)
        };
        self.add(&effects, span);
    }

    fn add(&mut self, effects: &Effects, span: Span) {
        match &mut self.found {
            Some((all, place)) => {
                if effects.intent() > all.intent() {
                    *place = span;
                }
                all.extend(effects);
            }
            None => self.found = Some((*effects, span)),
        }
    }

    fn text(&mut self, value: &'a str, span: Span, key: u64) {
        let means_else = matches!(
            keys::meaning(key),
            Some(
                Meaning::Url
                    | Meaning::Place
                    | Meaning::Language
                    | Meaning::Recipient
                    | Meaning::Operation
                    | Meaning::State
                    | Meaning::Mode
            )
        );
        // A thought runs nothing; nor does the name of a file.
        let is_name = value.contains('/') && !value.contains([' ', '\n', '(', ';']);
        let is_prose = PROSE.find(key) != 0 || is_name && NAMES.find(key) != 0;
        if value.len() < 3 || means_else || is_prose {
            return;
        }
        if let Some(effects) = self.judged(value) {
            self.add(&effects, span);
        } else if self
            .longest
            .is_none_or(|(other, _)| (other.len(), other) < (value.len(), value))
        {
            self.longest = Some((value, span));
        }
    }

    /// What a text does that looks like code.
    fn judged(&self, value: &str) -> Option<Effects> {
        let tongue = with_plain(value, effect::tongue);
        if self.profile.selects() && tongue != Some(Tongue::Piped) {
            return None;
        }
        if self.profile.subjects & about::REDIS != 0 {
            let effects = with_plain(value, effect::redis);
            let decisive = effects.gravest().map(|effect| effect.evidence);
            return (decisive != Some("redis.unknown")).then_some(effects);
        }
        let language = self.profile.language;
        let of_scripts = self.profile.subjects & about::SCRIPT != 0;
        let is_code = value.contains(['(', '=', ';']) || tongue == Some(Tongue::Shell);
        let is_query = matches!(
            tongue,
            Some(
                Tongue::Mongo
                    | Tongue::Aql
                    | Tongue::Cypher
                    | Tongue::Gremlin
                    | Tongue::Graphql
                    | Tongue::Piped
                    | Tongue::Sparql
            )
        );
        if let Some(language) = language.filter(|_| of_scripts && is_code && !is_query) {
            return Some(with_plain(value, |text| {
                effect::script(language, text, self.outside)
            }));
        }
        by_tongue(self.profile, tongue?, value, self.outside)
    }

    /// What a text means that looks like nothing, where the tool says how it is read.
    fn unlike(&self, facts: &Facts<'_>) -> Found {
        let (text, span) = self.longest?;
        if self.profile.selects() {
            let effect = Effect::new(Intent::Read, 72, "query.selects");
            return Some((Effects::of(effect), span));
        }
        let is_alone = self.profile.runs_alone();
        let of_shell = self.profile.subjects & about::SHELL != 0 && text.contains(' ');
        let of_program = !self.profile.program.is_empty();
        if self.profile.subjects & about::REDIS != 0 && is_alone {
            return Some((with_plain(text, effect::redis), span));
        }
        if !(is_alone && (of_program || of_shell)) {
            return None;
        }
        let (line, span) = line(facts, self.profile.program, text, span);
        Some((effect::shell(line.text(), self.outside), span))
    }
}

/// What a text does that looks like being of this language.
pub(super) fn by_tongue(
    profile: &Profile,
    tongue: Tongue,
    value: &str,
    outside: &dyn Outside,
) -> Option<Effects> {
    let script = |language| with_plain(value, |text| effect::script(language, text, outside));
    let is_reading = profile.verb == Some(Verb::Read) && !profile.has_open_name();
    Some(match tongue {
        Tongue::Shell | Tongue::PowerShell | Tongue::Script if is_reading => return None,
        Tongue::Shell => script(Language::Shell),
        Tongue::PowerShell => script(Language::PowerShell),
        Tongue::Script if profile.runs() => script(profile.language.unwrap_or(Language::Unknown)),
        Tongue::Script => return None,
        Tongue::Ldap if !profile.runs() => return None,
        _ => with_plain(value, effect::query),
    })
}

/// Whether an array is the words of a command line.
fn is_line(array: &str) -> bool {
    let mut parts = Walk::over(array.as_bytes()).skip(1);
    let Some(Part::Text(start, end)) = parts.next() else {
        return false;
    };
    let Some(Part::Text(next, behind)) = parts.next() else {
        return false;
    };
    let program = array.get(start..end).unwrap_or_default();
    let second = array.get(next..behind).unwrap_or_default();
    let is_word = program.len() <= 32 && !program.contains(' ') && program != second;
    is_word && effect::is_program(program.rsplit('/').next().unwrap_or(program))
}

fn with_words<T>(array: &str, use_it: impl FnOnce(&str) -> T) -> T {
    let mut line = super::line::Line::empty();
    super::line::append(&mut line, array);
    use_it(line.text())
}
