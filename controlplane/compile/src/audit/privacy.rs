//! `audit.params`, `audit.privacy` and `audit.auditors`: how parameters, or what is found in them,
//! are kept.
//!
//! Refuses keys that are no auditor's, and encryption that nobody could undo.

use std::str::FromStr as _;

use varistor_model::{Class, Keeping};
use varistor_privacy::Recipient;
use varistor_snapshot::schema::{Audit, Privacy, PrivateTools};

use crate::dlp::class_of;
use crate::patterns::{NoServer, Servers};
use crate::problem::{Report, Wrong};
use crate::read::{Fields, index, list, one_or_list, parsed, text, word};
use crate::yaml::Node;

const KEYS: &[&str] = &["tools", "classes", "params"];
/// Most rows, most pairs of a server and a pattern in all of them, and most auditors.
const ROWS_MAX: usize = 256;
const TOOLS_MAX: usize = 4096;
const AUDITORS_MAX: usize = 16;

/// Reads them into the row.
pub(super) fn privacy(
    fields: &Fields<'_>,
    servers: &Servers,
    audit: &mut Audit,
    report: &mut Report,
) {
    let place = fields.get("params").or(fields.get("privacy"));
    if let Some(node) = fields.get("params") {
        audit.params = keeping(node, "audit.params", report).unwrap_or(audit.params);
    }
    if let Some(node) = fields.get("privacy") {
        let path = fields.path("privacy");
        let members = list(node, &path, report);
        for (at, member) in members.iter().enumerate() {
            audit
                .privacy
                .extend(row(member, &index(&path, at), servers, report));
        }
        let tools: usize = audit.privacy.iter().map(|row| row.tools.len()).sum();
        if members.len() > ROWS_MAX || tools > TOOLS_MAX {
            let found = format!(
                "{} rows for {path}, and {tools} patterns in them",
                members.len()
            );
            let most = format!("at most {ROWS_MAX} rows and {TOOLS_MAX} patterns");
            report.refuse(node.place, found, Wrong::expected(most));
        }
    }
    audit.auditors = auditors(fields, report);
    let rows = audit.privacy.iter().map(|row| row.keeping);
    let mut keepings = rows.chain([audit.params]);
    let is_sealed = keepings.any(|keeping| keeping == Keeping::Encrypted as u8);
    if let (true, Some(node)) = (is_sealed && audit.auditors.is_empty(), place) {
        let wrong = Wrong::expected("`auditors` beside it, with a recipient of age");
        report.refuse(node.place, "`encrypted` without auditors".to_owned(), wrong);
    }
}

fn row(node: &Node, path: &str, servers: &Servers, report: &mut Report) -> Option<Privacy> {
    let fields = Fields::of(node, path, KEYS, report);
    let keeping = fields.required("params", report);
    let keeping = keeping.and_then(|node| self::keeping(node, &fields.path("params"), report));
    let mut tools = Vec::new();
    if let Some(node) = fields.get("tools") {
        for (at, member) in one_or_list(node).iter().enumerate() {
            let path = index(&fields.path("tools"), at);
            let Some(pattern) = text(member, &path, report) else {
                continue;
            };
            let place = (member.place, NoServer::Refused);
            tools.extend(servers.patterns(pattern, place, &path, report));
        }
    }
    let mut classes = 0;
    if let Some(node) = fields.get("classes") {
        for (at, member) in one_or_list(node).iter().enumerate() {
            let path = index(&fields.path("classes"), at);
            let class: Option<Class> = class_of(member, &path, report);
            classes |= class.map_or(0, |class| 1 << class as u8);
        }
    }
    if fields.get("tools").is_none() && fields.get("classes").is_none() {
        let wrong = Wrong::expected("the key \"tools\", the key \"classes\", or both")
            .help("say it in audit.params if it is meant for all");
        report.refuse(node.place, format!("nothing that {path} is about"), wrong);
    }
    let tools = tools.into_iter().map(|row| PrivateTools {
        server: row.server,
        name: row.name,
    });
    Some(Privacy {
        classes,
        everywhere: fields.get("tools").is_none(),
        tools: tools.collect(),
        keeping: keeping?,
    })
}

fn keeping(node: &Node, path: &str, report: &mut Report) -> Option<u8> {
    let words = Keeping::ALL.map(|keeping| (keeping.name(), keeping as u8));
    word(node, path, &words, report)
}

fn auditors(fields: &Fields<'_>, report: &mut Report) -> Vec<[u8; 32]> {
    let Some(node) = fields.get("auditors") else {
        return Vec::new();
    };
    let path = fields.path("auditors");
    let members = one_or_list(node);
    if members.len() > AUDITORS_MAX {
        let found = format!("{} keys for {path}", members.len());
        let wrong = Wrong::expected(format!("at most {AUDITORS_MAX}"));
        report.refuse(node.place, found, wrong);
    }
    let mut keys = Vec::new();
    for (at, member) in members.iter().enumerate() {
        let key = parsed(member, &index(&path, at), report, |text| {
            Recipient::from_str(text).map_err(|_| {
                Wrong::expected("a recipient of age, age1 and 58 more characters")
                    .help("`age-keygen` makes one, and the identity that opens it")
            })
        });
        keys.extend(key.map(|key| key.0));
    }
    keys
}
