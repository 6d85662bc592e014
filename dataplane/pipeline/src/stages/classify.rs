//! Says what a call intends: read, write, destructive or exfiltrative, with the evidence.
//!
//! The operator's word about a tool is final; else its definition, as its server listed it, and the
//! arguments decide. A definition that was never seen is judged by its name. A resource is judged
//! by its URI.

use varistor_inspect::intent;
use varistor_intent::{Ground, Judgement, judge, resource};
use varistor_model::{Intent, Subject, Trifecta};
use varistor_snapshot::schema::ArchivedServer;

use super::rate_limit::Admitted;
use crate::desk::Desk;
use crate::known::View;
use crate::order::Notes;
use crate::outside::Client;
use crate::own::Own;
use crate::permission::Base;
use crate::serving::Local;

/// A message with its intent. Made here only.
#[derive(Clone, Debug)]
pub struct Classified {
    admitted: Admitted,
    intent: Judgement,
}

/// What calls no tool and names no resource reads.
const PROTOCOL: Ground = Ground::new("protocol", Intent::Read, 100);

impl Classified {
    pub(crate) const fn call(&self) -> &super::parse::Call {
        self.admitted.call()
    }

    pub(crate) const fn intent(&self) -> &Judgement {
        &self.intent
    }
}

/// Classifies the call. Only tools and resources can do more than read.
pub fn classify(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    admitted: Admitted,
    notes: &mut Notes,
) -> Classified {
    let call = admitted.call();
    let message = call.message();
    let name = message.and_then(|message| message.name);
    let server = local.serving().server(call.server);
    let intent = match (call.subject(), message, name, server) {
        (Subject::Tool, Some(message), Some(name), Some(server)) => {
            let name = desk.reader.text(name);
            let stated = intent::stated(server, name).map(by_policy);
            let flows = Trifecta::numbered(local.policy().flows.trifecta);
            match stated {
                Some(stated) if flows == Trifecta::Off => stated,
                _ => {
                    let profile = desk.known.profile(&server.name, name);
                    // What passed the strict gate is text; anything else is judged as if absent.
                    let arguments = message.arguments.of_bytes(client.body());
                    let arguments = core::str::from_utf8(arguments).unwrap_or_default();
                    let organisation = usize::try_from(call.principal.organisation).ok();
                    let rows = &local.policy().organisations;
                    let own = Own(organisation.and_then(|at| rows.get(at)));
                    let judged = judge(profile, arguments, &own);
                    // The operator's word about what a call intends says nothing of its flows.
                    stated.map_or(judged, |mut stated| {
                        stated.labels = judged.labels;
                        stated
                    })
                }
            }
        }
        (Subject::Resource, Some(_), Some(uri), _) => resource(desk.reader.text(uri)),
        _ => Judgement::of(PROTOCOL),
    };
    notes.intent = Some(intent);
    Classified { admitted, intent }
}

/// What a tool of this server is for, whatever its arguments.
#[must_use]
pub fn judgement(desk: &mut Desk, local: &Local, server: u32, name: &str) -> Option<Judgement> {
    let row = local.serving().server(server)?;
    let stated = intent::stated(row, name);
    Some(stated.map_or_else(|| desk.known.profile(&row.name, name).base(), by_policy))
}

/// The same, as permissions ask for it.
pub(crate) fn base(known: &mut View, server: &ArchivedServer, name: &str) -> Base {
    if let Some(intent) = intent::stated(server, name) {
        return Base {
            intent,
            is_open: false,
        };
    }
    let profile = known.profile(&server.name, name);
    Base {
        intent: profile.base().intent,
        is_open: profile.is_open(),
    }
}

const fn by_policy(intent: Intent) -> Judgement {
    Judgement::of(Ground::new("policy", intent, 100))
}
