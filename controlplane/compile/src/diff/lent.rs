//! Secrets that others keep, as named values.

use varistor_snapshot::schema::{ArchivedPolicy, ArchivedSecretSource, ArchivedStoreAuth};

use super::Values;
use super::settings::{joined, template};
use crate::quantity::show_duration;

/// Each store and each secret as a line.
pub(super) fn secrets(policy: &ArchivedPolicy, values: &mut Values) {
    for row in policy.secret_stores.iter() {
        let auth = match &row.auth {
            ArchivedStoreAuth::Token(parts) => format!("token{}", template(parts)),
            ArchivedStoreAuth::AppRole(row) => {
                format!("{} {}{}", row.mount, row.role_id, template(&row.secret_id))
            }
            ArchivedStoreAuth::Jwt(row) => {
                format!("{} {} {}", row.mount, row.role, row.token_file)
            }
        };
        let mut text = format!("{} by {auth}", row.url);
        if let Some(namespace) = row.namespace.as_ref() {
            text.push_str(&format!(", namespace {namespace}"));
        }
        if let Some(ca) = row.ca.as_ref() {
            text.push_str(&format!(", ca {ca}"));
        }
        if row.allow_private {
            text.push_str(", private");
        }
        let refresh = show_duration(row.refresh_s.to_native().saturating_mul(1_000));
        text.push_str(&format!(", every {refresh}"));
        values.insert(format!("secret_stores.{}", row.name), text);
    }
    for row in policy.secrets.iter() {
        let from = match &row.from {
            ArchivedSecretSource::Environment(name) => format!("env {name}"),
            ArchivedSecretSource::File(path) => format!("file {path}"),
            ArchivedSecretSource::Store(row) => format!("{} {} {}", row.store, row.path, row.field),
        };
        let servers = joined(row.servers.iter());
        values.insert(
            format!("secrets.{}", row.name),
            format!("{from}, for {servers}"),
        );
    }
}
