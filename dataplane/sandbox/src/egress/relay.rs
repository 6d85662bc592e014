//! Connects to a host and passes bytes both ways until both sides have ended.

use std::io;
use std::net::{Shutdown, SocketAddr, TcpStream, ToSocketAddrs as _};
use std::thread;
use std::time::{Duration, Instant};

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

fn one_way(mut from: &TcpStream, mut to: &TcpStream) {
    match io::copy(&mut from, &mut to) {
        Ok(_) => {
            let _ = to.shutdown(Shutdown::Write);
        }
        Err(_) => {
            let _ = to.shutdown(Shutdown::Both);
            let _ = from.shutdown(Shutdown::Both);
        }
    }
}
