//! One request over HTTP/1.1, on a connection of its own. Follows no redirect. Of what is posted to
//! channels the status alone counts; what is asked of others has an answer, up to a bound.

use core::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full, Limited};
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT, WWW_AUTHENTICATE};
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio_rustls::TlsConnector;

use crate::channel::{Target, Trust};
use crate::send::{Failure, now_ms};

/// Connecting, TLS included.
const CONNECT: Duration = Duration::from_secs(5);
/// From the first byte of the request to the answer's head; receivers should answer first and
/// work later.
const ANSWER: Duration = Duration::from_secs(15);

/// What is asked of an operator's own service that is no channel.
pub struct Asked<'a> {
    /// The method.
    pub method: Method,
    /// What is put behind the target's path.
    pub suffix: &'a str,
    /// The body's media type.
    pub media: &'static str,
    /// Further fields.
    pub fields: &'a [(&'a str, &'a str)],
    /// The body.
    pub body: Vec<u8>,
}

/// Largest answer that is read, in bytes.
const ANSWER_BYTES_MAX: usize = 64 * 1024;

/// Asks, and returns the status and the body of the answer.
///
/// # Errors
/// Why there is no answer. The text names no URL.
pub async fn ask(
    target: &Target,
    trust: &Trust,
    asked: Asked<'_>,
) -> Result<(u16, Vec<u8>), Failure> {
    let answer = sent(target, trust, (asked.request(target)?, ANSWER_BYTES_MAX)).await?;
    Ok((answer.status().as_u16(), answer.into_body().to_vec()))
}

/// Asks, and returns the status and what the answer's `WWW-Authenticate` says. The answer's body,
/// which may be a stream without end, is not read.
///
/// # Errors
/// Why there is no answer. The text names no URL.
pub async fn challenged(
    target: &Target,
    trust: &Trust,
    asked: Asked<'_>,
) -> Result<(u16, String), Failure> {
    let answer = sent(target, trust, (asked.request(target)?, 0)).await?;
    let values = answer.headers().get_all(WWW_AUTHENTICATE).iter();
    let values: Vec<_> = values.filter_map(|value| value.to_str().ok()).collect();
    Ok((answer.status().as_u16(), values.join(", ")))
}

impl Asked<'_> {
    fn request(self, target: &Target) -> Result<Request<Full<Bytes>>, Failure> {
        let path = format!("{}{}", target.path.as_str(), self.suffix);
        let mut request = request(&self.method, &path, target).header(CONTENT_TYPE, self.media);
        for (name, value) in self.fields {
            request = request.header(*name, *value);
        }
        whole(request, self.body)
    }
}

/// Posts a JSON document.
pub(crate) async fn post(
    target: &Target,
    trust: &Trust,
    fields: &[(&'static str, String)],
    body: Vec<u8>,
) -> Result<(), Failure> {
    let request = request(&Method::POST, target.path.as_str(), target);
    let mut request = request.header(CONTENT_TYPE, "application/json");
    for (name, value) in fields {
        request = request.header(*name, value.as_str());
    }
    judged(&sent(target, trust, (whole(request, body)?, 0)).await?)
}

fn request(method: &Method, path: &str, target: &Target) -> hyper::http::request::Builder {
    Request::builder()
        .method(method)
        .uri(path)
        .header(HOST, target.authority.as_str())
        .header(USER_AGENT, concat!("varistor/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
}

fn whole(
    request: hyper::http::request::Builder,
    body: Vec<u8>,
) -> Result<Request<Full<Bytes>>, Failure> {
    request
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Failure::lasting("its URL can't be asked for"))
}

/// Sends it, and reads so many bytes of the answer's body at most; 0: none.
async fn sent(
    target: &Target,
    trust: &Trust,
    (request, bytes_max): (Request<Full<Bytes>>, usize),
) -> Result<Response<Bytes>, Failure> {
    let connect = tokio::time::timeout(CONNECT, connected(target, trust));
    let tcp = connect
        .await
        .map_err(|_| Failure::passing("it could not be connected to in time"))??;
    let exchange = async {
        if !target.tls {
            return exchanged(tcp, request, bytes_max).await;
        }
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_| Failure::lasting("its host is no name for a certificate"))?;
        let connector = TlsConnector::from(trust.config());
        let secured = connector.connect(name, tcp).await;
        exchanged(secured.map_err(|error| io(&error))?, request, bytes_max).await
    };
    let answer = tokio::time::timeout(ANSWER, exchange).await;
    answer.map_err(|_| Failure::passing("it did not answer in time"))?
}

async fn connected(target: &Target, trust: &Trust) -> Result<TcpStream, Failure> {
    let mut last = Failure::passing("it has no address");
    for address in trust.resolve(&target.host, target.port).await? {
        match TcpStream::connect(address).await {
            Ok(tcp) => return Ok(tcp),
            Err(error) => last = io(&error),
        }
    }
    Err(last)
}

async fn exchanged<S>(
    stream: S,
    request: Request<Full<Bytes>>,
    bytes_max: usize,
) -> Result<Response<Bytes>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let broken = |error: hyper::Error| Failure::passing(&format!("no HTTP answer: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let answer = async {
        let (head, body) = sender
            .send_request(request)
            .await
            .map_err(broken)?
            .into_parts();
        if bytes_max == 0 {
            return Ok(Response::from_parts(head, Bytes::new()));
        }
        let body = Limited::new(body, bytes_max).collect().await;
        let body = body.map_err(|error| Failure::passing(&format!("no whole answer: {error}")))?;
        Ok(Response::from_parts(head, body.to_bytes()))
    };
    tokio::pin!(answer, connection);
    tokio::select! {
        answer = &mut answer => answer,
        // What arrived before the end is still handed over.
        _ = &mut connection => answer.await,
    }
}

/// What the status means for the message.
fn judged<B>(answer: &Response<B>) -> Result<(), Failure> {
    let status = answer.status();
    if status.is_success() {
        return Ok(());
    }
    let text = format!("it answered with status {}", status.as_u16());
    let again = matches!(status.as_u16(), 408 | 425 | 429) || status.is_server_error();
    if !again {
        return Err(Failure::lasting(&text));
    }
    let asked = answer.headers().get(RETRY_AFTER);
    Err(Failure {
        asked_ms: asked
            .and_then(|value| value.to_str().ok())
            .and_then(|value| asked_ms(value, now_ms())),
        ..Failure::passing(&text)
    })
}

/// How long `Retry-After` asks to wait: seconds, or a date (RFC 9110 section 10.2.3).
fn asked_ms(value: &str, now_ms: u64) -> Option<u64> {
    if let Ok(seconds) = value.trim().parse::<u64>() {
        return Some(seconds.saturating_mul(1000));
    }
    let date = jiff::fmt::rfc2822::parse(value).ok()?;
    let until = u64::try_from(date.timestamp().as_millisecond()).ok()?;
    Some(until.saturating_sub(now_ms))
}

fn io(error: &std::io::Error) -> Failure {
    Failure::passing(&format!("it could not be connected to: {error}"))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, retry_after: Option<&str>) -> Result<(), Failure> {
        let mut answer = Response::builder().status(status);
        if let Some(value) = retry_after {
            answer = answer.header(RETRY_AFTER, value);
        }
        judged(&answer.body(()).unwrap())
    }

    #[test]
    fn the_status_says_whether_another_attempt_makes_sense() {
        for status in [200, 201, 204, 299] {
            assert!(answer(status, None).is_ok());
        }
        for (status, permanent) in [
            (301, true),
            (302, true),
            (307, true),
            (400, true),
            (401, true),
            (404, true),
            (410, true),
            (408, false),
            (425, false),
            (429, false),
            (500, false),
            (503, false),
        ] {
            let failure = answer(status, None).unwrap_err();
            assert_eq!(failure.permanent, permanent, "{status}");
        }
    }

    #[test]
    fn a_receiver_says_when_to_come_back() {
        assert_eq!(answer(503, Some("7")).unwrap_err().asked_ms, Some(7_000));
        assert_eq!(answer(503, Some("soon")).unwrap_err().asked_ms, None);
        let date = "Fri, 15 Jan 2027 08:00:10 GMT";
        assert_eq!(asked_ms(date, 1_800_000_000_000), Some(10_000));
        assert_eq!(asked_ms(date, 1_900_000_000_000), Some(0));
    }
}
