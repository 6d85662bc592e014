//! Finds what stands at the places of a program, in one walk over the arguments of a call.
//!
//! A key that a reader without regard to case would take for another one makes its place
//! ambiguous: what stands there is unknown.

use crate::json::{behind_blanks, behind_string, behind_value, decoded};
use crate::limits::ENTRIES_KEPT;
use crate::load::{PathNode, Paths};

const NONE: u32 = u32::MAX;

/// What was found, for the call at hand; reused for the next one.
#[derive(Debug, Default)]
pub(crate) struct Found {
    /// The call that `states` speak of; others are stale.
    call: u32,
    states: Vec<State>,
    entries: Vec<Entry>,
    /// Places that the value at hand stands at, innermost last.
    active: Vec<u16>,
    /// Counts objects and arrays, so that what one of them lacks is told from what others have.
    instance: u32,
    key: String,
    folded: String,
}

/// What was found at a place.
#[derive(Clone, Copy, Debug)]
struct State {
    call: u32,
    first: u32,
    last: u32,
    instance: u32,
    missing: bool,
    ambiguous: bool,
}

const FRESH: State = State {
    call: 0,
    first: NONE,
    last: NONE,
    instance: 0,
    missing: false,
    ambiguous: false,
};

/// A value at a place: bytes of the arguments, and the next one there.
#[derive(Clone, Copy, Debug)]
struct Entry {
    start: u32,
    end: u32,
    next: u32,
}

/// Whether all that was looked for at a place is there.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Whole {
    /// It is.
    Yes,
    /// Something on the way is missing, or is no object or array.
    Missing,
    /// Two readers could see different values.
    Ambiguous,
}

impl Found {
    /// Walks over the arguments. `None` are missing as a whole.
    pub(crate) fn walk(&mut self, paths: &Paths, arguments: Option<&str>) {
        self.begin(paths.nodes.len());
        let text = arguments.unwrap_or_default();
        let start = behind_blanks(text.as_bytes(), 0);
        self.active.push(0);
        let mut walk = Walk {
            found: self,
            nodes: &paths.nodes,
            text,
        };
        let is_whole = walk.value(start, 0).is_some();
        if !is_whole || arguments.is_none() {
            self.mark(0, |state| state.missing = true);
        }
        self.active.clear();
    }

    fn begin(&mut self, places: usize) {
        if self.entries.capacity() > ENTRIES_KEPT {
            self.entries = Vec::new();
        }
        self.entries.clear();
        self.active.clear();
        self.instance = 0;
        self.call = self.call.wrapping_add(1);
        if self.call == 0 || self.states.len() != places {
            self.call = 1;
            self.states.clear();
            self.states.resize(places, FRESH);
        }
    }

    /// Changes what is known of a place in this call.
    fn mark(&mut self, place: u16, change: impl FnOnce(&mut State)) {
        let call = self.call;
        if let Some(state) = self.states.get_mut(place as usize) {
            if state.call != call {
                *state = State { call, ..FRESH };
            }
            change(state);
        }
    }

    fn peek(&self, place: u16) -> State {
        match self.states.get(place as usize) {
            Some(state) if state.call == self.call => *state,
            _ => FRESH,
        }
    }

    /// Whether what was looked for is there, on the whole way to the place.
    pub(crate) fn whole(&self, paths: &Paths, place: u16) -> Whole {
        let mut whole = Whole::Yes;
        let mut at = place;
        loop {
            let state = self.peek(at);
            if state.ambiguous {
                return Whole::Ambiguous;
            }
            if state.missing {
                whole = Whole::Missing;
            }
            if at == 0 {
                return whole;
            }
            let parent = paths.nodes.get(at as usize).map_or(0, |node| node.parent);
            // Parents stand before their children, which was checked; so this ends.
            at = parent.min(at.saturating_sub(1));
        }
    }

    /// The values at a place, as bytes of the arguments.
    pub(crate) fn values(&self, place: u16) -> Values<'_> {
        Values {
            entries: &self.entries,
            at: self.peek(place).first,
        }
    }

    fn push(&mut self, place: u16, start: usize, end: usize) {
        let number = u32::try_from(self.entries.len()).unwrap_or(NONE);
        self.entries.push(Entry {
            start: u32::try_from(start).unwrap_or(NONE),
            end: u32::try_from(end).unwrap_or(NONE),
            next: NONE,
        });
        let mut last = NONE;
        self.mark(place, |state| {
            last = std::mem::replace(&mut state.last, number);
            if state.first == NONE {
                state.first = number;
            }
        });
        if let Some(last) = self.entries.get_mut(last as usize) {
            last.next = number;
        }
    }
}

/// The values at a place, one after the other.
pub(crate) struct Values<'a> {
    entries: &'a [Entry],
    at: u32,
}

impl Iterator for Values<'_> {
    type Item = (usize, usize);

    fn next(&mut self) -> Option<(usize, usize)> {
        let entry = self.entries.get(self.at as usize)?;
        self.at = entry.next;
        Some((entry.start as usize, entry.end as usize))
    }
}

/// One walk. Recursion goes no deeper than the places do.
struct Walk<'a> {
    found: &'a mut Found,
    nodes: &'a [PathNode],
    text: &'a str,
}

impl Walk<'_> {
    /// The value that begins at `at`, with the places from `from` on standing at it. Says where
    /// it ends; `None`: it is no JSON.
    fn value(&mut self, at: usize, from: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let opening = *bytes.get(at)?;
        let upto = self.found.active.len();
        let (mut keys, mut elements) = (false, false);
        for number in from..upto {
            let Some(node) = self.place(number) else {
                continue;
            };
            keys |= !node.keys.is_empty();
            elements |= node.any.is_some() || !node.indices.is_empty();
        }
        let end = match opening {
            b'{' if keys => self.object(at, from, upto)?,
            b'[' if elements => self.array(at, from, upto)?,
            _ => behind_value(bytes, at)?,
        };
        let nodes = self.nodes;
        for number in from..upto {
            let place = self.found.active.get(number).copied()?;
            let Some(node) = nodes.get(place as usize) else {
                continue;
            };
            if node.is_wanted {
                self.found.push(place, at, end);
            }
            if opening != b'{' {
                for (_, _, child) in &node.keys {
                    self.found.mark(*child, |state| state.missing = true);
                }
            }
            if opening != b'[' {
                let children = node.indices.iter().map(|(_, child)| *child).chain(node.any);
                for child in children {
                    self.found.mark(child, |state| state.missing = true);
                }
            }
        }
        Some(end)
    }

    fn place(&self, number: usize) -> Option<&PathNode> {
        let place = self.found.active.get(number)?;
        self.nodes.get(*place as usize)
    }

    fn object(&mut self, at: usize, from: usize, upto: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let instance = self.found.instance.wrapping_add(1);
        self.found.instance = instance;
        let mut next = behind_blanks(bytes, at.checked_add(1)?);
        while bytes.get(next)? != &b'}' {
            let key_end = behind_string(bytes, next).filter(|_| bytes.get(next) == Some(&b'"'))?;
            let raw = self
                .text
                .get(next.checked_add(1)?..key_end.checked_sub(1)?)?;
            self.member(raw, from, upto, instance)?;
            let colon = behind_blanks(bytes, key_end);
            (bytes.get(colon)? == &b':').then_some(())?;
            let value = behind_blanks(bytes, colon.checked_add(1)?);
            let end = match self.found.active.len() > upto {
                true => self.value(value, upto)?,
                false => behind_value(bytes, value)?,
            };
            self.found.active.truncate(upto);
            next = behind_comma(bytes, end, b'}')?;
        }
        let nodes = self.nodes;
        for number in from..upto {
            let place = self.found.active.get(number).copied()?;
            let keys = nodes.get(place as usize).map(|node| node.keys.as_slice());
            for (_, _, child) in keys.unwrap_or_default() {
                self.lacks(*child, instance);
            }
        }
        next.checked_add(1)
    }

    /// Puts the places that this key leads to behind the active ones.
    fn member(&mut self, raw: &str, from: usize, upto: usize, instance: u32) -> Option<()> {
        // What nearly every key is: its own folded form, without escapes.
        if raw
            .bytes()
            .all(|byte| matches!(byte, b' '..=b'@' | b'_'..=b'~'))
        {
            for number in from..upto {
                self.children(number, raw, raw, instance);
            }
            return Some(());
        }
        let mut buffer = std::mem::take(&mut self.found.key);
        let mut folded = std::mem::take(&mut self.found.folded);
        let key = decoded(raw, &mut buffer);
        if let Some(key) = key {
            crate::load::fold(key, &mut folded);
            for number in from..upto {
                self.children(number, key, &folded, instance);
            }
        }
        let is_key = key.map(|_| ());
        self.found.key = buffer;
        self.found.folded = folded;
        is_key
    }

    fn children(&mut self, number: usize, key: &str, folded: &str, instance: u32) {
        let nodes = self.nodes;
        let place = self.found.active.get(number).copied().unwrap_or(0);
        let keys = nodes.get(place as usize).map(|node| node.keys.as_slice());
        let keys = keys.unwrap_or_default();
        let first = keys.partition_point(|(other, _, _)| other.as_str() < folded);
        for (other, exact, child) in keys.get(first..).unwrap_or_default() {
            if other != folded {
                break;
            }
            if exact == key {
                self.found.active.push(*child);
                self.found.mark(*child, |state| {
                    state.ambiguous |= state.instance == instance;
                    state.instance = instance;
                });
            } else {
                self.found.mark(*child, |state| state.ambiguous = true);
            }
        }
    }

    fn array(&mut self, at: usize, from: usize, upto: usize) -> Option<usize> {
        let bytes = self.text.as_bytes();
        let nodes = self.nodes;
        let instance = self.found.instance.wrapping_add(1);
        self.found.instance = instance;
        let mut next = behind_blanks(bytes, at.checked_add(1)?);
        let mut index = 0_u32;
        while bytes.get(next)? != &b']' {
            for number in from..upto {
                let place = self.found.active.get(number).copied()?;
                let node = nodes.get(place as usize)?;
                self.found.active.extend(node.any);
                let element = node.indices.binary_search_by_key(&index, |(at, _)| *at);
                if let Some((_, child)) = element.ok().and_then(|at| node.indices.get(at)) {
                    self.found.active.push(*child);
                    self.found.mark(*child, |state| state.instance = instance);
                }
            }
            let end = match self.found.active.len() > upto {
                true => self.value(next, upto)?,
                false => behind_value(bytes, next)?,
            };
            self.found.active.truncate(upto);
            next = behind_comma(bytes, end, b']')?;
            index = index.saturating_add(1);
        }
        for number in from..upto {
            let place = self.found.active.get(number).copied()?;
            let indices = nodes
                .get(place as usize)
                .map(|node| node.indices.as_slice());
            for (_, child) in indices.unwrap_or_default() {
                self.lacks(*child, instance);
            }
        }
        next.checked_add(1)
    }

    /// Notes that the object or array had nothing for a place.
    fn lacks(&mut self, child: u16, instance: u32) {
        self.found.mark(child, |state| {
            state.missing |= state.instance != instance;
        });
    }
}

/// The next member or element, or the closing byte.
fn behind_comma(bytes: &[u8], at: usize, closing: u8) -> Option<usize> {
    let at = behind_blanks(bytes, at);
    match bytes.get(at)? {
        b',' => {
            let next = behind_blanks(bytes, at.checked_add(1)?);
            // A comma before the closing byte is no JSON.
            (bytes.get(next)? != &closing).then_some(next)
        }
        byte => (*byte == closing).then_some(at),
    }
}
