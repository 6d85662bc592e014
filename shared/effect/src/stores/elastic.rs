//! Elasticsearch and OpenSearch: the endpoint decides more than the method.

use varistor_model::Intent;

use super::json_string;
use crate::{Effect, Effects, sql, words};

/// How many hits of one answer count as a bulk export.
const HITS_MAX: u64 = 10_000;

/// What this request to Elasticsearch or OpenSearch would do.
#[must_use]
pub fn elastic(method: &str, path: &str, body: Option<&str>) -> Effects {
    let (path, query) = path.split_once('?').unwrap_or((path, ""));
    let steps: Vec<&str> = path.split('/').filter(|step| !step.is_empty()).collect();
    let endpoint = steps
        .iter()
        .find(|step| step.starts_with('_'))
        .copied()
        .unwrap_or_default();
    let index = steps.first().copied().unwrap_or_default();
    let body = body.unwrap_or_default();
    let method = method.trim().to_ascii_uppercase();
    let last = steps.last().copied().unwrap_or_default();
    let effect = match endpoint {
        "_search" | "_count" | "_msearch" | "_mget" | "_validate" | "_explain" | "_analyze"
        | "_field_caps" | "_termvectors" | "_rank_eval" | "_async_search" | "_eql"
        | "_knn_search" | "_pit" | "_source" | "_terms_enum" | "_search_shards" | "_render"
        | "_mvt" | "_cat" | "_nodes" | "_stats" | "_query" => match bulk(index, query, body) {
            true => Effect::new(Intent::Exfiltrative, 72, "elastic.reads_all_people"),
            false => Effect::new(Intent::Read, 90, "elastic.reads"),
        },
        "_sql" | "_esql" => {
            return json_string(body, "query").map_or_else(
                || Effects::of(Effect::new(Intent::Read, 60, "elastic.reads")),
                |query| sql(&query),
            );
        }
        "_delete_by_query" => Effect::new(Intent::Destructive, 95, "elastic.deletes"),
        "_update_by_query" if body.contains("match_all") || !body.contains("\"query\"") => {
            Effect::new(Intent::Destructive, 80, "elastic.updates_all")
        }
        "_bulk" if deletes_in_bulk(body) => Effect::new(Intent::Destructive, 88, "elastic.deletes"),
        "_aliases" if body.contains("remove_index") => {
            Effect::new(Intent::Destructive, 88, "elastic.deletes")
        }
        "_snapshot" if last == "_restore" => {
            Effect::new(Intent::Destructive, 70, "elastic.restores_over")
        }
        "_security" if last == "api_key" && method != "GET" && method != "DELETE" => {
            Effect::new(Intent::Exfiltrative, 60, "elastic.issues_credential")
        }
        "_shutdown" => Effect::new(Intent::Destructive, 85, "elastic.stops"),
        "_close" | "_freeze" => Effect::new(Intent::Write, 70, "elastic.closes"),
        _ => by_method(&method),
    };
    Effects::of(effect)
}

fn by_method(method: &str) -> Effect {
    match method {
        "GET" | "HEAD" | "OPTIONS" => Effect::new(Intent::Read, 90, "elastic.reads"),
        "DELETE" => Effect::new(Intent::Destructive, 94, "elastic.deletes"),
        "PUT" | "POST" | "PATCH" => Effect::new(Intent::Write, 85, "elastic.writes"),
        _ => Effect::new(Intent::Write, 40, "elastic.unknown"),
    }
}

/// Whether all of an index about people is asked for: ten thousand hits, or page after page.
fn bulk(index: &str, query: &str, body: &str) -> bool {
    let size = number_behind(body, "\"size\"").max(number_behind(query, "size="));
    let pages = query.contains("scroll=") || body.contains("\"scroll\"");
    words::is_about_people(index) && (size.is_some_and(|size| size >= HITS_MAX) || pages)
}

fn number_behind(text: &str, key: &str) -> Option<u64> {
    let (_, behind) = text.split_once(key)?;
    let behind = behind.trim_start_matches([' ', ':', '"']);
    let end = behind
        .find(|c: char| !c.is_ascii_digit())
        .unwrap_or(behind.len());
    behind.get(..end)?.parse().ok()
}

/// Whether a line of a bulk body is the action `delete`.
fn deletes_in_bulk(body: &str) -> bool {
    body.lines().any(|line| {
        let line = line.trim_start().trim_start_matches('{').trim_start();
        line.starts_with("\"delete\"")
    })
}
