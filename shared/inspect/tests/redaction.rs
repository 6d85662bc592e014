//! What placeholders tell of the values that they replace.

use rkyv::rancor::Error as RkyvError;
use varistor_inspect::dlp::{
    Custom, Finding, Findings, HashKey, Hidden, Hides, Keep, Numbers, Redaction, Scanner, Settings,
    compile, entities, label,
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

/// Commits to the first value, seals the second, and leaves the rest.
struct Shelf(std::cell::Cell<u32>);

impl Hides for Shelf {
    fn hide(&self, _: &Finding, _: &dyn Fn() -> Vec<u8>) -> Hidden {
        let at = self.0.get();
        self.0.set(at + 1);
        match at {
            0 => Hidden::Committed(4),
            1 => Hidden::Sealed(0),
            _ => Hidden::Gone,
        }
    }
}

#[test]
fn a_value_that_is_kept_apart_tells_nothing_more_of_itself() {
    let key = HashKey::derived(&[3; 32]);
    let hash = Keep::Hash {
        key: &key,
        organisation: "acme",
    };
    let payload = r#"["TCK-1234","TCK-1235","TCK-1236"]"#;
    for (keep, suffix) in [(Keep::Length, ":len="), (hash, ":sha256=")] {
        let shelf = Shelf(std::cell::Cell::default());
        let (text, _) = redacted(payload, Keep::Apart(&shelf, &keep));
        let begin = r#"["[REDACTED:ticket:salt=4]","[REDACTED:ticket:sealed=0]","#;
        let rest = text.strip_prefix(begin);
        let rest = rest.unwrap_or_else(|| panic!("{text}"));
        assert!(
            rest.starts_with(&format!("\"[REDACTED:ticket{suffix}")),
            "{text}"
        );
    }
}

/// Keeps every value but one.
struct Kept(std::cell::RefCell<Vec<String>>);

impl Numbers for Kept {
    fn number(&self, _: &Finding, value: &[u8]) -> Option<u32> {
        let value = str::from_utf8(value).ok()?;
        let mut kept = self.0.borrow_mut();
        let known = kept.iter().position(|known| known == value);
        let at = known.unwrap_or_else(|| {
            kept.push(value.to_owned());
            kept.len() - 1
        });
        let number = u32::try_from(at + 1).ok()?;
        (value != "TCK-0000").then_some(number)
    }
}

#[test]
fn what_can_be_put_back_exactly_is_numbered_and_nothing_else() {
    let kept = Kept(std::cell::RefCell::default());
    let payload = concat!(
        r#"["TCK-1234 TCK-\u00312\u00334","{\"a\":\"ada@example.org\"}","TCK-0000","#,
        r#"{"TCK-5678":4111111111111111},"ada%40example.org","TCK-5\\u00367\u00e9","#,
        r#""YSBsZXR0ZXIgdG8gYWRhQGV4YW1wbGUub3JnIGFuZCBtb3Jl"]"#
    );
    let (text, left) = redacted(payload, Keep::Number(&kept, &Keep::Length));
    let expected = concat!(
        r#"["<TICKET_1> <TICKET_1>","{\"a\":\"<EMAIL_2>\"}","[REDACTED:ticket:len=8]","#,
        r#"{"[REDACTED:ticket:1:len=8]":"[REDACTED:credit_card:len=16]"},"#,
        r#""[REDACTED:email:len=17]","[REDACTED:ticket:len=13]","#,
        r#""[REDACTED:email:len=48]"]"#
    );
    assert_eq!((text.as_str(), left), (expected, 0));
    assert_eq!(
        *kept.0.borrow(),
        ["TCK-1234", "ada@example.org", "TCK-0000"]
    );
}

#[test]
fn a_placeholder_is_no_finding_wherever_it_stands() {
    let settings = Settings {
        request: [DlpAction::Log; 3],
        response: [DlpAction::Log; 3],
        wanted: &entities().map(|(entity, ..)| entity).collect::<Vec<_>>(),
        custom: &[],
    };
    let bytes = rkyv::to_bytes::<RkyvError>(&compile(&settings).unwrap()).unwrap();
    let dlp = rkyv::access::<ArchivedDlp, RkyvError>(&bytes).unwrap();
    let mut scanner = Scanner::open(dlp).unwrap();
    let mut findings = Findings::default();
    for (entity, ..) in entities() {
        let shown = format!("<{}_1>", label(entity));
        let words = entity.replace('_', " ");
        let payload = serde_json::json!({entity: shown, "password": shown, "api_key": shown,
            "name": shown, "address": shown, "ssn": shown,
            "text": format!("my {words} is {shown}, password={shown}; token: \"{shown}\"")});
        let payload = payload.to_string();
        scanner
            .scan(dlp, payload.as_bytes(), &mut findings)
            .unwrap();
        assert!(findings.is_empty(), "{payload}: {:?}", findings.as_slice());
        findings.clear();
    }
}
