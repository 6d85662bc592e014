//! A script decides what happens to which call, and its mistakes are told.

use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::http::modern;
use crate::process::Server;

struct Scripted {
    server: Server,
    _directory: tempfile::TempDir,
}

fn write(text: &str) -> anyhow::Result<(tempfile::TempDir, PathBuf)> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("my.script");
    std::fs::write(&path, text)?;
    Ok((directory, path))
}

impl Scripted {
    fn start(driver: &str, text: &str) -> anyhow::Result<Self> {
        let (directory, path) = write(text)?;
        let path = path.to_string_lossy();
        Ok(Self {
            server: Server::start(&["upstream", "--driver", driver, "--script", &path])?,
            _directory: directory,
        })
    }

    fn ask(&self, method: &str, params: Value) -> anyhow::Result<crate::http::Response> {
        modern(self.server.address(), method, params)
    }

    fn call(&self, tool: &str) -> anyhow::Result<crate::http::Response> {
        self.ask("tools/call", json!({"name": tool, "arguments": {}}))
    }

    fn text_bytes(&self, tool: &str) -> anyhow::Result<usize> {
        let message = self.call(tool)?.message()?;
        let text = message["result"]["content"][0]["text"].as_str();
        Ok(text.unwrap_or_default().len())
    }
}

#[test]
fn rules_pick_calls_by_tool_method_and_number() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let scripted = Scripted::start(
            driver,
            "# sizes by tool\n\
             tool=big_* bytes=20KiB\n\
             tool=third every=3 bytes=3\n\
             tool=late after=2 times=1 bytes=5\n\
             method=tools/list fault=status-503\n\
             tool=twice structured plant=email bytes=100\n",
        )?;
        assert_eq!(scripted.text_bytes("big_one")?, 20 * 1024);
        let sizes = |tool: &str| -> anyhow::Result<Vec<usize>> {
            (0..6).map(|_| scripted.text_bytes(tool)).collect()
        };
        assert_eq!(sizes("third")?, [400, 400, 3, 400, 400, 3]);
        assert_eq!(sizes("late")?, [400, 400, 5, 400, 400, 400]);
        assert_eq!(scripted.ask("tools/list", json!({}))?.status, 503);
        let twice = scripted.call("twice")?.message()?;
        let text = twice["result"]["structuredContent"]["content"].as_str();
        assert!(text.unwrap_or_default().contains("@harbourmail"), "{twice}");
    }
    Ok(())
}

#[test]
fn chance_comes_again_from_its_seed() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let drawn = || -> anyhow::Result<Vec<u16>> {
            let text = "probability=0.5 seed=11 fault=status-500";
            let scripted = Scripted::start(driver, text)?;
            let statuses = (0..30).map(|_| Ok(scripted.call("echo")?.status));
            statuses.collect()
        };
        let first = drawn()?;
        assert_eq!(first, drawn()?);
        let failed = first.iter().filter(|status| **status == 500).count();
        assert!((5..26).contains(&failed), "{first:?}");
    }
    Ok(())
}

#[test]
fn rules_delay_and_pace_answers() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let scripted = Scripted::start(
            driver,
            "tool=fixed delay=120ms\n\
             tool=uniform delay=uniform:60ms..90ms\n\
             tool=exponential delay=exponential:20ms seed=3\n\
             tool=paced events=4 pace=40ms\n",
        )?;
        let took = |tool: &str| -> anyhow::Result<(Duration, String)> {
            let begun = Instant::now();
            let body = scripted.call(tool)?.body;
            Ok((begun.elapsed(), body))
        };
        assert!(took("fixed")?.0 >= Duration::from_millis(120));
        assert!(took("uniform")?.0 >= Duration::from_millis(60));
        let waits: Vec<Duration> = (0..20)
            .map(|_| Ok(took("exponential")?.0))
            .collect::<anyhow::Result<_>>()?;
        let mean = waits.iter().sum::<Duration>() / 20;
        assert!(mean > Duration::from_millis(8), "{mean:?}");
        let (paced, body) = took("paced")?;
        assert!(paced >= Duration::from_millis(120), "{paced:?}");
        assert_eq!(body.matches("event: message").count(), 4);
    }
    Ok(())
}

#[test]
fn a_call_has_the_last_word_and_the_options_the_first() -> anyhow::Result<()> {
    let (_directory, path) = write("tool=scripted bytes=50")?;
    let path = path.to_string_lossy();
    let arguments = ["upstream", "--answer-bytes", "70", "--script", &path];
    let server = Server::start(&arguments)?;
    for (tool, arguments, bytes) in [
        ("other", json!({}), 70),
        ("scripted", json!({}), 50),
        ("scripted", json!({"answer_bytes": 20}), 20),
    ] {
        let params = json!({"name": tool, "arguments": arguments});
        let message = modern(server.address(), "tools/call", params)?.message()?;
        let text = message["result"]["content"][0]["text"].as_str();
        assert_eq!(text.map(str::len), Some(bytes), "{tool}");
    }
    Ok(())
}

#[test]
fn what_cannot_be_done_is_told_at_the_start() -> anyhow::Result<()> {
    let (_directory, path) = write("delay=1ms\n\nevry=3 fault=half\n")?;
    let script = path.to_string_lossy().into_owned();
    for (arguments, told) in [
        (
            vec!["--script", &script],
            "my.script:3: `evry=3`: expected one of connection",
        ),
        (vec!["--script", "/no/such"], "cannot read /no/such"),
        (
            vec!["--stdio", "--faults", "bad-chunk"],
            "cannot be done on standard output",
        ),
        (vec!["--faults", "garbage"], "cannot be done over HTTP"),
    ] {
        let output = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .arg("upstream")
            .args(&arguments)
            .stdin(Stdio::null())
            .output()?;
        let errors = String::from_utf8_lossy(&output.stderr);
        assert!(
            !output.status.success() && errors.contains(told),
            "{errors}"
        );
    }
    Ok(())
}
