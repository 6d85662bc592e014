//! The demo: one real agent, one real server, the gateway between them, each outcome as it happens.
//!
//! Everything runs on loopback in a directory of its own, through the built programs.

mod agent;
mod policy;
mod programs;

use std::io::IsTerminal as _;
use std::path::{Path, PathBuf};

use anyhow::{Context as _, ensure};
use serde_json::json;

use agent::{Agent, Answer};
use programs::Program;

/// Options of the demo.
#[derive(clap::Args)]
pub(crate) struct Options {
    /// Where the demo's policy directory is made; it is emptied first.
    #[arg(long, default_value = ".demo")]
    dir: PathBuf,
    /// Where the gateway listens.
    #[arg(long, default_value = "127.0.0.1:7332")]
    listen: std::net::SocketAddr,
    /// Start file of the official reference server; the demo goes without when it is not there.
    #[arg(long, value_name = "FILE")]
    everything: Option<PathBuf>,
}

/// Runs the demo to its end; on a terminal the gateway then stays until Ctrl-C.
pub(crate) fn run(options: &Options) -> anyhow::Result<()> {
    let programs = programs::folder()?;
    if options.dir.exists() {
        std::fs::remove_dir_all(&options.dir)
            .with_context(|| format!("cannot empty {}", options.dir.display()))?;
    }
    let dir = std::path::absolute(&options.dir)?.join("varistor");
    say("Servers");
    let (crm, crm_url) = Program::serving(
        &programs.join("varistor-bench"),
        &["crm", "--die-with-parent"],
    )?;
    tell(
        "a CRM with invented people and a payment interface",
        &crm_url,
    );
    let everything = options
        .everything
        .as_deref()
        .map(programs::everything)
        .transpose()?;
    if let Some((_, url)) = &everything {
        tell("the official reference server (npm)", url);
    }
    say("Policy");
    let varictl = programs.join("varictl");
    programs::run(&varictl, &["init", text(&dir)?])?;
    let url = everything.as_ref().map(|(_, url)| url.as_str());
    policy::write(&dir, &crm_url, url, 5)?;
    programs::run(&varictl, &["compile", "--dir", text(&dir)?])?;
    tell("keys, an empty vault and a compiled policy", text(&dir)?);
    say("Gateway");
    let listen = options.listen.to_string();
    let arguments = ["--dir", text(&dir)?, "--listen", &listen];
    let (gateway, base) = Program::serving(&programs.join("varistor"), &arguments)?;
    tell("varistor is up", &base);
    let token = programs::run(
        &varictl,
        &[
            "token",
            "issue",
            "--dir",
            text(&dir)?,
            "--agent",
            "support-bot",
            "--ttl",
            "8h",
        ],
    )?;
    let token = token.trim().to_owned();
    tell(
        "a token for the agent support-bot, 8 hours",
        "varictl token issue --agent support-bot",
    );
    play(&base, &token, &dir, (&varictl, &crm_url, url))?;
    say("Use it");
    println!("  URL     {base}/mcp/crm\n  Token   {token}\n");
    println!("{}", client_configuration(&base, &token));
    if std::io::stdout().is_terminal() {
        println!("\n  The gateway stays up. Ctrl-C drains and ends it.");
        gateway.wait()?;
    } else {
        gateway.end()?;
    }
    drop((crm, everything));
    Ok(())
}

/// What the agent does, and what comes of it.
fn play(
    base: &str,
    token: &str,
    dir: &Path,
    (varictl, crm, everything): (&Path, &str, Option<&str>),
) -> anyhow::Result<()> {
    say("Agent");
    let mut agent = Agent::connect(&format!("{base}/mcp/crm"), token)?;
    let tools = agent.tools()?;
    tell("sees", &tools.join(", "));
    let call = agent.call("get_customer", &json!({"id": "cus_0001"}))?;
    expect(&call, Answer::is_result, "calls get_customer: allowed")?;
    ensure!(
        !tools.iter().any(|tool| tool == "delete_customer"),
        "delete_customer is listed"
    );
    let hidden = agent.call("delete_customer", &json!({"id": "cus_0001"}))?;
    expect(
        &hidden,
        Answer::is_unknown,
        "calls delete_customer, which it may not see: unknown tool",
    )?;
    let anonymous = agent::status_without_token(&format!("{base}/mcp/crm"))?;
    ensure!(
        anonymous == 401,
        "expected 401 without a token, found {anonymous}"
    );
    tell("the same without a token", "401");
    let limited = (0..10).find_map(|_| {
        let answer = agent.call("list_invoices", &json!({}));
        answer
            .map(|answer| answer.is_limited().then_some(answer))
            .transpose()
    });
    let limited = limited.context("ten calls did not reach the limit of five a minute")??;
    expect(
        &limited,
        Answer::is_limited,
        "calls list_invoices too often: limited",
    )?;
    say("Policy, live");
    policy::write(dir, crm, everything, 5000)?;
    let pushed = programs::run(varictl, &["push", "--dir", text(dir)?])?;
    tell("varictl push", pushed.lines().next().unwrap_or_default());
    let again = agent.call("list_invoices", &json!({}))?;
    expect(
        &again,
        Answer::is_result,
        "calls list_invoices again: allowed",
    )?;
    if everything.is_some() {
        let mut other = Agent::connect(&format!("{base}/mcp/everything"), token)?;
        let echo = other.call("echo", &json!({"message": "hello"}))?;
        expect(
            &echo,
            Answer::is_result,
            "calls echo on the reference server: allowed",
        )?;
    }
    say("Record");
    let verified = programs::run(varictl, &["audit", "verify", "--dir", text(dir)?])?;
    tell(
        "varictl audit verify",
        verified.lines().next().unwrap_or_default(),
    );
    let tail = programs::run(varictl, &["audit", "tail", "-n", "3", "--dir", text(dir)?])?;
    tail.lines().for_each(|line| println!("    {line}"));
    Ok(())
}

fn expect(answer: &Answer, holds: fn(&Answer) -> bool, what: &str) -> anyhow::Result<()> {
    ensure!(holds(answer), "{what}: found {}", answer.text());
    let record = answer.record.as_deref().unwrap_or("none");
    println!("  ok  {what}\n        {} [record {record}]", answer.short());
    Ok(())
}

fn say(title: &str) {
    println!("\n{title}");
}

fn tell(what: &str, detail: &str) {
    println!("  {what}: {detail}");
}

fn text(path: &Path) -> anyhow::Result<&str> {
    path.to_str().context("the path is not UTF-8")
}

/// What a user pastes into an MCP client.
fn client_configuration(base: &str, token: &str) -> String {
    let server = json!({"mcpServers": {"crm": {
        "type": "http",
        "url": format!("{base}/mcp/crm"),
        "headers": {"Authorization": format!("Bearer {token}")},
    }}});
    let paste = serde_json::to_string_pretty(&server).unwrap_or_default();
    format!("  For an MCP client's configuration file:\n{paste}")
}
