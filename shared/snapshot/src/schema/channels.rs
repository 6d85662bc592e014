//! Who is told of what.

use rkyv::{Archive, Deserialize, Serialize};

use super::TemplatePart;

/// Channels to people, and the events that they hear of beside what rules tell them.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq, Default)]
pub struct Channels {
    /// Sorted by name.
    pub rows: Vec<Channel>,
    /// Sorted by event.
    pub events: Vec<EventRow>,
}

/// One channel.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Channel {
    /// `KIND/NAME`.
    pub name: String,
    /// Where it leads.
    pub endpoint: Endpoint,
    /// Whether its host may lead to an address that is not public.
    pub allow_private: bool,
    /// Whether it may be reached without encryption.
    pub allow_plain: bool,
    /// PEM certificates to trust instead of the machine's, absolute path.
    pub ca: Option<String>,
}

/// Where a channel leads.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub enum Endpoint {
    /// The URL of a Slack-compatible incoming webhook.
    Slack(Vec<TemplatePart>),
    /// The URL of a webhook, and the key that signs.
    Webhook(Vec<TemplatePart>, Vec<TemplatePart>),
    /// Mailboxes behind a mail server.
    Email(Email),
}

/// Mailboxes behind a mail server.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct Email {
    /// The mail server.
    pub host: String,
    /// Its port.
    pub port: u16,
    /// TLS from the first byte; STARTTLS otherwise.
    pub implicit: bool,
    /// The sender.
    pub from: String,
    /// The receivers.
    pub to: Vec<String>,
    /// The user; empty when there is none to log in.
    pub user: String,
    /// The password.
    pub password: Vec<TemplatePart>,
}

/// Which channels hear of an event.
#[derive(Archive, Serialize, Deserialize, Debug, Clone, PartialEq)]
pub struct EventRow {
    /// `NoticeKind` by its name.
    pub event: String,
    /// `KIND/NAME` of channels, sorted.
    pub channels: Vec<String>,
}
