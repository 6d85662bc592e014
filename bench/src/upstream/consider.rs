//! What a message is, and what is to be done about it; the same over HTTP and on standard input.

use serde_json::value::RawValue;

use super::Upstream;
use super::answer::Asked;
use super::message::{Message, Params, is_modern};
use super::plan::Plan;
use super::script::Event;
use super::wish;

/// What a message is.
pub(super) enum Considered<'a> {
    /// Not a JSON object.
    Unreadable,
    /// Nobody waits for an answer.
    Notification,
    /// A request, and the answer it gets.
    Request(Asked<'a>, Plan),
    /// A request for an answer that cannot be given: its id, and why.
    Refused(&'a str, String),
}

impl Upstream {
    /// Reads a message, counts it, and plans its answer.
    pub(super) fn consider<'a>(&self, body: &'a [u8]) -> Considered<'a> {
        let Some(message) = Message::read(body) else {
            return Considered::Unreadable;
        };
        let method = message.method;
        let Some(id) = message.id.filter(|_| !method.is_empty()) else {
            return Considered::Notification;
        };
        self.stats.count_call(&method);
        let is_call = method == "tools/call";
        let wishes = is_call && wish::may_be_in(body);
        let params = if wishes || !is_call || self.script.reads_params() {
            Params::read(body)
        } else {
            Params::default()
        };
        let mut plan = self.plan;
        let event = Event::Call {
            method: &method,
            tool: &params.name,
        };
        self.script.apply(event, &mut plan);
        if wishes && let Err(reason) = wish::apply(params.arguments, &mut plan) {
            return Considered::Refused(id.get(), reason);
        }
        if let Some(fault) = plan.fault {
            self.stats.count_fault(fault);
            plan.fit_fault();
        }
        let asked = Asked {
            id: id.get(),
            progress_token: params.meta.progress_token.map(RawValue::get),
            cursor: params.cursor,
            version: params.version,
            is_modern: self.minds_era(&method) && is_modern(body),
            method,
            session: String::new(),
        };
        Considered::Request(asked, plan)
    }

    /// Whether the era of a message changes its answer.
    fn minds_era(&self, method: &str) -> bool {
        method != "tools/call" || self.event_ids || self.sessions.are_strict()
    }
}
