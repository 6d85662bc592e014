//! Places in the arguments as a tree that is walked beside the JSON text.

use varistor_snapshot::schema::rules::ArchivedRuleBody;
use varistor_snapshot::schema::rules::{ArchivedAtom, ArchivedCounted, ArchivedPathStep};

use super::{LoadError, ensure};
use crate::limits::{PATHS_MAX, STEPS_MAX};

/// All places that a program looks at.
#[derive(Debug)]
pub(crate) struct Paths {
    pub(crate) nodes: Vec<PathNode>,
}

/// A place, and the places one step further.
#[derive(Debug, Default)]
pub(crate) struct PathNode {
    pub(crate) parent: u16,
    depth: usize,
    /// Whether a test or a counter looks at the place itself.
    pub(crate) is_wanted: bool,
    /// Keys as [`fold`] makes them, sorted; the key itself; its place.
    pub(crate) keys: Vec<(String, String, u16)>,
    /// Numbers of elements, sorted; their places.
    pub(crate) indices: Vec<(u32, u16)>,
    /// The place of any element.
    pub(crate) any: Option<u16>,
}

impl Paths {
    pub(super) fn new(body: &ArchivedRuleBody) -> Result<Self, LoadError> {
        ensure(body.paths.len() <= PATHS_MAX, "too many places")?;
        let mut nodes: Vec<PathNode> = Vec::new();
        for (at, row) in body.paths.iter().enumerate() {
            let number = u16::try_from(at).unwrap_or(u16::MAX);
            let parent = row.parent.to_native();
            let is_root = matches!(row.step, ArchivedPathStep::Root);
            ensure(is_root == (at == 0), "a place without a root")?;
            ensure(
                at == 0 || (parent as usize) < at,
                "a place before its parent",
            )?;
            let above = nodes.get_mut(parent as usize);
            let depth = above
                .as_ref()
                .map_or(0, |above| above.depth.saturating_add(1));
            ensure(depth <= STEPS_MAX, "a place that is too deep")?;
            match (&row.step, above) {
                (ArchivedPathStep::Key(key), Some(above)) => {
                    above
                        .keys
                        .push((folded(key), key.as_str().to_owned(), number));
                }
                (ArchivedPathStep::Index(index), Some(above)) => {
                    above.indices.push((index.to_native(), number));
                }
                (ArchivedPathStep::Any, Some(above)) => above.any = Some(number),
                _ => {}
            }
            nodes.push(PathNode {
                parent,
                depth,
                ..PathNode::default()
            });
        }
        for node in &mut nodes {
            node.keys.sort_unstable();
            node.indices.sort_unstable();
        }
        let mut paths = Self { nodes };
        paths.want(body);
        Ok(paths)
    }

    fn want(&mut self, body: &ArchivedRuleBody) {
        let tests = body.atoms.iter().filter_map(|atom| match &atom.test {
            ArchivedAtom::Argument(path, _) => Some(path.to_native()),
            _ => None,
        });
        let counted = body
            .counters
            .iter()
            .filter_map(|counter| match &counter.what {
                ArchivedCounted::Argument(path) => Some(path.to_native()),
                _ => None,
            });
        for path in tests.chain(counted) {
            if let Some(node) = self.nodes.get_mut(path as usize) {
                node.is_wanted = true;
            }
        }
    }
}

fn folded(key: &str) -> String {
    let mut out = String::new();
    fold(key, &mut out);
    out
}

/// The key as a reader that ignores case compares it: Go's `encoding/json` takes `Amount`,
/// `AMOUNT` and `amount` for one, and the long s and the Kelvin sign for their letters.
pub(crate) fn fold(key: &str, out: &mut String) {
    out.clear();
    out.extend(key.chars().map(|character| match character {
        '\u{17f}' => 's',
        '\u{212a}' => 'k',
        c => c.to_ascii_lowercase(),
    }));
}
