//! One look at a line: is it a record, when was it written, and what can it be found by.
//!
//! It says the same of a line as [`Record::read`] does, in a third of the time: what it can't
//! tell by itself it has read whole.

use varistor_audit::{Head, json};

use crate::field::Field;
use crate::record::Record;

/// A sound line.
pub(crate) struct Glance<'l> {
    /// Number and time.
    pub(crate) head: Head,
    /// The values of its members, raw, in the order of [`member`].
    values: [&'l [u8]; MEMBERS],
}

/// What a value is.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A string.
    Text,
    /// A number, or null.
    Number,
    /// A number of at most four digits, or null.
    Small,
    /// An intent.
    Intent,
    /// Anything.
    Raw,
    /// Something with a form of its own.
    Whole,
}

/// How many members a [`Record`] has.
const MEMBERS: usize = 42;

/// Which of them this is, and what its value has to be.
const fn member(key: &[u8]) -> Option<(usize, Form)> {
    Some(match key {
        b"seq" => (0, Form::Number),
        b"time" => (1, Form::Text),
        b"prev" => (2, Form::Text),
        b"kind" => (3, Form::Text),
        b"organisation" => (4, Form::Text),
        b"agent" => (5, Form::Text),
        b"token" => (6, Form::Text),
        b"session" => (7, Form::Text),
        b"client" => (8, Form::Text),
        b"server" => (9, Form::Text),
        b"method" => (10, Form::Text),
        b"tool" => (11, Form::Text),
        b"subject" => (12, Form::Text),
        b"id" => (13, Form::Raw),
        b"params" => (14, Form::Raw),
        b"params_masked" => (15, Form::Whole),
        b"params_omitted" => (16, Form::Text),
        b"intent" => (17, Form::Intent),
        b"findings" => (18, Form::Whole),
        b"restored" => (19, Form::Whole),
        b"decision" => (20, Form::Text),
        b"reason" => (21, Form::Text),
        b"stage" => (22, Form::Text),
        b"approval" => (23, Form::Text),
        b"rule" => (24, Form::Text),
        b"rules" => (25, Form::Whole),
        b"shadow" => (26, Form::Whole),
        b"level" => (27, Form::Text),
        b"flagged" => (28, Form::Whole),
        b"flow" => (29, Form::Whole),
        b"session_ended" => (30, Form::Whole),
        b"notify" => (31, Form::Whole),
        b"generation" => (32, Form::Number),
        b"call" => (33, Form::Number),
        b"status" => (34, Form::Text),
        b"details" => (35, Form::Raw),
        b"http_status" => (36, Form::Small),
        b"duration_us" => (37, Form::Number),
        b"bytes" => (38, Form::Number),
        b"redacted" => (39, Form::Number),
        b"issuer" => (40, Form::Text),
        b"holder" => (41, Form::Text),
        _ => return None,
    })
}

const KIND: usize = 3;
const INTENT: usize = 17;
const FINDINGS: usize = 18;
const RULES: usize = 25;
const CALL: usize = 33;
const DETAILS: usize = 35;
/// Members whose whole value is what is asked for.
const PLAIN: [(usize, Field); 12] = [
    (3, Field::Kind),
    (4, Field::Organisation),
    (5, Field::Agent),
    (6, Field::Token),
    (7, Field::Session),
    (9, Field::Server),
    (11, Field::Tool),
    (20, Field::Decision),
    (21, Field::Reason),
    (24, Field::Rule),
    (34, Field::Status),
    (23, Field::Approval),
];

impl<'l> Glance<'l> {
    /// Looks at a line without its newline; `None` when it is no record.
    pub(crate) fn of(line: &'l [u8]) -> Option<Self> {
        let mut values: [&[u8]; MEMBERS] = [&[]; MEMBERS];
        let (mut sound, mut sure) = (true, true);
        json::check(line, |key, value| {
            let known = member(key);
            if let Some((kept, form)) =
                known.and_then(|(at, form)| Some((values.get_mut(at)?, form)))
            {
                sound &= kept.is_empty();
                *kept = value;
                sure &= is_plain(value, form);
            } else {
                sound &= !key.contains(&b'\\');
            }
        })?;
        let head = Head::read(line)?;
        let glance = Self { head, values };
        (sound && (sure || Record::read(line).is_ok())).then_some(glance)
    }

    /// Of a result: its call.
    pub(crate) fn call(&self) -> Option<u64> {
        let digits = self.value(CALL);
        core::str::from_utf8(digits).ok()?.parse().ok()
    }

    /// Tells everything that the line can be found by: the field, and the value as it stands
    /// between quotes.
    pub(crate) fn each(&self, mut tell: impl FnMut(Field, &[u8])) {
        for (place, field) in PLAIN {
            let value = self.value(place);
            if !value.is_empty() {
                tell(field, inner(value));
            }
        }
        let kind = inner(self.value(KIND));
        if !matches!(kind, b"call" | b"result") {
            tell(Field::Kind, b"event");
        }
        if let Some(rest) = self.value(INTENT).strip_prefix(b"{\"type\":\"") {
            tell(Field::Intent, until_quote(rest));
        }
        let findings = self.value(FINDINGS);
        const ENTITY: &[u8] = b"\"entity\":\"";
        for at in memchr::memmem::find_iter(findings, ENTITY) {
            let rest = findings.get(at.saturating_add(ENTITY.len())..);
            tell(Field::Finding, until_quote(rest.unwrap_or_default()));
        }
        strings(self.value(RULES), |rule| tell(Field::Rule, rule));
        let details = self.value(DETAILS);
        if !details.is_empty() {
            // The details of a sound line are JSON.
            let _checked = json::check(details, |key, value| match key {
                b"server" => tell(Field::Server, inner(value)),
                b"approval" => tell(Field::Approval, inner(value)),
                _ => {}
            });
        }
    }

    fn value(&self, place: usize) -> &'l [u8] {
        self.values.get(place).copied().unwrap_or_default()
    }
}

/// Whether the value is surely one that a record takes for this form.
fn is_plain(value: &[u8], form: Form) -> bool {
    match form {
        Form::Raw => true,
        Form::Text => value.starts_with(b"\"") && memchr::memchr(b'\\', value).is_none(),
        Form::Number => value.len() < 19 && value.iter().all(u8::is_ascii_digit),
        Form::Small => value.len() < 5 && value.iter().all(u8::is_ascii_digit),
        Form::Intent => is_plain_intent(value).is_some(),
        Form::Whole => false,
    }
}

/// Whether an intent is in the shape that the log's writer gives it, without escapes.
fn is_plain_intent(value: &[u8]) -> Option<()> {
    let rest = value.strip_prefix(b"{\"type\":\"")?;
    let rest = rest.get(until_quote(rest).len()..)?;
    let rest = rest.strip_prefix(b"\",\"confidence\":")?;
    let digits = rest.iter().position(|byte| !byte.is_ascii_digit())?;
    let rest = rest.get(digits..)?.strip_prefix(b",\"evidence\":[")?;
    let codes = rest.strip_suffix(b"]}")?;
    let mut outside = codes.split(|byte| *byte == b'"').step_by(2);
    let are_strings = outside.all(|between| matches!(between, b"" | b","));
    let plain = (1..5).contains(&digits) && memchr::memchr(b'\\', value).is_none();
    (plain && are_strings).then_some(())
}

/// What stands between the quotes of a string.
fn inner(value: &[u8]) -> &[u8] {
    let open = value.strip_prefix(b"\"");
    open.and_then(|rest| rest.strip_suffix(b"\""))
        .unwrap_or_default()
}

/// What stands before the next quote that is not escaped.
fn until_quote(rest: &[u8]) -> &[u8] {
    let mut escaped = false;
    let end = rest.iter().position(|byte| {
        let ends = *byte == b'"' && !escaped;
        escaped = *byte == b'\\' && !escaped;
        ends
    });
    rest.get(..end.unwrap_or(rest.len())).unwrap_or_default()
}

/// The strings of an array of strings.
fn strings<'a>(array: &'a [u8], mut tell: impl FnMut(&'a [u8])) {
    let mut rest = array;
    while let Some(at) = memchr::memchr(b'"', rest) {
        let from = rest.get(at.saturating_add(1)..).unwrap_or_default();
        let text = until_quote(from);
        tell(text);
        rest = from.get(text.len().saturating_add(1)..).unwrap_or_default();
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;
    use proptest::prelude::*;

    fn keys(line: &[u8]) -> Vec<(Field, String)> {
        let mut keys = Vec::new();
        let text = |value: &[u8]| String::from_utf8(value.to_vec()).unwrap();
        Glance::of(line)
            .unwrap()
            .each(|field, value| keys.push((field, text(value))));
        keys
    }

    #[test]
    fn everything_that_a_record_can_be_selected_by_is_told() {
        let tail = [
            r#","kind":"call","organisation":"acme","agent":"a\"b","tool":"t","server":"s""#,
            r#","intent":{"type":"write","confidence":90,"evidence":["x"]}"#,
            r#","findings":[{"entity":"iban","place":"1..2"},{"entity":"email"}]"#,
            r#","decision":"deny","reason":"held","rule":"r0","rules":["r\"1","r2"]"#,
            r#","generation":3}"#,
        ];
        let log = fixture::lines(&[tail.concat()]);
        let keys = keys(&log[0]);
        for (field, value) in [
            (Field::Kind, "call"),
            (Field::Organisation, "acme"),
            (Field::Agent, "a\\\"b"),
            (Field::Tool, "t"),
            (Field::Server, "s"),
            (Field::Intent, "write"),
            (Field::Finding, "iban"),
            (Field::Finding, "email"),
            (Field::Decision, "deny"),
            (Field::Reason, "held"),
            (Field::Rule, "r0"),
            (Field::Rule, "r\\\"1"),
            (Field::Rule, "r2"),
        ] {
            assert!(
                keys.contains(&(field, value.to_owned())),
                "{field:?} {value}: {keys:?}"
            );
        }
        let event = r#","kind":"breaker_open","details":{"server":"crm","approval":"ab"}}"#;
        let log = fixture::lines(&[event.to_owned()]);
        let keys = self::keys(&log[0]);
        for (field, value) in [
            (Field::Kind, "event"),
            (Field::Kind, "breaker_open"),
            (Field::Server, "crm"),
            (Field::Approval, "ab"),
        ] {
            assert!(keys.contains(&(field, value.to_owned())), "{keys:?}");
        }
    }

    #[test]
    fn a_result_names_its_call() {
        let log = fixture::lines(&[fixture::result(41, "ok")]);
        assert_eq!(Glance::of(&log[0]).unwrap().call(), Some(41));
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(4000))]
        #[test]
        fn it_calls_the_same_lines_sound_as_reading_them_does(
            which in 0_usize..4, at: prop::sample::Index, byte: u8, cut: bool, insert: bool,
        ) {
            let tails = [
                fixture::call("crm", "get", "allow", ""),
                fixture::call("crm", "get", "deny", r#","findings":[{"entity":"iban"}]"#),
                fixture::result(0, "ok"),
                r#","kind":"kill","details":{"by":"a","selectors":["all"]}}"#.to_owned(),
            ];
            let mut line = fixture::lines(&[tails[which].clone()]).remove(0);
            let at = at.index(line.len());
            match (cut, insert) {
                (true, _) => { line.remove(at); }
                (_, true) => line.insert(at, byte),
                _ => line[at] = byte,
            }
            prop_assert_eq!(
                Glance::of(&line).is_some(),
                Record::read(&line).is_ok(),
                "{}", String::from_utf8_lossy(&line)
            );
        }
    }
}
