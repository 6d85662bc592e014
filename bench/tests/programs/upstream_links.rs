//! The mock server on a Unix socket and behind TLS, and what it tells at its end.

use std::io::{BufRead, BufReader, Read};
use std::os::unix::net::UnixStream;
use std::process::{Command, Stdio};
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use rustix::process::{Pid, Signal, kill_process};
use serde_json::{Value, json};

use crate::process::Server;
use crate::raw::Raw;

/// Reads from a stream until this has come.
fn read_until(stream: &mut impl Read, end: &str) -> anyhow::Result<String> {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    while !String::from_utf8_lossy(&bytes).ends_with(end) {
        let count = stream.read(&mut piece)?;
        anyhow::ensure!(count > 0, "ended after {}", String::from_utf8_lossy(&bytes));
        bytes.extend_from_slice(&piece[..count]);
    }
    Ok(String::from_utf8(bytes)?)
}

const END: &str = "\"resultType\":\"complete\"}}";

#[test]
fn a_unix_socket_serves_as_an_address_does() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let directory = tempfile::tempdir()?;
        let path = directory.path().join("socket");
        let place = format!("unix:{}", path.display());
        let server = Server::start(&["upstream", "--driver", driver, "--listen", &place])?;
        assert_eq!(server.url, place);
        let stream = UnixStream::connect(&path)?;
        stream.set_read_timeout(Some(Duration::from_secs(20)))?;
        let mut client = Raw { stream };
        for id in 1..4 {
            client.call(id, "echo", json!({"answer_bytes": 100_000}))?;
            let answer = read_until(&mut client.stream, END)?;
            assert!(answer.contains(&format!("\"id\":{id},")) && answer.len() > 100_000);
        }
    }
    Ok(())
}

#[test]
fn tls_carries_small_and_large_answers() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let made = rcgen::generate_simple_self_signed(vec!["localhost".to_owned()])?;
    let (certificate, key) = (
        directory.path().join("c.pem"),
        directory.path().join("k.pem"),
    );
    std::fs::write(&certificate, made.cert.pem())?;
    std::fs::write(&key, made.signing_key.serialize_pem())?;
    let mut roots = rustls::RootCertStore::empty();
    roots.add(made.cert.der().clone())?;
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ClientConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_root_certificates(roots)
        .with_no_client_auth();
    let config = Arc::new(config);
    for driver in ["auto", "epoll"] {
        let (certificate, key) = (certificate.to_string_lossy(), key.to_string_lossy());
        let files = ["--tls-cert", &certificate, "--tls-key", &key];
        let server =
            Server::start(&[&["upstream", "--driver", driver], files.as_slice()].concat())?;
        let address = server.url.strip_prefix("https://").context("no https")?;
        let tcp = std::net::TcpStream::connect(address.trim_end_matches("/mcp"))?;
        tcp.set_read_timeout(Some(Duration::from_secs(20)))?;
        let name = "localhost".try_into()?;
        let session = rustls::ClientConnection::new(Arc::clone(&config), name)?;
        let mut client = Raw {
            stream: rustls::StreamOwned::new(session, tcp),
        };
        for bytes in [10, 100_000, 3_000_000, 10] {
            client.call(1, "echo", json!({"answer_bytes": bytes}))?;
            assert!(read_until(&mut client.stream, END)?.len() > bytes);
        }
    }
    Ok(())
}

#[test]
fn what_was_done_is_told_at_the_end() -> anyhow::Result<()> {
    for driver in ["auto", "epoll"] {
        let mut child = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
            .args([
                "upstream",
                "--stats",
                "--faults",
                "wrong-id",
                "--fault-every",
                "2",
            ])
            .args(["--driver", driver, "--die-with-parent"])
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()?;
        let mut output = BufReader::new(child.stdout.take().context("stdout")?);
        let mut line = String::new();
        output.read_line(&mut line)?;
        let address = line
            .trim()
            .strip_prefix("listening on http://")
            .context("no URL")?;
        let address = address.trim_end_matches("/mcp").to_owned();
        for _ in 0..5 {
            crate::http::modern(&address, "tools/call", json!({"name": "echo"}))?;
        }
        crate::http::modern(&address, "tools/list", json!({}))?;
        let pid = Pid::from_raw(i32::try_from(child.id())?).context("a process")?;
        kill_process(pid, Signal::TERM)?;
        let mut told = String::new();
        output.read_to_string(&mut told)?;
        assert!(child.wait()?.success());
        let stats: Value = serde_json::from_str(&told)?;
        assert_eq!(stats["calls"], json!({"tools/call": 5, "tools/list": 1}));
        assert_eq!(stats["faults"], json!({"wrong-id": 2}));
        assert_eq!(stats["connections"], 6);
        assert!(stats["bytes"]["received"].as_u64() > Some(600), "{stats}");
        assert!(stats["bytes"]["sent"].as_u64() > Some(2500), "{stats}");
    }
    Ok(())
}

#[test]
fn without_stats_a_signal_just_ends_it() -> anyhow::Result<()> {
    let mut child = Command::new(env!("CARGO_BIN_EXE_varistor-bench"))
        .args(["upstream", "--die-with-parent"])
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()?;
    let mut output = BufReader::new(child.stdout.take().context("stdout")?);
    output.read_line(&mut String::new())?;
    let pid = Pid::from_raw(i32::try_from(child.id())?).context("a process")?;
    kill_process(pid, Signal::TERM)?;
    let mut rest = Vec::new();
    output.read_to_end(&mut rest)?;
    child.wait()?;
    assert_eq!(rest, b"");
    Ok(())
}
