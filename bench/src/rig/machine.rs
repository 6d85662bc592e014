//! Where and of what a measurement was made: what makes its numbers comparable, or not.

use std::process::Command;

use serde::Serialize;

/// What may follow a header in the value of `--target`.
const KEYS: [&str; 4] = [",pid=", ",header=", ",tool=", ",era="];

/// The head of a file of measurements.
#[derive(Serialize, Clone)]
pub(crate) struct Head {
    date: String,
    /// Of the checkout that the command runs in; `null` outside of one.
    commit: Option<String>,
    /// Whether files differ from that commit.
    changed: bool,
    machine: String,
    cores: usize,
    kernel: String,
    profile: &'static str,
    /// Without the values of headers, which are secrets.
    command: Vec<String>,
    load_average_before: String,
}

impl Head {
    /// Of this moment.
    pub(crate) fn now() -> Self {
        let status = said("git", &["status", "--porcelain", "--untracked-files=no"]);
        Self {
            date: jiff::Timestamp::now().strftime("%FT%TZ").to_string(),
            commit: said("git", &["rev-parse", "--short=12", "HEAD"]),
            changed: status.is_some_and(|status| !status.is_empty()),
            machine: processor(),
            cores: std::thread::available_parallelism().map_or(0, usize::from),
            kernel: read("/proc/sys/kernel/osrelease"),
            profile: if cfg!(debug_assertions) {
                "debug"
            } else {
                "release"
            },
            command: std::env::args().map(|word| masked(&word)).collect(),
            load_average_before: load_average(),
        }
    }

    /// One line for a person.
    pub(crate) fn line(&self) -> String {
        let Self {
            date,
            machine,
            cores,
            kernel,
            profile,
            ..
        } = self;
        let commit = self.commit.as_deref().unwrap_or("no commit");
        let changed = if self.changed { " with changes" } else { "" };
        let kernel = kernel.trim();
        format!(
            "{date}, {commit}{changed} ({profile} build), {machine}, {cores} cores, Linux {kernel}"
        )
    }
}

/// Running processes over 1, 5 and 15 minutes.
pub(crate) fn load_average() -> String {
    let text = read("/proc/loadavg");
    let mut fields = text.split(' ').take(3);
    let mut next = || fields.next().unwrap_or("?");
    format!("{} {} {}", next(), next(), next())
}

/// The first line that a program says, on either output; `None` when it fails.
pub(crate) fn said(program: &str, arguments: &[&str]) -> Option<String> {
    let output = Command::new(program).args(arguments).output().ok()?;
    if !output.status.success() {
        return None;
    }
    let text = [output.stdout, output.stderr].concat();
    let text = String::from_utf8_lossy(&text).into_owned();
    Some(text.lines().next().unwrap_or_default().trim().to_owned())
}

/// A word of a command line, the value of each `header=NAME: VALUE` in it replaced by `***`.
fn masked(word: &str) -> String {
    let (mut out, mut rest) = (String::new(), word);
    while let Some((before, header)) = rest.split_once("header=") {
        let (name, value) = header.split_once(':').unwrap_or(("", header));
        let ends = KEYS.iter().filter_map(|key| value.find(key));
        let end = ends.min().unwrap_or(value.len());
        out += &format!("{before}header={name}: ***");
        rest = value.get(end..).unwrap_or_default();
    }
    out + rest
}

fn processor() -> String {
    let text = read("/proc/cpuinfo");
    let mut names = text.lines().filter(|line| line.starts_with("model name"));
    let name = names.next().and_then(|line| line.split_once(':'));
    name.map_or_else(|| "unknown".to_owned(), |(_, name)| name.trim().to_owned())
}

fn read(path: &str) -> String {
    std::fs::read_to_string(path)
        .unwrap_or_default()
        .trim()
        .to_owned()
}

#[cfg(test)]
mod tests {
    use super::masked;

    #[test]
    fn values_of_headers_are_masked_and_nothing_else() {
        for (word, shown) in [
            ("--connections", "--connections"),
            (
                "a=http://x/mcp,pid=7,header=Authorization: Bearer s3cret,tool=t",
                "a=http://x/mcp,pid=7,header=Authorization: ***,tool=t",
            ),
            (
                "a=http://x,header=X-Key: s3cret, s3cret,header=Cookie: s3cret=s3cret",
                "a=http://x,header=X-Key: ***,header=Cookie: ***",
            ),
            (
                "--target=a=http://x,header=s3cret",
                "--target=a=http://x,header=: ***",
            ),
        ] {
            assert_eq!(masked(word), shown);
        }
    }
}
