//! The admin interface of gateways, as a client: HTTP/1.1 and JSON over the Unix socket or mutual
//! TLS. One request each, all gateways at once, bounded in time and size.

mod tls;

use std::io;
use std::path::PathBuf;
use std::sync::Arc;
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use http_body_util::{BodyExt, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONTENT_TYPE, HOST};
use hyper::{Method, Request};
use hyper_util::rt::TokioIo;
use rustls::ClientConfig;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::{TcpStream, UnixStream};
use varistor_connect::told;

pub(crate) use tls::Identity;

/// Connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// The whole exchange; a gateway that checks a large snapshot needs well under a second.
const EXCHANGE: Duration = Duration::from_secs(30);
/// Longest answer, in bytes: metrics are the largest at some tens of kilobytes.
const ANSWER_BYTES_MAX: usize = 4 * 1024 * 1024;

/// Where a gateway's admin interface is.
#[derive(Clone, Debug)]
pub(crate) enum Gateway {
    /// On this machine.
    Socket(PathBuf),
    /// `HOST:PORT`, with what proves us and it.
    Tcp(String, Arc<ClientConfig>),
}

impl Gateway {
    /// The name for people.
    pub(crate) fn name(&self) -> String {
        match self {
            Self::Socket(path) => path.display().to_string(),
            Self::Tcp(address, _) => address.clone(),
        }
    }
}

/// What is asked.
#[derive(Clone, Debug)]
pub(crate) enum Question {
    /// `GET`, with a path such as `/v1/status`.
    Get(String),
    /// `POST` with a JSON document.
    Post(String, serde_json::Value),
    /// `POST /v1/snapshot` with a snapshot file's bytes.
    Snapshot(Bytes),
}

/// What came back.
#[derive(Debug)]
pub(crate) struct Answer {
    /// HTTP status.
    pub(crate) status: u16,
    /// The body.
    pub(crate) body: Bytes,
}

/// Why nothing came back.
#[derive(Debug, thiserror::Error)]
pub(crate) enum AdminError {
    /// Nobody listens.
    #[error("the gateway isn't running (nothing listens on {0})")]
    NotRunning(String),
    /// The socket is another user's.
    #[error("no permission for {0}; run this as the gateway's user")]
    Permission(String),
    /// No answer within the bounds.
    #[error("{0} does not answer in time")]
    Timeout(String),
    /// TLS or HTTP went wrong.
    #[error("{0}: {1}")]
    Failed(String, String),
}

/// Asks all of them at once; the answers stand in the order of the gateways.
pub(crate) fn ask(
    gateways: &[Gateway],
    question: &Question,
) -> anyhow::Result<Vec<Result<Answer, AdminError>>> {
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()
        .context("can't start the network client")?;
    let exchanges = gateways.iter().map(|gateway| ask_one(gateway, question));
    Ok(runtime.block_on(futures_util::future::join_all(exchanges)))
}

async fn ask_one(gateway: &Gateway, question: &Question) -> Result<Answer, AdminError> {
    let name = gateway.name();
    let exchange = async {
        match gateway {
            Gateway::Socket(path) => {
                let connected = in_time(&name, UnixStream::connect(path)).await?;
                talk(&name, connected, question).await
            }
            Gateway::Tcp(address, config) => {
                let connected = in_time(&name, TcpStream::connect(address)).await?;
                let secured = in_time(&name, tls::secure(address, config, connected)).await?;
                talk(&name, secured, question).await
            }
        }
    };
    match tokio::time::timeout(EXCHANGE, exchange).await {
        Ok(answer) => answer,
        Err(_) => Err(AdminError::Timeout(name)),
    }
}

async fn in_time<T>(
    name: &str,
    connecting: impl Future<Output = io::Result<T>>,
) -> Result<T, AdminError> {
    match tokio::time::timeout(CONNECT, connecting).await {
        Err(_) => Err(AdminError::Timeout(name.to_owned())),
        Ok(Ok(connected)) => Ok(connected),
        Ok(Err(error)) => Err(match error.kind() {
            io::ErrorKind::NotFound | io::ErrorKind::ConnectionRefused => {
                AdminError::NotRunning(name.to_owned())
            }
            io::ErrorKind::PermissionDenied => AdminError::Permission(name.to_owned()),
            _ => AdminError::Failed(name.to_owned(), error.to_string()),
        }),
    }
}

async fn talk<S>(name: &str, stream: S, question: &Question) -> Result<Answer, AdminError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let failed = |what: String| AdminError::Failed(name.to_owned(), what);
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| failed(told(&error)))?;
    let exchange = async {
        let request = request(question).map_err(|error| failed(told(&error)))?;
        let answer = sender
            .send_request(request)
            .await
            .map_err(|error| failed(told(&error)))?;
        let status = answer.status().as_u16();
        let body = Limited::new(answer.into_body(), ANSWER_BYTES_MAX)
            .collect()
            .await
            .map_err(|error| failed(told(&*error)))?
            .to_bytes();
        Ok(Answer { status, body })
    };
    tokio::pin!(exchange, connection);
    let early = tokio::select! {
        answer = &mut exchange => return answer,
        ended = &mut connection => ended,
    };
    // The connection may end with the last byte of the answer; what arrived is still handed over.
    let answer = exchange.await;
    match (answer, early) {
        (Err(_), Err(error)) => Err(failed(told(&error))),
        (answer, _) => answer,
    }
}

fn request(question: &Question) -> Result<Request<Full<Bytes>>, hyper::http::Error> {
    let builder = Request::builder().header(HOST, "varistor-admin");
    match question {
        Question::Get(path) => builder
            .method(Method::GET)
            .uri(path)
            .body(Full::new(Bytes::new())),
        Question::Post(path, document) => builder
            .method(Method::POST)
            .uri(path)
            .header(CONTENT_TYPE, "application/json")
            .body(Full::new(Bytes::from(document.to_string()))),
        Question::Snapshot(bytes) => builder
            .method(Method::POST)
            .uri("/v1/snapshot")
            .header(CONTENT_TYPE, "application/octet-stream")
            .body(Full::new(bytes.clone())),
    }
}
