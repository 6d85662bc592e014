//! Where the mock server listens: a TCP address or a Unix socket.

use std::fmt;
use std::net::{SocketAddr, TcpListener};
use std::os::unix::fs::FileTypeExt;
use std::os::unix::net::{UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::str::FromStr;

use anyhow::Context;

/// What `--listen` says.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(super) enum Place {
    Tcp(SocketAddr),
    Unix(PathBuf),
}

/// A socket that listens.
pub(super) enum Listener {
    Tcp(TcpListener),
    Unix(UnixListener),
}

impl FromStr for Place {
    type Err = String;

    fn from_str(text: &str) -> Result<Self, String> {
        match text.strip_prefix("unix:") {
            Some("") => Err("expected a path after unix:".to_owned()),
            Some(path) => Ok(Self::Unix(path.into())),
            None => text.parse().map(Self::Tcp).map_err(|_| {
                "expected an address like 127.0.0.1:0, or unix: and a path".to_owned()
            }),
        }
    }
}

impl fmt::Display for Place {
    fn fmt(&self, to: &mut fmt::Formatter<'_>) -> fmt::Result {
        match self {
            Self::Tcp(address) => address.fmt(to),
            Self::Unix(path) => write!(to, "unix:{}", path.display()),
        }
    }
}

impl Place {
    /// Binds, with room for so many connections that nobody has accepted.
    ///
    /// # Errors
    /// The address is taken, or the path is.
    pub(super) fn bind(&self, backlog: Option<i32>) -> anyhow::Result<Listener> {
        let failed = || format!("cannot listen on {self}");
        let listener = match self {
            Self::Tcp(address) => Listener::Tcp(TcpListener::bind(address).with_context(failed)?),
            Self::Unix(path) => {
                remove_left_over(path);
                Listener::Unix(UnixListener::bind(path).with_context(failed)?)
            }
        };
        match &listener {
            Listener::Tcp(listener) => {
                listener.set_nonblocking(true)?;
                backlog.map_or(Ok(()), |room| rustix::net::listen(listener, room))?;
            }
            Listener::Unix(listener) => {
                listener.set_nonblocking(true)?;
                backlog.map_or(Ok(()), |room| rustix::net::listen(listener, room))?;
            }
        }
        Ok(listener)
    }
}

/// Removes a socket that a server which has ended left behind.
fn remove_left_over(path: &Path) {
    let is_socket = path
        .metadata()
        .is_ok_and(|data| data.file_type().is_socket());
    if is_socket && UnixStream::connect(path).is_err() {
        // When it cannot be removed, binding says why.
        drop(std::fs::remove_file(path));
    }
}

#[cfg(test)]
mod tests {
    use super::Place;

    #[test]
    fn a_place_is_an_address_or_a_path() {
        for text in ["127.0.0.1:0", "[::1]:80", "unix:/tmp/a b"] {
            assert_eq!(text.parse::<Place>().unwrap().to_string(), text);
        }
        for text in ["unix:", "localhost", "/tmp/a", ""] {
            assert!(text.parse::<Place>().unwrap_err().contains("expected"));
        }
    }

    #[test]
    fn a_socket_that_was_left_behind_gives_way_and_one_in_use_does_not() {
        let directory = tempfile::tempdir().unwrap();
        let place = Place::Unix(directory.path().join("socket"));
        let first = place.bind(None).unwrap();
        assert!(place.bind(None).is_err());
        drop(first);
        assert!(place.bind(Some(5)).is_ok());
    }
}
