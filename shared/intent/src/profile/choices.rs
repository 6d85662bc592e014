//! What a description says of the values that an argument may have: `send_diag (mails the logs to
//! the vendor)`, `level=full uploads it to the vendor`; and of a switch: `check=true is a dry run`.
//!
//! Refuses mild deeds: what they are called says enough.

use varistor_model::Intent;

use crate::definition::Definition;
use crate::description;
use crate::table::key_hash;

/// Values that are kept, and bytes of what is said of one.
const CHOICES_MAX: usize = 6;
const CLAUSE_MAX: usize = 160;

/// The grave ones among the values that a description explains.
pub(super) type Choices = [Option<(u64, Intent)>; CHOICES_MAX];

/// What the description says of values.
pub(super) fn of(definition: &Definition) -> Choices {
    let mut found = Choices::default();
    let mut free = found.iter_mut();
    let text = definition.description.as_str();
    let signs = text.match_indices(['(', '=']);
    for (at, sign) in signs {
        let before = text.get(..at).unwrap_or_default().trim_end();
        let behind = text.get(at.saturating_add(1)..).unwrap_or_default();
        let (value, clause) = if sign == "(" {
            let value = before.rsplit([' ', '|', ',', ':']).next();
            (value.unwrap_or_default(), behind.split(')').next())
        } else {
            let (value, rest) = behind.split_once(' ').unwrap_or((behind, ""));
            (value, rest.split(['.', ';', '\n']).next())
        };
        let clause = clause.unwrap_or_default();
        // A plain word in front of brackets is no value, unless it looks like the name of one.
        let is_name =
            sign == "=" || value.contains('_') || before.ends_with(&["| ", value].concat());
        let is_value = (2..=32).contains(&value.len()) && !value.contains('"');
        if !is_name || !is_value || clause.len() > CLAUSE_MAX {
            continue;
        }
        if let Some(intent) = grave(clause)
            && let Some(place) = free.next()
        {
            *place = Some((key_hash(value.as_bytes()), intent));
        }
    }
    found
}

fn grave(clause: &str) -> Option<Intent> {
    let told = description::read(clause);
    if description::leaves_at_once(clause) {
        return Some(Intent::Exfiltrative);
    }
    told.said
        .filter(|(intent, sure)| *intent >= Intent::Destructive && *sure >= 60)
        .map(|(intent, _)| intent)
}

/// Whether a description says of a switch that it only tries: `check=true is a dry run`.
pub(super) fn tries(description: &str, name: &str) -> bool {
    let asked = [name, "=true"].concat();
    let Some((_, behind)) = description.split_once(asked.as_str()) else {
        return false;
    };
    let clause = behind.split(['.', ';', '\n']).next().unwrap_or_default();
    let clause = clause.to_ascii_lowercase();
    [
        "dry run",
        "dry-run",
        "simulat",
        "preview",
        "only show",
        "only report",
        "without changing",
    ]
    .iter()
    .any(|trial| clause.contains(trial))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn told(description: &str) -> Vec<Intent> {
        let definition = Definition {
            description: description.to_owned(),
            ..Definition::default()
        };
        let found = of(&definition);
        found.iter().flatten().map(|(_, intent)| *intent).collect()
    }

    #[test]
    fn grave_values_are_known_by_what_is_said_of_them() {
        for (text, expected) in [
            (
                "One of: info | drop_db (deletes the database) | ping.",
                Some(Intent::Destructive),
            ),
            (
                "mode=full uploads the settings to the vendor.",
                Some(Intent::Exfiltrative),
            ),
            ("Search a place (deletes nothing).", None),
            ("mode=full shows more.", None),
        ] {
            assert_eq!(told(text).first().copied(), expected, "{text}");
        }
        assert!(tries("Runs it. check=true is a dry run.", "check"));
        assert!(!tries("Runs it. check=true marks it.", "check"));
    }
}
