//! The sandbox of stdio servers, tried from inside and from outside, through the built `varictl`.
//!
//! Every way out is tried with and without the sandbox: a way that nobody can take proves nothing.

mod ends;
mod escapes;
mod outlet;
mod start;
mod world;
