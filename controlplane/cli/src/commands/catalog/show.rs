//! `varictl catalog show`: one server, with everything that the catalogue knows of it.

use clap::Args;
use serde_json::{Value, json};
use varistor_onboard::catalogue::{Entry, Hosts, Origin, Question, Way, questions, ways};

use super::{catalogue, found};
use crate::directory::PolicyDir;
use crate::exit::Exit;
use crate::output::{self, plain};

/// Show what a server is, what it wants to know, and what its tools intend.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl catalog show github
  varictl catalog show io.github.github/github-mcp-server --json")]
pub(crate) struct Show {
    /// The server's name in the catalogue, short or whole
    name: String,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

impl Show {
    pub(super) fn run(&self, dir: Option<&PolicyDir>) -> anyhow::Result<Exit> {
        let catalogue = catalogue(dir)?;
        let entry = found(&catalogue, &self.name)?;
        match self.json {
            true => output::json(&value(entry))?,
            false => human(entry)?,
        }
        Ok(Exit::Done)
    }
}

fn human(entry: &Entry) -> anyhow::Result<()> {
    let (server, extra) = (&entry.server, &entry.extra);
    let title = match server.title.is_empty() {
        true => &extra.short,
        false => &server.title,
    };
    field("", &format!("{title}: {}", server.description))?;
    field("name", &format!("{} ({})", extra.short, server.name))?;
    let origin = match entry.origin {
        Origin::BuiltIn => "built in",
        Origin::Imported => "imported; its publisher's word, which nobody here has checked",
    };
    field("origin", origin)?;
    if let Some(repository) = &server.repository {
        field("source", &repository.url)?;
    }
    if !extra.category.is_empty() {
        field("category", &extra.category)?;
    }
    if !extra.tags.is_empty() {
        field("labels", &extra.tags.join(", "))?;
    }
    for way in ways(server) {
        field(&format!("by {}", way.kind.name()), &way.target())?;
        for question in questions(&way) {
            field("", &format!("    {}", asked(&question)))?;
        }
    }
    match &extra.sandbox.hosts {
        Some(Hosts::Any(_)) => field("network", "any")?,
        Some(Hosts::Named(hosts)) => field("network", &hosts.join(", "))?,
        None => {}
    }
    for (intent, tools) in extra.intents.named() {
        if !tools.is_empty() {
            field(intent, &tools.join(", "))?;
        }
    }
    if !extra.notes.is_empty() {
        field("note", &extra.notes)?;
    }
    for source in &extra.sources {
        field("read at", source)?;
    }
    output::note(&format!(
        "`varictl catalog add {}` adds it",
        plain(&extra.short)
    ));
    Ok(())
}

fn field(name: &str, text: &str) -> anyhow::Result<()> {
    match name.is_empty() {
        true => output::line(&plain(text)),
        false => output::line(&format!("{:<13} {}", plain(name), plain(text))),
    }
}

/// A question in a line.
pub(super) fn asked(question: &Question) -> String {
    let mut more = vec![match question.is_required {
        true => "needed",
        false => "optional",
    }];
    if question.is_secret {
        more.push("secret");
    }
    if question.is_repeated {
        more.push("repeatable");
    }
    let mut text = format!(
        "{} ({}): {}",
        question.key,
        more.join(", "),
        question.description
    );
    if !question.choices.is_empty() {
        text.push_str(&format!("; one of {}", question.choices.join(", ")));
    }
    if let Some(default) = &question.default {
        text.push_str(&format!("; {default} unless you say otherwise"));
    }
    text
}

fn value(entry: &Entry) -> Value {
    let ways = ways(&entry.server);
    let ways: Vec<Value> = ways.iter().map(way).collect();
    json!({
        "short": entry.extra.short,
        "imported": entry.origin == Origin::Imported,
        "server": entry.server,
        "ways": ways,
    })
}

fn way(way: &Way<'_>) -> Value {
    let questions = questions(way);
    let questions = questions.iter().map(|question| {
        json!({
            "key": question.key,
            "description": question.description,
            "secret": question.is_secret,
            "required": question.is_required,
            "repeatable": question.is_repeated,
            "default": question.default,
            "choices": question.choices,
            "format": question.format,
        })
    });
    json!({
        "kind": way.kind.name(),
        "target": way.target(),
        "runner": way.kind.runner(),
        "asks": questions.collect::<Vec<_>>(),
    })
}
