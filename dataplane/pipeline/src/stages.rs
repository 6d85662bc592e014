//! The stages of a request, one file each, in the order of [`crate::order`].
//!
//! Each can be called alone, to be measured; none can be skipped, because the value that it
//! consumes is made by the one before only.

pub mod accept;
pub mod audit;
pub mod authenticate;
pub mod classify;
pub mod dlp;
pub mod forward;
pub mod parse;
pub mod policy;
pub mod rate_limit;
