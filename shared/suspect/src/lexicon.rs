//! Which concepts the words of a sentence stand for, by the table `lexicon.tsv`.
//!
//! The table holds acts and things, in a dozen languages, not whole attacks: `pass on`, `file`,
//! `the user`. What a sentence asks for follows from which of them stand together.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

static TABLE: &str = include_str!("lexicon.tsv");

/// What words can stand for; the words are in the table, a line each.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
#[repr(u8)]
pub(crate) enum Concept {
    Not,
    Tell,
    User,
    Aware,
    Hush,
    Silent,
    Omit,
    Reply,
    Fetch,
    Supply,
    Content,
    Credential,
    Conversation,
    Background,
    Parameter,
    File,
    Before,
    Must,
    Always,
    OtherTool,
    OtherServer,
    Prefer,
    Best,
    Precedence,
    Operation,
    Ignore,
    Instructions,
    Takeover,
    Model,
    Consent,
    Pretext,
    Run,
    Decode,
    Obey,
    Redirect,
    Target,
    Messages,
    Example,
    Personal,
    Theirs,
    Approved,
    Condition,
    Disable,
    Oversight,
    Valid,
    Anyway,
    Pretend,
    Keep,
    OutOf,
    Record,
    Raise,
    Authority,
    Agent,
    Void,
    Sensitive,
    Elsewhere,
    Kindly,
    Copies,
    Disparage,
    Instead,
    Alter,
    Other,
    Tools,
    Trigger,
}

const NAMES: [(&str, Concept); 64] = [
    ("not", Concept::Not),
    ("tell", Concept::Tell),
    ("user", Concept::User),
    ("aware", Concept::Aware),
    ("hush", Concept::Hush),
    ("silent", Concept::Silent),
    ("omit", Concept::Omit),
    ("reply", Concept::Reply),
    ("fetch", Concept::Fetch),
    ("supply", Concept::Supply),
    ("content", Concept::Content),
    ("credential", Concept::Credential),
    ("conversation", Concept::Conversation),
    ("background", Concept::Background),
    ("parameter", Concept::Parameter),
    ("file", Concept::File),
    ("before", Concept::Before),
    ("must", Concept::Must),
    ("always", Concept::Always),
    ("othertool", Concept::OtherTool),
    ("otherserver", Concept::OtherServer),
    ("prefer", Concept::Prefer),
    ("best", Concept::Best),
    ("precedence", Concept::Precedence),
    ("operation", Concept::Operation),
    ("ignore", Concept::Ignore),
    ("instructions", Concept::Instructions),
    ("takeover", Concept::Takeover),
    ("model", Concept::Model),
    ("consent", Concept::Consent),
    ("pretext", Concept::Pretext),
    ("run", Concept::Run),
    ("decode", Concept::Decode),
    ("obey", Concept::Obey),
    ("redirect", Concept::Redirect),
    ("target", Concept::Target),
    ("messages", Concept::Messages),
    ("example", Concept::Example),
    ("personal", Concept::Personal),
    ("theirs", Concept::Theirs),
    ("approved", Concept::Approved),
    ("condition", Concept::Condition),
    ("disable", Concept::Disable),
    ("oversight", Concept::Oversight),
    ("valid", Concept::Valid),
    ("anyway", Concept::Anyway),
    ("pretend", Concept::Pretend),
    ("keep", Concept::Keep),
    ("outof", Concept::OutOf),
    ("record", Concept::Record),
    ("raise", Concept::Raise),
    ("authority", Concept::Authority),
    ("agent", Concept::Agent),
    ("void", Concept::Void),
    ("sensitive", Concept::Sensitive),
    ("elsewhere", Concept::Elsewhere),
    ("kindly", Concept::Kindly),
    ("copies", Concept::Copies),
    ("disparage", Concept::Disparage),
    ("instead", Concept::Instead),
    ("alter", Concept::Alter),
    ("other", Concept::Other),
    ("tools", Concept::Tools),
    ("trigger", Concept::Trigger),
];

/// One bit each.
const _: () = assert!(NAMES.len() <= 64);

struct Lexicon {
    automaton: Option<AhoCorasick>,
    /// What each pattern stands for.
    concepts: Vec<Concept>,
}

static LEXICON: LazyLock<Lexicon> = LazyLock::new(|| {
    let (mut patterns, mut concepts) = (Vec::new(), Vec::new());
    for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
        let mut cells = line.split('\t');
        let name = cells.next().unwrap_or_default();
        let Some((_, concept)) = NAMES.iter().find(|(known, _)| *known == name) else {
            continue;
        };
        for phrase in cells.filter(|phrase| !phrase.is_empty()) {
            patterns.push(pattern(phrase));
            concepts.push(*concept);
        }
    }
    // Small patterns of ours: building fails for none of them, and a test holds that.
    Lexicon {
        automaton: AhoCorasick::new(patterns).ok(),
        concepts,
    }
});

fn pattern(phrase: &str) -> String {
    match (phrase.strip_prefix('='), phrase.strip_suffix('*')) {
        (Some(anywhere), _) => anywhere.trim_end().to_owned(),
        (None, Some(front)) => format!(" {front}"),
        (None, None) => format!(" {phrase} "),
    }
}

/// The concepts of a sentence, and at which word each stands.
#[derive(Debug, Default)]
pub(crate) struct Seen {
    hits: Vec<(Concept, usize)>,
    mask: u64,
}

impl Seen {
    /// Reads a sentence in folded form.
    pub(crate) fn of(words: &str) -> Self {
        let mut seen = Self::default();
        let Some(automaton) = &LEXICON.automaton else {
            return seen;
        };
        let (mut at, mut word) = (0_usize, 0_usize);
        for found in automaton.find_overlapping_iter(words) {
            let Some(concept) = LEXICON.concepts.get(found.pattern().as_usize()) else {
                continue;
            };
            let end = found.end();
            let between = words.get(at..end).unwrap_or_default();
            word = word.saturating_add(between.matches(' ').count());
            at = end;
            let inside = words.get(found.start()..end).unwrap_or_default();
            let back = inside.matches(' ').count();
            seen.hits.push((*concept, word.saturating_sub(back)));
            seen.mask |= 1 << (*concept as u8);
        }
        seen
    }

    /// Whether nothing that matters stands there.
    pub(crate) const fn is_empty(&self) -> bool {
        self.mask == 0
    }

    /// Whether the concept stands anywhere.
    pub(crate) const fn has(&self, concept: Concept) -> bool {
        self.mask & (1 << (concept as u8)) != 0
    }

    /// Whether any of them stands anywhere.
    pub(crate) fn any(&self, concepts: &[Concept]) -> bool {
        concepts.iter().any(|concept| self.has(*concept))
    }

    /// How many phrases of the concept stand there.
    pub(crate) fn count(&self, concept: Concept) -> usize {
        self.places(concept).count()
    }

    fn places(&self, concept: Concept) -> impl Iterator<Item = usize> {
        self.hits
            .iter()
            .filter(move |hit| hit.0 == concept)
            .map(|hit| hit.1)
    }

    /// Whether both stand at most so many words apart.
    pub(crate) fn near(&self, one: Concept, other: Concept, words: usize) -> bool {
        self.has(one)
            && self.has(other)
            && self
                .places(one)
                .any(|a| self.places(other).any(|b| a.abs_diff(b) <= words))
    }

    /// Whether the second follows the first within so many words.
    pub(crate) fn then(&self, one: Concept, other: Concept, words: usize) -> bool {
        self.has(one)
            && self.has(other)
            && self.places(one).any(|a| {
                self.places(other)
                    .any(|b| a < b && b.saturating_sub(a) <= words)
            })
    }

    /// Whether the three follow each other, each within so many words of the one before.
    pub(crate) fn chain(&self, three: [Concept; 3], words: usize) -> bool {
        let [one, two, last] = three;
        let follows = |a: usize, b: usize| a < b && b.saturating_sub(a) <= words;
        three.iter().all(|concept| self.has(*concept))
            && self.places(two).any(|middle| {
                self.places(one).any(|a| follows(a, middle))
                    && self.places(last).any(|c| follows(middle, c))
            })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_and_the_concepts_agree() {
        for line in TABLE
            .lines()
            .filter(|line| !line.starts_with('#') && !line.is_empty())
        {
            let name = line.split('\t').next().unwrap();
            assert!(NAMES.iter().any(|(known, _)| *known == name), "{name}");
        }
        for (name, concept) in NAMES {
            let lines = TABLE
                .lines()
                .filter(|line| line.split('\t').next() == Some(name));
            assert_eq!(lines.count(), 1, "{name}");
            assert_eq!(NAMES[concept as usize].0, name);
        }
        assert!(LEXICON.automaton.is_some());
    }

    #[test]
    fn phrases_of_the_table_are_folded() {
        for line in TABLE.lines().filter(|line| !line.starts_with('#')) {
            for phrase in line
                .split('\t')
                .skip(1)
                .filter(|phrase| !phrase.starts_with('='))
            {
                let bare = phrase.trim_end_matches('*');
                let folded: String = crate::fold::sentences(bare)
                    .into_iter()
                    .map(|one| one.words)
                    .collect();
                assert_eq!(folded.trim(), bare, "{phrase}");
            }
        }
    }

    #[test]
    fn places_count_words() {
        let seen = Seen::of(" do not ever tell the user ");
        assert!(seen.chain([Concept::Not, Concept::Tell, Concept::User], 2));
        assert!(!seen.chain([Concept::Not, Concept::Tell, Concept::User], 1));
        assert!(seen.near(Concept::User, Concept::Not, 4));
        assert!(!seen.near(Concept::User, Concept::Not, 3));
    }
}
