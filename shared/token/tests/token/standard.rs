//! Any other Biscuit verifier enforces the same restrictions: Biscuit's own authorizer agrees,
//! point by point, with what this crate says a token permits.

use std::time::Duration;

use biscuit_auth::builder::{AuthorizerBuilder, Term, fact, string};
use biscuit_auth::{AuthorizerLimits, Biscuit};
use proptest::prelude::*;
use proptest::test_runner::{Config, TestRunner};
use varistor_token::attenuate;

use crate::fixture::*;

const CASES: u32 = if cfg!(debug_assertions) { 60 } else { 2_000 };

#[test]
fn another_verifier_permits_exactly_what_this_one_reports() {
    let (issuer, verifier) = (issuer(), verifier());
    let cases = (
        any_claims(),
        any_narrowing(),
        prop::collection::vec(point(), 8),
    );
    let config = Config {
        cases: CASES,
        failure_persistence: None,
        ..Config::default()
    };
    TestRunner::new(config)
        .run(&cases, |(claims, narrowing, points)| {
            let token = attenuate(&issuer.issue(&claims).unwrap(), &narrowing).unwrap();
            let verified = verifier.verify(token.as_bytes()).unwrap();
            let biscuit = Biscuit::from_base64(&token, biscuit_key()).unwrap();
            for at in &points {
                prop_assert_eq!(authorized(&biscuit, at), permits(&verified, at), "{:?}", at);
            }
            Ok(())
        })
        .unwrap();
}

fn authorized(biscuit: &Biscuit, at: &Point) -> bool {
    let limits = AuthorizerLimits {
        max_time: Duration::from_secs(3_600),
        ..AuthorizerLimits::default()
    };
    AuthorizerBuilder::new()
        .fact(fact("server", &[string(at.server)]))
        .and_then(|builder| builder.fact(fact("tool", &[string(&at.tool)])))
        .and_then(|builder| builder.fact(fact("intent", &[string(at.intent.name())])))
        .and_then(|builder| builder.fact(fact("time", &[Term::Date(at.unix_s)])))
        .and_then(|builder| builder.policy("allow if true"))
        .unwrap()
        .set_limits(limits)
        .build(biscuit)
        .unwrap()
        .authorize()
        .is_ok()
}

#[test]
fn the_documented_source_is_what_is_written_and_what_is_read() {
    let token = issuer().issue(&claims()).unwrap();
    let biscuit = Biscuit::from_base64(&token, biscuit_key()).unwrap();
    let source = biscuit.print_block_source(0).unwrap();
    let expected = r#"organisation("acme");
agent("ci-bot");
team("platform");
role("developer");
role("finance");
limit(60, 60000000000);
check if time($v), $v <= 2027-01-15T08:00:00Z;
check if server($v), $v.matches("(?s)\A(?:git.*|linear)\z");
check if tool($v), $v.matches("(?s)\A(?:github/.*|linear/get_.)\z");
"#;
    assert_eq!(source, expected);
    assert_eq!(biscuit.block_version(0).unwrap(), 3);
}
