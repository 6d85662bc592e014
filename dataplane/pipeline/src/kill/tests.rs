//! What each selector stops and spares, and what the word and a signal do.

use super::*;
use varistor_token::Verified;

fn principal(agent: &str, ids: &[u8]) -> Rc<Principal> {
    let verified = Rc::new(Verified {
        ids: ids.iter().map(|id| TokenId([*id; 16])).collect(),
        organisation: "acme".into(),
        team: Some("platform".into()),
        agent: agent.into(),
        roles: Vec::new(),
        scopes: Vec::new(),
        expires_unix_s: u64::MAX,
        limits: Vec::new(),
        outside: None,
    });
    Rc::new(Principal {
        mark: Mark::of(&verified),
        token: TokenId([*ids.last().unwrap(); 16]),
        verified,
        generation: 1,
        organisation: 0,
        team: None,
        agent: 0,
        roles: Vec::new(),
        text: None,
        legs: None,
        reach: core::cell::OnceCell::new(),
        owner: core::cell::OnceCell::new(),
    })
}

fn target(agent: &str, ids: &[u8], tools: &[&str]) -> Target {
    let keys = tools.iter().map(|name| Kill::key_of_tool("files", name));
    Target::new(&principal(agent, ids), "files", keys)
}

fn pulled(selectors: &[&str]) -> Kill {
    let kill = Kill::default();
    let selectors: Vec<Selector> = selectors.iter().map(|text| text.parse().unwrap()).collect();
    kill.publish(Stopped::of(&selectors));
    kill
}

#[test]
fn each_selector_stops_what_it_names_and_nothing_else() {
    let seven = format!("token {}", TokenId([7; 16]));
    let other = format!("token {}", TokenId([9; 16]));
    for (selector, stops, spares) in [
        ("all", true, true),
        ("organisation acme", true, true),
        ("team acme/platform", true, true),
        ("agent acme/bot", true, false),
        (seven.as_str(), true, false),
        ("server files", true, true),
        ("tool files/read", true, false),
        ("organisation files", false, false),
        ("organisation platform", false, false),
        ("team other/platform", false, false),
        ("agent other/bot", false, false),
        ("agent acme/platform", false, false),
        (other.as_str(), false, false),
        ("server read", false, false),
        ("server acme", false, false),
        ("tool github/read", false, false),
        ("tool files/rea", false, false),
    ] {
        let kill = pulled(&[selector]);
        let bot = target("bot", &[7, 8], &["read"]);
        assert_eq!(kill.target(&bot).is_err(), stops, "{selector}");
        let peer = target("peer", &[3], &["write"]);
        assert_eq!(kill.target(&peer).is_err(), spares, "{selector}");
        let stopped = kill.stopped();
        assert_eq!(stopped.has_target(&bot), stops, "{selector}");
        assert_eq!(stopped.has_target(&peer), spares, "{selector}");
        assert!(!stops || stopped.may_have(&bot.mark()), "{selector}");
    }
}

#[test]
fn a_token_is_stopped_with_those_that_it_was_narrowed_from() {
    for id in [7, 8] {
        let kill = pulled(&[&format!("token {}", TokenId([id; 16]))]);
        let narrowed = principal("bot", &[7, 8]);
        assert_eq!(kill.caller(&narrowed, "files"), Err(Reason::Killed));
        let parent = principal("bot", &[7]);
        assert_eq!(kill.caller(&parent, "files").is_err(), id == 7);
    }
}

#[test]
fn every_tool_of_a_batch_is_asked_about() {
    let kill = pulled(&["tool files/drop"]);
    let batch = target("bot", &[1], &["read", "write", "drop"]);
    assert_eq!(kill.target(&batch), Err(Reason::ToolKilled));
    assert!(kill.stopped().has_target(&batch));
    let other = target("bot", &[1], &["read", "write"]);
    assert_eq!(kill.target(&other), Ok(()));
}

#[test]
fn a_connection_of_nobody_yet_is_stopped_with_everything_only() {
    assert!(pulled(&["all"]).stopped().has_principal(None));
    let rest = pulled(&["organisation acme", "server files", "tool files/read"]);
    assert!(!rest.stopped().has_principal(None));
}

#[test]
fn the_word_changes_with_every_change_and_is_odd_while_anything_is_stopped() {
    let kill = Kill::default();
    let mut seen = vec![kill.word()];
    for (selectors, odd) in [(vec![Selector::All], 1), (vec![], 0), (vec![], 0)] {
        kill.publish(Stopped::of(&selectors));
        assert_eq!(kill.word() & 1, odd);
        assert!(!seen.contains(&kill.word()));
        seen.push(kill.word());
    }
}

#[test]
fn a_signal_stops_everything_until_it_is_taken_back() {
    let kill = Kill::default();
    let bot = target("bot", &[1], &[]);
    assert_eq!(kill.target(&bot), Ok(()));
    kill.lever().store(Kill::SIGNALLED, Ordering::SeqCst);
    assert_eq!(kill.target(&bot), Err(Reason::Killed));
    // Somebody lets something else go at the same time.
    kill.publish(Stopped::default());
    assert_eq!(kill.target(&bot), Err(Reason::Killed));
    kill.publish_over_signal(Stopped::default());
    assert_eq!(kill.target(&bot), Ok(()));
    assert!(!kill.is_pulled());
}
