//! Narrowing never widens, and nothing of the parent is lost.

use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use varistor_model::limits::TOKEN_BLOCKS_MAX;
use varistor_model::{Intent, IntentSet};
use varistor_token::{Narrowing, TokenError, Verified, attenuate};

use crate::fixture::*;

/// The number that `reference/security.md` asks for, where there is time for it.
const CASES: u32 = if cfg!(debug_assertions) {
    2_000
} else {
    100_000
};

#[test]
fn a_narrowed_token_permits_exactly_what_its_parent_and_the_narrowing_both_permit() {
    let (issuer, verifier) = (issuer(), verifier());
    let points = prop::collection::vec(point(), 24);
    let cases = (any_claims(), any_narrowing(), any_narrowing(), points);
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&cases, |(claims, first, second, points)| {
            let root = issuer.issue(&claims).unwrap();
            let child = attenuate(&root, &first).unwrap();
            let grandchild = attenuate(&child, &second).unwrap();
            let [root, child, grandchild] =
                [root, child, grandchild].map(|token| verifier.verify(token.as_bytes()).unwrap());
            for at in &points {
                prop_assert_eq!(
                    permits(&child, at),
                    permits(&root, at) && leaves(&first, at)
                );
                let both = permits(&child, at) && leaves(&second, at);
                prop_assert_eq!(permits(&grandchild, at), both);
            }
            descends(&child, &root, &first)?;
            descends(&grandchild, &child, &second)
        })
        .unwrap();
}

/// The child is the parent's, under the parent's counters, and may be revoked through it.
fn descends(
    child: &Verified,
    parent: &Verified,
    narrowing: &Narrowing,
) -> Result<(), TestCaseError> {
    prop_assert!(child.ids.starts_with(&parent.ids));
    prop_assert_eq!(child.ids.len(), parent.ids.len() + 1);
    prop_assert!(child.limits.starts_with(&parent.limits));
    prop_assert_eq!(
        child.limits.len(),
        parent.limits.len() + narrowing.limits.len()
    );
    let own = child.ids.last().unwrap();
    prop_assert!(
        child.limits[parent.limits.len()..]
            .iter()
            .all(|rate| rate.owner == *own)
    );
    prop_assert!(child.expires_unix_s <= parent.expires_unix_s);
    prop_assert_eq!(&child.agent, &parent.agent);
    prop_assert_eq!(&child.roles, &parent.roles);
    Ok(())
}

#[test]
fn what_was_claimed_is_what_is_verified() {
    let claims = claims();
    let token = issuer().issue(&claims).unwrap();
    let verified = verifier().verify(token.as_bytes()).unwrap();
    assert_eq!(verified.organisation, claims.organisation);
    assert_eq!(verified.team, claims.team);
    assert_eq!(verified.agent, claims.agent);
    assert_eq!(verified.roles, claims.roles);
    assert_eq!(verified.expires_unix_s, claims.expires_unix_s);
    assert_eq!(verified.ids.len(), 1);
    assert_eq!(verified.limits[0].owner, verified.ids[0]);
    assert_eq!(verified.scopes.len(), 1);
    assert_eq!(verified.scopes[0].servers, Some(claims.servers));
    assert_eq!(verified.scopes[0].tools, Some(claims.tools));
    assert_eq!(verified.scopes[0].intents, None);
    assert_eq!(varistor_token::Verifier::inspect(&token), Ok(verified));
}

#[test]
fn two_tokens_of_the_same_claims_have_different_ids() {
    let ids = [(); 2].map(|()| {
        let token = issuer().issue(&claims()).unwrap();
        verifier().verify(token.as_bytes()).unwrap().ids
    });
    assert_ne!(ids[0], ids[1]);
}

#[test]
fn a_token_is_narrowed_until_it_is_full_and_then_says_so() {
    let mut token = issuer().issue(&claims()).unwrap();
    for _ in 1..TOKEN_BLOCKS_MAX {
        token = attenuate(&token, &Narrowing::default()).unwrap();
    }
    assert_eq!(
        verifier().verify(token.as_bytes()).unwrap().ids.len(),
        TOKEN_BLOCKS_MAX
    );
    assert_eq!(
        attenuate(&token, &Narrowing::default()),
        Err(TokenError::Blocks)
    );
}

#[test]
fn a_narrowing_that_leaves_nothing_or_is_out_of_bounds_is_refused_by_name() {
    let token = issuer().issue(&claims()).unwrap();
    let empty = |narrowing: Narrowing| attenuate(&token, &narrowing).unwrap_err().to_string();
    let message = empty(Narrowing {
        servers: Some(Vec::new()),
        ..Narrowing::default()
    });
    assert!(
        message.contains("server pattern") && message.contains("1 to 64"),
        "{message}"
    );
    let message = empty(Narrowing {
        intents: Some(IntentSet::NONE),
        ..Narrowing::default()
    });
    assert!(message.contains("intents"), "{message}");
    let message = empty(Narrowing {
        tools: Some(vec!["create_issue".into()]),
        ..Narrowing::default()
    });
    assert!(
        message.contains("`create_issue`") && message.contains("SERVER/TOOL"),
        "{message}"
    );
    let message = empty(Narrowing {
        limits: vec![rate(0, 60)],
        ..Narrowing::default()
    });
    assert!(message.contains("limit `0 per"), "{message}");
}

#[test]
fn a_token_too_long_or_with_too_many_limits_is_never_made() {
    let token = issuer().issue(&claims()).unwrap();
    let long = Narrowing {
        tools: Some((0..64).map(|n| format!("s/{n:0>200}")).collect()),
        ..Narrowing::default()
    };
    assert!(matches!(attenuate(&token, &long), Err(TokenError::TooLong { found }) if found > 6144));
    let four = Narrowing {
        limits: (1..=4).map(|n| rate(n, 1)).collect(),
        intents: Some(IntentSet::NONE.with(Intent::Read)),
        ..Narrowing::default()
    };
    let child = attenuate(&token, &four).unwrap();
    assert_eq!(attenuate(&child, &four), Err(TokenError::Limits));
}

#[test]
fn a_sealed_token_is_verified_but_not_narrowed() {
    let token = issuer().issue(&claims()).unwrap();
    let sealed = biscuit_auth::Biscuit::from_base64(&token, biscuit_key()).unwrap();
    let sealed = sealed.seal().unwrap().to_base64().unwrap();
    let verified = verifier().verify(sealed.as_bytes());
    assert_eq!(verified, verifier().verify(token.as_bytes()));
    assert_eq!(
        attenuate(&sealed, &Narrowing::default()),
        Err(TokenError::Sealed)
    );
}

#[test]
fn claims_out_of_bounds_are_refused_by_name() {
    let refused = |claims| issuer().issue(&claims).unwrap_err().to_string();
    let mut wrong = claims();
    wrong.agent = "a\nb".into();
    assert!(refused(wrong).contains("agent"));
    let mut wrong = claims();
    wrong.roles = vec!["a".into(), "a".into()];
    assert!(refused(wrong).contains("each role once"));
    let mut wrong = claims();
    wrong.expires_unix_s = u64::MAX;
    assert!(refused(wrong).contains("expiry"));
    let mut wrong = claims();
    wrong.servers = vec!["{a,b}".into()];
    assert!(refused(wrong).contains("server pattern `{a,b}`"));
}
