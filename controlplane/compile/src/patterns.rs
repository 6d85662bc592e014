//! Patterns over servers and what they offer: `github/get_*`, `{jira,linear}/*`, `*`.
//!
//! Refuses patterns that a reader could take for something else, and prohibitions and limits that
//! name no server of the policy. A permission for no server grants nothing: it is a warning, so
//! that roles may be written before their servers are.

use varistor_inspect::glob;

use crate::problem::{Place, Report, Wrong, nearest, quote};

/// The servers of a policy, by index.
pub(crate) struct Servers {
    names: Vec<String>,
}

/// A pattern over names on one server.
#[derive(Debug, Clone, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) struct Patterns {
    /// Index into `Policy::servers`.
    pub(crate) server: u32,
    /// Glob without braces over names or URIs.
    pub(crate) name: String,
}

/// What follows when a pattern names no server.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum NoServer {
    /// A warning.
    Warned,
    /// A problem.
    Refused,
}

impl Servers {
    /// The servers with these names, which are sorted.
    pub(crate) fn new<'a>(names: impl IntoIterator<Item = &'a String>) -> Self {
        Self {
            names: names.into_iter().cloned().collect(),
        }
    }

    /// What a pattern stands for, one row for each server and alternative; problems are reported.
    pub(crate) fn patterns(
        &self,
        pattern: &str,
        (place, no_server): (Place, NoServer),
        path: &str,
        report: &mut Report,
    ) -> Vec<Patterns> {
        let found = || format!("the pattern {} for {path}", quote(pattern));
        let mut rows = Vec::new();
        for single in expanded(pattern, place, path, report) {
            let (server, name) = match single.split_once('/') {
                Some((server, name)) if !server.is_empty() && !name.is_empty() => (server, name),
                _ if single == "*" => ("*", "*"),
                _ => {
                    let wrong = Wrong::expected("SERVER/NAME, such as github/get_*, or *");
                    let whole = format!("did you mean \"{single}/*\"?");
                    let known = self.names.contains(&single);
                    report.refuse(
                        place,
                        found(),
                        if known { wrong.help(whole) } else { wrong },
                    );
                    continue;
                }
            };
            let before = rows.len();
            let matching = self.names.iter().enumerate();
            let matching = matching.filter(|(_, known)| glob::matches(server, known));
            rows.extend(matching.filter_map(|(at, _)| {
                let server = u32::try_from(at).ok()?;
                Some(Patterns {
                    server,
                    name: name.to_owned(),
                })
            }));
            // A policy that has no servers yet may already say who may use all of them.
            let all = server == "*" && self.names.is_empty();
            if rows.len() == before && !all && !report.incomplete {
                let (told, wrong) = self.unknown_server(server, found());
                match no_server {
                    NoServer::Warned => report.warn(place, told, wrong),
                    NoServer::Refused => report.refuse(place, told, wrong),
                }
            }
        }
        rows.sort();
        rows.dedup();
        rows
    }

    fn unknown_server(&self, server: &str, found: String) -> (String, Wrong) {
        let known = || self.names.iter().map(String::as_str);
        let expected = match self.names.len() {
            0 => "a server, but none is defined".to_owned(),
            1..=8 => format!(
                "one of the servers {}",
                known().collect::<Vec<_>>().join(", ")
            ),
            count => format!("one of the {count} servers"),
        };
        let wrong = Wrong {
            help: nearest(server, known()),
            ..Wrong::expected(expected)
        };
        (format!("{found}, which names no server"), wrong)
    }
}

/// The patterns without braces that one pattern stands for; problems are reported.
pub(crate) fn expanded(
    pattern: &str,
    place: Place,
    path: &str,
    report: &mut Report,
) -> Vec<String> {
    glob::expand(pattern).unwrap_or_else(|error| {
        let found = format!("the pattern {} for {path} ({error})", quote(pattern));
        let wrong = Wrong::expected("a pattern of `*`, `?`, `{a,b}` and plain characters");
        report.refuse(place, found, wrong);
        Vec::new()
    })
}
