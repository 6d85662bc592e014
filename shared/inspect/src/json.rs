//! Reads JSON-RPC messages so strictly that every other reader must see the same message.
//!
//! Refuses what readers disagree about: duplicate keys (in the envelope and its parameters also
//! when they differ by case only), invalid UTF-8, lone surrogates, trailing bytes, nesting deeper
//! than 64, numbers that are not finite, ids that are not strings or integers.

mod cursor;
mod gate;
mod id;
mod keys;
mod lanes;
mod list;
mod message;
mod raw;
mod result;
mod scan;
mod splice;
mod strings;

use varistor_model::{Method, Reason, Span};

pub use id::same_id;
pub use list::{Filtered, Keep, List};
pub(crate) use raw::{blank, escape, string_end};
pub use splice::Splice;
pub use strings::{StringValue, string_values};

use cursor::Raw;
use message::Side;
use scan::Index;

/// A reader keeps buffers for bodies up to this many bytes; those of larger ones are given back
/// when the next smaller one is read.
const KEPT_BYTES: usize = 1024 * 1024;

/// The strict gate with its reused buffers; one per worker.
pub struct Reader {
    index: Index,
    hashes: Vec<u64>,
    messages: Vec<Message>,
    is_batch: bool,
    strings: Strings,
    /// Whether a body beyond `KEPT_BYTES` was read.
    is_large: bool,
}

/// Decoded text, kept in the [`Reader`] that read it until it reads again.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Default)]
pub struct Text(Span);

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Kind {
    /// Has a method and an id.
    Request,
    /// Has a method and no id.
    Notification,
    /// Has a result and an id.
    Response,
    /// Has an error; its id may be null or absent when it comes from a server.
    Error,
}

/// One JSON-RPC message. Spans are into the body; one that is empty stands for what is absent.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Message {
    /// What it is.
    pub kind: Kind,
    /// The message itself: the body without blanks around it, or one member of a batch.
    pub whole: Span,
    /// The id as raw JSON, at most `limits::ID_BYTES_MAX` bytes; empty if there is none.
    pub id: Span,
    /// The method; `Unknown` also for responses.
    pub method: Method,
    /// The method, decoded; empty for responses.
    pub method_text: Text,
    /// The parameters: an object, or empty.
    pub params: Span,
    /// What the call points at, by `Method::subject`: `params.name`, `params.uri`,
    /// `params.ref.name`, `params.ref.uri` or `params.taskId`, at most `limits::NAME_BYTES_MAX`
    /// bytes. None when it is absent or the method points at nothing.
    pub name: Option<Text>,
    /// For a reference: whether `name` is a prompt; otherwise it is a resource template.
    pub reference_is_prompt: bool,
    /// `params.arguments`: an object, null, or empty.
    pub arguments: Span,
    /// `params._meta["io.modelcontextprotocol/protocolVersion"]`.
    pub meta_version: Option<Text>,
    /// `params.protocolVersion` of `initialize`, or `result.protocolVersion`.
    pub initialize_version: Option<Text>,
    /// Whether the envelope has members that JSON-RPC does not have: data may lie there too.
    pub has_extra: bool,
    /// Whether `result.isError` is true: the tool ran and failed.
    pub is_error: bool,
    /// The result, any JSON value.
    pub result: Span,
    /// The number of the result in the reader's index; 0, which is no result's, if there is none.
    result_number: u32,
    /// The error, an object.
    pub error: Span,
    /// Where in the reader's list of URIs this message's subscriptions stand.
    subscriptions: Span,
}

/// Decoded strings of the messages read last.
#[derive(Default)]
struct Strings {
    text: String,
    subscriptions: Vec<Text>,
}

impl Reader {
    /// A reader with small buffers.
    #[must_use]
    pub fn new() -> Self {
        Self {
            index: Index::new(),
            hashes: Vec::new(),
            messages: Vec::new(),
            is_batch: false,
            strings: Strings::default(),
            is_large: false,
        }
    }

    /// Reads what a client sent and fills [`Self::messages`].
    ///
    /// Whether a batch is allowed, whether the method exists, and whether a name that the method
    /// needs is there, is for the caller to decide.
    ///
    /// # Errors
    ///
    /// What is wrong with it; then there are no messages.
    pub fn read_call(&mut self, body: &[u8]) -> Result<(), Reason> {
        self.read(body, Side::Client)
    }

    /// Reads what a server sent: responses, requests of its own, notifications. The same gate,
    /// but an error may have a null id or none (2025-11-25 `JSONRPCErrorResponse`).
    ///
    /// # Errors
    ///
    /// What is wrong with it; then there are no messages.
    pub fn read_answer(&mut self, body: &[u8]) -> Result<(), Reason> {
        self.read(body, Side::Server)
    }

    /// The messages read last: one, or 1 to `limits::BATCH_MEMBERS_MAX` of a batch.
    #[must_use]
    pub fn messages(&self) -> &[Message] {
        &self.messages
    }

    /// Whether the body read last was an array.
    #[must_use]
    pub const fn is_batch(&self) -> bool {
        self.is_batch
    }

    /// The text, which must come from the messages read last; otherwise it may be empty.
    #[must_use]
    pub fn text(&self, text: Text) -> &str {
        self.strings.text(text)
    }

    /// The decoded URIs in `params.notifications.resourceSubscriptions` or
    /// `params.resourceSubscriptions` of `subscriptions/listen`.
    pub fn subscriptions(&self, message: &Message) -> impl Iterator<Item = &str> {
        let texts = self
            .strings
            .subscriptions
            .get(message.subscriptions.range());
        texts
            .unwrap_or_default()
            .iter()
            .map(|text| self.text(*text))
    }

    fn read(&mut self, body: &[u8], side: Side) -> Result<(), Reason> {
        if self.is_large && body.len() <= KEPT_BYTES {
            *self = Self::new();
        }
        self.is_large |= body.len() > KEPT_BYTES;
        self.messages.clear();
        self.strings.text.clear();
        self.strings.subscriptions.clear();
        self.is_batch = false;
        let read = self.judge(body, side);
        if read.is_err() {
            self.messages.clear();
        }
        read
    }

    fn judge(&mut self, body: &[u8], side: Side) -> Result<(), Reason> {
        self.index
            .fill(body, &mut self.hashes)
            .map_err(|fault| gate::explain(body, fault))?;
        let mut reading = message::Reading {
            document: cursor::Document::new(body, &self.index),
            side,
            hashes: &mut self.hashes,
            strings: &mut self.strings,
        };
        self.is_batch = reading.all(&mut self.messages)?;
        Ok(())
    }
}

impl Default for Reader {
    fn default() -> Self {
        Self::new()
    }
}

impl Strings {
    fn keep(&mut self, raw: Raw<'_>) -> Result<Text, Reason> {
        let span = raw.decode(&mut self.text).ok_or(Reason::JsonInvalid)?;
        Ok(Text(span))
    }

    fn text(&self, text: Text) -> &str {
        self.text.get(text.0.range()).unwrap_or_default()
    }
}
