//! Which files hold credentials or all records about people, by their names.

use crate::words;

/// Whether a file of this normal name holds a credential: how sure that is, and its kind.
pub(super) fn kind(name: &str) -> Option<(u8, &'static str)> {
    let last = name.rsplit('/').next().unwrap_or(name);
    if is_harmless(name, last) {
        return None;
    }
    if PARTS.iter().any(|part| holds_part(name, part)) {
        return Some((90, "path.credential_store"));
    }
    if NAMES.contains(&last) || KEYS.iter().any(|key| last.starts_with(key)) {
        return Some((90, "path.credential_file"));
    }
    if is_environment(last) {
        return Some((85, "path.environment_file"));
    }
    if is_key_file(last) {
        return Some((75, "path.private_key"));
    }
    if HISTORIES.contains(&last) {
        return Some((55, "path.history"));
    }
    if is_named_secret(name, last) {
        return Some((70, "path.named_secret"));
    }
    is_dump_of_people(last).then_some((65, "path.people_dump"))
}

/// `customers_full.sql.gz`, `members-2026.dump`: a whole table about people, or all tables.
fn is_dump_of_people(last: &str) -> bool {
    const DUMPS: [&str; 9] = [
        "sql",
        "dump",
        "pgdump",
        "bak",
        "mysqldump",
        "backup",
        "dmp",
        "bson",
        "rdb",
    ];
    const WHOLE: [&str; 9] = [
        "full",
        "all",
        "master",
        "export",
        "dump",
        "backup",
        "complete",
        "everything",
        "extract",
    ];
    const TABLES: [&str; 5] = ["csv", "xlsx", "parquet", "json", "jsonl"];
    let has = |list: &[&str]| {
        let mut parts = last.split(|one: char| !one.is_ascii_alphanumeric());
        parts.any(|part| list.contains(&part))
    };
    if !words::of(last)
        .iter()
        .any(|word| words::is_about_people(word))
    {
        return false;
    }
    has(&DUMPS) || (has(&TABLES) && has(&WHOLE))
}

/// Whether the path holds this part, from the beginning of one of its names.
fn holds_part(name: &str, part: &str) -> bool {
    let mut from = 0_usize;
    while let Some(at) = name.get(from..).and_then(|rest| rest.find(part)) {
        let at = at.saturating_add(from);
        let before = at.checked_sub(1).and_then(|at| name.as_bytes().get(at));
        if before.is_none_or(|byte| *byte == b'/') || part.starts_with('/') {
            return true;
        }
        from = at.saturating_add(1);
    }
    false
}

/// Names beside credentials that tell nothing secret.
fn is_harmless(name: &str, last: &str) -> bool {
    const BESIDE: [&str; 9] = [
        "known_hosts",
        "authorized_keys",
        "config",
        ".ssh",
        ".gnupg",
        ".aws",
        "config.d",
        "pubring.kbx",
        "trustdb.gpg",
    ];
    let in_ssh = holds_part(name, ".ssh") || holds_part(name, ".gnupg") || holds_part(name, ".aws");
    let is_docker = holds_part(name, ".docker/") || holds_part(name, ".kube/");
    (in_ssh && !is_docker && BESIDE.contains(&last))
        || last.ends_with(".pub")
        || [
            ".example",
            ".sample",
            ".template",
            ".dist",
            ".tmpl",
            ".md",
            ".schema.json",
        ]
        .iter()
        .any(|ending| last.ends_with(ending))
        || ["example.", "sample."]
            .iter()
            .any(|start| last.starts_with(start))
}

/// `.env`, `.env.production`, `prod.env`.
fn is_environment(last: &str) -> bool {
    last == ".env"
        || last == ".envrc"
        || last == ".dev.vars"
        || last.starts_with(".env.")
        || last.starts_with(".env-")
        || (last.ends_with(".env") && last.len() > 4)
        || last == "environ"
}

/// Files whose ending says that a private key is inside.
fn is_key_file(last: &str) -> bool {
    const ENDINGS: [&str; 9] = [
        ".pem",
        ".key",
        ".p12",
        ".pfx",
        ".jks",
        ".keystore",
        ".kdbx",
        ".ppk",
        ".p8",
    ];
    const PUBLIC: [&str; 8] = [
        "cert",
        "ca.",
        "ca-",
        "chain",
        "public",
        "pub.",
        "pub_",
        "signature",
    ];
    ENDINGS.iter().any(|ending| last.ends_with(ending))
        && !PUBLIC.iter().any(|word| last.contains(word))
}

/// `secrets.yaml`, `db_password.txt`, `/etc/secrets/token`: named for what is inside, and no code.
fn is_named_secret(name: &str, last: &str) -> bool {
    const WORDS: [&str; 14] = [
        "secret",
        "secrets",
        "credential",
        "credentials",
        "creds",
        "password",
        "passwords",
        "passwd",
        "apikey",
        "apikeys",
        "token",
        "tokens",
        "api_key",
        "api_keys",
    ];
    const DATA: [&str; 17] = [
        "json",
        "yaml",
        "yml",
        "toml",
        "ini",
        "txt",
        "cfg",
        "conf",
        "csv",
        "properties",
        "xml",
        "env",
        "enc",
        "dat",
        "kdb",
        "tfvars",
        "xlsx",
    ];
    let (stem, ending) = match last.rsplit_once('.') {
        Some((stem, ending)) if !stem.is_empty() => (stem, ending),
        _ => (last.trim_start_matches('.'), ""),
    };
    if !ending.is_empty() && !DATA.contains(&ending) {
        return false;
    }
    if name.starts_with("/etc/passwd") {
        return false;
    }
    let words = || stem.split(|c: char| !c.is_ascii_alphanumeric());
    let named = words().any(|word| WORDS.contains(&word)) || is_named_key(words(), stem);
    let account = stem.contains("service-account") || stem.contains("service_account");
    let in_folder = name.contains("/secrets/") || name.starts_with("secrets/");
    named || (account && ending == "json") || in_folder || ending == "tfvars"
}

/// `vault_pass.txt`, `deploy-key.json`, `prod-kubeconfig.yaml`: what is a credential by two words.
fn is_named_key<'a>(words: impl Iterator<Item = &'a str>, stem: &str) -> bool {
    const OPENING: [&str; 16] = [
        "api",
        "access",
        "private",
        "secret",
        "ssh",
        "deploy",
        "signing",
        "master",
        "encryption",
        "account",
        "sa",
        "service",
        "gcp",
        "client",
        "license",
        "root",
    ];
    let mut before = "";
    for word in words {
        let is_key = matches!(word, "key" | "keys") && OPENING.contains(&before);
        let is_pass = matches!(word, "pass" | "passphrase") && !before.is_empty();
        if is_key || (is_pass && stem.ends_with(word)) {
            return true;
        }
        before = word;
    }
    stem.contains("kubeconfig") || stem.contains("passwd") || stem.contains("privkey")
}

/// Places whose files are credentials; each begins a name within the path.
const PARTS: &[&str] = &[
    ".ssh/",
    ".gnupg/",
    ".aws/credentials",
    ".aws/sso/cache",
    ".azure/",
    ".config/gcloud/",
    ".config/gh/hosts",
    ".config/hub",
    ".config/rclone/",
    ".config/op/",
    ".config/containers/auth.json",
    ".config/sops/age",
    ".config/heroku",
    ".config/netlify",
    ".config/configstore",
    ".vercel/auth.json",
    ".oci/config",
    ".circleci/cli.yml",
    ".fly/config.yml",
    ".config/hcloud",
    ".config/lftp/",
    "/etc/rancher/",
    "/etc/wireguard/",
    "/etc/openvpn/",
    "/etc/ipsec.secrets",
    "/etc/ppp/chap-secrets",
    "/etc/mysql/debian.cnf",
    "/var/lib/kubelet/pki",
    "/etc/letsencrypt/live",
    ".config/doctl/",
    ".kube/config",
    ".docker/config.json",
    ".terraform.d/credentials",
    ".cargo/credentials",
    ".gem/credentials",
    ".composer/auth.json",
    ".m2/settings",
    ".password-store",
    ".bitcoin/",
    ".ethereum/keystore",
    ".electrum/",
    ".mozilla/firefox/",
    "/etc/shadow",
    "/etc/gshadow",
    "/etc/ssl/private",
    "/etc/krb5.keytab",
    "/etc/kubernetes/admin.conf",
    "/etc/kubernetes/pki",
    "/run/secrets/",
    "/var/run/secrets/",
    "/etc/ssh/ssh_host_",
    "/proc/kcore",
    "/dev/mem",
    "library/keychains/",
    "google/chrome/",
    "google-chrome/",
    "chromium/default",
    "microsoft/edge/user data",
    "bravesoftware/",
    "windows/system32/config/sam",
    "microsoft/credentials",
    "microsoft/protect",
];

/// File names that are credentials anywhere.
const NAMES: &[&str] = &[
    ".netrc",
    "_netrc",
    ".pgpass",
    "pgpass.conf",
    ".my.cnf",
    ".npmrc",
    ".pypirc",
    ".git-credentials",
    ".vault-token",
    ".htpasswd",
    ".boto",
    ".s3cfg",
    ".dockercfg",
    ".mylogin.cnf",
    ".rediscli_auth",
    ".terraformrc",
    "k3s.yaml",
    "kubelet.conf",
    ".authinfo",
    ".authinfo.gpg",
    ".vault_pass",
    ".sentryclirc",
    "rclone.conf",
    "kubeconfig",
    "master.key",
    "wp-config.php",
    "terraform.tfstate",
    "terraform.tfstate.backup",
    "ntds.dit",
    "login data",
    "logins.json",
    "key4.db",
    "cookies",
    "cookies.sqlite",
    "local state",
    "wallet.dat",
    "application_default_credentials.json",
    "credentials.db",
    "access_tokens.db",
    "accesstokens.json",
    "keychain.db",
    "secring.gpg",
    "unattend.xml",
    "web.config",
];

/// How private keys of SSH begin.
const KEYS: [&str; 4] = ["id_rsa", "id_ed25519", "id_ecdsa", "id_dsa"];

/// What was typed once often holds passwords.
const HISTORIES: [&str; 7] = [
    ".bash_history",
    ".zsh_history",
    ".sh_history",
    ".mysql_history",
    ".psql_history",
    ".python_history",
    "consolehost_history.txt",
];
