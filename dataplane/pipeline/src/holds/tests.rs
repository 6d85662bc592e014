//! Held calls between those who wait, those who decide, and the journal.

use core::future::Future;
use core::pin::pin;
use core::task::{Context, Poll};
use std::sync::atomic::{AtomicUsize, Ordering};

use varistor_approvals::Bound;
use varistor_model::limits::APPROVALS_PER_TOKEN_MAX;
use varistor_model::{Reason, TokenId};

use super::*;

const EXPIRY_MS: u64 = 60_000;
const TOKENS: u64 = 1000;

/// The call with this number, of an agent with one of some tokens.
fn ask(number: u64, now_ms: u64) -> Ask {
    let mut token = TokenId([0; 16]);
    token.0[..8].copy_from_slice(&(number % TOKENS).to_le_bytes());
    let params = number.to_string();
    let bound = Bound {
        token,
        snapshot: [0; 32],
        server: "crm",
        method: "tools/call",
        params: params.as_bytes(),
    };
    Ask {
        print: bound.fingerprint(),
        held: Held {
            organisation: "acme".to_owned(),
            team: String::new(),
            agent: format!("agent-{}", number % TOKENS),
            token: token.to_string(),
            server: "crm".to_owned(),
            method: "tools/call".to_owned(),
            name: "delete".to_owned(),
            intent: "destructive".to_owned(),
            why: "policy".to_owned(),
            params,
            generation: 1,
        },
        terms: Terms {
            expires_unix_ms: now_ms.saturating_add(EXPIRY_MS),
            quorum: 1,
            window_max_ms: 0,
        },
        now_ms,
    }
}

fn holds() -> (Arc<Holds>, Arc<AtomicUsize>) {
    let woken = Arc::new(AtomicUsize::new(0));
    let wake = Arc::clone(&woken);
    let holds = Holds::new([7; 32], move || {
        wake.fetch_add(1, Ordering::Relaxed);
    });
    (Arc::new(holds), woken)
}

fn word() -> Word {
    Word {
        by: "ann".to_owned(),
        note: String::new(),
        for_ms: 0,
    }
}

fn held(holds: &Arc<Holds>, number: u64, now_ms: u64) -> ApprovalId {
    match holds.claim(ask(number, now_ms)).map(|release| release.id()) {
        Err(Stopped::Held(id, _)) => id,
        other => panic!("{other:?}"),
    }
}

fn poll<T>(future: &mut (impl Future<Output = T> + Unpin)) -> Poll<T> {
    pin!(future).poll(&mut Context::from_waker(Waker::noop()))
}

#[test]
fn a_released_call_goes_on_when_the_journal_says_that_it_is_used() {
    let (holds, _) = holds();
    let id = held(&holds, 1, 0);
    holds.approve(id, word(), 1).unwrap();
    let (_, through) = holds.take_fresh();
    holds.stands(through);
    let mut release = holds.claim(ask(1, 2)).unwrap();
    let mut settled = release.settled();
    assert_eq!(poll(&mut settled), Poll::Pending);
    holds.breaks();
    assert_eq!(
        poll(&mut settled),
        Poll::Ready(Err(Reason::ApprovalsFailed))
    );
    let (_, through) = holds.take_fresh();
    holds.stands(through);
    assert_eq!(poll(&mut settled), Poll::Ready(Ok(())));
    release.spend();
    drop((settled, release));
    assert_eq!(
        held_again(&holds),
        Counts {
            pending: 1,
            ..Counts::default()
        }
    );
}

/// Counts after the same call came once more.
fn held_again(holds: &Arc<Holds>) -> Counts {
    held(holds, 1, 3);
    holds.counts()
}

#[test]
fn a_release_whose_call_is_refused_after_all_comes_back() {
    let (holds, _) = holds();
    let id = held(&holds, 1, 0);
    holds.approve(id, word(), 1).unwrap();
    drop(holds.claim(ask(1, 2)).unwrap());
    let mut release = holds.claim(ask(1, 3)).unwrap();
    release.spend();
    drop(release);
    held(&holds, 1, 4);
}

#[test]
fn whoever_waits_hears_of_every_end() {
    let (holds, _) = holds();
    for (number, answer) in [
        (1, Answer::Approved),
        (2, Answer::Denied),
        (3, Answer::Ended),
    ] {
        let id = held(&holds, number, 0);
        let mut waiting = holds.waiting(id);
        assert_eq!(poll(&mut waiting), Poll::Pending);
        assert_eq!(holds.counts().waiters, 1);
        match answer {
            Answer::Approved => drop(holds.approve(id, word(), 1).unwrap()),
            Answer::Denied => drop(holds.deny(id, word(), 1).unwrap()),
            Answer::Ended => holds.tick(EXPIRY_MS),
        }
        assert_eq!(poll(&mut waiting), Poll::Ready(answer));
        drop(waiting);
        assert_eq!(holds.counts().waiters, 0);
    }
}

#[test]
fn an_agent_that_asks_too_much_is_refused() {
    let (holds, _) = holds();
    // All of one token.
    let all: Vec<u64> = (0..)
        .step_by(1000)
        .take(APPROVALS_PER_TOKEN_MAX + 1)
        .collect();
    let (last, fit) = all.split_last().unwrap();
    fit.iter().for_each(|number| {
        held(&holds, *number, 0);
    });
    let refused = holds.claim(ask(*last, 0)).map(|release| release.id());
    assert_eq!(refused, Err(Stopped::Full));
    held(&holds, 1, 0);
}

#[test]
fn nothing_wakes_the_journal_in_vain() {
    let (holds, woken) = holds();
    holds.tick(1);
    holds.keep_generation(1);
    assert_eq!(woken.load(Ordering::Relaxed), 0);
    held(&holds, 1, 0);
    held(&holds, 1, 0);
    assert_eq!(woken.load(Ordering::Relaxed), 1);
}

#[test]
fn a_hundred_thousand_held_calls_leave_nothing_behind() {
    const CALLS: u64 = 100_000;
    let (holds, _) = holds();
    let mut entries = 0;
    for number in 0..CALLS {
        let now_ms = number * 20;
        let id = held(&holds, number, now_ms);
        let mut waiting = holds.waiting(id);
        assert!(poll(&mut waiting).is_pending());
        match number % 4 {
            0 => {
                holds.approve(id, word(), now_ms).unwrap();
                let mut release = holds.claim(ask(number, now_ms)).unwrap();
                assert!(poll(&mut release.settled()).is_pending());
                release.spend();
            }
            1 => drop(holds.deny(id, word(), now_ms).unwrap()),
            2 => drop(holds.approve(id, word(), now_ms).unwrap()),
            _ => {}
        }
        let (fresh, through) = holds.take_fresh();
        entries += fresh.len();
        holds.stands(through);
    }
    holds.tick(u64::MAX);
    assert_eq!(holds.counts(), Counts::default());
    assert!(holds.entries().is_empty());
    let inner = holds.inner();
    assert!(inner.book.is_empty() && inner.deciding.is_empty() && inner.settling.is_empty());
    assert!(entries > 150_000, "{entries}");
}
