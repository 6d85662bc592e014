//! What the values of arguments look like: amounts, hosts, addresses, secrets.

use crate::table::{SEED, Table, hash, hashed, key_hash};

/// A word that a value is, of those that count; zero for any other.
pub(crate) mod word {
    /// Everybody may see it.
    pub(crate) const PUBLIC: u64 = 1;
    /// Only tried.
    pub(crate) const TRIAL: u64 = 1 << 1;
    /// What is there is lost.
    pub(crate) const LOST: u64 = 1 << 2;
    /// It is gone.
    pub(crate) const DELETED: u64 = 1 << 3;
    /// It is switched off.
    pub(crate) const OFF: u64 = 1 << 4;
    /// It is for trying things out.
    pub(crate) const TRYOUT: u64 = 1 << 5;
    /// Everything.
    pub(crate) const ALL: u64 = 1 << 6;
    /// Yes.
    pub(crate) const YES: u64 = 1 << 7;
    /// No.
    pub(crate) const NO: u64 = 1 << 8;
    /// Who may do everything.
    pub(crate) const ADMIN: u64 = 1 << 9;
    /// A method of HTTP.
    pub(crate) const HTTP: u64 = 1 << 10;
    /// Anybody at all, also as the kind of a grantee.
    pub(crate) const ANYONE: u64 = 1 << 11;
}

static WORDS: Table<512> = Table::of(&[
    (
        word::PUBLIC,
        "public anyone anonymous everyone world publicread publicreadwrite allusers \
         allauthenticatedusers anyonewithlink anyonewiththelink anyonecanview anyonecanedit global internet external \
         publicaccess open publicly unlisted web allowanonymous authenticatedread container blob \
         worldreadable publiclink linkpublic noauth unauthenticated extern",
    ),
    (
        word::ANYONE,
        "anyone anonymous allusers everyone allauthenticatedusers anyonewithlink anyonewiththelink",
    ),
    (
        word::TRIAL,
        "dryrun preview plan validate validateonly simulate simulation check estimate test whatif \
         noop planonly previewonly checkonly readonly diff",
    ),
    (
        word::LOST,
        "overwrite truncate hard force purge permanent permanently wipe writetruncate replaceall mirror \
         harddelete overwriteall deletepermanently replaceexisting recreate droprecreate fullreplace \
         destructive factory dropandreplace clobber complete clean",
    ),
    (
        word::DELETED,
        "deleted terminated destroyed purged removed erased wiped",
    ),
    (
        word::OFF,
        "disabled inactive off paused suspended stopped false disarmed none 0 no",
    ),
    (
        word::TRYOUT,
        "dev development staging test testing qa sandbox local localhost preview stage demo ci lab \
         playground uat nonprod preprod",
    ),
    (word::ALL, "all everything any entire full complete whole"),
    (word::YES, "true yes on 1 all client server y"),
    (word::NO, "false no off 0 n never"),
    (
        word::ADMIN,
        "owner admin administrator superuser root superadmin administratoraccess fullaccess",
    ),
    (word::HTTP, "get post put patch delete head options"),
]);

/// The words that a short value stands for.
pub(crate) fn words(value: &[u8]) -> u64 {
    if value.len() > 40 {
        return 0;
    }
    match value {
        b"*" => word::ALL,
        _ => WORDS.find(key_hash(value)),
    }
}

/// An amount in hundredths, of a number or of a text such as `USD 12,500.00`.
pub(crate) fn amount(value: &[u8]) -> Option<u64> {
    if value.len() > 32 || value.contains(&b'-') && value.len() > 1 && value.first() != Some(&b'-')
    {
        return None;
    }
    let is_decimal = |at: usize| {
        let behind = value.get(at.saturating_add(1)..).unwrap_or_default();
        let digits = behind
            .iter()
            .take_while(|byte| byte.is_ascii_digit())
            .count();
        digits <= 2 || (digits != 3 && value.get(at) == Some(&b'.'))
    };
    let point = value.iter().rposition(|byte| matches!(byte, b'.' | b','));
    let point = point.filter(|at| is_decimal(*at)).unwrap_or(value.len());
    let mut whole = 0_u64;
    let mut hundredths = 0_u64;
    let mut places = 0_u32;
    let mut times = 1_u64;
    let mut seen = false;
    for (at, byte) in value.iter().enumerate() {
        match byte {
            b'0'..=b'9' => {
                let digit = u64::from(byte.wrapping_sub(b'0'));
                seen = true;
                if at < point {
                    whole = whole.saturating_mul(10).saturating_add(digit);
                } else if places < 2 {
                    hundredths = hundredths.saturating_mul(10).saturating_add(digit);
                    places = places.saturating_add(1);
                }
            }
            b'k' | b'K' if seen => times = 1_000,
            b'm' | b'M' if seen => times = 1_000_000,
            b'e' | b'E' if seen => return scientific(value),
            _ => {}
        }
    }
    if places == 1 {
        hundredths = hundredths.saturating_mul(10);
    }
    let sum = whole.saturating_mul(100).saturating_add(hundredths);
    seen.then_some(sum.saturating_mul(times))
}

/// A number with an exponent; nobody states a small amount like that.
fn scientific(value: &[u8]) -> Option<u64> {
    let text = core::str::from_utf8(value).ok()?;
    let Ok(number) = text.parse::<f64>() else {
        return whole_prefix(value);
    };
    Some(if number >= 10_000.0 { u64::MAX } else { 0 })
}

/// The digits in front, where what follows is a currency: `500 EUR`.
fn whole_prefix(value: &[u8]) -> Option<u64> {
    let digits = value
        .iter()
        .filter(|byte| **byte != b',')
        .skip_while(|byte| !byte.is_ascii_digit())
        .take_while(|byte| byte.is_ascii_digit());
    let whole = digits.fold(0_u64, |sum, byte| {
        let digit = u64::from(byte.wrapping_sub(b'0'));
        sum.saturating_mul(10).saturating_add(digit)
    });
    Some(whole.saturating_mul(100))
}

/// A whole number without a sign.
pub(crate) fn whole(value: &[u8]) -> Option<u64> {
    let digits = value.iter().all(u8::is_ascii_digit) && !value.is_empty();
    digits.then(|| {
        whole_prefix(value)
            .unwrap_or(0)
            .checked_div(100)
            .unwrap_or(0)
    })
}

/// The host of an absolute URL.
pub(crate) fn host(url: &str) -> Option<&str> {
    let (scheme, rest) = url.split_once("://")?;
    if scheme.len() > 12 || scheme.is_empty() {
        return None;
    }
    let authority = rest.split(['/', '?', '#', '\\']).next()?;
    let host = authority.rsplit('@').next()?;
    let host = match host.strip_prefix('[') {
        Some(six) => six.split(']').next()?,
        None => host.split(':').next()?,
    };
    (!host.is_empty()).then_some(host)
}

/// Beginnings of keys that services hand out.
const PREFIXES: &[&[u8]] = &[
    b"AKIA",
    b"ASIA",
    b"AIza",
    b"eyJ",
    b"SG.",
    b"ghp_",
    b"gho_",
    b"ghs_",
    b"glpat-",
    b"github_pat_",
    b"sk_live_",
    b"sk_test_",
    b"sk-",
    b"rk_live_",
    b"xoxb-",
    b"xoxp-",
    b"xoxa-",
    b"npm_",
    b"pypi-",
    b"hf_",
    b"dop_v1_",
    b"shpat_",
    b"BEGIN",
];

/// Names in front of `=` or `:` whose value is a secret.
static SECRET_NAMES: Table<64> = Table::of(&[(
    1,
    "password passwd pwd secret apikey accesskey secretkey privatekey secretaccesskey accesstoken \
     authtoken clientsecret token passphrase key pass pw",
)]);

/// Whether a text carries a secret: a key of a known kind, a password in a URL, or `password=..`.
pub(crate) fn holds_secret(text: &[u8]) -> bool {
    if text.len() < 12 {
        return false;
    }
    // The last word, the one in front of it, and all words that `_` and `-` tie together.
    let mut name = [SEED; 3];
    let mut before = b' ';
    for (at, byte) in text.iter().enumerate() {
        let behind = || text.get(at.saturating_add(1)..).unwrap_or_default();
        match byte {
            b'a'..=b'z' | b'A'..=b'Z' | b'0'..=b'9' => {
                if !before.is_ascii_alphanumeric()
                    && KEY_FIRST.contains(byte)
                    && has_key(text.get(at..).unwrap_or_default())
                {
                    return true;
                }
                if matches!(before, b'"' | b'\\' | b'\'') {
                    name = [SEED; 3];
                }
                let [_, word, whole] = &mut name;
                *word = hashed(*word, *byte);
                *whole = hashed(*whole, *byte);
            }
            b'_' | b'-' => {
                let [front, word, _] = &mut name;
                *front = *word;
                *word = SEED;
            }
            // A quoted name is still the name of what follows its colon.
            b'"' | b'\\' | b'\'' => {}
            b'=' | b':' if is_assigned(name, behind()) => return true,
            b'@' if has_login(text.get(..at).unwrap_or_default()) => return true,
            _ => name = [SEED; 3],
        }
        before = *byte;
    }
    false
}

/// The bytes that known keys begin with.
const KEY_FIRST: &[u8] = b"AaeSgsrxnphdB";

fn has_key(text: &[u8]) -> bool {
    let Some(prefix) = PREFIXES.iter().find(|prefix| text.starts_with(prefix)) else {
        return false;
    };
    let behind = text.get(prefix.len()..).unwrap_or_default();
    if **prefix == *b"BEGIN" {
        return memchr::memmem::find(
            behind.get(..32.min(behind.len())).unwrap_or_default(),
            b"PRIVATE KEY",
        )
        .is_some();
    }
    let run = behind
        .iter()
        .take(64)
        .take_while(|byte| byte.is_ascii_alphanumeric() || matches!(byte, b'_' | b'-' | b'.'));
    let mut digits = 0_usize;
    let mut count = 0_usize;
    for byte in run {
        count = count.saturating_add(1);
        if byte.is_ascii_digit() || byte.is_ascii_uppercase() {
            digits = digits.saturating_add(1);
        }
    }
    count >= 12 && digits >= 2
}

/// Words in front of `key` that make it one that opens something.
static KEY_FRONTS: Table<32> = Table::of(&[(
    1,
    "api access secret private encryption signing master license service auth",
)]);

/// Whether a value is assigned to a name of a secret: its last two words, and it as a whole.
fn is_assigned([front, word, whole]: [u64; 3], value: &[u8]) -> bool {
    let is_key = word == hash(b"key") && KEY_FRONTS.find(front) != 0;
    let is_named = word != hash(b"key") && SECRET_NAMES.find(word) != 0;
    if !is_key && !is_named && SECRET_NAMES.find(whole) == 0 {
        return false;
    }
    if whole == hash(b"key") || whole == hash(b"pass") {
        return false;
    }
    let quotes = value.iter().take(4);
    let quotes = quotes.take_while(|byte| matches!(byte, b' ' | b'"' | b'\'' | b'=' | b'\\'));
    let value = value.get(quotes.count()..).unwrap_or_default();
    let run = value
        .iter()
        .take_while(|byte| byte.is_ascii_graphic() && !matches!(byte, b'"' | b'\\'));
    let mut count = 0_usize;
    let mut other = 0_usize;
    for byte in run.take(64) {
        count = count.saturating_add(1);
        other = other.saturating_add(usize::from(!byte.is_ascii_lowercase()));
    }
    count >= 6 && other >= 1 && !value.starts_with(b"${") && !value.starts_with(b"//")
}

/// Whether what ends in front of an `@` is `scheme://user:password`.
fn has_login(text: &[u8]) -> bool {
    let tail = text
        .get(text.len().saturating_sub(96)..)
        .unwrap_or_default();
    let Some(at) = memchr::memmem::rfind(tail, b"://") else {
        return false;
    };
    let login = tail.get(at.saturating_add(3)..).unwrap_or_default();
    let is_one = login
        .iter()
        .all(|byte| byte.is_ascii_graphic() && *byte != b'/');
    let colon = memchr::memchr(b':', login);
    is_one && colon.is_some_and(|colon| colon.saturating_add(4) < login.len())
}

/// Whether a text carries records: many addresses, long numbers, lines of a table.
pub(crate) fn holds_records(text: &[u8]) -> bool {
    let mut mails = 0_u32;
    let mut digits = 0_u32;
    let mut run = 0_u32;
    let mut commas = 0_u32;
    let mut lines = 0_u32;
    for byte in text.iter().take(16_384) {
        match byte {
            b'@' => mails = mails.saturating_add(1),
            b'0'..=b'9' => run = run.saturating_add(1),
            b' ' | b'-' if run > 0 => continue,
            b',' | b'|' | b';' => commas = commas.saturating_add(1),
            b'\\' => {
                lines = lines.saturating_add(u32::from(commas >= 2));
                commas = 0;
            }
            _ => {}
        }
        if !byte.is_ascii_digit() {
            digits = digits.saturating_add(u32::from(run >= 9));
            run = 0;
        }
    }
    digits = digits.saturating_add(u32::from(run >= 9));
    mails >= 3 || digits >= 2 || lines >= 3 || (mails >= 1 && digits >= 1)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn amounts_are_read_in_hundredths() {
        for (text, expected) in [
            ("5", Some(500)),
            ("12.5", Some(1_250)),
            ("50,000.00", Some(5_000_000)),
            ("50.000,00", Some(5_000_000)),
            ("$12,500", Some(1_250_000)),
            ("USD 10000", Some(1_000_000)),
            ("500 EUR", Some(50_000)),
            ("15k", Some(1_500_000)),
            ("1e6", Some(u64::MAX)),
            ("-3", Some(300)),
            ("2026-11-29", None),
            ("abc", None),
            ("", None),
        ] {
            assert_eq!(amount(text.as_bytes()), expected, "{text}");
        }
    }

    #[test]
    fn hosts_are_found_in_urls_only() {
        for (url, expected) in [
            ("https://a.example/x", Some("a.example")),
            ("http://u:p@b.example:80", Some("b.example")),
            ("wss://[::1]:9/", Some("::1")),
            ("/path", None),
            ("https://", None),
        ] {
            assert_eq!(host(url), expected, "{url}");
        }
    }

    #[test]
    fn secrets_are_told_from_talk_about_them() {
        for text in [
            "key: sk_live_4eC39HqLyjWDarjtT1zdp7dc",
            "AWS_SECRET_ACCESS_KEY=wJalrXUtnFEMIxK7MDENG",
            "db is postgres://app:pw123456@db/prod",
            "password: Tr0ub4dor&3",
            "-----BEGIN RSA PRIVATE KEY-----",
            r#"{\"password\":\"hunter2!\"}"#,
        ] {
            assert!(holds_secret(text.as_bytes()), "{text}");
        }
        for text in [
            "please reset the password of the demo user",
            "password: ask the team lead",
            "the api key is in the vault",
            "see https://docs.example/token?x=1",
            "mail me at a@b.example",
            "task-1234 sk-etch",
            "key: value pairs in config",
        ] {
            assert!(!holds_secret(text.as_bytes()), "{text}");
        }
    }

    #[test]
    fn records_are_told_from_prose() {
        assert!(holds_records(b"Ann 219-09-9999, Bob 219-09-9998"));
        assert!(holds_records(b"a@b.c, d@e.f, g@h.i"));
        assert!(!holds_records(
            b"See you at 10:30 on 2026-11-29, room 4, second floor"
        ));
    }
}
