//! Programs that run another program: `sudo`, `xargs`, `docker exec`, `timeout` and their like.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::interpret;
use super::judge::{Call, Input, Judge};
use super::options::is_listed;

/// How what follows is to be read.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Form {
    /// A program and its arguments.
    Arguments,
    /// The same, behind `NAME=value`.
    Assignments,
    /// The same, with arguments from the input.
    FromInput,
    /// The same, but only behind `--`.
    BehindDashes,
    /// Words that a shell reads when they are put together.
    Text,
}

/// One program that runs another.
struct Wrapper {
    /// Its names, separated by blanks.
    names: &'static str,
    /// The words in front that make it a wrapper, one step each; alternatives by `|`.
    words: &'static [&'static str],
    /// Options that take the next argument.
    valued: &'static str,
    /// How many words stand in front of the command.
    skips: usize,
    form: Form,
    /// What running something that way does by itself.
    own: Option<(Intent, u8, &'static str)>,
}

const fn plain(names: &'static str, valued: &'static str, skips: usize) -> Wrapper {
    Wrapper {
        names,
        words: &[],
        valued,
        skips,
        form: Form::Arguments,
        own: None,
    }
}

const fn sub(
    names: &'static str,
    words: &'static [&'static str],
    valued: &'static str,
    skips: usize,
) -> Wrapper {
    Wrapper {
        names,
        words,
        valued,
        skips,
        form: Form::Arguments,
        own: None,
    }
}

/// Whether this program runs other ones.
pub(super) fn is_known(name: &str) -> bool {
    WRAPPERS
        .iter()
        .any(|wrapper| is_listed(wrapper.names, name))
}

/// Judges the program that this one runs, if it is a wrapper.
pub(super) fn run(judge: &mut Judge<'_>, call: &Call<'_>) -> Option<Flow> {
    let first = call.args.first().map(|arg| arg.text.as_str());
    if call.name == "command" && matches!(first, Some("-v" | "-V")) {
        judge.find(Intent::Read, 92, "shell.reads");
        return Some(Flow::Local);
    }
    let mut fitting = WRAPPERS
        .iter()
        .filter(|wrapper| is_listed(wrapper.names, call.name));
    let (wrapper, mut inner) = fitting.find_map(|wrapper| {
        let inner = command(wrapper, call.args)?;
        Some((wrapper, inner))
    })?;
    if inner.is_empty() && call.args.iter().any(|arg| arg.text == "--help") {
        judge.find(Intent::Read, 92, "shell.asks_help");
        return Some(Flow::Local);
    }
    if let Some((intent, percent, evidence)) = wrapper.own {
        judge.find(intent, percent, evidence);
    }
    if wrapper.form == Form::Assignments {
        while let Some((name, value)) = inner.first().and_then(assignment) {
            judge.assign(name, &Arg::known(value));
            inner = inner.get(1..).unwrap_or_default();
        }
    }
    if inner.is_empty() {
        return Some(empty(judge, call, wrapper));
    }
    let input = call.input.clone();
    Some(match wrapper.form {
        Form::FromInput => {
            let mut args = inner.to_vec();
            for arg in &mut args {
                arg.is_dynamic |= arg.text.contains("{}");
            }
            if !args.iter().any(|arg| arg.text.contains("{}")) {
                args.push(unknown());
            }
            judge.run(&args, Input::default())
        }
        Form::Text => {
            let texts: Vec<&str> = inner.iter().map(|arg| arg.text.as_str()).collect();
            judge.text(&texts.join(" "))
        }
        Form::Arguments | Form::Assignments | Form::BehindDashes => match inner {
            // No program has a blank in its name: `flock -c 'rm a'`, `hyperfine 'rm a'`.
            [only] if only.text.trim().contains(' ') => judge.text(&only.text),
            _ => judge.run(inner, input),
        },
    })
}

/// An argument of which nothing is known.
pub(super) fn unknown() -> Arg {
    Arg {
        text: "$()".to_owned(),
        is_dynamic: true,
        pipe: None,
    }
}

fn assignment(arg: &Arg) -> Option<(&str, &str)> {
    let (name, value) = arg.text.split_once('=')?;
    let is_name = !name.is_empty() && name.bytes().all(|b| b.is_ascii_alphanumeric() || b == b'_');
    is_name.then_some((name, value))
}

/// The arguments that are the command, if the words that make a wrapper stand in front.
fn command<'a>(wrapper: &Wrapper, args: &'a [Arg]) -> Option<&'a [Arg]> {
    let mut wanted = wrapper.words.iter();
    let mut next_word = wanted.next();
    let mut skips = wrapper.skips;
    let mut rest = args;
    loop {
        let Some((arg, behind)) = rest.split_first() else {
            return next_word.is_none().then_some(rest);
        };
        let text = arg.text.as_str();
        if text == "--" {
            return next_word.is_none().then_some(behind);
        }
        if text.starts_with('-') && text.len() > 1 {
            let takes = is_listed(wrapper.valued, text);
            rest = behind.get(usize::from(takes)..).unwrap_or_default();
        } else if let Some(word) = next_word {
            if !word.split('|').any(|word| word == text) {
                return None;
            }
            next_word = wanted.next();
            rest = behind;
        } else if wrapper.form == Form::BehindDashes {
            rest = behind;
        } else if let Some(fewer) = skips.checked_sub(1) {
            skips = fewer;
            rest = behind;
        } else {
            return Some(rest);
        }
    }
}

/// A wrapper without a command.
fn empty(judge: &mut Judge<'_>, call: &Call<'_>, wrapper: &Wrapper) -> Flow {
    let has = |option: &str| call.args.iter().any(|arg| arg.text == option);
    match call.name {
        "sudo" | "doas" if has("-i") || has("-s") => interpret::input(judge, &call.input),
        "sudo" | "doas" if has("-l") || has("-v") || has("-k") => {
            judge.find(Intent::Read, 85, "shell.reads");
            Flow::Local
        }
        "nix-shell" | "su" | "runuser" | "unshare" | "chroot" | "nsenter"
            if call.input.is_piped =>
        {
            interpret::input(judge, &call.input)
        }
        "xargs" | "nohup" | "time" | "nice" | "command" | "builtin" => {
            judge.find(Intent::Read, 80, "shell.reads");
            Flow::Local
        }
        "exec" => Flow::Local,
        _ => {
            if wrapper.own.is_none() {
                judge.find(Intent::Write, 45, "shell.opens_session");
            }
            Flow::Local
        }
    }
}

const CONTAINER_VALUED: &str = "-u --user -e --env -w --workdir -v --volume --name -p --publish -n \
    --namespace -c --container --network --entrypoint --mount --env-file --index -f --file \
    --context \
    --project-name -m --memory --cpus --platform -l --label -h --hostname --add-host --pod -o \
    --output \
    --kubeconfig --image --restart --device --gpus --pull --user";

const WRAPPERS: &[Wrapper] = &[
    Wrapper {
        names: "sudo doas",
        words: &[],
        valued: "-u -g -h -p -C -T -r -t -U -D -R -a --user --group --host --chdir",
        skips: 0,
        form: Form::Assignments,
        own: None,
    },
    plain(
        "nohup setsid unbuffer chronic builtin command busybox toybox proxychains proxychains4 torsocks torify rlwrap \
           unshare firejail valgrind systemd-inhibit dbus-run-session catchsegv noglob nocorrect \
           setpriv",
        "",
        0,
    ),
    plain(
        "fakeroot eatmydata pkexec ssh-agent aa-exec tini dumb-init catatonit chpst choom cpulimit \
           numactl prlimit cgexec ifne linux32 linux64 i386 x86_64 tsocks proot hyperfine \
           daemonize watchexec abduco dtach lxc-attach systemd-nspawn setpgid softlimit fakechroot",
        "-l -i -s -b --lib --faked -u --user -t -p -g -c -n -N -m -C -d -w -e -o -a -A -D -M",
        0,
    ),
    plain("setuidgid envuidgid envdir setlock", "", 1),
    plain("runcon", "-t -u -r -l --type --user --role --range", 0),
    plain("setarch", "", 0),
    plain("flock", "-w -E --timeout --wait --conflict-exit-code", 1),
    Wrapper {
        form: Form::Text,
        ..plain("pee", "", 0)
    },
    sub("ip", &["netns", "exec"], "-n", 1),
    sub("perf", &["stat|record|trace"], "-e -o -p -F -c", 0),
    sub("rr", &["record"], "-o", 0),
    plain("nice", "-n --adjustment", 0),
    plain("ionice", "-c -n -p", 0),
    plain("time", "-f -o", 0),
    plain("stdbuf", "-i -o -e", 0),
    plain("exec", "-a", 0),
    plain("caffeinate", "-t -w", 0),
    plain("xvfb-run", "-s -n", 0),
    plain("systemd-run", "-p -u --unit --property -M -t", 0),
    plain("strace ltrace", "-e -o -p -s -P -E -u", 0),
    plain("dotenv", "-f -e", 0),
    plain("nsenter", "-t --target", 0),
    plain("timeout gtimeout", "-s -k --signal --kill-after", 1),
    plain("chroot", "", 1),
    plain("gosu su-exec faketime", "", 1),
    plain("taskset chrt", "", 1),
    Wrapper {
        form: Form::FromInput,
        ..plain(
            "xargs parallel",
            "-n -P -I -i -L -d -s -a -E -j --max-args --max-procs --replace --jobs",
            0,
        )
    },
    Wrapper {
        form: Form::Text,
        ..plain("watch entr", "-n -d --interval", 0)
    },
    sub(
        "uv poetry pipenv pdm hatch rye",
        &["run"],
        "--with --python -p --env-file",
        0,
    ),
    sub("conda mamba micromamba", &["run"], "-n --name -p", 0),
    sub("bundle", &["exec"], "", 0),
    sub("npm pnpm yarn", &["exec"], "", 0),
    sub("rustup", &["run"], "", 1),
    sub("mise asdf direnv", &["exec"], "", 1),
    sub("docker podman nerdctl", &["exec"], CONTAINER_VALUED, 1),
    sub(
        "docker podman nerdctl",
        &["compose", "exec"],
        CONTAINER_VALUED,
        1,
    ),
    sub(
        "docker-compose podman-compose",
        &["exec"],
        CONTAINER_VALUED,
        1,
    ),
    Wrapper {
        own: Some((Intent::Write, 70, "container.runs")),
        ..sub(
            "docker podman nerdctl docker-compose",
            &["run"],
            CONTAINER_VALUED,
            1,
        )
    },
    Wrapper {
        own: Some((Intent::Write, 70, "container.runs")),
        ..sub(
            "docker podman nerdctl",
            &["compose", "run"],
            CONTAINER_VALUED,
            1,
        )
    },
    Wrapper {
        form: Form::BehindDashes,
        ..sub("kubectl oc k lxc incus", &["exec"], CONTAINER_VALUED, 0)
    },
    Wrapper {
        form: Form::BehindDashes,
        own: Some((Intent::Write, 75, "cluster.runs")),
        ..sub("kubectl oc k", &["run|debug"], CONTAINER_VALUED, 0)
    },
    Wrapper {
        form: Form::BehindDashes,
        ..sub("aws-vault", &["exec"], "", 0)
    },
    Wrapper {
        form: Form::BehindDashes,
        ..sub("op doppler infisical", &["run"], "--env-file -p -c", 0)
    },
    sub("limactl multipass", &["shell|exec"], "", 1),
    Wrapper {
        form: Form::Text,
        ..sub("adb", &["shell"], "-s", 0)
    },
    Wrapper {
        form: Form::Text,
        ..sub("heroku", &["run"], "-a --app", 0)
    },
    sub("git", &["bisect", "run"], "", 0),
    Wrapper {
        form: Form::Text,
        ..sub("git", &["submodule", "foreach"], "", 0)
    },
    Wrapper {
        form: Form::Text,
        ..sub(
            "tmux",
            &["new-session|new|new-window|neww|split-window|splitw|send-keys|send|run-shell"],
            "-t -s -n -c -d",
            0,
        )
    },
];
