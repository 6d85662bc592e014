//! Threads that end and children that come and go are counted once.

use std::io::{BufRead as _, BufReader, Write as _};
use std::process::{Command, Stdio};
use std::time::Instant;

use super::{Look, Process, Usage, look, look_at_self};

/// Uses the CPU for so long.
fn spin(cpu_ms: u64) {
    let thread = || rustix::time::clock_gettime(rustix::time::ClockId::ThreadCPUTime);
    let begun = thread();
    while (thread() - begun).tv_nsec < i64::try_from(cpu_ms).unwrap() * 1_000_000 {}
}

fn usage(total_ns: u64) -> Usage {
    Usage {
        total_ns,
        ..Usage::default()
    }
}

fn process(pid: u32, own: u64, ended: u64) -> Process {
    Process {
        pid,
        started: 1,
        own: usage(own),
        ended: usage(ended),
    }
}

#[test]
fn time_spent_by_this_process_is_seen() {
    let own = [std::process::id()];
    let before = look(&own).unwrap();
    spin(100);
    let spent = look(&own).unwrap()[0].since(&before[0]);
    assert!(spent.total_ns >= 99_000_000, "{spent:?}");
    assert!(spent.user_ns.abs_diff(spent.total_ns) < 1_000_000_000);
}

#[test]
fn a_thread_that_has_ended_still_counts() {
    let own = [std::process::id()];
    let (before, myself) = (look(&own).unwrap(), look_at_self().unwrap());
    std::thread::spawn(|| spin(50)).join().unwrap();
    let spent = look(&own).unwrap()[0].since(&before[0]);
    assert!(spent.total_ns >= 50_000_000, "{spent:?}");
    let spent = look_at_self().unwrap().since(&myself);
    assert!(spent.total_ns >= 50_000_000, "{spent:?}");
}

#[test]
fn a_child_that_starts_later_counts_while_it_lives_and_after_its_end() {
    // At each line the shell starts a child, which works, tells, and lives until the next line.
    let script = "while read -r line; do
        (i=0; while [ $i -lt 200000 ]; do i=$((i+1)); done; echo done; read -r line)
        echo ended; done";
    let mut shell = Command::new("sh")
        .args(["-c", script])
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .spawn()
        .unwrap();
    let (pid, mut asks) = ([shell.id()], shell.stdin.take().unwrap());
    let mut says = BufReader::new(shell.stdout.take().unwrap()).lines();
    let before = look(&pid).unwrap();
    assert_eq!(before[0].processes(), 1);

    writeln!(asks).unwrap();
    assert_eq!(says.next().unwrap().unwrap(), "done");
    let working = look(&pid).unwrap();
    assert_eq!(working[0].processes(), 2);
    let alive = working[0].since(&before[0]).total_ns;
    // 200,000 turns of a shell take more than 20 ms on any machine.
    assert!(alive > 20_000_000, "{alive}");

    writeln!(asks).unwrap();
    assert_eq!(says.next().unwrap().unwrap(), "ended");
    let after = look(&pid).unwrap();
    assert_eq!(after[0].processes(), 1);
    // To two ticks less, as its parent knows it no better.
    let ended = after[0].since(&before[0]).total_ns;
    assert!(ended + 20_000_000 >= alive, "{ended} {alive}");
    // What was seen of it before its end is not counted again.
    let rest = after[0].since(&working[0]).total_ns;
    assert!(rest < alive, "{rest} {alive}");
    drop(asks);
    shell.wait().unwrap();
}

#[test]
fn what_a_child_used_before_the_first_look_does_not_count() {
    let before = Look(vec![process(1, 100, 10), process(2, 70, 5)]);
    // The child has used 30 more, and its parent has waited for it: 100 of its own, 5 of a child.
    let after = Look(vec![process(1, 101, 115)]);
    assert_eq!(after.since(&before), usage(1 + 30));
    // Nobody has waited for it yet.
    let zombie = Look(vec![process(1, 101, 10)]);
    assert_eq!(zombie.since(&before), usage(1));
    // Its pid is another process's now.
    let again = Process {
        started: 2,
        ..process(2, 8, 0)
    };
    let reused = Look(vec![process(1, 101, 115), again]);
    assert_eq!(reused.since(&before), usage(1 + 30 + 8));
}

#[test]
fn a_process_that_does_not_run_is_refused() {
    // Above the largest that the kernel gives.
    assert!(look(&[1 << 30]).is_err());
    assert!(look(&[u32::MAX]).is_err());
    let begun = Instant::now();
    let mut short = Command::new("true").spawn().unwrap();
    short.wait().unwrap();
    assert!(look(&[short.id()]).is_err(), "{:?}", begun.elapsed());
}
