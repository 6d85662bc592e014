//! A client that is a string: the whole request is there from the start.

use varistor_http1::{Progress, RequestHead};
use varistor_model::Reason;
use varistor_pipeline::outside::{Client, Now};

/// One request, and when it came.
pub struct Text {
    head: RequestHead,
    bytes: Vec<u8>,
    now: Now,
}

impl Text {
    /// A request whose head is read.
    ///
    /// # Errors
    /// Why the head is refused.
    ///
    /// # Panics
    /// When the head is not whole.
    pub fn new(request: &str, now: Now) -> Result<Self, Reason> {
        let mut text = Self {
            head: RequestHead::new(),
            bytes: request.as_bytes().to_vec(),
            now,
        };
        text.read_head()?;
        Ok(text)
    }

    /// Reads the head once more, as if the same request came again.
    ///
    /// # Errors
    /// Why the head is refused.
    ///
    /// # Panics
    /// When the head is not whole.
    pub fn read_head(&mut self) -> Result<(), Reason> {
        match self.head.parse(&self.bytes)? {
            Progress::Complete => Ok(()),
            Progress::Partial => panic!("the request has no whole head"),
        }
    }

    /// The body.
    #[must_use]
    pub fn text(&self) -> &[u8] {
        &self.bytes[self.head.bytes()..]
    }
}

impl Client for Text {
    fn head(&self) -> (&RequestHead, &[u8]) {
        (&self.head, &self.bytes[..self.head.bytes()])
    }

    async fn read_body(&mut self, bytes_max: usize) -> Result<(), Reason> {
        if self.text().len() > bytes_max {
            Err(Reason::BodyTooLarge)
        } else {
            Ok(())
        }
    }

    fn body(&self) -> &[u8] {
        self.text()
    }

    fn peer(&self) -> &str {
        "127.0.0.1:40000"
    }

    fn secure(&self) -> bool {
        false
    }

    fn now(&self) -> Now {
        self.now
    }
}
