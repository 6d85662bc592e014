//! A stream of bytes in memory between a worker and the bridge, both ways.
//!
//! Nothing of it is a system call but waking the other thread when that waits. A lane takes what it
//! is given whole while it is empty, by swapping buffers; what does not fit waits, so that neither
//! side runs ahead of the other without bound.
//!
//! The kill switch ends connections from any thread by their descriptor. So each conduit has one, a
//! socket on which nothing is ever sent: when it is shut down, the bridge closes the conduit.

use core::future::poll_fn;
use core::task::{Context, Poll, Waker};
use std::io;
use std::os::fd::{AsRawFd as _, RawFd};
use std::os::unix::net::UnixStream;
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};

/// One end. When it is dropped, the conduit is closed.
pub struct End {
    lanes: Arc<Lanes>,
    side: Side,
}

/// A worker's end.
pub struct Conduit {
    end: End,
    /// Closed behind the conduit.
    life: UnixStream,
}

/// What the bridge gets.
pub(crate) struct Arrival {
    pub(crate) end: End,
    /// At its end, the conduit is to be closed.
    pub(crate) life: UnixStream,
}

/// Closes a conduit from wherever it is.
#[derive(Clone)]
pub struct Closer(Arc<Lanes>);

#[derive(Clone, Copy)]
enum Side {
    Worker,
    Bridge,
}

/// To the bridge, and to the worker.
#[derive(Default)]
struct Lanes([Lane; 2]);

#[derive(Default)]
struct Lane(Mutex<State>);

/// **Invariant:** after `closed` nothing is added; what waits can still be read.
#[derive(Default)]
struct State {
    waiting: Vec<u8>,
    closed: bool,
    reader: Option<Waker>,
    writer: Option<Waker>,
}

/// Bytes that wait in a lane, at most, unless they came at once.
const WAITING_BYTES_MAX: usize = 256 * 1024;
/// Room that an empty lane keeps, at most.
const KEPT_BYTES: usize = 16 * 1024;

/// A new one.
pub(crate) fn conduit() -> io::Result<(Conduit, Arrival)> {
    let lanes = Arc::<Lanes>::default();
    let (near, far) = UnixStream::pair()?;
    far.set_nonblocking(true)?;
    let end = |side| End {
        lanes: Arc::clone(&lanes),
        side,
    };
    let conduit = Conduit {
        end: end(Side::Worker),
        life: near,
    };
    let arrival = Arrival {
        end: end(Side::Bridge),
        life: far,
    };
    Ok((conduit, arrival))
}

impl Conduit {
    /// The descriptor that ends it when it is shut down; never to be closed, read or written.
    #[must_use]
    pub fn fd(&self) -> RawFd {
        self.life.as_raw_fd()
    }

    /// The stream itself.
    #[must_use]
    pub const fn end(&self) -> &End {
        &self.end
    }
}

impl End {
    /// Appends what has come to `buffer`, and waits for it; 0 once the other side has closed and
    /// all was read.
    pub async fn read(&self, buffer: &mut Vec<u8>) -> usize {
        poll_fn(|context| self.incoming().poll_read(context, buffer)).await
    }

    /// Sends all of `buffer` and empties it, as soon as there is room.
    ///
    /// # Errors
    /// When the other side has closed.
    pub async fn write(&self, buffer: &mut Vec<u8>) -> io::Result<()> {
        poll_fn(|context| self.outgoing().poll_write(context, buffer)).await
    }

    /// Whether it is open and nothing has come that was not read.
    #[must_use]
    pub fn is_quiet(&self) -> bool {
        let state = self.incoming().state();
        !state.closed && state.waiting.is_empty()
    }

    /// Returns once it is not quiet any more.
    pub async fn stirred(&self) {
        poll_fn(|context| self.incoming().poll_stirred(context)).await;
    }

    /// What closes it.
    #[must_use]
    pub fn closer(&self) -> Closer {
        Closer(Arc::clone(&self.lanes))
    }

    fn incoming(&self) -> &Lane {
        let [to_bridge, to_worker] = &self.lanes.0;
        match self.side {
            Side::Worker => to_worker,
            Side::Bridge => to_bridge,
        }
    }

    fn outgoing(&self) -> &Lane {
        let [to_bridge, to_worker] = &self.lanes.0;
        match self.side {
            Side::Worker => to_bridge,
            Side::Bridge => to_worker,
        }
    }
}

impl Drop for End {
    fn drop(&mut self) {
        self.lanes.close();
    }
}

impl Closer {
    /// Closes both directions and wakes whoever waits.
    pub fn close(&self) {
        self.0.close();
    }
}

impl Lanes {
    fn close(&self) {
        for lane in &self.0 {
            let mut state = lane.state();
            state.closed = true;
            let woken = [state.reader.take(), state.writer.take()];
            drop(state);
            woken.into_iter().flatten().for_each(Waker::wake);
        }
    }
}

impl Lane {
    /// A thread that panicked left every field as it should be: each step is one assignment.
    fn state(&self) -> MutexGuard<'_, State> {
        self.0.lock().unwrap_or_else(PoisonError::into_inner)
    }

    fn poll_read(&self, context: &Context<'_>, buffer: &mut Vec<u8>) -> Poll<usize> {
        let mut state = self.state();
        let count = state.waiting.len();
        if count == 0 && !state.closed {
            wait(&mut state.reader, context);
            return Poll::Pending;
        }
        if buffer.is_empty() {
            core::mem::swap(buffer, &mut state.waiting);
        } else {
            buffer.append(&mut state.waiting);
        }
        if state.waiting.capacity() > KEPT_BYTES {
            state.waiting = Vec::new();
        }
        let writer = state.writer.take();
        drop(state);
        writer.into_iter().for_each(Waker::wake);
        Poll::Ready(count)
    }

    fn poll_write(&self, context: &Context<'_>, buffer: &mut Vec<u8>) -> Poll<io::Result<()>> {
        let mut state = self.state();
        if state.closed {
            return Poll::Ready(Err(io::ErrorKind::BrokenPipe.into()));
        }
        if state.waiting.is_empty() {
            core::mem::swap(buffer, &mut state.waiting);
        } else if state.waiting.len().saturating_add(buffer.len()) <= WAITING_BYTES_MAX {
            state.waiting.append(buffer);
        } else {
            wait(&mut state.writer, context);
            return Poll::Pending;
        }
        let reader = state.reader.take();
        drop(state);
        reader.into_iter().for_each(Waker::wake);
        Poll::Ready(Ok(()))
    }

    fn poll_stirred(&self, context: &Context<'_>) -> Poll<()> {
        let mut state = self.state();
        if state.closed || !state.waiting.is_empty() {
            return Poll::Ready(());
        }
        wait(&mut state.reader, context);
        Poll::Pending
    }
}

/// Remembers who waits.
fn wait(place: &mut Option<Waker>, context: &Context<'_>) {
    match place {
        Some(waker) => waker.clone_from(context.waker()),
        None => *place = Some(context.waker().clone()),
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::net::Shutdown;
    use std::thread;

    /// Every byte differs from its neighbours, and from those a line further.
    fn pattern(bytes: usize) -> Vec<u8> {
        (0_u8..=250).cycle().take(bytes).collect()
    }

    fn on_a_runtime<T>(work: impl Future<Output = T>) -> T {
        let runtime = tokio::runtime::Builder::new_current_thread().build();
        runtime.unwrap().block_on(work)
    }

    #[test]
    fn all_that_is_sent_arrives_in_order_between_threads_and_none_runs_ahead() {
        let (near, far) = conduit().unwrap();
        let all = pattern(20_000_003);
        let sent = all.clone();
        let sender = thread::spawn(move || {
            on_a_runtime(async {
                let mut size = 1;
                let mut rest = sent.as_slice();
                while !rest.is_empty() {
                    let (part, behind) = rest.split_at(size.min(rest.len()));
                    near.end().write(&mut part.to_vec()).await.unwrap();
                    (rest, size) = (behind, size * 7 % 300_007);
                }
            });
        });
        let mut got = Vec::new();
        on_a_runtime(async {
            let mut part = Vec::new();
            loop {
                let count = far.end.read(&mut part).await;
                // What came at once may be larger than what waits together.
                assert!(count <= 300_007 + WAITING_BYTES_MAX, "{count}");
                if count == 0 {
                    break;
                }
                got.append(&mut part);
            }
        });
        sender.join().unwrap();
        assert!(got == all, "{} of {} bytes", got.len(), all.len());
    }

    #[test]
    fn a_question_and_its_answer_pass_many_times_without_a_wake_up_lost() {
        let (near, far) = conduit().unwrap();
        let rounds = 20_000_u32;
        let server = thread::spawn(move || {
            on_a_runtime(async {
                let mut buffer = Vec::new();
                while far.end.read(&mut buffer).await > 0 {
                    far.end.write(&mut buffer).await.unwrap();
                }
            });
        });
        on_a_runtime(async {
            let mut buffer = Vec::new();
            for round in 0..rounds {
                near.end()
                    .write(&mut round.to_le_bytes().to_vec())
                    .await
                    .unwrap();
                buffer.clear();
                assert_eq!(near.end().read(&mut buffer).await, 4);
                assert_eq!(buffer, round.to_le_bytes());
            }
            drop(near);
        });
        server.join().unwrap();
    }

    #[test]
    fn what_came_before_the_end_is_read_and_nothing_is_taken_behind_it() {
        on_a_runtime(async {
            let (near, far) = conduit().unwrap();
            near.end().write(&mut b"last".to_vec()).await.unwrap();
            near.end().closer().close();
            assert!(near.end().write(&mut b"late".to_vec()).await.is_err());
            assert!(far.end.write(&mut b"late".to_vec()).await.is_err());
            let mut buffer = b"and ".to_vec();
            assert_eq!(far.end.read(&mut buffer).await, 4);
            assert_eq!(buffer, b"and last");
            assert_eq!(far.end.read(&mut buffer).await, 0);
        });
    }

    #[test]
    fn a_writer_waits_for_room_and_no_longer_than_there_is_a_reader() {
        on_a_runtime(async {
            let (near, far) = conduit().unwrap();
            let large = WAITING_BYTES_MAX + 5;
            near.end().write(&mut pattern(large)).await.unwrap();
            let (mut more, mut buffer) = (b"more".to_vec(), Vec::new());
            let waits = near.end().write(&mut more);
            let reads = async {
                // The writer was asked first, and there is no room.
                assert_eq!(far.end.read(&mut buffer).await, large);
                buffer.clear();
                far.end.read(&mut buffer).await
            };
            let (sent, count) = tokio::join!(biased; waits, reads);
            assert_eq!((sent.is_ok(), count), (true, 4));
            near.end().write(&mut pattern(large)).await.unwrap();
            let mut late = b"late".to_vec();
            let leaves = async { drop(far) };
            let (sent, ()) = tokio::join!(biased; near.end().write(&mut late), leaves);
            assert!(sent.is_err());
        });
    }

    #[test]
    fn quiet_is_open_and_without_a_byte() {
        on_a_runtime(async {
            let (near, far) = conduit().unwrap();
            assert!(near.end().is_quiet());
            far.end.write(&mut b"x".to_vec()).await.unwrap();
            assert!(!near.end().is_quiet());
            near.end().stirred().await;
            near.end().read(&mut Vec::new()).await;
            assert!(near.end().is_quiet());
            drop(far);
            assert!(!near.end().is_quiet());
            near.end().stirred().await;
        });
    }

    #[test]
    fn its_descriptor_is_the_one_whose_end_the_bridge_sees() {
        use std::io::Read as _;
        let (near, mut far) = conduit().unwrap();
        near.life.shutdown(Shutdown::Both).unwrap();
        assert_eq!(far.life.read(&mut [0]).unwrap(), 0);
    }
}
