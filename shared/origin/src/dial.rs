//! A connection to the first address that answers (RFC 8305): families in turn, the next one while
//! the last is still being tried.

use std::future::Future;
use std::net::{IpAddr, SocketAddr};
use std::pin::Pin;
use std::time::Duration;

use futures_util::StreamExt as _;
use futures_util::stream::FuturesUnordered;
use tokio::net::{TcpStream, lookup_host};
use tokio::time::{sleep, timeout};

/// Looks up the addresses that may be connected to; the error is for a person.
pub type Resolve = Box<dyn Fn(&str, u16) -> Addresses>;

/// Looks names up by the system's resolver, and leaves out addresses that `may_go` refuses.
pub fn looked_up(may_go: impl Fn(IpAddr) -> bool + Clone + 'static) -> Resolve {
    Box::new(move |host, port| {
        let (name, may_go) = ((host.to_owned(), port), may_go.clone());
        Box::pin(async move {
            let found = lookup_host(name).await;
            let found = found.map_err(|error| format!("its name can't be resolved: {error}"))?;
            Ok(found.filter(|address| may_go(address.ip())).collect())
        })
    })
}

type Addresses = Pin<Box<dyn Future<Output = Result<Vec<SocketAddr>, String>>>>;

/// From one attempt to the next (RFC 8305 section 5).
const NEXT: Duration = Duration::from_millis(250);

/// Connects to one of these addresses; each has this long. The error says why, for a person.
///
/// # Errors
/// No address, or none that answers.
pub async fn dial(addresses: Vec<SocketAddr>, each: Duration) -> Result<TcpStream, String> {
    let mut waiting = in_turn(addresses).into_iter();
    let mut why = "its name has no address that may be used".to_owned();
    let mut attempts = FuturesUnordered::new();
    loop {
        if let Some(address) = waiting.next() {
            attempts.push(attempt(address, each));
        } else if attempts.is_empty() {
            return Err(why);
        }
        let more = waiting.len() > 0;
        let ended = tokio::select! {
            ended = attempts.next() => ended,
            () = sleep(NEXT), if more => None,
        };
        match ended {
            Some(Ok(stream)) => return Ok(stream),
            Some(Err(failed)) => why = failed,
            None => {}
        }
    }
}

async fn attempt(address: SocketAddr, each: Duration) -> Result<TcpStream, String> {
    match timeout(each, TcpStream::connect(address)).await {
        Err(_) => Err(format!("{address}: no answer in time")),
        Ok(Err(error)) => Err(format!("{address}: {error}")),
        Ok(Ok(stream)) => Ok(stream),
    }
}

/// The families in turn, the first one's first (RFC 8305 section 4).
#[must_use]
pub fn in_turn(addresses: Vec<SocketAddr>) -> Vec<SocketAddr> {
    let Some(first) = addresses.first().map(SocketAddr::is_ipv6) else {
        return Vec::new();
    };
    let (own, other): (Vec<_>, Vec<_>) =
        addresses.into_iter().partition(|it| it.is_ipv6() == first);
    let mut other = other.into_iter();
    let mut all = Vec::new();
    for address in own {
        all.push(address);
        all.extend(other.next());
    }
    all.extend(other);
    all
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn families_take_turns() {
        let addresses = ["1.0.0.1:1", "1.0.0.2:1", "1.0.0.3:1", "[::1]:1", "[::2]:1"];
        let addresses = addresses.map(|it| it.parse().unwrap()).to_vec();
        let order: Vec<_> = in_turn(addresses).iter().map(ToString::to_string).collect();
        let wanted = ["1.0.0.1:1", "[::1]:1", "1.0.0.2:1", "[::2]:1", "1.0.0.3:1"];
        assert_eq!(order, wanted);
        assert!(in_turn(Vec::new()).is_empty());
    }

    #[test]
    fn an_address_that_refuses_gives_way_to_the_next() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let good = listener.local_addr().unwrap();
            let closed = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let bad = closed.local_addr().unwrap();
            drop(closed);
            let each = Duration::from_secs(5);
            let stream = dial(vec![bad, good], each).await.unwrap();
            assert_eq!(stream.peer_addr().unwrap(), good);
            let why = dial(vec![bad], each).await.unwrap_err();
            assert!(why.contains("refused"), "{why}");
            assert!(dial(Vec::new(), each).await.is_err());
        });
    }

    /// The kernel drops the requests of a listener whose queue is full: it does not answer.
    #[test]
    fn an_address_that_is_silent_is_not_waited_for() {
        let runtime = tokio::runtime::Builder::new_current_thread()
            .enable_all()
            .build()
            .unwrap();
        runtime.block_on(async {
            let silent = tokio::net::TcpSocket::new_v4().unwrap();
            silent.bind("127.0.0.1:0".parse().unwrap()).unwrap();
            let silent = silent.listen(0).unwrap();
            let silent_at = silent.local_addr().unwrap();
            // Fills the queue: one more than may wait is let in.
            let mut held = Vec::new();
            while let Ok(Ok(stream)) =
                timeout(Duration::from_millis(100), TcpStream::connect(silent_at)).await
            {
                held.push(stream);
            }
            let listener = tokio::net::TcpListener::bind("127.0.0.1:0").await.unwrap();
            let good = listener.local_addr().unwrap();
            let begun = std::time::Instant::now();
            let stream = dial(vec![silent_at, good], Duration::from_secs(20)).await;
            assert_eq!(stream.unwrap().peer_addr().unwrap(), good);
            assert!(begun.elapsed() < Duration::from_secs(10));
        });
    }
}
