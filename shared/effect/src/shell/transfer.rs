//! Copies between machines and to buckets, and git's remotes.

use varistor_model::Intent;

use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use super::programs;
use crate::{Access, path};

const COPY: Style = Style {
    valued: "-P -p -i -o -F -l -e --rsh --exclude --include --exclude-from --files-from --filter -c -J \
             --bwlimit -b -B --port --config -u -T --max-size --backup-dir --log-file \
             --password-file",
    is_single_dash_long: false,
};

/// `scp`, `rsync`, `sftp`, `rclone`, `ftp`.
pub(super) fn files(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = match call.name {
        "rsync" => Style {
            valued: "-e --rsh --exclude --include --exclude-from --files-from --filter -f --port -T \
                                    --bwlimit --max-size --backup-dir --log-file --password-file \
                                    --timeout",
            ..COPY
        },
        _ => COPY,
    };
    let options = Options::of(call.args, style);
    match call.name {
        "rclone" => return rclone(judge, &options),
        "sftp" | "ftp" | "lftp" | "ncftpput" => return session(judge, call, &options),
        _ => {}
    }
    if call.name == "rsync" && options.has_any("-n|--dry-run|--list-only", style) {
        judge.find(Intent::Read, 92, "transfer.dry_run");
        return Flow::Local;
    }
    let Some((to, from)) = options.words.split_last() else {
        judge.find(Intent::Read, 60, "transfer.nothing");
        return Flow::Local;
    };
    if call.name == "rsync" && from.is_empty() {
        judge.find(Intent::Read, 85, "transfer.lists");
        return Flow::Local;
    }
    for source in from.iter().filter(|source| remote(source).is_none()) {
        let effects = path(source, Access::Read);
        if remote(to).is_some() {
            judge.effects.extend(&effects);
        }
    }
    match remote(to) {
        Some(host) if judge.is_foreign(host) => {
            judge.find(Intent::Exfiltrative, 90, "transfer.sends_outside");
        }
        Some(_) => judge.find(Intent::Write, 78, "transfer.sends"),
        None => {
            judge.effects.extend(&path(to, Access::Write));
            judge.find(Intent::Write, 80, "transfer.fetches");
        }
    }
    let deletes = [
        "--delete",
        "--del",
        "--delete-after",
        "--delete-before",
        "--delete-during",
        "--delete-excluded",
        "--remove-source-files",
        "--delete-delay",
    ];
    if call.name == "rsync" && deletes.iter().any(|option| options.has(option, style)) {
        judge.find(Intent::Destructive, 85, "transfer.deletes");
    }
    Flow::Empty
}

/// The host of `user@host:path`, `rsync://host/path`, `host::module`.
fn remote(word: &str) -> Option<&str> {
    let rest = match word.split_once("://") {
        Some((_, rest)) => rest.split(['/', ':']).next()?,
        None => {
            let (host, _) = word.split_once(':')?;
            if host.contains('/') || host.len() < 2 {
                return None;
            }
            host
        }
    };
    Some(rest.rsplit('@').next().unwrap_or(rest))
}

/// A file transfer session, whose commands may be known.
fn session(judge: &mut Judge<'_>, call: &Call<'_>, options: &Options<'_>) -> Flow {
    let mut hosts = options
        .words
        .iter()
        .map(|word| remote(word).unwrap_or(word));
    let is_foreign = hosts.next().is_some_and(|host| {
        let host = host.rsplit('@').next().unwrap_or(host);
        judge.is_foreign(host)
    });
    let given = match &call.input.flow {
        Flow::Text(text) => Some(text.as_str()),
        _ => options.value("-e").or_else(|| options.value("-c")),
    };
    let text = given.unwrap_or_default().to_ascii_lowercase();
    let has = |word: &str| {
        let mut words = text.split(|c: char| !c.is_ascii_alphanumeric() && c != '-');
        words.any(|found| found == word)
    };
    let sends = has("put") || has("mput") || has("-r") || has("reput") || call.name == "ncftpput";
    match () {
        () if sends && is_foreign => judge.find(Intent::Exfiltrative, 88, "transfer.sends_outside"),
        () if has("rm") || has("mdel") || has("delete") || has("rmdir") || has("mrm") => {
            judge.find(Intent::Destructive, 85, "transfer.deletes");
        }
        () if sends => judge.find(Intent::Write, 75, "transfer.sends"),
        () if given.is_none() && is_foreign && call.input.flow.is_some() => {
            judge.find(Intent::Exfiltrative, 60, "transfer.sends_outside");
        }
        () => judge.find(Intent::Write, 50, "transfer.session"),
    }
    Flow::Local
}

fn rclone(judge: &mut Judge<'_>, options: &Options<'_>) -> Flow {
    if options.has_any("--dry-run|-n", COPY) {
        judge.find(Intent::Read, 90, "transfer.dry_run");
        return Flow::Local;
    }
    let words = options.words.as_slice();
    match words.first().copied().unwrap_or_default() {
        "ls" | "lsd" | "lsf" | "lsl" | "lsjson" | "tree" | "size" | "check" | "about" | "cat"
        | "md5sum" | "sha1sum" | "version" | "listremotes" | "hashsum" | "cryptcheck" | "ncdu" => {
            judge.find(Intent::Read, 90, "transfer.lists");
        }
        "delete" | "deletefile" | "purge" | "rmdir" | "rmdirs" | "cleanup" | "dedupe" => {
            judge.find(Intent::Destructive, 90, "transfer.deletes");
        }
        "link" | "serve" => judge.find(Intent::Exfiltrative, 80, "transfer.shares"),
        "config"
            if words
                .iter()
                .any(|word| matches!(*word, "show" | "dump" | "reveal")) =>
        {
            judge.find(Intent::Exfiltrative, 80, "transfer.reveals_settings");
        }
        "copy" | "sync" | "move" | "copyto" | "moveto" | "rcat" => {
            bucket_copy(judge, words.get(1..).unwrap_or_default(), true);
        }
        _ => judge.find(Intent::Write, 60, "transfer.session"),
    }
    Flow::Local
}

/// Words in the name of a bucket or remote that say it is not the organisation's.
const STRANGERS: [&str; 18] = [
    "public",
    "external",
    "someone",
    "attacker",
    "evil",
    "exfil",
    "partner",
    "vendor",
    "drop",
    "leak",
    "personal",
    "private-",
    "mega",
    "dropbox",
    "anon",
    "thirdparty",
    "third-party",
    "else",
];

/// A copy whose ends may be buckets: `s3://bucket/key`, `gs://`, `remote:path`.
fn bucket_copy(judge: &mut Judge<'_>, words: &[&str], is_recursive: bool) {
    let is_bucket = |word: &str| {
        word.contains("://")
            || word
                .split_once(':')
                .is_some_and(|(name, _)| name.len() > 1 && !name.contains('/'))
    };
    let Some((to, from)) = words.split_last() else {
        return judge.find(Intent::Write, 50, "transfer.session");
    };
    let sources_secret = from.iter().filter(|word| !is_bucket(word)).any(|word| {
        path(word, Access::Read).intent() == Some(Intent::Exfiltrative) || is_broad(word)
    });
    let lower = to.to_ascii_lowercase();
    let is_strange = STRANGERS.iter().any(|word| lower.contains(word));
    match (is_bucket(to), from.iter().any(|word| is_bucket(word))) {
        (true, _) if sources_secret => {
            judge.find(Intent::Exfiltrative, 75, "transfer.sends_secrets")
        }
        (true, _) if is_strange => judge.find(Intent::Exfiltrative, 75, "transfer.sends_outside"),
        (true, true) if is_recursive => {
            judge.find(Intent::Exfiltrative, 55, "transfer.between_buckets")
        }
        (true, _) => judge.find(Intent::Write, 75, "transfer.sends"),
        (false, true) if *to == "-" => judge.find(Intent::Read, 85, "transfer.reads"),
        (false, true) if is_recursive && from.iter().any(|word| is_whole_bucket(word)) => {
            judge.find(Intent::Exfiltrative, 58, "transfer.takes_bucket");
        }
        (false, _) => judge.find(Intent::Write, 75, "transfer.fetches"),
    }
}

/// Whether a word names a bucket or a remote without any folder of it: `s3://bucket`, `drive:`.
fn is_whole_bucket(word: &str) -> bool {
    let path = match word.split_once("://") {
        Some((_, rest)) => rest.split_once('/').map_or("", |(_, path)| path),
        None => word.split_once(':').map_or(word, |(_, path)| path),
    };
    path.trim_matches(['/', '*']).is_empty()
}

/// Whether a path is a whole machine or home.
fn is_broad(word: &str) -> bool {
    matches!(
        word.trim_end_matches(['/', '*']),
        "" | "~" | "/home" | "/etc" | "/var" | "/root" | "/var/lib" | "C:" | "/mnt" | "/data"
    )
}

/// `gsutil`, `s3cmd`, `mc`, `azcopy`.
pub(super) fn buckets(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-h -c -o --account-name -p",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    let words = options.words.as_slice();
    if options.has_any("--dry-run|-n", style) && call.name != "mc" {
        judge.find(Intent::Read, 85, "transfer.dry_run");
        return Flow::Local;
    }
    let is_public = options.has_any("--acl-public|-P", style) && call.name == "s3cmd"
        || words.iter().any(|word| {
            matches!(
                *word,
                "public-read" | "allUsers:R" | "allUsers" | "public" | "AllUsers:R"
            )
        })
        || words.iter().any(|word| word.starts_with("allUsers:"));
    if is_public {
        judge.find(Intent::Exfiltrative, 90, "cloud.publishes");
        return Flow::Local;
    }
    let deletes = options.has_any(
        "-d|--delete|--delete-removed|--remove|--delete-destination",
        style,
    );
    match words.first().copied().unwrap_or_default() {
        "ls" | "du" | "stat" | "cat" | "info" | "list" | "hash" | "find" | "tree" | "diff"
        | "head" | "version" | "la" | "select" => judge.find(Intent::Read, 90, "cloud.lists"),
        "rm" | "rb" | "del" | "remove" | "delete" | "delete-file-version" | "delete-bucket" => {
            judge.find(Intent::Destructive, 92, "cloud.deletes_objects");
        }
        "signurl" | "share" | "signed-url" => {
            judge.find(Intent::Exfiltrative, 80, "cloud.shares_link")
        }
        "cp" | "mv" | "sync" | "rsync" | "put" | "get" | "copy" | "mirror" | "upload-file"
        | "download-file" => {
            bucket_copy(judge, words.get(1..).unwrap_or_default(), true);
            if deletes
                && words
                    .first()
                    .is_some_and(|verb| verb.ends_with("sync") || *verb == "mirror")
            {
                judge.find(Intent::Destructive, 80, "transfer.deletes");
            }
        }
        _ => judge.find(Intent::Write, 72, "cloud.changes"),
    }
    Flow::Local
}

/// `aws`: copies to buckets, else its rows.
pub(super) fn aws(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    const AWS: Style = Style {
        valued: "--profile --region --output --query --acl --exclude --include --endpoint-url --grants \
                 --storage-class --content-type --sse --cache-control --metadata",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, AWS);
    let words = options.words.as_slice();
    if let ["s3", "cp" | "sync" | "mv", paths @ ..] = words
        && !options.has("--dryrun", AWS)
    {
        let acl = options.value("--acl").unwrap_or_default();
        let is_open = acl.starts_with("public") || acl.starts_with("authenticated");
        let grants = options
            .value("--grants")
            .is_some_and(|grants| grants.contains("AllUsers"));
        if is_open || grants {
            judge.find(Intent::Exfiltrative, 93, "cloud.publishes");
        }
        let is_recursive = options.has("--recursive", AWS) || words.get(1) == Some(&"sync");
        bucket_copy(judge, paths, is_recursive);
        if options.has("--delete", AWS) {
            judge.find(Intent::Destructive, 85, "transfer.deletes");
        }
        return Flow::Local;
    }
    programs::rows(judge, call)
}

/// `gcloud`: copies to buckets, else its rows.
pub(super) fn gcloud(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, COPY);
    if let ["storage", "cp" | "mv" | "rsync", paths @ ..] = options.words.as_slice() {
        bucket_copy(judge, paths, true);
        return Flow::Local;
    }
    programs::rows(judge, call)
}

/// `git`: where a push goes, then its rows.
pub(super) fn git(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    const GIT: Style = Style {
        valued: "-C -c --git-dir --work-tree -m -u -o --repo",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, GIT);
    for setting in options.values("-c") {
        if let Some((_, code)) = setting.split_once("=!") {
            judge.text(code);
        }
    }
    let words = options.words.as_slice();
    let is_dry = options.has("--dry-run", GIT);
    match words {
        ["config", key, code, ..] if key.starts_with("alias.") && code.starts_with('!') => {
            judge.text(code.trim_start_matches('!'));
        }
        ["remote", "add" | "set-url", name, url, ..] => {
            if let Some(host) = remote(url)
                && judge.is_foreign(host)
            {
                judge.remember_remote(name);
            }
        }
        ["push", to, ..] if !is_dry => {
            let is_foreign = remote(to).is_some_and(|host| judge.is_foreign(host));
            if is_foreign || judge.is_remembered_remote(to) {
                judge.find(Intent::Exfiltrative, 80, "git.pushes_outside");
            }
        }
        _ => {}
    }
    if let ["show", objects @ ..] = words {
        for (_, file) in objects.iter().filter_map(|object| object.split_once(':')) {
            judge.effects.extend(&path(file, Access::Read));
        }
    }
    programs::rows(judge, call)
}
