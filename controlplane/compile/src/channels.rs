//! Channels to people, and the events that they hear of.
//!
//! Refuses channels without a place to send to, unencrypted ways that nobody asked for, and events
//! told to channels that there are not.

use varistor_model::NoticeKind;
use varistor_model::limits::CHANNELS_MAX;
use varistor_snapshot::schema::{Channel, Channels, Email, Endpoint, EventRow, TemplatePart};

use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::name;
use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::read::{Fields, boolean, entries, index, join, list, parsed, text};
use crate::template;
use crate::url::{self, url};
use crate::yaml::Node;

/// Kinds of channels.
const KINDS: &[&str] = &["slack", "webhook", "email"];
const SLACK: &[&str] = &["url", "ca", "allow_private", "allow_plain"];
const WEBHOOK: &[&str] = &["url", "key", "ca", "allow_private", "allow_plain"];
const EMAIL: &[&str] = &[
    "to",
    "from",
    "smtp",
    "user",
    "password",
    "ca",
    "allow_private",
    "allow_plain",
];
/// What the vault calls the receiver of secrets that channels need; no server has such a name.
const RECEIVER: &str = "_channels";
/// Most receivers of one channel.
const RECEIVERS_MAX: usize = 50;

/// The channels that the policy asks for.
pub(crate) fn channels(
    sources: &Sources<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Channels {
    let mut channels = Channels::default();
    let mut names = Vec::new();
    if let Some(node) = sources.setting("channels") {
        let kinds = Fields::of(node, "channels", KINDS, report);
        for kind in KINDS {
            let Some(node) = kinds.get(kind) else {
                continue;
            };
            let path = join("channels", kind);
            for (key, node) in entries(node, &path, report) {
                if let Err(wrong) = name::channel(&key.text) {
                    let found = format!("the name {} in {path}", quote(&key.text));
                    report.refuse(key.place, found, wrong);
                }
                let name = format!("{kind}/{}", key.text);
                channels.rows.extend(channel(
                    &name,
                    node,
                    &join(&path, &key.text),
                    context,
                    report,
                ));
                names.push(name);
            }
        }
        if names.len() > CHANNELS_MAX {
            let found = format!("{} channels", names.len());
            let wrong = Wrong::expected(format!("at most {CHANNELS_MAX}"));
            report.refuse(node.place, found, wrong);
        }
    }
    channels.rows.sort_by(|a, b| a.name.cmp(&b.name));
    if let Some(node) = sources.setting("events") {
        channels.events = events(node, &names, report);
    }
    channels
}

/// The row of a channel; `None` when something that it needs is missing.
fn channel(
    name: &str,
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Channel> {
    let keys = match name.split_once('/') {
        Some(("slack", _)) => SLACK,
        Some(("webhook", _)) => WEBHOOK,
        _ => EMAIL,
    };
    let fields = Fields::of(node, path, keys, report);
    let allow_plain = fields.read("allow_plain", report, boolean) == Some(true);
    let allow_private = fields.read("allow_private", report, boolean);
    let ca = fields
        .get("ca")
        .and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let (endpoint, private) = if keys == EMAIL {
        email(&fields, allow_plain, context, report)?
    } else {
        let key = (keys == WEBHOOK).then(|| {
            let node = fields.required("key", report)?;
            template(node, &fields.path("key"), context, report)
        });
        let (url, private) = web(&fields, allow_plain, context, report)?;
        match key {
            None => (Endpoint::Slack(url), private),
            Some(key) => (Endpoint::Webhook(url, key?), private),
        }
    };
    Some(Channel {
        name: name.to_owned(),
        endpoint,
        allow_private: allow_private.unwrap_or(private),
        allow_plain,
        ca,
    })
}

/// A URL, and whether it says itself that it is near. One with a secret in it is checked by the
/// gateway, which has the secret.
fn web(
    fields: &Fields<'_>,
    allow_plain: bool,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<(Vec<TemplatePart>, bool)> {
    let node = fields.required("url", report)?;
    let path = fields.path("url");
    let parts = template(node, &path, context, report)?;
    let [TemplatePart::Literal(_)] = parts.as_slice() else {
        return Some((parts, false));
    };
    let url = parsed(node, &path, report, url)?;
    if !url.tls && !allow_plain && !url.is_loopback() {
        let wrong = Wrong::expected("an https URL")
            .help("if it must be http, say `allow_plain: true` beside it");
        report.refuse(node.place, format!("no encryption for {path}"), wrong);
    }
    Some((parts, url.is_private()))
}

fn email(
    fields: &Fields<'_>,
    allow_plain: bool,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<(Endpoint, bool)> {
    let smtp = fields.required("smtp", report);
    let server = smtp.and_then(|node| parsed(node, &fields.path("smtp"), report, url::smtp));
    let from = fields.required("from", report);
    let from = from.and_then(|node| address(node, &fields.path("from"), report));
    let to = receivers(fields, report);
    let user = fields.get("user").map(|node| {
        let user = text(node, &fields.path("user"), report);
        user.unwrap_or_default().to_owned()
    });
    let password = fields.get("password").map(|node| {
        (
            node,
            template(node, &fields.path("password"), context, report),
        )
    });
    if let (Some(_), None) | (None, Some(_)) = (&user, &password) {
        let place = fields.get("user").or(fields.get("password"))?.place;
        let wrong = Wrong::expected("both `user` and `password`, or neither");
        report.refuse(place, "one without the other".to_owned(), wrong);
    }
    let server = server?;
    if let (Some((node, _)), true) = (&password, allow_plain)
        && !server.is_loopback()
    {
        let wrong = Wrong::expected("no `allow_plain` where a password is sent");
        report.refuse(node.place, "a password without encryption", wrong);
    }
    let private = server.is_private();
    Some((
        Endpoint::Email(Email {
            implicit: server.tls,
            host: server.host,
            port: server.port,
            from: from?,
            to: to?,
            user: user.unwrap_or_default(),
            password: match password {
                Some((_, parts)) => parts?,
                None => Vec::new(),
            },
        }),
        private,
    ))
}

fn receivers(fields: &Fields<'_>, report: &mut Report) -> Option<Vec<String>> {
    let node = fields.required("to", report)?;
    let path = fields.path("to");
    let members = list(node, &path, report);
    if !(1..=RECEIVERS_MAX).contains(&members.len()) {
        let found = format!("{} addresses for {path}", members.len());
        let wrong = Wrong::expected(format!("1 to {RECEIVERS_MAX} addresses"));
        report.refuse(node.place, found, wrong);
    }
    let mut to = Vec::new();
    for (at, member) in members.iter().enumerate() {
        to.extend(address(member, &index(&path, at), report));
    }
    Some(to)
}

fn address(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    parsed(node, path, report, |text| {
        name::email(text).map(|()| text.to_owned())
    })
}

/// Text with `${vault:NAME}` in it; the secrets must be there, for channels.
fn template(
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Vec<TemplatePart>> {
    // The text may hold a secret, so no message shows it.
    let parts = parsed(node, path, report, |text| {
        template::value(text).map_err(Wrong::hidden)
    })?;
    let secrets = context.secrets;
    secrets.check_all(&parts, RECEIVER, node.place, report);
    Some(parts)
}

/// Which channels hear of which event.
fn events(node: &Node, names: &[String], report: &mut Report) -> Vec<EventRow> {
    const EVENTS: [&str; 5] = {
        let [a, b, c, d, e] = NoticeKind::EVENTS;
        [a.name(), b.name(), c.name(), d.name(), e.name()]
    };
    let fields = Fields::of(node, "events", &EVENTS, report);
    let mut rows = Vec::new();
    for event in EVENTS {
        let Some(node) = fields.get(event) else {
            continue;
        };
        let path = fields.path(event);
        let mut channels = Vec::new();
        for (at, member) in list(node, &path, report).iter().enumerate() {
            let Some(name) = text(member, &index(&path, at), report) else {
                continue;
            };
            if !names.iter().any(|known| known == name) {
                unknown(name, names, member.place, report);
            }
            channels.push(name.to_owned());
        }
        channels.sort_unstable();
        channels.dedup();
        rows.push(EventRow {
            event: event.to_owned(),
            channels,
        });
    }
    rows.sort_by(|a, b| a.event.cmp(&b.event));
    rows
}

fn unknown(name: &str, names: &[String], place: Place, report: &mut Report) {
    let found = format!("the unknown channel {}", quote(name));
    let wrong = Wrong {
        help: nearest(name, names.iter().map(String::as_str)),
        ..Wrong::expected("KIND/NAME of a channel of `channels`")
    };
    report.refuse(place, found, wrong);
}
