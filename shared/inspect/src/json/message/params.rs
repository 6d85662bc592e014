//! Decides what the parameters of a request point at, by its method.
//!
//! Refuses members of the protocol with a wrong type, or spelled in another case: a server that
//! ignores case would call something else than what was judged.

use varistor_model::limits::NAME_BYTES_MAX;
use varistor_model::{Method, Reason, Span, Subject};

use super::Reading;
use crate::json::cursor::Value;
use crate::json::keys::same_folded;
use crate::json::scan::Kind as Form;
use crate::json::{Message, Text};

/// The members that a decision rests on.
const DECIDING: [&[u8]; 9] = [
    b"name",
    b"uri",
    b"ref",
    b"taskId",
    b"arguments",
    b"_meta",
    b"protocolVersion",
    b"notifications",
    b"resourceSubscriptions",
];

/// The members that make a reference.
const REFERENCE: [&[u8]; 3] = [b"type", b"name", b"uri"];

/// MCP 2026-07-28, *Base: `_meta`*.
const VERSION_KEY: &[u8] = b"io.modelcontextprotocol/protocolVersion";

impl<'a> Reading<'a, '_> {
    /// Reads the parameters of `message` into it.
    pub(super) fn params(
        &mut self,
        message: &mut Message,
        params: Value<'a>,
    ) -> Result<(), Reason> {
        if params.kind() != Form::Object {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(params)?;
        message.params = params.span();
        for (key, value) in self.document.members(params) {
            let subject = message.method.subject();
            match (key, subject) {
                (b"name", Subject::Tool | Subject::Prompt)
                | (b"uri", Subject::Resource)
                | (b"taskId", Subject::Task) => message.name = Some(self.name(value)?),
                (b"ref", Subject::Reference) => self.reference(message, value)?,
                (b"arguments", Subject::Tool | Subject::Prompt) => {
                    if !matches!(value.kind(), Form::Object | Form::Null) {
                        return Err(Reason::ParamsInvalid);
                    }
                    message.arguments = value.span();
                }
                (b"_meta", _) => message.meta_version = self.meta(value)?,
                (b"protocolVersion", _) if message.method == Method::Initialize => {
                    message.initialize_version = Some(self.name(value)?);
                }
                (b"notifications", _) if message.method == Method::SubscriptionsListen => {
                    self.filter(message, value)?;
                }
                (b"resourceSubscriptions", _) if message.method == Method::SubscriptionsListen => {
                    self.subscriptions(message, value)?;
                }
                _ if message.method == Method::Unknown || DECIDING.contains(&key) => {}
                _ if DECIDING.iter().any(|name| same_folded(name, key)) => {
                    return Err(Reason::ParamsInvalid);
                }
                _ => {}
            }
        }
        Ok(())
    }

    /// A string that a decision is made about.
    fn name(&mut self, value: Value<'a>) -> Result<Text, Reason> {
        let name = self.document.string(value).ok_or(Reason::ParamsInvalid)?;
        let name = self.strings.keep(name)?;
        if name.0.len() > NAME_BYTES_MAX {
            return Err(Reason::ParamsInvalid);
        }
        Ok(name)
    }

    /// `{"type": "ref/prompt", "name": ...}` or `{"type": "ref/resource", "uri": ...}`; one with
    /// both a name and a URI could be read either way.
    fn reference(&mut self, message: &mut Message, reference: Value<'a>) -> Result<(), Reason> {
        self.distinct(reference)?;
        let (mut kind, mut name, mut uri) = (None, None, None);
        for (key, value) in self.document.members(reference) {
            match key {
                b"type" => kind = Some(value),
                b"name" => name = Some(self.name(value)?),
                b"uri" => uri = Some(self.name(value)?),
                other if REFERENCE.iter().any(|name| same_folded(name, other)) => {
                    return Err(Reason::ParamsInvalid);
                }
                _ => {}
            }
        }
        let kind = kind.and_then(|kind| self.document.string(kind));
        message.reference_is_prompt = match (kind.ok_or(Reason::ParamsInvalid)?, uri) {
            (kind, None) if kind.is("ref/prompt") => true,
            (kind, _) if kind.is("ref/resource") && name.is_none() => false,
            _ => return Err(Reason::ParamsInvalid),
        };
        message.name = name.or(uri);
        Ok(())
    }

    fn meta(&mut self, meta: Value<'a>) -> Result<Option<Text>, Reason> {
        if meta.kind() != Form::Object {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(meta)?;
        let mut version = None;
        for (key, value) in self.document.members(meta) {
            if key == VERSION_KEY {
                version = Some(self.name(value)?);
            } else if same_folded(key, VERSION_KEY) {
                return Err(Reason::ParamsInvalid);
            }
        }
        Ok(version)
    }

    /// The `notifications` of `subscriptions/listen`.
    fn filter(&mut self, message: &mut Message, filter: Value<'a>) -> Result<(), Reason> {
        if filter.kind() != Form::Object {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(filter)?;
        for (key, value) in self.document.members(filter) {
            if key == b"resourceSubscriptions" {
                self.subscriptions(message, value)?;
            } else if same_folded(key, b"resourceSubscriptions") {
                return Err(Reason::ParamsInvalid);
            }
        }
        Ok(())
    }

    fn subscriptions(&mut self, message: &mut Message, uris: Value<'a>) -> Result<(), Reason> {
        if uris.kind() != Form::Array {
            return Err(Reason::ParamsInvalid);
        }
        let start = if message.subscriptions.is_empty() {
            self.strings.subscriptions.len()
        } else {
            message.subscriptions.range().start
        };
        for (_, uri) in self.document.members(uris) {
            let uri = self.name(uri)?;
            self.strings.subscriptions.push(uri);
        }
        let end = self.strings.subscriptions.len();
        message.subscriptions = Span::of(start..end).ok_or(Reason::ParamsInvalid)?;
        Ok(())
    }
}
