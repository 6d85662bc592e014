//! In the steady state a worker allocates nothing for a call: the whole worker, with its driver,
//! its sockets on the loopback address, its upstream, and the audit log.

mod course;
mod world;

use std::sync::Arc;

use allocation_counter::measure;
use monoio::{IoUringDriver, LegacyDriver, Runtime, RuntimeBuilder};
use varistor_model::Era;
use varistor_perf::text;

use super::driver::{Driving, ENTRIES};
use super::{Parts, run};
use crate::args::Driver;
use course::Course;
use world::World;

/// Allocations of a worker in windows of [`course::CALLS`] calls that are answered by `answer`, up
/// to the first window without any.
fn allocations(driver: Driver, course: &Course, answer: &str) -> Vec<u64> {
    let world = World::new(answer);
    let driving = Driving::choose(driver).unwrap();
    let request = course.request(&world.token());
    let start = world.start();
    let counted = std::thread::scope(|scope| {
        let agents = scope.spawn(|| course.run(start.address, &request, answer));
        course.is_run_by(agents.thread().clone());
        match driving {
            Driving::UringDeferred | Driving::UringPlain => {
                let builder = RuntimeBuilder::<IoUringDriver>::new()
                    .uring_builder(driving.builder())
                    .with_entries(ENTRIES);
                let runtime = builder.enable_timer().build().unwrap();
                counted(runtime, start.parts, course)
            }
            Driving::Epoll => {
                let builder = RuntimeBuilder::<LegacyDriver>::new().enable_timer();
                counted(builder.build().unwrap(), start.parts, course)
            }
        }
    });
    assert!(world.calls() > course::CALLS, "no call is answered here");
    counted
}

/// Lets the worker serve until it is warm, then counts what its thread allocates: in its tasks, and
/// in the runtime between them.
fn counted<D: monoio::Driver>(mut runtime: Runtime<D>, parts: Parts, course: &Course) -> Vec<u64> {
    let hub = Arc::clone(&parts.hub);
    let mut worker = None;
    runtime.block_on(async {
        worker = Some(monoio::spawn(run(parts)));
        course.warm().await;
    });
    // A runtime allocates when it is entered.
    let entered = measure(|| runtime.block_on(async {})).count_total;
    let mut counts = Vec::new();
    for window in 1..=course.windows {
        let counted = measure(|| runtime.block_on(course.window(window)));
        counts.push(counted.count_total - entered);
        if counts.last() == Some(&0) {
            break;
        }
    }
    course.end();
    hub.drain();
    runtime.block_on(worker.unwrap()).unwrap();
    counts
}

/// Buffers grow with the most that ever waits at once, for the disk or for a turn of the writer,
/// which takes time and chance: so the steady state is where a whole window allocates nothing. What
/// allocates once a call, or once a tick, does so in every window.
fn check(driver: Driver) {
    for bytes in [500, 16 << 10] {
        for era in [Era::Legacy, Era::Modern] {
            let course = Course::of(era);
            let counts = allocations(driver, &course, &text::result(bytes, "none"));
            assert_eq!(counts.last(), Some(&0), "{era:?}, {bytes} B: {counts:?}");
        }
    }
}

#[test]
fn a_call_allocates_nothing_on_io_uring() {
    // Where the kernel does not permit it, there is nothing to count.
    if Driving::choose(Driver::IoUring).is_ok() {
        check(Driver::IoUring);
    }
}

#[test]
fn a_call_allocates_nothing_on_epoll() {
    check(Driver::Epoll);
}

#[test]
fn what_the_tasks_of_a_worker_allocate_is_counted() {
    let mut course = Course::of(Era::Legacy);
    (course.reconnects, course.windows) = (true, 1);
    // A connection is a task, with buffers.
    let counts = allocations(Driver::Epoll, &course, &text::result(500, "none"));
    assert!(counts[0] > course::CALLS as u64, "{counts:?}");
}
