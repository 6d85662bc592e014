//! A server of the catalogue as a policy file of its own, which is the operator's from then on.

use serde_json::Value;

use super::Entry;
use super::addition::{Addition, Reached, Started};
use super::way::Way;
use crate::policy::{line, list, remote, text};

/// The file.
#[must_use]
pub fn file(entry: &Entry, way: &Way<'_>, addition: &Addition) -> String {
    let mut out = String::new();
    let remark = |out: &mut String, said: &str| {
        line(out, 0, &format!("# {}", said.replace(['\n', '\r'], " ")));
    };
    remark(&mut out, &marked(entry));
    let what = format!("{} ({}).", way.target(), way.kind.name());
    remark(&mut out, &format!("{}: {what}", entry.server.description));
    remark(
        &mut out,
        "Yours to change. To take it away, remove this file and its secrets from the",
    );
    remark(&mut out, "vault (`varictl vault rm NAME`), and push.");
    line(&mut out, 0, "servers:");
    line(&mut out, 2, &format!("{}:", addition.server));
    match &addition.reached {
        Reached::Remote {
            url,
            is_sse,
            headers,
        } => remote(&mut out, (url, *is_sse), headers),
        Reached::Started(started) => started_lines(&mut out, started),
    }
    if !addition.category.is_empty() {
        line(&mut out, 4, &format!("category: {}", addition.category));
    }
    if !addition.tags.is_empty() {
        line(
            &mut out,
            4,
            &format!("tags: [{}]", addition.tags.join(", ")),
        );
    }
    if !addition.graver.is_empty() {
        line(
            &mut out,
            4,
            "# Your word is final; all others are judged by name, definition and",
        );
        line(&mut out, 4, "# arguments.");
        line(&mut out, 4, "tools:");
        for (tool, intent) in &addition.graver {
            line(
                &mut out,
                6,
                &format!("{}: {{ intent: {intent} }}", text(tool)),
            );
        }
    }
    out
}

/// The first line of a file that was made from this entry.
pub(super) fn marked(entry: &Entry) -> String {
    format!("From the catalogue of varictl: {}", entry.server.name)
}

impl Entry {
    /// Whether a file was made from this entry.
    #[must_use]
    pub fn is_in(&self, file: &str) -> bool {
        let first = file.lines().next().unwrap_or_default();
        first.strip_prefix("# ") == Some(marked(self).as_str())
    }
}

fn started_lines(out: &mut String, started: &Started) {
    line(out, 4, &format!("command: {}", list(&started.command)));
    if !started.env.is_empty() {
        line(out, 4, "env:");
        for (name, value) in &started.env {
            line(out, 6, &format!("{name}: {}", text(value)));
        }
    }
    if started.cache.is_some() {
        line(out, 4, "start_timeout: 2m");
        line(out, 4, "timeout: 2m");
    }
    let sandbox = &started.sandbox;
    line(out, 4, "sandbox:");
    if sandbox.is_relaxed {
        line(out, 6, "profile: relaxed");
    }
    match &sandbox.hosts {
        None => line(out, 6, "network: any"),
        Some(hosts) if hosts.is_empty() => line(out, 6, "network: none"),
        Some(hosts) => line(out, 6, &format!("network: {{ hosts: {} }}", list(hosts))),
    }
    if sandbox.has_unix_sockets {
        line(out, 6, "unix_sockets: true");
    }
    let is_wide = sandbox.is_relaxed;
    // Relaxed, it may read and start everything anyway.
    let paths = [
        ("read", &sandbox.read, is_wide),
        ("write", &sandbox.write, false),
        ("execute", &sandbox.execute, is_wide),
    ];
    for (key, paths, is_idle) in paths {
        if !paths.is_empty() && !is_idle {
            line(out, 6, &format!("{key}: {}", list(paths)));
        }
    }
}

impl Addition {
    /// What would be done, for scripts; no value of a secret is in it.
    #[must_use]
    pub fn value(&self) -> Value {
        let secrets = self.secrets.iter();
        let secrets: Vec<Value> = secrets
            .map(|secret| serde_json::json!({"name": secret.name, "place": secret.place}))
            .collect();
        serde_json::json!({
            "server": self.server,
            "secrets": secrets,
            "notes": self.notes,
        })
    }
}
