//! What a start costs, and what a start that fails says.

use std::process::{Command, Stdio};
use std::time::Duration;

use varistor_sandbox::{LAUNCH_FAILED, Profile};

use crate::world::{Machine, World};

/// Milliseconds that the sandbox may add to a start.
const ADDED_MS_MAX: u64 = 10;
/// Starts of which the quickest counts: what the machine does besides is not the sandbox's.
const STARTS: usize = 40;

/// Processor time of the quickest start.
fn quickest(ends_with: i32, mut start: impl FnMut() -> Command) -> Duration {
    let once = |mut command: Command| {
        let before = time_of_children();
        let command = command.stdin(Stdio::null()).stderr(Stdio::null());
        let status = command.status().expect("a status");
        assert_eq!(status.code(), Some(ends_with));
        time_of_children() - before
    };
    let times = (0..STARTS).map(|_| once(start()));
    times.min().expect("some starts")
}

/// Processor time of the children that were waited for, and of theirs.
fn time_of_children() -> Duration {
    let usage = nix::sys::resource::getrusage(nix::sys::resource::UsageWho::RUSAGE_CHILDREN);
    let usage = usage.expect("the usage of children");
    let of = |time: nix::sys::time::TimeVal| {
        Duration::from_secs(time.tv_sec().unsigned_abs())
            + Duration::from_micros(time.tv_usec().unsigned_abs())
    };
    of(usage.user_time()) + of(usage.system_time())
}

/// A start waits for nothing but processors, and the clock of a busy machine tells of its other
/// work: what counts is the processors' time. Of that, what it takes to load this build of the
/// launcher does not count: without optimisation and with its symbols it is ten times the size of
/// the one that ships.
#[test]
fn a_start_takes_ten_milliseconds_more_at_most() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let plain = quickest(0, || Command::new("/bin/true"));
    let loaded = quickest(LAUNCH_FAILED, || {
        let mut command = Command::new(varistor_tests::programs::ours("varictl"));
        command.arg("--sandbox-launch");
        command
    });
    let mut prepared = sandbox.prepare(&Profile::default()).expect("a place");
    let within = quickest(0, || prepared.command(&["/bin/true"]).expect("a command"));
    println!("plain {plain:?}, the launcher loaded {loaded:?}, in the sandbox {within:?}");
    let added = within.saturating_sub(plain).saturating_sub(loaded);
    assert!(added <= Duration::from_millis(ADDED_MS_MAX), "{added:?}");
}

#[test]
fn a_program_that_can_not_be_executed_is_told_with_its_reason() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let folder = world.path("code");
    let text = folder.join("no-program");
    std::fs::write(&text, "neither a binary nor a script").expect("a file");
    let mut prepared = sandbox.prepare(&Profile::default()).expect("a place");
    let mut command = prepared
        .command(&[text.to_str().expect("a path")])
        .expect("a command");
    let output = command.output().expect("an end");
    assert_eq!(output.status.code(), Some(LAUNCH_FAILED));
    let told = String::from_utf8_lossy(&output.stderr);
    assert!(told.contains("the server was not started"), "{told}");
}

#[test]
fn a_launcher_that_nobody_prepared_refuses() {
    for arguments in [&["--sandbox-launch"][..], &["--sandbox-launch", "0"]] {
        let mut command = Command::new(varistor_tests::programs::ours("varictl"));
        let output = command
            .args(arguments)
            .stdin(Stdio::null())
            .output()
            .expect("an end");
        assert_eq!(output.status.code(), Some(LAUNCH_FAILED), "{arguments:?}");
    }
}

#[test]
fn the_server_finds_what_it_was_promised() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let profile = Profile {
        execute: vec!["/usr/bin".into(), "/bin".into()],
        environment: [("KEY".to_owned(), "value".to_owned())].into(),
        ..Profile::default()
    };
    let mut prepared = sandbox.prepare(&profile).expect("a place");
    let script = "echo $KEY; pwd; echo $HOME; echo $TMPDIR; cat /proc/self/status";
    let mut command = prepared
        .command(&["/bin/sh", "-c", script])
        .expect("a command");
    let output = command.output().expect("an end");
    let text = String::from_utf8_lossy(&output.stdout);
    let temporary = prepared.temporary().display().to_string();
    let lines: Vec<&str> = text.lines().collect();
    assert_eq!(lines[..4], ["value", &temporary, &temporary, &temporary]);
    for line in [
        "NoNewPrivs:\t1",
        "Seccomp:\t2",
        "CapEff:\t0000000000000000",
        "CapBnd:\t0000000000000000",
        "SigBlk:\t0000000000000000",
    ] {
        assert!(lines.contains(&line), "{line} is not in {text}");
    }
}
