//! Decides what a message is and what it points at (JSON-RPC 2.0 sections 4 to 6, MCP base).
//!
//! Refuses envelopes that are two things at once, and members whose type or spelling would let a
//! server read something else than what was judged.

mod params;

use varistor_model::limits::{BATCH_MEMBERS_MAX, ID_BYTES_MAX, NAME_BYTES_MAX};
use varistor_model::{Method, Reason, Span};

use super::cursor::{Document, Value};
use super::keys::{distinct_folded, same_folded};
use super::scan::Kind as Form;
use super::{Kind, Message, Strings, Text};

/// Who sent it.
#[derive(Clone, Copy, PartialEq, Eq)]
pub(super) enum Side {
    Client,
    Server,
}

/// The members that make an envelope. A key that differs from one of them by case only is
/// refused: some readers would take it for that member.
const ENVELOPE: [&[u8]; 6] = [b"jsonrpc", b"id", b"method", b"params", b"result", b"error"];

/// A document being read into messages.
pub(super) struct Reading<'a, 's> {
    pub(super) document: Document<'a>,
    pub(super) side: Side,
    pub(super) hashes: &'s mut Vec<u64>,
    pub(super) strings: &'s mut Strings,
}

/// The members of an envelope, as far as they are there.
#[derive(Default)]
struct Envelope<'a> {
    jsonrpc: Option<Value<'a>>,
    id: Option<Value<'a>>,
    method: Option<Value<'a>>,
    params: Option<Value<'a>>,
    result: Option<Value<'a>>,
    error: Option<Value<'a>>,
    /// Whether there are members that JSON-RPC does not have.
    extra: bool,
}

impl<'a> Reading<'a, '_> {
    /// Reads the document into `messages` and says whether it is a batch.
    pub(super) fn all(&mut self, messages: &mut Vec<Message>) -> Result<bool, Reason> {
        let root = self.document.root()?;
        match root.kind() {
            Form::Object => {
                messages.push(self.one(root)?);
                return Ok(false);
            }
            Form::Array => {}
            _ => return Err(Reason::RpcInvalid),
        }
        let beyond = BATCH_MEMBERS_MAX.saturating_add(1);
        let count = self.document.members(root).take(beyond).count();
        if !(1..=BATCH_MEMBERS_MAX).contains(&count) {
            return Err(Reason::BatchRefused);
        }
        for (_, member) in self.document.members(root) {
            match member.kind() {
                Form::Object => messages.push(self.one(member)?),
                Form::Array => return Err(Reason::BatchRefused),
                _ => return Err(Reason::RpcInvalid),
            }
        }
        Ok(true)
    }

    fn one(&mut self, whole: Value<'a>) -> Result<Message, Reason> {
        let envelope = self.envelope(whole)?;
        let id = match envelope.id {
            Some(id) => Some(self.id(id)?),
            None => None,
        };
        let mut message = Message {
            kind: Kind::Request,
            whole: whole.span(),
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
            result_number: 0,
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
                message.result = result.span();
                message.result_number = result.number();
                self.result(&mut message, result)?;
            }
            (None, None, Some(error)) if envelope.params.is_none() => {
                message.kind = Kind::Error;
                if self.side == Side::Client {
                    id.ok_or(Reason::RpcInvalid)?.ok_or(Reason::IdInvalid)?;
                }
                if error.kind() != Form::Object {
                    return Err(Reason::RpcInvalid);
                }
                message.error = error.span();
            }
            _ => return Err(Reason::RpcInvalid),
        }
        Ok(message)
    }

    fn envelope(&mut self, whole: Value<'a>) -> Result<Envelope<'a>, Reason> {
        let mut found = Envelope::default();
        for (key, value) in self.document.members(whole) {
            let slot = match key {
                b"jsonrpc" => &mut found.jsonrpc,
                b"id" => &mut found.id,
                b"method" => &mut found.method,
                b"params" => &mut found.params,
                b"result" => &mut found.result,
                b"error" => &mut found.error,
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
        match found.jsonrpc.and_then(|value| self.document.string(value)) {
            Some(version) if version.is("2.0") => Ok(found),
            _ => Err(Reason::RpcInvalid),
        }
    }

    /// The bytes of an id: a string or an integer, exactly; None for null.
    fn id(&self, id: Value<'_>) -> Result<Option<Span>, Reason> {
        if id.span().len() > ID_BYTES_MAX {
            return Err(Reason::IdInvalid);
        }
        match id.kind() {
            Form::String | Form::Integer => Ok(Some(id.span())),
            Form::Null => Ok(None),
            _ => Err(Reason::IdInvalid),
        }
    }

    fn method(&mut self, message: &mut Message, method: Value<'a>) -> Result<(), Reason> {
        let name = self.document.string(method).ok_or(Reason::RpcInvalid)?;
        let name = self.strings.keep(name)?;
        let text = self.strings.text(name);
        if text.is_empty() || text.len() > NAME_BYTES_MAX {
            return Err(Reason::RpcInvalid);
        }
        message.method = Method::named(text.as_bytes());
        message.method_text = name;
        Ok(())
    }

    fn result(&mut self, message: &mut Message, result: Value<'a>) -> Result<(), Reason> {
        if result.kind() != Form::Object {
            return Ok(());
        }
        for (key, value) in self.document.members(result) {
            match key {
                b"protocolVersion" => {
                    if let Some(version) = self.document.string(value) {
                        message.initialize_version = Some(self.strings.keep(version)?);
                    }
                }
                b"isError" => message.is_error = value.kind() == Form::True,
                _ => {}
            }
        }
        Ok(())
    }

    /// Refuses an object with keys that differ by case only.
    fn distinct(&mut self, object: Value<'a>) -> Result<(), Reason> {
        if !object.is_odd() {
            return Ok(());
        }
        let keys = self.document.members(object).map(|(key, _)| key);
        distinct_folded(keys, self.hashes)
    }
}
