//! `varictl approvals link`: a one-time link for one approver and one held call.

use clap::Args;
use serde_json::json;
use varistor_approvals::ApprovalId;

use crate::directory::PolicyDir;
use crate::exit::{Exit, wrong};
use crate::output::{self, line};
use crate::page::{Approvers, Links};
use crate::quantities::{duration_s, now_unix_s, time_text};

/// Print a one-time link for one approver and one held call.
#[derive(Args, Debug)]
#[command(
    after_help = "Examples:\n  varictl approvals link 0123456789abcdef0123456789abcdef --for \
                        alice --url https://approvals.acme.example"
)]
pub(crate) struct Link {
    /// The approval's id
    id: String,
    /// The approver who may decide by it, once
    #[arg(long = "for", value_name = "NAME")]
    approver: String,
    /// Where the page is reached
    #[arg(long, value_name = "URL", default_value = "http://127.0.0.1:7333")]
    url: String,
    /// How long it is good, up to a day
    #[arg(long, value_name = "DURATION", default_value = "1h", value_parser = duration_s)]
    ttl: u64,
    /// Answer in JSON
    #[arg(long)]
    json: bool,
}

/// Longest life of a link.
const TTL_S_MAX: u64 = 24 * 60 * 60;

impl Link {
    pub(super) fn run(&self, dir: &PolicyDir) -> anyhow::Result<Exit> {
        let Some(id) = ApprovalId::from_hex(&self.id) else {
            return Err(wrong(format!(
                "{}: expected the id of an approval, 32 hex digits",
                self.id
            )));
        };
        if !(1..=TTL_S_MAX).contains(&self.ttl) {
            return Err(wrong("--ttl: expected up to 1d"));
        }
        let base = self.url.trim_end_matches('/');
        let host = base
            .strip_prefix("https://")
            .or(base.strip_prefix("http://"));
        if !host.is_some_and(|host| !host.is_empty() && !host.contains(['/', '@', ' '])) {
            return Err(wrong(format!(
                "--url {}: expected a URL without a path, as in https://approvals.acme.example",
                self.url
            )));
        }
        if !Approvers::open(dir)?.knows(&self.approver) {
            return Err(wrong(format!(
                "there is no approver `{0}`; add one: varictl approvals approver add {0}",
                self.approver
            )));
        }
        let expires = now_unix_s().saturating_add(self.ttl);
        let token = Links::open(dir)?.make(id, &self.approver, expires)?;
        let link = format!("{base}/l/{token}");
        if self.json {
            output::json(&json!({"url": link, "expires_unix_s": expires}))?;
        } else {
            line(&link)?;
            output::note(&format!(
                "good for one decision of {} until {}",
                self.approver,
                time_text(expires)
            ));
        }
        Ok(Exit::Done)
    }
}
