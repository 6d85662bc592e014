//! The launcher: this program once more, as a process with one thread, that puts the layers on and
//! executes the server. One function shows the order. Whatever fails, nothing is executed.

mod apart;
mod files;
mod filter;
mod limits;
mod mind;
mod outlet;
mod probe;
mod syscalls;

use std::ffi::{OsStr, OsString};
use std::fs::File;
use std::io;
use std::os::unix::process::CommandExt as _;
use std::process::{Command, exit};

use nix::unistd::ForkResult;
use rustix::process::{DumpableBehavior, Pid, Signal};

use crate::plan::Plan;
use crate::sys;

pub(crate) use mind::END_SIGNAL;
pub use syscalls::call_name;

/// First argument of the launcher; the number of the plan's descriptor follows.
pub(crate) const LAUNCH: &str = "--sandbox-launch";
/// First argument of the process that finds out what the machine has.
pub(crate) const PROBE: &str = "--sandbox-probe";

/// Exit status of a start that failed; standard error says why.
pub const LAUNCH_FAILED: i32 = 125;

/// What went wrong, and where.
pub(crate) type Failure = (&'static str, io::Error);

/// Does not return if this process was started as a launcher. Must be the first thing that `main`
/// does: before threads, before arguments are read, before anything is opened.
pub fn launch_if_asked() {
    let mut arguments = std::env::args_os().skip(1);
    match arguments.next() {
        Some(first) if first == LAUNCH => {
            let Err((what, error)) = launch(arguments.next());
            fail(what, &error)
        }
        Some(first) if first == PROBE => probe::run(),
        _ => {}
    }
}

/// Ends this process, saying why on standard error.
fn fail(what: &str, error: &io::Error) -> ! {
    eprintln!("varistor sandbox: {what}: {error}; the server was not started");
    exit(LAUNCH_FAILED)
}

/// For `map_err`: at which step it went wrong.
fn at<E: Into<io::Error>>(what: &'static str) -> impl FnOnce(E) -> Failure {
    move |error| (what, error.into())
}

/// A result that is never `Ok`: the process has become another one, or it has failed.
type Never = Result<std::convert::Infallible, Failure>;

/// The first process: outside of the namespaces, the parent of all.
fn launch(descriptor: Option<OsString>) -> Never {
    let plan = read_plan(descriptor.as_deref()).map_err(at("the plan can't be read"))?;
    sys::close_inherited().map_err(at("inherited descriptors can't be closed"))?;
    rustix::process::setsid().map_err(at("no new session"))?;
    mind::hold_signals().map_err(at("signals can't be held"))?;
    rustix::thread::set_no_new_privs(true).map_err(at("no_new_privs can't be set"))?;
    if plan.traced {
        rustix::process::kill_process(rustix::process::getpid(), Signal::STOP)
            .map_err(at("can't wait for the tracer"))?;
    }
    if plan.namespaces {
        apart::leave(&plan).map_err(at("namespaces can't be made"))?;
        outlet::open(&plan).map_err(at("the way to the named hosts can't be opened"))?;
    } else {
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))
            .map_err(at("orphans can't be taken"))?;
    }
    die_with_parent(&plan, END_SIGNAL)?;
    let (ours, theirs) = mind::line().map_err(at("no line between the launcher's processes"))?;
    match sys::fork().map_err(at("can't fork"))? {
        ForkResult::Parent { child } => {
            drop(theirs);
            mind::silence().map_err(at("standard streams can't be let go"))?;
            mind::outside(child, ours)
        }
        ForkResult::Child => {
            drop(ours);
            match plan.namespaces {
                true => inside(&plan, theirs),
                false => {
                    mind::live_with(&theirs).map_err(at("the launcher is gone"))?;
                    become_server(&plan)
                }
            }
        }
    }
}

/// The second process: number 1 of its namespace, whose end the kernel makes the end of all others.
fn inside(plan: &Plan, line: mind::Line) -> Never {
    mind::live_with(&line).map_err(at("the launcher is gone"))?;
    apart::furnish(plan)?;
    match sys::fork().map_err(at("can't fork"))? {
        ForkResult::Parent { child } => {
            mind::silence().map_err(at("standard streams can't be let go"))?;
            mind::within(child, line)
        }
        ForkResult::Child => {
            drop(line);
            become_server(plan)
        }
    }
}

/// The last process: takes every layer on and becomes the server.
fn become_server(plan: &Plan) -> Never {
    rustix::process::setsid().map_err(at("no new session"))?;
    std::env::set_current_dir(&plan.directory).map_err(at("the working directory"))?;
    limits::apply(plan)?;
    apart::drop_capabilities().map_err(at("capabilities can't be dropped"))?;
    files::restrict(plan).map_err(at("Landlock"))?;
    filter::install(plan).map_err(at("seccomp"))?;
    mind::let_go_signals().map_err(at("signals can't be let go"))?;
    let mut command = Command::new(&plan.program);
    command.env_clear().envs(&plan.environment);
    let mut argv = plan.argv.iter();
    if let Some(name) = argv.next() {
        command.arg0(name);
    }
    Err(("the program can't be executed", command.args(argv).exec()))
}

fn read_plan(descriptor: Option<&OsStr>) -> io::Result<Plan> {
    let number = descriptor
        .and_then(OsStr::to_str)
        .and_then(|number| number.parse::<u32>().ok())
        .ok_or_else(|| io::Error::other("only the gateway itself starts this"))?;
    Plan::read(File::open(format!("/proc/self/fd/{number}"))?)
}

/// Has this process get the signal when its parent ends, and hides its memory from others.
fn die_with_parent(plan: &Plan, signal: Signal) -> Result<(), Failure> {
    if !plan.traced {
        // Its memory holds the plan, and so the environment.
        rustix::process::set_dumpable_behavior(DumpableBehavior::NotDumpable)
            .map_err(at("memory can't be hidden"))?;
    }
    rustix::process::set_parent_process_death_signal(Some(signal))
        .map_err(at("can't be told of the parent's end"))?;
    // A parent that ended before that tells nobody.
    let parent = Pid::as_raw(rustix::process::getppid());
    match u32::try_from(parent) == Ok(plan.parent) {
        true => Ok(()),
        false => Err(("the gateway is gone", io::Error::other("its process ended"))),
    }
}
