//! OCSF 1.8: each call as an event of the class API Activity (6003) with the profiles
//! `ai_operation` and `security_control`, a JSON line each.
//!
//! What the log says and OCSF has no place for stands under `unmapped`. The model is not named,
//! since a gateway does not see it.

mod event;
mod map;

use std::io::{BufWriter, Write};

use super::Sink;
use crate::pair::Entry;
use crate::problem::Problem;

/// Events that are written one by one.
pub(super) struct Events(BufWriter<Box<dyn Write + Send>>);

impl Events {
    pub(super) fn new(out: Box<dyn Write + Send>) -> Self {
        Self(BufWriter::new(out))
    }
}

impl Sink for Events {
    fn write(&mut self, entry: &Entry<'_>) -> Result<bool, Problem> {
        let event = match entry {
            Entry::Answered(call, result) => map::event(call.0, Some(result.0), None),
            Entry::Refused(call) => map::event(call.0, None, None),
            Entry::Unanswered(call, why) => map::event(call.0, None, Some(*why)),
            // Neither says who called what.
            Entry::Result(_) | Entry::Event(_) => return Ok(false),
        };
        serde_json::to_writer(&mut self.0, &event).map_err(std::io::Error::from)?;
        self.0.write_all(b"\n")?;
        Ok(true)
    }

    fn finish(mut self: Box<Self>) -> Result<(), Problem> {
        Ok(self.0.flush()?)
    }
}
