//! Whether a call lets data flow from private to outside: the lethal trifecta.
//!
//! The operator's word about a tool is final; else its definition and arguments tell. Refuses, by
//! holding it for a human unless policy says otherwise, the call that brings the third leg.

use varistor_inspect::glob;
use varistor_model::{Labels, Reason, Trifecta};
use varistor_snapshot::schema::ArchivedServer;

use super::super::parse::Call;
use crate::desk::Desk;
use crate::flows::{Window, completes};
use crate::outside::Client;
use crate::ruling::Ruling;
use crate::serving::Local;
use crate::stages::dlp::Scanned;

/// The labels of a call of this tool, where evidence derived some.
pub(super) fn labels(server: &ArchivedServer, tool: &str, derived: Labels) -> Labels {
    if server.tools.is_empty() && server.tags.is_empty() {
        return derived;
    }
    let rows = || {
        let rows = glob::candidates(&server.tools, |row| &*row.name, tool);
        rows.filter(|row| glob::matches(&row.name, tool))
    };
    let stated = rows().filter(|row| row.labels.is_some());
    let stated = stated.min_by_key(|row| row.rank.to_native());
    if let Some(bits) = stated.and_then(|row| row.labels.as_ref()) {
        return Labels::of_bits(*bits);
    }
    let tags = server
        .tags
        .iter()
        .chain(rows().flat_map(|row| row.tags.iter()));
    tags.fold(derived, |all, tag| {
        let named = Labels::NAMES.iter().find(|(name, _)| *name == tag.as_str());
        named.map_or(all, |(_, label)| all.and(*label))
    })
}

/// A call as flows see it.
#[derive(Clone, Copy, Debug)]
pub(super) struct Flow {
    adds: Labels,
    window: Window,
    follows: Trifecta,
    /// A human has released this call.
    is_released: bool,
}

impl Flow {
    /// Of a call of a tool.
    pub(super) fn of(
        desk: &Desk,
        local: &Local,
        client: &impl Client,
        (scanned, is_released): (&Scanned, bool),
    ) -> Option<Self> {
        let row = &local.policy().flows;
        let follows = Trifecta::numbered(row.trifecta);
        if follows == Trifecta::Off {
            return None;
        }
        let call = scanned.classified().call();
        let server = local.serving().server(call.server)?;
        let name = call.message()?.name?;
        let derived = scanned.classified().intent().labels;
        let adds = labels(server, desk.reader.text(name), derived);
        (!adds.is_empty()).then(|| Self {
            adds,
            window: Window::new(client.now().unix_ns, row.memory_hours.to_native()),
            follows,
            is_released,
        })
    }

    /// What would follow if the call went on now, without adding anything.
    pub(super) fn ask(&self, call: &Call, ruling: &mut Ruling) -> Result<(), Reason> {
        let legs = call.principal.legs.as_ref();
        let before = legs.map_or(Labels::TRIFECTA, |legs| legs.before(self.window));
        self.follow(before, ruling)
    }

    /// Adds the labels of the call to its session's, unless another call was faster.
    pub(super) fn take(&self, call: &Call, ruling: &mut Ruling) -> Result<(), Reason> {
        let Some(legs) = &call.principal.legs else {
            return self.follow(Labels::TRIFECTA, ruling);
        };
        let may_complete =
            self.follows == Trifecta::Log || (self.is_released && self.follows == Trifecta::Hold);
        match legs.take(self.adds, self.window, may_complete) {
            Ok(before) | Err(before) => self.follow(before, ruling),
        }
    }

    fn follow(&self, before: Labels, ruling: &mut Ruling) -> Result<(), Reason> {
        if !completes(before, self.adds) {
            return Ok(());
        }
        ruling.flow = Some(self.adds);
        match self.follows {
            Trifecta::Off | Trifecta::Log => Ok(()),
            Trifecta::Hold if self.is_released => Ok(()),
            Trifecta::Hold => {
                ruling.is_flow_decisive = true;
                Err(Reason::Held)
            }
            Trifecta::Deny => {
                ruling.is_flow_decisive = true;
                Err(Reason::RuleDenied)
            }
        }
    }
}
