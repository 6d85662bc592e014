//! `federation`: all servers as one, and virtual servers with chosen and renamed tools.
//!
//! Refuses tools of servers that do not exist, and names that stand for two tools.

use std::collections::BTreeMap;

use varistor_snapshot::schema::{Federation, View, ViewTool};

use crate::gather::Sources;
use crate::name;
use crate::problem::{Place, Report, Wrong, nearest, quote};
use crate::quantity;
use crate::read::{Fields, entries, index, join, list, parsed, word};
use crate::yaml::{Node, Value};

const KEYS: &[&str] = &["timeout", "search", "virtual"];
const VIEW: &[&str] = &["tools"];
const TOOL: &[&str] = &["tool", "as"];
/// Most virtual servers, and most tools of one.
const VIEWS_MAX: usize = 1024;
const TOOLS_MAX: usize = 4096;
/// Longest name of a tool, in characters: what model providers take.
const NAME_CHARS_MAX: usize = 64;
const TIMEOUT_MS_MAX: u64 = 300_000;

/// `Policy::federation`.
pub(crate) fn federation(sources: &Sources<'_>, report: &mut Report) -> Federation {
    let mut federation = Federation::default();
    let Some(node) = sources.setting("federation") else {
        return federation;
    };
    let fields = Fields::of(node, "federation", KEYS, report);
    if let Some(node) = fields.get("timeout") {
        let timeout = parsed(node, &fields.path("timeout"), report, timeout);
        federation.timeout_ms = timeout.unwrap_or(federation.timeout_ms);
    }
    if let Some(node) = fields.get("search") {
        let words = [("on", true), ("off", false)];
        let search = word(node, &fields.path("search"), &words, report);
        federation.search = search.unwrap_or(federation.search);
    }
    if let Some(node) = fields.get("virtual") {
        federation.views = views(node, &fields.path("virtual"), sources, report);
    }
    federation
}

fn timeout(text: &str) -> Result<u64, Wrong> {
    match quantity::duration_ms(text)? {
        ms @ 1..=TIMEOUT_MS_MAX => Ok(ms),
        _ => Err(Wrong::expected("a duration from 1ms to 5m")),
    }
}

fn views(node: &Node, path: &str, sources: &Sources<'_>, report: &mut Report) -> Vec<View> {
    let mut views = BTreeMap::new();
    for (key, node) in entries(node, path, report) {
        if let Err(wrong) = name::server(&key.text) {
            let found = format!("the name {} in {path}", quote(&key.text));
            report.refuse(key.place, found, wrong);
            continue;
        }
        if views.len() >= VIEWS_MAX {
            let found = format!("more than {VIEWS_MAX} virtual servers in {path}");
            report.refuse(key.place, found, Wrong::expected("fewer"));
            break;
        }
        let path = join(path, &key.text);
        let fields = Fields::of(node, &path, VIEW, report);
        if let Some(node) = fields.required("tools", report) {
            let tools = tools(node, &fields.path("tools"), sources, report);
            let name = key.text.clone();
            views.insert(key.text, View { name, tools });
        }
    }
    views.into_values().collect()
}

fn tools(node: &Node, path: &str, sources: &Sources<'_>, report: &mut Report) -> Vec<ViewTool> {
    let members = list(node, path, report);
    if members.is_empty() || members.len() > TOOLS_MAX {
        let found = format!("{} tools for {path}", members.len());
        report.refuse(
            node.place,
            found,
            Wrong::expected(format!("1 to {TOOLS_MAX} tools")),
        );
    }
    let mut tools: Vec<ViewTool> = Vec::new();
    let mut places: BTreeMap<String, Place> = BTreeMap::new();
    for (at, member) in members.iter().take(TOOLS_MAX).enumerate() {
        let Some(tool) = tool(member, &index(path, at), sources, report) else {
            continue;
        };
        if let Some(first) = places.get(&tool.name) {
            let found = format!(
                "the tool name {} a second time in {path}",
                quote(&tool.name)
            );
            let help = format!(
                "the first one is at {}; give one of them another name with `as`",
                report.show(*first)
            );
            let wrong = Wrong::expected("each name once").help(help);
            report.refuse(member.place, found, wrong);
            continue;
        }
        places.insert(tool.name.clone(), member.place);
        tools.push(tool);
    }
    tools
}

/// `server/tool`, or the same with another name.
fn tool(node: &Node, path: &str, sources: &Sources<'_>, report: &mut Report) -> Option<ViewTool> {
    if let Value::Scalar { .. } = &node.value {
        return chosen(node, path, sources, report);
    }
    let fields = Fields::of(node, path, TOOL, report);
    let tool = fields.required("tool", report)?;
    let tool = chosen(tool, &fields.path("tool"), sources, report);
    let name = match fields.get("as") {
        Some(node) => parsed(node, &fields.path("as"), report, tool_name).map(Some),
        None => Some(None),
    };
    let (tool, name) = (tool?, name?);
    Some(match name {
        Some(name) => ViewTool { name, ..tool },
        None => tool,
    })
}

fn chosen(node: &Node, path: &str, sources: &Sources<'_>, report: &mut Report) -> Option<ViewTool> {
    let tool = parsed(node, path, report, |text| {
        let (server, tool) = text
            .split_once('/')
            .filter(|(_, tool)| !tool.is_empty())
            .ok_or_else(|| {
                Wrong::expected("a tool as `server/tool`").help("each tool is named by itself")
            })?;
        if tool.contains('*') {
            let wrong = Wrong::expected("the name of one tool");
            return Err(wrong.help("a virtual server has the tools that it names, one by one"));
        }
        if !sources.servers.contains_key(server) {
            let help = nearest(server, sources.servers.keys().map(|name| &**name));
            return Err(Wrong {
                help,
                ..Wrong::expected("a tool of a server in `servers`")
            });
        }
        Ok((server.to_owned(), tool.to_owned()))
    });
    let (server, tool) = tool?;
    Some(ViewTool {
        server,
        name: tool.clone(),
        tool,
    })
}

fn tool_name(text: &str) -> Result<String, Wrong> {
    let allowed = |c: char| c.is_ascii_alphanumeric() || matches!(c, '_' | '-' | '.');
    match (1..=NAME_CHARS_MAX).contains(&text.len()) && text.chars().all(allowed) {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected(format!(
            "a name of letters, digits, `_`, `-` and `.`, of at most {NAME_CHARS_MAX} characters"
        ))),
    }
}
