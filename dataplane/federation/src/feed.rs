//! The events of a stream from a server, one after the other.

use bytes::Bytes;
use varistor_http1::sse::{self, Decoder};

use crate::inner::Content;
use crate::said::Said;
use crate::trouble::Trouble;

/// An event on its way.
#[derive(Clone, Debug, Default)]
pub(crate) struct Event {
    pub(crate) event: String,
    pub(crate) data: Option<String>,
    pub(crate) id: Option<String>,
    pub(crate) retry: Option<u64>,
    pub(crate) comment: Option<String>,
}

/// A stream that is being read.
pub(crate) struct Feed {
    content: Content,
    decoder: Decoder,
    piece: Bytes,
}

impl Event {
    /// A message.
    pub(crate) fn message(data: String) -> Self {
        Self {
            event: "message".into(),
            data: Some(data),
            ..Self::default()
        }
    }

    /// A comment, which keeps a stream open.
    pub(crate) fn comment() -> Self {
        Self {
            comment: Some(String::new()),
            ..Self::default()
        }
    }

    /// As it stands on the wire.
    pub(crate) fn bytes(&self) -> Bytes {
        let event = sse::Event {
            event: &self.event,
            data: self.data.as_deref().map(str::as_bytes),
            id: self.id.as_deref(),
            retry: self.retry,
            comment: self.comment.as_deref().map(str::as_bytes),
        };
        let mut out = Vec::new();
        // Its names come from a decoder, where they have no line ends.
        let _ = sse::encode(&event, &mut out);
        Bytes::from(out)
    }
}

impl Feed {
    pub(crate) fn new(content: Content) -> Self {
        Self {
            content,
            decoder: Decoder::new(),
            piece: Bytes::new(),
        }
    }

    /// The next event; `None` at the end.
    pub(crate) async fn next(&mut self) -> Option<Result<Event, Trouble>> {
        loop {
            let mut rest = &*self.piece;
            match self.decoder.push(&mut rest) {
                Err(_) => return Some(Err(Trouble::Invalid)),
                Ok(Some(event)) => {
                    let text = |bytes| String::from_utf8_lossy(bytes).into_owned();
                    let event = Event {
                        event: event.event.to_owned(),
                        data: event.data.map(text),
                        id: event.id.map(str::to_owned),
                        retry: event.retry,
                        comment: event.comment.map(text),
                    };
                    let used = self.piece.len().saturating_sub(rest.len());
                    self.piece = self.piece.slice(used..);
                    return Some(Ok(event));
                }
                Ok(None) => match self.content.next().await? {
                    Ok(piece) => self.piece = piece,
                    Err(trouble) => return Some(Err(trouble)),
                },
            }
        }
    }

    /// The response to the request of this id; what comes before it is for nobody.
    pub(crate) async fn response(&mut self, id: &str) -> Result<String, Trouble> {
        while let Some(event) = self.next().await {
            let Some(data) = event?.data.filter(|data| !data.is_empty()) else {
                continue;
            };
            if Said::read(&data).is_some_and(|said| said.answers(id)) {
                return Ok(data);
            }
        }
        Err(Trouble::Invalid)
    }
}
