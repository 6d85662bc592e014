//! Decides what the parameters of a request point at, by its method.
//!
//! Refuses members of the protocol with a wrong type, or spelled in another case: a server that
//! ignores case would call something else than what was judged.

use varistor_model::limits::NAME_BYTES_MAX;
use varistor_model::{Method, Reason, Span, Subject};

use super::Reading;
use crate::json::cursor::{Shape, Value};
use crate::json::keys::same_folded;
use crate::json::{Message, Text};

/// The members that a decision rests on.
const DECIDING: [&str; 9] = [
    "name",
    "uri",
    "ref",
    "taskId",
    "arguments",
    "_meta",
    "protocolVersion",
    "notifications",
    "resourceSubscriptions",
];

/// MCP 2026-07-28, *Base: `_meta`*.
const VERSION_KEY: &str = "io.modelcontextprotocol/protocolVersion";

impl Reading<'_, '_, '_> {
    /// Reads the parameters of `message` into it.
    pub(super) fn params(&mut self, message: &mut Message, params: Value) -> Result<(), Reason> {
        if !matches!(self.document.shape(params), Shape::Object(_)) {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(params)?;
        message.params = params.span;
        let mut members = self.document.members(params);
        while let Some((key, value)) = members.next()? {
            let subject = message.method.subject();
            match (key, subject) {
                ("name", Subject::Tool | Subject::Prompt)
                | ("uri", Subject::Resource)
                | ("taskId", Subject::Task) => message.name = Some(self.name(value)?),
                ("ref", Subject::Reference) => self.reference(message, value)?,
                ("arguments", Subject::Tool | Subject::Prompt) => {
                    if !matches!(self.document.shape(value), Shape::Object(_) | Shape::Null) {
                        return Err(Reason::ParamsInvalid);
                    }
                    message.arguments = value.span;
                }
                ("_meta", _) => message.meta_version = self.meta(value)?,
                ("protocolVersion", _) if message.method == Method::Initialize => {
                    message.initialize_version = Some(self.name(value)?);
                }
                ("notifications", _) if message.method == Method::SubscriptionsListen => {
                    self.filter(message, value)?;
                }
                ("resourceSubscriptions", _) if message.method == Method::SubscriptionsListen => {
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
    fn name(&mut self, value: Value) -> Result<Text, Reason> {
        match self.document.shape(value) {
            Shape::String(name) if name.len() <= NAME_BYTES_MAX => self.strings.keep(name),
            _ => Err(Reason::ParamsInvalid),
        }
    }

    /// `{"type": "ref/prompt", "name": ...}` or `{"type": "ref/resource", "uri": ...}`; one with
    /// both a name and a URI could be read either way.
    fn reference(&mut self, message: &mut Message, reference: Value) -> Result<(), Reason> {
        self.distinct(reference)?;
        let (mut kind, mut name, mut uri) = (None, None, None);
        let mut members = self.document.members(reference);
        while let Some((key, value)) = members.next()? {
            match key {
                "type" => kind = Some(value),
                "name" => name = Some(self.name(value)?),
                "uri" => uri = Some(self.name(value)?),
                other
                    if ["type", "name", "uri"]
                        .iter()
                        .any(|n| same_folded(n, other)) =>
                {
                    return Err(Reason::ParamsInvalid);
                }
                _ => {}
            }
        }
        message.reference_is_prompt = match (kind.map(|kind| self.document.shape(kind)), uri) {
            (Some(Shape::String("ref/prompt")), None) => true,
            (Some(Shape::String("ref/resource")), _) if name.is_none() => false,
            _ => return Err(Reason::ParamsInvalid),
        };
        message.name = name.or(uri);
        Ok(())
    }

    fn meta(&mut self, meta: Value) -> Result<Option<Text>, Reason> {
        if !matches!(self.document.shape(meta), Shape::Object(_)) {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(meta)?;
        let mut version = None;
        let mut members = self.document.members(meta);
        while let Some((key, value)) = members.next()? {
            if key == VERSION_KEY {
                version = Some(self.name(value)?);
            } else if same_folded(key, VERSION_KEY) {
                return Err(Reason::ParamsInvalid);
            }
        }
        Ok(version)
    }

    /// The `notifications` of `subscriptions/listen`.
    fn filter(&mut self, message: &mut Message, filter: Value) -> Result<(), Reason> {
        if !matches!(self.document.shape(filter), Shape::Object(_)) {
            return Err(Reason::ParamsInvalid);
        }
        self.distinct(filter)?;
        let mut members = self.document.members(filter);
        while let Some((key, value)) = members.next()? {
            if key == "resourceSubscriptions" {
                self.subscriptions(message, value)?;
            } else if same_folded(key, "resourceSubscriptions") {
                return Err(Reason::ParamsInvalid);
            }
        }
        Ok(())
    }

    fn subscriptions(&mut self, message: &mut Message, uris: Value) -> Result<(), Reason> {
        if !matches!(self.document.shape(uris), Shape::Array(_)) {
            return Err(Reason::ParamsInvalid);
        }
        let start = if message.subscriptions.is_empty() {
            self.strings.subscriptions.len()
        } else {
            message.subscriptions.range().start
        };
        let mut elements = self.document.elements(uris);
        while let Some((_, uri)) = elements.next()? {
            let uri = self.name(uri)?;
            self.strings.subscriptions.push(uri);
        }
        let end = self.strings.subscriptions.len();
        message.subscriptions = Span::of(start..end).ok_or(Reason::ParamsInvalid)?;
        Ok(())
    }
}
