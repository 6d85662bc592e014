//! Everything that the log says about one call: its record, its result, what people decided about
//! it, and the calls that share its approval.

use std::ops::ControlFlow;

use varistor_audit::Head;

use crate::field::Field;
use crate::index::{Block, Cache};
use crate::lines::{Lines, Piece};
use crate::log::Log;
use crate::problem::Problem;
use crate::query::{Order, walk};
use crate::record::Record;
use crate::select::{Selection, Wanted};
use crate::when::Period;

/// Lines about one approval that are kept.
const APPROVAL_LINES_MAX: usize = 100;
/// How long before and behind a call its approval is looked for, in nanoseconds: far longer than
/// anybody leaves a call waiting, short enough that a log of years is not read for it.
const APPROVAL_SPAN_NS: u64 = 31 * 86_400 * 1_000_000_000;

/// What the log says about a record.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Dossier {
    /// The line that was asked for; of a result, its call's line.
    pub line: Vec<u8>,
    /// Of a call: its result.
    pub result: Option<Vec<u8>>,
    /// Of a call with an approval: every other line about that approval, in order; the calls that
    /// were held and released by it, and what people decided.
    pub approval: Vec<Vec<u8>>,
    /// Of a call that went on and has no result: why none came.
    pub unanswered: Option<Unanswered>,
    /// The number that was asked for, when that is the result's.
    pub asked_result: Option<u64>,
}

/// Why a call has no result.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Unanswered {
    /// The gateway was started anew before a result was written: the call may have run.
    Restarted,
    /// It stands in the log, but its caller was told that the log failed, and it was not sent.
    Withdrawn,
    /// The log ends before it: the call may still be under way.
    LogEnds,
    /// It came after so many other calls that it was no longer waited for.
    Late,
}

impl Unanswered {
    /// The same for a person.
    #[must_use]
    pub const fn text(self) -> &'static str {
        match self {
            Self::Restarted => {
                "outcome unknown: the gateway began anew before a result was written; the call may \
                 have run"
            }
            Self::Withdrawn => {
                "not sent: the log failed at that moment, and the caller was told so"
            }
            Self::LogEnds => "no result yet: the log ends before one; the call may be under way",
            Self::Late => "its result came too long after it to be told here",
        }
    }

    /// The same in a word.
    #[must_use]
    pub const fn name(self) -> &'static str {
        match self {
            Self::Restarted => "unknown",
            Self::Withdrawn => "withdrawn",
            Self::LogEnds => "pending",
            Self::Late => "late",
        }
    }
}

/// Gathers what the log says about the record with this number.
///
/// # Errors
/// When there is no such record, or the log can't be read.
pub fn dossier(log: &Log, cache: &Cache, seq: u64) -> Result<Dossier, Problem> {
    let line = line(log, seq)?;
    let record = Record::read(&line).map_err(|_| Problem::Damaged(seq))?;
    if record.is_result()
        && let Some(call) = record.call.filter(|call| *call < seq)
        && let Ok(mut found) = dossier(log, cache, call)
    {
        found.asked_result = Some(seq);
        return Ok(found);
    }
    let mut found = Dossier::default();
    if record.goes_on() {
        found.answer(log, cache, &record)?;
    }
    let approval = match record.is_call() {
        true => Some(record.approval.to_string()),
        false => record.detail("approval"),
    };
    if let Some(id) = approval.filter(|id| !id.is_empty()) {
        found.approval = approval_lines(log, cache, (&id, &record))?;
    }
    drop(record);
    found.line = line;
    Ok(found)
}

impl Dossier {
    fn answer(&mut self, log: &Log, cache: &Cache, call: &Record<'_>) -> Result<(), Problem> {
        let wanted = EndOf {
            call: call.seq,
            period: Period {
                from_ns: call.time_ns,
                until_ns: u64::MAX,
            },
        };
        self.unanswered = Some(Unanswered::LogEnds);
        walk(log, cache, (&wanted, Order::Oldest), |record, line| {
            match &*record.kind {
                "result" => (self.result, self.unanswered) = (Some(line.to_vec()), None),
                "start" => self.unanswered = Some(Unanswered::Restarted),
                _ => self.unanswered = Some(Unanswered::Withdrawn),
            }
            Ok(ControlFlow::Break(()))
        })?;
        Ok(())
    }
}

/// What ends a call: its result, that it was withdrawn, or the gateway's next start.
struct EndOf {
    call: u64,
    period: Period,
}

impl Wanted for EndOf {
    fn period(&self) -> Period {
        self.period
    }

    fn may_be_in(&self, block: &Block) -> bool {
        let behind = block.seqs.1 > self.call;
        let event =
            || block.has(Field::Kind, b"start") || block.has(Field::Kind, b"audit_recovered");
        behind && (block.may_hold_result_of(self.call) || event())
    }

    fn may_be(&self, line: &[u8]) -> bool {
        let find = |text: &[u8]| memchr::memmem::find(line, text).is_some();
        find(b",\"kind\":\"result\"")
            || find(b",\"kind\":\"start\"")
            || find(b"\"audit_recovered\"")
    }

    fn is(&self, record: &Record<'_>, _line: &[u8]) -> bool {
        match &*record.kind {
            "result" => record.call == Some(self.call),
            "start" => record.seq > self.call,
            "audit_recovered" => withdrawn(record).contains(&self.call),
            _ => false,
        }
    }
}

/// Calls that a recovery says were not sent.
pub(crate) fn withdrawn(record: &Record<'_>) -> Vec<u64> {
    let numbers = record.detail_value("withdrawn");
    let numbers = numbers.as_ref().and_then(serde_json::Value::as_array);
    let numbers = numbers.into_iter().flatten();
    numbers.filter_map(serde_json::Value::as_u64).collect()
}

fn approval_lines(
    log: &Log,
    cache: &Cache,
    (id, record): (&str, &Record<'_>),
) -> Result<Vec<Vec<u8>>, Problem> {
    let period = Period {
        from_ns: record.time_ns.saturating_sub(APPROVAL_SPAN_NS),
        until_ns: record.time_ns.saturating_add(APPROVAL_SPAN_NS),
    };
    let selection = Selection::default()
        .within(period)
        .with(Field::Approval, [id]);
    let mut lines = Vec::new();
    walk(log, cache, (&selection, Order::Oldest), |other, line| {
        if other.seq != record.seq {
            lines.push(line.to_vec());
        }
        Ok(match lines.len() < APPROVAL_LINES_MAX {
            true => ControlFlow::Continue(()),
            false => ControlFlow::Break(()),
        })
    })?;
    Ok(lines)
}

/// The line with this number.
fn line(log: &Log, seq: u64) -> Result<Vec<u8>, Problem> {
    let place = log.holder(seq);
    let segment = place.map(|place| log.segment(place)).transpose()?.flatten();
    if let Some(segment) = segment {
        let line = segment.line(seq).map_err(Problem::reading(&segment.path))?;
        if let Some(line) = line {
            return Ok(line);
        }
    }
    let (first, last) = ends(log)?;
    Err(match (first..=last).contains(&seq) {
        true => Problem::Damaged(seq),
        false => Problem::Missing { seq, first, last },
    })
}

/// The first and the last number of the log.
pub(crate) fn ends(log: &Log) -> Result<(u64, u64), Problem> {
    let first = log.names().first().map_or(0, |name| name.0);
    let mut last = first;
    for place in (0..log.names().len()).rev() {
        let Some(segment) = log.segment(place)? else {
            continue;
        };
        let tail = segment.length.saturating_sub(1 << 20)..segment.length;
        let mut lines = Lines::of(&segment.file, tail);
        while let Some((_, piece)) = lines.next().map_err(Problem::reading(&segment.path))? {
            if let Piece::Line(line) = piece
                && let Some(head) = Head::read(line)
            {
                last = last.max(head.seq);
            }
        }
        if last > first {
            break;
        }
    }
    Ok((first, last))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::fixture;

    fn find(log: &fixture::Log, seq: u64) -> Result<Dossier, Problem> {
        dossier(&Log::open(log.path()).unwrap(), &Cache::none(), seq)
    }

    fn seqs(lines: &[Vec<u8>]) -> Vec<u64> {
        lines
            .iter()
            .map(|line| Head::read(line).unwrap().seq)
            .collect()
    }

    #[test]
    fn a_call_is_shown_with_its_result_wherever_one_begins() {
        let tails = [
            fixture::call("crm", "get", "allow", ""),
            fixture::call("crm", "get", "allow", ""),
            fixture::result(1, "ok"),
            fixture::result(0, "timeout"),
            fixture::call("crm", "get", "deny", ""),
        ];
        let log = fixture::Log::of(&tails, 2);
        for asked in [0, 3] {
            let found = find(&log, asked).unwrap();
            assert_eq!(
                seqs(&[found.line.clone(), found.result.clone().unwrap()]),
                [0, 3]
            );
            assert_eq!(found.asked_result, (asked == 3).then_some(3));
            assert_eq!(found.unanswered, None);
        }
        let denied = find(&log, 4).unwrap();
        assert_eq!((denied.result, denied.unanswered), (None, None));
    }

    #[test]
    fn a_call_without_a_result_says_why_it_has_none() {
        let call = || fixture::call("crm", "get", "allow", "");
        let recovered = r#"{"segment":"x","error":"e","failed_ms":1,"refused":0,"withdrawn":[1]}"#;
        let tails = [
            call(),
            call(),
            fixture::event("audit_recovered", recovered),
            fixture::event("start", "{}"),
            fixture::result(0, "ok"),
            call(),
        ];
        let log = fixture::Log::of(&tails, 3);
        let why = |seq| find(&log, seq).unwrap().unanswered;
        assert_eq!(why(0), Some(Unanswered::Restarted));
        assert_eq!(why(1), Some(Unanswered::Withdrawn));
        assert_eq!(why(5), Some(Unanswered::LogEnds));
    }

    #[test]
    fn a_held_call_is_shown_with_what_people_decided_and_the_call_that_was_released() {
        let id = "0123456789abcdef0123456789abcdef";
        let approval = format!(r#","approval":"{id}""#);
        let tails = [
            fixture::call("crm", "delete", "hold", &approval),
            fixture::event(
                "approval",
                &format!(r#"{{"approval":"{id}","decision":"approve","by":"ann"}}"#),
            ),
            fixture::call("crm", "get", "allow", ""),
            fixture::call("crm", "delete", "allow", &approval),
            fixture::result(3, "ok"),
        ];
        let log = fixture::Log::of(&tails, 2);
        assert_eq!(seqs(&find(&log, 0).unwrap().approval), [1, 3]);
        let released = find(&log, 3).unwrap();
        assert_eq!(seqs(&released.approval), [0, 1]);
        assert_eq!(seqs(&[released.result.unwrap()]), [4]);
        assert_eq!(seqs(&find(&log, 1).unwrap().approval), [0, 3]);
    }

    #[test]
    fn a_number_that_is_not_there_is_told_from_a_damaged_line() {
        let tails: Vec<String> = (0..6)
            .map(|_| fixture::call("s", "t", "deny", ""))
            .collect();
        let log = fixture::Log::of(&tails, 3);
        let error = find(&log, 6).unwrap_err().to_string();
        assert!(error.contains("it has 0 to 5"), "{error}");
        let text = std::fs::read_to_string(log.segment(0)).unwrap();
        std::fs::write(log.segment(0), text.replace("\"seq\":1,", "\"seq\":?,")).unwrap();
        assert!(matches!(find(&log, 1), Err(Problem::Damaged(1))));
        std::fs::write(
            log.segment(0),
            text.replace("\"decision\":\"deny\"", "\"decision\""),
        )
        .unwrap();
        assert!(matches!(find(&log, 2), Err(Problem::Damaged(2))));
    }
}
