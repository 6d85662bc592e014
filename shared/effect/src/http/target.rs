//! The target of a request: scheme, host, path and query, and what its words say.

mod hidden;
mod known;

use varistor_model::Intent;

use crate::words;

/// A URL, or a path alone. Nothing is decoded: what follows is looked for as it stands.
#[derive(Clone, Copy, Debug)]
pub(super) struct Target<'a> {
    pub(super) scheme: &'a str,
    pub(super) host: Option<&'a str>,
    pub(super) path: &'a str,
    pub(super) query: &'a str,
}

/// The longest URL that is looked at; clients and servers stop at less.
const URL_BYTES_MAX: usize = 16 << 10;

/// The host of a URL, or of `host/path` without a scheme.
pub(crate) fn host(url: &str) -> Option<&str> {
    let target = Target::of(url);
    target.host.or_else(|| {
        let first = url.split(['/', '?', ':']).next()?;
        (!url.starts_with('/') && !first.is_empty()).then_some(first)
    })
}

impl<'a> Target<'a> {
    pub(super) fn of(url: &'a str) -> Self {
        let mut end = url.len().min(URL_BYTES_MAX);
        while !url.is_char_boundary(end) {
            end = end.saturating_sub(1);
        }
        let url = url.get(..end).unwrap_or_default().trim();
        let url = url.split('#').next().unwrap_or_default();
        let (scheme, rest) = match url.split_once("://") {
            Some((scheme, rest)) => (scheme, Some(rest)),
            None => ("", url.strip_prefix("//")),
        };
        // `host/path` as curl takes it: a dot or a port before the first slash.
        let first = url.split(['/', '?']).next().unwrap_or_default();
        let is_bare = first.contains('.') || first.contains(':') || first == "localhost";
        let rest = rest.or_else(|| (!url.starts_with(['/', '.']) && is_bare).then_some(url));
        let (host, behind) = match rest {
            Some(rest) => {
                let end = rest.find(['/', '?', '\\']).unwrap_or(rest.len());
                let (authority, behind) = rest.split_at_checked(end).unwrap_or((rest, ""));
                (Some(host_of(authority)), behind)
            }
            None => (None, url),
        };
        let (path, query) = behind.split_once('?').unwrap_or((behind, ""));
        Self {
            scheme,
            host,
            path,
            query,
        }
    }

    /// The value of a parameter of the query.
    pub(super) fn parameter(&self, name: &str) -> Option<&'a str> {
        self.parameters()
            .find(|(key, _)| *key == name)
            .map(|(_, value)| value)
    }

    fn parameters(&self) -> impl Iterator<Item = (&'a str, &'a str)> {
        self.query
            .split('&')
            .map(|pair| pair.split_once('=').unwrap_or((pair, "")))
    }

    /// The steps of the path in lower case, without numbers and identifiers.
    pub(super) fn path_words(&self) -> Vec<String> {
        let steps = self.path.split('/').filter(|step| !step.is_empty());
        steps.map(str::to_ascii_lowercase).collect()
    }

    /// What a verb in the path or in a parameter like `action` says, and where it stands.
    pub(super) fn act(&self) -> Option<(Intent, &'static str)> {
        let steps: Vec<&str> = self
            .path
            .split('/')
            .filter(|step| !step.is_empty())
            .collect();
        // Behind the last noun at most an identifier follows: `/users/delete/17`.
        let ends = steps.iter().rev().take(2);
        let by_step = ends
            .filter_map(|step| verb_in(step.split('.').next().unwrap_or(step)))
            .max();
        let by_parameter = self
            .parameters()
            .filter(|(key, _)| {
                [
                    "action",
                    "op",
                    "cmd",
                    "do",
                    "operation",
                    "method",
                    "act",
                    "command",
                ]
                .contains(key)
            })
            .filter_map(|(_, value)| verb_in(value))
            .max();
        by_step.max(by_parameter).map(|intent| (intent, "path"))
    }

    /// Whether the query carries something named like a credential, with a value long enough.
    pub(super) fn carries_secret(&self) -> bool {
        let is_telling = |key: &str| {
            !matches!(
                key,
                "token" | "access_token" | "api_key" | "apikey" | "key" | "auth"
            )
        };
        let steps = self.path.split('/').any(known::is_token);
        steps
            || self.parameters().any(|(key, value)| {
                value.len() >= 4
                    && ((words::is_secret(key) && is_telling(key)) || known::is_token(value))
            })
    }

    /// Whether a value of the query is text that somebody encoded.
    pub(super) fn carries_text(&self) -> bool {
        self.parameters()
            .any(|(key, value)| hidden::is_text(value) || hidden::is_carried(key, value))
    }

    /// Whether the query says that what the path names shall be done: `?confirm=yes`.
    pub(super) fn is_confirmed(&self) -> bool {
        self.parameters().any(|(key, value)| {
            let is_asked = ["confirm", "confirmed", "force", "sure", "yes"].contains(&key);
            is_asked && !["0", "false", "no"].contains(&value)
        })
    }

    /// Whether the query tells how to reach somebody, or who somebody is.
    pub(super) fn carries_person(&self) -> bool {
        self.parameters()
            .any(|(key, value)| value.len() >= 6 && (words::is_contact(key) || is_nested(value)))
    }

    /// Whether the request is only tried: `?dry_run=true`, `/orders/validate`.
    pub(super) fn is_tried(&self, method: &str) -> bool {
        let is_asked = self.parameters().any(|(key, value)| {
            let key = key.to_ascii_lowercase().replace(['_', '-'], "");
            let is_on = matches!(value, "" | "1" | "true" | "True" | "All" | "yes" | "server");
            is_on && TRIALS.contains(&key.as_str())
        });
        let last = self.path.trim_end_matches('/').rsplit('/').next();
        let last = last.unwrap_or_default().to_ascii_lowercase();
        let last = last.rsplit(':').next().unwrap_or_default();
        // What is deleted or changed under such a name is there: `DELETE /sites/4/preview`.
        let is_named = !matches!(method, "DELETE" | "PATCH") && TRIAL_STEPS.contains(&last);
        is_asked || is_named
    }

    /// Whether what is deleted is given again in a moment: a vote, a reaction.
    pub(super) fn is_given_again(&self) -> bool {
        known::is_given_again(self.path)
    }

    /// Whether a path of a metadata service tells of the machine only, nothing that opens doors.
    pub(super) fn tells_of_machine(&self) -> bool {
        let path = self.path.to_ascii_lowercase();
        MACHINE.iter().any(|about| path.contains(about))
            && ![
                "credential",
                "token",
                "user-data",
                "identity",
                "attributes",
                "..",
            ]
            .iter()
            .any(|opening| path.contains(opening))
    }

    /// Whether a value of the query, or a step of the path, is the address of a mailbox, however
    /// often it is encoded.
    pub(super) fn carries_address(&self) -> bool {
        let values = self.parameters().map(|(_, value)| value);
        values.chain(self.path.split('/').skip(1)).any(is_address)
    }

    /// Whether a value of the query, or a step of the path, looks like encoded data.
    pub(super) fn carries_blob(&self) -> bool {
        let values = self
            .parameters()
            .map(|(_, value)| value)
            .chain(self.path.split('/'));
        values.filter(|value| value.len() >= 120).any(|value| {
            value
                .bytes()
                .all(|byte| byte.is_ascii_alphanumeric() || b"+/=-_%".contains(&byte))
        })
    }
}

/// Parameters that say that nothing shall be done, without what separates their words.
const TRIALS: [&str; 9] = [
    "dryrun",
    "validateonly",
    "preview",
    "previewonly",
    "simulate",
    "whatif",
    "checkonly",
    "noop",
    "validate",
];

/// Last steps of paths that only tell what would be done.
const TRIAL_STEPS: [&str; 10] = [
    "dry-run",
    "dryrun",
    "dry_run",
    "validate",
    "preview",
    "simulate",
    "estimate",
    "_validate",
    "what-if",
    "whatif",
];

/// What a metadata service tells of a machine.
const MACHINE: [&str; 12] = [
    "/placement/",
    "/instance-id",
    "/instance-type",
    "/hostname",
    "/local-ipv4",
    "/ami-id",
    "/local-hostname",
    "/public-ipv4",
    "/instance/zone",
    "/instance/machine-type",
    "/instance/id",
    "/instance/name",
];

/// Whether a value holds pairs of its own, one of which tells about somebody: `ssn%3D219-09`.
fn is_nested(value: &str) -> bool {
    let ends = ["%3D", "%3d", "%253D", "%253d", "%3A", "%3a"];
    let fronts = ends.iter().flat_map(|end| value.match_indices(end));
    let mut fronts = fronts.filter_map(|(at, _)| value.get(..at)).take(64);
    fronts.any(|front| {
        let key = front
            .rsplit(['%', '&', ';', '+'])
            .next()
            .unwrap_or_default();
        // Behind a percent sign stand the two digits of what was encoded.
        let behind = key.get(2..).unwrap_or_default();
        [key, behind]
            .iter()
            .any(|key| words::is_contact(key) || words::is_secret(key))
    })
}

/// Whether this is an address of mail: letters around an `@`, or around `%40`, `%2540`.
fn is_address(value: &str) -> bool {
    let split = ["@", "%40", "%2540"]
        .iter()
        .find_map(|at| value.split_once(at));
    let Some((local, domain)) = split else {
        return false;
    };
    let end = domain
        .split(['&', ',', ';', '%', ':'])
        .next()
        .unwrap_or_default();
    let is_domain = end.rsplit_once('.').is_some_and(|(name, top)| {
        // `package@1.2.3` is a version.
        !name.is_empty() && top.len() >= 2 && top.bytes().all(|byte| byte.is_ascii_alphabetic())
    });
    let is_version = domain
        .bytes()
        .next()
        .is_some_and(|byte| byte.is_ascii_digit());
    local.len() >= 2 && is_domain && !is_version
}

fn host_of(authority: &str) -> &str {
    let host = authority.rsplit('@').next().unwrap_or(authority);
    if host.starts_with('[') {
        let end = host.find(']').map_or(host.len(), |at| at.saturating_add(1));
        return host.get(..end).unwrap_or(host);
    }
    host.split(':').next().unwrap_or(host)
}

/// The intent of a step that begins with a verb: `deleteUser`, `_delete_by_query`, `bulk-remove`.
fn verb_in(step: &str) -> Option<Intent> {
    let parts = words::of(step);
    let first = parts.first().map(String::as_str)?;
    let last = parts.last().map(String::as_str)?;
    let verb = |word: &str| {
        VERBS
            .iter()
            .find(|(_, verbs)| verbs.contains(&word))
            .map(|(intent, _)| *intent)
    };
    let bulk = matches!(
        first,
        "bulk" | "batch" | "mass" | "hard" | "permanent" | "force"
    );
    verb(first).or_else(|| bulk.then(|| verb(last)).flatten())
}

const VERBS: &[(Intent, &[&str])] = &[
    (
        Intent::Destructive,
        &[
            "delete",
            "remove",
            "destroy",
            "purge",
            "drop",
            "truncate",
            "wipe",
            "erase",
            "kill",
            "shutdown",
            "terminate",
            "revoke",
            "uninstall",
            "flush",
            "reset",
        ],
    ),
    (Intent::Exfiltrative, &["export", "dump"]),
    (
        Intent::Write,
        &[
            "create", "update", "restart", "enable", "disable", "approve", "send", "trigger",
            "start", "stop",
        ],
    ),
    (
        Intent::Read,
        &[
            "search",
            "query",
            "find",
            "lookup",
            "filter",
            "count",
            "list",
            "get",
            "validate",
            "preview",
            "estimate",
            "simulate",
            "msearch",
            "calculate",
            "check",
            "verify",
            "explain",
            "test",
            "graphql",
            "read",
            "aggregate",
        ],
    ),
];
