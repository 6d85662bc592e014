//! Servers with a URL: headers, with what is secret in them put aside for the vault. Refuses URLs
//! that are credentials themselves.

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;

use super::{Draft, Said, Why};
use crate::credential::is_credential;
use crate::variables::Expanded;

/// Most headers of one server, as policies take them.
const HEADERS_MAX: usize = 8;
/// Headers that the gateway writes itself, so that nothing is lost without them.
const WRITTEN: &[&str] = &["accept", "accept-encoding", "content-type", "user-agent"];
/// Ways to authenticate whose name stays in the policy.
const SCHEMES: &[&str] = &["basic ", "bearer ", "token ", "apikey ", "api-key "];

/// A header as the client sends it.
pub(super) struct Sent {
    pub(super) name: String,
    pub(super) value: String,
    /// Whether it stood outside of the file, or a person is asked for it as for a password.
    pub(super) is_secret: bool,
}

/// The server as a policy says it.
pub(super) fn said(
    (url, is_sse): (&str, bool),
    headers: Vec<Sent>,
    draft: &mut Draft<'_, '_>,
) -> Result<Said, Why> {
    let mut headers = headers;
    headers.retain(|sent| !WRITTEN.contains(&sent.name.to_ascii_lowercase().as_str()));
    let (url, user) = without_user(url)?;
    if let Some(user) = user {
        headers.push(Sent {
            name: "Authorization".to_owned(),
            value: format!("Basic {}", STANDARD.encode(user)),
            is_secret: true,
        });
    }
    if has_credential(&url, draft) {
        return Err(Why::UrlCredential);
    }
    if headers.len() > HEADERS_MAX {
        return Err(Why::Headers(headers.len()));
    }
    if headers.is_empty() {
        draft.notes.push(
            "no credential stood with it; if the server wants a login, it answers 401 behind the \
             gateway"
                .to_owned(),
        );
    }
    let headers = headers.iter().map(|sent| header(sent, draft));
    Ok(Said::Http {
        url,
        is_sse,
        headers: headers.collect::<Result<_, _>>()?,
    })
}

/// What is wrong with a URL that holds what stood outside of the file. Its scheme, user and host
/// may come from there: a policy says where servers are, and users become headers.
pub(super) fn fault(url: &Expanded) -> Option<Why> {
    if url.is_secret {
        return Some(Why::UrlCredential);
    }
    let kept = url.kept.as_ref()?;
    let begin = url.text.find("://").map_or(0, |at| at.saturating_add(3));
    let rest = url.text.get(begin..).unwrap_or_default();
    let host = rest.find(['/', '?', '#']).unwrap_or(rest.len());
    (kept.end > begin.saturating_add(host)).then_some(Why::UrlVariable)
}

/// The URL without user and password, and those.
pub(crate) fn without_user(url: &str) -> Result<(String, Option<String>), Why> {
    let (scheme, rest) = url.split_once("://").ok_or(Why::Url)?;
    if !["http", "https"].contains(&scheme.to_ascii_lowercase().as_str()) {
        return Err(Why::Url);
    }
    let (rest, _fragment) = rest.split_once('#').unwrap_or((rest, ""));
    let end = rest.find(['/', '?']).unwrap_or(rest.len());
    let (authority, path) = rest.split_at_checked(end).ok_or(Why::Url)?;
    let (user, host) = match authority.rsplit_once('@') {
        Some((user, host)) => (Some(decoded(user)), host),
        None => (None, authority),
    };
    if host.is_empty() {
        return Err(Why::Url);
    }
    Ok((format!("{scheme}://{host}{path}"), user))
}

/// Percent signs undone (RFC 3986 section 2.1).
fn decoded(text: &str) -> String {
    let mut bytes = Vec::with_capacity(text.len());
    let mut rest = text.as_bytes();
    while let Some((first, behind)) = rest.split_first() {
        let digits = behind.get(..2).and_then(|two| str::from_utf8(two).ok());
        let byte = digits.and_then(|two| u8::from_str_radix(two, 16).ok());
        match byte.filter(|_| *first == b'%') {
            Some(byte) => {
                bytes.push(byte);
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                bytes.push(*first);
                rest = behind;
            }
        }
    }
    String::from_utf8_lossy(&bytes).into_owned()
}

fn has_credential(url: &str, draft: &mut Draft<'_, '_>) -> bool {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    let mut fields = query.split('&').filter_map(|field| field.split_once('='));
    let in_query = fields.any(|(name, value)| {
        let value = decoded(value);
        is_credential(name, &value, draft.detector)
    });
    let mut segments = path.split('/').skip(3).filter(|part| part.len() >= 16);
    in_query || segments.any(|part| draft.detector.is_secret("token", part) && is_dense(part))
}

/// Whether letters and digits stand as close as in tokens, not as in words.
fn is_dense(text: &str) -> bool {
    let digits = text.bytes().filter(u8::is_ascii_digit).count();
    digits >= 3 && text.bytes().any(|byte| byte.is_ascii_alphabetic())
}

fn header(sent: &Sent, draft: &mut Draft<'_, '_>) -> Result<String, Why> {
    let (name, value) = (sent.name.as_str(), sent.value.as_str());
    let fits = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
    let is_visible = |byte: u8| matches!(byte, b' '..=b'~');
    let lower = name.to_ascii_lowercase();
    let is_ours = lower.starts_with("mcp-") || lower == "host" || lower == "content-length";
    if name.is_empty() || !name.bytes().all(fits) || is_ours || !value.bytes().all(is_visible) {
        return Err(Why::Header(name.to_owned()));
    }
    let place = format!("header {name}");
    let small = value.to_ascii_lowercase();
    let scheme = SCHEMES.iter().find(|scheme| small.starts_with(**scheme));
    let (scheme, rest) = value.split_at(scheme.map_or(0, |scheme| scheme.len()));
    let rest = rest.trim();
    let is_secret = sent.is_secret
        || scheme.len() > 1
        || is_credential(name, rest, draft.detector)
        || rest.contains("${")
        || rest.len() >= 20;
    match rest.is_empty() {
        true => Err(Why::Header(name.to_owned())),
        false if is_secret => {
            let said = draft.hide(place, &lower, rest);
            Ok(format!("{name}: {scheme}{said}"))
        }
        false => Ok(format!("{name}: {rest}")),
    }
}
