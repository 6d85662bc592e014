//! What a server could reach for: secrets, sockets, processes, descriptors of the gateway's user.

use std::fs::{self, File};
use std::io::Write as _;
use std::net::{TcpListener, UdpSocket};
use std::os::fd::{AsFd as _, OwnedFd};
use std::os::linux::net::SocketAddrExt as _;
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::{SocketAddr, UnixDatagram, UnixListener};
use std::path::{Path, PathBuf};
use std::process::{Child, Command, Output, Stdio};

use rustix::io::FdFlags;
use rustix::pty::OpenptFlags;
use tempfile::TempDir;
use varistor_sandbox::{Limits, Prepared, Profile, Sandbox};
use varistor_tests::programs;

/// The interpreter of the attempts: the system's, whose libraries any server may read.
pub const PYTHON: &str = "/usr/bin/python3";

/// Whose machine the attempts are made on.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Machine {
    /// As it is.
    Whole,
    /// One that permits no namespaces.
    WithoutNamespaces,
}

/// Whether this process is root, as whom some of the attempts can be made at all.
pub fn is_root() -> bool {
    rustix::process::getuid().is_root()
}

/// Everything that a server could reach for.
pub struct World {
    folder: TempDir,
    victim: Child,
    tcp: TcpListener,
    udp: UdpSocket,
    _stream: UnixListener,
    _datagram: UnixDatagram,
    _abstract: UnixListener,
    _descriptor: File,
}

impl World {
    /// A world of its own for a test.
    pub fn new() -> Self {
        let folder = tempfile::tempdir().expect("a folder");
        let path = folder.path();
        for name in ["outside", "code", "temporary", "machine"] {
            fs::create_dir(path.join(name)).expect("a folder");
        }
        let secret = path.join("outside/secret");
        fs::write(&secret, "secret").expect("a secret");
        fs::set_permissions(&secret, fs::Permissions::from_mode(0o600)).expect("its mode");
        let script = programs::folder().join("python/escape.py");
        fs::copy(script, path.join("code/escape.py")).expect("the attempts");
        let victim = Command::new("sleep").arg("600").spawn().expect("a victim");
        let name = SocketAddr::from_abstract_name(path.as_os_str().as_encoded_bytes());
        let descriptor = File::open(&secret).expect("the secret");
        // What the gateway forgot to close on exec.
        rustix::io::fcntl_setfd(&descriptor, FdFlags::empty()).expect("an inherited descriptor");
        Self {
            victim,
            tcp: TcpListener::bind("127.0.0.1:0").expect("a port"),
            udp: UdpSocket::bind("127.0.0.1:0").expect("a port"),
            _stream: UnixListener::bind(path.join("outside/stream")).expect("a socket"),
            _datagram: UnixDatagram::bind(path.join("outside/datagram")).expect("a socket"),
            _abstract: UnixListener::bind_addr(&name.expect("a name")).expect("a socket"),
            _descriptor: descriptor,
            folder,
        }
    }

    /// A path in this world.
    pub fn path(&self, name: &str) -> PathBuf {
        self.folder.path().join(name)
    }

    /// The number of a process of the same user.
    pub fn victim(&self) -> u32 {
        self.victim.id()
    }

    /// What stands in an argument of an attempt: `{secret}` and the like.
    pub fn fill(&self, argument: &str) -> String {
        let values = [
            (
                "{secret}",
                self.path("outside/secret").display().to_string(),
            ),
            ("{outside}", self.path("outside").display().to_string()),
            (
                "{stream}",
                self.path("outside/stream").display().to_string(),
            ),
            (
                "{datagram}",
                self.path("outside/datagram").display().to_string(),
            ),
            ("{abstract}", self.folder.path().display().to_string()),
            ("{setuid}", self.path("code/id").display().to_string()),
            (
                "{readable}",
                self.path("code/escape.py").display().to_string(),
            ),
            ("{victim}", self.victim().to_string()),
            (
                "{tcp}",
                self.tcp
                    .local_addr()
                    .expect("an address")
                    .port()
                    .to_string(),
            ),
            (
                "{udp}",
                self.udp
                    .local_addr()
                    .expect("an address")
                    .port()
                    .to_string(),
            ),
        ];
        let found = values.into_iter().find(|(name, _)| *name == argument);
        found.map_or_else(|| argument.to_owned(), |(_, value)| value)
    }

    /// A copy of `id` that belongs to somebody else and runs as them. Only root can make one.
    pub fn make_setuid(&self) {
        let path = self.path("code/id");
        fs::copy("/usr/bin/id", &path).expect("a copy");
        std::os::unix::fs::chown(&path, Some(65_534), Some(65_534)).expect("another owner");
        fs::set_permissions(&path, fs::Permissions::from_mode(0o4755)).expect("its mode");
    }

    /// The sandbox of a machine.
    pub fn sandbox(&self, machine: Machine) -> Sandbox {
        let launcher = programs::ours("varictl");
        let launcher = match machine {
            Machine::Whole => launcher,
            Machine::WithoutNamespaces => self.without_namespaces(&launcher),
        };
        Sandbox::with_launcher(&launcher).expect("a sandbox")
    }

    /// A launcher that runs where the kernel makes no more namespaces.
    fn without_namespaces(&self, launcher: &Path) -> PathBuf {
        let path = self.path("machine/launcher");
        let mut file = File::create(&path).expect("a script");
        let text = format!(
            "#!/bin/sh\nexec unshare --user --map-user=1000 --map-group=1000 --keep-caps sh -c \
             'echo 0 > /proc/sys/user/max_user_namespaces && exec {} \"$@\"' sh \"$@\"\n",
            launcher.display()
        );
        file.write_all(text.as_bytes()).expect("a script");
        file.set_permissions(fs::Permissions::from_mode(0o755))
            .expect("its mode");
        path
    }

    /// What the attempts run under: nothing is named but the copy of `id`, and limits are low.
    pub fn profile(&self) -> Profile {
        let id = self.path("code/id");
        Profile {
            execute: if id.exists() { vec![id] } else { Vec::new() },
            limits: Limits {
                memory_bytes: 256 << 20,
                processes: 64,
                open_files: 128,
                file_bytes: 128 << 20,
                temporary_bytes: 64 << 20,
                ..Limits::default()
            },
            ..Profile::default()
        }
    }

    /// The command line of an attempt.
    pub fn attempt(&self, words: &[&str]) -> Vec<String> {
        let script = self.path("code/escape.py").display().to_string();
        let words = words.iter().map(|word| self.fill(word));
        [PYTHON.to_owned(), script]
            .into_iter()
            .chain(words)
            .collect()
    }

    /// Makes an attempt without a sandbox.
    pub fn open(&self, words: &[&str]) -> Output {
        let mut command = Command::new(PYTHON);
        command.args(&self.attempt(words)[1..]);
        command.env("TMPDIR", self.path("temporary"));
        self.run(command)
    }

    /// Makes an attempt in a sandbox.
    pub fn closed(&self, sandbox: &Sandbox, words: &[&str]) -> Output {
        let mut prepared = sandbox.prepare(&self.profile()).expect("a place");
        self.run(self.command(&mut prepared, words))
    }

    /// The command of an attempt in a place of a sandbox.
    pub fn command(&self, prepared: &mut Prepared, words: &[&str]) -> Command {
        prepared.command(&self.attempt(words)).expect("a command")
    }

    /// Runs with a terminal as standard input, and a variable that no server should see.
    fn run(&self, mut command: Command) -> Output {
        let (main, side) = terminal();
        command.env("CANARY", "canary").stdin(Stdio::from(side));
        let output = command.output().expect("an end");
        drop(main); // a terminal whose other end is gone takes nothing
        output
    }
}

impl Drop for World {
    fn drop(&mut self) {
        self.victim.kill().expect("the end of the victim");
        self.victim.wait().expect("its status");
    }
}

/// Both ends of a terminal.
fn terminal() -> (OwnedFd, OwnedFd) {
    let flags = OpenptFlags::RDWR | OpenptFlags::NOCTTY | OpenptFlags::CLOEXEC;
    let main = rustix::pty::openpt(flags).expect("a terminal");
    rustix::pty::grantpt(&main).expect("a terminal");
    rustix::pty::unlockpt(&main).expect("a terminal");
    let name = rustix::pty::ptsname(main.as_fd(), Vec::new()).expect("its name");
    let flags = rustix::fs::OFlags::RDWR | rustix::fs::OFlags::NOCTTY;
    let mode = rustix::fs::Mode::empty();
    let side = rustix::fs::open(&name, flags, mode).expect("its other end");
    (main, side)
}

/// Processes, of any parent, whose command line holds this text.
pub fn processes_with(text: &str) -> Vec<u32> {
    let mut found = Vec::new();
    for entry in fs::read_dir("/proc").expect("/proc").flatten() {
        let pid = entry
            .file_name()
            .to_str()
            .and_then(|name| name.parse().ok());
        let Some(pid) = pid else { continue };
        // Processes that end meanwhile are none.
        let line = fs::read(entry.path().join("cmdline")).unwrap_or_default();
        if String::from_utf8_lossy(&line).contains(text) {
            found.push(pid);
        }
    }
    found
}
