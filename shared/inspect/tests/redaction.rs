//! What placeholders tell of the values that they replace.

use rkyv::rancor::Error as RkyvError;
use varistor_inspect::dlp::{
    Custom, Findings, HashKey, Keep, Redaction, Scanner, Settings, compile,
};
use varistor_model::DlpAction;
use varistor_snapshot::schema::ArchivedDlp;

/// The payload with everything replaced, behind what stood in the buffer before, and how many
/// findings the result still has.
#[expect(clippy::unwrap_used, reason = "a helper of tests")]
fn redacted(payload: &str, keep: Keep<'_>) -> (String, usize) {
    let custom = [Custom {
        name: "ticket",
        pattern: r"TCK-(?:[0-9]|\xc3\xa9){4}",
        action: DlpAction::Redact,
    }];
    let settings = Settings {
        request: [DlpAction::Log; 3],
        response: [DlpAction::Log; 3],
        wanted: &[],
        custom: &custom,
    };
    let bytes = rkyv::to_bytes::<RkyvError>(&compile(&settings).unwrap()).unwrap();
    let dlp = rkyv::access::<ArchivedDlp, RkyvError>(&bytes).unwrap();
    let mut scanner = Scanner::open(dlp).unwrap();
    let mut findings = Findings::default();
    scanner
        .scan(dlp, payload.as_bytes(), &mut findings)
        .unwrap();
    let mut out = b"before".to_vec();
    let redaction = Redaction {
        dlp,
        findings: &findings,
        keep,
    };
    redaction
        .write(payload.as_bytes(), &mut |_| true, &mut out)
        .unwrap();
    let text = String::from_utf8(out).unwrap();
    let text = text.strip_prefix("before").unwrap().to_owned();
    serde_json::from_str::<serde_json::Value>(&text).unwrap();
    scanner.scan(dlp, text.as_bytes(), &mut findings).unwrap();
    (text, findings.len())
}

#[test]
fn lengths_are_of_characters_in_text_keys_and_numbers() {
    let payload = r#"{"jo\u0065@example.org":"x TCK-12\u0033\u00e9","n":4111111111111111}"#;
    let expected = concat!(
        r#"{"[REDACTED:email:1:len=15]":"x [REDACTED:ticket:len=8]","#,
        r#""n":"[REDACTED:credit_card:len=16]"}"#
    );
    assert_eq!(redacted(payload, Keep::Length), (expected.to_owned(), 0));
}

#[test]
fn equal_values_have_equal_hashes_however_they_are_spelled() {
    let key = HashKey::derived(&[3; 32]);
    let keep = |organisation| Keep::Hash {
        key: &key,
        organisation,
    };
    let payload =
        r#"["TCK-1234","TCK-\u00312\u00334","TCK-1235",4111111111111111,"4111111111111111"]"#;
    let (text, left) = redacted(payload, keep("acme"));
    assert_eq!(left, 0, "{text}");
    let hashes: Vec<&str> = text
        .split("sha256=")
        .skip(1)
        .map(|rest| rest.split(']').next().unwrap())
        .collect();
    assert_eq!(hashes.len(), 5, "{text}");
    assert!(hashes.iter().all(|hash| hash.len() == 12));
    assert_eq!(hashes[0], hashes[1]);
    assert_ne!(hashes[0], hashes[2]);
    assert_eq!(hashes[3], hashes[4]);
    assert_ne!(text, redacted(payload, keep("globex")).0);
}

#[test]
fn nothing_is_told_unless_it_is_asked_for() {
    let (text, _) = redacted(r#"["TCK-1234"]"#, Keep::Nothing);
    assert_eq!(text, r#"["[REDACTED:ticket]"]"#);
}
