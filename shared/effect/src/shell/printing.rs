//! Programs that write out what they are given, and the environment, which holds credentials.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Judge};
use crate::{Access, path, words};

/// `echo`, `printf`: text, which the next command may run.
pub(super) fn echo(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 95, "shell.prints");
    prints_secret(judge, call.args);
    if call.name == "yes" || call.args.iter().any(|arg| arg.is_dynamic) {
        let pipes = call.args.iter().filter_map(|arg| arg.pipe.clone());
        let hidden = pipes
            .into_iter()
            .find(|flow| matches!(flow, Flow::Download | Flow::Decoded));
        return hidden.unwrap_or(Flow::Local);
    }
    let texts: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
    let text = match (call.name, texts.as_slice()) {
        ("printf", [format, values @ ..]) if format.contains('%') && !values.is_empty() => {
            values.join("\n")
        }
        ("printf", [format, ..]) => unescaped(format),
        (_, ["-e" | "-ne" | "-en", rest @ ..]) => unescaped(&rest.join(" ")),
        (_, ["-n" | "-E", rest @ ..]) => rest.join(" "),
        (_, all) => all.join(" "),
    };
    Flow::Text(text)
}

/// The escapes that scripts hide commands with: line ends, octal and hexadecimal bytes.
fn unescaped(text: &str) -> String {
    let mut plain = String::new();
    let mut rest = text;
    while let Some((before, behind)) = rest.split_once('\\') {
        plain.push_str(before);
        let mut characters = behind.chars();
        let (radix, skip, most) = match characters.next() {
            Some('n') => {
                plain.push('\n');
                rest = characters.as_str();
                continue;
            }
            Some('x') => (16, 1, 2),
            Some('0'..='7') => (8, 0, 4),
            Some(other) => {
                plain.push(other);
                rest = characters.as_str();
                continue;
            }
            None => (8, 0, 0),
        };
        let digits = behind.get(skip..).unwrap_or_default();
        let is_digit = |byte: &u8| char::from(*byte).is_digit(radix);
        let count = digits.bytes().take(most).take_while(is_digit).count();
        let number = u32::from_str_radix(digits.get(..count).unwrap_or_default(), radix);
        plain.extend(number.ok().and_then(char::from_u32));
        rest = digits.get(count..).unwrap_or_default();
    }
    plain.push_str(rest);
    plain
}

/// Whether an argument writes out a variable that is named like a credential.
fn prints_secret(judge: &mut Judge<'_>, args: &[Arg]) {
    for arg in args.iter().filter(|arg| arg.is_dynamic) {
        for variable in arg.text.split('$').skip(1) {
            let is_part = |c: char| c.is_ascii_alphanumeric() || c == '_';
            let end = variable
                .find(|c: char| !is_part(c))
                .unwrap_or(variable.len());
            if words::is_secret_variable(variable.get(..end).unwrap_or_default()) {
                judge.find(Intent::Exfiltrative, 72, "shell.prints_secret");
            }
        }
    }
}

pub(super) fn cat(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let files: Vec<&Arg> = call
        .args
        .iter()
        .filter(|arg| !arg.text.starts_with('-'))
        .collect();
    judge.find(Intent::Read, 92, "file.reads");
    for file in &files {
        judge.effects.extend(&path(&file.text, Access::Read));
    }
    if files.is_empty() {
        return call.input.flow.clone();
    }
    let downloaded = files.iter().any(|file| judge.is_downloaded(&file.text));
    let pipe = files.iter().find_map(|file| file.pipe.clone());
    match (downloaded, pipe) {
        (true, _) => Flow::Download,
        (false, Some(flow)) => flow,
        (false, None) => Flow::Local,
    }
}

/// `env NAME=value program`, or the whole environment.
pub(super) fn env(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let mut rest = call.args;
    while let Some((arg, behind)) = rest.split_first() {
        let text = arg.text.as_str();
        if matches!(text, "-S" | "--split-string") {
            let texts: Vec<&str> = behind.iter().map(|arg| arg.text.as_str()).collect();
            return judge.text(&texts.join(" "));
        }
        if matches!(text, "-u" | "-C" | "--unset" | "--chdir") {
            rest = behind.get(1..).unwrap_or_default();
        } else if let Some((name, value)) = text.split_once('=')
            && !text.starts_with('-')
        {
            judge.assign(name, &Arg::known(value));
            rest = behind;
        } else if text.starts_with('-') {
            rest = behind;
        } else {
            return judge.run(rest, call.input.clone());
        }
    }
    whole(judge, 62);
    Flow::Local
}

/// All variables are written out, unless a filter behind asks for harmless ones.
fn whole(judge: &mut Judge<'_>, percent: u8) {
    match judge.is_narrowed {
        true => judge.find(Intent::Read, 75, "shell.prints_variable"),
        false => judge.find(Intent::Exfiltrative, percent, "shell.prints_environment"),
    }
}

pub(super) fn printenv(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let names: Vec<&str> = call.args.iter().map(|arg| arg.text.as_str()).collect();
    match () {
        () if names.is_empty() => whole(judge, 62),
        () if names.iter().any(|name| words::is_secret_variable(name)) => {
            judge.find(Intent::Exfiltrative, 80, "shell.prints_secret");
        }
        () => judge.find(Intent::Read, 90, "shell.prints_variable"),
    }
    Flow::Local
}

/// `export NAME=value`, or all exported variables.
pub(super) fn export(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let names: Vec<&Arg> = call
        .args
        .iter()
        .filter(|arg| !arg.text.starts_with('-'))
        .collect();
    if names.is_empty() && call.name != "local" && call.name != "readonly" {
        whole(judge, 55);
        return Flow::Local;
    }
    judge.find(Intent::Read, 70, "shell.sets_variable");
    for arg in names {
        if let Some((name, value)) = arg.text.split_once('=') {
            let value = Arg {
                text: value.to_owned(),
                ..(*arg).clone()
            };
            judge.assign(name, &value);
        }
    }
    Flow::Empty
}

pub(super) fn set(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    match call.args.is_empty() {
        true => whole(judge, 50),
        false => judge.find(Intent::Read, 85, "shell.sets_option"),
    }
    Flow::Empty
}

/// `base64`, `xxd`, `gunzip`: what comes out of a decoder can't be read here.
pub(super) fn decode(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let has = |wanted: &[&str]| {
        call.args
            .iter()
            .any(|arg| wanted.contains(&arg.text.as_str()))
    };
    let is_always = matches!(
        call.name,
        "gunzip" | "zstdcat" | "bzcat" | "xzcat" | "rev" | "uudecode" | "unxz"
    );
    let files: Vec<&str> = call
        .args
        .iter()
        .map(|arg| arg.text.as_str())
        .filter(|text| !text.starts_with('-'))
        .collect();
    for file in &files {
        judge.effects.extend(&path(file, Access::Read));
    }
    let is_in_place = matches!(call.name, "gunzip" | "unxz" | "uudecode") && !files.is_empty();
    match is_in_place && !has(&["-c", "--stdout", "-t", "-l"]) {
        true => judge.find(Intent::Write, 80, "archive.unpacks"),
        false => judge.find(Intent::Read, 88, "shell.decodes"),
    }
    let decodes = has(&[
        "-d",
        "-D",
        "--decode",
        "-r",
        "-di",
        "-rp",
        "--ignore-garbage",
    ]);
    if is_always || decodes {
        return Flow::Decoded;
    }
    Flow::Local
}
