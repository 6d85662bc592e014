//! How the gateway runs: listeners, names it serves, time-outs, sizes. What is not said has the
//! default that stands here.

use varistor_model::limits::{
    ANSWER_BYTES_DEFAULT, BODY_BYTES_DEFAULT, BODY_BYTES_MAX, CONNECTIONS_DEFAULT,
};
use varistor_snapshot::schema::{AdminTls, ListenerTls, Runtime};

use crate::context::Context;
use crate::files;
use crate::gather::Sources;
use crate::problem::{Report, Wrong};
use crate::quantity;
use crate::read::{Fields, each, number, parsed, word};
use crate::url;
use crate::yaml::Node;

const LISTEN: &str = "127.0.0.1:7332";
/// Most worker threads; far more than any machine has cores to spare.
const WORKERS_MAX: u32 = 1024;
/// Most connections of one worker.
const CONNECTIONS_MAX: u32 = 1_000_000;
/// Smallest request or answer that can be asked for: less would refuse every handshake.
const BODY_BYTES_MIN: u64 = 4 << 10;

const RUNTIME: &[&str] = &[
    "driver",
    "workers",
    "connections",
    "timeouts",
    "request_bytes",
    "answer_bytes",
    "shedding",
    "denials",
];
const TIMEOUTS: &[&str] = &[
    "head",
    "body",
    "idle",
    "connect",
    "first_byte",
    "upstream_idle",
    "drain",
];

/// The runtime that the policy asks for.
pub(crate) fn runtime(
    sources: &Sources<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Runtime {
    let mut runtime = defaults();
    if let Some(node) = sources.setting("runtime") {
        read_runtime(node, &mut runtime, report);
    }
    if let Some(node) = sources.setting("tls") {
        let keys = &["certificate", "key", "client_ca", "clients"];
        let fields = Fields::of(node, "tls", keys, report);
        runtime.tls = listener_tls(&fields, context, report);
        clients(&fields, sources, (&mut runtime, context), report);
    }
    if let Some(node) = sources.setting("admin") {
        runtime.admin = admin(node, context, report);
    }
    if let Some(node) = sources.setting("hosts") {
        runtime.hosts = sorted(node, "hosts", report, |node, path, report| {
            parsed(node, path, report, url::served_host)
        });
    }
    if let Some(node) = sources.setting("origins") {
        runtime.origins = sorted(node, "origins", report, |node, path, report| {
            parsed(node, path, report, url::origin)
        });
    }
    if let Some(node) = sources.setting("public_url") {
        runtime.public_url = parsed(node, "public_url", report, url::base);
    }
    if let Some(node) = sources.setting("authorization_servers") {
        runtime.authorization_servers =
            each(node, "authorization_servers", report, authorization_server);
    }
    if let Some(node) = sources.setting("listen") {
        listen(node, &mut runtime, report);
    }
    runtime
}

fn defaults() -> Runtime {
    Runtime {
        listen: LISTEN.to_owned(),
        tls: None,
        client_ca: None,
        needs_certificate: false,
        hosts: Vec::new(),
        origins: Vec::new(),
        public_url: None,
        authorization_servers: Vec::new(),
        driver: 0,
        workers: 0,
        head_ms: 10_000,
        body_ms: 30_000,
        idle_ms: 75_000,
        connect_ms: 5_000,
        first_byte_ms: 60_000,
        upstream_idle_ms: 4_000,
        drain_ms: 10_000,
        request_bytes_max: BODY_BYTES_DEFAULT as u64,
        answer_bytes_max: ANSWER_BYTES_DEFAULT as u64,
        connections_max: CONNECTIONS_DEFAULT,
        shedding: true,
        denials: 0,
        admin: None,
    }
}

fn read_runtime(node: &Node, runtime: &mut Runtime, report: &mut Report) {
    let fields = Fields::of(node, "runtime", RUNTIME, report);
    if let Some(node) = fields.get("driver") {
        let words = [("auto", 0), ("io_uring", 1), ("epoll", 2)];
        set(
            &mut runtime.driver,
            word(node, &fields.path("driver"), &words, report),
        );
    }
    if let Some(node) = fields.get("shedding") {
        let words = [("on", true), ("off", false)];
        set(
            &mut runtime.shedding,
            word(node, &fields.path("shedding"), &words, report),
        );
    }
    if let Some(node) = fields.get("denials") {
        let words = [("tool_error", 0), ("protocol_error", 1)];
        set(
            &mut runtime.denials,
            word(node, &fields.path("denials"), &words, report),
        );
    }
    if let Some(node) = fields.get("workers") {
        set(
            &mut runtime.workers,
            number(node, &fields.path("workers"), 1..=WORKERS_MAX, report),
        );
    }
    if let Some(node) = fields.get("connections") {
        let path = fields.path("connections");
        set(
            &mut runtime.connections_max,
            number(node, &path, 1..=CONNECTIONS_MAX, report),
        );
    }
    set(
        &mut runtime.request_bytes_max,
        fields.read("request_bytes", report, body_bytes),
    );
    set(
        &mut runtime.answer_bytes_max,
        fields.read("answer_bytes", report, body_bytes),
    );
    let Some(node) = fields.get("timeouts") else {
        return;
    };
    let fields = Fields::of(node, &fields.path("timeouts"), TIMEOUTS, report);
    for (key, value) in [
        ("head", &mut runtime.head_ms),
        ("body", &mut runtime.body_ms),
        ("idle", &mut runtime.idle_ms),
        ("connect", &mut runtime.connect_ms),
        ("first_byte", &mut runtime.first_byte_ms),
        ("upstream_idle", &mut runtime.upstream_idle_ms),
        ("drain", &mut runtime.drain_ms),
    ] {
        set(value, fields.read(key, report, duration));
    }
}

fn listen(node: &Node, runtime: &mut Runtime, report: &mut Report) {
    let Some(address) = parsed(node, "listen", report, url::listener) else {
        return;
    };
    runtime.listen = address.to_string();
    if address.ip().to_canonical().is_loopback() {
        return;
    }
    if runtime.tls.is_none() {
        let wrong = Wrong::expected("`tls`, or a proxy that ends TLS before the gateway");
        let found = format!("tokens reach {address} without encryption");
        report.warn(node.place, found, wrong);
    }
    if runtime.hosts.is_empty() {
        let wrong = Wrong::expected("`hosts` with the names that clients use")
            .help("requests whose Host is not served are refused");
        report.warn(
            node.place,
            format!("{address} is not loopback and serves no host"),
            wrong,
        );
    }
}

fn listener_tls(
    fields: &Fields<'_>,
    context: &Context<'_>,
    report: &mut Report,
) -> Option<ListenerTls> {
    let certificate = fields.required("certificate", report);
    let key = fields.required("key", report);
    let path = fields.path("certificate");
    let certificate =
        certificate.and_then(|node| files::certificate(node, &path, context.dir, report));
    let key =
        key.and_then(|node| files::private_key(node, &fields.path("key"), context.dir, report));
    Some(ListenerTls {
        certificate: certificate?,
        key: key?,
    })
}

/// Who shows a certificate, and who has to.
fn clients(
    fields: &Fields<'_>,
    sources: &Sources<'_>,
    (runtime, context): (&mut Runtime, &Context<'_>),
    report: &mut Report,
) {
    let ca = fields.get("client_ca");
    runtime.client_ca =
        ca.and_then(|node| files::certificate(node, "tls.client_ca", context.dir, report));
    let Some(node) = fields.get("clients") else {
        return;
    };
    let words = [("optional", false), ("required", true)];
    let word = word(node, "tls.clients", &words, report);
    runtime.needs_certificate = word.unwrap_or(false);
    if ca.is_none() && sources.setting("workload_identities").is_none() {
        let wrong = Wrong::expected("`client_ca`, or `workload_identities`");
        let found = "tls.clients where nobody vouches for clients".to_owned();
        report.refuse(node.place, found, wrong);
    }
}

fn admin(node: &Node, context: &Context<'_>, report: &mut Report) -> Option<AdminTls> {
    let keys = &["listen", "certificate", "key", "client_ca"];
    let fields = Fields::of(node, "admin", keys, report);
    let listen = fields.required("listen", report);
    let listen = listen.and_then(|node| parsed(node, "admin.listen", report, url::listener));
    let client_ca = fields.required("client_ca", report);
    let client_ca =
        client_ca.and_then(|node| files::certificate(node, "admin.client_ca", context.dir, report));
    let tls = listener_tls(&fields, context, report);
    Some(AdminTls {
        listen: listen?.to_string(),
        tls: tls?,
        client_ca: client_ca?,
    })
}

fn authorization_server(node: &Node, path: &str, report: &mut Report) -> Option<String> {
    parsed(node, path, report, |text| {
        let url = url::url(text)?;
        if url.tls || url.is_loopback() {
            // Issuers are compared byte by byte (RFC 8414), so it stays as it is written.
            return Ok(text.to_owned());
        }
        Err(Wrong::expected("an https URL"))
    })
}

fn sorted(
    node: &Node,
    path: &str,
    report: &mut Report,
    read: crate::read::Read<String>,
) -> Vec<String> {
    let mut values = each(node, path, report, read);
    values.sort_unstable();
    values.dedup();
    values
}

fn body_bytes(node: &Node, path: &str, report: &mut Report) -> Option<u64> {
    let bounds = BODY_BYTES_MIN..=BODY_BYTES_MAX as u64;
    parsed(node, path, report, |text| quantity::size(text, bounds))
}

fn duration(node: &Node, path: &str, report: &mut Report) -> Option<u64> {
    parsed(node, path, report, quantity::duration_ms)
}

fn set<T>(place: &mut T, value: Option<T>) {
    if let Some(value) = value {
        *place = value;
    }
}
