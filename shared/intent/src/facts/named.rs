//! Names among the values: files with credentials, variables that hold one, whole folders.
//!
//! Refuses texts: only what has the look of a path or a name is looked up.

use varistor_effect::Access;
use varistor_model::Intent;

use super::Fact;
use super::pass::{Pass, Value};
use crate::keys::Meaning;
use crate::lexicon::about;
use crate::table::Table;
use crate::words;

/// Bytes of a name or a path that is looked at.
const NAME_MAX: usize = 256;

/// Keys under which the name of one variable, parameter or secret stands.
static NAMING: Table<128> = Table::of(&[(
    1,
    "name names key keys variable variables var varname variablename envvar envname param parameter \
     parametername path id secret secretid secretname secretpath setting settingname item title \
     property field part paths ids entry label",
)]);

/// Keys under which one part of a record is chosen.
static PARTS: Table<16> = Table::of(&[(1, "part field attribute column property")]);

/// Verbs of tools that tell about a file without handing out what is in it.
static LOOKING: Table<64> = Table::of(&[(
    1,
    "list count stat describe check exists head search find validate verify hash size checksum \
     locate detect scan info measure glob",
)]);

impl Pass<'_, '_> {
    /// What a text names, where the tool hands out what has a name.
    pub(super) fn named(&mut self, content: &str, value: &Value) {
        self.broad(content, value);
        let is_short = (2..=NAME_MAX).contains(&content.len());
        let is_written = matches!(
            value.meaning,
            Some(Meaning::Content | Meaning::Query | Meaning::Sql | Meaning::Script)
        );
        if is_short && !is_written && self.profile.reads() {
            self.opened(content, value);
            self.variable(content, value);
        }
    }

    /// The name of a file with credentials: `key: prod/.env`, `uri: file:///home/ann/.netrc`.
    fn opened(&mut self, content: &str, value: &Value) {
        let is_judged = value.meaning == Some(Meaning::Path) && self.profile.access().is_some();
        if is_judged || !is_path(content) || is_spaced(content) {
            return;
        }
        let scheme = content.split_once("://").map(|(scheme, _)| scheme);
        let is_web = scheme.is_some_and(|one| one.starts_with("http") || one.starts_with("ws"));
        let is_whole = self.profile.subjects & about::ALL != 0;
        let is_looking = LOOKING.find(self.profile.verb_hash) != 0 && !is_whole;
        let is_looked_at = self.profile.named & (about::TELLING | about::METADATA) != 0;
        if is_looked_at || is_web || is_looking {
            return;
        }
        let content = content.trim_end_matches('*');
        let found = varistor_effect::path(content, Access::Read).gravest();
        if let Some(effect) = found.filter(|one| one.intent == Intent::Exfiltrative) {
            self.facts.path.get_or_insert((effect, value.span));
            self.find(Fact::Opened, value.span);
        }
    }

    /// The name of a variable, of a parameter or of what lies in a vault.
    fn variable(&mut self, content: &str, value: &Value) {
        let kinds = about::ENVIRON | about::VAULT | about::SETTING | about::CREDENTIAL;
        let is_kept = self.profile.subjects & kinds != 0;
        if matches!(content, "secret" | "secrets" | "kv") {
            self.find(Fact::NamesSecret, value.span);
        }
        let is_part = PARTS.find(value.key) != 0;
        let is_named = is_kept && NAMING.find(value.key) != 0;
        if !(is_part || is_named) || is_spaced(content) {
            return;
        }
        let last = content.rsplit(['/', ':']).next().unwrap_or(content);
        if is_named {
            self.find(Fact::Named, value.span);
        }
        if names_secret(last) {
            let fact = if is_named {
                Fact::NamesSecret
            } else {
                Fact::SecretColumns
            };
            self.find(fact, value.span);
        }
    }

    /// A folder with everything in it.
    fn broad(&mut self, content: &str, value: &Value) {
        if content.len() <= 48
            && self.profile.subjects & (about::TREE | about::FILE) != 0
            && is_broad(content)
        {
            self.find(Fact::Broad, value.span);
        }
    }
}

/// Whether a text has the look of a path: parts, or an ending.
fn is_path(content: &str) -> bool {
    memchr::memchr3(b'/', b'\\', b'.', content.as_bytes()).is_some() || content == "kubeconfig"
}

/// Words that the names of credentials consist of, among others.
static SECRET_PARTS: Table<128> = Table::of(&[(
    1,
    "password passwords passwd pwd passphrase secret secrets token tokens credential credentials \
     totp otp cvv cvc pin pgpassword apikey apikeys passcode mnemonic creds accesskey secretkey \
     privatekey key keys pass pw jwt auth pat psk sas url uri dsn hash string phrase",
)]);

/// Whether a name is that of a credential. Names without any such word cost no allocation.
pub(super) fn names_secret(name: &str) -> bool {
    let end = name.len().saturating_sub("password".len());
    let ends = name
        .get(end..)
        .is_some_and(|end| end.eq_ignore_ascii_case("password"));
    let mut words = words::of_name(name.as_bytes()).take(12);
    (ends || words.any(|word| SECRET_PARTS.find(word.hash) != 0))
        && varistor_effect::names_secret(name)
}

fn is_spaced(content: &str) -> bool {
    memchr::memchr2(b' ', b'\n', content.as_bytes()).is_some()
}

/// Whether a path is that of a whole machine, of its data, or of the home of somebody.
fn is_broad(content: &str) -> bool {
    let path = content.strip_prefix("file://").unwrap_or(content);
    let path = path.trim_end_matches(['/', '*', '\\']);
    let path = path.strip_prefix("C:").unwrap_or(path);
    let parts = path.split(['/', '\\']).filter(|part| !part.is_empty());
    let is_rooted =
        content.starts_with(['/', '~', '\\']) || content.contains(":\\") || path != content;
    let mut homes = parts.clone();
    let first = homes.next().unwrap_or_default();
    match parts.count() {
        0 => is_rooted && content.len() <= 12,
        1 => {
            matches!(
                first,
                "~" | "$HOME"
                    | "%USERPROFILE%"
                    | "home"
                    | "root"
                    | "Users"
                    | "etc"
                    | "var"
                    | "srv"
                    | "data"
                    | "mnt"
                    | "media"
                    | "opt"
                    | "backup"
                    | "backups"
            ) && (is_rooted || first.starts_with(['~', '$', '%']))
        }
        2 => is_rooted && matches!(first, "home" | "Users"),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn folders_of_everything_are_broad() {
        for (path, expected) in [
            ("/", true),
            ("~", true),
            ("~/", true),
            ("/home", true),
            ("/home/ana", true),
            ("/home/ana/src", false),
            ("C:\\\\Users\\\\ana", true),
            ("/srv", true),
            ("src", false),
            ("data", false),
            ("file:///home/ana/", true),
            (".", false),
            ("", false),
        ] {
            assert_eq!(is_broad(path), expected, "{path}");
        }
    }
}
