//! The keeper of one child: a process between the gateway and the child, whose only work is that
//! nothing of the child outlives it.
//!
//! It is this very program, started again with a first argument of its own. It leads a session, is
//! the reaper of everything that descends from the child (`PR_SET_CHILD_SUBREAPER`: also of what
//! forks twice or leads another session), and is told when the gateway dies. It ends once all of
//! them have ended:
//!
//! - the child ends: what it left behind is killed;
//! - SIGTERM: all get SIGTERM, and SIGKILL once the grace is over;
//! - SIGINT, or the gateway is gone: all get SIGKILL at once.

use std::ffi::OsStr;
use std::fs;
use std::io;
use std::os::fd::{AsFd as _, RawFd};
use std::os::unix::process::CommandExt as _;
use std::process::{Child, Command, ExitCode, Stdio};
use std::sync::Arc;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Resource, Rlimit, Signal};
use signal_hook::consts::{SIGCHLD, SIGINT, SIGTERM};
use signal_hook::iterator::Signals;
use varistor_sandbox::{Error, Profile, Sandbox, Temporary};

use crate::order::Order;
use crate::tree;

/// The first argument by which this program knows that it is a keeper.
const KEEPER: &str = "--varistor-keeper";
/// Exit codes as shells have them: the command can't be executed, or is not there.
const NOT_EXECUTABLE: u8 = 126;
const NOT_FOUND: u8 = 127;
/// How often a keeper that ends its tree looks whether it is gone.
const LOOK: Duration = Duration::from_millis(5);
/// Descriptors that a child may open unless it asks for more: the gateway's own bound is higher
/// than many programs can deal with.
const DESCRIPTORS: u64 = 1024;

/// What a bridge starts: the keeper, with its standard streams to be set.
pub(crate) fn command() -> Command {
    let mut command = Command::new("/proc/self/exe");
    command
        .arg0("varistor-keeper")
        .arg(KEEPER)
        .arg(std::process::id().to_string())
        .env_clear()
        .stdin(Stdio::piped())
        .stdout(Stdio::piped())
        .stderr(Stdio::piped());
    command
}

/// To be called first thing by a program that runs a bridge: keeps a child when it was started for
/// that. `None`: it was not.
#[must_use]
pub fn keep_if_asked() -> Option<ExitCode> {
    let mut args = std::env::args_os().skip(1);
    if args.next().as_deref() != Some(OsStr::new(KEEPER)) {
        return None;
    }
    let parent = args.next()?;
    let parent = parent.to_str().and_then(|text| text.parse().ok());
    Some(match keep(parent.and_then(Pid::from_raw)) {
        Ok(code) => ExitCode::from(code),
        Err(error) => {
            eprintln!("it can't be started: {error}");
            ExitCode::from(NOT_EXECUTABLE)
        }
    })
}

fn keep(gateway: Option<Pid>) -> io::Result<u8> {
    rustix::process::setsid()?;
    rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
    rustix::process::set_parent_process_death_signal(Some(Signal::INT))?;
    if rustix::process::getppid() != gateway {
        // It has died before it could be told of.
        return Ok(NOT_EXECUTABLE);
    }
    close_inherited()?;
    let mut signals = Signals::new([SIGCHLD, SIGINT, SIGTERM])?;
    let stdin = io::stdin();
    let order = Order::read(|room| Ok(rustix::io::read(stdin.as_fd(), room)?))?;
    // The second one is the temporary directory of a sandbox, which lasts as long as this process.
    let (child, _temporary) = match started(&order) {
        Ok(started) => started,
        Err(error) => {
            eprintln!("{}: {error}", order.command.first().map_or("", |it| it));
            let missing = error.kind() == io::ErrorKind::NotFound;
            return Ok(if missing { NOT_FOUND } else { NOT_EXECUTABLE });
        }
    };
    let ending = Ending {
        grace: Duration::from_millis(order.grace_ms),
        only: order.sandbox.is_some().then_some(child),
    };
    drop(order);
    // The ends of the streams belong to the child: else neither side would see the other close.
    let nothing = fs::File::options()
        .read(true)
        .write(true)
        .open("/dev/null")?;
    nix::unistd::dup2_stdin(&nothing)?;
    nix::unistd::dup2_stdout(&nothing)?;
    let mut code = None;
    watch(&mut signals, &ending, |pid, ended| {
        if pid == child {
            code = Some(ended);
        }
        code.is_some()
    });
    tree::kill_own_descendants(|pid, ended| {
        if pid == child {
            code.get_or_insert(ended);
        }
    });
    Ok(code.and_then(|code| u8::try_from(code).ok()).unwrap_or(1))
}

/// The child, in its sandbox or in a process group of its own.
fn started(order: &Order) -> io::Result<(Pid, Option<Temporary>)> {
    match &order.sandbox {
        Some(profile) => {
            let (child, temporary) = kept_in(profile, order)?;
            Ok((pid_of(&child)?, Some(temporary)))
        }
        None => Ok((pid_of(&free(order)?)?, None)),
    }
}

/// It asks the kernel anew which layers it has: that takes about a millisecond, and a keeper knows
/// nothing of what the gateway knows.
fn kept_in(profile: &Profile, order: &Order) -> io::Result<(Child, Temporary)> {
    let mut profile = profile.clone();
    profile.environment.extend(order.env.iter().cloned());
    profile.directory = Some(order.directory.clone());
    let refused = |error: Error| match error {
        Error::Program { .. } => io::Error::new(io::ErrorKind::NotFound, error),
        _ => io::Error::other(error),
    };
    let sandbox = Sandbox::of_this_program().map_err(refused)?;
    let mut prepared = sandbox.prepare(&profile).map_err(refused)?;
    let child = prepared.command(&order.command).map_err(refused)?.spawn()?;
    // The gateway logs what this process says, with the server's name.
    let tell = |line: &str| eprintln!("{line}");
    prepared.let_out(Arc::new(tell)).map_err(refused)?;
    Ok((child, prepared.into_temporary()))
}

fn free(order: &Order) -> io::Result<Child> {
    let (program, arguments) = order
        .command
        .split_first()
        .ok_or(io::ErrorKind::InvalidInput)?;
    let maximum = rustix::process::getrlimit(Resource::Nofile).maximum;
    let current = Some(maximum.unwrap_or(DESCRIPTORS).min(DESCRIPTORS));
    rustix::process::setrlimit(Resource::Nofile, Rlimit { current, maximum })?;
    Command::new(program)
        .args(arguments)
        .env_clear()
        .envs(order.env.iter().map(|(name, value)| (name, value)))
        .current_dir(&order.directory)
        .process_group(0)
        .spawn()
}

fn pid_of(child: &Child) -> io::Result<Pid> {
    let pid = i32::try_from(child.id()).ok().and_then(Pid::from_raw);
    pid.ok_or_else(|| io::ErrorKind::InvalidData.into())
}

/// How a child is asked to end.
struct Ending {
    /// Time that it has then.
    grace: Duration,
    /// The launcher of a sandbox, which passes the signal on; without one, all are asked.
    only: Option<Pid>,
}

impl Ending {
    fn ask(&self) {
        match self.only {
            // It may have ended meanwhile, which is what is wanted.
            Some(launcher) => drop(rustix::process::kill_process(launcher, Signal::TERM)),
            None => tree::signal_all(rustix::process::getpid(), Signal::TERM),
        }
    }
}

/// Returns when what is left is to be killed; `ended` is told of every process that has ended, and
/// says whether the child has.
fn watch(signals: &mut Signals, ending: &Ending, mut ended: impl FnMut(Pid, i32) -> bool) {
    let mut until: Option<Instant> = None;
    loop {
        let arrived: Vec<_> = match until {
            None => signals.wait().collect(),
            Some(_) => {
                std::thread::sleep(LOOK);
                signals.pending().collect()
            }
        };
        if arrived.contains(&SIGINT) {
            return;
        }
        if arrived.contains(&SIGTERM) && until.is_none() {
            ending.ask();
            until = Instant::now().checked_add(ending.grace);
        }
        let mut over = false;
        let others = tree::reap(&mut |pid, code| over |= ended(pid, code));
        if over || !others || until.is_some_and(|until| Instant::now() >= until) {
            return;
        }
    }
}

/// Closes everything but the standard streams: the gateway's descriptors are none of a child's.
fn close_inherited() -> io::Result<()> {
    let open: Vec<RawFd> = fs::read_dir("/proc/self/fd")?
        .flatten()
        .filter_map(|entry| entry.file_name().to_str()?.parse().ok())
        .filter(|fd| *fd > 2)
        .collect();
    for fd in open {
        // The descriptor of the list itself is closed by now.
        let _ = nix::unistd::close(fd);
    }
    Ok(())
}
