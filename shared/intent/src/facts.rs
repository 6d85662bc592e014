//! One pass over the arguments of a call: what they hold that may count, whatever the tool is.
//!
//! Refuses to weigh: what a fact means is for the judge to say. The order of arguments makes no
//! difference, for facts are united and of several texts of one kind the outermost is kept.

mod destined;
mod kept;
mod leads;
mod named;
mod outer;
mod pass;
mod place;
mod weigh;

use varistor_effect::Outside;
use varistor_model::{Intent, Span};

use crate::profile::Profile;
use pass::Pass;

/// Something that arguments may say, each kept with one place that says it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Fact {
    /// The call is only tried.
    Trial,
    /// The call is done for sure, not tried.
    Done,
    /// Resistance is ignored.
    Force,
    /// What is there is lost.
    Lost,
    /// It stays restorable.
    Kept,
    /// Somebody outside gets it.
    Outsider,
    /// Something is attached.
    Attached,
    /// Everybody may see it.
    Public,
    /// Everybody may come in.
    Unbounded,
    /// Nothing of it runs any more.
    Zero,
    /// It is switched off.
    Off,
    /// A guard is taken away.
    Unguarded,
    /// A foreign address is called.
    Hook,
    /// Mail is passed on to somebody outside.
    ForwardsOut,
    /// All records are meant.
    All,
    /// A filter that matches everything.
    EmptyFilter,
    /// A filter that matches something.
    Filtered,
    /// A text carries a secret.
    Secret,
    /// A text carries records.
    Records,
    /// It is marked as deleted.
    Deleted,
    /// It happens where things are tried out.
    Tryout,
    /// Nobody was ever paid there.
    NewPayee,
    /// Columns that hold secrets are asked for.
    SecretColumns,
    /// A port of the web.
    WebPort,
    /// Code is loaded from a foreign host, or unguarded on its way.
    ForeignCode,
    /// Something is published at a foreign host.
    ForeignPlace,
    /// A rule names a foreign address beyond what it matches.
    ForeignMail,
    /// A rule passes mail on.
    Passing,
    /// Some records are chosen.
    Chosen,
    /// What is secret is shown in clear.
    Revealed,
    /// What people keep to themselves is asked for.
    Contact,
    /// A file that holds credentials is handed out, whatever the tool calls it.
    Opened,
    /// One thing is asked for by its name.
    Named,
    /// Its name is that of a credential.
    NamesSecret,
    /// A folder that holds everything of a machine or a person.
    Broad,
    /// What is secret stays hidden.
    Veiled,
    /// Somebody's account that money goes to.
    Payee,
    /// A button is pressed that deletes.
    Pressed,
    /// A deed hands out what the tool keeps.
    Handed,
    /// What is connected or let in is of another organisation.
    OuterKind,
    /// What the organisation keeps is sent to a place that is not its own.
    OuterPlace,
    /// It is left where anybody leaves things for anybody.
    Dropped,
    /// A label says that its bearer is no part of the organisation.
    Stranger,
    /// What is read is gone at once.
    Consumed,
    /// What is pressed only shows something else.
    Looks,
    /// All records about persons are asked for by the name of an operation.
    Exports,
    /// How much is traded at which price makes the amount.
    Traded,
}

const FACTS: usize = Fact::Traded as usize + 1;

/// Texts that are judged as a whole.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Slot {
    Sql,
    Query,
    Command,
    Arguments,
    Script,
    Url,
    Method,
    Body,
    Language,
    Pipeline,
    Path,
    Hook,
}

const SLOTS: usize = Slot::Hook as usize + 1;

/// A kept text: how deep it lies and the hash of its key, which decide between several.
#[derive(Clone, Copy, Debug, Default)]
struct Kept {
    rank: Option<(usize, u64, usize)>,
    span: Span,
}

/// What the arguments hold.
#[derive(Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) text: &'a str,
    found: [Option<Span>; FACTS],
    slots: [Kept; SLOTS],
    /// The greatest amount, in hundredths, and where it stands.
    pub(crate) amount: (u64, Option<Span>),
    /// How many are wanted.
    pub(crate) limit: (u64, Option<Span>),
    /// The gravest operation that is asked for.
    pub(crate) operation: Option<(Intent, u8, Span)>,
    /// What the definition says of a value that is chosen.
    pub(crate) choice: Option<(Intent, Span)>,
    /// The subjects of the kinds of things that are meant.
    pub(crate) kinds: u64,
    /// Where a path stands that matters.
    pub(crate) path: Option<(varistor_effect::Effect, Span)>,
}

impl<'a> Facts<'a> {
    /// What these arguments of this tool hold.
    pub(crate) fn of(text: &'a str, profile: &Profile, outside: &dyn Outside) -> Self {
        let facts = Self {
            text,
            found: [None; FACTS],
            slots: [Kept::default(); SLOTS],
            amount: (0, None),
            limit: (0, None),
            operation: None,
            choice: None,
            kinds: 0,
            path: None,
        };
        Pass::over(facts, profile, outside)
    }

    /// Where this fact stands, if it does.
    pub(crate) fn get(&self, fact: Fact) -> Option<Span> {
        self.found.get(fact as usize).copied().flatten()
    }

    /// Whether this fact stands.
    pub(crate) fn has(&self, fact: Fact) -> bool {
        self.get(fact).is_some()
    }

    /// The text in this slot, still escaped.
    pub(crate) fn slot(&self, slot: Slot) -> Option<(&'a str, Span)> {
        let kept = self.slots.get(slot as usize)?;
        kept.rank?;
        Some((self.text.get(kept.span.range())?, kept.span))
    }
}
