//! Says what a piece of code or a command would do if it ran: read, write, destroy, exfiltrate.
//!
//! Pure functions over text: no I/O, no clock, no randomness. Each gives [`Effects`], the gravest
//! first, with how sure it is and a stable code for the record. Empty text has no effects.
//!
//! # How it is judged
//!
//! - [`sql()`]: statement by statement; queries and updates are parsed (which rows, which columns,
//!   whether a filter filters), all others are told by their words, calls by the functions named.
//! - [`shell()`]: parsed as bash does (quotes, expansions, substitutions, pipes, redirections, here
//!   documents, compound commands), variables with known values put in. Each program is judged by
//!   rows of data or code of its own, through whatever runs it: `sudo`, `xargs`, `find -exec`,
//!   `bash -c`, `ssh`, `docker exec`, `psql -c`, `python -c`. What flows through a pipe is known:
//!   text, something of this machine, from the net, or decoded.
//! - [`script()`]: a tokenizer tells code from strings and comments; calls and literals count.
//! - [`http()`]: method, target, host, query and body. [`graphql()`], [`mongo()`], [`redis()`],
//!   [`elastic()`]: by operation. [`path()`]: by name, never by looking at the file system.
//! - [`query()`]: in the language that it looks like ([`tongue()`]), Cypher, Gremlin, Kusto and
//!   their like among them.
//! - Of several effects the gravest counts. Branches and loops count as if they ran.
//!
//! # What doubt means
//!
//! Text that can't be read is at least a write, destructive where destructive words lead. Programs,
//! procedures and scripts nobody knows are doubtful writes (confidence below 60). Code that can't
//! be understood because it is computed, downloaded or decoded and then run is destructive, as is
//! what nests beyond the bounds. Nothing recurses without a bound, and work grows with the text.
//!
//! # What is not judged
//!
//! - What a file, script, make target, stored procedure or view holds that is only named.
//! - Whether a file exists already: `>` replaces where the name says so (configuration, system
//!   folders, databases), and creates otherwise; without a command in front it always empties.
//! - Which buckets, remotes and registries belong to the organisation: [`Outside`] knows hosts and
//!   mail addresses only, buckets are told by words in their names.
//! - Values that flow through variables of scripts, other than literals given once; aliases of
//!   modules; reflection.
//! - Which tables are about people: their names tell, by words of English and a few
//!   other languages.
//! - Amounts of money, and whether a branch or environment is production.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod effect;
mod http;
mod language;
mod outside;
mod path;
mod queries;
mod script;
mod shell;
mod sql;
mod stores;
mod words;

pub use effect::{Effect, Effects};
pub use http::{HttpRequest, http};
pub use language::Language;
pub use outside::Outside;
pub use path::{Access, path};
pub use queries::{Tongue, query, tongue};
pub use script::script;
pub use shell::{is_program, shell};
pub use sql::sql;
pub use stores::{elastic, graphql, mongo, mongo_text, redis};
pub use words::is_secret_variable as names_secret;
