//! The server: one thread, connections bounded in number, time and size.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::sync::{Arc, Mutex};
use std::time::Duration;

use anyhow::Context as _;
use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::{COOKIE, HOST, ORIGIN};
use hyper::service::service_fn;
use hyper::{HeaderMap, Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use rustls::ServerConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpListener;
use tokio::sync::Semaphore;
use tokio_rustls::TlsAcceptor;

use super::answer::{Answer, html};
use super::form::FORM_BYTES_MAX;
use super::gateways::Fleet;
use super::links::Links;
use super::route::{Asked, Desk};
use super::views;
use crate::directory::PolicyDir;
use crate::output;

/// Most connections at once.
const CONNECTIONS_MAX: usize = 256;
/// For a handshake, a head, and a form.
const PATIENCE: Duration = Duration::from_secs(10);
/// Longest head, in bytes; the smallest that hyper takes.
const HEAD_BYTES_MAX: usize = 16 * 1024;

/// What is served, and where.
pub(crate) struct Site {
    pub(crate) dir: PolicyDir,
    pub(crate) fleet: Fleet,
    pub(crate) listen: SocketAddr,
    pub(crate) tls: Option<Arc<ServerConfig>>,
    /// Further names that it is reached by, with their ports where these are not the usual ones.
    pub(crate) hosts: Vec<String>,
}

/// Serves until the process is told to end.
pub(crate) fn serve(site: Site) -> anyhow::Result<()> {
    let links = Links::open(&site.dir)?;
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .max_blocking_threads(32)
        .build()
        .context("can't start the server")?;
    runtime.block_on(async {
        let listener = TcpListener::bind(site.listen)
            .await
            .with_context(|| format!("can't listen on {}", site.listen))?;
        let bound = listener.local_addr()?;
        let scheme = if site.tls.is_some() { "https" } else { "http" };
        let acceptor = site.tls.clone().map(TlsAcceptor::from);
        let desk = Arc::new(Desk {
            hosts: hosts(bound, &site.hosts),
            dir: site.dir,
            fleet: site.fleet,
            links,
            tls: acceptor.is_some(),
            sessions: Mutex::default(),
            pace: Mutex::default(),
            checking: Mutex::default(),
        });
        output::line(&format!("listening on {scheme}://{bound}"))?;
        let mut end = tokio::signal::unix::signal(tokio::signal::unix::SignalKind::terminate())?;
        tokio::select! {
            () = accept(listener, desk, acceptor) => {}
            _ = end.recv() => {}
            _ = tokio::signal::ctrl_c() => {}
        }
        anyhow::Ok(())
    })
}

/// The hosts that are served: the address, its loopback names, and what was named.
fn hosts(bound: SocketAddr, named: &[String]) -> Vec<String> {
    let mut hosts = vec![bound.to_string()];
    if bound.ip().is_loopback() {
        hosts.push(format!("localhost:{}", bound.port()));
    }
    hosts.extend(named.iter().map(|host| host.to_ascii_lowercase()));
    hosts
}

async fn accept(listener: TcpListener, desk: Arc<Desk>, acceptor: Option<TlsAcceptor>) {
    let room = Arc::new(Semaphore::new(CONNECTIONS_MAX));
    loop {
        let Ok(permit) = Arc::clone(&room).acquire_owned().await else {
            return;
        };
        let Ok((stream, _)) = listener.accept().await else {
            tokio::time::sleep(Duration::from_millis(50)).await;
            continue;
        };
        let (desk, acceptor) = (Arc::clone(&desk), acceptor.clone());
        tokio::spawn(async move {
            match acceptor {
                None => connection(desk, stream).await,
                Some(acceptor) => {
                    let secured = tokio::time::timeout(PATIENCE, acceptor.accept(stream)).await;
                    if let Ok(Ok(stream)) = secured {
                        connection(desk, stream).await;
                    }
                }
            }
            drop(permit);
        });
    }
}

async fn connection(desk: Arc<Desk>, stream: impl AsyncRead + AsyncWrite + Unpin) {
    let service = service_fn(move |request| {
        let desk = Arc::clone(&desk);
        async move { Ok::<_, Infallible>(answer(desk, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(PATIENCE)
        .max_buf_size(HEAD_BYTES_MAX)
        .serve_connection(TokioIo::new(stream), service);
    // A browser that breaks off has nobody else to tell.
    let _ = served.await;
}

async fn answer(desk: Arc<Desk>, request: Request<Incoming>) -> Answer {
    let (head, body) = request.into_parts();
    let post = head.method == Method::POST;
    if !post && !Asked::is_read_only(&head.method) {
        let what = "Pages are read, and forms sent.";
        return html(
            StatusCode::METHOD_NOT_ALLOWED,
            views::trouble("Not allowed", what, None),
        );
    }
    let mut asked = Asked {
        post,
        path: head.uri.path().to_owned(),
        host: field(&head.headers, HOST).unwrap_or_default(),
        origin: field(&head.headers, ORIGIN),
        cookie: field(&head.headers, COOKIE).unwrap_or_default(),
        body: Vec::new(),
    };
    if post {
        let read = tokio::time::timeout(PATIENCE, Limited::new(body, FORM_BYTES_MAX).collect());
        match read.await {
            Ok(Ok(body)) => asked.body = body.to_bytes().to_vec(),
            _ => {
                let what = "The form is too long, or did not arrive whole. Go back and shorten it.";
                let page = views::trouble("Too long", what, None);
                return html(StatusCode::PAYLOAD_TOO_LARGE, page);
            }
        }
    }
    let answered = tokio::task::spawn_blocking(move || desk.answer(&asked)).await;
    answered.unwrap_or_else(|_| {
        let mut broken = Response::new(Full::new(Bytes::from_static(b"internal error\n")));
        *broken.status_mut() = StatusCode::INTERNAL_SERVER_ERROR;
        broken
    })
}

/// A field that stands once; one that stands twice counts as none.
fn field(fields: &HeaderMap, name: hyper::header::HeaderName) -> Option<String> {
    let mut found = fields.get_all(name).iter();
    let value = found.next()?.to_str().ok()?.to_owned();
    found.next().is_none().then_some(value)
}
