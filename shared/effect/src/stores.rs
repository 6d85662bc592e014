//! What commands to stores that speak no SQL do.

use varistor_model::Intent;

use crate::{Effect, Effects};

/// What this GraphQL document would do.
#[must_use]
pub fn graphql(_text: &str) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "graphql.unknown"))
}

/// What this operation on a MongoDB collection would do. `filter_is_empty` is whether its filter
/// matches everything, where that is known.
#[must_use]
pub fn mongo(_operation: &str, _filter_is_empty: Option<bool>) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "mongo.unknown"))
}

/// What this text for `mongosh`, or this JSON of a command or pipeline, would do.
#[must_use]
pub fn mongo_text(_text: &str) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "mongo.unknown"))
}

/// What this Redis command would do.
#[must_use]
pub fn redis(_command: &str) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "redis.unknown"))
}

/// What this request to Elasticsearch or OpenSearch would do.
#[must_use]
pub fn elastic(_method: &str, _path: &str, _body: Option<&str>) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "elastic.unknown"))
}
