//! Says whether what stands before a value names an organisation: `"merchant": "Jordan Lane"`.

use super::text::{Text, less};

/// Words for organisations, of several languages; the last word of a name counts.
const WORDS: [&str; 36] = [
    "org",
    "organization",
    "organisation",
    "company",
    "companyname",
    "merchant",
    "vendor",
    "supplier",
    "publisher",
    "workspace",
    "firm",
    "firma",
    "employer",
    "brand",
    "store",
    "shop",
    "manufacturer",
    "carrier",
    "issuer",
    "agency",
    "societe",
    "entreprise",
    "azienda",
    "empresa",
    "bedrijf",
    "foretag",
    "yritys",
    "virksomhed",
    "unternehmen",
    "dealer",
    "distributor",
    "retailer",
    "venue",
    "team",
    "institution",
    "school",
];

/// Whether the value that begins at the place is the name of an organisation, by its own name or by
/// that of what it is in: `"account": {"name": "Harvey Lane"`.
pub(super) fn names(text: Text<'_>, start: usize) -> bool {
    let Some(name) = name_before(text, start) else {
        return false;
    };
    if is_word(text.slice(name.0, name.1)) {
        return true;
    }
    if !text.slice(name.0, name.1).eq_ignore_ascii_case(b"name") {
        return false;
    }
    let outer = less(
        name.0,
        text.run_back(name.0, 24, |byte| {
            matches!(byte, b'"' | b'\\' | b' ' | b'\n' | b'\r' | b'\t')
        }),
    );
    text.before(outer) == b'{'
        && name_before(text, less(outer, 1)).is_some_and(|(from, to)| {
            let word = text.slice(from, to);
            is_word(word) || word.eq_ignore_ascii_case(b"account")
        })
}

/// The last word of the name of the value that begins at the place.
fn name_before(text: Text<'_>, start: usize) -> Option<(usize, usize)> {
    let signs = text.run_back(start, 8, |byte| {
        matches!(byte, b'"' | b'\'' | b'\\' | b' ' | b':' | b'=' | b'>')
    });
    let end = less(start, signs);
    let between = text.slice(end, start);
    if !between
        .iter()
        .any(|byte| matches!(byte, b':' | b'=' | b'>'))
    {
        return None;
    }
    let length = text.run_back(end, 24, |byte| byte.is_ascii_alphabetic());
    let from = less(end, length);
    // `merchantName`: the word before the last one, too.
    let word = text.slice(from, end);
    let name = word.len() > 4 && word.get(word.len().wrapping_sub(4)..) == Some(b"Name");
    let end = if name { less(end, 4) } else { end };
    (end > from).then_some((from, end))
}

fn is_word(word: &[u8]) -> bool {
    let mut known = WORDS.iter();
    known.any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_value_is_an_organisation_by_its_name_or_its_place() {
        for (text, expected) in [
            (r#"{"merchant": "Jordan Lane"}"#, true),
            (r#"{"vendorName":"Jordan Lane"}"#, true),
            ("ORG:Jordan Lane\n", true),
            ("Firma: Jordan Lane", true),
            (r#"<p class="org">Jordan Lane</p>"#, true),
            (r#"{"account": {"name": "Jordan Lane"}}"#, true),
            (r#"{"contact": {"name": "Jordan Lane"}}"#, false),
            (r#"{"name": "Jordan Lane"}"#, false),
            ("the company Jordan Lane", false),
        ] {
            let at = text.find("Jordan").unwrap();
            assert_eq!(names(Text(text.as_bytes()), at), expected, "{text}");
        }
    }
}
