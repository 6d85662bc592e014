//! Keywords about members of objects. Members that were dropped are not there.

use serde_json::{Map, Value};

use super::{Checker, Verdict, all, number};
use crate::node::{Form, Node};

/// What patterns say about a key.
enum Covered {
    Yes,
    No,
    Unknown,
}

impl Checker<'_, '_> {
    pub(super) fn of_object(
        &mut self,
        (key, value, around): (&str, &Value, &Map<String, Value>),
        node: &Node,
        depth: usize,
    ) -> Verdict {
        let Form::Object(members) = &node.form else {
            return Verdict::Valid;
        };
        let deeper = depth.saturating_add(1);
        let has = |name: &str| members.iter().any(|(key, _, _)| key == name);
        let members = members.iter().map(|(key, _, node)| (key, node));
        match (key, value) {
            ("properties", Value::Object(parts)) => all(members.map(|(name, member)| {
                let part = parts.get(name);
                part.map_or(Verdict::Valid, |part| self.check(part, member, deeper))
            })),
            ("patternProperties", Value::Object(parts)) => self.by_pattern(parts, node, deeper),
            ("additionalProperties", part) => {
                all(
                    members.map(|(name, member)| match self.is_covered(name, around) {
                        Covered::Yes => Verdict::Valid,
                        Covered::No => self.check(part, member, deeper),
                        Covered::Unknown => Verdict::Unknown,
                    }),
                )
            }
            ("propertyNames", part) => all(members.map(|(name, member)| {
                let name = Node {
                    span: member.span.clone(),
                    form: Form::String(name.clone()),
                    touched: member.touched,
                };
                self.check(part, &name, deeper)
            })),
            ("required", Value::Array(names)) => {
                let mut names = names.iter().filter_map(Value::as_str);
                Verdict::of(names.all(has))
            }
            ("maxProperties", bound) => {
                let count = number::of_usize(members.count());
                number::bound(bound, |bound| count <= bound)
            }
            ("minProperties", bound) => {
                let count = number::of_usize(members.count());
                number::bound(bound, |bound| count >= bound)
            }
            ("dependentRequired" | "dependentSchemas" | "dependencies", Value::Object(rows)) => {
                let rows = rows.iter().filter(|(name, _)| has(name));
                all(rows.map(|(_, row)| match row {
                    Value::Array(names) => {
                        Verdict::of(names.iter().filter_map(Value::as_str).all(has))
                    }
                    part => self.check(part, node, deeper),
                }))
            }
            // Annotations, and vocabularies of others.
            _ => Verdict::Valid,
        }
    }

    fn by_pattern(&mut self, parts: &Map<String, Value>, node: &Node, depth: usize) -> Verdict {
        let Form::Object(members) = &node.form else {
            return Verdict::Valid;
        };
        let pairs = members
            .iter()
            .flat_map(|member| parts.iter().map(move |part| (member, part)));
        all(pairs.map(|((name, _, member), (pattern, part))| {
            let regex = self.schema.pattern(pattern);
            match regex.map(|regex| regex.is_match(name)) {
                Some(true) => self.check(part, member, depth),
                Some(false) => Verdict::Valid,
                None => Verdict::Unknown,
            }
        }))
    }

    fn is_covered(&self, name: &str, around: &Map<String, Value>) -> Covered {
        let properties = around.get("properties").and_then(Value::as_object);
        if properties.is_some_and(|parts| parts.contains_key(name)) {
            return Covered::Yes;
        }
        let patterns = around.get("patternProperties").and_then(Value::as_object);
        let mut covered = Covered::No;
        for pattern in patterns.into_iter().flat_map(Map::keys) {
            match self
                .schema
                .pattern(pattern)
                .map(|regex| regex.is_match(name))
            {
                Some(true) => return Covered::Yes,
                Some(false) => {}
                None => covered = Covered::Unknown,
            }
        }
        covered
    }
}
