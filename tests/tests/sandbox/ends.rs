//! The end of a server: everything that it started ends with it, within a quarter of a second, and
//! nothing of it is left on the machine.

use std::fs;
use std::io::{BufRead as _, BufReader};
use std::os::unix::process::ExitStatusExt as _;
use std::process::{Child, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use varistor_sandbox::{END_MS_MAX, Prepared, Sandbox, Tree};

use crate::world::{Machine, World, processes_with};

/// Starts a server that leaves a process which ignores signals, without parent and session.
fn double_forked(world: &World, prepared: &mut Prepared, tag: &str) -> Child {
    let mut command = world.command(prepared, &["double_fork", tag]);
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
    let mut line = String::new();
    let output = child.stdout.take().expect("its output");
    BufReader::new(output).read_line(&mut line).expect("a line");
    assert_eq!(line, format!("left {tag}\n"));
    child
}

fn assert_nobody_is_left(tag: &str) {
    let left = processes_with(tag);
    assert!(left.is_empty(), "{left:?}");
}

fn end_of_a_tree(machine: Machine) {
    let world = World::new();
    let sandbox = world.sandbox(machine);
    let mut longest = Duration::ZERO;
    for round in 0..10 {
        let tag = format!("tag-{machine:?}-{}-{round}", std::process::id());
        let mut prepared = sandbox.prepare(&world.profile()).expect("a place");
        let mut child = double_forked(&world, &mut prepared, &tag);
        let there = processes_with(&tag);
        assert!(
            there.len() >= 2,
            "not the server and what it left: {there:?}"
        );
        let tree = Tree::of(child.id()).expect("a tree");
        let begun = Instant::now();
        tree.end().expect("an end");
        longest = longest.max(begun.elapsed());
        assert_nobody_is_left(&tag);
        child.wait().expect("its status");
    }
    println!("{machine:?}: the longest end took {longest:?}");
    assert!(longest <= Duration::from_millis(END_MS_MAX), "{longest:?}");
}

#[test]
fn whoever_forks_twice_ends_with_the_rest() {
    end_of_a_tree(Machine::Whole);
}

#[test]
fn whoever_forks_twice_ends_with_the_rest_where_no_namespaces_are_permitted() {
    end_of_a_tree(Machine::WithoutNamespaces);
}

/// The kernel tells of the end of the thread that started a process, as of that of the gateway.
fn end_of_the_parent(machine: Machine) {
    let world = World::new();
    let sandbox = world.sandbox(machine);
    let tag = format!("tag-parent-{machine:?}-{}", std::process::id());
    let mut prepared = sandbox.prepare(&world.profile()).expect("a place");
    let started = thread::scope(|scope| {
        let start = || double_forked(&world, &mut prepared, &tag);
        scope.spawn(start).join().expect("a server")
    });
    let begun = Instant::now();
    while !processes_with(&tag).is_empty() {
        assert!(
            begun.elapsed() < Duration::from_secs(5),
            "{:?}",
            processes_with(&tag)
        );
        thread::sleep(Duration::from_millis(5));
    }
    println!(
        "{machine:?}: all were gone {:?} after the parent",
        begun.elapsed()
    );
    drop(started);
}

#[test]
fn the_end_of_the_gateway_is_the_end_of_the_server() {
    end_of_the_parent(Machine::Whole);
}

#[test]
fn the_end_of_the_gateway_is_the_end_of_the_server_where_no_namespaces_are_permitted() {
    end_of_the_parent(Machine::WithoutNamespaces);
}

fn status_of(sandbox: &Sandbox, script: &str) -> ExitStatus {
    let profile = varistor_sandbox::Profile {
        execute: vec!["/usr/bin".into(), "/bin".into()],
        ..Default::default()
    };
    let mut prepared = sandbox.prepare(&profile).expect("a place");
    let mut command = prepared
        .command(&["/bin/sh", "-c", script])
        .expect("a command");
    command.status().expect("a status")
}

#[test]
fn the_launcher_ends_as_the_server_ended() {
    let world = World::new();
    for machine in [Machine::Whole, Machine::WithoutNamespaces] {
        let sandbox = world.sandbox(machine);
        assert_eq!(status_of(&sandbox, "exit 0").code(), Some(0));
        assert_eq!(status_of(&sandbox, "exit 137").code(), Some(137));
        assert_eq!(status_of(&sandbox, "kill -TERM $$").signal(), Some(15));
        assert_eq!(status_of(&sandbox, "kill -SEGV $$").signal(), Some(11));
        assert_eq!(status_of(&sandbox, "sleep 300 & exit 3").code(), Some(3));
    }
}

#[test]
fn a_server_that_is_asked_may_end_in_its_own_way() {
    let world = World::new();
    for machine in [Machine::Whole, Machine::WithoutNamespaces] {
        let sandbox = world.sandbox(machine);
        let profile = varistor_sandbox::Profile {
            execute: vec!["/usr/bin".into(), "/bin".into()],
            ..Default::default()
        };
        let mut prepared = sandbox.prepare(&profile).expect("a place");
        let script = "trap 'exit 9' TERM; echo ready; while :; do sleep 0.01; done";
        let mut command = prepared
            .command(&["/bin/sh", "-c", script])
            .expect("a command");
        let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
        let mut line = String::new();
        let output = child.stdout.take().expect("its output");
        BufReader::new(output).read_line(&mut line).expect("a line");
        Tree::of(child.id())
            .expect("a tree")
            .ask()
            .expect("a question");
        assert_eq!(child.wait().expect("a status").code(), Some(9));
    }
}

#[test]
fn a_server_that_closes_its_output_is_noticed_while_it_runs() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let profile = varistor_sandbox::Profile {
        execute: vec!["/usr/bin".into(), "/bin".into()],
        ..Default::default()
    };
    let mut prepared = sandbox.prepare(&profile).expect("a place");
    let script = "echo last; exec >&-; exec sleep 300";
    let mut command = prepared
        .command(&["/bin/sh", "-c", script])
        .expect("a command");
    let mut child = command.stdout(Stdio::piped()).spawn().expect("a server");
    let tree = Tree::of(child.id()).expect("a tree");
    let output = child.stdout.take().expect("its output");
    let lines: Vec<_> = BufReader::new(output)
        .lines()
        .map_while(Result::ok)
        .collect();
    assert_eq!(lines, ["last"]); // and not hung: nobody else holds the pipe
    assert!(!tree.has_ended().expect("an answer"));
    tree.end().expect("an end");
    child.wait().expect("a status");
}

#[test]
fn a_hundred_starts_and_ends_leave_nothing() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let open = || fs::read_dir("/proc/self/fd").expect("descriptors").count();
    let before = open();
    let mut temporary = Vec::new();
    for _ in 0..100 {
        let mut prepared = sandbox.prepare(&world.profile()).expect("a place");
        temporary.push(prepared.temporary().to_owned());
        let mut command = prepared.command(&["/bin/sleep", "300"]).expect("a command");
        let mut child = command.spawn().expect("a server");
        let tree = Tree::of(child.id()).expect("a tree");
        tree.end().expect("an end");
        child.wait().expect("a status");
    }
    assert_eq!(open(), before);
    assert!(!temporary.iter().any(|folder| folder.exists()));
}
