//! Programs over files whose arguments decide what they do: `find`, `dd`, `sed`, `rm`, `cp`.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Input, Judge};
use super::options::{Options, Style};
use super::redirect::{is_precious, is_stream};
use super::wrap;
use crate::{Access, path, words};

/// `find`, `fd`: reads, unless told to do something with what it finds.
pub(super) fn find(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 92, "file.finds");
    let mut rest = call.args;
    let mut named = None;
    while let Some((arg, behind)) = rest.split_first() {
        rest = behind;
        match arg.text.as_str() {
            "-name" | "-iname" | "-path" => named = behind.first().map(|arg| arg.text.as_str()),
            "-delete" => judge.find(Intent::Destructive, 92, "file.finds_and_deletes"),
            "-fprint" | "-fprintf" | "-fls" | "-fprint0" => {
                judge.find(Intent::Write, 75, "file.writes")
            }
            "-exec" | "-execdir" | "-ok" | "-okdir" | "-x" | "-X" | "--exec" | "--exec-batch" => {
                let end = behind
                    .iter()
                    .position(|arg| matches!(arg.text.as_str(), ";" | "+"));
                let end = end.unwrap_or(behind.len());
                let mut args = behind.get(..end).unwrap_or_default().to_vec();
                for arg in &mut args {
                    arg.is_dynamic |= arg.text.contains("{}");
                    // What is found is named as was asked for.
                    if let Some(name) = named.filter(|_| arg.text == "{}") {
                        name.clone_into(&mut arg.text);
                    }
                }
                if !args.iter().any(|arg| arg.text.contains("{}")) {
                    args.push(wrap::unknown());
                }
                judge.run(&args, Input::default());
                rest = behind.get(end..).unwrap_or_default();
            }
            _ => {}
        }
    }
    Flow::Local
}

pub(super) fn dd(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 80, "file.reads");
    for arg in call.args {
        if let Some(from) = arg.text.strip_prefix("if=") {
            judge.effects.extend(&path(from, Access::Read));
        }
        if let Some(to) = arg.text.strip_prefix("of=").filter(|to| !is_stream(to)) {
            judge.effects.extend(&path(to, Access::Write));
            match is_precious(to) {
                true => judge.find(Intent::Destructive, 75, "shell.overwrites_file"),
                false => judge.find(Intent::Write, 78, "file.writes"),
            }
        }
    }
    Flow::Local
}

/// The files behind a script that is the first word.
pub(super) fn files_behind_script<'a>(
    options: &Options<'a>,
    style: Style,
    script: &str,
) -> Vec<&'a str> {
    let skips = usize::from(!options.has_any(script, style));
    options.words.iter().skip(skips).copied().collect()
}

pub(super) fn remove(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, Style::default());
    if options.has("--help", Style::default()) || options.has("--version", Style::default()) {
        judge.find(Intent::Read, 95, "shell.asks_help");
        return Flow::Local;
    }
    match () {
        () if call.name == "rmdir" => {
            judge.find(Intent::Destructive, 58, "file.removes_empty_folder")
        }
        () if options.has_any("-r|-R|--recursive", Style::default()) => {
            judge.find(Intent::Destructive, 96, "file.deletes_tree");
        }
        () => judge.find(Intent::Destructive, 92, "file.deletes"),
    }
    Flow::Empty
}

/// `cp`, `mv`, `ln`, `install`: the last word, or `-t`, is where it goes.
pub(super) fn copy(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-t --target-directory -m -o -g -S --suffix",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    if options.has("--help", style) {
        judge.find(Intent::Read, 95, "shell.asks_help");
        return Flow::Local;
    }
    let (to, from) = match options
        .value("-t")
        .or_else(|| options.value("--target-directory"))
    {
        Some(to) => (to, options.words.as_slice()),
        None => match options.words.split_last() {
            Some((to, from)) => (*to, from),
            None => ("", [].as_slice()),
        },
    };
    judge.find(Intent::Write, 85, "file.copies");
    let takes_secret = from.iter().any(|file| {
        path(file, Access::Read).intent() == Some(Intent::Exfiltrative) || holds_keys(file)
    });
    if takes_secret && is_shared_folder(to) {
        judge.find(Intent::Exfiltrative, 75, "file.publishes_secret");
    }
    if !to.is_empty() {
        judge.effects.extend(&path(to, Access::Write));
    }
    let empties = from.contains(&"/dev/null") || (to == "/dev/null" && call.name == "mv");
    if empties && call.name != "ln" {
        judge.find(Intent::Destructive, 80, "shell.empties_file");
    }
    Flow::Empty
}

/// Whether a folder is one of keys.
fn holds_keys(folder: &str) -> bool {
    let folder = folder.trim_end_matches(['/', '*']);
    [".ssh", ".aws", ".gnupg", ".kube"]
        .iter()
        .any(|one| folder.ends_with(one))
}

/// Whether a path is one of settings: of the machine, of a person, or by its ending.
fn is_configuration(path: &str) -> bool {
    const ENDINGS: [&str; 8] = [
        ".yml",
        ".yaml",
        ".conf",
        ".cfg",
        ".ini",
        ".env",
        ".properties",
        ".toml",
    ];
    let places = ["/etc", "/home", "/root", "/var", "/opt", "~", "/srv"];
    places.iter().any(|place| path.starts_with(place))
        || ENDINGS.iter().any(|ending| path.ends_with(ending))
}

/// Whether others read what lies there.
pub(super) fn is_shared_folder(name: &str) -> bool {
    const PLACES: [&str; 5] = [
        "/var/www",
        "/public_html",
        "/usr/share/nginx/html",
        "/srv/http",
        "/mnt/usb",
    ];
    PLACES.iter().any(|place| name.contains(place)) || name.starts_with("/media/")
}

pub(super) fn tee(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, Style::default());
    let is_append = options.has_any("-a|--append", Style::default());
    judge.find(Intent::Read, 80, "shell.prints");
    let files: Vec<&Arg> = call
        .args
        .iter()
        .filter(|arg| !arg.text.starts_with('-'))
        .collect();
    for file in files {
        judge.writes(file, is_append);
    }
    call.input.flow.clone()
}

pub(super) fn grep(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-e -f -m -A -B -C --include --exclude --exclude-dir -g --glob -t --type --regexp --color",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    judge.find(Intent::Read, 93, "file.reads");
    if !options.has_any(
        "-c|-q|-l|-L|--count|--quiet|--files-with-matches|--files",
        style,
    ) {
        let pattern = options.words.first().copied().unwrap_or_default();
        let asks_secret = words::is_secret_variable(pattern) && !pattern.contains(' ');
        for file in files_behind_script(&options, style, "-e|-f|--regexp") {
            if asks_secret && is_configuration(file) {
                judge.find(Intent::Exfiltrative, 60, "file.finds_secret");
            }
            judge.effects.extend(&path(file, Access::Read));
            let folder = file.trim_end_matches('/');
            if [".ssh", ".aws", ".gnupg"]
                .iter()
                .any(|secret| folder.ends_with(secret))
            {
                judge
                    .effects
                    .extend(&path(&format!("{folder}/credentials"), Access::Read));
            }
        }
    }
    call.input.flow.clone().filtered()
}
