//! `varictl sandbox`: trials of programs and of a small server.

use std::fs;

use crate::program::{Place, Run};

/// A server with one tool, which reads a file before it answers.
const SERVER: &str = r#"
import json, sys
try:
    text = open(sys.argv[1]).read()
except OSError as error:
    text = str(error)
for line in sys.stdin:
    message = json.loads(line)
    if message["method"] == "initialize":
        result = {"protocolVersion": "2025-11-25", "capabilities": {"tools": {}},
                  "serverInfo": {"name": "small", "version": "1"}}
    elif message["method"] == "tools/list":
        result = {"tools": [{"name": text.strip(), "inputSchema": {"type": "object"}}]}
    else:
        continue
    print(json.dumps({"jsonrpc": "2.0", "id": message["id"], "result": result}), flush=True)
"#;

fn place() -> Place {
    let place = Place::empty();
    for folder in ["code", "docs"] {
        fs::create_dir(place.root().join(folder)).unwrap();
    }
    fs::write(place.root().join("code/server.py"), SERVER).unwrap();
    fs::write(place.root().join("docs/name"), "tool_of_the_file\n").unwrap();
    place
}

fn path(place: &Place, name: &str) -> String {
    place.root().join(name).display().to_string()
}

fn attempt(place: &Place, options: &[&str]) -> Run {
    let (server, file) = (path(place, "code/server.py"), path(place, "docs/name"));
    let command = ["--", "/usr/bin/python3", &server, &file];
    place.run(&[&["sandbox", "try"], options, &command].concat())
}

#[test]
fn a_server_is_asked_for_its_tools_and_what_it_was_refused_is_proposed() {
    let place = place();
    let told = attempt(&place, &["--json"]).ended(0).json();
    assert_eq!(told["server"], "small");
    assert!(
        told["tools"][0]
            .as_str()
            .unwrap()
            .contains("Permission denied")
    );
    let line = format!("sandbox: {{ read: [{}] }}", path(&place, "docs/name"));
    assert_eq!(told["proposed"], line.as_str());
    assert_eq!(told["line"], "sandbox: {}");
    let read = path(&place, "docs");
    let told = attempt(&place, &["--json", "--read", &read])
        .ended(0)
        .json();
    assert_eq!(told["tools"][0], "tool_of_the_file");
    assert_eq!(told["refused"].as_array().unwrap().len(), 0, "{told}");
}

#[test]
fn people_read_what_was_refused_and_the_line() {
    let place = place();
    let run = attempt(&place, &[]).ended(0);
    for text in [
        "works: small listed 1 tool",
        "REFUSED",
        "docs/name",
        "sandbox: { read: [",
    ] {
        assert!(run.out.contains(text), "{text} is not in {}", run.out);
    }
}

#[test]
fn a_raw_program_has_the_terminal_and_its_status_counts() {
    let place = place();
    let file = path(&place, "docs/name");
    let raw = |options: &[&str]| {
        let command = ["--", "/bin/cat", &file];
        place.run(&[&["sandbox", "try", "--raw"], options, &command].concat())
    };
    let refused = raw(&[]).ended(1);
    assert!(
        refused.out.is_empty() && refused.err.contains("docs/name"),
        "{refused:?}"
    );
    let permitted = raw(&["--read", &file]).ended(0);
    assert_eq!(permitted.out, "tool_of_the_file\n");
    assert!(
        permitted.err.contains("Nothing was refused"),
        "{permitted:?}"
    );
}

#[test]
fn refused_calls_sockets_and_programs_are_told_by_name() {
    let place = Place::empty();
    let script = "import os, socket, ctypes\n\
                  for call in (lambda: socket.socket(), lambda: socket.socket(socket.AF_UNIX),\n\
                  \x20           lambda: os.execv('/usr/bin/id', ['id'])):\n\
                  \x20   try: call()\n\
                  \x20   except OSError: pass\n\
                  ctypes.CDLL(None).ptrace(0, 0, 0, 0)\n";
    let run = place
        .run(&[
            "sandbox",
            "try",
            "--raw",
            "--",
            "/usr/bin/python3",
            "-c",
            script,
        ])
        .ended(0);
    for text in ["network", "unix_sockets", "ptrace", "/usr/bin/id"] {
        assert!(run.err.contains(text), "{text} is not in {}", run.err);
    }
}

#[test]
fn a_server_that_does_not_answer_fails_in_time_and_ends() {
    let place = Place::empty();
    let run = place
        .run(&[
            "sandbox",
            "try",
            "--seconds",
            "1",
            "--execute",
            "/bin",
            "--",
            "/bin/sleep",
            "600",
        ])
        .ended(1);
    assert!(
        run.out.contains("no answer to initialize in time"),
        "{run:?}"
    );
}

#[test]
fn wrong_use_is_told_before_anything_starts() {
    let place = Place::empty();
    let uses: [&[&str]; 6] = [
        &["sandbox", "try"],
        &["sandbox", "try", "--", "no-such-program"],
        &["sandbox", "try", "--", "bin/true"],
        &[
            "sandbox",
            "try",
            "--read",
            "/no/such/place",
            "--",
            "/bin/true",
        ],
        &["sandbox", "try", "--network", "tcp:no", "--", "/bin/true"],
        &[
            "sandbox",
            "try",
            "--env",
            "NOT_SET_ANYWHERE",
            "--",
            "/bin/true",
        ],
    ];
    for words in uses {
        let run = place.run(words).ended(2);
        assert!(
            run.out.is_empty() && !run.err.is_empty(),
            "{words:?}: {run:?}"
        );
    }
}

#[test]
fn layers_are_told_with_what_to_do_about_missing_ones() {
    let run = Place::empty().run(&["sandbox", "layers", "--json"]);
    let layers = run.json();
    let layers = layers.as_array().unwrap();
    assert_eq!(layers.len(), 5);
    let missing = layers.iter().filter(|layer| layer["is_available"] == false);
    for layer in missing.clone() {
        assert!(layer["remedy"].is_string(), "{layer}");
    }
    assert_eq!(run.status, i32::from(missing.count() > 0));
}
