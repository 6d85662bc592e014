//! The catalogue that is built in: as the official schema wants it, and whole.

use std::collections::BTreeSet;

use serde_json::Value;
use varistor_onboard::catalogue::{Catalogue, Hosts, KEY, Origin, faults, questions, ways};

/// What a policy may say of a kind of system: one list, so that rules can name them.
const CATEGORIES: [&str; 19] = [
    "ai",
    "browser",
    "ci",
    "cloud",
    "communication",
    "database",
    "design",
    "documentation",
    "files",
    "financial",
    "home",
    "infrastructure",
    "maps",
    "media",
    "memory",
    "monitoring",
    "productivity",
    "search",
    "security",
];
const MORE_CATEGORIES: [&str; 2] = ["source-control", "utilities"];
const LABELS: [&str; 3] = ["private-read", "untrusted-in", "external-out"];

fn text() -> String {
    let path = format!("{}/catalogue/servers.json", env!("CARGO_MANIFEST_DIR"));
    std::fs::read_to_string(path).unwrap()
}

#[test]
fn every_entry_is_as_the_official_schema_wants_it() {
    let value: Value = serde_json::from_str(&text()).unwrap();
    let rows = value["servers"].as_array().unwrap();
    let catalogue = Catalogue::built_in().unwrap();
    assert_eq!(
        catalogue.entries().count(),
        rows.len(),
        "short names are unique"
    );
    assert!(rows.len() >= 60, "{} servers", rows.len());
    let mut names = BTreeSet::new();
    for row in rows {
        let name = row["server"]["name"].as_str().unwrap();
        assert!(names.insert(name.to_owned()), "{name} stands there twice");
        let entry = catalogue.find(name).unwrap();
        assert_eq!(faults(&entry.server), Vec::<String>::new(), "{name}");
        // A key that is misspelled, or that the schema does not have, would be lost.
        let read = serde_json::to_value(&entry.server).unwrap();
        assert_eq!(read, row["server"], "{name}");
        assert_eq!(entry.origin, Origin::BuiltIn);
        assert!(
            entry
                .server
                .schema
                .ends_with("/2025-12-11/server.schema.json")
        );
        assert!(!entry.server.title.is_empty(), "{name}");
    }
}

#[test]
fn every_entry_says_what_it_is_where_it_was_read_and_how_to_have_it() {
    for entry in Catalogue::built_in().unwrap().entries() {
        let (extra, name) = (&entry.extra, &entry.server.name);
        let category = extra.category.as_str();
        assert!(
            CATEGORIES.contains(&category) || MORE_CATEGORIES.contains(&category),
            "{name}: {category}"
        );
        assert!(
            extra.tags.iter().all(|tag| LABELS.contains(&tag.as_str())),
            "{name}"
        );
        assert!(!extra.sources.is_empty(), "{name}");
        assert!(
            extra.sources.iter().all(|it| it.starts_with("https://")),
            "{name}"
        );
        let ways = ways(&entry.server);
        let all = entry.server.packages.len() + entry.server.remotes.len();
        assert_eq!(ways.len(), all, "{name}: a way that nobody can go");
        let via = extra.via.as_str();
        let is_way = ways.iter().any(|way| way.kind.name() == via);
        assert!(via.is_empty() || is_way, "{name}: {via}");
        for way in &ways {
            for question in questions(way) {
                assert!(!question.key.is_empty(), "{name}");
                assert!(!question.description.is_empty(), "{name}: {}", question.key);
                let is_text = question.default.as_ref().is_none_or(|it| !it.is_empty());
                assert!(is_text, "{name}: {}", question.key);
            }
        }
        let mut tools = BTreeSet::new();
        for (_, list) in extra.intents.named() {
            for tool in list {
                assert!(tools.insert(tool), "{name}: {tool} has two intents");
            }
        }
    }
}

/// What a sandbox line refers to must be something that is asked for.
#[test]
fn lines_of_the_sandbox_refer_to_what_is_asked() {
    for entry in Catalogue::built_in().unwrap().entries() {
        let sandbox = &entry.extra.sandbox;
        let mut lines = [sandbox.read.clone(), sandbox.write.clone()].concat();
        if let Some(Hosts::Named(hosts)) = &sandbox.hosts {
            lines.extend(hosts.clone());
        }
        let asked: BTreeSet<String> = ways(&entry.server)
            .iter()
            .flat_map(questions)
            .map(|question| question.key)
            .collect();
        for line in lines {
            let key = line.strip_prefix('{').and_then(|it| it.strip_suffix('}'));
            if let Some(key) = key {
                assert!(asked.contains(key), "{}: {key}", entry.server.name);
            }
        }
        assert!(["", "relaxed"].contains(&sandbox.profile.as_str()));
        assert!(entry.server.meta.contains_key(KEY));
    }
}
