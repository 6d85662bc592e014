//! Where the federation comes in: a Unix socket of each worker, on which requests for single
//! servers are served as those of clients are, with the client's own token and address.
//!
//! Refuses everybody but this very process, which the kernel vouches for. These connections do not
//! count among those of clients, and are not shed: who is behind them was let in already.

use std::fs::{self, Permissions};
use std::os::unix::fs::PermissionsExt as _;
use std::os::unix::net::UnixListener as Bound;
use std::path::{Path, PathBuf};
use std::rc::Rc;
use std::time::Duration;

use anyhow::Context as _;
use monoio::io::CancelHandle;
use monoio::net::{UnixListener, UnixStream};
use varistor_http1::{Field, RequestHead};
use varistor_identity::Certificate;
use varistor_pipeline::stages::authenticate::CERTIFICATE;

use super::{TICK_MS, Worker, caught};
use crate::client::{self, Guest};
use crate::io::Stream;
use crate::log;

/// The socket of the worker with this number.
pub(crate) fn path(dir: &Path, index: usize) -> PathBuf {
    dir.join(format!("run/order-{index}.sock"))
}

/// Binds the socket of each worker.
pub(crate) fn bind(dir: &Path, workers: usize) -> anyhow::Result<Vec<Bound>> {
    let bind = |index| {
        let path = path(dir, index);
        // The lock on the audit log says that no other gateway serves this directory.
        let _ = fs::remove_file(&path);
        let context = || format!("{}: can't be listened on", path.display());
        let listener = Bound::bind(&path).with_context(context)?;
        fs::set_permissions(&path, Permissions::from_mode(0o600)).with_context(context)?;
        listener.set_nonblocking(true)?;
        anyhow::Ok(listener)
    };
    (0..workers).map(bind).collect()
}

/// Takes connections until cancelled.
pub(super) async fn accept(worker: Rc<Worker>, listener: Bound, stop: CancelHandle) {
    let Ok(listener) = UnixListener::from_std(listener) else {
        return log::error(format_args!("the federation can't be listened to"));
    };
    while !worker.hub.is_draining() {
        match listener.cancelable_accept(stop.clone()).await {
            Ok((stream, _)) => welcome(&worker, stream),
            Err(_) if worker.hub.is_draining() => break,
            Err(error) => {
                log::warning(format_args!("the federation could not be let in: {error}"));
                monoio::time::sleep(Duration::from_millis(TICK_MS)).await;
            }
        }
    }
}

fn welcome(worker: &Rc<Worker>, stream: UnixStream) {
    if !is_own(&stream) {
        return log::warning(format_args!(
            "another process tried to reach a worker past its listener and was turned away"
        ));
    }
    let worker = Rc::clone(worker);
    worker.inner.set(worker.inner.get().saturating_add(1));
    monoio::spawn(async move {
        let guest = Guest::inner(&worker, Stream::Unix(stream));
        caught(&worker, client::serve(Rc::clone(&worker), guest)).await;
        worker.inner.set(worker.inner.get().saturating_sub(1));
    });
}

/// The address of the client on whose behalf the federation asks (RFC 7239); empty when it does not
/// say.
pub(crate) fn said_peer((head, bytes): (&RequestHead, &[u8])) -> String {
    let value = head.field(bytes, Field::Forwarded).unwrap_or_default();
    let quoted = value.strip_prefix(b"for=\"");
    let address = quoted.and_then(|rest| rest.strip_suffix(b"\""));
    String::from_utf8_lossy(address.unwrap_or_default()).into_owned()
}

/// The certificate of the client without a token on whose behalf the federation asks.
pub(crate) fn said_certificate((head, bytes): (&RequestHead, &[u8])) -> Option<Certificate> {
    let value = head.field(bytes, Field::Authorization)?;
    let carried = value.strip_prefix(CERTIFICATE)?;
    Certificate::of_carried(core::str::from_utf8(carried).ok()?)
}

fn is_own(stream: &UnixStream) -> bool {
    let own = rustix::process::getpid().as_raw_nonzero().get();
    let peer = stream.peer_cred().ok().and_then(|peer| peer.pid());
    peer == Some(own)
}
