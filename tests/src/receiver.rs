//! A receiver of webhooks that answers as it is told, and remembers all that it got.

use std::collections::VecDeque;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Sender};
use std::sync::{Arc, Mutex};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::Value;

/// How long a message may take; the gateway's own pauses between attempts are below that.
const WITHIN: Duration = Duration::from_secs(60);

/// What becomes of one request.
#[derive(Clone, Debug)]
pub enum Turn {
    /// This status, and a further header field or nothing.
    Status(u16, &'static str),
    /// The connection is cut off.
    Reset,
    /// Nothing is answered.
    Hang,
}

/// One request.
#[derive(Clone, Debug)]
pub struct Got {
    /// Request line and fields.
    pub head: String,
    /// The body.
    pub body: Vec<u8>,
}

/// See the module.
pub struct Receiver {
    address: String,
    got: mpsc::Receiver<Got>,
    turns: Arc<Mutex<VecDeque<Turn>>>,
}

impl Receiver {
    /// Starts it on a free port. When all turns are taken, it answers 200.
    pub fn start(turns: &[Turn]) -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").expect("a free port");
        let address = listener.local_addr().expect("an address").to_string();
        let turns = Arc::new(Mutex::new(turns.iter().cloned().collect()));
        let (sender, got) = mpsc::channel();
        let of_thread = Arc::clone(&turns);
        thread::spawn(move || {
            for stream in listener.incoming().map_while(Result::ok) {
                let (turns, sender) = (Arc::clone(&of_thread), sender.clone());
                thread::spawn(move || serve(stream, &turns, &sender));
            }
        });
        Self {
            address,
            got,
            turns,
        }
    }

    /// The URL of a path.
    pub fn url(&self, path: &str) -> String {
        format!("http://{}{path}", self.address)
    }

    /// What it does next; then it answers 200.
    pub fn then(&self, turns: &[Turn]) {
        *self.turns.lock().expect("no panic") = turns.iter().cloned().collect();
    }

    /// The next request.
    ///
    /// # Panics
    /// When none comes.
    pub fn next(&self) -> Got {
        self.got.recv_timeout(WITHIN).expect("a message")
    }

    /// All requests until this long nothing has come.
    pub fn rest(&self, quiet: Duration) -> Vec<Got> {
        let mut all = Vec::new();
        let until = Instant::now() + WITHIN;
        while let Ok(got) = self.got.recv_timeout(quiet) {
            all.push(got);
            assert!(Instant::now() < until, "it never ends");
        }
        all
    }
}

impl Got {
    /// A header field.
    pub fn field(&self, name: &str) -> &str {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value)
    }

    /// The body as JSON.
    pub fn json(&self) -> Value {
        serde_json::from_slice(&self.body).expect("JSON")
    }
}

fn serve(mut stream: TcpStream, turns: &Mutex<VecDeque<Turn>>, sender: &Sender<Got>) {
    let Some(got) = read(&mut stream) else { return };
    let turn = turns.lock().expect("no panic").pop_front();
    // The test may be over; what comes then is nobody's.
    let _ = sender.send(got);
    match turn.unwrap_or(Turn::Status(200, "")) {
        Turn::Status(status, field) => {
            let answer = format!("HTTP/1.1 {status} X\r\n{field}Content-Length: 2\r\n\r\nok");
            let _ = stream.write_all(answer.as_bytes());
        }
        Turn::Reset => {}
        // Until the gateway has had enough.
        Turn::Hang => drop(stream.read(&mut [0])),
    }
}

fn read(stream: &mut TcpStream) -> Option<Got> {
    let mut bytes = Vec::new();
    let mut block = [0; 4096];
    loop {
        let end = bytes.windows(4).position(|window| window == b"\r\n\r\n");
        if let Some(end) = end.map(|end| end + 4) {
            let head = String::from_utf8_lossy(&bytes[..end]).into_owned();
            let got = Got {
                body: bytes[end..].to_vec(),
                head,
            };
            let length = got.field("content-length").parse().unwrap_or(0);
            if got.body.len() >= length {
                return Some(got);
            }
        }
        match stream.read(&mut block) {
            Ok(count) if count > 0 => bytes.extend_from_slice(&block[..count]),
            _ => return None,
        }
    }
}
