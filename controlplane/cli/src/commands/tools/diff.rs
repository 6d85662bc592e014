//! `varictl tools diff`: what changed, member by member, with the words that came and went marked
//! and every hidden character spelled out.

use clap::Args;
use varistor_pins::diff::{Change, Piece, changes, words};
use varistor_pins::names;

use super::{Name, Row, ask, ended, name, time};
use crate::admin::Question;
use crate::arguments::{Arguments, Gateways};
use crate::exit::Exit;
use crate::output::{self, Tone, line, tinted};

/// Show what changed in a tool's definition, word by word.
///
/// Words that are gone stand in [-…-], new ones in {+…+}. Characters that do not show, or that turn
/// text around, are spelled out, as in <U+202E>. Of a tool that was never trusted, all is new.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl tools diff github/get_issue\n  varictl tools approve \
                        github/get_issue --sha256 9f86d081884c7d659a2feaa0c55ad015a3bf4f1b2b0b822c\
                        d15d6c15b0f00a08"
)]
pub(crate) struct Diff {
    /// The tool, as SERVER/TOOL
    #[arg(value_parser = name)]
    tool: Name,
    #[command(flatten)]
    gateways: Gateways,
    /// Answer in JSON: both definitions, whole
    #[arg(long)]
    json: bool,
}

impl Diff {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let gateways = self.gateways.chosen(arguments)?;
        let Name { server, tool } = &self.tool;
        let wanted = serde_json::json!({"server": server, "tool": tool});
        let question = Question::Post("/v1/tools/show".to_owned(), wanted);
        let told = ask(&gateways, &question)?;
        if self.json {
            output::json(&told)?;
            return Ok(ended(&told));
        }
        for told in &told {
            let Some(row) = told.read::<Row>() else {
                continue;
            };
            if gateways.len() > 1 {
                line(&told.gateway)?;
            }
            show(&row)?;
        }
        Ok(ended(&told))
    }
}

fn show(row: &Row) -> anyhow::Result<()> {
    let name = names::shown(&row.name(), false);
    let why = match row.why() {
        why if why.is_empty() => String::new(),
        why => format!(" ({})", names::shown(&why, false)),
    };
    line(&format!("{name}: {}{why}", row.state))?;
    let by = match &row.approved_by {
        Some(by) => format!("approved by {}", names::shown(by, false)),
        None => "seen first".to_owned(),
    };
    if let Some(pinned) = &row.pinned_sha256 {
        line(&format!("trusted  {pinned}  {by}"))?;
    }
    let sha256 = row.sha256.as_deref().unwrap_or_default();
    if row.waits() {
        line(&format!(
            "offered  {sha256}  {}",
            time(row.first_seen_unix_s)
        ))?;
    }
    if !row.flags.is_empty() {
        line(&format!(
            "flags    {}",
            names::shown(&row.flags.join(" "), false)
        ))?;
    }
    let offered = row.offered_definition.as_deref();
    let pinned = row.pinned_definition.as_deref();
    // What was pinned on first use can wait for approval as it is.
    let (before, after) = match (offered, row.waits() && row.sha256 == row.pinned_sha256) {
        (None, true) => (None, pinned),
        (None, false) => (pinned, pinned),
        (Some(offered), _) => (pinned, Some(offered)),
    };
    let is_kept = after.is_some() && (before.is_some() || row.pinned_sha256.is_none());
    let changes = changes(before, after);
    if row.waits() && !is_kept && changes.is_empty() {
        output::warning("a definition is too long to be kept or can't be read: ask the server");
    }
    for change in &changes {
        member(change)?;
    }
    if row.waits() {
        line("")?;
        line(&format!(
            "to trust it: varictl tools approve '{name}' --sha256 {sha256}"
        ))?;
    }
    Ok(())
}

/// One member that differs.
fn member(change: &Change) -> anyhow::Result<()> {
    line("")?;
    line(&names::shown(&change.path, false))?;
    let text = match (&change.before, &change.after) {
        (Some(before), Some(after)) => words(before, after).iter().map(marked).collect(),
        (Some(before), None) => marked(&Piece::Gone(before.clone())),
        (None, Some(after)) => marked(&Piece::New(after.clone())),
        (None, None) => String::new(),
    };
    text.lines()
        .try_for_each(|text| line(&format!("    {text}")))
}

fn marked(piece: &Piece) -> String {
    let shown = |text: &str| names::shown(text, true);
    // White space around a run stays outside of its marks, unless it is all there is.
    let wrap = |text: &str, (open, close): (&str, &str), tone| {
        let body = match text.trim() {
            "" => text,
            body => body,
        };
        let (head, tail) = text.split_once(body).unwrap_or_default();
        let marked = format!("{open}{}{close}", shown(body));
        [shown(head), tinted(&marked, tone), shown(tail)].concat()
    };
    match piece {
        Piece::Same(text) => shown(text),
        Piece::Gone(text) => wrap(text, ("[-", "-]"), Tone::Bad),
        Piece::New(text) => wrap(text, ("{+", "+}"), Tone::Good),
    }
}
