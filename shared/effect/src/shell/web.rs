//! HTTP clients: what is sent, to whom, and what is fetched.

use varistor_model::Intent;

use super::expand::Arg;
use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use super::redirect::is_stream;
use crate::{Access, HttpRequest, http, path};

const CURL: Style = Style {
    valued: "-d --data --data-raw --data-binary --data-urlencode --data-ascii --json -F --form -T \
             --upload-file -X --request -H --header -o --output -u --user -A --user-agent -e \
             --referer \
             -b --cookie -c --cookie-jar -m --max-time --connect-timeout --retry -x --proxy --url \
             -K --config -w --write-out --cacert --cert --key -r --range -D --dump-header \
             --resolve --interface --limit-rate --form-string --retry-delay --proto -E -Y -y -z -C",
    is_single_dash_long: false,
};

const WGET: Style = Style {
    valued: "-O --output-document -P --directory-prefix --post-data --post-file --body-data --body-file \
             --method --header -o --output-file -a -t -T --tries --timeout -U --user-agent -i \
             --input-file --user --password -l -A -R -d --out -x -s -j --dir",
    is_single_dash_long: false,
};

/// What one HTTP client was told to do.
struct Transfer<'a> {
    method: Option<&'a str>,
    urls: Vec<&'a str>,
    headers: Vec<&'a str>,
    data: Vec<&'a str>,
    /// Whether a file or the input is sent.
    sends_file: bool,
}

pub(super) fn curl(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, CURL);
    let mut data = Vec::new();
    for option in [
        "-d",
        "--data",
        "--data-raw",
        "--data-binary",
        "--data-urlencode",
        "--data-ascii",
        "--json",
        "-F",
        "--form",
        "--form-string",
    ] {
        data.extend(options.values(option));
    }
    let uploads: Vec<&str> = options
        .values("-T")
        .chain(options.values("--upload-file"))
        .collect();
    let files = data
        .iter()
        .filter_map(|value| attached(value))
        .chain(uploads.iter().copied());
    for file in files {
        judge.effects.extend(&path(file, Access::Read));
    }
    let sends_file = !uploads.is_empty() || data.iter().any(|value| attached(value).is_some());
    data.extend(&uploads);
    let is_get = options.has_any("-G|--get", CURL);
    let stated = options.value("-X").or_else(|| options.value("--request"));
    let method = match stated {
        Some(method) => Some(method),
        None if options.has_any("-I|--head", CURL) => Some("HEAD"),
        None if is_get => Some("GET"),
        None if !uploads.is_empty() => Some("PUT"),
        None => None,
    };
    let mut urls = options.words.clone();
    urls.extend(options.values("--url"));
    let headers = options
        .values("-H")
        .chain(options.values("--header"))
        .collect();
    let transfer = Transfer {
        method,
        urls,
        headers,
        data,
        sends_file,
    };
    request(judge, call, &transfer);
    let output = options.value("-o").or_else(|| options.value("--output"));
    if let Some(file) = output.filter(|file| !is_stream(file)) {
        judge.effects.extend(&path(file, Access::Write));
        judge.remember_downloads(&[file.to_owned()]);
        return Flow::Empty;
    }
    if options.has_any("-O|--remote-name|-J", CURL) {
        judge.find(Intent::Write, 80, "network.downloads_file");
        let names: Vec<String> = transfer.urls.iter().map(|url| last_part(url)).collect();
        judge.remember_downloads(&names);
        return Flow::Empty;
    }
    Flow::Download
}

/// The file that a value of `-d` or `-F` attaches: `@file`, `name=@file`.
fn attached(value: &str) -> Option<&str> {
    let file = value.strip_prefix('@').or_else(|| {
        let (_, behind) = value.split_once('=')?;
        behind.strip_prefix(['@', '<'])
    })?;
    file.split(';').next()
}

fn last_part(url: &str) -> String {
    let path = url.split(['?', '#']).next().unwrap_or_default();
    path.rsplit('/').next().unwrap_or_default().to_owned()
}

pub(super) fn wget(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(call.args, WGET);
    let files: Vec<&str> = options
        .values("--post-file")
        .chain(options.values("--body-file"))
        .collect();
    for file in &files {
        judge.effects.extend(&path(file, Access::Read));
    }
    let mut data: Vec<&str> = options
        .values("--post-data")
        .chain(options.values("--body-data"))
        .collect();
    data.extend(&files);
    let stated = options.value("--method");
    let method = stated.or(if data.is_empty() { None } else { Some("POST") });
    let transfer = Transfer {
        method,
        urls: options.words.clone(),
        headers: options.values("--header").collect(),
        sends_file: !files.is_empty(),
        data,
    };
    request(judge, call, &transfer);
    let output = options
        .value("-O")
        .or_else(|| options.value("--output-document"));
    let to_stream = output.is_some_and(is_stream);
    let is_look = options.has_any("--spider|-S =end", WGET) && options.has("--spider", WGET);
    if to_stream {
        return Flow::Download;
    }
    if is_look || (!transfer.data.is_empty() && output.is_none()) {
        return Flow::Local;
    }
    match output {
        Some(file) => {
            judge.effects.extend(&path(file, Access::Write));
            judge.remember_downloads(&[file.to_owned()]);
        }
        None => {
            judge.find(Intent::Write, 80, "network.downloads_file");
            let names: Vec<String> = transfer.urls.iter().map(|url| last_part(url)).collect();
            judge.remember_downloads(&names);
        }
    }
    Flow::Empty
}

pub(super) fn httpie(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let options = Options::of(
        call.args,
        Style {
            valued: "-a --auth -o --output --timeout --session",
            ..CURL
        },
    );
    let mut words = options.words.iter().copied().peekable();
    let is_method =
        |word: &&str| !word.is_empty() && word.bytes().all(|byte| byte.is_ascii_uppercase());
    let method = words.next_if(is_method);
    let url = words.next();
    let items: Vec<&str> = words.filter(|item| !item.contains("==")).collect();
    let data: Vec<&str> = items
        .into_iter()
        .filter(|item| item.contains('=') || item.contains('@'))
        .collect();
    let sends_file = data
        .iter()
        .any(|item| item.contains('@') && !item.contains('='));
    let piped = call.input.flow.is_some();
    let method = method.or(if data.is_empty() && !piped {
        None
    } else {
        Some("POST")
    });
    let transfer = Transfer {
        method,
        urls: url.into_iter().collect(),
        headers: Vec::new(),
        sends_file: sends_file || piped,
        data,
    };
    request(judge, call, &transfer);
    Flow::Download
}

/// Judges what one client sends, URL by URL.
fn request(judge: &mut Judge<'_>, call: &Call<'_>, transfer: &Transfer<'_>) {
    let sends_input = call.input.flow.is_some()
        && transfer
            .data
            .iter()
            .any(|value| matches!(*value, "-" | "@-" | "/dev/stdin" | "@/dev/stdin"));
    let has_body = !transfer.data.is_empty() && !matches!(transfer.method, Some("GET" | "HEAD"));
    let pairs: Vec<(&str, &str)> = transfer
        .headers
        .iter()
        .filter_map(|header| header.split_once(':'))
        .collect();
    let in_query = !transfer.data.is_empty() && !has_body;
    if transfer.urls.is_empty() {
        judge.find(Intent::Write, 40, "network.unknown_target");
    }
    for url in &transfer.urls {
        let request = HttpRequest {
            method: transfer
                .method
                .unwrap_or(if has_body { "POST" } else { "GET" }),
            url,
            headers: &pairs,
            has_body,
            body: transfer.data.first().copied().filter(|_| has_body),
        };
        judge.effects.extend(&http(&request, judge.outside));
        let host = http::host(url).unwrap_or(url);
        if !judge.is_foreign(host) {
            continue;
        }
        if sends_input || transfer.sends_file {
            judge.find(Intent::Exfiltrative, 92, "network.sends_file");
        }
        if in_query && (transfer.sends_file || sends_input) {
            judge.find(Intent::Exfiltrative, 85, "network.sends_file");
        }
        if call.args.iter().any(carries_output) {
            judge.find(Intent::Exfiltrative, 80, "network.sends_output");
        }
    }
}

/// Whether an argument holds what another command wrote.
fn carries_output(arg: &Arg) -> bool {
    arg.is_dynamic && arg.pipe.is_some() && arg.text.contains("$()") && arg.text.trim() != "$()"
}
