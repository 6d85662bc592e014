//! Says whether the words before a number ask for a call.

use super::super::text::{Text, less, sum};

/// Words of several languages that ask for a call, or say how somebody is reached. A plain row of
/// digits behind them may be anything; one in groups is a telephone number.
const ASKED: &[&str] = &[
    "call",
    "calls",
    "called",
    "ring",
    "reach",
    "reached",
    "contact",
    "callback",
    "kin",
    "dial",
    "hotline",
    "mob",
    "mobil",
    "mobile",
    "gsm",
    "emergency",
    "joindre",
    "appelez",
    "appeler",
    "rappeler",
    "portable",
    "fixe",
    "anrufen",
    "erreichbar",
    "erreichen",
    "ckfragen",
    "unter",
    "ruf",
    "kontakt",
    "bel",
    "bellen",
    "bereikbaar",
    "chiamare",
    "chiami",
    "cellulare",
    "recapito",
    "llamar",
    "llame",
    "llamada",
    "contacto",
    "ligar",
    "ligue",
    "contato",
    "telem",
    "tlf",
    "puh",
    "puhelin",
    "zadzwo",
    "tel",
];

/// Whether the words right before the place ask for a call: `reach me on`, `M` in a signature.
pub(in crate::dlp) fn is_asked_for(text: Text<'_>, start: usize) -> bool {
    let window = text.slice(less(start, 28), start);
    let line = memchr::memrchr(b'\n', window).map_or(0, |at| sum(at, 1));
    let window = window.get(line..).unwrap_or_default();
    let digits = window
        .iter()
        .rev()
        .take(12)
        .filter(|byte| byte.is_ascii_digit());
    if digits.count() > 3 && !window.contains(&b'|') {
        return false;
    }
    let mut words = window.split(|byte| !byte.is_ascii_alphabetic());
    let asks = |word: &[u8]| {
        let mut known = ASKED.iter();
        known.any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
    };
    // ` | M 674 40 90 18`: one capital for mobile, telephone, fax.
    let signed = match window {
        [.., before, b'M' | b'T' | b'P' | b'F' | b'C', b' ' | b':'] => {
            !before.is_ascii_alphanumeric()
        }
        [b'M' | b'T' | b'P' | b'F' | b'C', b' ' | b':'] => true,
        _ => false,
    };
    signed || words.any(asks)
}
