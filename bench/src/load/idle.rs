//! Connections that make no calls: silent ones, and listeners that wait for notifications.

use std::cell::Cell;
use std::io;
use std::rc::Rc;

use serde_json::json;

use super::call::{Era, MODERN, modern_meta};
use super::exchange::Wire;
use super::session::{self, Visitor, expect};
use super::shift::Shift;

/// Room for what comes unasked.
const READ_BYTES: usize = 512;

/// Opens a connection that says nothing.
///
/// # Errors
/// The server does not accept.
pub(super) async fn silent(shift: &Shift) -> io::Result<Wire> {
    let stream = shift.plan.connector.connect().await?;
    shift.tally.borrow_mut().events.connections_opened += 1;
    Ok(Wire::new(stream))
}

/// Opens a stream of notifications: `subscriptions/listen` on the modern era, GET in a session on
/// the legacy one.
///
/// # Errors
/// The server does not accept, or does not offer such a stream.
pub(super) async fn listener(shift: &Shift, serial: u64) -> io::Result<Wire> {
    let plan = &shift.plan;
    let visitor = Visitor {
        target: &plan.target,
        headers: &plan.headers,
        token: plan.tokens.as_ref().map(|tokens| tokens.at(serial)),
    };
    let mut wire = silent(shift).await?;
    let (what, mut request) = match plan.era_of(serial) {
        Era::Modern => ("subscriptions/listen", listen(shift.next_id(), visitor)),
        Era::Legacy => {
            let session = session::open(&mut wire, visitor).await?;
            shift.tally.borrow_mut().events.sessions_opened += 1;
            let lines = session::lines(session.as_deref());
            let lines = format!("Accept: text/event-stream\r\n{lines}");
            ("GET of the event stream", visitor.bodiless("GET", &lines))
        }
    };
    let answer = wire.begin(&mut request).await?;
    expect(what, answer.status, &[200])?;
    if !answer.event_stream {
        let error = format!("{what} was not answered with an event stream");
        return Err(io::Error::other(error));
    }
    Ok(wire)
}

/// Waits until the server closes it, and counts that unless the run is over.
pub(super) async fn hold(mut wire: Wire, shift: Rc<Shift>, over: Rc<Cell<bool>>) {
    while wire.listen(READ_BYTES).await.is_ok() {}
    if !over.get() {
        shift.tally.borrow_mut().events.idle_lost += 1;
    }
}

fn listen(id: u64, visitor: Visitor<'_>) -> Vec<u8> {
    let body = json!({"jsonrpc": "2.0", "id": id, "method": "subscriptions/listen", "params": {
        "notifications": {"toolsListChanged": true}, "_meta": modern_meta()
    }});
    let lines = format!("MCP-Protocol-Version: {MODERN}\r\nMcp-Method: subscriptions/listen\r\n");
    visitor.post(&lines, &body.to_string())
}
