//! Says what a call intends: read, write, destructive or exfiltrative, with the evidence.

use varistor_inspect::intent;
use varistor_model::{Intent, Subject};

use super::rate_limit::Admitted;
use crate::desk::Desk;
use crate::order::Notes;
use crate::serving::Local;

/// A message with its intent. Made here only.
#[derive(Clone, Debug)]
pub struct Classified {
    admitted: Admitted,
    intent: intent::Classified,
}

impl Classified {
    pub(crate) const fn call(&self) -> &super::parse::Call {
        self.admitted.call()
    }

    pub(crate) const fn intent(&self) -> &intent::Classified {
        &self.intent
    }
}

/// Classifies the call. Only tools can do more than read.
pub fn classify(desk: &Desk, local: &Local, admitted: Admitted, notes: &mut Notes) -> Classified {
    let call = admitted.call();
    let name = call.message().and_then(|message| message.name);
    let server = local.serving().server(call.server);
    let intent = match (call.subject(), name, server) {
        (Subject::Tool, Some(name), Some(server)) => {
            intent::classify(server, desk.reader.text(name))
        }
        _ => intent::Classified {
            intent: Intent::Read,
            confidence_percent: 100,
            evidence: "protocol",
        },
    };
    notes.intent = Some((intent.intent, intent.confidence_percent, intent.evidence));
    Classified { admitted, intent }
}
