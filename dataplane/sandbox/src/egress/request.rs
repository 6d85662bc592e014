//! The head of a request to the proxy. Refuses whatever is not a `CONNECT`.

use std::io::Read as _;
use std::net::TcpStream;
use std::time::{Duration, Instant};

use varistor_model::Target;

use super::left;

/// Longest head, in bytes, and the time it may take.
const HEAD_BYTES_MAX: usize = 8 * 1024;
const HEAD: Duration = Duration::from_secs(10);

/// Reads a head to its end and not a byte further: what follows is for the host.
pub(super) fn read(server: &mut TcpStream) -> Result<Target, &'static str> {
    let began = Instant::now();
    let mut head = Vec::with_capacity(256);
    while !head.ends_with(b"\r\n\r\n") {
        let within = left(began, HEAD).ok_or("the request took too long")?;
        server
            .set_read_timeout(Some(within))
            .map_err(|_| "the connection failed")?;
        let mut byte = [0];
        match server.read(&mut byte) {
            Ok(1) if head.len() < HEAD_BYTES_MAX => head.extend_from_slice(&byte),
            Ok(1) => return Err("the request is too long"),
            _ => return Err("the request has no end"),
        }
    }
    server
        .set_read_timeout(None)
        .map_err(|_| "the connection failed")?;
    let head = core::str::from_utf8(&head).map_err(|_| "the request is no text")?;
    let line = head.lines().next().unwrap_or_default();
    let mut words = line.split(' ');
    match (words.next(), words.next(), words.next(), words.next()) {
        (Some("CONNECT"), Some(target), Some("HTTP/1.1" | "HTTP/1.0"), None) => {
            Target::of(target).ok_or("the target is no HOST:PORT")
        }
        _ => Err("only CONNECT is answered here: use https, or a client that tunnels"),
    }
}
