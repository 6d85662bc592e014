//! Which rules can hold for a tool: remembered by tool and intent, so that a call pays for the
//! rules that concern it and not for all of them.

use crate::compile::kind;
use crate::load::Loaded;
use crate::scratch::Which;
use crate::truth::Truth;
use crate::vocabulary::TextField;

/// Most tools, each with its intents, that a worker remembers.
const ENTRIES: usize = 4096;
/// Places where one of them can stand.
const WAYS: usize = 4;

/// Texts that are the same for all calls of a tool.
pub(crate) const OF_TOOL: [TextField; 3] = [
    TextField::ToolServer,
    TextField::ToolName,
    TextField::ToolCategory,
];

/// Which literals the texts of a tool are.
pub(crate) type ToolTexts = [Which; OF_TOOL.len()];

/// Rules that can hold, by tool and intent.
#[derive(Debug, Default)]
pub(crate) struct ToolTable {
    /// Key of the tool, and its intent and one, so that 0 is nobody.
    keys: Vec<(u64, u8)>,
    /// For each of `keys`.
    texts: Vec<ToolTexts>,
    /// For each of `keys`: one bit for each rule.
    bits: Vec<u64>,
    /// Words of bits for each tool.
    width: usize,
    /// Whose place is taken next.
    turn: usize,
}

impl ToolTable {
    pub(crate) fn new(rules: usize) -> Self {
        Self {
            keys: Vec::new(),
            texts: Vec::new(),
            bits: Vec::new(),
            width: rules.div_ceil(64),
            turn: 0,
        }
    }

    /// The first of the places where a tool can stand.
    fn first(key: u64, intent: u8) -> usize {
        // SplitMix64's mixer: keys may be counted up.
        let mut hash = key ^ (u64::from(intent) << 56);
        hash = (hash ^ (hash >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        hash = (hash ^ (hash >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        hash ^= hash >> 31;
        let sets = ENTRIES.checked_div(WAYS).unwrap_or(1) as u64;
        let set = usize::try_from(hash & sets.saturating_sub(1)).unwrap_or(0);
        set.saturating_mul(WAYS)
    }

    /// Where the rules of a tool stand.
    pub(crate) fn find(&self, key: u64, intent: u8) -> Option<usize> {
        let first = Self::first(key, intent);
        let wanted = (key, intent.saturating_add(1));
        let places = self.keys.get(first..first.saturating_add(WAYS))?;
        let at = places.iter().position(|place| *place == wanted)?;
        Some(first.saturating_add(at))
    }

    /// Makes room for a tool, whose bits are all 0 then.
    pub(crate) fn take(&mut self, key: u64, intent: u8) -> usize {
        if self.keys.is_empty() {
            self.keys.resize(ENTRIES, (0, 0));
            self.texts.resize(ENTRIES, ToolTexts::default());
            self.bits.resize(ENTRIES.saturating_mul(self.width), 0);
        }
        let first = Self::first(key, intent);
        let free = (0..WAYS).find(|way| {
            self.keys
                .get(first.saturating_add(*way))
                .is_some_and(|place| place.1 == 0)
        });
        let way = free.unwrap_or(self.turn);
        self.turn = self.turn.saturating_add(1).checked_rem(WAYS).unwrap_or(0);
        let at = first.saturating_add(way);
        if let Some(place) = self.keys.get_mut(at) {
            *place = (key, intent.saturating_add(1));
        }
        for word in 0..self.width {
            self.set(at, word, 0);
        }
        at
    }

    pub(crate) fn texts(&self, at: usize) -> ToolTexts {
        self.texts.get(at).copied().unwrap_or_default()
    }

    pub(crate) fn set_texts(&mut self, at: usize, texts: ToolTexts) {
        if let Some(place) = self.texts.get_mut(at) {
            *place = texts;
        }
    }

    pub(crate) fn word(&self, at: usize, word: usize) -> u64 {
        let index = at.saturating_mul(self.width).saturating_add(word);
        // A place that is not there can't be known to hold no rule.
        self.bits.get(index).copied().unwrap_or(u64::MAX)
    }

    pub(crate) fn set(&mut self, at: usize, word: usize, bits: u64) {
        let index = at.saturating_mul(self.width).saturating_add(word);
        if let Some(place) = self.bits.get_mut(index) {
            *place = bits;
        }
    }

    pub(crate) const fn width(&self) -> usize {
        self.width
    }
}

/// What a condition can still be, when only some tests are known: a set of truths.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Possible {
    pub(crate) no: bool,
    pub(crate) yes: bool,
    pub(crate) unknown: bool,
}

impl Possible {
    pub(crate) const ANYTHING: Self = Self {
        no: true,
        yes: true,
        unknown: true,
    };

    pub(crate) fn only(truth: Truth) -> Self {
        Self {
            no: truth == Truth::False,
            yes: truth == Truth::True,
            unknown: truth == Truth::Unknown,
        }
    }

    fn contrary(self) -> Self {
        Self {
            no: self.yes,
            yes: self.no,
            unknown: self.unknown,
        }
    }

    fn and(self, other: Self) -> Self {
        Self {
            no: self.no || other.no,
            yes: self.yes && other.yes,
            unknown: (self.unknown && (other.unknown || other.yes))
                || (other.unknown && (self.unknown || self.yes)),
        }
    }

    fn or(self, other: Self) -> Self {
        self.contrary().and(other.contrary()).contrary()
    }
}

/// What the condition at `at` can be; `of` says it of tests.
pub(crate) fn possible(
    loaded: &Loaded,
    at: usize,
    depth: usize,
    of: &mut impl FnMut(u16) -> Possible,
) -> Possible {
    let Some(node) = loaded.nodes.get(at).filter(|_| depth > 0) else {
        return Possible::ANYTHING;
    };
    if node.kind == kind::LEAF {
        let possible = of(node.atom);
        return match node.negate {
            true => possible.contrary(),
            false => possible,
        };
    }
    let is_all = node.kind == kind::ALL;
    let mut whole = Possible::only(Truth::from(is_all));
    let mut next = at.saturating_add(1);
    while next < node.end as usize {
        let part = possible(loaded, next, depth.saturating_sub(1), of);
        whole = match is_all {
            true => whole.and(part),
            false => whole.or(part),
        };
        let behind = loaded.nodes.get(next).map_or(0, |node| node.end as usize);
        next = behind.max(next.saturating_add(1));
    }
    whole
}
