//! One message from the host to its end: sent, answered, or an error in the place of an answer.

use std::time::Duration;

use tokio::time::{Instant, sleep};

use crate::answer::{Ended, Outlet, Reading};
use crate::bridge::Bridge;
use crate::listen::{self, Stream};
use crate::post::{Call, Kind, Posted, post};
use crate::room::Held;
use crate::say::say;
use crate::trouble::Trouble;

/// Sends a message and hands its answer to the host; every request of it is answered.
pub(crate) async fn run(bridge: &Bridge, call: &Call) {
    let request = call.request().map(|request| (request, &call.line));
    let mut reading = Reading::new(bridge, request, call.ids(), Outlet::Host);
    let trouble = loop {
        match attempt(bridge, call, &mut reading).await {
            Ended::Answered => break None,
            Ended::Failed(trouble) => break Some(trouble),
            // A subscription does nothing but tell, so it is begun anew.
            Ended::Early(_) if call.is_listen() => {
                sleep(reading.retry.unwrap_or(listen::PAUSE)).await;
            }
            Ended::Early(why) => match resume(bridge, call, &mut reading, why).await {
                Ended::Answered => break None,
                Ended::Early(why) => break Some(Trouble::Unanswered(why)),
                Ended::Failed(trouble) => break Some(trouble),
            },
        }
    };
    if let Some(trouble) = trouble {
        tell(bridge, call, &reading, &trouble).await;
    }
}

/// Sends it once and reads what comes.
async fn attempt(bridge: &Bridge, call: &Call, reading: &mut Reading<'_>) -> Ended {
    match post(bridge, call).await {
        Err(trouble) => Ended::Failed(trouble),
        Ok(Posted::Taken(reply)) => reading.read(reply).await,
        Ok(Posted::Refused(refusal)) => {
            for id in reading.pending() {
                bridge.out.line(refusal.answer(id), Held::default()).await;
            }
            if reading.pending().is_empty() {
                let status = refusal.status;
                say(&format!(
                    "the gateway refuses {} (HTTP status {status})",
                    kind(call)
                ));
            }
            close(bridge, call);
            Ended::Answered
        }
    }
}

/// Takes up a broken stream behind its last event, where the server gave its events ids.
async fn resume(bridge: &Bridge, call: &Call, reading: &mut Reading<'_>, why: String) -> Ended {
    let session = call.session(bridge).await;
    let mut why = why;
    let mut until = Instant::now() + bridge.patience;
    while let (Some(session), Some(last)) = (&session, reading.last_event.clone()) {
        if Instant::now() >= until {
            break;
        }
        sleep(reading.retry.unwrap_or(Duration::from_millis(200))).await;
        match listen::open(bridge, session, Some(&last)).await {
            Stream::Open(reply) => match reading.read(reply).await {
                Ended::Early(_) if reading.last_event.as_ref() != Some(&last) => {
                    until = Instant::now() + bridge.patience;
                }
                Ended::Early(_) => {}
                ended => return ended,
            },
            Stream::Refused(status, _) => {
                why = format!("{why}; going on is refused with HTTP status {status}");
                break;
            }
            Stream::Absent => {}
        }
    }
    Ended::Early(why)
}

/// Answers what has no answer.
async fn tell(bridge: &Bridge, call: &Call, reading: &Reading<'_>, trouble: &Trouble) {
    for id in reading.pending() {
        bridge.out.line(trouble.answer(id), Held::default()).await;
    }
    if reading.pending().is_empty() {
        say(&format!("{} got lost: {trouble}", kind(call)));
    }
    close(bridge, call);
}

/// An `initialize` that was not answered leaves no session behind.
fn close(bridge: &Bridge, call: &Call) {
    if call
        .request()
        .is_some_and(|request| request.method == "initialize")
    {
        bridge.session.failed();
    }
}

fn kind(call: &Call) -> String {
    match &call.kind {
        Kind::Notification(method) => format!("the notification {method}"),
        Kind::Response => "an answer of the host".to_owned(),
        Kind::Request(request) => request.method.clone(),
        Kind::Batch(_) => "a batch".to_owned(),
    }
}
