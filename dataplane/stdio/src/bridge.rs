//! The bridge: the thread that runs stdio servers. Workers reach it in memory: nobody else does.

use core::cell::{Cell, RefCell};
use std::collections::HashMap;
use std::fs;
use std::io;
use std::net::SocketAddr;
use std::pin::Pin;
use std::rc::Rc;
use std::sync::Arc;
use std::thread::JoinHandle;
use std::time::{Duration, Instant};

use rustix::process::{Pid, Signal, WaitOptions, kill_process, waitpid};
use tokio::sync::{Semaphore, mpsc, oneshot, watch};

use crate::child::{MARK, files};
use crate::conduit::{Arrival, Conduit, conduit};
use crate::connection;
use crate::gauge::Board;
use crate::say::Say;
use crate::server::Server;
use crate::spec::{Source, Spec};
use crate::tree;

/// What a bridge is made of.
pub struct Options {
    /// Whether the operator has stopped the server of this name.
    pub stopped: Box<dyn Fn(&str) -> bool + Send>,
    /// Changes whenever what is stopped does.
    pub stops: watch::Receiver<usize>,
    /// Says something to the operator.
    pub say: Say,
    /// Takes what the log is to tell.
    pub told: mpsc::Sender<Told>,
    /// Looks up where servers of HTTP+SSE are.
    pub resolve: Resolve,
}

/// Looks up the addresses of a host and port that may be connected to, those that are not public
/// only where the third argument says so. Empty: there are none.
pub type Resolve = fn(String, u16, bool) -> Pin<Box<dyn Future<Output = Vec<SocketAddr>>>>;

/// Something that the log is to tell.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Told {
    /// The server's name.
    pub server: String,
    /// What happened, in one word.
    pub what: &'static str,
    /// The same in a sentence.
    pub detail: String,
}

/// A running bridge.
pub struct Bridge {
    servers: Servers,
    thread: JoinHandle<()>,
}

/// The servers of a bridge, in the hands of another thread.
#[derive(Clone)]
pub struct Servers {
    commands: mpsc::UnboundedSender<Command>,
    board: Arc<Board>,
}

enum Command {
    Serve(Vec<Spec>),
    Welcome(Arrival),
    End(oneshot::Sender<()>),
}

/// What all servers of a bridge share.
pub(crate) struct Common {
    pub(crate) options: Options,
    servers: RefCell<HashMap<String, Rc<Server>>>,
    /// Servers of before, until nothing is left of their children.
    retired: RefCell<Vec<Rc<Server>>>,
    /// Children of all servers.
    pub(crate) children: Cell<usize>,
    /// Starts at the same time.
    pub(crate) starts: Semaphore,
    /// The value of the variable that marks what descends from children.
    pub(crate) mark: String,
    board: Arc<Board>,
}

/// Most children of all servers together.
pub(crate) const CHILDREN_MAX: usize = 1024;
/// Most children that are being started at the same time: more would only slow each other down.
const STARTS_MAX: usize = 8;
/// How often what is idle is looked for.
const TIDY: Duration = Duration::from_millis(250);
/// Longest wait for children at the end; what is left then is killed.
const END: Duration = Duration::from_secs(10);

impl Bridge {
    /// Starts one, without servers.
    ///
    /// # Errors
    /// When there can be no thread.
    pub fn start(options: Options) -> io::Result<Self> {
        // What is left of a keeper's tree when it was killed comes here.
        rustix::process::set_child_subreaper(Some(rustix::process::getpid()))?;
        let mut mark = [0; 16];
        getrandom::fill(&mut mark).map_err(io::Error::other)?;
        let mark = mark.iter().map(|byte| format!("{byte:02x}")).collect();
        let board = Arc::<Board>::default();
        let shown = Arc::clone(&board);
        let (commands, taken) = mpsc::unbounded_channel();
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()?;
        let run = move || {
            let common = Rc::new(Common {
                options,
                servers: RefCell::default(),
                retired: RefCell::default(),
                children: Cell::new(0),
                starts: Semaphore::new(STARTS_MAX),
                mark,
                board: shown,
            });
            let tasks = tokio::task::LocalSet::new();
            tasks.block_on(&runtime, common.run(taken));
        };
        let thread = std::thread::Builder::new().name("varistor-stdio".into());
        Ok(Self {
            servers: Servers { commands, board },
            thread: thread.spawn(run)?,
        })
    }

    /// Its servers.
    #[must_use]
    pub const fn servers(&self) -> &Servers {
        &self.servers
    }

    /// Ends all children in order, and the thread. Takes some seconds when children don't end.
    pub fn end(self) {
        let (done, ended) = oneshot::channel();
        if self.servers.commands.send(Command::End(done)).is_ok() {
            // An error says that it has ended.
            let _ = ended.blocking_recv();
        }
        let _ = self.thread.join();
    }
}

impl Servers {
    /// Serves these from now on. Those that are as before keep their children. To be called before
    /// anybody may ask for them.
    pub fn serve(&self, specs: Vec<Spec>) {
        // The bridge runs until it is ended.
        let _ = self.commands.send(Command::Serve(specs));
    }

    /// A way to all of them for one request at a time, in HTTP/1.1; the path is the server's name.
    ///
    /// # Errors
    /// When the process has no descriptors left, or the bridge has ended.
    pub fn connect(&self) -> io::Result<Conduit> {
        let (conduit, arrival) = conduit()?;
        let sent = self.commands.send(Command::Welcome(arrival));
        sent.map_err(|_| io::ErrorKind::ConnectionRefused)?;
        Ok(conduit)
    }

    /// What there is to see of them.
    #[must_use]
    pub fn board(&self) -> &Board {
        &self.board
    }
}

impl Common {
    async fn run(self: Rc<Self>, mut commands: mpsc::UnboundedReceiver<Command>) {
        let mut stops = self.options.stops.clone();
        let mut tidy = tokio::time::interval(TIDY);
        tidy.set_missed_tick_behavior(tokio::time::MissedTickBehavior::Delay);
        loop {
            tokio::select! {
                biased;
                Ok(()) = stops.changed() => self.stop(),
                command = commands.recv() => match command {
                    Some(Command::Serve(specs)) => self.serve(specs),
                    Some(Command::Welcome(arrival)) => {
                        tokio::task::spawn_local(connection::serve(Rc::clone(&self), arrival));
                    }
                    Some(Command::End(done)) => {
                        self.end().await;
                        // Whoever asked may have left.
                        let _ = done.send(());
                        return;
                    }
                    None => return,
                },
                _ = tidy.tick() => self.tidy(),
            }
        }
    }

    /// The server of this name.
    pub(crate) fn server(&self, name: &str) -> Option<Rc<Server>> {
        self.servers.borrow().get(name).map(Rc::clone)
    }

    fn serve(self: &Rc<Self>, specs: Vec<Spec>) {
        let gauges = self
            .board
            .serve(specs.iter().map(|spec| spec.name.as_str()));
        let mut before = self.servers.take();
        let mut next = HashMap::with_capacity(specs.len());
        for spec in specs {
            let name = spec.name.clone();
            let kept = before.remove(&name);
            let (same, other) = match kept {
                Some(server) if *server.spec == spec => (Some(server), None),
                other => (None, other),
            };
            before.extend(other.map(|server| (name.clone(), server)));
            let gauge = gauges.get(&name).map(Arc::clone).unwrap_or_default();
            let server = same.unwrap_or_else(|| Rc::new(Server::new(spec, gauge, self)));
            server.start_eagerly();
            next.insert(name, server);
        }
        *self.servers.borrow_mut() = next;
        for (_, server) in before {
            server.retire();
            self.retired.borrow_mut().push(server);
        }
    }

    fn all(&self) -> Vec<Rc<Server>> {
        let servers = self.servers.borrow();
        let retired = self.retired.borrow();
        servers.values().chain(retired.iter()).cloned().collect()
    }

    /// Kills the children of what the operator has stopped.
    fn stop(&self) {
        for server in self.all() {
            if (self.options.stopped)(&server.spec.name) {
                server.kill();
            }
        }
    }

    fn tidy(&self) {
        let now = Instant::now();
        for server in self.all() {
            server.tidy(now);
        }
        for server in self.servers.borrow().values() {
            server.start_eagerly();
        }
        let servers = self.servers.borrow();
        self.retired.borrow_mut().retain(|it| {
            if let (true, Source::Program(program)) = (it.is_gone(), &it.spec.source) {
                let now = servers.get(&it.spec.name).map(|server| &server.spec.source);
                files::leave(program, now);
            }
            !it.is_gone()
        });
        drop(servers);
        self.sweep();
    }

    async fn end(&self) {
        let all = self.all();
        for server in &all {
            server.end();
        }
        let until = Instant::now().checked_add(END);
        let late = || until.is_some_and(|until| Instant::now() >= until);
        let mut killed = false;
        while all.iter().any(|server| !server.is_gone()) {
            if late() && !killed {
                killed = true;
                for server in &all {
                    server.kill();
                }
            }
            tokio::time::sleep(Duration::from_millis(5)).await;
        }
        for server in &all {
            if let Source::Program(program) = &server.spec.source {
                files::take_away(program);
            }
        }
        self.sweep();
    }

    /// Processes that came to the gateway because their keeper was killed: those that descend from
    /// a child are killed, the ends of all are taken in.
    pub(crate) fn sweep(&self) {
        let keepers: Vec<Pid> = self.all().iter().flat_map(|it| it.keepers()).collect();
        let own = tree::children_listed(rustix::process::getpid());
        for pid in own.into_iter().flatten() {
            if keepers.contains(&pid) {
                continue;
            }
            if self.is_marked(pid) {
                tree::signal_all(pid, Signal::KILL);
                // It may have ended meanwhile.
                let _ = kill_process(pid, Signal::KILL);
            }
            let _ = waitpid(Some(pid), WaitOptions::NOHANG);
        }
    }

    fn is_marked(&self, pid: Pid) -> bool {
        let environment = fs::read(format!("/proc/{}/environ", pid.as_raw_nonzero()));
        let mark = format!("{MARK}={}", self.mark);
        let has = |bytes: Vec<u8>| {
            let mut all = bytes.split(|byte| *byte == 0);
            all.any(|one| one == mark.as_bytes())
        };
        environment.is_ok_and(has)
    }
}
