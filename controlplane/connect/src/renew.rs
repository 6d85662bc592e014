//! What the bridge asks on its own: a session in the place of a lost one, and the list of tools
//! where a call lacks headers.

use std::cell::Cell;

use bytes::Bytes;
use hyper::Method;
use serde::Deserialize;
use serde_json::json;
use serde_json::value::RawValue;

use crate::answer::{Ended, Outlet, Reading};
use crate::bridge::Bridge;
use crate::heads::Fields;
use crate::message::{Envelope, Id, Message, Request};
use crate::post::{Call, Kind, Posted, post};
use crate::say::say;
use crate::session::{Opened, State};
use crate::trouble::Trouble;

/// Most pages of a list that are asked for.
const PAGES_MAX: usize = 64;

/// Opens a session in the place of this one, unless that is done already.
pub(crate) async fn session(bridge: &Bridge, lost: &Opened) -> Result<(), Trouble> {
    let _one_at_a_time = bridge.session.renewing.lock().await;
    match bridge.session.now() {
        State::Open(now) if now.generation == lost.generation => {}
        _ => return Ok(()),
    }
    let failed = |why: &str| Trouble::SessionLost(why.to_owned());
    let Ok(Message::Request(request)) = Message::read(&lost.initialize) else {
        return Err(failed("the host's initialize can't be read"));
    };
    let line = lost.initialize.clone();
    let (answer, id) = ask(bridge, request, line).await?;
    let answer: Envelope<'_> =
        serde_json::from_slice(&answer).map_err(|_| failed("the answer is none"))?;
    let opened = bridge.session.read(&lost.initialize, &answer, id.as_ref());
    let opened = opened.ok_or_else(|| failed("the server refuses"))?;
    if opened.version != lost.version {
        return Err(failed(
            "the server now speaks another version; start the bridge anew",
        ));
    }
    if bridge.session.is_initialized() {
        initialized(bridge, &opened).await?;
    }
    bridge.session.renewed(opened);
    say("the session was lost; a new one is open");
    Ok(())
}

/// Tells the server of a new session what the host told the one before.
async fn initialized(bridge: &Bridge, opened: &Opened) -> Result<(), Trouble> {
    let body = Bytes::from_static(br#"{"jsonrpc":"2.0","method":"notifications/initialized"}"#);
    let (token, _) = bridge.credential.borrow().current();
    let failed = |why: String| Trouble::SessionLost(why);
    let request = Fields::of_session(opened)
        .request(Method::POST, &bridge.target, token, body)
        .map_err(|error| failed(error.to_string()))?;
    let sent = bridge.link.send(request, &Cell::new(false)).await;
    let reply = sent.map_err(|error| failed(format!("{error:?}")))?;
    match reply.status() {
        200..300 => Ok(()),
        status => Err(failed(format!("HTTP status {status}"))),
    }
}

/// Asks for all tools as the caller of this one would; tells whether anything was learned.
pub(crate) async fn tools(bridge: &Bridge, call: &Request, line: &Bytes) -> bool {
    #[derive(Deserialize)]
    struct Called<'a> {
        #[serde(borrow)]
        params: Params<'a>,
    }
    #[derive(Deserialize)]
    struct Params<'a> {
        #[serde(borrow, rename = "_meta")]
        meta: &'a RawValue,
    }
    #[derive(Deserialize)]
    struct Page {
        #[serde(default, rename = "nextCursor")]
        next: Option<String>,
    }
    let Ok(called) = serde_json::from_slice::<Called<'_>>(line) else {
        return false;
    };
    let mut cursor: Option<String> = None;
    for page in 0..PAGES_MAX {
        let id = json!(format!("varictl-connect-{}-{page}", bridge.serial()));
        let mut params = json!({"_meta": called.params.meta});
        if let Some(cursor) = &cursor {
            params["cursor"] = json!(cursor);
        }
        let body = json!({"jsonrpc": "2.0", "id": id, "method": "tools/list", "params": params});
        let request = Request {
            id: Id::of(&id),
            method: "tools/list".to_owned(),
            modern: call.modern.clone(),
            name: None,
        };
        let Ok((answer, _)) = ask(bridge, request, Bytes::from(body.to_string())).await else {
            return page > 0;
        };
        let envelope: Option<Envelope<'_>> = serde_json::from_slice(&answer).ok();
        let result = envelope.and_then(|envelope| envelope.result);
        let page = result.and_then(|result| serde_json::from_str::<Page>(result.get()).ok());
        match page.and_then(|page| page.next) {
            Some(next) => cursor = Some(next),
            None => break,
        }
    }
    true
}

/// Sends a request of the bridge's own and gives its answer, and the session id of its head.
async fn ask(
    bridge: &Bridge,
    request: Request,
    line: Bytes,
) -> Result<(Vec<u8>, Option<hyper::header::HeaderValue>), Trouble> {
    let call = Call::new(line, Kind::Request(request));
    let reply = match post(bridge, &call).await? {
        Posted::Taken(reply) => reply,
        Posted::Refused(refusal) => {
            return Err(Trouble::SessionLost(format!(
                "HTTP status {}",
                refusal.status
            )));
        }
    };
    let asked = call.request().map(|request| (request, &call.line));
    let mut reading = Reading::new(bridge, asked, call.ids(), Outlet::Keep(None));
    match reading.read(reply).await {
        Ended::Answered => {}
        Ended::Early(why) => return Err(Trouble::Unanswered(why)),
        Ended::Failed(trouble) => return Err(trouble),
    }
    let session = reading.session.clone();
    let kept = reading.kept();
    kept.map(|answer| (answer, session))
        .ok_or(Trouble::Unintelligible("it is empty"))
}
