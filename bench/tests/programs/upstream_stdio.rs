//! The mock server on standard input and output: the same answers and faults, line by line.

use std::io::{BufRead, BufReader, Read, Write};
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context;
use serde_json::{Value, json};

struct Lines {
    child: Child,
    input: Option<ChildStdin>,
    output: BufReader<ChildStdout>,
}

impl Lines {
    fn start(arguments: &[&str]) -> anyhow::Result<Self> {
        let mut child = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .args(["upstream", "--stdio", "--die-with-parent"])
            .args(arguments)
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::piped())
            .spawn()?;
        Ok(Self {
            input: child.stdin.take(),
            output: BufReader::new(child.stdout.take().context("stdout")?),
            child,
        })
    }

    fn say(&mut self, message: &Value) -> anyhow::Result<()> {
        let input = self.input.as_mut().context("standard input")?;
        Ok(writeln!(input, "{message}")?)
    }

    fn call(&mut self, id: u32, arguments: Value) -> anyhow::Result<()> {
        let params = json!({"name": "echo", "arguments": arguments,
            "_meta": {"progressToken": id}});
        self.say(&json!({"jsonrpc": "2.0", "id": id, "method": "tools/call", "params": params}))
    }

    fn line(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        self.output.read_line(&mut line)?;
        Ok(line)
    }

    fn message(&mut self) -> anyhow::Result<Value> {
        let line = self.line()?;
        serde_json::from_str(&line).with_context(|| format!("{line:?}"))
    }

    /// Closes standard input; what is left on both outputs, and whether the process succeeded.
    fn end(mut self) -> anyhow::Result<(String, String, bool)> {
        drop(self.input.take());
        let (mut rest, mut errors) = (String::new(), String::new());
        self.output.read_to_string(&mut rest)?;
        let stderr = self.child.stderr.as_mut().context("stderr")?;
        stderr.read_to_string(&mut errors)?;
        let succeeded = self.child.wait()?.success();
        Ok((rest, errors, succeeded))
    }
}

impl Drop for Lines {
    fn drop(&mut self) {
        drop(self.child.kill());
        drop(self.child.wait());
    }
}

#[test]
fn messages_are_answered_line_by_line() -> anyhow::Result<()> {
    let mut server = Lines::start(&["--stats", "--tools", "3"])?;
    server.say(&json!({"jsonrpc": "2.0", "id": 1, "method": "initialize",
        "params": {"protocolVersion": "2025-06-18"}}))?;
    let opened = server.message()?;
    assert_eq!(opened["result"]["protocolVersion"], "2025-06-18");
    server.say(&json!({"jsonrpc": "2.0", "method": "notifications/initialized"}))?;
    server.say(&json!({"jsonrpc": "2.0", "id": 2, "method": "tools/list"}))?;
    let list = server.message()?;
    assert_eq!(list["result"]["tools"].as_array().map(Vec::len), Some(3));
    server.call(3, json!({"answer_bytes": 5, "events": 3}))?;
    for number in 1..3 {
        let progress = server.message()?;
        assert_eq!(progress["method"], "notifications/progress");
        assert_eq!(progress["params"]["progress"], number);
    }
    let answer = server.message()?;
    assert_eq!(
        (&answer["id"], &answer["result"]["content"][0]["text"]),
        (&json!(3), &json!("The q"))
    );
    server.say(&json!([1]))?;
    assert_eq!(server.message()?["error"]["code"], -32700);
    let (rest, errors, succeeded) = server.end()?;
    assert!(succeeded && rest.is_empty(), "{rest}");
    let stats: Value = serde_json::from_str(errors.trim())?;
    let calls = json!({"initialize": 1, "tools/list": 1, "tools/call": 1});
    assert_eq!(
        (&stats["calls"], &stats["notifications"]),
        (&calls, &json!(1))
    );
    Ok(())
}

#[test]
fn a_waiting_answer_is_overtaken_and_still_sent() -> anyhow::Result<()> {
    let mut server = Lines::start(&[])?;
    let begun = Instant::now();
    server.call(1, json!({"delay_ms": 300}))?;
    server.call(2, json!({}))?;
    assert_eq!(server.message()?["id"], 2);
    let (rest, _, succeeded) = server.end()?;
    let late: Value = serde_json::from_str(&rest)?;
    assert!(succeeded && late["id"] == 1);
    assert!(begun.elapsed() >= Duration::from_millis(300));
    Ok(())
}

#[test]
fn lines_go_wrong_as_their_faults_say() -> anyhow::Result<()> {
    let whole = {
        let mut server = Lines::start(&[])?;
        server.call(1, json!({}))?;
        server.line()?
    };
    let half = &whole[..whole.len() / 2];
    let garbage = format!("warning: this line is no message\n{whole}");
    let twice = whole.repeat(2);
    for (fault, expected, succeeds) in [
        ("reset", "", false),
        ("half", half, false),
        ("half-open", half, true),
        ("silent", "", true),
        ("garbage", garbage.as_str(), true),
        ("no-newline", whole.trim_end(), true),
        ("duplicate", twice.as_str(), true),
    ] {
        let mut server = Lines::start(&["--faults", fault])?;
        server.call(1, json!({}))?;
        let (rest, errors, succeeded) = server.end()?;
        assert_eq!(
            (rest.as_str(), succeeded),
            (expected, succeeds),
            "{fault}: {errors}"
        );
    }
    let mut server = Lines::start(&["--faults", "wrong-id"])?;
    server.call(1, json!({}))?;
    assert_eq!(server.message()?["id"], "another-request");
    let mut server = Lines::start(&["--faults", "malformed-json"])?;
    server.call(1, json!({}))?;
    assert!(server.message().is_err());
    let mut server = Lines::start(&["--faults", "slow"])?;
    server.call(1, json!({}))?;
    let begun = Instant::now();
    let mut bytes = [0; 2];
    server.output.read_exact(&mut bytes)?;
    assert!(begun.elapsed() >= Duration::from_millis(990));
    Ok(())
}

#[test]
fn a_subscription_goes_on_between_the_answers() -> anyhow::Result<()> {
    let mut server = Lines::start(&["--notify-every-ms", "20"])?;
    server.say(&json!({"jsonrpc": "2.0", "id": 9, "method": "subscriptions/listen"}))?;
    let first = server.message()?;
    assert_eq!(first["method"], "notifications/subscriptions/acknowledged");
    for _ in 0..2 {
        assert_eq!(
            server.message()?["method"],
            "notifications/tools/list_changed"
        );
    }
    server.call(4, json!({}))?;
    while server.message()?["id"] != 4 {}
    let (_, _, succeeded) = server.end()?;
    assert!(succeeded);
    Ok(())
}
