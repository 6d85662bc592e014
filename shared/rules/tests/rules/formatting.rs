//! Formatting changes neither meaning nor comments, and nothing the second time.

use varistor_rules::{format, parse};

use crate::generate::Generator;

/// Random rules with random blanks and comments: text, and how many comments.
fn noisy(seed: u64) -> (String, usize) {
    let mut generator = Generator::new(seed);
    let mut text = String::from("ZONE \"Europe/Berlin\"\n");
    for at in 0..3 {
        let condition = format::condition(&generator.condition(4, true));
        let actions = [
            "allow",
            "deny(\"no\\n\") AND log_level(\"critical\")",
            "redact(\"a\", \"b\") AND limit(10/hour, per = token) AND end_session",
        ][at];
        text.push_str(&format!(
            "RULE \"{at}\" SHADOW IF {condition} THEN {actions}\n"
        ));
    }
    text.push_str(
        "TEST \"t\" EARLIER args.a = 1 AND tool.tags CONTAINS \"x\" , ago = 90m , times = 3 \
         GIVEN time.date = 2026-11-29 AND request.bytes = 10KB EXPECT nothing \n",
    );
    generator.noisy(&text)
}

#[test]
fn what_is_formatted_says_the_same_and_keeps_its_comments() {
    for seed in 0..400 {
        let (text, comments) = noisy(seed);
        let before = parse(0, &text);
        assert_eq!(before.diagnostics, [], "{text}");
        let once = format(&text).unwrap();
        let after = parse(0, &once);
        assert_eq!(after.diagnostics, [], "{once}");
        assert_eq!(after.file, before.file, "{text}\n---\n{once}");
        assert_eq!(
            once.matches("# note ").count(),
            comments,
            "{text}\n---\n{once}"
        );
        for number in 0..comments {
            assert!(once.contains(&format!("# note {number}\n")), "{once}");
        }
        assert_eq!(format(&once).unwrap(), once, "{text}");
    }
}

#[test]
fn a_file_with_mistakes_is_not_formatted() {
    assert!(format("RULE \"x\" IF THEN deny").is_err());
}

#[test]
fn comments_stay_above_and_behind_what_they_speak_of() {
    let written = "\
# The file.

# About the rule.
RULE   'odd'  # behind
IF tool.name='x' # why
 # above the action
THEN   deny
# last
";
    let expected = "\
# The file.

# About the rule.
RULE \"odd\"  # behind
IF tool.name = \"x\"  # why
# above the action
THEN deny

# last
";
    assert_eq!(format(written).unwrap(), expected);
}

#[test]
fn long_conditions_are_broken_at_their_outermost_operator() {
    let written = "RULE \"x\" IF tool.server = \"a-server-with-a-name\" AND (tool.name = \"b\" OR \
                   tool.name STARTS WITH \"a-long-prefix\") AND NOT agent.roles CONTAINS \"admin\" \
                   THEN deny";
    let expected = "\
RULE \"x\"
IF tool.server = \"a-server-with-a-name\"
   AND (tool.name = \"b\" OR tool.name STARTS WITH \"a-long-prefix\")
   AND NOT agent.roles CONTAINS \"admin\"
THEN deny
";
    assert_eq!(format(written).unwrap(), expected);
}
