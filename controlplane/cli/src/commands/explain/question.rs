//! What one line of standard input asks: a message, and perhaps where it belongs.
//!
//! A line with a member `message` and none named `jsonrpc` is a wrapper around the message;
//! everything else is the message itself, whatever is wrong with it.

use std::borrow::Cow;

use clap::ValueEnum;
use serde::Deserialize;
use serde_json::value::RawValue;

/// Which way a message travels.
#[derive(Clone, Copy, Debug, PartialEq, Eq, ValueEnum)]
pub(super) enum Direction {
    /// From the agent to the server
    Request,
    /// From the server to the agent
    Response,
}

/// One line, understood.
#[derive(Debug, PartialEq)]
pub(super) struct Question<'l> {
    /// The server that the wrapper names.
    pub(super) server: Option<Cow<'l, str>>,
    /// The tool that a response belongs to, by the wrapper.
    pub(super) tool: Option<Cow<'l, str>>,
    /// The method that a response belongs to, by the wrapper.
    pub(super) method: Option<Cow<'l, str>>,
    /// The direction that the wrapper states.
    pub(super) direction: Option<Direction>,
    /// The message, byte for byte.
    pub(super) message: Cow<'l, [u8]>,
}

/// The members that make a wrapper. Others are left to who wrote them, as labels of their own.
#[derive(Deserialize)]
struct Wrapper<'l> {
    #[serde(borrow)]
    jsonrpc: Option<&'l RawValue>,
    #[serde(borrow)]
    server: Option<&'l RawValue>,
    #[serde(borrow)]
    tool: Option<&'l RawValue>,
    #[serde(borrow)]
    method: Option<&'l RawValue>,
    #[serde(borrow)]
    direction: Option<&'l RawValue>,
    #[serde(borrow)]
    message: Option<&'l RawValue>,
}

impl<'l> Question<'l> {
    /// What the line asks, or what is wrong with the wrapper: found and expected.
    pub(super) fn of(line: &'l [u8]) -> Result<Self, String> {
        match serde_json::from_slice::<Wrapper<'l>>(line) {
            Ok(
                wrapper @ Wrapper {
                    jsonrpc: None,
                    message: Some(message),
                    ..
                },
            ) => wrapper.open(message),
            _ => Ok(Self {
                server: None,
                tool: None,
                method: None,
                direction: None,
                message: Cow::Borrowed(line),
            }),
        }
    }
}

impl<'l> Wrapper<'l> {
    fn open(&self, message: &'l RawValue) -> Result<Question<'l>, String> {
        let message = message.get();
        let message = if message.starts_with('"') {
            match string(message) {
                Some(Cow::Borrowed(text)) => Cow::Borrowed(text.as_bytes()),
                Some(Cow::Owned(text)) => Cow::Owned(text.into_bytes()),
                None => return Err("`message` is a string that can't be decoded".to_owned()),
            }
        } else {
            Cow::Borrowed(message.as_bytes())
        };
        Ok(Question {
            server: text("server", self.server)?,
            tool: text("tool", self.tool)?,
            method: text("method", self.method)?,
            direction: text("direction", self.direction)?
                .map(|word| direction(&word))
                .transpose()?,
            message,
        })
    }
}

fn direction(word: &str) -> Result<Direction, String> {
    match word {
        "request" => Ok(Direction::Request),
        "response" => Ok(Direction::Response),
        other => Err(format!(
            "`direction` is {other:?}; expected \"request\" or \"response\""
        )),
    }
}

fn text<'l>(name: &str, value: Option<&'l RawValue>) -> Result<Option<Cow<'l, str>>, String> {
    let Some(value) = value else {
        return Ok(None);
    };
    let read = string(value.get()).map(Some);
    read.ok_or_else(|| format!("`{name}` is no string; expected a name in quotes"))
}

/// A JSON string, borrowed where it has no escapes.
fn string(json: &str) -> Option<Cow<'_, str>> {
    #[derive(Deserialize)]
    struct Text<'t>(#[serde(borrow)] Cow<'t, str>);
    serde_json::from_str::<Text<'_>>(json)
        .ok()
        .map(|text| text.0)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn of(line: &str) -> Question<'_> {
        Question::of(line.as_bytes()).unwrap()
    }

    #[test]
    fn a_wrapper_has_a_message_and_no_jsonrpc() {
        let whole = of(
            r#"{"server":"crm","tool":"get","direction":"response","id":7,
            "message":{"a" : 1}}"#,
        );
        assert_eq!(whole.server.as_deref(), Some("crm"));
        assert_eq!(whole.tool.as_deref(), Some("get"));
        assert_eq!(whole.direction, Some(Direction::Response));
        assert_eq!(&*whole.message, br#"{"a" : 1}"#);
        for line in [
            r#"{"jsonrpc":"2.0","id":1,"method":"x","message":{}}"#,
            r#"{"server":"crm"}"#,
            r#"{"message":1,"message":2}"#,
            "[1]",
            "{",
            "",
        ] {
            assert_eq!(&*of(line).message, line.as_bytes());
            assert_eq!(of(line).server, None);
        }
    }

    #[test]
    fn a_message_in_a_string_is_taken_as_its_bytes() {
        assert_eq!(
            &*of(r#"{"message":"{\"a\":\t1}\n"}"#).message,
            b"{\"a\":\t1}\n"
        );
        assert_eq!(&*of(r#"{"message":"not json"}"#).message, b"not json");
        assert_eq!(&*of(r#"{"message":5}"#).message, b"5");
    }

    #[test]
    fn a_wrong_wrapper_says_what_is_wrong() {
        for (line, word) in [
            (r#"{"message":{},"server":5}"#, "`server`"),
            (r#"{"message":{},"tool":[]}"#, "`tool`"),
            (r#"{"message":{},"direction":"up"}"#, "\"up\""),
            (r#"{"message":"\ud800"}"#, "`message`"),
        ] {
            let error = Question::of(line.as_bytes()).unwrap_err();
            assert!(error.contains(word), "{error}");
        }
    }
}
