//! What happens to which call, as a file or the command line says.
//!
//! Rules are tried in order; the first that holds decides, and the later ones do not see the call.

mod measure;
mod parse;
mod rule;

use std::path::Path;

use anyhow::Context;

use super::fault::Fault;
use super::plan::Plan;

pub(super) use self::rule::Event;
use self::rule::Rule;

/// What `--help` says about the language.
pub(super) const HELP: &str = "\
Script: one rule a line, tried in order; the first that holds decides. A # begins a comment.
A line is words, first which calls it is about, then what happens to them:
  method=NAME       of this method, * at its end for any rest; tools/call when nothing is said
  tool=NAME         of this tool, likewise
  connection        new connections instead of calls; only delay and two faults go with it
  after=N           not the first N of these
  every=N           each N-th of these
  times=N           at most N times
  probability=P     by chance, 0 to 1
  seed=N            of chance and of delays; the number of the line when nothing is said
  delay=TIME        wait before the answer: 5ms, uniform:1ms..20ms or exponential:20ms
  bytes=SIZE        size of the text: 400, 16KiB, 1MiB
  events=N          answer as a stream of N events, the result included; 0 for plain JSON
  pace=TIME         wait between events, and between the bytes of slow faults
  plant=KIND        card, email or secret in the text
  structured        the text twice: in content and in structuredContent
  fault=NAME        one of the names of --faults
A call's own wishes come after the script, and the script after the options.
Example:
  tool=slow_* delay=exponential:20ms seed=7
  tool=echo every=10 fault=half-open
  method=tools/list probability=0.01 fault=status-503
  connection every=100 fault=refuse";

/// All rules.
#[derive(Default)]
pub(super) struct Script {
    rules: Vec<Rule>,
    /// Whether parameters have to be read to apply them.
    reads_params: bool,
}

impl Script {
    /// The rules of a file, and after them those of the options.
    ///
    /// # Errors
    /// The file cannot be read or holds a line that is no rule: file, line, what was found and
    /// what was expected.
    pub(super) fn read(
        path: Option<&Path>,
        fault: Option<Fault>,
        every: u64,
    ) -> anyhow::Result<Self> {
        let mut rules = match path {
            Some(path) => {
                let text = std::fs::read_to_string(path)
                    .with_context(|| format!("cannot read {}", path.display()))?;
                parse::rules(&path.display().to_string(), &text)?
            }
            None => Vec::new(),
        };
        rules.extend(fault.map(|fault| Rule::of_fault(fault, every)));
        let reads_params = rules.iter().any(Rule::reads_params);
        Ok(Self {
            rules,
            reads_params,
        })
    }

    /// Whether an event needs the parameters of its message.
    pub(super) fn reads_params(&self) -> bool {
        self.reads_params
    }

    /// All faults that may happen.
    pub(super) fn faults(&self) -> impl Iterator<Item = Fault> {
        self.rules.iter().filter_map(Rule::fault)
    }

    /// Changes the plan into what the first rule that holds says.
    pub(super) fn apply(&self, event: Event<'_>, plan: &mut Plan) {
        if let Some(rule) = self.rules.iter().find(|rule| rule.holds(event)) {
            rule.apply(plan);
        }
    }
}

#[cfg(test)]
mod tests {
    use std::io::Write;
    use std::time::Duration;

    use super::{Event, Script};
    use crate::upstream::fault::Fault;
    use crate::upstream::plan::Plan;

    fn script(text: &str) -> Script {
        let mut file = tempfile::NamedTempFile::new().unwrap();
        file.write_all(text.as_bytes()).unwrap();
        Script::read(Some(file.path()), Some(Fault::Stale), 2).unwrap()
    }

    fn call<'a>(method: &'a str, tool: &'a str) -> Event<'a> {
        Event::Call { method, tool }
    }

    fn planned(script: &Script, event: Event<'_>) -> Plan {
        let mut plan = Plan::default();
        script.apply(event, &mut plan);
        plan
    }

    #[test]
    fn the_first_rule_that_holds_decides_and_the_options_come_last() {
        let script = script(
            "# two rules\n\ntool=slow_* delay=5ms  # for some\n\
             method=tools/list every=2 fault=half\nconnection fault=refuse\n",
        );
        assert!(script.reads_params());
        let slow = planned(&script, call("tools/call", "slow_one"));
        assert_eq!((slow.delay, slow.fault), (Duration::from_millis(5), None));
        let faults = |event| [0, 1, 2, 3].map(|_| planned(&script, event).fault);
        let (half, stale) = (Some(Fault::Half), Some(Fault::Stale));
        assert_eq!(faults(call("tools/list", "")), [None, half, None, half]);
        assert_eq!(
            faults(call("tools/call", "echo")),
            [None, stale, None, stale]
        );
        assert_eq!(faults(Event::Connection), [Some(Fault::Refuse); 4]);
        assert_eq!(faults(call("initialize", "")), [None; 4]);
        assert_eq!(script.faults().count(), 3);
    }

    #[test]
    fn a_file_that_is_not_there_is_told() {
        let path = std::path::Path::new("no/such/script");
        let error = Script::read(Some(path), None, 1).err().unwrap();
        assert!(error.to_string().contains("no/such/script"));
    }
}
