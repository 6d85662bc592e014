//! What holds for every tool and every call, also for those that nobody would write.

use proptest::prelude::*;
use serde_json::{Map, Value, json};
use varistor_intent::{Outside, Profile, judge};
use varistor_model::Intent;

/// Everybody is outside.
struct Nobody;

impl Outside for Nobody {
    fn is_foreign_host(&self, _: &str) -> bool {
        true
    }

    fn is_foreign_mail(&self, _: &str) -> bool {
        true
    }
}

/// Words that count, and some that don't.
fn word() -> impl Strategy<Value = String> {
    let words = [
        "get", "list", "delete", "remove", "create", "update", "export", "send", "run", "manage",
        "and", "user", "secret", "status", "sql", "mail", "file", "all", "restore", "public",
        "frob", "v1",
    ];
    prop_oneof![
        4 => prop::sample::select(words.to_vec()).prop_map(str::to_owned),
        1 => "[a-zA-Z0-9_]{0,9}",
    ]
}

fn text() -> impl Strategy<Value = String> {
    prop_oneof![
        3 => prop::collection::vec(word(), 0..9).prop_map(|words| words.join(" ")),
        1 => any::<String>(),
    ]
}

fn value() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        any::<bool>().prop_map(Value::from),
        any::<i64>().prop_map(Value::from),
        (0_u64..200_000).prop_map(Value::from),
        text().prop_map(Value::from),
        Just(json!(null)),
        prop::sample::select(vec![
            "public",
            "a@b.example",
            "https://x.example/h",
            "rm -rf /",
            "DROP TABLE t",
            "*",
            "delete",
        ])
        .prop_map(Value::from),
    ];
    leaf.prop_recursive(4, 24, 5, |inner| {
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::from),
            prop::collection::vec((key(), inner), 0..4)
                .prop_map(|members| Value::Object(members.into_iter().collect())),
        ]
    })
}

fn key() -> impl Strategy<Value = String> {
    let keys = [
        "sql",
        "query",
        "command",
        "args",
        "script",
        "url",
        "method",
        "body",
        "action",
        "amount",
        "limit",
        "dry_run",
        "force",
        "to",
        "visibility",
        "replicas",
        "enabled",
        "webhook_url",
        "path",
        "filter",
        "table",
        "x",
        "overwrite",
        "permanent",
        "all",
        "ids",
    ];
    prop::sample::select(keys.to_vec()).prop_map(str::to_owned)
}

fn arguments() -> impl Strategy<Value = Map<String, Value>> {
    prop::collection::btree_map(key(), value(), 0..7).prop_map(|map| map.into_iter().collect())
}

fn definition() -> impl Strategy<Value = Value> {
    (
        prop::collection::vec(word(), 1..5),
        text(),
        prop::option::of(any::<bool>()),
    )
        .prop_map(|(words, description, destroys)| {
            json!({
                "name": words.join("_"),
                "description": description,
                "inputSchema": {"type": "object", "properties": {}},
                "annotations": destroys.map(|hint| json!({"destructiveHint": hint})),
            })
        })
}

/// The members in another order.
fn turned(map: &Map<String, Value>) -> String {
    let members = map.iter().rev();
    let members = members.map(|(key, value)| format!("{}:{value}", Value::from(key.as_str())));
    format!("{{{}}}", members.collect::<Vec<_>>().join(","))
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn whatever_comes_is_judged(definition in any::<String>(), arguments in any::<String>()) {
        let profile = Profile::of_definition(&definition);
        let said = judge(&profile, &arguments, &Nobody);
        prop_assert!(said.confidence_percent <= 100 && said.decisive().is_some());
        let named = judge(&Profile::of_name(&definition), &definition, &Nobody);
        prop_assert!(named.confidence_percent <= 100 && named.decisive().is_some());
    }

    #[test]
    fn cut_off_json_is_judged(definition in definition(), map in arguments(), at in 0_usize..400) {
        let definition = definition.to_string();
        let arguments = Value::Object(map).to_string();
        let cut = |text: &str| text.chars().take(at).collect::<String>();
        let profile = Profile::of_definition(&cut(&definition));
        let judgement = judge(&profile, &cut(&arguments), &Nobody);
        prop_assert!(judgement.decisive().is_some());
    }

    #[test]
    fn the_order_of_arguments_makes_no_difference(definition in definition(), map in arguments()) {
        let profile = Profile::of_definition(&definition.to_string());
        let one = judge(&profile, &Value::Object(map.clone()).to_string(), &Nobody);
        let other = judge(&profile, &turned(&map), &Nobody);
        prop_assert_eq!(one.intent, other.intent);
        prop_assert_eq!(one.confidence_percent, other.confidence_percent);
    }

    #[test]
    fn a_claim_to_read_only_lowers_nothing(definition in definition(), map in arguments()) {
        let arguments = Value::Object(map).to_string();
        let mut claimed = definition.clone();
        if !claimed["annotations"].is_object() {
            claimed["annotations"] = json!({});
        }
        claimed["annotations"]["readOnlyHint"] = true.into();
        let plain = Profile::of_definition(&definition.to_string());
        let claimed = Profile::of_definition(&claimed.to_string());
        prop_assert!(claimed.base().intent >= plain.base().intent);
        let intent = |profile: &Profile| judge(profile, &arguments, &Nobody).intent;
        prop_assert!(intent(&claimed) >= intent(&plain));
    }

    #[test]
    fn a_declared_trial_is_a_read(definition in definition(), map in arguments()) {
        let mut map = map;
        map.insert("dry_run".to_owned(), true.into());
        let declared = map.keys().map(|key| (key.clone(), json!({})));
        let mut definition = definition;
        definition["inputSchema"]["properties"] = Value::Object(declared.collect());
        let profile = Profile::of_definition(&definition.to_string());
        let judgement = judge(&profile, &Value::Object(map).to_string(), &Nobody);
        prop_assert_eq!(judgement.intent, Intent::Read);
    }

    #[test]
    fn what_is_not_declared_makes_nothing_milder(
        definition in definition(),
        declared in arguments(),
        more in arguments(),
    ) {
        // Where nothing is declared, a tool that runs code may run any text.
        let known = [("known".to_owned(), json!({}))];
        let properties = declared.keys().map(|key| (key.clone(), json!({}))).chain(known);
        let mut definition = definition;
        definition["inputSchema"]["properties"] = Value::Object(properties.collect());
        let profile = Profile::of_definition(&definition.to_string());
        let mut all = more;
        all.extend(declared.clone());
        let intent = |given| judge(&profile, &Value::Object(given).to_string(), &Nobody).intent;
        prop_assert!(intent(all) >= intent(declared));
    }
}

#[test]
fn judging_a_call_without_code_or_paths_allocates_nothing() {
    let profile = Profile::of_definition(
        r#"{"name":"send_email","description":"Send an e-mail.","inputSchema":{"properties":{}}}"#,
    );
    let arguments = r#"{"to":["a@b.example"],"subject":"Hi","body":"See \"you\" at 12,5","limit":5,
        "attachments":[{"name":"x","size":3}],"dry_run":false,"amount":"12,000.00"}"#;
    let first = judge(&profile, arguments, &Nobody);
    let counted = allocation_counter::measure(|| {
        assert_eq!(judge(&profile, arguments, &Nobody), first);
    });
    assert_eq!(counted.count_total, 0);
}

#[test]
fn a_profile_may_be_shared_and_stays_small() {
    fn shared<T: Send + Sync>() {}
    shared::<Profile>();
    assert!(size_of::<Profile>() <= 1024);
}

/// Every letter of every string as an escape, as JSON allows.
fn spelled_out(arguments: &str) -> String {
    let mut out = String::new();
    let (mut inside, mut escaped) = (false, false);
    for letter in arguments.chars() {
        match letter {
            '"' if !escaped => {
                inside = !inside;
                out.push('"');
            }
            letter if inside && !escaped && letter.is_ascii_alphanumeric() => {
                out.push_str(&format!("\\u{:04x}", u32::from(letter)));
            }
            letter => out.push(letter),
        }
        escaped = inside && letter == '\\' && !escaped;
    }
    out
}

#[test]
fn how_letters_are_spelled_makes_no_difference() {
    for row in include_str!("data/calls.tsv").lines() {
        let fields: Vec<&str> = row.split('\t').collect();
        let [_, name, _, arguments] = fields.as_slice() else {
            continue;
        };
        let profile = Profile::of_name(name);
        let plain = judge(&profile, arguments, &Nobody);
        let spelled = spelled_out(arguments);
        let again = judge(&profile, &spelled, &Nobody);
        assert_eq!(plain.intent, again.intent, "{name} {spelled}");
    }
}
