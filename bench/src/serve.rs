//! Runs an rmcp server on axum at `/mcp`, on one thread.
//!
//! Both eras on one endpoint. Only loopback names are accepted in `Host` and `Origin`
//! (MCP 2025-11-25, Transports, Security Warning).

use std::sync::Arc;
use std::time::Duration;

use axum::serve::ListenerExt;
use rmcp::ServerHandler;
use rmcp::transport::streamable_http_server::session::SessionManager;
use rmcp::transport::streamable_http_server::session::local::SessionConfig;
use rmcp::transport::streamable_http_server::{StreamableHttpServerConfig, StreamableHttpService};

use crate::listen::{Listen, announce};

/// What a client is told to wait before it reconnects to a stream that ended.
const RETRY: Duration = Duration::from_millis(500);

/// The session settings of both servers: a session lives as long as the server.
pub(crate) fn session_config() -> SessionConfig {
    let mut config = SessionConfig::default();
    config.keep_alive = None;
    config.sse_retry = Some(RETRY);
    config
}

/// Serves one handler per session (legacy) or per request (2026-07-28) until the process ends.
///
/// # Errors
/// The address cannot be bound, or accepting fails for good.
pub(crate) fn serve<S, M>(
    listen: &Listen,
    sessions: Arc<M>,
    handler: impl Fn() -> S + Send + Sync + 'static,
) -> anyhow::Result<()>
where
    S: ServerHandler,
    M: SessionManager,
{
    let listener = listen.bind()?;
    let config = StreamableHttpServerConfig::default()
        .with_allowed_hosts(["localhost", "127.0.0.1", "::1"])
        .with_allowed_origins(["http://localhost:*", "http://127.0.0.1:*", "http://[::1]:*"])
        .with_sse_retry(Some(RETRY));
    let service = StreamableHttpService::new(move || Ok(handler()), sessions, config);
    let router = axum::Router::new().route_service("/mcp", service);
    let runtime = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build()?;
    runtime.block_on(async move {
        let listener = tokio::net::TcpListener::from_std(listener)?;
        announce(listener.local_addr()?)?;
        let listener = listener.tap_io(|stream| {
            // Without it a small answer waits for the acknowledgement of the one before.
            drop(stream.set_nodelay(true));
        });
        axum::serve(listener, router).await?;
        Ok(())
    })
}
