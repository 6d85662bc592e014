//! `varictl explain`: what the gateway would do with messages, by the very functions that it calls.
//!
//! Reads one message a line and answers each with one line, whatever is wrong with it.

mod answer;
mod human;
mod lines;
mod places;
mod question;

use std::borrow::Cow;
use std::io::{self, Write};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use varistor_inspect::dlp::Finding;
use varistor_inspect::json::Kind;
use varistor_model::{Era, Method};

use self::answer::Answer;
use self::lines::{LINE_BYTES_MAX, Next};
use self::places::{Spot, locate};
use self::question::{Direction, Question};
use super::rehearsal::setup::{self, Scope, Who};
use super::rehearsal::sound::Call;
use super::rehearsal::tools::{self, Definition};
use super::rehearsal::verdict::Verdict;
use super::rehearsal::{Rehearsal, anything, tool_of};
use crate::arguments::Arguments;
use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};

/// Notifications that servers send and clients do not.
const OF_SERVERS: [&str; 6] = [
    "notifications/message",
    "notifications/resources/updated",
    "notifications/resources/list_changed",
    "notifications/tools/list_changed",
    "notifications/prompts/list_changed",
    "notifications/elicitation/complete",
];

/// Say what the gateway would do with messages, one a line on standard input.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl explain --agent ci-bot --server crm < messages.jsonl
      one JSON object a line: decision, reason, intent, findings, the message as it goes on
  varictl explain --dlp-only --human < messages.jsonl
      only sensitive data, by the built-in detectors; no policy is needed
  varictl explain --dlp-only --dir DIR < messages.jsonl
      the same by what DIR looks for

A line is a JSON-RPC message, or {\"server\", \"tool\", \"direction\", \"message\"} around one.
Nothing is sent or recorded, and no limit is used up.")]
pub(crate) struct Explain {
    /// The agent that calls; with its organisation when several have one of that name
    #[arg(long, value_name = "NAME|ORG/NAME", conflicts_with = "token")]
    agent: Option<String>,
    /// The token that calls
    #[arg(long, value_name = "TOKEN")]
    token: Option<String>,
    /// The server of messages that name none [default: the policy's only one]
    #[arg(long, value_name = "NAME")]
    server: Option<String>,
    /// The direction of messages that name none [default: by what the message is]
    #[arg(long, value_enum, value_name = "DIRECTION")]
    direction: Option<Direction>,
    /// Only look for sensitive data; needs no policy and no agent
    #[arg(long, conflicts_with_all = ["intent_only", "agent", "token"])]
    dlp_only: bool,
    /// Only say what calls intend; needs no policy and no agent
    #[arg(long, conflicts_with_all = ["agent", "token"])]
    intent_only: bool,
    /// What servers say about their tools, as tools/list answers
    #[arg(long, value_name = "FILE")]
    tools: Option<PathBuf>,
    /// Show the values of findings
    #[arg(long)]
    show_values: bool,
    /// Answer for people, in colours on a terminal
    #[arg(long)]
    human: bool,
    /// Answer in JSON, one object a line (the default)
    #[arg(long, conflicts_with = "human")]
    json: bool,
}

impl Explain {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let tools = self.tools.as_deref().map(tools::read).transpose()?;
        let rehearsal = self.rehearsal(arguments)?;
        let tools = tools.unwrap_or_default();
        rehearsal.learn(&tools);
        let mut explaining = Explaining {
            options: self,
            scope: self.scope(),
            rehearsal,
            tools,
            found: Vec::new(),
            number: 0,
            text: String::new(),
            out: Vec::new(),
        };
        let (mut input, mut output) = (io::stdin().lock(), io::stdout().lock());
        let mut line = Vec::new();
        loop {
            let next = lines::next(&mut input, &mut line, LINE_BYTES_MAX)
                .context("standard input can't be read")?;
            match next {
                Next::End => return Ok(Exit::Done),
                Next::Line => explaining.line(&line)?,
                Next::TooLong => explaining.too_long()?,
            }
            output
                .write_all(&explaining.out)
                .and_then(|()| output.flush())
                .context("standard output can't be written")?;
        }
    }

    const fn scope(&self) -> Scope {
        match (self.dlp_only, self.intent_only) {
            (true, _) => Scope::Data,
            (_, true) => Scope::Intent,
            _ => Scope::Whole,
        }
    }

    fn rehearsal(&self, arguments: &Arguments) -> anyhow::Result<Rehearsal> {
        let scope = self.scope();
        if scope != Scope::Whole {
            let named = arguments.dir.as_deref();
            let dir = named
                .map(|named| PolicyDir::find(Some(named)))
                .transpose()?;
            return setup::permissive(scope, dir.as_ref());
        }
        let who = match (&self.agent, &self.token) {
            (Some(agent), _) => Who::Agent(agent),
            (None, Some(token)) => Who::Token(token),
            (None, None) => {
                return Err(wrong(
                    "nobody calls: name an --agent of the policy or a --token; --dlp-only and \
                     --intent-only need neither",
                ));
            }
        };
        setup::whole(&arguments.policy_dir()?, who)
    }
}

/// The work of one run, with its buffers.
struct Explaining<'o> {
    options: &'o Explain,
    scope: Scope,
    rehearsal: Rehearsal,
    /// What servers say about their tools.
    tools: Vec<Definition>,
    found: Vec<Finding>,
    /// Of the line that is answered, from 1.
    number: u64,
    text: String,
    out: Vec<u8>,
}

/// What one message led to.
struct Outcome<'q> {
    verdict: Verdict,
    server: Option<Cow<'q, str>>,
    tool: Option<String>,
}

impl Explaining<'_> {
    /// Fills `out` with the answer to one line.
    fn line(&mut self, line: &[u8]) -> anyhow::Result<()> {
        match Question::of(line) {
            Ok(question) => {
                let outcome = self.judge(&question);
                self.tell(&outcome, &question.message)
            }
            Err(text) => self.unreadable("line_invalid", text),
        }
    }

    fn too_long(&mut self) -> anyhow::Result<()> {
        let text = format!("the line is longer than {LINE_BYTES_MAX} bytes");
        self.unreadable("line_too_long", text)
    }

    fn unreadable(&mut self, reason: &'static str, text: String) -> anyhow::Result<()> {
        let outcome = Outcome {
            verdict: Verdict::unreadable(reason, text),
            server: None,
            tool: None,
        };
        self.tell(&outcome, b"")
    }

    fn judge<'q>(&mut self, question: &Question<'q>) -> Outcome<'q> {
        let message = &question.message;
        let direction = question.direction.or(self.options.direction);
        let direction = direction.unwrap_or_else(|| self.direction_of(message));
        let named = question.server.clone();
        let named = named.or_else(|| self.options.server.clone().map(Cow::Owned));
        let Some(route) = self.route(named.as_deref()) else {
            let text = "no server is named: give --server, or `server` in a wrapper";
            return Outcome {
                verdict: Verdict::unreadable("line_invalid", text.to_owned()),
                server: None,
                tool: None,
            };
        };
        if let Some(server) = named.as_deref().filter(|server| *server != route) {
            self.borrow_tool(server, &route, question);
        }
        let (verdict, tool) = match direction {
            Direction::Request => {
                let verdict = self.rehearsal.request(&route, message);
                let reader = self.rehearsal.reader();
                let tool = match reader.messages() {
                    [message] => tool_of(reader, message).map(str::to_owned),
                    _ => None,
                };
                (verdict, tool)
            }
            Direction::Response => {
                let call = Call {
                    method: question.method.as_deref().unwrap_or("tools/call"),
                    name: question.tool.as_deref().unwrap_or_default(),
                };
                let verdict = self.rehearsal.answer(&route, &call, message);
                (verdict, question.tool.as_deref().map(str::to_owned))
            }
        };
        let server = named.or_else(|| (self.scope == Scope::Whole).then_some(Cow::Owned(route)));
        Outcome {
            verdict,
            server,
            tool,
        }
    }

    /// Where no policy knows the server, the one that stands in for it has its tool.
    fn borrow_tool(&mut self, server: &str, route: &str, question: &Question<'_>) {
        let name = question.tool.as_deref().map(str::to_owned).or_else(|| {
            self.rehearsal.read_call(&question.message);
            let reader = self.rehearsal.reader();
            let message = reader.messages().first()?;
            tool_of(reader, message).map(str::to_owned)
        });
        let tool = self.tools.iter().find(|tool| {
            tool.server.as_deref() == Some(server) && Some(&*tool.name) == name.as_deref()
        });
        if let Some(tool) = tool {
            self.rehearsal.learn_one(route, tool);
        }
    }

    /// The server that the gateway takes the message for; `None` when nobody says which.
    fn route(&self, named: Option<&str>) -> Option<String> {
        let serving = self.rehearsal.serving();
        match (self.scope, named) {
            (Scope::Whole, Some(name)) => Some(name.to_owned()),
            (Scope::Whole, None) => match &serving.policy().servers[..] {
                [only] => Some(only.name.as_str().to_owned()),
                _ => None,
            },
            (_, Some(name)) if serving.server_named(name).is_some() => Some(name.to_owned()),
            _ => Some(anything::SERVER.to_owned()),
        }
    }

    /// Whose message it is by what it says. One that can't be read is an agent's.
    fn direction_of(&mut self, message: &[u8]) -> Direction {
        if self.rehearsal.read(message).is_err() {
            return Direction::Request;
        }
        let reader = self.rehearsal.reader();
        let of_server = reader.messages().iter().any(|message| match message.kind {
            Kind::Response | Kind::Error => true,
            Kind::Request | Kind::Notification => {
                let (method, text) = (message.method, reader.text(message.method_text));
                let of_client =
                    method.is_of_client(Era::Legacy) || method.is_of_client(Era::Modern);
                match method {
                    Method::Unknown => OF_SERVERS.contains(&text),
                    _ => !of_client,
                }
            }
        });
        if of_server {
            Direction::Response
        } else {
            Direction::Request
        }
    }

    fn tell(&mut self, outcome: &Outcome<'_>, message: &[u8]) -> anyhow::Result<()> {
        let verdict = &outcome.verdict;
        let mut spots: Vec<Spot> = Vec::new();
        if verdict.scanned {
            self.rehearsal.findings(message, &mut self.found);
            let rows = &self.rehearsal.serving().policy().dlp.detectors;
            let placeholder = |finding: &Finding| {
                let row = rows.get(usize::from(finding.detector));
                format!("[REDACTED:{}]", row.map_or("unknown", |row| &row.entity))
            };
            let values = self.options.show_values;
            spots = locate(message, &self.found, (!values).then_some(&placeholder));
            for spot in &mut spots {
                spot.read = self.rehearsal.value(&spot.finding);
            }
        }
        self.out.clear();
        let answer = Answer {
            verdict,
            server: outcome.server.as_deref(),
            tool: outcome.tool.as_deref(),
            message,
            spots: &spots,
            rows: &self.rehearsal.serving().policy().dlp,
            values: self.options.show_values,
            without_intent: self.scope == Scope::Data,
        };
        self.number += 1;
        if self.options.human {
            self.text.clear();
            human::write(&answer, self.number, &mut self.text);
            self.out.extend_from_slice(self.text.as_bytes());
            return Ok(());
        }
        answer
            .write(&mut self.out)
            .context("the answer can't be put into JSON")
    }
}
