//! `WWW-Authenticate` (RFC 9110 section 11.6.1), as far as RFC 9728 section 5.1 uses it.

/// The `resource_metadata` of a challenge.
pub(crate) fn resource_metadata(challenge: &str) -> Option<&str> {
    let mut rest = challenge;
    while let Some((before, behind)) = rest.split_once('=') {
        let name = before.rsplit([' ', ',', '\t']).next().unwrap_or_default();
        let (value, after) = value(behind.trim_start())?;
        if name.eq_ignore_ascii_case("resource_metadata") {
            return Some(value);
        }
        rest = after;
    }
    None
}

/// A value, in quotes or without, and what follows. One with escapes is none that is looked for.
fn value(text: &str) -> Option<(&str, &str)> {
    match text.strip_prefix('"') {
        Some(quoted) => {
            let mut escaped = false;
            let end = quoted.find(|character| {
                let ends = character == '"' && !escaped;
                escaped = character == '\\' && !escaped;
                ends
            })?;
            let (value, after) = quoted.split_at_checked(end)?;
            Some((value, after.strip_prefix('"')?))
        }
        None => {
            let end = text.find([',', ' ', '\t']).unwrap_or(text.len());
            text.split_at_checked(end)
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_place_of_the_metadata_is_found_among_other_parameters() {
        let url = "https://a.example/.well-known/oauth-protected-resource";
        for challenge in [
            format!("Bearer resource_metadata=\"{url}\""),
            format!("Bearer error=\"invalid_token\", Resource_Metadata=\"{url}\", scope=\"a b\""),
            format!(
                "Basic realm=\"a \\\" resource_metadata=\\\"x\", Bearer resource_metadata={url}"
            ),
        ] {
            assert_eq!(resource_metadata(&challenge), Some(url), "{challenge}");
        }
        for challenge in [
            "Bearer",
            "Bearer realm=\"resource_metadata\"",
            "Bearer xresource_metadata=\"https://a\"",
            "Bearer resource_metadata=\"https://a",
            "",
        ] {
            assert_eq!(resource_metadata(challenge), None, "{challenge}");
        }
    }
}
