//! The bare proxy passes everything on, on both drivers.

use crate::http::send;
use crate::process::{Server, load};

#[test]
fn load_through_the_proxy_gives_no_errors() -> anyhow::Result<()> {
    for (driver, upstream) in [
        ("auto", vec!["upstream"]),
        ("epoll", vec!["upstream", "--sse"]),
    ] {
        let upstream = Server::start(&upstream)?;
        let address = upstream.address().to_owned();
        let proxy = Server::start(&["proxy", "--upstream", &address, "--driver", driver])?;
        let arguments = ["--closed", "--connections", "8", "--duration", "0.3"];
        let (_, report) = load(&[&["--url", proxy.url.as_str()], arguments.as_slice()].concat())?;
        assert_eq!(report["errors"], 0, "{report}");
        assert!(report["requests"].as_u64() > Some(100), "{report}");
    }
    Ok(())
}

#[test]
fn the_proxy_forwards_bodies_of_any_size_unchanged() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("record");
    let file = path.to_string_lossy().into_owned();
    let arguments = ["upstream", "--record", &file, "--answer-bytes", "300000"];
    let upstream = Server::start(&arguments)?;
    let address = upstream.address().to_owned();
    let proxy = Server::start(&["proxy", "--upstream", &address])?;
    let padding = " ".repeat(200_000);
    let body = format!(r#"{{"id":5,"method":"tools/call"{padding}}}"#);
    let answer = send(proxy.address(), "POST", &[], body.as_bytes())?;
    assert!(answer.body.len() > 300_000);
    assert_eq!(std::fs::read(&path)?.get(4..), Some(body.as_bytes()));
    Ok(())
}
