//! Formats of strings (JSON Schema 2020-12, *Validation* section 7.3): a value for each that says
//! that something is withheld.

/// By format: names that nobody owns (RFC 2606, RFC 6761), addresses and times that mean nothing.
const EXAMPLES: &[(&str, &str)] = &[
    ("date", "1970-01-01"),
    ("date-time", "1970-01-01T00:00:00Z"),
    ("duration", "PT0S"),
    ("email", "redacted@redacted.invalid"),
    ("hostname", "redacted.invalid"),
    ("idn-email", "redacted@redacted.invalid"),
    ("idn-hostname", "redacted.invalid"),
    ("ipv4", "0.0.0.0"),
    ("ipv6", "::"),
    ("iri", "https://redacted.invalid/"),
    ("iri-reference", "https://redacted.invalid/"),
    ("json-pointer", "/redacted"),
    ("regex", "redacted"),
    ("relative-json-pointer", "0"),
    ("time", "00:00:00Z"),
    ("uri", "https://redacted.invalid/"),
    ("uri-reference", "https://redacted.invalid/"),
    ("uri-template", "https://redacted.invalid/"),
    ("url", "https://redacted.invalid/"),
    ("uuid", "00000000-0000-0000-0000-000000000000"),
];

/// Formats beyond the standard's that clients check too (those of Ajv), with what fits them.
const BEYOND: &[(&str, &str)] = &[
    ("binary", "redacted"),
    ("byte", "cmVkYWN0ZWQ="),
    ("iso-date-time", "1970-01-01T00:00:00Z"),
    ("iso-time", "00:00:00Z"),
    ("json-pointer-uri-fragment", "#/redacted"),
    ("password", "[REDACTED]"),
];

/// What stands for a withheld value of this format; none when the format is nobody's.
pub(crate) fn example(format: &str) -> Option<&'static str> {
    let mut rows = EXAMPLES.iter().chain(BEYOND);
    rows.find(|(name, _)| *name == format)
        .map(|(_, text)| *text)
}

/// Whether a text that stands in for something withheld is of this format. Of formats that nobody
/// defines, every text is; `regex` and `password` take placeholders.
pub(crate) fn fits(format: &str, stand_in: &str) -> bool {
    match example(format) {
        None => true,
        Some(text) => text == stand_in || matches!(format, "password" | "binary"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn examples_are_of_their_format() {
        for (format, text) in EXAMPLES {
            let schema = serde_json::json!({"type": "string", "format": format});
            let options = jsonschema::options().should_validate_formats(true);
            let validator = options.build(&schema).unwrap();
            assert!(validator.is_valid(&serde_json::json!(text)), "{format}");
            assert!(fits(format, text));
            assert!(!fits(format, "[REDACTED:email]"), "{format}");
        }
        assert!(fits("password", "[REDACTED:password]"));
        assert!(fits("our-own", "[REDACTED:email]"));
    }
}
