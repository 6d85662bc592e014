//! Servers and settings as named values, so that two policies can be compared line by line. Shows
//! no secret: where one may stand, a hash tells only whether it differs.

use std::ops::Deref;

use varistor_model::limits::{
    BREAKER_FAILURES_DEFAULT, BREAKER_OPEN_MS_DEFAULT, SERVER_CALLS_DEFAULT,
};
use varistor_model::{
    Class, Decision, Durability, Intent, IntentSet, Keeping, Labels, TokenId, Trifecta,
};
use varistor_snapshot::schema::{
    ArchivedApprovalTerms, ArchivedCredential, ArchivedGuard, ArchivedPolicy, ArchivedServer,
    ArchivedTemplatePart, ArchivedViewTool,
};
use xxhash_rust::xxh3::xxh3_64;

use super::{Values, data, identity, lent, oauth, people, stdio};
use crate::pinning;
use crate::quantity::{show_duration, show_size};

/// Each server as one line.
pub(super) fn servers(policy: &ArchivedPolicy) -> Values {
    policy
        .servers
        .iter()
        .enumerate()
        .map(|(at, row)| {
            let pins = policy.pinning.get(at);
            let pins = pins.map(|row| pinning::shown(row.mode, row.new_tools_wait));
            let pins = pins.filter(|text| !text.is_empty());
            let pins = pins.map_or_else(String::new, |text| format!("; pinning {text}"));
            (row.name.to_string(), server(row) + &pins)
        })
        .collect()
}

/// Everything that is neither a permission, nor a server, nor a limit.
pub(super) fn settings(policy: &ArchivedPolicy) -> Values {
    let mut values = Values::new();
    runtime(policy, &mut values);
    for (intent, number) in Intent::ALL.iter().zip(policy.defaults.iter()) {
        let key = format!("defaults.{}", intent.name());
        values.insert(key, Decision::numbered(*number).name().to_owned());
    }
    data::dlp(policy, &mut values);
    approvals(policy, &mut values);
    let flows = &policy.flows;
    let action = Trifecta::numbered(flows.trifecta);
    let named = Trifecta::NAMES.iter().find(|(_, one)| *one == action);
    let name = named.map_or("?", |(name, _)| name);
    values.insert("flows.trifecta".to_owned(), name.to_owned());
    let memory_ms = u64::from(flows.memory_hours.to_native()) * 3_600_000;
    values.insert("flows.memory".to_owned(), show_duration(memory_ms));
    federation(policy, &mut values);
    identity::providers(policy, &mut values);
    identity::workloads(policy, &mut values);
    lent::secrets(policy, &mut values);
    let audit = &policy.audit;
    for (intent, number) in Intent::ALL.iter().zip(audit.durability.iter()) {
        let key = format!("audit.durability.{}", intent.name());
        values.insert(key, Durability::numbered(*number).name().to_owned());
    }
    privacy(policy, &mut values);
    values.insert(
        "audit.segment".to_owned(),
        show_size(audit.segment_bytes.to_native()),
    );
    witnesses(policy, &mut values);
    people::people(policy, &mut values);
    for id in policy.revoked.iter() {
        values.insert(
            format!("revoked token {}", TokenId(*id)),
            "revoked".to_owned(),
        );
    }
    for key in policy.keys.token.iter() {
        values.insert(format!("token key {}", key.id), fingerprint(&key.public));
    }
    values
}

/// Who vouches for the log, and what is denied without.
fn witnesses(policy: &ArchivedPolicy, values: &mut Values) {
    let audit = &policy.audit;
    if let Some(row) = audit.checkpoints.as_ref() {
        let directory = row.directory.as_ref().map(|path| path.as_str());
        let url = (!row.shown.is_empty()).then_some(row.shown.as_str());
        let places: Vec<_> = directory.into_iter().chain(url).collect();
        let every = show_duration(row.every_ms.to_native());
        let text = format!("{} every {every}", places.join(", "));
        values.insert("audit.checkpoints".to_owned(), text);
    }
    if audit.witnesses.is_empty() {
        return;
    }
    let mut add = |key: &str, value: String| values.insert(format!("audit.{key}"), value);
    for row in audit.witnesses.iter() {
        let name = row.key.split('+').next().unwrap_or_default();
        let private = if row.allow_private { ", private" } else { "" };
        let ca = row
            .ca
            .as_ref()
            .map_or_else(String::new, |ca| format!(", ca {ca}"));
        let key = fingerprint_of(row.key.as_str());
        add(
            &format!("witnesses.{name}"),
            format!("{}, key {key}{private}{ca}", row.url),
        );
    }
    add("quorum", audit.quorum.to_string());
    add("ask", show_duration(audit.ask_ms.to_native()));
    let intents = IntentSet::from_bits(audit.unwitnessed_intents);
    let denied = match audit.unwitnessed_ms.to_native() {
        0 => "nothing".to_owned(),
        ms => {
            let names = Intent::ALL.into_iter().filter(|it| intents.contains(*it));
            let names: Vec<_> = names.map(Intent::name).collect();
            format!("{} after {}", names.join(", "), show_duration(ms))
        }
    };
    add("unwitnessed", format!("denies {denied}"));
}

/// How parameters of calls are kept.
fn privacy(policy: &ArchivedPolicy, values: &mut Values) {
    let audit = &policy.audit;
    let name = |number| Keeping::numbered(number).name().to_owned();
    values.insert("audit.params".to_owned(), name(audit.params));
    for (at, row) in audit.privacy.iter().enumerate() {
        let classes = Class::ALL.into_iter();
        let classes = classes.filter(|class| row.classes >> (*class as u8) & 1 == 1);
        let classes: Vec<_> = classes.map(Class::name).collect();
        let about = match classes.is_empty() {
            true => "parameters".to_owned(),
            false => classes.join(" and "),
        };
        let tools = row.tools.iter().map(|tool| {
            let server = usize::try_from(tool.server.to_native()).ok();
            let server = server.and_then(|at| policy.servers.get(at));
            format!(
                "{}/{}",
                server.map_or("?", |row| row.name.as_str()),
                tool.name
            )
        });
        let tools: Vec<_> = tools.collect();
        let tools = if row.everywhere {
            String::new()
        } else {
            format!(" of {}", tools.join(", "))
        };
        let text = format!("{about}{tools}: {}", name(row.keeping));
        values.insert(format!("audit.privacy[{at}]"), text);
    }
    for (at, key) in audit.auditors.iter().enumerate() {
        values.insert(format!("audit.auditors[{at}]"), fingerprint(key));
    }
}

/// The id of a key in its text.
fn fingerprint_of(key: &str) -> &str {
    key.split('+').nth(1).unwrap_or_default()
}

fn federation(policy: &ArchivedPolicy, values: &mut Values) {
    let rows = &policy.federation;
    let mut add = |key: &str, value: String| values.insert(format!("federation.{key}"), value);
    add("timeout", show_duration(rows.timeout_ms.to_native()));
    let search = if rows.search { "on" } else { "off" };
    add("search", search.to_owned());
    for view in rows.views.iter() {
        let tool = |row: &ArchivedViewTool| match row.tool == row.name {
            true => format!("{}/{}", row.server, row.tool),
            false => format!("{}/{} as {}", row.server, row.tool, row.name),
        };
        let tools: Vec<_> = view.tools.iter().map(tool).collect();
        add(&format!("virtual.{}", view.name), tools.join(", "));
    }
}

fn approvals(policy: &ArchivedPolicy, values: &mut Values) {
    let rows = &policy.approvals;
    let none = |ms: u64| match ms {
        0 => "none".to_owned(),
        ms => show_duration(ms),
    };
    let terms = |terms: &ArchivedApprovalTerms| {
        let window = none(terms.window_ms.to_native());
        format!("quorum {}, window {window}", terms.quorum)
    };
    let mut add = |key: &str, value: String| values.insert(format!("approvals.{key}"), value);
    add("expiry", show_duration(rows.expiry_ms.to_native()));
    add("wait", none(rows.wait_ms.to_native()));
    add("terms", terms(&rows.terms));
    if let Some(page) = rows.page.as_ref() {
        add("page", page.to_string());
    }
    for row in rows.exceptions.iter() {
        let at = usize::try_from(row.server.to_native()).ok();
        let server = at.and_then(|at| policy.servers.get(at));
        let server = server.map_or("?", |server| server.name.as_str());
        add(&format!("tools.{server}/{}", row.name), terms(&row.terms));
    }
}

fn server(row: &ArchivedServer) -> String {
    let scheme = if row.tls { "https" } else { "http" };
    let mut text = match (row.stdio.as_ref(), row.events.as_ref()) {
        (Some(stdio), _) => stdio::shown(stdio),
        (None, Some(events)) => stdio::shown_events(events),
        (None, None) => format!("{scheme}://{}{}", row.authority, row.path),
    };
    let mut note = |key: &str, value: String| {
        if !value.is_empty() {
            text.push_str(&format!("; {key} {value}"));
        }
    };
    note("category", row.category.to_string());
    note("tags", joined(row.tags.iter()));
    note("credential", credentials(row));
    note(
        "ca",
        row.ca
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    );
    if row.first_byte_ms > 0 {
        note("timeout", show_duration(row.first_byte_ms.to_native()));
    }
    note("breaker", breaker(&row.guard));
    if row.guard.calls_max != SERVER_CALLS_DEFAULT {
        note("concurrency", row.guard.calls_max.to_string());
    }
    if row.bridged {
        note("eras", "bridged".to_owned());
    }
    if !row.server_requests {
        note("server_requests", "deny".to_owned());
    }
    if row.allow_private {
        note("allow_private", "true".to_owned());
    }
    note("methods", joined(row.methods.iter()));
    let mut tools: Vec<_> = row.tools.iter().collect();
    tools.sort_by_key(|tool| tool.rank.to_native());
    for tool in tools {
        let intent = tool
            .intent
            .as_ref()
            .and_then(|number| Intent::numbered(*number));
        let intent = intent.map_or("unstated", Intent::name);
        let labels = tool
            .labels
            .as_ref()
            .map(|bits| match Labels::of_bits(*bits) {
                Labels::NONE => " labels none".to_owned(),
                labels => format!(" labels {}", labels.names().collect::<Vec<_>>().join(" ")),
            });
        note(
            &format!("tool {}", tool.name),
            format!(
                "{intent} {}{}",
                joined(tool.tags.iter()),
                labels.unwrap_or_default()
            ),
        );
    }
    text
}

/// What differs from the usual one.
fn breaker(row: &ArchivedGuard) -> String {
    let (failures, open_ms) = (row.failures.to_native(), row.open_ms.to_native());
    let slow_ms = row.slow_ms.to_native();
    let usual = (BREAKER_FAILURES_DEFAULT, BREAKER_OPEN_MS_DEFAULT, 0);
    if failures == 0 {
        return "off".to_owned();
    }
    if (failures, open_ms, slow_ms) == usual {
        return String::new();
    }
    let mut text = format!("after {failures} failures for {}", show_duration(open_ms));
    if slow_ms > 0 {
        text.push_str(&format!(", slow from {}", show_duration(slow_ms)));
    }
    text
}

/// All headers and tokens that go to a server.
fn credentials(row: &ArchivedServer) -> String {
    let of_stream = row.events.iter().flat_map(|it| it.credentials.iter());
    let given = row.credentials.iter().chain(of_stream).map(credential);
    let tokens = row.oauth.iter().map(oauth::shown);
    given.chain(tokens).collect::<Vec<_>>().join(", ")
}

/// The template; literal text may be a secret, so only the vault's names are shown.
fn credential(row: &ArchivedCredential) -> String {
    format!("{}:{}", row.header, template(&row.value))
}

pub(super) fn template(value: &[ArchivedTemplatePart]) -> String {
    let part = |part: &ArchivedTemplatePart| match part {
        ArchivedTemplatePart::Literal(literal) => {
            format!(" text#{}", fingerprint(literal.as_bytes()))
        }
        ArchivedTemplatePart::Secret(name) => format!(" ${{vault:{name}}}"),
    };
    value.iter().map(part).collect()
}

fn runtime(policy: &ArchivedPolicy, values: &mut Values) {
    let row = &policy.runtime;
    let mut add = |key: &str, value: String| {
        if !value.is_empty() {
            values.insert(key.to_owned(), value);
        }
    };
    add("listen", row.listen.to_string());
    identity::tls(row, &mut add);
    add("hosts", joined(row.hosts.iter()));
    add("origins", joined(row.origins.iter()));
    add(
        "public_url",
        row.public_url
            .as_ref()
            .map_or_else(String::new, ToString::to_string),
    );
    add(
        "authorization_servers",
        joined(row.authorization_servers.iter()),
    );
    let driver = ["auto", "io_uring", "epoll"]
        .get(usize::from(row.driver))
        .unwrap_or(&"?");
    add("runtime.driver", (*driver).to_owned());
    if row.workers > 0 {
        add("runtime.workers", row.workers.to_string());
    }
    add("runtime.connections", row.connections_max.to_string());
    for (key, ms) in [
        ("head", row.head_ms),
        ("body", row.body_ms),
        ("idle", row.idle_ms),
        ("connect", row.connect_ms),
        ("first_byte", row.first_byte_ms),
        ("upstream_idle", row.upstream_idle_ms),
        ("drain", row.drain_ms),
    ] {
        add(
            &format!("runtime.timeouts.{key}"),
            show_duration(ms.to_native()),
        );
    }
    add(
        "runtime.request_bytes",
        show_size(row.request_bytes_max.to_native()),
    );
    add(
        "runtime.answer_bytes",
        show_size(row.answer_bytes_max.to_native()),
    );
    let shedding = if row.shedding { "on" } else { "off" };
    add("runtime.shedding", shedding.to_owned());
    let denials = if row.denials == 0 {
        "tool_error"
    } else {
        "protocol_error"
    };
    add("runtime.denials", denials.to_owned());
    if let Some(admin) = row.admin.as_ref() {
        let files = format!("{} {}", admin.tls.certificate, admin.tls.key);
        add(
            "admin",
            format!("{} {files} {}", admin.listen, admin.client_ca),
        );
    }
}

pub(super) fn joined<'a, T: Deref<Target = str> + 'a>(list: impl Iterator<Item = &'a T>) -> String {
    list.map(|text| text.deref()).collect::<Vec<_>>().join(" ")
}

pub(super) fn fingerprint(bytes: &[u8]) -> String {
    format!("{:016x}", xxh3_64(bytes))
}
