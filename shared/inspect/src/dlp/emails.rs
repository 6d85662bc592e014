//! Reads e-mail addresses around an `@` (RFC 5321 section 4.1.2, without quoted locals and
//! literals).

/// Longest local part and domain, RFC 5321 section 4.5.3.1.
const LOCAL_MAX: usize = 64;
const DOMAIN_MAX: usize = 255;

/// The address whose `@` stands at the place.
pub(super) fn around(text: &[u8], at: usize) -> Option<(usize, usize)> {
    let head = text.get(..at)?;
    let is_local = |byte: &&u8| byte.is_ascii_alphanumeric() || b"._%+-'".contains(byte);
    let length = head
        .iter()
        .rev()
        .take(LOCAL_MAX)
        .take_while(is_local)
        .count();
    let mut start = at.saturating_sub(length);
    // An escape of text within the text is no part of it.
    if text
        .get(..start)
        .is_some_and(|before| before.ends_with(b"\\"))
        && matches!(text.get(start), Some(b'n' | b'r' | b't' | b'b' | b'f'))
    {
        start = start.saturating_add(1);
    }
    while matches!(text.get(start), Some(b'.' | b'\'' | b'-')) {
        start = start.saturating_add(1);
    }
    let local = text.get(start..at).filter(|local| !local.is_empty())?;
    let tail = text.get(at.saturating_add(1)..)?;
    let is_domain = |byte: &&u8| byte.is_ascii_alphanumeric() || matches!(byte, b'.' | b'-');
    let length = tail.iter().take(DOMAIN_MAX).take_while(is_domain).count();
    let domain = tail.get(..length)?;
    let trimmed = domain.len().saturating_sub(
        domain
            .iter()
            .rev()
            .take_while(|byte| matches!(byte, b'.' | b'-'))
            .count(),
    );
    let domain = domain.get(..trimmed)?;
    let end = at.saturating_add(1).saturating_add(trimmed);
    let behind = text.get(end);
    // `git@host:path` names a repository.
    let is_repository = local == b"git" && behind == Some(&b':');
    // `wasbs://container@account`: who logs in at an address.
    let is_login = text.get(..start).is_some_and(logs_in);
    (is_domain_name(domain) && !is_login && !is_repository && !local.ends_with(b"."))
        .then_some((start, end))
}

/// Whether what stands in front is the beginning of an address with a login: `scheme://`, also
/// with a name and a colon behind it.
fn logs_in(front: &[u8]) -> bool {
    if front.ends_with(b"://") {
        return true;
    }
    let near = front
        .get(front.len().saturating_sub(LOCAL_MAX)..)
        .unwrap_or_default();
    near.ends_with(b":")
        && memchr::memmem::rfind(near, b"://").is_some_and(|at| {
            let name = near.get(at.saturating_add(3)..).unwrap_or_default();
            !name
                .iter()
                .any(|byte| byte.is_ascii_whitespace() || *byte == b'/')
        })
}

fn is_domain_name(domain: &[u8]) -> bool {
    let is_label = |label: &[u8]| {
        !label.is_empty() && label.first() != Some(&b'-') && label.last() != Some(&b'-')
    };
    let Some(dot) = domain.iter().rposition(|byte| *byte == b'.') else {
        return false;
    };
    let (labels, top) = domain.split_at(dot);
    let top = top.get(1..).unwrap_or_default();
    top.len() >= 2
        && top.iter().all(u8::is_ascii_alphabetic)
        && labels.split(|byte| *byte == b'.').all(is_label)
        && !FILE_ENDINGS
            .iter()
            .any(|ending| top.eq_ignore_ascii_case(ending.as_bytes()))
}

/// Endings of file names such as `icon@2x.png`; none of them is a top-level domain.
const FILE_ENDINGS: &[&str] = &[
    "png", "jpg", "jpeg", "gif", "svg", "webp", "css", "js", "json", "html", "xml", "txt",
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn addresses_are_read_whole() {
        for address in [
            "jane@example.com",
            "a.b+c@mail.example.co.uk",
            "x_y@sub-domain.example.org",
        ] {
            let text = format!("<{address}>.");
            let at = text.find('@').unwrap();
            assert_eq!(
                around(text.as_bytes(), at),
                Some((1, 1 + address.len())),
                "{address}"
            );
        }
        for text in [
            "@b.co",
            "a@b",
            "a@localhost",
            "icon@2x.png",
            "a@-x.com",
            "a@1.2.3.4",
        ] {
            assert_eq!(
                around(text.as_bytes(), text.find('@').unwrap()),
                None,
                "{text}"
            );
        }
    }
}
