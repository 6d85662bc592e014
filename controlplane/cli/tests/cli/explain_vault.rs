//! `varictl explain` knows the secrets of the directory's vault, as the gateway does.

use serde_json::{Value, json};

use crate::program::Place;

const SECRET: &str = "moss;Lantern=41 harbour";

#[test]
fn a_secret_of_the_vault_is_found_and_never_shown() {
    let place = Place::with_policy();
    let line = json!({"jsonrpc": "2.0", "id": 1, "method": "tools/call", "params": {
        "name": "get_note", "arguments": {"text": format!("so {SECRET}!"), "n": 1}}});
    let explain = ["explain", "--agent", "my-agent"];
    let found = || -> Value {
        let run = place.run_with(&explain, &format!("{line}\n"));
        let run = run.ended(0);
        let answer: Value = serde_json::from_str(&run.out).unwrap();
        assert!(
            !answer["findings"].to_string().contains("Lantern"),
            "{answer}"
        );
        answer["findings"].clone()
    };
    assert_eq!(found(), json!([]));
    place.run_with(&["vault", "set", "moss"], SECRET).ended(0);
    assert_eq!(
        found(),
        json!([{"entity": "vault_secret", "class": "secret", "confidence": 100,
            "path": "/params/arguments/text", "start": 3, "end": 26, "encoding": "plain"}])
    );
}
