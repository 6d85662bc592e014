//! Reads server-sent events, as they come.

use crate::http::{Connection, Head};

/// One event.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Event {
    /// Its id, empty when it has none.
    pub id: String,
    /// Its data, lines joined.
    pub data: String,
}

/// A stream of events that an answer consists of.
pub struct Stream {
    connection: Connection,
    /// Status line and fields.
    pub head: Head,
    text: String,
    done: usize,
    bytes: usize,
}

impl Stream {
    /// Sends the request and reads the head of the answer.
    pub fn open(mut connection: Connection, request: &[u8]) -> Self {
        connection.send(request);
        let head = connection.head().expect("an answer");
        Self {
            connection,
            head,
            text: String::new(),
            done: 0,
            bytes: 0,
        }
    }

    /// The next event with data; waits for it. `None` at the end of the stream.
    pub fn next_event(&mut self) -> Option<Event> {
        loop {
            let found: Vec<Event> = events(&self.text);
            if let Some(event) = found.into_iter().nth(self.done) {
                self.done += 1;
                return Some(event);
            }
            let piece = self.connection.body_piece(&self.head, self.bytes)?;
            self.bytes += piece.len();
            self.text.push_str(&String::from_utf8_lossy(&piece));
        }
    }

    /// The next event's data as JSON.
    pub fn next_json(&mut self) -> serde_json::Value {
        let event = self.next_event().expect("one more event");
        serde_json::from_str(&event.data).expect("JSON in an event")
    }
}

/// The complete events with data in this text.
pub fn events(text: &str) -> Vec<Event> {
    let text = text.replace("\r\n", "\n").replace('\r', "\n");
    let complete = text.rfind("\n\n").map_or("", |end| &text[..end]);
    let blocks = complete.split("\n\n").map(|block| {
        let mut event = Event::default();
        let mut data = Vec::new();
        for line in block.lines() {
            match line.split_once(':') {
                Some(("data", value)) => data.push(value.strip_prefix(' ').unwrap_or(value)),
                Some(("id", value)) => event.id = value.trim().to_owned(),
                _ => {}
            }
        }
        event.data = data.join("\n");
        event
    });
    blocks.filter(|event| !event.data.is_empty()).collect()
}
