//! What a server that the gateway starts may do. Strict unless the policy says otherwise: a map of
//! what it needs, or the one word `strict`, `relaxed` or `off`.

use varistor_model::Host;
use varistor_snapshot::schema::{Network, Preset, Sandbox, SandboxLimits};

use super::stdio;
use crate::problem::{Report, Wrong};
use crate::quantity;
use crate::read::{Fields, boolean, each, number, parsed, word};
use crate::yaml::{Node, Value};

const KEYS: &[&str] = &[
    "profile",
    "preset",
    "read",
    "write",
    "execute",
    "network",
    "unix_sockets",
    "namespaces",
    "limits",
];
const NETWORK: &[&str] = &["hosts", "tcp"];
const LIMITS: &[&str] = &["memory", "processes", "open_files", "file", "temporary"];
/// Smallest memory, file and directory of a server, in bytes.
const BYTES_MIN: u64 = 1 << 20;
/// Largest, in bytes.
const BYTES_MAX: u64 = 1 << 40;
/// Most processes, and most open files.
const COUNT_MAX: u32 = 1_000_000;

/// How much a server is kept in.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Profile {
    Strict,
    Relaxed,
    Off,
}

const PROFILES: [(&str, Profile); 3] = [
    ("strict", Profile::Strict),
    ("relaxed", Profile::Relaxed),
    ("off", Profile::Off),
];

/// The sandbox of a server; `None` when the policy wants none.
pub(super) fn sandbox(fields: &Fields<'_>, report: &mut Report) -> Option<Sandbox> {
    let Some(node) = fields.get("sandbox") else {
        return Some(Sandbox::default());
    };
    let path = fields.path("sandbox");
    if let Value::Scalar { .. } = node.value {
        let profile = word(node, &path, &PROFILES, report);
        let profile = profile.unwrap_or(Profile::Strict);
        if profile == Profile::Off {
            let wrong = Wrong::expected("a sandbox")
                .help("the server may do whatever the user of the gateway may");
            report.warn(
                node.place,
                format!("no sandbox for {}", fields.name()),
                wrong,
            );
        }
        return (profile != Profile::Off).then(|| Sandbox {
            is_relaxed: profile == Profile::Relaxed,
            ..Sandbox::default()
        });
    }
    Some(named(node, &path, report))
}

fn named(node: &Node, path: &str, report: &mut Report) -> Sandbox {
    let fields = Fields::of(node, path, KEYS, report);
    let mut choice = |key: &str, words: &[(&str, bool)]| {
        let node = fields.get(key)?;
        word(node, &fields.path(key), words, report)
    };
    let is_relaxed = choice("profile", &[("strict", false), ("relaxed", true)]);
    let needs_namespaces = choice(
        "namespaces",
        &[("where_permitted", false), ("required", true)],
    );
    let preset = fields.get("preset").and_then(|node| {
        let words = [
            ("auto", Preset::Auto),
            ("node", Preset::Node),
            ("python", Preset::Python),
            ("uvx", Preset::Uvx),
            ("binary", Preset::Binary),
        ];
        word(node, &fields.path("preset"), &words, report)
    });
    let mut paths = |key: &str| {
        let node = fields.get(key);
        node.map_or_else(Vec::new, |node| {
            each(node, &fields.path(key), report, absolute)
        })
    };
    let (read, write, execute) = (paths("read"), paths("write"), paths("execute"));
    Sandbox {
        is_relaxed: is_relaxed.unwrap_or(false),
        preset: preset.unwrap_or_default(),
        read,
        write,
        execute,
        network: fields.read("network", report, network).unwrap_or_default(),
        unix_sockets: fields
            .read("unix_sockets", report, boolean)
            .unwrap_or(false),
        needs_namespaces: needs_namespaces.unwrap_or(false),
        limits: fields.read("limits", report, limits).unwrap_or_default(),
    }
}

fn absolute(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    parsed(node, path, report, stdio::absolute)
}

/// `none`, `any`, or a map with hosts or ports.
fn network(node: &Node, path: &str, report: &mut Report) -> Option<Network> {
    if let Value::Scalar { .. } = node.value {
        let words = [("none", false), ("any", true)];
        let any = word(node, path, &words, report)?;
        return Some(if any { Network::Any } else { Network::None });
    }
    let fields = Fields::of(node, path, NETWORK, report);
    match (fields.get("hosts"), fields.get("tcp")) {
        (Some(hosts), None) => {
            let hosts = each(hosts, &fields.path("hosts"), report, host);
            Some(Network::Hosts(hosts))
        }
        (None, Some(ports)) => {
            let ports = each(ports, &fields.path("tcp"), report, port);
            Some(Network::Tcp(ports))
        }
        _ => {
            let wrong = Wrong::expected("one of the two");
            let found = format!("both or neither of \"hosts\" and \"tcp\" in {path}");
            report.refuse(node.place, found, wrong);
            None
        }
    }
}

fn host(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    parsed(node, path, report, |text| match Host::parse(text) {
        Ok(host) => Ok(host.to_string()),
        Err(why) => Err(Wrong::expected(
            "a host such as api.example.com, *.example.com or db.example.com:5432",
        )
        .help(format!("this is {why}"))),
    })
}

fn port(node: &Node, path: &str, report: &mut Report) -> Option<u16> {
    let port = number(node, path, 1..=u32::from(u16::MAX), report)?;
    u16::try_from(port).ok()
}

fn limits(node: &Node, path: &str, report: &mut Report) -> Option<SandboxLimits> {
    let fields = Fields::of(node, path, LIMITS, report);
    Some(SandboxLimits {
        memory_bytes: fields.read("memory", report, bytes),
        processes: fields.read("processes", report, count),
        open_files: fields.read("open_files", report, count),
        file_bytes: fields.read("file", report, bytes),
        temporary_bytes: fields.read("temporary", report, bytes),
    })
}

fn bytes(node: &Node, path: &str, report: &mut Report) -> Option<u64> {
    parsed(node, path, report, |text| {
        quantity::size(text, BYTES_MIN..=BYTES_MAX)
    })
}

fn count(node: &Node, path: &str, report: &mut Report) -> Option<u32> {
    number(node, path, 1..=COUNT_MAX, report)
}
