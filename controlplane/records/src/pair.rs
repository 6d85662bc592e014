//! Reads a period from its first line to its last and sees each call together with its end: its
//! result, or why there is none.
//!
//! Calls that wait for their result are kept in bounded memory. Results are looked for up to an
//! hour behind the period's end, so that the last calls of a period are told whole.

use std::collections::BTreeMap;

use crate::find::{Unanswered, withdrawn};
use crate::lines::{Lines, Piece};
use crate::log::{Log, Segment};
use crate::problem::{Damages, Problem};
use crate::record::Record;
use crate::select::Selection;
use crate::when::Period;

/// How long behind the end of the period results are looked for, in nanoseconds.
const LATE_NS: u64 = 3600 * 1_000_000_000;
/// Most calls that wait for their result, and most bytes of them; the oldest are given up first.
const WAITING_MAX: usize = 1 << 16;
const WAITING_BYTES_MAX: usize = 32 << 20;
/// Bytes between two reports of progress.
const PROGRESS_BYTES: u64 = 1 << 20;

/// A line that was read.
pub(crate) type Told<'a> = (&'a Record<'a>, &'a [u8]);

/// What is told, in the order in which it is known.
pub(crate) enum Entry<'a> {
    /// A call that went on, and its result.
    Answered(Told<'a>, Told<'a>),
    /// A call that was refused or held.
    Refused(Told<'a>),
    /// A call that went on, and why it has no result.
    Unanswered(Told<'a>, Unanswered),
    /// A result whose call stands before the period, or was given up.
    Result(Told<'a>),
    /// Anything else.
    Event(Told<'a>),
}

/// Who wants to know.
pub(crate) trait Reader {
    /// Whether entries are wanted; else only lines are told.
    const PAIRS: bool = true;

    /// Every sound line of the period, whatever is selected.
    fn line(&mut self, _record: &Record<'_>, _line: &[u8]) -> Result<(), Problem> {
        Ok(())
    }

    /// What is selected.
    fn entry(&mut self, entry: Entry<'_>) -> Result<(), Problem>;
}

/// What stood in the way.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub struct Passage {
    /// Lines that are no records.
    pub damages: Damages,
    /// Calls whose result came so late that they were told without it.
    pub given_up: u64,
    /// Lines read.
    pub lines: u64,
}

/// Reads what the selection wants. `progress` is told bytes of [`Log::bytes`].
pub(crate) fn read(
    log: &Log,
    selection: &Selection,
    reader: &mut impl Reader,
    progress: &mut dyn FnMut(u64),
) -> Result<Passage, Problem> {
    let period = selection.period;
    let longer = Period {
        from_ns: period.from_ns,
        until_ns: period.until_ns.saturating_add(LATE_NS),
    };
    let mut pairing = Pairing {
        selection,
        reader,
        waiting: BTreeMap::new(),
        waiting_bytes: 0,
        passage: Passage::default(),
    };
    let mut done = 0_u64;
    for place in log.span(longer)? {
        let Some(segment) = log.segment(place)? else {
            continue;
        };
        let read = pairing.segment(&segment, longer, &mut |bytes| {
            progress(done.saturating_add(bytes));
        })?;
        done = done.saturating_add(segment.length);
        if read == Go::Enough {
            break;
        }
    }
    pairing.end(Unanswered::LogEnds)?;
    Ok(pairing.passage)
}

#[derive(Clone, Copy, PartialEq, Eq)]
enum Go {
    On,
    Enough,
}

struct Pairing<'r, R> {
    selection: &'r Selection,
    reader: &'r mut R,
    /// Lines of calls that wait for their result, by number.
    waiting: BTreeMap<u64, Box<[u8]>>,
    waiting_bytes: usize,
    passage: Passage,
}

impl<R: Reader> Pairing<'_, R> {
    fn segment(
        &mut self,
        segment: &Segment,
        period: Period,
        progress: &mut dyn FnMut(u64),
    ) -> Result<Go, Problem> {
        let reading = || Problem::reading(&segment.path);
        let part = segment.part(period).map_err(reading())?;
        let mut lines = Lines::of(&segment.file, part);
        let (mut last, mut told) = (0, 0);
        while let Some((place, piece)) = lines.next().map_err(reading())? {
            if place.end.saturating_sub(told) >= PROGRESS_BYTES {
                told = place.end;
                progress(told);
            }
            let damages = &mut self.passage.damages;
            let line = match piece {
                Piece::Line(line) => line,
                Piece::TooLong => {
                    damages.add(
                        segment.name,
                        place.start,
                        "the line is longer than a record can be",
                    );
                    continue;
                }
                // As a failing disk leaves it: the next segment has the line again.
                Piece::Unfinished(_) if segment.repeats(last) => continue,
                Piece::Unfinished(_) => {
                    damages.add(segment.name, place.start, "the line is unfinished");
                    continue;
                }
            };
            match Record::read(line) {
                Ok(record) => {
                    last = record.seq.saturating_add(1);
                    if !segment.repeats(record.seq) && self.record((&record, line))? == Go::Enough {
                        return Ok(Go::Enough);
                    }
                }
                Err(flaw) => damages.add(segment.name, place.start, flaw),
            }
        }
        Ok(Go::On)
    }

    fn record(&mut self, told: Told<'_>) -> Result<Go, Problem> {
        let (record, line) = told;
        let period = self.selection.period;
        if record.time_ns < period.from_ns {
            return Ok(Go::On);
        }
        let is_in = period.holds(record.time_ns);
        if is_in {
            self.passage.lines = self.passage.lines.saturating_add(1);
            self.reader.line(record, line)?;
        } else if self.waiting.is_empty() {
            return Ok(Go::Enough);
        }
        if !R::PAIRS {
            return Ok(Go::On);
        }
        match &*record.kind {
            "call" if is_in => self.call(told)?,
            "result" => self.result(told, is_in)?,
            "start" => self.end(Unanswered::Restarted)?,
            "audit_recovered" => {
                for call in withdrawn(record) {
                    self.unanswered(call, Unanswered::Withdrawn)?;
                }
            }
            _ => {}
        }
        let is_event = !record.is_call() && !record.is_result();
        if is_in && is_event && self.selection.matches(record, line) {
            self.reader.entry(Entry::Event(told))?;
        }
        Ok(Go::On)
    }

    fn call(&mut self, (call, line): Told<'_>) -> Result<(), Problem> {
        if !call.goes_on() {
            return match self.selection.matches(call, line) {
                true => self.reader.entry(Entry::Refused((call, line))),
                false => Ok(()),
            };
        }
        if self.selection.may_match(call) {
            self.waiting_bytes = self.waiting_bytes.saturating_add(line.len());
            self.waiting.insert(call.seq, line.into());
        }
        while self.waiting.len() > WAITING_MAX || self.waiting_bytes > WAITING_BYTES_MAX {
            let Some(oldest) = self.waiting.keys().next().copied() else {
                break;
            };
            self.passage.given_up = self.passage.given_up.saturating_add(1);
            self.unanswered(oldest, Unanswered::Late)?;
        }
        Ok(())
    }

    fn result(&mut self, (result, line): Told<'_>, is_in: bool) -> Result<(), Problem> {
        let call = result.call.and_then(|call| self.take(call));
        if let Some(call_line) = call {
            // It could be read when it was put there.
            let Ok(call) = Record::read(&call_line) else {
                return Ok(());
            };
            let call = (&call, &*call_line);
            return match self.selection.matches_pair(call, (result, line)) {
                true => self.reader.entry(Entry::Answered(call, (result, line))),
                false => Ok(()),
            };
        }
        match is_in && self.selection.matches(result, line) {
            true => self.reader.entry(Entry::Result((result, line))),
            false => Ok(()),
        }
    }

    fn take(&mut self, call: u64) -> Option<Box<[u8]>> {
        let line = self.waiting.remove(&call)?;
        self.waiting_bytes = self.waiting_bytes.saturating_sub(line.len());
        Some(line)
    }

    fn unanswered(&mut self, call: u64, why: Unanswered) -> Result<(), Problem> {
        let Some(line) = self.take(call) else {
            return Ok(());
        };
        let Ok(record) = Record::read(&line) else {
            return Ok(());
        };
        match self.selection.matches(&record, &line) {
            true => self.reader.entry(Entry::Unanswered((&record, &line), why)),
            false => Ok(()),
        }
    }

    /// Nothing that waits gets a result any more.
    fn end(&mut self, why: Unanswered) -> Result<(), Problem> {
        while let Some(call) = self.waiting.keys().next().copied() {
            self.unanswered(call, why)?;
        }
        Ok(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::field::Field;
    use crate::fixture::{self, STEP, TIME};

    #[derive(Default)]
    struct Notes {
        lines: u64,
        entries: Vec<String>,
    }

    impl Reader for Notes {
        fn line(&mut self, _record: &Record<'_>, _line: &[u8]) -> Result<(), Problem> {
            self.lines += 1;
            Ok(())
        }

        fn entry(&mut self, entry: Entry<'_>) -> Result<(), Problem> {
            self.entries.push(match entry {
                Entry::Answered((call, _), (result, _)) => format!("{}+{}", call.seq, result.seq),
                Entry::Refused((call, _)) => format!("{}!", call.seq),
                Entry::Unanswered((call, _), why) => format!("{}?{why:?}", call.seq),
                Entry::Result((result, _)) => format!("+{}", result.seq),
                Entry::Event((event, _)) => format!("{}.", event.seq),
            });
            Ok(())
        }
    }

    fn notes(log: &fixture::Log, selection: &Selection) -> (Notes, Passage) {
        let mut notes = Notes::default();
        let log = Log::open(log.path()).unwrap();
        let passage = read(&log, selection, &mut notes, &mut |_| {}).unwrap();
        (notes, passage)
    }

    fn tails() -> Vec<String> {
        let recovered = r#"{"segment":"x","error":"e","failed_ms":1,"refused":0,"withdrawn":[5]}"#;
        vec![
            fixture::result(0, "ok"),
            fixture::call("crm", "get", "allow", ""),
            fixture::call("crm", "put", "deny", ""),
            fixture::call("crm", "slow", "allow", ""),
            fixture::result(1, "ok"),
            fixture::call("crm", "get", "allow", ""),
            fixture::event("audit_recovered", recovered),
            fixture::event("start", "{}"),
            fixture::call("crm", "get", "redact", ""),
            fixture::result_with(8, "ok", r#","findings":[{"entity":"iban"}]"#),
            fixture::call("crm", "get", "allow", ""),
        ]
    }

    #[test]
    fn each_call_comes_once_with_its_end_and_everything_else_by_itself() {
        let log = fixture::Log::of(&tails(), 4);
        let (notes, passage) = notes(&log, &Selection::default());
        assert_eq!(
            notes.entries,
            [
                "+0",
                "2!",
                "1+4",
                "5?Withdrawn",
                "6.",
                "3?Restarted",
                "7.",
                "8+9",
                "10?LogEnds"
            ]
        );
        assert_eq!((notes.lines, passage.lines), (11, 11));
    }

    #[test]
    fn a_selection_takes_pairs_by_what_either_says() {
        let log = fixture::Log::of(&tails(), 4);
        let all = Selection::default;
        let entries = |selection: &Selection| notes(&log, selection).0.entries;
        assert_eq!(entries(&all().with(Field::Finding, ["iban"])), ["8+9"]);
        assert_eq!(
            entries(&all().with(Field::Tool, ["put", "slow"])),
            ["2!", "3?Restarted"]
        );
        assert_eq!(
            entries(&all().with(Field::Status, ["ok"])),
            ["+0", "1+4", "8+9"]
        );
        assert_eq!(entries(&all().with(Field::Kind, ["start"])), ["7."]);
    }

    #[test]
    fn the_last_calls_of_a_period_get_results_from_behind_its_end() {
        let log = fixture::Log::of(&tails(), 4);
        let period = Period {
            from_ns: TIME + STEP,
            until_ns: TIME + 3 * STEP,
        };
        let (notes, _) = notes(&log, &Selection::default().within(period));
        assert_eq!(notes.entries, ["2!", "1+4"]);
        assert_eq!(notes.lines, 2);
    }

    #[test]
    fn calls_that_wait_are_bounded_and_the_oldest_are_given_up() {
        let mut tails: Vec<String> = (0..WAITING_MAX + 2)
            .map(|_| r#","kind":"call","decision":"allow"}"#.to_owned())
            .collect();
        tails.push(fixture::result(0, "ok"));
        tails.push(fixture::result(2, "ok"));
        let log = fixture::Log::of(&tails, tails.len());
        let (notes, passage) = notes(&log, &Selection::default());
        assert_eq!(passage.given_up, 2);
        let late = format!("+{}", WAITING_MAX + 2);
        let answered = format!("2+{}", WAITING_MAX + 3);
        assert_eq!(notes.entries[..4], ["0?Late", "1?Late", &late, &answered]);
    }
}
