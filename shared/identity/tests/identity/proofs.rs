//! Proofs of possession: one good one, and it changed in every way that RFC 9449 section 4.3 names.

use serde_json::{Value, json};
use sha2::{Digest as _, Sha256};
use varistor_identity::{Asked, Provider, prove};
use varistor_model::Reason;

use crate::signer::{NOW, Signer, judge, provider, text, usual};

const TOKEN: &str = "eyJhbGciOiJFUzI1NiJ9.e30.c2ln";
const URL: &str = "https://mcp.acme.example/mcp/crm";

/// RFC 7638 section 3, computed apart from the product's own way.
fn thumbprint(jwk: &Value) -> [u8; 32] {
    let mut names: Vec<&str> = match jwk["kty"].as_str().unwrap() {
        "RSA" => vec!["n", "kty", "e"],
        "EC" => vec!["x", "y", "crv", "kty"],
        _ => vec!["x", "crv", "kty"],
    };
    names.sort_unstable();
    let members = names.iter().map(|name| format!("\"{name}\":{}", jwk[name]));
    let text = format!("{{{}}}", members.collect::<Vec<_>>().join(","));
    Sha256::digest(text).into()
}

fn proof(signer: &Signer, change: impl FnOnce(&mut Value, &mut Value)) -> String {
    let mut jwk = signer.jwk("k");
    for name in ["kid", "use"] {
        jwk.as_object_mut().unwrap().remove(name);
    }
    let mut header = json!({"typ": "dpop+jwt", "alg": signer.alg(), "jwk": jwk});
    let mut claims = json!({"jti": "p-1", "htm": "POST", "htu": URL, "iat": NOW,
        "ath": text(&Sha256::digest(TOKEN))});
    change(&mut header, &mut claims);
    signer.token_of(&header.to_string(), &claims.to_string())
}

fn judged(signer: &Signer, proof: &str) -> Result<varistor_identity::Proof, &'static str> {
    let bases = [
        "https://mcp.acme.example/".to_owned(),
        "http://10.0.0.7:7332".to_owned(),
    ];
    let asked = Asked {
        method: "POST",
        bases: &bases,
        path: "/mcp/crm",
        token: TOKEN.as_bytes(),
        key: thumbprint(&signer.jwk("k")),
    };
    prove(proof.as_bytes(), &asked, (NOW, 5)).map_err(|refused| {
        assert_eq!(refused.reason, Reason::ProofInvalid);
        refused.why
    })
}

#[test]
fn a_proof_by_each_kind_of_key_holds_and_is_recognised() {
    for signer in [Signer::rsa(), Signer::p256(), Signer::ed25519(1)] {
        let one = judged(&signer, &proof(&signer, |_, _| {})).unwrap();
        assert_eq!(one.ends_unix_s, NOW + 360);
        // Made again, it is the same; another `jti` makes another.
        assert_eq!(judged(&signer, &proof(&signer, |_, _| {})), Ok(one));
        let other = proof(&signer, |_, claims| claims["jti"] = json!("p-2"));
        assert_ne!(judged(&signer, &other).unwrap().id, one.id);
    }
    let (one, other) = (Signer::ed25519(1), Signer::ed25519(2));
    let of = |signer: &Signer| judged(signer, &proof(signer, |_, _| {})).unwrap().id;
    assert_ne!(of(&one), of(&other), "two keys with one `jti`");
}

/// The example of RFC 9449 sections 6.1 and 7.1: its key's thumbprint is what its token says.
#[test]
fn the_thumbprint_is_that_of_the_standard() {
    let jwk = json!({"kty": "EC", "crv": "P-256",
        "x": "l8tFrhx-34tV3hRICRDY9zCkDlpBhF42UQUfWVAWBFs",
        "y": "9VE4jf_Ok_o64zbTTlcuNJajHmt6v9TDVrU0CdvGRDA"});
    assert_eq!(
        text(&thumbprint(&jwk)),
        "0ZcOCORZNYy-DWpqq30jZyJGHTN0d2HglBV3uiguA4I"
    );
    let header = json!({"typ": "dpop+jwt", "alg": "ES256", "jwk": jwk});
    let claims = json!({"jti": "e1j3V_bKic8-LAEB", "htm": "GET",
        "htu": "https://resource.example.org/protectedresource", "iat": 1562262618,
        "ath": "fUHyO2r2Z3DZ53EsNrWBb0xWXoaNy59IiKCAqksmQEo"});
    let signature =
        "2oW9RP35yRqzhrtNP86L-Ey71EOptxRimPPToA1plemAgR6pxHF8y6-yqyVnmcw6Fy1dqd-jfxSYoMxhAJpLjA";
    let token = "Kz~8mXK1EalYznwH-LC-1fBAo.4Ljp~zsPE_NeO.gxU";
    let proof = [
        "eyJ0eXAiOiJkcG9wK2p3dCIsImFsZyI6IkVTMjU2IiwiandrIjp7Imt0eSI6IkVDIiwieCI6Imw4dEZyaHgtMzR0Vj\
         NoUklDUkRZOXpDa0RscEJoRjQyVVFVZldWQVdCRnMiLCJ5IjoiOVZFNGpmX09rX282NHpiVFRsY3VOSmFqSG10NnY5\
         VERWclUwQ2R2R1JEQSIsImNydiI6IlAtMjU2In19",
        "eyJqdGkiOiJlMWozVl9iS2ljOC1MQUVCIiwiaHRtIjoiR0VUIiwiaHR1IjoiaHR0cHM6Ly9yZXNvdXJjZS5leGFtcG\
         xlLm9yZy9wcm90ZWN0ZWRyZXNvdXJjZSIsImlhdCI6MTU2MjI2MjYxOCwiYXRoIjoiZlVIeU8ycjJaM0RaNTNFc05y\
         V0JiMHhXWG9hTnk1OUlpS0NBcWtzbVFFbyJ9",
        signature,
    ];
    let asked = Asked {
        method: "GET",
        bases: &["https://resource.example.org".to_owned()],
        path: "/protectedresource",
        token: token.as_bytes(),
        key: thumbprint(&jwk),
    };
    let found = prove(proof.join(".").as_bytes(), &asked, (1_562_262_620, 0));
    assert!(found.is_ok(), "{found:?} {header} {claims}");
}

#[test]
fn whatever_is_not_as_it_should_be_is_refused() {
    let signer = Signer::p256();
    let old = NOW - 66;
    type Change = fn(&mut Value, &mut Value);
    let changes: [(&str, Change); 22] = [
        ("`typ`", |header, _| header["typ"] = json!("at+jwt")),
        ("`typ`", |header, _| {
            header.as_object_mut().unwrap().remove("typ");
        }),
        ("extension", |header, _| header["crit"] = json!(["x"])),
        ("algorithm", |header, _| header["alg"] = json!("none")),
        ("algorithm", |header, _| header["alg"] = json!("HS256")),
        ("no `jwk`", |header, _| header["jwk"] = json!("x")),
        ("private part", |header, _| header["jwk"]["d"] = json!("AA")),
        ("kind", |header, _| {
            header["jwk"] = json!({"kty": "oct", "k": "AA"});
        }),
        ("bound to", |header, _| {
            header["jwk"] = Signer::p256().jwk("k");
        }),
        ("`htm`", |_, claims| claims["htm"] = json!("GET")),
        ("`htm`", |_, claims| claims["htm"] = json!("post")),
        ("`htm`", |_, claims| claims["htm"] = json!(["POST"])),
        ("`htu`", |_, claims| {
            claims["htu"] = json!("https://mcp.acme.example/mcp/crm2");
        }),
        ("`htu`", |_, claims| {
            claims["htu"] = json!("https://evil.example/mcp/crm");
        }),
        ("`htu`", |_, claims| {
            claims["htu"] = json!("https://mcp.acme.example@evil.example/mcp/crm");
        }),
        ("`htu`", |_, claims| {
            claims["htu"] = json!("http://mcp.acme.example/mcp/crm");
        }),
        ("`ath`", |_, claims| {
            claims["ath"] = json!(text(&Sha256::digest("another")));
        }),
        ("`ath`", |_, claims| {
            claims.as_object_mut().unwrap().remove("ath");
        }),
        ("last minute", |_, claims| claims["iat"] = json!(NOW + 6)),
        ("`iat` is missing", |_, claims| {
            claims.as_object_mut().unwrap().remove("iat");
        }),
        ("`jti`", |_, claims| claims["jti"] = json!("")),
        ("`jti`", |_, claims| {
            claims.as_object_mut().unwrap().remove("jti");
        }),
    ];
    for (expected, change) in changes {
        let why = judged(&signer, &proof(&signer, change)).unwrap_err();
        assert!(why.contains(expected), "{expected}: {why}");
    }
    let late = proof(&signer, |_, claims| claims["iat"] = json!(old));
    assert!(judged(&signer, &late).unwrap_err().contains("last minute"));
    let good = proof(&signer, |_, _| {});
    let (signed, _) = good.rsplit_once('.').unwrap();
    let by_another = Signer::p256().sign("ES256", signed.as_bytes());
    let forged = format!("{signed}.{}", text(&by_another));
    let why = judged(&signer, &forged).unwrap_err();
    assert!(why.contains("signature"), "{why}");
    for bad in [
        "",
        ".",
        "a.b.c",
        signed,
        &format!("{good}.x"),
        &"x".repeat(5_000),
    ] {
        assert!(judged(&signer, bad).is_err(), "{bad}");
    }
}

#[test]
fn urls_that_mean_the_same_are_the_same() {
    let signer = Signer::ed25519(1);
    for url in [
        "https://mcp.acme.example/mcp/crm?x=1#y",
        "HTTPS://MCP.acme.example:443/mcp/crm",
        "http://10.0.0.7:7332/mcp/crm",
    ] {
        let proof = proof(&signer, |_, claims| claims["htu"] = json!(url));
        assert!(judged(&signer, &proof).is_ok(), "{url}");
    }
}

#[test]
fn what_a_token_is_bound_to_is_read_or_it_is_refused() {
    let signer = Signer::ed25519(1);
    let bound = |confirmation: Value| {
        let token = signer.token(|_, claims| claims["cnf"] = confirmation);
        usual(&token, &signer).map(|found| found.outside.unwrap().bound.key)
    };
    assert_eq!(bound(json!({"jkt": text(&[7; 32])})), Ok(Some([7; 32])));
    for bad in [
        json!({}),
        json!(null),
        json!("x"),
        json!({"jkt": text(&[7; 31])}),
        json!({"jkt": 7}),
        json!({"jwk": {"kty": "OKP"}}),
        json!({"jkt": text(&[7; 32]), "kid": "x"}),
    ] {
        let refused = bound(bad.clone()).unwrap_err();
        assert_eq!(refused.reason, Reason::TokenClaims, "{bad}");
    }
    let strict = Provider {
        needs_proof: true,
        ..provider()
    };
    let keys = [signer.jwk("k1")];
    let plain = judge(&signer.token(|_, _| {}), &strict, &keys).unwrap_err();
    assert_eq!(plain.reason, Reason::TokenClaims);
    let token = signer.token(|_, claims| claims["cnf"] = json!({"jkt": text(&[7; 32])}));
    assert!(judge(&token, &strict, &keys).is_ok());
}
