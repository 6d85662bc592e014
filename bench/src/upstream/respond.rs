//! The HTTP response to a request: decided and written here, sent elsewhere.

use std::io;

use super::Upstream;
use super::answer::{Task, error_message};
use super::consider::Considered;
use super::delivery::{Delivery, End, Open};
use super::frame::{Framing, write_empty, write_priming};
use super::sessions::{Standing, field};
use super::spoil::spoil_http;
use crate::wire::Method;

/// A request as it arrived.
#[derive(Default)]
pub(super) struct Incoming {
    /// Empty where nobody asks for it.
    pub(super) head: Vec<u8>,
    pub(super) body: Vec<u8>,
}

impl Upstream {
    /// Whether the head of a request changes its response.
    pub(super) fn reads_head(&self, method: Method) -> bool {
        method != Method::Post || self.sessions.are_strict()
    }

    /// Writes the response to a request.
    ///
    /// # Errors
    /// The record cannot be kept.
    pub(super) fn respond(
        &self,
        method: Method,
        incoming: &Incoming,
        out: &mut Delivery,
    ) -> io::Result<()> {
        match method {
            Method::Post => self.respond_to_post(incoming, out)?,
            Method::Get => self.respond_to_get(&incoming.head, out),
            Method::Delete => {
                let standing = self.sessions.close(&incoming.head);
                write_empty(status_of(standing, "200 OK"), &mut out.bytes);
            }
            Method::Other => write_empty("405 Method Not Allowed", &mut out.bytes),
        }
        Ok(())
    }

    fn respond_to_post(&self, incoming: &Incoming, out: &mut Delivery) -> io::Result<()> {
        let body = &incoming.body;
        if let Some(recorder) = &self.recorder {
            recorder.keep(body)?;
        }
        match self.consider(body) {
            Considered::Unreadable => write_empty("400 Bad Request", &mut out.bytes),
            Considered::Notification => {
                self.stats.count_notification();
                write_empty(self.status_of_notification(incoming), &mut out.bytes);
            }
            Considered::Refused(id, reason) => {
                let message = error_message(id, -32602, &reason);
                Framing::Json.write_alone("200 OK", "", &message, &mut out.bytes);
            }
            Considered::Request(mut asked, plan) => {
                if asked.method == "initialize" && !asked.is_modern {
                    let Some(session) = self.sessions.open() else {
                        write_empty("503 Service Unavailable", &mut out.bytes);
                        return Ok(());
                    };
                    asked.session = session;
                } else if !asked.is_modern
                    && let Standing::Refused(status) = self.sessions.check(&incoming.head)
                {
                    write_empty(status, &mut out.bytes);
                    return Ok(());
                }
                let task = Task {
                    framing: self.answers.framing(&plan, asked.is_modern),
                    asked: &asked,
                    plan: &plan,
                };
                self.answers.write(&task, out);
                out.delay = plan.delay;
                if let Some(fault) = plan.fault {
                    spoil_http(fault, plan.pace, out);
                }
            }
        }
        Ok(())
    }

    fn status_of_notification(&self, incoming: &Incoming) -> &'static str {
        let version = field(&incoming.head, "mcp-protocol-version");
        match version.as_deref() {
            Some(MODERN) => "202 Accepted",
            _ => status_of(self.sessions.check(&incoming.head), "202 Accepted"),
        }
    }

    /// Opens the stream of a legacy session.
    fn respond_to_get(&self, head: &[u8], out: &mut Delivery) {
        let accepts = field(head, "accept").is_some_and(|types| types.contains("event-stream"));
        let is_modern = field(head, "mcp-protocol-version").as_deref() == Some(MODERN);
        let status = match self.sessions.check(head) {
            _ if is_modern => "405 Method Not Allowed",
            Standing::Refused(status) => status,
            Standing::Open if !accepts => "406 Not Acceptable",
            Standing::Open => "",
        };
        if !status.is_empty() {
            return write_empty(status, &mut out.bytes);
        }
        let framing = self.answers.events(false);
        framing.open(0, &mut out.bytes);
        if self.event_ids {
            write_priming(&mut out.bytes);
        }
        let notification = r#"{"jsonrpc":"2.0","method":"notifications/tools/list_changed"}"#;
        out.end = End::Stay(Open {
            notification: notification.to_owned(),
            framing,
        });
    }
}

/// The version without sessions.
const MODERN: &str = "2026-07-28";

fn status_of(standing: Standing, open: &'static str) -> &'static str {
    match standing {
        Standing::Open => open,
        Standing::Refused(status) => status,
    }
}
