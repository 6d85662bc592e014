//! The way of a request, without sockets, clock or randomness; with locks in [`originals`] and
//! where a worker meets a token (`flows`) only.
//!
//! [`order::order`] shows the whole of it in one function. Everything here is a function over
//! bytes and a snapshot; what it needs from outside (more bytes, the time, the audit log) comes
//! through the two traits in [`outside`].
#![deny(clippy::indexing_slicing, clippy::arithmetic_side_effects)]

pub mod answer;
pub mod bearer;
pub mod bearers;
pub mod breaker;
pub mod budget;
mod canonical;
pub mod desk;
pub mod exchanges;
mod flows;
pub mod holds;
pub mod identities;
pub mod kill;
pub mod known;
mod local;
pub mod memory;
mod notice;
pub mod order;
pub mod originals;
pub mod outside;
mod own;
pub mod passage;
pub mod permission;
pub mod pins;
pub mod privates;
pub mod proofs;
pub mod refusal;
mod restore;
pub mod reversible;
mod ruling;
pub mod serving;
pub mod session;
pub mod stages;
pub mod tail;
pub mod together;
mod wire;
