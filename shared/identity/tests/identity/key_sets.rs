//! What providers publish, and what they should not.

use serde_json::{Value, json};
use varistor_identity::{KeySet, KeySetError};

use crate::signer::{Signer, text};

fn read(keys: &[Value]) -> Result<KeySet, KeySetError> {
    KeySet::read(json!({"keys": keys}).to_string().as_bytes())
}

#[test]
fn keys_that_can_not_be_used_are_passed_over() {
    let good = Signer::ed25519(1).jwk("good");
    let with = |change: &dyn Fn(&mut Value)| {
        let mut key = Signer::rsa().jwk("bad");
        change(&mut key);
        key
    };
    let even = Signer::rsa().jwk("x")["n"].as_str().unwrap().to_owned();
    let bad = [
        with(&|key| key["use"] = json!("enc")),
        with(&|key| key["key_ops"] = json!(["sign"])),
        with(&|key| key["d"] = json!("AQAB")),
        with(&|key| key["alg"] = json!("HS256")),
        with(&|key| key["alg"] = json!("ES256")),
        with(&|key| key["kty"] = json!("oct")),
        with(&|key| key["kid"] = json!("")),
        with(&|key| key["kid"] = json!("x".repeat(257))),
        with(&|key| key["e"] = json!("AQ")),
        with(&|key| key["e"] = json!("Ag")),
        with(&|key| key["e"] = json!("AQAAAAAB")),
        with(&|key| key["e"] = json!("")),
        with(&|key| key["n"] = json!(text(&[0xff; 128]))),
        with(&|key| key["n"] = json!(text(&[0xff; 513]))),
        with(&|key| key["n"] = json!(text(&[&[0][..], &[0xff; 256]].concat()))),
        with(&|key| key["n"] = json!(format!("{even}="))),
        with(&|key| key["n"] = json!(7)),
        json!({"kty": "EC", "crv": "P-256", "kid": "c", "x": "AA", "y": "AA"}),
        json!({"kty": "EC", "crv": "secp256k1", "kid": "c", "x": text(&[1; 32]), "y": "AA"}),
        json!({"kty": "OKP", "crv": "X25519", "kid": "c", "x": text(&[1; 32])}),
        json!({"kty": "OKP", "crv": "Ed25519", "kid": "c", "x": text(&[1; 31])}),
        json!("key"),
    ];
    for key in bad {
        let set = read(&[key.clone(), good.clone()]).unwrap();
        assert_eq!(set.keys.len(), 1, "{key}");
        assert_eq!(set.passed_over.len(), 1, "{key}");
        assert!(
            matches!(read(std::slice::from_ref(&key)), Err(KeySetError::Empty(_))),
            "{key}"
        );
    }
}

#[test]
fn documents_that_are_no_key_set_are_refused() {
    for bad in [
        "",
        "[]",
        "{}",
        r#"{"keys":{}}"#,
        r#"{"keys":[],"keys":[]}"#,
        "<html>",
    ] {
        let refused = KeySet::read(bad.as_bytes()).unwrap_err();
        assert_eq!(refused, KeySetError::Malformed, "{bad}");
    }
    assert!(matches!(read(&[]), Err(KeySetError::Empty(_))));
    let one = Signer::ed25519(1).jwk("a");
    let other = Signer::ed25519(2).jwk("a");
    assert_eq!(read(&[one, other]), Err(KeySetError::Twice("a".into())));
    let many: Vec<Value> = (0..65)
        .map(|at| Signer::ed25519(at).jwk(&at.to_string()))
        .collect();
    assert_eq!(read(&many), Err(KeySetError::TooMany));
    assert_eq!(KeySet::read(&vec![b' '; 70_000]), Err(KeySetError::TooLong));
    // One name for keys of two kinds: the algorithm tells them apart.
    assert_eq!(
        read(&[Signer::ed25519(1).jwk("a"), Signer::p256().jwk("a")])
            .unwrap()
            .keys
            .len(),
        2
    );
}
