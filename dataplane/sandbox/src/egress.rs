//! The proxy through which a server reaches the hosts that its profile names, and nothing else. It
//! speaks `CONNECT` (RFC 9110 section 9.3.6) on a listener in the server's own network, and runs in
//! the process that started the server, which is in the machine's. Names are looked up here: the
//! server has no DNS, and nothing it says about addresses is believed.

mod relay;
mod request;

use std::collections::BTreeSet;
use std::io::{self, IoSliceMut, Write as _};
use std::mem::MaybeUninit;
use std::net::{TcpListener, TcpStream};
use std::os::unix::net::UnixListener;
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::thread;
use std::time::{Duration, Instant};

use rustix::event::{PollFd, PollFlags, Timespec};
use rustix::net::{RecvAncillaryBuffer, RecvAncillaryMessage, RecvFlags};
use varistor_model::{Host, Target};

/// Port of the proxy on the server's loopback.
pub(crate) const PORT: u16 = 3128;
/// Time that a launcher has to hand its listener over.
const HANDOVER: Duration = Duration::from_secs(30);
/// Connections of one server at once.
const CONNECTIONS_MAX: usize = 256;
/// Refusals that are told of; a server that is refused more often says nothing new.
const TOLD_MAX: usize = 64;
/// How long nothing is accepted after the machine could not.
const PAUSE: Duration = Duration::from_millis(100);

/// Told what the proxy refuses, as a line for a person.
pub type Tell = dyn Fn(&str) + Send + Sync;

/// Where a launcher hands its listener over.
pub(crate) fn handover(temporary: &Path) -> PathBuf {
    temporary.join("egress.sock")
}

/// The variables by which programs find the proxy.
pub(crate) fn environment() -> impl Iterator<Item = (String, String)> {
    let proxy = format!("http://127.0.0.1:{PORT}");
    let names = ["HTTPS_PROXY", "https_proxy", "HTTP_PROXY", "http_proxy"];
    let named = names.map(|name| (name.to_owned(), proxy.clone()));
    // Node.js looks at the others when this is set.
    let node = ("NODE_USE_ENV_PROXY".to_owned(), "1".to_owned());
    named.into_iter().chain([node])
}

/// A listener for the launcher that is about to start.
#[derive(Debug)]
pub(crate) struct Outlet {
    starter: UnixListener,
    path: PathBuf,
    hosts: Vec<Host>,
}

impl Outlet {
    pub(crate) fn new(temporary: &Path, hosts: Vec<Host>) -> io::Result<Self> {
        let path = handover(temporary);
        // Of a start before this one that failed.
        let _ = std::fs::remove_file(&path);
        Ok(Self {
            starter: UnixListener::bind(&path)?,
            path,
            hosts,
        })
    }

    /// Serves the proxy from a thread of its own until this process ends.
    pub(crate) fn serve(self, tell: Arc<Tell>) -> io::Result<()> {
        let thread = thread::Builder::new().name("egress".to_owned());
        thread.spawn(move || {
            let listener = self.take();
            let _ = std::fs::remove_file(&self.path);
            match listener {
                Ok(listener) => Arc::new(Proxy::new(self.hosts, tell)).accept(&listener),
                Err(error) => tell(&format!("there is no way out for the server: {error}")),
            }
        })?;
        Ok(())
    }

    fn take(&self) -> io::Result<TcpListener> {
        let mut ready = [PollFd::new(&self.starter, PollFlags::IN)];
        let within = Timespec::try_from(HANDOVER).map_err(|_| io::ErrorKind::InvalidInput)?;
        if rustix::event::poll(&mut ready, Some(&within))? == 0 {
            return Err(io::ErrorKind::TimedOut.into());
        }
        let (launcher, _) = self.starter.accept()?;
        launcher.set_read_timeout(Some(HANDOVER))?;
        let mut byte = [0];
        let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
        let mut control = RecvAncillaryBuffer::new(&mut space);
        let flags = RecvFlags::CMSG_CLOEXEC;
        rustix::net::recvmsg(
            &launcher,
            &mut [IoSliceMut::new(&mut byte)],
            &mut control,
            flags,
        )?;
        let descriptors = control.drain().find_map(|message| match message {
            RecvAncillaryMessage::ScmRights(mut descriptors) => descriptors.next(),
            _ => None,
        });
        let listener = descriptors.ok_or(io::ErrorKind::InvalidData)?;
        Ok(listener.into())
    }
}

/// What every connection of one server shares.
struct Proxy {
    hosts: Vec<Host>,
    open: AtomicUsize,
    told: Mutex<BTreeSet<String>>,
    tell: Arc<Tell>,
}

impl Proxy {
    fn new(hosts: Vec<Host>, tell: Arc<Tell>) -> Self {
        Self {
            hosts,
            open: AtomicUsize::new(0),
            told: Mutex::default(),
            tell,
        }
    }

    fn accept(self: Arc<Self>, listener: &TcpListener) {
        loop {
            let Ok((server, _)) = listener.accept() else {
                // No descriptor is left, or no memory: it passes or the process does.
                thread::sleep(PAUSE);
                continue;
            };
            let proxy = Arc::clone(&self);
            let before = self.open.fetch_add(1, Ordering::AcqRel);
            let place = Place(Arc::clone(&self));
            if before >= CONNECTIONS_MAX {
                let _ = answer(&server, "503 Service Unavailable", "too many connections");
                continue;
            }
            let thread = thread::Builder::new().name("egress".to_owned());
            // Without a thread the connection is closed, and its place given back.
            let _ = thread.spawn(move || {
                let _place = place;
                proxy.serve(server);
            });
        }
    }

    /// One connection: asked, judged, connected, relayed.
    fn serve(&self, mut server: TcpStream) {
        let asked = match request::read(&mut server) {
            Ok(asked) => asked,
            Err(why) => {
                let _ = answer(&server, "400 Bad Request", why);
                return;
            }
        };
        let Some(host) = self.hosts.iter().find(|host| host.covers(&asked)) else {
            let why = "it is not among the hosts of its policy";
            self.refuse(&server, "403 Forbidden", &asked, why);
            return;
        };
        match relay::connect(host, &asked) {
            Ok(peer) => {
                if answer(&server, "200 Connection Established", "").is_ok() {
                    relay::both_ways(server, peer);
                }
            }
            Err(why) => self.refuse(&server, "502 Bad Gateway", &asked, &why),
        }
    }

    fn refuse(&self, server: &TcpStream, status: &str, asked: &Target, why: &str) {
        let _ = answer(server, status, why);
        let line = format!("no way to {asked}: {why}");
        let mut told = self.told.lock().unwrap_or_else(PoisonError::into_inner);
        if told.len() < TOLD_MAX && told.insert(line.clone()) {
            (self.tell)(&line);
        }
    }
}

/// A connection's place among those that may be open.
struct Place(Arc<Proxy>);

impl Drop for Place {
    fn drop(&mut self) {
        self.0.open.fetch_sub(1, Ordering::AcqRel);
    }
}

/// Answers a request; the reason stands in the body, for whoever looks why.
fn answer(mut server: &TcpStream, status: &str, why: &str) -> io::Result<()> {
    let length = match why.is_empty() {
        // A tunnel has no body (RFC 9110 section 9.3.6).
        true => String::new(),
        false => format!("Content-Length: {}\r\nConnection: close\r\n", why.len()),
    };
    let head = format!("HTTP/1.1 {status}\r\n{length}\r\n{why}");
    server.set_write_timeout(Some(Duration::from_secs(10)))?;
    server.write_all(head.as_bytes())?;
    server.set_write_timeout(None)
}

/// What is left of a time that began then.
fn left(began: Instant, whole: Duration) -> Option<Duration> {
    whole
        .checked_sub(began.elapsed())
        .filter(|left| !left.is_zero())
}
