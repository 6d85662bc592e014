//! Trains the linear model: `train FILE [WEIGHTS]`, where FILE holds definitions as JSON lines,
//! each
//! with `server` and `hint_label` beside the fields of a `tools/list` result.
//!
//! Labels are those hints that agree with the rules, and the rules where there is no hint and they
//! are sure. Five folds by server say how well it does on servers it never saw; then all are used.
//! The same FILE gives the same WEIGHTS, byte for byte.

use std::collections::BTreeMap;
use std::{env, fs};

use serde_json::{Value, json};
use varistor_intent::Judgement;
use varistor_intent::linear::{self, BUCKETS, PARTS};
use varistor_model::Intent;

/// Rounds over the examples, the step, and how much weights shrink.
const ROUNDS: usize = 4;
const STEP: f32 = 0.06;
const SHRINK: f32 = 1e-3;
/// Folds of the validation.
const FOLDS: usize = 5;

struct Tool {
    fold: usize,
    hint: Option<Intent>,
    label: Option<Intent>,
    ruled: Judgement,
    whole: Vec<u16>,
    bare: Vec<u16>,
}

/// What no hint says: definitions of our own.
const OWN: &[(Intent, &str, &str)] = &[
    (
        Intent::Exfiltrative,
        "takeout",
        "All data of an account in one archive, for download.",
    ),
    (
        Intent::Exfiltrative,
        "customer_csv",
        "The whole customer list as a CSV file.",
    ),
    (
        Intent::Exfiltrative,
        "bulk_people_extract",
        "Every person with all fields, unpaged.",
    ),
    (
        Intent::Exfiltrative,
        "anonymous_link",
        "A link to the folder that needs no sign-in.",
    ),
    (
        Intent::Exfiltrative,
        "open_to_internet",
        "Opens the port of a host to everybody.",
    ),
    (
        Intent::Exfiltrative,
        "mail_autoforward",
        "Forwarding of all incoming mail to an address.",
    ),
    (
        Intent::Exfiltrative,
        "password_reveal",
        "The password of an entry in clear text.",
    ),
    (
        Intent::Exfiltrative,
        "private_key",
        "The private key of a certificate in PEM.",
    ),
    (
        Intent::Exfiltrative,
        "db_dump",
        "A dump of the whole database, with all tables.",
    ),
    (
        Intent::Exfiltrative,
        "crm_sync_partner",
        "Sends all contacts to a partner's system.",
    ),
    (
        Intent::Exfiltrative,
        "guest_access",
        "Lets people outside the organisation in.",
    ),
    (
        Intent::Exfiltrative,
        "replicate_external",
        "Copies a bucket to another organisation.",
    ),
    (
        Intent::Destructive,
        "nuke",
        "Gets rid of everything in the workspace, forever.",
    ),
    (
        Intent::Destructive,
        "account_closure",
        "The end of an account; it cannot be undone.",
    ),
    (
        Intent::Destructive,
        "gdpr_erasure",
        "Irreversible erasure of a person's data.",
    ),
    (
        Intent::Destructive,
        "shred",
        "Overwrites the file with random bytes.",
    ),
    (
        Intent::Destructive,
        "decommission",
        "Takes a server out of service for good.",
    ),
    (
        Intent::Read,
        "weather",
        "Current weather and forecast of a place.",
    ),
    (
        Intent::Read,
        "directions",
        "Route and travel time between two places.",
    ),
    (Intent::Read, "stock_quote", "Latest price of a share."),
    (Intent::Read, "dictionary", "Meaning and origin of a word."),
    (
        Intent::Read,
        "unit_conversion",
        "A quantity in another unit.",
    ),
    (Intent::Write, "thermostat", "Target temperature of a room."),
    (Intent::Write, "todo", "A new entry for the list of tasks."),
    (Intent::Write, "lights_on", "Turns the lights of a room on."),
];

fn main() {
    let mut arguments = env::args().skip(1);
    let file = arguments.next().unwrap_or_default();
    let Ok(text) = fs::read_to_string(&file) else {
        eprintln!("usage: train FILE [WEIGHTS]; {file} can't be read");
        return;
    };
    let tools = read(&text);
    let labelled = tools.iter().filter(|tool| tool.label.is_some()).count();
    println!("{} definitions, {labelled} with a label", tools.len());
    validate(&tools);
    let weights = quantised(&train(&tools, None));
    if let Some(path) = arguments.next() {
        match fs::write(&path, &weights) {
            Ok(()) => println!("wrote {} bytes to {path}", weights.len()),
            Err(error) => eprintln!("{path}: {error}"),
        }
    }
}

fn read(text: &str) -> Vec<Tool> {
    let mut folds = BTreeMap::new();
    let mut tools = Vec::new();
    for row in text
        .lines()
        .filter_map(|line| serde_json::from_str::<Value>(line).ok())
    {
        let server = row["server"].as_str().unwrap_or_default().to_owned();
        let next = folds.len() % FOLDS;
        let fold = *folds.entry(server).or_insert(next);
        let hint = row["hint_label"].as_str().and_then(Intent::named);
        let mut definition = row;
        definition["annotations"] = Value::Null;
        tools.push(tool(&definition.to_string(), fold, hint, None));
    }
    for (label, name, description) in OWN {
        let definition = json!({"name": name, "description": description}).to_string();
        tools.push(tool(&definition, FOLDS, None, Some(*label)));
    }
    tools
}

fn tool(definition: &str, fold: usize, hint: Option<Intent>, own: Option<Intent>) -> Tool {
    let ruled = linear::ruled(definition);
    let (rules, sure) = (ruled.intent, ruled.confidence_percent);
    let label = match hint {
        _ if own.is_some() => own,
        // Read hints are reliable; destructive ones hold for what only writes, too.
        Some(Intent::Read) if rules != Intent::Exfiltrative => Some(Intent::Read),
        Some(Intent::Write) if rules <= Intent::Write => Some(Intent::Write),
        Some(Intent::Destructive) if rules != Intent::Read && sure >= 60 => Some(rules),
        Some(Intent::Destructive) if sure < 60 => Some(Intent::Write),
        None if sure >= 80 => Some(rules),
        _ => None,
    };
    Tool {
        fold,
        hint,
        label,
        ruled,
        whole: linear::buckets(definition, true),
        bare: linear::buckets(definition, false),
    }
}

/// How well the model does on servers it never saw, by the hints that are reliable.
fn validate(tools: &[Tool]) {
    let mut right = BTreeMap::<&str, [usize; 3]>::new();
    for fold in 0..FOLDS {
        let weights = quantised(&train(tools, Some(fold)));
        for tool in tools.iter().filter(|tool| tool.fold == fold) {
            let Some(hint @ (Intent::Read | Intent::Write)) = tool.hint else {
                continue;
            };
            let (said, likely) = likeliest(&tool.whole, &weights);
            let (bare, bare_likely) = likeliest(&tool.bare, &weights);
            let is_heard = linear::is_heard(&tool.ruled, said, (likely * 100.0) as u8);
            let both = if is_heard { said } else { tool.ruled.intent };
            let mut count = |key, is_right| {
                let [hits, all, _] = right.entry(key).or_default();
                *hits += usize::from(is_right);
                *all += 1;
            };
            count("all: rules", tool.ruled.intent == hint);
            count("all: both", both == hint);
            count("all: model", said == hint);
            count("all: model without verbs", bare == hint);
            count("all: a write without verbs", hint == Intent::Write);
            let is_sure = bare_likely >= 0.85;
            if is_sure && bare == Intent::Read {
                count("said to be a sure read without verbs", bare == hint);
            }
            if tool.ruled.confidence_percent <= 35 {
                count("unknown: both", both == hint);
                count("unknown: rules", tool.ruled.intent == hint);
            }
            if tool.ruled.confidence_percent < 60 {
                count("unsure: rules", tool.ruled.intent == hint);
                count("unsure: both", both == hint);
                count("unsure: model", said == hint);
            }
        }
    }
    for (key, [hits, all, _]) in right {
        println!(
            "held out, {key}: {hits} of {all}, {:.1} %",
            100.0 * hits as f64 / all as f64
        );
    }
}

fn likeliest(buckets: &[u16], weights: &[u8]) -> (Intent, f32) {
    let likely = linear::likelihoods(buckets, weights);
    let best = Intent::ALL.into_iter().zip(likely);
    best.max_by(|one, other| one.1.total_cmp(&other.1))
        .unwrap_or((Intent::Write, 0.0))
}

/// Logistic regression by stochastic descent with steps that shrink by bucket.
fn train(tools: &[Tool], without: Option<usize>) -> Vec<[f32; 4]> {
    let mut weights = vec![[0.0_f32; 4]; BUCKETS];
    let mut squares = vec![[1e-3_f32; 4]; BUCKETS];
    let mut examples: Vec<(&[u16], Intent)> = Vec::new();
    for tool in tools.iter().filter(|tool| Some(tool.fold) != without) {
        if let Some(label) = tool.label {
            let times = if tool.fold == FOLDS { 4 } else { 1 };
            for _ in 0..times {
                examples.push((&tool.whole, label));
                examples.push((&tool.bare, label));
            }
        }
    }
    let mut seed = 0x9e37_79b9_7f4a_7c15_u64;
    for _ in 0..ROUNDS {
        for at in (1..examples.len()).rev() {
            seed ^= seed << 13;
            seed ^= seed >> 7;
            seed ^= seed << 17;
            examples.swap(at, (seed % (at as u64 + 1)) as usize);
        }
        for (buckets, label) in &examples {
            descend(&mut weights, &mut squares, buckets, *label);
        }
    }
    weights
}

fn descend(weights: &mut [[f32; 4]], squares: &mut [[f32; 4]], buckets: &[u16], label: Intent) {
    let mut sums = [0.0_f32; 4];
    for bucket in buckets {
        for (sum, weight) in sums.iter_mut().zip(weights[usize::from(*bucket)]) {
            *sum += weight;
        }
    }
    let most = sums.iter().copied().fold(f32::MIN, f32::max);
    let parts = sums.map(|sum| (sum - most).exp());
    let all: f32 = parts.iter().sum();
    for bucket in buckets {
        let row = &mut weights[usize::from(*bucket)];
        let square = &mut squares[usize::from(*bucket)];
        for class in 0..4 {
            let is = f32::from(u8::from(class == label as usize));
            let slope = parts[class] / all - is + SHRINK * row[class];
            square[class] += slope * slope;
            row[class] -= STEP * slope / square[class].sqrt();
        }
    }
}

fn quantised(weights: &[[f32; 4]]) -> Vec<u8> {
    let each = weights.iter().flatten();
    each.map(|weight| ((weight * PARTS).round().clamp(-127.0, 127.0) as i8).cast_unsigned())
        .collect()
}
