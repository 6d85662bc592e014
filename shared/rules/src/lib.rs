//! The organisation's rule language: read, checked, formatted, tested, compiled, evaluated.
//!
//! Evaluation is a pure function over a compiled program and facts that the caller supplies: no
//! I/O, no clock, no allocation once the reused buffers have grown. What can't be evaluated
//! restricts; a program that can't be read denies.

#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod ast;
mod check;
mod decimal;
mod diagnostic;
pub mod format;
mod known;
mod lexer;
pub mod limits;
mod lints;
mod lower;
mod parse;
mod pattern;
mod source;
pub mod vocabulary;

pub use check::check;
pub use diagnostic::{Diagnostic, Severity, render};
pub use format::format;
pub use known::{Known, KnownTool};
pub use lower::ZONE_DEFAULT;
pub use parse::{Parsed, parse};
pub use source::{Source, Span};
