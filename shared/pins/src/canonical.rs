//! The one form of a definition, whatever the order of keys, white space, escapes and spelling of
//! numbers: two definitions have the same form when they say the same.
//!
//! As RFC 8785 writes JSON: keys sorted by UTF-16 code units, strings with the fewest escapes. Its
//! numbers are doubles; ours keep every digit, so that no change hides behind 2^53: the two agree
//! up to 15 digits. Text is not normalised: another spelling of a letter is another text. Refuses
//! what is no object, keys that stand twice, and numbers beyond the range of doubles.

use core::fmt::Write as _;

use varistor_structured::{Form, Node};

/// Members of a tool's `_meta` that the protocol gives to messages (*Base, `_meta`*; W3C trace
/// context): they may change with every answer and reach no model. Everything else there counts,
/// because hosts act on it.
const VOLATILE: [&str; 7] = [
    "progressToken",
    "traceparent",
    "tracestate",
    "baggage",
    "io.modelcontextprotocol/serverInfo",
    "io.modelcontextprotocol/subscriptionId",
    "io.modelcontextprotocol/related-task",
];

/// The canonical form of an element of `tools/list`; `None` when it can't be read.
#[must_use]
pub fn canonical(definition: &str) -> Option<String> {
    let mut whole = Node::read(definition)?;
    let Form::Object(members) = &mut whole.form else {
        return None;
    };
    for (key, _, value) in members.iter_mut() {
        if let (true, Form::Object(meta)) = (key == "_meta", &mut value.form) {
            meta.retain(|(key, _, _)| !VOLATILE.contains(&key.as_str()));
        }
    }
    members.retain(|(key, _, value)| {
        let is_empty = matches!(&value.form, Form::Object(meta) if meta.is_empty());
        key != "_meta" || !is_empty
    });
    let mut out = String::with_capacity(definition.len());
    write(&whole.form, &mut out)?;
    Some(out)
}

/// Appends a value; the depth is bounded by what read it.
fn write(value: &Form, out: &mut String) -> Option<()> {
    match value {
        Form::Null => out.push_str("null"),
        Form::Bool(true) => out.push_str("true"),
        Form::Bool(false) => out.push_str("false"),
        Form::Number(text) => number(text, out)?,
        Form::String(text) => string(text, out),
        Form::Array(elements) => {
            out.push('[');
            for (at, element) in elements.iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                write(&element.form, out)?;
            }
            out.push(']');
        }
        Form::Object(members) => {
            let mut rows: Vec<_> = members.iter().map(|(key, _, value)| (key, value)).collect();
            rows.sort_by(|(a, _), (b, _)| a.encode_utf16().cmp(b.encode_utf16()));
            if rows
                .windows(2)
                .any(|pair| matches!(pair, [a, b] if a.0 == b.0))
            {
                return None;
            }
            out.push('{');
            for (at, (key, value)) in rows.into_iter().enumerate() {
                if at > 0 {
                    out.push(',');
                }
                string(key, out);
                out.push(':');
                write(&value.form, out)?;
            }
            out.push('}');
        }
    }
    Some(())
}

/// RFC 8785 section 3.2.2.2.
fn string(text: &str, out: &mut String) {
    out.push('"');
    for character in text.chars() {
        match character {
            '"' => out.push_str("\\\""),
            '\\' => out.push_str("\\\\"),
            '\u{8}' => out.push_str("\\b"),
            '\t' => out.push_str("\\t"),
            '\n' => out.push_str("\\n"),
            '\u{c}' => out.push_str("\\f"),
            '\r' => out.push_str("\\r"),
            control if control < ' ' => {
                // Writing to a String does not fail.
                let _ = write!(out, "\\u{:04x}", u32::from(control));
            }
            other => out.push(other),
        }
    }
    out.push('"');
}

/// The number by its value: all of its digits, laid out as ECMAScript does
/// (*Number::toString*).
fn number(text: &str, out: &mut String) -> Option<()> {
    let (sign, text) = match text.strip_prefix('-') {
        Some(rest) => ("-", rest),
        None => ("", text),
    };
    let (mantissa, exponent) = text.split_once(['e', 'E']).unwrap_or((text, "0"));
    let (whole, fraction) = mantissa.split_once('.').unwrap_or((mantissa, ""));
    let digits = [whole, fraction].concat();
    let leading = digits.bytes().take_while(|digit| *digit == b'0').count();
    let digits = digits.get(leading..)?.trim_end_matches('0');
    if digits.is_empty() {
        out.push('0');
        return Some(());
    }
    // The point stands behind so many digits; before them when it is not positive.
    let exponent: i64 = exponent.parse().ok()?;
    let before = i64::try_from(whole.len()).ok()?;
    let leading = i64::try_from(leading).ok()?;
    let point = exponent.checked_add(before.checked_sub(leading)?)?;
    let count = i64::try_from(digits.len()).ok()?;
    out.push_str(sign);
    match point {
        1..=21 if count <= point => {
            out.push_str(digits);
            let zeros = usize::try_from(point.checked_sub(count)?).ok()?;
            out.extend(core::iter::repeat_n('0', zeros));
        }
        1..=21 => {
            let (whole, fraction) = digits.split_at_checked(usize::try_from(point).ok()?)?;
            out.push_str(whole);
            out.push('.');
            out.push_str(fraction);
        }
        -5..=0 => {
            out.push_str("0.");
            let zeros = usize::try_from(point.checked_neg()?).ok()?;
            out.extend(core::iter::repeat_n('0', zeros));
            out.push_str(digits);
        }
        _ => {
            let (first, rest) = digits.split_at_checked(1)?;
            out.push_str(first);
            if !rest.is_empty() {
                out.push('.');
                out.push_str(rest);
            }
            // Writing to a String does not fail.
            let _ = write!(out, "e{:+}", point.checked_sub(1)?);
        }
    }
    Some(())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(value: &str) -> Option<String> {
        let whole = canonical(&format!("{{\"v\":{value}}}"))?;
        let value = whole.strip_prefix("{\"v\":")?.strip_suffix('}')?;
        Some(value.to_owned())
    }

    #[test]
    fn numbers_stand_by_their_value() {
        for (text, expected) in [
            ("0", "0"),
            ("-0", "0"),
            ("-0.0e5", "0"),
            ("1.0", "1"),
            ("10e-1", "1"),
            ("1E2", "100"),
            ("120", "120"),
            ("-1.50", "-1.5"),
            ("0.001", "0.001"),
            ("1e-6", "0.000001"),
            ("1e-7", "1e-7"),
            ("123e18", "123000000000000000000"),
            ("1e21", "1e+21"),
            ("1.25e+30", "1.25e+30"),
            ("00", "none"),
            ("9007199254740993", "9007199254740993"),
            (
                "0.1000000000000000055511151231257827",
                "0.1000000000000000055511151231257827",
            ),
            ("1e400", "none"),
            ("1e99999999999999999999", "none"),
        ] {
            assert_eq!(of(text).as_deref().unwrap_or("none"), expected, "{text}");
        }
    }

    #[test]
    fn keys_stand_in_the_order_of_utf_16_and_strings_without_needless_escapes() {
        // The example of RFC 8785 section 3.2.3.
        let text = r#"{"\u20ac":"Euro Sign","\r":"Carriage Return","\ufb33":"Hebrew","1":"One",
            "\ud83d\ude00":"Emoji","\u0080":"Control","\u00f6":"o"}"#;
        let expected = "{\"\\r\":\"Carriage Return\",\"1\":\"One\",\"\u{80}\":\"Control\",\
                        \"ö\":\"o\",\"€\":\"Euro Sign\",\"😀\":\"Emoji\",\"\u{fb33}\":\"Hebrew\"}";
        assert_eq!(canonical(text).as_deref(), Some(expected));
        assert_eq!(
            of(r#""\u0041\/\u001f\"\\""#).as_deref(),
            Some(r#""A/\u001f\"\\""#)
        );
    }

    #[test]
    fn what_the_protocol_may_change_in_meta_does_not_count_and_the_rest_does() {
        let plain = canonical(r#"{"name":"a"}"#);
        let traced = r#"{"name":"a","_meta":{"traceparent":"00-1","progressToken":7}}"#;
        assert_eq!(canonical(traced), plain);
        let acted_on = r#"{"name":"a","_meta":{"traceparent":"x","ui/resourceUri":"ui://b"}}"#;
        let expected = r#"{"_meta":{"ui/resourceUri":"ui://b"},"name":"a"}"#;
        assert_eq!(canonical(acted_on).as_deref(), Some(expected));
        // Only there.
        assert_ne!(canonical(r#"{"name":"a","traceparent":"x"}"#), plain);
        assert_ne!(canonical(r#"{"name":"a","x":{"_meta":{}}}"#), plain);
    }

    #[test]
    fn what_is_no_object_or_says_a_thing_twice_has_no_form() {
        for text in [
            "[]",
            "1",
            "",
            "{",
            r#"{"a":1,"\u0061":2}"#,
            r#"{"a":{"b":1,"b":1}}"#,
        ] {
            assert_eq!(canonical(text), None, "{text}");
        }
    }
}
