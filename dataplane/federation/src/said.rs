//! What a server says: one JSON-RPC message.

use crate::json::{Object, is_same};

/// A message of a server.
pub(crate) struct Said<'a> {
    pub(crate) kind: Kind,
    pub(crate) message: Object<'a>,
}

/// What a message is.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Kind {
    Result,
    /// With its code.
    Error(i64),
    Request,
    Notification,
}

impl<'a> Said<'a> {
    /// `None` when it is no message.
    pub(crate) fn read(text: &'a str) -> Option<Self> {
        let message = Object::read(text)?;
        let kind = match (message.get("method"), message.get("id")) {
            (Some(_), Some(_)) => Kind::Request,
            (Some(_), None) => Kind::Notification,
            (None, _) => match message.object("error") {
                Some(error) => Kind::Error(error.get("code")?.parse().ok()?),
                None => Kind::Result,
            },
        };
        Some(Self { kind, message })
    }

    /// The id as it stands in the text.
    pub(crate) fn id(&self) -> Option<&'a str> {
        self.message.get("id")
    }

    /// Whether it answers the request of this id; an error may have none.
    pub(crate) fn answers(&self, id: &str) -> bool {
        let same = self.id().is_some_and(|own| is_same(own, id));
        match self.kind {
            Kind::Result => same,
            Kind::Error(_) => same || self.id().is_none_or(|own| own == "null"),
            Kind::Request | Kind::Notification => false,
        }
    }

    /// The method.
    pub(crate) fn method(&self) -> String {
        let method = self.message.text("method");
        method.map(|name| name.into_owned()).unwrap_or_default()
    }

    /// The parameters, when there are any.
    pub(crate) fn params(&self) -> Object<'a> {
        self.message.object("params").unwrap_or_default()
    }

    /// The result, when there is one.
    pub(crate) fn result(&self) -> Object<'a> {
        self.message.object("result").unwrap_or_default()
    }
}
