//! The rounds of one axis: every size between two measurements of the base.
//!
//! A machine may be quick for some seconds and slow for the next ones; what a size costs is
//! therefore compared with what the base cost right before it and right after it.

use anyhow::{Context as _, ensure};
use serde_json::{Value, json};

use super::axes::Axis;
use super::point::{Beside, Point, Round};
use super::setup::{Running, Setup};
use super::verdict::Finding;
use crate::rig::Rig;
use crate::rig::interrupt;
use crate::rig::load::Measured;

/// What is the same for all axes.
pub(super) struct Shape<'a> {
    pub(super) rounds: u32,
    pub(super) seconds: f64,
    pub(super) warmup: f64,
    pub(super) driver: &'a str,
    pub(super) tokens_max: u64,
    /// Calls a second where tokens are what grows.
    pub(super) tokens_rate: f64,
}

/// What came of an axis.
pub(super) struct Series {
    pub(super) axis: &'static Axis,
    pub(super) points: Vec<Point>,
    /// The place of the base among the points.
    base: usize,
}

impl Series {
    /// Starts all sizes, measures the rounds, ends all, verifies all logs.
    ///
    /// # Errors
    /// Something does not start, answers wrongly, or has a log that is not sound.
    pub(super) fn measure(
        rig: &Rig,
        axis: &'static Axis,
        sizes: &[u64],
        shape: &Shape<'_>,
    ) -> anyhow::Result<Self> {
        let base = sizes.iter().position(|size| *size == axis.base);
        let mut series = Self {
            axis,
            points: Vec::new(),
            base: base.unwrap_or(0),
        };
        let mut running = Vec::new();
        for size in sizes {
            interrupt::check()?;
            eprintln!("{}: preparing {size}", axis.name);
            let mut setup = Setup::small(shape);
            (axis.apply)(*size, &mut setup);
            let gateway = setup
                .run(rig, &format!("{}-{size}", axis.name), shape)
                .with_context(|| format!("{} {size}", axis.name))?;
            series.points.push(Point::of(*size, &gateway));
            running.push(gateway);
        }
        for round in 0..shape.rounds {
            eprintln!("{}: round {} of {}", axis.name, round + 1, shape.rounds);
            series.round(rig, &mut running, shape, round)?;
        }
        for gateway in running {
            gateway.gateway.verify()?;
        }
        Ok(series)
    }

    /// The base, a size, the base, the next size, and so on; every second round the other way.
    fn round(
        &mut self,
        rig: &Rig,
        running: &mut [Running],
        shape: &Shape<'_>,
        round: u32,
    ) -> anyhow::Result<()> {
        let base = self.base;
        let mut others: Vec<usize> = (0..running.len()).filter(|at| *at != base).collect();
        if round % 2 == 1 {
            others.reverse();
        }
        let mut before = self.once(rig, running, shape, base)?;
        for other in others {
            let measured = self.once(rig, running, shape, other)?;
            let after = self.once(rig, running, shape, base)?;
            let beside = Some(Beside::of(&before, &after));
            self.keep(other, Round { measured, beside });
            let measured = std::mem::replace(&mut before, after);
            self.keep_base(measured);
        }
        self.keep_base(before);
        Ok(())
    }

    fn once(
        &self,
        rig: &Rig,
        running: &mut [Running],
        shape: &Shape<'_>,
        at: usize,
    ) -> anyhow::Result<Measured> {
        interrupt::check()?;
        let (Some(gateway), Some(point)) = (running.get_mut(at), self.points.get(at)) else {
            anyhow::bail!("--sizes: there is none");
        };
        let (axis, size) = (self.axis.name, point.size);
        let measured = gateway
            .measure(rig, shape)
            .with_context(|| format!("{axis} {size}"))?;
        let report = &measured.report;
        ensure!(
            report.errors == 0 && report.requests > 0,
            "{axis} {size}: {} right and {} wrong answers (unexpected {}, wrong {}, broken {}, \
             unanswered {})",
            report.requests,
            report.errors,
            report.unexpected,
            report.wrong,
            report.broken,
            report.unanswered
        );
        let (cpu, rate) = (report.cpu().total_us, report.requests_per_s);
        eprintln!("  {size:>9}: {cpu:.1} us CPU a call, {rate:.0} calls/s");
        Ok(measured)
    }

    fn keep(&mut self, at: usize, round: Round) {
        if let Some(point) = self.points.get_mut(at) {
            point.rounds.push(round);
        }
    }

    fn keep_base(&mut self, measured: Measured) {
        let beside = None;
        self.keep(self.base, Round { measured, beside });
    }

    /// The size from which growth counts.
    pub(super) fn base(&self) -> Option<&Point> {
        self.points.get(self.base)
    }

    /// One line for each size, one for each report, one for each finding.
    ///
    /// # Errors
    /// Never with these types.
    pub(super) fn lines(&self) -> anyhow::Result<Vec<String>> {
        let axis = self.axis.name;
        let mut lines = Vec::new();
        for point in &self.points {
            lines.push(point.facts(axis).to_string());
            for (number, round) in point.rounds.iter().enumerate() {
                let about = json!({"axis": axis, "size": point.size, "measurement": number});
                lines.push(round.measured.line(&about)?);
            }
        }
        let found = self.findings();
        lines.extend(found.iter().map(|found| self.line(found).to_string()));
        Ok(lines)
    }

    fn line(&self, found: &Finding) -> Value {
        json!({
            "axis": self.axis.name, "target": found.what, "size": found.size,
            "value": found.value, "bound": found.bound, "holds": found.holds,
        })
    }
}
