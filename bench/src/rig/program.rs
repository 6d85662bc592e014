//! A child process on cores of its own, which ends with the value that holds it.
//!
//! Pinning and the tie to this process come from taskset and setpriv, which replace themselves by
//! the program: the process id stays, and nobody has to write unsafe code between fork and exec.

use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Stdio};
use std::time::{Duration, Instant};

use anyhow::{Context as _, bail, ensure};
use rustix::process::{Pid, Signal, kill_process};

use super::interrupt;
use crate::family;

/// How long a program may take to end after it was asked to.
const END_WAIT: Duration = Duration::from_secs(15);
/// How often a child is looked at.
const LOOK: Duration = Duration::from_millis(10);

/// Cores, as taskset takes them: `0`, `0,2`, `0-3`.
#[derive(Clone)]
pub(crate) struct Cores {
    list: String,
    /// How many they are.
    pub(crate) count: u32,
}

impl Cores {
    /// # Errors
    /// This machine does not have them all.
    pub(crate) fn new(list: &str) -> anyhow::Result<Self> {
        // These variables would make nproc count something else.
        let tried = Command::new("taskset")
            .args(["-c", list, "nproc"])
            .env_remove("OMP_NUM_THREADS")
            .env_remove("OMP_THREAD_LIMIT")
            .output();
        let tried = tried.context("taskset cannot be started")?;
        ensure!(
            tried.status.success(),
            "the cores {list:?} are not all there ({}); name others",
            String::from_utf8_lossy(&tried.stderr).trim()
        );
        let count = String::from_utf8_lossy(&tried.stdout).trim().parse();
        Ok(Self {
            list: list.to_owned(),
            count: count.context("nproc says no number")?,
        })
    }
}

/// A program that was started.
pub(crate) struct Program {
    child: Child,
    name: String,
    said: Option<BufReader<std::process::ChildStdout>>,
}

impl Program {
    /// Starts it, with its standard output here and its standard error nowhere.
    ///
    /// # Errors
    /// It cannot be started.
    pub(crate) fn start(cores: &Cores, program: &Path, args: &[&str]) -> anyhow::Result<Self> {
        Self::logging(cores, program, args, Stdio::null())
    }

    /// Starts it, with its standard error in a file.
    ///
    /// # Errors
    /// It cannot be started, or the file cannot be created.
    pub(crate) fn logged(
        cores: &Cores,
        program: &Path,
        args: &[&str],
        log: &Path,
    ) -> anyhow::Result<Self> {
        let file = File::create(log).with_context(|| format!("cannot create {}", log.display()))?;
        Self::logging(cores, program, args, Stdio::from(file))
    }

    fn logging(cores: &Cores, program: &Path, args: &[&str], log: Stdio) -> anyhow::Result<Self> {
        // TERM, so that a master can end its workers; what ignores it ends when it is dropped.
        let mut child = Command::new("setpriv")
            .args(["--pdeathsig", "TERM", "taskset", "-c", &cores.list])
            .arg(program)
            .args(args)
            .stdin(Stdio::null())
            .stdout(Stdio::piped())
            .stderr(log)
            .spawn()
            .with_context(|| format!("{} cannot be started", program.display()))?;
        let said = child.stdout.take().map(BufReader::new);
        Ok(Self {
            child,
            name: program.display().to_string(),
            said,
        })
    }

    /// Its process id.
    pub(crate) fn pid(&self) -> u32 {
        self.child.id()
    }

    /// It and the processes that it has started.
    fn family(&self) -> Vec<u32> {
        family::of(&[self.pid()])
    }

    /// The URL of the line `listening on URL`, which every server of ours says first.
    ///
    /// # Errors
    /// It says something else, or nothing.
    pub(crate) fn announced(&mut self) -> anyhow::Result<String> {
        let mut line = String::new();
        let said = self.said.as_mut().context("no standard output")?;
        said.read_line(&mut line)?;
        let url = line.trim().strip_prefix("listening on ");
        let url = url.with_context(|| format!("{} did not start; it said {line:?}", self.name))?;
        Ok(url.to_owned())
    }

    /// Waits until something accepts connections there.
    ///
    /// # Errors
    /// It ends, or does not listen within ten seconds.
    pub(crate) fn listens(&mut self, address: (&str, u16)) -> anyhow::Result<()> {
        let deadline = Instant::now() + Duration::from_secs(10);
        while std::net::TcpStream::connect(address).is_err() {
            if let Some(status) = self.child.try_wait()? {
                bail!("{} ended with {status} instead of listening", self.name);
            }
            ensure!(
                Instant::now() < deadline,
                "{} does not listen on {address:?}",
                self.name
            );
            std::thread::sleep(LOOK);
        }
        Ok(())
    }

    /// Waits for its end; its standard output.
    ///
    /// # Errors
    /// Ctrl-C, or it does not end in `patience`.
    pub(crate) fn output(mut self, patience: Duration) -> anyhow::Result<(bool, String)> {
        let mut said = self.said.take().context("no standard output")?;
        // Read beside the waiting, so that a long report does not fill the pipe.
        let reader = std::thread::spawn(move || {
            let mut text = String::new();
            std::io::Read::read_to_string(&mut said, &mut text).map(|_| text)
        });
        let deadline = Instant::now() + patience;
        let status = loop {
            interrupt::check()?;
            if let Some(status) = self.child.try_wait()? {
                break status;
            }
            ensure!(
                Instant::now() < deadline,
                "{} has not ended after {} s",
                self.name,
                patience.as_secs()
            );
            std::thread::sleep(LOOK);
        };
        let text = reader.join().ok().context("the output was lost")??;
        Ok((status.success(), text))
    }

    /// Asks it to end and waits until it has.
    ///
    /// # Errors
    /// It does not end, or not in order.
    pub(crate) fn end(mut self) -> anyhow::Result<()> {
        self.ask_to_end();
        let deadline = Instant::now() + END_WAIT;
        while Instant::now() < deadline {
            if let Some(status) = self.child.try_wait()? {
                ensure!(status.success(), "{} ended with {status}", self.name);
                return Ok(());
            }
            std::thread::sleep(LOOK);
        }
        bail!("{} does not end when it is asked to", self.name)
    }

    fn ask_to_end(&self) {
        let pid = i32::try_from(self.pid()).ok().and_then(Pid::from_raw);
        if let Some(pid) = pid {
            // It may have ended already.
            let _ = kill_process(pid, Signal::TERM);
        }
    }
}

impl Drop for Program {
    fn drop(&mut self) {
        let family = self.family();
        if family.len() > 1 && matches!(self.child.try_wait(), Ok(None)) {
            // A master ends its workers; killed, it would leave them behind.
            self.ask_to_end();
            let deadline = Instant::now() + Duration::from_secs(2);
            while Instant::now() < deadline && matches!(self.child.try_wait(), Ok(None)) {
                std::thread::sleep(LOOK);
            }
        }
        // It may have ended already.
        let _ = self.child.kill();
        let _ = self.child.wait();
    }
}

/// Where a program of the system is.
///
/// # Errors
/// It is not installed; the message names the package.
pub(crate) fn find(name: &str, package: &str) -> anyhow::Result<PathBuf> {
    let path = std::env::var_os("PATH").unwrap_or_default();
    let folders = std::env::split_paths(&path).chain([PathBuf::from("/usr/sbin")]);
    let mut found = folders
        .map(|folder| folder.join(name))
        .filter(|file| file.is_file());
    found.next().with_context(|| {
        format!(
            "{name} is not installed; install the Debian package {package}, or run `make setup`"
        )
    })
}

/// Runs a program to its end; its standard output.
///
/// # Errors
/// It fails; the message holds what it said.
pub(crate) fn run(program: &Path, arguments: &[&str]) -> anyhow::Result<String> {
    let output = Command::new(program)
        .args(arguments)
        .stdin(Stdio::null())
        .output()
        .with_context(|| format!("{} cannot be started", program.display()))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!(
            "{} {}: {}",
            program.display(),
            arguments.join(" "),
            said.trim()
        );
    }
    Ok(String::from_utf8(output.stdout)?)
}
