//! Held calls to approvers in person: who has a channel of their own gets a one-time link there.
//!
//! Read from the directory at each held call, so that who was taken away gets none any more.

use std::path::{Path, PathBuf};

use serde::Deserialize;
use varistor_approvals::{ApprovalId, Link, LinkKey};
use varistor_model::{Notice, NoticeKind};
use zeroize::Zeroizing;

use super::publish;
use crate::log;

/// How long a link is good at most; the approval itself ends sooner as a rule.
const LINK_S: u64 = 24 * 60 * 60;

/// The part of `keys/approvers.json` that matters here.
#[derive(Deserialize)]
struct Approver {
    name: String,
    #[serde(default)]
    notify: Option<String>,
}

/// Where a notice goes beside the channels of policy and rules: channels with the link of each.
pub(super) fn writer(dir: &Path) -> impl Fn(&Notice) -> Vec<(String, String)> + Send + use<> {
    let keys = dir.join("keys");
    move |notice| match notice.kind {
        NoticeKind::Held => letters(&keys, notice),
        _ => Vec::new(),
    }
}

fn letters(keys: &Path, notice: &Notice) -> Vec<(String, String)> {
    let Ok(bytes) = std::fs::read(keys.join("approvers.json")) else {
        return Vec::new();
    };
    let Ok(approvers) = serde_json::from_slice::<Vec<Approver>>(&bytes) else {
        log::warning(format_args!(
            "keys/approvers.json can't be read; approvers get no links"
        ));
        return Vec::new();
    };
    let reached = approvers.into_iter().filter_map(|approver| {
        let channel = approver.notify?;
        let url = link(keys, notice, approver.name).unwrap_or_default();
        Some((channel, url))
    });
    reached.collect()
}

/// The one-time link beside the page of the approval; none when there is no such page or no key.
fn link(keys: &Path, notice: &Notice, approver: String) -> Option<String> {
    let page = notice
        .url
        .strip_suffix(&notice.approval)?
        .strip_suffix("/approvals/")?;
    let approval = ApprovalId::from_hex(&notice.approval)?;
    let mut nonce = [0; 16];
    getrandom::fill(&mut nonce).ok()?;
    let link = Link {
        approval,
        nonce,
        expires_unix_s: (notice.unix_ms / 1000).saturating_add(LINK_S),
        approver,
    };
    let token = key(keys.join("approvals.key"))?.seal(&link)?;
    Some(format!("{page}/l/{token}"))
}

fn key(path: PathBuf) -> Option<LinkKey> {
    let text = Zeroizing::new(std::fs::read_to_string(path).ok()?);
    Some(LinkKey::new(publish::bytes_of_hex(text.trim())?))
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: &str = "0123456789abcdef0123456789abcdef";

    fn held(url: &str) -> Notice {
        Notice {
            approval: ID.to_owned(),
            url: url.to_owned(),
            ..Notice::new(NoticeKind::Held, 1)
        }
    }

    #[test]
    fn who_has_a_channel_gets_a_link_of_their_own() {
        let dir = tempfile::tempdir().unwrap();
        let write = writer(dir.path());
        let page = format!("https://a.example/approvals/{ID}");
        let nobody: [(String, String); 0] = [];
        assert_eq!(write(&held(&page)), nobody);
        std::fs::create_dir(dir.path().join("keys")).unwrap();
        let approvers =
            r#"[{"name":"alice","notify":"email/alice","added_unix_s":1},{"name":"bob"}]"#;
        std::fs::write(dir.path().join("keys/approvers.json"), approvers).unwrap();
        // Without a key the approver hears of the call, and signs in.
        let alice = "email/alice".to_owned();
        assert_eq!(write(&held(&page)), [(alice.clone(), String::new())]);
        let hex = "07".repeat(32) + "\n";
        std::fs::write(dir.path().join("keys/approvals.key"), hex).unwrap();
        assert_eq!(write(&held("")), [(alice, String::new())]);
        let letters = write(&held(&page));
        let token = letters[0].1.strip_prefix("https://a.example/l/").unwrap();
        let link = LinkKey::new([7; 32]).open(token).unwrap();
        assert_eq!(
            (link.approver.as_str(), link.approval.to_string().as_str()),
            ("alice", ID)
        );
        assert_eq!(write(&Notice::new(NoticeKind::Killed, 1)), nobody);
    }
}
