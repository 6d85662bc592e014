//! Which language a query or a piece of code is written in, by its look, and the languages of
//! graphs, logs and metrics.
//!
//! Refuses to guess at prose: a text is of a language only where its first words and its signs are
//! those of the language. One pass over the first bytes of a text, without allocating.

mod aql;
mod cypher;
mod gremlin;
mod ldap;
mod look;
mod piped;
mod sparql;
mod words;

pub use look::{Tongue, tongue};

use varistor_model::Intent;

use crate::{Effect, Effects, graphql, mongo_text, sql};

/// What this query would do, in the language that it looks like; SQL where it looks like none.
/// Command lines and scripts are judged as SQL as well: [`tongue`] tells them apart beforehand.
#[must_use]
pub fn query(text: &str) -> Effects {
    if text.trim().is_empty() {
        return Effects::none();
    }
    match tongue(text) {
        Some(Tongue::Cypher) => cypher::effects(text),
        Some(Tongue::Aql) => aql::effects(text),
        Some(Tongue::Gremlin) => gremlin::effects(text),
        Some(Tongue::Piped) => piped::effects(text),
        Some(Tongue::Sparql) => sparql::effects(text),
        Some(Tongue::Ldap) => ldap::effects(text),
        Some(Tongue::Graphql) => graphql(text),
        Some(Tongue::Mongo) => mongo_text(text),
        // What a client shows by itself: `\dt`, and what it copies: `\copy`.
        Some(Tongue::Sql) if is_shown(text) => {
            Effects::of(Effect::new(Intent::Read, 85, "sql.show"))
        }
        Some(Tongue::Sql) => sql(text.trim_start().trim_start_matches('\\')),
        Some(Tongue::Shell | Tongue::PowerShell | Tongue::Script) | None => sql(text),
    }
}

/// Whether this is a command of `psql` that shows something.
fn is_shown(text: &str) -> bool {
    let name = text.trim_start().strip_prefix('\\').unwrap_or_default();
    ["d", "l", "z", "conninfo", "timing", "x"]
        .iter()
        .any(|known| name.starts_with(known))
}
