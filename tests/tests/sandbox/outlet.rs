//! A server that may reach named hosts reaches them, and nothing else.

use std::io::{Read as _, Write as _};
use std::net::TcpListener;
use std::process::Command;
use std::sync::{Arc, Mutex};
use std::thread;

use varistor_model::Host;
use varistor_sandbox::{Namespaces, Network, Profile};

use crate::world::{Machine, PYTHON, World};

/// Asks the proxy for `HOST:PORT`, says its status, sends a line through, and says what comes back.
const THROUGH: &str = r#"
import os, socket, sys
proxy = os.environ["HTTPS_PROXY"].removeprefix("http://").split(":")
link = socket.create_connection((proxy[0], int(proxy[1])), 10)
link.sendall(b"CONNECT %b HTTP/1.1\r\nHost: x\r\n\r\n" % sys.argv[1].encode())
head = b""
while b"\r\n\r\n" not in head:
    part = link.recv(1)
    if not part:
        break
    head += part
print(head.split(b" ")[1].decode())
if head.split(b" ")[1] == b"200":
    link.sendall(b"ping" * 100_000)
    link.shutdown(socket.SHUT_WR)
    size = 0
    while part := link.recv(65536):
        size += len(part)
    print(size)
else:
    print(link.makefile().read())
"#;

/// Connects past the proxy.
const PAST: &str = r#"
import socket, sys
host, port = sys.argv[1].rsplit(":", 1)
socket.create_connection((host, int(port)), 5)
"#;

/// A server of the host: sends back what it gets until the end of it.
fn echo() -> u16 {
    let listener = TcpListener::bind("127.0.0.1:0").expect("a port");
    let port = listener.local_addr().expect("an address").port();
    thread::spawn(move || {
        for link in listener.incoming().flatten() {
            thread::spawn(move || {
                let mut bytes = Vec::new();
                let (mut from, mut to) = (&link, &link);
                let _ = from.read_to_end(&mut bytes);
                let _ = to.write_all(&bytes);
            });
        }
    });
    port
}

/// Runs a script with one argument where this host may be reached; its output, and what was told.
fn run(host: &str, script: &str, argument: &str) -> (String, bool, Vec<String>) {
    let world = World::new();
    let profile = Profile {
        network: Network::Hosts(vec![Host::parse(host).expect("a host")]),
        ..world.profile()
    };
    let sandbox = world.sandbox(Machine::Whole);
    let mut prepared = sandbox.prepare(&profile).expect("a place");
    let command = prepared.command(&[PYTHON, "-c", script, argument]);
    let mut command: Command = command.expect("a command");
    let told = Arc::new(Mutex::new(Vec::new()));
    let own = Arc::clone(&told);
    let tell = move |line: &str| own.lock().expect("lines").push(line.to_owned());
    prepared.let_out(Arc::new(tell)).expect("a proxy");
    let output = command.output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout).into_owned();
    let told = told.lock().expect("lines").clone();
    (text, output.status.success(), told)
}

#[test]
fn a_named_host_is_reached_through_the_proxy() {
    let port = echo();
    for name in ["localhost", "127.0.0.1"] {
        let host = format!("{name}:{port}");
        let (text, good, told) = run(&host, THROUGH, &host);
        assert_eq!((text.as_str(), good), ("200\n400000\n", true), "{told:?}");
        assert_eq!(told, Vec::<String>::new());
    }
}

#[test]
fn other_hosts_and_ports_are_refused_and_told_of() {
    let (port, other) = (echo(), echo());
    let named = format!("localhost:{port}");
    for asked in [
        format!("localhost:{other}"),
        format!("127.0.0.1:{port}"),
        "169.254.169.254:80".to_owned(),
    ] {
        let (text, _, told) = run(&named, THROUGH, &asked);
        assert!(text.starts_with("403\n"), "{text}");
        assert!(text.contains("not among the hosts"), "{text}");
        assert_eq!(told.len(), 1, "{told:?}");
        assert!(told[0].contains(&asked), "{told:?}");
    }
}

#[test]
fn what_is_no_connect_is_refused() {
    let port = echo();
    let named = format!("localhost:{port}");
    let script = THROUGH.replace("CONNECT %b", "GET http://%b/");
    let (text, ..) = run(&named, &script, &named);
    assert!(
        text.starts_with("400\n") && text.contains("CONNECT"),
        "{text}"
    );
}

#[test]
fn nothing_is_reached_past_the_proxy() {
    let port = echo();
    let host = format!("127.0.0.1:{port}");
    let (_, reached, _) = run(&host, PAST, &host);
    assert!(!reached);
    let (_, reached, _) = run(&host, PAST, "127.0.0.1:3128");
    assert!(reached, "the proxy itself is not there");
}

#[test]
fn without_namespaces_named_hosts_are_refused() {
    let world = World::new();
    let profile = Profile {
        network: Network::Hosts(vec![Host::parse("api.example.com").expect("a host")]),
        namespaces: Namespaces::WherePermitted,
        ..world.profile()
    };
    let sandbox = world.sandbox(Machine::WithoutNamespaces);
    let error = sandbox.prepare(&profile).expect_err("no namespaces");
    assert!(error.to_string().contains("named hosts"), "{error}");
}
