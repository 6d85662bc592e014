//! What every program needs of a system: libraries, locales, time zones, certificates, a few
//! devices. Public data of the distribution only; nothing of any user.

use std::path::PathBuf;

use crate::plan::{Access, Grant};

/// Libraries and public data, read with everything beneath.
const READ: &[&str] = &[
    "/lib",
    "/lib64",
    "/usr/lib",
    "/usr/lib64",
    "/usr/libexec",
    "/usr/local/lib",
    "/usr/share",
    "/etc/ld.so.cache",
    "/etc/ld.so.conf",
    "/etc/ld.so.conf.d",
    "/etc/ssl/certs",
    "/etc/ssl/openssl.cnf",
    "/etc/pki/tls",
    "/etc/pki/ca-trust",
    "/etc/ca-certificates",
    "/etc/localtime",
    "/etc/timezone",
    "/etc/locale.alias",
    "/etc/nsswitch.conf",
    "/etc/passwd",
    "/etc/group",
    "/etc/mime.types",
    "/etc/os-release",
    "/sys/devices/system/cpu",
    "/dev/urandom",
    "/dev/random",
];

/// Read where a network is named: names of hosts.
const READ_WITH_NETWORK: &[&str] = &[
    "/etc/hosts",
    "/etc/host.conf",
    "/etc/resolv.conf",
    "/etc/gai.conf",
    "/etc/services",
    "/etc/protocols",
    "/run/systemd/resolve",
];

/// What starts a program with shared libraries. Who may execute the loader may execute whatever
/// file may be read: the list of programs is no bound for hostile code, all other layers are.
const LOADERS: &[&str] = &[
    "/lib64/ld-linux-x86-64.so.2",
    "/lib/ld-musl-x86_64.so.1",
    "/lib/ld-linux-aarch64.so.1",
    "/lib/ld-musl-aarch64.so.1",
];

/// Devices without memory.
const DEVICES: &[&str] = &["/dev/null", "/dev/zero", "/dev/full"];

/// What of `/proc` says nothing about other processes, for where it can't be mounted anew.
const SHARED_PROC: &[&str] = &[
    "/proc/self",
    "/proc/cpuinfo",
    "/proc/filesystems",
    "/proc/loadavg",
    "/proc/meminfo",
    "/proc/stat",
    "/proc/uptime",
    "/proc/version",
    "/proc/sys/vm/overcommit_memory",
];

/// What everybody gets.
pub(crate) fn grants(network: bool, own_proc: bool) -> Vec<Grant> {
    let proc: &[&str] = if own_proc { &["/proc"] } else { SHARED_PROC };
    let names: &[&str] = if network { READ_WITH_NETWORK } else { &[] };
    [
        (READ, Access::Read),
        (names, Access::Read),
        (proc, Access::Read),
        (LOADERS, Access::Execute),
        (DEVICES, Access::Device),
    ]
    .into_iter()
    .flat_map(|(paths, access)| paths.iter().map(move |path| (path, access)))
    .map(|(path, access)| Grant::where_present(PathBuf::from(path), access))
    .collect()
}
