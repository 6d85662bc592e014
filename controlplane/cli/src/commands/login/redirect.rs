//! Where the browser brings the answer: one request to a port of this machine (RFC 8252 section
//! 7.3).

use std::io::{Read as _, Write as _};
use std::net::{Ipv4Addr, TcpListener, TcpStream};
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::Context as _;
use zeroize::Zeroizing;

/// How long it is waited for a person.
pub(super) const WITHIN: Duration = Duration::from_secs(300);
/// How long a browser may take for its request.
const REQUEST: Duration = Duration::from_secs(5);
/// How often it is looked whether one has come.
const LOOK: Duration = Duration::from_millis(50);
/// Longest head of its request, in bytes.
const HEAD_BYTES_MAX: usize = 16 * 1024;
const PATH: &str = "/callback";

/// The place.
pub(super) struct Redirect {
    listener: TcpListener,
    address: String,
}

impl Redirect {
    pub(super) fn listen(port: u16) -> anyhow::Result<Self> {
        let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, port))
            .with_context(|| format!("can't listen on 127.0.0.1:{port}; choose another --port"))?;
        listener.set_nonblocking(true)?;
        let address = listener.local_addr()?.to_string();
        Ok(Self { listener, address })
    }

    /// Where it listens.
    pub(super) fn address(&self) -> &str {
        &self.address
    }

    /// What the browser is to come back to.
    pub(super) fn url(&self) -> String {
        format!("http://{}{PATH}", self.address)
    }

    /// Waits for the answer that `take` takes. What else comes is told that it is none, so that no
    /// other program on this machine can end the wait.
    pub(super) fn wait<T, E: std::fmt::Display>(
        &self,
        take: impl Fn(&str) -> Result<T, E>,
    ) -> anyhow::Result<T> {
        let until = Instant::now() + WITHIN;
        let mut last = None;
        while Instant::now() < until {
            let Ok((stream, _)) = self.listener.accept() else {
                std::thread::sleep(LOOK);
                continue;
            };
            let Some((mut stream, query)) = asked(stream) else {
                continue;
            };
            match take(&query) {
                Ok(taken) => {
                    answer(
                        &mut stream,
                        "200 OK",
                        "You are logged in. This page can be closed.",
                    );
                    return Ok(taken);
                }
                Err(error) => {
                    let text = error.to_string();
                    answer(&mut stream, "400 Bad Request", &text);
                    if text.starts_with("the authorization server refuses") {
                        anyhow::bail!(text);
                    }
                    last = Some(text);
                }
            }
        }
        match last {
            Some(text) => {
                anyhow::bail!("nobody has logged in; the last answer was refused: {text}")
            }
            None => anyhow::bail!("nobody has logged in within {} min", WITHIN.as_secs() / 60),
        }
    }
}

/// The query of the request, when it is one for this place.
fn asked(mut stream: TcpStream) -> Option<(TcpStream, Zeroizing<String>)> {
    stream.set_nonblocking(false).ok()?;
    stream.set_read_timeout(Some(REQUEST)).ok()?;
    stream.set_write_timeout(Some(REQUEST)).ok()?;
    let mut head = Zeroizing::new(Vec::with_capacity(HEAD_BYTES_MAX));
    let mut part = [0; 1024];
    while !head.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut part) {
            Ok(count) if count > 0 && head.len() + count <= HEAD_BYTES_MAX => {
                head.extend_from_slice(part.get(..count)?);
            }
            _ => return None,
        }
    }
    let line = head.split(|byte| *byte == b'\r').next()?;
    let target = std::str::from_utf8(line).ok()?.strip_prefix("GET ")?;
    let target = target.split(' ').next()?;
    match target.split_once('?') {
        Some((PATH, query)) => Some((stream, Zeroizing::new(query.to_owned()))),
        _ => {
            answer(&mut stream, "404 Not Found", "Nothing is here.");
            None
        }
    }
}

fn answer(stream: &mut TcpStream, status: &str, text: &str) {
    let body = format!("{text}\n");
    // A browser that has gone has brought its answer all the same.
    let _ = stream.write_all(
        format!(
            "HTTP/1.1 {status}\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: {}\r\n\
             Cache-Control: no-store\r\nReferrer-Policy: no-referrer\r\n\
             X-Content-Type-Options: nosniff\r\nConnection: close\r\n\r\n{body}",
            body.len()
        )
        .as_bytes(),
    );
}

/// Has the desktop open an address. Where there is no desktop, the person does it.
pub(super) fn open(url: &str) {
    let mut command = Command::new("xdg-open");
    command.arg(url).stdin(Stdio::null());
    let _ = command.stdout(Stdio::null()).stderr(Stdio::null()).spawn();
}
