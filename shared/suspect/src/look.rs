//! Looks at every text of a definition and brings the flags together.

use serde_json::Value;

use crate::flag::{Flag, Kind, excerpt};
use crate::lexicon::Seen;
use crate::own::{self, Own};
use crate::rules::{self, Around};
use crate::sentence::Sentence;
use crate::texts::{self, Role, Text};
use crate::{asked, characters, encoded, fold, markup, names, spelled};

/// Flags of one definition that are told.
const FLAGS_MAX: usize = 64;
/// How often encoded text is looked into again.
const LAYERS_MAX: usize = 3;
/// One ASCII word shorter than this asks for nothing and encodes nothing.
const WORDLESS_BYTES_MIN: usize = 20;
/// Bytes of one text that are looked at for sentences.
const TEXT_BYTES_MAX: usize = 1 << 20;

/// Everything suspicious in a definition, which is the JSON of one element of `tools/list`.
///
/// What is no JSON has no texts, and no flags: the caller's strict reader refuses it.
#[must_use]
pub fn look(definition: &str) -> Vec<Flag> {
    let Ok(definition) = serde_json::from_str::<Value>(definition) else {
        return Vec::new();
    };
    let told = definition
        .get("description")
        .and_then(Value::as_str)
        .unwrap_or_default();
    let texts = texts::all(&definition);
    let mut looking = Looking {
        own: Own::of(&definition, &texts),
        told,
        is_english: is_english(told),
        flags: Vec::new(),
    };
    for text in &texts {
        if looking.flags.len() >= FLAGS_MAX {
            break;
        }
        looking.text(text);
    }
    looking.flags
}

fn is_english(text: &str) -> bool {
    let ascii = text.bytes().filter(u8::is_ascii).count();
    ascii.saturating_mul(20) >= text.len().saturating_mul(19)
}

struct Looking<'a> {
    own: Own,
    /// The description of the tool.
    told: &'a str,
    is_english: bool,
    flags: Vec<Flag>,
}

impl Looking<'_> {
    fn text(&mut self, text: &Text<'_>) {
        self.characters(text);
        if text.role == Role::Name {
            if let Some((kind, percent)) = names::odd_name(text.text) {
                self.flag(kind, percent, &text.path, text.text);
            }
            self.name(text);
            return;
        }
        if text.is_value && !text.text.contains([' ', ':']) {
            self.name(text);
        }
        if let Some(at) = names::odd_word(text.text) {
            self.flag(Kind::MixedScriptName, 75, &text.path, from(text.text, at));
        }
        self.prose(text, text.text, 0);
        let spelled = characters::spelled(text.text);
        if spelled.len() > 3 {
            self.prose(text, &spelled, 1);
        }
    }

    /// Names that ask for something: as a sentence, where they are as long as one.
    fn name(&mut self, text: &Text<'_>) {
        let is_tool = text.path == "/name";
        if text.text.len() < WORDLESS_BYTES_MIN / 2
            || !(is_tool || text.is_parameter || text.is_value)
        {
            return;
        }
        let words = fold::name(text.text);
        if own::is_sentence(&words) {
            let nothing = Seen::default();
            let around = Around {
                own: &self.own,
                is_box: false,
                is_parameter: text.is_parameter,
                parameter: &nothing,
                is_name: true,
                is_value: false,
                is_english: true,
            };
            let judged = rules::judge(&Sentence::named(text.text, &words), &around);
            for (kind, percent) in judged {
                // Names that honest tools go by ask for nothing.
                let more = if percent >= 35 { 25 } else { 0 };
                let percent = percent.saturating_add(more).min(95);
                self.flag(kind, percent, &text.path, text.text);
            }
        }
        if text.is_parameter
            && let Some((kind, percent)) = asked::asked(text.text, &self.own, self.told)
        {
            self.flag(kind, percent, &text.path, text.text);
        }
    }

    fn characters(&mut self, text: &Text<'_>) {
        for (kind, percent, at) in characters::odd(text.text) {
            let sure = if text.role == Role::Name {
                percent.max(75)
            } else {
                percent
            };
            self.flag(kind, sure, &text.path, from(text.text, at));
        }
    }

    /// Sentences, markup and encoded words of a text that is long enough for any.
    fn prose(&mut self, place: &Text<'_>, text: &str, layer: usize) {
        let text = text.get(..TEXT_BYTES_MAX).unwrap_or(text);
        let is_wordless = text.is_ascii() && !text.contains(' ') && !text.contains(['~', '$']);
        if text.len() < WORDLESS_BYTES_MIN && is_wordless {
            return;
        }
        for (kind, percent, at) in markup::odd(text) {
            self.flag(kind, percent, &place.path, from(text, at));
        }
        let parameter = Seen::of(&fold::name(place.parameter));
        let around = Around {
            own: &self.own,
            is_box: rules::is_box(place.parameter),
            is_parameter: !place.parameter.is_empty(),
            parameter: &parameter,
            is_name: false,
            is_value: place.is_value,
            is_english: self.is_english,
        };
        let sentences = Sentence::all(text);
        let found: Vec<_> = sentences
            .iter()
            .flat_map(|one| {
                let judged = rules::judge(one, &around);
                judged
                    .into_iter()
                    .map(|(kind, percent)| (kind, percent, one.raw))
            })
            .collect();
        for (kind, percent, raw) in found {
            self.flag(kind, percent, &place.path, raw);
        }
        if layer < LAYERS_MAX && !place.path.starts_with("/icons") {
            self.hidden(place, text, layer.saturating_add(1));
        }
    }

    /// What a text says in encoded or otherwise disguised words.
    fn hidden(&mut self, place: &Text<'_>, text: &str, layer: usize) {
        for (at, hidden) in encoded::decoded(text) {
            self.flag(Kind::EncodedPayload, 65, &place.path, from(text, at));
            self.prose(place, &hidden, layer);
        }
        for hidden in spelled::plain(text) {
            self.flag(Kind::EncodedPayload, 65, &place.path, text);
            self.prose(place, &hidden, layer);
        }
        if let Some(letters) = spelled::undigited(text) {
            let before = self.flags.clone();
            self.prose(place, &letters, LAYERS_MAX);
            if self.flags != before {
                self.flag(Kind::EncodedPayload, 50, &place.path, text);
            }
        }
    }

    /// The surest of a kind stays, for each text.
    fn flag(&mut self, kind: Kind, percent: u8, path: &str, text: &str) {
        let is_full = self.flags.len() >= FLAGS_MAX;
        let known = self
            .flags
            .iter_mut()
            .find(|flag| flag.kind == kind && flag.path == path);
        match known {
            Some(flag) if flag.confidence_percent >= percent => {}
            Some(flag) => {
                flag.confidence_percent = percent;
                flag.excerpt = excerpt(text);
            }
            None if !is_full => self.flags.push(Flag {
                kind,
                path: path.to_owned(),
                excerpt: excerpt(text),
                confidence_percent: percent,
            }),
            None => {}
        }
    }
}

fn from(text: &str, at: usize) -> &str {
    text.get(at..).unwrap_or(text)
}
