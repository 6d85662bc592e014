//! What a child is: a process behind its keeper, or an event stream.

use std::io;
use std::rc::Rc;

use rustix::process::{Pid, Signal, kill_process};
use tokio::net::unix::pipe;
use tokio::process::{Child as Process, Command};
use tokio::task::{AbortHandle, JoinHandle};

use super::{Child, errors};
use crate::keeper;
use crate::remote::{Remote, Why};

/// See the module.
pub(super) enum Body {
    /// The process that keeps it.
    Process(Pid),
    Stream(AbortHandle),
}

/// What tells of its end.
pub(super) enum End {
    Process(Process, pipe::Receiver),
    Stream(JoinHandle<Why>),
}

/// A body that has just been started, and the ways into it and out of it.
pub(super) struct Ends {
    pub(super) body: Body,
    pub(super) input: pipe::Sender,
    pub(super) output: pipe::Receiver,
    pub(super) end: End,
}

/// How it ended.
pub(super) struct How {
    /// A sentence for a person.
    pub(super) why: String,
    /// Whether its keeper was killed, so that something may be left.
    pub(super) unkept: bool,
}

impl Body {
    /// To the keeper, whose number must not have been taken in. An event stream knows one signal.
    pub(super) fn signal(&self, signal: Signal) {
        match self {
            // It may just have ended.
            Self::Process(pid) => _ = kill_process(*pid, signal),
            Self::Stream(task) => task.abort(),
        }
    }

    pub(super) const fn pid(&self) -> Option<Pid> {
        match self {
            Self::Process(pid) => Some(*pid),
            Self::Stream(_) => None,
        }
    }
}

impl Ends {
    /// A keeper, which waits for its order.
    pub(super) fn of_program() -> io::Result<Self> {
        let mut process = Command::from(keeper::command()).spawn()?;
        let pid = process.id().and_then(|id| i32::try_from(id).ok());
        let pid = pid.and_then(Pid::from_raw).ok_or(io::ErrorKind::NotFound)?;
        let missing = || io::Error::from(io::ErrorKind::BrokenPipe);
        let stdin = process.stdin.take().ok_or_else(missing)?.into_owned_fd()?;
        let stdout = process.stdout.take().ok_or_else(missing)?.into_owned_fd()?;
        let stderr = process.stderr.take().ok_or_else(missing)?.into_owned_fd()?;
        Ok(Self {
            body: Body::Process(pid),
            input: pipe::Sender::from_owned_fd(stdin)?,
            output: pipe::Receiver::from_owned_fd(stdout)?,
            end: End::Process(process, pipe::Receiver::from_owned_fd(stderr)?),
        })
    }

    pub(super) fn of_stream(remote: Rc<Remote>) -> io::Result<Self> {
        let (input, read) = pipe::pipe()?;
        let (write, output) = pipe::pipe()?;
        let task = tokio::task::spawn_local(remote.run(read, write));
        Ok(Self {
            body: Body::Stream(task.abort_handle()),
            input,
            output,
            end: End::Stream(task),
        })
    }
}

impl End {
    /// Waits for it.
    pub(super) async fn comes(self, child: &Child) -> How {
        let (mut process, stderr) = match self {
            Self::Process(process, stderr) => (process, stderr),
            Self::Stream(task) => {
                return How {
                    // It was given up.
                    why: task.await.unwrap_or_default(),
                    unkept: false,
                };
            }
        };
        let errors = errors::run(stderr, (&child.spec.name, &child.mask), child.say);
        let (status, words) = tokio::join!(process.wait(), errors);
        let code = status.ok().and_then(|status| status.code());
        let how = code.map_or_else(|| "by a signal".to_owned(), |code| format!("with {code}"));
        How {
            why: format!("it ended {how}{words}"),
            unkept: code.is_none(),
        }
    }
}
