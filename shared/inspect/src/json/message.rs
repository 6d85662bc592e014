//! Decides what a message is and what it points at (JSON-RPC 2.0 sections 4 to 6, MCP base).
//!
//! Refuses envelopes that are two things at once, and members whose type or spelling would let a
//! server read something else than what was judged.

mod params;

use varistor_model::limits::{BATCH_MEMBERS_MAX, ID_BYTES_MAX, NAME_BYTES_MAX};
use varistor_model::{Method, Reason, Span};

use super::cursor::{Document, Shape, Value};
use super::keys::{distinct_folded, same_folded};
use super::{Kind, Message, Strings, Text};

/// Who sent it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// The members that make an envelope. A key that differs from one of them by case only is
/// refused: some readers would take it for that member.
const ENVELOPE: [&str; 6] = ["jsonrpc", "id", "method", "params", "result", "error"];

/// A document being read into messages.
pub(super) struct Reading<'a, 't, 's> {
    pub(super) document: Document<'a, 't>,
    pub(super) side: Side,
    pub(super) hashes: &'s mut Vec<u64>,
    pub(super) strings: &'s mut Strings,
}

/// The members of an envelope, as far as they are there.
#[derive(Default)]
struct Envelope {
    jsonrpc: Option<Value>,
    id: Option<Value>,
    method: Option<Value>,
    params: Option<Value>,
    result: Option<Value>,
    error: Option<Value>,
    /// Whether there are members that JSON-RPC does not have.
    extra: bool,
}

impl Reading<'_, '_, '_> {
    /// Reads the document into `messages` and says whether it is a batch.
    pub(super) fn all(&mut self, messages: &mut Vec<Message>) -> Result<bool, Reason> {
        let root = self.document.root()?.ok_or(Reason::RpcInvalid)?;
        match self.document.shape(root) {
            Shape::Array(1..=BATCH_MEMBERS_MAX) => {}
            Shape::Array(_) => return Err(Reason::BatchRefused),
            _ => {
                messages.push(self.one(root)?);
                return Ok(false);
            }
        }
        let mut members = self.document.elements(root);
        while let Some((_, member)) = members.next()? {
            match self.document.shape(member) {
                Shape::Object(_) => messages.push(self.one(member)?),
                Shape::Array(_) => return Err(Reason::BatchRefused),
                _ => return Err(Reason::RpcInvalid),
            }
        }
        Ok(true)
    }

    fn one(&mut self, whole: Value) -> Result<Message, Reason> {
        let envelope = self.envelope(whole)?;
        let id = match envelope.id {
            Some(id) => Some(self.id(id)?),
            None => None,
        };
        let mut message = Message {
            kind: Kind::Request,
            whole: whole.span,
            id: id.flatten().unwrap_or_default(),
            method: Method::Unknown,
            method_text: Text::default(),
            params: Span::default(),
            name: None,
            reference_is_prompt: false,
            arguments: Span::default(),
            meta_version: None,
            initialize_version: None,
            is_error: false,
            has_extra: envelope.extra,
            result: Span::default(),
            error: Span::default(),
            subscriptions: Span::default(),
        };
        match (envelope.method, envelope.result, envelope.error) {
            (Some(method), None, None) => {
                message.kind = match id {
                    Some(Some(_)) => Kind::Request,
                    Some(None) => return Err(Reason::IdInvalid),
                    None => Kind::Notification,
                };
                self.method(&mut message, method)?;
                if let Some(params) = envelope.params {
                    self.params(&mut message, params)?;
                }
            }
            (None, Some(result), None) if envelope.params.is_none() => {
                message.kind = Kind::Response;
                id.ok_or(Reason::RpcInvalid)?.ok_or(Reason::IdInvalid)?;
                message.result = result.span;
                self.result(&mut message, result)?;
            }
            (None, None, Some(error)) if envelope.params.is_none() => {
                message.kind = Kind::Error;
                if self.side == Side::Client {
                    id.ok_or(Reason::RpcInvalid)?.ok_or(Reason::IdInvalid)?;
                }
                if !matches!(self.document.shape(error), Shape::Object(_)) {
                    return Err(Reason::RpcInvalid);
                }
                message.error = error.span;
            }
            _ => return Err(Reason::RpcInvalid),
        }
        Ok(message)
    }

    fn envelope(&mut self, whole: Value) -> Result<Envelope, Reason> {
        let mut found = Envelope::default();
        let mut members = self.document.members(whole);
        while let Some((key, value)) = members.next()? {
            let slot = match key {
                "jsonrpc" => &mut found.jsonrpc,
                "id" => &mut found.id,
                "method" => &mut found.method,
                "params" => &mut found.params,
                "result" => &mut found.result,
                "error" => &mut found.error,
                other if ENVELOPE.iter().any(|name| same_folded(name, other)) => {
                    // Beside the member itself it is a duplicate, alone it is a disguise.
                    self.distinct(whole)?;
                    return Err(Reason::RpcInvalid);
                }
                _ => {
                    found.extra = true;
                    continue;
                }
            };
            *slot = Some(value);
        }
        self.distinct(whole)?;
        match found.jsonrpc.map(|value| self.document.shape(value)) {
            Some(Shape::String("2.0")) => Ok(found),
            _ => Err(Reason::RpcInvalid),
        }
    }

    /// The bytes of an id: a string or an integer, exactly; None for null.
    fn id(&self, id: Value) -> Result<Option<Span>, Reason> {
        if id.span.len() > ID_BYTES_MAX {
            return Err(Reason::IdInvalid);
        }
        match self.document.shape(id) {
            Shape::String(_) => Ok(Some(id.span)),
            Shape::Null => Ok(None),
            Shape::Other if self.document.is_integer(id) => Ok(Some(id.span)),
            _ => Err(Reason::IdInvalid),
        }
    }

    fn method(&mut self, message: &mut Message, method: Value) -> Result<(), Reason> {
        let Shape::String(name) = self.document.shape(method) else {
            return Err(Reason::RpcInvalid);
        };
        if name.is_empty() || name.len() > NAME_BYTES_MAX {
            return Err(Reason::RpcInvalid);
        }
        message.method = Method::named(name.as_bytes());
        message.method_text = self.strings.keep(name)?;
        Ok(())
    }

    fn result(&mut self, message: &mut Message, result: Value) -> Result<(), Reason> {
        let mut members = self.document.members(result);
        while let Some((key, value)) = members.next()? {
            match key {
                "protocolVersion" => {
                    if let Shape::String(version) = self.document.shape(value) {
                        message.initialize_version = Some(self.strings.keep(version)?);
                    }
                }
                "isError" => message.is_error = self.document.raw(value) == b"true",
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses an object with keys that differ by case only.
    fn distinct(&mut self, object: Value) -> Result<(), Reason> {
        let (inside, len) = self.document.inside(object);
        distinct_folded(inside, len, self.hashes)
    }
}
