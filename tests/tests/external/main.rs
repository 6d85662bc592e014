//! Suites, clients and servers that others wrote, through the gateway and without it.
//!
//! The gateway must change nothing: what is compared is always a run through it with a run
//! without it.

mod approvals;
mod clients;
mod conformance;
mod connect;
mod evidence;
mod federation;
mod login;
mod mail;
mod report;
mod sandbox;
mod servers;
