//! Reads audit logs for people and other programs: finds records, tells what became of calls,
//! exports them, and reports about a period.
//!
//! Everything that is told comes from the log's own lines. An index (see [`Cache`]) only says where
//! not to look; a line that is damaged is told and passed over. Nothing here writes to a log, and
//! nothing here says that a log is genuine: that is what `varictl audit verify` is for.

#![cfg_attr(
    not(test),
    deny(
        clippy::indexing_slicing,
        clippy::arithmetic_side_effects,
        clippy::cast_possible_truncation,
        clippy::cast_sign_loss
    )
)]

mod bisect;
mod export;
mod field;
mod find;
#[cfg(test)]
mod fixture;
mod glance;
pub mod html;
mod index;
mod lines;
mod log;
mod pair;
mod problem;
mod query;
mod record;
pub mod report;
mod select;
pub mod when;

pub use export::{Exported, Format, export};
pub use field::Field;
pub use find::{Dossier, Unanswered, dossier};
pub use index::Cache;
pub use log::Log;
pub use pair::Passage;
pub use problem::{Damage, Damages, Problem};
pub use query::{Order, Walked, query};
pub use record::{ChannelTold, Finding, IntentTold, Record, RestoredTold, ShadowTold};
pub use report::{Report, report};
pub use select::Selection;
pub use when::Period;
