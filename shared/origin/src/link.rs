//! Connections to one origin: made when needed, kept for the next message, and never used twice
//! for one message that may have left on them.

use std::cell::{Cell, RefCell};
use std::io;
use std::time::Duration;

use bytes::Bytes;
use http_body_util::{BodyExt as _, Full};
use hyper::body::{Body as _, Incoming};
use hyper::client::conn::http1;
use hyper::header::HeaderMap;
use hyper::{Request, Response};
use hyper_util::rt::TokioIo;
use rustix::net::sockopt;
use rustls::pki_types::ServerName;
use tokio::io::{AsyncRead, AsyncWrite};
use tokio::net::TcpStream;
use tokio::time::timeout;
use tokio_rustls::TlsConnector;

use crate::dial::{Resolve, dial};

/// Longest time for a name, for a connection, and for TLS, each.
const STEP: Duration = Duration::from_secs(5);
/// Connections that are kept while nothing is under way.
const IDLE_MAX: usize = 8;
/// A peer that answers no probe for this long is gone: streams may be silent for hours.
const SILENT: Duration = Duration::from_secs(30);
/// Time between probes, of which three are sent.
const PROBE: Duration = Duration::from_secs(10);

type Sender = http1::SendRequest<Full<Bytes>>;

/// Where an origin is.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Place {
    /// A DNS name or an address, without brackets.
    pub host: String,
    /// TCP port.
    pub port: u16,
    /// Whether the bytes go through TLS.
    pub tls: bool,
}

/// The way to an origin.
pub struct Link {
    place: Place,
    resolve: Resolve,
    trust: Trust,
    tls: RefCell<Option<TlsConnector>>,
    idle: RefCell<Vec<Sender>>,
}

/// Sets TLS up, when the first connection needs it; the error is for a person.
type Trust = Box<dyn Fn() -> Result<TlsConnector, String>>;

/// Why nothing came back.
#[derive(Debug)]
pub enum LinkError {
    /// It was not sent; it may help to try again.
    Absent(String),
    /// It was not sent, and trying again will not help.
    Unfit(String),
    /// It was sent, at least in part.
    Broken(String),
}

/// The head of an answer, and its body as it comes.
pub struct Reply {
    status: u16,
    headers: HeaderMap,
    body: Incoming,
    sender: Sender,
}

impl Link {
    /// No connection is made yet.
    #[must_use]
    pub fn new(place: Place, resolve: Resolve, trust: Trust) -> Self {
        Self {
            place,
            resolve,
            trust,
            tls: RefCell::new(None),
            idle: RefCell::new(Vec::new()),
        }
    }

    /// Sends a request and waits for the head of its answer. `sent` holds as long as the request
    /// may have left. Dropping the future, or the reply, ends the connection.
    ///
    /// # Errors
    /// Nothing came back.
    pub async fn send(
        &self,
        mut request: Request<Full<Bytes>>,
        sent: &Cell<bool>,
    ) -> Result<Reply, LinkError> {
        loop {
            let kept = self.kept().await;
            let is_kept = kept.is_some();
            let mut sender = match kept {
                Some(sender) => sender,
                None => self.connect().await?,
            };
            sent.set(true);
            let mut error = match sender.try_send_request(request).await {
                Ok(response) => return Ok(Reply::new(response, sender)),
                Err(error) => error,
            };
            let why = told(error.error());
            match error.take_message() {
                // The connection was closed while nothing was under way: another one will do.
                Some(unsent) if is_kept => request = unsent,
                Some(_) => {
                    sent.set(false);
                    return Err(LinkError::Absent(why));
                }
                None => return Err(LinkError::Broken(why)),
            }
            sent.set(false);
        }
    }

    /// Takes back the connection of an answer that was read to its end.
    pub fn keep(&self, reply: Reply) {
        let mut idle = self.idle.borrow_mut();
        if idle.len() < IDLE_MAX && reply.body.is_end_stream() {
            idle.push(reply.sender);
        }
    }

    /// A connection that still stands.
    async fn kept(&self) -> Option<Sender> {
        if self.idle.borrow().is_empty() {
            return None;
        }
        // Lets the runtime see which of them the gateway has closed meanwhile.
        tokio::task::yield_now().await;
        let mut idle = self.idle.borrow_mut();
        idle.retain(|sender| !sender.is_closed());
        let at = idle.iter().rposition(Sender::is_ready)?;
        Some(idle.swap_remove(at))
    }

    async fn connect(&self) -> Result<Sender, LinkError> {
        let stream = self.dial().await.map_err(LinkError::Absent)?;
        if !self.place.tls {
            return handshake(stream).await;
        }
        let connector = self.connector()?;
        let name = ServerName::try_from(self.place.host.clone())
            .map_err(|error| LinkError::Unfit(error.to_string()))?;
        match timeout(STEP, connector.connect(name, stream)).await {
            Err(_) => Err(LinkError::Absent("TLS is not answered in time".to_owned())),
            // An alert, or a certificate that does not fit.
            Ok(Err(error)) if error.kind() == io::ErrorKind::InvalidData => {
                Err(LinkError::Unfit(format!("no trusted connection: {error}")))
            }
            Ok(Err(error)) => Err(LinkError::Absent(error.to_string())),
            Ok(Ok(secured)) => handshake(secured).await,
        }
    }

    fn connector(&self) -> Result<TlsConnector, LinkError> {
        let mut tls = self.tls.borrow_mut();
        if tls.is_none() {
            *tls = Some((self.trust)().map_err(LinkError::Unfit)?);
        }
        tls.clone()
            .ok_or_else(|| LinkError::Unfit("TLS can't be set up".to_owned()))
    }

    async fn dial(&self) -> Result<TcpStream, String> {
        let looked_up = (self.resolve)(&self.place.host, self.place.port);
        let addresses = timeout(STEP, looked_up).await;
        let addresses = addresses.map_err(|_| "its name is not resolved in time".to_owned())??;
        let stream = dial(addresses, STEP).await?;
        // Slower or less watchful without them, not wrong.
        let _slower = stream.set_nodelay(true);
        let _unwatched = watch(&stream);
        Ok(stream)
    }
}

/// Has the kernel find out that a silent peer is gone.
fn watch(stream: &TcpStream) -> rustix::io::Result<()> {
    sockopt::set_socket_keepalive(stream, true)?;
    sockopt::set_tcp_keepidle(stream, SILENT)?;
    sockopt::set_tcp_keepintvl(stream, PROBE)?;
    sockopt::set_tcp_keepcnt(stream, 3)
}

async fn handshake<S>(stream: S) -> Result<Sender, LinkError>
where
    S: AsyncRead + AsyncWrite + Unpin + Send + 'static,
{
    let (mut sender, connection) = http1::handshake(TokioIo::new(stream))
        .await
        .map_err(|error| LinkError::Absent(told(&error)))?;
    tokio::task::spawn_local(async move {
        // Whoever waits for an answer on it is told there.
        let _told_elsewhere = connection.await;
    });
    sender
        .ready()
        .await
        .map_err(|error| LinkError::Absent(told(&error)))?;
    Ok(sender)
}

impl Reply {
    fn new(response: Response<Incoming>, sender: Sender) -> Self {
        let (head, body) = response.into_parts();
        Self {
            status: head.status.as_u16(),
            headers: head.headers,
            body,
            sender,
        }
    }

    /// The HTTP status.
    #[must_use]
    pub const fn status(&self) -> u16 {
        self.status
    }

    /// The fields.
    #[must_use]
    pub const fn headers(&self) -> &HeaderMap {
        &self.headers
    }

    /// The next bytes of the body; `None` at its end.
    pub async fn next(&mut self) -> Option<Result<Bytes, String>> {
        loop {
            let frame = match self.body.frame().await? {
                Ok(frame) => frame,
                Err(error) => return Some(Err(told(&error))),
            };
            // Trailers say nothing here.
            if let Ok(data) = frame.into_data() {
                return Some(Ok(data));
            }
        }
    }

    /// How long the body is, where the head says so.
    #[must_use]
    pub fn length(&self) -> Option<u64> {
        self.body.size_hint().exact()
    }
}

/// The error and what caused it, in one line.
#[must_use]
pub fn told(error: &dyn std::error::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(error) = cause {
        text.push_str(": ");
        text.push_str(&error.to_string());
        cause = error.source();
    }
    text
}
