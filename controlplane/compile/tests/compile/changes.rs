//! What two snapshots differ in, in words.

use ed25519_dalek::SigningKey;
use varistor_compile::{Diff, diff};
use varistor_snapshot::schema::Policy;
use varistor_snapshot::{Snapshot, seal};

use crate::fixture::Directory;

const SERVERS: &str =
    "servers:\n  crm: { url: http://127.0.0.1:1/ }\n  pay: { url: http://127.0.0.1:2/ }\n";

fn differ(old: &str, new: &str) -> Diff {
    let directory = Directory::with(&format!("{SERVERS}{old}"));
    let old = snapshot(&directory.good());
    directory.policy("varistor.yaml", &format!("{SERVERS}{new}"));
    let new = snapshot(&directory.good());
    diff(old.policy(), new.policy())
}

fn snapshot(policy: &Policy) -> Snapshot {
    let key = SigningKey::from_bytes(&[9; 32]);
    let file = seal(policy, &key).unwrap();
    Snapshot::open(&file, &[key.verifying_key()], None).unwrap()
}

fn role(permissions: &str) -> String {
    format!(
        "organisations:\n  o:\n    roles: {{ r: {permissions} }}\n    agents: {{ bot: {{ roles: [r] }} }}\n"
    )
}

fn told(old: &str, new: &str) -> String {
    differ(&role(old), &role(new)).to_string()
}

#[test]
fn the_same_policy_differs_in_nothing() {
    let same = differ(&role("{ allow: [\"*\"] }"), &role("{ allow: [\"*\"] }"));
    assert!(same.is_empty());
    assert_eq!(same.to_string(), "nothing changes");
}

#[test]
fn gains_and_losses_name_agent_and_pattern() {
    assert_eq!(
        told("{ allow: [\"crm/*\"] }", "{ allow: [\"pay/get_*\"] }"),
        format!("+ agent o/bot gains pay/get_* {HELD}\n- agent o/bot loses crm/* {HELD}")
    );
}

/// What an unrestricted grant comes to under the default decisions.
const HELD: &str = "[intents read, write, destructive; destructive only when approved]";

#[test]
fn how_tools_are_pinned_is_told_by_server() {
    let told = differ("", "pinning: approve\n").to_string();
    for server in ["crm", "pay"] {
        assert!(
            told.contains(server) && told.contains("pinning approve"),
            "{told}"
        );
    }
    let told = differ("pinning: off\n", "pinning: { new_tools: quarantine }\n").to_string();
    assert!(told.contains("pinning off"), "{told}");
    assert!(
        told.contains("pinning first_use, new tools quarantined"),
        "{told}"
    );
    assert!(differ("", "pinning: first_use\n").is_empty());
}

#[test]
fn clearance_for_values_is_told_by_server() {
    let policy = |clear: &str| {
        format!("dlp: {{ placeholders: {{ reversible: [email, ssn], clear: {{ {clear} }} }} }}\n")
    };
    let told = differ(
        &policy("crm: email"),
        &policy("crm: [email, ssn], pay: ssn"),
    )
    .to_string();
    for line in [
        "dlp.placeholders.clear crm: email -> email, ssn",
        "dlp.placeholders.clear pay",
    ] {
        assert!(told.contains(line), "{told}");
    }
}

const BEFORE: &str = r#"ZONE "Europe/Berlin"
RULE "gone" IF tool.server = "crm" THEN allow
RULE "same" IF time.hour IN 22..6 THEN deny("by night")
RULE "more" IF tool.server = "pay" THEN deny
RULE "zone" IF history.count(time.hour < 6, within = 1d) > 3 THEN limit(10/hour)
"#;
const AFTER: &str = r#"ZONE "UTC"
RULE "more" SHADOW
IF tool.server = "pay" AND (args.a > 3 OR NOT dlp.found("email"))
THEN redact("email", "ssn") AND log_level("critical")
RULE "new"
IF tool.server = "crm"
THEN require_human_approval AND notify_channel("slack", "a") AND flag_for_review AND end_session
RULE "zone" IF history.count(time.hour < 6, within = 1d) > 3 THEN limit(10/hour)
"#;
/// In another file, and further down.
const SAME: &str = r#"ZONE "Europe/Berlin"


RULE "same" IF time.hour IN 22..6 THEN deny("by night")
"#;
/// One row for each rule, one line for each part of it.
const TOLD: [&[&str]; 4] = [
    &[r#"- rule "gone": IF tool.server = "crm" THEN allow"#],
    &[
        r#"~ rule "more": IF tool.server = "pay" THEN deny"#,
        r#" -> SHADOW IF tool.server = "pay" AND (NOT dlp.found("email") OR args.a > 3)"#,
        r#" THEN redact("email", "ssn") AND log_level("critical")"#,
    ],
    &[
        r#"+ rule "new": IF tool.server = "crm" THEN require_human_approval"#,
        r#" AND notify_channel("slack", "a") AND flag_for_review AND end_session"#,
    ],
    &[
        r#"~ rule "zone": IF history.count(time.hour < 6, within = 1d) > 3"#,
        " THEN limit(10/hour, per = agent) (time in Europe/Berlin)",
        " -> IF history.count(time.hour < 6, within = 1d) > 3",
        " THEN limit(10/hour, per = agent)",
    ],
];

#[test]
fn rules_are_told_by_name_with_what_they_say() {
    let directory = Directory::with(SERVERS);
    directory.policy("a.rules", BEFORE);
    let old = snapshot(&directory.good());
    directory.policy("a.rules", AFTER);
    directory.policy("b.rules", SAME);
    let new = snapshot(&directory.good());
    let told = diff(old.policy(), new.policy());
    assert_eq!(told.rules.len(), TOLD.len(), "{told}");
    let text = told.to_string();
    let lines: Vec<&str> = text.lines().filter(|line| line.contains("rule ")).collect();
    assert_eq!(lines, TOLD.map(<[&str]>::concat));
}

#[test]
fn a_narrower_permission_is_a_loss_and_no_gain() {
    let text = told("{ allow: [\"crm/*\"] }", "{ allow: [\"crm/get_*\"] }");
    assert_eq!(text, format!("- agent o/bot loses crm/* {HELD}"));
    let text = told("{ allow: [\"crm/get_*\"] }", "{ allow: [\"crm/*\"] }");
    assert_eq!(text, format!("+ agent o/bot gains crm/* {HELD}"));
}

#[test]
fn prohibitions_approvals_and_defaults_show_as_what_they_take_or_give() {
    let text = told(
        "{ allow: [\"crm/*\"] }",
        "{ allow: [\"crm/*\"], deny: [\"crm/drop\"] }",
    );
    assert_eq!(
        text,
        "- agent o/bot loses crm/drop (a prohibition of the other)"
    );
    let text = told(
        "{ allow: [{ tools: crm/x, intents: [write] }] }",
        "{ allow: [{ tools: crm/x, intents: [write] }], approve: [write] }",
    );
    assert_eq!(text, "- agent o/bot loses crm/x [tools; intents write]");
    let allow = role("{ allow: [\"crm/*\"] }");
    let opened = differ(
        &allow,
        &format!("{allow}defaults: {{ exfiltrative: allow }}\n"),
    );
    assert_eq!(
        opened.agents[0].gains,
        ["crm/* [destructive only when approved]"]
    );
    assert_eq!(opened.settings[0].what, "defaults.exfiltrative");
}

#[test]
fn an_approval_of_a_second_role_takes_away_what_the_first_gave_freely() {
    let roles = |of_bot: &str| {
        format!(
            "organisations:
  o:
    roles:
      free: {{ allow: [{{ tools: crm/x, intents: [write] }}] }}
      careful: {{ allow: [{{ tools: crm/*, intents: [write] }}], approve: [write] }}
    agents: {{ bot: {{ roles: {of_bot} }} }}
"
        )
    };
    let diff = differ(&roles("[free]"), &roles("[free, careful]"));
    assert_eq!(diff.agents[0].loses, ["crm/x [tools; intents write]"]);
    assert_eq!(
        diff.agents[0].gains,
        ["crm/* [tools; intents write; write only when approved]"]
    );
}

#[test]
fn agents_that_come_and_go_gain_and_lose_everything() {
    let one = "organisations:
  o:
    roles: { r: { allow: [{ prompts: pay/p }] } }
    agents:
      a: { roles: [r] }
";
    let both = &format!("{one}      b: {{ roles: [r] }}\n");
    assert_eq!(
        differ(both, one).to_string(),
        "- agent o/b loses pay/p [prompts]"
    );
    assert_eq!(
        differ(one, both).to_string(),
        "+ agent o/b gains pay/p [prompts]"
    );
}

#[test]
fn servers_limits_and_settings_are_named_with_both_values() {
    let text = differ(
        "limits: [{ tool: \"crm/*\", calls: 10/hour, per: agent }]\n",
        "limits: [{ tool: \"crm/*\", calls: 20/hour, per: agent }]
runtime: { workers: 3, request_bytes: 1MiB, shedding: off }
dlp: { request: { secrets: deny } }
listen: 127.0.0.1:9
",
    );
    assert_eq!(
        text.to_string().lines().collect::<Vec<_>>(),
        [
            "~ limit on tool crm/* per agent: 10/hour -> 20/hour",
            "~ dlp.request.secret: log -> deny",
            "~ listen: 127.0.0.1:7332 -> 127.0.0.1:9",
            "~ runtime.request_bytes: 4MiB -> 1MiB",
            "~ runtime.shedding: on -> off",
            "+ runtime.workers: 3",
        ]
    );
    let directory = Directory::with(
        "servers: { a: { url: http://127.0.0.1:1/ }, b: { url: http://127.0.0.1:2/ } }\n",
    );
    let old = snapshot(&directory.good());
    directory.policy(
        "varistor.yaml",
        "servers:
  b:
    { url: http://127.0.0.1:3/, tags: [x], breaker: { failures: 3, slow: 5s }, concurrency: 9 }
  c: { url: http://127.0.0.1:4/ }
",
    );
    directory.write("keys/session.key", &crate::fixture::hex(&[8; 32]), 0o600);
    let new = snapshot(&directory.good());
    let text = diff(old.policy(), new.policy()).to_string();
    assert_eq!(
        text.lines().collect::<Vec<_>>(),
        [
            "- server a: http://127.0.0.1:1/; allow_private true",
            "~ server b: http://127.0.0.1:2/; allow_private true -> http://127.0.0.1:3/; tags x; \
             breaker after 3 failures for 1s, slow from 5s; concurrency 9; allow_private true",
            "+ server c: http://127.0.0.1:4/; allow_private true",
            "~ session key: one key -> another, so every session ends",
        ]
    );
}

#[test]
fn actions_and_exceptions_are_named_with_what_they_cover() {
    let roles = role("{ allow: [\"*\"] }");
    let text = differ(
        &format!("{roles}dlp: {{ exceptions: [{{ entities: email, action: deny }}] }}\n"),
        &format!(
            "{roles}dlp:
  entities: {{ ssn: {{ response: deny }} }}
  keep: hash
  structured: error
  min_confidence: 80
  exceptions:
    - {{ entities: email, action: redact }}
    - {{ classes: [pii, secrets], tools: crm/get_*, roles: r, direction: response, action: log }}
    - {{ servers: [pay, crm], action: hold }}
"
        ),
    );
    let text = text.to_string();
    let lines: Vec<_> = text.lines().collect();
    let (detectors, rest): (Vec<&str>, Vec<&str>) = lines
        .iter()
        .partition(|line| line.starts_with("~ dlp detector"));
    let [ssn] = detectors.as_slice() else {
        panic!("{text}")
    };
    let (before, after) = ssn.split_once(" -> ").unwrap();
    assert!(
        before.starts_with("~ dlp detector ssn: pii, as its class, confidence"),
        "{ssn}"
    );
    assert!(
        after.starts_with("pii, request log, response deny, confidence"),
        "{ssn}"
    );
    assert_eq!(
        rest,
        [
            "~ dlp exception for email: deny -> redact",
            "+ dlp exception for everything on crm, pay: hold",
            "+ dlp exception for pii, secret on crm/get_* of o/r in responses: log",
            "~ dlp.keep: none -> hash",
            "~ dlp.min_confidence: 60% -> 80%",
            "~ dlp.structured: value -> error",
        ]
    );
}

#[test]
fn a_diff_can_be_read_by_programs() {
    let json = serde_json::to_value(differ(
        &role("{}"),
        &role("{ allow: [{ prompts: pay/p }] }"),
    ))
    .unwrap();
    assert_eq!(json["agents"][0]["gains"][0], "pay/p [prompts]");
    assert_eq!(json["agents"][0]["organisation"], "o");
}

#[test]
fn channels_and_events_are_told_without_their_urls() {
    let policy = |path: &str, event: &str| {
        format!(
            "channels: {{ slack: {{ \"#a\": {{ url: \"https://hooks.example/{path}\" }} }} }}\n\
             events: {{ {event}: [\"slack/#a\"] }}\n"
        )
    };
    let told = differ("", &policy("s3cret-one", "held")).to_string();
    for part in ["channel slack/#a", "events.held", "slack/#a"] {
        assert!(told.contains(part), "{part} is not in {told}");
    }
    assert!(!told.contains("s3cret"), "{told}");
    let same = policy("s3cret-one", "held");
    assert!(differ(&same, &same).is_empty());
    let other = differ(&same, &policy("s3cret-two", "killed")).to_string();
    for part in ["channel slack/#a", "events.held", "events.killed"] {
        assert!(other.contains(part), "{part} is not in {other}");
    }
    assert!(!other.contains("s3cret"), "{other}");
}
