//! One meaning, one form; another meaning, another form.

use varistor_pins::canonical;

use crate::generate::{Value, changed, definition, seeded, written};

#[test]
fn order_white_space_escapes_and_spelling_of_numbers_never_change_the_form() {
    let mut random = seeded(1);
    for _ in 0..20_000 {
        let value = definition(&mut random);
        let (one, other) = (written(&value, &mut random), written(&value, &mut random));
        let form = canonical(&one).unwrap_or_else(|| panic!("unreadable: {one}"));
        assert_eq!(canonical(&other).as_ref(), Some(&form), "{one}\n{other}");
        // What is canonical already stays.
        assert_eq!(canonical(&form).as_ref(), Some(&form));
    }
}

#[test]
fn of_a_hundred_thousand_changes_none_goes_unseen() {
    let mut random = seeded(2);
    for _ in 0..100_000 {
        let value = definition(&mut random);
        let mutant = changed(&value, &mut random);
        let (before, after) = (written(&value, &mut random), written(&mutant, &mut random));
        let forms = [canonical(&before), canonical(&after)];
        assert!(forms.iter().all(Option::is_some), "{before}\n{after}");
        assert_ne!(forms[0], forms[1], "{before}\n{after}");
    }
}

#[test]
fn another_reader_finds_the_same_values_in_the_form() {
    let mut random = seeded(3);
    for _ in 0..20_000 {
        let value = without_numbers(definition(&mut random));
        let text = written(&value, &mut random);
        let form = canonical(&text).expect("a form");
        let read = |text: &str| serde_json::from_str::<serde_json::Value>(text).expect("JSON");
        assert_eq!(read(&form), read(&text));
    }
}

/// Numbers as that reader keeps them exactly.
fn without_numbers(value: Value) -> Value {
    match value {
        Value::Number(digits, _) => Value::Bool(digits % 2 == 0),
        Value::Array(elements) => Value::Array(elements.into_iter().map(without_numbers).collect()),
        Value::Object(members) => {
            let rows = members.into_iter();
            Value::Object(
                rows.map(|(key, value)| (key, without_numbers(value)))
                    .collect(),
            )
        }
        other => other,
    }
}
