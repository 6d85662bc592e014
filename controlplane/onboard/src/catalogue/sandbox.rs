//! What a server of the catalogue may do in the sandbox: the folders that were answered, the hosts
//! that it speaks to, and those that its package comes from.

use super::ask::Answers;
use super::extra::{Extra, Hosts};
use super::way::Kind;

/// Hosts that packages come from.
const NPM: &[&str] = &["registry.npmjs.org"];
const PYPI: &[&str] = &["pypi.org", "files.pythonhosted.org"];
/// Where the container engine listens, and what its client needs of this machine.
const ENGINE: &str = "/var/run/docker.sock";

/// Lines of the sandbox.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Lines {
    /// Whether it has to start programs that nobody can name for it.
    pub is_relaxed: bool,
    /// Hosts that it may reach; `None`: any.
    pub hosts: Option<Vec<String>>,
    /// What it may read.
    pub read: Vec<String>,
    /// What it may write.
    pub write: Vec<String>,
    /// What it may start.
    pub execute: Vec<String>,
    /// Whether it may open sockets of the Unix domain.
    pub has_unix_sockets: bool,
}

/// The lines for an entry, with these hosts beside its own.
pub(super) fn lines(extra: &Extra, kind: Kind, answers: &Answers, more: &[String]) -> Lines {
    if kind == Kind::Oci {
        // The engine runs it, in a container of its own; what is bounded here is its client.
        return Lines {
            hosts: Some(Vec::new()),
            write: vec![ENGINE.to_owned()],
            has_unix_sockets: true,
            ..Lines::default()
        };
    }
    let sandbox = &extra.sandbox;
    let from: &[&str] = match kind {
        Kind::Npm => NPM,
        Kind::Pypi => PYPI,
        _ => &[],
    };
    let named = |own: &[String]| {
        let mut hosts: Vec<String> = from.iter().map(|host| (*host).to_owned()).collect();
        for host in own.iter().chain(more) {
            hosts.extend(put_in(host, answers, host_of));
        }
        let mut once = Vec::new();
        for host in hosts {
            if !once.contains(&host) {
                once.push(host);
            }
        }
        once
    };
    let paths = |paths: &[String]| {
        let all = paths.iter();
        all.flat_map(|path| put_in(path, answers, |path| Some(path.to_owned())))
            .collect()
    };
    Lines {
        is_relaxed: sandbox.profile == "relaxed",
        hosts: match &sandbox.hosts {
            Some(Hosts::Any(_)) => None,
            Some(Hosts::Named(own)) => Some(named(own)),
            None => Some(named(&[])),
        },
        read: paths(&sandbox.read),
        write: paths(&sandbox.write),
        execute: sandbox.execute.clone(),
        has_unix_sockets: false,
    }
}

/// The text, or what was answered for the `{KEY}` that it is.
fn put_in(
    text: &str,
    answers: &Answers,
    of_answer: impl Fn(&str) -> Option<String>,
) -> Vec<String> {
    let key = text
        .strip_prefix('{')
        .and_then(|text| text.strip_suffix('}'));
    match key {
        None => vec![text.to_owned()],
        Some(key) => {
            let answers = answers.of(key).iter();
            answers.filter_map(|answer| of_answer(answer)).collect()
        }
    }
}

/// The host of an address, with its port unless that is 443; never what stands before an `@`.
fn host_of(address: &str) -> Option<String> {
    let (scheme, rest) = address.split_once("://").unwrap_or(("https", address));
    let authority = rest.split(['/', '?', '#']).next()?;
    let host = authority.rsplit('@').next()?;
    let behind = host.rsplit(']').next()?;
    let has_port = behind.contains(':');
    let is_host = |c: char| c.is_ascii_alphanumeric() || ".-_:[]".contains(c);
    if host.is_empty() || !host.chars().all(is_host) {
        return None;
    }
    Some(match has_port || scheme != "http" {
        true => host.to_owned(),
        false => format!("{host}:80"),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_host_of_an_address_is_told_without_its_user() {
        let rows = [
            ("https://grafana.acme.example/x", "grafana.acme.example"),
            ("http://ha.local:8123", "ha.local:8123"),
            ("http://ha.local/", "ha.local:80"),
            ("https://u:secret@host.example/", "host.example"),
            ("sentry.acme.example", "sentry.acme.example"),
            ("http://[::1]:9/", "[::1]:9"),
        ];
        for (address, host) in rows {
            assert_eq!(host_of(address).as_deref(), Some(host), "{address}");
        }
        assert_eq!(host_of("https:///x"), None);
        assert_eq!(host_of("https://a b/"), None);
    }
}
