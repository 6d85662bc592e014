//! The approval page as an attacker, a chat and a browser without scripts see it.

use std::io::{BufRead as _, BufReader, Read as _, Write as _};
use std::net::TcpStream;
use std::process::{Child, Command, Stdio};
use std::sync::{Arc, Mutex};

use serde_json::{Value, json};

use crate::fake_gateway::{Asked, for_long};
use crate::program::Place;

const ID: &str = "0123456789abcdef0123456789abcdef";

/// A page, the place that it serves, and what its gateway was told.
struct Page {
    place: Place,
    child: Child,
    address: String,
    decisions: Arc<Mutex<Vec<Value>>>,
    alice: String,
}

impl Drop for Page {
    fn drop(&mut self) {
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// An answer, taken apart.
#[derive(Debug)]
struct Answer {
    status: u16,
    head: String,
    body: String,
}

impl Answer {
    fn field(&self, name: &str) -> &str {
        let fields = self.head.lines().filter_map(|line| line.split_once(": "));
        let mut named = fields.filter(|(found, _)| found.eq_ignore_ascii_case(name));
        named.next().map_or("", |(_, value)| value)
    }

    /// The value of the hidden field of the page's forms.
    fn csrf(&self) -> String {
        let (_, rest) = self.body.split_once("name=\"csrf\" value=\"").unwrap();
        rest.split('"').next().unwrap().to_owned()
    }
}

impl Page {
    fn start() -> Self {
        let place = Place::with_policy();
        let decisions = Arc::new(Mutex::new(Vec::new()));
        let told = Arc::clone(&decisions);
        for_long(&place.file("run/admin.sock"), move |asked: &Asked| {
            gateway(asked, &told)
        });
        let add = ["approvals", "approver", "add", "alice"];
        let alice = place.run(&add).ended(0).out.trim().to_owned();
        let mut child = Command::new(env!("CARGO_BIN_EXE_varictl"))
            .args(["approvals", "serve", "--listen", "127.0.0.1:0"])
            .args(["--host", "approvals.example"])
            .current_dir(place.root())
            .stdout(Stdio::piped())
            .spawn()
            .unwrap();
        let mut line = String::new();
        let output = child.stdout.as_mut().unwrap();
        BufReader::new(output).read_line(&mut line).unwrap();
        let address = line.trim().strip_prefix("listening on http://").unwrap();
        Self {
            address: address.to_owned(),
            place,
            child,
            decisions,
            alice,
        }
    }

    /// One request, with further lines of its head.
    fn ask(&self, method: &str, path: &str, fields: &str, body: &str) -> Answer {
        let host = format!("Host: {}\r\n", self.address);
        let host = if fields.contains("Host: ") { "" } else { &host };
        let mut stream = TcpStream::connect(&self.address).unwrap();
        let request = format!(
            "{method} {path} HTTP/1.1\r\n{host}{fields}Connection: close\r\nContent-Length: \
             {}\r\n\r\n{body}",
            body.len()
        );
        stream.write_all(request.as_bytes()).unwrap();
        let mut text = String::new();
        stream.read_to_string(&mut text).unwrap();
        let (head, body) = text.split_once("\r\n\r\n").unwrap();
        Answer {
            status: head.split(' ').nth(1).unwrap().parse().unwrap(),
            head: head.to_owned(),
            body: body.to_owned(),
        }
    }

    /// The head's line with the cookie of somebody who has signed in.
    fn sign_in(&self) -> String {
        let form = format!("name=alice&code={}", self.alice);
        let answer = self.ask("POST", "/sign-in", "", &form);
        assert_eq!(
            (answer.status, answer.field("location")),
            (303, "/"),
            "{answer:?}"
        );
        let cookie = answer.field("set-cookie");
        for part in ["HttpOnly", "SameSite=Strict", "Path=/", "Max-Age=43200"] {
            assert!(cookie.contains(part), "{cookie}");
        }
        format!("Cookie: {}\r\n", cookie.split(';').next().unwrap())
    }

    fn link(&self) -> String {
        let link = [
            "approvals",
            "link",
            ID,
            "--for",
            "alice",
            "--url",
            "http://approvals.example",
        ];
        let link = self.place.run(&link).ended(0).out;
        link.trim()
            .strip_prefix("http://approvals.example")
            .unwrap()
            .to_owned()
    }

    fn decisions(&self) -> Vec<Value> {
        self.decisions.lock().unwrap().clone()
    }
}

/// A gateway that holds one call, and another that was decided.
fn gateway(asked: &Asked, decisions: &Mutex<Vec<Value>>) -> (u16, String) {
    let one = json!({
        "id": ID, "state": "pending", "expires_unix_ms": 4_000_000_000_000_u64,
        "organisation": "acme", "agent": "<img src=x>", "server": "stripe",
        "tool": "refund\u{202e}", "intent": "destructive", "why": "rule",
        "arguments":
            "{\"a\":\"</pre><script>alert(1)</script>\u{200b}\",\"n\":1.0000000000000000001}",
        "generation": 3, "quorum": 2, "approved_by": [], "window_max_ms": 0,
    });
    let path = asked.head.split(' ').nth(1).unwrap();
    match path {
        "/v1/approvals" => (200, json!({"approvals": [one]}).to_string()),
        _ if !path.ends_with(ID) => (404, json!({"error": "unknown"}).to_string()),
        _ if asked.head.starts_with("GET") => (200, one.to_string()),
        _ => {
            let decision = serde_json::from_slice(&asked.body).unwrap();
            decisions.lock().unwrap().push(decision);
            let mut after = one;
            after["approved_by"] = json!(["alice"]);
            (200, after.to_string())
        }
    }
}

#[test]
fn every_page_is_closed_to_other_sites_and_to_those_who_have_not_signed_in() {
    let page = Page::start();
    for path in [
        "/",
        &format!("/approvals/{ID}"),
        "/other",
        "/approvals/../x",
    ] {
        for method in ["GET", "POST"] {
            let answer = page.ask(method, path, "", "decision=approve");
            assert_eq!(
                (answer.status, answer.field("location")),
                (303, "/sign-in"),
                "{path}"
            );
        }
    }
    let cookie = page.sign_in();
    let approval = format!("/approvals/{ID}");
    for (path, fields) in [
        ("/sign-in", ""),
        ("/style.css", ""),
        ("/", &*cookie),
        (&*approval, &cookie),
    ] {
        let answer = page.ask("GET", path, fields, "");
        assert_eq!(answer.status, 200, "{path}");
        let policy = answer.field("content-security-policy");
        assert!(policy.contains("default-src 'none'") && policy.contains("frame-ancestors 'none'"));
        assert_eq!(answer.field("x-content-type-options"), "nosniff");
        assert_eq!(answer.field("cache-control"), "no-store");
        assert_eq!(answer.field("referrer-policy"), "same-origin");
    }
    for host in [
        "evil.example",
        "127.0.0.1",
        "approvals.example.evil.example",
        "",
    ] {
        let answer = page.ask("GET", "/sign-in", &format!("Host: {host}\r\n"), "");
        assert!(matches!(answer.status, 400 | 421), "{host}: {answer:?}");
    }
    let named = page.ask("GET", "/sign-in", "Host: approvals.example\r\n", "");
    assert_eq!(named.status, 200);
    assert_eq!(page.ask("PUT", "/", &cookie, "").status, 405);
    assert_eq!(
        page.ask("POST", "/sign-in", "", &"a".repeat(9000)).status,
        413
    );
    assert_eq!(
        page.ask(
            "GET",
            "/approvals/ffffffffffffffffffffffffffffffff",
            &cookie,
            ""
        )
        .status,
        404
    );
    assert_eq!(page.decisions(), [] as [Value; 0]);
}

#[test]
fn a_decision_needs_the_form_of_its_own_session_and_site() {
    let page = Page::start();
    let cookie = page.sign_in();
    let path = format!("/approvals/{ID}");
    let shown = page.ask("GET", &path, &cookie, "");
    let csrf = shown.csrf();
    assert_ne!(page.ask("GET", &path, &page.sign_in(), "").csrf(), csrf);
    for (fields, form) in [
        ("", "decision=approve".to_owned()),
        ("", "decision=approve&csrf=".to_owned()),
        ("", format!("decision=approve&csrf={}", &csrf[1..])),
        (
            "Origin: http://evil.example\r\n",
            format!("decision=approve&csrf={csrf}"),
        ),
        ("Origin: null\r\n", format!("decision=approve&csrf={csrf}")),
    ] {
        let answer = page.ask("POST", &path, &format!("{cookie}{fields}"), &form);
        assert_eq!(answer.status, 403, "{fields}{form}");
    }
    let answer = page.ask(
        "POST",
        &path,
        &cookie,
        &format!("decision=maybe&csrf={csrf}"),
    );
    assert_eq!(answer.status, 400);
    let long = format!("decision=deny&note={}&csrf={csrf}", "n".repeat(201));
    assert_eq!(page.ask("POST", &path, &cookie, &long).status, 400);
    assert_eq!(page.decisions(), [] as [Value; 0]);

    let origin = format!("{cookie}Origin: http://{}\r\n", page.address);
    let form = format!("decision=approve&note=a+b&csrf={csrf}");
    let answer = page.ask("POST", &path, &origin, &form);
    assert_eq!(answer.status, 200);
    assert!(answer.body.contains("1 more needed"), "{}", answer.body);
    let expected = json!({"by": "alice", "decision": "approve", "for_ms": 0, "note": "a b"});
    assert_eq!(page.decisions(), [expected]);
}

#[test]
fn what_agents_send_is_shown_whole_and_never_runs() {
    let page = Page::start();
    let cookie = page.sign_in();
    let shown = page
        .ask("GET", &format!("/approvals/{ID}"), &cookie, "")
        .body;
    for part in [
        "&lt;/pre&gt;&lt;script&gt;alert(1)&lt;/script&gt;<mark>\\u{200b}</mark>",
        "1.0000000000000000001",
        "&lt;img src=x&gt;",
        "refund<mark>\\u{202e}</mark>",
        "0 of 2",
    ] {
        assert!(shown.contains(part), "{part} is not in {shown}");
    }
    assert!(
        !shown.contains("<script") && !shown.contains("<img"),
        "{shown}"
    );
}

#[test]
fn a_link_shows_as_often_as_it_is_opened_and_decides_once() {
    let page = Page::start();
    let link = page.link();
    for _ in 0..5 {
        let shown = page.ask("GET", &link, "", "");
        assert_eq!(shown.status, 200);
        assert!(shown.body.contains("Approve once"), "{}", shown.body);
    }
    let changed = link.replacen("/l/A", "/l/B", 1);
    let changed = if changed == link {
        format!("{link}A")
    } else {
        changed
    };
    assert_eq!(
        page.ask("POST", &changed, "", "decision=approve").status,
        403
    );
    let other = page.ask(
        "POST",
        &link,
        "Origin: http://evil.example\r\n",
        "decision=deny",
    );
    assert_eq!(other.status, 403);
    // No decision takes none.
    assert_eq!(page.ask("POST", &link, "", "decision=maybe").status, 200);
    assert_eq!(page.decisions(), [] as [Value; 0]);
    let statuses = std::thread::scope(|scope| {
        let post = || page.ask("POST", &link, "", "decision=deny").status;
        let running: Vec<_> = (0..8).map(|_| scope.spawn(post)).collect();
        running
            .into_iter()
            .map(|one| one.join().unwrap())
            .collect::<Vec<_>>()
    });
    assert_eq!(
        statuses.iter().filter(|status| **status == 200).count(),
        1,
        "{statuses:?}"
    );
    assert_eq!(
        statuses.iter().filter(|status| **status == 403).count(),
        7,
        "{statuses:?}"
    );
    assert_eq!(page.decisions().len(), 1);
    assert_eq!(page.decisions()[0]["by"], "alice");
    let again = page.ask("GET", &link, "", "");
    assert!(
        again.status == 403 && again.body.contains("has been used"),
        "{again:?}"
    );
}

#[test]
fn codes_are_not_tried_out_and_approvers_who_left_decide_nothing() {
    let page = Page::start();
    let cookie = page.sign_in();
    let link = page.link();
    for _ in 0..5 {
        let answer = page.ask("POST", "/sign-in", "", "name=alice&code=wrong");
        assert_eq!(answer.status, 403);
        assert!(answer.field("set-cookie").is_empty());
    }
    // The right one, too: for a minute.
    let form = format!("name=alice&code={}", page.alice);
    assert_eq!(page.ask("POST", "/sign-in", "", &form).status, 429);
    assert_eq!(
        page.ask("POST", "/sign-in", "", "name=bob&code=x").status,
        403
    );

    assert_eq!(page.ask("GET", "/", &cookie, "").status, 200);
    page.place
        .run(&["approvals", "approver", "remove", "alice"])
        .ended(0);
    let answer = page.ask("GET", "/", &cookie, "");
    assert_eq!((answer.status, answer.field("location")), (303, "/sign-in"));
    assert_eq!(page.ask("GET", &link, "", "").status, 403);
    assert_eq!(page.ask("POST", &link, "", "decision=approve").status, 403);
    assert_eq!(page.decisions(), [] as [Value; 0]);
}

#[test]
fn a_link_that_reached_no_gateway_can_decide_later() {
    let page = Page::start();
    let link = page.link();
    let socket = page.place.file("run/admin.sock");
    let aside = page.place.file("run/aside.sock");
    std::fs::rename(&socket, &aside).unwrap();
    let answer = page.ask("POST", &link, "", "decision=approve");
    assert_eq!(answer.status, 502, "{answer:?}");
    std::fs::rename(&aside, &socket).unwrap();
    assert_eq!(page.ask("POST", &link, "", "decision=approve").status, 200);
    assert_eq!(page.decisions().len(), 1);
}

#[test]
fn wrong_uses_are_told() {
    let place = Place::with_policy();
    for (given, told) in [
        (
            &["approvals", "serve", "--listen", "0.0.0.0:0"][..],
            "add --tls",
        ),
        (
            &["approvals", "serve", "--tls", "cert.pem"],
            "expected CERT,KEY",
        ),
        (
            &["approvals", "link", "short", "--for", "alice"],
            "32 hex digits",
        ),
        (
            &["approvals", "link", ID, "--for", "alice"],
            "there is no approver `alice`",
        ),
        (
            &["approvals", "link", ID, "--for", "alice", "--ttl", "2d"],
            "up to 1d",
        ),
        (
            &["approvals", "link", ID, "--for", "a", "--url", "ftp://x"],
            "expected a URL",
        ),
        (&["approvals", "approver", "add", "a b"], "expected letters"),
        (
            &["approvals", "approver", "add", "a", "--notify", "b"],
            "expected KIND/NAME",
        ),
        (
            &["approvals", "approver", "remove", "alice"],
            "there is no approver",
        ),
    ] {
        let run = place.run(given).ended(2);
        assert!(run.err.contains(told), "{given:?}: {}", run.err);
    }
    let added = place
        .run(&["approvals", "approver", "add", "alice", "--json"])
        .ended(0)
        .json();
    assert_eq!(added["code"].as_str().unwrap().len(), 23);
    let list = place
        .run(&["approvals", "approver", "list", "--json"])
        .ended(0);
    assert_eq!(list.json()[0]["name"], "alice");
    assert!(!list.out.contains(added["code"].as_str().unwrap()));
    assert!(
        place
            .run(&["approvals", "approver", "list"])
            .ended(0)
            .out
            .contains("alice")
    );
}
