//! Places, duplicates and refusals of the tree.

use proptest::prelude::*;

use super::*;

fn tree(text: &str) -> Result<Option<Node>, String> {
    let mut report = Report::default();
    let file = report.file("a.yaml");
    let root = load(text, file, &mut report);
    report
        .finish()
        .map(|_| root)
        .map_err(|problems| problems.to_string())
}

#[test]
fn every_key_and_value_knows_its_place() {
    let root = tree("a: 1\nb:\n  - x\n  - {c: y}\n").unwrap().unwrap();
    let Value::Map(map) = root.value else {
        panic!()
    };
    let (b, list) = &map[1];
    assert_eq!((b.place.line, b.place.column), (2, 1));
    let Value::List(items) = &list.value else {
        panic!()
    };
    assert_eq!((items[0].place.line, items[0].place.column), (3, 5));
    let Value::Map(inner) = &items[1].value else {
        panic!()
    };
    assert_eq!((inner[0].1.place.line, inner[0].1.place.column), (4, 9));
}

#[test]
fn duplicate_keys_stay_in_the_tree() {
    let root = tree("a: 1\na: 2\na: 3\n").unwrap().unwrap();
    assert!(matches!(root.value, Value::Map(map) if map.len() == 3));
}

#[test]
fn an_escaped_control_character_is_a_value_like_any_other() {
    let root = tree("a: \"\\0\"\nb: c\n").unwrap().unwrap();
    assert!(matches!(root.value, Value::Map(map) if map.len() == 2));
}

#[test]
fn a_file_without_a_value_is_nothing() {
    assert!(tree("").unwrap().is_none());
    assert!(tree("# only a comment\n").unwrap().is_none());
    assert!(tree("---\n").unwrap().is_none());
}

#[test]
fn aliases_repeat_their_anchor() {
    let root = tree("a: &x [1, 2]\nb: *x\n").unwrap().unwrap();
    let Value::Map(map) = root.value else {
        panic!()
    };
    assert!(matches!(&map[1].1.value, Value::List(list) if list.len() == 2));
}

#[test]
fn aliases_that_blow_up_are_refused() {
    let mut bomb = "a0: &a0 [x, x, x, x, x, x, x, x, x, x]\n".to_owned();
    for level in 1..12 {
        let before = format!("*a{}", level - 1);
        bomb += &format!(
            "a{level}: &a{level} [{}]\n",
            [before.as_str(); 10].join(", ")
        );
    }
    let refused = tree(&bomb).unwrap_err();
    assert!(
        refused.contains("aliases that blow the file up"),
        "{refused}"
    );
    let own = tree("a: &x [*x]\n").unwrap_err();
    assert!(own.contains("alias"), "{own}");
}

#[test]
fn nesting_without_end_is_refused() {
    for (open, close) in [("[", "]"), ("{a: ", "}")] {
        let deep = format!("{}{}", open.repeat(200), close.repeat(200));
        let refused = tree(&deep).unwrap_err();
        assert!(refused.contains("nesting that is too deep"), "{refused}");
    }
    let blocks: String = (0..5_000)
        .map(|depth| format!("{}a:\n", " ".repeat(depth)))
        .collect();
    assert!(
        tree(&blocks)
            .unwrap_err()
            .contains("nesting that is too deep")
    );
}

#[test]
fn what_is_not_one_plain_document_is_refused() {
    for (text, told) in [
        ("a: b: c\n", "a.yaml:1:5: invalid YAML: "),
        ("a: [1, 2\n", "invalid YAML: "),
        ("a:\n\tb: 1\n", "a tab in the indentation; expected spaces"),
        ("a: !!str 1\n", "the tag \"!!str\""),
        ("a: !mine {}\n", "the tag \"!mine\""),
        (
            "a: 1\n---\nb: 2\n",
            "a second document; expected one document in a file",
        ),
        ("a: *nowhere\n", "a.yaml:1:4: invalid YAML: "),
    ] {
        let refused = tree(text).unwrap_err();
        assert!(refused.contains(told), "{text:?}: {refused}");
    }
}

proptest! {
    #![proptest_config(ProptestConfig::with_cases(2_000))]

    #[test]
    fn no_text_makes_the_parser_panic(text in "[-a:{}\\[\\],&*!|>'\"%@#?~ \t\r\n0.\u{e9}]{0,60}") {
        let _ = tree(&text);
    }

    #[test]
    fn no_change_to_a_policy_makes_the_parser_panic(
        changes in prop::collection::vec((any::<prop::sample::Index>(), any::<char>()), 1..6)
    ) {
        let policy = include_str!("../../tests/good/everything.yaml");
        let mut characters: Vec<char> = policy.chars().collect();
        for (at, character) in changes {
            let at = at.index(characters.len());
            characters[at] = character;
        }
        let _ = tree(&characters.into_iter().collect::<String>());
    }
}
