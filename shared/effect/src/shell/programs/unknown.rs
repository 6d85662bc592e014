//! Programs that nobody knows: what the words of their command line say.
//!
//! Command lines of services are built alike: nouns, a verb, operands, options. Refuses to take an
//! operand for a verb: only words in front are looked at, and what reads must be all that is said.

use varistor_model::Intent;

use super::{D, R, W, X};
use crate::shell::judge::{Call, Judge};
use crate::shell::options::{is_falsy, is_listed};
use crate::words;

/// Words in front among which the verb stands: `vm disk list`.
const FRONT: usize = 4;

const READING: &str = "list ls lst get show describe desc status info inspect view print logs log \
    history search find query version versions whoami ping check validate verify diff plan preview \
    lint explain count stats stat top events tree cat read summary doctor dir display usage cost \
    metrics health outputs current routes";

const DELETING: &str = "delete del rm remove destroy terminate purge drop wipe kill prune erase \
    uninstall revoke nuke truncate flush format expunge shred deprovision decommission unpublish \
    obliterate trash-empty factory-reset reset revert-all detonate zap evict teardown downgrade \
    clean";

const OFF: &str = "disable off stop suspend bypass deactivate unprotect disarm";

const SHARING: &str = "share publish expose grant allow permit authorize authorise open \
    make-public set-acl set-policy set-iam-policy add-iam-policy-binding add-permission invite \
    add-access modify-permissions set-visibility acl policy permissions";

const LEAVING: &str = "export dump download extract backup pull fetch-all takeout offload";

/// Words that mean everybody, as operands or as values of options.
const EVERYBODY: &str = "all-users allusers all_users anyone everyone everybody public anonymous \
    world internet all-authenticated-users allauthenticatedusers public-read public-read-write \
    anyone-with-link anyone-with-the-link unauthenticated 0.0.0.0/0 ::/0";

/// Guards; switching one off is grave.
const GUARDS: &str = "mfa firewall waf audit logging encryption backup backups protection alarm \
    alarms guard monitoring antivirus tls ssl sso policy verification dnssec versioning";

const CREDENTIALS: &str = "secret secrets password passwords token tokens credential credentials \
    key keys apikey kubeconfig access-key";

/// What this command line says.
pub(super) fn run(judge: &mut Judge<'_>, call: &Call<'_>) {
    let all: Vec<String> = call
        .args
        .iter()
        .map(|arg| arg.text.to_ascii_lowercase())
        .collect();
    let inner = inner(call);
    let own = all.get(..inner.unwrap_or(all.len())).unwrap_or(&all);
    let is_dry = |(at, text): (usize, &String)| {
        let next = own.get(at.saturating_add(1)).map_or("", String::as_str);
        is_dry(text) && (next.is_empty() || !is_falsy(next))
    };
    if own.iter().enumerate().any(is_dry) {
        judge.find(R, 70, "shell.dry_run");
    } else {
        by_words(judge, &all);
    }
    if let Some(at) = inner {
        run_inner(judge, call, at);
    }
}

/// Programs that nobody names as the noun or verb of another one.
const STRONG: &str = "sh bash zsh dash ksh ash fish rbash eval rm rmdir unlink shred dd find \
    gfind fd fdfind truncate chmod chown mv cp tee sed gsed awk gawk xargs sudo doas curl wget \
    scp rsync nc ncat netcat socat ssh psql mysql mariadb sqlite3 mongosh mongo redis-cli \
    kubectl docker podman git aws gcloud az terraform tofu helm systemctl crontab wipefs fdisk \
    parted sgdisk mkfs mkswap pkill killall perl ruby python python2 python3 node nodejs php \
    deno bun powershell pwsh cmd nohup timeout nice busybox tar gpg openssl iptables nft \
    useradd userdel usermod passwd";

fn is_strong(word: &str) -> bool {
    let name = word.rsplit('/').next().unwrap_or(word);
    is_listed(STRONG, name) || name.starts_with("mkfs.")
}

/// Where a program stands among the arguments that this one may run.
pub(super) fn inner(call: &Call<'_>) -> Option<usize> {
    call.args.iter().position(|arg| {
        let text = arg.text.trim_start();
        // A whole command line in one argument, or its first word.
        let first = text.split_ascii_whitespace().next().unwrap_or_default();
        is_strong(first)
    })
}

/// Raises to what the program does that this one may run.
fn run_inner(judge: &mut Judge<'_>, call: &Call<'_>, at: usize) {
    let Some(args) = call.args.get(at..) else {
        return;
    };
    let before = std::mem::take(&mut judge.effects);
    match args.first() {
        Some(only) if only.text.trim().contains(char::is_whitespace) => {
            judge.text(&only.text);
        }
        _ => {
            judge.run(args, call.input.clone());
        }
    }
    let found = std::mem::replace(&mut judge.effects, before);
    for effect in found.iter().filter(|effect| effect.intent >= D) {
        judge.effects.push(effect);
    }
}

/// Whether an option says that nothing is done.
fn is_dry(text: &str) -> bool {
    const DRY: &str = "dry-run dryrun what-if whatif simulate preview no-act noop";
    let option = text.trim_start_matches('-');
    let (name, value) = option.split_once('=').unwrap_or((option, "true"));
    text.starts_with('-') && is_listed(DRY, name) && !is_falsy(value)
}

fn by_words(judge: &mut Judge<'_>, all: &[String]) {
    let front: Vec<&str> = all
        .iter()
        .map(String::as_str)
        .take_while(|text| !text.starts_with('-'))
        .take(FRONT)
        .collect();
    let has = |list: &str| front.iter().any(|word| is_said(list, word));
    if is_open_to_all(all) && has(SHARING) {
        judge.find(X, 75, "shell.shares_with_all");
        return;
    }
    let (intent, percent, evidence) = verdict(&front, &has);
    judge.find(intent, percent, evidence);
}

fn verdict(front: &[&str], has: &dyn Fn(&str) -> bool) -> (Intent, u8, &'static str) {
    if has(DELETING) {
        return (D, 65, "shell.deletes_by_name");
    }
    if has(OFF) && has(GUARDS) {
        return (D, 65, "shell.switches_off_guard");
    }
    let is_of_people = || front.iter().any(|word| words::is_about_people(word));
    if has(LEAVING) && is_of_people() {
        return (X, 60, "shell.exports_people");
    }
    let verb = front.iter().rposition(|word| is_said(READING, word));
    match verb {
        // A verb that leads or ends the nouns in front: `vm list`, `get pods`.
        Some(at) if at <= 2 && !has(SHARING) && !has(OFF) => {
            let last = front.get(at).copied().unwrap_or_default();
            let shows = is_said("get show read cat print view reveal describe", last);
            if shows && has(CREDENTIALS) {
                (X, 55, "shell.shows_credential")
            } else {
                (R, 60, "shell.reads_by_name")
            }
        }
        _ => (W, 40, "shell.unknown_program"),
    }
}

/// Whether a word, or its part in front of a dash or behind a colon, stands in a list.
fn is_said(list: &str, word: &str) -> bool {
    let is_listed = |word: &str| list.split_ascii_whitespace().any(|one| one == word);
    let behind = word.rsplit(':').next().unwrap_or(word);
    let lead = behind.split(['-', '_']).next().unwrap_or(behind);
    is_listed(behind) || is_listed(lead)
}

/// Whether an operand or the value of an option means everybody.
fn is_open_to_all(all: &[String]) -> bool {
    let listed = |word: &str| EVERYBODY.split_ascii_whitespace().any(|one| one == word);
    all.iter().any(|text| {
        let option = text.trim_start_matches('-');
        let value = text.split_once('=').map_or(option, |(_, value)| value);
        listed(value) || value.split(',').any(listed)
    })
}
