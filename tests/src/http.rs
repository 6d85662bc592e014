//! A raw HTTP/1.1 client: sends any bytes, however wrong, and reads what comes back.

use std::fmt;
use std::io::{ErrorKind, Read, Write};
use std::net::{Shutdown, TcpStream};
use std::time::Duration;

use serde_json::Value;

/// Longer than any time-out that the gateway answers by in these tests.
const READ_WITHIN: Duration = Duration::from_secs(40);

/// One TCP connection.
pub struct Connection {
    stream: TcpStream,
    read: Vec<u8>,
    cut: bool,
}

/// Status line and fields of an answer.
#[derive(Clone, Debug, Default)]
pub struct Head {
    /// The status code.
    pub status: u16,
    /// Names in lower case, values trimmed, in their order.
    pub fields: Vec<(String, String)>,
}

/// A whole answer.
#[derive(Clone)]
pub struct Answer {
    /// Status line and fields.
    pub head: Head,
    /// The body without its framing.
    pub body: Vec<u8>,
}

impl Connection {
    /// Connects.
    pub fn open(address: &str) -> Self {
        Self::try_open(address).expect("a listener")
    }

    /// Connects, if anybody listens.
    pub fn try_open(address: &str) -> Option<Self> {
        let stream = TcpStream::connect(address).ok()?;
        stream
            .set_read_timeout(Some(READ_WITHIN))
            .expect("a time-out");
        stream.set_nodelay(true).expect("no delay");
        Some(Self {
            stream,
            read: Vec::new(),
            cut: false,
        })
    }

    /// Sends these bytes. A peer that has closed meanwhile has also answered: no error here.
    pub fn send(&mut self, bytes: &[u8]) {
        let _ = self.stream.write_all(bytes);
    }

    /// Sends no more, but reads on.
    pub fn finish(&mut self) {
        let _ = self.stream.shutdown(Shutdown::Write);
    }

    /// Reads a whole answer; `None` when the connection ends without one.
    pub fn answer(&mut self) -> Option<Answer> {
        let head = self.head()?;
        let mut body = Vec::new();
        while let Some(piece) = self.body_piece(&head, body.len()) {
            body.extend_from_slice(&piece);
        }
        Some(Answer { head, body })
    }

    /// Sends a request and reads its answer, which must come.
    pub fn exchange(&mut self, request: &[u8]) -> Answer {
        self.send(request);
        self.answer().expect("an answer")
    }

    /// Reads the head of an answer.
    pub fn head(&mut self) -> Option<Head> {
        loop {
            if let Some(end) = find(&self.read, b"\r\n\r\n") {
                let head = Head::parse(&self.read[..end]);
                self.read.drain(..end + 4);
                if head.status == 100 {
                    continue;
                }
                return Some(head);
            }
            self.fill()?;
        }
    }

    /// The next bytes of the body of which `so_far` are read; `None` at its end.
    pub fn body_piece(&mut self, head: &Head, so_far: usize) -> Option<Vec<u8>> {
        if head.status == 204
            || head.status == 202
                && head.field("content-length").is_none()
                && head.field("transfer-encoding").is_none()
        {
            return None;
        }
        if head.field("transfer-encoding").is_some() {
            return self.chunk();
        }
        let Some(length) = head.field("content-length") else {
            if self.read.is_empty() {
                self.fill()?;
            }
            return Some(std::mem::take(&mut self.read));
        };
        let left = length.parse::<usize>().expect("a length") - so_far;
        if left == 0 {
            return None;
        }
        if self.read.is_empty() {
            self.fill().expect("the rest of a body");
        }
        let take = left.min(self.read.len());
        Some(self.read.drain(..take).collect())
    }

    /// Whether the connection ended inside of a body in chunks: what came of it is not all.
    pub fn is_cut(&self) -> bool {
        self.cut
    }

    fn chunk(&mut self) -> Option<Vec<u8>> {
        let data = self.next_chunk();
        self.cut = data.is_none();
        data.filter(|data| !data.is_empty())
    }

    /// The data of the next chunk, empty in the last; `None` when the connection ends before it.
    fn next_chunk(&mut self) -> Option<Vec<u8>> {
        let line_end = loop {
            match find(&self.read, b"\r\n") {
                Some(end) => break end,
                None => self.fill()?,
            }
        };
        let line = String::from_utf8_lossy(&self.read[..line_end]).into_owned();
        let size = usize::from_str_radix(line.split(';').next().unwrap_or(""), 16);
        let size = size.unwrap_or_else(|_| panic!("a chunk's size, not {line:?}"));
        while self.read.len() < line_end + 2 + size + 2 {
            self.fill()?;
        }
        let data = self.read[line_end + 2..line_end + 2 + size].to_vec();
        self.read.drain(..line_end + 2 + size + 2);
        Some(data)
    }

    /// Whether the peer closes without sending anything more.
    pub fn is_closed_by_peer(&mut self) -> bool {
        self.read.is_empty() && self.fill().is_none()
    }

    fn fill(&mut self) -> Option<()> {
        let mut buffer = [0; 16 * 1024];
        match self.stream.read(&mut buffer) {
            Ok(0) => None,
            Ok(count) => {
                self.read.extend_from_slice(&buffer[..count]);
                Some(())
            }
            Err(error) if error.kind() == ErrorKind::ConnectionReset => None,
            // The machine stopped this process for a while.
            Err(error) if error.kind() == ErrorKind::Interrupted => self.fill(),
            Err(error) => panic!("nothing came within {READ_WITHIN:?}: {error}"),
        }
    }
}

impl Head {
    fn parse(bytes: &[u8]) -> Self {
        let text = String::from_utf8_lossy(bytes);
        let mut lines = text.split("\r\n");
        let first = lines.next().unwrap_or_default();
        let status = first.split(' ').nth(1).and_then(|code| code.parse().ok());
        let fields = lines.filter_map(|line| line.split_once(':'));
        Self {
            status: status.unwrap_or_else(|| panic!("a status line, not {first:?}")),
            fields: fields
                .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
                .collect(),
        }
    }

    /// The first field with this name (lower case).
    pub fn field(&self, name: &str) -> Option<&str> {
        let found = self.fields.iter().find(|(field, _)| field == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Answer {
    /// The answer in these bytes, the connection having ended.
    pub fn parse(bytes: &[u8]) -> Self {
        let end = find(bytes, b"\r\n\r\n").expect("a whole head");
        let head = Head::parse(&bytes[..end]);
        Self {
            head,
            body: bytes[end + 4..].to_vec(),
        }
    }

    /// The status code.
    pub fn status(&self) -> u16 {
        self.head.status
    }

    /// The first field with this name (lower case).
    pub fn field(&self, name: &str) -> Option<&str> {
        self.head.field(name)
    }

    /// The JSON-RPC message: the body itself, or the last event of a stream.
    pub fn json(&self) -> Value {
        let text = String::from_utf8(self.body.clone()).expect("UTF-8");
        if self
            .field("content-type")
            .is_some_and(|kind| kind.starts_with("text/event-stream"))
        {
            let last = crate::sse::events(&text).pop().expect("an event");
            return serde_json::from_str(&last.data).expect("JSON in the last event");
        }
        serde_json::from_str(&text).unwrap_or_else(|error| panic!("{error}: {text}"))
    }

    /// The body as it is.
    pub fn body_text(&self) -> String {
        String::from_utf8_lossy(&self.body).into_owned()
    }

    /// The text of a tool's answer.
    pub fn text(&self) -> String {
        let text = self.json()["result"]["content"][0]["text"].clone();
        text.as_str().unwrap_or_default().to_owned()
    }

    /// Whether it is a successful tool call: 200, a result, not an error of the tool.
    pub fn is_good_call(&self) -> bool {
        self.status() == 200 && {
            let json = self.json();
            json.get("result").is_some() && json["result"]["isError"] != Value::Bool(true)
        }
    }

    /// The number of the record that the gateway wrote about it.
    pub fn record(&self) -> Option<u64> {
        self.field("varistor-record")?.parse().ok()
    }
}

impl fmt::Debug for Answer {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let Head { status, fields } = &self.head;
        let body = String::from_utf8_lossy(&self.body);
        write!(out, "{status} {fields:?} {body}")
    }
}

/// Where `needle` begins.
pub fn find(bytes: &[u8], needle: &[u8]) -> Option<usize> {
    bytes
        .windows(needle.len())
        .position(|window| window == needle)
}
