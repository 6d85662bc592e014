//! Names of servers that policies take, and of secrets that vaults take, from names of any kind.

use std::collections::BTreeSet;

/// Longest name of a server, as policies take it.
const SERVER_BYTES_MAX: usize = 63;
/// Longest name of a secret, as vaults take it.
pub(crate) const SECRET_BYTES_MAX: usize = 64;

/// A name for a server that policies take and that is not taken.
#[must_use]
pub fn server_name(name: &str, taken: &BTreeSet<String>) -> String {
    let wanted = plain(name, SERVER_BYTES_MAX, false);
    let wanted = if wanted.is_empty() {
        "server".to_owned()
    } else {
        wanted
    };
    free(&wanted, SERVER_BYTES_MAX, |name| taken.contains(name))
}

/// The name for a secret of a server.
pub(crate) fn secret(server: &str, key: &str) -> String {
    plain(&format!("{server}-{key}"), SECRET_BYTES_MAX, true)
}

/// The name in small letters, digits and hyphens.
fn plain(name: &str, bytes_max: usize, takes_underscore: bool) -> String {
    let mut plain = String::with_capacity(name.len());
    for c in name.chars().flat_map(char::to_lowercase) {
        let fits = c.is_ascii_lowercase() || c.is_ascii_digit() || (c == '_' && takes_underscore);
        match fits {
            true => plain.push(c),
            false if !plain.ends_with('-') => plain.push('-'),
            false => {}
        }
    }
    let plain = plain.trim_matches('-');
    let plain: String = plain.chars().take(bytes_max).collect();
    plain.trim_end_matches('-').to_owned()
}

/// The name, or the name with the first number behind it that is free.
pub(crate) fn free(wanted: &str, bytes_max: usize, is_taken: impl Fn(&String) -> bool) -> String {
    let mut name = wanted.to_owned();
    let mut number = 2_u32;
    while is_taken(&name) {
        let end = format!("-{number}");
        let room = bytes_max.saturating_sub(end.len());
        let begin: String = wanted.chars().take(room).collect();
        name = format!("{begin}{end}");
        number = number.saturating_add(1);
    }
    name
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_become_what_policies_and_vaults_take() {
        let mut taken = BTreeSet::new();
        for (name, expected) in [
            ("GitHub", "github"),
            ("my server (test)", "my-server-test"),
            ("github", "github-2"),
            ("com.example/thing", "com-example-thing"),
            ("数据", "server"),
            ("--", "server-2"),
        ] {
            let server = server_name(name, &taken);
            assert_eq!(server, expected);
            taken.insert(server);
        }
        let long = server_name(&"x".repeat(99), &taken);
        assert_eq!(long.len(), 63);
        taken.insert(long);
        let second = server_name(&"x".repeat(99), &taken);
        assert!(second.len() == 63 && second.ends_with("-2"));
    }
}
