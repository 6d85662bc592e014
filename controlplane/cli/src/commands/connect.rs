//! `varictl connect`: the stdio bridge that an MCP host starts as a local server.

use std::ffi::OsString;
use std::path::PathBuf;
use std::time::Duration;

use clap::Args;
use varistor_connect::{ConnectError, Credential, Options, Source, Target};

use crate::exit::{Exit, wrong};

/// Be a local MCP server for a host, and pass everything to a gateway.
#[derive(Args, Debug)]
#[command(after_help = "\
Reads messages, one a line, on standard input, and writes the answers to standard output; remarks go
to standard error. Both protocol eras pass. The token is read again when the gateway refuses it, so
that it can be replaced at any time. While the gateway is away, messages wait; a call that may have
reached it is never sent twice, and is answered with an error that says so.

Exit status: 0 the host has closed standard input or ended the bridge, 1 standard input failed, 2
wrong use.

Example:
  varictl connect https://gateway.acme.example/mcp/github --token-file ~/.config/varistor/token")]
pub(crate) struct Connect {
    #[command(flatten)]
    pub(super) way: Way,
}

/// The way to a gateway, and what opens it.
#[derive(Args, Debug)]
pub(crate) struct Way {
    /// URL of a server at the gateway
    #[arg(value_name = "URL")]
    pub(super) url: String,
    #[command(flatten)]
    token: Token,
    /// Authorities (PEM) that the gateway's certificate must come from, instead of the machine's
    #[arg(long, value_name = "FILE")]
    ca: Option<PathBuf>,
    /// Send the token in clear to another machine: something else must protect the way
    #[arg(long)]
    allow_http: bool,
    /// For how long messages wait for a gateway that is away
    #[arg(long, value_name = "SECONDS", default_value_t = 30,
        value_parser = clap::value_parser!(u64).range(0..=3600))]
    reconnect: u64,
}

/// Where the token is.
#[derive(Args, Debug)]
#[group(multiple = false)]
struct Token {
    /// File with the token, for its owner alone (0600)
    #[arg(long, value_name = "FILE")]
    token_file: Option<PathBuf>,
    /// Environment variable with the token
    #[arg(long, value_name = "NAME")]
    token_env: Option<String>,
    /// Key with the token in the kernel's keyring of this session or user
    #[arg(long, value_name = "NAME")]
    token_keyring: Option<String>,
}

impl Connect {
    pub(super) fn run(&self) -> anyhow::Result<Exit> {
        let credential = Credential::load(self.way.token.source());
        let options = Options {
            target: self.way.target()?,
            credential: credential.map_err(|error| wrong(error.to_string()))?,
            authority: self.way.ca.clone(),
            patience: Duration::from_secs(self.way.reconnect),
        };
        match varistor_connect::run(options) {
            Ok(()) => Ok(Exit::Done),
            Err(error @ (ConnectError::Start(_) | ConnectError::Input(_))) => Err(error.into()),
        }
    }
}

impl Way {
    /// Where it leads; refuses what would show the token.
    pub(super) fn target(&self) -> anyhow::Result<Target> {
        Target::parse(&self.url, self.allow_http).map_err(|error| wrong(error.to_string()))
    }

    /// The same way as arguments of `varictl connect`, whatever folder a host starts it in.
    pub(super) fn arguments(&self) -> anyhow::Result<Vec<OsString>> {
        let mut given: Vec<OsString> = vec!["connect".into(), self.url.clone().into()];
        let files = [("--token-file", &self.token.token_file), ("--ca", &self.ca)];
        for (option, file) in files {
            if let Some(file) = file {
                given.extend([option.into(), std::path::absolute(file)?.into()]);
            }
        }
        let names = [
            ("--token-env", &self.token.token_env),
            ("--token-keyring", &self.token.token_keyring),
        ];
        for (option, name) in names {
            if let Some(name) = name {
                given.extend([option.into(), name.into()]);
            }
        }
        if self.allow_http {
            given.push("--allow-http".into());
        }
        if self.reconnect != 30 {
            given.extend(["--reconnect".into(), self.reconnect.to_string().into()]);
        }
        Ok(given)
    }
}

impl Token {
    fn source(&self) -> Source {
        match (&self.token_file, &self.token_env, &self.token_keyring) {
            (Some(path), ..) => Source::File(path.clone()),
            (_, Some(name), _) => Source::Env(name.clone()),
            (.., Some(name)) => Source::Keyring(name.clone()),
            (None, None, None) => Source::None,
        }
    }
}
