//! Every fault of the mock server does what it is called, on both drivers.

use std::net::{SocketAddr, TcpStream};
use std::time::{Duration, Instant};

use serde_json::{Value, json};

use crate::process::Server;
use crate::raw::{Ended, Raw, Seen};

const DRIVERS: [&str; 2] = ["auto", "epoll"];
const SHORT: Duration = Duration::from_millis(300);

/// The answer to one call of a server with these options.
fn seen(driver: &str, options: &[&str]) -> anyhow::Result<Seen> {
    let server = Server::start(&[&["upstream", "--driver", driver], options].concat())?;
    let mut client = Raw::connect(server.address())?;
    client.call(7, "echo", json!({}))?;
    client.see(SHORT)
}

fn whole(driver: &str) -> anyhow::Result<String> {
    let seen = seen(driver, &[])?;
    assert_eq!(seen.ended, Ended::Open);
    Ok(seen.text)
}

#[test]
fn an_answer_stops_where_its_fault_says() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let whole = whole(driver)?;
        for (fault, share, ended) in [
            ("reset", 0, Ended::Reset),
            ("half", 1, Ended::Closed),
            ("half-open", 1, Ended::Open),
            ("silent", 0, Ended::Open),
            ("stale", 2, Ended::Closed),
        ] {
            let seen = seen(driver, &["--faults", fault])?;
            let expected = &whole[..whole.len() * share / 2];
            assert_eq!(
                (seen.text.as_str(), seen.ended),
                (expected, ended),
                "{fault}"
            );
        }
    }
    Ok(())
}

#[test]
fn other_ends_are_in_order_where_resets_may_happen() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let arguments = ["upstream", "--driver", driver, "--faults", "reset"];
        let server = Server::start(&[arguments.as_slice(), &["--fault-every", "2"]].concat())?;
        let mut client = Raw::connect(server.address())?;
        client.call(7, "echo", json!({}))?;
        assert!(client.see(SHORT)?.body().contains("\"id\":7"));
        client.call(8, "echo", json!({}))?;
        assert_eq!(client.see(SHORT)?.ended, Ended::Reset);
        let answer = crate::http::modern(server.address(), "tools/call", json!({"name": "echo"}))?;
        assert_eq!(answer.status, 200);
    }
    Ok(())
}

#[test]
fn bytes_trickle_where_a_fault_is_slow() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let server = Server::start(&["upstream", "--driver", driver, "--faults", "slow"])?;
        let mut client = Raw::connect(server.address())?;
        client.call(7, "echo", json!({}))?;
        let begun = Instant::now();
        client
            .stream
            .set_read_timeout(Some(Duration::from_secs(5)))?;
        let mut byte = [0; 8];
        for _ in 0..2 {
            assert_eq!(std::io::Read::read(&mut client.stream, &mut byte)?, 1);
        }
        assert!(
            begun.elapsed() >= Duration::from_millis(990),
            "{:?}",
            begun.elapsed()
        );

        let whole = whole(driver)?;
        let head = whole.len() - whole.split_once("\r\n\r\n").unwrap_or_default().1.len();
        let directory = tempfile::tempdir()?;
        let script = directory.path().join("script");
        std::fs::write(&script, "fault=trickle-head pace=5ms")?;
        let path = script.to_string_lossy().into_owned();
        let begun = Instant::now();
        let trickled = seen(driver, &["--script", &path])?;
        assert_eq!(trickled.text, whole);
        assert!(trickled.reads > head / 2, "{} reads", trickled.reads);
        assert!(begun.elapsed() >= Duration::from_millis(5) * u32::try_from(head)?);
    }
    Ok(())
}

#[test]
fn an_event_comes_in_segments_of_one_byte() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let seen = seen(driver, &["--faults", "split", "--answer-bytes", "50"])?;
        assert!(seen.text.contains("text/event-stream"));
        assert!(seen.body().contains("\"id\":7,\"result\""), "{}", seen.text);
        assert!(seen.reads > seen.body().len() / 2, "{} reads", seen.reads);
    }
    Ok(())
}

#[test]
fn an_answer_lies_in_what_it_says() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let wrong = seen(driver, &["--faults", "wrong-id"])?;
        let message: Value = serde_json::from_str(wrong.body())?;
        assert_eq!(message["id"], "another-request");

        let malformed = seen(driver, &["--faults", "malformed-json"])?;
        assert!(serde_json::from_str::<Value>(malformed.body()).is_err());
        assert_eq!(malformed.text.len(), whole(driver)?.len());

        let twice = seen(driver, &["--faults", "duplicate"])?;
        assert_eq!(twice.text, whole(driver)?.repeat(2));
        let twice = seen(driver, &["--faults", "duplicate", "--sse"])?;
        assert_eq!(twice.text.matches("\"id\":7,\"result\"").count(), 2);
        assert_eq!(twice.text.matches("HTTP/1.1").count(), 1);

        let cut = seen(driver, &["--faults", "stream-end"])?;
        assert!(cut.text.contains("event: message") && cut.text.ends_with("\r\n0\r\n\r\n"));
        assert!(!cut.text.contains("\"id\":7"), "{}", cut.text);
        assert_eq!(cut.ended, Ended::Open);
    }
    Ok(())
}

#[test]
fn an_answer_lies_about_its_length() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let whole = whole(driver)?;
        let body = whole.split_once("\r\n\r\n").unwrap_or_default().1;
        for (fault, length) in [
            ("short-length", body.len() / 2),
            ("long-length", body.len() + 100),
        ] {
            let seen = seen(driver, &["--faults", fault])?;
            assert!(
                seen.text.contains(&format!("Content-Length: {length}\r\n")),
                "{fault}"
            );
            assert_eq!((seen.body(), seen.ended), (body, Ended::Open), "{fault}");
        }
        let broken = seen(driver, &["--faults", "bad-chunk"])?;
        assert!(broken.text.contains("Transfer-Encoding: chunked"));
        assert!(broken.body().starts_with("zz\r\n{"), "{}", broken.text);
    }
    Ok(())
}

#[test]
fn a_status_comes_instead_of_an_answer() -> anyhow::Result<()> {
    for driver in DRIVERS {
        for status in ["429", "500", "503"] {
            let seen = seen(driver, &["--faults", &format!("status-{status}")])?;
            assert!(
                seen.text.starts_with(&format!("HTTP/1.1 {status} ")),
                "{}",
                seen.text
            );
            assert!(seen.text.contains("Retry-After: 1\r\n") && seen.ended == Ended::Open);
        }
    }
    Ok(())
}

#[test]
fn connections_are_refused_or_not_accepted_at_all() -> anyhow::Result<()> {
    for driver in DRIVERS {
        let refuse = [
            "upstream",
            "--driver",
            driver,
            "--faults",
            "refuse",
            "--fault-every",
            "2",
        ];
        let server = Server::start(&refuse)?;
        for expected in [Ended::Open, Ended::Closed, Ended::Open] {
            let seen = Raw::connect(server.address())?.see(SHORT)?;
            assert_eq!((seen.ended, seen.text.as_str()), (expected, ""));
        }

        let deaf = [
            "upstream",
            "--driver",
            driver,
            "--faults",
            "deaf",
            "--backlog",
            "0",
        ];
        let server = Server::start(&deaf)?;
        let mut first = Raw::connect(server.address())?;
        first.call(1, "echo", json!({}))?;
        assert!(first.see(SHORT)?.text.contains("\"id\":1"));
        let address: SocketAddr = server.address().parse()?;
        let others: Vec<_> = (0..4)
            .map(|_| TcpStream::connect_timeout(&address, SHORT))
            .collect();
        assert!(
            others.iter().any(Result::is_err),
            "the backlog never filled"
        );
        if let Some(waiting) = others.into_iter().flatten().next() {
            let mut waiting = Raw { stream: waiting };
            waiting.call(2, "echo", json!({}))?;
            let seen = waiting.see(SHORT)?;
            assert_eq!((seen.text.as_str(), seen.ended), ("", Ended::Open));
        }
    }
    Ok(())
}
