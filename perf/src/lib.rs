//! A gateway without I/O, and what is counted of it: instructions and allocations of each stage.
//!
//! [`bench::Bench`] drives the pipeline by hand: a client that is a string, a log that is a vector;
//! the pipeline's own tests use it too. [`cases`] are the things that have budgets, each with its
//! input prepared, so that the same run is counted under callgrind (`benches/stages.rs`) and by a
//! counting allocator (`tests/allocations.rs`).

pub mod bench;
pub mod cases;
pub mod detectors;
pub mod policy;
pub mod text;
