//! The kill switch on the admin interface: `GET` and `POST /v1/kill`, `POST /v1/revive`; and the
//! records of what it did.

use std::rc::Rc;
use std::sync::Arc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::{Method, Request, StatusCode};
use serde::Deserialize;
use serde_json::{Value, json};
use tokio::net::UnixStream;
use varistor_audit::Event;
use varistor_model::limits::KILL_COPY_BYTES;
use varistor_model::{BadSelector, Selector};

use super::Journal;
use super::admin::{Reply, reply};
use crate::switch::{Done, Notices, Order, Source, Switch};

/// What `POST` carries.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Asked {
    /// As text, each: `agent acme/ci-bot`.
    selectors: Vec<String>,
    #[serde(default)]
    reason: Option<String>,
}

/// Answers a request for one of the paths of the kill switch.
pub(crate) async fn answer(switch: &Arc<Switch>, who: &str, request: Request<Incoming>) -> Reply {
    let kills = match (request.method(), request.uri().path()) {
        (&Method::GET, "/v1/kill") => return reply(StatusCode::OK, &list(switch)),
        (&Method::POST, "/v1/kill") => true,
        (&Method::POST, "/v1/revive") => false,
        (_, "/v1/kill" | "/v1/revive") => {
            let error = json!({"error": "this path has another method"});
            return reply(StatusCode::METHOD_NOT_ALLOWED, &error);
        }
        (_, path) => {
            let error = format!("there is no {path}; expected /v1/kill or /v1/revive");
            return reply(StatusCode::NOT_FOUND, &json!({ "error": error }));
        }
    };
    let order = match read(who, request).await {
        Ok(order) => order,
        Err(error) => return reply(StatusCode::BAD_REQUEST, &json!({ "error": error })),
    };
    // Finished whether or not whoever asked waits for it.
    let switch = Arc::clone(switch);
    let done = tokio::task::spawn_local(async move { carry_out(&switch, kills, order).await });
    match done.await {
        Ok((code, said)) => reply(code, &said),
        Err(error) => {
            let error = json!({"error": error.to_string()});
            reply(StatusCode::INTERNAL_SERVER_ERROR, &error)
        }
    }
}

async fn carry_out(switch: &Arc<Switch>, kills: bool, order: Order) -> (StatusCode, Value) {
    let selectors = order.selectors.clone();
    let done = match kills {
        true => switch.kill(order, Source::Operator).await,
        false => Ok(switch.revive(order, None).await),
    };
    match done {
        Ok(done) => (StatusCode::OK, said(switch, kills, (&selectors, done))),
        Err(full) => {
            let error = json!({"error": full.to_string()});
            (StatusCode::INSUFFICIENT_STORAGE, error)
        }
    }
}

fn said(switch: &Switch, kills: bool, (selectors, done): (&[Selector], Done)) -> Value {
    let unknown = match kills {
        true => switch.unknown(selectors),
        false => Vec::new(),
    };
    let texts: Vec<_> = selectors.iter().map(ToString::to_string).collect();
    json!({
        "selectors": texts,
        "kept": done.kept,
        "workers": done.workers,
        "heeded": done.heeded,
        "ended": {"connections": done.connections, "calls": done.calls},
        "revived": done.revived,
        "unknown": unknown,
        "killed": rows(switch),
    })
}

fn list(switch: &Switch) -> Value {
    json!({"killed": rows(switch), "kept": switch.is_kept()})
}

fn rows(switch: &Switch) -> Value {
    // Rows of plain texts and numbers always become JSON.
    serde_json::to_value(switch.list()).unwrap_or_default()
}

async fn read(who: &str, request: Request<Incoming>) -> Result<Order, String> {
    let body = Limited::new(request.into_body(), KILL_COPY_BYTES).collect();
    let body = body.await.map_err(|error| error.to_string())?.to_bytes();
    let asked: Asked = serde_json::from_slice(&body).map_err(|error| error.to_string())?;
    let parsed = asked.selectors.iter().map(|text| {
        let bad = |error: BadSelector| format!("`{text}` names nothing: {error}");
        text.parse().map_err(bad)
    });
    let selectors = parsed.collect::<Result<Vec<Selector>, _>>()?;
    if selectors.is_empty() {
        return Err("selectors: expected at least one".to_owned());
    }
    Ok(Order {
        selectors,
        by: who.to_owned(),
        reason: asked.reason,
    })
}

/// Who is at the other end of a Unix socket.
pub(crate) fn peer(stream: &UnixStream) -> String {
    match stream.peer_cred() {
        Ok(cred) => match cred.pid() {
            Some(pid) => format!("uid {} (process {pid})", cred.uid()),
            None => format!("uid {}", cred.uid()),
        },
        Err(_) => "the admin socket".to_owned(),
    }
}

/// Records what the switch did, when the log can be written.
pub(super) async fn record(journal: Rc<Journal>, mut notices: Notices) {
    while let Some(notice) = notices.recv().await {
        let (selectors, by) = (notice.selectors.as_slice(), notice.by.as_str());
        let reason = notice.reason.as_deref();
        let event = match notice.kills {
            true => Event::Kill {
                selectors,
                by,
                reason,
                connections: notice.connections,
                calls: notice.calls,
            },
            false => Event::Revive {
                selectors,
                by,
                reason,
            },
        };
        journal.record(&event).await;
    }
}
