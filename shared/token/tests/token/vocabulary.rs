//! One test for each construct that may not stand in a token, built with Biscuit's own library.

use std::collections::HashMap;

use biscuit_auth::builder::{Algorithm, BiscuitBuilder, BlockBuilder};
use biscuit_auth::format::schema;
use biscuit_auth::{Biscuit, KeyPair, PrivateKey};
use prost::Message;
use varistor_model::{Intent, IntentSet, Reason};
use varistor_token::{Narrowing, TokenError, Verified, Verifier, attenuate};

use crate::fixture::*;

fn root() -> KeyPair {
    KeyPair::from(&PrivateKey::from_bytes(&PRIVATE, Algorithm::Ed25519).unwrap())
}

fn parent() -> Biscuit {
    Biscuit::from_base64(issuer().issue(&claims()).unwrap(), biscuit_key()).unwrap()
}

fn verdict(token: &Biscuit) -> Result<Verified, Reason> {
    verifier().verify(token.to_base64().unwrap().as_bytes())
}

/// The verdict about a token narrowed by this source.
fn narrowed(source: &str) -> Result<Verified, Reason> {
    let block = BlockBuilder::new().code(source).expect(source);
    verdict(&parent().append(block).unwrap())
}

/// The verdict about a token whose first block is this source.
fn issued(source: &str) -> Result<Verified, Reason> {
    let token = BiscuitBuilder::new()
        .root_key_id(KEY_ID)
        .code(source)
        .expect(source);
    verdict(&token.build(&root()).unwrap())
}

#[test]
fn a_block_written_by_another_tool_in_the_vocabulary_is_accepted() {
    let verified = narrowed(
        r#"limit(5, 1000000000);
        check if time($t), $t <= 2026-01-01T00:00:00Z;
        check if server($s), $s.matches("(?s)\\A(?:github)\\z");
        check if tool($anything), $anything.matches("(?s)\\A(?:github/get_.*)\\z");
        check if intent($i), {"write", "read"}.contains($i);"#,
    )
    .unwrap();
    let scope = verified.scopes.last().unwrap();
    assert_eq!(scope.servers, Some(vec!["github".to_owned()]));
    assert_eq!(scope.tools, Some(vec!["github/get_*".to_owned()]));
    let intents = IntentSet::NONE.with(Intent::Read).with(Intent::Write);
    assert_eq!(scope.intents, Some(intents));
    assert_eq!(verified.expires_unix_s, 1_767_225_600);
    assert_eq!(verified.limits.last().unwrap().count, 5);
}

#[test]
fn whatever_is_not_in_the_vocabulary_of_a_narrowing_is_refused() {
    for source in [
        // Facts: identity, servers, invented ones, limits out of shape.
        r#"agent("admin");"#,
        r#"organisation("other");"#,
        r#"team("other");"#,
        r#"role("admin");"#,
        r#"server("github");"#,
        r#"intent("read");"#,
        r#"time(2026-01-01T00:00:00Z);"#,
        r#"anything("x");"#,
        "limit(1);",
        "limit(1, 1000000000, 1);",
        r#"limit("1", 1000000000);"#,
        "limit(0, 1000000000);",
        "limit(-1, 1000000000);",
        "limit(1, 0);",
        "limit(1, 1000000000); limit(1, 1000000000);",
        "limit(1, 1000000); limit(2, 1000000); limit(3, 1000000); limit(4, 1000000); \
         limit(5, 1000000);",
        // Rules.
        r#"role("admin") <- agent("ci-bot");"#,
        "allowed($a) <- agent($a);",
        // Checks of another kind or shape.
        "check if true;",
        "check all server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        "reject if server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\") or true;",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\") trusting authority;",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\") trusting previous;",
        "check if server($v), tool($w), $v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\"), true;",
        "check if server($v, $w), $v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        "check if server($v), !$v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        "check if server($v), ($v.matches(\"(?s)\\\\A(?:a)\\\\z\"));",
        "check if agent($v), $v.matches(\"(?s)\\\\A(?:a)\\\\z\");",
        r#"check if server("github");"#,
        r#"check if server($v), $v == "github";"#,
        r#"check if server($v), $v.starts_with("git");"#,
        r#"check if server($v), {"github"}.contains($v);"#,
        r#"check if server($v), $v.matches("^git");"#,
        "check if server($v), $v.matches(\"(?s)\\\\A(?:)\\\\z\");",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a|)\\\\z\");",
        "check if server($v), $v.matches(\"(?s)\\\\A(?:a\\\\{)\\\\z\");",
        "check if tool($v), $v.matches(\"(?s)\\\\A(?:create)\\\\z\");",
        "check if time($v), $v < 2026-01-01T00:00:00Z;",
        "check if time($v), $v >= 2026-01-01T00:00:00Z;",
        "check if time($v), 2026-01-01T00:00:00Z <= $v;",
        "check if time($v), $v <= $v;",
        "check if time($v), time($w), $v <= 2026-01-01T00:00:00Z;",
        r#"check if intent("read");"#,
        r#"check if intent($v), {"read"}.contains("read");"#,
        r#"check if intent($v), {"read", "admin"}.contains($v);"#,
        r#"check if intent($v), {,}.contains($v);"#,
        r#"check if intent($v), {1}.contains($v);"#,
        r#"check if intent($v), ["read"].contains($v);"#,
        // The same statement twice: no guess which one was meant.
        "check if time($v), $v <= 2026-01-01T00:00:00Z; \
         check if time($v), $v <= 2027-01-01T00:00:00Z;",
        r#"check if intent($v), {"read"}.contains($v);
           check if intent($v), {"write"}.contains($v);"#,
    ] {
        assert_eq!(narrowed(source), Err(Reason::TokenVocabulary), "{source}");
    }
}

#[test]
fn a_first_block_must_say_who_until_when_and_nothing_else() {
    let expiry = "check if time($v), $v <= 2027-01-01T00:00:00Z;";
    let who = r#"organisation("acme"); agent("bot");"#;
    assert!(issued(&format!("{who} {expiry}")).is_ok());
    for source in [
        String::new(),
        who.to_owned(),
        expiry.to_owned(),
        format!(r#"organisation("acme"); {expiry}"#),
        format!(r#"agent("bot"); {expiry}"#),
        format!(r#"{who} agent("other"); {expiry}"#),
        format!(r#"{who} organisation("other"); {expiry}"#),
        format!(r#"{who} team("a"); team("b"); {expiry}"#),
        format!(r#"{who} role("a"); role("a"); {expiry}"#),
        format!(r#"{who} role(""); {expiry}"#),
        format!(r#"{who} role("a", "b"); {expiry}"#),
        format!("{who} role(1); {expiry}"),
        format!(r#"{who} role({{"a"}}); {expiry}"#),
        format!(r#"{who} right("file", "read"); {expiry}"#),
        format!(r#"{who} role("admin") <- agent("bot"); {expiry}"#),
        format!("{who} {expiry} {expiry}"),
        format!("{who} {expiry} check if true;"),
    ] {
        assert_eq!(issued(&source), Err(Reason::TokenVocabulary), "{source}");
    }
}

#[test]
fn more_limits_than_are_counted_for_one_call_are_refused() {
    let three = "limit(1, 1000000); limit(2, 1000000); limit(3, 1000000);";
    let block = || BlockBuilder::new().code(three).unwrap();
    let seven = parent().append(block()).unwrap().append(block()).unwrap();
    assert_eq!(verdict(&seven).unwrap().limits.len(), 7);
    let ten = seven.append(block()).unwrap();
    assert_eq!(verdict(&ten), Err(Reason::TokenVocabulary));
}

#[test]
fn a_block_signed_by_a_third_party_is_refused() {
    let key = KeyPair::new();
    let token = parent();
    let block = token.third_party_request().unwrap();
    let block = block
        .create_block(&key.private(), BlockBuilder::new())
        .unwrap();
    let token = token.append_third_party(key.public(), block).unwrap();
    assert_eq!(verdict(&token), Err(Reason::TokenVocabulary));
}

#[test]
fn keys_whose_signatures_can_be_respelled_are_refused() {
    let key = KeyPair::new_with_algorithm(Algorithm::Secp256r1);
    let token = parent()
        .append_with_keypair(&key, BlockBuilder::new())
        .unwrap();
    assert_eq!(verdict(&token), Err(Reason::TokenVocabulary));
}

#[test]
fn contexts_and_block_scopes_and_public_keys_are_refused() {
    let context = BlockBuilder::new().context("note".into());
    assert_eq!(
        verdict(&parent().append(context).unwrap()),
        Err(Reason::TokenVocabulary)
    );
    let scope = biscuit_auth::builder::Scope::Previous;
    let scoped = BlockBuilder::new().scope(scope);
    assert_eq!(
        verdict(&parent().append(scoped).unwrap()),
        Err(Reason::TokenVocabulary)
    );
    let keys = HashMap::from([("key".to_owned(), KeyPair::new().public())]);
    let source = "check if true trusting {key};";
    let keyed = BlockBuilder::new()
        .code_with_params(source, HashMap::new(), keys)
        .unwrap();
    assert_eq!(
        verdict(&parent().append(keyed).unwrap()),
        Err(Reason::TokenVocabulary)
    );
}

/// The verdict about a token narrowed by these bytes, rightly signed.
fn narrowed_by_bytes(block: Vec<u8>) -> Result<Verified, Reason> {
    let parent = parent();
    let child = parent
        .container()
        .append_serialized(&KeyPair::new(), block, None)
        .unwrap();
    let text = base64::Engine::encode(
        &base64::engine::general_purpose::URL_SAFE,
        child.to_vec().unwrap(),
    );
    verifier().verify(text.as_bytes())
}

#[test]
fn members_and_versions_from_the_future_are_refused() {
    let empty = schema::Block {
        version: Some(3),
        ..schema::Block::default()
    };
    assert!(narrowed_by_bytes(empty.encode_to_vec()).is_ok());
    let mut with_unknown_member = empty.encode_to_vec();
    with_unknown_member.extend([0x7a, 1, b'x']);
    let of_version = |version| {
        schema::Block {
            version,
            ..empty.clone()
        }
        .encode_to_vec()
    };
    for block in [
        with_unknown_member,
        of_version(None),
        of_version(Some(2)),
        of_version(Some(7)),
        vec![0xff; 9],
    ] {
        assert_eq!(narrowed_by_bytes(block), Err(Reason::TokenVocabulary));
    }
}

#[test]
fn symbols_that_stand_twice_are_refused() {
    for symbol in ["acme", "read", "query"] {
        let block = schema::Block {
            version: Some(3),
            symbols: vec![symbol.to_owned()],
            ..schema::Block::default()
        };
        let verdict = narrowed_by_bytes(block.encode_to_vec());
        assert_eq!(verdict, Err(Reason::TokenVocabulary), "{symbol}");
    }
}

#[test]
fn a_string_that_looks_like_source_stays_a_string() {
    let mut claims = claims();
    let role = r#"x"); role("admin"#;
    claims.roles = vec![role.to_owned()];
    let token = issuer().issue(&claims).unwrap();
    assert_eq!(verifier().verify(token.as_bytes()).unwrap().roles, [role]);
}

#[test]
fn a_person_is_told_which_block_is_foreign_and_why() {
    let block = BlockBuilder::new().code("check if true;").unwrap();
    let token = parent().append(block).unwrap().to_base64().unwrap();
    let error = Verifier::inspect(&token).unwrap_err();
    let what = "a check of another shape";
    assert_eq!(error, TokenError::Vocabulary { block: 1, what });
    assert_eq!(attenuate(&token, &Narrowing::default()), Err(error));
}
