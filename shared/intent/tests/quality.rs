//! How well calls are judged, on data sets of our own: tools of no known server, written before
//! they were judged. A line of `calls.tsv` holds the label and what else may be defended, the
//! name,
//! the description and the arguments; one of `servers.jsonl` a whole definition and its calls.
//!
//! In `servers.jsonl` the tools from `people-core-hris` on were written by somebody who had
//! not seen
//! the code and measured once as they came (`perf/runs/2026-11-30-unseen.md`); those from
//! `museumkit`
//! on are our own, each part of them measured before it was looked at. None is unseen any more.

use serde_json::Value;
use varistor_intent::{Judgement, Outside, Profile, judge};
use varistor_model::Intent;

const CALLS: &str = include_str!("data/calls.tsv");
const SERVERS: &str = include_str!("data/servers.jsonl");

/// Macro-F1 that must be reached, and how many reads may be held up.
const MACRO_F1_MIN: f64 = 0.97;
const OVERBLOCK_MAX: usize = 1;

struct Ours;

impl Outside for Ours {
    fn is_foreign_host(&self, host: &str) -> bool {
        !(host.ends_with("ourcompany.example") || host.ends_with("acme.example"))
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with("@ourcompany.example")
    }
}

struct Line {
    labels: Vec<Intent>,
    name: String,
    definition: String,
    arguments: String,
}

fn lines() -> Vec<Line> {
    CALLS.lines().filter_map(line).collect()
}

/// The calls of whole definitions.
fn whole() -> Vec<Line> {
    let tools = SERVERS
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok());
    let calls = |row: Value| {
        let calls = row["calls"].as_array().cloned().unwrap_or_default();
        calls
            .into_iter()
            .filter_map(move |call| whole_call(&row["tool"], &call))
    };
    tools.flat_map(calls).collect()
}

fn whole_call(tool: &Value, call: &Value) -> Option<Line> {
    let labels = [&call["label"]].into_iter().chain(call["alt"].as_array()?);
    let labels = labels.map(|label| Intent::named(label.as_str()?));
    Some(Line {
        labels: labels.collect::<Option<Vec<_>>>()?,
        name: tool["name"].as_str()?.to_owned(),
        definition: tool.to_string(),
        arguments: call["arguments"].to_string(),
    })
}

fn line(line: &str) -> Option<Line> {
    let mut fields = line.split('\t');
    let labels = fields.next()?.split('|').map(Intent::named);
    let labels = labels.collect::<Option<Vec<_>>>()?;
    let (name, description) = (fields.next()?, fields.next()?);
    let arguments = fields.next()?;
    let schema = serde_json::from_str(arguments).map_or(Value::Null, |given| declared(&given));
    let definition =
        serde_json::json!({"name": name, "description": description, "inputSchema": schema});
    Some(Line {
        labels,
        name: name.to_owned(),
        definition: definition.to_string(),
        arguments: arguments.to_owned(),
    })
}

/// A schema that declares what is given, and no more of it than names and types.
fn declared(given: &Value) -> Value {
    match given {
        Value::Object(members) => {
            let members = members
                .iter()
                .map(|(name, one)| (name.clone(), declared(one)));
            let properties: serde_json::Map<_, _> = members.collect();
            serde_json::json!({"type": "object", "properties": properties})
        }
        Value::Array(items) => {
            serde_json::json!({"type": "array", "items": items.first().map(declared)})
        }
        Value::Bool(_) => serde_json::json!({"type": "boolean"}),
        Value::Number(_) => serde_json::json!({"type": "number"}),
        _ => serde_json::json!({"type": "string"}),
    }
}

#[test]
fn calls_of_unknown_tools_are_judged_well() {
    let lines = lines();
    assert!(lines.len() >= 1380 && lines.len() == CALLS.lines().count());
    are_judged_well(&lines);
}

#[test]
fn calls_of_whole_definitions_are_judged_well() {
    let lines = whole();
    let labelled = |intent: Intent| format!(r#""label":"{}""#, intent.name());
    let labels = Intent::ALL.map(|intent| SERVERS.matches(&labelled(intent)).count());
    assert_eq!(lines.len(), labels.iter().sum::<usize>());
    assert!(lines.len() >= 1500, "{}", lines.len());
    are_judged_well(&lines);
}

fn are_judged_well(lines: &[Line]) {
    let mut confusion = [[0_usize; 4]; 4];
    let mut wrong = Vec::new();
    let (mut severe, mut overblocked) = (0, 0);
    for line in lines {
        let judgement = judged(line);
        let is_right = line.labels.contains(&judgement.intent);
        let said = if is_right {
            line.labels[0]
        } else {
            judgement.intent
        };
        confusion[line.labels[0] as usize][said as usize] += 1;
        let is_grave =
            line.labels[0] >= Intent::Destructive && !line.labels.contains(&Intent::Read);
        severe += usize::from(is_grave && judgement.intent == Intent::Read);
        let is_read = line.labels == [Intent::Read];
        overblocked += usize::from(is_read && judgement.intent >= Intent::Destructive);
        if !is_right {
            wrong.push(format!("{} {}: {judgement:?}", line.name, line.arguments));
        }
    }
    let f1 = |class: usize| {
        let right = confusion[class][class] as f64;
        let said: usize = confusion.iter().map(|row| row[class]).sum();
        let are: usize = confusion[class].iter().sum();
        2.0 * right / (said + are) as f64
    };
    let macro_f1 = (0..4).map(f1).sum::<f64>() / 4.0;
    let report = wrong.join("\n");
    assert!(macro_f1 >= MACRO_F1_MIN, "macro-F1 {macro_f1:.3}\n{report}");
    assert_eq!(severe, 0, "{severe} grave calls are called reads\n{report}");
    assert!(
        overblocked <= OVERBLOCK_MAX,
        "{overblocked} reads are held up\n{report}"
    );
}

fn judged(line: &Line) -> Judgement {
    let profile = Profile::of_definition(&line.definition);
    judge(&profile, &line.arguments, &Ours)
}

#[test]
fn a_judgement_names_what_decided() {
    for line in lines().into_iter().chain(whole()) {
        let judgement = judged(&line);
        let decisive = judgement.decisive().expect(&line.name);
        assert_eq!(decisive.intent, judgement.intent, "{}", line.name);
        if let Some(span) = decisive.span {
            assert!(line.arguments.get(span.range()).is_some(), "{}", line.name);
        }
    }
}

#[test]
fn a_name_alone_never_hides_a_deletion() {
    for line in lines() {
        let is_plain = line.name.starts_with("delete_") || line.name.starts_with("drop_");
        let whole = Profile::of_definition(&line.definition).base().intent;
        if is_plain && whole == Intent::Destructive {
            let intent = Profile::of_name(&line.name).base().intent;
            assert_eq!(intent, Intent::Destructive, "{}", line.name);
        }
    }
}
