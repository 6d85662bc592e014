//! What stands on the command line for every command, and where gateways are to be found.

use std::path::PathBuf;
use std::sync::Arc;

use clap::{Args, Parser};

use crate::admin::{Gateway, Identity};
use crate::commands::Command;
use crate::directory::PolicyDir;
use crate::exit::wrong;

/// Control plane of the Varistor MCP gateway: policy, tokens, vault, audit log.
#[derive(Debug, Parser)]
#[command(
    name = "varictl",
    version,
    arg_required_else_help = true,
    after_help = "Begin with `varictl init`. Exit status: 0 done, 1 failed, 2 wrong use or bad \
                  configuration."
)]
pub(crate) struct Arguments {
    /// Policy directory [default: ./varistor, then /etc/varistor]
    #[arg(long, global = true, value_name = "DIR")]
    pub(crate) dir: Option<PathBuf>,
    #[command(subcommand)]
    pub(crate) command: Command,
}

impl Arguments {
    /// The policy directory; refuses when there is none.
    pub(crate) fn policy_dir(&self) -> anyhow::Result<PolicyDir> {
        PolicyDir::find(self.dir.as_deref())
    }
}

/// Which gateways a command speaks to.
#[derive(Args, Debug, Default)]
pub(crate) struct Gateways {
    /// Admin socket of a gateway on this machine; repeatable [default: DIR/run/admin.sock]
    #[arg(long, value_name = "PATH")]
    pub(crate) socket: Vec<PathBuf>,
    /// Admin address of a gateway, over mutual TLS; repeatable
    #[arg(long, value_name = "HOST:PORT", requires_all = ["cert", "key", "ca"])]
    pub(crate) to: Vec<String>,
    /// Certificate chain (PEM) that proves this client to --to
    #[arg(long, value_name = "FILE", requires = "to")]
    pub(crate) cert: Option<PathBuf>,
    /// Private key (PEM) of --cert
    #[arg(long, value_name = "FILE", requires = "to")]
    pub(crate) key: Option<PathBuf>,
    /// Authority (PEM) that the gateways' certificates must come from
    #[arg(long, value_name = "FILE", requires = "to")]
    pub(crate) ca: Option<PathBuf>,
}

impl Gateways {
    /// The gateways that were named, else the one that serves the directory.
    pub(crate) fn resolve(&self, dir: Option<&PolicyDir>) -> anyhow::Result<Vec<Gateway>> {
        let mut gateways: Vec<_> = self.socket.iter().cloned().map(Gateway::Socket).collect();
        if let (Some(cert), Some(key), Some(ca)) = (&self.cert, &self.key, &self.ca) {
            let config = Identity {
                certificate: cert,
                key,
                authority: ca,
            }
            .load()?;
            for address in &self.to {
                check_address(address)?;
                gateways.push(Gateway::Tcp(address.clone(), Arc::clone(&config)));
            }
        }
        match dir {
            Some(dir) if gateways.is_empty() => gateways.push(Gateway::Socket(dir.socket())),
            _ => {}
        }
        Ok(gateways)
    }

    /// The gateways that were named, else the one that serves the policy directory, which must
    /// then be there.
    pub(crate) fn chosen(&self, arguments: &Arguments) -> anyhow::Result<Vec<Gateway>> {
        let dir = match self.named() {
            true => PolicyDir::find_if_any(arguments.dir.as_deref())?,
            false => Some(arguments.policy_dir()?),
        };
        self.resolve(dir.as_ref())
    }

    /// Whether any was named.
    pub(crate) fn named(&self) -> bool {
        !self.socket.is_empty() || !self.to.is_empty()
    }
}

fn check_address(address: &str) -> anyhow::Result<()> {
    let port = address
        .rsplit_once(':')
        .filter(|(host, _)| !host.is_empty());
    match port.map(|(_, port)| port.parse::<u16>()) {
        Some(Ok(_)) => Ok(()),
        _ => Err(wrong(format!(
            "--to {address}: expected HOST:PORT, as in gw1.example:7333"
        ))),
    }
}

#[cfg(test)]
mod tests {
    use clap::CommandFactory;

    use super::*;

    #[test]
    fn the_command_line_is_well_formed() {
        Arguments::command().debug_assert();
    }

    #[test]
    fn an_address_has_a_host_and_a_port() {
        assert!(check_address("[::1]:1").is_ok());
        for bad in ["", "host", ":1", "host:", "host:99999", "host:x"] {
            assert!(check_address(bad).is_err(), "{bad}");
        }
    }
}
