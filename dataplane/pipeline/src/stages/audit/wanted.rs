//! Which rows of policy say how the parameters of a call, and what is found in them, are kept.
//!
//! Where it is not known which tool a message is about, no row of the server is passed over.

use varistor_inspect::actions::Tool;
use varistor_inspect::dlp::Finding;
use varistor_inspect::glob;
use varistor_inspect::json::Message;
use varistor_model::{Class, Keeping};
use varistor_snapshot::schema::{ArchivedDlp, ArchivedPrivacy};

use crate::desk::Desk;
use crate::serving::Local;
use crate::stages::dlp::tool_of;

/// How policy wants them kept.
pub(super) struct Wanted {
    pub(super) whole: Keeping,
    /// Of findings, by class.
    pub(super) classes: [Option<Keeping>; 3],
}

impl Wanted {
    pub(super) fn of(desk: &Desk, local: &Local, message: &Message, server: u32) -> Self {
        let audit = &local.policy().audit;
        let (mut whole, mut classes) = (Said::Nothing, [Said::Nothing; 3]);
        if !audit.privacy.is_empty() {
            let tool = tool_of(&desk.reader, message);
            for row in audit.privacy.iter() {
                let Some(holds) = holds(row, server, &tool) else {
                    continue;
                };
                let keeping = Keeping::numbered(row.keeping);
                if row.classes == 0 {
                    whole.hear(holds, keeping);
                }
                for (at, of_class) in classes.iter_mut().enumerate() {
                    if row.classes >> at & 1 == 1 {
                        of_class.hear(holds, keeping);
                    }
                }
            }
        }
        let whole = whole.or(Keeping::numbered(audit.params));
        Self {
            whole,
            classes: classes.map(|said| match said {
                Said::Nothing => None,
                said => Some(said.or(whole)),
            }),
        }
    }

    /// How a finding is kept within parameters that are.
    pub(super) fn of_finding(&self, dlp: &ArchivedDlp, finding: &Finding) -> Keeping {
        let row = dlp.detectors.get(usize::from(finding.detector));
        let class = row.and_then(|row| Class::numbered(row.class));
        let stated = class.and_then(|class| self.classes.get(class as usize).copied().flatten());
        stated.unwrap_or(self.whole)
    }
}

/// What rows have said so far: the first that holds counts, and of those that may hold, the
/// strictest.
#[derive(Clone, Copy)]
enum Said {
    Nothing,
    Perhaps(Keeping),
    Surely(Keeping),
}

/// How sure it is that a row is about a call.
#[derive(Clone, Copy)]
enum Holds {
    Surely,
    Perhaps,
}

impl Said {
    fn hear(&mut self, holds: Holds, keeping: Keeping) {
        *self = match (*self, holds) {
            (Self::Surely(_), _) => return,
            (Self::Nothing, Holds::Surely) => Self::Surely(keeping),
            (Self::Nothing, Holds::Perhaps) => Self::Perhaps(keeping),
            (Self::Perhaps(other), Holds::Surely) => Self::Surely(stricter(keeping, other)),
            (Self::Perhaps(other), Holds::Perhaps) => Self::Perhaps(stricter(keeping, other)),
        };
    }

    /// With what holds where no row speaks.
    fn or(self, otherwise: Keeping) -> Keeping {
        match self {
            Self::Nothing => otherwise,
            Self::Perhaps(keeping) => stricter(keeping, otherwise),
            Self::Surely(keeping) => keeping,
        }
    }
}

/// Whether a row is about a call. Tasks, and what clients answer to servers, are of some tool that
/// they do not name: of any of the server's.
fn holds(row: &ArchivedPrivacy, server: u32, tool: &Tool<'_>) -> Option<Holds> {
    if row.everywhere {
        return Some(Holds::Surely);
    }
    let mut tools = row.tools.iter().filter(|row| row.server == server);
    match tool {
        Tool::Named(name) => {
            let named = tools.any(|row| glob::matches(row.name.as_str(), name));
            named.then_some(Holds::Surely)
        }
        Tool::Unknown => tools.next().map(|_| Holds::Perhaps),
        Tool::None => None,
    }
}

/// The one that tells fewer people less.
pub(super) fn stricter(one: Keeping, other: Keeping) -> Keeping {
    let rank = |keeping| match keeping {
        Keeping::Whole => 0,
        Keeping::Masked => 1,
        Keeping::Encrypted => 2,
        Keeping::Committed => 3,
        Keeping::Omitted => 4,
    };
    core::cmp::max_by_key(one, other, |keeping| rank(*keeping))
}
