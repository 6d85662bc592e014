//! The admin interface: HTTP and JSON on a Unix socket (0600), and over TCP with mutual TLS when
//! the policy wants it. Who can open the socket, or shows a trusted certificate, is the operator.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::os::unix::fs::PermissionsExt as _;
use std::path::PathBuf;
use std::rc::Rc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{CONTENT_TYPE, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::pki_types::CertificateDer;
use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpListener, UnixListener};
use tokio_rustls::TlsAcceptor;
use varistor_audit::Event;
use varistor_ledger::Ledger;

use super::{Control, Journal, approvals, channels, kill, publish, status, tools};
use crate::log;
use varistor_snapshot::SnapshotError;
use varistor_snapshot::schema::{ArchivedListenerTls, ArchivedRuntime};

/// Largest snapshot that is taken over the admin interface, in bytes.
const SNAPSHOT_BYTES_MAX: usize = 1 << 30;
/// Largest other document, in bytes: approving all tools of a server names each.
const DOCUMENT_BYTES_MAX: usize = 4 << 20;
/// What the path of one held call begins with.
const APPROVAL: &str = "/v1/approvals/";
/// How long the next segment of the log may take.
const ROTATED: Duration = Duration::from_secs(10);
/// Time for an admin client to send its request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Takes the socket's file away when the gateway ends.
pub(crate) struct Admin {
    socket: PathBuf,
}

impl Drop for Admin {
    fn drop(&mut self) {
        // It may be gone already.
        let _ = std::fs::remove_file(&self.socket);
    }
}

pub(super) type Reply = Response<Full<Bytes>>;

/// Starts listening. Connections are served by tasks of the control thread.
pub(crate) fn start(control: &Rc<Control>, journal: &Rc<Journal>) -> anyhow::Result<Admin> {
    let run = control.dir.join("run");
    std::fs::create_dir_all(&run).with_context(|| format!("{}: can't be made", run.display()))?;
    std::fs::set_permissions(&run, std::fs::Permissions::from_mode(0o700))?;
    let socket = run.join("admin.sock");
    // The lock on the audit log says that no other gateway serves this directory.
    let _ = std::fs::remove_file(&socket);
    let listener = UnixListener::bind(&socket).with_context(|| {
        format!(
            "{}: can't be listened on (paths of sockets end at 107 bytes)",
            socket.display()
        )
    })?;
    std::fs::set_permissions(&socket, std::fs::Permissions::from_mode(0o600))?;
    tokio::task::spawn_local(unix(Rc::clone(control), Rc::clone(journal), listener));
    let published = control.hub.published();
    if let Some(row) = published.serving.policy().runtime.admin.as_ref() {
        let config = publish::admin_tls(&row.tls, row.client_ca.as_str())?;
        let listener = std::net::TcpListener::bind(row.listen.as_str())
            .with_context(|| format!("can't listen on {} for the admin interface", row.listen))?;
        listener.set_nonblocking(true)?;
        log::info(format_args!(
            "admin interface on {}",
            listener.local_addr()?
        ));
        let listener = TcpListener::from_std(listener)?;
        tokio::task::spawn_local(mutual(
            (Rc::clone(control), Rc::clone(journal)),
            listener,
            TlsAcceptor::from(config),
        ));
    }
    Ok(Admin { socket })
}

async fn unix(control: Rc<Control>, journal: Rc<Journal>, listener: UnixListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => {
                let both = (Rc::clone(&control), Rc::clone(&journal));
                let who = kill::peer(&stream);
                tokio::task::spawn_local(connection(both, who, stream));
            }
            Err(_) => tokio::time::sleep(Duration::from_millis(50)).await,
        }
    }
}

async fn mutual(
    (control, journal): (Rc<Control>, Rc<Journal>),
    listener: TcpListener,
    acceptor: TlsAcceptor,
) {
    loop {
        let Ok((stream, peer)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let both = (Rc::clone(&control), Rc::clone(&journal));
        let acceptor = acceptor.clone();
        tokio::task::spawn_local(async move {
            match tokio::time::timeout(HEAD_TIME, acceptor.accept(stream)).await {
                Ok(Ok(stream)) => {
                    let who = certified(peer, stream.get_ref().1.peer_certificates());
                    connection(both, who, stream).await;
                }
                _ => log::warning(format_args!(
                    "admin interface: {peer} showed no trusted certificate"
                )),
            }
        });
    }
}

/// Who showed this certificate, by its SHA-256 fingerprint.
fn certified(peer: SocketAddr, chain: Option<&[CertificateDer<'_>]>) -> String {
    let own = chain.and_then(<[_]>::first);
    let digest = own.map(|own| Sha256::digest(own.as_ref()));
    let print = digest.iter().flatten().map(|byte| format!("{byte:02x}"));
    format!("certificate sha256:{} at {peer}", print.collect::<String>())
}

async fn connection(
    (control, journal): (Rc<Control>, Rc<Journal>),
    who: String,
    stream: impl AsyncRead + AsyncWrite + Unpin + 'static,
) {
    let who: Rc<str> = who.into();
    let service = service_fn(move |request| {
        let (control, journal) = (Rc::clone(&control), Rc::clone(&journal));
        let who = Rc::clone(&who);
        async move { Ok::<_, Infallible>(answer(&control, &journal, &who, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // An admin client that breaks off has nobody else to tell.
    let _ = served.await;
}

async fn answer(
    control: &Control,
    journal: &Journal,
    who: &str,
    request: Request<Incoming>,
) -> Reply {
    match (request.method(), request.uri().path()) {
        (&Method::GET, "/v1/status") => reply(StatusCode::OK, &status::status(control)),
        (&Method::GET, "/v1/metrics") => text(
            StatusCode::OK,
            "text/plain; version=0.0.4",
            status::metrics(control),
        ),
        (&Method::POST, "/v1/snapshot") => push(control, journal, request).await,
        (&Method::POST, "/v1/channels/test") => match small(request).await {
            Ok(body) => told(channels::test(control, &body).await),
            Err(reply) => *reply,
        },
        (&Method::GET, "/v1/tools") => reply(StatusCode::OK, &tools::list(control)),
        (&Method::POST, "/v1/tools/show") => match small(request).await {
            Ok(body) => told(tools::show(control, &body)),
            Err(reply) => *reply,
        },
        (&Method::POST, "/v1/tools/approve") => match small(request).await {
            Ok(body) => told(tools::approve(control, journal, &body).await),
            Err(reply) => *reply,
        },
        (&Method::POST, "/v1/audit/rotate") => told(rotate(&control.ledger).await),
        (_, "/v1/kill" | "/v1/revive") => kill::answer(&control.switch, who, request).await,
        (&Method::GET, "/v1/approvals") => reply(StatusCode::OK, &approvals::list(control)),
        (method, path) if path.starts_with(APPROVAL) => {
            let id = path.trim_start_matches(APPROVAL).to_owned();
            match *method {
                Method::GET => told(approvals::one(control, &id)),
                Method::POST => match small(request).await {
                    Ok(body) => told(approvals::decide(control, &id, &body)),
                    Err(reply) => *reply,
                },
                _ => wrong_method(),
            }
        }
        (
            _,
            "/v1/status" | "/v1/metrics" | "/v1/snapshot" | "/v1/approvals" | "/v1/channels/test"
            | "/v1/tools" | "/v1/tools/show" | "/v1/tools/approve" | "/v1/audit/rotate",
        ) => wrong_method(),
        (_, path) => {
            let known = "/v1/status, /v1/snapshot, /v1/metrics, /v1/approvals, /v1/channels/test, \
                         /v1/tools, /v1/audit/rotate, /v1/kill or /v1/revive";
            let error = format!("there is no {path}; expected {known}");
            reply(StatusCode::NOT_FOUND, &json!({ "error": error }))
        }
    }
}

/// Has the next segment of the audit log begun, and says which were written before and after.
async fn rotate(ledger: &Ledger) -> (StatusCode, Value) {
    let before = ledger.state();
    if before.failed {
        let error = "the audit log can't be written; see `varictl status`";
        return (StatusCode::SERVICE_UNAVAILABLE, json!({ "error": error }));
    }
    ledger.rotate();
    let until = Instant::now() + ROTATED;
    while before.bytes > 0 && ledger.state().segment == before.segment {
        if Instant::now() > until {
            let error = "no other segment has begun yet; see `varictl status`";
            return (StatusCode::GATEWAY_TIMEOUT, json!({ "error": error }));
        }
        tokio::time::sleep(Duration::from_millis(2)).await;
    }
    let after = ledger.state();
    let ended = (before.bytes > 0).then_some(before.segment);
    (
        StatusCode::OK,
        json!({ "ended": ended, "begun": after.segment }),
    )
}

fn wrong_method() -> Reply {
    reply(
        StatusCode::METHOD_NOT_ALLOWED,
        &json!({"error": "this path has another method"}),
    )
}

fn told((code, value): (StatusCode, Value)) -> Reply {
    reply(code, &value)
}

/// The body of a request that is no snapshot.
async fn small(request: Request<Incoming>) -> Result<Bytes, Box<Reply>> {
    let body = Limited::new(request.into_body(), DOCUMENT_BYTES_MAX);
    body.collect().await.map_or_else(
        |error| {
            let error = format!("the request did not arrive whole: {error}");
            Err(Box::new(reply(
                StatusCode::BAD_REQUEST,
                &json!({ "error": error }),
            )))
        },
        |body| Ok(body.to_bytes()),
    )
}

/// Takes a snapshot into service, or says why the running one stays.
async fn push(control: &Control, journal: &Journal, request: Request<Incoming>) -> Reply {
    let body = match Limited::new(request.into_body(), SNAPSHOT_BYTES_MAX)
        .collect()
        .await
    {
        Ok(body) => body.to_bytes(),
        Err(error) => {
            let error = format!("the snapshot did not arrive whole: {error}");
            return reply(StatusCode::BAD_REQUEST, &json!({ "error": error }));
        }
    };
    let known = control.hub.published().serving.generation();
    let prepared = publish::prepare(
        &control.dir,
        &body,
        &control.keys,
        (&control.hub.shelf, Some(known)),
    )
    .await;
    // Another push may have been faster while this one looked names up.
    let before = control.hub.published();
    let previous = before.serving.generation();
    match prepared {
        Ok(next) if next.serving.generation() <= previous => {
            let error = format!("generation {previous} was pushed meanwhile and serves");
            let told = json!({"error": error, "generation": previous});
            reply(StatusCode::CONFLICT, &told)
        }
        Ok(next) => {
            let generation = next.serving.generation();
            let sha256 = *next.serving.snapshot().digest();
            let note = restart_note(&before, &next);
            publish::serve(control, (&before, next));
            let event = Event::Snapshot {
                generation,
                sha256: &sha256,
                previous: Some(previous),
            };
            journal.record(&event).await;
            log::info(format_args!(
                "generation {generation} serves; it replaced {previous}"
            ));
            let said = json!({"generation": generation, "serving": true, "note": note});
            reply(StatusCode::OK, &said)
        }
        Err(error) => {
            let shown = format!("{error:#}");
            journal
                .record(&Event::SnapshotRefused {
                    generation: None,
                    error: &shown,
                })
                .await;
            log::warning(format_args!(
                "a snapshot was refused, {previous} stays: {shown}"
            ));
            let older = matches!(error.downcast_ref(), Some(SnapshotError::Generation { .. }));
            let code = if older {
                StatusCode::CONFLICT
            } else {
                StatusCode::UNPROCESSABLE_ENTITY
            };
            reply(code, &json!({"error": shown, "generation": previous}))
        }
    }
}

/// What of the new policy needs a restart to take effect.
fn restart_note(before: &crate::hub::Published, next: &crate::hub::Published) -> Option<String> {
    let (old, new) = (
        &before.serving.policy().runtime,
        &next.serving.policy().runtime,
    );
    let changed: Vec<_> = [
        ("listen", old.listen != new.listen),
        // Other files are taken up by new connections.
        ("tls", old.tls.is_some() != new.tls.is_some()),
        ("admin", admin(old) != admin(new)),
        ("runtime.driver", old.driver != new.driver),
        ("runtime.workers", old.workers != new.workers),
    ]
    .into_iter()
    .filter_map(|(name, changed)| changed.then_some(name))
    .collect();
    (!changed.is_empty()).then(|| {
        format!(
            "{} changed: this takes effect when the gateway restarts",
            changed.join(", ")
        )
    })
}

/// Certificate and key of a listener.
fn files(tls: Option<&ArchivedListenerTls>) -> Option<(&str, &str)> {
    tls.map(|tls| (tls.certificate.as_str(), tls.key.as_str()))
}

/// Where the admin interface listens, and what it trusts.
fn admin(runtime: &ArchivedRuntime) -> Option<[&str; 4]> {
    let row = runtime.admin.as_ref()?;
    let (certificate, key) = files(Some(&row.tls))?;
    Some([
        row.listen.as_str(),
        row.client_ca.as_str(),
        certificate,
        key,
    ])
}

pub(super) fn reply(code: StatusCode, value: &Value) -> Reply {
    text(code, "application/json", format!("{value}\n"))
}

fn text(code: StatusCode, kind: &'static str, body: String) -> Reply {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = code;
    response
        .headers_mut()
        .insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    response
}
