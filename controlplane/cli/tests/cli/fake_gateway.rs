//! A gateway's admin interface that answers as it is told and remembers what it was asked.

use std::io::{Read, Write};
use std::net::TcpListener;
use std::os::unix::net::UnixListener;
use std::path::Path;
use std::sync::Arc;
use std::sync::mpsc::{Receiver, channel};

use rustls::{ServerConfig, ServerConnection, StreamOwned};

/// What a gateway was asked.
pub(crate) struct Asked {
    /// Request line and header fields.
    pub(crate) head: String,
    pub(crate) body: Vec<u8>,
}

/// Answers one request on the socket.
pub(crate) fn on_socket(path: &Path, answer: impl Answer) -> Receiver<Asked> {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(path).unwrap();
    let (told, asked) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        drop(told.send(serve(stream, answer)));
    });
    asked
}

/// Answers any number of requests on the socket, with what `answer` makes of each.
pub(crate) fn for_long(
    path: &Path,
    answer: impl Fn(&Asked) -> (u16, String) + Send + Sync + 'static,
) {
    std::fs::create_dir_all(path.parent().unwrap()).unwrap();
    let listener = UnixListener::bind(path).unwrap();
    let answer = Arc::new(answer);
    std::thread::spawn(move || {
        for stream in listener.incoming().map_while(Result::ok) {
            let answer = Arc::clone(&answer);
            std::thread::spawn(move || serve(stream, move |asked: &Asked| answer(asked)));
        }
    });
}

/// Answers one request over mutual TLS; the port comes with what it was asked.
pub(crate) fn over_tls(config: Arc<ServerConfig>, answer: impl Answer) -> (u16, Receiver<Asked>) {
    let listener = TcpListener::bind("127.0.0.1:0").unwrap();
    let port = listener.local_addr().unwrap().port();
    let (told, asked) = channel();
    std::thread::spawn(move || {
        let (stream, _) = listener.accept().unwrap();
        let connection = ServerConnection::new(config).unwrap();
        let mut stream = StreamOwned::new(connection, stream);
        // A client that is not let in never asks.
        if stream.conn.complete_io(&mut stream.sock).is_ok() {
            drop(told.send(serve(stream, answer)));
        }
    });
    (port, asked)
}

/// Status and body for what was asked.
pub(crate) trait Answer: FnOnce(&Asked) -> (u16, String) + Send + 'static {}

impl<F: FnOnce(&Asked) -> (u16, String) + Send + 'static> Answer for F {}

fn serve(mut stream: impl Read + Write, answer: impl Answer) -> Asked {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    let head = loop {
        if let Some(end) = bytes.windows(4).position(|window| window == b"\r\n\r\n") {
            break end + 4;
        }
        let count = stream.read(&mut block).unwrap();
        assert_ne!(count, 0, "the request ended in its head");
        bytes.extend_from_slice(&block[..count]);
    };
    let text = String::from_utf8(bytes[..head].to_vec()).unwrap();
    let length = text
        .lines()
        .find_map(|line| {
            line.to_ascii_lowercase()
                .strip_prefix("content-length: ")
                .map(str::to_owned)
        })
        .map_or(0, |length| length.parse().unwrap());
    while bytes.len() < head + length {
        let count = stream.read(&mut block).unwrap();
        assert_ne!(count, 0, "the request ended in its body");
        bytes.extend_from_slice(&block[..count]);
    }
    let asked = Asked {
        head: text,
        body: bytes.split_off(head),
    };
    let (status, body) = answer(&asked);
    let length = body.len();
    let answer = format!(
        "HTTP/1.1 {status} X\r\nContent-Type: application/json\r\n\
         Content-Length: {length}\r\n\r\n{body}"
    );
    stream.write_all(answer.as_bytes()).unwrap();
    stream.flush().unwrap();
    asked
}
