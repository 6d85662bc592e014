//! `audit.checkpoints`: where the log's checkpoints are exported to.
//!
//! Refuses an export to nowhere, and unencrypted ways that nobody asked for.

use std::path::Path;

use varistor_snapshot::schema::{Checkpoints, Credential, TemplatePart};

use super::{ASK_MS, ASK_MS_MAX, ASK_MS_MIN, between};
use crate::context::Context;
use crate::files;
use crate::problem::{Report, Wrong};
use crate::read::{Fields, boolean, index, list, parsed, text};
use crate::template;
use crate::url::{Url, url};
use crate::yaml::Node;

const KEYS: &[&str] = &[
    "directory",
    "url",
    "headers",
    "every",
    "ca",
    "allow_private",
    "allow_plain",
];
/// What the vault calls the receiver of secrets that the export needs; no server has such a name.
const RECEIVER: &str = "_audit";

/// `Audit::checkpoints`.
pub(super) fn checkpoints(
    node: &Node,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Checkpoints> {
    let path = "audit.checkpoints";
    let fields = Fields::of(node, path, KEYS, report);
    let directory = fields
        .get("directory")
        .and_then(|node| text(node, &fields.path("directory"), report))
        .map(|text| absolute(context.dir, text));
    let found = fields
        .get("url")
        .and_then(|node| template(node, &fields.path("url"), context, report));
    if directory.is_none() && fields.get("url").is_none() {
        let wrong = Wrong::expected("the key \"directory\", the key \"url\", or both");
        report.refuse(node.place, format!("no place in {path}"), wrong);
    }
    let allow_plain = fields.read("allow_plain", report, boolean) == Some(true);
    let plain = found.as_ref().and_then(|(_, url)| url.as_ref());
    if let (Some(url), Some(node), false) = (plain, fields.get("url"), allow_plain)
        && !url.tls
        && !url.is_loopback()
    {
        let wrong = Wrong::expected("an https URL")
            .help("if it must be http, say `allow_plain: true` beside it");
        report.refuse(node.place, format!("no encryption for {path}.url"), wrong);
    }
    let private = plain.is_some_and(Url::is_private);
    let every = fields.get("every").and_then(|node| {
        parsed(node, &fields.path("every"), report, |text| {
            between(text, ASK_MS_MIN..=ASK_MS_MAX)
        })
    });
    let headers = headers(&fields, context, report);
    let ca = fields
        .get("ca")
        .and_then(|node| files::certificate(node, &fields.path("ca"), context.dir, report));
    let shown = plain.map_or_else(|| "a URL of the vault".to_owned(), Url::origin);
    let url = found.map(|(parts, _)| parts).unwrap_or_default();
    let parts = || url.iter().chain(headers.iter().flat_map(|row| &row.value));
    Some(Checkpoints {
        directory,
        has_secrets: parts().any(|part| matches!(part, TemplatePart::Secret(_))),
        shown: if url.is_empty() { String::new() } else { shown },
        headers,
        every_ms: every.unwrap_or(ASK_MS),
        allow_private: fields
            .read("allow_private", report, boolean)
            .unwrap_or(private),
        allow_plain,
        ca,
        url,
    })
}

fn absolute(dir: &Path, text: &str) -> String {
    dir.join(text).to_string_lossy().into_owned()
}

/// A URL, perhaps with secrets in it, and what it is before the first of them.
fn template(
    node: &Node,
    path: &str,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<(Vec<TemplatePart>, Option<Url>)> {
    // The text may hold a secret, so no message shows it.
    let parts = parsed(node, path, report, |text| {
        template::value(text).map_err(Wrong::hidden)
    })?;
    check(&parts, node, context, report);
    let Some(TemplatePart::Literal(first)) = parts.first() else {
        return Some((parts, None));
    };
    let first = first.split('?').next().unwrap_or_default().to_owned();
    let known = match url(&first) {
        Ok(known) => known,
        Err(wrong) => {
            report.refuse(node.place, format!("the text for {path}"), wrong.hidden());
            return None;
        }
    };
    Some((parts, Some(known)))
}

fn headers(fields: &Fields<'_>, context: &Context<'_>, report: &mut Report) -> Vec<Credential> {
    let path = fields.path("headers");
    let Some(node) = fields.get("headers") else {
        return Vec::new();
    };
    let mut headers = Vec::new();
    for (at, member) in list(node, &path, report).iter().enumerate() {
        let header = parsed(member, &index(&path, at), report, |text| {
            template::credential(text).map_err(Wrong::hidden)
        });
        if let Some(header) = header {
            check(&header.value, member, context, report);
            headers.push(header);
        }
    }
    headers
}

fn check(parts: &[TemplatePart], node: &Node, context: &Context<'_>, report: &mut Report) {
    let secrets = context.secrets;
    secrets.check_all(parts, RECEIVER, node.place, report);
}
