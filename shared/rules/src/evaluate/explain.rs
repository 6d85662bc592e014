//! Says of each test of a rule what it is.

use std::fmt::Write as _;

use super::{Call, Rules};
use crate::compile::kind;
use crate::facts::Facts;
use crate::scratch::Scratch;

impl Rules<'_> {
    /// What each test of a rule is for the call evaluated last, one a line; for people.
    /// `scratch` must hold its verdict.
    #[must_use]
    pub fn explain<F: Facts + ?Sized>(
        &self,
        facts: &F,
        scratch: &mut Scratch,
        rule: u16,
    ) -> String {
        let mut out = String::new();
        let Some(row) = self.program.body.rules.get(rule as usize) else {
            return out;
        };
        let mut call = Call {
            rules: *self,
            facts,
            scratch,
        };
        let root = row.condition.to_native() as usize;
        let end = self
            .loaded
            .nodes
            .get(root)
            .map_or(root, |node| node.end as usize);
        let nodes = self.loaded.nodes.get(root..end).unwrap_or_default();
        let mut told: Vec<u16> = Vec::new();
        for node in nodes.iter().filter(|node| node.kind == kind::LEAF) {
            let text = self.program.body.atoms.get(node.atom as usize);
            let Some(text) = text.filter(|_| !told.contains(&node.atom)) else {
                continue;
            };
            told.push(node.atom);
            let truth = call.kept_atom(node.atom);
            let truth = truth.map_or("broken", |truth| truth.name());
            let _ = writeln!(out, "{}: {truth}", text.text);
        }
        out
    }
}
