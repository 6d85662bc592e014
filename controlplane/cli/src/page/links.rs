//! One-time links, good for one decision each.
//!
//! Refuses tokens of another key, changed ones, expired ones, and those that decided once: each
//! use leaves a file behind until the token's time is over, so that a restart forgets none.

use std::fs::OpenOptions;
use std::os::unix::fs::OpenOptionsExt as _;
use std::path::PathBuf;

use anyhow::Context as _;
use varistor_approvals::{ApprovalId, Link, LinkKey};
use varistor_model::TokenId;
use zeroize::Zeroizing;

use crate::directory::PolicyDir;
use crate::files;
use crate::keys;

/// See the module.
pub(crate) struct Links {
    key: LinkKey,
    used: PathBuf,
}

/// Why a token is no good.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Unfit {
    /// Not made here, or changed.
    Forged,
    /// Its time is over.
    Expired,
    /// It has decided.
    Used,
}

impl Links {
    /// The links of a directory; the key is made when there is none.
    pub(crate) fn open(dir: &PolicyDir) -> anyhow::Result<Self> {
        let used = dir.state("links");
        files::private_directory(&used)?;
        make_key(dir)?;
        Ok(Self {
            key: LinkKey::new(*keys::private(&dir.key(KEY))?),
            used,
        })
    }

    /// A token for one decision of this approver about this approval.
    pub(crate) fn make(
        &self,
        approval: ApprovalId,
        approver: &str,
        expires_unix_s: u64,
    ) -> anyhow::Result<String> {
        let mut nonce = [0_u8; 16];
        getrandom::fill(&mut nonce).context("the system gives no random numbers")?;
        let link = Link {
            approval,
            nonce,
            expires_unix_s,
            approver: approver.to_owned(),
        };
        self.key
            .seal(&link)
            .context("the approver's name is too long")
    }

    /// What a token says, if it may still decide.
    pub(crate) fn read(&self, token: &str, now_s: u64) -> Result<Link, Unfit> {
        let link = self.key.open(token).ok_or(Unfit::Forged)?;
        if now_s >= link.expires_unix_s {
            return Err(Unfit::Expired);
        }
        match self.mark(&link).exists() {
            true => Err(Unfit::Used),
            false => Ok(link),
        }
    }

    /// Takes the token's one decision; of two at once, one gets it.
    pub(crate) fn take(&self, link: &Link, now_s: u64) -> Result<(), Unfit> {
        self.sweep(now_s);
        let mut options = OpenOptions::new();
        options.write(true).create_new(true).mode(0o600);
        // A disk that takes no mark takes no decision.
        let file = options.open(self.mark(link)).map_err(|_| Unfit::Used)?;
        let until = link.expires_unix_s.to_string();
        let marked = std::io::Write::write_all(&mut &file, until.as_bytes());
        marked
            .and_then(|()| file.sync_all())
            .map_err(|_| Unfit::Used)
    }

    /// Gives the decision back when no gateway took it.
    pub(crate) fn give_back(&self, link: &Link) {
        // What stays makes the link useless, which is safe.
        let _ = std::fs::remove_file(self.mark(link));
    }

    /// Forgets marks of tokens whose time is over.
    fn sweep(&self, now_s: u64) {
        let Ok(marks) = std::fs::read_dir(&self.used) else {
            return;
        };
        for mark in marks.flatten() {
            let until = std::fs::read_to_string(mark.path()).ok();
            let until = until.and_then(|text| text.parse::<u64>().ok());
            if until.is_some_and(|until| now_s > until.saturating_add(60)) {
                // Another process may be faster; what stays is swept later.
                let _ = std::fs::remove_file(mark.path());
            }
        }
    }

    fn mark(&self, link: &Link) -> PathBuf {
        self.used.join(TokenId(link.nonce).to_string())
    }
}

const KEY: &str = "approvals.key";

/// Makes the key of links unless it is there.
pub(crate) fn make_key(dir: &PolicyDir) -> anyhow::Result<()> {
    let path = dir.key(KEY);
    if path.exists() {
        return Ok(());
    }
    let mut key = Zeroizing::new([0_u8; 32]);
    getrandom::fill(&mut *key).context("the system gives no random numbers")?;
    let mut text = Zeroizing::new(String::with_capacity(65));
    for byte in key.iter() {
        text.push_str(&format!("{byte:02x}"));
    }
    text.push('\n');
    match files::create(&path, 0o600, text.as_bytes()) {
        // Another process may be faster: then its key counts.
        Err(_) if path.exists() => Ok(()),
        made => made,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const ID: ApprovalId = ApprovalId([7; 16]);

    fn links() -> (tempfile::TempDir, Links) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        std::fs::create_dir(folder.path().join("state")).unwrap();
        let links = Links::open(&PolicyDir::at(folder.path())).unwrap();
        (folder, links)
    }

    #[test]
    fn a_link_decides_once_also_after_a_restart() {
        let (folder, links) = links();
        let token = links.make(ID, "alice.b", 100).unwrap();
        let link = links.read(&token, 99).unwrap();
        assert_eq!((link.approval, link.approver.as_str()), (ID, "alice.b"));
        // Looking is free.
        assert_eq!(links.read(&token, 99).as_ref(), Ok(&link));
        links.take(&link, 99).unwrap();
        assert_eq!(links.take(&link, 99), Err(Unfit::Used));
        let links = Links::open(&PolicyDir::at(folder.path())).unwrap();
        assert_eq!(links.read(&token, 99), Err(Unfit::Used));
        links.give_back(&link);
        assert_eq!(links.read(&token, 99).as_ref(), Ok(&link));
        assert_eq!(links.read(&token, 100), Err(Unfit::Expired));
    }

    #[test]
    fn marks_go_when_their_time_is_over() {
        let (folder, links) = links();
        for expires in [100, 5000] {
            let token = links.make(ID, "a", expires).unwrap();
            links.take(&links.read(&token, 1).unwrap(), 1).unwrap();
        }
        let token = links.make(ID, "a", 9000).unwrap();
        links
            .take(&links.read(&token, 1000).unwrap(), 1000)
            .unwrap();
        let left = std::fs::read_dir(folder.path().join("state/links"))
            .unwrap()
            .count();
        assert_eq!(left, 2);
    }

    #[test]
    fn a_link_of_another_directory_is_refused() {
        let (_folder, links) = links();
        let (_other_folder, other) = self::links();
        let token = links.make(ID, "alice", 100).unwrap();
        assert_eq!(other.read(&token, 1), Err(Unfit::Forged));
        assert_eq!(other.read("", 1), Err(Unfit::Forged));
    }
}
