//! The way of a request is told in four places; this holds them to one order.

use std::collections::BTreeSet;
use std::fs;

use varistor_model::Stage;

use crate::source;

/// Every stage by name, in the order of the model.
fn order() -> Vec<&'static str> {
    Stage::ORDER.iter().map(|stage| stage.name()).collect()
}

#[test]
fn the_stages_on_disk_are_those_of_the_model() {
    let folder = source::root().join("dataplane/pipeline/src/stages");
    let on_disk: BTreeSet<String> = fs::read_dir(&folder)
        .expect("dataplane/pipeline/src/stages")
        .map(|entry| entry.expect("an entry").file_name())
        .filter_map(|name| name.to_str()?.strip_suffix(".rs").map(str::to_owned))
        .collect();
    let in_model: BTreeSet<String> = order().into_iter().map(str::to_owned).collect();
    assert_eq!(on_disk, in_model);
}

#[test]
fn the_order_function_calls_the_stages_in_the_order_of_the_model() {
    let text = source::read("dataplane/pipeline/src/order.rs");
    let mut calls: Vec<(usize, &str)> = Vec::new();
    for stage in order() {
        let call = format!("{stage}::");
        let place = text
            .lines()
            .enumerate()
            .find(|(_, line)| calls_function(line, &call))
            .unwrap_or_else(|| panic!("order.rs never calls `{call}`"))
            .0;
        calls.push((place, stage));
    }
    let called = {
        let mut sorted = calls.clone();
        sorted.sort_by_key(|(place, _)| *place);
        sorted
            .into_iter()
            .map(|(_, stage)| stage)
            .collect::<Vec<_>>()
    };
    assert_eq!(called, order());
}

#[test]
fn the_readme_shows_the_stages_in_the_order_of_the_model() {
    let readme = source::read("README.md");
    let shown: Vec<&str> = readme
        .split("```")
        .skip(1)
        .step_by(2)
        .map(|block| {
            let words = block
                .lines()
                .filter_map(|line| line.split_whitespace().next());
            words.filter(|word| order().contains(word)).collect()
        })
        .find(|stages: &Vec<&str>| stages.len() >= Stage::ORDER.len())
        .expect("README.md has a code block with the way of a request");
    let (way_up, way_back) = shown.split_at(Stage::ORDER.len());
    assert_eq!(way_up, order());
    assert!(
        way_back
            .iter()
            .all(|stage| ["dlp", "audit"].contains(stage))
    );
}

/// Whether the line calls a function of exactly this module: `module::function(`.
fn calls_function(line: &str, call: &str) -> bool {
    let code = line.split("//").next().unwrap_or_default();
    code.match_indices(call).any(|(at, _)| {
        let before = code[..at].chars().next_back();
        let is_whole = !before.is_some_and(|c| c.is_alphanumeric() || c == '_');
        let rest = &code[at + call.len()..];
        let name = rest.split('(').next().unwrap_or_default();
        let is_name = name.chars().all(|c| c.is_ascii_lowercase() || c == '_');
        is_whole && !name.is_empty() && is_name && name.len() < rest.len()
    })
}
