//! Where workers come in: one request of an authenticated client, and its answer.

use core::convert::Infallible;
use std::rc::Rc;

use http_body_util::{BodyExt as _, Limited};
use hyper::body::Incoming;
use hyper::header::{ACCEPT, AUTHORIZATION, FORWARDED, HOST, HeaderMap, HeaderName, HeaderValue};
use hyper::service::service_fn;
use hyper::{Method, Request, Response};
use hyper_util::rt::TokioIo;
use sha2::{Digest as _, Sha256};
use tokio::net::UnixStream;
use varistor_model::Era;
use varistor_model::limits::BODY_BYTES_MAX;
use zeroize::Zeroizing;

use crate::event_streams;
use crate::inner::SESSION;
use crate::names::Naming;
use crate::order::order;
use crate::plan::{Plan, View};
use crate::reply::{Body, Reply};
use crate::run::Hub;

/// Whose sessions these are: the token's id, or that of an outside provider's holder, over all of
/// their tokens.
const HOLDER: HeaderName = HeaderName::from_static("varistor-holder");
/// Names of the servers within the token's reach, with commas between.
const REACH: HeaderName = HeaderName::from_static("varistor-reach");
const VERSION: HeaderName = HeaderName::from_static("mcp-protocol-version");
const LAST_EVENT: HeaderName = HeaderName::from_static("last-event-id");
/// What the protocol calls mirrored arguments.
const PARAM: &str = "mcp-param-";
const TRACE: [&str; 3] = ["traceparent", "tracestate", "baggage"];

/// Who asks, and what is within reach.
#[derive(Clone)]
pub(crate) struct Who {
    /// `Bearer ..`. Zeroized behind the last who has it.
    bearer: Rc<Zeroizing<Vec<u8>>>,
    pub(crate) host: HeaderValue,
    /// `Forwarded`: the client's address, for records.
    pub(crate) peer: HeaderValue,
    pub(crate) trace: Vec<(HeaderName, HeaderValue)>,
    /// In order.
    pub(crate) reach: Rc<[String]>,
    pub(crate) view: Option<Rc<View>>,
    pub(crate) naming: Naming,
    pub(crate) plan: std::sync::Arc<Plan>,
    /// What the client says of itself in every request of 2026-07-28, as members of `_meta`.
    pub(crate) meta: Rc<str>,
    /// Of the holder and the route: whatever is kept is kept by it.
    pub(crate) identity: [u8; 32],
}

/// One request of a client.
pub(crate) struct Call {
    pub(crate) who: Who,
    pub(crate) verb: Method,
    pub(crate) session: Option<String>,
    pub(crate) last_event: Option<String>,
    /// By the header; what a body says counts more.
    pub(crate) era: Era,
    pub(crate) takes_events: bool,
    /// Mirrored arguments.
    pub(crate) mirrored: Vec<(HeaderName, HeaderValue)>,
    pub(crate) body: String,
}

impl Who {
    /// The `Authorization` field.
    pub(crate) fn authorization(&self) -> Option<HeaderValue> {
        let mut value = HeaderValue::from_bytes(&self.bearer).ok()?;
        value.set_sensitive(true);
        Some(value)
    }

    /// Whether the other one has shown the same token.
    pub(crate) fn shows_the_same(&self, other: &Self) -> bool {
        self.bearer == other.bearer
    }

    /// Whether this server is within reach.
    pub(crate) fn reaches(&self, server: &str) -> bool {
        self.reach.iter().any(|name| name == server)
    }
}

/// Serves one connection of a worker.
pub(crate) async fn serve(hub: Rc<Hub>, stream: UnixStream) {
    let service = service_fn(move |request| {
        let hub = Rc::clone(&hub);
        async move { Ok::<Response<Body>, Infallible>(answer(&hub, request).await.http()) }
    });
    let mut http = hyper::server::conn::http1::Builder::new();
    http.half_close(false).auto_date_header(false);
    // Whatever ends it concerns this connection only, and the worker knows.
    let _ = http.serve_connection(TokioIo::new(stream), service).await;
}

async fn answer(hub: &Rc<Hub>, request: Request<Incoming>) -> Reply {
    let (head, body) = request.into_parts();
    let body = match Limited::new(body, BODY_BYTES_MAX).collect().await {
        Ok(body) => body.to_bytes(),
        Err(_) => return Reply::bare(413),
    };
    let body = String::from_utf8(body.into()).unwrap_or_default();
    let path = head.uri.path();
    let of_streams = path.strip_prefix("/sse");
    let rest = of_streams.or_else(|| path.strip_prefix("/mcp"));
    let call = call(
        hub,
        (rest.unwrap_or_default(), &head.headers),
        head.method,
        body,
    );
    match (call, of_streams) {
        (Ok(call), None) => order(hub, call).await,
        (Ok(call), Some(_)) => event_streams::serve(hub, call, &head.uri).await,
        (Err(status), _) => Reply::bare(status),
    }
}

/// `rest` of the route: empty, `/@VIEW`, `/SERVER`.
fn call(
    hub: &Hub,
    (rest, fields): (&str, &HeaderMap),
    verb: Method,
    body: String,
) -> Result<Call, u16> {
    let text = |name: &HeaderName| fields.get(name).and_then(|value| value.to_str().ok());
    let plan = hub.plan();
    let view = match rest.strip_prefix("/@") {
        None => None,
        Some(name) => Some(Rc::new(plan.views.get(name).ok_or(404_u16)?.clone())),
    };
    let single = rest.strip_prefix('/').filter(|_| view.is_none());
    let of_view = |server: &&str| {
        let chosen = |view: &Rc<View>| view.tools.iter().any(|chosen| chosen.server == *server);
        !server.is_empty()
            && view.as_ref().is_none_or(chosen)
            && single.is_none_or(|single| single == *server)
    };
    let reach = text(&REACH).unwrap_or_default().split(',');
    let mut said = fields.get_all(AUTHORIZATION).iter();
    let bearer = match (said.next(), said.next()) {
        (Some(one), None) => one.as_bytes(),
        (Some(_), Some(_)) => return Err(400),
        (None, _) => return Err(401),
    };
    let mut identity = Sha256::new();
    identity.update(fields.get(HOLDER).ok_or(400_u16)?);
    identity.update([0]);
    identity.update(rest);
    let passed = |keep: &dyn Fn(&str) -> bool| {
        let all = fields.iter().filter(|(name, _)| keep(name.as_str()));
        all.map(|(name, value)| (name.clone(), value.clone()))
            .collect()
    };
    let who = Who {
        bearer: Rc::new(Zeroizing::new(bearer.to_vec())),
        host: fields.get(HOST).ok_or(400_u16)?.clone(),
        peer: fields.get(FORWARDED).ok_or(400_u16)?.clone(),
        trace: passed(&|name| TRACE.contains(&name)),
        reach: reach.filter(of_view).map(str::to_owned).collect(),
        view,
        naming: match single {
            Some(_) => Naming::Own,
            None => Naming::Joined,
        },
        plan,
        meta: "".into(),
        identity: identity.finalize().into(),
    };
    let accept = |value: &HeaderValue| {
        let value = value.to_str().unwrap_or_default();
        value.contains("text/event-stream") || value.contains("*/*")
    };
    Ok(Call {
        verb,
        session: text(&SESSION).map(str::to_owned),
        last_event: text(&LAST_EVENT).map(str::to_owned),
        era: match text(&VERSION) {
            Some("2026-07-28") => Era::Modern,
            _ => Era::Legacy,
        },
        takes_events: fields.get_all(ACCEPT).iter().any(accept),
        mirrored: passed(&|name| name.starts_with(PARAM)),
        body,
        who,
    })
}
