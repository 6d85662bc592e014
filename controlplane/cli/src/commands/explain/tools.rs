//! `--tools`: what servers say about their tools. Refuses a file that is no list of tools.

use std::path::Path;

use anyhow::Context;
use serde_json::Value;
use varistor_model::limits::NAME_BYTES_MAX;

use crate::exit::wrong;

/// The definition of a tool: its name, and the element of the list as JSON.
pub(super) type Definition = (String, String);

/// Reads a result of `tools/list`, the response around it, or the list alone, and says what is
/// wrong with it.
pub(super) fn read(path: &Path) -> anyhow::Result<Vec<Definition>> {
    let shown = path.display();
    let text = std::fs::read(path).with_context(|| format!("can't read {shown}"))?;
    let whole: Value = serde_json::from_slice(&text)
        .map_err(|error| wrong(format!("{shown}: {error}; expected one JSON document")))?;
    let list = ["", "/tools", "/result/tools"]
        .iter()
        .filter_map(|place| whole.pointer(place))
        .find_map(Value::as_array)
        .ok_or_else(|| {
            wrong(format!(
                "{shown}: no list of tools; expected an array, or an object with `tools`, as \
                 tools/list answers"
            ))
        })?;
    for (index, tool) in list.iter().enumerate() {
        if let Some((member, expected)) = fault(tool) {
            let found = tool.pointer(member).map_or("nothing", kind);
            let member = member.replace('/', ".");
            return Err(wrong(format!(
                "{shown}: tools[{index}]{member} is {found}; expected {expected}"
            )));
        }
    }
    let definition = |tool: &Value| {
        let name = tool["name"].as_str().unwrap_or_default();
        (name.to_owned(), tool.to_string())
    };
    Ok(list.iter().map(definition).collect())
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
        assert!(
            tools
                .iter()
                .all(|(name, text)| name == "get" && text.contains("get"))
        );
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
        ] {
            assert_eq!(checked(&text), Ok(()), "{text}");
        }
    }

    #[test]
    fn what_is_no_list_of_tools_is_refused_with_its_place() {
        for (text, words) in [
            ("{", "one JSON document"),
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
