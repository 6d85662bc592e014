//! The same for people: what is decided and why, with each finding in a short excerpt in which no
//! value can be read unless values are asked for.

use std::fmt::Write;

use serde_json::Value;
use serde_json::value::RawValue;
use varistor_inspect::dlp::Place;

use super::answer::Answer;
use super::places::{Spot, Walk, decoded};
use crate::commands::rehearsal::verdict::{Decision, Forward};
use crate::output::{Tone, count, plain, tinted};

/// Most findings, and most changed strings, that are shown of one message.
const SHOWN_MAX: usize = 20;
/// Characters of an excerpt in front of a finding and behind it.
const AROUND: usize = 24;
/// Characters of a long value, and of a changed string.
const VALUE_MAX: usize = 48;
/// What stands for a character of a value.
const MASK: char = '•';

/// Appends the explanation of one message, an empty line behind it.
pub(super) fn write(answer: &Answer<'_>, number: u64, out: &mut String) {
    heading(answer, number, out);
    row(out, "", &sentence(answer));
    if let Some(intent) = &answer.verdict.intent
        && !answer.without_intent
    {
        let grounds = intent.evidence.join(", ");
        let text = format!("{}, {} % sure ({grounds})", intent.name, intent.confidence);
        row(out, "intent", &plain(&text));
    }
    if let Some(rule) = &answer.verdict.rule {
        row(out, "rule", &plain(rule));
    }
    rules(answer, out);
    for spot in answer.spots.iter().take(SHOWN_MAX) {
        finding(answer, spot, out);
    }
    more(answer.spots.len(), "finding", out);
    if let Forward::Changed(forward) = &answer.verdict.forward {
        changes(answer, forward, out);
    }
    out.push('\n');
}

/// The organisation's rules that held, and what those in shadow would have decided.
fn rules(answer: &Answer<'_>, out: &mut String) {
    let parsed = |raw: &RawValue| serde_json::from_str::<Value>(raw.get()).unwrap_or_default();
    if let Some(held) = answer.verdict.rules.as_deref().map(parsed) {
        let names = held.as_array().into_iter().flatten();
        let names: Vec<&str> = names.filter_map(Value::as_str).collect();
        row(out, "rules", &plain(&names.join(", ")));
    }
    if let Some(shadow) = answer.verdict.shadow.as_deref().map(parsed) {
        let text = |key: &str| shadow.get(key).and_then(Value::as_str).unwrap_or("?");
        let text = format!("{} by {}", text("decision"), text("rule"));
        row(out, "shadow", &plain(&text));
    }
}

fn heading(answer: &Answer<'_>, number: u64, out: &mut String) {
    let (word, tone) = match answer.verdict.decision {
        Decision::Allow => ("allow", Tone::Good),
        Decision::Redact => ("redact", Tone::Warning),
        Decision::Hold => ("hold", Tone::Warning),
        Decision::Deny => ("deny", Tone::Bad),
        Decision::Reject => ("reject", Tone::Bad),
    };
    let what = [answer.server, answer.tool];
    let what: Vec<_> = what.into_iter().flatten().collect();
    let what = what.join("/");
    let line = format!("{number:>3}  {}  {}", tinted(word, tone), plain(&what));
    out.push_str(line.trim_end());
    out.push('\n');
}

fn sentence(answer: &Answer<'_>) -> String {
    let verdict = answer.verdict;
    match (&verdict.text, &verdict.forward) {
        (Some(text), _) => plain(text).into_owned(),
        (None, Forward::Same) => "The message goes on as it came.".to_owned(),
        (None, _) if verdict.decision == Decision::Redact => {
            "The message goes on with findings replaced.".to_owned()
        }
        (None, _) => {
            "The message goes on without list entries that this agent may not see.".to_owned()
        }
    }
}

/// One line behind its label.
fn row(out: &mut String, label: &str, text: &str) {
    // Writing to a string does not fail.
    let _ = writeln!(
        out,
        "     {}{text}",
        tinted(&format!("{label:<9}"), Tone::Quiet)
    );
}

fn more(all: usize, noun: &str, out: &mut String) {
    if let Some(rest) = all.checked_sub(SHOWN_MAX).filter(|rest| *rest > 0) {
        row(out, "", &format!("and {} more", count(rest, noun)));
    }
}

fn finding(answer: &Answer<'_>, spot: &Spot, out: &mut String) {
    let (entity, _) = answer.names(spot);
    let finding = &spot.finding;
    let place = match finding.place {
        Place::Text => "",
        Place::Key => ", in the key",
        Place::Number => ", in the number",
    };
    let text = format!(
        "{entity} ({}, {} % sure) at {}, bytes {}..{}{place}",
        finding.class.name(),
        finding.confidence,
        spot.path,
        spot.decoded.start,
        spot.decoded.end
    );
    row(out, "finding", &plain(&text));
    let (text, before, width) = excerpt(answer, spot);
    row(out, "", &text);
    let marks = format!("{}{}", " ".repeat(before), "^".repeat(width));
    row(out, "", &tinted(&marks, Tone::Bad));
}

/// A part of the string around a finding, with how many characters of it stand in front of the
/// finding and how many are the finding.
fn excerpt(answer: &Answer<'_>, spot: &Spot) -> (String, usize, usize) {
    let text = whole(answer, spot);
    let inside = |at: usize, spot: &Spot| spot.decoded.contains(&at);
    let beside: Vec<&Spot> = answer
        .spots
        .iter()
        .filter(|other| other.token == spot.token)
        .collect();
    let (mut shown, mut before, mut width) = (String::new(), 0, 0);
    let first = text
        .char_indices()
        .filter(|(at, _)| *at < spot.decoded.start)
        .count();
    let mut behind = 0;
    for (index, (at, character)) in text.char_indices().enumerate() {
        if index + AROUND < first {
            continue;
        }
        let own = inside(at, spot);
        if own && width >= VALUE_MAX {
            continue;
        }
        behind += usize::from(at >= spot.decoded.end);
        if behind > AROUND {
            break;
        }
        let hidden = beside.iter().any(|other| inside(at, other)) && !answer.values;
        let character = if hidden { MASK } else { character };
        let mut buffer = [0; 4];
        let safe = plain(character.encode_utf8(&mut buffer)).into_owned();
        let counter = if own { &mut width } else { &mut before };
        *counter += if own || behind == 0 {
            safe.chars().count()
        } else {
            0
        };
        shown.push_str(&safe);
    }
    (shown, before, width.max(1))
}

/// The string or number that a finding stands in.
fn whole(answer: &Answer<'_>, spot: &Spot) -> String {
    let raw = answer.message.get(spot.token.clone()).unwrap_or_default();
    match spot.finding.place {
        Place::Number => String::from_utf8_lossy(raw).into_owned(),
        Place::Text | Place::Key => decoded(raw),
    }
}

/// The strings and numbers that go on otherwise than they came.
fn changes(answer: &Answer<'_>, forward: &[u8], out: &mut String) {
    let count = |message| Walk::new(message).count();
    if count(answer.message) != count(forward) {
        let (now, before) = (forward.len(), answer.message.len());
        return row(out, "forward", &format!("{now} bytes instead of {before}"));
    }
    let (mut old, mut new) = (Walk::new(answer.message), Walk::new(forward));
    let mut all = 0_usize;
    while let (Some(from), Some(to)) = (old.next(), new.next()) {
        let raw = |message: &[u8], range| decoded(message.get(range).unwrap_or_default());
        let place = from.raw.clone();
        let (from, to) = (raw(answer.message, from.raw), raw(forward, to.raw));
        if from == to {
            continue;
        }
        all += 1;
        if all > SHOWN_MAX {
            continue;
        }
        let spot = answer.spots.iter().find(|spot| spot.token == place);
        row(out, "forward", &plain(spot.map_or("", |spot| &spot.path)));
        let common = from
            .chars()
            .zip(to.chars())
            .take_while(|(a, b)| a == b)
            .count();
        for (sign, text, tone) in [('-', from, Tone::Bad), ('+', to, Tone::Good)] {
            let text = masked(answer, &text, common);
            row(out, "", &tinted(&format!("{sign} {text}"), tone));
        }
    }
    more(all, "change", out);
}

/// The text from shortly before the first difference, without the value of any finding.
fn masked(answer: &Answer<'_>, text: &str, common: usize) -> String {
    let mut text = text.to_owned();
    if !answer.values {
        for spot in answer.spots {
            let value = whole(answer, spot);
            let value = value.get(spot.decoded.clone()).unwrap_or_default();
            if !value.is_empty() && text.contains(value) {
                let mask: String = value.chars().map(|_| MASK).collect();
                text = text.replace(value, &mask);
            }
        }
    }
    let skipped = common.saturating_sub(AROUND);
    let shown: String = text
        .chars()
        .skip(skipped)
        .take(AROUND + VALUE_MAX)
        .collect();
    plain(&shown).into_owned()
}
