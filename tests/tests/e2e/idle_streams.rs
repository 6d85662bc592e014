//! Many streams on which nothing happens, and then something on all of them at once.

use std::fs;
use std::io::{Read as _, Write as _};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc::{self, Receiver, Sender};
use std::thread;
use std::time::{Duration, Instant};

use rustix::process::{Resource, Rlimit, getrlimit, setrlimit};
use serde_json::json;
use varistor_tests::http::find;
use varistor_tests::{Agent, Driver, Gateway, PolicyDir, on_both_drivers};

on_both_drivers!(idle_streams_are_small_and_all_hear_a_broadcast);

/// Streams; `VARISTOR_STREAMS` says otherwise, as in `make soak-transports`.
const STREAMS: usize = 400;
/// Most memory of the gateway for one stream (its client's side and its server's).
const STREAM_BYTES_MAX: u64 = 16 * 1024;
/// What a gateway grows by before the first stream counts: buffers and pools that all share.
const BASE_BYTES: u64 = 6 * 1024 * 1024;

/// A server whose connections are streams, one request each.
struct Broadcaster {
    address: String,
    orders: Sender<()>,
    opened: Receiver<()>,
}

impl Broadcaster {
    fn start() -> Self {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let address = listener.local_addr().unwrap().to_string();
        let (orders, ordered) = mpsc::channel();
        let (told, opened) = mpsc::channel();
        thread::spawn(move || serve(&listener, &told, &ordered));
        Self {
            address,
            orders,
            opened,
        }
    }
}

/// Answers each request with a stream that stays, and says something on all of them when told to.
fn serve(listener: &TcpListener, told: &Sender<()>, ordered: &Receiver<()>) {
    listener.set_nonblocking(true).unwrap();
    let mut streams = Vec::new();
    loop {
        match listener.accept() {
            Ok((mut stream, _)) => {
                stream.set_nonblocking(false).unwrap();
                read_request(&mut stream);
                let head = "HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\
                            Transfer-Encoding: chunked\r\n\r\n";
                stream.write_all(head.as_bytes()).unwrap();
                say(&mut stream, "notifications/subscriptions/acknowledged");
                streams.push(stream);
                told.send(()).unwrap();
            }
            Err(_) => match ordered.recv_timeout(Duration::from_millis(1)) {
                Ok(()) => {
                    for stream in &mut streams {
                        say(stream, "notifications/tools/list_changed");
                    }
                }
                Err(mpsc::RecvTimeoutError::Timeout) => {}
                Err(mpsc::RecvTimeoutError::Disconnected) => return,
            },
        }
    }
}

fn read_request(stream: &mut TcpStream) {
    let (mut bytes, mut piece) = (Vec::new(), [0; 4096]);
    loop {
        let count = stream.read(&mut piece).unwrap();
        assert!(count > 0, "a request");
        bytes.extend_from_slice(&piece[..count]);
        let Some(end) = find(&bytes, b"\r\n\r\n") else {
            continue;
        };
        let head = String::from_utf8_lossy(&bytes[..end]).to_ascii_lowercase();
        let length = head.split("content-length: ").nth(1);
        let length: usize = length
            .and_then(|it| it.lines().next()?.parse().ok())
            .unwrap();
        if bytes.len() >= end + 4 + length {
            return;
        }
    }
}

fn say(stream: &mut TcpStream, method: &str) {
    let message = json!({"jsonrpc": "2.0", "method": method, "params":
        {"notifications": {"toolsListChanged": true},
         "_meta": {"io.modelcontextprotocol/subscriptionId": 1}}});
    let event = format!("event: message\ndata: {message}\n\n");
    let chunk = format!("{:x}\r\n{event}\r\n", event.len());
    stream.write_all(chunk.as_bytes()).unwrap();
}

/// Reads until this is among what came.
fn hear(stream: &mut TcpStream, heard: &mut Vec<u8>, what: &str) {
    let mut piece = [0; 2048];
    while find(heard, what.as_bytes()).is_none() {
        let count = stream.read(&mut piece).unwrap();
        let text = String::from_utf8_lossy(heard).into_owned();
        assert!(count > 0, "the stream ended before {what}: {text}");
        heard.extend_from_slice(&piece[..count]);
    }
}

fn resident_bytes(gateway: &Gateway) -> u64 {
    let status = fs::read_to_string(format!("/proc/{}/status", gateway.id())).unwrap();
    let line = status.lines().find(|line| line.starts_with("VmRSS:"));
    let kib: u64 = line
        .and_then(|it| it.split_whitespace().nth(1)?.parse().ok())
        .unwrap();
    kib * 1024
}

fn idle_streams_are_small_and_all_hear_a_broadcast(driver: Driver) {
    let wanted = std::env::var("VARISTOR_STREAMS").ok();
    let count = wanted.map_or(STREAMS, |wanted| {
        wanted.parse().expect("a number of streams")
    });
    // This process holds both ends.
    let hard = getrlimit(Resource::Nofile).maximum;
    let raised = Rlimit {
        current: hard,
        maximum: hard,
    };
    setrlimit(Resource::Nofile, raised).expect("more descriptors");
    let broadcaster = Broadcaster::start();
    let policy = PolicyDir::new(&format!(
        "listen: 127.0.0.1:0
runtime: {{ workers: 2, shedding: off, connections: {} }}
servers:
  news: {{ url: \"http://{}/mcp\" }}
organisations:
  acme:
    roles: {{ all: {{ allow: [\"*\"] }} }}
    agents: {{ tester: {{ roles: [all] }} }}
",
        count + 100,
        broadcaster.address
    ));
    let gateway = Gateway::start(&policy, driver);
    let agent = Agent::new(gateway.address(), "news", &policy.token("tester"));
    let params = json!({"notifications": {"toolsListChanged": true}});
    let request = agent.modern(1, "subscriptions/listen", params);
    let before = resident_bytes(&gateway);
    let mut streams = Vec::with_capacity(count);
    for _ in 0..count {
        let mut stream = TcpStream::connect(gateway.address()).unwrap();
        stream
            .set_read_timeout(Some(Duration::from_secs(30)))
            .unwrap();
        stream.write_all(&request).unwrap();
        let mut heard = Vec::new();
        hear(&mut stream, &mut heard, "acknowledged");
        broadcaster
            .opened
            .recv_timeout(Duration::from_secs(30))
            .unwrap();
        heard.clear();
        streams.push((stream, heard));
    }
    let grown = resident_bytes(&gateway).saturating_sub(before);
    let begun = Instant::now();
    broadcaster.orders.send(()).unwrap();
    for (stream, heard) in &mut streams {
        hear(stream, heard, "list_changed");
    }
    let took = begun.elapsed();
    let each = grown / count as u64;
    println!("{count} streams: {each} bytes each, all heard after {took:?}");
    assert!(
        grown <= BASE_BYTES + STREAM_BYTES_MAX * count as u64,
        "{count} streams grew the gateway by {grown} bytes"
    );
    assert!(
        took < Duration::from_secs(if count > STREAMS { 1 } else { 5 }),
        "{took:?}"
    );
    drop(streams);
    gateway.stop();
    policy.verify_audit();
}
