//! A gateway without I/O, driven by hand: a client that is a string, a log that is a vector.
//!
//! The tests of the pipeline use it, and what counts instructions and allocations.

pub mod bench;
pub mod detectors;
pub mod policy;
