//! What a run would do, for people and for scripts. Values of credentials are in neither.

use serde_json::{Value, json};
use varistor_onboard::{Move, Said};

use super::Import;
use super::plans::{FilePlan, Plans};
use crate::output::{self, Tone, plain, tinted};
use crate::quantities::duration_text;

/// Shows the plans.
pub(super) fn plans(plans: &Plans, import: &Import) -> anyhow::Result<()> {
    if import.json {
        let files: Vec<Value> = plans.files.iter().map(|file| value(file, plans)).collect();
        return output::json(&json!({"gateway": plans.gateway, "files": files}));
    }
    for (number, file) in plans.files.iter().enumerate() {
        if number > 0 {
            output::line("")?;
        }
        human(file, plans, import)?;
    }
    Ok(())
}

fn human(file: &FilePlan, plans: &Plans, import: &Import) -> anyhow::Result<()> {
    let path = file.file.path.display().to_string();
    output::line(&format!("{}: {}", file.file.client.title, plain(&path)))?;
    for one in &file.plan.moves {
        let name = name(&one.at);
        let (what, server) = (what(&one.said), &one.server);
        let moves = tinted("moves", Tone::Good);
        output::line(&format!(
            "  {} {moves} to {}/mcp/{server}: {what}",
            plain(&name),
            plans.gateway
        ))?;
        for secret in &one.secrets {
            let place = plain(&secret.place).into_owned();
            output::line(&format!("    {place} -> ${{vault:{}}}", secret.name))?;
        }
        for note in &one.notes {
            output::line(&format!(
                "    {} {}",
                tinted("note:", Tone::Warning),
                plain(note)
            ))?;
        }
    }
    for left in &file.plan.left {
        let why = left.why.to_string();
        let stays = tinted("stays", Tone::Warning);
        output::line(&format!(
            "  {} {stays}: {}",
            plain(&name(&left.at)),
            plain(&why)
        ))?;
    }
    for at in &file.exposed {
        let at = at.join(".");
        let what = "looks like a credential and stays in plain text";
        output::line(&format!(
            "    {} {} {what}",
            tinted("note:", Tone::Warning),
            plain(&at)
        ))?;
    }
    if !file.plan.moves.is_empty() {
        output::line(&format!(
            "  as agent {}/{}, by {}, with a token for {} in {}",
            plans.organisation,
            file.agent,
            file.policy_file(),
            duration_text(import.ttl),
            plain(&file.token_file.display().to_string()),
        ))?;
    }
    Ok(())
}

fn name(at: &[String]) -> String {
    let name = at.last().map_or("", String::as_str);
    match at {
        [first, project, _, _] if first == "projects" => format!("{name} (of {project})"),
        _ => name.to_owned(),
    }
}

/// Without arguments, which might hold what nobody recognised.
fn what(said: &Said) -> String {
    match said {
        Said::Http { url, .. } => {
            let host = url.split_once("://").map_or("", |(_, rest)| rest);
            let host = host.split(['/', '?']).next().unwrap_or_default();
            format!("the server at {}", plain(host))
        }
        Said::Stdio(said) => {
            let program = said.command.first().map_or("", String::as_str);
            format!("the gateway starts {}", plain(program))
        }
    }
}

fn value(file: &FilePlan, plans: &Plans) -> Value {
    let moves: Vec<Value> = file
        .plan
        .moves
        .iter()
        .map(|one| moved(one, plans))
        .collect();
    let left = file.plan.left.iter();
    let left: Vec<Value> = left
        .map(|left| json!({"at": left.at, "why": left.why.to_string()}))
        .collect();
    json!({
        "client": file.file.client.id,
        "file": file.file.path,
        "moves": moves,
        "stays": left,
        "exposed": file.exposed,
        "organisation": plans.organisation,
        "agent": file.agent,
        "policy": file.policy_file(),
        "token_file": file.token_file,
    })
}

fn moved(one: &Move, plans: &Plans) -> Value {
    let secrets = one.secrets.iter();
    let secrets: Vec<Value> = secrets
        .map(|secret| json!({"name": secret.name, "place": secret.place}))
        .collect();
    json!({
        "at": one.at,
        "server": one.server,
        "url": format!("{}/mcp/{}", plans.gateway, one.server),
        "is": match one.said { Said::Stdio(_) => "stdio", Said::Http { .. } => "http" },
        "secrets": secrets,
        "notes": one.notes,
    })
}
