//! The servers of a plan as a policy file that the compiler takes, with a role and an agent that
//! may use them.

use std::fmt::Write as _;

use serde_json::Value;

use crate::plan::{Move, Said, Stdio};

/// What stands around the servers.
#[derive(Clone, Debug)]
pub struct Header {
    /// Lines that say where it comes from.
    pub remarks: Vec<String>,
    /// The organisation that the agent is in.
    pub organisation: String,
    /// The agent.
    pub agent: String,
    /// Its role.
    pub role: String,
}

/// The policy file.
#[must_use]
pub fn policy(header: &Header, moves: &[Move]) -> String {
    let mut out = String::new();
    for remark in &header.remarks {
        line(
            &mut out,
            0,
            &format!("# {}", remark.replace(['\n', '\r'], " ")),
        );
    }
    line(&mut out, 0, "servers:");
    for one in moves {
        line(&mut out, 2, &format!("{}:", one.server));
        match &one.said {
            Said::Http {
                url,
                is_sse,
                headers,
            } => remote(&mut out, (url, *is_sse), headers),
            Said::Stdio(said) => stdio(&mut out, said),
        }
    }
    let patterns: Vec<String> = moves
        .iter()
        .map(|one| format!("{}/*", one.server))
        .collect();
    line(&mut out, 0, "organisations:");
    line(&mut out, 2, &format!("{}:", text(&header.organisation)));
    line(&mut out, 4, "roles:");
    line(
        &mut out,
        6,
        "# Reads and writes pass; what is destructive waits for a human, and what",
    );
    line(
        &mut out,
        6,
        "# carries data away is refused, unless `intents` says otherwise.",
    );
    let said = format!("{}: {{ allow: {} }}", header.role, list(&patterns));
    line(&mut out, 6, &said);
    line(&mut out, 4, "agents:");
    line(
        &mut out,
        6,
        &format!("{}: {{ roles: [{}] }}", header.agent, header.role),
    );
    out
}

fn stdio(out: &mut String, said: &Stdio) {
    line(out, 4, &format!("command: {}", list(&said.command)));
    if !said.env.is_empty() {
        line(out, 4, "env:");
        for (name, value) in &said.env {
            line(out, 6, &format!("{name}: {}", text(value)));
        }
    }
    if let Some(directory) = &said.directory {
        line(out, 4, &format!("directory: {}", text(directory)));
    }
    if said.cache.is_some() {
        line(out, 4, "start_timeout: 2m");
        line(out, 4, "timeout: 2m");
    }
    let mut keys = Vec::new();
    if said.is_relaxed {
        keys.push("profile: relaxed".to_owned());
    }
    keys.push("network: any".to_owned());
    if !said.read.is_empty() && !said.is_relaxed {
        keys.push(format!("read: {}", list(&said.read)));
    }
    if let Some(cache) = &said.cache {
        keys.push(format!("write: {}", list(&[cache.display().to_string()])));
    }
    line(out, 4, &format!("sandbox: {{ {} }}", keys.join(", ")));
}

/// Where a server is reached, and by what credential.
pub(crate) fn remote(out: &mut String, (url, is_sse): (&str, bool), headers: &[String]) {
    line(out, 4, &format!("url: {}", text(url)));
    if is_sse {
        line(out, 4, "transport: sse");
    }
    credential(out, headers);
}

/// The headers that carry a credential.
fn credential(out: &mut String, headers: &[String]) {
    match headers {
        [] => {}
        [header] => {
            let said = format!("credential: {{ header: {} }}", text(header));
            line(out, 4, &said);
        }
        several => {
            line(out, 4, "credential:");
            line(out, 6, "headers:");
            for header in several {
                line(out, 8, &format!("- {}", text(header)));
            }
        }
    }
}

pub(crate) fn line(out: &mut String, indent: usize, said: &str) {
    // A string takes whatever is written to it.
    let _ = writeln!(out, "{:indent$}{said}", "");
}

/// Quoted strings of YAML take what strings of JSON do.
pub(crate) fn text(text: &str) -> String {
    Value::from(text).to_string()
}

pub(crate) fn list(all: &[String]) -> String {
    let all: Vec<String> = all.iter().map(|one| text(one)).collect();
    format!("[{}]", all.join(", "))
}
