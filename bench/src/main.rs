//! `varistor-bench`: the servers and the load that the gateway is tested and measured with.
//!
//! Nothing here decides anything about a call; each subcommand is a program of its own.

mod catalogue;
mod compare;
mod crm;
mod demo;
mod descriptors;
mod driver;
mod family;
mod fixture;
mod listen;
mod load;
mod plot;
mod proxy;
mod rig;
mod scale;
mod serve;
mod upstream;
mod wire;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Test servers, mock upstreams and load for the Varistor gateway.
#[derive(Parser)]
#[command(name = "varistor-bench", version)]
struct Arguments {
    #[command(subcommand)]
    program: Program,
}

#[derive(Subcommand)]
enum Program {
    /// Run the demo's MCP server: a CRM with invented people, and a payment interface.
    Crm(crm::Options),
    /// Show the gateway at work: a scripted agent, an allowed call, refusals, a live policy.
    Demo(demo::Options),
    /// Run the MCP server that the official conformance suite expects.
    Fixture(fixture::Options),
    /// Run the mock MCP server that load is sent to.
    Upstream(upstream::Options),
    /// Send load to an MCP server or gateway and report what it took.
    Load(Box<load::Options>),
    /// Send the same load through several gateways in turn, and print what each makes of it.
    Compare(compare::Options),
    /// Grow one thing at a time, and print what a call costs and what the gateway holds.
    Scale(scale::Options),
    /// Run the bare reverse proxy that comparisons take as their floor.
    Proxy(proxy::Options),
}

fn main() -> ExitCode {
    let ran = match Arguments::parse().program {
        Program::Crm(options) => crm::run(&options),
        Program::Demo(options) => demo::run(&options),
        Program::Fixture(options) => fixture::run(&options),
        Program::Upstream(options) => upstream::run(&options),
        Program::Load(options) => load::run(&options),
        Program::Compare(options) => compare::run(&options),
        Program::Scale(options) => scale::run(&options),
        Program::Proxy(options) => proxy::run(&options),
    };
    match ran {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("varistor-bench: {error:#}");
            ExitCode::FAILURE
        }
    }
}
