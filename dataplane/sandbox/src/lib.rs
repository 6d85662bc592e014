//! The sandbox of stdio servers: starts a program behind every layer that the kernel has, and ends
//! it with everything it started. Refuses to start where a layer that must be there is missing.
//!
//! ```text
//! gateway --Command--> launcher --fork--> init of the namespace --fork--> the server
//!                      (this program,     (process 1: reaps,             (Landlock, seccomp,
//!                       executed again)    dies with the launcher)        no capabilities, limits)
//! ```
//!
//! `launch_if_asked` must be the first thing that `main` does. A program then prepares a
//! [`Profile`], asks for a [`std::process::Command`], sets its standard streams and spawns it:
//!
//! ```no_run
//! # fn main() -> Result<(), Box<dyn std::error::Error>> {
//! varistor_sandbox::launch_if_asked();
//! let sandbox = varistor_sandbox::Sandbox::of_this_program()?;
//! let mut prepared = sandbox.prepare(&varistor_sandbox::Profile::default())?;
//! let mut child = prepared.command(&["/usr/bin/true"])?.spawn()?;
//! let tree = varistor_sandbox::Tree::of(child.id())?;
//! child.wait()?;
//! # drop(tree); Ok(()) }
//! ```

mod egress;
mod error;
mod launch;
mod layer;
mod plan;
mod prepare;
mod preset;
mod profile;
mod resolve;
mod sys;
mod system;
mod temporary;
mod tree;

pub use egress::Tell;
pub use error::Error;
pub use launch::{LAUNCH_FAILED, call_name, launch_if_asked};
pub use layer::{Layer, LayerName};
pub use prepare::{Prepared, Sandbox};
pub use profile::{Level, Limits, Namespaces, Network, Preset, Profile};
pub use temporary::Temporary;
pub use tree::{END_MS_MAX, NotEnded, Tree};
