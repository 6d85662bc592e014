//! Policies of any size, every control on; the called tool is `echo` on the server `mock`.

use std::fmt::Write as _;

/// Agents in one file: a policy file may have 16 MiB.
const AGENTS_PER_FILE: u64 = 200_000;
/// A limit that is counted and never reached.
const NEVER: &str = "{ calls: 100000000/second }";

/// What a policy consists of.
#[derive(Clone, Copy)]
pub(super) struct Policy {
    pub(super) agents: u64,
    /// Permissions by name; 0: one for everything.
    pub(super) tools: u64,
    /// Half prohibitions, half limits of tools; none of them matches.
    pub(super) rules: u64,
    /// Hides one tool, so that lists have to be filtered.
    pub(super) hidden: bool,
}

impl Policy {
    /// Ten agents that may do everything.
    pub(super) const SMALL: Self = Self {
        agents: 10,
        tools: 0,
        rules: 0,
        hidden: false,
    };

    /// The name of an agent.
    pub(super) fn agent(number: u64) -> String {
        format!("agent-{number:07}")
    }

    /// The files, by name.
    ///
    /// # Errors
    /// Never, as writing into a `String` does not fail.
    pub(super) fn files(&self, upstream: &str) -> Result<Vec<(String, String)>, std::fmt::Error> {
        let mut files = vec![("varistor.yaml".to_owned(), self.main(upstream)?)];
        let mut first = 0;
        while first < self.agents {
            let last = self.agents.min(first + AGENTS_PER_FILE);
            let mut text = "organisations:\n  acme:\n    agents:\n".to_owned();
            for number in first..last {
                writeln!(text, "      {}: {{ team: bench }}", Self::agent(number))?;
            }
            files.push((format!("agents-{first:07}.yaml"), text));
            first = last;
        }
        Ok(files)
    }

    fn main(&self, upstream: &str) -> Result<String, std::fmt::Error> {
        let mut text = format!(
            "servers: {{ mock: {{ url: \"{upstream}\", concurrency: 100000 }} }}
runtime: {{ shedding: off }}
dlp:
  request:  {{ secrets: deny, financial: deny, pii: log }}
  response: {{ secrets: redact, financial: redact, pii: redact }}
organisations:
  acme:
    limits: {NEVER}
    teams: {{ bench: {{ roles: [all], limits: {NEVER} }} }}
    roles:
      all:
        allow:
"
        );
        match self.tools {
            0 => writeln!(text, "          - \"*\"")?,
            tools => {
                // In the middle, so that neither end is favoured.
                for number in 0..tools {
                    if number == tools / 2 {
                        writeln!(text, "          - mock/echo")?;
                    } else {
                        writeln!(text, "          - mock/dig_{number:07}")?;
                    }
                }
            }
        }
        let prohibitions = self.rules / 2;
        if prohibitions > 0 || self.hidden {
            writeln!(text, "        deny:")?;
        }
        if self.hidden {
            writeln!(text, "          - mock/tool_0001")?;
        }
        for number in 0..prohibitions {
            writeln!(text, "          - \"mock/never_{number:07}_*\"")?;
        }
        writeln!(text, "limits:")?;
        writeln!(
            text,
            "  - {{ tool: mock/echo, calls: 100000000/second, per: agent }}"
        )?;
        for number in prohibitions..self.rules {
            let tool = format!("\"mock/rare_{number:07}_*\"");
            writeln!(text, "  - {{ tool: {tool}, calls: 5/minute, per: agent }}")?;
        }
        Ok(text)
    }
}

#[cfg(test)]
mod tests {
    use super::Policy;

    #[test]
    fn a_policy_has_as_much_of_everything_as_was_asked_for() {
        let policy = Policy {
            agents: 200_001,
            tools: 7,
            rules: 11,
            hidden: true,
        };
        let files = policy.files("http://127.0.0.1:1/mcp").unwrap();
        let all: String = files.iter().map(|(_, text)| text.as_str()).collect();
        assert_eq!(files.len(), 3);
        assert_eq!(all.matches("{ team: bench }").count(), 200_001);
        assert_eq!(all.matches("mock/dig_").count() + 1, 7);
        assert_eq!(
            all.matches("never_").count() + all.matches("rare_").count(),
            11
        );
        assert!(!all.contains("\"*\""));
    }
}
