//! What looks like a credential: by the name that a value has, by its form, or by the detectors of
//! the caller. In doubt it is one: the vault takes what is none just as well.

/// Finds secrets by their form.
pub trait Detector {
    /// Whether a value of this name holds a secret.
    fn is_secret(&mut self, name: &str, value: &str) -> bool;
}

/// Words in names of credentials.
const WORDS: &[&str] = &[
    "apikey",
    "auth",
    "authorization",
    "bearer",
    "cookie",
    "credential",
    "credentials",
    "dsn",
    "jwt",
    "key",
    "pass",
    "passphrase",
    "passwd",
    "password",
    "passwort",
    "pat",
    "private",
    "pwd",
    "secret",
    "secrets",
    "session",
    "signature",
    "token",
    "tokens",
    "webhook",
];
/// Last words of names whose value is about a credential and is none.
const ABOUT: &[&str] = &[
    "dir",
    "directory",
    "endpoint",
    "file",
    "host",
    "id",
    "method",
    "mode",
    "name",
    "path",
    "provider",
    "region",
    "scheme",
    "type",
    "uri",
    "url",
    "version",
];
/// Words of names whose value is a number.
const COUNTS: &[&str] = &[
    "count", "expiry", "length", "limit", "max", "min", "num", "port", "size", "timeout", "ttl",
];

/// Whether a value of this name is a credential.
pub fn is_credential(name: &str, value: &str, detector: &mut dyn Detector) -> bool {
    let value = value.trim();
    if value.is_empty() || ["true", "false"].contains(&value.to_ascii_lowercase().as_str()) {
        return false;
    }
    says_so(name, value) || has_user(value) || detector.is_secret(name, value)
}

/// Whether the name says that its value is a credential.
fn says_so(name: &str, value: &str) -> bool {
    let words = words(name);
    let has = |list: &[&str]| words.iter().any(|word| list.contains(&word.as_str()));
    let ends = |list: &[&str]| {
        let last = words.last();
        last.is_some_and(|word| list.contains(&word.as_str()))
    };
    let is_count = value.len() <= 6 && value.bytes().all(|byte| byte.is_ascii_digit());
    has(WORDS) && (!ends(ABOUT) || has(&["webhook"])) && !(is_count && has(COUNTS))
}

/// Whether it is a URL with a password in it.
fn has_user(value: &str) -> bool {
    let mut rest = value;
    while let Some((_, behind)) = rest.split_once("://") {
        let authority = behind
            .split(['/', '?', '#', ' '])
            .next()
            .unwrap_or_default();
        let user = authority.rsplit_once('@').map(|(user, _)| user);
        if user.is_some_and(|user| user.contains(':') && !user.ends_with(':')) {
            return true;
        }
        rest = behind;
    }
    false
}

/// The words of a name: `apiKey`, `API_KEY` and `api-key` have two.
fn words(name: &str) -> Vec<String> {
    let mut words = vec![String::new()];
    let mut before_is_lower = false;
    for c in name.chars() {
        let begins = !c.is_alphanumeric() || (c.is_uppercase() && before_is_lower);
        if begins {
            words.push(String::new());
        }
        if c.is_alphanumeric()
            && let Some(word) = words.last_mut()
        {
            word.extend(c.to_lowercase());
        }
        before_is_lower = c.is_lowercase() || c.is_ascii_digit();
    }
    words.retain(|word| !word.is_empty());
    words
}

#[cfg(test)]
mod tests {
    use super::*;

    struct Nothing;

    impl Detector for Nothing {
        fn is_secret(&mut self, _name: &str, _value: &str) -> bool {
            false
        }
    }

    #[test]
    fn names_of_credentials_are_known_in_every_spelling() {
        let found = |name: &str, value: &str| is_credential(name, value, &mut Nothing);
        for name in [
            "GITHUB_PERSONAL_ACCESS_TOKEN",
            "apiKey",
            "--api-key",
            "X-API-Key",
            "Authorization",
            "DB_PASSWORD",
            "NOTION_PAT",
            "SLACK_WEBHOOK_URL",
        ] {
            assert!(found(name, "abc123"), "{name}");
        }
        for (name, value) in [
            ("GITHUB_HOST", "github.example"),
            ("MAX_TOKENS", "4096"),
            ("AUTH_TYPE", "oauth"),
            ("PRIVATE_KEY_PATH", "/srv/key.pem"),
            ("USE_API_KEY", "true"),
            ("TOKEN", ""),
            ("MONKEY", "banana"),
            ("PATHS", "/srv"),
        ] {
            assert!(!found(name, value), "{name}");
        }
    }

    #[test]
    fn a_password_in_a_url_is_one_whatever_its_name() {
        let found = |value: &str| is_credential("DATABASE_URL", value, &mut Nothing);
        assert!(found("postgresql://ann:s3cret@db.example/shop"));
        assert!(!found("postgresql://db.example/shop?user=a@b"));
        assert!(!found("postgresql://ann@db.example/shop"));
    }
}
