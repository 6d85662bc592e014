//! Two copies of the same data: `structuredContent`, and its text in `content`.

use core::ops::Range;

use crate::check::equal_numbers;
use crate::fit::{Fitted, Stand};
use crate::node::{Form, Node, Place};

/// Whether both hold the same data; the order of members does not matter.
#[must_use]
pub fn same(one: &Node, other: &Node) -> bool {
    match (&one.form, &other.form) {
        (Form::Number(one), Form::Number(other)) => equal_numbers(one, other),
        (Form::Array(one), Form::Array(other)) => {
            one.len() == other.len() && one.iter().zip(other).all(|(a, b)| same(a, b))
        }
        (Form::Object(one), Form::Object(other)) => {
            let mut rest = one.iter().zip(other);
            // Most copies keep the order; then nothing is looked for.
            if one.len() != other.len() {
                return false;
            }
            rest.all(|((key, _, value), (name, _, copy))| {
                if key == name {
                    return same(value, copy);
                }
                let found = other.iter().find(|(name, _, _)| name == key);
                found.is_some_and(|(_, _, copy)| same(value, copy))
            })
        }
        (one, other) => one == other,
    }
}

/// Where the copy has what stands at this place of the original.
#[must_use]
pub fn place_in(original: &Node, copy: &Node, place: &Place) -> Option<Place> {
    let (mut here, mut there) = (original, copy);
    let mut path = Vec::with_capacity(place.path.len());
    for step in &place.path {
        let number = match (&here.form, &there.form) {
            (Form::Object(one), Form::Object(other)) => {
                let (key, _, _) = one.get(*step)?;
                let same_step = other.get(*step).is_some_and(|(name, _, _)| name == key);
                if same_step {
                    *step
                } else {
                    other.iter().position(|(name, _, _)| name == key)?
                }
            }
            _ => *step,
        };
        path.push(number);
        here = here.at(core::slice::from_ref(step))?;
        there = there.at(core::slice::from_ref(&number))?;
    }
    Some(Place {
        path,
        is_key: place.is_key,
    })
}

impl Fitted {
    /// Writes `text`, whose tree is `node`, with what stands there now. `original` is the tree that
    /// this was made for; `node` may be that one, or one with the same data.
    ///
    /// None when they do not belong together.
    #[must_use]
    pub fn render(&self, original: &Node, (node, text): (&Node, &str)) -> Option<String> {
        render(self, original, (node, text))
    }
}

fn render(fitted: &Fitted, original: &Node, (node, text): (&Node, &str)) -> Option<String> {
    let mut edits: Vec<(Range<usize>, &str)> = Vec::new();
    let mut gone = Vec::new();
    for (place, stand) in &fitted.stands {
        let place = place_in(original, node, place)?;
        match stand {
            Stand::Gone => gone.push(place.path),
            Stand::Text(with) => edits.push((node.span_of(&place)?, with)),
        }
    }
    gone.sort();
    gone.dedup();
    for path in &gone {
        edits.push((share(node, path, &gone)?, ""));
    }
    edits.sort_by_key(|(place, _)| (place.start, core::cmp::Reverse(place.end)));
    let mut out = String::with_capacity(text.len());
    let mut copied = 0_usize;
    for (place, with) in edits {
        if place.start < copied {
            // Inside of what is gone.
            continue;
        }
        out.push_str(text.get(copied..place.start)?);
        out.push_str(with);
        copied = place.end;
    }
    out.push_str(text.get(copied..)?);
    Some(out)
}

/// The bytes of a member that goes: with the comma before it, or, as long as no member before it
/// is kept, with the comma behind it.
fn share(node: &Node, path: &[usize], gone: &[Vec<usize>]) -> Option<Range<usize>> {
    let (last, parent) = path.split_last()?;
    let Form::Object(members) = &node.at(parent)?.form else {
        return None;
    };
    let is_kept = |number: &usize| {
        let mut sibling = parent.to_vec();
        sibling.push(*number);
        !gone.contains(&sibling)
    };
    let (_, key, value) = members.get(*last)?;
    let before = (0..*last).rev().find(is_kept);
    let previous = last.checked_sub(1).and_then(|number| members.get(number));
    if let (Some(_), Some((_, _, previous))) = (before, previous) {
        return Some(previous.span.end..value.span.end);
    }
    let next = members.get(last.saturating_add(1));
    Some(match next {
        Some((_, next, _)) => key.start..next.start,
        None => key.start..value.span.end,
    })
}
