//! One POST over HTTP/1.1, on a connection of its own. Follows no redirect, reads no body: the
//! status alone counts.

use core::time::Duration;

use bytes::Bytes;
use http_body_util::Full;
use hyper::client::conn::http1;
use hyper::header::{CONNECTION, CONTENT_TYPE, HOST, RETRY_AFTER, USER_AGENT};
use hyper::{Request, Response};
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

/// Posts a JSON document.
pub(crate) async fn post(
    target: &Target,
    trust: &Trust,
    fields: &[(&'static str, String)],
    body: Vec<u8>,
) -> Result<(), Failure> {
    let connect = tokio::time::timeout(CONNECT, connected(target, trust));
    let tcp = connect
        .await
        .map_err(|_| Failure::passing("it could not be connected to in time"))??;
    let mut request = Request::post(target.path.as_str())
        .header(HOST, target.authority.as_str())
        .header(USER_AGENT, concat!("varistor/", env!("CARGO_PKG_VERSION")))
        .header(CONNECTION, "close")
        .header(CONTENT_TYPE, "application/json");
    for (name, value) in fields {
        request = request.header(*name, value.as_str());
    }
    let request = request
        .body(Full::new(Bytes::from(body)))
        .map_err(|_| Failure::lasting("its URL can't be asked for"))?;
    let exchange = async {
        if !target.tls {
            return exchanged(tcp, request).await;
        }
        let name = ServerName::try_from(target.host.clone())
            .map_err(|_| Failure::lasting("its host is no name for a certificate"))?;
        let connector = TlsConnector::from(trust.config());
        let secured = connector.connect(name, tcp).await;
        exchanged(secured.map_err(|error| io(&error))?, request).await
    };
    let answer = tokio::time::timeout(ANSWER, exchange).await;
    judged(&answer.map_err(|_| Failure::passing("it did not answer in time"))??)
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

async fn exchanged<S>(stream: S, request: Request<Full<Bytes>>) -> Result<Response<()>, Failure>
where
    S: AsyncRead + AsyncWrite + Unpin + 'static,
{
    let broken = |error: hyper::Error| Failure::passing(&format!("no HTTP answer: {error}"));
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(broken)?;
    let answer = sender.send_request(request);
    tokio::pin!(answer, connection);
    let answer = tokio::select! {
        answer = &mut answer => answer,
        // What arrived before the end is still handed over.
        _ = &mut connection => answer.await,
    };
    Ok(answer.map_err(broken)?.map(|_| ()))
}

/// What the status means for the message.
fn judged(answer: &Response<()>) -> Result<(), Failure> {
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
