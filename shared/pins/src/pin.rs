//! What is known of one tool: the form that is trusted, and the one that waits for a person.

use serde::{Deserialize, Serialize};

use crate::canonical::canonical;
use crate::digest::Digest;
use crate::names;

/// A definition in its canonical form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Form {
    /// Of its canonical text; of the text as it came when that can't be read.
    pub sha256: Digest,
    /// The canonical text; `None` when it can't be read, or is too long to keep.
    pub definition: Option<Box<str>>,
    /// When it was first seen, in seconds since 1970.
    pub since_unix_s: u64,
    /// What is suspicious in it, in the words of whoever looked.
    #[serde(default)]
    pub flags: Vec<Box<str>>,
    /// Whether a flag is grave enough to keep a new tool back.
    #[serde(default)]
    pub is_suspicious: bool,
    /// Whether the text could be read.
    #[serde(default)]
    pub is_unreadable: bool,
}

/// Who trusted a form.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum By {
    /// Nobody: it was what the server said first.
    FirstUse,
    /// A person, by this name.
    Approved(Box<str>),
}

/// The form that is trusted.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pinned {
    /// The form.
    pub form: Form,
    /// Who trusted it.
    pub by: By,
}

/// The form that was offered last, when it is not the trusted one.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Offered {
    /// The form.
    pub form: Form,
    /// Why it waits.
    pub cause: Cause,
}

/// Why a tool is quarantined.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Cause {
    /// It is not what was pinned.
    Changed,
    /// Nobody approved it yet, and policy wants that.
    New,
    /// One list held two definitions of it.
    Ambiguous,
    /// Its definition can't be read.
    Unreadable,
    /// Its name holds characters that do not show.
    HiddenName,
    /// Its name looks like that of this other one, `server/tool`, which was there before.
    Twin(Box<str>),
    /// Its definition holds what definitions of honest tools do not.
    Suspicious,
    /// What was pinned of its server was lost.
    Lost,
}

/// One tool of one server.
#[derive(Clone, Debug, PartialEq, Eq, Serialize, Deserialize)]
pub struct Pin {
    /// The form that is trusted.
    pub pinned: Option<Pinned>,
    /// The form that waits; while there is one, the tool is quarantined.
    pub offered: Option<Offered>,
    /// How often it was quarantined.
    pub quarantines: u32,
    /// See [`names::skeleton`].
    #[serde(skip)]
    pub(crate) skeleton: Box<str>,
}

impl Form {
    /// Of an element of `tools/list`; `flags` are what is suspicious in it.
    #[must_use]
    pub fn of(definition: &str, since_unix_s: u64, flags: Vec<Box<str>>) -> Self {
        let canonical = canonical(definition);
        Self {
            sha256: Digest::of(canonical.as_deref().unwrap_or(definition)),
            is_unreadable: canonical.is_none(),
            definition: canonical.map(Into::into),
            since_unix_s,
            flags,
            is_suspicious: false,
        }
    }

    pub(crate) fn text_bytes(&self) -> usize {
        self.definition.as_deref().map_or(0, str::len)
    }
}

impl Cause {
    /// The word in records and answers.
    #[must_use]
    pub const fn name(&self) -> &'static str {
        match self {
            Self::Changed => "changed",
            Self::New => "new",
            Self::Ambiguous => "ambiguous",
            Self::Unreadable => "unreadable",
            Self::HiddenName => "hidden_name",
            Self::Twin(_) => "twin",
            Self::Suspicious => "suspicious",
            Self::Lost => "lost",
        }
    }
}

impl Pin {
    /// Nothing is known of it but its name.
    pub(crate) fn named(name: &str) -> Self {
        Self {
            pinned: None,
            offered: None,
            quarantines: 0,
            skeleton: names::skeleton(name).into(),
        }
    }

    /// Whether this very form is the trusted one.
    pub(crate) fn trusts(&self, form: &Form) -> bool {
        let pinned = self.pinned.as_ref();
        pinned.is_some_and(|pinned| pinned.form.sha256 == form.sha256)
    }

    /// Whether a person trusted what is pinned.
    #[must_use]
    pub const fn is_approved(&self) -> bool {
        matches!(&self.pinned, Some(pinned) if matches!(pinned.by, By::Approved(_)))
    }

    /// Puts a form to the ones that wait, and counts it unless it waits already.
    pub(crate) fn quarantine(&mut self, form: Form, cause: Cause) {
        if let Some(offered) = &mut self.offered
            && offered.form.sha256 == form.sha256
        {
            offered.cause = cause;
            return;
        }
        self.quarantines = self.quarantines.saturating_add(1);
        self.offered = Some(Offered { form, cause });
    }

    pub(crate) fn text_bytes(&self) -> usize {
        let pinned = self.pinned.as_ref().map_or(0, |it| it.form.text_bytes());
        let offered = self.offered.as_ref().map_or(0, |it| it.form.text_bytes());
        pinned.saturating_add(offered)
    }
}
