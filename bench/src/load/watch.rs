//! Watches a run from outside its threads: CPU time at the edges of every window, progress once a
//! second.

use std::sync::Arc;
use std::time::{Duration, Instant};

use super::cpu::{self, Look};
use super::live::{Count, Live};
use super::plan::Plan;
use super::worker::Start;

const SECOND: Duration = Duration::from_secs(1);

/// How things stood at one moment.
#[derive(Debug)]
pub(super) struct Sample {
    /// After the begin of the measurement.
    pub(super) after: Duration,
    pub(super) count: Count,
    /// Of the processes in the order of `--pid`, and of this one as the last.
    pub(super) usage: Vec<Look>,
    /// Whether a window begins or ends here.
    pub(super) at_edge: bool,
}

/// Who is watched and told.
pub(super) struct Watch<'a> {
    pub(super) pids: &'a [u32],
    pub(super) lives: &'a [Arc<Live>],
    pub(super) tells: bool,
}

impl Watch<'_> {
    /// Stays until the end of the measurement.
    ///
    /// # Errors
    /// A watched process ends.
    pub(super) fn stay(&self, plan: &Plan, start: &Start) -> anyhow::Result<Vec<Sample>> {
        let windows = start.windows;
        let (mut samples, mut told) = (Vec::new(), (start.at, Count::default()));
        let mut next_second = start.at + SECOND;
        let mut edges = (0..=windows.count)
            .map(|edge| windows.begin + windows.length * u32::try_from(edge).unwrap_or(u32::MAX));
        let mut edge = edges.next();
        while let Some(next_edge) = edge {
            let moment = next_edge.min(next_second);
            std::thread::sleep(moment.saturating_duration_since(Instant::now()));
            let at_edge = moment == next_edge;
            if moment >= windows.begin {
                samples.push(self.sample(moment.duration_since(windows.begin), at_edge)?);
            }
            if moment == next_second {
                next_second += SECOND;
                if self.tells {
                    told = self.tell(plan, start, told)?;
                }
            }
            if at_edge {
                edge = edges.next();
            }
        }
        Ok(samples)
    }

    fn sample(&self, after: Duration, at_edge: bool) -> anyhow::Result<Sample> {
        let mut usage = cpu::look(self.pids)?;
        usage.push(cpu::look_at_self()?);
        Ok(Sample {
            after,
            count: Live::count(self.lives),
            usage,
            at_edge,
        })
    }

    fn tell(
        &self,
        plan: &Plan,
        start: &Start,
        (then, before): (Instant, Count),
    ) -> anyhow::Result<(Instant, Count)> {
        let (now, count) = (Instant::now(), Live::count(self.lives));
        let recent = Live::take_recent(self.lives)?;
        let us = |quantile| recent.value_at_quantile(quantile) as f64 / 1_000.0;
        let good = count.good.saturating_sub(before.good) as f64;
        let rate = good
            / now
                .duration_since(then)
                .as_secs_f64()
                .max(f64::MIN_POSITIVE);
        let whole = start.windows.end().duration_since(start.at).as_secs_f64();
        let warming = now < start.at + plan.warmup;
        eprintln!(
            "{:>5.0} of {whole:.0} s {rate:>9.0}/s  p50 {:>8.1} us  p99 {:>8.1} us  errors {}{}",
            now.duration_since(start.at).as_secs_f64(),
            us(0.5),
            us(0.99),
            count.errors,
            if warming { "  (warm-up)" } else { "" }
        );
        Ok((now, count))
    }
}
