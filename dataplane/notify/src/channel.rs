//! Channels, ready to be used: where they are, what signs, what is trusted.
//!
//! Refuses URLs that are not http or https, URLs with user names, unencrypted ones to anything but
//! the machine itself unless policy says so, and keys that no receiver could have.

use core::fmt;
use core::pin::Pin;
use std::net::{IpAddr, SocketAddr};
use std::sync::Arc;

use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use hyper::Uri;
use rustls::pki_types::CertificateDer;
use rustls::{ClientConfig, RootCertStore};
use varistor_model::NoticeKind;
use zeroize::Zeroizing;

use crate::send::Failure;

/// Why a channel can't be used. Never says a URL: it may be a secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
pub enum ChannelError {
    /// Its URL.
    #[error("its URL is none that can be posted to: expected https://HOST/..., without user name")]
    Url,
    /// The way there.
    #[error("its URL is not encrypted; expected https, or `allow_plain: true`")]
    Plain,
    /// Its key.
    #[error("its key is none: expected 24 to 64 bytes in base64, with or without `whsec_` before")]
    Key,
    /// An address of e-mail.
    #[error("`{0}` is no e-mail address")]
    Address(String),
    /// Its authorities.
    #[error("its certificate authorities can't be used: {0}")]
    Trust(String),
}

/// Looks a name up; the flag says whether private addresses are wanted.
pub type Resolve =
    for<'a> fn(&'a str, u16, bool) -> Pin<Box<dyn Future<Output = Vec<SocketAddr>> + 'a>>;

/// One channel.
pub struct Channel {
    /// `KIND/NAME`.
    pub name: String,
    /// Where it leads.
    pub endpoint: Endpoint,
    /// What is trusted on the way.
    pub trust: Trust,
}

/// Where a channel leads.
pub enum Endpoint {
    /// A Slack-compatible incoming webhook.
    Slack(Target),
    /// A webhook that is signed as Standard Webhooks says.
    Webhook(Target, Signing),
    /// Mailboxes.
    Email(Mailbox),
}

/// A URL, taken apart; it may be a secret.
pub struct Target {
    pub(crate) tls: bool,
    pub(crate) host: String,
    pub(crate) port: u16,
    pub(crate) authority: String,
    pub(crate) path: Zeroizing<String>,
}

/// The key of a signed webhook.
pub struct Signing(Zeroizing<Vec<u8>>);

/// Who gets e-mail, and through which server.
pub struct Mailbox {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte; STARTTLS otherwise.
    pub implicit: bool,
    /// The sender.
    pub from: lettre::message::Mailbox,
    /// The receivers.
    pub to: Vec<lettre::message::Mailbox>,
    /// User and password.
    pub login: Option<(String, Zeroizing<Vec<u8>>)>,
}

/// What is trusted on the way to a channel.
pub struct Trust {
    allow_private: bool,
    allow_plain: bool,
    roots: Vec<CertificateDer<'static>>,
    config: Arc<ClientConfig>,
    resolve: Resolve,
}

/// All channels of a policy.
#[derive(Default)]
pub struct Channels {
    all: Vec<Arc<Channel>>,
    /// Which of them hear of which kind of event.
    events: Vec<(NoticeKind, Vec<String>)>,
}

impl fmt::Debug for Channels {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.debug_list()
            .entries(self.all.iter().map(|channel| &channel.name))
            .finish()
    }
}

impl Channels {
    /// The channels of a policy, and the names of those that hear of events by themselves.
    #[must_use]
    pub fn new(all: Vec<Channel>, events: Vec<(NoticeKind, Vec<String>)>) -> Self {
        let all = all.into_iter().map(Arc::new).collect();
        Self { all, events }
    }

    /// The channel of this name, `KIND/NAME`.
    #[must_use]
    pub fn named(&self, name: &str) -> Option<&Arc<Channel>> {
        self.all.iter().find(|channel| channel.name == name)
    }

    /// All names.
    pub fn names(&self) -> impl Iterator<Item = &str> {
        self.all.iter().map(|channel| channel.name.as_str())
    }

    /// The names of those that hear of these events.
    pub(crate) fn hearing(&self, kind: NoticeKind) -> impl Iterator<Item = &str> {
        let rows = self.events.iter().filter(move |row| row.0 == kind);
        rows.flat_map(|row| row.1.iter().map(String::as_str))
    }
}

impl Target {
    /// Takes a URL apart.
    ///
    /// # Errors
    /// When it can't be posted to, or not without encryption.
    pub fn read(url: &str, allow_plain: bool) -> Result<Self, ChannelError> {
        let uri: Uri = url.trim().parse().map_err(|_| ChannelError::Url)?;
        let tls = match uri.scheme_str() {
            Some("https") => true,
            Some("http") => false,
            _ => return Err(ChannelError::Url),
        };
        let authority = uri.authority().ok_or(ChannelError::Url)?;
        if authority.as_str().contains('@') || authority.host().is_empty() {
            return Err(ChannelError::Url);
        }
        let host = authority.host().trim_matches(['[', ']']).to_owned();
        if !tls && !allow_plain && !is_loopback(&host) {
            return Err(ChannelError::Plain);
        }
        let path = uri.path_and_query().map_or("/", |path| path.as_str());
        Ok(Self {
            tls,
            port: authority.port_u16().unwrap_or(if tls { 443 } else { 80 }),
            authority: authority.to_string(),
            path: Zeroizing::new(path.to_owned()),
            host,
        })
    }
}

impl Signing {
    /// Reads a key: base64, with or without `whsec_` before it.
    ///
    /// # Errors
    /// When it is none.
    pub fn read(text: &[u8]) -> Result<Self, ChannelError> {
        let text = text.trim_ascii();
        let text = text.strip_prefix(b"whsec_").unwrap_or(text);
        let key = Zeroizing::new(STANDARD.decode(text).map_err(|_| ChannelError::Key)?);
        match key.len() {
            24..=64 => Ok(Self(key)),
            _ => Err(ChannelError::Key),
        }
    }

    pub(crate) fn key(&self) -> &[u8] {
        &self.0
    }
}

impl Trust {
    /// Trusts these authorities.
    ///
    /// # Errors
    /// When they can't be used.
    pub fn new(
        roots: Vec<CertificateDer<'static>>,
        (allow_private, allow_plain): (bool, bool),
        resolve: Resolve,
    ) -> Result<Self, ChannelError> {
        let mut store = RootCertStore::empty();
        store.add_parsable_certificates(roots.iter().cloned());
        let provider = Arc::new(rustls::crypto::ring::default_provider());
        let config = ClientConfig::builder_with_provider(provider)
            .with_safe_default_protocol_versions()
            .map_err(|error| ChannelError::Trust(error.to_string()))?
            .with_root_certificates(store)
            .with_no_client_auth();
        Ok(Self {
            allow_private,
            allow_plain,
            roots,
            config: Arc::new(config),
            resolve,
        })
    }

    pub(crate) const fn allow_plain(&self) -> bool {
        self.allow_plain
    }

    pub(crate) fn roots(&self) -> &[CertificateDer<'static>] {
        &self.roots
    }

    pub(crate) fn config(&self) -> Arc<ClientConfig> {
        Arc::clone(&self.config)
    }

    /// The addresses of a host that may be connected to, at least one.
    pub(crate) async fn resolve(&self, host: &str, port: u16) -> Result<Vec<SocketAddr>, Failure> {
        let private = self.allow_private || is_loopback(host);
        let found = (self.resolve)(host, port, private).await;
        if found.is_empty() {
            return Err(Failure::passing(
                "its name has no address that may be connected to",
            ));
        }
        Ok(found)
    }
}

/// Whether the name itself says that it never leaves the machine.
fn is_loopback(host: &str) -> bool {
    match host.parse::<IpAddr>() {
        Ok(address) => address.to_canonical().is_loopback(),
        Err(_) => host == "localhost" || host.ends_with(".localhost"),
    }
}

/// An address of e-mail, with or without a name before it.
///
/// # Errors
/// When it is none.
pub(crate) fn address(text: &str) -> Result<lettre::message::Mailbox, ChannelError> {
    let error = || ChannelError::Address(text.to_owned());
    text.parse().map_err(|_| error())
}

impl Mailbox {
    /// An address of e-mail, with or without a name before it.
    ///
    /// # Errors
    /// When it is none.
    pub fn address(text: &str) -> Result<lettre::message::Mailbox, ChannelError> {
        address(text)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn urls_that_can_be_posted_to_are_taken_apart() {
        let target =
            Target::read("https://hooks.example:8443/services/T/B/x?y=1\n", false).unwrap();
        assert_eq!(
            (target.tls, target.host.as_str(), target.port),
            (true, "hooks.example", 8443)
        );
        assert_eq!(target.path.as_str(), "/services/T/B/x?y=1");
        assert_eq!(Target::read("http://[::1]:9/", false).unwrap().host, "::1");
        assert_eq!(Target::read("http://127.0.0.1", false).unwrap().port, 80);
        assert!(Target::read("http://10.0.0.1/", true).is_ok());
    }

    #[test]
    fn other_urls_are_refused() {
        for (url, error) in [
            ("http://hooks.example/", ChannelError::Plain),
            ("http://10.0.0.1/", ChannelError::Plain),
            ("http://127.0.0.1.example/", ChannelError::Plain),
            ("ftp://hooks.example/", ChannelError::Url),
            ("https://user:word@hooks.example/", ChannelError::Url),
            ("https:///x", ChannelError::Url),
            ("/x", ChannelError::Url),
            ("", ChannelError::Url),
            ("https://a.example/\r\nx: y", ChannelError::Url),
        ] {
            assert_eq!(Target::read(url, false).err(), Some(error), "{url}");
        }
    }

    #[test]
    fn keys_are_base64_of_a_sound_length() {
        assert!(Signing::read(b"whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw\n").is_ok());
        assert!(Signing::read(b"MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw").is_ok());
        for bad in [b"whsec_" as &[u8], b"secret", b"whsec_c2hvcnQ=", b"\xff"] {
            assert_eq!(Signing::read(bad).err(), Some(ChannelError::Key));
        }
    }
}
