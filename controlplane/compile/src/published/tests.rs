//! The schema and the parser agree: on every policy of the test folders, and key by key.

use std::collections::BTreeSet;
use std::path::Path;

use serde_json::{Map, Value as Json, json};

use super::POLICY_SCHEMA;
use crate::gather::TOP;
use crate::problem::Report;
use crate::yaml::{Node, Value, load};

fn schema() -> Json {
    serde_json::from_str(POLICY_SCHEMA).unwrap()
}

/// A file as an editor's YAML parser would hand it to the schema; of duplicate keys the last.
fn instance(text: &str) -> Option<Json> {
    let mut report = Report::default();
    let file = report.file("a.yaml");
    load(text, file, &mut report).map(|node| json_of(&node))
}

fn json_of(node: &Node) -> Json {
    match &node.value {
        Value::List(list) => list.iter().map(json_of).collect(),
        Value::Map(map) => {
            let members = map.iter().map(|(key, value)| {
                let Value::Scalar { text, .. } = &key.value else {
                    panic!("a key that is no text")
                };
                (text.clone(), json_of(value))
            });
            Json::Object(members.collect::<Map<_, _>>())
        }
        Value::Scalar { text, plain: true } => match text.as_str() {
            "" | "~" | "null" => Json::Null,
            "true" => json!(true),
            "false" => json!(false),
            _ => text
                .parse::<i64>()
                .map_or_else(|_| json!(text), |number| json!(number)),
        },
        Value::Scalar { text, .. } => json!(text),
    }
}

fn folder(name: &str) -> Vec<(String, String)> {
    let folder = Path::new(env!("CARGO_MANIFEST_DIR"))
        .join("tests")
        .join(name);
    let files = std::fs::read_dir(folder)
        .unwrap()
        .map(|entry| entry.unwrap().path());
    files
        .map(|path| {
            (
                path.display().to_string(),
                std::fs::read_to_string(path).unwrap(),
            )
        })
        .collect()
}

#[test]
fn the_schema_is_a_valid_schema_of_its_draft() {
    let schema = schema();
    jsonschema::meta::validate(&schema).unwrap();
    assert_eq!(
        schema["$schema"],
        "https://json-schema.org/draft/2020-12/schema"
    );
}

#[test]
fn good_policies_are_good_by_the_schema_too() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    for (name, text) in folder("good") {
        let instance = instance(&text).unwrap();
        let errors: Vec<_> = validator
            .iter_errors(&instance)
            .map(|e| e.to_string())
            .collect();
        assert!(errors.is_empty(), "{name}: {errors:?}");
    }
}

#[test]
fn bad_policies_are_bad_by_the_schema_unless_only_the_compiler_can_know() {
    let validator = jsonschema::validator_for(&schema()).unwrap();
    let mut rejected = 0;
    for (name, text) in folder("bad") {
        let no_tree = text.contains("# schema: no tree\n");
        let Some(instance) = instance(&text) else {
            assert!(no_tree, "{name} is no YAML");
            continue;
        };
        let accepts = text.contains("# schema: accepts\n");
        assert!(!no_tree, "{name} is YAML");
        assert_eq!(validator.is_valid(&instance), accepts, "{name}");
        rejected += u32::from(!accepts);
    }
    assert!(rejected > 30, "{rejected}");
}

#[test]
fn the_top_level_has_the_same_keys() {
    let schema = schema();
    let published: BTreeSet<_> = schema["properties"]
        .as_object()
        .unwrap()
        .keys()
        .map(String::as_str)
        .collect();
    assert_eq!(published, TOP.iter().copied().collect());
}

/// Every key of the schema stands in the policy that uses everything, and that policy compiles: a
/// key that the parser does not know would be refused there. Keys that need files are named.
#[test]
fn every_key_of_the_schema_is_used_by_a_good_policy_or_needs_a_file() {
    let mut used = BTreeSet::new();
    for (_, text) in folder("good") {
        keys(&instance(&text).unwrap(), &mut used);
    }
    let mut published = BTreeSet::new();
    properties(&schema(), &mut published);
    let missing: Vec<_> = published.difference(&used).map(String::as_str).collect();
    let need_a_file = [
        "ca",
        "certificate",
        "client_ca",
        "clients",
        "jwks_file",
        "tls",
        "workload_identities",
    ];
    assert_eq!(missing, need_a_file);
}

#[test]
fn what_an_editor_shows_has_a_description() {
    let schema = schema();
    for (key, property) in schema["properties"].as_object().unwrap() {
        let reference = property["$ref"]
            .as_str()
            .and_then(|name| name.strip_prefix("#/$defs/"));
        let described = reference.map_or(property, |name| &schema["$defs"][name]);
        assert!(described["description"].is_string(), "{key}");
    }
}

fn keys(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(map) => {
            for (key, value) in map {
                found.insert(key.clone());
                keys(value, found);
            }
        }
        Json::Array(list) => list.iter().for_each(|value| keys(value, found)),
        _ => {}
    }
}

fn properties(value: &Json, found: &mut BTreeSet<String>) {
    match value {
        Json::Object(map) => {
            if let Some(Json::Object(named)) = map.get("properties") {
                found.extend(named.keys().cloned());
            }
            map.values().for_each(|value| properties(value, found));
        }
        Json::Array(list) => list.iter().for_each(|value| properties(value, found)),
        _ => {}
    }
}
