//! Lists in pages, streams that stay open, and sessions that are checked.

use std::time::Duration;

use serde_json::{Value, json};

use crate::http::{legacy, modern, open_session, send};
use crate::process::Server;
use crate::raw::Raw;

#[test]
fn a_list_of_many_tools_comes_in_pages() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let arguments = ["upstream", "--driver", driver, "--tools", "2500"];
        let server = Server::start(&[arguments.as_slice(), &["--page-size", "1000"]].concat())?;
        let (mut params, mut names, mut pages, mut bytes) = (json!({}), Vec::new(), 0, 0);
        loop {
            let answer = modern(server.address(), "tools/list", params)?;
            bytes += answer.body.len();
            let result = answer.message()?["result"].clone();
            for tool in result["tools"].as_array().into_iter().flatten() {
                names.push(tool["name"].as_str().unwrap_or_default().to_owned());
            }
            pages += 1;
            let Some(cursor) = result["nextCursor"].as_str() else {
                break;
            };
            params = json!({"cursor": cursor});
        }
        names.sort();
        names.dedup();
        assert_eq!((names.len(), pages), (2500, 3));
        assert!((250..800).contains(&(bytes / 2500)), "{bytes} bytes");
        let wrong = modern(server.address(), "tools/list", json!({"cursor": "1"}))?;
        assert_eq!(wrong.message()?["error"]["code"], -32602);
    }
    Ok(())
}

#[test]
fn a_hundred_thousand_tools_are_listed_at_once() -> anyhow::Result<()> {
    let arguments = ["upstream", "--tools", "100000", "--tool-bytes", "200"];
    let server = Server::start(&arguments)?;
    let list = modern(server.address(), "tools/list", json!({}))?.message()?;
    let tools = list["result"]["tools"].as_array().map(Vec::len);
    assert_eq!(tools, Some(100_000));
    Ok(())
}

/// Reads until this has come: a stream that goes on is never quiet.
fn wait_for(client: &mut Raw, text: &str) -> anyhow::Result<String> {
    use std::io::Read as _;
    client
        .stream
        .set_read_timeout(Some(Duration::from_secs(20)))?;
    let (mut all, mut piece) = (String::new(), [0; 4096]);
    while !all.contains(text) {
        let count = client.stream.read(&mut piece)?;
        anyhow::ensure!(count > 0, "ended with {all:?}");
        all.push_str(std::str::from_utf8(piece.get(..count).unwrap_or_default())?);
    }
    Ok(all)
}

#[test]
fn a_subscription_stays_open_and_tells_what_changes() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let arguments = ["upstream", "--driver", driver, "--notify-every-ms", "80"];
        let server = Server::start(&[arguments.as_slice(), &["--keep-alive-ms", "30"]].concat())?;
        let mut client = Raw::connect(server.address())?;
        let meta = json!({"io.modelcontextprotocol/protocolVersion": "2026-07-28"});
        client.post(
            &json!({"jsonrpc": "2.0", "id": "sub", "method": "subscriptions/listen",
            "params": {"_meta": meta, "notifications": {"toolsListChanged": true}}}),
        )?;
        let text = wait_for(&mut client, "notifications/tools/list_changed")?;
        let (head, body) = text.split_once("\r\n\r\n").unwrap_or_default();
        assert!(head.contains("text/event-stream"));
        let first = body.lines().find_map(|line| line.strip_prefix("data: "));
        let first: Value = serde_json::from_str(first.unwrap_or_default())?;
        assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
        let id = &first["params"]["_meta"]["io.modelcontextprotocol/subscriptionId"];
        assert_eq!(id, "sub");
        assert!(body.contains(": keep-alive\n"), "{body}");
        client.leave();
        let call = json!({"name": "echo"});
        assert_eq!(modern(server.address(), "tools/call", call)?.status, 200);
    }
    Ok(())
}

#[test]
fn a_stream_of_a_session_has_ids_and_a_time_to_come_back() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let arguments = ["upstream", "--driver", driver, "--event-ids", "--sse"];
        let server = Server::start(&[arguments.as_slice(), &["--notify-every-ms", "20"]].concat())?;
        let mut client = Raw::connect(server.address())?;
        let head = "GET /mcp HTTP/1.1\r\nHost: a\r\nAccept: text/event-stream\r\n\r\n";
        std::io::Write::write_all(&mut client.stream, head.as_bytes())?;
        let text = wait_for(&mut client, "id: 3\n")?;
        assert!(text.contains("id: 0\nretry: 500\ndata: \n\n"), "{text}");
        assert!(text.contains("id: 2\nevent: message\ndata: {"), "{text}");
        let session = open_session(server.address())?;
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "echo"}});
        let answer = legacy(server.address(), &session, &call)?;
        assert!(
            answer.body.contains("id: 1\nretry: 500\nevent"),
            "{}",
            answer.body
        );
        let modern = modern(server.address(), "tools/call", json!({"name": "echo"}))?;
        assert!(modern.body.starts_with("event"), "{}", modern.body);
        let json = [("Accept", "application/json")];
        assert_eq!(send(server.address(), "GET", &json, b"")?.status, 406);
    }
    Ok(())
}

#[test]
fn sessions_are_checked_where_they_are_strict() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let server = Server::start(&["upstream", "--driver", driver, "--strict-sessions"])?;
        let address = server.address();
        let call = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call",
            "params": {"name": "echo"}});
        let (one, two) = (open_session(address)?, open_session(address)?);
        assert_ne!(one, two);
        assert_eq!(legacy(address, &one, &call)?.status, 200);
        assert_eq!(legacy(address, "", &call)?.status, 400);
        assert_eq!(legacy(address, "guessed", &call)?.status, 404);
        let get = [("Accept", "text/event-stream")];
        assert_eq!(send(address, "GET", &get, b"")?.status, 400);
        let ending = [("Mcp-Session-Id", one.as_str())];
        assert_eq!(send(address, "DELETE", &ending, b"")?.status, 200);
        assert_eq!(legacy(address, &one, &call)?.status, 404);
        assert_eq!(legacy(address, &two, &call)?.status, 200);
        let modern = modern(address, "tools/call", json!({"name": "echo"}))?;
        assert_eq!(modern.status, 200);
    }
    Ok(())
}
