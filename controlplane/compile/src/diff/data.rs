//! What is looked for in payloads and what follows, as named values.

use std::collections::BTreeSet;

use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{ArchivedDetector, ArchivedException, ArchivedPolicy};

use super::Values;
use super::settings::fingerprint;
use crate::quantity;

/// Classes, detectors, exceptions, and how all of them are meant.
pub(super) fn dlp(policy: &ArchivedPolicy, values: &mut Values) {
    let (row, actions) = (&policy.dlp, &policy.actions);
    for (direction, classes) in [("request", &row.request), ("response", &row.response)] {
        for (class, number) in Class::ALL.iter().zip(classes.iter()) {
            let key = format!("dlp.{direction}.{}", class.name());
            values.insert(key, name(*number).to_owned());
        }
    }
    let percent = format!("{}%", actions.confidence_min);
    values.insert("dlp.min_confidence".to_owned(), percent);
    let keep = ["none", "length", "hash"].get(usize::from(actions.keep));
    values.insert("dlp.keep".to_owned(), (*keep.unwrap_or(&"?")).to_owned());
    let structured = ["value", "drop", "error"].get(usize::from(actions.structured));
    let structured = (*structured.unwrap_or(&"?")).to_owned();
    values.insert("dlp.structured".to_owned(), structured);
    for (detector, base) in row.detectors.iter().zip(actions.detectors.iter()) {
        // Several detectors may find one entity.
        let key = format!("dlp detector {}", detector.entity);
        let value = of_detector(policy, detector, *base);
        add(values, key, &value);
    }
    placeholders(policy, values);
    for exception in actions.exceptions.iter() {
        let key = format!("dlp exception for {}", conditions(policy, exception));
        add(values, key, name(exception.action));
    }
}

/// Which placeholders are reversible, and what servers get back.
fn placeholders(policy: &ArchivedPolicy, values: &mut Values) {
    let row = &policy.actions.placeholders;
    let name = |detector: u16| {
        let row = policy.dlp.detectors.get(usize::from(detector));
        row.map_or("?", |row| row.entity.as_str()).to_owned()
    };
    if row.reversible.is_empty() {
        return;
    }
    let mut insert = |key: String, value| values.insert(key, value);
    insert(
        "dlp.placeholders.reversible".to_owned(),
        joined(row.reversible.iter().map(|at| name(at.to_native()))),
    );
    let idle = quantity::show_duration(row.idle_ms.to_native());
    insert("dlp.placeholders.idle".to_owned(), idle);
    for clearance in row.clear.iter() {
        let server = usize::try_from(clearance.server.to_native()).ok();
        let server = server.and_then(|at| policy.servers.get(at));
        let server = server.map_or("?", |row| row.name.as_str());
        let key = format!("dlp.placeholders.clear {server}");
        let entities = clearance.detectors.iter().map(|at| name(at.to_native()));
        insert(key, joined(entities));
    }
}

fn add(values: &mut Values, key: String, value: &str) {
    let text = values.entry(key).or_default();
    if !text.is_empty() {
        text.push_str("; ");
    }
    text.push_str(value);
}

fn of_detector(policy: &ArchivedPolicy, detector: &ArchivedDetector, base: [u8; 2]) -> String {
    let class = Class::numbered(detector.class);
    let of_class = |classes: &[u8; 3]| classes.get(usize::from(detector.class)).copied();
    let classes = [&policy.dlp.request, &policy.dlp.response].map(of_class);
    let action = match base {
        _ if base.map(Some) == classes => "as its class".to_owned(),
        [request, response] if request == response => name(request).to_owned(),
        [request, response] => format!("request {}, response {}", name(request), name(response)),
    };
    format!(
        "{}, {action}, confidence {}%, pattern {}",
        class.map_or("?", Class::name),
        detector.confidence,
        fingerprint(detector.pattern.as_bytes())
    )
}

/// What an exception covers, in words.
fn conditions(policy: &ArchivedPolicy, row: &ArchivedException) -> String {
    let about = row.covers.iter().filter_map(|cover| {
        let detector = usize::from(cover.detector.to_native());
        let detector = policy.dlp.detectors.get(detector)?;
        Some(match cover.special {
            3 => detector.entity.as_str(),
            2 => detector.parent.as_str(),
            1 => Class::numbered(detector.class)?.name(),
            _ => "everything",
        })
    });
    let mut parts = vec![joined(about.map(str::to_owned))];
    let server = |at: u32| {
        let row = usize::try_from(at)
            .ok()
            .and_then(|at| policy.servers.get(at));
        row.map_or("?", |row| row.name.as_str())
    };
    let targets = row.targets.iter().map(|target| {
        let server = server(target.server.to_native());
        match target.tool_special {
            0 => server.to_owned(),
            _ => format!("{server}/{}", target.name),
        }
    });
    if !row.everywhere {
        parts.push(format!("on {}", joined(targets)));
    }
    let roles = row.roles.iter().map(|at| {
        let role = usize::try_from(at.to_native()).ok();
        let role = role.and_then(|at| policy.roles.get(at));
        let organisation = role.and_then(|role| {
            let at = usize::try_from(role.organisation.to_native()).ok()?;
            policy.organisations.get(at)
        });
        let organisation = organisation.map_or("?", |row| row.name.as_str());
        format!(
            "{organisation}/{}",
            role.map_or("?", |role| role.name.as_str())
        )
    });
    if !row.roles.is_empty() {
        parts.push(format!("of {}", joined(roles)));
    }
    match row.directions {
        0b01 => parts.push("in requests".to_owned()),
        0b10 => parts.push("in responses".to_owned()),
        _ => {}
    }
    parts.join(" ")
}

fn joined(names: impl Iterator<Item = String>) -> String {
    let names: BTreeSet<String> = names.collect();
    names.into_iter().collect::<Vec<_>>().join(", ")
}

fn name(number: u8) -> &'static str {
    DlpAction::numbered(number).name()
}
