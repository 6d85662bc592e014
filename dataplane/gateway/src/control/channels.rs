//! Channels to people: made ready from snapshot and vault, tried on the operator's wish, and what
//! the thread that delivers has to say.
//!
//! Refuses a snapshot whose channels can't be used.

use std::path::Path;
use std::sync::Arc;
use std::thread::JoinHandle;

use anyhow::Context as _;
use hyper::StatusCode;
use rustls::pki_types::CertificateDer;
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::sync::mpsc;
use varistor_audit::{Event, Undelivered};
use varistor_model::NoticeKind;
use varistor_notify::{Channel, Channels, Courier, Endpoint, Mailbox, Message, Notices};
use varistor_notify::{Signing, Stats, Target, Told, Trust};
use varistor_snapshot::schema::{
    ArchivedChannel, ArchivedEmail, ArchivedEndpoint, ArchivedPolicy, ArchivedTemplatePart,
};
use varistor_vault::Vault;
use zeroize::Zeroizing;

use super::safe::Safe;
use super::{Control, Journal, letters, names, publish};
use crate::log;

/// What the vault calls the receiver of secrets that channels need.
const RECEIVER: &str = "_channels";
/// What the thread that delivers may have to say at once; more is told by metrics alone.
const TOLD_MAX: usize = 256;

/// The thread that delivers, and what it has to say.
pub(crate) struct Delivering {
    thread: JoinHandle<std::io::Result<()>>,
    pub(super) told: mpsc::Receiver<Told>,
}

/// Starts delivering; what an earlier gateway left on disk first.
pub(crate) fn start(dir: &Path, notices: &Arc<Notices>) -> anyhow::Result<Delivering> {
    let (tell, told) = mpsc::channel(TOLD_MAX);
    let outbox = dir.join("state/outbox");
    let courier = Courier::open(&outbox, Arc::clone(notices), tell)
        .map(|courier| courier.writing(letters::writer(dir)))
        .with_context(|| format!("{}: can't be used", outbox.display()))?;
    let builder = std::thread::Builder::new().name("varistor-notify".to_owned());
    let thread = builder.spawn(move || courier.run())?;
    Ok(Delivering { thread, told })
}

/// Has everything that waits put on disk, and hears what the thread that delivers said last. It
/// has ended when this returns.
pub(super) async fn end(notices: &Notices, journal: &Journal, delivering: Delivering) {
    let Delivering { thread, mut told } = delivering;
    notices.close();
    let joined = thread.join();
    while let Ok(told) = told.try_recv() {
        listen(journal, told).await;
    }
    match joined {
        Ok(Ok(())) => {}
        Ok(Err(error)) => log::error(format_args!("notices could not be delivered: {error}")),
        Err(_) => log::error(format_args!("the thread that delivers notices panicked")),
    }
}

/// Writes down what the thread that delivers has to say.
pub(super) async fn listen(journal: &Journal, told: Told) {
    match told {
        Told::Trouble(text) => log::warning(format_args!("{text}")),
        Told::Failed {
            channel,
            kind,
            id,
            count,
            attempts,
            error,
        } => {
            log::warning(format_args!(
                "the message {id} to {channel} was given up after {attempts} attempts: {error}"
            ));
            let event = Event::NotificationFailed(Undelivered {
                channel: &channel,
                event: &kind,
                message: &id,
                count,
                attempts: u64::from(attempts),
                error: &error,
            });
            journal.record(&event).await;
        }
    }
}

/// The channels of a policy, with their secrets.
pub(super) fn of(safe: &Safe, policy: &ArchivedPolicy) -> anyhow::Result<Channels> {
    let rows = &policy.channels.rows;
    let vault = safe.vault_if(rows.iter().any(needs_vault))?;
    let mut machines = None;
    let mut all = Vec::with_capacity(rows.len());
    for row in rows.iter() {
        let channel = channel(row, vault, &mut machines);
        all.push(channel.with_context(|| format!("channel {}", row.name))?);
    }
    let events = policy.channels.events.iter().filter_map(|row| {
        let names = row.channels.iter().map(|name| name.as_str().to_owned());
        Some((NoticeKind::named(&row.event)?, names.collect()))
    });
    Ok(Channels::new(all, events.collect()))
}

fn channel(
    row: &ArchivedChannel,
    vault: Option<&Vault>,
    machines: &mut Option<Vec<CertificateDer<'static>>>,
) -> anyhow::Result<Channel> {
    let roots = match row.ca.as_ref() {
        Some(path) => publish::certificates(Path::new(path.as_str()))?,
        None => machines
            .get_or_insert_with(|| rustls_native_certs::load_native_certs().certs)
            .clone(),
    };
    let target = |parts: &[ArchivedTemplatePart]| {
        let url = filled(parts, vault, RECEIVER)?;
        anyhow::Ok(Target::read(core::str::from_utf8(&url)?, row.allow_plain)?)
    };
    let endpoint = match &row.endpoint {
        ArchivedEndpoint::Slack(url) => Endpoint::Slack(target(url)?),
        ArchivedEndpoint::Webhook(url, key) => {
            Endpoint::Webhook(target(url)?, Signing::read(&filled(key, vault, RECEIVER)?)?)
        }
        ArchivedEndpoint::Email(email) => Endpoint::Email(mailbox(email, vault)?),
    };
    let words = (row.allow_private, row.allow_plain);
    Ok(Channel {
        name: row.name.as_str().to_owned(),
        endpoint,
        trust: Trust::new(roots, words, |host, port, private| {
            Box::pin(names::resolve(host, port, private))
        })?,
    })
}

fn mailbox(row: &ArchivedEmail, vault: Option<&Vault>) -> anyhow::Result<Mailbox> {
    let login = match row.user.as_str() {
        "" => None,
        user => Some((user.to_owned(), filled(&row.password, vault, RECEIVER)?)),
    };
    let to = row.to.iter().map(|to| Mailbox::address(to));
    Ok(Mailbox {
        host: row.host.as_str().to_owned(),
        port: row.port.to_native(),
        implicit: row.implicit,
        from: Mailbox::address(&row.from)?,
        to: to.collect::<Result<_, _>>()?,
        login,
    })
}

fn needs_vault(row: &ArchivedChannel) -> bool {
    let secret = |part: &ArchivedTemplatePart| matches!(part, ArchivedTemplatePart::Secret(_));
    match &row.endpoint {
        ArchivedEndpoint::Slack(url) => url.iter().any(secret),
        ArchivedEndpoint::Webhook(url, key) => url.iter().chain(key.iter()).any(secret),
        ArchivedEndpoint::Email(email) => email.password.iter().any(secret),
    }
}

/// A text with its secrets in place, those that the vault has for this receiver.
pub(super) fn filled(
    parts: &[ArchivedTemplatePart],
    vault: Option<&Vault>,
    receiver: &str,
) -> anyhow::Result<Zeroizing<Vec<u8>>> {
    let mut value = Zeroizing::new(Vec::with_capacity(256));
    for part in parts {
        match part {
            ArchivedTemplatePart::Literal(text) => value.extend_from_slice(text.as_bytes()),
            ArchivedTemplatePart::Secret(name) => {
                let vault = vault.context("it needs the vault")?;
                let secret = vault
                    .get(name.as_str(), receiver)
                    .with_context(|| format!("secret `{name}`"))?;
                // A secret that was typed ends in no line.
                value.extend_from_slice(secret.expose().trim_ascii_end());
            }
        }
    }
    Ok(value)
}

/// The body of `POST /v1/channels/test`.
#[derive(Deserialize)]
struct Wish {
    channel: String,
}

/// Sends a test message, and says what became of it.
pub(super) async fn test(control: &Control, body: &[u8]) -> (StatusCode, Value) {
    let Ok(wish) = serde_json::from_slice::<Wish>(body) else {
        let error = "expected {\"channel\": \"KIND/NAME\"}";
        return (StatusCode::BAD_REQUEST, json!({ "error": error }));
    };
    let channels = control.hub.notices.channels();
    let Some(channel) = channels.named(&wish.channel) else {
        let known: Vec<&str> = channels.names().collect();
        let error = "the policy in service has no such channel";
        return (
            StatusCode::NOT_FOUND,
            json!({"error": error, "known": known}),
        );
    };
    let message = Message::test(&channel.name);
    let sent = varistor_notify::send(channel, &message).await;
    let told = json!({
        "channel": channel.name,
        "id": message.id,
        "delivered": sent.is_ok(),
        "error": sent.err().map(|failure| failure.text),
    });
    (StatusCode::OK, told)
}

/// What `GET /v1/status` says of notices.
pub(super) fn status(notices: &Notices) -> Value {
    let stats = notices.stats();
    json!({
        "channels": notices.channels().names().collect::<Vec<_>>(),
        "queued": notices.depth(),
        "waiting": Stats::read(&stats.waiting),
        "delivered": Stats::read(&stats.delivered),
        "retried": Stats::read(&stats.retried),
        "failed": Stats::read(&stats.failed),
        "dropped": Stats::read(&stats.dropped),
    })
}

/// The metrics of notices: name, kind, help, value.
pub(super) fn metrics(notices: &Notices) -> [(&'static str, &'static str, &'static str, u64); 6] {
    let stats = notices.stats();
    let read = Stats::read;
    [
        (
            "notices_queued",
            "gauge",
            "Notices in memory.",
            notices.depth(),
        ),
        (
            "messages_waiting",
            "gauge",
            "Messages on disk.",
            read(&stats.waiting),
        ),
        (
            "messages_delivered_total",
            "counter",
            "Messages delivered.",
            read(&stats.delivered),
        ),
        (
            "messages_retried_total",
            "counter",
            "Attempts made again.",
            read(&stats.retried),
        ),
        (
            "messages_failed_total",
            "counter",
            "Messages given up.",
            read(&stats.failed),
        ),
        (
            "notices_dropped_total",
            "counter",
            "Notices without room.",
            read(&stats.dropped),
        ),
    ]
}
