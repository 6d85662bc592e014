//! Which events of the gateway people are told of, beside calls: what the record says, in short.

use varistor_audit::{Event, ToolsEvent, WitnessEvent};
use varistor_model::{Notice, NoticeKind};

/// The notice about an event; `None`: nobody needs to hear of it.
pub(super) fn notice(event: &Event<'_>, unix_ms: u64) -> Option<Notice> {
    let of = |kind| Notice::new(kind, unix_ms);
    Some(match *event {
        Event::Breaker {
            server,
            open: true,
            cause,
            ..
        } => Notice {
            server: server.to_owned(),
            detail: format!("it failed again and again ({cause})"),
            ..of(NoticeKind::UpstreamOpen)
        },
        Event::Tools(ToolsEvent::Quarantined(told)) => {
            let tools = told.tools.iter().map(|tool| tool.tool);
            Notice {
                server: told.server.to_owned(),
                tool: tools.take(3).collect::<Vec<_>>().join(", "),
                detail: format!(
                    "{} to be looked at: varictl tools list --quarantined",
                    told.count
                ),
                ..of(NoticeKind::Quarantined)
            }
        }
        Event::Witness(WitnessEvent::Failed {
            witness,
            what: "conflicts",
            error,
        }) => Notice {
            detail: format!("{witness}: {error}"),
            ..of(NoticeKind::Witness)
        },
        Event::Witness(WitnessEvent::Overdue {
            begun: true,
            records,
            seconds,
        }) => Notice {
            detail: format!("{records} records wait, the oldest for {seconds} s; calls are denied"),
            ..of(NoticeKind::Witness)
        },
        Event::Kill {
            selectors,
            by,
            reason,
            ..
        } => switched("stopped", (selectors, by, reason), of(NoticeKind::Killed)),
        Event::Revive {
            selectors,
            by,
            reason,
        } => switched("revived", (selectors, by, reason), of(NoticeKind::Killed)),
        _ => return None,
    })
}

fn switched(
    what: &str,
    (selectors, by, reason): (&[String], &str, Option<&str>),
    notice: Notice,
) -> Notice {
    let first = selectors.first().map_or("", String::as_str);
    let more = match selectors.len() {
        0 | 1 => String::new(),
        count => format!(" and {} more", count.saturating_sub(1)),
    };
    let reason = reason.map_or_else(String::new, |reason| format!(": {reason}"));
    Notice {
        detail: format!("{what} {first}{more} by {by}{reason}"),
        ..notice
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use varistor_audit::{ToolTold, ToolsTold};

    #[test]
    fn people_hear_of_what_the_operator_or_a_server_did() {
        let selectors = ["server crm".to_owned(), "agent acme/bot".to_owned()];
        let killed = Event::Kill {
            selectors: &selectors,
            by: "uid 0",
            reason: Some("odd"),
            connections: 1,
            calls: 1,
        };
        let killed = notice(&killed, 7).unwrap();
        assert_eq!((killed.kind, killed.unix_ms), (NoticeKind::Killed, 7));
        assert_eq!(killed.detail, "stopped server crm and 1 more by uid 0: odd");
        let told = ToolTold {
            tool: "get",
            sha256: &[0; 32],
            cause: Some("changed"),
        };
        let quarantined = Event::Tools(ToolsEvent::Quarantined(ToolsTold {
            server: "crm",
            count: 1,
            tools: &[told],
        }));
        let quarantined = notice(&quarantined, 7).unwrap();
        assert_eq!(quarantined.kind, NoticeKind::Quarantined);
        assert_eq!((&*quarantined.server, &*quarantined.tool), ("crm", "get"));
        let opened = Event::Breaker {
            server: "crm",
            open: true,
            trips: 1,
            cause: "timeout",
        };
        assert_eq!(notice(&opened, 7).unwrap().kind, NoticeKind::UpstreamOpen);
    }

    #[test]
    fn nobody_is_woken_for_good_news() {
        assert_eq!(notice(&Event::Drain, 7), None);
        let closed = Event::Breaker {
            server: "crm",
            open: false,
            trips: 1,
            cause: "timeout",
        };
        assert_eq!(notice(&closed, 7), None);
    }
}
