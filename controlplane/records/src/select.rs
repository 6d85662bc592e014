//! Which records are wanted: by time, by what they say, by text. All conditions must hold; of the
//! values of one condition any will do.

use memchr::memmem::Finder;
use varistor_audit::json;

use crate::field::Field;
use crate::index::Block;
use crate::record::Record;
use crate::when::Period;

/// What is wanted. The default wants everything.
#[derive(Clone, Debug, Default)]
pub struct Selection {
    /// Only records of this time.
    pub period: Period,
    conditions: Vec<Condition>,
    /// Bytes that every wanted line has, when it is in the form that the log's writer gives it.
    marks: Vec<Finder<'static>>,
    text: Option<Text>,
}

#[derive(Clone, Debug)]
struct Condition {
    field: Field,
    any: Vec<String>,
}

/// A text to be found in the line as it stands, or with its escapes undone once.
#[derive(Clone, Debug)]
struct Text(Finder<'static>);

/// Something that picks lines out of a log, and knows which blocks it need not look into.
pub(crate) trait Wanted {
    /// The time that its lines are of.
    fn period(&self) -> Period;
    /// Whether such a line may stand in the block.
    fn may_be_in(&self, block: &Block) -> bool;
    /// Whether it may be this line, which is a sound one: quicker than reading it.
    fn may_be(&self, line: &[u8]) -> bool;
    /// Whether it is this line.
    fn is(&self, record: &Record<'_>, line: &[u8]) -> bool;
}

impl Selection {
    /// The same, of this time only.
    #[must_use]
    pub fn within(mut self, period: Period) -> Self {
        self.period = period;
        self
    }

    /// The same where the field has one of these values; without any, unchanged.
    #[must_use]
    pub fn with<S: Into<String>>(
        mut self,
        field: Field,
        values: impl IntoIterator<Item = S>,
    ) -> Self {
        let any: Vec<String> = values.into_iter().map(Into::into).collect();
        if !any.is_empty() {
            let condition = Condition { field, any };
            self.marks.extend(condition.mark());
            self.conditions.push(condition);
        }
        self
    }

    /// The same where this text stands in the line.
    #[must_use]
    pub fn with_text(mut self, text: &str) -> Self {
        self.text = (!text.is_empty()).then(|| Text(Finder::new(text).into_owned()));
        self
    }

    /// Whether anything but the time is asked for.
    #[must_use]
    pub fn is_narrow(&self) -> bool {
        !self.conditions.is_empty() || self.text.is_some()
    }

    /// Whether the record is wanted, by what it says itself.
    #[must_use]
    pub fn matches(&self, record: &Record<'_>, line: &[u8]) -> bool {
        self.period.holds(record.time_ns)
            && self
                .conditions
                .iter()
                .all(|condition| condition.holds(record))
            && self.text.as_ref().is_none_or(|text| text.is_in(line))
    }

    /// Whether a call is wanted, seen together with its result: who called what is asked of the
    /// call; findings, status and text may stand in either. The time is the call's.
    #[must_use]
    pub fn matches_pair(&self, call: (&Record<'_>, &[u8]), result: (&Record<'_>, &[u8])) -> bool {
        let holds = |condition: &Condition| {
            condition.holds(call.0)
                || (condition.field.is_of_results() && condition.holds(result.0))
        };
        self.period.holds(call.0.time_ns)
            && self.conditions.iter().all(holds)
            && self
                .text
                .as_ref()
                .is_none_or(|text| text.is_in(call.1) || text.is_in(result.1))
    }

    /// Whether the call may yet be wanted once its result is known.
    #[must_use]
    pub fn may_match(&self, call: &Record<'_>) -> bool {
        let holds =
            |condition: &Condition| condition.field.is_of_results() || condition.holds(call);
        self.period.holds(call.time_ns) && self.conditions.iter().all(holds)
    }
}

impl Wanted for Selection {
    fn period(&self) -> Period {
        self.period
    }

    fn may_be_in(&self, block: &Block) -> bool {
        let in_time = block.times.0 < self.period.until_ns && block.times.1 >= self.period.from_ns;
        in_time
            && self
                .conditions
                .iter()
                .all(|condition| condition.may_be_in(block))
    }

    fn may_be(&self, line: &[u8]) -> bool {
        self.marks.iter().all(|mark| mark.find(line).is_some())
            && self.text.as_ref().is_none_or(|text| text.is_in(line))
    }

    fn is(&self, record: &Record<'_>, line: &[u8]) -> bool {
        self.matches(record, line)
    }
}

impl Condition {
    fn holds(&self, record: &Record<'_>) -> bool {
        self.any.iter().any(|value| self.field.is(value, record))
    }

    /// What stands in every line for which the condition holds, if one text does.
    fn mark(&self) -> Option<Finder<'static>> {
        let [value] = &*self.any else {
            return None;
        };
        let is_own = match self.field {
            Field::Kind => value != "event",
            Field::Tool | Field::Agent => !value.contains('/'),
            _ => true,
        };
        let mut mark = b"\"".to_vec();
        mark.extend_from_slice(&key(value));
        if !matches!(self.field, Field::Token | Field::Session | Field::Approval) {
            mark.push(b'"');
        }
        is_own.then(|| Finder::new(&mark).into_owned())
    }

    fn may_be_in(&self, block: &Block) -> bool {
        self.any.iter().any(|value| match self.field {
            // Their first digits are enough, and those are no key.
            Field::Token | Field::Approval if value.len() < 32 => true,
            Field::Session if value.len() < 16 => true,
            Field::Tool => may_have_pair(block, (Field::Server, Field::Tool), value),
            Field::Agent => may_have_pair(block, (Field::Organisation, Field::Agent), value),
            field => block.has(field, &key(value)),
        })
    }
}

/// Whether the block may have the name, alone or as `OF/NAME`.
fn may_have_pair(block: &Block, (of, name): (Field, Field), value: &str) -> bool {
    let pair = |(at, _): (usize, &str)| {
        let (owner, rest) = value.split_at_checked(at)?;
        Some((owner, rest.strip_prefix('/')?))
    };
    let mut pairs = value.match_indices('/').filter_map(pair);
    block.has(name, &key(value))
        || pairs.any(|(owner, rest)| block.has(of, &key(owner)) && block.has(name, &key(rest)))
}

/// A value as it stands between the quotes of a line.
fn key(value: &str) -> Vec<u8> {
    let mut text = Vec::with_capacity(value.len().saturating_add(2));
    json::string(value.as_bytes(), &mut text);
    text.pop();
    text.drain(..1.min(text.len()));
    text
}

impl Text {
    fn is_in(&self, line: &[u8]) -> bool {
        self.0.find(line).is_some()
            || (memchr::memchr(b'\\', line).is_some() && self.0.find(&unescaped(line)).is_some())
    }
}

/// The line with the escapes of its strings undone.
fn unescaped(line: &[u8]) -> Vec<u8> {
    let mut out = Vec::with_capacity(line.len());
    let mut rest = line;
    while let Some(at) = memchr::memchr(b'\\', rest) {
        let (before, escape) = rest.split_at_checked(at).unwrap_or((rest, &[]));
        out.extend_from_slice(before);
        let (took, character) = unescape(escape);
        out.extend_from_slice(character.encode_utf8(&mut [0; 4]).as_bytes());
        rest = escape.get(took.max(1)..).unwrap_or_default();
    }
    out.extend_from_slice(rest);
    out
}

/// What the escape at the beginning stands for, and how long it is.
fn unescape(escape: &[u8]) -> (usize, char) {
    let plain = |c: char| (2, c);
    match escape.get(1) {
        Some(b'n') => plain('\n'),
        Some(b't') => plain('\t'),
        Some(b'r') => plain('\r'),
        Some(b'b') => plain('\u{8}'),
        Some(b'f') => plain('\u{c}'),
        Some(b'u') => {
            let Some(unit) = unit(escape) else {
                return plain(char::REPLACEMENT_CHARACTER);
            };
            if let Some(c) = char::from_u32(unit) {
                return (6, c);
            }
            let low = escape.get(6..).and_then(self::unit);
            let pair = low
                .and_then(|low| u16::try_from(low).ok())
                .zip(u16::try_from(unit).ok());
            let decoded = pair.and_then(|(low, high)| {
                char::decode_utf16([high, low]).next().and_then(Result::ok)
            });
            match decoded {
                Some(c) => (12, c),
                None => (6, char::REPLACEMENT_CHARACTER),
            }
        }
        Some(other) => plain(char::from(*other)),
        None => (1, '\\'),
    }
}

/// The code unit of a `\uXXXX`.
fn unit(escape: &[u8]) -> Option<u32> {
    let digits = escape.strip_prefix(b"\\u")?.get(..4)?;
    u32::from_str_radix(core::str::from_utf8(digits).ok()?, 16).ok()
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn matches(selection: &Selection, tail: &str) -> bool {
        let log = fixture::lines(&[tail.to_owned()]);
        selection.matches(&Record::read(&log[0]).unwrap(), &log[0])
    }

    #[test]
    fn conditions_must_all_hold_and_of_values_any_will_do() {
        let get = fixture::call("crm", "get", "allow", "");
        let all = Selection::default();
        assert!(matches(&all, &get) && !all.is_narrow());
        let two = all.clone().with(Field::Tool, ["put", "get"]);
        assert!(matches(&two, &get));
        assert!(!matches(&two.clone().with(Field::Decision, ["deny"]), &get));
        assert!(matches(&two.with(Field::Decision, ["allow"]), &get));
        assert!(matches(
            &all.clone().with(Field::Tool, Vec::<String>::new()),
            &get
        ));
        let before = Period {
            from_ns: 0,
            until_ns: fixture::TIME,
        };
        assert!(!matches(&all.within(before), &get));
    }

    #[test]
    fn text_is_found_as_it_stands_and_behind_one_layer_of_escapes() {
        let tail = [
            r#","kind":"call","params":{"a":"Gr\u00f6\u00dfe \ud83e\udd80 \"x\"\/\n""#,
            r#","b":"straße"},"decision":"allow"}"#,
        ]
        .concat();
        for (text, expected) in [
            ("Größe", true),
            ("🦀", true),
            ("\"x\"/", true),
            ("straße", true),
            ("\\u00f6", true),
            ("STRASSE", false),
        ] {
            let selection = Selection::default().with_text(text);
            assert_eq!(matches(&selection, &tail), expected, "{text}");
        }
        assert_eq!(unescaped(b"\\ud83ex\\"), "\u{fffd}x\\".as_bytes());
    }

    #[test]
    fn a_pair_is_wanted_for_what_its_result_says_but_not_for_who_the_result_is() {
        let log = fixture::lines(&[
            fixture::call("crm", "get", "allow", ""),
            fixture::result_with(0, "tool_error", r#","findings":[{"entity":"iban"}]"#),
        ]);
        let (call, result) = (
            Record::read(&log[0]).unwrap(),
            Record::read(&log[1]).unwrap(),
        );
        let pair =
            |selection: &Selection| selection.matches_pair((&call, &log[0]), (&result, &log[1]));
        let iban = Selection::default().with(Field::Finding, ["iban"]);
        assert!(!iban.matches(&call, &log[0]) && iban.may_match(&call) && pair(&iban));
        let failed = iban
            .with(Field::Status, ["tool_error"])
            .with(Field::Agent, ["bot"]);
        assert!(pair(&failed));
        let other = failed.with(Field::Agent, ["other"]);
        assert!(!pair(&other) && !other.may_match(&call));
    }
}
