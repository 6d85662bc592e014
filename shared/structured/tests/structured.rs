//! Against an independent validator: what is said to be valid is, and what stands in for withheld
//! values is valid.

#![expect(clippy::unwrap_used, reason = "a test that fails says where")]

use jsonschema::Validator;
use proptest::prelude::*;
use serde_json::{Value, json};
use varistor_structured::{Choice, Form, Fuel, Mark, Node, Place, Schema, Verdict, fit, same};

fn validator(schema: &Value) -> Validator {
    let options = jsonschema::options().should_validate_formats(true);
    options.build(schema).unwrap()
}

/// Marks every string that holds `secret` and every number 4111, as redaction would.
fn marks(node: &Node, path: &mut Vec<usize>, found: &mut Vec<Mark>) {
    let mut mark = |path: &[usize], is_key: bool, text: String| {
        let place = Place {
            path: path.to_vec(),
            is_key,
        };
        found.push(Mark { place, text });
    };
    match &node.form {
        Form::String(text) if text.contains("secret") => {
            let text = text.replace("secret", "[REDACTED:password]");
            mark(path, false, Value::from(text).to_string());
        }
        Form::Number(text) if text == "4111" => {
            mark(path, false, "\"[REDACTED:credit_card]\"".to_owned());
        }
        Form::Array(elements) => {
            for (number, element) in elements.iter().enumerate() {
                path.push(number);
                marks(element, path, found);
                path.pop();
            }
        }
        Form::Object(members) => {
            for (number, (key, _, value)) in members.iter().enumerate() {
                path.push(number);
                if key.contains("secret") {
                    found.push(Mark {
                        place: Place {
                            path: path.clone(),
                            is_key: true,
                        },
                        text: format!("\"[REDACTED:password:{}]\"", found.len()),
                    });
                }
                marks(value, path, found);
                path.pop();
            }
        }
        _ => {}
    }
}

/// The text after fitting, with how many values were typed and dropped.
fn fitted(schema: &Value, text: &str, choice: Choice) -> Option<(String, u32, u32)> {
    let schema = Schema::read(&schema.to_string()).unwrap();
    let node = Node::read(text).unwrap();
    let mut found = Vec::new();
    marks(&node, &mut Vec::new(), &mut found);
    let fitted = fit(&schema, &node, &found, choice).ok()?;
    let out = fitted.render(&node, (&node, text)).unwrap();
    Some((out, fitted.typed, fitted.dropped))
}

#[test]
fn a_placeholder_stays_where_any_string_is_valid() {
    let schema =
        json!({"properties": {"a": {"type": "string"}, "b": {"type": ["string", "null"]}}});
    let out = fitted(
        &schema,
        r#"{ "a":"my secret" ,"b":"secret"}"#,
        Choice::Value,
    );
    let expected = r#"{ "a":"my [REDACTED:password]" ,"b":"[REDACTED:password]"}"#;
    assert_eq!(out, Some((expected.to_owned(), 0, 0)));
}

#[test]
fn a_value_of_the_right_type_stands_where_a_placeholder_is_not_valid() {
    for (member, value, expected) in [
        (json!({"type": "number"}), "4111", "0"),
        (
            json!({"type": "integer", "minimum": 1, "maximum": 5000}),
            "4111",
            "1",
        ),
        (
            json!({"type": "integer", "exclusiveMinimum": 9, "multipleOf": 1}),
            "4111",
            "10",
        ),
        (
            json!({"type": "number", "minimum": 0.5, "exclusiveMaximum": 5000.5}),
            "4111",
            "0.5",
        ),
        (
            json!({"type": ["integer", "null"], "minimum": 4000, "maximum": 4200}),
            "4111",
            "4000",
        ),
        (
            json!({"type": "string", "maxLength": 6}),
            "\"secret\"",
            "\"[REDAC\"",
        ),
        (
            json!({"type": "string", "minLength": 22}),
            "\"secret and much more of the like\"",
            "\"[REDACTED:password] and much more of the like\"",
        ),
        (
            json!({"type": "string", "format": "date"}),
            "\"secret\"",
            "\"1970-01-01\"",
        ),
        (
            json!({"type": "string", "format": "email"}),
            "\"secret@x.org\"",
            "\"redacted@redacted.invalid\"",
        ),
        (
            json!({"type": "string", "pattern": "^[a-z]{6}$"}),
            "\"secret\"",
            "\"xxxxxx\"",
        ),
        (
            json!({"enum": ["secret", "public"]}),
            "\"secret\"",
            "\"public\"",
        ),
        (json!({"const": "secret"}), "\"secret\"", "\"secret\""),
        (
            json!({"anyOf": [{"type": "integer"}, {"type": "null"}]}),
            "4111",
            "0",
        ),
        (json!({"$ref": "#/$defs/n"}), "4111", "0"),
        (
            json!({"allOf": [{"type": "number"}, {"minimum": 7}]}),
            "4111",
            "7",
        ),
    ] {
        let schema = json!({
            "type": "object", "properties": {"v": member.clone()}, "required": ["v"],
            "$defs": {"n": {"type": "number"}},
        });
        // Formats of the value itself are not ours to judge.
        let text = format!("{{\"v\":{value},\"w\":1.50}}");
        let (out, _, dropped) = fitted(&schema, &text, Choice::Value).unwrap();
        assert_eq!(out, format!("{{\"v\":{expected},\"w\":1.50}}"), "{member}");
        assert_eq!(dropped, 0, "{member}");
        let out: Value = serde_json::from_str(&out).unwrap();
        assert!(validator(&schema).is_valid(&out), "{member}: {out}");
    }
}

#[test]
fn policy_chooses_between_a_value_dropping_and_an_error() {
    let optional = json!({"properties": {"n": {"type": "number"}, "s": {"type": "string"}}});
    let text = r#"{"n":4111,"s":"x"}"#;
    let out = |choice| fitted(&optional, text, choice);
    assert_eq!(
        out(Choice::Value),
        Some((r#"{"n":0,"s":"x"}"#.into(), 1, 0))
    );
    assert_eq!(out(Choice::Drop), Some((r#"{"s":"x"}"#.into(), 0, 1)));
    assert_eq!(out(Choice::Error), None);
    // A required one is not dropped.
    let required = json!({"properties": {"n": {"type": "number"}}, "required": ["n"]});
    let out = fitted(&required, text, Choice::Drop);
    assert_eq!(out, Some((r#"{"n":0,"s":"x"}"#.into(), 1, 0)));
    // Where a string is valid, nobody has to choose.
    let free = json!({"properties": {"s": {"type": "string"}}});
    assert!(fitted(&free, r#"{"s":"secret"}"#, Choice::Error).is_some());
}

#[test]
fn commas_go_with_the_members_that_go() {
    let schema = json!({"additionalProperties": {"type": "integer", "maximum": 9000}});
    for (text, expected) in [
        (r#"{"a":4111}"#, "{}"),
        (r#"{ "a":4111 , "b":1 }"#, r#"{ "b":1 }"#),
        (r#"{"a":1, "b":4111 ,"c":2}"#, r#"{"a":1 ,"c":2}"#),
        (
            r#"{"a":4111,"b":4111,"c":2,"d":4111,"e":4111}"#,
            r#"{"c":2}"#,
        ),
        (r#"{"a":4111,"b":4111}"#, "{}"),
    ] {
        let (out, _, _) = fitted(&schema, text, Choice::Drop).unwrap();
        assert_eq!(out, expected, "{text}");
    }
}

#[test]
fn a_renamed_key_goes_where_the_schema_does_not_know_it() {
    let closed =
        json!({"properties": {"secret": {"type": "string"}}, "additionalProperties": false});
    let out = fitted(&closed, r#"{"secret":"a"}"#, Choice::Value);
    assert_eq!(out, Some(("{}".into(), 0, 1)));
    let map = json!({"additionalProperties": {"type": "string"}});
    let out = fitted(&map, r#"{"secret":"a"}"#, Choice::Value);
    assert_eq!(out, Some((r#"{"[REDACTED:password:0]":"a"}"#.into(), 0, 0)));
    let required = json!({"required": ["secret"], "properties": {"secret": {}}});
    assert_eq!(fitted(&required, r#"{"secret":"a"}"#, Choice::Value), None);
}

#[test]
fn what_was_never_valid_has_no_promise_to_keep() {
    let schema = json!({"properties": {"n": {"type": "number"}}, "required": ["m"]});
    let out = fitted(&schema, r#"{"n":4111}"#, Choice::Error);
    assert_eq!(
        out,
        Some((r#"{"n":"[REDACTED:credit_card]"}"#.into(), 0, 0))
    );
}

#[test]
fn what_can_not_be_told_is_no_result() {
    for schema in [
        json!({"properties": {"n": {"$ref": "https://a.example/schema"}}}),
        json!({"properties": {"n": {"type": "string", "pattern": "(?=s)s.*"}}, "required": ["n"]}),
    ] {
        assert_eq!(
            fitted(&schema, r#"{"n":"secret"}"#, Choice::Value),
            None,
            "{schema}"
        );
    }
}

#[test]
fn a_format_that_is_forbidden_is_neither_kept_nor_broken_for_sure() {
    let schema = json!({"not": {"type": "string", "format": "uuid"}});
    assert_eq!(fitted(&schema, "4111", Choice::Error), None);
    let fixed = fitted(&schema, "4111", Choice::Value);
    assert_eq!(fixed, Some(("0".to_owned(), 1, 0)));
}

#[test]
fn hostile_schemas_end_in_bounded_work() {
    let mut definitions = serde_json::Map::new();
    for level in 0..40 {
        let next = json!({"$ref": format!("#/$defs/l{}", level + 1)});
        definitions.insert(format!("l{level}"), json!({"allOf": [next.clone(), next]}));
    }
    definitions.insert("l40".into(), json!({"type": "string"}));
    for schema in [
        json!({"$ref": "#/$defs/l0", "$defs": definitions}),
        json!({"$ref": "#"}),
        json!({"allOf": [{"$ref": "#"}], "anyOf": [{"$ref": "#"}, {"$ref": "#"}]}),
    ] {
        let schema = Schema::read(&schema.to_string()).unwrap();
        let node = Node::read("\"x\"").unwrap();
        assert_eq!(schema.check(&node, &mut Fuel::default()), Verdict::Unknown);
    }
}

#[test]
fn the_copy_in_text_gets_the_same_stands() {
    let schema = json!({"properties": {"n": {"type": "number"}, "s": {"type": "string"}}});
    let schema = Schema::read(&schema.to_string()).unwrap();
    let (text, copy) = (
        r#"{"n":4111,"s":"secret","o":[1.0]}"#,
        r#"{ "o": [1], "s": "s\u0065cret", "n": 4111 }"#,
    );
    let (node, twin) = (Node::read(text).unwrap(), Node::read(copy).unwrap());
    assert!(same(&node, &twin));
    let mut found = Vec::new();
    marks(&node, &mut Vec::new(), &mut found);
    let fitted = fit(&schema, &node, &found, Choice::Value).unwrap();
    let copy = fitted.render(&node, (&twin, copy)).unwrap();
    assert_eq!(copy, r#"{ "o": [1], "s": "[REDACTED:password]", "n": 0 }"#);
    assert!(!same(
        &node,
        &Node::read(r#"{"n":4111,"s":"secret","o":[2]}"#).unwrap()
    ));
}

fn leaf_schema() -> impl Strategy<Value = Value> {
    prop_oneof![
        Just(json!({"type": "string"})),
        Just(json!({"type": "number"})),
        Just(json!({"type": ["integer", "string"]})),
        Just(json!(true)),
        Just(json!(false)),
        (0..30_u32).prop_map(|n| json!({"type": "string", "maxLength": n})),
        (0..30_u32).prop_map(|n| json!({"minLength": n})),
        (0..9000_u32).prop_map(|n| json!({"type": "integer", "minimum": n})),
        (0..9000_u32).prop_map(|n| json!({"maximum": n, "multipleOf": 3})),
        Just(json!({"enum": ["secret", 1, null, [1], {"a": 4111}]})),
        Just(json!({"const": 4111})),
        Just(json!({"type": "string", "pattern": "^(secret|x[0-9]+)$"})),
        Just(json!({"$ref": "#/$defs/name"})),
        Just(json!({"type": "string", "format": "uuid"})),
    ]
}

fn schemas() -> impl Strategy<Value = Value> {
    let tree = leaf_schema().prop_recursive(4, 24, 4, |inner| {
        let key = prop_oneof![Just("a"), Just("b"), Just("secret"), Just("d")];
        let list = || prop::collection::vec(inner.clone(), 1..3);
        prop_oneof![
            (
                prop::collection::vec((key.clone(), inner.clone(), any::<bool>()), 0..4),
                prop::option::of(inner.clone())
            )
                .prop_map(|(members, more)| {
                    let mut schema = json!({"type": "object"});
                    let mut required = Vec::new();
                    let mut parts = serde_json::Map::new();
                    for (key, part, is_required) in members {
                        if is_required && !required.contains(&key) {
                            required.push(key);
                        }
                        parts.insert(key.into(), part);
                    }
                    schema["properties"] = Value::Object(parts);
                    schema["required"] = json!(required);
                    if let Some(more) = more {
                        schema["additionalProperties"] = more;
                    }
                    schema
                }),
            inner
                .clone()
                .prop_map(|part| json!({"type": "array", "items": part})),
            (list(), inner.clone())
                .prop_map(|(first, rest)| json!({"prefixItems": first, "items": rest})),
            (inner.clone(), 0..3_u32).prop_map(
                |(part, n)| json!({"contains": part, "minContains": n, "maxContains": 2})
            ),
            list().prop_map(|ways| json!({"anyOf": ways})),
            list().prop_map(|ways| json!({"oneOf": ways})),
            list().prop_map(|ways| json!({"allOf": ways})),
            inner.clone().prop_map(|part| json!({"not": part})),
            (inner.clone(), inner.clone(), inner.clone())
                .prop_map(|(a, b, c)| json!({"if": a, "then": b, "else": c})),
            inner
                .clone()
                .prop_map(|part| json!({"patternProperties": {"^[ab]$": part},
                "additionalProperties": {"type": "string"}})),
            Just(json!({"propertyNames": {"maxLength": 3},
                "minProperties": 1, "maxProperties": 2})),
            Just(json!({"uniqueItems": true, "maxItems": 3, "minItems": 1})),
            Just(json!({"dependentRequired": {"a": ["b"]},
                "dependentSchemas": {"d": {"required": ["a"]}}})),
        ]
    });
    tree.prop_map(|mut schema| {
        if let Value::Object(members) = &mut schema {
            members.insert(
                "$defs".into(),
                json!({"name": {"type": "string", "maxLength": 25}}),
            );
        }
        schema
    })
}

fn instances() -> impl Strategy<Value = Value> {
    let leaf = prop_oneof![
        Just(json!("secret")),
        Just(json!("a secret here")),
        Just(json!("x12")),
        Just(json!(4111)),
        Just(json!(1.5)),
        Just(json!(3)),
        Just(json!(null)),
        Just(json!(true)),
    ];
    leaf.prop_recursive(3, 24, 4, |inner| {
        let key = prop_oneof![
            Just("a"),
            Just("b"),
            Just("secret"),
            Just("d"),
            Just("long")
        ];
        prop_oneof![
            prop::collection::vec(inner.clone(), 0..4).prop_map(Value::Array),
            prop::collection::btree_map(key, inner, 0..4).prop_map(|map| Value::Object(
                map.into_iter().map(|(k, v)| (k.into(), v)).collect()
            )),
        ]
    })
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn verdicts_agree_with_another_validator(schema in schemas(), instance in instances()) {
        let text = instance.to_string();
        let ours = Schema::read(&schema.to_string()).unwrap();
        let verdict = ours.check(&Node::read(&text).unwrap(), &mut Fuel::default());
        let options = jsonschema::options().should_validate_formats(false);
        // Drafts from 2019-09 on take formats for annotations; untouched values pass ours as well.
        let theirs = options.build(&schema).unwrap().is_valid(&instance);
        let expected = if theirs { Verdict::Valid } else { Verdict::Invalid };
        prop_assert_eq!(verdict, expected, "{} {}", schema, instance);
    }

    #[test]
    fn what_is_fitted_is_valid_and_holds_no_secret(
        schema in schemas(),
        instance in instances(),
        choice in prop_oneof![Just(Choice::Value), Just(Choice::Drop), Just(Choice::Error)],
    ) {
        let text = instance.to_string();
        let options = jsonschema::options().should_validate_formats(false);
        let was_valid = options.build(&schema).unwrap().is_valid(&instance);
        if let Some((out, typed, dropped)) = fitted(&schema, &text, choice) {
            let read: Value = serde_json::from_str(&out).unwrap();
            if was_valid {
                let is_valid = options.build(&schema).unwrap().is_valid(&read);
                prop_assert!(is_valid, "{} {} {}", schema, text, out);
                // What the schema spells out itself is told of nobody: `^(secret|x[0-9]+)$`.
                let leaks = |value: &&str| text.contains(*value) && out.contains(*value);
                let secrets = ["secret", "4111"].iter().any(leaks);
                let told = ["\"const\"", "(secret|"].iter().any(|one| schema.to_string().contains(one));
                prop_assert!(!secrets || told, "{} {} {}", schema, text, out);
            }
            let changed = typed > 0 || dropped > 0;
            prop_assert!(!(changed && choice == Choice::Error));
        }
    }
}
