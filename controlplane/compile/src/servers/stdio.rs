//! Servers that the gateway starts itself: what is executed, with which environment, for whom.
//!
//! The executable is found now, not when it is started, and its content is pinned: what stands in
//! its place later is not started. Refuses keys of servers that have an address.

mod variables;

use std::fs::{self, File};
use std::io::{self, Read as _};
use std::os::unix::fs::PermissionsExt as _;
use std::path::{Path, PathBuf};

use sha2::{Digest as _, Sha256};
use varistor_model::limits::{STDIO_CHILDREN_DEFAULT, STDIO_CHILDREN_MAX};
use varistor_snapshot::schema::Stdio;

use super::{ADDRESSED, events, sandbox};
use crate::context::Context;
use crate::problem::{Report, Wrong, quote};
use crate::read::{Fields, each, list, number, parsed, word};
use crate::template;
use crate::yaml::Node;
use variables::Kind;

/// Keys that mean something beside `command` only.
const OWN: [&str; 6] = ["sha256", "env", "files", "directory", "start", "sandbox"];
/// How long a child without calls lives unless the policy says otherwise, in milliseconds.
pub(super) const IDLE_MS: u64 = 600_000;
/// From the start of a child to its first answer, in milliseconds: servers that are installed when
/// they are started first take their time.
pub(super) const START_MS: u64 = 30_000;
/// Most arguments, and the longest one, in bytes.
const ARGUMENTS_MAX: usize = 1024;
const ARGUMENT_BYTES_MAX: usize = 64 * 1024;

/// How a server is started; `None` when it is not, or when something of that is wrong.
pub(super) fn stdio(
    (server, is_stream): (&str, bool),
    fields: &Fields<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<Stdio> {
    let Some(node) = fields.get("command") else {
        refuse(fields, &OWN, "no such key without `command`", report);
        if !is_stream {
            let expected = "no such key without `command` or `transport: sse`";
            refuse(fields, &events::SHARED, expected, report);
        }
        return None;
    };
    refuse(fields, &ADDRESSED, "no such key beside `command`", report);
    let command = command(node, &fields.path("command"), report);
    let pinned = fields.get("sha256").map(|node| {
        let path = fields.path("sha256");
        parsed(node, &path, report, digest)
    });
    let env = variables::of((server, Kind::Variable), fields, context, report);
    let files = variables::of((server, Kind::File), fields, context, report);
    let directory = fields.get("directory").map(|node| {
        let path = fields.path("directory");
        parsed(node, &path, report, absolute)
    });
    let mut choice = |key: &str, words: &[(&str, bool)]| {
        let node = fields.get(key)?;
        word(node, &fields.path(key), words, report)
    };
    let shared = choice("instances", &[("session", false), ("shared", true)]);
    let eager = choice("start", &[("on_use", false), ("eager", true)]);
    let start_ms = fields.read("start_timeout", report, super::duration);
    let idle_ms = fields.read("idle", report, super::duration);
    let children = fields.get("children").and_then(|node| {
        let bounds = 1..=STDIO_CHILDREN_MAX;
        number(node, &fields.path("children"), bounds, report)
    });
    let sandbox = sandbox::sandbox(fields, report);
    let mut command = command?;
    let sha256 = match pinned {
        // It may be on another machine.
        Some(pinned) => {
            is_absolute(&command, node, &fields.path("command"), report).then_some(pinned?)?
        }
        None => resolve(&mut command, node, &fields.path("command"), report)?,
    };
    Some(Stdio {
        command,
        sha256,
        env,
        files,
        directory: directory.flatten(),
        shared: shared.unwrap_or(false),
        eager: eager.unwrap_or(false),
        idle_ms: idle_ms.unwrap_or(IDLE_MS),
        start_ms: start_ms.unwrap_or(START_MS),
        children_max: children.unwrap_or(STDIO_CHILDREN_DEFAULT),
        sandbox,
    })
}

fn refuse(fields: &Fields<'_>, keys: &[&str], expected: &str, report: &mut Report) {
    for key in keys {
        if let Some(node) = fields.get(key) {
            let found = format!("the key {} in {}", quote(key), fields.name());
            report.refuse(node.place, found, Wrong::expected(expected));
        }
    }
}

/// The executable and its arguments, as they stand there.
fn command(node: &Node, path: &str, report: &mut Report) -> Option<Vec<String>> {
    let wanted = list(node, path, report).len();
    if wanted == 0 || wanted > ARGUMENTS_MAX {
        let expected = format!("an executable and at most {ARGUMENTS_MAX} arguments");
        report.refuse(
            node.place,
            format!("a list of {wanted} for {path}"),
            Wrong::expected(expected),
        );
        return None;
    }
    let texts = each(node, path, report, |node, path, report| {
        parsed(node, path, report, |text| {
            if text.contains(template::OPEN) {
                return Err(Wrong::expected("arguments without secrets").help(
                    "every process of the machine can read arguments; put the secret into `env`, \
                     and if the server takes it as an argument only, let a shell pass it on: \
                     command: [sh, -c, 'exec SERVER --key \"$KEY\"'] with env: { KEY: \
                     \"${vault:NAME}\" }",
                ));
            }
            let fine = text.len() <= ARGUMENT_BYTES_MAX && !text.contains('\0');
            let expected = format!("text of at most {ARGUMENT_BYTES_MAX} bytes without NUL");
            fine.then(|| text.to_owned())
                .ok_or_else(|| Wrong::expected(expected))
        })
    });
    (texts.len() == wanted).then_some(texts)
}

/// Whether the executable, which is not looked up, is named by an absolute path.
fn is_absolute(command: &[String], node: &Node, path: &str, report: &mut Report) -> bool {
    let program = command.first().map_or("", |it| it);
    let absolute = Path::new(program).is_absolute();
    if !absolute {
        let wrong = Wrong::expected("an absolute path beside `sha256`");
        let found = format!("the command {} for {path}", quote(program));
        report.refuse(node.place, found, wrong);
    }
    absolute
}

/// Finds the executable, puts its absolute path in the place of its name; its content's digest.
fn resolve(
    command: &mut [String],
    node: &Node,
    path: &str,
    report: &mut Report,
) -> Option<[u8; 32]> {
    let program = command.first_mut()?;
    let found = match Path::new(program.as_str()) {
        file if file.is_absolute() => Ok(file.to_owned()),
        _ if program.contains('/') => Err("a path that begins nowhere".to_owned()),
        name => on_path(name).ok_or_else(|| "no executable of this name in PATH".to_owned()),
    };
    let found = found.and_then(|file| {
        let digest = digest_of(&file).map_err(|error| format!("{}: {error}", file.display()))?;
        let text = file.into_os_string().into_string();
        Ok((
            text.map_err(|_| "its path is not UTF-8".to_owned())?,
            digest,
        ))
    });
    match found {
        Ok((file, digest)) => {
            *program = file;
            Some(digest)
        }
        Err(what) => {
            let wrong = Wrong::expected("the absolute path of an executable, or its name")
                .help("if it is on another machine only, give its absolute path and `sha256`");
            let found = format!("the command {} for {path}: {what}", quote(program));
            report.refuse(node.place, found, wrong);
            None
        }
    }
}

fn on_path(name: &Path) -> Option<PathBuf> {
    let folders = std::env::var_os("PATH")?;
    let files = std::env::split_paths(&folders).map(|folder| folder.join(name));
    let mut files = files.filter(|file| file.is_absolute());
    files.find(|file| fs::metadata(file).is_ok_and(|data| is_executable(&data)))
}

fn is_executable(data: &fs::Metadata) -> bool {
    data.is_file() && data.permissions().mode() & 0o111 != 0
}

fn digest_of(path: &Path) -> io::Result<[u8; 32]> {
    let mut file = File::open(path)?;
    if !is_executable(&file.metadata()?) {
        return Err(io::Error::other("it is no executable file"));
    }
    let mut hash = Sha256::new();
    let mut part = vec![0; 256 * 1024];
    loop {
        match file.read(&mut part)? {
            0 => return Ok(hash.finalize().into()),
            count => hash.update(part.get(..count).unwrap_or_default()),
        }
    }
}

/// 64 hex digits.
fn digest(text: &str) -> Result<[u8; 32], Wrong> {
    let mut digest = [0; 32];
    let wrong = || Wrong::expected("the SHA-256 of the executable, 64 hex digits");
    if text.len() != 64 || !text.bytes().all(|byte| byte.is_ascii_hexdigit()) {
        return Err(wrong());
    }
    for (byte, at) in digest.iter_mut().zip((0..).step_by(2)) {
        let digits = text.get(at..at + 2).ok_or_else(wrong)?;
        *byte = u8::from_str_radix(digits, 16).map_err(|_| wrong())?;
    }
    Ok(digest)
}

pub(super) fn absolute(text: &str) -> Result<String, Wrong> {
    match Path::new(text).is_absolute() && !text.contains('\0') {
        true => Ok(text.to_owned()),
        false => Err(Wrong::expected("an absolute path")),
    }
}
