//! Real servers of npm and PyPI under `strict`, by the table in `dataplane/sandbox/SERVERS.md`:
//! what stands there is what they need, no more and no less.

use std::path::Path;
use std::process::Command;

use serde_json::Value;
use varistor_tests::programs;

/// A row of the table.
#[derive(Debug)]
struct Row {
    name: String,
    command: Vec<String>,
    line: String,
    tools: usize,
}

/// The rows, with the places of this machine filled in.
fn rows(data: &Path, repository: &Path) -> Vec<Row> {
    let table = programs::folder().join("../dataplane/sandbox/SERVERS.md");
    let text = std::fs::read_to_string(table).expect("the table");
    let modules = programs::folder().join("node/node_modules");
    let python = programs::python();
    let places = [
        ("{node}", programs::node()),
        ("{modules}", modules),
        ("{python}", python.parent().expect("its folder").to_owned()),
        ("{data}", data.to_owned()),
        ("{repository}", repository.to_owned()),
    ];
    let fill = |text: &str| {
        let mut text = text.to_owned();
        for (name, path) in &places {
            text = text.replace(name, &path.display().to_string());
        }
        text
    };
    let rows = text.lines().filter(|line| line.contains("`sandbox: "));
    let rows = rows.filter(|line| line.starts_with("| "));
    rows.map(|line| {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        let [name, command, line, tools] = cells[..] else {
            panic!("not four cells: {line}")
        };
        let command = fill(command.trim_matches('`'));
        Row {
            name: name.to_owned(),
            command: command.split(' ').map(str::to_owned).collect(),
            line: fill(line.trim_matches('`')),
            tools: tools.parse().expect("a number of tools"),
        }
    })
    .collect()
}

/// The options of `varictl sandbox try` that a policy line stands for.
fn options(line: &str) -> Vec<String> {
    let inner = line.trim_start_matches("sandbox: {").trim_end_matches('}');
    let mut options = Vec::new();
    for part in inner.split("], ").filter(|part| !part.trim().is_empty()) {
        let (key, paths) = part.trim().split_once(": [").expect("a list of paths");
        for path in paths.trim_end_matches([']', ' ']).split(", ") {
            options.extend([format!("--{key}"), path.to_owned()]);
        }
    }
    options
}

/// Tries a row, and gives what `varictl` says.
fn attempt(row: &Row, options: &[String]) -> Value {
    let mut command = Command::new(programs::ours("varictl"));
    command.args(["sandbox", "try", "--json", "--seconds", "120"]);
    command.args(options);
    let is_variable = |word: &&String| word.contains('=') && !word.starts_with(['/', '-']);
    for variable in row.command.iter().filter(is_variable) {
        command.args(["--env", variable]);
    }
    command.arg("--");
    command.args(row.command.iter().filter(|word| !is_variable(word)));
    let output = command.output().expect("an end");
    let told = String::from_utf8_lossy(&output.stderr);
    serde_json::from_slice(&output.stdout).unwrap_or_else(|error| panic!("{error}: {told}"))
}

#[test]
fn ten_real_servers_list_their_tools_under_strict() {
    let data = tempfile::tempdir().expect("a folder");
    let repository = tempfile::tempdir().expect("a folder");
    let made = Command::new("git")
        .args(["init", "--quiet"])
        .arg(repository.path())
        .status();
    assert!(made.expect("git").success());
    let rows = rows(data.path(), repository.path());
    assert!(rows.len() >= 10, "{}", rows.len());
    let mut wrong = Vec::new();
    for row in &rows {
        let told = attempt(row, &options(&row.line));
        let tools = told["tools"].as_array().map_or(0, Vec::len);
        println!("{}: {tools} tools, {}", row.name, row.line);
        if told["good"] != true || tools != row.tools || told["line"] != row.line.as_str() {
            wrong.push(format!("{}: {told}", row.name));
        }
    }
    assert!(wrong.is_empty(), "{}", wrong.join("\n"));
}

#[test]
fn a_server_without_its_policy_line_says_what_it_needs() {
    let data = tempfile::tempdir().expect("a folder");
    let rows = rows(data.path(), data.path());
    let row = rows
        .iter()
        .find(|row| row.line.contains("execute"))
        .expect("a row");
    let told = attempt(row, &[]);
    assert_eq!(told["good"], false, "{told}");
    let proposed = told["proposed"].as_str().unwrap_or_default();
    assert!(proposed.contains("execute: ["), "{told}");
}
