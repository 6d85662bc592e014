//! The two most frequent tests in a form that takes a handful of instructions: a text that is one
//! literal, a number in one range.

use varistor_snapshot::schema::rules::{ArchivedAtom, ArchivedRuleBody, ArchivedTextTest};

use crate::vocabulary::{NumberField, TextField};

/// A test, as far as it is frequent.
#[derive(Clone, Copy, Debug)]
pub(crate) enum Quick {
    /// A text of the call is this literal of its field.
    Text(TextField, u32),
    /// A number of the call lies between two others, both included.
    Number(NumberField, u64, u64),
    /// Any other test.
    Other,
}

/// For each text field: the literals that it is compared with, sorted. A call's text is looked up
/// once, whatever the number of rules that compare it.
pub(crate) type Literals = Vec<Vec<Box<str>>>;

pub(super) fn quick(body: &ArchivedRuleBody) -> (Vec<Quick>, Literals) {
    let mut literals: Literals = vec![Vec::new(); TextField::ALL.len()];
    for (field, text) in body.atoms.iter().filter_map(|atom| one_text(&atom.test)) {
        if let Some(texts) = literals.get_mut(field as usize) {
            texts.push(text.into());
        }
    }
    for texts in &mut literals {
        texts.sort_unstable();
        texts.dedup();
    }
    let atoms = body.atoms.iter().map(|atom| of(&atom.test, &literals));
    (atoms.collect(), literals)
}

fn of(test: &ArchivedAtom, literals: &Literals) -> Quick {
    if let Some((field, text)) = one_text(test) {
        let texts = literals.get(field as usize);
        let at = texts.and_then(|texts| texts.binary_search_by(|one| (**one).cmp(text)).ok());
        let at = at.and_then(|at| u32::try_from(at).ok());
        return at.map_or(Quick::Other, |at| Quick::Text(field, at));
    }
    match test {
        ArchivedAtom::Number(field, ranges) => {
            match (NumberField::numbered(*field), ranges.as_slice()) {
                (Some(field), [one]) => {
                    Quick::Number(field, one.low.to_native(), one.high.to_native())
                }
                _ => Quick::Other,
            }
        }
        _ => Quick::Other,
    }
}

fn one_text(test: &ArchivedAtom) -> Option<(TextField, &str)> {
    let ArchivedAtom::Text(field, ArchivedTextTest::Among(texts)) = test else {
        return None;
    };
    match texts.as_slice() {
        [one] => Some((TextField::numbered(*field)?, one.as_str())),
        _ => None,
    }
}
