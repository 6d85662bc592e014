//! The two rules of the design page work as they are written there.

use varistor_rules::{Known, Source, check, format, parse, test};

const DESIGN: &str = r##"RULE "refunds need a human"
IF tool.category = "financial" AND action.type = "destructive"
THEN require_human_approval
 AND notify_channel("slack", "#security-alerts")
 AND log_level("critical")

RULE "nothing leaves after private data was read"
IF (action.type = "exfiltrative" OR tool.tags CONTAINS "external-out")
   AND history.count(action.type = "read" AND tool.tags CONTAINS "private-read", within = 30m) > 0
THEN deny("data read in this session may not leave")
"##;

#[test]
fn they_are_read_and_checked_without_a_word() {
    let parsed = parse(0, DESIGN);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.rules.len(), 2);
    let source = Source {
        name: "acme.rules",
        text: DESIGN,
    };
    assert_eq!(check(&[source], &[parsed.file], &Known::default()), []);
}

#[test]
fn they_are_in_canonical_shape_already() {
    assert_eq!(format(DESIGN).expect("no mistakes"), DESIGN);
}

#[test]
fn what_the_reference_page_shows_works_as_it_stands() {
    let page = include_str!("../../README.md");
    let blocks = page.split("```").skip(1).step_by(2);
    let shown: Vec<&str> = blocks
        .filter(|block| block.starts_with("\nRULE") || block.starts_with("\nTEST"))
        .collect();
    assert_eq!(shown.len(), 2);
    let text = shown.concat();
    let source = Source {
        name: "README.md",
        text: &text,
    };
    let parsed = parse(0, &text);
    assert_eq!(parsed.diagnostics, []);
    assert_eq!(parsed.file.rules, parse(0, DESIGN).file.rules);
    let outcomes = test(&[source], &[parsed.file], &Known::default()).expect("no mistakes");
    assert_eq!(outcomes.len(), 1);
    assert_eq!(outcomes[0].failure, None);
}
