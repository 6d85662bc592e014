//! The gateway of the policy directory among all that listens: by the process that answers at its
//! admin socket, and by the port of the policy. A name alone is anybody's.

use std::fs;
use std::os::unix::fs::MetadataExt as _;
use std::os::unix::net::UnixStream;

use rustix::net::sockopt;
use varistor_snapshot::schema::Policy;

use crate::directory::PolicyDir;

/// What the gateway's sockets, and those of this program's own pages, are known by.
pub(super) struct Gateway {
    /// The process at the admin socket.
    process: Option<u32>,
    /// Where the policy says that it listens.
    port: Option<u16>,
}

impl Gateway {
    /// The gateway of this directory, as far as it runs and can be seen.
    pub(super) fn of(dir: Option<&PolicyDir>, policy: Option<&Policy>) -> Self {
        let listen = policy.and_then(|policy| policy.runtime.listen.rsplit(':').next());
        Self {
            process: dir.and_then(at_socket),
            port: listen.and_then(|port| port.parse().ok()),
        }
    }

    /// Whether a socket on this port is its own, or of a page of this program. The processes of
    /// others can't be seen by everybody: then the port decides, while a gateway answers.
    pub(super) fn is_own(&self, port: u16, process: Option<(u32, &str)>) -> bool {
        let is_its_port = self.port == Some(port);
        match (process, self.process) {
            (Some((id, _)), Some(gateway)) if id == gateway => true,
            (Some((id, "varictl")), _) => is_this_program(id),
            // Its admin socket is out of sight, or there is none.
            (Some((_, "varistor")), None) => is_its_port,
            (Some(_), _) => false,
            (None, gateway) => is_its_port && gateway.is_some(),
        }
    }
}

/// The process that answers at the admin socket.
fn at_socket(dir: &PolicyDir) -> Option<u32> {
    let stream = UnixStream::connect(dir.socket()).ok()?;
    let peer = sockopt::socket_peercred(&stream).ok()?;
    u32::try_from(peer.pid.as_raw_nonzero().get()).ok()
}

/// Whether a process runs the very file that this one does.
fn is_this_program(id: u32) -> bool {
    let file = |process: &str| {
        let data = fs::metadata(format!("/proc/{process}/exe")).ok()?;
        Some((data.dev(), data.ino()))
    };
    let own = file("self");
    own.is_some() && own == file(&id.to_string())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_name_alone_makes_nobody_the_gateway() {
        let running = Gateway {
            process: Some(7),
            port: Some(7332),
        };
        assert!(running.is_own(7332, Some((7, "varistor"))));
        assert!(
            running.is_own(9000, Some((7, "anything"))),
            "its other sockets"
        );
        assert!(!running.is_own(7332, Some((8, "varistor"))));
        assert!(running.is_own(7332, None), "of another user");
        assert!(!running.is_own(9000, None));
        let away = Gateway {
            process: None,
            port: Some(7332),
        };
        assert!(away.is_own(7332, Some((8, "varistor"))));
        assert!(!away.is_own(9000, Some((8, "varistor"))));
        assert!(!away.is_own(7332, Some((8, "python3"))));
        assert!(!away.is_own(7332, None));
    }

    #[test]
    fn a_page_is_that_of_this_program_by_its_file() {
        let gateway = Gateway {
            process: None,
            port: None,
        };
        assert!(gateway.is_own(1, Some((std::process::id(), "varictl"))));
        assert!(!gateway.is_own(1, Some((1, "varictl"))));
    }
}
