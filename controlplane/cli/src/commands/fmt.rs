//! `varictl fmt`: rule files in their one shape. Comments stay, and what the rules say stays.
//!
//! Refuses files with mistakes, which are left as they are; all others are formatted all the same.

use std::io::ErrorKind;
use std::os::unix::fs::PermissionsExt;
use std::path::{Path, PathBuf};

use anyhow::Context;
use clap::Args;
use varistor_rules::limits::FILE_BYTES_MAX;
use varistor_rules::{Source, format, render};

use crate::arguments::Arguments;
use crate::exit::{BadPolicy, Exit, wrong};
use crate::{files, output};

/// Write rule files in their one shape; comments stay.
#[derive(Args, Debug)]
#[command(after_help = "\
Examples:
  varictl fmt
      all *.rules files of the policy directory, in place
  varictl fmt --check
      changes nothing; names the files that are not in shape, and then ends with 1
  varictl fmt --check refunds.rules
      one file, wherever it is; no policy directory is needed

Files with mistakes are told, left as they are, and end with 2.")]
pub(crate) struct Fmt {
    /// Change nothing; name the files that would change and exit with 1 if there are any
    #[arg(long)]
    check: bool,
    /// The files [default: all *.rules files of the policy directory]
    #[arg(value_name = "FILE")]
    files: Vec<PathBuf>,
}

impl Fmt {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let mut files = self.files.clone();
        if files.is_empty() {
            let dir = arguments.policy_dir()?;
            let root = dir.root();
            files = varistor_compile::rule_files(root)
                .with_context(|| format!("can't read the directory {}", root.display()))?;
        }
        let (mut changed, mut bad) = (false, false);
        for file in &files {
            let name = file.display().to_string();
            let text = read(file)?;
            match format(&text) {
                Ok(shaped) if shaped == text => {}
                Ok(shaped) => {
                    if !self.check {
                        replace(file, &shaped)?;
                    }
                    changed = true;
                    output::line(&output::plain(&name))?;
                }
                Err(found) => {
                    let source = Source {
                        name: &name,
                        text: &text,
                    };
                    output::note(output::plain_lines(&render(&found, &[source])).trim_end());
                    bad = true;
                }
            }
        }
        if bad {
            return Err(BadPolicy.into());
        }
        Ok(match changed && self.check {
            true => Exit::Failed,
            false => Exit::Done,
        })
    }
}

fn read(file: &Path) -> anyhow::Result<String> {
    let shown = file.display();
    let metadata = file.metadata().map_err(|error| match error.kind() {
        ErrorKind::NotFound => wrong(format!("the file {shown} does not exist")),
        _ => anyhow::Error::new(error).context(format!("can't read {shown}")),
    })?;
    if !metadata.is_file() {
        return Err(wrong(format!("{shown} is not a regular file")));
    }
    if metadata.len() > FILE_BYTES_MAX as u64 {
        let found = format!("{shown} has {} bytes", metadata.len());
        return Err(wrong(format!("{found}; expected at most {FILE_BYTES_MAX}")));
    }
    let bytes = std::fs::read(file).with_context(|| format!("can't read {shown}"))?;
    String::from_utf8(bytes).map_err(|_| wrong(format!("{shown} is not UTF-8")))
}

/// Replaces what a file holds; links to it and its permissions stay.
fn replace(file: &Path, text: &str) -> anyhow::Result<()> {
    let shown = file.display();
    let target = file
        .canonicalize()
        .with_context(|| format!("can't find {shown}"))?;
    let metadata = target.metadata();
    let mode = metadata.with_context(|| format!("can't read {shown}"))?;
    files::replace_with_mode(&target, text.as_bytes(), mode.permissions().mode() & 0o777)
}
