//! Each file in `tests/bad` is refused in exactly the words that its `# expect:` lines say.

use crate::fixture::{Directory, folder};

#[test]
fn every_bad_policy_is_refused_in_the_words_it_names() {
    let files = folder("bad");
    assert!(files.len() >= 40, "only {} files", files.len());
    let mut wrong = Vec::new();
    for (name, text) in files {
        let expected: Vec<&str> = text
            .lines()
            .filter_map(|line| line.strip_prefix("# expect: "))
            .collect();
        let directory = Directory::with(&text);
        let found = match directory.compile() {
            Ok(_) => vec!["nothing: it compiles".to_owned()],
            Err(_) => directory.problems(),
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
fn eight_mistakes_in_one_file_are_told_in_one_run() {
    let directory = Directory::with(
        "listen: localhost:7332
servers:
  GitHub: { url: https://api.example.com/mcp/ }
  files: { url: http://127.0.0.1/, timeout: 30 }
organisations:
  acme:
    roles:
      developer: { allow: [\"[gf]*/x\"] }
    agents:
      bot: { roles: [develper], limits: { calls: 10/fortnight } }
      bot: { roles: [] }
serverz: {}
",
    );
    let problems = directory.problems();
    assert_eq!(problems.len(), 8, "{problems:#?}");
    for told in [
        "varistor.yaml:1:9: \"localhost:7332\" for listen",
        "varistor.yaml:3:3: the name \"GitHub\" in servers",
        "varistor.yaml:4:45: \"30\" for servers.files.timeout",
        "varistor.yaml:8:28: the pattern \"[gf]*/x\"",
        "varistor.yaml:10:22: the unknown role \"develper\"",
        "varistor.yaml:10:50: \"10/fortnight\" for organisations.acme.agents.bot.limits.calls",
        "varistor.yaml:11:7: the key \"bot\" a second time",
        "varistor.yaml:12:1: unknown key \"serverz\" in the top level",
    ] {
        let is_told = problems.iter().any(|problem| problem.starts_with(told));
        assert!(is_told, "{told} is not in {problems:#?}");
    }
}
