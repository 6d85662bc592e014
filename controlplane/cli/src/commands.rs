//! The commands, each in a file of its own.

mod approvals;
mod audit;
mod catalog;
mod channels;
mod check;
mod compile;
mod connect;
mod connect_info;
mod diff;
mod discover;
mod doctor;
mod explain;
mod fmt;
mod identity;
mod import;
mod init;
mod kill;
mod login;
mod push;
mod rehearsal;
mod replay;
mod rollback;
mod sandbox;
mod schema;
mod status;
mod token;
mod tools;
mod vault;

use clap::Subcommand;

use crate::arguments::Arguments;
use crate::exit::Exit;

/// What can be done.
#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Make a policy directory that works at once: keys, empty vault, commented policy
    Init(init::Init),
    /// Say everything that is wrong with the policy directory
    Check(check::Check),
    /// Turn the policy directory into a signed snapshot, the next generation
    Compile(compile::Compile),
    /// Show who would gain and who would lose which tool
    Diff(diff::Diff),
    /// Write rule files in their one shape
    Fmt(fmt::Fmt),
    /// Say what the gateway would do with messages, one a line on standard input
    Explain(explain::Explain),
    /// Say what another policy would have decided of the calls that a log recorded
    Replay(replay::Replay),
    /// Compile the policy directory and send it to running gateways
    Push(push::Push),
    /// Go back to the policy of an earlier generation, under a new number
    Rollback(rollback::Rollback),
    /// Show what gateways are doing
    Status(status::Status),
    /// Stop everything, or one organisation, team, agent, token, server or tool
    Kill(kill::Kill),
    /// Let go on what was stopped
    Revive(kill::Revive),
    /// Issue, narrow, inspect, revoke and list tokens of agents
    #[command(subcommand)]
    Token(token::Token),
    /// Look at what identity providers publish
    #[command(subcommand)]
    Identity(identity::Identity),
    /// List, show, approve and refuse calls that wait for a human
    #[command(subcommand)]
    Approvals(approvals::Approvals),
    /// See what servers say of their tools, and approve what changed
    #[command(subcommand)]
    Tools(tools::Tools),
    /// Verify, search, follow and export the audit log, and report about it
    #[command(subcommand)]
    Audit(audit::Audit),
    /// Try the channels by which people are told
    #[command(subcommand)]
    Channels(channels::Channels),
    /// Find well-known MCP servers, and add one to the policy
    #[command(subcommand)]
    Catalog(catalog::Catalog),
    /// Be a local MCP server for a host, and pass everything to a gateway
    Connect(connect::Connect),
    /// Move the servers and credentials of MCP clients behind the gateway
    Import(import::Import),
    /// Check machine, policy and gateway, and say how to mend what is wrong
    Doctor(doctor::Doctor),
    /// Find the MCP servers of this machine that are not behind the gateway
    Discover(discover::Discover),
    /// Print what a host's configuration needs to start `varictl connect`
    ConnectInfo(connect_info::ConnectInfo),
    /// Run servers in the sandbox, and see what they are refused
    #[command(subcommand)]
    Sandbox(sandbox::Sandbox),
    /// Keep the credentials of upstream servers
    #[command(subcommand)]
    Vault(vault::Vault),
    /// Log in to a server with a browser, for an agent or a person, or for all callers
    Login(login::Login),
    /// Forget an account at a server
    Logout(login::Logout),
    /// List the accounts at servers
    Logins(login::Logins),
    /// Print the JSON Schema of policy files, for editors
    Schema,
}

/// Runs the command.
pub(crate) fn run(arguments: &Arguments) -> anyhow::Result<Exit> {
    match &arguments.command {
        Command::Init(init) => init.run(arguments.dir.as_deref()),
        Command::Check(check) => check.run(&arguments.policy_dir()?),
        Command::Compile(compile) => compile.run(&arguments.policy_dir()?),
        Command::Diff(diff) => diff.run(&arguments.policy_dir()?),
        Command::Explain(explain) => explain.run(arguments),
        Command::Fmt(fmt) => fmt.run(arguments),
        Command::Replay(replay) => replay.run(arguments),
        Command::Push(push) => push.run(&arguments.policy_dir()?),
        Command::Rollback(rollback) => rollback.run(&arguments.policy_dir()?),
        Command::Status(status) => status.run(arguments),
        Command::Kill(kill) => kill.run(arguments),
        Command::Revive(revive) => revive.run(arguments),
        Command::Token(token) => token.run(arguments),
        Command::Identity(identity) => identity.run(arguments),
        Command::Approvals(approvals) => approvals.run(arguments),
        Command::Tools(tools) => tools.run(arguments),
        Command::Audit(audit) => audit.run(arguments),
        Command::Channels(channels) => channels.run(arguments),
        Command::Catalog(catalog) => catalog.run(arguments),
        Command::Connect(connect) => connect.run(),
        Command::Import(import) => import.run(&arguments.policy_dir()?),
        Command::Doctor(doctor) => doctor.run(&arguments.policy_dir()?),
        Command::Discover(discover) => discover.run(arguments),
        Command::ConnectInfo(info) => info.run(),
        Command::Sandbox(sandbox) => sandbox.run(),
        Command::Vault(vault) => vault.run(&arguments.policy_dir()?),
        Command::Login(login) => login.run(&arguments.policy_dir()?),
        Command::Logout(logout) => logout.run(&arguments.policy_dir()?),
        Command::Logins(logins) => logins.run(&arguments.policy_dir()?),
        Command::Schema => schema::run(),
    }
}
