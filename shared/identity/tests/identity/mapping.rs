//! Whose a token is here.

use serde_json::{Value, json};
use varistor_identity::{Audience, Provider, Source};
use varistor_model::Reason;
use varistor_token::Verified;

use crate::signer::{Signer, claim, judge, provider, usual};

fn mapped(provider: &Provider, change: impl FnOnce(&mut Value)) -> Result<Verified, Reason> {
    let signer = Signer::ed25519(1);
    let token = signer.token(|_, claims| change(claims));
    judge(&token, provider, &[signer.jwk("k1")]).map_err(|refused| refused.reason)
}

#[test]
fn names_come_from_claims_and_maps() {
    let provider = Provider {
        organisation: claim("/tenant/id", Some(&[("o1", "acme")])),
        team: Some(claim("department", None)),
        agent: claim("azp", None),
        roles: vec![
            claim(
                "groups",
                Some(&[("sec-eng", "admin"), ("eng", "developer")]),
            ),
            claim("scope", Some(&[("mcp:read", "reader")])),
            Source::Fixed("everybody".into()),
        ],
        ..provider()
    };
    let verified = mapped(&provider, |claims| {
        claims["tenant"] = json!({"id": "o1"});
        claims["department"] = json!("platform");
        claims["azp"] = json!("portal");
        claims["groups"] = json!(["eng", "sales", "sec-eng", 7]);
        claims["scope"] = json!("openid mcp:read");
    })
    .unwrap();
    assert_eq!(
        (&*verified.organisation, &*verified.agent),
        ("acme", "portal")
    );
    assert_eq!(verified.team.as_deref(), Some("platform"));
    assert_eq!(
        verified.roles,
        ["admin", "developer", "everybody", "reader"]
    );
    let outside = verified.outside.unwrap();
    assert_eq!(
        (&*outside.issuer, &*outside.subject),
        (&*provider.issuer, "user-7")
    );
    assert!(!outside.has_all_roles);
}

#[test]
fn who_is_mapped_to_nobody_is_refused() {
    let of = |change: fn(&mut Provider), claims: Value| {
        let mut provider = provider();
        change(&mut provider);
        let set = |all: &mut Value| {
            for (name, value) in claims.as_object().unwrap() {
                all[name] = value.clone();
            }
        };
        mapped(&provider, set).map(|_| ())
    };
    let unmapped = Err(Reason::IdentityUnmapped);
    let by_tenant = |it: &mut Provider| it.organisation = claim("tid", Some(&[("t1", "acme")]));
    assert_eq!(of(by_tenant, json!({})), unmapped);
    assert_eq!(of(by_tenant, json!({"tid": "t2"})), unmapped);
    assert_eq!(of(by_tenant, json!({"tid": ["t1"]})), unmapped);
    assert_eq!(of(by_tenant, json!({"tid": "t1"})), Ok(()));
    let by_role = |it: &mut Provider| it.roles = vec![claim("groups", Some(&[("a", "admin")]))];
    assert_eq!(of(by_role, json!({})), unmapped);
    assert_eq!(of(by_role, json!({"groups": ["b", "A"]})), unmapped);
    assert_eq!(of(by_role, json!({"groups": "a"})), Ok(()));
    let by_team = |it: &mut Provider| it.team = Some(claim("team", None));
    assert_eq!(of(by_team, json!({})), unmapped);
    let by_subject = |it: &mut Provider| it.agent = claim("sub", None);
    assert_eq!(of(by_subject, json!({"sub": "x".repeat(129)})), unmapped);
    assert_eq!(of(by_subject, json!({"sub": "a\u{1b}[2J"})), unmapped);
    let many: Vec<String> = (0..40).map(|number| format!("g{number}")).collect();
    let plain = |it: &mut Provider| it.roles = vec![claim("groups", None)];
    assert_eq!(of(plain, json!({"groups": many})), unmapped);
}

#[test]
fn a_token_for_one_server_reaches_that_server_only() {
    let route = |name: &str| Audience {
        name: format!("https://mcp.acme.example/mcp/{name}"),
        server: Some(name.into()),
    };
    let mut both = provider();
    both.audiences.extend([route("github"), route("mail")]);
    let servers = |aud: Value| {
        let verified = mapped(&both, |claims| claims["aud"] = aud).unwrap();
        verified
            .scopes
            .first()
            .and_then(|scope| scope.servers.clone())
    };
    assert_eq!(servers(json!("https://mcp.acme.example")), None);
    let github = "https://mcp.acme.example/mcp/github";
    assert_eq!(servers(json!(github)), Some(vec!["github".into()]));
    assert_eq!(servers(json!([github, "https://mcp.acme.example"])), None);
}

#[test]
fn every_scope_of_the_provider_is_needed() {
    let scoped = Provider {
        scopes: vec!["mcp:call".into(), "mcp:list".into()],
        ..provider()
    };
    let of = |name: &str, value: Value| mapped(&scoped, |claims| claims[name] = value).map(|_| ());
    assert_eq!(of("scope", json!("mcp:call")), Err(Reason::ScopeMissing));
    assert_eq!(
        of("scope", json!("mcp:calls mcp:list")),
        Err(Reason::ScopeMissing)
    );
    assert_eq!(of("scope", json!("mcp:list openid mcp:call")), Ok(()));
    assert_eq!(of("scp", json!(["mcp:list", "mcp:call"])), Ok(()));
}

#[test]
fn a_holder_is_the_same_with_every_token_and_nobody_else() {
    let signer = Signer::ed25519(1);
    let ids = |change: fn(&mut Value)| {
        let token = signer.token(|_, claims| change(claims));
        let verified = usual(&token, &signer).unwrap();
        assert_eq!(verified.bound_to(), verified.ids.first().copied());
        verified.ids
    };
    let first = ids(|_| {});
    let next = ids(|claims| claims["jti"] = json!("t-2"));
    assert_eq!(first[0], next[0]);
    assert_ne!(first[1], next[1]);
    assert_ne!(first[0], ids(|claims| claims["sub"] = json!("user-8"))[0]);
    assert_ne!(
        first[0],
        ids(|claims| claims["client_id"] = json!("portal"))[0]
    );
    // No part flows into its neighbour.
    let shifted = ids(|claims| {
        claims["sub"] = json!("user-7c");
        claims["client_id"] = json!("i-bot");
    });
    assert_ne!(first[0], shifted[0]);
}
