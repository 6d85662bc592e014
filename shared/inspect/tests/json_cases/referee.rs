//! Mutants of every case, judged by two other readers: what either of them refuses the gate
//! refuses, and what both take it takes, unless keys come twice or the nesting is too deep.

use proptest::prelude::*;
use proptest::sample::{Index, select};
use varistor_inspect::json::Reader;
use varistor_model::Reason;

use super::messages::MESSAGES;
use super::values::VALUES;
use super::verdicts::around;

/// Bytes that mean something in JSON, or are invalid somewhere.
const TELLING: &[u8] =
    b"\"\\{}[]:,0-+.eE19 \n\t\x00\x1f\x7f\xef\xbb\xbf\xc3\xa9\xed\xa0\x80u/tfnabdD8";

fn document() -> impl Strategy<Value = Vec<u8>> {
    let all: Vec<Vec<u8>> = VALUES
        .iter()
        .map(|(_, value, _)| around(value))
        .chain(MESSAGES.iter().map(|(_, body, _)| body.to_vec()))
        .collect();
    select(all)
}

/// Bytes replaced, removed, put in, and pieces of another document put in.
fn mutant() -> impl Strategy<Value = Vec<u8>> {
    let byte = prop_oneof![select(TELLING.to_vec()), any::<u8>()];
    let change = (any::<Index>(), byte, 0..5_u8);
    let changes = prop::collection::vec(change, 0..4);
    (document(), document(), changes, 0..40_usize).prop_map(|(body, other, changes, blanks)| {
        let mut body = [vec![b' '; blanks], body].concat();
        for (at, byte, how) in changes {
            if body.is_empty() {
                break;
            }
            let piece = at.index(other.len().max(1)).min(other.len());
            let at = at.index(body.len());
            match how {
                0 | 1 => body[at] = byte,
                2 => drop(body.remove(at)),
                3 => body.insert(at, byte),
                _ => drop(body.splice(at..at, other[piece..].iter().copied().take(12))),
            }
        }
        body
    })
}

fn by_simd_json(body: &[u8]) -> bool {
    simd_json::to_tape(&mut body.to_vec()).is_ok()
}

/// Unlike simd-json, this one knows lone surrogates.
fn by_serde_json(body: &[u8]) -> bool {
    serde_json::from_slice::<serde_json::Value>(body).is_ok()
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(8_000)
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn the_gate_takes_what_all_readers_take_and_nothing_else(body in mutant()) {
        let verdict = Reader::new().read_answer(&body);
        let is_json = match verdict {
            Err(Reason::JsonDuplicateKey | Reason::JsonTooDeep) => None,
            Err(
                Reason::JsonInvalid
                | Reason::JsonNotUtf8
                | Reason::JsonSurrogate
                | Reason::JsonNumber,
            ) => Some(false),
            _ => Some(true),
        };
        if let Some(is_json) = is_json {
            let others = by_simd_json(&body) && by_serde_json(&body);
            prop_assert_eq!(is_json, others, "{:?} {}", verdict, body.escape_ascii());
        }
    }
}
