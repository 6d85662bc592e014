//! The stages of a request, one file each, in the order of [`crate::order`].

pub mod accept;
pub mod audit;
pub mod authenticate;
pub mod classify;
pub mod dlp;
pub mod forward;
pub mod parse;
pub mod policy;
pub mod rate_limit;
