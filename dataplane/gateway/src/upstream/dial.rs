//! One address after the other, the next one while the last is still being tried (RFC 8305 section
//! 5), so that one that is silent holds up nobody.

use core::future::Future;
use std::net::SocketAddr;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;

/// From one attempt to the next.
const NEXT: Duration = Duration::from_millis(250);

/// What the first attempt that succeeds gives; nothing when none does. `failed` is told of each
/// that fails.
pub(super) async fn first<T, E, A: Future<Output = Result<T, E>>>(
    addresses: &[SocketAddr],
    attempt: impl Fn(SocketAddr) -> A,
    mut failed: impl FnMut(E),
) -> Option<T> {
    let mut waiting = addresses.iter();
    let mut attempts = FuturesUnordered::new();
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(attempt(*address));
        } else if attempts.is_empty() {
            return None;
        }
        let ended = match waiting.len() {
            0 => attempts.next().await,
            _ => {
                let next = monoio::time::timeout(NEXT, attempts.next());
                next.await.unwrap_or_default()
            }
        };
        match ended {
            Some(Ok(done)) => return Some(done),
            Some(Err(error)) => failed(error),
            None => {}
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::cell::RefCell;
    use std::time::Instant;

    fn on_any_driver(work: impl Future<Output = ()>) {
        let runtime = monoio::RuntimeBuilder::<monoio::FusionDriver>::new()
            .enable_timer()
            .build();
        runtime.unwrap().block_on(work);
    }

    #[test]
    fn an_address_that_is_silent_holds_up_nobody() {
        on_any_driver(async {
            let addresses = ["1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1"];
            let addresses = addresses.map(|it| it.parse::<SocketAddr>().unwrap());
            let tried = RefCell::new(Vec::new());
            let attempt = |address: SocketAddr| {
                tried.borrow_mut().push(address);
                async move {
                    match address == addresses[0] {
                        true => core::future::pending().await,
                        false if address == addresses[1] => Err("refused"),
                        false => Ok(address),
                    }
                }
            };
            let begun = Instant::now();
            let mut errors = Vec::new();
            let found = first(&addresses, attempt, |error| errors.push(error)).await;
            assert_eq!(found, Some(addresses[2]));
            assert_eq!((errors, tried.into_inner().len()), (vec!["refused"], 3));
            assert!(begun.elapsed() >= NEXT, "the first one has its time");
        });
    }

    #[test]
    fn nothing_is_found_where_all_refuse() {
        on_any_driver(async {
            let addresses = ["1.0.0.1:1", "1.0.0.2:1"].map(|it| it.parse().unwrap());
            let mut errors = 0;
            let attempt = |_| async { Err::<(), _>(()) };
            assert_eq!(first(&addresses, attempt, |()| errors += 1).await, None);
            assert_eq!(errors, 2);
        });
    }
}
