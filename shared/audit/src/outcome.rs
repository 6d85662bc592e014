//! The record of what became of a call that was let through.

use crate::call::{Findings, write_findings};
use crate::json;

/// How a call ended.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Status {
    /// The server answered with a result, or took the notification.
    Ok,
    /// The tool ran and failed (`isError: true`).
    ToolError,
    /// The server answered with a JSON-RPC error.
    RpcError,
    /// The server answered with an HTTP error.
    HttpError,
    /// The answer came and policy kept it back.
    Withheld,
    /// The server answered what can't be inspected, so it was kept back.
    Invalid,
    /// The server could not be reached; nothing was sent.
    Unreachable,
    /// The server did not answer in time; the call may have run.
    Timeout,
    /// The connection broke before the answer; the call may have run.
    Broken,
    /// The caller went away or cancelled before the answer; the call may have run.
    Cancelled,
    /// The operator stopped it with the kill switch; the call may have run.
    Killed,
    /// The call was sealed and then not sent.
    NotForwarded,
    /// A stream that had no single answer ended.
    Closed,
}

impl Status {
    /// Every status.
    pub const ALL: [Self; 13] = [
        Self::Ok,
        Self::ToolError,
        Self::RpcError,
        Self::HttpError,
        Self::Withheld,
        Self::Invalid,
        Self::Unreachable,
        Self::Timeout,
        Self::Broken,
        Self::Cancelled,
        Self::Killed,
        Self::NotForwarded,
        Self::Closed,
    ];

    /// The name in records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Ok => "ok",
            Self::ToolError => "tool_error",
            Self::RpcError => "rpc_error",
            Self::HttpError => "http_error",
            Self::Withheld => "withheld",
            Self::Invalid => "invalid",
            Self::Unreachable => "unreachable",
            Self::Timeout => "timeout",
            Self::Broken => "broken",
            Self::Cancelled => "cancelled",
            Self::Killed => "killed",
            Self::NotForwarded => "not_forwarded",
            Self::Closed => "closed",
        }
    }
}

/// What is recorded when a call has ended.
#[derive(Clone, Copy)]
pub struct ResultRecord<'a> {
    /// The number of the call's own record.
    pub call: u64,
    /// How it ended.
    pub status: Status,
    /// The upstream's HTTP status; 0 when there was none.
    pub http_status: u16,
    /// From the call's arrival to its end, in microseconds.
    pub duration_us: u64,
    /// Bytes of the answer's body as the upstream sent it.
    pub bytes: u64,
    /// How many findings in the answer were replaced.
    pub redacted: u32,
    /// Values that became ones of their type, so that the result stays valid.
    pub typed: u32,
    /// Members that were dropped for the same reason.
    pub dropped: u32,
    /// What DLP found in the answer.
    pub findings: &'a dyn Findings,
}

impl ResultRecord<'_> {
    /// Appends everything behind the head of the line: `,"kind":"result"` through `}`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"kind\":\"result\",\"call\":");
        json::number(self.call, out);
        out.extend_from_slice(b",\"status\":\"");
        out.extend_from_slice(self.status.name().as_bytes());
        out.push(b'"');
        if self.http_status != 0 {
            out.extend_from_slice(b",\"http_status\":");
            json::number(u64::from(self.http_status), out);
        }
        out.extend_from_slice(b",\"duration_us\":");
        json::number(self.duration_us, out);
        out.extend_from_slice(b",\"bytes\":");
        json::number(self.bytes, out);
        out.extend_from_slice(b",\"redacted\":");
        json::number(u64::from(self.redacted), out);
        if self.typed > 0 || self.dropped > 0 {
            out.extend_from_slice(b",\"structured\":{\"typed\":");
            json::number(u64::from(self.typed), out);
            out.extend_from_slice(b",\"dropped\":");
            json::number(u64::from(self.dropped), out);
            out.push(b'}');
        }
        write_findings(self.findings, out);
        out.push(b'}');
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::call::Found;
    use varistor_model::{DlpAction, Span};

    #[test]
    fn a_result_names_its_call_and_how_it_ended() {
        let mut out = Vec::new();
        ResultRecord {
            call: 41,
            status: Status::ToolError,
            http_status: 200,
            duration_us: 1_234,
            bytes: 512,
            redacted: 1,
            typed: 2,
            dropped: 1,
            findings: &[Found {
                entity: "iban",
                message: Some(2),
                place: Span { start: 3, end: 9 },
                action: DlpAction::Redact,
                confidence: 99,
            }],
        }
        .write(&mut out);
        assert_eq!(
            core::str::from_utf8(&out).unwrap(),
            ",\"kind\":\"result\",\"call\":41,\"status\":\"tool_error\",\"http_status\":200,\
             \"duration_us\":1234,\"bytes\":512,\"redacted\":1,\
             \"structured\":{\"typed\":2,\"dropped\":1},\
             \"findings\":[{\"entity\":\"iban\",\"message\":2,\"place\":\"3..9\",\
             \"action\":\"redact\",\"confidence\":99}]}"
        );
    }

    #[test]
    fn names_of_statuses_are_unique() {
        let mut names: Vec<_> = Status::ALL.iter().map(|status| status.name()).collect();
        names.sort_unstable();
        names.dedup();
        assert_eq!(names.len(), Status::ALL.len());
    }
}
