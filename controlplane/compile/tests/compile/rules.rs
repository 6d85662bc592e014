//! Rule files: each in `tests/bad_rules` is refused in exactly the words that its `# expect:` lines
//! say, each in `tests/good_rules` compiles in silence; what they name is looked for.

use std::fs;
use std::os::unix::fs::symlink;

use varistor_compile::Problems;
use varistor_snapshot::schema::Policy;

use crate::fixture::{Directory, folder};

/// What the rules of these tests speak about.
const POLICY: &str = "\
servers:
  stripe: { url: http://127.0.0.1:1/, category: financial }
  crm:
    url: http://127.0.0.1:2/
    category: crm
    tags: [private-read]
    tools: { \"send_*\": { intent: exfiltrative, tags: [external-out] } }
organisations:
  acme:
    roles: { support: { allow: [\"*\"] } }
    teams: { desk: { roles: [support] } }
    agents: { bot: { team: desk } }
dlp:
  custom:
    - { name: ticket, pattern: 'TCK-\\d{6}', action: log }
channels: { slack: { \"#security-alerts\": { url: http://127.0.0.1:3/ } } }
";

fn with(rules: &str) -> Directory {
    let directory = Directory::with(POLICY);
    directory.policy("acme.rules", rules);
    directory
}

fn lines(problems: &Problems) -> Vec<String> {
    let told = problems.to_string();
    told.lines().map(str::to_owned).collect()
}

#[test]
fn every_bad_rule_file_is_refused_in_the_words_it_names() {
    let files = folder("bad_rules");
    assert!(files.len() >= 10, "only {} files", files.len());
    let mut wrong = Vec::new();
    for (name, text) in files {
        let expected: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# expect: "))
            .collect();
        let found = match with(&text).compile() {
            Ok(_) => vec!["nothing: it compiles".to_owned()],
            Err(problems) => lines(&problems),
        };
        if found != expected || expected.is_empty() {
            wrong.push(format!(
                "== {name}\n# expect: {}\n",
                found.join("\n# expect: ")
            ));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn every_good_rule_file_compiles_in_silence() {
    let files = folder("good_rules");
    assert!(files.len() >= 2, "only {} files", files.len());
    for (name, text) in files {
        let compiled = with(&text).compile();
        let compiled = compiled.unwrap_or_else(|problems| panic!("{name}: {problems}"));
        assert_eq!(compiled.warnings, [], "{name}");
        let rules = text
            .lines()
            .filter(|line| line.starts_with("RULE "))
            .count();
        assert_eq!(compiled.policy.rules.body.rules.len(), rules, "{name}");
        assert!(rules > 0, "{name}");
    }
}

#[test]
fn all_files_make_one_program_that_names_its_places() {
    let directory = with("RULE \"a\" IF tool.server = \"crm\" THEN flag_for_review\n");
    directory.policy(
        "b.rules",
        "\nRULE \"b\" SHADOW IF tool.server = \"stripe\" THEN deny\n",
    );
    // Files of editors are none of the policy's.
    directory.policy(".b.rules.swp", "nonsense");
    directory.policy(".b.rules", "nonsense");
    let policy = directory.good();
    let rows = policy.rules.body.rules.iter();
    let rows: Vec<_> = rows
        .map(|row| (&*row.name, &*row.place, row.shadow))
        .collect();
    assert_eq!(
        rows,
        [("a", "acme.rules:1", false), ("b", "b.rules:2", true)]
    );
    assert_ne!(policy.rules, varistor_rules::nothing());
}

#[test]
fn a_policy_without_rules_has_the_program_of_none() {
    let policy = Directory::with(POLICY).good();
    assert_eq!(policy.rules, varistor_rules::nothing());
}

#[test]
fn mistakes_of_policies_and_rules_are_told_in_one_run() {
    let directory = Directory::with(&POLICY.replace("roles: [support]", "roles: [suport]"));
    directory.policy("a.rules", "RULE \"a\" IF tool.srver = \"crm\" THEN deny\n");
    directory.policy("b.rules", "RULE \"b\" IF THEN deny\n");
    directory.policy(
        "c.rules",
        "RULE \"c\" IF tool.server = \"cmr\" AND agent.roles CONTAINS \"suport\" THEN deny\n",
    );
    let refused = directory.compile().unwrap_err();
    let places = |all: &[varistor_compile::Problem]| {
        let places = all
            .iter()
            .map(|one| (one.file.clone(), one.line, one.column));
        places.collect::<Vec<_>>()
    };
    let told = [
        ("a.rules".to_owned(), 1, 13),
        ("b.rules".to_owned(), 1, 13),
        ("varistor.yaml".to_owned(), 11, 30),
    ];
    assert_eq!(places(&refused.problems), told, "{refused}");
}

#[test]
fn a_channel_that_the_policy_does_not_define_is_a_warning() {
    let rules =
        "RULE \"a\" IF tool.server = \"crm\"\nTHEN notify_channel(\"slack\", \"#security\")\n";
    let compiled = with(rules).compile().unwrap();
    let [told] = &*compiled.warnings else {
        panic!("{:?}", compiled.warnings)
    };
    assert_eq!((told.file.as_str(), told.line), ("acme.rules", 2));
    assert_eq!(told.found, "no known channel \"slack/#security\"");
    let help = told.help.as_deref();
    assert_eq!(help, None);
}

#[test]
fn lints_are_warnings_with_their_line() {
    let rules = "RULE \"c\" IF tool.server = \"cmr\" AND agent.team = \"dsk\" THEN deny\n";
    let compiled = with(rules).compile().unwrap();
    let told: Vec<_> = compiled.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:#?}");
    let server = "acme.rules:1:27: no known server \"cmr\"\n  |\n1 | RULE \"c\" IF tool.server = \
                  \"cmr\" AND agent.team = \"dsk\" THEN deny\n  |                           ^^^^^ \
                  fits none of them\n  = help: did you mean `crm`?";
    assert_eq!(told[0], server);
    assert!(told[1].contains("no known team \"dsk\""), "{}", told[1]);
}

#[test]
fn of_a_policy_that_is_read_in_part_no_name_is_unknown() {
    let directory =
        with("RULE \"a\" IF tool.server = \"other\" AND dlp.found(\"own\") THEN deny\n");
    directory.policy("other.yaml", "servers: [\n");
    let refused = directory.compile().unwrap_err();
    assert_eq!(refused.problems.len(), 1, "{refused}");
    assert_eq!(refused.problems[0].file, "other.yaml");
    assert_eq!(refused.warnings, []);
}

#[test]
fn a_failing_test_refuses_the_policy_and_says_what_happened() {
    let rules = "RULE \"no refunds\" IF tool.name = \"refund\" THEN deny\n\n\
                 TEST \"refunds\"\nGIVEN tool.name = \"list\" EXPECT deny\n\
                 TEST \"lists\"\nGIVEN tool.name = \"list\" EXPECT nothing\n";
    let refused = with(rules).compile().unwrap_err();
    assert_eq!(refused.problems.len(), 1, "{refused}");
    let problem = &refused.problems[0];
    assert_eq!((problem.line, problem.column), (3, 6));
    assert_eq!(problem.found, "the test \"refunds\" fails");
    assert_eq!(problem.expected, "expected deny, found nothing");
    let help = problem.help.as_deref().unwrap();
    assert!(
        help.contains("\"no refunds\" (acme.rules:1) does not hold"),
        "{help}"
    );
    let told = problem.to_string();
    assert!(
        told.contains("3 | TEST \"refunds\"\n  |      ^^^^^^^^^ expected deny"),
        "{told}"
    );
    assert!(told.ends_with("given tool.name = \"list\""), "{told}");
}

#[test]
fn rule_files_that_can_not_be_read_are_refused() {
    let directory = with("RULE \"a\" IF tool.server = \"crm\" THEN deny\n");
    directory.chmod("acme.rules", 0o666);
    symlink("/nowhere/at/all", directory.path("b.rules")).unwrap();
    fs::create_dir(directory.path("c.rules")).unwrap();
    fs::write(directory.path("d.rules"), b"# \xff\n").unwrap();
    let long = "#".repeat(varistor_rules::limits::FILE_BYTES_MAX + 1);
    directory.policy("e.rules", &long);
    // That its rules are missing is no mistake of a test.
    directory.policy(
        "f.rules",
        "TEST \"t\" GIVEN tool.server = \"crm\" EXPECT deny\n",
    );
    let told = directory.problems();
    assert_eq!(told.len(), 5, "{told:#?}");
    assert!(
        told[0].starts_with("acme.rules: its permissions are 0666"),
        "{told:#?}"
    );
    assert!(
        told[1].starts_with("b.rules: it can't be read ("),
        "{told:#?}"
    );
    assert!(
        told[2].starts_with("c.rules: it is not a regular file"),
        "{told:#?}"
    );
    assert!(
        told[3].starts_with("d.rules: bytes that are not UTF-8"),
        "{told:#?}"
    );
    assert!(
        told[4].starts_with("e.rules:1:1: the file has more than"),
        "{told:#?}"
    );
    assert!(told[4].len() < 1000, "{}", told[4].len());
}

fn detectors(policy: &Policy) -> Vec<&str> {
    let rows = policy.dlp.detectors.iter();
    rows.map(|row| row.entity.as_str()).collect()
}

#[test]
fn what_rules_name_is_looked_for_though_nothing_else_follows() {
    let nothing = "servers: { crm: { url: http://127.0.0.1:2/ } }\ndlp:\n  request: { pii: allow, \
                   secrets: allow, financial: allow }\n  response: { pii: allow, secrets: allow, \
                   financial: allow }\n";
    let directory = Directory::with(nothing);
    assert_eq!(detectors(&directory.good()), [] as [&str; 0]);
    for rule in [
        "IF dlp.found(\"bic\") THEN deny",
        "IF NOT dlp.count(\"bic\") = 0 THEN deny",
        "IF history.count(dlp.found(\"bic\"), within = 1h) > 3 THEN deny",
        "IF tool.name = \"x\" THEN redact(\"email\", \"bic\")",
    ] {
        directory.policy("acme.rules", &format!("RULE \"r\" {rule}\n"));
        let policy = directory.good();
        let at = detectors(&policy).iter().position(|name| *name == "bic");
        let at = at.unwrap_or_else(|| panic!("{rule}: {:?}", detectors(&policy)));
        // It is kept beside longer findings, and nothing follows but what rules say.
        assert!(policy.dlp.detectors[at].action.is_some(), "{rule}");
        assert_eq!(policy.actions.detectors[at], [0, 0], "{rule}");
        assert!(!policy.dlp.database.is_empty(), "{rule}");
    }
}

#[test]
fn rules_speak_of_own_patterns_and_of_parents() {
    let rules =
        "RULE \"a\" IF dlp.count(\"ticket\") > 2 OR dlp.found(\"generic_api_key\") THEN deny\n";
    let policy = with(rules).good();
    let rows = policy.dlp.detectors.iter();
    let of_parent = rows.filter(|row| row.parent == "generic_api_key");
    let marked: Vec<_> = of_parent.map(|row| row.action).collect();
    assert!(
        !marked.is_empty() && marked.iter().all(Option::is_some),
        "{marked:?}"
    );
    assert!(detectors(&policy).contains(&"ticket"));
}
