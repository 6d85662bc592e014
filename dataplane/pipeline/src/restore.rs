//! Puts values back in the place of their placeholders, in what goes on to a cleared server.
//!
//! Only in strings that are values: in the arguments of tools and prompts at any depth, and in the
//! URI of a resource that is read, where the caller may read the resource with the value too. DLP
//! and policy have decided about the request as it came, and its record shows that. Placeholders
//! that are not the token's own, or not of what the server is cleared for, stay as they are.

mod placeholder;

use core::ops::Range;

use varistor_inspect::json::{Kind, Message, string_values};
use varistor_model::limits::RESTORED_MAX;
use varistor_model::{Decision, Intent, Method};
use varistor_snapshot::schema::kinds;

use self::placeholder::{Placeholder, placeholders};
use crate::desk::Desk;
use crate::originals::Whose;
use crate::outside::Client;
use crate::permission::{self, Ask};
use crate::reversible::Reversible;
use crate::serving::Local;
use crate::stages::parse::Parsed;
use crate::stages::policy::has_mirrored_arguments;

/// A body with values in it.
pub(crate) struct Restored {
    /// What goes on.
    pub(crate) body: Vec<u8>,
    /// What was put back.
    pub(crate) counts: Vec<Count>,
    /// The URI of the resource, when a value is in that of the only message.
    pub(crate) uri: Option<String>,
}

/// How often an entity was put back in one message.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Count {
    /// The number of the message in the request, from 0.
    pub(crate) message: usize,
    /// A detector of the entity.
    pub(crate) detector: u16,
    pub(crate) count: u32,
}

/// The body with the values that this server is cleared for; `None` when nothing changes.
pub(crate) fn restore(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (parsed, body): (&Parsed, &[u8]),
) -> Option<Restored> {
    let reversible = local.serving().reversible()?;
    let server = parsed.caller.server();
    let cleared = reversible.cleared(server)?;
    if reversible.originals().is_empty() || !could_hold(reversible, body) {
        return None;
    }
    // The headers would still hold what the body no longer does.
    if has_mirrored_arguments(client) {
        return None;
    }
    let principal = parsed.caller.principal();
    let session = parsed.session.as_ref().map(|session| session.label);
    let mut pass = Pass {
        reversible,
        cleared,
        whose: reversible.whose(&principal.verified, session, client.now()),
        body,
        out: Vec::new(),
        done: 0,
        left: RESTORED_MAX,
        counts: Vec::new(),
    };
    desk.again.read_call(body).ok()?;
    let mut resources = Vec::new();
    for (number, message) in desk.again.messages().iter().enumerate() {
        let before = pass.left;
        pass.message(number, message);
        if message.method == Method::ResourcesRead && pass.left < before {
            resources.push(number);
        }
    }
    let (body, counts) = pass.finish()?;
    // What goes on passes the same gate as what came.
    desk.again.read_call(&body).ok()?;
    let mut uri = None;
    for number in resources {
        let message = desk.again.messages().get(number)?;
        let name = desk.again.text(message.name?);
        let ask = Ask {
            server,
            kind: kinds::RESOURCE,
            name,
            intent: Intent::Read,
        };
        let decision = permission::decide(local.policy(), principal, &ask, &mut desk.qualified);
        if decision != Some(Decision::Allow) {
            return None;
        }
        uri = Some(name.to_owned());
    }
    Some(Restored { body, counts, uri })
}

/// Whether anything in the body looks like a placeholder of this snapshot.
fn could_hold(reversible: &Reversible, body: &[u8]) -> bool {
    placeholders(body).any(|found| reversible.labelled(found.label).is_some())
}

/// One pass over a body.
struct Pass<'p> {
    reversible: &'p Reversible,
    cleared: &'p [u64],
    whose: Whose<'p>,
    body: &'p [u8],
    out: Vec<u8>,
    /// Bytes of the body that `out` stands for: done <= len.
    done: usize,
    /// How many more may be put back.
    left: usize,
    counts: Vec<Count>,
}

impl<'p> Pass<'p> {
    fn message(&mut self, number: usize, message: &Message) {
        let (part, is_uri) = match (message.kind, message.method) {
            (Kind::Request, Method::ToolsCall | Method::PromptsGet) => (message.arguments, false),
            (Kind::Request, Method::ResourcesRead) => (message.params, true),
            _ => return,
        };
        for value in string_values(self.body, part.range()) {
            let key = self.body.get(value.key.clone());
            if !is_uri || (value.depth == 1 && key == Some(b"uri")) {
                self.string(number, value.inside);
            }
        }
    }

    fn string(&mut self, number: usize, inside: Range<usize>) {
        let text = self.body.get(inside.clone()).unwrap_or_default();
        for found in placeholders(text) {
            if self.left == 0 {
                return;
            }
            self.placeholder(number, inside.start, &found);
        }
    }

    /// Puts the value of one placeholder in its place, if that may be.
    fn placeholder(&mut self, message: usize, start: usize, found: &Placeholder<'p>) {
        let Some(entity) = self.reversible.labelled(found.label) else {
            return;
        };
        if self.cleared.binary_search(&entity.key).is_err() {
            return;
        }
        let from = start.saturating_add(found.range.start);
        let length = self.out.len();
        let before = self.body.get(self.done..from).unwrap_or_default();
        self.out.extend_from_slice(before);
        let key = (entity.key, found.number);
        let originals = self.reversible.originals();
        if !originals.read(&self.whose, key, &mut self.out) {
            self.out.truncate(length);
            return;
        }
        self.done = start.saturating_add(found.range.end);
        self.left = self.left.saturating_sub(1);
        self.count(message, entity.detector);
    }

    fn count(&mut self, message: usize, detector: u16) {
        let mut counts = self.counts.iter_mut();
        match counts.find(|one| (one.message, one.detector) == (message, detector)) {
            Some(one) => one.count = one.count.saturating_add(1),
            None => self.counts.push(Count {
                message,
                detector,
                count: 1,
            }),
        }
    }

    fn finish(mut self) -> Option<(Vec<u8>, Vec<Count>)> {
        let rest = self.body.get(self.done..)?;
        self.out.extend_from_slice(rest);
        (!self.counts.is_empty()).then_some((self.out, self.counts))
    }
}
