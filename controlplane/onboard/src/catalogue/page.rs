//! One answer of a registry (`GET /v0/servers`), a file of such answers' servers, or one
//! `server.json`. Refuses what is none of them; servers that break the format are left out, each
//! with the reason.

use serde_json::Value;

use super::check::faults;
use super::server::Server;

/// What the official registry says of an entry.
const OFFICIAL: &str = "io.modelcontextprotocol.registry/official";
/// Largest page that is read, in bytes.
const BYTES_MAX: usize = 64 << 20;

/// What a page holds.
#[derive(Debug, Default)]
pub struct Page {
    /// Its servers: those in use, in their newest version.
    pub servers: Vec<Server>,
    /// Those that break the format, and why.
    pub faulty: Vec<(String, String)>,
    /// What the next page is asked for with.
    pub next: Option<String>,
}

/// Why a page can't be used.
#[derive(Debug, thiserror::Error)]
pub enum PageError {
    /// Too much.
    #[error("it is larger than 64 MiB")]
    TooLarge,
    /// Not the format.
    #[error("it is no page of a registry, and no server.json: {what}")]
    Malformed {
        /// What is wrong.
        what: String,
    },
}

/// Reads a page.
///
/// # Errors
/// [`PageError`].
pub fn page(bytes: &[u8]) -> Result<Page, PageError> {
    if bytes.len() > BYTES_MAX {
        return Err(PageError::TooLarge);
    }
    let malformed = |what: String| PageError::Malformed { what };
    let value: Value =
        serde_json::from_slice(bytes).map_err(|error| malformed(error.to_string()))?;
    let inner = value.get("data").unwrap_or(&value);
    let listed = inner
        .get("servers")
        .or_else(|| inner.as_array().map(|_| inner));
    let rows = match listed {
        Some(Value::Array(rows)) => rows.iter().collect(),
        None if value.get("name").is_some() => vec![&value],
        _ => return Err(malformed("there is no list `servers` in it".to_owned())),
    };
    let mut page = Page {
        next: next(&value),
        ..Page::default()
    };
    for row in rows {
        let server = row.get("server").unwrap_or(row);
        if is_over(row.get("_meta")) || is_over(server.get("_meta")) {
            continue;
        }
        match read(server) {
            Ok(server) => page.servers.push(server),
            Err(why) => {
                let name = server.get("name").and_then(Value::as_str);
                page.faulty.push((name.unwrap_or("?").to_owned(), why));
            }
        }
    }
    Ok(page)
}

fn read(value: &Value) -> Result<Server, String> {
    let server: Server =
        serde_json::from_value(value.clone()).map_err(|error| error.to_string())?;
    match faults(&server).into_iter().next() {
        None => Ok(server),
        Some(fault) => Err(fault),
    }
}

/// Whether the registry says that an entry is withdrawn, or that there is a newer version.
fn is_over(meta: Option<&Value>) -> bool {
    let Some(official) = meta.and_then(|meta| meta.get(OFFICIAL)) else {
        return false;
    };
    let status = official.get("status").and_then(Value::as_str);
    let latest = official
        .get("isLatest")
        .or_else(|| official.get("is_latest"));
    latest == Some(&Value::Bool(false)) || status.is_some_and(|status| status != "active")
}

fn next(value: &Value) -> Option<String> {
    let metadata = value.get("metadata")?;
    let next = metadata
        .get("nextCursor")
        .or_else(|| metadata.get("next_cursor"))?;
    let next = next.as_str().filter(|next| !next.is_empty())?;
    Some(next.to_owned())
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(text: &str) -> Vec<String> {
        let page = page(text.as_bytes()).unwrap();
        page.servers.into_iter().map(|server| server.name).collect()
    }

    #[test]
    fn answers_old_and_new_files_and_single_servers_are_read() {
        let one = r#"{"name":"a.b/c","description":"d","version":"1.0.0"}"#;
        assert_eq!(names(one), ["a.b/c"]);
        assert_eq!(names(&format!("[{one}]")), ["a.b/c"]);
        assert_eq!(names(&format!(r#"{{"servers":[{one}]}}"#)), ["a.b/c"]);
        let text = format!(
            r#"{{"servers":[{{"server":{one},"_meta":{{}}}}],
                "metadata":{{"count":1,"nextCursor":"x/y"}}}}"#
        );
        assert_eq!(names(&text), ["a.b/c"]);
        assert_eq!(page(text.as_bytes()).unwrap().next.as_deref(), Some("x/y"));
        for bad in ["", "{}", "3", r#"{"servers":1}"#] {
            assert!(page(bad.as_bytes()).is_err(), "{bad}");
        }
    }

    #[test]
    fn what_is_withdrawn_old_or_broken_is_left_out() {
        let row = |name: &str, official: &str| {
            format!(
                r#"{{"server":{{"name":"{name}","description":"d","version":"1.0.0"}},
                    "_meta":{{"{OFFICIAL}":{official}}}}}"#
            )
        };
        let rows = [
            row("a.b/kept", r#"{"status":"active","isLatest":true}"#),
            row("a.b/old", r#"{"status":"active","isLatest":false}"#),
            row("a.b/gone", r#"{"status":"deleted"}"#),
            row("no name", r#"{"status":"active"}"#),
        ];
        let text = format!(r#"{{"servers":[{}]}}"#, rows.join(","));
        let page = page(text.as_bytes()).unwrap();
        assert_eq!(page.servers.len(), 1);
        assert_eq!(page.servers[0].name, "a.b/kept");
        assert_eq!(page.faulty.len(), 1);
        assert!(page.faulty[0].1.contains("its name"), "{:?}", page.faulty);
    }
}
