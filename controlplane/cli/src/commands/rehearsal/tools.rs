//! `--tools`: what servers say about their tools. Refuses a file that is no list of tools.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;
use varistor_model::limits::NAME_BYTES_MAX;

use crate::exit::wrong;

/// The definition of a tool.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(in crate::commands) struct Definition {
    /// The server that has it; every server where none is named.
    pub(in crate::commands) server: Option<String>,
    pub(in crate::commands) name: String,
    /// The element of the list, as JSON.
    pub(in crate::commands) text: String,
}

/// Reads results of `tools/list`, the responses around them, lists, or single definitions, one
/// after another, and says what is wrong with them. A result or a definition may name its `server`.
pub(in crate::commands) fn read(path: &Path) -> anyhow::Result<Vec<Definition>> {
    let shown = path.display();
    let text = std::fs::read(path).with_context(|| format!("can't read {shown}"))?;
    parse(&shown.to_string(), &text)
}

/// The same of text that is called `shown` in what is said about it.
pub(in crate::commands) fn parse(shown: &str, text: &[u8]) -> anyhow::Result<Vec<Definition>> {
    let mut found: Vec<Definition> = Vec::new();
    for document in serde_json::Deserializer::from_slice(text).into_iter::<Value>() {
        let document = document
            .map_err(|error| wrong(format!("{shown}: {error}; expected JSON documents")))?;
        add(&document, &mut found).map_err(|fault| wrong(format!("{shown}: {fault}")))?;
    }
    Ok(found)
}

/// Adds the definitions of one document, or says what is wrong with it.
fn add(document: &Value, found: &mut Vec<Definition>) -> Result<(), String> {
    let list = ["", "/tools", "/result/tools"]
        .iter()
        .filter_map(|place| document.pointer(place))
        .find_map(Value::as_array);
    let list = match list {
        Some(list) => &**list,
        None if document.get("name").is_some() => core::slice::from_ref(document),
        None => {
            return Err(
                "no list of tools; expected an array, an object with `tools`, as tools/list \
                 answers, or a tool"
                    .to_owned(),
            );
        }
    };
    let common = document.get("server").and_then(Value::as_str);
    for tool in list {
        let index = found.len();
        if let Some((member, expected)) = fault(tool) {
            let shown = tool.pointer(member).map_or("nothing", kind);
            let member = member.replace('/', ".");
            return Err(format!(
                "tools[{index}]{member} is {shown}; expected {expected}"
            ));
        }
        let server = tool.get("server").and_then(Value::as_str).or(common);
        found.push(Definition {
            server: server.map(str::to_owned),
            name: tool["name"].as_str().unwrap_or_default().to_owned(),
            text: tool.to_string(),
        });
    }
    Ok(())
}

/// The first member that is wrong, and what it should be.
fn fault(tool: &Value) -> Option<(&'static str, &'static str)> {
    if !tool.is_object() {
        return Some(("", "an object"));
    }
    let named = tool["name"]
        .as_str()
        .is_some_and(|name| (1..=NAME_BYTES_MAX).contains(&name.len()));
    if !named {
        return Some(("/name", "a name"));
    }
    for (member, expected) in [
        ("/description", "a string"),
        ("/inputSchema", "an object"),
        ("/outputSchema", "an object"),
        ("/annotations", "an object"),
    ] {
        let fits = |value: &Value| match expected {
            "a string" => value.is_string(),
            _ => value.is_object(),
        };
        if tool.pointer(member).is_some_and(|value| !fits(value)) {
            return Some((member, expected));
        }
    }
    None
}

const fn kind(value: &Value) -> &'static str {
    match value {
        Value::Null => "null",
        Value::Bool(_) => "a boolean",
        Value::Number(_) => "a number",
        Value::String(_) => "another string",
        Value::Array(_) => "an array",
        Value::Object(_) => "an object",
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn checked(text: &str) -> Result<(), String> {
        let dir = tempfile::tempdir().unwrap();
        let path = dir.path().join("tools.json");
        std::fs::write(&path, text).unwrap();
        let tools = read(&path).map_err(|error| error.to_string())?;
        let sound = |tool: &Definition| tool.name == "get" && tool.text.contains("inputSchema");
        assert!(tools.iter().all(sound));
        Ok(())
    }

    #[test]
    fn a_list_stands_alone_or_in_its_response() {
        let tool = r#"{"name":"get","description":"","inputSchema":{},"annotations":{}}"#;
        for text in [
            format!("[{tool}]"),
            format!(r#"{{"tools":[{tool},{tool}]}}"#),
            format!(r#"{{"jsonrpc":"2.0","id":1,"result":{{"tools":[{tool}]}}}}"#),
            "[]".to_owned(),
            String::new(),
            format!("{tool}\n{tool}\n[{tool}]"),
        ] {
            assert_eq!(checked(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn a_result_or_a_definition_names_its_server() {
        let mut found = Vec::new();
        let both = serde_json::json!({"server": "a", "tools": [{"name": "x"},
            {"name": "y", "server": "b"}]});
        add(&both, &mut found).unwrap();
        add(&serde_json::json!({"name": "z"}), &mut found).unwrap();
        let servers = found
            .iter()
            .map(|tool| (&*tool.name, tool.server.as_deref()));
        let expected = [("x", Some("a")), ("y", Some("b")), ("z", None)];
        assert_eq!(servers.collect::<Vec<_>>(), expected);
    }

    #[test]
    fn what_is_no_list_of_tools_is_refused_with_its_place() {
        for (text, words) in [
            ("{", "expected JSON documents"),
            ("{}", "no list of tools"),
            (r#"{"tools":{}}"#, "no list of tools"),
            ("[1]", "tools[0] is a number"),
            ("[{}]", "tools[0].name is nothing"),
            (r#"[{"name":""}]"#, "tools[0].name is another string"),
            (
                r#"[{"name":"a"},{"name":"b","inputSchema":[]}]"#,
                "tools[1].inputSchema is an array",
            ),
            (
                r#"[{"name":"a","description":null}]"#,
                "tools[0].description is null",
            ),
        ] {
            let error = checked(text).unwrap_err();
            assert!(error.contains(words), "{error}");
        }
    }
}
