//! Redirections: files that are read, replaced, appended to, or are connections.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Input, Judge};
use super::syntax::{Direction, Redirect, Script};
use crate::{Access, path};

impl Judge<'_> {
    /// Judges redirections; whether the output goes to a file.
    pub(super) fn redirects(
        &mut self,
        script: &Script,
        redirects: &[Redirect],
        input: &mut Input,
    ) -> bool {
        let mut writes = false;
        for redirect in redirects {
            if let Direction::Document(index) = redirect.direction {
                let body = script.bodies.get(index);
                if let Some(body) = body {
                    self.list(script, &body.commands);
                }
                input.flow = Flow::Text(body.map(|body| body.text.clone()).unwrap_or_default());
                continue;
            }
            let target = self.expand_whole(script, &redirect.target);
            match redirect.direction {
                Direction::Line if target.is_dynamic => input.flow = Flow::Local,
                Direction::Line => input.flow = Flow::Text(target.text),
                Direction::Read => {
                    input.flow = match &target.pipe {
                        _ if is_stream(&target.text) && target.pipe.is_none() => Flow::Empty,
                        Some(flow) => flow.clone(),
                        None => Flow::Local,
                    };
                    let effects = path(&target.text, Access::Read);
                    self.effects.extend(&effects);
                    self.device(&target.text);
                }
                Direction::Write | Direction::Append => {
                    let is_append = redirect.direction == Direction::Append;
                    writes |= self.writes(&target, is_append);
                }
                Direction::Duplicate | Direction::Document(_) => {}
            }
        }
        writes
    }

    /// Judges output that goes to a file; whether it is a file.
    pub(super) fn writes(&mut self, target: &Arg, is_append: bool) -> bool {
        let name = target.text.as_str();
        if target.pipe.is_some() || is_stream(name) {
            return false;
        }
        if self.device(name) {
            return true;
        }
        let effects = path(name, Access::Write);
        self.effects.extend(&effects);
        match () {
            () if is_append => self.find(Intent::Write, 85, "shell.appends_file"),
            () if is_precious(name) => self.find(Intent::Destructive, 70, "shell.overwrites_file"),
            () => self.find(Intent::Write, 75, "shell.writes_file"),
        }
        true
    }

    /// Judges bash's files that are connections; whether this is one.
    fn device(&mut self, name: &str) -> bool {
        let rest = ["/dev/tcp/", "/dev/udp/"]
            .iter()
            .find_map(|start| name.strip_prefix(start));
        let Some(host) = rest.map(|rest| rest.split('/').next().unwrap_or_default()) else {
            return false;
        };
        match self.is_foreign(host) {
            true => self.find(Intent::Exfiltrative, 85, "shell.opens_connection"),
            false => self.find(Intent::Write, 60, "shell.opens_own_connection"),
        }
        true
    }
}

/// Outputs that are no files.
pub(super) fn is_stream(name: &str) -> bool {
    matches!(
        name,
        "/dev/null" | "/dev/stdout" | "/dev/stderr" | "/dev/tty" | "-" | "NUL" | "nul" | "$null"
    ) || name.starts_with("/dev/fd/")
}

/// Whether output into this file replaces something that was there, by how it is named.
pub(super) fn is_precious(name: &str) -> bool {
    const PLACES: [&str; 12] = [
        "/etc/",
        "/var/lib/",
        "/var/spool/",
        "/var/log/",
        "/usr/",
        "/boot/",
        "/lib/",
        "/opt/",
        "/srv/",
        "/proc/",
        "/sys/",
        "/bin/",
    ];
    const ENDINGS: [&str; 9] = [
        ".db", ".sqlite", ".sqlite3", ".conf", ".cfg", ".ini", ".service", ".pem", ".key",
    ];
    if name.starts_with("/proc/self/") || name.starts_with("/var/www/") {
        return false;
    }
    let last = name.rsplit('/').next().unwrap_or(name);
    if last.ends_with(".example") || last.ends_with(".sample") {
        return false;
    }
    PLACES.iter().any(|place| name.starts_with(place))
        || ENDINGS.iter().any(|ending| last.ends_with(ending))
        || (last.starts_with('.') && last.len() > 2 && !last.starts_with(".git"))
        || matches!(
            last,
            "authorized_keys" | "crontab" | "hosts" | "passwd" | "shadow"
        )
}
