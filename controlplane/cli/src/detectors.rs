//! The built-in detectors of secrets, for values that stand in files of others.

use anyhow::Context;
use rkyv::rancor::Error as RkyvError;
use rkyv::util::AlignedVec;
use varistor_inspect::dlp::{Findings, Scanner, Settings, compile};
use varistor_model::{Class, DlpAction};
use varistor_onboard::Detector;
use varistor_snapshot::schema::ArchivedDlp;

/// All of them, ready to look.
pub(crate) struct Detectors {
    rows: AlignedVec,
    scanner: Scanner,
    findings: Findings,
}

impl Detectors {
    /// Makes them ready.
    pub(crate) fn ready() -> anyhow::Result<Self> {
        let settings = Settings {
            request: [DlpAction::Redact; 3],
            response: [DlpAction::Redact; 3],
            wanted: &[],
            custom: &[],
        };
        let dlp = compile(&settings).context("the built-in detectors can't be compiled")?;
        let rows = rkyv::to_bytes::<RkyvError>(&dlp)?;
        let scanner = Scanner::open(rkyv::access::<ArchivedDlp, RkyvError>(&rows)?)?;
        Ok(Self {
            rows,
            scanner,
            findings: Findings::new(),
        })
    }

    fn finds(&mut self, payload: &str) -> anyhow::Result<bool> {
        let rows = rkyv::access::<ArchivedDlp, RkyvError>(&self.rows)?;
        let (scanner, findings) = (&mut self.scanner, &mut self.findings);
        scanner.scan(rows, payload.as_bytes(), findings)?;
        let mut found = findings.iter();
        Ok(found.any(|finding| finding.class == Class::Secret))
    }
}

impl Detector for Detectors {
    /// What can't be looked at is taken for a secret.
    fn is_secret(&mut self, name: &str, value: &str) -> bool {
        let payload = serde_json::json!({ name: value }).to_string();
        self.finds(&payload).unwrap_or(true)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn secrets_are_known_by_their_form_whatever_their_name() {
        let mut detectors = Detectors::ready().unwrap();
        // Put together here, so that nothing takes this file for a leak.
        let token = format!("ghp_{}", "9Qw8Er7Ty6Ui5Op4As3Df2Gh1Jk0Lz2Xc3Vb");
        assert!(detectors.is_secret("note", &token));
        assert!(!detectors.is_secret("note", "@modelcontextprotocol/server-github"));
        assert!(!detectors.is_secret("argument", "/home/ann/Documents"));
    }
}
