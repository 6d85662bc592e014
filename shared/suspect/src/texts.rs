//! Finds every text of a definition, at every depth, with where it stands and what it is there for.

use serde_json::Value;

/// How deep members are followed; what lies deeper is not read by models either.
const DEPTH_MAX: usize = 64;
/// Texts of one definition that are looked at.
const TEXTS_MAX: usize = 20_000;

/// Members of a schema that hold values.
const VALUES: &[&str] = &["default", "const", "enum", "example", "examples"];

/// What a text is there for.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Role {
    /// A name: of the tool, of a parameter, any other member.
    Name,
    /// What is written for people or models.
    Prose,
}

/// One text and its place.
#[derive(Debug)]
pub(crate) struct Text<'a> {
    pub(crate) path: String,
    pub(crate) role: Role,
    pub(crate) text: &'a str,
    /// The name of the parameter that it describes, or nothing.
    pub(crate) parameter: &'a str,
    /// It is the name of a parameter.
    pub(crate) is_parameter: bool,
    /// It is a value that the schema gives: of a default, a constant, a choice, an example.
    pub(crate) is_value: bool,
}

/// All texts, in the order of the definition.
pub(crate) fn all(definition: &Value) -> Vec<Text<'_>> {
    let mut walk = Walk {
        found: Vec::new(),
        path: String::new(),
    };
    walk.value(definition, "", 0);
    walk.found
}

struct Walk<'a> {
    found: Vec<Text<'a>>,
    path: String,
}

impl<'a> Walk<'a> {
    fn value(&mut self, value: &'a Value, parameter: &'a str, depth: usize) {
        if depth > DEPTH_MAX || self.found.len() >= TEXTS_MAX {
            return;
        }
        match value {
            Value::String(text) => {
                let role = if self.path == "/name" {
                    Role::Name
                } else {
                    Role::Prose
                };
                self.text(text, role, parameter);
            }
            Value::Array(items) => {
                for (index, item) in items.iter().enumerate() {
                    self.below(&index.to_string(), |walk| {
                        walk.value(item, parameter, depth.saturating_add(1));
                    });
                }
            }
            Value::Object(members) => self.object(members, parameter, depth),
            _ => {}
        }
    }

    fn object(
        &mut self,
        members: &'a serde_json::Map<String, Value>,
        parameter: &'a str,
        depth: usize,
    ) {
        let names_parameters = self.path.ends_with("/properties");
        for (name, value) in members {
            let inner = if names_parameters { name } else { parameter };
            self.below(name, |walk| {
                if depth > 0 {
                    walk.text(name, Role::Name, inner);
                }
                walk.value(value, inner, depth.saturating_add(1));
            });
        }
    }

    fn text(&mut self, text: &'a str, role: Role, parameter: &'a str) {
        // A name with many words is prose in the wrong place.
        let is_prose = role == Role::Prose || text.matches(' ').count() > 3;
        let role = if is_prose { Role::Prose } else { Role::Name };
        let (parent, _) = self.path.rsplit_once('/').unwrap_or_default();
        // The member itself, or an element of it; a parameter may be called `default` as well.
        let mut names = self.path.rsplit('/').take(3);
        let (last, above) = (names.next(), names.next());
        let is_in = |name: Option<&str>, over: Option<&str>| {
            name.is_some_and(|name| VALUES.contains(&name)) && over != Some("properties")
        };
        let is_value = is_in(last, above) || is_in(above, names.next());
        self.found.push(Text {
            is_parameter: role == Role::Name && parent.ends_with("/properties"),
            is_value: role == Role::Prose && is_value,
            path: self.path.clone(),
            role,
            text,
            parameter,
        });
    }

    fn below(&mut self, name: &str, visit: impl FnOnce(&mut Self)) {
        let length = self.path.len();
        self.path.push('/');
        self.path
            .push_str(&name.replace('~', "~0").replace('/', "~1"));
        visit(self);
        self.path.truncate(length);
    }
}
