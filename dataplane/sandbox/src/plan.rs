//! What the launcher is told: everything resolved, nothing left to decide. It travels in a sealed
//! memfd, not in arguments or the environment, where other processes could read it.

use std::collections::BTreeMap;
use std::fs::File;
use std::io::{self, Read as _, Write as _};
use std::os::fd::{AsFd, OwnedFd};
use std::path::PathBuf;

use rustix::fs::{MemfdFlags, SealFlags};
use rustix::io::FdFlags;
use serde::{Deserialize, Serialize};

use crate::profile::{Limits, Network};

/// Bytes of the longest plan: what a command line and an environment may have on Linux, doubled.
const PLAN_BYTES_MAX: u64 = 4 << 20;

/// Everything that the launcher does for one start.
#[derive(Debug, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Plan {
    /// The process that spawns the launcher, whose end is the end of the server.
    pub(crate) parent: u32,
    /// Absolute path of what is executed.
    pub(crate) program: PathBuf,
    /// Arguments, the name of the program first.
    pub(crate) argv: Vec<String>,
    /// The whole environment.
    pub(crate) environment: BTreeMap<String, String>,
    /// Working directory.
    pub(crate) directory: PathBuf,
    /// The private temporary directory.
    pub(crate) temporary: PathBuf,
    /// What may be done with which path.
    pub(crate) grants: Vec<Grant>,
    /// Which network.
    pub(crate) network: Network,
    /// Whether sockets of the Unix domain may be opened.
    pub(crate) unix_sockets: bool,
    /// The rights that Landlock handles: the highest ABI that was found.
    pub(crate) landlock_abi: u8,
    /// Whether users, processes, network, mounts and IPC get namespaces of their own.
    pub(crate) namespaces: bool,
    /// Whether `/proc` shows the server's own processes only.
    pub(crate) own_proc: bool,
    /// How much may be used.
    pub(crate) limits: Limits,
    /// Whether the launcher waits for a tracer first.
    pub(crate) traced: bool,
}

/// A path, and what may be done with it and everything beneath.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub(crate) struct Grant {
    /// Absolute.
    pub(crate) path: PathBuf,
    /// What may be done.
    pub(crate) access: Access,
    /// Whether the start fails where the path does not exist.
    pub(crate) is_required: bool,
}

/// What may be done with a path.
#[derive(Clone, Copy, Debug, PartialEq, Eq, PartialOrd, Ord, Serialize, Deserialize)]
pub(crate) enum Access {
    /// Read files, list directories.
    Read,
    /// Read, and start as programs.
    Execute,
    /// Read, write, make and remove files, directories, links and pipes.
    Write,
    /// Read and write a device.
    Device,
}

impl Grant {
    /// A grant of a path that may be missing on this machine.
    pub(crate) fn where_present(path: impl Into<PathBuf>, access: Access) -> Self {
        Self {
            path: path.into(),
            access,
            is_required: false,
        }
    }

    /// A grant of a path that must be there.
    pub(crate) fn required(path: impl Into<PathBuf>, access: Access) -> Self {
        Self {
            path: path.into(),
            access,
            is_required: true,
        }
    }
}

impl Plan {
    /// Writes the plan into a sealed memfd. It is inherited by what this process starts; launchers
    /// close what is not theirs before they execute anything.
    pub(crate) fn into_memory(self) -> io::Result<OwnedFd> {
        let bytes = serde_json::to_vec(&self)?;
        let flags = MemfdFlags::CLOEXEC | MemfdFlags::ALLOW_SEALING;
        let mut file = File::from(rustix::fs::memfd_create("varistor-plan", flags)?);
        file.write_all(&bytes)?;
        let seals = SealFlags::WRITE | SealFlags::SHRINK | SealFlags::GROW | SealFlags::SEAL;
        rustix::fs::fcntl_add_seals(&file, seals)?;
        rustix::io::fcntl_setfd(file.as_fd(), FdFlags::empty())?;
        Ok(file.into())
    }

    /// Reads a plan. Refuses what is no plan, or longer than any can be.
    pub(crate) fn read(file: File) -> io::Result<Self> {
        let mut bytes = Vec::new();
        file.take(PLAN_BYTES_MAX + 1).read_to_end(&mut bytes)?;
        if bytes.len() as u64 > PLAN_BYTES_MAX {
            return Err(io::Error::other("the plan is too long"));
        }
        Ok(serde_json::from_slice(&bytes)?)
    }
}

#[cfg(test)]
pub(crate) fn example() -> Plan {
    Plan {
        parent: 1,
        program: "/bin/true".into(),
        argv: vec!["true".to_owned()],
        environment: BTreeMap::new(),
        directory: "/".into(),
        temporary: "/tmp/x".into(),
        grants: vec![Grant::where_present("/usr/lib", Access::Read)],
        network: Network::None,
        unix_sockets: false,
        landlock_abi: 3,
        namespaces: true,
        own_proc: true,
        limits: Limits::default(),
        traced: false,
    }
}

#[cfg(test)]
mod tests {
    use std::os::fd::AsRawFd as _;

    use super::*;

    #[test]
    fn a_plan_survives_its_way_and_can_not_be_changed_on_it() {
        let memory = example().into_memory().unwrap();
        let path = format!("/proc/self/fd/{}", memory.as_raw_fd());
        assert_eq!(Plan::read(File::open(path).unwrap()).unwrap(), example());
        let mut file = File::from(memory);
        assert!(file.write_all(b"x").is_err());
    }
}
