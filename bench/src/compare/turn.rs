//! One gateway's turn in a round: its load, warmed up as long as it needs, and what fails it.

use anyhow::{Context as _, bail};

use super::lineup::Entry;
use super::phase::{Pace, Phase};
use super::rounds::Shape;
use crate::rig::Rig;
use crate::rig::load::{Load, Measured, Report};

/// How often a gateway with wrong answers is asked by hand for an example.
const EXAMPLES_MAX: usize = 200;
/// How often a load is tried in which calls stay without an answer.
const TRIES_MAX: u32 = 3;
/// A gateway that has answered so many calls is warm.
const WARM_CALLS: f64 = 100.0;
/// One that takes longer for them is warm after this time, in seconds.
const WARM_S: f64 = 2.0;

/// Whom to measure, and how.
pub(super) struct Turn<'a> {
    pub(super) rig: &'a Rig,
    pub(super) entry: &'a Entry,
    pub(super) shape: &'a Shape,
    pub(super) phase: &'a Phase,
    /// Calls a second; `None` in a closed loop.
    pub(super) rate: Option<f64>,
    /// Calls a second that it will answer, where that is known.
    pub(super) speed: Option<f64>,
}

impl Shape {
    /// The seconds of load before a measurement: those that were asked for, and more where the
    /// gateway answers only a few calls in them.
    fn warmup(&self, speed: Option<f64>) -> f64 {
        match speed {
            Some(speed) if speed * self.warmup < WARM_CALLS => self.warmup.max(WARM_S),
            _ => self.warmup,
        }
    }
}

impl Turn<'_> {
    /// Measures it; how often that had to be repeated.
    ///
    /// # Errors
    /// It answers wrongly, or leaves calls unanswered each time.
    pub(super) fn measure(&self) -> anyhow::Result<(Measured, u32)> {
        let mut warmup = self.shape.warmup(self.speed);
        let mut repeated = 0;
        loop {
            let measured = self.run(warmup)?;
            let report = &measured.report;
            let asked = report.requests.saturating_add(report.errors);
            let allowed = self.phase.unanswered_max(self.rate, asked);
            self.check(report, asked)?;
            if report.unanswered > allowed || report.requests_per_s == 0.0 {
                // It may have been a stall of the machine; it is told how often.
                repeated += 1;
                if repeated == TRIES_MAX {
                    return self.refuse(report, asked);
                }
                eprint!(
                    " ({} of {asked} calls unanswered; again)",
                    report.unanswered
                );
                continue;
            }
            let needed = self.shape.warmup(Some(report.requests_per_s));
            if needed > warmup {
                eprint!(" (slow; again after {needed} s of warm-up)");
                warmup = needed;
                continue;
            }
            return Ok((measured, repeated));
        }
    }

    fn run(&self, warmup: f64) -> anyhow::Result<Measured> {
        let target = &self.entry.target;
        let mut more = vec![
            "--request-bytes".to_owned(),
            self.shape.request_bytes.to_string(),
            "--tool".to_owned(),
            target.tool.clone(),
        ];
        for header in &target.headers {
            more.extend(["--header".to_owned(), header.clone()]);
        }
        if target.legacy {
            more.extend(["--era".to_owned(), "legacy".to_owned()]);
        }
        let load = Load {
            url: &target.url,
            rate: self.rate,
            connections: self.phase.connections,
            seconds: self.shape.seconds,
            warmup,
            pids: &self.entry.pids(),
            more: &more,
        };
        let run = load.run(self.rig);
        run.with_context(|| format!("{} cannot be measured", target.name))
    }

    /// Refuses a run with wrong answers, with an example where one can be had.
    fn check(&self, report: &Report, asked: u64) -> anyhow::Result<()> {
        let bad = match self.phase.pace {
            // Above the capacity, refusals and closed connections are what is measured.
            Pace::Double => report.wrong,
            _ => report.errors.saturating_sub(report.unanswered),
        };
        if bad == 0 {
            return Ok(());
        }
        for _ in 0..EXAMPLES_MAX {
            self.entry.probe()?;
        }
        bail!(
            "{} ({}) answered {bad} of {asked} calls wrongly (unexpected {}, wrong {}, broken {}); \
             {EXAMPLES_MAX} single calls after that were answered rightly",
            self.entry.target.name,
            self.entry.target.url,
            report.unexpected,
            report.wrong,
            report.broken,
        )
    }

    fn refuse<T>(&self, report: &Report, asked: u64) -> anyhow::Result<T> {
        bail!(
            "{} ({}) left {} of {asked} calls unanswered, and too many of them {TRIES_MAX} times; \
             does it hang, or is the machine busy?",
            self.entry.target.name,
            self.entry.target.url,
            report.unanswered
        )
    }
}

#[cfg(test)]
mod tests {
    use super::Shape;

    #[test]
    fn a_gateway_that_answers_few_calls_is_warmed_up_for_two_seconds() {
        let shape = |warmup| Shape {
            seconds: 1.0,
            warmup,
            request_bytes: 0,
            rounds: 1,
        };
        let of = |warmup, speed| shape(warmup).warmup(speed);
        assert_eq!(of(0.5, None), 0.5);
        assert_eq!(of(0.5, Some(36_000.0)), 0.5);
        assert_eq!(of(0.5, Some(22.0)), 2.0);
        assert_eq!(of(3.0, Some(22.0)), 3.0);
        assert_eq!(of(0.0, Some(22.0)), 2.0);
    }
}
