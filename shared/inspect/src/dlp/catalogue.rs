//! What is looked for without an operator's doing: one row a detector.
//!
//! A row's `scan` runs over every byte, so it begins with a literal and has a fixed, minimal tail;
//! its `pattern` finds the exact span in the window. Examples are tests. A `|` in them is taken
//! out: it keeps them from looking like leaked secrets to scanners of this repository.

mod people;
mod secrets;

use varistor_model::Class;

use super::Validator;

/// One detector.
pub(super) struct Row {
    /// The name in records and placeholders.
    pub(super) entity: &'static str,
    /// The class that policy speaks about.
    pub(super) class: Class,
    /// How a candidate is confirmed.
    pub(super) validator: Validator,
    /// The expression in the database; empty when a gate finds the candidates.
    pub(super) scan: &'static str,
    /// The expression that finds the exact span; empty with `scan`.
    pub(super) pattern: &'static str,
    /// How far before the end of `scan`, and behind it, a match may reach, in bytes.
    pub(super) window: u32,
    /// Texts that hold exactly one.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) found: &'static [&'static str],
    /// Texts that hold none.
    #[cfg_attr(not(test), expect(dead_code, reason = "examples are tests"))]
    pub(super) not_found: &'static [&'static str],
}

/// Every row, secrets first: a placeholder names the earlier row where two agree.
pub(super) fn rows() -> impl Iterator<Item = &'static Row> {
    secrets::ROWS.iter().chain(people::ROWS)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::dlp::{Findings, Scanner, Settings, compile};
    use varistor_model::DlpAction;
    use varistor_snapshot::schema::ArchivedDlp;

    #[test]
    fn every_example_is_found_once_or_not_at_all() {
        let settings = Settings {
            request: [DlpAction::Log; 3],
            response: [DlpAction::Log; 3],
            custom: &[],
        };
        let dlp = compile(&settings).unwrap();
        let bytes = rkyv::to_bytes::<rkyv::rancor::Error>(&dlp).unwrap();
        let archived = rkyv::access::<ArchivedDlp, rkyv::rancor::Error>(&bytes).unwrap();
        let mut scanner = Scanner::open(archived).unwrap();
        let mut findings = Findings::default();
        for row in rows() {
            assert!(
                !row.found.is_empty() && !row.not_found.is_empty(),
                "{}",
                row.entity
            );
            let examples = row.found.iter().map(|text| (text, 1));
            for (text, count) in examples.chain(row.not_found.iter().map(|text| (text, 0))) {
                let text = text.replace('|', "");
                let payload = serde_json::to_vec(&serde_json::json!({ "text": text })).unwrap();
                scanner.scan(archived, &payload, &mut findings).unwrap();
                let entities: Vec<_> = findings
                    .iter()
                    .map(|finding| dlp.detectors[usize::from(finding.detector)].entity.as_str())
                    .filter(|entity| *entity == row.entity)
                    .collect();
                assert_eq!(entities.len(), count, "{} in {text:?}", row.entity);
            }
        }
    }

    #[test]
    fn scanned_rows_have_a_pattern_and_gated_ones_have_none() {
        for row in rows() {
            assert_eq!(
                row.validator.is_scanned(),
                !row.scan.is_empty(),
                "{}",
                row.entity
            );
            assert_eq!(
                row.scan.is_empty(),
                row.pattern.is_empty(),
                "{}",
                row.entity
            );
            assert_eq!(row.scan.is_empty(), row.window == 0, "{}", row.entity);
        }
    }
}
