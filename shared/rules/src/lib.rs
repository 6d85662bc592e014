//! The organisation's rule language: read, checked, formatted, tested, compiled, evaluated.
//!
//! Evaluation is a pure function over a compiled program and facts that the caller supplies: no
//! I/O, no clock, no allocation once the reused buffers have grown. What can't be evaluated
//! restricts; a program that can't be read denies.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

mod arguments;
pub mod ast;
mod cases;
mod check;
mod compile;
mod decimal;
mod diagnostic;
mod evaluate;
mod facts;
pub mod format;
mod history;
mod json;
mod known;
mod lexer;
pub mod limits;
mod lints;
mod load;
mod lower;
mod parse;
mod pattern;
mod scratch;
mod select;
mod source;
mod truth;
pub mod vocabulary;

pub use cases::{Outcome, test};
pub use check::check;
pub use compile::{Compiled, compile, fingerprint, nothing};
pub use diagnostic::{Diagnostic, Severity, excerpt, render};
pub use evaluate::{Holding, Rules, Verdict};
pub use facts::Facts;
pub use format::format;
pub use history::{History, Recorded};
pub use known::{Known, KnownTool};
pub use load::{LoadError, Loaded};
pub use lower::ZONE_DEFAULT;
pub use parse::{Parsed, parse};
pub use scratch::Scratch;
pub use source::{Source, Span};
pub use truth::Truth;
