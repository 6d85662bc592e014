//! How a provider's keys are found: its metadata (OpenID Connect Discovery 1.0, RFC 8414), then the
//! key set that this names; or a key set at once. Says what to ask for; whoever may wait asks.
//!
//! Refuses metadata of another issuer, and plain HTTP to anything but the machine itself where the
//! issuer is there.

use serde_json::Value;

use crate::bounds::{DOCUMENT_BYTES_MAX, TEXT_BYTES_MAX};
use crate::key_set::{KeySet, KeySetError};
use crate::strict;

/// What comes next.
#[derive(Debug, PartialEq, Eq)]
pub enum Next {
    /// Ask for this URL with GET, and say what comes back.
    Get(String),
    /// Here are the keys.
    Keys(KeySet),
}

/// Why there are no keys.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum FetchError {
    /// It answered with something else.
    #[error("{url} answered with status {status}")]
    Status {
        /// What was asked for.
        url: String,
        /// The status.
        status: u16,
    },
    /// Its metadata can't be read.
    #[error("{url}: it is no metadata of an authorization server: {why}")]
    Metadata {
        /// What was asked for.
        url: String,
        /// What is wrong with it.
        why: &'static str,
    },
    /// Its metadata is another's.
    #[error("{url}: its `issuer` is {found:?}; expected {expected:?}, byte for byte")]
    Issuer {
        /// What was asked for.
        url: String,
        /// What it says.
        found: String,
        /// What policy says.
        expected: String,
    },
    /// Its keys can't be used.
    #[error("{url}: {why}")]
    Keys {
        /// What was asked for.
        url: String,
        /// What is wrong with them.
        why: KeySetError,
    },
}

/// One look at what a provider publishes.
#[derive(Clone, Debug)]
pub struct Fetching {
    issuer: String,
    /// What is asked for at the moment.
    url: String,
    step: Step,
}

#[derive(Clone, Debug)]
enum Step {
    /// Its metadata; where else it may be.
    Metadata(Option<String>),
    Keys,
}

impl Fetching {
    /// Begins: the first URL to ask for is [`Fetching::url`].
    #[must_use]
    pub fn begin(issuer: &str, keys_url: Option<&str>) -> Self {
        let (url, step) = match keys_url {
            Some(url) => (url.to_owned(), Step::Keys),
            None => {
                let [first, second] = metadata_urls(issuer);
                (first, Step::Metadata(Some(second)))
            }
        };
        Self {
            issuer: issuer.to_owned(),
            url,
            step,
        }
    }

    /// What to ask for.
    #[must_use]
    pub fn url(&self) -> &str {
        &self.url
    }

    /// Takes the answer.
    ///
    /// # Errors
    /// When there are no keys to be had.
    pub fn answered(&mut self, status: u16, body: &[u8]) -> Result<Next, FetchError> {
        match (&mut self.step, status) {
            (Step::Metadata(other), 400..=499) if other.is_some() => {
                self.url = other.take().unwrap_or_default();
                Ok(Next::Get(self.url.clone()))
            }
            (Step::Metadata(_), 200) => {
                let url = self.keys_url(body)?;
                self.url.clone_from(&url);
                self.step = Step::Keys;
                Ok(Next::Get(url))
            }
            (Step::Keys, 200) => {
                let keys = KeySet::read(body).map_err(|why| FetchError::Keys {
                    url: self.url.clone(),
                    why,
                })?;
                Ok(Next::Keys(keys))
            }
            _ => Err(FetchError::Status {
                url: self.url.clone(),
                status,
            }),
        }
    }

    fn keys_url(&self, body: &[u8]) -> Result<String, FetchError> {
        let wrong = |why| FetchError::Metadata {
            url: self.url.clone(),
            why,
        };
        let document = (body.len() <= DOCUMENT_BYTES_MAX)
            .then(|| strict::object(body))
            .flatten();
        let document = document.ok_or_else(|| wrong("not one JSON object of at most 64 KiB"))?;
        let text = |name: &str| document.get(name).and_then(Value::as_str);
        let issuer = text("issuer").ok_or_else(|| wrong("it names no `issuer`"))?;
        if issuer != self.issuer {
            return Err(FetchError::Issuer {
                url: self.url.clone(),
                found: issuer.chars().take(200).collect(),
                expected: self.issuer.clone(),
            });
        }
        let url = text("jwks_uri").filter(|url| url.len() <= TEXT_BYTES_MAX);
        let url = url.ok_or_else(|| wrong("it names no `jwks_uri`"))?;
        let is_plain_here = self.issuer.starts_with("http://") && url.starts_with("http://");
        match url.starts_with("https://") || is_plain_here {
            true => Ok(url.to_owned()),
            false => Err(wrong("its `jwks_uri` is no https URL")),
        }
    }
}

/// Where an issuer's metadata may be: OpenID Connect Discovery section 4, then RFC 8414 section 3.
#[must_use]
pub fn metadata_urls(issuer: &str) -> [String; 2] {
    let issuer = issuer.trim_end_matches('/');
    let path_at = issuer
        .find("://")
        .and_then(|at| issuer.get(at.saturating_add(3)..))
        .and_then(|rest| rest.find('/'))
        .and_then(|at| at.checked_add(issuer.find("://")?.saturating_add(3)));
    let (origin, path) = match path_at.and_then(|at| issuer.split_at_checked(at)) {
        Some(parts) => parts,
        None => (issuer, ""),
    };
    [
        format!("{issuer}/.well-known/openid-configuration"),
        format!("{origin}/.well-known/oauth-authorization-server{path}"),
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    const ISSUER: &str = "https://id.acme.example/realms/a";

    fn metadata(issuer: &str, keys: &str) -> Vec<u8> {
        format!(r#"{{"issuer":"{issuer}","jwks_uri":"{keys}"}}"#).into_bytes()
    }

    #[test]
    fn metadata_is_looked_for_in_both_places() {
        let of = |issuer| metadata_urls(issuer).join(" ");
        assert_eq!(
            of("https://a.example"),
            "https://a.example/.well-known/openid-configuration \
             https://a.example/.well-known/oauth-authorization-server"
        );
        assert_eq!(
            of("https://a.example/x/y/"),
            "https://a.example/x/y/.well-known/openid-configuration \
             https://a.example/.well-known/oauth-authorization-server/x/y"
        );
        let mut fetching = Fetching::begin(ISSUER, None);
        let next = fetching.answered(404, b"").unwrap();
        let Next::Get(url) = next else { panic!() };
        assert!(
            url.ends_with("/oauth-authorization-server/realms/a"),
            "{url}"
        );
        assert!(matches!(
            fetching.answered(404, b""),
            Err(FetchError::Status { status: 404, .. })
        ));
    }

    #[test]
    fn metadata_of_somebody_else_is_refused() {
        for (found, keys) in [
            (
                "https://id.acme.example/realms/b",
                "https://id.acme.example/k",
            ),
            (
                "https://id.acme.example/realms/a/",
                "https://id.acme.example/k",
            ),
            (ISSUER, "http://id.acme.example/k"),
            (ISSUER, "file:///etc/passwd"),
        ] {
            let mut fetching = Fetching::begin(ISSUER, None);
            assert!(
                fetching.answered(200, &metadata(found, keys)).is_err(),
                "{found} {keys}"
            );
        }
        let mut fetching = Fetching::begin(ISSUER, None);
        let next = fetching.answered(200, &metadata(ISSUER, "https://keys.example/k"));
        assert_eq!(next, Ok(Next::Get("https://keys.example/k".into())));
        assert!(matches!(
            fetching.answered(302, b""),
            Err(FetchError::Status { .. })
        ));
        assert!(matches!(
            fetching.answered(200, b"{}"),
            Err(FetchError::Keys { .. })
        ));
    }
}
