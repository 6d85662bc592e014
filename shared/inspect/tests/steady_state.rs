//! Once the buffers have grown, judging a message allocates nothing; and the scanning library is
//! part of the binary.

use allocation_counter::measure;
use rkyv::rancor::Error as RkyvError;
use varistor_inspect::dlp::{Findings, Scanner, Settings, compile, redact};
use varistor_inspect::json::{List, Reader, Splice};
use varistor_model::DlpAction;
use varistor_snapshot::schema::ArchivedDlp;

const CALL: &str = r#"{"jsonrpc":"2.0","id":17,"method":"tools/call",
    "params":{"name":"crm_get_customer",
    "arguments":{"id":"c-1042","fields":["name","mail"],"note":"caf\u00e9 \ud83d\ude00",
    "deep":{"a":[1,2.5,-0]}},
    "_meta":{"io.modelcontextprotocol/protocolVersion":"2026-07-28","progressToken":1}}}"#;

fn large_object() -> String {
    let members: Vec<String> = (0..200).map(|n| format!("\"k{n}\":{n}")).collect();
    format!(
        r#"{{"jsonrpc":"2.0","method":"x","params":{{{}}}}}"#,
        members.join(",")
    )
}

#[test]
fn reading_allocates_nothing() {
    let large = large_object();
    let answer = r#"{"jsonrpc":"2.0","id":1,"result":
        {"tools":[{"name":"a"},{"name":"b"}],"cacheScope":"public"}}"#;
    let mut reader = Reader::new();
    let mut out = Vec::new();
    let mut all = || {
        let mut good = true;
        for body in [CALL, large.as_str(), "{", "[]"] {
            good &= reader.read_call(body.as_bytes()).is_ok() == (body.len() > 2);
        }
        good &= reader.read_answer(answer.as_bytes()).is_ok();
        let mut keep = |_: List, name: &str| name == "a";
        let mut splice = Splice::new(answer.as_bytes(), &mut out);
        let message = &reader.messages()[0];
        let filtered = reader.filter(message, &[List::Tools], &mut keep, &mut splice);
        good && filtered.is_ok() && splice.finish()
    };
    assert!(all() && all());
    let mut good = false;
    let info = measure(|| good = all());
    assert!(good);
    assert_eq!(info.count_total, 0);
}

#[test]
fn scanning_and_redacting_allocate_nothing() {
    let actions = [DlpAction::Redact; 3];
    let dlp = compile(&Settings {
        request: actions,
        response: actions,
        wanted: &[],
        custom: &[],
    })
    .unwrap();
    let bytes = rkyv::to_bytes::<RkyvError>(&dlp).unwrap();
    let archived = rkyv::access::<ArchivedDlp, RkyvError>(&bytes).unwrap();
    let mut scanner = Scanner::open(archived).unwrap();
    let mut findings = Findings::default();
    let mut out = Vec::new();
    let token = ["ghp_", "16C7e42F292c6912E7710c838347Ae178B4a"].concat();
    let hits = format!(r#"{{"a":"x\n{token} jane@example.com","n":4111111111111111}}"#);
    let mut all = || {
        let mut count = 0;
        for payload in [CALL, hits.as_str()] {
            let payload = payload.as_bytes();
            let done = scanner
                .scan(archived, payload, &mut findings)
                .and_then(|()| redact(archived, payload, &findings, &mut |_| true, &mut out));
            count += if done.is_ok() { findings.len() } else { 100 };
        }
        count
    };
    assert_eq!((all(), all()), (3, 3));
    let mut count = 0;
    let info = measure(|| count = all());
    assert_eq!((count, info.count_total), (3, 0));
}

#[test]
fn the_scanning_library_is_part_of_the_binary() {
    let maps = std::fs::read_to_string("/proc/self/maps").unwrap();
    assert!(maps.contains("steady_state"));
    assert!(
        !maps.contains("libhs"),
        "libhs is linked dynamically; see shared/inspect/link"
    );
}
