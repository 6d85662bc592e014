//! What touching a file of this path means: credentials in files, persistence, devices.

mod secret;

use varistor_model::Intent;

use crate::{Effect, Effects};

/// How a file is touched.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Access {
    /// Its content is read.
    Read,
    /// It is created, changed or overwritten.
    Write,
    /// It is removed.
    Delete,
}

/// The longest path that is looked at; Linux allows no longer one.
const PATH_BYTES_MAX: usize = 4096;

/// What this access to this path would do. The file system is not asked: a name is all there is.
#[must_use]
pub fn path(path: &str, access: Access) -> Effects {
    let mut end = path.len().min(PATH_BYTES_MAX);
    while !path.is_char_boundary(end) {
        end = end.saturating_sub(1);
    }
    let name = normal(path.get(..end).unwrap_or_default());
    let (intent, percent, evidence) = match access {
        Access::Read => match secret::kind(&name) {
            Some((percent, evidence)) => (Intent::Exfiltrative, percent, evidence),
            None => (Intent::Read, 90, "path.read"),
        },
        Access::Delete => (Intent::Destructive, 90, "path.delete"),
        Access::Write if is_raw_device(&name) => (Intent::Destructive, 95, "path.raw_device"),
        Access::Write if name.ends_with(".ssh/authorized_keys") => {
            (Intent::Exfiltrative, 60, "path.grants_access")
        }
        Access::Write if guards(&name) => (Intent::Destructive, 70, "path.system_guard"),
        Access::Write if persists(&name) => (Intent::Write, 70, "path.persistence"),
        Access::Write => (Intent::Write, 80, "path.write"),
    };
    Effects::of(Effect::new(intent, percent, evidence))
}

/// In lower case, with `/` between parts, without doubled ones and `.` parts, `..` taken out.
fn normal(path: &str) -> String {
    let path = path.trim().trim_matches(['"', '\'']);
    let lower = path.to_ascii_lowercase().replace('\\', "/");
    let lower = match lower.split_once("://") {
        Some((scheme, rest)) if is_scheme(scheme) => of_uri(scheme, rest),
        _ => match lower.strip_prefix("file:") {
            Some(rest) => of_uri("file", rest),
            None => lower,
        },
    };
    let mut parts: Vec<&str> = Vec::new();
    for part in lower.split('/') {
        match part {
            "" | "." => {}
            ".." if parts.last().is_some_and(|last| *last != "..") => {
                parts.pop();
            }
            part => parts.push(part),
        }
    }
    let lead = if lower.starts_with('/') { "/" } else { "" };
    format!("{lead}{}", parts.join("/"))
}

fn is_scheme(text: &str) -> bool {
    let is_part = |byte: u8| byte.is_ascii_alphanumeric() || matches!(byte, b'+' | b'-' | b'.');
    (2..=16).contains(&text.len()) && text.bytes().all(is_part)
}

/// The path of a URI (RFC 3986, section 3.3) without its query; of a file, without its host.
fn of_uri(scheme: &str, rest: &str) -> String {
    let path = rest.split(['?', '#']).next().unwrap_or_default();
    let path = match (scheme, path.split_once('/')) {
        ("file", Some((_, path))) => format!("/{path}"),
        _ => path.to_owned(),
    };
    unpercented(&path)
}

/// A text whose percent signs are undone (RFC 3986, section 2.1), where they make ASCII.
fn unpercented(text: &str) -> String {
    let mut plain = String::with_capacity(text.len());
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('%') {
        plain.push_str(before);
        let code = behind
            .get(..2)
            .and_then(|hex| u8::from_str_radix(hex, 16).ok());
        match code.filter(u8::is_ascii) {
            Some(byte) => {
                plain.push(char::from(byte).to_ascii_lowercase());
                rest = behind.get(2..).unwrap_or_default();
            }
            None => {
                plain.push('%');
                rest = behind;
            }
        }
    }
    plain.push_str(rest);
    plain
}

/// Whether this is a disk itself, or the memory.
fn is_raw_device(name: &str) -> bool {
    let Some(device) = name.strip_prefix("/dev/") else {
        return false;
    };
    const KINDS: [&str; 12] = [
        "sd", "hd", "vd", "xvd", "nvme", "mmcblk", "disk", "md", "dm-", "mapper/", "mem", "loop",
    ];
    KINDS.iter().any(|kind| device.starts_with(kind))
}

/// Whether this file says who may do what on the machine, or starts it.
fn guards(name: &str) -> bool {
    const GUARDS: [&str; 13] = [
        "/etc/passwd",
        "/etc/shadow",
        "/etc/gshadow",
        "/etc/group",
        "/etc/sudoers",
        "/etc/pam.d/",
        "/etc/fstab",
        "/boot/",
        "/etc/ssh/sshd_config",
        "/etc/ld.so.preload",
        "/proc/sys",
        "/etc/selinux",
        "/sys/",
    ];
    GUARDS.iter().any(|guard| name.starts_with(guard)) || name.contains("windows/system32")
}

/// Whether what is written here runs later by itself.
fn persists(name: &str) -> bool {
    const LAST: [&str; 12] = [
        ".bashrc",
        ".bash_profile",
        ".profile",
        ".zshrc",
        ".zprofile",
        ".zshenv",
        ".bash_login",
        ".bash_logout",
        ".xinitrc",
        ".inputrc",
        "rc.local",
        "crontab",
    ];
    const PLACES: [&str; 10] = [
        "/etc/cron",
        "/var/spool/cron",
        "/etc/systemd/",
        "/etc/init.d/",
        "/etc/profile",
        ".config/autostart/",
        "library/launchagents/",
        "library/launchdaemons/",
        ".git/hooks/",
        "start menu/programs/startup",
    ];
    let last = name.rsplit('/').next().unwrap_or(name);
    LAST.contains(&last)
        || PLACES.iter().any(|place| name.contains(place))
        || name.contains(".config/systemd/user/")
}
