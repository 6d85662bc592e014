//! The ways in which an upstream can fail its client.

/// What goes wrong.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug, Hash)]
pub(super) enum Fault {
    /// The connection is reset instead of an answer; on stdio the process exits.
    Reset,
    /// The connection closes after half of the answer; on stdio the process exits there.
    Half,
    /// After half of the answer nothing more comes; the connection stays open.
    HalfOpen,
    /// No answer ever comes; the connection stays open.
    Silent,
    /// The answer comes one byte a second.
    Slow,
    /// The head of the answer comes one byte every 100 ms (HTTP only).
    TrickleHead,
    /// The answer is an event stream, and each of its bytes a segment of its own (HTTP only).
    Split,
    /// The answer carries another request's id.
    WrongId,
    /// The call is answered twice.
    Duplicate,
    /// The answer is 64 MiB long.
    Huge,
    /// The answer is JSON whose last bracket is of the wrong kind.
    MalformedJson,
    /// The size of a chunk is no number (HTTP only).
    BadChunk,
    /// Content-Length is half of what comes (HTTP only).
    ShortLength,
    /// Content-Length is 100 more than what comes (HTTP only).
    LongLength,
    /// Status 429 instead of an answer (HTTP only).
    #[value(name = "status-429")]
    Status429,
    /// Status 500 instead of an answer (HTTP only).
    #[value(name = "status-500")]
    Status500,
    /// Status 503 instead of an answer (HTTP only).
    #[value(name = "status-503")]
    Status503,
    /// The event stream ends in order, without the result in it (HTTP only).
    StreamEnd,
    /// The connection closes right after the answer, without having said so (HTTP only).
    Stale,
    /// The connection is closed as soon as it is accepted (HTTP only, counts connections).
    Refuse,
    /// No connection is accepted any more, so that the backlog fills (HTTP only, counts
    /// connections).
    Deaf,
    /// A line that is no JSON comes before the answer (stdio only).
    Garbage,
    /// The answer does not end its line (stdio only).
    NoNewline,
}

impl Fault {
    /// Whether it befalls connections, not calls.
    pub(super) const fn is_of_connections(self) -> bool {
        matches!(self, Self::Refuse | Self::Deaf)
    }

    /// Whether it can be done over HTTP.
    pub(super) const fn is_of_http(self) -> bool {
        !matches!(self, Self::Garbage | Self::NoNewline)
    }

    /// Whether it can be done on standard output.
    pub(super) const fn is_of_stdio(self) -> bool {
        matches!(
            self,
            Self::Reset
                | Self::Half
                | Self::HalfOpen
                | Self::Silent
                | Self::Slow
                | Self::WrongId
                | Self::Duplicate
                | Self::Huge
                | Self::MalformedJson
                | Self::Garbage
                | Self::NoNewline
        )
    }

    /// The name on the command line and in a script.
    pub(super) fn name(self) -> String {
        let value = clap::ValueEnum::to_possible_value(&self);
        value.map_or_else(String::new, |value| value.get_name().to_owned())
    }
}

#[cfg(test)]
mod tests {
    use clap::ValueEnum;

    use super::Fault;

    #[test]
    fn every_fault_can_be_done_somewhere_and_has_its_own_name() {
        let faults = Fault::value_variants();
        let mut names: Vec<String> = faults.iter().map(|fault| fault.name()).collect();
        assert!(names.contains(&"status-429".to_owned()), "{names:?}");
        names.sort();
        names.dedup();
        assert_eq!(names.len(), faults.len());
        for fault in faults {
            assert!(fault.is_of_http() || fault.is_of_stdio(), "{fault:?}");
        }
    }
}
