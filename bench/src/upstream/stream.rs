//! A stream of events that stays open: notifications and comments at their pace.

use std::io;
use std::time::{Duration, Instant};

use super::Upstream;
use super::delivery::Open;
use super::frame::COMMENT;
use super::link::Link;

/// How often something is sent; zero for never.
#[derive(Clone, Copy, Default)]
pub(super) struct Pulse {
    pub(super) notify: Duration,
    pub(super) keep_alive: Duration,
}

/// Sends what is due until the client goes away; returns at once when nothing ever is.
///
/// # Errors
/// The client has gone.
pub(super) async fn stay(link: &mut Link, upstream: &Upstream, open: &Open) -> io::Result<()> {
    let mut timetable = Timetable::new(upstream.pulse, Instant::now());
    // Event 1 was the first, where there is one.
    let mut number = 2;
    while let Some((due, what)) = timetable.next() {
        monoio::time::sleep(due.saturating_duration_since(Instant::now())).await;
        let mut bytes = Vec::new();
        match what {
            What::Notification => {
                open.framing.write(number, &open.notification, &mut bytes);
                number += 1;
            }
            What::Comment => bytes.extend_from_slice(COMMENT),
        }
        upstream.stats.count_sent(bytes.len());
        link.send(bytes).await?;
    }
    Ok(())
}

/// What is sent on an open stream.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
enum What {
    Notification,
    Comment,
}

/// When what is due.
struct Timetable {
    pulse: Pulse,
    notification: Instant,
    comment: Instant,
}

impl Timetable {
    fn new(pulse: Pulse, now: Instant) -> Self {
        Self {
            pulse,
            notification: now + pulse.notify,
            comment: now + pulse.keep_alive,
        }
    }

    /// What is due next; a notification keeps the stream alive as well as a comment.
    fn next(&mut self) -> Option<(Instant, What)> {
        let Pulse { notify, keep_alive } = self.pulse;
        let notification = (!notify.is_zero()).then_some(self.notification);
        let comment = (!keep_alive.is_zero()).then_some(self.comment);
        match (notification, comment) {
            (None, None) => None,
            (Some(due), comment) if comment.is_none_or(|comment| due <= comment) => {
                self.notification = due + notify;
                self.comment = due + keep_alive;
                Some((due, What::Notification))
            }
            (_, Some(due)) => {
                self.comment = due + keep_alive;
                Some((due, What::Comment))
            }
            (Some(_), None) => None,
        }
    }
}

#[cfg(test)]
mod tests {
    use std::time::{Duration, Instant};

    use super::{Pulse, Timetable, What};

    fn told(notify: u64, keep_alive: u64) -> Vec<(u128, What)> {
        let start = Instant::now();
        let pulse = Pulse {
            notify: Duration::from_millis(notify),
            keep_alive: Duration::from_millis(keep_alive),
        };
        let mut timetable = Timetable::new(pulse, start);
        let mut next = || {
            let (due, what) = timetable.next()?;
            Some((due.duration_since(start).as_millis(), what))
        };
        (0..4).map_while(|_| next()).collect()
    }

    #[test]
    fn comments_come_only_where_nothing_else_does() {
        use What::{Comment, Notification};
        assert_eq!(told(0, 0), []);
        assert_eq!(told(0, 5)[..2], [(5, Comment), (10, Comment)]);
        assert_eq!(told(5, 0)[..2], [(5, Notification), (10, Notification)]);
        assert_eq!(told(5, 5)[..2], [(5, Notification), (10, Notification)]);
        let mixed = [
            (10, Comment),
            (20, Comment),
            (25, Notification),
            (35, Comment),
        ];
        assert_eq!(told(25, 10), mixed);
    }
}
