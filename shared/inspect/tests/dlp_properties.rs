//! Over random structures: redaction leaves valid JSON without the values, and touches nothing
//! else.

use std::sync::LazyLock;

use proptest::prelude::*;
use rkyv::rancor::Error as RkyvError;
use rkyv::util::AlignedVec;
use serde_json::Value;
use varistor_inspect::dlp::{Findings, Scanner, Settings, compile, redact};
use varistor_inspect::json::Reader;
use varistor_model::DlpAction;
use varistor_snapshot::schema::ArchivedDlp;

static DLP: LazyLock<AlignedVec> = LazyLock::new(|| {
    let actions = [DlpAction::Redact; 3];
    let settings = Settings {
        request: actions,
        response: actions,
        wanted: &[],
        custom: &[],
    };
    let dlp = compile(&settings).ok();
    let bytes = dlp.and_then(|dlp| rkyv::to_bytes::<RkyvError>(&dlp).ok());
    bytes.unwrap_or_default()
});

const SECRETS: [&str; 5] = [
    "4111 1111 1111 1111",
    "DE89370400440532013000",
    "536-90-4399",
    "jane.doe@example.com",
    "hf_abcdefghij|klmnopqrstuvwxyzABCDEFGH",
];

fn secret(number: usize) -> String {
    SECRETS[number % SECRETS.len()].replace('|', "")
}

/// A JSON string with secrets among plain text, in several spellings.
fn string() -> impl Strategy<Value = String> {
    let piece = prop_oneof![
        "[ a-z.,:;é😀]{1,8} ",
        Just("\\n".to_owned()),
        Just("\\\" ".to_owned()),
        Just("\\\\ ".to_owned()),
        Just("\\ud83d\\ude00".to_owned()),
        (0..5_usize).prop_map(|n| format!(" {} ", secret(n))),
        (0..5_usize, any::<prop::sample::Index>()).prop_map(|(n, at)| {
            // One character of it escaped.
            let text = secret(n);
            let at = at.index(text.len());
            let escaped = format!("\\u{:04x}", text.as_bytes()[at]);
            format!(" {}{escaped}{} ", &text[..at], &text[at + 1..])
        }),
    ];
    prop::collection::vec(piece, 0..5).prop_map(|pieces| format!("\"{}\"", pieces.concat()))
}

fn text() -> impl Strategy<Value = String> {
    let leaf = prop_oneof![
        Just("null".to_owned()),
        Just("4111111111111111".to_owned()),
        "-?[1-9][0-9]{0,20}(\\.[0-9]{1,3})?",
        string(),
        string(),
    ];
    leaf.prop_recursive(4, 30, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..5)
                .prop_map(|items| format!("[ {}]", items.join(", "))),
            prop::collection::vec((string(), inner), 0..5).prop_map(|items| {
                let items: Vec<_> = items.iter().map(|(k, v)| format!("{k} :{v}")).collect();
                format!("{{{} }}", items.join(","))
            }),
        ]
    })
}

fn strings<'v>(value: &'v Value, each: &mut dyn FnMut(&'v str)) {
    match value {
        Value::String(text) => each(text),
        Value::Array(items) => items.iter().for_each(|item| strings(item, each)),
        Value::Object(members) => {
            for (key, value) in members {
                each(key);
                strings(value, each);
            }
        }
        _ => {}
    }
}

fn run(payload: &str) -> Result<(Findings, String), TestCaseError> {
    let failed = |text: &str| TestCaseError::fail(text.to_owned());
    let archived = rkyv::access::<ArchivedDlp, RkyvError>(&DLP).map_err(|_| failed("archive"))?;
    let mut findings = Findings::default();
    let mut scanner = Scanner::open(archived).map_err(|_| failed("open"))?;
    scanner
        .scan(archived, payload.as_bytes(), &mut findings)
        .map_err(|_| failed("scan"))?;
    let mut out = Vec::new();
    redact(
        archived,
        payload.as_bytes(),
        &findings,
        &mut |_| true,
        &mut out,
    )
    .map_err(|_| failed("redact"))?;
    Ok((
        findings,
        String::from_utf8(out).map_err(|_| failed("redacted into invalid UTF-8"))?,
    ))
}

fn cases() -> ProptestConfig {
    ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(300)
    }
}

proptest! {
    #![proptest_config(cases())]

    #[test]
    fn redaction_leaves_valid_json_without_the_values(value in text()) {
        let payload = format!("{{\"v\":{value}}}");
        let parsed: Value = serde_json::from_str(&payload)
            .map_err(|error| TestCaseError::fail(error.to_string()))?;
        let (findings, redacted) = run(&payload)?;
        let after: Value = serde_json::from_str(&redacted)
            .map_err(|error| TestCaseError::fail(format!("{error}: {redacted}")))?;
        let mut left = Vec::new();
        strings(&after, &mut |text| {
            left.extend((0..5).filter(|n| text.contains(&secret(*n))));
        });
        prop_assert!(left.is_empty(), "{left:?} left in {redacted}");
        // What no finding covers stands as it stood, with one placeholder in each gap.
        let mut rest = redacted.as_str();
        let mut at = 0;
        let mut step = |piece: Option<&str>, is_last: bool| {
            let behind = rest.strip_prefix(piece?)?;
            if is_last {
                return behind.is_empty().then_some(());
            }
            let quoted = behind.strip_prefix('"').filter(|text| text.starts_with("[REDACTED:"));
            let (_, tail) = quoted.unwrap_or(behind).strip_prefix("[REDACTED:")?.split_once(']')?;
            rest = if quoted.is_some() { tail.strip_prefix('"')? } else { tail };
            Some(())
        };
        for finding in &findings {
            let range = finding.span.range();
            if at == 0 || range.start >= at {
                prop_assert!(step(payload.get(at..range.start), false).is_some(), "{}", redacted);
            }
            at = at.max(range.end);
        }
        prop_assert!(step(payload.get(at..), true).is_some(), "{}", redacted);
        if findings.is_empty() {
            prop_assert_eq!(&redacted, &payload);
            prop_assert_eq!(parsed, after);
        }
    }

    #[test]
    fn what_passed_the_gate_passes_it_redacted(value in text()) {
        let body = |value: &str| {
            format!("{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{{\"v\":{value}}}}}")
        };
        let mut reader = Reader::new();
        if reader.read_call(body(&value).as_bytes()).is_ok() {
            let (_, redacted) = run(&value)?;
            prop_assert_eq!(reader.read_call(body(&redacted).as_bytes()), Ok(()));
        }
    }

    #[test]
    fn no_bytes_make_the_scanner_panic(bytes in prop::collection::vec(
        prop_oneof![
            prop::sample::select(b"\"\\{}[]:,@41-. eyJ\xc3\xa9".to_vec()),
            any::<u8>(),
        ],
        0..300,
    )) {
        if let Ok(archived) = rkyv::access::<ArchivedDlp, RkyvError>(&DLP)
            && let Ok(mut scanner) = Scanner::open(archived)
        {
            let mut findings = Findings::default();
            let mut out = Vec::new();
            let _ = scanner.scan(archived, &bytes, &mut findings);
            let _ = redact(archived, &bytes, &findings, &mut |_| true, &mut out);
        }
    }
}
