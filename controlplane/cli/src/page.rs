//! The approval page: where approvers see held calls and decide, on any screen, without scripts.
//!
//! Refuses other hosts than its own, decisions without a session and its token or a link that is
//! good for one, and everything that is too long.

mod answer;
mod approvals;
mod approvers;
mod form;
mod gateways;
mod html;
mod links;
mod pace;
mod pretty;
mod route;
mod serve;
mod sessions;
mod views;

pub(crate) use approvers::{Approvers, shown as shown_code};
pub(crate) use gateways::Fleet;
pub(crate) use links::{Links, make_key as make_link_key};
pub(crate) use serve::{Site, serve};
