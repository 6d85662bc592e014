//! One listening socket per worker on one port: the kernel spreads the connections.

use std::net::{SocketAddr, TcpListener};

use anyhow::Context as _;
use socket2::{Domain, Protocol, Socket, TcpKeepalive, Type};

/// Connections that may wait to be accepted, per worker.
const BACKLOG: i32 = 4096;

/// Silence after which the kernel asks whether a client is still there.
const KEEPALIVE: std::time::Duration = std::time::Duration::from_secs(60);

/// Binds `count` sockets with SO_REUSEPORT; port 0 becomes one free port for all of them.
pub(crate) fn bind(address: SocketAddr, count: usize) -> anyhow::Result<Vec<TcpListener>> {
    // A socket without SO_REUSEPORT gets the port only when nobody has it: two gateways on one port
    // would share its connections, and each refuse the other's tokens.
    drop(bind_one(address, false).with_context(|| taken(address))?);
    let mut address = address;
    let mut listeners = Vec::with_capacity(count);
    for _ in 0..count {
        let listener = bind_one(address, true).with_context(|| taken(address))?;
        address = listener.local_addr()?;
        listeners.push(listener);
    }
    Ok(listeners)
}

fn taken(address: SocketAddr) -> String {
    format!(
        "can't listen on {address}: is the address this machine's, and does no other program have it?"
    )
}

fn bind_one(address: SocketAddr, shared: bool) -> std::io::Result<TcpListener> {
    let socket = Socket::new(
        Domain::for_address(address),
        Type::STREAM,
        Some(Protocol::TCP),
    )?;
    socket.set_reuse_address(true)?;
    socket.set_reuse_port(shared)?;
    socket.set_nonblocking(true)?;
    // Connections inherit it: a client that vanished without a word is noticed.
    socket.set_tcp_keepalive(&TcpKeepalive::new().with_time(KEEPALIVE))?;
    socket.bind(&address.into())?;
    socket.listen(BACKLOG)?;
    Ok(socket.into())
}
