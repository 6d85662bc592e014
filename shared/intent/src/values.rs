//! What the values of arguments look like: amounts, hosts, words that count.

use crate::table::{Table, key_hash};

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
    /// An access that lets everybody in, whatever stands in front of it.
    pub(crate) const OPENED: u64 = 1 << 12;
    /// What is read is gone at once.
    pub(crate) const CONSUMED: u64 = 1 << 13;
    /// It comes beside what is there.
    pub(crate) const BESIDE: u64 = 1 << 14;
}

static WORDS: Table<512> = Table::of(&[
    (
        word::PUBLIC,
        "public anyone anonymous everyone world publicread publicreadwrite allusers \
         allauthenticatedusers anyonewithlink anyonewiththelink anyonecanview anyonecanedit \
         global internet external \
         publicaccess open publicly unlisted web allowanonymous authenticatedread container blob \
         worldreadable publiclink linkpublic noauth unauthenticated extern",
    ),
    (
        word::ANYONE,
        "anyone anonymous allusers everyone allauthenticatedusers anyonewithlink \
         anyonewiththelink",
    ),
    (
        word::OPENED,
        "publicread publicreadwrite allusers allauthenticatedusers anyonewithlink \
         anyonewiththelink anyonecanview anyonecanedit publicaccess worldreadable publiclink \
         linkpublic authenticatedread allowanonymous",
    ),
    (
        word::TRIAL,
        "dryrun preview plan validate validateonly simulate simulation check estimate test whatif \
         noop planonly previewonly checkonly readonly diff verifyonly simulateonly testonly \
         dryrunonly nochanges",
    ),
    (
        word::CONSUMED,
        "ackrequeuefalse rejectrequeuefalse autoack autoacknowledge getanddelete receiveanddelete \
         peekanddelete deleteonread consume",
    ),
    (
        word::BESIDE,
        "newvolume newinstance newcluster newdatabase newtable newbucket newlocation sidebyside \
         outofplace alternate newserver newvm asnew copy clone",
    ),
    (
        word::LOST,
        "overwrite truncate hard force purge permanent permanently wipe writetruncate replaceall \
         mirror \
         harddelete overwriteall deletepermanently replaceexisting recreate droprecreate \
         fullreplace \
         destructive factory dropandreplace clobber complete clean",
    ),
    (
        word::DELETED,
        "deleted terminated destroyed purged removed erased wiped delete destroy terminate \
         purge erase \
         wipe",
    ),
    (
        word::OFF,
        "disabled inactive off paused suspended stopped false disarmed none 0 no disable disarm \
         bypass deactivate shutdown inhibited inhibit bypassed overridden override suppressed \
         deactivated unarmed defeated detached",
    ),
    (
        word::TRYOUT,
        "dev development staging test testing qa sandbox local localhost preview stage demo ci \
         lab \
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
    if value.len() > 28 {
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

/// Whether this is the name of a host in the domain name system, and nothing else.
pub(crate) fn is_domain(text: &str) -> bool {
    let is_label = |label: &str| {
        let is_letter = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-' || byte == b'_';
        !label.is_empty() && label.bytes().all(is_letter)
    };
    let Some((_, end)) = text.rsplit_once('.') else {
        return false;
    };
    text.len() <= 253
        && end.len() >= 2
        && end.bytes().all(|byte| byte.is_ascii_alphabetic())
        && text.split('.').all(is_label)
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
    fn a_domain_is_no_file_and_no_number() {
        for (text, is_one) in [
            ("vdr.counsel-llp.example", true),
            ("a.b", false),
            ("1.2.3.4", false),
            ("no domain.example", false),
            ("plain", false),
            ("..", false),
        ] {
            assert_eq!(is_domain(text), is_one, "{text}");
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
}
