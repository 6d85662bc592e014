//! Where a client finds the gateway, and how it starts the bridge to it. Refuses a way on which the
//! token would be seen.

use std::net::SocketAddr;
use std::path::Path;

use anyhow::Context;
use varistor_connect::Target;
use varistor_snapshot::schema::Policy;

use crate::exit::wrong;

/// The gateway's address as clients use it, without a path.
pub(super) fn gateway(named: Option<&str>, policy: &Policy) -> anyhow::Result<String> {
    let base = match (named, &policy.runtime.public_url) {
        (Some(named), _) => named.to_owned(),
        (None, Some(public)) => public.clone(),
        (None, None) => listener(policy)?,
    };
    let base = base.trim_end_matches('/').to_owned();
    let target = Target::parse(&format!("{base}/mcp/x"), false);
    target.map_err(|error| wrong(format!("--gateway {error}")))?;
    Ok(base)
}

fn listener(policy: &Policy) -> anyhow::Result<String> {
    let listen = &policy.runtime.listen;
    let unclear = || {
        wrong(format!(
            "the policy says `listen: {listen}`, which tells no client where the gateway is; name \
             it with --gateway URL, or set `public_url`"
        ))
    };
    let mut address: SocketAddr = listen.parse().map_err(|_| unclear())?;
    if policy.runtime.tls.is_some() || address.port() == 0 {
        return Err(unclear());
    }
    if address.ip().is_unspecified() {
        address.set_ip(match address {
            SocketAddr::V4(_) => std::net::Ipv4Addr::LOCALHOST.into(),
            SocketAddr::V6(_) => std::net::Ipv6Addr::LOCALHOST.into(),
        });
    }
    if !address.ip().is_loopback() {
        return Err(unclear());
    }
    Ok(format!("http://{address}"))
}

/// The program and the arguments that lead to a server.
pub(super) fn start(
    base: &str,
    server: &str,
    token_file: &Path,
    ca: Option<&Path>,
) -> anyhow::Result<Vec<String>> {
    let program = std::env::current_exe().context("the path of varictl is unknown")?;
    let text = |path: &Path| {
        let text = path.to_str().map(str::to_owned);
        text.ok_or_else(|| wrong(format!("{} is no UTF-8", path.display())))
    };
    let mut words = vec![
        text(&program)?,
        "connect".to_owned(),
        format!("{base}/mcp/{server}"),
        "--token-file".to_owned(),
        text(token_file)?,
    ];
    if let Some(ca) = ca {
        let ca = std::path::absolute(ca).context("the folder of this process is unknown")?;
        words.extend(["--ca".to_owned(), text(&ca)?]);
    }
    Ok(words)
}
