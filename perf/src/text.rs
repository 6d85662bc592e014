//! The messages that are measured: fixed texts of exact sizes, with nothing sensitive in them
//! unless they say so.

/// Words of business text, for padding: digits, dashes and capitals appear as they do in records.
const PROSE: &str = "The customer asked on 12 March for a copy of order 8841 and the delivery \
    note, because the parcel arrived two days late at the warehouse in Rotterdam. Support \
    answered the same afternoon, promised a refund of the shipping costs, and closed the ticket as \
    solved. ";

/// An agent's HTTP request with this body.
#[must_use]
pub fn request(token: &str, body: &str) -> String {
    format!(
        "POST /mcp/github HTTP/1.1\r\nHost: 127.0.0.1:7332\r\nUser-Agent: python-httpx/0.28.1\r\n\
         Accept: application/json, text/event-stream\r\nContent-Type: application/json\r\n\
         Authorization: Bearer {token}\r\nMCP-Protocol-Version: 2025-11-25\r\n\
         Content-Length: {}\r\n\r\n{body}",
        body.len()
    )
}

/// A call of `tool` in exactly `bytes`; `extra` stands in its arguments.
///
/// # Panics
/// When it does not fit.
#[must_use]
pub fn call(tool: &str, bytes: usize, extra: &str) -> String {
    let note = |text: &str| {
        let begin = r#"{"jsonrpc":"2.0","id":17,"method":"tools/call","params":{"name":""#;
        let issue = r#"","arguments":{"owner":"acme","repository":"billing","number":1042,"#;
        let labels = r#""labels":["bug","p2"],"contact":""#;
        let note = r#"","draft":false,"note":""#;
        [begin, tool, issue, labels, extra, note, text, r#""}}}"#].concat()
    };
    padded(note, bytes)
}

/// The answer to [`call`] in exactly `bytes`: one text, as most tools give.
///
/// # Panics
/// When it does not fit.
#[must_use]
pub fn result(bytes: usize, extra: &str) -> String {
    let answer = |text: &str| {
        let begin = r#"{"jsonrpc":"2.0","id":17,"result":{"content":[{"type":"text","text":""#;
        let contact = r#"{\"state\":\"open\",\"contact\":\""#;
        let body = r#"\",\"body\":\""#;
        let end = r#"\"}"}],"isError":false}}"#;
        [begin, contact, extra, body, text, end].concat()
    };
    padded(answer, bytes)
}

/// The request for the list of tools.
#[must_use]
pub fn list() -> String {
    r#"{"jsonrpc":"2.0","id":17,"method":"tools/list","params":{}}"#.to_owned()
}

/// A list of `count` tools with descriptions and schemas; every second one is called `get_`.
#[must_use]
pub fn tools(count: usize) -> String {
    let tool = |at: usize| {
        let verb = if at.is_multiple_of(2) {
            "get"
        } else {
            "create"
        };
        let description = &PROSE[..100 + at % 60];
        let schema = concat!(
            r#""inputSchema":{"type":"object","properties":{"id":{"type":"string","#,
            r#""description":"which one"},"limit":{"type":"integer","minimum":1}},"#,
            r#""required":["id"]},"annotations":{"readOnlyHint":true}"#
        );
        format!(r#"{{"name":"{verb}_thing_{at}","description":"{description}",{schema}}}"#)
    };
    let tools: Vec<String> = (0..count).map(tool).collect();
    format!(
        r#"{{"jsonrpc":"2.0","id":17,"result":{{"tools":[{}]}}}}"#,
        tools.join(",")
    )
}

/// The head of an upstream's answer to a request.
#[must_use]
pub fn answer_head(bytes: usize) -> String {
    format!(
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nDate: Mon, 23 Nov 2026 11:22:33 GMT\
         \r\nServer: uvicorn\r\nContent-Length: {bytes}\r\n\r\n"
    )
}

/// A key that looks like a cloud provider's, put together so that no scanner of repositories
/// finds it here.
#[must_use]
pub fn secret() -> String {
    ["AKIA", "Z7Q2M4X9R8W5T3P6"].concat()
}

fn padded(text: impl Fn(&str) -> String, bytes: usize) -> String {
    let bare = text("").len();
    let missing = bytes.checked_sub(bare).expect("the text is longer");
    let prose: String = PROSE.chars().cycle().take(missing).collect();
    text(&prose)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn texts_have_the_size_that_they_are_asked_for() {
        assert_eq!(call("get_issue", 400, "").len(), 400);
        assert_eq!(result(500, "jane@example.com").len(), 500);
        assert_eq!(result(16 << 10, "").len(), 16 << 10);
    }

    #[test]
    fn texts_are_json_of_the_right_kind() {
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).unwrap();
        assert_eq!(read(&call("x", 400, ""))["params"]["name"], "x");
        assert_eq!(read(&list())["method"], "tools/list");
        let tools = read(&tools(100));
        assert_eq!(tools["result"]["tools"].as_array().unwrap().len(), 100);
        let inner = read(&result(500, "a"))["result"]["content"][0]["text"].clone();
        assert_eq!(read(inner.as_str().unwrap())["contact"], "a");
    }
}
