//! nginx and haproxy as bare reverse proxies: what a gateway without any control costs.

use super::lineup::{Entry, Kind};
use crate::rig::program::{Program, find};
use crate::rig::{Rig, authority, free_port};

/// nginx with `proxy_pass`, one worker, keep-alive on both sides, room for so many clients.
///
/// # Errors
/// It is not installed, or does not start.
pub(super) fn nginx(rig: &Rig, upstream: &str, clients: u32) -> anyhow::Result<Entry> {
    let program = find("nginx", "nginx-light")?;
    let (port, folder) = (free_port()?, rig.folder().join("nginx"));
    std::fs::create_dir(&folder)?;
    let work = folder.display();
    let server = authority(upstream)?;
    let file = folder.join("nginx.conf");
    // A connection on each side, and some to spare.
    let room = clients.saturating_mul(2).saturating_add(512);
    let user = if rustix::process::geteuid().is_root() {
        "user root;"
    } else {
        ""
    };
    let text = format!(
        "daemon off; worker_processes 1; {user} pid {work}/pid; error_log {work}/log crit;
events {{ worker_connections {room}; }}
http {{
  access_log off;
  client_body_temp_path {work}/b; proxy_temp_path {work}/p; fastcgi_temp_path {work}/f;
  uwsgi_temp_path {work}/u; scgi_temp_path {work}/s;
  keepalive_requests 1000000000; client_max_body_size 64m;
  upstream mock {{ server {server}; keepalive 1024; keepalive_requests 1000000000; }}
  server {{ listen 127.0.0.1:{port} reuseport;
    location / {{ proxy_pass http://mock; proxy_http_version 1.1; \
     proxy_set_header Connection \"\"; }} }}
}}
"
    );
    std::fs::write(&file, text)?;
    let arguments = ["-p", &work.to_string(), "-c", &file.display().to_string()].map(str::to_owned);
    start(rig, Kind::Nginx, (&program, &arguments), upstream, port)
}

/// haproxy in HTTP mode, one thread, keep-alive and reuse on both sides.
///
/// # Errors
/// It is not installed, or does not start.
pub(super) fn haproxy(rig: &Rig, upstream: &str) -> anyhow::Result<Entry> {
    let program = find("haproxy", "haproxy")?;
    let (port, server) = (free_port()?, authority(upstream)?);
    let file = rig.folder().join("haproxy.cfg");
    let text = format!(
        "global
  nbthread 1
defaults
  mode http
  option http-keep-alive
  http-reuse always
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout http-keep-alive 60s
frontend agents
  bind 127.0.0.1:{port}
  default_backend servers
backend servers
  server mock {server} pool-max-conn 1024 pool-purge-delay 60s
"
    );
    std::fs::write(&file, text)?;
    let arguments = ["-db", "-f", &file.display().to_string()].map(str::to_owned);
    start(rig, Kind::Haproxy, (&program, &arguments), upstream, port)
}

fn start(
    rig: &Rig,
    kind: Kind,
    (program, arguments): (&std::path::Path, &[String]),
    upstream: &str,
    port: u16,
) -> anyhow::Result<Entry> {
    let arguments: Vec<&str> = arguments.iter().map(String::as_str).collect();
    let log = rig.folder().join(format!("{kind}.log"));
    let mut program = Program::logged(&rig.gateway_cores, program, &arguments, &log)?;
    program.listens(("127.0.0.1", port)).map_err(|error| {
        let said = std::fs::read_to_string(&log).unwrap_or_default();
        error.context(format!("{kind}: {}", said.trim()))
    })?;
    let path = upstream
        .split_once(authority(upstream)?)
        .map_or("", |(_, path)| path);
    Ok(Entry::program(
        kind,
        format!("http://127.0.0.1:{port}{path}"),
        program,
    ))
}
