//! One sentence as the rules see it: its concepts, and what its raw text names.

use std::sync::LazyLock;

use aho_corasick::AhoCorasick;

use crate::fold;
use crate::lexicon::{Concept, Seen};

/// Files that hold keys, tokens or histories of a person, in lower case.
const PRIVATE_FILES: &[&str] = &[
    "/.ssh",
    "~/.ssh",
    ".ssh/",
    "id_rsa",
    "id_ed25519",
    "id_ecdsa",
    ".aws/cred",
    "~/.aws",
    ".aws/config",
    "mcp.json",
    "mcp_config",
    ".cursor/",
    "claude_desktop_config",
    ".claude.json",
    "/etc/passwd",
    "/etc/shadow",
    "/etc/hosts",
    "/etc/sudoers",
    ".netrc",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".gitconfig",
    ".kube/config",
    "kubeconfig",
    ".docker/config",
    ".gnupg",
    ".bash_history",
    ".zsh_history",
    ".python_history",
    ".psql_history",
    ".mysql_history",
    "fish_history",
    ".bashrc",
    ".zshrc",
    "/proc/self/environ",
    ".pgpass",
    ".my.cnf",
    "credentials.json",
    "secrets.json",
    "secrets.y",
    "known_hosts",
    "authorized_keys",
    ".config/gh",
    ".config/gcloud",
    "application_default_credentials",
    "wallet.dat",
    "keystore",
    "keychain",
    "cookies.sqlite",
    "login data",
    ".vault-token",
    "terraform.tfstate",
    ".pem",
    "server.key",
    "$home/.",
    "%appdata%",
    "%userprofile%",
    "printenv",
    ".azure/",
    ".env",
    "hosts.yml",
    ".terraform.d",
    ".cargo/credentials",
    ".m2/settings",
    ".config/op",
    "os.environ",
];

static PRIVATE: LazyLock<Option<AhoCorasick>> = LazyLock::new(|| {
    AhoCorasick::builder()
        .ascii_case_insensitive(true)
        .build(PRIVATE_FILES)
        .ok()
});

/// Whether a file where secrets lie is named. Public keys are none.
fn names_private_file(raw: &str) -> bool {
    let Some(private) = &*PRIVATE else {
        return false;
    };
    private.find_iter(raw).any(|found| {
        let before = raw
            .get(..found.start())
            .and_then(|text| text.chars().next_back());
        let behind = raw.get(found.end()..).unwrap_or_default();
        let is_word = !before.is_some_and(char::is_alphanumeric)
            && !behind.starts_with(|one: char| one.is_alphanumeric() || one == '(');
        let named = raw.get(found.range()).unwrap_or_default();
        let file = behind
            .split(|one: char| one.is_whitespace() || "`'\",)".contains(one))
            .next();
        let is_public = file.is_some_and(|file| file.ends_with(".pub") || file.ends_with(".pub."));
        !is_public && (is_word || !named.eq_ignore_ascii_case(".env"))
    })
}

/// A sentence.
#[derive(Debug)]
pub(crate) struct Sentence<'a> {
    /// As it stands in the definition.
    pub(crate) raw: &'a str,
    pub(crate) seen: Seen,
    pub(crate) is_english: bool,
    /// It has too few words to ask for anything.
    pub(crate) is_short: bool,
    /// It names a file where secrets lie.
    pub(crate) names_private_file: bool,
    /// It names an address where something could be sent.
    pub(crate) names_address: bool,
    /// That is the address of a person or an account, and no address of the web.
    pub(crate) names_mailbox: bool,
    /// It is given as an example.
    pub(crate) is_example: bool,
    /// It begins like a summary of what a function does (`Disables the …`).
    pub(crate) describes: bool,
    /// It quotes a command, or names another tool (`send_email`).
    pub(crate) quotes_tool: bool,
}

impl<'a> Sentence<'a> {
    /// The sentences of a text.
    pub(crate) fn all(text: &'a str) -> Vec<Self> {
        let all = fold::sentences(text).into_iter();
        all.map(|one| Self::new(text.get(one.start..one.end).unwrap_or_default(), &one.words))
            .collect()
    }

    /// A name, taken apart into its words, as a sentence.
    pub(crate) fn named(raw: &'a str, words: &str) -> Self {
        Self {
            is_english: true,
            ..Self::new(raw, words)
        }
    }

    /// Whether there is anything that rules could speak of.
    pub(crate) const fn says_anything(&self) -> bool {
        !self.seen.is_empty() || self.names_private_file
    }

    fn new(raw: &'a str, words: &str) -> Self {
        let english = [
            " the ", " this ", " to ", " of ", " and ", " your ", " with ", " user ", " for ",
            " what ", " that ", " are ", " it ", " be ", " not ",
        ];
        let seen = Seen::of(words);
        Self {
            raw,
            is_short: words.is_ascii() && words.matches(' ').count() < 4,
            is_english: english.iter().any(|word| words.contains(word)),
            names_private_file: names_private_file(raw),
            is_example: is_example(&seen, raw),
            describes: describes(raw),
            seen,
            names_address: names_mailbox(raw) || names_url(raw),
            names_mailbox: names_mailbox(raw),
            quotes_tool: quotes_tool(raw),
        }
    }
}

fn names_url(raw: &str) -> bool {
    raw.contains("https://") || raw.contains("http://")
}

/// An e-mail address, or the number of an account (IBAN).
fn names_mailbox(raw: &str) -> bool {
    let is_mail = |word: &str| {
        word.split_once('@').is_some_and(|(name, host)| {
            let host = host.trim_end_matches(['.', ',', ')', '"', '`', ';', ':', '\'']);
            !name.is_empty() && host.contains('.')
        })
    };
    let is_account = |word: &str| {
        let word = word.trim_end_matches(['.', ',', ')']);
        let digits = word.bytes().filter(u8::is_ascii_digit).count();
        (15..=34).contains(&word.len())
            && digits > 9
            // No placeholder: those are all zeros.
            && word.bytes().filter(|byte| matches!(byte, b'1'..=b'9')).count() > 4
            && word.bytes().take(2).all(|byte| byte.is_ascii_uppercase())
    };
    raw.split_whitespace()
        .any(|word| is_mail(word) || is_account(word))
}

/// Whether it gives an example; hosts called so (RFC 2606) are none.
fn is_example(seen: &Seen, raw: &str) -> bool {
    let hosts = [".example", "example."].into_iter();
    let hosts = hosts.map(|host| raw.matches(host).count()).max();
    seen.count(Concept::Example) > hosts.unwrap_or(0)
}

fn describes(raw: &str) -> bool {
    let first = raw.split_whitespace().next().unwrap_or_default();
    first.len() > 3
        && first.ends_with('s')
        && first.starts_with(char::is_uppercase)
        && first.bytes().skip(1).all(|byte| byte.is_ascii_lowercase())
        && !matches!(
            first,
            "This" | "Always" | "Users" | "Agents" | "Models" | "Assistants"
        )
}

/// A name in the style of tools: `send_email`, `readFile`.
fn quotes_tool(raw: &str) -> bool {
    let is_edge = |one: char| !one.is_alphanumeric() && one != '_';
    raw.split(is_edge).any(|word| {
        word.len() > 4
            && word.contains('_')
            && !word.starts_with('_')
            && word
                .bytes()
                .all(|byte| byte.is_ascii_lowercase() || byte == b'_')
    })
}
