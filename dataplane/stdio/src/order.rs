//! What a keeper is told to start, on its standard input: a length in hex and a JSON document.
//! Not on its command line, where everybody could read the secrets of the environment.

use std::io;
use std::path::PathBuf;

use serde::{Deserialize, Serialize};
use varistor_sandbox::Profile;
use zeroize::{Zeroize as _, Zeroizing};

/// Hex digits of the length.
const DIGITS: usize = 8;
/// Longest order, in bytes.
const ORDER_BYTES_MAX: usize = 1024 * 1024;

/// What is to be started, and how it is ended.
#[derive(Serialize, Deserialize)]
pub(crate) struct Order {
    pub(crate) command: Vec<String>,
    pub(crate) env: Vec<(String, String)>,
    pub(crate) directory: PathBuf,
    /// What it may do, but for its environment and directory; `None`: what the gateway may.
    pub(crate) sandbox: Option<Profile>,
    /// From SIGTERM to SIGKILL, in milliseconds.
    pub(crate) grace_ms: u64,
}

/// The environment may hold secrets.
impl Drop for Order {
    fn drop(&mut self) {
        for (_, value) in &mut self.env {
            value.zeroize();
        }
    }
}

impl Order {
    /// The bytes for the keeper.
    pub(crate) fn written(&self) -> io::Result<Zeroizing<Vec<u8>>> {
        let body = Zeroizing::new(serde_json::to_vec(self)?);
        if body.len() > ORDER_BYTES_MAX {
            return Err(io::Error::other("command and environment are too long"));
        }
        let mut bytes = Zeroizing::new(Vec::with_capacity(body.len().saturating_add(DIGITS)));
        bytes.extend_from_slice(format!("{:08x}", body.len()).as_bytes());
        bytes.extend_from_slice(&body);
        Ok(bytes)
    }

    /// Reads an order, and not a byte more: what follows is for the child.
    pub(crate) fn read(mut read: impl FnMut(&mut [u8]) -> io::Result<usize>) -> io::Result<Self> {
        let mut digits = [0; DIGITS];
        fill(&mut digits, &mut read)?;
        let bytes = core::str::from_utf8(&digits).ok();
        let bytes = bytes.and_then(|text| usize::from_str_radix(text, 16).ok());
        let Some(bytes) = bytes.filter(|bytes| *bytes <= ORDER_BYTES_MAX) else {
            return Err(io::ErrorKind::InvalidData.into());
        };
        let mut body = Zeroizing::new(vec![0; bytes]);
        fill(&mut body, &mut read)?;
        Ok(serde_json::from_slice(&body)?)
    }
}

fn fill(
    mut room: &mut [u8],
    read: &mut impl FnMut(&mut [u8]) -> io::Result<usize>,
) -> io::Result<()> {
    while !room.is_empty() {
        match read(room) {
            Ok(0) => return Err(io::ErrorKind::UnexpectedEof.into()),
            Ok(count) => room = room.get_mut(count..).unwrap_or_default(),
            Err(error) if error.kind() == io::ErrorKind::Interrupted => {}
            Err(error) => return Err(error),
        }
    }
    Ok(())
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::io::Read as _;

    #[test]
    fn an_order_is_read_whole_and_nothing_behind_it() {
        let order = Order {
            command: vec!["/bin/true".into(), "a b".into()],
            env: vec![("KEY".into(), "se\ncret".into())],
            directory: "/".into(),
            sandbox: Some(Profile::default()),
            grace_ms: 7,
        };
        let mut bytes = order.written().unwrap().to_vec();
        bytes.extend_from_slice(b"{\"id\":1}\n");
        let mut input = bytes.as_slice();
        // One byte at a time.
        let again = Order::read(|room| input.read(&mut room[..1])).unwrap();
        assert_eq!(again.command, order.command);
        assert_eq!(again.env, order.env);
        assert!(again.sandbox == order.sandbox);
        assert_eq!(input, b"{\"id\":1}\n");
        for bad in [&b""[..], b"0000000", b"zzzzzzzz", b"00000002{", b"ffffffff"] {
            let mut input = bad;
            assert!(Order::read(|room| input.read(room)).is_err(), "{bad:?}");
        }
    }
}
