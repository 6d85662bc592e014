//! An MCP server of a few lines for the tests of the load: it keeps every head that it gets, and
//! can speak TLS, forget sessions, or hang up after each answer.

use std::io::{self, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicU64, Ordering};
use std::sync::{Arc, Mutex};

/// A running server; its threads end with the connections.
pub(crate) struct SmallServer {
    pub(crate) address: String,
    shared: Arc<Shared>,
}

#[derive(Default)]
struct Shared {
    manners: Manners,
    tls: Option<Arc<rustls::ServerConfig>>,
    /// The number of the connection, and a head that came on it.
    heads: Mutex<Vec<(u64, String)>>,
    sessions: AtomicU64,
}

/// How it behaves.
#[derive(Default, Clone, Copy)]
pub(crate) struct Manners {
    /// Does not know the first session any more when it is used.
    pub(crate) forgets_first_session: bool,
    /// Closes after each answer without having said so.
    pub(crate) hangs_up: bool,
}

impl SmallServer {
    pub(crate) fn start(
        manners: Manners,
        tls: Option<Arc<rustls::ServerConfig>>,
    ) -> anyhow::Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?.to_string();
        let shared = Arc::new(Shared {
            manners,
            tls,
            ..Shared::default()
        });
        let for_thread = Arc::clone(&shared);
        std::thread::spawn(move || {
            for (number, stream) in (0..).zip(listener.incoming().flatten()) {
                let shared = Arc::clone(&for_thread);
                // A client that goes away ends its thread.
                std::thread::spawn(move || drop(shared.greet(number, stream)));
            }
        });
        Ok(Self { address, shared })
    }

    /// The number of the connection, and the head, of every request so far.
    pub(crate) fn heads(&self) -> Vec<(u64, String)> {
        self.shared
            .heads
            .lock()
            .map_or(Vec::new(), |heads| heads.clone())
    }
}

/// The value of a header.
pub(crate) fn value<'h>(head: &'h str, name: &str) -> Option<&'h str> {
    head.lines().find_map(|line| {
        let (found, value) = line.split_once(':')?;
        found.eq_ignore_ascii_case(name).then(|| value.trim())
    })
}

impl Shared {
    fn greet(&self, number: u64, mut stream: TcpStream) -> io::Result<()> {
        stream.set_nodelay(true)?;
        match &self.tls {
            None => self.serve(number, &mut stream),
            Some(config) => {
                let session =
                    rustls::ServerConnection::new(Arc::clone(config)).map_err(io::Error::other)?;
                self.serve(number, &mut rustls::StreamOwned::new(session, stream))
            }
        }
    }

    fn serve<S: Read + Write>(&self, number: u64, stream: &mut S) -> io::Result<()> {
        let mut received = Vec::new();
        loop {
            let head = until(stream, &mut received, |bytes| {
                let end = bytes.windows(4).position(|four| four == b"\r\n\r\n")?;
                Some(end + 4)
            })?;
            let length = value(&head, "content-length").map_or(0, |n| n.parse().unwrap_or(0));
            let body = until(stream, &mut received, |bytes| {
                (bytes.len() >= length).then_some(length)
            })?;
            if let Ok(mut heads) = self.heads.lock() {
                heads.push((number, head.clone()));
            }
            stream.write_all(self.answer(&head, &body).as_bytes())?;
            stream.flush()?;
            if self.manners.hangs_up {
                return Ok(());
            }
        }
    }

    fn answer(&self, head: &str, body: &str) -> String {
        let session = value(head, "mcp-session-id");
        if body.contains("\"initialize\"") {
            let number = self.sessions.fetch_add(1, Ordering::Relaxed);
            let message = r#"{"jsonrpc":"2.0","id":0,"result":{}}"#;
            return response("200 OK", &format!("Mcp-Session-Id: s{number}\r\n"), message);
        }
        if self.manners.forgets_first_session && session == Some("s0") && body.contains("\"id\"") {
            return response("404 Not Found", "", "");
        }
        if head.starts_with("GET") || body.contains("subscriptions/listen") {
            return "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                    Transfer-Encoding: chunked\r\n\r\n"
                .to_owned();
        }
        match body.split_once("\"id\":") {
            Some((_, rest)) => {
                let id: String = rest.chars().take_while(char::is_ascii_digit).collect();
                let message = format!(r#"{{"jsonrpc":"2.0","id":{id},"result":{{}}}}"#);
                response("200 OK", "", &message)
            }
            None => response("202 Accepted", "", ""),
        }
    }
}

fn response(status: &str, headers: &str, body: &str) -> String {
    let length = body.len();
    format!("HTTP/1.1 {status}\r\n{headers}Content-Length: {length}\r\n\r\n{body}")
}

/// Takes as much as `enough` says off what is received.
fn until<S: Read>(
    stream: &mut S,
    received: &mut Vec<u8>,
    enough: impl Fn(&[u8]) -> Option<usize>,
) -> io::Result<String> {
    loop {
        if let Some(count) = enough(received) {
            let taken: Vec<u8> = received.drain(..count).collect();
            return String::from_utf8(taken).map_err(io::Error::other);
        }
        let mut piece = [0; 4096];
        let count = stream.read(&mut piece)?;
        if count == 0 {
            return Err(io::ErrorKind::UnexpectedEof.into());
        }
        received.extend_from_slice(&piece[..count]);
    }
}
