//! Arguments that a tool wants mirrored in headers (`x-mcp-header`, 2026-07-28), as lists of tools
//! on their way to the host say it; leaves out the tools that ask for what can't be.

use std::collections::HashMap;

use serde::Deserialize;
use serde_json::Value;
use serde_json::value::RawValue;

/// Most tools with such arguments that are remembered; the largest published server has 1,100.
const TOOLS_MAX: usize = 4096;
/// Most such arguments of one tool: a message has at most 100 fields in all.
const PER_TOOL_MAX: usize = 64;
/// The keyword in schemas.
const KEYWORD: &str = "x-mcp-header";

/// One mirrored argument.
#[derive(Clone, Debug, PartialEq, Eq)]
struct Mirrored {
    /// Names of properties, outermost first.
    path: Vec<String>,
    /// What follows `Mcp-Param-`.
    header: String,
}

/// What tools asked for, by tool.
#[derive(Debug, Default)]
pub(crate) struct Annotations(HashMap<String, Vec<Mirrored>>);

#[derive(Deserialize)]
struct List<'a> {
    #[serde(borrow)]
    tools: &'a RawValue,
}

#[derive(Deserialize)]
struct Tool {
    name: String,
    #[serde(default, rename = "inputSchema")]
    schema: Value,
}

#[derive(Deserialize)]
struct Called<'a> {
    #[serde(borrow)]
    params: Arguments<'a>,
}

#[derive(Deserialize)]
struct Arguments<'a> {
    #[serde(borrow, default)]
    arguments: Option<&'a RawValue>,
}

/// What a list says beyond what is remembered.
#[derive(Debug, Default, PartialEq, Eq)]
pub(crate) struct Learned {
    /// Tools that the host must not see.
    pub(crate) unfit: Vec<String>,
    /// The list without them, where there are any.
    pub(crate) without: Option<Vec<u8>>,
}

impl Annotations {
    /// Learns from an answer to `tools/list`; `result` stands within `line`.
    pub(crate) fn learn(&mut self, line: &[u8], result: &RawValue) -> Learned {
        let Ok(list) = serde_json::from_str::<List<'_>>(result.get()) else {
            return Learned::default();
        };
        let Ok(tools) = serde_json::from_str::<Vec<&RawValue>>(list.tools.get()) else {
            return Learned::default();
        };
        let mut unfit = Vec::new();
        let mut fit = Vec::new();
        for text in tools {
            match self.learn_tool(text.get()) {
                Ok(()) => fit.push(text.get()),
                Err(name) => unfit.push(name),
            }
        }
        let without = (!unfit.is_empty()).then(|| replaced(line, list.tools.get(), &fit));
        Learned {
            unfit,
            without: without.flatten(),
        }
    }

    fn learn_tool(&mut self, text: &str) -> Result<(), String> {
        let Ok(tool) = serde_json::from_str::<Tool>(text) else {
            return Ok(());
        };
        // Parsing twice what hardly any tool has would be waste: most are told by their text.
        let mirrored = match text.contains(KEYWORD) {
            true => mirrored(&tool.schema).ok_or_else(|| tool.name.clone())?,
            false => Vec::new(),
        };
        if mirrored.is_empty() {
            self.0.remove(&tool.name);
        } else if self.0.len() < TOOLS_MAX || self.0.contains_key(&tool.name) {
            self.0.insert(tool.name, mirrored);
        }
        Ok(())
    }

    /// Name and value of each header that a call of this tool needs; values not yet encoded.
    pub(crate) fn of_call(&self, tool: &str, line: &[u8]) -> Vec<(String, String)> {
        let Some(mirrored) = self.0.get(tool) else {
            return Vec::new();
        };
        let called = serde_json::from_slice::<Called<'_>>(line).ok();
        let arguments = called.and_then(|called| called.params.arguments);
        let arguments: Value = arguments
            .and_then(|text| serde_json::from_str(text.get()).ok())
            .unwrap_or_default();
        let values = mirrored.iter().filter_map(|one| {
            let value = one
                .path
                .iter()
                .try_fold(&arguments, |value, name| value.get(name))?;
            let text = match value {
                Value::String(text) => text.clone(),
                Value::Bool(is) => is.to_string(),
                Value::Number(number) if number.is_i64() || number.is_u64() => number.to_string(),
                _ => return None,
            };
            Some((format!("Mcp-Param-{}", one.header), text))
        });
        values.collect()
    }
}

/// The line with other tools in the place of these; `tools` stands within `line`.
fn replaced(line: &[u8], tools: &str, fit: &[&str]) -> Option<Vec<u8>> {
    let start = (tools.as_ptr() as usize).checked_sub(line.as_ptr() as usize)?;
    let end = start.checked_add(tools.len())?;
    let mut whole = line.get(..start)?.to_vec();
    whole.push(b'[');
    whole.extend_from_slice(fit.join(",").as_bytes());
    whole.push(b']');
    whole.extend_from_slice(line.get(end..)?);
    Some(whole)
}

/// The mirrored arguments of a schema; `None` where it asks for what can't be.
fn mirrored(schema: &Value) -> Option<Vec<Mirrored>> {
    let mut found = Vec::new();
    walk(schema, Some(&[]), &mut found)?;
    let mut names: Vec<_> = found
        .iter()
        .map(|one| one.header.to_ascii_lowercase())
        .collect();
    names.sort_unstable();
    let is_unique = names.windows(2).all(|pair| pair.first() != pair.last());
    (is_unique && found.len() <= PER_TOOL_MAX).then_some(found)
}

/// Walks a schema. `path` leads to it through `properties` alone; elsewhere nothing is mirrored.
fn walk(schema: &Value, path: Option<&[String]>, found: &mut Vec<Mirrored>) -> Option<()> {
    let members = match schema {
        Value::Object(members) => members,
        Value::Array(several) => {
            return several.iter().try_for_each(|one| walk(one, None, found));
        }
        _ => return Some(()),
    };
    for (keyword, value) in members {
        match (keyword.as_str(), value) {
            (KEYWORD, value) => found.push(Mirrored {
                path: path.filter(|path| !path.is_empty())?.to_vec(),
                header: header(value, members.get("type"))?,
            }),
            ("const" | "default" | "enum" | "example" | "examples", _) => {}
            ("properties", Value::Object(properties)) => {
                for (name, property) in properties {
                    let deeper = path.map(|path| [path, std::slice::from_ref(name)].concat());
                    walk(property, deeper.as_deref(), found)?;
                }
            }
            // Here members are names too, and what they lead to is no plain property.
            ("patternProperties" | "$defs" | "definitions", Value::Object(several)) => {
                several
                    .values()
                    .try_for_each(|one| walk(one, None, found))?;
            }
            (_, value) => walk(value, None, found)?,
        }
    }
    Some(())
}

fn header(value: &Value, kind: Option<&Value>) -> Option<String> {
    let name = value.as_str()?;
    let is_token = |byte: u8| byte.is_ascii_alphanumeric() || b"!#$%&'*+-.^_`|~".contains(&byte);
    let kind = kind?.as_str()?;
    let fits = !name.is_empty()
        && name.bytes().all(is_token)
        && matches!(kind, "string" | "integer" | "boolean");
    fits.then(|| name.to_owned())
}

#[cfg(test)]
mod tests {
    use serde_json::json;

    use super::*;
    use crate::message::Envelope;

    fn learn(annotations: &mut Annotations, tools: &Value) -> Learned {
        let line = json!({"jsonrpc": "2.0", "id": 1, "result": {"tools": tools, "x": 1.0}});
        let line = line.to_string();
        let envelope: Envelope<'_> = serde_json::from_str(&line).unwrap();
        annotations.learn(line.as_bytes(), envelope.result.unwrap())
    }

    fn tool(name: &str, properties: &Value) -> Value {
        json!({"name": name, "inputSchema": {"type": "object", "properties": properties}})
    }

    #[test]
    fn annotated_arguments_become_headers() {
        let mut annotations = Annotations::default();
        let inner = json!({"type": "object", "properties": {
            "n": {"type": "integer", "x-mcp-header": "Count"}}});
        let learned = learn(
            &mut annotations,
            &json!([tool(
                "t",
                &json!({
            "region": {"type": "string", "x-mcp-header": "Region"},
            "dry": {"type": "boolean", "x-mcp-header": "Dry"},
            "inner": inner, "x-mcp-header": {"type": "string"}, "plain": {"type": "string"}})
            )]),
        );
        assert_eq!(learned, Learned::default());
        let call = json!({"id": 1, "method": "tools/call", "params": {"name": "t",
            "arguments": {"region": "eu", "inner": {"n": 42}, "dry": null, "plain": "x"}}});
        let mut headers = annotations.of_call("t", call.to_string().as_bytes());
        headers.sort();
        let expected = [("Mcp-Param-Count", "42"), ("Mcp-Param-Region", "eu")];
        assert_eq!(
            headers,
            expected.map(|(name, value)| (name.to_owned(), value.to_owned()))
        );
        assert!(
            annotations
                .of_call("other", call.to_string().as_bytes())
                .is_empty()
        );
    }

    #[test]
    fn tools_that_ask_for_what_cannot_be_are_left_out() {
        let string = |header: &Value| json!({"type": "string", "x-mcp-header": header});
        let unfit = [
            tool("blank", &json!({"a": string(&json!("a b"))})),
            tool("empty", &json!({"a": string(&json!(""))})),
            tool(
                "number",
                &json!({"a": {"type": "number", "x-mcp-header": "A"}}),
            ),
            tool(
                "twice",
                &json!({"a": string(&json!("A")), "b": string(&json!("a"))}),
            ),
            tool(
                "items",
                &json!({"a": {"type": "array", "items": string(&json!("A"))}}),
            ),
            tool("any", &json!({"a": {"anyOf": [string(&json!("A"))]}})),
        ];
        let fit = tool("fit", &json!({"a": string(&json!("A"))}));
        let mut all = unfit.to_vec();
        all.insert(3, fit.clone());
        let learned = learn(&mut Annotations::default(), &json!(all));
        assert_eq!(
            learned.unfit,
            ["blank", "empty", "number", "twice", "items", "any"]
        );
        let without: Value = serde_json::from_slice(&learned.without.unwrap()).unwrap();
        assert_eq!(without["result"], json!({"tools": [fit], "x": 1.0}));
    }

    #[test]
    fn a_tool_that_no_longer_asks_is_forgotten() {
        let mut annotations = Annotations::default();
        let a = json!({"a": {"type": "string", "x-mcp-header": "A"}});
        learn(&mut annotations, &json!([tool("t", &a)]));
        learn(
            &mut annotations,
            &json!([tool("t", &json!({"a": {"type": "string"}}))]),
        );
        let call = json!({"params": {"arguments": {"a": "x"}}}).to_string();
        assert!(annotations.of_call("t", call.as_bytes()).is_empty());
    }
}
