//! Tokens of many agents, minted with the directory's own key and dealt out run by run.
//!
//! The gateway knows the tokens that are in use before anything is measured. Of more than can be
//! shown to it in a minute, each run gets tokens that were never seen.

use std::path::{Path, PathBuf};
use std::time::{Duration, SystemTime};

use anyhow::Context as _;
use varistor_audit::json::unhex;
use varistor_token::{Claims, Issuer};

use super::policy::Policy;
use super::setup::{authorization, probe};
use crate::rig::interrupt;

/// The id of the key that `varictl init` makes.
const KEY_ID: u32 = 1;
/// How long a token is valid: longer than any series.
const VALID_S: u64 = 86_400;
/// Most tokens that are shown to the gateway before. It remembers more (1,048,576 in all workers),
/// but verifies 2,000 a second.
const KNOWN_MAX: u64 = 65_536;
/// The gateway verifies a new token every 500 us; more are told to come again.
const PACE: Duration = Duration::from_micros(400);
/// How often a token that was told to come again comes.
const TRIES: u32 = 20;
/// Tokens go over the agents in steps of this prime, so that neighbours in use are none in policy.
const STRIDE: u64 = 611_953;

/// The tokens of one gateway.
pub(super) struct Purse {
    issuer: Issuer,
    agents: u64,
    expires_unix_s: u64,
    /// Those in use; one when every deal is of tokens that were never seen.
    tokens: Vec<String>,
    always_new: bool,
    file: PathBuf,
    /// The number of the token that comes next.
    next: u64,
}

impl Purse {
    /// Mints `count` tokens of agents of the policy.
    ///
    /// # Errors
    /// The directory has no key.
    pub(super) fn mint(directory: &Path, agents: u64, count: u64) -> anyhow::Result<Self> {
        let path = directory.join("keys/token.key");
        let text = std::fs::read_to_string(&path);
        let text = text.with_context(|| format!("cannot read {}", path.display()))?;
        let key = unhex(text.trim().as_bytes());
        let key = key.with_context(|| format!("{} holds no key", path.display()))?;
        let now = SystemTime::now().duration_since(SystemTime::UNIX_EPOCH)?;
        let mut purse = Self {
            issuer: Issuer::new(KEY_ID, &key)?,
            agents: agents.max(1),
            expires_unix_s: now.as_secs().saturating_add(VALID_S),
            tokens: Vec::new(),
            always_new: count > KNOWN_MAX,
            file: directory.join("tokens.txt"),
            next: 0,
        };
        let known = if purse.always_new { 1 } else { count.max(1) };
        purse.tokens = purse.new_ones(known)?;
        Ok(purse)
    }

    /// One of them.
    pub(super) fn first(&self) -> &str {
        self.tokens.first().map_or("", |token| token)
    }

    /// Makes a call with each token, so that the gateway knows all of them.
    ///
    /// # Errors
    /// A token that is refused for good.
    pub(super) fn show(&self, url: &str) -> anyhow::Result<()> {
        for token in self.tokens.iter().skip(1) {
            interrupt::check()?;
            let headers = [authorization(token)];
            let probe = probe(url, &headers);
            let mut tries = 1;
            while let Err(error) = probe.call() {
                anyhow::ensure!(tries < TRIES, "a token of {url} is refused: {error:#}");
                tries += 1;
                std::thread::sleep(PACE * tries);
            }
            std::thread::sleep(PACE);
        }
        Ok(())
    }

    /// Options of a load of at most `calls` calls that use the next tokens; `None`: any number.
    ///
    /// # Errors
    /// The file of tokens cannot be written.
    pub(super) fn deal(&mut self, calls: Option<u64>) -> anyhow::Result<Vec<String>> {
        if self.tokens.len() == 1 && !self.always_new {
            let header = format!("Authorization: Bearer {}", self.first());
            return Ok(vec!["--header".to_owned(), header]);
        }
        let text = match calls {
            Some(calls) if self.always_new => self.new_ones(calls)?.join("\n"),
            calls => {
                let all = u64::try_from(self.tokens.len())?;
                let count = calls.unwrap_or(all).min(all);
                let from = usize::try_from(self.next % all)?;
                self.next = self.next.wrapping_add(count);
                let dealt = self.tokens.iter().cycle().skip(from);
                let dealt: Vec<&str> = dealt
                    .take(usize::try_from(count)?)
                    .map(String::as_str)
                    .collect();
                dealt.join("\n")
            }
        };
        std::fs::write(&self.file, text)?;
        let file = self.file.display().to_string();
        Ok(["--tokens", &file, "--token-per", "call"]
            .map(str::to_owned)
            .to_vec())
    }

    fn new_ones(&mut self, count: u64) -> anyhow::Result<Vec<String>> {
        let mut tokens = Vec::new();
        for _ in 0..count {
            interrupt::check()?;
            let number = self.next.wrapping_mul(STRIDE) % self.agents;
            self.next = self.next.wrapping_add(1);
            tokens.push(self.issuer.issue(&Claims {
                organisation: "acme".to_owned(),
                team: Some("bench".to_owned()),
                agent: Policy::agent(number),
                roles: vec!["all".to_owned()],
                servers: Vec::new(),
                tools: Vec::new(),
                expires_unix_s: self.expires_unix_s,
                limits: Vec::new(),
            })?);
        }
        Ok(tokens)
    }
}

#[cfg(test)]
mod tests {
    use super::{KNOWN_MAX, Purse};

    fn purse(count: u64) -> (tempfile::TempDir, Purse) {
        let folder = tempfile::tempdir().unwrap();
        std::fs::create_dir(folder.path().join("keys")).unwrap();
        std::fs::write(folder.path().join("keys/token.key"), "07".repeat(32)).unwrap();
        let purse = Purse::mint(folder.path(), 1_000_000, count).unwrap();
        (folder, purse)
    }

    /// The tokens of the file that the options name.
    fn dealt(options: &[String]) -> Vec<String> {
        assert_eq!((&*options[0], &*options[2]), ("--tokens", "--token-per"));
        let text = std::fs::read_to_string(&options[1]).unwrap();
        text.lines().map(str::to_owned).collect()
    }

    #[test]
    fn known_tokens_go_round_and_one_token_is_a_header() {
        let (_folder, mut three) = purse(3);
        let all = dealt(&three.deal(None).unwrap());
        assert_eq!(all, three.tokens);
        let two = dealt(&three.deal(Some(2)).unwrap());
        let next = dealt(&three.deal(Some(2)).unwrap());
        assert_eq!((&two[0], &two[1], &next[0]), (&all[0], &all[1], &all[2]));
        assert_eq!(next[1], all[0]);
        let (_folder, mut one) = purse(1);
        let options = one.deal(Some(5)).unwrap();
        assert_eq!(options[0], "--header");
        assert!(options[1].ends_with(one.first()));
    }

    #[test]
    fn of_more_than_the_gateway_remembers_all_that_are_dealt_are_new() {
        let (_folder, mut many) = purse(KNOWN_MAX + 1);
        let mut seen = vec![many.first().to_owned()];
        for _ in 0..3 {
            seen.extend(dealt(&many.deal(Some(10)).unwrap()));
        }
        seen.sort_unstable();
        seen.dedup();
        assert_eq!(seen.len(), 31);
    }

    #[test]
    fn a_directory_without_a_key_is_refused_with_its_file() {
        let folder = tempfile::tempdir().unwrap();
        let refused = Purse::mint(folder.path(), 1, 1).err().unwrap().to_string();
        assert!(refused.contains("keys/token.key"), "{refused}");
    }
}
