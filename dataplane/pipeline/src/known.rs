//! What servers said about their tools, learned from the lists that passed.
//!
//! All workers share it: what one of them learned, all know. A worker reads its own view and asks
//! one atomic whether there is a newer one; a list that says something new replaces the whole.
//! Refuses to forget while there is room: a tool that is missing in a later page is still known.

use std::collections::HashMap;
use std::sync::Arc;

use arc_swap::{ArcSwap, Cache};
use varistor_intent::Profile;
use varistor_model::limits::{KNOWN_SCHEMA_BYTES_MAX, KNOWN_TOOLS_MAX, NAMED_TOOLS_MAX};
use varistor_structured::{Form, Node, Schema};
use xxhash_rust::xxh3::{xxh3_64, xxh3_64_with_seed};

/// The tools of all servers. One for all workers.
#[derive(Default)]
pub struct KnownTools {
    servers: Arc<ArcSwap<Servers>>,
}

/// By a hash of the server's name.
type Servers = HashMap<u64, Arc<Tools>>;

/// The tools of one server, by name.
#[derive(Clone, Default)]
struct Tools {
    rows: HashMap<Box<str>, Arc<KnownTool>>,
    schema_bytes: usize,
}

/// What is known of one tool.
pub(crate) struct KnownTool {
    /// A hash of its definition.
    definition: u64,
    schema_bytes: usize,
    /// What calling it means.
    pub(crate) profile: Profile,
    /// The server's hints about it: name, and value as JSON.
    annotations: Vec<(Box<str>, Box<str>)>,
    /// What its results promise.
    pub(crate) promise: Promise,
}

/// What a tool promises about `structuredContent`.
pub(crate) enum Promise {
    /// Nothing.
    Nothing,
    /// It is valid against this.
    Schema(Box<Schema>),
    /// It is valid against something that can't be kept or read.
    Unreadable,
}

/// One worker's view.
pub(crate) struct View {
    shared: Arc<KnownTools>,
    servers: Cache<Arc<ArcSwap<Servers>>, Arc<Servers>>,
    /// What names alone say, of tools that nobody listed.
    named: HashMap<Box<str>, Profile>,
    nothing: Profile,
    /// Hashes of lists that are known to hold nothing new, by their lowest bits.
    seen: [u64; SEEN],
}

/// New definitions of one list that are read at once; the largest published server has 1,100.
const LEARNED_AT_ONCE_MAX: usize = 1024;
/// Lists that a worker recognises: some for each of the servers that it has most to do with.
const SEEN: usize = 64;

impl KnownTools {
    /// Adds definitions of a server's tools: the name, and the element of `tools/list` as JSON.
    pub fn add(&self, server: &str, definitions: &[(&str, &str)]) {
        for some in definitions.chunks(LEARNED_AT_ONCE_MAX) {
            self.learn(xxh3_64(server.as_bytes()), some);
        }
    }

    /// Adds the definitions of one list, and says whether that was all: of very many new ones, the
    /// rest is learned when the list passes again, so that no server keeps a worker from its work.
    fn learn(&self, server: u64, definitions: &[(&str, &str)]) -> bool {
        let is_new = |servers: &Servers, (name, text): &(&str, &str)| {
            let row = servers.get(&server).and_then(|tools| tools.rows.get(*name));
            row.is_none_or(|row| row.definition != xxh3_64(text.as_bytes()))
        };
        let servers = self.servers.load_full();
        let new = definitions.iter().filter(|row| is_new(&servers, row));
        let new: Vec<_> = new.take(LEARNED_AT_ONCE_MAX.saturating_add(1)).collect();
        let is_all = new.len() <= LEARNED_AT_ONCE_MAX;
        if new.is_empty() {
            return true;
        }
        // Once more when another worker learned something in between.
        self.servers.rcu(|servers| {
            let mut next = Servers::clone(servers);
            let tools = next.entry(server).or_default();
            let mut changed = Tools::clone(tools);
            let new = new.iter().take(LEARNED_AT_ONCE_MAX);
            for (name, text) in new.filter(|row| is_new(servers, row)) {
                changed.add(name, text);
            }
            *tools = Arc::new(changed);
            next
        });
        is_all
    }
}

impl Tools {
    fn add(&mut self, name: &str, definition: &str) {
        let before = self.rows.get(name).map_or(0, |row| row.schema_bytes);
        if before == 0 && self.rows.len() >= KNOWN_TOOLS_MAX && !self.rows.contains_key(name) {
            return;
        }
        let others = self.schema_bytes.saturating_sub(before);
        let row = KnownTool::of(definition, KNOWN_SCHEMA_BYTES_MAX.saturating_sub(others));
        self.schema_bytes = others.saturating_add(row.schema_bytes);
        self.rows.insert(name.into(), Arc::new(row));
    }
}

impl KnownTool {
    /// Reads a definition; there is room for a schema of so many bytes.
    fn of(text: &str, room: usize) -> Self {
        let definition = xxh3_64(text.as_bytes());
        let profile = Profile::of_definition(text);
        let whole = Node::read(text);
        let Some(Form::Object(members)) = whole.map(|whole| whole.form) else {
            return Self {
                definition,
                schema_bytes: 0,
                profile,
                annotations: Vec::new(),
                promise: Promise::Unreadable,
            };
        };
        let stated = members.iter().find(|(key, _, _)| key == "outputSchema");
        let schema = stated.and_then(|(_, _, value)| match value.form {
            Form::Null => None,
            _ => text.get(value.span.clone()),
        });
        let promise = match schema {
            None => Promise::Nothing,
            Some(schema) if schema.len() > room => Promise::Unreadable,
            Some(schema) => match Schema::read(schema) {
                Some(schema) => Promise::Schema(Box::new(schema)),
                None => Promise::Unreadable,
            },
        };
        let schema_bytes = match promise {
            Promise::Schema(_) => schema.map_or(0, str::len),
            Promise::Nothing | Promise::Unreadable => 0,
        };
        Self {
            definition,
            schema_bytes,
            profile,
            annotations: annotations(text, &members),
            promise,
        }
    }

    /// A hash of its definition.
    pub(crate) const fn definition(&self) -> u64 {
        self.definition
    }

    /// The value of an annotation, as JSON.
    pub(crate) fn annotation(&self, name: &str) -> Option<&str> {
        let row = self.annotations.iter().find(|(key, _)| **key == *name)?;
        Some(&row.1)
    }
}

/// The members of `annotations`, as far as they are few and short.
fn annotations(
    text: &str,
    members: &[(String, core::ops::Range<usize>, Node)],
) -> Vec<(Box<str>, Box<str>)> {
    let stated = members.iter().find(|(key, _, _)| key == "annotations");
    let Some(Form::Object(rows)) = stated.map(|(_, _, value)| &value.form) else {
        return Vec::new();
    };
    let row = |(key, _, value): &(String, _, Node)| {
        let value = text.get(value.span.clone())?;
        let short = key.len() <= ANNOTATION_BYTES_MAX && value.len() <= ANNOTATION_BYTES_MAX;
        short.then(|| (key.as_str().into(), value.into()))
    };
    rows.iter().take(ANNOTATIONS_MAX).filter_map(row).collect()
}

/// Annotations of a tool that are kept; the standard has five.
const ANNOTATIONS_MAX: usize = 32;
/// Longest name or value of one, in bytes.
const ANNOTATION_BYTES_MAX: usize = 256;

impl View {
    pub(crate) fn of(shared: Arc<KnownTools>) -> Self {
        Self {
            servers: Cache::new(Arc::clone(&shared.servers)),
            shared,
            named: HashMap::new(),
            nothing: Profile::of_name(""),
            seen: [0; SEEN],
        }
    }

    /// What calling a tool means.
    pub(crate) fn profile(&mut self, server: &str, name: &str) -> &Profile {
        let servers = self.servers.load();
        let tools = servers.get(&xxh3_64(server.as_bytes()));
        if let Some(tool) = tools.and_then(|tools| tools.rows.get(name)) {
            return &tool.profile;
        }
        // Names come from callers: whoever makes them up pushes out nothing that is listed.
        if self.named.len() >= NAMED_TOOLS_MAX && !self.named.contains_key(name) {
            self.named.clear();
        }
        if !self.named.contains_key(name) {
            self.named.insert(name.into(), Profile::of_name(name));
        }
        let named = self.named.get(name);
        named.unwrap_or(&self.nothing)
    }

    /// What is known of a tool.
    pub(crate) fn tool(&mut self, server: &str, name: &str) -> Option<&KnownTool> {
        let tools = self.servers.load().get(&xxh3_64(server.as_bytes()))?;
        tools.rows.get(name).map(AsRef::as_ref)
    }

    /// Learns these definitions, and says whether that was all.
    pub(crate) fn learn_all(&self, server: &str, definitions: &[(&str, &str)]) -> bool {
        self.shared.learn(xxh3_64(server.as_bytes()), definitions)
    }

    /// Learns a list, unless it was learned before. `each` tells names and definitions.
    pub(crate) fn learn<'d>(
        &mut self,
        (server, list): (&str, &[u8]),
        each: impl FnOnce(&mut dyn FnMut(&str, &'d str)),
    ) {
        let server = xxh3_64(server.as_bytes());
        // Never 0, which stands for none.
        let hash = xxh3_64_with_seed(list, server) | 1 << 63;
        let at = hash as usize % SEEN;
        if self.seen.get(at) == Some(&hash) {
            return;
        }
        let mut definitions: Vec<(String, &str)> = Vec::new();
        each(&mut |name, text| definitions.push((name.to_owned(), text)));
        let definitions: Vec<(&str, &str)> = definitions
            .iter()
            .map(|(name, text)| (&**name, *text))
            .collect();
        let is_all = self.shared.learn(server, &definitions);
        if let (true, Some(entry)) = (is_all, self.seen.get_mut(at)) {
            *entry = hash;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn learn(view: &mut View, server: &str, tools: &[(&str, &str)]) {
        let list = format!("{tools:?}");
        view.learn((server, list.as_bytes()), |each| {
            for (name, text) in tools {
                each(name, text);
            }
        });
    }

    fn promises(view: &mut View, server: &str, name: &str) -> Option<&'static str> {
        Some(match view.tool(server, name)?.promise {
            Promise::Nothing => "nothing",
            Promise::Schema(_) => "schema",
            Promise::Unreadable => "unreadable",
        })
    }

    const STRICT: &str = r#"{"name":"a","outputSchema":{"type":"object"}}"#;

    #[test]
    fn what_one_worker_learned_all_know_and_pages_add_up() {
        let shared = Arc::new(KnownTools::default());
        let (mut one, mut other) = (View::of(Arc::clone(&shared)), View::of(shared));
        learn(&mut one, "crm", &[("a", STRICT)]);
        learn(
            &mut other,
            "crm",
            &[("b", r#"{"name":"b","outputSchema":null}"#)],
        );
        for view in [&mut one, &mut other] {
            assert_eq!(promises(view, "crm", "a"), Some("schema"));
            assert_eq!(promises(view, "crm", "b"), Some("nothing"));
            assert_eq!(promises(view, "crm", "c"), None);
            assert_eq!(promises(view, "mail", "a"), None);
        }
    }

    #[test]
    fn a_definition_that_changed_takes_the_place_of_the_old_one() {
        let mut view = View::of(Arc::default());
        learn(&mut view, "crm", &[("a", STRICT)]);
        let before = view.shared.servers.load_full();
        // A list with the same definitions in another wrapping is nothing new.
        learn(&mut view, "crm", &[("a", STRICT), ("a", STRICT)]);
        assert!(Arc::ptr_eq(&view.shared.servers.load_full(), &before));
        learn(
            &mut view,
            "crm",
            &[("a", r#"{"name":"a","outputSchema":[]}"#)],
        );
        assert_eq!(promises(&mut view, "crm", "a"), Some("unreadable"));
        learn(&mut view, "crm", &[("a", STRICT), ("z", "{}")]);
        assert_eq!(promises(&mut view, "crm", "a"), Some("schema"));
    }

    #[test]
    fn of_very_many_new_definitions_the_rest_is_learned_next_time() {
        let mut view = View::of(Arc::default());
        let names: Vec<String> = (0..LEARNED_AT_ONCE_MAX + 5)
            .map(|at| at.to_string())
            .collect();
        let tools: Vec<(&str, &str)> = names.iter().map(|name| (&**name, "{}")).collect();
        learn(&mut view, "crm", &tools);
        assert!(promises(&mut view, "crm", "0").is_some());
        let last = names.last().unwrap();
        assert_eq!(promises(&mut view, "crm", last), None);
        learn(&mut view, "crm", &tools);
        assert!(promises(&mut view, "crm", last).is_some());
    }

    #[test]
    fn memory_is_bounded_and_what_is_known_stays() {
        let mut tools = Tools::default();
        let long = |name: usize| {
            let title = "x".repeat(60_000);
            format!(r#"{{"name":"{name}","outputSchema":{{"title":"{title}"}}}}"#)
        };
        for name in 0..200 {
            tools.add(&name.to_string(), &long(name));
        }
        assert!(tools.schema_bytes <= KNOWN_SCHEMA_BYTES_MAX);
        let kind = |name: &str| tools.rows.get(name).map(|row| &row.promise);
        assert!(matches!(kind("0"), Some(Promise::Schema(_))));
        assert!(matches!(kind("199"), Some(Promise::Unreadable)));
        for name in 0..KNOWN_TOOLS_MAX + 10 {
            tools.add(&format!("more {name}"), "{}");
        }
        assert_eq!(tools.rows.len(), KNOWN_TOOLS_MAX);
        // What is there can still be replaced.
        tools.add("0", "{}");
        assert!(matches!(tools.rows["0"].promise, Promise::Nothing));
    }
}
