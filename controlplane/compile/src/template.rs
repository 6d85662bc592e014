//! The header that carries a credential: `Name: text with ${vault:name}`.
//!
//! Refuses headers that frame or route the message. Never quotes the value: it may be a secret.

use varistor_snapshot::schema::{Credential, QUERY, TemplatePart};

use crate::name;
use crate::problem::Wrong;

/// Headers that the gateway writes itself.
const RESERVED: [&str; 20] = [
    "accept",
    "accept-encoding",
    "connection",
    "content-encoding",
    "content-length",
    "content-type",
    "expect",
    "forwarded",
    "host",
    "keep-alive",
    "last-event-id",
    "origin",
    "proxy-connection",
    "te",
    "trailer",
    "transfer-encoding",
    "upgrade",
    "user-agent",
    "varistor-record",
    "via",
];
/// Longest header of a credential in bytes, before the secrets are put in.
const HEADER_BYTES_MAX: usize = 4096;
/// Longest value of a variable in bytes, before the secrets are put in: what Linux takes of one.
const VARIABLE_BYTES_MAX: usize = 128 * 1024 - 256;
/// How a secret of the vault is named.
pub(crate) const OPEN: &str = "${vault:";

/// The header of a template.
pub(crate) fn credential(text: &str) -> Result<Credential, Wrong> {
    let wrong = || Wrong::expected("a header such as \"Authorization: Bearer ${vault:github}\"");
    let (header, value) = text.split_once(':').ok_or_else(wrong)?;
    let header = header.to_ascii_lowercase();
    if header.is_empty() || !header.bytes().all(is_token) {
        return Err(wrong().help("the header's name comes first, then a colon"));
    }
    if RESERVED.contains(&header.as_str()) || header.starts_with("mcp-") {
        return Err(Wrong::expected(format!("another header than {header}"))
            .help("the gateway writes that one itself"));
    }
    let value = value.trim_matches([' ', '\t']);
    if value.is_empty() || text.len() > HEADER_BYTES_MAX {
        return Err(wrong());
    }
    if !value
        .bytes()
        .all(|byte| matches!(byte, b' '..=b'~' | b'\t'))
    {
        return Err(Wrong::expected(
            "a header of visible ASCII characters and blanks",
        ));
    }
    Ok(Credential {
        header,
        value: parts(value)?,
    })
}

/// A parameter of the URL's query: `NAME=text with ${vault:name}`.
pub(crate) fn parameter(text: &str) -> Result<Credential, Wrong> {
    let wrong = || Wrong::expected("a parameter such as \"key=${vault:maps}\"");
    let (name, value) = text.split_once('=').ok_or_else(wrong)?;
    let plain = |byte: u8| byte.is_ascii_alphanumeric() || b"-._~".contains(&byte);
    let parts = parts(text)?;
    let mut literals = parts.iter().filter_map(|part| match part {
        TemplatePart::Literal(text) => Some(text.strip_prefix(name).unwrap_or(text)),
        TemplatePart::Secret(_) => None,
    });
    let is_fine = !name.is_empty()
        && !value.is_empty()
        && text.len() <= HEADER_BYTES_MAX
        && name.bytes().all(plain)
        && literals.all(|text| text.bytes().all(|byte| plain(byte) || byte == b'='));
    match is_fine {
        true => Ok(Credential {
            header: QUERY.to_owned(),
            value: parts,
        }),
        false => Err(wrong().help("what is no secret is of letters, digits, -, ., _ and ~")),
    }
}

/// A value of visible ASCII characters and blanks with `${vault:NAME}` in it.
pub(crate) fn value(text: &str) -> Result<Vec<TemplatePart>, Wrong> {
    let text = text.trim();
    let visible = |byte| matches!(byte, b' '..=b'~');
    if text.is_empty() || text.len() > HEADER_BYTES_MAX || !text.bytes().all(visible) {
        return Err(Wrong::expected(
            "visible ASCII characters, such as \"${vault:NAME}\"",
        ));
    }
    parts(text)
}

/// The value of a variable of an environment: any text with `${vault:NAME}` in it.
pub(crate) fn variable(text: &str) -> Result<Vec<TemplatePart>, Wrong> {
    if text.len() > VARIABLE_BYTES_MAX || text.contains('\0') {
        return Err(Wrong::expected(format!(
            "text of at most {VARIABLE_BYTES_MAX} bytes without NUL"
        )));
    }
    parts(text)
}

/// The names of the secrets in a template.
pub(crate) fn secrets(credential: &Credential) -> impl Iterator<Item = &str> {
    secrets_of(&credential.value)
}

/// The names of the secrets in a value.
pub(crate) fn secrets_of(value: &[TemplatePart]) -> impl Iterator<Item = &str> {
    value.iter().filter_map(|part| match part {
        TemplatePart::Secret(name) => Some(name.as_str()),
        TemplatePart::Literal(_) => None,
    })
}

fn parts(value: &str) -> Result<Vec<TemplatePart>, Wrong> {
    let mut parts = Vec::new();
    let mut rest = value;
    while let Some((literal, behind)) = rest.split_once("${") {
        push_literal(&mut parts, literal);
        let reference = behind
            .strip_prefix("vault:")
            .and_then(|name| name.split_once('}'));
        let Some((secret, behind)) = reference else {
            return Err(Wrong::expected(format!("{OPEN}NAME}} behind each `${{`")));
        };
        name::secret(secret)?;
        parts.push(TemplatePart::Secret(secret.to_owned()));
        rest = behind;
    }
    push_literal(&mut parts, rest);
    Ok(parts)
}

fn push_literal(parts: &mut Vec<TemplatePart>, literal: &str) {
    if !literal.is_empty() {
        parts.push(TemplatePart::Literal(literal.to_owned()));
    }
}

/// A character of a header's name (RFC 9110 section 5.6.2), without the underscore, which many
/// servers take for a hyphen.
fn is_token(byte: u8) -> bool {
    byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^`|~".contains(&byte)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_template_is_literal_text_and_names_of_secrets() {
        let found = credential("Authorization: Bearer ${vault:github}!").unwrap();
        assert_eq!(found.header, "authorization");
        assert_eq!(
            found.value,
            [
                TemplatePart::Literal("Bearer ".into()),
                TemplatePart::Secret("github".into()),
                TemplatePart::Literal("!".into()),
            ]
        );
        let two = credential("X-Key: ${vault:a}${vault:b}").unwrap();
        assert_eq!(secrets(&two).collect::<Vec<_>>(), ["a", "b"]);
    }

    #[test]
    fn headers_that_frame_or_route_and_broken_templates_are_refused() {
        for bad in [
            "",
            "Authorization",
            "Authorization:",
            ": x",
            "Host: x",
            "Content-Length: 1",
            "transfer-encoding: chunked",
            "Mcp-Session-Id: x",
            "X Y: z",
            "X_Y: z",
            "X: a\r\nY: b",
            "X: ${vault:a",
            "X: ${env:HOME}",
            "X: ${vault:}",
            "X: ${vault:a b}",
            "X: é",
        ] {
            assert!(credential(bad).is_err(), "{bad:?}");
        }
    }
}
