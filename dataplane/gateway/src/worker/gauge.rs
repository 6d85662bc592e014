//! Measures how long what has come waits for its worker, the way it comes: on a socket.
//!
//! The timer of a worker does not tell: a driver hands over only so many sockets in a turn, and
//! looks at its timers between turns, so that a timer is in time while thousands of sockets wait
//! for many turns. So a byte is sent through a pair of sockets, behind everything that is ready by
//! then, and is timed from when it should have been sent until it is read.

use std::io::Write as _;
use std::os::unix::net::UnixStream;
use std::rc::Rc;
use std::time::Duration;

use futures_util::future::join;
use monoio::io::AsyncReadRent as _;

use super::Worker;
use crate::log;

/// How often a byte is sent.
const PACE_MS: u64 = 25;

/// Runs as long as the worker.
pub(super) async fn run(worker: Rc<Worker>) {
    if let Err(error) = probe(&worker).await {
        worker.shed.expect(u64::MAX);
        log::warning(format_args!(
            "a worker can't tell how long requests wait for it and refuses none for overload: \
             {error}"
        ));
    }
}

async fn probe(worker: &Worker) -> std::io::Result<()> {
    let (mut near, far) = UnixStream::pair()?;
    far.set_nonblocking(true)?;
    let mut far = monoio::net::UnixStream::from_std(far)?;
    let mut buffer = vec![0; 1];
    loop {
        let due_ns = worker.clock.mono_ns().saturating_add(PACE_MS * 1_000_000);
        worker.shed.expect(due_ns);
        // The read stands before the byte comes, as those of connections do.
        let send = async {
            monoio::time::sleep(Duration::from_millis(PACE_MS)).await;
            near.write_all(&[0])
        };
        let ((read, given_back), sent) = join(far.read(buffer), send).await;
        sent?;
        read?;
        buffer = given_back;
        worker.clock.renew();
        let now_ns = worker.clock.mono_ns();
        worker.count_turn(worker.shed.probed(now_ns, now_ns.saturating_sub(due_ns)));
    }
}
