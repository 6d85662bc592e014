//! `varictl audit sealed`: hands out the file of age that a record holds for its auditors.

use std::io::{IsTerminal as _, Write as _};
use std::path::PathBuf;

use anyhow::Context;
use clap::Args;

use super::hidden::Hidden;
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};

/// Hand out what a record holds encrypted, as a file of age.
#[derive(Args, Debug)]
#[command(after_help = "\
Whoever has an auditor's identity opens it with any implementation of age. It holds the parameters
as they came, or a JSON array of the findings' texts, the first of which [REDACTED:email:sealed=0]
stands for.

Example:
  varictl audit sealed 4711 | age --decrypt --identity auditor.key")]
pub(crate) struct Sealed {
    /// The record's number
    seq: u64,
    /// Where to write it [default: standard output]
    #[arg(long, short, value_name = "FILE")]
    output: Option<PathBuf>,
    /// Log directory [default: DIR/audit]
    #[arg(long, value_name = "DIR", conflicts_with = "dir")]
    log: Option<PathBuf>,
}

impl Sealed {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = super::log(self.log.as_deref(), arguments)?;
        let sealed = Hidden::of(&log, self.seq)?.sealed()?;
        let Some(sealed) = sealed else {
            return Err(wrong(format!(
                "record {} holds nothing encrypted",
                self.seq
            )));
        };
        if let Some(path) = &self.output {
            let written = std::fs::write(path, &sealed);
            written.with_context(|| format!("can't write {}", path.display()))?;
            return Ok(Exit::Done);
        }
        let mut out = std::io::stdout().lock();
        if out.is_terminal() {
            return Err(wrong("a terminal can't show it; use --output, or a pipe"));
        }
        out.write_all(&sealed)?;
        out.flush()?;
        Ok(Exit::Done)
    }
}
