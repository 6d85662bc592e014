//! How the definitions of tools are pinned: for all servers, and for single ones, where each says
//! only what is different there.

use varistor_snapshot::schema::Pinning;

use crate::gather::Sources;
use crate::problem::Report;
use crate::read::{Fields, join, word};
use crate::yaml::{Node, Value};

/// What is seen first is pinned, and tools that come later too.
const DEFAULT: Pinning = Pinning {
    mode: 1,
    new_tools_wait: false,
};
const MODES: [(&str, u8); 3] = [("off", 0), ("first_use", 1), ("approve", 2)];
const NEW_TOOLS: [(&str, bool); 2] = [("pin", false), ("quarantine", true)];

/// `Policy::pinning`: a row for each server, in the order of their names.
pub(crate) fn pinning(sources: &Sources<'_>, report: &mut Report) -> Vec<Pinning> {
    let common = sources
        .setting("pinning")
        .map_or(DEFAULT, |node| read(node, "pinning", DEFAULT, report));
    let rows = sources.servers.iter().map(|(name, (_, node))| {
        let path = join(&join("servers", name), "pinning");
        own(node).map_or(common, |node| read(node, &path, common, report))
    });
    rows.collect()
}

/// What a server says of it; the rest of the server is read elsewhere.
fn own(server: &Node) -> Option<&Node> {
    let Value::Map(map) = &server.value else {
        return None;
    };
    let is_it = |key: &Node| matches!(&key.value, Value::Scalar { text, .. } if text == "pinning");
    map.iter()
        .find(|(key, _)| is_it(key))
        .map(|(_, value)| value)
}

/// A mode alone, or a map.
fn read(node: &Node, path: &str, common: Pinning, report: &mut Report) -> Pinning {
    let mut row = common;
    if matches!(node.value, Value::Scalar { .. }) {
        row.mode = word(node, path, &MODES, report).unwrap_or(row.mode);
        return row;
    }
    let fields = Fields::of(node, path, &["mode", "new_tools"], report);
    if let Some(node) = fields.get("mode") {
        row.mode = word(node, &fields.path("mode"), &MODES, report).unwrap_or(row.mode);
    }
    if let Some(node) = fields.get("new_tools") {
        let wait = word(node, &fields.path("new_tools"), &NEW_TOOLS, report);
        row.new_tools_wait = wait.unwrap_or(row.new_tools_wait);
    }
    row
}

/// The settings as they are written, for a person; empty when they are the default.
pub(crate) fn shown(mode: u8, new_tools_wait: bool) -> String {
    if mode == DEFAULT.mode && new_tools_wait == DEFAULT.new_tools_wait {
        return String::new();
    }
    let known = MODES.iter().find(|(_, number)| *number == mode);
    let mode = known.map_or("?", |(word, _)| word);
    let wait = if new_tools_wait {
        ", new tools quarantined"
    } else {
        ""
    };
    format!("{mode}{wait}")
}
