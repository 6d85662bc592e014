//! `varictl audit witness serve`: remembers the newest head of each log, and cosigns later ones.
//!
//! One request at a time: what is remembered is read, compared and synced as one step.

use std::convert::Infallible;
use std::net::SocketAddr;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use ed25519_dalek::SigningKey;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::body::Incoming;
use hyper::header::CONTENT_TYPE;
use hyper::service::service_fn;
use hyper::{Method, Request, Response, StatusCode};
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::TcpListener;
use varistor_evidence::witness;

use super::super::keys;
use crate::exit::{Exit, wrong};
use crate::{files, output};

/// Largest request: a year of keys that change every quarter of an hour takes 13 MB.
const BODY_BYTES_MAX: usize = 32 << 20;
/// Longest time that a request may take to arrive.
const READ_WITHIN: Duration = Duration::from_secs(30);
/// The private key, in the memory.
const KEY: &str = "witness.key";

/// The public key, as the gateways' side needs it.
const PUBLIC: &str = "witness.vkey";

/// Be a witness of logs, on another host than the gateways.
#[derive(Args, Debug)]
#[command(after_help = "\
The memory is made when it is missing, with a key of the witness's own; the public key is printed
and kept in `witness.vkey`.
Whoever may write there can make the witness forget: keep it apart from the gateways. The protocol
needs no secrecy: everything in it is signed.

Example:
  varictl audit witness serve --memory /var/lib/witness --name witness.acme.example \\
    --log gateway1.vkey --log gateway2.vkey --listen 0.0.0.0:7334")]
pub(crate) struct Serve {
    /// Directory of what the witness remembers
    #[arg(long, value_name = "DIR")]
    memory: PathBuf,
    /// The witness's name, such as the host's
    #[arg(long, value_name = "NAME")]
    name: String,
    /// A log's first key (its anchor), or a file that holds it; may be given several times
    #[arg(long, value_name = "KEY|FILE", required = true)]
    log: Vec<String>,
    /// Address and port
    #[arg(long, value_name = "ADDRESS:PORT", default_value = "127.0.0.1:7334")]
    listen: SocketAddr,
}

impl Serve {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let unfit = |c: char| c.is_whitespace() || c.is_control() || c == '+';
        if self.name.is_empty() || self.name.contains(unfit) {
            return Err(wrong(format!(
                "--name {:?}: expected a name without spaces and plus signs, such as a host's",
                self.name
            )));
        }
        let anchors = self.log.iter().map(|named| keys::key(named));
        let anchors = anchors.collect::<anyhow::Result<_>>()?;
        files::private_directory(&self.memory)?;
        let key = own_key(&self.memory)?;
        let witness = witness::Witness::new(&self.memory, &self.name, key, anchors);
        let public = self.memory.join(PUBLIC);
        std::fs::write(&public, format!("{}\n", witness.public()))
            .with_context(|| format!("can't write {}", public.display()))?;
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let serving = serve(self.listen, Rc::new(witness));
        tokio::task::LocalSet::new().block_on(&runtime, serving)?;
        Ok(Exit::Done)
    }
}

fn own_key(memory: &Path) -> anyhow::Result<SigningKey> {
    let path = memory.join(KEY);
    if !path.exists() {
        crate::keys::make_at(&path)?;
    }
    Ok(SigningKey::from_bytes(&*crate::keys::private(&path)?))
}

async fn serve(listen: SocketAddr, witness: Rc<witness::Witness>) -> anyhow::Result<()> {
    let listener = TcpListener::bind(listen).await;
    let listener = listener.with_context(|| format!("can't listen on {listen}"))?;
    output::line(&format!("witness {}", witness.public()))?;
    output::line(&format!("listening on http://{}", listener.local_addr()?))?;
    loop {
        let stream = match listener.accept().await {
            Ok((stream, _)) => stream,
            Err(error) => {
                output::warning(&format!("a connection could not be taken: {error}"));
                tokio::time::sleep(Duration::from_millis(100)).await;
                continue;
            }
        };
        let witness = Rc::clone(&witness);
        tokio::task::spawn_local(async move {
            let service = service_fn(|request| answer(&witness, request));
            let connection = hyper::server::conn::http1::Builder::new()
                .timer(TokioTimer::new())
                .header_read_timeout(READ_WITHIN)
                .serve_connection(TokioIo::new(stream), service);
            // A client that leaves is no failure of the witness.
            let _left = connection.await;
        });
    }
}

async fn answer(
    witness: &witness::Witness,
    request: Request<Incoming>,
) -> Result<Response<Full<Bytes>>, Infallible> {
    let plain = |status, text: &'static str| told(status, "text/plain", text.to_owned());
    if request.method() != Method::POST {
        return Ok(plain(405, "only POST\n"));
    }
    let path = request.uri().path().to_owned();
    let body = Limited::new(request.into_body(), BODY_BYTES_MAX).collect();
    let body = match tokio::time::timeout(READ_WITHIN, body).await {
        Ok(Ok(body)) => body.to_bytes(),
        Ok(Err(_)) => return Ok(plain(413, "at most 32 MiB\n")),
        Err(_) => return Ok(plain(408, "it took too long to arrive\n")),
    };
    let Ok(body) = str::from_utf8(&body) else {
        return Ok(plain(400, "this is no text\n"));
    };
    let now = SystemTime::now().duration_since(UNIX_EPOCH);
    let answer = match path.rsplit('/').next() {
        Some("add-checkpoint") => witness.add_checkpoint(body, now.map_or(0, |now| now.as_secs())),
        Some("add-keys") => witness.add_keys(body),
        _ => return Ok(plain(404, "only add-checkpoint and add-keys\n")),
    };
    Ok(match answer {
        Ok(answer) => {
            let (status, media, body) = answer.told();
            told(status, media, body)
        }
        Err(error) => {
            output::error(&error.to_string());
            plain(500, "the witness's memory can't be used\n")
        }
    })
}

fn told(status: u16, media: &'static str, body: String) -> Response<Full<Bytes>> {
    let mut response = Response::new(Full::new(Bytes::from(body)));
    *response.status_mut() = StatusCode::from_u16(status).unwrap_or(StatusCode::IM_A_TEAPOT);
    let media = hyper::header::HeaderValue::from_static(media);
    response.headers_mut().insert(CONTENT_TYPE, media);
    response
}
