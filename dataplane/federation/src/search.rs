//! A search in place of thousands of tools: `search_tools` finds them, `call_tool` calls what was
//! found, by its name and with its arguments as they stand.
//!
//! Lists of the protocol may not vary by connection, and many clients call only what they have
//! listed: so found tools are called through a tool that is always listed. The call itself is the
//! found tool's, in permissions, rules and records.

use std::rc::Rc;

use crate::ask::Ask;
use crate::calls;
use crate::items::{Item, List};
use crate::json::{Changes, Object, quoted};
use crate::lists::{self, Missing};
use crate::names::Naming;
use crate::order::Turn;
use crate::reply::Reply;
use varistor_model::Era;
use varistor_model::limits::NAME_BYTES_MAX;

const SEARCH: &str = "search_tools";
const CALL: &str = "call_tool";
/// Tools that one search tells, unless it asks for fewer or more; and at most.
const FOUND: usize = 8;
const FOUND_MAX: usize = 32;
/// As much of a query is looked for: each word is looked for in all tools.
const QUERY_BYTES_MAX: usize = 1024;
const QUERY_WORDS_MAX: usize = 16;
/// The two tools. Neither has an effect of its own that a hint could belittle.
const TOOLS: &str = "[{\"name\":\"search_tools\",\"title\":\"Search tools\",\
 \"description\":\"Finds tools of all servers by what they do. Returns names, descriptions and \
 input schemas. Call what it finds with call_tool.\",\"inputSchema\":{\"type\":\"object\",\
 \"properties\":{\"query\":{\"type\":\"string\",\"description\":\"What the tool is to do, in a \
 few words\"},\"limit\":{\"type\":\"integer\",\"minimum\":1,\"maximum\":32,\
 \"description\":\"How many tools, 8 unless given\"}},\"required\":[\"query\"]},\
 \"annotations\":{\"readOnlyHint\":true}},{\"name\":\"call_tool\",\"title\":\"Call a tool\",\
 \"description\":\"Calls a tool that search_tools has found.\",\
 \"inputSchema\":{\"type\":\"object\",\"properties\":{\"name\":{\"type\":\"string\",\
 \"description\":\"The tool's name as search_tools gives it\"},\
 \"arguments\":{\"type\":\"object\",\"description\":\"The tool's arguments, by its input \
 schema\"}},\"required\":[\"name\"]}}]";

/// The list of tools.
pub(crate) fn list(turn: &Turn) -> Reply {
    let more = match turn.era() {
        Era::Modern => r#","resultType":"complete","ttlMs":60000,"cacheScope":"private""#,
        Era::Legacy => "",
    };
    turn.result(&format!(r#"{{"tools":{TOOLS}{more}}}"#))
}

/// Whether this client searches: virtual servers are chosen by hand.
pub(crate) fn is_on(turn: &Turn) -> bool {
    turn.who.plan.search && turn.who.view.is_none() && turn.who.naming == Naming::Joined
}

/// Whether one of the two is called.
pub(crate) fn is_own(turn: &Turn) -> bool {
    let name = turn.ask.name();
    is_on(turn) && matches!(name.as_deref(), Some(SEARCH | CALL))
}

/// Answers a call of one of the two.
pub(crate) async fn call(turn: &Rc<Turn>) -> Reply {
    let params = turn.ask.params();
    let arguments = params.object("arguments").unwrap_or_default();
    if turn.ask.name().as_deref() == Some(CALL) {
        let called = arguments.text("name").unwrap_or_default();
        if called.len() > NAME_BYTES_MAX {
            return turn.error(400, (-32602, "The name of the tool is longer than 4 KiB"));
        }
        return match inner(turn, &params, &arguments) {
            Some(ask) => calls::call(&turn.asking(ask)).await,
            None => turn.error(400, (-32602, "call_tool needs the name of a tool")),
        };
    }
    let query = arguments.text("query").unwrap_or_default();
    let limit = arguments.get("limit").and_then(|limit| limit.parse().ok());
    let limit = limit.unwrap_or(FOUND).clamp(1, FOUND_MAX);
    let (items, missing) = lists::all(turn, List::Tools).await;
    let found = found(&items, &query, limit);
    turn.result(&told(turn, &found, &missing))
}

/// The call of a found tool that is in a call of `call_tool`.
fn inner(turn: &Turn, params: &Object<'_>, arguments: &Object<'_>) -> Option<Ask> {
    let name = arguments.get("name")?;
    let own = arguments.get("arguments").unwrap_or("{}");
    let text = &turn.ask.text;
    let mut changes = Changes::default();
    changes.replace(text, params.get("name")?, name.to_owned());
    changes.replace(text, params.get("arguments")?, own.to_owned());
    Ask::read(changes.apply(text)).filter(|ask| ask.name().is_some())
}

/// What was found, as text for the model and as data for programs.
fn told(turn: &Turn, found: &[&Item], missing: &[Missing]) -> String {
    let tools: Vec<&str> = found.iter().map(|item| &*item.text).collect();
    let tools = format!(r#"{{"tools":[{}]}}"#, tools.join(","));
    let more = match turn.era() {
        Era::Modern => r#","resultType":"complete""#,
        Era::Legacy => "",
    };
    let meta = match missing {
        [] => String::new(),
        _ => format!(r#","_meta":{{{}}}"#, lists::unavailable(missing)),
    };
    let text = quoted(&tools);
    format!(
        "{{\"content\":[{{\"type\":\"text\",\"text\":{text}}}],\"structuredContent\":{tools},\
         \"isError\":false{more}{meta}}}"
    )
}

/// The tools that fit best, by words of the query in name and definition: rare words count more,
/// and those in a name the most.
fn found<'a>(items: &'a [Item], query: &str, limit: usize) -> Vec<&'a Item> {
    let texts: Vec<(String, String)> = items
        .iter()
        .map(|item| (item.name.to_lowercase(), item.text.to_lowercase()))
        .collect();
    let end = query.floor_char_boundary(QUERY_BYTES_MAX);
    let query = query.get(..end).unwrap_or_default().to_lowercase();
    let words: Vec<&str> = query
        .split(|c: char| !c.is_alphanumeric())
        .filter(|word| word.chars().count() > 1)
        .take(QUERY_WORDS_MAX)
        .collect();
    let count = |word: &str| texts.iter().filter(|(_, text)| text.contains(word)).count();
    let weighed: Vec<(&str, f64)> = words
        .into_iter()
        .map(|word| {
            // Below 2^53, as numbers of tools are.
            let rare = items.len() as f64 / (count(word) as f64).max(1.0);
            (word, 1.0 + rare.ln())
        })
        .collect();
    let score = |(name, text): &(String, String)| {
        let of = |(word, weight): &(&str, f64)| match (name.contains(word), text.contains(word)) {
            (true, _) => 3.0 * weight,
            (false, true) => *weight,
            (false, false) => 0.0,
        };
        weighed.iter().map(of).sum::<f64>()
    };
    let mut scored: Vec<(f64, &Item)> = texts.iter().map(score).zip(items).collect();
    scored.retain(|(score, _)| *score > 0.0);
    scored.sort_by(|one, other| other.0.total_cmp(&one.0));
    scored
        .into_iter()
        .take(limit)
        .map(|(_, item)| item)
        .collect()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn tools_are_found_by_what_they_do() {
        let item = |name: &str, text: &str| Item {
            name: name.into(),
            server: String::new(),
            own: String::new(),
            text: format!(r#"{{"name":"{name}","description":"{text}"}}"#),
        };
        let items = [
            item("mail__send", "Sends a message to somebody"),
            item("crm__find_customer", "Finds a customer by name"),
            item("crm__delete_customer", "Deletes a customer"),
        ];
        let names = |query: &str| {
            let found = found(&items, query, 2);
            found.iter().map(|item| &*item.name).collect::<Vec<_>>()
        };
        assert_eq!(names("send mail"), ["mail__send"]);
        assert_eq!(names("find a customer")[0], "crm__find_customer");
        assert!(names("weather").is_empty() && names("").is_empty());
        // What is beyond the bounds is not looked for.
        assert!(names(&format!("{}send", "xy ".repeat(16))).is_empty());
        assert!(names(&format!("{}é send", "x".repeat(1023))).is_empty());
    }
}
