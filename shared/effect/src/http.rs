//! What an HTTP request does, by its method, target and body.

mod target;

use varistor_model::Intent;

use crate::{Effect, Effects, Outside, graphql};
use target::Target;
pub(crate) use target::host;

/// One request, as its sender states it.
#[derive(Clone, Copy, Debug, Default)]
pub struct HttpRequest<'a> {
    /// The method in any case; empty means GET, or POST where there is a body.
    pub method: &'a str,
    /// An absolute URL, or a path on a host of the tool's own.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether a body is sent, also where its text is not known.
    pub has_body: bool,
    /// The text of the body, where it is known.
    pub body: Option<&'a str>,
}

impl HttpRequest<'_> {
    /// The method that the server acts on: a header or parameter may replace the stated one.
    fn method(&self) -> String {
        let replaced = self.headers.iter().find(|(name, _)| {
            [
                "x-http-method-override",
                "x-http-method",
                "x-method-override",
            ]
            .iter()
            .any(|header| header.eq_ignore_ascii_case(name.trim()))
        });
        let stated = match replaced {
            Some((_, value)) => value.trim(),
            None => self.method.trim(),
        };
        match stated.is_empty() {
            true if self.sends() => "POST".to_owned(),
            true => "GET".to_owned(),
            false => stated.to_ascii_uppercase(),
        }
    }

    fn sends(&self) -> bool {
        self.has_body || self.body.is_some_and(|body| !body.trim().is_empty())
    }
}

/// How many bytes of a query may go to a foreign host before they count as data.
const QUERY_BYTES_MAX: usize = 512;

/// What this request would do.
#[must_use]
pub fn http(request: &HttpRequest<'_>, outside: &dyn Outside) -> Effects {
    let mut effects = Effects::default();
    let target = Target::of(request.url);
    let is_foreign = target
        .host
        .is_some_and(|host| !host.is_empty() && outside.is_foreign_host(host));
    if let Some(effect) = local(&target) {
        effects.push(effect);
    }
    let stated = target.parameter("_method").map(str::to_ascii_uppercase);
    let method = stated.unwrap_or_else(|| request.method());
    if target.is_tried(&method) && effects.is_empty() {
        let found = retrieval(&target, is_foreign);
        if !is_foreign || found.intent != Intent::Exfiltrative {
            effects.push(Effect::new(Intent::Read, 78, "http.tried"));
            sent_outside(request, is_foreign, &mut effects);
            return effects;
        }
    }
    match method.as_str() {
        // Nothing but headers comes back, and what comes to be done is done on other methods.
        "HEAD" | "OPTIONS" => {
            let carries = is_foreign && target.carries_secret();
            let found = retrieval(&target, is_foreign);
            effects.push(match found.intent {
                _ if carries => found,
                _ => Effect::new(Intent::Read, 88, "http.retrieval"),
            });
        }
        "GET" | "TRACE" | "PROPFIND" | "REPORT" | "SEARCH" | "QUERY" => {
            effects.push(retrieval(&target, is_foreign));
        }
        "DELETE" if target.is_given_again() => {
            effects.push(Effect::new(Intent::Write, 62, "http.takes_back"));
        }
        "DELETE" => effects.push(Effect::new(Intent::Destructive, 92, "http.delete")),
        "PURGE" => effects.push(Effect::new(Intent::Destructive, 70, "http.purge")),
        "POST" => post(request, &target, is_foreign, &mut effects),
        "PUT" | "PATCH" => {
            effects.push(Effect::new(Intent::Write, 88, "http.change"));
            sent_outside(request, is_foreign, &mut effects);
        }
        _ => {
            effects.push(Effect::new(Intent::Write, 50, "http.unknown_method"));
            sent_outside(request, is_foreign, &mut effects);
        }
    }
    effects
}

/// Targets that give away credentials, whoever asks.
fn local(target: &Target<'_>) -> Option<Effect> {
    const METADATA: [&str; 8] = [
        "169.254.169.254",
        "metadata.google.internal",
        "100.100.100.200",
        "169.254.170.2",
        "[fd00:ec2::254]",
        "metadata",
        "2852039166",
        "0xa9fea9fe",
    ];
    let host = target.host.unwrap_or_default().to_ascii_lowercase();
    if METADATA.contains(&host.as_str()) && target.tells_of_machine() {
        return None;
    }
    if METADATA.contains(&host.as_str()) {
        return Some(Effect::new(
            Intent::Exfiltrative,
            88,
            "http.metadata_service",
        ));
    }
    if target.scheme.eq_ignore_ascii_case("file") {
        let read = crate::path(target.path, crate::Access::Read);
        return read.gravest();
    }
    let words = target.path_words();
    let has = |wanted: &str| words.iter().any(|word| word == wanted);
    let last = words.last().map(String::as_str).unwrap_or_default();
    let is_vault = target.path.contains("/v1/secret/") || target.path.contains("/v1/kv/");
    let is_file = matches!(
        last,
        ".env" | "id_rsa" | ".git-credentials" | ".npmrc" | ".htpasswd"
    );
    let is_heap = has("actuator") && (has("heapdump") || has("env"));
    (is_vault || is_file || is_heap)
        .then(|| Effect::new(Intent::Exfiltrative, 75, "http.secret_path"))
}

fn retrieval(target: &Target<'_>, is_foreign: bool) -> Effect {
    if is_foreign && target.carries_secret() {
        return Effect::new(Intent::Exfiltrative, 72, "http.secret_in_query");
    }
    if is_foreign && (target.query.len() > QUERY_BYTES_MAX || target.carries_blob()) {
        return Effect::new(Intent::Exfiltrative, 62, "http.data_in_query");
    }
    if is_foreign && target.carries_text() {
        return Effect::new(Intent::Exfiltrative, 66, "http.data_in_query");
    }
    if is_foreign && (target.carries_person() || target.carries_address()) {
        return Effect::new(Intent::Exfiltrative, 58, "http.person_in_query");
    }
    match target.act() {
        Some((Intent::Destructive, _)) if target.is_confirmed() => {
            Effect::new(Intent::Destructive, 75, "http.confirmed_path")
        }
        Some((Intent::Destructive, _)) => {
            Effect::new(Intent::Destructive, 70, "http.destructive_path")
        }
        Some((Intent::Exfiltrative, _)) => {
            Effect::new(Intent::Exfiltrative, 60, "http.export_path")
        }
        Some((intent, _)) if intent != Intent::Read => Effect::new(intent, 60, "http.acting_path"),
        _ => Effect::new(Intent::Read, 90, "http.retrieval"),
    }
}

fn post(request: &HttpRequest<'_>, target: &Target<'_>, is_foreign: bool, effects: &mut Effects) {
    let words = target.path_words();
    let last = words.last().map(String::as_str).unwrap_or_default();
    if last == "graphql" || last == "gql" {
        if let Some(body) = request.body {
            effects.extend(&graphql(body));
        } else {
            effects.push(Effect::new(Intent::Write, 50, "http.unknown_body"));
        }
        return;
    }
    match target.act() {
        Some((Intent::Destructive, _)) => {
            effects.push(Effect::new(
                Intent::Destructive,
                78,
                "http.destructive_path",
            ));
        }
        Some((Intent::Exfiltrative, _)) => {
            effects.push(Effect::new(Intent::Exfiltrative, 65, "http.export_path"));
        }
        Some((Intent::Read, _)) => {
            effects.push(Effect::new(Intent::Read, 75, "http.search_by_post"));
            return;
        }
        _ => effects.push(Effect::new(Intent::Write, 82, "http.post")),
    }
    sent_outside(request, is_foreign, effects);
}

/// A body that goes to a foreign host.
fn sent_outside(request: &HttpRequest<'_>, is_foreign: bool, effects: &mut Effects) {
    if !is_foreign || !request.sends() {
        return;
    }
    let is_empty = request
        .body
        .is_some_and(|body| matches!(body.trim(), "" | "{}" | "[]" | "null"));
    if !is_empty {
        effects.push(Effect::new(
            Intent::Exfiltrative,
            78,
            "http.sends_data_outside",
        ));
    }
}
