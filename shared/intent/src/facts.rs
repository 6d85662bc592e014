//! One pass over the arguments of a call: what they hold that may count, whatever the tool is.
//!
//! Refuses to weigh: what a fact means is for the judge to say. The order of arguments makes no
//! difference, for facts are united and of several texts of one kind the outermost is kept.

mod deeds;
mod destined;
mod kept;
mod leads;
mod members;
mod milder;
mod named;
mod outer;
mod pass;
mod place;
mod pressing;
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
    /// A field is filled in by which a deletion is confirmed.
    Confirming,
    /// What is filled in is handed in.
    Submitted,
    /// A field is filled in whose content everybody sees.
    OpenField,
    /// Changes are handed to a tool that may only look.
    Written,
}

const FACTS: usize = Fact::Written as usize + 1;

/// One of several deeds, as an argument says.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Deed {
    pub(crate) intent: Intent,
    pub(crate) sure: u8,
    pub(crate) span: Span,
    /// Whether the definition declares that this argument says it, and that it may say this.
    pub(crate) is_declared: bool,
}

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

/// Slots of texts that may be run, each by itself.
const CODE: [Slot; 5] = [
    Slot::Sql,
    Slot::Query,
    Slot::Command,
    Slot::Script,
    Slot::Pipeline,
];

/// Texts beside those in the slots that are kept.
const OTHERS_MAX: usize = 4;

/// A kept text: how deep it lies and the hash of its key, which decide between several.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
struct Kept {
    rank: Option<(usize, u64, usize)>,
    span: Span,
}

/// What the arguments hold.
#[derive(Clone, Debug)]
pub(crate) struct Facts<'a> {
    pub(crate) text: &'a str,
    found: [Option<Span>; FACTS],
    slots: [Kept; SLOTS],
    /// Further code, whose slot holds another text.
    others: [Option<(Slot, Kept)>; OTHERS_MAX],
    /// Whether there is more of it than is kept.
    pub(crate) has_more_code: bool,
    /// The greatest amount, in hundredths, and where it stands.
    pub(crate) amount: (u64, Option<Span>),
    /// How many are wanted.
    pub(crate) limit: (u64, Option<Span>),
    /// The gravest operation that is asked for.
    pub(crate) operation: Option<Deed>,
    /// What the definition says of a value that is chosen.
    pub(crate) choice: Option<(Intent, Span)>,
    /// The subjects of the kinds of things that are meant.
    pub(crate) kinds: u64,
    /// Where a path stands that matters.
    pub(crate) path: Option<(varistor_effect::Effect, Span)>,
    /// Whether there are arguments that the definition does not declare.
    pub(crate) has_more: bool,
    /// Whether several say where something goes, and how.
    pub(crate) is_torn: bool,
    /// How many texts there are.
    pub(crate) texts: usize,
}

impl<'a> Facts<'a> {
    /// What these arguments of this tool hold.
    pub(crate) fn of(text: &'a str, profile: &Profile, outside: &dyn Outside) -> Self {
        let mut facts = Self {
            text,
            found: [None; FACTS],
            slots: [Kept::default(); SLOTS],
            others: [None; OTHERS_MAX],
            has_more_code: false,
            amount: (0, None),
            limit: (0, None),
            operation: None,
            choice: None,
            kinds: 0,
            path: None,
            has_more: false,
            is_torn: false,
            texts: 0,
        };
        Pass::over(&mut facts, profile, outside);
        facts
    }

    /// Where this fact stands, if it does.
    pub(crate) fn get(&self, fact: Fact) -> Option<Span> {
        self.found.get(fact as usize).copied().flatten()
    }

    /// Whether this fact stands.
    pub(crate) fn has(&self, fact: Fact) -> bool {
        self.get(fact).is_some()
    }

    /// The same arguments once for each text of code that does not lie there, without other code.
    pub(crate) fn with_other_code(&self, judged: Span) -> impl Iterator<Item = Self> {
        let kept = |slot: Slot| Some((slot, *self.slots.get(slot as usize)?));
        let texts = CODE.into_iter().filter_map(kept);
        let texts = texts.chain(self.others.iter().flatten().copied());
        let is_other = move |(_, kept): &(Slot, Kept)| kept.rank.is_some() && kept.span != judged;
        texts.filter(is_other).map(|(slot, kept)| {
            let mut facts = self.clone();
            for code in CODE {
                let kept = if code == slot { kept } else { Kept::default() };
                if let Some(place) = facts.slots.get_mut(code as usize) {
                    *place = kept;
                }
            }
            facts
        })
    }

    /// The same arguments without the words that a command line is given besides, if there are any
    /// and nobody knows whether they are heeded.
    pub(crate) fn without_words(&self) -> Option<Self> {
        let place = Slot::Arguments as usize;
        let is_there = self.slots.get(place)?.rank.is_some();
        (self.has_more && is_there).then(|| {
            let mut facts = self.clone();
            if let Some(kept) = facts.slots.get_mut(place) {
                *kept = Kept::default();
            }
            facts
        })
    }

    /// Keeps code whose slot holds another text.
    fn add_code(&mut self, slot: Slot, kept: Kept) {
        if kept.rank.is_none() {
            return;
        }
        self.is_torn |= matches!(slot, Slot::Url | Slot::Method | Slot::Body | Slot::Language);
        if !CODE.contains(&slot) {
            return;
        }
        match self.others.iter_mut().find(|place| place.is_none()) {
            Some(place) => *place = Some((slot, kept)),
            None => self.has_more_code = true,
        }
    }

    /// The text in this slot, still escaped.
    pub(crate) fn slot(&self, slot: Slot) -> Option<(&'a str, Span)> {
        let kept = self.slots.get(slot as usize)?;
        kept.rank?;
        Some((self.text.get(kept.span.range())?, kept.span))
    }
}
