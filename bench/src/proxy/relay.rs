//! One client's connection through the bare proxy: bytes in, the same bytes out.

use std::io;

use monoio::io::AsyncWriteRentExt;
use monoio::net::TcpStream;

use super::Pool;
use crate::wire::{Body, Head, Inbox};

/// Which head is to be expected.
#[derive(Clone, Copy)]
enum Kind {
    Request,
    Response,
}

/// How a message ended.
enum End {
    /// The connection it came from can be used again.
    Reusable,
    /// It cannot.
    Last,
    /// There was no message, the peer had closed.
    Nothing,
}

/// Relays requests until one side closes.
pub(super) async fn serve(mut client: TcpStream, pool: &Pool) -> io::Result<()> {
    client.set_nodelay(true)?;
    let (mut from_client, mut from_upstream) = (Relay::default(), Relay::default());
    loop {
        // An upstream connection is taken only once there is a request to send.
        if from_client.inbox.bytes().is_empty()
            && from_client.inbox.receive(&mut client).await? == 0
        {
            return Ok(());
        }
        let mut upstream = match pool.take() {
            Some(idle) => idle,
            None => {
                let fresh = TcpStream::connect_addr(pool.upstream).await?;
                fresh.set_nodelay(true)?;
                fresh
            }
        };
        let asked = from_client
            .pass(Kind::Request, &mut client, &mut upstream)
            .await?;
        let answered = from_upstream
            .pass(Kind::Response, &mut upstream, &mut client)
            .await?;
        match (asked, answered) {
            (End::Reusable, End::Reusable) => pool.give(upstream),
            _ => return Ok(()),
        }
    }
}

impl Pool {
    fn take(&self) -> Option<TcpStream> {
        self.idle.borrow_mut().pop()
    }

    fn give(&self, stream: TcpStream) {
        self.idle.borrow_mut().push(stream);
    }
}

/// One direction of one connection.
#[derive(Default)]
struct Relay {
    inbox: Inbox,
    out: Vec<u8>,
    data: Vec<u8>,
}

impl Relay {
    /// Passes one whole message on, as it arrives.
    async fn pass(
        &mut self,
        kind: Kind,
        from: &mut TcpStream,
        to: &mut TcpStream,
    ) -> io::Result<End> {
        let head = loop {
            let parsed = match kind {
                Kind::Request => Head::of_request(self.inbox.bytes())?,
                Kind::Response => Head::of_response(self.inbox.bytes())?,
            };
            if let Some(head) = parsed {
                break head;
            }
            if self.inbox.receive(from).await? == 0 {
                return Ok(End::Nothing);
            }
        };
        let mut body = head.body;
        let mut used = head.bytes;
        loop {
            let rest = self.inbox.bytes().get(used..).unwrap_or_default();
            self.data.clear();
            used = used.saturating_add(body.read(rest, &mut self.data)?);
            self.send(used, to).await?;
            used = 0;
            if body.has_ended() {
                return Ok(if head.keep_alive {
                    End::Reusable
                } else {
                    End::Last
                });
            }
            if self.inbox.receive(from).await? == 0 {
                return ended_by_close(body);
            }
        }
    }

    async fn send(&mut self, count: usize, to: &mut TcpStream) -> io::Result<()> {
        let mut out = std::mem::take(&mut self.out);
        out.clear();
        out.extend_from_slice(self.inbox.bytes().get(..count).unwrap_or_default());
        self.inbox.discard(count);
        let (result, out) = to.write_all(out).await;
        self.out = out;
        result.map(drop)
    }
}

fn ended_by_close(body: Body) -> io::Result<End> {
    if body.ends_with_connection() {
        Ok(End::Last)
    } else {
        Err(io::ErrorKind::UnexpectedEof.into())
    }
}
