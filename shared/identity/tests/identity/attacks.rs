//! What RFC 8725 warns of, one test each, and tokens that two readers could read differently.

use serde_json::{Value, json};
use varistor_identity::Provider;
use varistor_model::Reason;

use crate::signer::{ISSUER, NOW, Signer, claims, judge, lenient, provider, text, usual};

fn refused(token: &str, signer: &Signer) -> Reason {
    usual(token, signer).unwrap_err().reason
}

#[test]
fn good_tokens_of_every_kind_of_key_are_taken() {
    for signer in [Signer::rsa(), Signer::p256(), Signer::ed25519(1)] {
        let verified = usual(&signer.token(|_, _| {}), &signer).unwrap();
        assert_eq!(verified.agent, "ci-bot");
        assert_eq!(verified.expires_unix_s, NOW + 360);
    }
    let rsa = Signer::rsa();
    let token = rsa.token(|header, _| header["alg"] = json!("PS256"));
    assert!(judge(&token, &lenient(), &[rsa.jwk("k1")]).is_ok());
    let token = Signer::ed25519(1).token(|header, _| header["alg"] = json!("Ed25519"));
    assert!(usual(&token, &Signer::ed25519(1)).is_ok());
}

/// Section 2.1: algorithms that prove nothing, and public keys used as secrets.
#[test]
fn no_algorithm_and_symmetric_ones_are_refused() {
    let signer = Signer::rsa();
    for name in [
        "none", "None", "nOnE", "HS256", "HS384", "HS512", "", "RS1", "A256KW",
    ] {
        let token = signer.token(|header, _| header["alg"] = json!(name));
        assert_eq!(refused(&token, &signer), Reason::TokenAlgorithm, "{name}");
        let (signed, _) = token.rsplit_once('.').unwrap();
        assert_eq!(
            refused(&format!("{signed}."), &signer),
            Reason::TokenAlgorithm,
            "{name}"
        );
        let without = judge(&token, &lenient(), &[signer.jwk("k1")]).unwrap_err();
        assert_eq!(without.reason, Reason::TokenAlgorithm);
    }
    for bad in [json!(null), json!(1), json!(["RS256"])] {
        let token = signer.token(|header, _| header["alg"] = bad.clone());
        assert_eq!(refused(&token, &signer), Reason::TokenMalformed, "{bad}");
    }
}

/// Section 3.1: a key is for one algorithm, whatever the header says.
#[test]
fn a_key_verifies_nothing_by_another_algorithm() {
    let rsa = Signer::rsa();
    let by_pss = rsa.token(|header, _| header["alg"] = json!("PS256"));
    assert_eq!(refused(&by_pss, &rsa), Reason::TokenAlgorithm, "policy");
    let mut bound = rsa.jwk("k1");
    bound["alg"] = json!("RS256");
    let refused_by_key = judge(&by_pss, &lenient(), &[bound]).unwrap_err();
    assert_eq!(refused_by_key.reason, Reason::TokenAlgorithm, "key");
    let ec = Signer::p256();
    for alg in ["RS256", "EdDSA", "ES384"] {
        let token = ec.token(|header, _| header["alg"] = json!(alg));
        let refused = judge(&token, &lenient(), &[ec.jwk("k1")]).unwrap_err();
        assert_eq!(refused.reason, Reason::TokenAlgorithm, "{alg}");
    }
}

/// Section 2.2: signatures that are not the key's.
#[test]
fn signatures_that_are_not_the_keys_are_refused() {
    for signer in [Signer::rsa(), Signer::p256(), Signer::ed25519(1)] {
        let token = signer.token(|_, _| {});
        let (signed, signature) = token.rsplit_once('.').unwrap();
        for forged in [
            text(&[0; 64]),
            text(&[0; 256]),
            text(&[0xff; 64]),
            text(b"x"),
            text(&Signer::ed25519(9).sign("", signed.as_bytes())),
        ] {
            let token = format!("{signed}.{forged}");
            assert_eq!(refused(&token, &signer), Reason::TokenForged);
        }
        let mut other = claims();
        other["client_id"] = json!("admin");
        let header = signed.split('.').next().unwrap();
        let token = format!(
            "{header}.{}.{signature}",
            text(other.to_string().as_bytes())
        );
        assert_eq!(refused(&token, &signer), Reason::TokenForged);
    }
}

/// Sections 2.4 and 3.2: one spelling, three parts, nothing encrypted.
#[test]
fn other_spellings_of_a_token_are_refused() {
    let signer = Signer::ed25519(1);
    let token = signer.token(|_, _| {});
    assert!(usual(&token, &signer).is_ok());
    let (signed, signature) = token.rsplit_once('.').unwrap();
    // 64 bytes leave four bits that say nothing: they must be 0.
    let last = signature.chars().last().unwrap();
    let twin = match last {
        'A' => 'B',
        'Q' => 'R',
        'g' => 'h',
        _ => 'x',
    };
    for bad in [
        format!("{token}="),
        format!("{token}=="),
        format!("{token}."),
        format!("{token}.{signature}"),
        format!(".{token}"),
        format!(" {token}"),
        format!("{token} "),
        token.replacen('.', "..", 1),
        signed.to_owned(),
        format!("{signed}."),
        format!("{signed}.{}{twin}", &signature[..signature.len() - 1]),
        format!("{signed}.{signature}\n"),
        "eyJ.eyJ.eyJ".to_owned(),
        "e".to_owned(),
        String::new(),
        format!("{signed}.{}", "A".repeat(9_000)),
        "eyJhbGciOiJFZERTQSJ9.e30.AA".to_owned(),
    ] {
        assert_eq!(refused(&bad, &signer), Reason::TokenMalformed, "{bad}");
    }
}

#[test]
fn members_that_stand_twice_are_refused() {
    let signer = Signer::ed25519(1);
    let (header, claims) = (
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"k1"}"#,
        claims().to_string(),
    );
    assert!(usual(&signer.token_of(header, &claims), &signer).is_ok());
    let twice = claims.replacen('{', r#"{"client_id":"admin","#, 1);
    let escaped = claims.replacen('{', r#"{"client\u005fid":"admin","#, 1);
    let nested = claims.replacen('{', r#"{"x":{"a":1,"a":2},"#, 1);
    for claims in [&twice, &escaped, &nested] {
        let token = signer.token_of(header, claims);
        assert_eq!(refused(&token, &signer), Reason::TokenMalformed, "{claims}");
    }
    for header in [
        r#"{"alg":"none","alg":"EdDSA","typ":"at+jwt","kid":"k1"}"#,
        r#"{"alg":"EdDSA","typ":"at+jwt","kid":"k2","kid":"k1"}"#,
    ] {
        let token = signer.token_of(header, &claims);
        assert_eq!(refused(&token, &signer), Reason::TokenMalformed, "{header}");
    }
}

/// RFC 7515 section 4.1.11: what is critical and not understood.
#[test]
fn extensions_of_the_header_are_refused() {
    let signer = Signer::ed25519(1);
    for extension in [json!(["exp"]), json!(["b64"]), json!([]), json!(null)] {
        let token = signer.token(|header, _| header["crit"] = extension.clone());
        assert_eq!(
            refused(&token, &signer),
            Reason::TokenMalformed,
            "{extension}"
        );
    }
    let token = signer.token(|header, _| header["b64"] = json!(false));
    assert_eq!(refused(&token, &signer), Reason::TokenMalformed);
}

/// Sections 2.9, 2.10 and 3.10: keys that the token itself brings, or says where to find.
#[test]
fn keys_that_a_token_brings_along_are_not_looked_at() {
    let (signer, attacker) = (Signer::ed25519(1), Signer::ed25519(2));
    for (name, value) in [
        ("jwk", attacker.jwk("k1")),
        ("jku", json!("https://attacker.example/jwks")),
        ("x5u", json!("https://attacker.example/chain")),
        ("x5c", json!(["AAAA"])),
    ] {
        let token = attacker.token(|header, _| header[name] = value.clone());
        assert_eq!(refused(&token, &signer), Reason::TokenForged, "{name}");
    }
    for kid in ["../../k1", "k1\u{0}", "k1' OR '1'='1", "K1", "k2"] {
        let token = attacker.token(|header, _| header["kid"] = json!(kid));
        assert_eq!(refused(&token, &signer), Reason::KeyUnknown, "{kid}");
    }
    for kid in [json!(null), json!(""), json!(1), json!("x".repeat(257))] {
        let token = signer.token(|header, _| header["kid"] = kid.clone());
        assert_eq!(refused(&token, &signer), Reason::TokenMalformed, "{kid}");
    }
}

/// Sections 2.8 and 3.11: one kind of token in the place of another.
#[test]
fn tokens_of_another_kind_are_refused() {
    let signer = Signer::ed25519(1);
    for kind in [
        "JWT",
        "dpop+jwt",
        "logout+jwt",
        "secevent+jwt",
        "",
        "at",
        "at+jwt;x",
    ] {
        let token = signer.token(|header, _| header["typ"] = json!(kind));
        assert_eq!(refused(&token, &signer), Reason::TokenClaims, "{kind}");
    }
    for kind in [
        "at+jwt",
        "AT+JWT",
        "application/at+jwt",
        "Application/AT+JWT",
    ] {
        let token = signer.token(|header, _| header["typ"] = json!(kind));
        assert!(usual(&token, &signer).is_ok(), "{kind}");
    }
    let untyped = signer.token(|header, _| drop(header.as_object_mut().unwrap().remove("typ")));
    assert_eq!(refused(&untyped, &signer), Reason::TokenClaims);
    let plain = Provider {
        takes_plain: true,
        ..provider()
    };
    let jwt = signer.token(|header, claims| {
        header["typ"] = json!("JWT");
        // An Entra token has neither.
        claims.as_object_mut().unwrap().remove("jti");
    });
    for token in [untyped, jwt] {
        assert!(judge(&token, &plain, &[signer.jwk("k1")]).is_ok());
    }
    let other = signer.token(|header, _| header["typ"] = json!("logout+jwt"));
    assert!(judge(&other, &plain, &[signer.jwk("k1")]).is_err());
}

/// Sections 3.8 and 3.9.
#[test]
fn tokens_of_others_and_for_others_are_refused() {
    let signer = Signer::ed25519(1);
    let slash = format!("{ISSUER}/");
    for issuer in [
        slash.as_str(),
        "https://ID.acme.example",
        "https://evil.example",
        "",
    ] {
        let token = signer.token(|_, claims| claims["iss"] = json!(issuer));
        assert_eq!(refused(&token, &signer), Reason::TokenIssuer, "{issuer}");
    }
    for audience in [
        json!("https://mcp.acme.example/"),
        json!("https://mcp.acme.example.evil.example"),
        json!(["https://other.example"]),
        json!([]),
        json!(""),
    ] {
        let token = signer.token(|_, claims| claims["aud"] = audience.clone());
        assert_eq!(
            refused(&token, &signer),
            Reason::TokenAudience,
            "{audience}"
        );
    }
    for audience in [
        json!(null),
        json!(1),
        json!({"a": "https://mcp.acme.example"}),
    ] {
        let token = signer.token(|_, claims| claims["aud"] = audience.clone());
        assert_eq!(refused(&token, &signer), Reason::TokenClaims, "{audience}");
    }
    let both = json!(["https://other.example", "https://mcp.acme.example"]);
    let token = signer.token(|_, claims| claims["aud"] = both);
    assert!(usual(&token, &signer).is_ok());
}

#[test]
fn times_hold_to_the_second_with_the_skew() {
    let signer = Signer::ed25519(1);
    let of = |name: &str, value: Value| {
        let token = signer.token(|_, claims| claims[name] = value);
        usual(&token, &signer)
            .map_err(|refused| refused.reason)
            .map(|_| ())
    };
    assert_eq!(of("exp", json!(NOW - 59)), Ok(()));
    assert_eq!(of("exp", json!(NOW - 60)), Err(Reason::TokenExpired));
    assert_eq!(of("exp", json!(NOW as f64 + 0.5)), Ok(()));
    assert_eq!(of("nbf", json!(NOW + 60)), Ok(()));
    assert_eq!(of("nbf", json!(NOW + 61)), Err(Reason::TokenEarly));
    assert_eq!(of("iat", json!(NOW + 60)), Ok(()));
    assert_eq!(of("iat", json!(NOW + 61)), Err(Reason::TokenEarly));
    for name in ["exp", "nbf", "iat"] {
        for bad in [
            json!("1900000000"),
            json!(-1),
            json!(1e300),
            json!(u64::MAX),
            json!(true),
        ] {
            assert_eq!(
                of(name, bad.clone()),
                Err(Reason::TokenClaims),
                "{name} {bad}"
            );
        }
    }
}

/// RFC 9068 section 2.2.
#[test]
fn claims_that_an_access_token_must_have_are_missed() {
    let signer = Signer::ed25519(1);
    for name in ["iss", "exp", "aud", "sub", "client_id", "iat", "jti"] {
        let token = signer.token(|_, claims| drop(claims.as_object_mut().unwrap().remove(name)));
        assert_eq!(refused(&token, &signer), Reason::TokenClaims, "{name}");
    }
    for name in ["sub", "client_id", "jti"] {
        for bad in [json!(""), json!(7), json!("x".repeat(1_025)), json!([])] {
            let token = signer.token(|_, claims| claims[name] = bad.clone());
            assert_eq!(
                refused(&token, &signer),
                Reason::TokenClaims,
                "{name} {bad}"
            );
        }
    }
}

#[test]
fn no_bytes_make_it_panic_and_no_change_of_a_token_passes() {
    let signer = Signer::ed25519(1);
    let token = signer.token(|_, _| {});
    let bytes = token.as_bytes();
    for at in 0..bytes.len() {
        for with in [b'A', b'.', b'e', 0, 0xff, b'=', b'-'] {
            let mut changed = bytes.to_vec();
            if changed[at] == with {
                continue;
            }
            changed[at] = with;
            let changed = String::from_utf8_lossy(&changed).into_owned();
            assert!(usual(&changed, &signer).is_err(), "{at} {with}");
        }
        assert!(usual(&token[..at], &signer).is_err());
    }
}
