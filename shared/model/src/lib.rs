//! The vocabulary that every part of Varistor shares: stages, intents, denials, limits.
//!
//! This crate decides nothing and depends on nothing. What stands here is stable: names in it
//! appear in audit records, metrics and policies.

mod character;
mod decision;
mod denial;
mod entity;
mod host;
mod intent;
mod keeping;
mod labels;
pub mod limits;
mod method;
mod notice;
mod place;
mod reason;
mod selector;
mod stage;
mod token_id;
mod version;

pub use character::is_hidden;
pub use decision::{Decision, Durability};
pub use denial::{Denial, Fault, Shape, Verdict};
pub use entity::{Class, Direction, DlpAction};
pub use host::{Host, Target, may_connect, reached};
pub use intent::{Intent, IntentSet};
pub use keeping::Keeping;
pub use labels::{Labels, Trifecta};
pub use method::{Method, Subject};
pub use notice::{Notice, NoticeKind};
pub use place::Span;
pub use reason::Reason;
pub use selector::{BadSelector, Selector};
pub use stage::Stage;
pub use token_id::TokenId;
pub use version::{Era, ProtocolVersion};
