//! One server as a client has it: a program, or a URL with headers. Refuses what the gateway can't
//! stand in for, with the reason.

use serde_json::Value;

use crate::client::Client;
use crate::plan::Why;

/// A server of a client, its variables not yet put in.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Entry {
    /// How it is reached.
    pub transport: Transport,
}

/// How a server is reached.
#[derive(Clone, Debug, PartialEq, Eq)]
pub enum Transport {
    /// The client starts it.
    Stdio(Program),
    /// It is somewhere.
    Http {
        /// Where.
        url: String,
        /// Whether it speaks the older transport, HTTP+SSE.
        is_sse: bool,
        /// What is sent along.
        headers: Vec<(String, String)>,
        /// Headers whose values are variables of the client's environment; a prefix, and the name
        /// of the variable.
        from_env: Vec<(String, &'static str, String)>,
    },
}

/// A program that a client starts.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Program {
    /// The program.
    pub program: String,
    /// Its arguments.
    pub arguments: Vec<String>,
    /// Its variables.
    pub env: Vec<(String, String)>,
    /// Variables that it gets from the client's own environment.
    pub inherited: Vec<String>,
    /// A file of further variables.
    pub env_file: Option<String>,
    /// Where it runs.
    pub directory: Option<String>,
}

/// Reads a server.
///
/// # Errors
/// Why it has to stay where it is.
pub fn read(client: &Client, value: &Value) -> Result<Entry, Why> {
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    if value.get("source").and_then(Value::as_str) == Some("extension") {
        return Err(Why::Extension);
    }
    if let Some(command) = value.get("command") {
        return stdio(value, command);
    }
    let url = ["url", "serverUrl", "httpUrl"]
        .iter()
        .find_map(|key| text(key));
    let Some(url) = url else {
        return Err(Why::NoServer);
    };
    let is_sse = match text("type").or_else(|| text("transport")) {
        Some(kind) => kind == "sse",
        // These speak the older transport where there is `url` alone.
        None if ["gemini", "qwen"].contains(&client.id) => value.get("httpUrl").is_none(),
        None => url.trim_end_matches('/').ends_with("/sse"),
    };
    if ["auth", "oauth"]
        .iter()
        .any(|key| value.get(key).is_some_and(Value::is_object))
    {
        return Err(Why::Login);
    }
    let mut headers = texts(value, "headers")?;
    headers.extend(texts(value, "http_headers")?);
    let mut from_env = Vec::new();
    for (name, variable) in texts(value, "env_http_headers")? {
        from_env.push((name, "", variable));
    }
    if let Some(variable) = text("bearer_token_env_var") {
        from_env.push(("Authorization".to_owned(), "Bearer ", variable));
    }
    Ok(Entry {
        transport: Transport::Http {
            url,
            is_sse,
            headers,
            from_env,
        },
    })
}

fn stdio(value: &Value, command: &Value) -> Result<Entry, Why> {
    // Zed once put everything under `command`.
    let (command, value) = match command {
        Value::Object(inner) => (inner.get("path").ok_or(Why::NoServer)?, command),
        other => (other, value),
    };
    let mut words = match command {
        Value::String(program) => vec![program.clone()],
        Value::Array(_) => list(command)?,
        _ => return Err(Why::NoServer),
    };
    if words.first().is_none_or(String::is_empty) {
        return Err(Why::NoServer);
    }
    let program = words.remove(0);
    let mut arguments = words;
    if let Some(more) = value.get("args") {
        arguments.extend(list(more)?);
    }
    let mut env = texts(value, "env")?;
    env.extend(texts(value, "environment")?);
    let inherited = match value.get("env_vars") {
        Some(names) => list(names)?,
        None => Vec::new(),
    };
    let text = |key: &str| value.get(key).and_then(Value::as_str).map(str::to_owned);
    Ok(Entry {
        transport: Transport::Stdio(Program {
            program,
            arguments,
            env,
            inherited,
            env_file: text("envFile"),
            directory: text("cwd"),
        }),
    })
}

fn list(value: &Value) -> Result<Vec<String>, Why> {
    let all = value.as_array().ok_or(Why::NoServer)?;
    let texts = all.iter().map(|one| scalar(one).ok_or(Why::NoServer));
    texts.collect()
}

fn texts(value: &Value, key: &str) -> Result<Vec<(String, String)>, Why> {
    let Some(value) = value.get(key).filter(|value| !value.is_null()) else {
        return Ok(Vec::new());
    };
    let members = value.as_object().ok_or(Why::NoServer)?.iter();
    members
        .map(|(key, value)| Ok((key.clone(), scalar(value).ok_or(Why::NoServer)?)))
        .collect()
}

/// Clients write numbers and words where texts are meant.
fn scalar(value: &Value) -> Option<String> {
    match value {
        Value::String(text) => Some(text.clone()),
        Value::Number(number) => Some(number.to_string()),
        Value::Bool(word) => Some(word.to_string()),
        _ => None,
    }
}
