//! Until when certificates hold: of the listeners, and the authorities that the policy names.

use std::collections::BTreeSet;

use rustls::pki_types::CertificateDer;
use rustls::pki_types::pem::PemObject as _;
use varistor_snapshot::schema::Policy;
use x509_parser::prelude::{FromDer as _, X509Certificate};

use super::Report;
use crate::quantities::{DAY_S, now_unix_s, time_text};

const CERTIFICATES: &str = "certificates";
/// A certificate that ends within this is worth a warning, in seconds.
const SOON_S: u64 = 30 * DAY_S;

pub(super) fn look(policy: Option<&Policy>, report: &mut Report<'_>) {
    let Some(policy) = policy else { return };
    let mut files = BTreeSet::new();
    let runtime = &policy.runtime;
    files.extend(runtime.tls.iter().map(|tls| tls.certificate.clone()));
    if let Some(admin) = &runtime.admin {
        files.extend([admin.tls.certificate.clone(), admin.client_ca.clone()]);
    }
    files.extend(runtime.client_ca.clone());
    files.extend(policy.workloads.iter().map(|domain| domain.ca.clone()));
    files.extend(policy.servers.iter().filter_map(|server| server.ca.clone()));
    if files.is_empty() {
        report.ok(CERTIFICATES, "the policy names none");
        return;
    }
    for file in &files {
        match ends(file) {
            Ok(ends) => told(file, ends, report),
            Err(error) => {
                report.problem(
                    CERTIFICATES,
                    format!("{file}: {error}"),
                    "replace it by PEM certificates",
                );
            }
        }
    }
    let number = crate::output::count(files.len(), "file");
    report.ok_if_quiet(CERTIFICATES, format!("{number}, none ends within 30 days"));
}

/// When each certificate of a file begins and ends, in seconds since 1970.
fn ends(file: &str) -> Result<Vec<(u64, u64)>, String> {
    let all = CertificateDer::pem_file_iter(file).map_err(|error| error.to_string())?;
    let mut ends = Vec::new();
    for one in all {
        let der = one.map_err(|error| error.to_string())?;
        let (_, certificate) =
            X509Certificate::from_der(&der).map_err(|error| error.to_string())?;
        let validity = certificate.validity();
        let unix = |time: i64| u64::try_from(time).unwrap_or_default();
        let begin = unix(validity.not_before.timestamp());
        ends.push((begin, unix(validity.not_after.timestamp())));
    }
    match ends.is_empty() {
        true => Err("there is no certificate in it".to_owned()),
        false => Ok(ends),
    }
}

fn told(file: &str, ends: Vec<(u64, u64)>, report: &mut Report<'_>) {
    let (now, renew) = (now_unix_s(), "renew it, then `varictl push`");
    for (begin, end) in ends {
        if end <= now {
            let found = format!("{file}: a certificate has ended at {}", time_text(end));
            report.problem(CERTIFICATES, found, renew);
        } else if begin > now {
            let found = format!("{file}: a certificate begins at {} only", time_text(begin));
            report.problem(
                CERTIFICATES,
                found,
                "look at the clock, or wait, or take another one",
            );
        } else if end.saturating_sub(now) < SOON_S {
            let found = format!("{file}: a certificate ends at {}", time_text(end));
            report.warn(CERTIFICATES, found, renew);
        }
    }
}
