//! The way out of a server that may reach named hosts only: its network namespace has the loopback
//! and one listener there, which is handed over to the process that started the launcher. What is
//! accepted on it comes out in that process's network, where the proxy decides (`crate::egress`).

use std::io::{self, IoSlice};
use std::mem::MaybeUninit;
use std::net::{Ipv4Addr, TcpListener};
use std::os::fd::AsFd as _;
use std::os::unix::net::UnixStream;

use rustix::net::{
    AddressFamily, RecvFlags, SendAncillaryBuffer, SendAncillaryMessage, SendFlags, SocketFlags,
    SocketType,
};

use crate::egress::{PORT, handover};
use crate::plan::Plan;
use crate::profile::Network;

/// `RTM_NEWLINK`, and the flags of a request that is to be acknowledged.
const NEW_LINK: u16 = 16;
const REQUEST_AND_ACKNOWLEDGE: u16 = 1 | 4;
/// The loopback is the first interface of every network namespace.
const LOOPBACK: i32 = 1;
/// `IFF_UP`.
const UP: u32 = 1;
/// Bytes of `struct nlmsghdr` and `struct ifinfomsg`.
const REQUEST_BYTES: u32 = 32;
/// Where the answer to a request has its error, 0 for none.
const ERROR_AT: core::ops::Range<usize> = 16..20;

/// Opens the way out, where the plan has one. The process must be in the namespace by now, and its
/// temporary directory not yet hidden.
pub(super) fn open(plan: &Plan) -> io::Result<()> {
    let Network::Hosts(_) = plan.network else {
        return Ok(());
    };
    raise_loopback()?;
    let listener = TcpListener::bind((Ipv4Addr::LOCALHOST, PORT))?;
    let starter = UnixStream::connect(handover(&plan.temporary))?;
    let descriptors = [listener.as_fd()];
    let mut space = [MaybeUninit::uninit(); rustix::cmsg_space!(ScmRights(1))];
    let mut control = SendAncillaryBuffer::new(&mut space);
    if !control.push(SendAncillaryMessage::ScmRights(&descriptors)) {
        return Err(io::ErrorKind::InvalidInput.into());
    }
    rustix::net::sendmsg(
        &starter,
        &[IoSlice::new(b"o")],
        &mut control,
        SendFlags::empty(),
    )?;
    Ok(())
}

/// As `ip link set lo up`: a new namespace has it down.
fn raise_loopback() -> io::Result<()> {
    let kernel = rustix::net::socket_with(
        AddressFamily::NETLINK,
        SocketType::RAW,
        SocketFlags::CLOEXEC,
        // Protocol 0 of this family is `NETLINK_ROUTE`.
        None,
    )?;
    let mut request = Vec::with_capacity(32);
    request.extend_from_slice(&REQUEST_BYTES.to_ne_bytes());
    request.extend_from_slice(&NEW_LINK.to_ne_bytes());
    request.extend_from_slice(&REQUEST_AND_ACKNOWLEDGE.to_ne_bytes());
    // Sequence number, port of the kernel, family and type of the link: none.
    request.extend_from_slice(&[0; 12]);
    request.extend_from_slice(&LOOPBACK.to_ne_bytes());
    request.extend_from_slice(&UP.to_ne_bytes());
    request.extend_from_slice(&UP.to_ne_bytes());
    rustix::net::send(&kernel, &request, SendFlags::empty())?;
    let mut answer = [0; 256];
    let (bytes, _) = rustix::net::recv(&kernel, &mut answer, RecvFlags::empty())?;
    let error = answer.get(..bytes).and_then(|answer| answer.get(ERROR_AT));
    let error = error.and_then(|error| error.try_into().ok());
    match error.map(i32::from_ne_bytes) {
        Some(0) => Ok(()),
        Some(error) => Err(io::Error::from_raw_os_error(error.saturating_neg())),
        None => Err(io::ErrorKind::InvalidData.into()),
    }
}
