//! Connects to a host and passes bytes both ways until both sides have ended.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, Instant};

use rustix::net::sockopt;
use varistor_model::{Host, Target};

use super::left;

/// Time to be connected with one of a host's addresses.
const CONNECT: Duration = Duration::from_secs(10);

/// A connection with the host, at an address where it may be.
pub(super) fn connect(host: &Host, asked: &Target) -> Result<TcpStream, String> {
    let began = Instant::now();
    let found = (asked.name.as_str(), asked.port).to_socket_addrs();
    let found: Vec<SocketAddr> = found
        .map_err(|error| format!("its name can't be looked up: {error}"))?
        .collect();
    let allowed = found.iter().filter(|it| host.may_be_at(it.ip()));
    let mut why = match found.first() {
        None => "its name has no address".to_owned(),
        Some(first) => format!(
            "its name leads to {}, an address of this machine or of a private network; name that \
             address in the policy if it is meant",
            first.ip()
        ),
    };
    for address in allowed {
        let Some(within) = left(began, CONNECT) else {
            break;
        };
        match TcpStream::connect_timeout(address, within) {
            Ok(peer) => return Ok(peer),
            Err(error) => why = format!("it can't be connected: {error}"),
        }
    }
    Err(why)
}

/// Returns when both directions have ended. One that ends is closed to the other side at once, and
/// one that fails ends both.
pub(super) fn both_ways(server: TcpStream, peer: TcpStream) {
    let (Ok(own), Ok(other)) = (server.try_clone(), peer.try_clone()) else {
        return;
    };
    // A peer that has vanished would keep its place for ever; without it, the relay still works.
    let _ = keep_alive(&peer);
    thread::scope(|scope| {
        let up = thread::Builder::new().name("egress".to_owned());
        match up.spawn_scoped(scope, move || one_way(&own, &other)) {
            Ok(_) => one_way(&peer, &server),
            Err(_) => {
                // Without a second thread there is no second direction.
                let _ = peer.shutdown(Shutdown::Both);
            }
        }
    });
}

/// Has the kernel ask a silent peer after half a minute, three times, ten seconds apart.
fn keep_alive(peer: &TcpStream) -> rustix::io::Result<()> {
    sockopt::set_socket_keepalive(peer, true)?;
    sockopt::set_tcp_keepidle(peer, Duration::from_secs(30))?;
    sockopt::set_tcp_keepintvl(peer, Duration::from_secs(10))?;
    sockopt::set_tcp_keepcnt(peer, 3)
}

/// How long the other direction may be silent once one has ended.
const HALF_CLOSED: Duration = Duration::from_secs(300);

fn one_way(mut from: &TcpStream, mut to: &TcpStream) {
    match io::copy(&mut from, &mut to) {
        Ok(_) => {
            let _ = to.shutdown(Shutdown::Write);
            // The direction back reads from there.
            let _ = to.set_read_timeout(Some(HALF_CLOSED));
        }
        Err(_) => {
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        }
    }
}
