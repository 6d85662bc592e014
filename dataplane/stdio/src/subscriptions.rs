//! The resources that one session subscribed to at a child which several share, bounded.

use std::borrow::Cow;
use std::cell::RefCell;
use std::collections::HashSet;

/// URIs, decoded: what a client writes as `/` may come back as `\/`.
#[derive(Debug, Default)]
pub(crate) struct Subscriptions(RefCell<HashSet<String>>);

/// There are too many already.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct TooMany;

/// URIs of one session, at most, as in the federation.
const URIS_MAX: usize = 256;
/// Their bytes, at most.
const URI_BYTES_MAX: usize = 256 * 1024;

impl Subscriptions {
    /// `uri` as it stands in a message, like that of the others.
    pub(crate) fn add(&self, uri: &str) -> Result<(), TooMany> {
        let mut uris = self.0.borrow_mut();
        let uri = decoded(uri);
        if uris.contains(&*uri) {
            return Ok(());
        }
        let bytes = uris.iter().map(String::len).sum::<usize>();
        if uris.len() >= URIS_MAX || bytes.saturating_add(uri.len()) > URI_BYTES_MAX {
            return Err(TooMany);
        }
        uris.insert(uri.into_owned());
        Ok(())
    }

    pub(crate) fn remove(&self, uri: &str) {
        self.0.borrow_mut().remove(&*decoded(uri));
    }

    pub(crate) fn has(&self, uri: &str) -> bool {
        self.0.borrow().contains(&*decoded(uri))
    }
}

/// The text of a JSON string; anything else is no resource's name, and stays as it is.
fn decoded(raw: &str) -> Cow<'_, str> {
    let plain = raw.strip_prefix('"').and_then(|raw| raw.strip_suffix('"'));
    match plain.filter(|plain| !plain.contains('\\')) {
        Some(plain) => Cow::Borrowed(plain),
        None => serde_json::from_str(raw).map_or(Cow::Borrowed(raw), Cow::Owned),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_uri_is_the_same_however_it_is_escaped() {
        let own = Subscriptions::default();
        own.add(r#""file:///a""#).unwrap();
        assert!(own.has(r#""file:\/\/\/a""#) && own.has(r#""file:///\u0061""#));
        assert!(!own.has(r#""file:///b""#));
        own.remove(r#""file:\/\/\/a""#);
        assert!(!own.has(r#""file:///a""#));
    }

    #[test]
    fn their_number_and_their_bytes_are_bounded() {
        let own = Subscriptions::default();
        for index in 0..URIS_MAX {
            own.add(&format!("\"x:{index}\"")).unwrap();
        }
        assert_eq!(own.add("\"x:more\""), Err(TooMany));
        // What is there already is no more.
        own.add("\"x:0\"").unwrap();
        own.remove("\"x:0\"");
        own.add("\"x:more\"").unwrap();
        let long = Subscriptions::default();
        let uri = format!("\"{}\"", "a".repeat(URI_BYTES_MAX));
        long.add(&uri).unwrap();
        assert_eq!(long.add("\"b\""), Err(TooMany));
    }
}
