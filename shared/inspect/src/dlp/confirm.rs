//! Confirms what the scan found: the exact span in the window before and behind an end offset.

use std::cell::OnceCell;

use memchr::memmem;
use regex::bytes::{Regex, RegexBuilder};

use super::{ScanError, Validator};

/// Longest private key that is taken as one, in bytes.
const PRIVATE_KEY_BYTES_MAX: usize = 16 * 1024;

/// The expression over bytes that both engines read alike: ASCII classes, `.` without line end.
pub(super) fn regex(pattern: &str) -> Result<Regex, regex::Error> {
    RegexBuilder::new(pattern).unicode(false).build()
}

/// An expression that is built when it is first needed: most never are.
pub(super) struct Expression {
    text: String,
    built: OnceCell<Regex>,
}

impl Expression {
    pub(super) const fn new(text: String) -> Self {
        Self {
            text,
            built: OnceCell::new(),
        }
    }

    /// The expression of the detector with that number.
    pub(super) fn regex(&self, number: usize) -> Result<&Regex, ScanError> {
        let wrong = ScanError::Detector(number);
        if self.built.get().is_none() {
            let _ = self.built.set(regex(&self.text).map_err(|_| wrong)?);
        }
        self.built.get().ok_or(wrong)
    }
}

/// How much may still be looked at to confirm candidates of this payload, in bytes. Keeps a
/// payload made of almost-matches from taking more than linear time.
pub(super) struct Budget(usize);

impl Budget {
    pub(super) const fn of(payload_bytes: usize) -> Self {
        Self(payload_bytes.saturating_mul(64).saturating_add(1024 * 1024))
    }

    fn spend(&mut self, bytes: usize) -> Result<(), ScanError> {
        self.0 = self.0.checked_sub(bytes).ok_or(ScanError::Overwork)?;
        Ok(())
    }
}

/// A candidate: the scan matched up to `end`; nothing before `from` may be taken (it belongs to
/// the match before).
pub(super) struct Candidate {
    pub(super) from: usize,
    pub(super) end: usize,
    pub(super) window: usize,
}

/// The span of the match that reaches over the candidate's end.
pub(super) fn span(
    text: &[u8],
    candidate: &Candidate,
    (regex, validator): (&Regex, Validator),
    budget: &mut Budget,
) -> Result<Option<(usize, usize)>, ScanError> {
    let mut at = candidate
        .end
        .saturating_sub(candidate.window)
        .max(candidate.from);
    let reach = candidate
        .end
        .saturating_add(candidate.window)
        .min(text.len());
    let seen = text.get(..reach).unwrap_or_default();
    while at < candidate.end {
        let Some(found) = regex.find_at(seen, at) else {
            budget.spend(reach.saturating_sub(at))?;
            return Ok(None);
        };
        budget.spend(found.end().saturating_sub(at).saturating_add(1))?;
        if found.start() >= candidate.end {
            return Ok(None);
        }
        if found.end() >= candidate.end && stands_alone(text, found.start(), found.end(), validator)
        {
            if validator == Validator::Within {
                budget.spend(found.len())?;
                return Ok(within(seen, found.start(), regex));
            }
            let end = match validator {
                Validator::PrivateKey => private_key_end(text, found.end()),
                _ => found.end(),
            };
            return Ok(Some((found.start(), end)));
        }
        at = found.start().saturating_add(1);
    }
    Ok(None)
}

/// What the first group holds that takes part in the match that begins at `start`.
fn within(seen: &[u8], start: usize, regex: &Regex) -> Option<(usize, usize)> {
    let groups = regex.captures_at(seen, start)?;
    let held = groups.iter().skip(1).flatten().next()?;
    Some((held.start(), held.end()))
}

fn stands_alone(text: &[u8], start: usize, end: usize, validator: Validator) -> bool {
    validator == Validator::Pattern || (is_open_before(text, start) && is_open_behind(text, end))
}

/// Whether the address holds a password that is none of a manual: `scheme://name:password@host`.
fn has_password(address: &[u8]) -> bool {
    let Some(scheme) = memmem::find(address, b"://") else {
        return false;
    };
    let rest = address.get(scheme.saturating_add(3)..).unwrap_or_default();
    let Some(at) = memchr::memrchr(b'@', rest) else {
        return false;
    };
    let user = rest.get(..at).unwrap_or_default();
    let Some(colon) = memchr::memchr(b':', user) else {
        return false;
    };
    let password = user.get(colon.saturating_add(1)..).unwrap_or_default();
    // A token of a service is told as what it is.
    let is_token = |front: &&[u8]| password.starts_with(front);
    if address.starts_with(b"http") && TOKENS.iter().any(is_token) {
        return false;
    }
    !password.is_empty() && !super::secret::stands_in(password, true)
}

/// Beginnings of tokens that stand in addresses of repositories, each with a row of its own.
const TOKENS: [&[u8]; 10] = [
    b"ghp_",
    b"gho_",
    b"ghs_",
    b"ghu_",
    b"ghr_",
    b"github_pat_",
    b"glpat-",
    b"glrt-",
    b"npm_",
    b"hf_",
];

/// Whether what was found is none of a manual, where that is asked.
pub(super) fn is_real(validator: Validator, value: &[u8]) -> bool {
    match validator {
        Validator::Url => has_password(value),
        Validator::Within => !super::secret::stands_in(value, true),
        _ => true,
    }
}

/// Whether a match varies enough to be no word, in hundredths of a bit a byte.
pub(super) fn is_random(text: &[u8], (start, end): (usize, usize), least: u32) -> bool {
    super::secret::entropy(text.get(start..end).unwrap_or_default()) >= least
}

/// Whether a token can begin at `at`: no letter, digit or `_` before it, unless those belong to an
/// escape of text within the text (`\n`, `\u000a`, `%3D`).
pub(super) fn is_open_before(text: &[u8], at: usize) -> bool {
    let before = text.get(..at).unwrap_or_default();
    match before {
        [.., byte] if !byte.is_ascii_alphanumeric() && *byte != b'_' => true,
        [] | [.., b'\\', b'n' | b'r' | b't' | b'b' | b'f'] => true,
        [.., b'\\', b'u', a, b, c, d] => [a, b, c, d].iter().all(|x| x.is_ascii_hexdigit()),
        [.., b'%', a, b] => a.is_ascii_hexdigit() && b.is_ascii_hexdigit(),
        _ => false,
    }
}

/// Whether a token can end at `at`.
pub(super) fn is_open_behind(text: &[u8], at: usize) -> bool {
    text.get(at)
        .is_none_or(|byte| !byte.is_ascii_alphanumeric())
}

/// Where the key ends whose first line ends at `from`: behind its last line, else where the bytes
/// of keys end.
fn private_key_end(text: &[u8], from: usize) -> usize {
    let rest = text.get(from..).unwrap_or_default();
    let body = rest
        .iter()
        .take(PRIVATE_KEY_BYTES_MAX)
        .take_while(|byte| is_of_key(**byte))
        .count();
    let key = rest.get(..body).unwrap_or_default();
    let Some(footer) = memmem::find(key, b"-----END ") else {
        return from.saturating_add(body);
    };
    let name = footer.saturating_add(9);
    let dashes = key
        .get(name..)
        .and_then(|tail| memmem::find(tail, b"-----"));
    let length = dashes.map_or(body, |at| name.saturating_add(at).saturating_add(5));
    from.saturating_add(length)
}

const fn is_of_key(byte: u8) -> bool {
    byte.is_ascii_alphanumeric()
        || matches!(
            byte,
            b'+' | b'/' | b'=' | b'-' | b':' | b',' | b'.' | b'\\' | b'(' | b')'
        )
        || byte.is_ascii_whitespace()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_may_begin_behind_an_escape() {
        for (before, open) in [
            ("", true),
            (" ", true),
            ("=", true),
            ("a", false),
            ("_", false),
            (r"\n", true),
            (r"x\u000a", true),
            (r"x\u00za", false),
            ("%3D", true),
            ("3D", false),
        ] {
            assert_eq!(
                is_open_before(before.as_bytes(), before.len()),
                open,
                "{before}"
            );
        }
    }

    #[test]
    fn almost_matches_cannot_take_more_than_linear_time() {
        let regex = regex("a{1,200}b").unwrap();
        let text = vec![b'a'; 100_000];
        let mut budget = Budget::of(text.len());
        let overworked = (1..text.len()).find_map(|end| {
            let candidate = Candidate {
                from: 0,
                end,
                window: 4096,
            };
            span(&text, &candidate, (&regex, Validator::Pattern), &mut budget).err()
        });
        assert_eq!(overworked, Some(ScanError::Overwork));
    }
}
