//! Buffers of one worker, reused from call to call.

use regex_automata::meta;

use crate::arguments::Found;
use crate::evaluate::Holding;
use crate::history::{Marks, Update};
use crate::limits::TEXT_BYTES_KEPT;
use crate::load::Loaded;
use crate::select::{OF_TOOL, ToolTable, ToolTexts};
use crate::truth::Truth;
use crate::vocabulary::TextField;

/// See the module. One per worker; grows to the size of the program and of the traffic.
#[derive(Debug, Default)]
pub struct Scratch {
    /// The program that the buffers fit.
    fingerprint: Option<u64>,
    /// The call that `values` speak of; others are stale.
    call: u32,
    /// For each test: the call, and what the test is in its last two bits.
    values: Vec<u32>,
    /// For each zone: the call, and its local time.
    pub(crate) local: Vec<(u32, Local)>,
    /// For each text field: the call, and which of the program's literals the text is.
    pub(crate) texts: [(u32, Which); TextField::ALL.len()],
    pub(crate) holding: Vec<Holding>,
    pub(crate) found: Found,
    /// Whether the arguments of this call were walked.
    pub(crate) is_walked: bool,
    /// Decoded text.
    pub(crate) text: String,
    /// For each expression: its automaton as far as it was built.
    pub(crate) caches: Vec<Option<meta::Cache>>,
    pub(crate) tools: ToolTable,
    pub(crate) marks: Marks,
    pub(crate) updates: Vec<Update>,
}

/// Which literal a text is.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) enum Which {
    /// The text is not known.
    #[default]
    Unknown,
    /// None of them.
    None,
    /// This one.
    Literal(u32),
}

/// Parts of the time in one zone, in the order of their numbers.
pub(crate) type Local = [u64; 4];

impl Scratch {
    /// Empty; the first call fills it.
    #[must_use]
    pub fn new() -> Self {
        Self::default()
    }

    /// The rules that held for the call evaluated last, in the order of the program.
    #[must_use]
    pub fn holding(&self) -> &[Holding] {
        &self.holding
    }

    /// A new call; a new program empties everything.
    pub(crate) fn begin(&mut self, loaded: &Loaded) {
        if self.fingerprint != Some(loaded.fingerprint) {
            *self = Self::default();
            self.fingerprint = Some(loaded.fingerprint);
            self.values.resize(loaded.atoms, 0);
            self.local.resize(loaded.zones.len(), (0, [0; 4]));
            self.holding.reserve(loaded.rules.len());
            self.caches.resize(loaded.patterns.len(), None);
            self.tools = ToolTable::new(loaded.rules.len());
        }
        self.call = self.call.wrapping_add(1) & (u32::MAX >> 2);
        if self.call == 0 {
            self.call = 1;
            self.values.fill(0);
            self.local.fill((0, [0; 4]));
            self.texts.fill((0, Which::Unknown));
        }
        if self.text.capacity() > TEXT_BYTES_KEPT {
            self.text = String::new();
        }
        self.holding.clear();
        self.is_walked = false;
        self.marks = Marks::default();
    }

    /// Takes over what is remembered of the tool.
    #[inline]
    pub(crate) fn know_tool(&mut self, texts: ToolTexts) {
        for (field, which) in OF_TOOL.into_iter().zip(texts) {
            if let Some(kept) = self.texts.get_mut(field as usize) {
                *kept = (self.call, which);
            }
        }
    }

    pub(crate) const fn call(&self) -> u32 {
        self.call
    }

    /// What a test is, when it was evaluated for this call.
    #[inline]
    pub(crate) fn value(&self, atom: u16) -> Option<Truth> {
        let value = self.values.get(atom as usize)?;
        if value >> 2 != self.call {
            return None;
        }
        Some(match value & 3 {
            0 => Truth::False,
            1 => Truth::True,
            _ => Truth::Unknown,
        })
    }

    #[inline]
    pub(crate) fn keep(&mut self, atom: u16, truth: Truth) {
        if let Some(value) = self.values.get_mut(atom as usize) {
            *value = self.call << 2 | truth as u32;
        }
    }
}
