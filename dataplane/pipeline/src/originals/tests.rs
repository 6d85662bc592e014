//! Bounds, numbers, and what is forgotten when.

use std::thread;

use varistor_model::limits::{ORIGINAL_BLOCK_BYTES, ORIGINAL_BLOCKS_PER_TOKEN_MAX};

use super::*;

const SECOND: u64 = 1_000_000_000;
const IDLE_NS: u64 = 3600 * SECOND;
const EMAIL: u64 = 7;

fn token(number: u16) -> Verified {
    let mut id = [0; 16];
    // All of them in one part.
    id[1..3].copy_from_slice(&number.to_le_bytes());
    Verified {
        ids: vec![TokenId([9; 16]), TokenId(id)],
        organisation: "acme".into(),
        team: None,
        agent: "bot".into(),
        roles: vec![],
        scopes: vec![],
        expires_unix_s: 2_000,
        limits: vec![],
        outside: None,
    }
}

fn at(seconds: u64) -> Now {
    Now {
        unix_ns: seconds.saturating_mul(SECOND),
        mono_ns: seconds.saturating_add(1_000_000).saturating_mul(SECOND),
    }
}

fn whose(verified: &Verified, session: Option<u8>, seconds: u64) -> Whose<'_> {
    Whose {
        verified,
        session: session.map(|byte| [byte; 8]),
        now: at(seconds),
        idle_ns: IDLE_NS,
    }
}

fn read(originals: &Originals, whose: &Whose<'_>, number: u32) -> Option<String> {
    let mut out = b"to ".to_vec();
    let found = originals.read(whose, (EMAIL, number), &mut out);
    assert_eq!(found, out.len() > 3);
    found.then(|| String::from_utf8(out).unwrap())
}

#[test]
fn a_value_has_one_number_and_comes_back_to_its_token_only() {
    let originals = Originals::locked().unwrap();
    let (ada, eve) = (token(1), token(2));
    let mine = whose(&ada, None, 0);
    assert!(originals.is_empty());
    assert_eq!(originals.number(&mine, EMAIL, b"a@b.cd"), Some(1));
    assert_eq!(originals.number(&mine, EMAIL, b"b@b.cd"), Some(2));
    assert_eq!(originals.number(&mine, EMAIL, b"a@b.cd"), Some(1));
    assert_eq!(originals.number(&mine, EMAIL + 1, b"a@b.cd"), Some(1));
    assert_eq!(originals.len(), 3);
    assert_eq!(read(&originals, &mine, 2).as_deref(), Some("to b@b.cd"));
    assert_eq!(read(&originals, &mine, 3), None);
    assert_eq!(read(&originals, &whose(&eve, None, 0), 1), None);
    assert_eq!(
        originals.number(&whose(&eve, None, 0), EMAIL, b"c@b.cd"),
        Some(1)
    );
    assert_eq!(read(&originals, &mine, 1).as_deref(), Some("to a@b.cd"));
}

#[test]
fn values_are_forgotten_with_the_last_session_and_numbers_go_on() {
    let originals = Originals::locked().unwrap();
    let ada = token(1);
    let id = ada.ids[1];
    let first = whose(&ada, Some(1), 0);
    originals.number(&first, EMAIL, b"a@b.cd").unwrap();
    assert!(read(&originals, &whose(&ada, Some(2), 0), 1).is_some());
    originals.ended(id, [3; 8]);
    originals.ended(id, [1; 8]);
    assert!(read(&originals, &whose(&ada, Some(2), 0), 1).is_some());
    originals.ended(id, [2; 8]);
    assert!(originals.is_empty());
    assert_eq!(read(&originals, &first, 1), None);
    assert_eq!(originals.number(&first, EMAIL, b"a@b.cd"), Some(2));
}

#[test]
fn calls_without_a_session_keep_values_until_they_are_idle() {
    let originals = Originals::locked().unwrap();
    let ada = token(1);
    originals
        .number(&whose(&ada, Some(1), 0), EMAIL, b"a@b.cd")
        .unwrap();
    assert!(read(&originals, &whose(&ada, None, 10), 1).is_some());
    originals.ended(ada.ids[1], [1; 8]);
    assert!(read(&originals, &whose(&ada, None, 20), 1).is_some());
    // Nobody swept: the next use notices.
    assert_eq!(read(&originals, &whose(&ada, None, 20 + 3600), 1), None);
    assert!(originals.is_empty());
}

#[test]
fn a_sweep_forgets_the_idle_the_expired_and_the_revoked() {
    let nobody = |_: &TokenId| false;
    let originals = Originals::locked().unwrap();
    let ada = token(1);
    let keep = |number| originals.number(&whose(&ada, None, 0), EMAIL, b"a@b.cd") == Some(number);
    assert!(keep(1));
    originals.sweep(at(1999), IDLE_NS, &nobody);
    assert_eq!(originals.len(), 1);
    originals.sweep(at(1999), 1999 * SECOND, &nobody);
    assert!(originals.is_empty() && keep(2));
    originals.sweep(at(2000), IDLE_NS, &nobody);
    // A token that is gone leaves nothing, not even its numbers.
    assert!(originals.is_empty() && keep(1));
    originals.sweep(at(1), IDLE_NS, &|id| *id == TokenId([9; 16]));
    assert!(originals.is_empty() && keep(1));
}

#[test]
fn what_finds_no_room_has_no_number_and_is_counted() {
    let originals = Originals::locked().unwrap();
    let ada = token(1);
    let mine = whose(&ada, None, 0);
    let value = |number: usize| format!("{number:0>0$}", ORIGINAL_BLOCK_BYTES).into_bytes();
    for number in 0..ORIGINAL_BLOCKS_PER_TOKEN_MAX {
        assert!(originals.number(&mine, EMAIL, &value(number)).is_some());
    }
    assert_eq!(originals.number(&mine, EMAIL, b"a@b.cd"), None);
    assert_eq!(originals.number(&mine, EMAIL, &value(5)), Some(6));
    assert_eq!(originals.refused(), 1);
    let eve = token(2);
    let long = vec![b'x'; ORIGINAL_BYTES_MAX + 1];
    assert_eq!(originals.number(&whose(&eve, None, 0), EMAIL, &long), None);
    assert_eq!(
        originals.number(&whose(&eve, None, 0), EMAIL, &long[1..]),
        Some(1)
    );
    assert_eq!(originals.refused(), 2);
}

#[test]
fn only_tokens_that_are_quiet_make_room() {
    let originals = Originals::of_bytes(2 * ORIGINAL_BLOCK_BYTES).unwrap();
    let tokens = [1, 2, 3].map(token);
    let number = |token: &Verified, seconds| {
        originals.number(&whose(token, None, seconds), EMAIL, b"a@b.cd")
    };
    assert_eq!(number(&tokens[0], 0), Some(1));
    assert_eq!(number(&tokens[1], 5), Some(1));
    assert_eq!(number(&tokens[2], 299), None);
    // The first one was quiet for longest.
    assert_eq!(number(&tokens[2], 310), Some(1));
    assert_eq!(read(&originals, &whose(&tokens[0], None, 310), 1), None);
    assert!(read(&originals, &whose(&tokens[1], None, 310), 1).is_some());
    assert_eq!(originals.len(), 2);
}

#[test]
fn there_is_a_most_of_tokens() {
    let originals = Originals::locked().unwrap();
    let most = u16::try_from(ORIGINALS_TOKENS_PER_PART_MAX).unwrap();
    let number =
        |of: u16, seconds| originals.number(&whose(&token(of), None, seconds), EMAIL, b"a@b.cd");
    for of in 0..most {
        assert_eq!(number(of, u64::from(of != 3)), Some(1));
    }
    assert_eq!(number(most, 2), None);
    assert_eq!(number(most, 400), Some(1));
    assert_eq!(originals.len(), ORIGINALS_TOKENS_PER_PART_MAX);
    assert_eq!(read(&originals, &whose(&token(3), None, 400), 1), None);
}

#[test]
fn all_threads_see_the_same_numbers() {
    let originals = Originals::locked().unwrap();
    let ada = token(1);
    let mine = whose(&ada, None, 0);
    let values: Vec<String> = (0..200).map(|number| format!("{number}@b.cd")).collect();
    let numbers = |reversed: bool| {
        let mut order: Vec<_> = values.iter().enumerate().collect();
        if reversed {
            order.reverse();
        }
        let mut numbers = vec![0; values.len()];
        for (at, value) in order {
            numbers[at] = originals.number(&mine, EMAIL, value.as_bytes()).unwrap();
        }
        numbers
    };
    let all: Vec<Vec<u32>> = thread::scope(|scope| {
        let running: Vec<_> = [false, true, false, true]
            .map(|reversed| scope.spawn(move || numbers(reversed)))
            .into_iter()
            .collect();
        running.into_iter().map(|one| one.join().unwrap()).collect()
    });
    assert!(all.windows(2).all(|pair| pair[0] == pair[1]));
    let mut sorted = all[0].clone();
    sorted.sort_unstable();
    assert_eq!(sorted, (1..=200).collect::<Vec<u32>>());
}
