//! Every way out that we know of: open without the sandbox, closed within, on a whole machine and
//! on one that permits no namespaces. Each way is a function of `tests/python/escape.py`.

use std::process::Output;

use crate::world::{Machine, World, is_root};

/// What it takes to make an attempt, and where it must fail.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum Kind {
    /// Anybody can; it fails everywhere.
    Plain,
    /// Only root can without the sandbox.
    Root,
    /// Only namespaces stop it, and a machine without them is not promised to.
    Namespaces,
}

use Kind::{Namespaces, Plain, Root};

/// The attempts, with their arguments.
const ATTEMPTS: &[(Kind, &[&str])] = &[
    // Files.
    (Plain, &["read_file", "{secret}"]),
    (Root, &["read_file", "/etc/shadow"]),
    (Plain, &["list_directory", "{outside}"]),
    (Plain, &["write_file", "{secret}"]),
    (Plain, &["make_file", "{outside}"]),
    (Plain, &["write_own_program"]),
    (Plain, &["truncate", "{readable}"]),
    (Plain, &["truncate", "{secret}"]),
    (Plain, &["change_mode", "{secret}"]),
    (Plain, &["change_mode", "{readable}"]),
    (Plain, &["change_times", "{secret}"]),
    (Plain, &["set_attribute", "{secret}"]),
    (Plain, &["read_through_symlink", "{secret}"]),
    (Plain, &["move_in", "{secret}"]),
    (Plain, &["link_in", "{secret}"]),
    (Plain, &["move_out", "{outside}"]),
    (Plain, &["shared_memory_file"]),
    (Root, &["open_by_handle", "{secret}"]),
    (Root, &["make_device", "{outside}"]),
    (Root, &["write_kernel_setting"]),
    // Other processes.
    (Plain, &["ptrace", "{victim}"]),
    (Plain, &["read_memory", "{victim}"]),
    (Plain, &["open_memory", "{victim}"]),
    (Plain, &["read_command_line", "{victim}"]),
    (Plain, &["copy_memory", "{victim}"]),
    (Plain, &["take_descriptor", "{victim}"]),
    (Plain, &["send_signal", "{victim}"]),
    (Plain, &["set_limit", "{victim}"]),
    (Plain, &["set_priority", "{victim}"]),
    (Plain, &["signal_parent"]),
    (Root, &["enter_namespace", "{victim}"]),
    (Namespaces, &["see_processes", "{victim}"]),
    // Sockets.
    (Plain, &["connect_socket_file", "{stream}"]),
    (Plain, &["connect_abstract", "{abstract}"]),
    (Plain, &["send_from_pair", "{datagram}"]),
    (Plain, &["connect_tcp", "{tcp}"]),
    (Plain, &["listen_tcp"]),
    (Plain, &["send_udp", "{udp}"]),
    (Root, &["raw_socket"]),
    (Root, &["packet_socket"]),
    (Plain, &["netlink_socket"]),
    // The kernel.
    (Plain, &["io_uring"]),
    (Root, &["bpf"]),
    (Plain, &["keyring"]),
    (Root, &["performance_events"]),
    (Plain, &["userfault"]),
    (Root, &["mount"]),
    (Root, &["new_mount_api"]),
    (Plain, &["new_user_namespace"]),
    (Plain, &["clone_namespace"]),
    (Plain, &["clone3_namespace"]),
    (Root, &["change_root"]),
    (Plain, &["personality"]),
    (Root, &["system_log"]),
    (Plain, &["calls_of_32_bits"]),
    (Root, &["terminal_input"]),
    // Programs.
    (Plain, &["start_program", "/usr/bin/id"]),
    (Plain, &["start_from_memory"]),
    (Root, &["become_another_user", "{setuid}"]),
    // What is handed down.
    (Plain, &["inherited_descriptor"]),
    (Plain, &["environment"]),
    // Limits.
    (Plain, &["raise_core_limit"]),
    (Namespaces, &["many_processes", "600"]),
    (Plain, &["much_memory", "536870912"]),
    (Plain, &["much_disk", "268435456"]),
    (Plain, &["many_descriptors", "300"]),
];

/// Makes every attempt, and says which were made.
fn try_all(machine: Machine) {
    let world = World::new();
    if is_root() {
        world.make_setuid();
    }
    let sandbox = world.sandbox(machine);
    let mut wrong = Vec::new();
    let mut made = 0;
    for (kind, words) in ATTEMPTS {
        if *kind == Root && !is_root() {
            println!("NOT TRIED, needs root: {words:?}");
            continue;
        }
        if *kind == Namespaces && machine == Machine::WithoutNamespaces {
            continue;
        }
        let open = world.open(words);
        if open.status.code() != Some(0) {
            wrong.push(format!("{words:?} is not open without: {}", told(&open)));
        }
        let closed = world.closed(&sandbox, words);
        let told = told(&closed);
        println!("{words:?}: {told}");
        if closed.status.code() != Some(1) || !told.starts_with("closed: ") {
            wrong.push(format!("{words:?} is not closed: {told}"));
        }
        made += 1;
    }
    println!("{machine:?}: {made} ways out tried");
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
    assert!(made >= 25, "{made}");
}

fn told(output: &Output) -> String {
    let (out, err) = (&output.stdout, &output.stderr);
    let text = [String::from_utf8_lossy(out), String::from_utf8_lossy(err)].concat();
    format!("{} ({})", text.trim(), output.status)
}

#[test]
fn every_way_out_is_closed() {
    try_all(Machine::Whole);
}

#[test]
fn every_way_out_is_closed_where_no_namespaces_are_permitted() {
    try_all(Machine::WithoutNamespaces);
}

#[test]
fn this_machine_has_every_layer() {
    let world = World::new();
    let missing: Vec<_> = world.sandbox(Machine::Whole).available();
    let missing: Vec<_> = missing.iter().filter(|layer| !layer.is_available).collect();
    assert!(missing.is_empty(), "tested without them: {missing:?}");
    let without = world.sandbox(Machine::WithoutNamespaces).available();
    assert!(
        without.iter().any(|layer| !layer.is_available),
        "{without:?}"
    );
}

#[test]
fn required_namespaces_that_are_missing_are_an_error_that_names_them() {
    let world = World::new();
    let mut profile = world.profile();
    profile.namespaces = varistor_sandbox::Namespaces::Required;
    let sandbox = world.sandbox(Machine::WithoutNamespaces);
    let told = sandbox
        .prepare(&profile)
        .expect_err("a refusal")
        .to_string();
    assert!(
        told.contains("namespaces") && told.contains("max_user_namespaces"),
        "{told}"
    );
}

#[test]
fn what_the_profile_names_is_permitted() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let secret = world.fill("{secret}");
    let mut profile = world.profile();
    profile.read.push(secret.clone().into());
    profile.write.push(world.path("temporary"));
    profile.execute.push("/usr/bin/id".into());
    profile.unix_sockets = true;
    profile.network = varistor_sandbox::Network::Tcp(vec![world.fill("{tcp}").parse().unwrap()]);
    let temporary = world.fill(&world.path("temporary").display().to_string());
    let permitted: [&[&str]; 6] = [
        &["read_file", "{secret}"],
        &["make_file", &temporary],
        &["change_mode", &temporary],
        &["start_program", "/usr/bin/id"],
        &["connect_socket_file", "{stream}"],
        &["connect_tcp", "{tcp}"],
    ];
    for words in permitted {
        let mut prepared = sandbox.prepare(&profile).unwrap();
        let output = world.command(&mut prepared, words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(0),
            "{words:?}: {}",
            told(&output)
        );
    }
    let refused: [&[&str]; 6] = [
        &["write_file", "{secret}"],
        &["make_file", "{outside}"],
        &["connect_tcp", "1"],
        &["listen_tcp"],
        &["send_udp", "{udp}"],
        &["netlink_socket"],
    ];
    for words in refused {
        let mut prepared = sandbox.prepare(&profile).unwrap();
        let output = world.command(&mut prepared, words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(1),
            "{words:?}: {}",
            told(&output)
        );
    }
}

#[test]
fn relaxed_reads_everything_and_changes_nothing() {
    let world = World::new();
    let sandbox = world.sandbox(Machine::Whole);
    let mut profile = world.profile();
    profile.level = varistor_sandbox::Level::Relaxed;
    let cases: [(i32, &[&str]); 5] = [
        (0, &["read_file", "{secret}"]),
        (0, &["start_program", "/usr/bin/id"]),
        (1, &["write_file", "{secret}"]),
        (1, &["connect_tcp", "{tcp}"]),
        (1, &["send_signal", "{victim}"]),
    ];
    for (expected, words) in cases {
        let mut prepared = sandbox.prepare(&profile).unwrap();
        let output = world.command(&mut prepared, words).output().unwrap();
        assert_eq!(
            output.status.code(),
            Some(expected),
            "{words:?}: {}",
            told(&output)
        );
    }
}
