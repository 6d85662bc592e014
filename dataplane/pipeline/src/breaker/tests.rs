//! Breakers on a clock that a test moves: every way from state to state, threads that race, and
//! calls that begin and end at random.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;

use proptest::prelude::*;
use varistor_model::limits::{
    BREAKER_OPEN_MS_MAX, BREAKER_PROBE_MS_MAX, BREAKER_SLOW_EXCESS, SERVER_CALLS_DEFAULT,
};

use super::*;

const MS: u64 = 1_000_000;
/// Monotonic clocks of the gateway begin late, so that "a period ago" is never negative.
const START: u64 = 400 * 24 * 3_600 * 1_000 * MS;
const SETTINGS: Settings = Settings {
    failures: 5,
    open_ms: 1_000,
    slow_ms: 0,
    calls_max: SERVER_CALLS_DEFAULT,
};

/// A breaker on a clock that stands until it is moved.
struct Bench {
    breaker: Breaker,
    settings: Settings,
    now_ns: u64,
}

impl Bench {
    fn new(settings: Settings) -> Self {
        Self {
            breaker: Breaker::default(),
            settings,
            now_ns: START,
        }
    }

    fn enter(&self) -> Result<Ticket, Closed> {
        self.breaker.enter(self.settings, self.now_ns)
    }

    fn fail(&self, ticket: Ticket) {
        let failure = (Cause::Timeout, self.now_ns);
        self.breaker.failed(ticket, self.settings, failure);
    }

    fn answer(&self, ticket: Ticket, ms: u64) {
        let now_ns = self.now_ns;
        self.breaker
            .answered(ticket, self.settings, || Took { ms, now_ns });
    }

    fn fail_times(&self, times: u32) {
        for _ in 0..times {
            self.fail(self.enter().unwrap());
        }
    }

    fn pass_ms(&mut self, ms: u64) {
        self.now_ns += ms * MS;
    }

    fn kind(&self) -> Kind {
        self.breaker.shown(self.now_ns).kind
    }

    fn left_ms(&self) -> u64 {
        self.breaker.shown(self.now_ns).left_ms
    }
}

#[test]
fn it_opens_at_the_fifth_failure_in_a_row_and_no_earlier() {
    let bench = Bench::new(SETTINGS);
    bench.fail_times(4);
    assert_eq!(bench.kind(), Kind::Closed);
    bench.fail_times(1);
    assert_eq!(bench.kind(), Kind::Open);
    let Err(Closed::Open(wait_ms)) = bench.enter() else {
        panic!("a call was let through")
    };
    // A second, less up to an eighth.
    assert!((875..=1_000).contains(&wait_ms), "{wait_ms}");
    let shown = bench.breaker.shown(bench.now_ns);
    assert_eq!(
        (shown.trips, shown.refused, shown.cause),
        (1, 1, Cause::Timeout)
    );
}

#[test]
fn an_answer_between_failures_forgives_them() {
    let bench = Bench::new(SETTINGS);
    for _ in 0..10 {
        bench.fail_times(4);
        bench.answer(bench.enter().unwrap(), 1);
    }
    assert_eq!(bench.kind(), Kind::Closed);
}

#[test]
fn one_call_tries_the_server_when_the_time_is_over_and_closes_it() {
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    bench.pass_ms(bench.left_ms() - 1);
    assert_eq!(bench.enter(), Err(Closed::Open(1)));
    bench.pass_ms(1);
    let trying = bench.enter().unwrap();
    assert_eq!(bench.kind(), Kind::Trying);
    assert!(bench.enter().is_err(), "two at a time");
    bench.answer(trying, 1);
    assert_eq!(bench.kind(), Kind::Closed);
    bench.fail_times(4);
    assert_eq!(bench.kind(), Kind::Closed, "what was before counts no more");
}

#[test]
fn each_failed_try_doubles_the_time_up_to_half_a_minute() {
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    let mut whole_ms = 1_000;
    for _ in 0..40 {
        let left_ms = bench.left_ms();
        assert!(
            (whole_ms - whole_ms / 8..=whole_ms).contains(&left_ms),
            "{left_ms}"
        );
        bench.pass_ms(left_ms);
        bench.fail_times(1);
        whole_ms = (whole_ms * 2).min(BREAKER_OPEN_MS_MAX);
    }
    assert_eq!(bench.breaker.shown(bench.now_ns).trips, 1);
}

#[test]
fn a_relapse_goes_on_where_it_was_and_a_sound_time_forgives_all() {
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    bench.pass_ms(bench.left_ms());
    bench.answer(bench.enter().unwrap(), 1);
    bench.fail_times(5);
    assert!(bench.left_ms() > 1_000, "{}", bench.left_ms());
    bench.pass_ms(bench.left_ms());
    bench.answer(bench.enter().unwrap(), 1);
    bench.pass_ms(BREAKER_OPEN_MS_MAX);
    bench.fail_times(5);
    assert!(bench.left_ms() <= 1_000, "{}", bench.left_ms());
}

#[test]
fn a_try_that_is_withdrawn_leaves_it_to_the_next_call() {
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    bench.pass_ms(1_000);
    bench.breaker.withdrawn(bench.enter().unwrap());
    assert_eq!(bench.kind(), Kind::Open);
    bench.pass_ms(1);
    assert!(bench.enter().is_ok());
    // A call that did not try anything gives nothing back.
    let closed = Bench::new(SETTINGS);
    closed.breaker.withdrawn(closed.enter().unwrap());
    assert_eq!(closed.kind(), Kind::Closed);
}

#[test]
fn a_try_without_an_answer_lets_another_one_through_after_a_while() {
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    bench.pass_ms(1_000);
    let first = bench.enter().unwrap();
    bench.pass_ms(BREAKER_PROBE_MS_MAX - 1);
    assert_eq!(bench.enter(), Err(Closed::Open(1)));
    bench.pass_ms(1);
    let second = bench.enter().unwrap();
    bench.fail(first);
    assert_eq!(bench.kind(), Kind::Trying, "the second one decides");
    bench.breaker.withdrawn(first);
    assert_eq!(bench.kind(), Kind::Trying);
    bench.answer(first, 1);
    assert_eq!(bench.kind(), Kind::Closed, "but an answer is an answer");
    bench.fail(second);
    bench.fail_times(4);
    assert_eq!(bench.kind(), Kind::Closed, "its failure is of another time");
}

#[test]
fn calls_that_were_sent_before_it_opened_decide_nothing_afterwards() {
    let mut bench = Bench::new(SETTINGS);
    let early: Vec<_> = (0..20).map(|_| bench.enter().unwrap()).collect();
    for ticket in &early[..5] {
        bench.fail(*ticket);
    }
    let left_ms = bench.left_ms();
    bench.pass_ms(10);
    bench.fail(early[5]);
    bench.answer(early[6], 1);
    assert_eq!((bench.kind(), bench.left_ms()), (Kind::Open, left_ms - 10));
    bench.pass_ms(left_ms);
    bench.answer(bench.enter().unwrap(), 1);
    for ticket in &early[7..] {
        bench.fail(*ticket);
    }
    assert_eq!(bench.kind(), Kind::Closed);
}

#[test]
fn slow_answers_open_it_when_they_outnumber_the_others() {
    let settings = Settings {
        slow_ms: 100,
        ..SETTINGS
    };
    let mut bench = Bench::new(settings);
    for _ in 0..100 {
        bench.answer(bench.enter().unwrap(), 101);
        bench.answer(bench.enter().unwrap(), 100);
    }
    assert_eq!(bench.kind(), Kind::Closed, "every second one");
    for _ in 0..BREAKER_SLOW_EXCESS {
        assert_eq!(bench.kind(), Kind::Closed);
        bench.answer(bench.enter().unwrap(), 101);
    }
    assert_eq!(bench.kind(), Kind::Open);
    assert_eq!(bench.breaker.shown(bench.now_ns).cause, Cause::Slow);
    bench.pass_ms(1_000);
    bench.answer(bench.enter().unwrap(), 101);
    assert_eq!(bench.kind(), Kind::Open, "a slow try is a failed one");
    bench.pass_ms(2_000);
    bench.answer(bench.enter().unwrap(), 1);
    assert_eq!(bench.kind(), Kind::Closed);
}

#[test]
fn a_breaker_that_is_off_never_opens() {
    let settings = Settings {
        failures: 0,
        slow_ms: 1,
        ..SETTINGS
    };
    let bench = Bench::new(settings);
    for _ in 0..1_000 {
        bench.fail(bench.enter().unwrap());
        bench.answer(bench.enter().unwrap(), 1_000);
    }
    assert_eq!(bench.kind(), Kind::Closed);
}

#[test]
fn no_more_calls_are_under_way_than_may_be() {
    let settings = Settings {
        calls_max: 3,
        ..SETTINGS
    };
    let breaker = Breaker::default();
    for _ in 0..3 {
        breaker.take_place(settings).unwrap();
    }
    assert_eq!(breaker.take_place(settings), Err(Closed::Busy));
    assert_eq!(breaker.ask(settings, START), Err(Closed::Busy));
    breaker.give_place_back();
    assert_eq!(breaker.ask(settings, START), Ok(()));
    breaker.take_place(settings).unwrap();
    assert_eq!(breaker.shown(START).under_way, 3);
}

/// Threads that race to the same breaker: of each round, one tries, and all see what it brought.
#[test]
fn of_all_threads_at_once_one_tries_the_server() {
    const THREADS: usize = 8;
    let mut bench = Bench::new(SETTINGS);
    bench.fail_times(5);
    for round in 0..200 {
        bench.pass_ms(BREAKER_OPEN_MS_MAX);
        let through = AtomicUsize::new(0);
        let barrier = std::sync::Barrier::new(THREADS);
        thread::scope(|scope| {
            for _ in 0..THREADS {
                scope.spawn(|| {
                    barrier.wait();
                    if let Ok(ticket) = bench.breaker.enter(SETTINGS, bench.now_ns) {
                        through.fetch_add(1, Ordering::Relaxed);
                        // All have asked before it ends.
                        barrier.wait();
                        if round % 2 == 0 {
                            bench.breaker.withdrawn(ticket);
                        } else {
                            bench.fail(ticket);
                        }
                    } else {
                        barrier.wait();
                    }
                });
            }
        });
        assert_eq!(through.into_inner(), 1, "round {round}");
        assert_eq!(bench.kind(), Kind::Open);
    }
}

/// Of any number of failures at once, exactly one trip; nothing is lost among threads.
#[test]
fn failures_of_all_threads_are_counted_together() {
    const THREADS: u32 = 5;
    for _ in 0..200 {
        let bench = Bench::new(SETTINGS);
        let tickets: Vec<_> = (0..THREADS).map(|_| bench.enter().unwrap()).collect();
        thread::scope(|scope| {
            for ticket in tickets {
                let bench = &bench;
                scope.spawn(move || bench.fail(ticket));
            }
        });
        assert_eq!(bench.kind(), Kind::Open);
        assert_eq!(bench.breaker.shown(bench.now_ns).trips, 1);
    }
}

/// What may happen to calls, one after the other.
#[derive(Clone, Copy, Debug)]
enum Step {
    Enter,
    Answer(usize, u64),
    Fail(usize),
    Withdraw(usize),
    Pass(u64),
}

fn step() -> impl Strategy<Value = Step> {
    prop_oneof![
        3 => Just(Step::Enter),
        2 => (any::<usize>(), 0..200_u64).prop_map(|(at, ms)| Step::Answer(at, ms)),
        3 => any::<usize>().prop_map(Step::Fail),
        1 => any::<usize>().prop_map(Step::Withdraw),
        1 => (0..4_000_u64).prop_map(Step::Pass),
    ]
}

proptest! {
    /// However calls begin and end: never open for longer than half a minute, never two that try
    /// within the time that one has, never stuck.
    #[test]
    fn it_is_never_stuck_and_never_lets_two_try(
        steps in prop::collection::vec(step(), 0..300),
        slow_ms in prop_oneof![Just(0_u64), Just(100)],
    ) {
        let mut bench = Bench::new(Settings { slow_ms, ..SETTINGS });
        let mut under_way: Vec<Ticket> = Vec::new();
        let mut tried_ns = None;
        for step in steps {
            let end = |under_way: &mut Vec<Ticket>, at: usize| {
                let len = under_way.len();
                (len > 0).then(|| under_way.swap_remove(at % len))
            };
            match step {
                Step::Enter => {
                    let before = bench.kind();
                    if let Ok(ticket) = bench.breaker.enter(bench.settings, bench.now_ns) {
                        if bench.kind() == Kind::Trying {
                            if before == Kind::Trying {
                                let since_ns: u64 = bench.now_ns - tried_ns.unwrap();
                                prop_assert!(since_ns + MS >= BREAKER_PROBE_MS_MAX * MS);
                            }
                            tried_ns = Some(bench.now_ns);
                        }
                        under_way.push(ticket);
                    }
                }
                Step::Answer(at, ms) => {
                    if let Some(ticket) = end(&mut under_way, at) { bench.answer(ticket, ms); }
                }
                Step::Fail(at) => {
                    if let Some(ticket) = end(&mut under_way, at) { bench.fail(ticket); }
                }
                Step::Withdraw(at) => {
                    if let Some(ticket) = end(&mut under_way, at) {
                        bench.breaker.withdrawn(ticket);
                    }
                }
                Step::Pass(ms) => bench.pass_ms(ms),
            }
            prop_assert!(bench.left_ms() <= BREAKER_OPEN_MS_MAX);
        }
        // Whatever was, a sound server is found sound.
        bench.pass_ms(BREAKER_OPEN_MS_MAX);
        let ticket = bench.breaker.enter(bench.settings, bench.now_ns);
        prop_assert!(ticket.is_ok());
        bench.answer(ticket.unwrap(), 0);
        prop_assert_eq!(bench.kind(), Kind::Closed);
    }
}
