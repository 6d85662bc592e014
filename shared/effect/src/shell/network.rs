//! Programs that speak to the net: connections, names, mail, other machines.

use varistor_model::Intent;

use super::flow::Flow;
use super::judge::{Call, Judge};
use super::options::{Options, Style};
use super::programs;
use crate::{Access, path};

/// `nc`, `socat`, `telnet`, `openssl s_client`.
pub(super) fn sockets(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-p -w -s -X -x -i -q -e -c --exec --sh-exec -connect -servername -in -out -k -pass -iter -days -subj",
        is_single_dash_long: call.name == "openssl",
    };
    let options = Options::of(call.args, style);
    if call.name == "openssl" && options.value("-connect").is_none() {
        return openssl(judge, &options);
    }
    let runs = ["-e", "-c", "--exec", "--sh-exec"]
        .iter()
        .any(|option| options.value(option).is_some())
        || options.words.iter().any(|word| {
            let upper = word.to_ascii_uppercase();
            upper.starts_with("EXEC:") || upper.starts_with("SYSTEM:")
        });
    if runs {
        judge.find(Intent::Exfiltrative, 95, "network.gives_shell");
        return Flow::Local;
    }
    if options.has_any("-z", style) && call.name != "openssl" {
        judge.find(Intent::Read, 85, "network.looks");
        return Flow::Local;
    }
    let peers = options
        .words
        .iter()
        .copied()
        .chain(options.value("-connect"));
    let is_sending = call.input.flow.is_some();
    let listens = options.has_any("-l|--listen", style)
        || options.words.iter().any(|word| word.contains("LISTEN"));
    let mut is_foreign = false;
    for peer in peers.filter(|peer| !peer.bytes().all(|byte| byte.is_ascii_digit())) {
        is_foreign |= judge.is_foreign(host_in(peer));
    }
    match (is_sending, is_foreign, listens) {
        (true, _, true) => judge.find(Intent::Exfiltrative, 75, "network.serves_data"),
        (true, true, _) => judge.find(Intent::Exfiltrative, 88, "network.sends_data"),
        (true, false, _) => judge.find(Intent::Write, 65, "network.sends_data_inside"),
        _ if call.name == "openssl" => judge.find(Intent::Read, 80, "network.looks"),
        _ => judge.find(Intent::Write, 45, "network.opens_connection"),
    }
    Flow::Download
}

/// The host in `host:port` or `TCP:host:port`.
fn host_in(peer: &str) -> &str {
    let mut parts = peer.split([':', ',']);
    let first = parts.next().unwrap_or_default();
    match first.to_ascii_uppercase().as_str() {
        "TCP" | "TCP4" | "TCP6" | "UDP" | "OPENSSL" | "SSL" | "TCP-CONNECT" | "UDP4" => {
            parts.next().unwrap_or_default()
        }
        "-" | "STDIN" | "STDIO" | "FILE" | "OPEN" => "",
        _ => first,
    }
}

fn openssl(judge: &mut Judge<'_>, options: &Options<'_>) -> Flow {
    let style = Style {
        valued: "",
        is_single_dash_long: true,
    };
    let verb = options.words.first().copied().unwrap_or_default();
    if let Some(file) = options.value("-in")
        && !options.has_any("-pubout|-noout|-pubin|-check", style)
        && !matches!(verb, "x509" | "req" | "enc" | "dgst" | "crl" | "verify")
    {
        judge.effects.extend(&path(file, Access::Read));
    }
    match verb {
        "enc" | "base64" | "aes-256-cbc" | "zlib" | "cms" | "smime" if options.has("-d", style) => {
            judge.find(Intent::Read, 75, "shell.decodes");
            return Flow::Decoded;
        }
        "x509" | "version" | "ciphers" | "verify" | "dgst" | "rand" | "s_client" | "asn1parse"
        | "crl" | "prime" | "list" | "speed" => judge.find(Intent::Read, 85, "key.lists"),
        _ => judge.find(Intent::Write, 65, "key.changes"),
    }
    Flow::Local
}

/// Looking up names: data can hide in them.
pub(super) fn names(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    judge.find(Intent::Read, 92, "network.looks");
    for arg in call.args.iter().filter(|arg| arg.is_dynamic) {
        let Some((_, domain)) = arg.text.rsplit_once('$') else {
            continue;
        };
        let Some((_, domain)) = domain.split_once('.') else {
            continue;
        };
        if judge.is_foreign(domain) {
            let percent = if arg.pipe.is_some() { 88 } else { 68 };
            judge.find(Intent::Exfiltrative, percent, "network.data_in_name");
        }
    }
    Flow::Local
}

/// Sending mail: to whom, and whether something goes along.
pub(super) fn mail(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    let style = Style {
        valued: "-s -a -A -r -c -b -f -F -i --attach --to --from --body --server -S --header -t",
        is_single_dash_long: false,
    };
    let options = Options::of(call.args, style);
    let files: Vec<&str> = ["-a", "-A", "-i", "--attach"]
        .iter()
        .flat_map(|option| options.values(option))
        .collect();
    for file in &files {
        judge.effects.extend(&path(file, Access::Read));
    }
    let copies = ["-c", "-b", "--to", "-t"];
    let to = options
        .words
        .iter()
        .copied()
        .chain(copies.iter().flat_map(|option| options.values(option)));
    let mut is_foreign = false;
    for address in to
        .flat_map(|to| to.split(','))
        .filter(|address| address.contains('@'))
    {
        is_foreign |= judge.outside.is_foreign_mail(address.trim());
    }
    let has_data = !files.is_empty() || call.input.flow.is_some();
    match (is_foreign, has_data) {
        (true, true) => judge.find(Intent::Exfiltrative, 88, "mail.sends_data_outside"),
        (true, false) => judge.find(Intent::Exfiltrative, 55, "mail.sends_outside"),
        _ => judge.find(Intent::Write, 82, "mail.sends"),
    }
    Flow::Empty
}

/// `ssh host command`: the command is judged as if it ran here.
pub(super) fn ssh(judge: &mut Judge<'_>, call: &Call<'_>) -> Flow {
    const VALUED: &str = "-p -i -l -o -F -L -R -D -J -b -c -E -e -I -m -O -Q -S -W -w -B";
    let mut rest = call.args.iter();
    let mut host = None;
    while let Some(arg) = rest.next() {
        let text = arg.text.as_str();
        if text.starts_with('-') && text.len() > 1 {
            if super::options::is_listed(VALUED, text) {
                rest.next();
            }
            continue;
        }
        host = Some(text.rsplit('@').next().unwrap_or(text));
        break;
    }
    let Some(host) = host else {
        return programs::rows(judge, call);
    };
    let host = host
        .trim_start_matches("ssh://")
        .split([':', '/'])
        .next()
        .unwrap_or(host);
    let is_foreign = judge.is_foreign(host);
    let reverse = call.args.iter().any(|arg| arg.text.starts_with("-R"));
    if reverse && is_foreign {
        judge.find(Intent::Exfiltrative, 75, "network.opens_tunnel");
    }
    if call.input.flow.is_some() && is_foreign && host.contains(['.', ':']) {
        judge.find(Intent::Exfiltrative, 85, "network.sends_data");
    }
    let texts: Vec<&str> = rest
        .map(|arg| arg.text.as_str())
        .filter(|text| *text != "--")
        .collect();
    if texts.is_empty() {
        return match &call.input.flow {
            Flow::Text(text) => judge.text(text),
            _ => {
                judge.find(Intent::Write, 50, "shell.opens_session");
                Flow::Local
            }
        };
    }
    judge.text(&texts.join(" "))
}
