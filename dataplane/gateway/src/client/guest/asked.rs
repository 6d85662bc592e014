//! What the pipeline may ask of a request.

use std::rc::Rc;

use varistor_http1::{Framing, RequestHead};
use varistor_identity::Certificate;
use varistor_model::Reason;
use varistor_pipeline::desk::Principal;
use varistor_pipeline::outside::{Client, Now};

use super::{Body, CONTINUE, Guest};
use crate::io::Stream;

impl Client for Guest {
    fn head(&self) -> (&RequestHead, &[u8]) {
        (
            &self.head,
            self.buffer.get(..self.head.bytes()).unwrap_or_default(),
        )
    }

    async fn read_body(&mut self, bytes_max: usize) -> Result<(), Reason> {
        // A call that a human has released is judged once more.
        if self.body != Body::Unread {
            return Ok(());
        }
        let framing = self.head.framing();
        if let Framing::Length(bytes) = framing
            && usize::try_from(bytes).map_or(true, |bytes| bytes > bytes_max)
        {
            return Err(Reason::BodyTooLarge);
        }
        if self.head.expects_continue() && self.buffer.len() <= self.head.bytes() {
            self.send(&mut CONTINUE.to_vec())
                .await
                .map_err(|_| Reason::FramingInvalid)?;
        }
        self.deadline(
            self.worker
                .view()
                .local
                .policy()
                .runtime
                .body_ms
                .to_native(),
        );
        match framing {
            Framing::None => self.body = Body::Inline,
            Framing::Length(bytes) => {
                self.read_length(usize::try_from(bytes).unwrap_or(usize::MAX))
                    .await?;
            }
            Framing::Chunked => self.read_chunks(bytes_max).await?,
        }
        self.watched.forever();
        Ok(())
    }

    fn is_inner(&self) -> bool {
        self.inner
    }

    fn is_proven(&self) -> bool {
        // The federation asks on behalf of requests that were let in.
        self.inner || self.proven.get()
    }

    fn proven(&self) {
        self.proven.set(true);
    }

    fn certificate(&self) -> Option<&Certificate> {
        self.certificate.as_deref()
    }

    fn belongs_to(&self, principal: &Rc<Principal>) {
        self.watched.belongs_to(principal);
    }

    fn body(&self) -> &[u8] {
        self.body_slice()
    }

    fn peer(&self) -> &str {
        &self.peer
    }

    fn secure(&self) -> bool {
        matches!(self.stream, Stream::Tls(_))
    }

    fn now(&self) -> Now {
        self.now
    }
}
