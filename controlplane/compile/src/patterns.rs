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
        place: (Place, NoServer),
        path: &str,
        report: &mut Report,
    ) -> Vec<Patterns> {
        let named = self.named(pattern, place, path, report);
        let mut rows: Vec<_> = named.into_iter().map(|(row, _)| row).collect();
        rows.sort();
        rows.dedup();
        rows
    }

    /// As [`Servers::patterns`], in no order, each with how closely it names its server (see
    /// [`closeness`]).
    pub(crate) fn named(
        &self,
        pattern: &str,
        (place, no_server): (Place, NoServer),
        path: &str,
        report: &mut Report,
    ) -> Vec<(Patterns, u8)> {
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
            let servers = self.matching(server, (place, no_server), &found(), report);
            rows.extend(servers.map(|server_row| {
                let row = Patterns {
                    server: server_row,
                    name: name.to_owned(),
                };
                (row, closeness(server))
            }));
        }
        rows
    }

    /// The servers that a pattern over their names stands for, each with how closely it names it;
    /// problems are reported.
    pub(crate) fn whole(
        &self,
        pattern: &str,
        place: Place,
        path: &str,
        report: &mut Report,
    ) -> Vec<(u32, u8)> {
        let found = format!("the pattern {} for {path}", quote(pattern));
        let mut rows = Vec::new();
        for single in expanded(pattern, place, path, report) {
            let servers = self.matching(&single, (place, NoServer::Refused), &found, report);
            rows.extend(servers.map(|server| (server, closeness(&single))));
        }
        rows
    }

    /// The servers whose names match; none at all is told.
    fn matching<'s>(
        &'s self,
        server: &'s str,
        (place, no_server): (Place, NoServer),
        found: &str,
        report: &mut Report,
    ) -> impl Iterator<Item = u32> + 's {
        let matches = |name: &String| glob::matches(server, name);
        // A policy that has no servers yet may already say who may use all of them.
        let all = server == "*" && self.names.is_empty();
        if !all && !report.incomplete && !self.names.iter().any(matches) {
            let (told, wrong) = self.unknown_server(server, found.to_owned());
            match no_server {
                NoServer::Warned => report.warn(place, told, wrong),
                NoServer::Refused => report.refuse(place, told, wrong),
            }
        }
        let numbered = (0..).zip(&self.names);
        numbered.filter_map(move |(at, name)| glob::matches(server, name).then_some(at))
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

/// How closely a pattern without braces names something: 0 `*`, 1 with wildcards, 2 by its name.
pub(crate) fn closeness(pattern: &str) -> u8 {
    match pattern {
        "*" => 0,
        _ if pattern.contains(['*', '?']) => 1,
        _ => 2,
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
