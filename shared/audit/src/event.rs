//! The records of what happens to the gateway itself: start, stop, snapshots, revocations, and
//! what the log's own writer had to do.

mod credential;
mod identity;
mod mended;
mod people;
mod tools;
mod witness;

use core::fmt::Display;

use varistor_model::TokenId;

use crate::call::text;
use crate::json;

pub use credential::CredentialEvent;
pub use identity::IdentityEvent;
pub use people::{ApprovalEvent, Undelivered};
pub use tools::{ToolTold, ToolsEvent, ToolsTold};
pub use witness::WitnessEvent;

/// Something that is no call. Each has its `kind` and a `details` object.
#[derive(Clone, Copy)]
pub enum Event<'a> {
    /// The gateway begins to log and then to serve.
    Start {
        /// The gateway's version.
        version: &'a str,
        /// The I/O driver in use.
        driver: &'a str,
        /// How many workers serve.
        workers: u64,
        /// The address that is served.
        listen: &'a str,
    },
    /// The gateway takes no new connections and finishes what is in flight.
    Drain,
    /// The gateway ends in order; the last record of a run.
    Stop,
    /// Another snapshot serves.
    Snapshot {
        /// Its generation.
        generation: u64,
        /// Its digest.
        sha256: &'a [u8; 32],
        /// The generation that served before.
        previous: Option<u64>,
    },
    /// A snapshot was offered and refused; the running one stays.
    SnapshotRefused {
        /// Its generation, if it could be read.
        generation: Option<u64>,
        /// Why it was refused.
        error: &'a dyn Display,
    },
    /// Tokens were revoked, and with them all that were narrowed from them.
    Revoked {
        /// The revoked ids.
        tokens: &'a [TokenId],
    },
    /// Somebody, or the clock, has decided about a held call.
    Approval(ApprovalEvent<'a>),
    /// A message to people was given up.
    NotificationFailed(Undelivered<'a>),
    /// The breaker of a server opened or closed.
    Breaker {
        /// The server's name.
        server: &'a str,
        /// Whether its calls are refused from now on.
        open: bool,
        /// How often it has opened since the gateway began.
        trips: u64,
        /// How the server failed last.
        cause: &'a str,
    },
    /// Workers began to refuse requests because they can't keep up, or none does any more.
    Shedding {
        /// Whether requests are refused from now on.
        begun: bool,
        /// Requests refused since the gateway began.
        refused: u64,
    },
    /// A server that the gateway starts itself was not started.
    Child {
        /// The server's name.
        server: &'a str,
        /// Why, in a word: `executable_changed`.
        what: &'a str,
        /// Why, in a sentence.
        detail: &'a str,
    },
    /// Definitions of tools were pinned, quarantined, released or approved.
    Tools(ToolsEvent<'a>),
    /// A witness of the log said something new, or is late.
    Witness(WitnessEvent<'a>),
    /// An identity provider publishes other keys, or can't be asked.
    Identity(IdentityEvent<'a>),
    /// An access token for a server was got, or was not.
    Credential(CredentialEvent<'a>),
    /// The kill switch was pulled.
    Kill {
        /// What was stopped.
        selectors: &'a [String],
        /// Who asked for it.
        by: &'a str,
        /// Why, when it was said.
        reason: Option<&'a str>,
        /// Connections of clients that it ended.
        connections: u64,
        /// Calls in flight that it ended.
        calls: u64,
    },
    /// What had been stopped may go on.
    Revive {
        /// What may go on.
        selectors: &'a [String],
        /// Who asked for it.
        by: &'a str,
        /// Why, when it was said.
        reason: Option<&'a str>,
    },
    /// At the start, the log ended in an unfinished line, which was cut off and kept aside.
    Repaired {
        /// The segment's file name.
        segment: &'a str,
        /// How many bytes were cut.
        torn_bytes: u64,
    },
    /// At the start, records that a power cut had taken from the segments were put back from where
    /// they had been written ahead.
    Restored {
        /// The segment that they stand in now.
        segment: &'a str,
        /// How many.
        records: u64,
    },
    /// At the start, calls of the run before were let through and have no result: whether they ran
    /// is not known.
    OutcomeUnknown {
        /// How many.
        count: u64,
        /// The newest of them.
        calls: &'a [u64],
    },
    /// The disk is full: calls are denied until there is room. The log stands on its reserve.
    Full {
        /// The error.
        error: &'a dyn Display,
    },
    /// The log could not be written and now can again, in a new segment.
    Recovered {
        /// The segment that is written no more.
        segment: &'a str,
        /// The first error.
        error: &'a dyn Display,
        /// For how long nothing could be written.
        failed_ms: u64,
        /// Records that were refused in that time, and so stand nowhere.
        refused: u64,
        /// Numbers of calls that stand in the log although their callers were told that the log
        /// failed; they were not forwarded.
        withdrawn: &'a [u64],
    },
}

impl Event<'_> {
    /// The event's `kind`.
    #[must_use]
    pub const fn kind(&self) -> &'static str {
        match self {
            Self::Start { .. } => "start",
            Self::Drain => "drain",
            Self::Stop => "stop",
            Self::Snapshot { .. } => "snapshot",
            Self::SnapshotRefused { .. } => "snapshot_refused",
            Self::Revoked { .. } => "revoked",
            Self::Approval(_) => "approval",
            Self::NotificationFailed(_) => "notification_failed",
            Self::Breaker { open: true, .. } => "breaker_open",
            Self::Breaker { .. } => "breaker_closed",
            Self::Shedding { begun: true, .. } => "shedding_begun",
            Self::Shedding { .. } => "shedding_ended",
            Self::Child { .. } => "child_refused",
            Self::Tools(event) => event.kind(),
            Self::Witness(event) => event.kind(),
            Self::Identity(event) => event.kind(),
            Self::Credential(event) => event.kind(),
            Self::Kill { .. } => "kill",
            Self::Revive { .. } => "revive",
            Self::Repaired { .. } => "audit_repaired",
            Self::Restored { .. } => "audit_restored",
            Self::OutcomeUnknown { .. } => "outcome_unknown",
            Self::Full { .. } => "audit_full",
            Self::Recovered { .. } => "audit_recovered",
        }
    }

    /// Appends everything behind the head of the line: `,"kind":` through `}`.
    pub fn write(&self, out: &mut Vec<u8>) {
        text(b",\"kind\":", self.kind(), out);
        out.extend_from_slice(b",\"details\":{");
        let mut details = Details { out, first: true };
        match *self {
            Self::Drain | Self::Stop => {}
            Self::Start {
                version,
                driver,
                workers,
                listen,
            } => {
                details.text("version", version);
                details.text("driver", driver);
                details.number("workers", workers);
                details.text("listen", listen);
            }
            Self::Snapshot {
                generation,
                sha256,
                previous,
            } => {
                details.number("generation", generation);
                details.hex("sha256", sha256);
                previous
                    .into_iter()
                    .for_each(|n| details.number("previous", n));
            }
            Self::SnapshotRefused { generation, error } => {
                generation
                    .into_iter()
                    .for_each(|n| details.number("generation", n));
                details.display("error", error);
            }
            Self::Revoked { tokens } => {
                details.list("tokens", tokens, |token, out| {
                    out.push(b'"');
                    json::hex(&token.0, out);
                    out.push(b'"');
                });
            }
            Self::Approval(event) => event.write(&mut details),
            Self::NotificationFailed(message) => message.write(&mut details),
            Self::Breaker { .. } | Self::Shedding { .. } | Self::Child { .. } => {
                self.write_guarded(&mut details);
            }
            Self::Tools(event) => event.write(&mut details),
            Self::Witness(event) => event.write(&mut details),
            Self::Credential(event) => event.write(&mut details),
            Self::Identity(event) => event.write(&mut details),
            Self::Kill { .. } | Self::Revive { .. } => self.write_switched(&mut details),
            Self::Repaired { .. }
            | Self::Restored { .. }
            | Self::OutcomeUnknown { .. }
            | Self::Full { .. }
            | Self::Recovered { .. } => self.write_mended(&mut details),
        }
        out.extend_from_slice(b"}}");
    }

    /// What a server was kept from, or the gateway kept from it.
    fn write_guarded(&self, details: &mut Details<'_>) {
        match *self {
            Self::Breaker {
                server,
                open: _,
                trips,
                cause,
            } => {
                details.text("server", server);
                details.number("trips", trips);
                details.text("cause", cause);
            }
            Self::Shedding { begun: _, refused } => details.number("refused", refused),
            Self::Child {
                server,
                what,
                detail,
            } => {
                details.text("server", server);
                details.text("what", what);
                details.text("detail", detail);
            }
            _ => {}
        }
    }

    /// What the kill switch was pulled or let go for.
    fn write_switched(&self, details: &mut Details<'_>) {
        match *self {
            Self::Kill {
                selectors,
                by,
                reason,
                connections,
                calls,
            } => {
                details.switched(selectors, by, reason);
                details.number("connections", connections);
                details.number("calls", calls);
            }
            Self::Revive {
                selectors,
                by,
                reason,
            } => details.switched(selectors, by, reason),
            _ => {}
        }
    }
}

struct Details<'a> {
    out: &'a mut Vec<u8>,
    first: bool,
}

impl Details<'_> {
    fn key(&mut self, key: &str) {
        if !self.first {
            self.out.push(b',');
        }
        self.first = false;
        json::string(key.as_bytes(), self.out);
        self.out.push(b':');
    }

    fn text(&mut self, key: &str, value: &str) {
        self.key(key);
        json::string(value.as_bytes(), self.out);
    }

    fn display(&mut self, key: &str, value: &dyn Display) {
        self.key(key);
        json::display(value, self.out);
    }

    fn number(&mut self, key: &str, value: u64) {
        self.key(key);
        json::number(value, self.out);
    }

    fn hex(&mut self, key: &str, value: &[u8]) {
        self.key(key);
        self.out.push(b'"');
        json::hex(value, self.out);
        self.out.push(b'"');
    }

    fn switched(&mut self, selectors: &[String], by: &str, reason: Option<&str>) {
        self.list("selectors", selectors, |text, out| {
            json::string(text.as_bytes(), out);
        });
        self.text("by", by);
        if let Some(reason) = reason {
            self.text("reason", reason);
        }
    }

    fn list<T>(&mut self, key: &str, values: &[T], write: impl Fn(&T, &mut Vec<u8>)) {
        self.key(key);
        self.out.push(b'[');
        for (place, value) in values.iter().enumerate() {
            if place > 0 {
                self.out.push(b',');
            }
            write(value, self.out);
        }
        self.out.push(b']');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::{Value, json};

    fn read(event: &Event<'_>) -> Value {
        let mut tail = Vec::new();
        event.write(&mut tail);
        tail.splice(..1, *b"{");
        serde_json::from_slice(&tail).unwrap()
    }

    #[test]
    fn every_event_is_json_with_its_kind_and_details() {
        let start = Event::Start {
            version: "0.1.0",
            driver: "io_uring",
            workers: 2,
            listen: "127.0.0.1:7332",
        };
        let details = json!({"version": "0.1.0", "driver": "io_uring", "workers": 2,
            "listen": "127.0.0.1:7332"});
        assert_eq!(read(&start), json!({"kind": "start", "details": details}));
        assert_eq!(read(&Event::Stop), json!({"kind": "stop", "details": {}}));
        assert_eq!(read(&Event::Drain), json!({"kind": "drain", "details": {}}));
        let swapped = read(&Event::Snapshot {
            generation: 3,
            sha256: &[0xcd; 32],
            previous: Some(2),
        });
        assert_eq!(swapped["details"]["sha256"], "cd".repeat(32));
        assert_eq!(swapped["details"]["previous"], 2);
        let revoked = read(&Event::Revoked {
            tokens: &[TokenId([1; 16]), TokenId([2; 16])],
        });
        assert_eq!(
            revoked["details"]["tokens"],
            json!(["01".repeat(16), "02".repeat(16)])
        );
        let child = read(&Event::Child {
            server: "files",
            what: "executable_changed",
            detail: "d",
        });
        let details = json!({"server": "files", "what": "executable_changed", "detail": "d"});
        assert_eq!(child, json!({"kind": "child_refused", "details": details}));
        let repaired = read(&Event::Repaired {
            segment: "0.jsonl",
            torn_bytes: 7,
        });
        assert_eq!(repaired["details"]["torn_bytes"], 7);
        let unknown = read(&Event::OutcomeUnknown {
            count: 3,
            calls: &[7, 9],
        });
        let details = json!({"count": 3, "calls": [7, 9]});
        assert_eq!(
            unknown,
            json!({"kind": "outcome_unknown", "details": details})
        );
    }

    #[test]
    fn witnesses_and_exports_are_told_of() {
        let failed = read(&Event::Witness(WitnessEvent::Failed {
            witness: "w.example",
            what: "conflicts",
            error: &"e",
        }));
        let details = json!({"witness": "w.example", "what": "conflicts", "error": "e"});
        assert_eq!(
            failed,
            json!({"kind": "witness_failed", "details": details})
        );
        let overdue = |begun| {
            let (records, seconds) = (3, 601);
            read(&Event::Witness(WitnessEvent::Overdue {
                begun,
                records,
                seconds,
            }))
        };
        let details = json!({"records": 3, "seconds": 601});
        assert_eq!(
            overdue(true),
            json!({"kind": "unwitnessed_begun", "details": details})
        );
        assert_eq!(overdue(false)["kind"], "unwitnessed_ended");
        let exported = read(&Event::Witness(WitnessEvent::Exported {
            place: "/mnt/bucket",
            records: 9,
        }));
        let details = json!({"place": "/mnt/bucket", "records": 9});
        assert_eq!(
            exported,
            json!({"kind": "checkpoints_exported", "details": details})
        );
        let unexported = read(&Event::Witness(WitnessEvent::Unexported {
            place: "/mnt/bucket",
            error: &"e",
        }));
        assert_eq!(unexported["kind"], "checkpoints_failed");
        assert_eq!(unexported["details"]["error"], "e");
    }

    #[test]
    fn guards_and_the_kill_switch_say_what_they_did() {
        let breaker = |open| Event::Breaker {
            server: "crm",
            open,
            trips: 2,
            cause: "timeout",
        };
        let details = json!({"server": "crm", "trips": 2, "cause": "timeout"});
        assert_eq!(
            read(&breaker(true)),
            json!({"kind": "breaker_open", "details": details})
        );
        assert_eq!(read(&breaker(false))["kind"], "breaker_closed");
        let (begun, refused) = (true, 3);
        let shedding = read(&Event::Shedding { begun, refused });
        assert_eq!(
            shedding,
            json!({"kind": "shedding_begun", "details": {"refused": 3}})
        );
        let begun = false;
        assert_eq!(
            read(&Event::Shedding { begun, refused })["kind"],
            "shedding_ended"
        );
        let selectors = ["agent acme/ci-bot".to_owned()];
        let killed = read(&Event::Kill {
            selectors: &selectors,
            by: "uid 0",
            reason: Some("odd"),
            connections: 3,
            calls: 2,
        });
        let details = json!({"selectors": ["agent acme/ci-bot"], "by": "uid 0", "reason": "odd",
            "connections": 3, "calls": 2});
        assert_eq!(killed, json!({"kind": "kill", "details": details}));
        let revived = read(&Event::Revive {
            selectors: &selectors,
            by: "uid 0",
            reason: None,
        });
        assert_eq!(revived["details"]["by"], "uid 0");
    }

    #[test]
    fn an_approval_says_who_decided() {
        let event = ApprovalEvent {
            id: &[0xab; 16],
            decision: "approve",
            by: "ann",
            note: "",
            for_ms: 0,
        };
        let details = json!({"approval": "ab".repeat(16), "decision": "approve", "by": "ann"});
        let read = read(&Event::Approval(event));
        assert_eq!(read, json!({"kind": "approval", "details": details}));
    }

    #[test]
    fn an_error_text_cannot_break_out() {
        let refused = read(&Event::SnapshotRefused {
            generation: None,
            error: &"\"},\"kind\":\"stop\"\n\u{202e}",
        });
        assert_eq!(refused["kind"], "snapshot_refused");
        assert_eq!(
            refused["details"]["error"],
            "\"},\"kind\":\"stop\"\n\u{202e}"
        );
        let failed = read(&Event::NotificationFailed(Undelivered {
            channel: "slack/#a",
            event: "held",
            message: "msg_1",
            count: 2,
            attempts: 3,
            error: &"\"}",
        }));
        let details = json!({"channel": "slack/#a", "event": "held", "message": "msg_1",
            "count": 2, "attempts": 3, "error": "\"}"});
        assert_eq!(
            failed,
            json!({"kind": "notification_failed", "details": details})
        );
        let recovered = read(&Event::Recovered {
            segment: "x",
            error: &"disk\n",
            failed_ms: 5,
            refused: 6,
            withdrawn: &[7, 8],
        });
        assert_eq!(recovered["details"]["withdrawn"], json!([7, 8]));
    }
}
