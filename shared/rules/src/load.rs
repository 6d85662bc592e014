//! Makes a program ready: every index checked, expressions compiled, zones found.
//!
//! Refuses a program whose fingerprint is another one, and every index that leads nowhere: who
//! gets a refusal keeps the program it has, or denies.

mod paths;
mod quick;
mod summary;

use std::collections::HashSet;

use jiff::tz::{TimeZone, TimeZoneDatabase};
use varistor_snapshot::schema::rules::Node;
use varistor_snapshot::schema::rules::{ArchivedAtom, ArchivedCounted, ArchivedRuleBody};
use varistor_snapshot::schema::rules::{ArchivedRuleProgram, ArchivedTextTest, ArchivedValueTest};

use crate::ast::Per;
use crate::compile::{fingerprint, kind};
use crate::limits::{COUNTERS_MAX, DEPTH_MAX, PATTERNS_MAX, RULES_MAX};
use crate::pattern::Pattern;
use crate::vocabulary::{NumberField, SetField, TextField, TimePart};

pub(crate) use paths::{PathNode, Paths, fold};
pub(crate) use quick::Quick;
pub(crate) use summary::Summary;

/// Deepest nesting of nodes: one level for each of the condition's, and one for the rule's own.
pub(crate) const NODE_DEPTH_MAX: usize = 2 * DEPTH_MAX;

/// Why a program can't be used.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct LoadError {
    /// What is wrong with it.
    pub reason: String,
}

impl std::fmt::Display for LoadError {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "the rules can't be used: {}", self.reason)
    }
}

impl std::error::Error for LoadError {}

/// What is made of a program once, and shared by all workers.
#[derive(Debug)]
pub struct Loaded {
    pub(crate) fingerprint: u64,
    pub(crate) nodes: Vec<Node>,
    pub(crate) rules: Vec<Summary>,
    pub(crate) atoms: usize,
    /// For each atom.
    pub(crate) quick: Vec<Quick>,
    pub(crate) literals: quick::Literals,
    /// For each atom: whether tool and intent alone decide it.
    pub(crate) of_tool: Vec<bool>,
    pub(crate) patterns: Vec<Pattern>,
    pub(crate) zones: Vec<TimeZone>,
    pub(crate) paths: Paths,
    pub(crate) counters: usize,
}

impl Loaded {
    /// Checks a program and makes it ready.
    ///
    /// # Errors
    ///
    /// Says what is wrong; nothing of the program may be used then.
    pub fn new(program: &ArchivedRuleProgram) -> Result<Self, LoadError> {
        let body = &program.body;
        let found = fingerprint(body);
        ensure(
            program.fingerprint.to_native() == found,
            "another fingerprint",
        )?;
        ensure(body.rules.len() <= RULES_MAX, "too many rules")?;
        ensure(body.patterns.len() <= PATTERNS_MAX, "too many expressions")?;
        ensure(body.counters.len() <= COUNTERS_MAX, "too many counters")?;
        let nodes: Vec<Node> = body.nodes.iter().map(native).collect();
        let counters = body
            .counters
            .iter()
            .filter_map(|counter| match &counter.what {
                ArchivedCounted::Calls(root) => Some(root.to_native()),
                _ => None,
            });
        let roots = body.rules.iter().map(|rule| rule.condition.to_native());
        for root in roots.chain(counters) {
            check_tree(&nodes, root as usize, body.atoms.len(), 0)?;
        }
        check_atoms(body)?;
        check_counters(body)?;
        let (quick, literals) = quick::quick(body);
        Ok(Self {
            fingerprint: found,
            rules: body
                .rules
                .iter()
                .map(|rule| Summary::new(rule, &nodes, &quick))
                .collect(),
            nodes,
            atoms: body.atoms.len(),
            quick,
            literals,
            of_tool: body
                .atoms
                .iter()
                .map(|atom| is_of_tool(&atom.test))
                .collect(),
            patterns: patterns(body)?,
            zones: zones(body)?,
            paths: Paths::new(body)?,
            counters: body.counters.len(),
        })
    }
}

fn ensure(is: bool, reason: &str) -> Result<(), LoadError> {
    match is {
        true => Ok(()),
        false => Err(LoadError {
            reason: reason.to_owned(),
        }),
    }
}

fn native(node: &varistor_snapshot::schema::rules::ArchivedNode) -> Node {
    Node {
        kind: node.kind,
        negate: node.negate,
        atom: node.atom.to_native(),
        end: node.end.to_native(),
    }
}

/// A tree ends where its children do, and each of them behind its start.
fn check_tree(nodes: &[Node], at: usize, atoms: usize, depth: usize) -> Result<usize, LoadError> {
    let node = nodes.get(at).filter(|_| depth <= NODE_DEPTH_MAX);
    let Some(node) = node else {
        ensure(false, "a condition without a node, or nested too deeply")?;
        return Ok(at);
    };
    let end = node.end as usize;
    let mut next = at.saturating_add(1);
    if node.kind == kind::LEAF {
        ensure((node.atom as usize) < atoms, "a test that is not there")?;
    } else {
        ensure(
            node.kind == kind::ALL || node.kind == kind::ANY,
            "an unknown node",
        )?;
        while next < end {
            next = check_tree(nodes, next, atoms, depth.saturating_add(1))?;
        }
    }
    ensure(
        next == end && end <= nodes.len(),
        "a node that ends elsewhere",
    )?;
    Ok(end)
}

fn check_atoms(body: &ArchivedRuleBody) -> Result<(), LoadError> {
    for atom in body.atoms.iter() {
        let (is_field, text) = match &atom.test {
            ArchivedAtom::Text(field, test) => (TextField::numbered(*field).is_some(), Some(test)),
            ArchivedAtom::TextExists(field) => (TextField::numbered(*field).is_some(), None),
            ArchivedAtom::Set(field, _) | ArchivedAtom::SetExists(field) => {
                (SetField::numbered(*field).is_some(), None)
            }
            ArchivedAtom::Number(field, _) | ArchivedAtom::NumberExists(field) => {
                (NumberField::numbered(*field).is_some(), None)
            }
            ArchivedAtom::Time(zone, part, _) => {
                let zone = zone.to_native() as usize;
                let is = zone < body.zones.len() && TimePart::numbered(*part).is_some();
                (is, None)
            }
            ArchivedAtom::Argument(path, test) => (
                (path.to_native() as usize) < body.paths.len(),
                text_of(test),
            ),
            ArchivedAtom::Annotation(_, test) => (true, text_of(test)),
            ArchivedAtom::Findings(..) => (true, None),
            ArchivedAtom::Count(counter, _) | ArchivedAtom::Seen(counter) => {
                ((counter.to_native() as usize) < body.counters.len(), None)
            }
        };
        ensure(is_field, "a field that is not there")?;
        if let Some(ArchivedTextTest::Matches(pattern)) = text {
            let is = (pattern.to_native() as usize) < body.patterns.len();
            ensure(is, "an expression that is not there")?;
        }
    }
    Ok(())
}

fn text_of(test: &ArchivedValueTest) -> Option<&ArchivedTextTest> {
    match test {
        ArchivedValueTest::Text(test) => Some(test),
        _ => None,
    }
}

fn check_counters(body: &ArchivedRuleBody) -> Result<(), LoadError> {
    // Two of one name would count each call twice.
    let names: HashSet<u64> = body
        .counters
        .iter()
        .map(|one| one.name.to_native())
        .collect();
    ensure(
        names.len() == body.counters.len(),
        "two counters of one name",
    )?;
    for counter in body.counters.iter() {
        ensure(Per::numbered(counter.per).is_some(), "an unknown scope")?;
        let is = match &counter.what {
            ArchivedCounted::Calls(_) => true,
            ArchivedCounted::Text(field) => TextField::numbered(*field).is_some(),
            ArchivedCounted::Argument(path) => (path.to_native() as usize) < body.paths.len(),
        };
        ensure(is, "a counter of what is not there")?;
    }
    Ok(())
}

/// Whether the key of the tool and the intent decide the test.
fn is_of_tool(test: &ArchivedAtom) -> bool {
    match test {
        ArchivedAtom::Text(field, _) | ArchivedAtom::TextExists(field) => matches!(
            TextField::numbered(*field),
            Some(TextField::ToolServer | TextField::ToolName | TextField::ToolCategory)
        ),
        ArchivedAtom::Set(field, _) | ArchivedAtom::SetExists(field) => {
            SetField::numbered(*field) == Some(SetField::ToolTags)
        }
        ArchivedAtom::Number(field, _) | ArchivedAtom::NumberExists(field) => {
            NumberField::numbered(*field) == Some(NumberField::ActionType)
        }
        ArchivedAtom::Annotation(..) => true,
        _ => false,
    }
}

fn patterns(body: &ArchivedRuleBody) -> Result<Vec<Pattern>, LoadError> {
    let built = body.patterns.iter().map(|pattern| {
        crate::pattern::build(pattern).map_err(|reason| LoadError {
            reason: format!("expression {:?}: {reason}", pattern.as_str()),
        })
    });
    built.collect()
}

fn zones(body: &ArchivedRuleBody) -> Result<Vec<TimeZone>, LoadError> {
    let bundled = TimeZoneDatabase::bundled();
    let found = body.zones.iter().map(|zone| {
        bundled.get(zone).map_err(|_| LoadError {
            reason: format!("unknown time zone {:?}", zone.as_str()),
        })
    });
    found.collect()
}
