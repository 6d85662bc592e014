//! `varictl audit commitment`: what a record is held to, and whether a value is it.

use std::path::PathBuf;

use anyhow::Context;
use clap::Args;
use serde::Serialize;
use varistor_privacy::{Found, commitment, find};

use super::hidden::{Hidden, Places, hex, unhex};
use crate::arguments::Arguments;
use crate::exit::{Exit, wrong};
use crate::output;

/// Show the commitments of a record, or check whether a value is what one of them was made of.
#[derive(Args, Debug)]
#[command(after_help = "\
A commitment is SHA-256 over its salt (32 bytes) and the value: a finding's text, or the parameters
as they came. Whoever has the record, the salt and the value can check it without this program.

Exit status: 0 shown, or the value is the one; 1 it can't be told, since the salt was erased; 2 the
value is none of them.

Examples:
  varictl audit commitment 4711
  varictl audit commitment 4711 --value alice@example.com
  varictl audit commitment 4711 --reveal --json            # with the salts, for an auditor
  varictl audit commitment 4711 --log COPY --salt HEX --file parameters.json")]
pub(crate) struct Commitment {
    /// The record's number
    seq: u64,
    /// A value to check
    #[arg(long, value_name = "TEXT", conflicts_with = "file")]
    value: Option<String>,
    /// A file with a value to check, byte for byte
    #[arg(long, value_name = "FILE")]
    file: Option<PathBuf>,
    /// A salt that you were given, hex, in place of those that are kept
    #[arg(long, value_name = "HEX")]
    salt: Option<String>,
    /// Show the salts: whoever gets one can try values
    #[arg(long, conflicts_with = "salt")]
    reveal: bool,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
    #[command(flatten)]
    places: Places,
}

/// One commitment, and what is known of it.
#[derive(Serialize)]
struct Row {
    number: u64,
    sha256: String,
    /// `kept`, `erased` or `absent`.
    salt: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    salt_hex: Option<String>,
    /// Whether the value is the one.
    #[serde(skip_serializing_if = "Option::is_none")]
    matches: Option<bool>,
}

impl Commitment {
    pub(super) fn run(&self, arguments: &Arguments) -> anyhow::Result<Exit> {
        let log = self.places.log(arguments)?;
        let hidden = Hidden::of(&log, self.seq)?;
        if hidden.commitments.is_empty() {
            return Err(wrong(format!("record {} has no commitments", self.seq)));
        }
        let value = match (&self.value, &self.file) {
            (Some(text), _) => Some(text.as_bytes().to_vec()),
            (None, Some(path)) => {
                let read = std::fs::read(path);
                Some(read.with_context(|| format!("can't read {}", path.display()))?)
            }
            (None, None) => None,
        };
        let rows = self.rows(&hidden, value.as_deref(), arguments)?;
        if self.json {
            output::json(&rows)?;
        } else {
            rows.iter().try_for_each(|row| output::line(&row.text()))?;
        }
        Ok(match value {
            None => Exit::Done,
            Some(_) if rows.iter().any(|row| row.matches == Some(true)) => Exit::Done,
            Some(_) if rows.iter().all(|row| row.matches == Some(false)) => Exit::Wrong,
            Some(_) => Exit::Failed,
        })
    }

    fn rows(
        &self,
        hidden: &Hidden,
        value: Option<&[u8]>,
        arguments: &Arguments,
    ) -> anyhow::Result<Vec<Row>> {
        let given = match &self.salt {
            Some(text) => {
                let salt = unhex(text).ok_or_else(|| wrong("--salt: expected 64 hex digits"))?;
                Some(Found::Kept(salt.into()))
            }
            None => None,
        };
        let salts = match given {
            Some(_) => None,
            None => Some(self.places.salts(arguments)?),
        };
        let mut rows = Vec::with_capacity(hidden.commitments.len());
        for one in &hidden.commitments {
            let kept = match &salts {
                Some(salts) => Some(find(salts, one.salt)?),
                None => None,
            };
            let found = kept.as_ref().or(given.as_ref());
            let salt = match found {
                Some(Found::Kept(salt)) => Some(salt),
                _ => None,
            };
            let matches = salt
                .zip(value)
                .map(|(salt, value)| hex(&commitment(salt, value)) == one.sha256);
            rows.push(Row {
                number: one.salt,
                sha256: one.sha256.clone(),
                salt: match found {
                    Some(Found::Kept(_)) => "kept",
                    Some(Found::Erased) => "erased",
                    _ => "absent",
                },
                salt_hex: salt.filter(|_| self.reveal).map(|salt| hex(&salt[..])),
                matches,
            });
        }
        Ok(rows)
    }
}

impl Row {
    fn text(&self) -> String {
        let mut text = format!("{} {} salt {}", self.number, self.sha256, self.salt);
        if let Some(salt) = &self.salt_hex {
            text.push_str(&format!(" {salt}"));
        }
        match self.matches {
            Some(true) => text.push_str(": the value is the one"),
            Some(false) => text.push_str(": the value is another"),
            None => {}
        }
        text
    }
}
