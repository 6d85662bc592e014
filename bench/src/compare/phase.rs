//! Which loads a comparison consists of, and how fast each gateway is asked in them.

use super::Options;
use super::rounds::Row;
use crate::rig::spread::Spread;

/// The longest stall at the end of a measurement that is taken for the machine's, in seconds.
const LATE_S: f64 = 0.1;

/// How load is sent.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Pace {
    /// Every connection has one call under way.
    Closed,
    /// Open loop at half of what the gateway did in the closed loop.
    Half,
    /// Open loop at twice of it.
    Double,
    /// Open loop at a rate that was asked for.
    #[value(skip)]
    Fixed,
}

/// One load with one number of connections.
#[derive(Clone, Copy, PartialEq, Debug)]
pub(super) struct Phase {
    pub(super) pace: Pace,
    pub(super) connections: u32,
    /// Of [`Pace::Fixed`].
    rate: Option<f64>,
}

impl Phase {
    /// All loads of a comparison; a closed loop goes before what needs its result.
    pub(super) fn all(options: &Options) -> Vec<Self> {
        let mut paces = match options.rate {
            Some(_) => vec![Pace::Fixed],
            None => vec![Pace::Closed],
        };
        let open = [Pace::Half, Pace::Double];
        paces.extend(open.iter().filter(|pace| options.load.contains(pace)));
        let each = |connections: &u32| {
            let connections = *connections;
            let rate = options.rate;
            paces.clone().into_iter().map(move |pace| Self {
                pace,
                connections,
                rate,
            })
        };
        options.connections.iter().flat_map(each).collect()
    }

    /// A load of this kind, at no rate of its own.
    #[cfg(test)]
    pub(super) const fn of(pace: Pace, connections: u32) -> Self {
        Self {
            pace,
            connections,
            rate: None,
        }
    }

    /// Calls a second for this gateway; `None` in a closed loop.
    pub(super) fn rate(&self, gateway: &str, rows: &[Row]) -> Option<f64> {
        let capacity = || {
            let closed = rows.iter().filter(|row| {
                row.gateway == gateway
                    && row.phase.pace == Pace::Closed
                    && row.phase.connections == self.connections
            });
            Spread::of(closed.map(|row| row.measured.report.requests_per_s))
        };
        match self.pace {
            Pace::Closed => None,
            Pace::Fixed => self.rate,
            Pace::Half => capacity().map(|rate| rate.median / 2.0),
            Pace::Double => capacity().map(|rate| rate.median * 2.0),
        }
    }

    /// Whether latency added over the direct load means something: with connections that are never
    /// idle, and above the capacity, latency only says how many calls wait.
    pub(super) const fn adds(&self) -> bool {
        matches!(self.pace, Pace::Half | Pace::Fixed)
    }

    /// How many calls a gateway may leave unanswered that was asked so many at this rate.
    pub(super) fn unanswered_max(&self, rate: Option<f64>, asked: u64) -> u64 {
        match self.pace {
            Pace::Closed => 0,
            Pace::Half => {
                let late = rate.unwrap_or(0.0) * LATE_S;
                u64::from(self.connections).saturating_add(late as u64)
            }
            Pace::Fixed => asked / 2,
            // What is more than it can answer, and waits since the warm-up, may be all of them.
            Pace::Double => asked,
        }
    }

    /// Whether the direct load is measured at the rate of each gateway by itself.
    pub(super) const fn pairs(&self) -> bool {
        matches!(self.pace, Pace::Half)
    }

    /// The title of its table.
    pub(super) fn title(&self) -> String {
        let pace = match (self.pace, self.rate) {
            (Pace::Closed, _) => "closed loop".to_owned(),
            (Pace::Half, _) => "open loop at half of each gateway's capacity".to_owned(),
            (Pace::Double, _) => "open loop at twice each gateway's capacity".to_owned(),
            (Pace::Fixed, rate) => format!("open loop at {}/s", rate.unwrap_or(0.0)),
        };
        format!("{pace}, {} connections", self.connections)
    }
}

#[cfg(test)]
mod tests {
    use super::{Pace, Phase};

    #[test]
    fn calls_without_an_answer_are_bounded_in_every_load() {
        let max = |pace, asked| Phase::of(pace, 32).unanswered_max(Some(1000.0), asked);
        assert_eq!(max(Pace::Closed, 5000), 0);
        // One a connection, and those of 100 ms.
        assert_eq!(max(Pace::Half, 5000), 132);
        assert_eq!(max(Pace::Fixed, 5000), 2500);
        assert_eq!(max(Pace::Double, 5000), 5000);
    }
}
