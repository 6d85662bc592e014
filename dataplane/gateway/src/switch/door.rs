//! The kill switch's own socket, `run/kill.sock` (0600), and its thread's work. Whoever can open
//! the socket is the operator. It answers while the control thread is busy.

use std::convert::Infallible;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::Duration;

use hyper::service::service_fn;
use hyper_util::rt::{TokioIo, TokioTimer};
use tokio::net::{UnixListener, UnixStream};

use super::Switch;
use super::watch::Watch;
use crate::control::kill;
use crate::log;

/// How often the file, a signal and the workers are looked at.
const LOOK: Duration = Duration::from_millis(10);
/// Time for a client to send its request's head.
const HEAD_TIME: Duration = Duration::from_secs(10);

/// Runs as long as the process.
pub(super) fn run(switch: &Arc<Switch>, mut watch: Watch) {
    let built = tokio::runtime::Builder::new_current_thread()
        .enable_all()
        .build();
    let runtime = match built {
        Ok(runtime) => runtime,
        Err(error) => {
            log::error(format_args!("the kill switch has no thread: {error}"));
            std::process::abort();
        }
    };
    let tasks = tokio::task::LocalSet::new();
    tasks.block_on(&runtime, async {
        match listen(&switch.socket) {
            Ok(listener) => drop(tokio::task::spawn_local(serve(
                Arc::clone(switch),
                listener,
            ))),
            Err(error) => log::warning(format_args!(
                "{}: can't be listened on: {error}; varictl kill goes by the admin socket",
                switch.socket.display()
            )),
        }
        loop {
            watch.look(switch);
            tokio::time::sleep(LOOK).await;
        }
    });
}

fn listen(path: &Path) -> std::io::Result<UnixListener> {
    // Only one gateway serves a directory: the lock on the audit log says so.
    let _ = std::fs::remove_file(path);
    let listener = UnixListener::bind(path)?;
    std::fs::set_permissions(path, std::fs::Permissions::from_mode(0o600))?;
    Ok(listener)
}

async fn serve(switch: Arc<Switch>, listener: UnixListener) {
    loop {
        match listener.accept().await {
            Ok((stream, _)) => drop(tokio::task::spawn_local(connection(
                Arc::clone(&switch),
                stream,
            ))),
            Err(_) => tokio::time::sleep(LOOK).await,
        }
    }
}

async fn connection(switch: Arc<Switch>, stream: UnixStream) {
    let who: Rc<str> = kill::peer(&stream).into();
    let service = service_fn(move |request| {
        let (switch, who) = (Arc::clone(&switch), Rc::clone(&who));
        async move { Ok::<_, Infallible>(kill::answer(&switch, &who, request).await) }
    });
    let served = hyper::server::conn::http1::Builder::new()
        .timer(TokioTimer::new())
        .header_read_timeout(HEAD_TIME)
        .serve_connection(TokioIo::new(stream), service);
    // A client that breaks off has nobody else to tell.
    let _ = served.await;
}
