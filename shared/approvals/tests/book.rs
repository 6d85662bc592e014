//! What becomes of held calls, through the public interface.

use proptest::prelude::*;
use varistor_approvals::{
    ApprovalId, Book, Bound, Claim, Entry, Fate, Fingerprint, Held, Refused, Terms, Word,
};
use varistor_model::TokenId;
use varistor_model::limits::{APPROVAL_USE_MS, APPROVALS_PER_TOKEN_MAX};

const MINUTE: u64 = 60_000;

fn held(agent: &str, params: &str) -> Held {
    Held {
        organisation: "acme".to_owned(),
        team: String::new(),
        agent: agent.to_owned(),
        token: "01".repeat(16),
        server: "stripe".to_owned(),
        method: "tools/call".to_owned(),
        name: "create_refund".to_owned(),
        intent: "destructive".to_owned(),
        why: "refunds need a human".to_owned(),
        params: params.to_owned(),
        generation: 7,
    }
}

fn print(params: &str) -> Fingerprint {
    let bound = Bound {
        token: TokenId([1; 16]),
        snapshot: [2; 32],
        server: "stripe",
        method: "tools/call",
        params: params.as_bytes(),
    };
    bound.fingerprint()
}

fn word(by: &str) -> Word {
    Word {
        by: by.to_owned(),
        note: String::new(),
        for_ms: 0,
    }
}

const TERMS: Terms = Terms {
    expires_unix_ms: 15 * MINUTE,
    quorum: 1,
    window_max_ms: 30 * MINUTE,
};

fn id(number: u8) -> ApprovalId {
    ApprovalId([number; 16])
}

/// A book with one held call named 1.
fn one(terms: Terms) -> (Book, Vec<Entry>) {
    let (mut book, mut log) = (Book::default(), Vec::new());
    assert!(book.hold(id(1), (print("{}"), held("bot", "{}"), terms), 0, &mut log));
    (book, log)
}

fn claim(book: &mut Book, params: &str, now_ms: u64) -> Claim {
    let held = held("bot", params);
    book.claim((print(params), &held), now_ms, &mut Vec::new())
}

#[test]
fn one_approval_passes_one_call_once() {
    let (mut book, mut log) = one(TERMS);
    assert_eq!(claim(&mut book, "{}", 1), Claim::Held(id(1), TERMS));
    assert_eq!(claim(&mut book, r#"{"a":1}"#, 1), Claim::Unknown);
    let verdict = book.approve(id(1), word("ann"), 2, &mut log).unwrap();
    assert_eq!(verdict.call.fate, Fate::Approved);
    // Another call is none the wiser.
    assert_eq!(claim(&mut book, r#"{"a":1}"#, 3), Claim::Unknown);
    let passed = (0..1000).filter(|_| matches!(claim(&mut book, "{}", 3), Claim::Passed(..)));
    assert_eq!(passed.count(), 1);
    assert!(book.is_empty());
}

#[test]
fn what_was_refused_stays_refused_until_its_time_is_over() {
    let (mut book, mut log) = one(TERMS);
    book.deny(id(1), word("ann"), 2, &mut log).unwrap();
    assert_eq!(claim(&mut book, "{}", 3), Claim::Denied(id(1)));
    let late = book.approve(id(1), word("bob"), 4, &mut log);
    assert_eq!(late, Err(Refused::Decided(Fate::Denied)));
    assert_eq!(claim(&mut book, "{}", 15 * MINUTE), Claim::Unknown);
    assert!(book.is_empty());
}

#[test]
fn a_quorum_is_of_different_people() {
    let (mut book, mut log) = one(Terms { quorum: 2, ..TERMS });
    let first = book.approve(id(1), word("ann"), 1, &mut log).unwrap();
    assert_eq!(first.call.fate, Fate::Pending);
    let twice = book.approve(id(1), word("ann"), 2, &mut log);
    assert_eq!(twice, Err(Refused::Twice));
    let nobody = book.approve(id(1), word(""), 2, &mut log);
    assert_eq!(nobody, Err(Refused::Nameless));
    assert!(matches!(claim(&mut book, "{}", 3), Claim::Held(..)));
    book.approve(id(1), word("bob"), 4, &mut log).unwrap();
    assert!(matches!(claim(&mut book, "{}", 5), Claim::Passed(..)));
}

#[test]
fn one_refusal_among_approvals_decides() {
    let (mut book, mut log) = one(Terms { quorum: 3, ..TERMS });
    book.approve(id(1), word("ann"), 1, &mut log).unwrap();
    book.deny(id(1), word("bob"), 2, &mut log).unwrap();
    assert_eq!(claim(&mut book, "{}", 3), Claim::Denied(id(1)));
}

#[test]
fn time_refuses_and_a_late_approval_leaves_time_to_come_back() {
    let (mut book, mut log) = one(TERMS);
    let end = TERMS.expires_unix_ms;
    book.end(end - 1, &mut log);
    assert_eq!(book.pending_count(), 1);
    book.approve(id(1), word("ann"), end - 1, &mut log).unwrap();
    let last = end - 1 + APPROVAL_USE_MS;
    book.end(last - 1, &mut log);
    assert!(book.call(id(1)).is_some());
    assert_eq!(claim(&mut book, "{}", last), Claim::Unknown);
    assert!(book.is_empty());
    let (mut book, mut log) = one(TERMS);
    let late = book.approve(id(1), word("ann"), end, &mut log);
    assert_eq!(late, Err(Refused::Unknown));
    let ended = Entry::Ended {
        id: id(1),
        unanswered: true,
    };
    assert_eq!(log.last(), Some(&ended));
}

#[test]
fn a_window_opens_the_tool_to_the_agent_for_its_time() {
    let (mut book, mut log) = one(TERMS);
    let long = Word {
        for_ms: 31 * MINUTE,
        ..word("ann")
    };
    let refused = book.approve(id(1), long, 1, &mut log);
    assert_eq!(refused, Err(Refused::Window(30 * MINUTE)));
    let some = Word {
        for_ms: 20 * MINUTE,
        ..word("ann")
    };
    let verdict = book.approve(id(1), some, 0, &mut log).unwrap();
    assert_eq!(verdict.until_unix_ms, Some(20 * MINUTE));
    for at in [1, 16 * MINUTE, 20 * MINUTE - 1] {
        assert_eq!(
            claim(&mut book, r#"{"b":2}"#, at),
            Claim::Open(id(1)),
            "{at}"
        );
    }
    let other = held("other", "{}");
    assert_eq!(
        book.claim((print("{}"), &other), 1, &mut log),
        Claim::Unknown
    );
    assert_eq!(claim(&mut book, r#"{"b":2}"#, 20 * MINUTE), Claim::Unknown);
    assert!(book.is_empty());
}

#[test]
fn of_several_windows_the_shortest_counts() {
    let (mut book, mut log) = one(Terms { quorum: 2, ..TERMS });
    let of = |by, for_ms| Word { for_ms, ..word(by) };
    book.approve(id(1), of("ann", 9), 0, &mut log).unwrap();
    let verdict = book.approve(id(1), of("bob", 0), 0, &mut log).unwrap();
    assert_eq!(verdict.until_unix_ms, None);
}

#[test]
fn another_policy_ends_what_the_last_one_held() {
    let (mut book, mut log) = one(TERMS);
    let some = Word {
        for_ms: MINUTE,
        ..word("ann")
    };
    book.approve(id(1), some, 0, &mut log).unwrap();
    book.keep_generation(7, &mut log);
    assert!(!book.is_empty());
    book.keep_generation(8, &mut log);
    assert!(book.is_empty());
}

#[test]
fn a_release_that_was_not_used_comes_back() {
    let (mut book, mut log) = one(TERMS);
    book.approve(id(1), word("ann"), 1, &mut log).unwrap();
    let Claim::Passed(name, call) = claim(&mut book, "{}", 2) else {
        panic!("not released");
    };
    book.give_back(name, &call, &mut log);
    assert!(matches!(claim(&mut book, "{}", 3), Claim::Passed(..)));
}

#[test]
fn one_token_does_not_fill_the_list() {
    let (mut book, mut log) = (Book::default(), Vec::new());
    let mut ask = |number: usize, token: &str| {
        let mut name = [0; 16];
        name[..8].copy_from_slice(&(number as u64).to_le_bytes());
        let held = Held {
            token: token.to_owned(),
            ..held("bot", "{}")
        };
        let print = print(&number.to_string());
        book.hold(ApprovalId(name), (print, held, TERMS), 0, &mut log)
    };
    let fit = (0..1000).filter(|number| ask(*number, "one")).count();
    assert_eq!(fit, APPROVALS_PER_TOKEN_MAX);
    assert!(ask(5000, "other"));
}

/// What random people and agents do.
#[derive(Clone, Debug)]
enum Deed {
    Ask(u8),
    Approve(u8, u8, u64),
    Deny(u8, u8),
    Use(u8, bool),
    Wait(u64),
    Policy,
}

fn deed() -> impl Strategy<Value = Deed> {
    prop_oneof![
        (0..6_u8).prop_map(Deed::Ask),
        (0..6_u8, 0..3_u8, 0..3_u64).prop_map(|(a, b, c)| Deed::Approve(a, b, c)),
        (0..6_u8, 0..3_u8).prop_map(|(a, b)| Deed::Deny(a, b)),
        (0..6_u8, any::<bool>()).prop_map(|(a, b)| Deed::Use(a, b)),
        (0..400_000_u64).prop_map(Deed::Wait),
        Just(Deed::Policy),
    ]
}

proptest! {
    /// The journal leads to the same book, whole or compacted, and all of it ends with time.
    #[test]
    fn the_journal_tells_everything(deeds in proptest::collection::vec(deed(), 0..60)) {
        let (mut book, mut log) = (Book::default(), Vec::new());
        let (mut now, mut generation, mut next) = (0, 7, 0_u8);
        let params = |number: u8| format!("{{\"n\":{number}}}");
        let shown = |number, generation| Held { generation, ..held("bot", &params(number)) };
        let named = |book: &Book, number| {
            let mut calls = book.calls();
            calls.find(|(_, call)| call.print == print(&params(number))).map(|(id, _)| id)
        };
        for deed in deeds {
            match deed {
                Deed::Ask(number) => {
                    let held = shown(number, generation);
                    let claim = book.claim((print(&params(number)), &held), now, &mut log);
                    if claim == Claim::Unknown {
                        next += 1;
                        let expires_unix_ms = now + 5 * MINUTE;
                        let terms = Terms { expires_unix_ms, quorum: 1 + number % 2, ..TERMS };
                        let row = (print(&params(number)), held, terms);
                        prop_assert!(book.hold(id(next), row, now, &mut log));
                    }
                }
                Deed::Approve(number, who, minutes) => {
                    if let Some(id) = named(&book, number) {
                        let word = Word { for_ms: minutes * MINUTE, ..word(&who.to_string()) };
                        let _ = book.approve(id, word, now, &mut log);
                    }
                }
                Deed::Deny(number, who) => {
                    if let Some(id) = named(&book, number) {
                        let _ = book.deny(id, word(&who.to_string()), now, &mut log);
                    }
                }
                Deed::Use(number, back) => {
                    let held = shown(number, generation);
                    let claim = book.claim((print(&params(number)), &held), now, &mut log);
                    if let (Claim::Passed(id, call), true) = (claim, back) {
                        book.give_back(id, &call, &mut log);
                    }
                }
                Deed::Wait(ms) => {
                    now += ms;
                    book.end(now, &mut log);
                }
                Deed::Policy => {
                    generation += 1;
                    book.keep_generation(generation, &mut log);
                }
            }
        }
        let replay = |entries: &[Entry]| {
            let mut book = Book::default();
            entries.iter().for_each(|entry| book.apply(entry));
            let mut calls: Vec<_> = book.calls().map(|(id, call)| (id, call.clone())).collect();
            calls.sort_by_key(|(id, _)| *id);
            let windows = book.windows().map(|(id, window)| (id, window.clone()));
            let mut windows: Vec<_> = windows.collect();
            windows.sort_by_key(|(id, _)| *id);
            (calls, windows)
        };
        let live = replay(&book.entries());
        prop_assert_eq!(&live, &replay(&log));
        let lines: Vec<String> = log.iter().map(|e| serde_json::to_string(e).unwrap()).collect();
        let read: Vec<Entry> = lines.iter().map(|l| serde_json::from_str(l).unwrap()).collect();
        prop_assert_eq!(&read, &log);
        book.end(u64::MAX, &mut log);
        prop_assert!(book.is_empty());
    }
}
