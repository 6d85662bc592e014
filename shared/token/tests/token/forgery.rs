//! Nothing but the issuer's own bytes verifies.

use base64::Engine;
use base64::engine::general_purpose::{STANDARD, URL_SAFE, URL_SAFE_NO_PAD};
use biscuit_auth::format::schema;
use prost::Message;
use varistor_model::limits::TOKEN_BYTES_MAX;
use varistor_model::{Intent, IntentSet, Reason};
use varistor_token::{Issuer, Narrowing, Verifier, attenuate};

use crate::fixture::*;

fn narrowed() -> String {
    let narrowing = Narrowing {
        intents: Some(IntentSet::NONE.with(Intent::Read)),
        ..Narrowing::default()
    };
    attenuate(&issuer().issue(&claims()).unwrap(), &narrowing).unwrap()
}

fn verdict(token: &schema::Biscuit) -> Option<Reason> {
    let text = URL_SAFE.encode(token.encode_to_vec());
    verifier().verify(text.as_bytes()).err()
}

fn parsed(text: &str) -> schema::Biscuit {
    schema::Biscuit::decode(URL_SAFE.decode(text).unwrap().as_slice()).unwrap()
}

#[test]
fn no_flipped_bit_verifies() {
    let verifier = verifier();
    for token in [issuer().issue(&claims()).unwrap(), narrowed()] {
        let bytes = URL_SAFE.decode(&token).unwrap();
        for at in 0..bytes.len() * 8 {
            let mut mutant = bytes.clone();
            mutant[at / 8] ^= 1 << (at % 8);
            let text = URL_SAFE.encode(&mutant);
            assert!(verifier.verify(text.as_bytes()).is_err(), "bit {at}");
        }
    }
}

#[test]
fn no_changed_inserted_or_missing_character_verifies() {
    let (verifier, token) = (verifier(), narrowed().into_bytes());
    for at in 0..token.len() {
        for other in [b'A', b'z', b'-', b'=', b'\n', 0xff] {
            let mut mutant = token.clone();
            mutant[at] = other;
            assert!(
                mutant == token || verifier.verify(&mutant).is_err(),
                "{at} {other}"
            );
            mutant = token.clone();
            mutant.insert(at, other);
            assert!(verifier.verify(&mutant).is_err(), "{at} {other}");
        }
        let mut mutant = token.clone();
        mutant.remove(at);
        assert!(verifier.verify(&mutant).is_err(), "{at}");
        assert!(verifier.verify(&token[..at]).is_err(), "{at}");
    }
}

#[test]
fn one_token_has_one_text() {
    let verifier = verifier();
    // Roles of growing length until the text is padded and the alphabets differ.
    for length in 1..40 {
        let mut claims = claims();
        claims.roles = vec!["r".repeat(length)];
        let token = issuer().issue(&claims).unwrap();
        assert!(verifier.verify(token.as_bytes()).is_ok());
        let bytes = URL_SAFE.decode(&token).unwrap();
        let unpadded = URL_SAFE_NO_PAD.encode(&bytes);
        let spellings = [
            STANDARD.encode(&bytes),
            format!("{unpadded}===="),
            unpadded,
            format!("{token}\n"),
            format!(" {token}"),
            format!("biscuit:{token}"),
        ];
        for spelling in spellings {
            let verdict = verifier.verify(spelling.as_bytes());
            assert!(
                spelling == token || verdict == Err(Reason::TokenMalformed),
                "{spelling}"
            );
        }
        let mut bytes_again = bytes.clone();
        bytes_again.extend([0x7a, 1, b'x']);
        let unknown_member = URL_SAFE.encode(&bytes_again);
        assert_eq!(
            verifier.verify(unknown_member.as_bytes()),
            Err(Reason::TokenMalformed)
        );
        let mut explicit = parsed(&token);
        explicit.authority.version = Some(0);
        assert_eq!(verdict(&explicit), Some(Reason::TokenMalformed));
    }
}

#[test]
fn a_block_taken_away_moved_or_grafted_is_a_forgery() {
    let parent = narrowed();
    let token = parsed(&attenuate(&parent, &Narrowing::default()).unwrap());
    let mut fewer = token.clone();
    fewer.blocks.pop();
    assert_eq!(verdict(&fewer), Some(Reason::TokenForged));
    let mut swapped = token.clone();
    swapped.blocks.swap(0, 1);
    assert_eq!(verdict(&swapped), Some(Reason::TokenForged));
    let mut without_middle = token.clone();
    without_middle.blocks.remove(0);
    assert_eq!(verdict(&without_middle), Some(Reason::TokenForged));
    let mut grafted = token.clone();
    grafted.authority = parsed(&issuer().issue(&claims()).unwrap()).authority;
    assert_eq!(verdict(&grafted), Some(Reason::TokenForged));
    let mut unproven = token;
    unproven.proof.content = None;
    assert_eq!(verdict(&unproven), Some(Reason::TokenMalformed));
}

#[test]
fn a_token_of_another_key_is_a_forgery_whatever_key_it_names() {
    let claims = claims();
    for (key_id, private) in [(KEY_ID, [1; 32]), (KEY_ID + 1, PRIVATE)] {
        let token = Issuer::new(key_id, &private)
            .unwrap()
            .issue(&claims)
            .unwrap();
        assert_eq!(
            verifier().verify(token.as_bytes()),
            Err(Reason::TokenForged)
        );
    }
    let mut nameless = parsed(&issuer().issue(&claims).unwrap());
    nameless.root_key_id = None;
    assert_eq!(verdict(&nameless), Some(Reason::TokenForged));
}

#[test]
fn keys_are_chosen_by_id_and_given_once() {
    let issuers = [(3, [3; 32]), (1, [1; 32]), (2, [2; 32])]
        .map(|(id, private)| (id, Issuer::new(id, &private).unwrap()));
    let keys = issuers.iter().map(|(id, issuer)| (*id, issuer.public()));
    let verifier = Verifier::new(keys).unwrap();
    for (_, issuer) in &issuers {
        let token = issuer.issue(&claims()).unwrap();
        assert!(verifier.verify(token.as_bytes()).is_ok());
    }
    let public = issuers[0].1.public();
    assert!(Verifier::new([(1, public), (1, issuers[1].1.public())]).is_err());
    assert!(Verifier::new([(1, public), (2, public)]).is_err());
    let mut no_point = [0xff; 32];
    no_point[0] = 2;
    assert!(Verifier::new([(1, no_point)]).is_err());
}

#[test]
fn what_is_no_token_is_malformed() {
    let long = "A".repeat(TOKEN_BYTES_MAX + 4);
    for text in [
        "",
        "A",
        "AAAA",
        "Bearer x",
        "eyJhbGciOiJFZERTQSJ9.e30.AAAA",
        &long,
    ] {
        assert_eq!(
            verifier().verify(text.as_bytes()),
            Err(Reason::TokenMalformed),
            "{text}"
        );
        assert!(Verifier::inspect(text).is_err());
    }
    assert!(verifier().verify(&[0xff; 100]).is_err());
}

#[test]
fn more_blocks_than_the_limit_are_refused_though_rightly_signed() {
    let token = issuer().issue(&claims()).unwrap();
    let mut token = biscuit_auth::Biscuit::from_base64(token, biscuit_key()).unwrap();
    for _ in 0..16 {
        token = token
            .append(biscuit_auth::builder::BlockBuilder::new())
            .unwrap();
    }
    let text = token.to_base64().unwrap();
    assert!(
        text.len() <= TOKEN_BYTES_MAX,
        "the size does not decide here"
    );
    assert_eq!(
        verifier().verify(text.as_bytes()),
        Err(Reason::TokenMalformed)
    );
}
