//! One client's connection to the mock server: requests in, answers out, as the plan wants them.

use std::io;
use std::time::Duration;

use super::Upstream;
use super::delivery::{Delivery, End};
use super::link::Link;
use super::respond::Incoming;
use super::stream;
use crate::wire::{Head, Inbox};

/// How long a client has to close a connection that would otherwise be reset.
const FAREWELL: Duration = Duration::from_secs(1);

/// Answers requests until the client or a fault ends it.
///
/// # Errors
/// The connection failed, or what came is not HTTP.
pub(super) async fn serve(mut link: Link, upstream: &Upstream) -> io::Result<()> {
    let (mut inbox, mut incoming) = (Inbox::default(), Incoming::default());
    let mut delivery = Delivery::default();
    loop {
        let read = read_request(&mut link, upstream, &mut inbox, &mut incoming).await?;
        let Some(head) = read else {
            return Ok(());
        };
        delivery.clear();
        upstream.respond(head.method, &incoming, &mut delivery)?;
        send(&mut link, upstream, &mut delivery).await?;
        match std::mem::take(&mut delivery.end) {
            End::Next if head.keep_alive => {}
            End::Next | End::Close => return close(&mut link, upstream, &mut inbox).await,
            End::Reset => return Ok(()),
            End::Hold => return hold(&mut link, &mut inbox).await,
            End::Stay(open) => {
                stream::stay(&mut link, upstream, &open).await?;
                return hold(&mut link, &mut inbox).await;
            }
        }
    }
}

/// Reads one request; `None` when the client has closed.
async fn read_request(
    link: &mut Link,
    upstream: &Upstream,
    inbox: &mut Inbox,
    incoming: &mut Incoming,
) -> io::Result<Option<Head>> {
    let head = loop {
        if let Some(head) = Head::of_request(inbox.bytes())? {
            break head;
        }
        if receive(link, upstream, inbox).await? == 0 {
            return Ok(None);
        }
    };
    incoming.head.clear();
    if upstream.reads_head(head.method) {
        let bytes = inbox.bytes().get(..head.bytes).unwrap_or_default();
        incoming.head.extend_from_slice(bytes);
    }
    inbox.discard(head.bytes);
    incoming.body.clear();
    let mut framing = head.body;
    loop {
        let used = framing.read(inbox.bytes(), &mut incoming.body)?;
        inbox.discard(used);
        if framing.has_ended() {
            return Ok(Some(head));
        }
        if receive(link, upstream, inbox).await? == 0 {
            return Ok(None);
        }
    }
}

async fn receive(link: &mut Link, upstream: &Upstream, inbox: &mut Inbox) -> io::Result<usize> {
    let count = link.receive(inbox).await?;
    upstream.stats.count_received(count);
    Ok(count)
}

/// Sends an answer, with its waits.
async fn send(link: &mut Link, upstream: &Upstream, delivery: &mut Delivery) -> io::Result<()> {
    if !delivery.delay.is_zero() {
        monoio::time::sleep(delivery.delay).await;
    }
    if delivery.is_whole() {
        upstream.stats.count_sent(delivery.bytes.len());
        let bytes = std::mem::take(&mut delivery.bytes);
        delivery.bytes = link.send(bytes).await?;
        return Ok(());
    }
    let mut at = 0;
    while let Some(piece) = delivery.piece(at) {
        if !piece.before.is_zero() {
            monoio::time::sleep(piece.before).await;
        }
        at = piece.bytes.end;
        let bytes = delivery.bytes.get(piece.bytes).unwrap_or_default();
        upstream.stats.count_sent(bytes.len());
        link.send(bytes.to_vec()).await?;
        if !piece.after.is_zero() {
            monoio::time::sleep(piece.after).await;
        }
    }
    Ok(())
}

/// Closes in order, even where sockets are set up to reset.
async fn close(link: &mut Link, upstream: &Upstream, inbox: &mut Inbox) -> io::Result<()> {
    if upstream.resets {
        link.finish().await?;
        // Once the client has closed too, there is nothing left that could be reset.
        drop(monoio::time::timeout(FAREWELL, hold(link, inbox)).await);
    }
    Ok(())
}

/// Keeps the connection, mute, until the client goes away.
async fn hold(link: &mut Link, inbox: &mut Inbox) -> io::Result<()> {
    while link.receive(inbox).await? > 0 {
        inbox.discard(usize::MAX);
    }
    Ok(())
}
