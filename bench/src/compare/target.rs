//! A gateway that somebody else has started: `NAME=URL,pid=PID,header=NAME: VALUE`.

use anyhow::{Context as _, bail, ensure};

/// What `--target` says.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Target {
    pub(super) name: String,
    pub(super) url: String,
    /// Its processes; what they start is found.
    pub(super) pids: Vec<u32>,
    /// Sent with every request.
    pub(super) headers: Vec<String>,
    /// The name of the tool there.
    pub(super) tool: String,
    /// Whether it wants sessions of 2025-11-25.
    pub(super) legacy: bool,
}

impl Target {
    /// Reads it. A comma in a header's value is part of it unless one of our keys follows.
    ///
    /// # Errors
    /// A part that is none of them.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let (name, rest) = text.split_once('=').context("expected NAME=URL")?;
        let mut parts = parts(rest).into_iter();
        let url = parts.next().unwrap_or_default();
        ensure!(!name.is_empty(), "expected NAME=URL, found no name");
        ensure!(
            url.starts_with("http://"),
            "expected a URL that begins with http://, found {url:?}"
        );
        ensure!(
            !url.contains(['@', '?']),
            "expected a URL of host and path, as it is kept with the numbers; what is secret \
             belongs into header="
        );
        let mut target = Self {
            name: name.to_owned(),
            url,
            pids: Vec::new(),
            headers: Vec::new(),
            tool: "echo".to_owned(),
            legacy: false,
        };
        for part in parts {
            let (key, value) = part.split_once('=').unwrap_or((&part, ""));
            match key {
                "pid" => target.pids.push(
                    value
                        .parse()
                        .with_context(|| format!("expected pid=NUMBER, found {part:?}"))?,
                ),
                "header" => {
                    ensure!(
                        value.contains(':'),
                        "expected header=NAME: VALUE, found {part:?}"
                    );
                    target.headers.push(value.to_owned());
                }
                "tool" => target.tool = value.to_owned(),
                "era" if value == "modern" => target.legacy = false,
                "era" if value == "legacy" => target.legacy = true,
                _ => {
                    bail!("expected pid=, header=, tool=, era=modern or era=legacy, found {part:?}")
                }
            }
        }
        Ok(target)
    }
}

/// Splits at commas that a key follows.
fn parts(text: &str) -> Vec<String> {
    let keys = ["pid=", "header=", "tool=", "era="];
    let mut parts: Vec<String> = Vec::new();
    for piece in text.split(',') {
        match parts.last_mut() {
            Some(last)
                if last.starts_with("header=")
                    && !keys.iter().any(|key| piece.starts_with(key)) =>
            {
                last.push(',');
                last.push_str(piece);
            }
            _ => parts.push(piece.to_owned()),
        }
    }
    parts
}

#[cfg(test)]
mod tests {
    use super::Target;

    #[test]
    fn several_processes_and_headers_are_understood() {
        let text = "forge=http://127.0.0.1:1/servers/a/mcp,pid=7,pid=8,tool=up-echo,era=legacy,\
                    header=Authorization: Bearer a,header=Accept-Language: de, en";
        let target = Target::parse(text).unwrap();
        assert_eq!(target.name, "forge");
        assert_eq!(target.url, "http://127.0.0.1:1/servers/a/mcp");
        assert_eq!(target.pids, [7, 8]);
        assert_eq!(
            target.headers,
            ["Authorization: Bearer a", "Accept-Language: de, en"]
        );
        assert_eq!((target.tool.as_str(), target.legacy), ("up-echo", true));
    }

    #[test]
    fn what_is_not_understood_is_refused_with_what_was_found() {
        for (text, part) in [
            ("http://127.0.0.1:1", "NAME=URL"),
            ("x=https://a", "https://a"),
            ("x=http://me:pass@a/mcp", "header="),
            ("x=http://a/mcp?token=1", "header="),
            ("x=http://a,pid=z", "pid=z"),
            ("x=http://a,header=z", "header=z"),
            ("x=http://a,era=old", "era=old"),
            ("x=http://a,color=red", "color=red"),
        ] {
            let error = format!("{:#}", Target::parse(text).unwrap_err());
            assert!(error.contains(part), "{error}");
            assert!(
                !error.contains("pass") && !error.contains("token"),
                "{error}"
            );
        }
    }
}
