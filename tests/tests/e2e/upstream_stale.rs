//! Connections that a server closes, or says too much on, while they wait in the pool: the next
//! call goes out on another one, and what may have run is never sent again.

use std::fs;
use std::net::Shutdown;
use std::sync::{Mutex, mpsc};
use std::thread;
use std::time::{Duration, Instant};

use serde_json::json;
use varistor_tests::http::Connection;
use varistor_tests::upstream::{Handled, reply};
use varistor_tests::{Driver, Mock, Upstream, on_both_drivers};

use crate::trial::Seen::{Refused, Whole};
use crate::trial::{Caller, Case, SOUND, Trial, allowed};

on_both_drivers!(
    a_closed_connection_of_the_pool_is_not_used_again,
    an_answer_too_many_is_nobodys_answer,
    what_may_have_run_is_not_sent_again,
);

fn a_closed_connection_of_the_pool_is_not_used_again(driver: Driver) {
    let mock = Mock::start("tool=stale fault=stale", &[]);
    let trial = Trial::before(&mock.url(), driver);
    let case = Case {
        tool: "stale",
        seen: Whole,
        logged: "ok",
    };
    let calls = twenty_times(&trial.caller(), &case, |caller, connection| {
        wait_until_closed_by(mock.address());
        caller.call_soundly(connection);
    });
    let records = trial.end(&calls);
    assert_eq!(
        mock.stop()["calls"]["tools/call"],
        json!(allowed(&records).count())
    );
}

/// Runs into the failure, and does `next` on the same connection; the records of the failures.
fn twenty_times<'c>(
    caller: &Caller,
    case: &'c Case,
    next: impl Fn(&Caller, &mut Connection),
) -> Vec<(u64, &'c Case)> {
    let once = |_| {
        let (record, mut connection) = caller.attempt(case);
        next(caller, &mut connection);
        (record, case)
    };
    (0..20).map(once).collect()
}

/// Waits until the kernel knows of a connection that this server has closed and its client not.
fn wait_until_closed_by(address: &str) {
    let port: u16 = address
        .rsplit(':')
        .next()
        .and_then(|port| port.parse().ok())
        .expect("a port");
    let until = Instant::now() + Duration::from_secs(10);
    let is_closed = |line: &str| {
        let mut words = line.split_whitespace().skip(2);
        let (remote, state) = (words.next().unwrap_or_default(), words.next());
        // 08 is CLOSE_WAIT (include/net/tcp_states.h).
        remote.ends_with(&format!(":{port:04X}")) && state == Some("08")
    };
    while !fs::read_to_string("/proc/net/tcp")
        .expect("the connections")
        .lines()
        .any(is_closed)
    {
        assert!(Instant::now() < until, "{address} never closed");
        thread::sleep(Duration::from_millis(1));
    }
}

/// A second copy of an answer, which comes when the connection waits in the pool, answers to
/// nobody: the next call may be another agent's, with the same id.
fn an_answer_too_many_is_nobodys_answer(driver: Driver) {
    let (go, may_go) = mpsc::channel::<()>();
    let (tell, told) = mpsc::channel::<()>();
    let ends = Mutex::new((may_go, tell));
    let upstream = Upstream::behaving(move |incoming, stream| {
        if incoming.name() != "twice" {
            return Handled::Usual;
        }
        let answer = json!({"jsonrpc": "2.0", "id": incoming.json()["id"], "result": {
            "resultType": "complete", "content": [{"type": "text", "text": "of another call"}]}});
        let answer = answer.to_string();
        let fields = "Content-Type: application/json\r\n";
        reply(stream, 200, fields, answer.as_bytes());
        let ends = ends.lock().expect("the channels");
        ends.0.recv().expect("the caller goes on");
        reply(stream, 200, fields, answer.as_bytes());
        ends.1.send(()).expect("the caller waits");
        Handled::Answered
    });
    let trial = Trial::before(&upstream.url(), driver);
    let case = Case {
        tool: "twice",
        seen: Whole,
        logged: "ok",
    };
    let calls = twenty_times(&trial.caller(), &case, |caller, connection| {
        go.send(()).expect("the server waits");
        told.recv().expect("the second copy");
        let answer = connection.exchange(&caller.call(7, SOUND));
        assert_eq!(answer.text(), format!("did {SOUND}"));
    });
    trial.end(&calls);
    assert_eq!(upstream.calls(), 40);
}

/// The server reads the call and closes without a byte: a call of a tool may have run.
fn what_may_have_run_is_not_sent_again(driver: Driver) {
    let upstream = Upstream::behaving(|incoming, stream| {
        let is_first = incoming.json()["id"] == json!(7) && incoming.name() == "lost";
        if !is_first && incoming.method() != "prompts/list" {
            return Handled::Usual;
        }
        let _ = stream.shutdown(Shutdown::Both);
        Handled::Close
    });
    let trial = Trial::before(&upstream.url(), driver);
    let case = Case {
        tool: "lost",
        seen: Refused("upstream_closed"),
        logged: "broken",
    };
    let (caller, mut calls) = (trial.caller(), Vec::new());
    for _ in 0..5 {
        // The pool then holds a connection for the next one.
        caller.call_soundly(&mut trial.agent.connect());
        let (record, _) = caller.attempt(&case);
        calls.push((record, &case));
    }
    let mut connection = trial.agent.connect();
    caller.call_soundly(&mut connection);
    let list = trial.agent.modern(9, "prompts/list", json!({}));
    assert_eq!(connection.exchange(&list).status(), 502);
    drop(connection);
    trial.end(&calls);
    assert_eq!(upstream.calls(), 11);
    // A list changes nothing: it was tried on the pooled connection, and once on a fresh one.
    let seen = upstream.seen();
    let lists = seen
        .iter()
        .filter(|incoming| incoming.method() == "prompts/list");
    assert_eq!(lists.count(), 2);
}
