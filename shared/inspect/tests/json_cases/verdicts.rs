//! Every case of the tables is judged as its name says, wherever it stands.

use super::messages::MESSAGES;
use super::values::VALUES;
use varistor_inspect::json::{Kind, Reader};
use varistor_model::Reason::{
    self, BatchRefused, IdInvalid, JsonDuplicateKey, JsonNumber, JsonTooDeep,
};

/// What stands for the value under test inside of a notification.
pub(super) fn around(value: &[u8]) -> Vec<u8> {
    let mut body = br#"{"jsonrpc":"2.0","method":"x","params":{"v":"#.to_vec();
    body.extend_from_slice(value);
    body.extend_from_slice(b"}}");
    body
}

fn judge(body: &[u8]) -> Result<(), Reason> {
    Reader::new().read_call(body)
}

#[test]
fn every_case_is_judged_as_the_table_says() {
    assert!(VALUES.len() + MESSAGES.len() >= 150);
    for (name, value, expected) in VALUES {
        assert_eq!(judge(&around(value)), *expected, "{name}");
    }
    for (name, body, expected) in MESSAGES {
        assert_eq!(judge(body), *expected, "{name}");
    }
    for (name, _, expected) in VALUES.iter().chain(MESSAGES) {
        let refused = name.starts_with("n_");
        assert_eq!(refused, expected.is_err(), "{name}");
    }
}

#[test]
fn a_case_keeps_its_verdict_at_every_alignment() {
    for (name, value, expected) in VALUES {
        for blanks in 0..70 {
            let mut body = vec![b' '; blanks];
            body.extend_from_slice(&around(value));
            assert_eq!(judge(&body), *expected, "{name} behind {blanks} blanks");
        }
    }
}

#[test]
fn every_cut_of_a_message_is_refused() {
    let body = r#"{"jsonrpc":"2.0","id":1,"method":"tools/call",
        "params":{"name":"é\u00e9","a":[1e5,true]}}"#;
    for end in 0..body.len() {
        assert!(judge(&body.as_bytes()[..end]).is_err(), "{end}");
    }
    assert_eq!(judge(body.as_bytes()), Ok(()));
}

#[test]
fn nesting_passes_up_to_64_levels() {
    // The envelope and its parameters are two of them.
    for (open, close) in [("[", "]"), ("{\"a\":", "}")] {
        let nested = |levels: usize| {
            let inside = if open == "[" { "" } else { "1" };
            around(format!("{}{inside}{}", open.repeat(levels), close.repeat(levels)).as_bytes())
        };
        assert_eq!(judge(&nested(62)), Ok(()));
        assert_eq!(judge(&nested(63)), Err(JsonTooDeep));
        assert_eq!(judge(&nested(100_000)), Err(JsonTooDeep));
    }
    let open_only = "[".repeat(1_000_000);
    assert_eq!(judge(open_only.as_bytes()), Err(JsonTooDeep));
}

#[test]
fn an_integer_beyond_all_floats_is_not_finite() {
    assert_eq!(judge(&around("9".repeat(400).as_bytes())), Err(JsonNumber));
    assert_eq!(judge(&around("9".repeat(300).as_bytes())), Ok(()));
}

#[test]
fn large_objects_are_checked_for_duplicates_in_good_time() {
    let object = |extra: &str| {
        let keys: Vec<String> = (0..200_000).map(|n| format!("\"k{n}\":{n}")).collect();
        around(format!("{{{}{extra}}}", keys.join(",")).as_bytes())
    };
    assert_eq!(judge(&object("")), Ok(()));
    assert_eq!(judge(&object(",\"k\\u0031234\":0")), Err(JsonDuplicateKey));
    let folded = |extra: &str| {
        let keys: Vec<String> = (0..100).map(|n| format!("\"k{n}\":{n}")).collect();
        let keys = keys.join(",");
        format!("{{\"jsonrpc\":\"2.0\",\"method\":\"x\",\"params\":{{{keys}{extra}}}}}")
    };
    assert_eq!(judge(folded("").as_bytes()), Ok(()));
    assert_eq!(
        judge(folded(",\"K99\":0").as_bytes()),
        Err(JsonDuplicateKey)
    );
}

#[test]
fn a_batch_holds_up_to_a_hundred_members() {
    let batch = |count: usize| {
        let member = r#"{"jsonrpc":"2.0","method":"x"}"#;
        format!("[{}]", vec![member; count].join(" , "))
    };
    let mut reader = Reader::new();
    assert_eq!(reader.read_call(batch(100).as_bytes()), Ok(()));
    assert!(reader.is_batch() && reader.messages().len() == 100);
    assert_eq!(reader.read_call(batch(101).as_bytes()), Err(BatchRefused));
    assert!(!reader.is_batch() && reader.messages().is_empty());
}

#[test]
fn only_a_servers_error_may_lack_its_id() {
    let mut reader = Reader::new();
    for body in [
        r#"{"jsonrpc":"2.0","id":null,"error":{"code":1}}"#,
        r#"{"jsonrpc":"2.0","error":{"code":1}}"#,
    ] {
        assert!(reader.read_call(body.as_bytes()).is_err());
        assert_eq!(reader.read_answer(body.as_bytes()), Ok(()));
        let error = reader.messages()[0];
        assert!(error.kind == Kind::Error && error.id.is_empty());
    }
    let body = br#"{"jsonrpc":"2.0","id":null,"result":{}}"#;
    assert_eq!(reader.read_answer(body), Err(IdInvalid));
}
