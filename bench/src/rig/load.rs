//! One measured run of `varistor-bench load`, as a process of its own.

use std::time::Duration;

use anyhow::Context as _;
use serde::{Deserialize, Serialize};
use serde_json::Value;
use serde_json::value::RawValue;

use super::Rig;
use super::memory::{Memory, forget_peaks};
use super::program::{Cores, Program};

/// How much longer than it measures a load may take: warm-up is counted by itself.
const PATIENCE: Duration = Duration::from_secs(90);

/// What to send, and where.
pub(crate) struct Load<'a> {
    pub(crate) url: &'a str,
    /// Calls a second; `None`: closed loop.
    pub(crate) rate: Option<f64>,
    pub(crate) connections: u32,
    pub(crate) seconds: f64,
    pub(crate) warmup: f64,
    /// Whose CPU time and memory.
    pub(crate) pids: &'a [u32],
    /// Everything else, as options of `varistor-bench load`.
    pub(crate) more: &'a [String],
}

/// What came of it.
#[derive(Clone)]
pub(crate) struct Measured {
    /// What is read out of the report.
    pub(crate) report: Report,
    /// All that the load said.
    pub(crate) raw: Box<RawValue>,
    pub(crate) memory: Memory,
}

/// The fields of the report of `varistor-bench load --json` that are used here.
#[derive(Deserialize, Clone)]
pub(crate) struct Report {
    pub(crate) requests: u64,
    pub(crate) requests_per_s: f64,
    pub(crate) errors: u64,
    pub(crate) unexpected: u64,
    pub(crate) wrong: u64,
    pub(crate) broken: u64,
    pub(crate) unanswered: u64,
    pub(crate) latency_us: Latency,
    cpu: Vec<Cpu>,
}

/// Percentiles in microseconds.
#[derive(Deserialize, Clone, Copy)]
pub(crate) struct Latency {
    pub(crate) p50: f64,
    pub(crate) p99: f64,
}

/// Microseconds a call of one process.
#[derive(Deserialize, Clone, Copy)]
struct Cpu {
    us_per_request: f64,
    user_us_per_request: f64,
    system_us_per_request: f64,
    share_of_one_core: f64,
}

/// Microseconds of CPU time a call, of all processes of a gateway together.
#[derive(Serialize, Clone, Copy, Default)]
pub(crate) struct PerCall {
    pub(crate) total_us: f64,
    pub(crate) user_us: f64,
    pub(crate) system_us: f64,
}

impl Report {
    /// The CPU time of all watched processes.
    pub(crate) fn cpu(&self) -> PerCall {
        let add = |sum: PerCall, cpu: &Cpu| PerCall {
            total_us: sum.total_us + cpu.us_per_request,
            user_us: sum.user_us + cpu.user_us_per_request,
            system_us: sum.system_us + cpu.system_us_per_request,
        };
        self.cpu.iter().fold(PerCall::default(), add)
    }

    /// How many cores all watched processes kept busy.
    pub(crate) fn cores_busy(&self) -> f64 {
        self.cpu.iter().map(|cpu| cpu.share_of_one_core).sum()
    }
}

impl Measured {
    /// A line for a file: what is known here, then the report as it came.
    ///
    /// # Errors
    /// Never with these types.
    pub(crate) fn line(&self, about: &Value) -> anyhow::Result<String> {
        #[derive(Serialize)]
        struct Line<'a> {
            #[serde(flatten)]
            about: &'a Value,
            cpu_per_call: PerCall,
            memory: Memory,
            report: &'a RawValue,
        }
        Ok(serde_json::to_string(&Line {
            about,
            cpu_per_call: self.report.cpu(),
            memory: self.memory,
            report: &self.raw,
        })?)
    }
}

impl Load<'_> {
    /// Runs it.
    ///
    /// # Errors
    /// Ctrl-C, a target that is not there, or a report that cannot be read. Wrong answers are not
    /// an error here.
    pub(crate) fn run(&self, rig: &Rig) -> anyhow::Result<Measured> {
        self.run_on(rig, &rig.load_cores)
    }

    /// Runs it on other cores than the rig's.
    ///
    /// # Errors
    /// As for [`Self::run`].
    pub(crate) fn run_on(&self, rig: &Rig, cores: &Cores) -> anyhow::Result<Measured> {
        let mut words = vec!["load".to_owned(), "--json".to_owned()];
        let mut option = |name: &str, value: String| {
            words.push(format!("--{name}"));
            words.push(value);
        };
        option("url", self.url.to_owned());
        option("connections", self.connections.to_string());
        option("duration", self.seconds.to_string());
        option("warmup", self.warmup.to_string());
        if let Some(rate) = self.rate {
            option("rate", rate.to_string());
        }
        for pid in self.pids {
            option("pid", pid.to_string());
        }
        if self.rate.is_none() {
            words.push("--closed".to_owned());
        }
        words.extend_from_slice(self.more);
        let words: Vec<&str> = words.iter().map(String::as_str).collect();
        let log = rig.folder().join("load.log");
        let program = rig.program("varistor-bench");
        let peak_since = forget_peaks(self.pids);
        let child = Program::logged(cores, &program, &words, &log)?;
        let longest = Duration::try_from_secs_f64(self.seconds + self.warmup)?;
        let (_, said) = child.output(longest + PATIENCE)?;
        let told = || {
            let log = std::fs::read_to_string(&log).unwrap_or_default();
            format!("load of {}: {} {}", self.url, log.trim(), said.trim())
        };
        let raw: Box<RawValue> = serde_json::from_str(said.trim()).with_context(told)?;
        Ok(Measured {
            report: serde_json::from_str(raw.get()).with_context(told)?,
            raw,
            memory: Memory {
                peak_since,
                ..Memory::of(self.pids)
            },
        })
    }
}

#[cfg(test)]
mod tests {
    use serde_json::{Value, json};

    use super::{Measured, Memory, Report};

    #[test]
    fn a_line_holds_what_is_known_and_the_report_as_it_came() {
        let raw = r#"{"requests":2,"requests_per_s":1.0,"errors":0,"unexpected":0,"wrong":0,
            "broken":0,"unanswered":0,"latency_us":{"p50":1,"p99":2},"more":[1.50],"cpu":[
            {"us_per_request":3,"user_us_per_request":1,"system_us_per_request":2,
             "share_of_one_core":0.25},
            {"us_per_request":4,"user_us_per_request":2,"system_us_per_request":2,
             "share_of_one_core":0.5}]}"#;
        let report: Report = serde_json::from_str(raw).unwrap();
        assert!((report.cores_busy() - 0.75).abs() < 1e-9);
        let measured = Measured {
            report,
            raw: serde_json::from_str(raw).unwrap(),
            memory: Memory::default(),
        };
        let text = measured.line(&json!({"size": 5})).unwrap();
        assert!(text.contains("[1.50]"), "{text}");
        let line: Value = serde_json::from_str(&text).unwrap();
        assert_eq!(
            (&line["size"], &line["report"]["requests"]),
            (&json!(5), &json!(2))
        );
        assert_eq!(
            line["cpu_per_call"],
            json!({"total_us": 7.0, "user_us": 3.0, "system_us": 4.0})
        );
        assert_eq!(line["memory"]["rss_kib"], 0);
        assert_eq!(line["memory"]["peak_since"], "start");
    }
}
