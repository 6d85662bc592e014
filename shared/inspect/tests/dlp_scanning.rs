//! What is found where, what is left of it after redaction, and what a scanner refuses to open.

use rkyv::rancor::Error as RkyvError;
use varistor_inspect::dlp::{
    Custom, Findings, Place, ScanError, Scanner, Settings, compile, redact,
};
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{ArchivedDlp, Dlp};

const CARD: &str = "4111111111111111";

fn catalogue(custom: &[Custom<'_>]) -> Dlp {
    let actions = [DlpAction::Redact; 3];
    let settings = Settings {
        request: actions,
        response: actions,
        wanted: &[],
        custom,
    };
    compile(&settings).unwrap_or_else(|_| unreachable!("the catalogue compiles"))
}

/// Scans, redacts everything, and gives the findings as (entity, place, bytes).
fn scanned(dlp: &Dlp, payload: &str) -> (Vec<(String, Place, String)>, String) {
    let Ok(bytes) = rkyv::to_bytes::<RkyvError>(dlp) else {
        return Default::default();
    };
    let Ok(archived) = rkyv::access::<ArchivedDlp, RkyvError>(&bytes) else {
        return Default::default();
    };
    let mut findings = Findings::default();
    let mut out = Vec::new();
    let done = Scanner::open(archived)
        .and_then(|mut scanner| scanner.scan(archived, payload.as_bytes(), &mut findings))
        .and_then(|()| {
            redact(
                archived,
                payload.as_bytes(),
                &findings,
                &mut |_| true,
                &mut out,
            )
        });
    assert_eq!(done, Ok(()), "{payload}");
    let found = findings
        .iter()
        .map(|finding| {
            let entity = dlp.detectors[usize::from(finding.detector)].entity.clone();
            let text = payload.get(finding.span.range()).unwrap_or("<split>");
            (entity, finding.place, text.to_owned())
        })
        .collect();
    (found, String::from_utf8_lossy(&out).into_owned())
}

#[test]
fn text_keys_and_numbers_are_each_replaced_in_their_way() {
    let dlp = catalogue(&[]);
    let payload = format!(
        r#"{{"a@b.com" : 1.0,"c@d.org":[{CARD} , true,"x {CARD} y"], "e":{{"c@d.org":null}} }}"#
    );
    let (found, redacted) = scanned(&dlp, &payload);
    assert_eq!(found.len(), 5);
    assert_eq!(
        redacted,
        concat!(
            r#"{"[REDACTED:email:1]" : 1.0,"[REDACTED:email:2]":["[REDACTED:credit_card]" , true,"#,
            r#""x [REDACTED:credit_card] y"], "e":{"[REDACTED:email:3]":null} }"#
        )
    );
    let (_, nothing) = scanned(&dlp, r#" {"clean" : "text" } "#);
    assert_eq!(nothing, r#" {"clean" : "text" } "#);
}

#[test]
fn an_escape_hides_nothing_and_is_never_split() {
    let dlp = catalogue(&[]);
    for (payload, found, redacted) in [
        (
            r#"["\u0034111111111111111"]"#,
            r"\u0034111111111111111",
            r#"["[REDACTED:credit_card]"]"#,
        ),
        (
            r#"["\n4111111111111111\u0021"]"#,
            CARD,
            r#"["\n[REDACTED:credit_card]\u0021"]"#,
        ),
        (
            r#"["jane\u0040example.com\\"]"#,
            r"jane\u0040example.com",
            r#"["[REDACTED:email]\\"]"#,
        ),
        (
            r#"["\ud83d\ude00 a@b.co\ud83d\ude00"]"#,
            "a@b.co",
            r#"["\ud83d\ude00 [REDACTED:email]\ud83d\ude00"]"#,
        ),
        (
            r#"["\\n4111111111111111\\n"]"#,
            CARD,
            r#"["\\n[REDACTED:credit_card]\\n"]"#,
        ),
        (
            r#"["{\"card\":\"4111111111111111\"}"]"#,
            CARD,
            r#"["{\"card\":\"[REDACTED:credit_card]\"}"]"#,
        ),
        (
            r#"{"\u0061@b.co":1}"#,
            r"\u0061@b.co",
            r#"{"[REDACTED:email:1]":1}"#,
        ),
    ] {
        let (findings, out) = scanned(&dlp, payload);
        assert_eq!(findings.len(), 1, "{payload}");
        assert_eq!((findings[0].2.as_str(), out.as_str()), (found, redacted));
    }
}

#[test]
fn a_private_key_is_taken_up_to_its_last_line() {
    let dlp = catalogue(&[]);
    let header = ["-----BEGIN", " RSA PRIVATE KEY-----"].concat();
    let payload = format!(
        r#"{{"k":"a {header}\nMIIEow/+==\nQw==\n-----END RSA PRIVATE KEY-----\nb","n":"c"}}"#
    );
    let (_, redacted) = scanned(&dlp, &payload);
    assert_eq!(redacted, r#"{"k":"a [REDACTED:private_key]\nb","n":"c"}"#);
    let cut = format!(r#"{{"k":"{header}\nMIIEow/+==","n":"c"}}"#);
    assert_eq!(
        scanned(&dlp, &cut).1,
        r#"{"k":"[REDACTED:private_key]","n":"c"}"#
    );
}

#[test]
fn an_operators_pattern_is_cut_at_the_borders_of_strings() {
    let pattern = |name, pattern| Custom {
        name,
        pattern,
        action: DlpAction::Redact,
    };
    let dlp = catalogue(&[
        pattern("patient_id", r"PAT-\d{8}"),
        pattern("pair", r#"left"\s*:\s*"right"#),
        pattern("umlaut", r"Z.rich"),
        pattern("wide", r"Z..rich"),
        pattern("flood", r"#+"),
    ]);
    assert_eq!(
        scanned(&dlp, r#"{"id":"PAT-12345678x"}"#).1,
        r#"{"id":"[REDACTED:patient_id]x"}"#
    );
    assert_eq!(
        scanned(&dlp, r#"{"xleft" : "rightx"}"#).1,
        r#"{"x[REDACTED:pair:1]" : "[REDACTED:pair]x"}"#
    );
    assert_eq!(scanned(&dlp, "[\"Zürich\"]").1, r#"["[REDACTED:wide]"]"#);
    let flood = format!("[\"{}\"]", "#".repeat(3000));
    assert_eq!(scanned(&dlp, &flood).1, r#"["[REDACTED:flood]"]"#);
}

#[test]
fn one_secret_is_one_finding() {
    let dlp = catalogue(&[]);
    let connection = ["postgres://jane:", "s3cr3t@db.example.com/app"].concat();
    let (found, redacted) = scanned(&dlp, &format!("[\"{connection}\"]"));
    let entities: Vec<_> = found.iter().map(|(entity, ..)| entity.as_str()).collect();
    // The part that looks like an address needs nothing of its own where policy treats both alike.
    assert_eq!(entities, ["connection_string"]);
    assert_eq!(redacted, r#"["[REDACTED:connection_string]"]"#);
}

#[test]
fn more_than_can_be_kept_is_never_redacted_by_half() {
    let dlp = catalogue(&[]);
    let bytes = rkyv::to_bytes::<RkyvError>(&dlp).unwrap();
    let archived = rkyv::access::<ArchivedDlp, RkyvError>(&bytes).unwrap();
    let mut scanner = Scanner::open(archived).unwrap();
    let (mut findings, mut out) = (Findings::default(), Vec::new());
    let many = format!("[{}1]", "\"a@b.com\",".repeat(20_000));
    scanner
        .scan(archived, many.as_bytes(), &mut findings)
        .unwrap();
    assert!(findings.overflowed());
    let done = redact(
        archived,
        many.as_bytes(),
        &findings,
        &mut |_| true,
        &mut out,
    );
    assert_eq!(done, Err(ScanError::TooMany));
    let fewer = format!("[{}1]", "\"a@b.com\",".repeat(10_000));
    scanner
        .scan(archived, fewer.as_bytes(), &mut findings)
        .unwrap();
    assert!(!findings.overflowed() && findings.len() == 10_000);
    assert!(findings.iter().all(|finding| finding.class == Class::Pii));
}

#[test]
fn a_damaged_database_is_refused() {
    let good = catalogue(&[]);
    let opened = |dlp: &Dlp| {
        let bytes = rkyv::to_bytes::<RkyvError>(dlp).unwrap();
        let archived = rkyv::access::<ArchivedDlp, RkyvError>(&bytes).unwrap();
        Scanner::open(archived).map(drop)
    };
    assert_eq!(opened(&good), Ok(()));
    for cut in [
        1,
        4,
        20,
        63,
        64,
        100,
        good.database.len() / 2,
        good.database.len() - 1,
    ] {
        let database = good.database[..cut].to_vec();
        let damaged = Dlp {
            database,
            ..good.clone()
        };
        assert_eq!(opened(&damaged), Err(ScanError::Database), "{cut}");
    }
    for at in (0..good.database.len()).step_by(good.database.len() / 200) {
        let mut damaged = good.clone();
        damaged.database[at] ^= 0x10;
        // Some bytes are of no consequence (reserved ones); none may crash.
        let _ = opened(&damaged);
    }
    let noise = Dlp {
        database: vec![0x5a; 10_000],
        ..good.clone()
    };
    assert_eq!(opened(&noise), Err(ScanError::Database));
    let noise = Dlp {
        run_database: good.run_database[1..].to_vec(),
        ..good.clone()
    };
    assert_eq!(opened(&noise), Err(ScanError::Database));
    let mut unknown = good.clone();
    unknown.detectors[3].validator = 99;
    assert_eq!(opened(&unknown), Err(ScanError::Detector(3)));
    let mut broken = good;
    broken.detectors[2].pattern = "(".into();
    assert_eq!(opened(&broken), Err(ScanError::Detector(2)));
}

#[test]
fn a_token_spread_over_arguments_is_found_and_replaced_part_by_part() {
    let dlp = catalogue(&[]);
    let (a, b) = ("ghp_16C7e42F29", "2c6912E7710c838347Ae178B4a");
    let payload = format!(r#"{{"first":"{a}","second":"{b}","n":1,"note":"two words"}}"#);
    let (found, redacted) = scanned(&dlp, &payload);
    assert!(found.iter().all(|(entity, ..)| entity == "github_token"));
    let mark = "[REDACTED:github_token]";
    let expected = format!(r#"{{"first":"{mark}","second":"{mark}","n":1,"note":"two words"}}"#);
    assert_eq!(redacted, expected);
}

/// Entity, text and value: of kinds that people write in many ways.
const WRITTEN: &[(&str, &str, &str)] = &[
    (
        "person",
        "2. Baker, Susan \u{2013} Marketing",
        "Baker, Susan",
    ),
    (
        "person",
        "Patient Miller, Robert J. / DOB 1970-01-02",
        "Miller, Robert J.",
    ),
    (
        "person",
        "id\tsurname_first\n7\tLindgren, Karin",
        "Lindgren, Karin",
    ),
    (
        "person",
        "Seen by Hans-Peter Schneider today",
        "Hans-Peter Schneider",
    ),
    (
        "address",
        "moved to 14A Orchard Road, York YO1 7HH last week",
        "14A Orchard Road, York YO1 7HH",
    ),
    (
        "address",
        "NOTE:4 Beech Croft, Norwich NR2 3AB",
        "4 Beech Croft, Norwich NR2 3AB",
    ),
    (
        "address",
        "Am Waldrand 12, 80331 München",
        "Am Waldrand 12, 80331 München",
    ),
    (
        "address",
        "bij Wilgendreef 7-III, 1017 AB Amsterdam",
        "Wilgendreef 7-III, 1017 AB Amsterdam",
    ),
    (
        "address",
        "till Storgatan 5, 111 22 Stockholm",
        "Storgatan 5, 111 22 Stockholm",
    ),
    (
        "address",
        "osoite Rantakatu 9 A 12, 90100 Oulu",
        "Rantakatu 9 A 12, 90100 Oulu",
    ),
    (
        "address",
        "au 7 ter rue Victor Hugo, 33000 Bordeaux",
        "7 ter rue Victor Hugo, 33000 Bordeaux",
    ),
    (
        "phone",
        "please ring me on 606 123 987 tomorrow",
        "606 123 987",
    ),
    ("phone", "TEL;TYPE=cell:08-123 45 67", "08-123 45 67"),
    (
        "phone",
        "call <a href='tel:06 12 34 56 78'>us</a>",
        "06 12 34 56 78",
    ),
    (
        "phone",
        "T +34 912 345 678 | M 612 34 56 78",
        "612 34 56 78",
    ),
    (
        "us_routing",
        r#""direct_deposit": {"routing_number": "021000021"}"#,
        "021000021",
    ),
];

/// Entity and text that only look like them.
const ALIKE: &[(&str, &str)] = &[
    ("person", r#"{"merchant": "Florence Miller Textiles"}"#),
    (
        "person",
        r#"{"account": {"name": "Harvey Norman"}, "tier": "gold"}"#,
    ),
    ("person", "ORG:Winston Peak Outfitters"),
    ("person", "Suministros Garcia S.L. and Lindholm Hellman AB"),
    ("person", "Rooms: Jackson, Lincoln, Madison"),
    ("person", "offices in Austin, Texas and Paris, France"),
    ("address", "Invoice 12, 20250 Items"),
    ("address", "Chapter 4, 2020 Report"),
    ("phone", "version 1.234.5678"),
    ("phone", "sha256:0690123456"),
    ("phone", "rows 606 123 987 of the file"),
    ("phone", "contact 20255501"),
];

#[test]
fn names_addresses_and_telephones_are_found_as_people_write_them() {
    let dlp = catalogue(&[]);
    let of = |entity: &str, text: &str| {
        let payload = serde_json::to_string(&[text]).unwrap_or_default();
        let (found, _) = scanned(&dlp, &payload);
        let of_entity = found.into_iter().filter(|(name, ..)| name == entity);
        of_entity.map(|(.., value)| value).collect::<Vec<_>>()
    };
    for (entity, text, value) in WRITTEN {
        let found = of(entity, text);
        assert!(found.iter().any(|one| one == value), "{text}: {found:?}");
    }
    for (entity, text) in ALIKE {
        let found = of(entity, text);
        assert!(found.is_empty(), "{text}: {found:?}");
    }
}
