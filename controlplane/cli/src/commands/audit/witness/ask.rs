//! `varictl audit witness ask`: has a witness cosign the log's newest checkpoint.

use std::path::{Path, PathBuf};
use std::time::Duration;

use anyhow::Context;
use bytes::Bytes;
use clap::Args;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::Uri;
use hyper::header::HOST;
use hyper_util::rt::TokioIo;
use tokio::net::TcpStream;
use varistor_evidence::VerifierKey;
use varistor_evidence::witness::{Asking, Next, Request};

use super::super::{keys, log};
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};
use crate::output;

/// Longest time of one exchange.
const ANSWER_WITHIN: Duration = Duration::from_secs(30);
/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Have a witness cosign the log's newest checkpoint, once or again and again.
#[derive(Args, Debug)]
#[command(after_help = "\
Exit status: 0 the witness has cosigned the newest checkpoint, 1 it could not be asked or refuses.

Example:
  varictl audit witness ask http://witness.acme.example:7334 --key witness.vkey --every 60")]
pub(crate) struct Ask {
    /// Where the witness is
    #[arg(value_name = "URL")]
    url: Uri,
    /// The witness's public key, or a file that holds it
    #[arg(long, value_name = "KEY|FILE")]
    key: String,
    /// Go on asking, every so many seconds
    #[arg(long, value_name = "SECONDS", value_parser = clap::value_parser!(u64).range(1..))]
    every: Option<u64>,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

impl Ask {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = log(self.log.as_deref(), arguments)?;
        let key = keys::key(&self.key)?;
        if self.url.scheme_str() != Some("http") || self.url.host().is_none() {
            return Err(wrong(format!(
                "{}: expected http://HOST:PORT; what is said is signed on both sides, for secrecy \
                 put a proxy with TLS before the witness",
                self.url
            )));
        }
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        loop {
            let asked = runtime.block_on(self.ask(&log, &key));
            let Some(seconds) = self.every else {
                asked?;
                return Ok(Exit::Done);
            };
            if let Err(error) = asked {
                output::error(&format!("{error:#}"));
            }
            std::thread::sleep(Duration::from_secs(seconds));
        }
    }

    async fn ask(&self, log: &Path, key: &VerifierKey) -> anyhow::Result<()> {
        let (mut asking, mut request) = Asking::begin(log, key)?;
        loop {
            let sent = tokio::time::timeout(ANSWER_WITHIN, self.send(&request)).await;
            let (status, body) = sent
                .map_err(|_| anyhow::anyhow!("{} did not answer in time", self.url))?
                .with_context(|| format!("{} can't be asked", self.url))?;
            match asking.answered(status, &body)? {
                Next::Send(next) => request = next,
                Next::Cosigned(size) => {
                    return output::line(&format!("cosigned: {size} records"));
                }
            }
        }
    }

    async fn send(&self, request: &Request) -> anyhow::Result<(u16, String)> {
        let host = self.url.host().unwrap_or_default();
        let authority = self
            .url
            .authority()
            .map_or(host, |authority| authority.as_str());
        let stream = TcpStream::connect((host, self.url.port_u16().unwrap_or(80))).await?;
        let handshake = hyper::client::conn::http1::handshake(TokioIo::new(stream));
        let (mut sender, connection) = handshake.await?;
        let prefix = self.url.path().trim_end_matches('/');
        let posted = hyper::Request::post(format!("{prefix}/{}", request.path))
            .header(HOST, authority)
            .body(Full::new(Bytes::from(request.body.clone())))?;
        let exchange = async {
            let response = sender.send_request(posted).await?;
            let status = response.status().as_u16();
            let body = Limited::new(response.into_body(), ANSWER_BYTES_MAX).collect();
            let body = body
                .await
                .map_err(|error| anyhow::anyhow!("no answer: {error}"))?;
            let text = String::from_utf8_lossy(&body.to_bytes()).into_owned();
            drop(sender);
            anyhow::Ok((status, text))
        };
        let (answer, _closed) = tokio::join!(exchange, connection);
        answer
    }
}
