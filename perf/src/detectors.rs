//! The catalogue of detectors, compiled once: in this process, or before it, into a file.
//!
//! Compiling takes tens of milliseconds natively and seconds under callgrind, and is not measured
//! here: so the benches keep it in a file, and tests with random policies in memory.

use std::path::Path;
use std::sync::OnceLock;

use rkyv::rancor::Error;
use varistor_inspect::dlp;
use varistor_model::DlpAction;
use varistor_snapshot::schema::Dlp;

static COMPILED: OnceLock<Dlp> = OnceLock::new();

/// Secrets and financial data are denied in requests and redacted in answers; personal data is
/// logged.
///
/// # Panics
/// When the catalogue does not compile.
#[must_use]
pub fn detectors() -> Dlp {
    COMPILED.get_or_init(compile).clone()
}

/// Compiles the catalogue into a file for [`load`].
///
/// # Panics
/// When the catalogue does not compile, or the file can't be written.
pub fn keep(path: &Path) {
    let bytes = rkyv::to_bytes::<Error>(&compile()).expect("rows can be archived");
    std::fs::write(path, bytes).expect("the file can be written");
}

/// Takes the catalogue from the file of [`keep`], if none was compiled in this process yet.
///
/// # Panics
/// When the file is not there, or not in its form.
pub fn load(path: &Path) {
    let read = || {
        let bytes = std::fs::read(path).expect("`keep` ran before");
        rkyv::from_bytes::<Dlp, Error>(&bytes).expect("`keep` of this build wrote the file")
    };
    COMPILED.get_or_init(read);
}

fn compile() -> Dlp {
    let settings = dlp::Settings {
        request: [DlpAction::Log, DlpAction::Deny, DlpAction::Deny],
        response: [DlpAction::Log, DlpAction::Redact, DlpAction::Redact],
        wanted: &[],
        custom: &[],
    };
    dlp::compile(&settings).expect("the catalogue compiles")
}
