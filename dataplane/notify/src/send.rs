//! One attempt to deliver one message.

use core::time::Duration;
use std::time::{SystemTime, UNIX_EPOCH};

use crate::channel::{Channel, Endpoint};
use crate::message::Message;
use crate::{email, http, slack, webhook};

/// One attempt as a whole; a mail server answers half a dozen times.
const ATTEMPT: Duration = Duration::from_secs(25);

/// Why an attempt failed. The text names no URL and no secret.
#[derive(Clone, Debug, PartialEq, Eq, thiserror::Error)]
#[error("{text}")]
pub struct Failure {
    /// Whether another attempt would end the same way.
    pub permanent: bool,
    /// How long the receiver asks to wait, in milliseconds.
    pub(crate) asked_ms: Option<u64>,
    /// What happened.
    pub text: String,
}

impl Failure {
    /// Another attempt may do better.
    pub(crate) fn passing(text: &str) -> Self {
        Self {
            permanent: false,
            asked_ms: None,
            text: text.to_owned(),
        }
    }

    /// No other attempt does better.
    pub(crate) fn lasting(text: &str) -> Self {
        Self {
            permanent: true,
            ..Self::passing(text)
        }
    }
}

/// Tries to deliver the message, within bounds of time.
///
/// # Errors
/// Why it failed.
pub async fn send(channel: &Channel, message: &Message) -> Result<(), Failure> {
    let attempt = tokio::time::timeout(ATTEMPT, attempt(channel, message));
    let late = || Failure::passing("it did not take the message in time");
    attempt.await.unwrap_or_else(|_| Err(late()))
}

async fn attempt(channel: &Channel, message: &Message) -> Result<(), Failure> {
    match &channel.endpoint {
        Endpoint::Slack(target) => {
            let body = slack::body(message);
            http::post(target, &channel.trust, &[], body).await
        }
        Endpoint::Webhook(target, signing) => {
            let body = webhook::body(message);
            let fields = webhook::fields(signing, &message.id, now_ms() / 1000, &body);
            http::post(target, &channel.trust, &fields, body).await
        }
        Endpoint::Email(mailbox) => email::deliver(mailbox, &channel.trust, message).await,
    }
}

/// Milliseconds since 1970.
pub(crate) fn now_ms() -> u64 {
    let since = SystemTime::now().duration_since(UNIX_EPOCH);
    since.map_or(0, |since| {
        u64::try_from(since.as_millis()).unwrap_or(u64::MAX)
    })
}
