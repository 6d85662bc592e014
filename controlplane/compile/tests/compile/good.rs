//! To which rows good policies compile.

use std::collections::BTreeSet;

use varistor_model::{Class, Decision, DlpAction, Intent, IntentSet};
use varistor_snapshot::schema::{
    ApprovalException, Detector, Exception, Grant, Network, Pinning, Policy, Preset, Privacy,
    Sandbox, Target, TokenSource, ToolRow, kinds,
};

use crate::fixture::{Directory, folder};

fn good(name: &str) -> Policy {
    let (_, text) = folder("good")
        .into_iter()
        .find(|(found, _)| found == name)
        .unwrap();
    let directory = Directory::with(&text);
    directory.secret("github", &["github"]);
    directory.secret("files_key", &["crm", "near", "old", "wiki"]);
    directory.secret("hook", &["_channels"]);
    directory.secret("bucket", &["_audit"]);
    directory.secret("store", &["_secrets"]);
    let compiled = directory
        .compile()
        .unwrap_or_else(|problems| panic!("{problems}"));
    assert_eq!(compiled.warnings, [], "{name}");
    compiled.policy
}

#[test]
fn an_event_stream_lies_behind_the_bridge_and_keeps_its_credential() {
    let policy = good("event_streams.yaml");
    let [row] = &*policy.servers else {
        panic!("{:?}", policy.servers);
    };
    assert_eq!((&*row.host, &*row.path), ("", "/old"));
    assert!(row.bridged && row.credentials.is_empty() && row.stdio.is_none());
    let stream = row.events.as_ref().unwrap();
    assert_eq!(stream.authority, "old.example.com");
    assert_eq!((&*stream.host, stream.port), ("old.example.com", 443));
    assert_eq!((stream.tls, &*stream.path), (true, "/v1/sse?tenant=1"));
    let credential = stream.credentials.first().unwrap();
    assert_eq!(credential.header, "authorization");
    assert!(stream.shared);
    assert_eq!((stream.idle_ms, stream.start_ms), (120_000, 5_000));
    assert_eq!(stream.streams_max, 7);
}

/// A small policy with servers a, ab and b around one role.
fn role(text: &str) -> Vec<Grant> {
    let servers = "servers: { a: { url: http://127.0.0.1/ }, ab: { url: http://127.0.0.1/ }, b: { \
                   url: http://127.0.0.1/ } }\n";
    let policy = format!(
        "{servers}organisations: {{ o: {{ roles: {{ r: {text} }}, agents: {{ x: {{ roles: [r] }} \
         }} }} }}\n"
    );
    Directory::with(&policy).good().roles.remove(0).grants
}

fn everything(server: u32, name: &str) -> Grant {
    let intents = IntentSet::ALL.bits();
    Grant {
        server,
        name: name.into(),
        kinds: kinds::ALL,
        intents,
        stated: false,
        deny: false,
    }
}

#[test]
fn how_tools_are_pinned_stands_beside_each_server() {
    let rows = |name| {
        let rows = good(name).pinning;
        let row = |row: &Pinning| (row.mode, row.new_tools_wait);
        rows.iter().map(row).collect::<Vec<_>>()
    };
    assert_eq!(rows("everything.yaml"), [(1, true), (0, false)]);
    assert_eq!(rows("design.yaml"), [(1, false); 5]);
    let crm = "{ url: http://127.0.0.1/, pinning: { new_tools: quarantine } }";
    let policy =
        format!("pinning: approve\nservers: {{ crm: {crm}, pay: {{ url: http://127.0.0.1/ }} }}\n");
    let waits = |new_tools_wait| Pinning {
        mode: 2,
        new_tools_wait,
    };
    assert_eq!(
        Directory::with(&policy).good().pinning,
        [waits(true), waits(false)]
    );
}

#[test]
fn the_example_of_the_design_compiles_to_its_meaning() {
    let policy = good("design.yaml");
    let names: Vec<_> = policy
        .servers
        .iter()
        .map(|server| server.name.as_str())
        .collect();
    assert_eq!(
        names,
        ["github", "linear", "quickbooks", "sentry", "stripe"]
    );
    let github = &policy.servers[0];
    assert_eq!(
        (github.host.as_str(), github.port, github.tls),
        ("api.githubcopilot.com", 443, true)
    );
    assert_eq!(
        (github.path.as_str(), github.category.as_str()),
        ("/mcp/", "source-control")
    );
    assert!(!github.allow_private);
    let roles: Vec<_> = policy.roles.iter().map(|role| role.name.as_str()).collect();
    assert_eq!(roles, ["admin", "developer", "finance"]);
    assert_eq!(
        policy.roles[0].hold,
        IntentSet::NONE.with(Intent::Destructive).bits()
    );
    assert_eq!(policy.roles[0].grants.len(), 5);
    let stripe = policy.roles[2]
        .grants
        .iter()
        .find(|grant| grant.server == 4)
        .unwrap();
    let read = IntentSet::NONE.with(Intent::Read).bits();
    assert_eq!(
        (stripe.kinds, stripe.intents, stripe.stated),
        (kinds::TOOL, read, true)
    );
    let bot = &policy.agents[0];
    assert_eq!(
        (bot.name.as_str(), bot.team, bot.roles.as_slice()),
        ("ci-bot", Some(0), &[1][..])
    );
    assert_eq!(
        (bot.limits[0].count, bot.limits[0].period_ns),
        (60, 60_000_000_000)
    );
    let limit = &policy.tool_limits[0];
    assert_eq!(
        (limit.server, limit.name.as_str(), limit.per),
        (4, "create_refund", 3)
    );
    let [log, redact, deny] = [DlpAction::Log, DlpAction::Redact, DlpAction::Deny].map(|a| a as u8);
    assert_eq!(policy.dlp.request, [log, deny, deny]);
    assert_eq!(policy.dlp.response, [redact; 3]);
    let patient = policy
        .dlp
        .detectors
        .iter()
        .find(|row| row.entity == "patient_id")
        .unwrap();
    assert_eq!(patient.action, Some(redact));
    assert_eq!(
        policy.defaults,
        [0, 0, Decision::Hold as u8, Decision::Deny as u8]
    );
    assert_eq!(policy.audit.durability, [0, 0, 1, 1]);
    assert_eq!(policy.runtime.first_byte_ms, 60_000);
}

#[test]
fn every_key_reaches_its_row() {
    let policy = good("everything.yaml");
    let runtime = &policy.runtime;
    assert_eq!(
        (runtime.listen.as_str(), runtime.driver, runtime.workers),
        ("[::1]:0", 2, 2)
    );
    assert_eq!(runtime.hosts, ["10.0.0.7", "[::1]", "mcp.example.com"]);
    assert_eq!(
        runtime.origins,
        ["https://app.example.com", "vscode-webview://abc"]
    );
    assert_eq!(
        runtime.public_url.as_deref(),
        Some("https://mcp.example.com")
    );
    assert_eq!(
        runtime.authorization_servers,
        ["https://login.example.com/tenant"]
    );
    let times = [
        runtime.head_ms,
        runtime.body_ms,
        runtime.idle_ms,
        runtime.connect_ms,
    ];
    assert_eq!(times, [1_000, 2_000, 3_000, 4_000]);
    let times = [
        runtime.first_byte_ms,
        runtime.upstream_idle_ms,
        runtime.drain_ms,
    ];
    assert_eq!(times, [5_000, 6_000, 420_000]);
    assert_eq!(
        (runtime.request_bytes_max, runtime.answer_bytes_max),
        (65_536, 1 << 20)
    );
    assert_eq!((runtime.connections_max, runtime.denials), (500, 1));
    assert!(!runtime.shedding);
    let crm = &policy.servers[0];
    let guard = &crm.guard;
    let breaker = (guard.failures, guard.open_ms, guard.slow_ms);
    assert_eq!((breaker, guard.calls_max), ((3, 2_000, 10_000), 64));
    let guard = &policy.servers[1].guard;
    assert_eq!((guard.failures, guard.calls_max), (0, 4_096));
    assert_eq!(
        (crm.path.as_str(), crm.authority.as_str()),
        ("/mcp?tenant=1", "127.0.0.1:8080")
    );
    assert_eq!(
        (crm.first_byte_ms, crm.server_requests, crm.allow_private),
        (90_000, false, true)
    );
    assert_eq!(
        (crm.methods.join(","), crm.tags.join(",")),
        ("acme/reindex".into(), "private-read".into())
    );
    let row = |rank, name: &str, intent, tags: &[&str], labels| ToolRow {
        name: name.into(),
        intent: Some(intent),
        tags: tags.iter().map(|tag| (*tag).to_owned()).collect(),
        labels,
        rank,
    };
    assert_eq!(
        crm.tools,
        [
            row(2, "*", 1, &[], None),
            row(0, "get_*", 0, &["cheap"], Some(2)),
            row(1, "list_*", 0, &["cheap"], Some(2)),
        ]
    );
    assert_eq!((policy.flows.trifecta, policy.flows.memory_hours), (3, 2));
    assert_eq!(policy.servers[1].path, "/");
    assert_eq!(policy.organisations[0].limits.len(), 2);
    let bot = &policy.agents[0];
    assert_eq!(bot.roles, [0, 1]);
    assert_eq!(policy.teams[1].limits[0].count, 5);
    assert_eq!(policy.defaults, [2, 3, 0, 2]);
    assert_eq!(policy.dlp.request, [1, DlpAction::Hold as u8, 1]);
    assert_eq!(policy.dlp.response, [0, 1, 1]);
    data(&policy);
    approvals(&policy);
    assert_eq!(
        (policy.audit.durability, policy.audit.params),
        ([0, 1, 0, 0], 0)
    );
    assert_eq!(policy.audit.segment_bytes, 1 << 20);
    witnesses(&policy);
    privacy(&policy);
}

/// What stands under `audit.privacy` and beside it there.
fn privacy(policy: &Policy) {
    let audit = &policy.audit;
    assert_eq!(audit.auditors.len(), 1);
    let row = |row: &Privacy| {
        let tools = row
            .tools
            .iter()
            .map(|tool| (tool.server, tool.name.clone()));
        (
            row.classes,
            row.everywhere,
            row.keeping,
            tools.collect::<Vec<_>>(),
        )
    };
    let rows: Vec<_> = audit.privacy.iter().map(row).collect();
    let named = |name: &str, server| (server, name.to_owned());
    assert_eq!(
        rows,
        [
            (0, false, 4, vec![named("get_*", 1), named("list_*", 1)]),
            (0b101, false, 3, vec![named("*", 0)]),
            (0b010, true, 2, vec![]),
        ]
    );
}

/// What stands under `audit.witnesses` and beside it there.
fn witnesses(policy: &Policy) {
    let audit = &policy.audit;
    let rows = audit.witnesses.iter();
    let rows: Vec<_> = rows
        .map(|row| (row.url.as_str(), row.allow_private))
        .collect();
    assert_eq!(
        rows,
        [
            ("http://10.0.0.9:7334", true),
            ("https://witness.acme.example/two", false)
        ]
    );
    assert!(audit.witnesses[0].key.starts_with("w1.example+"));
    assert_eq!((audit.quorum, audit.ask_ms), (1, 30_000));
    assert_eq!(
        (audit.unwitnessed_ms, audit.unwitnessed_intents),
        (300_000, 1 << 3)
    );
    let export = audit.checkpoints.as_ref().unwrap();
    assert_eq!(export.directory.as_deref(), Some("/mnt/bucket"));
    assert_eq!(
        (export.shown.as_str(), export.url.len(), export.has_secrets),
        ("http://10.0.0.8", 2, true)
    );
    let headers = export.headers.iter().map(|row| row.header.as_str());
    assert_eq!(
        headers.collect::<Vec<_>>(),
        ["x-ms-blob-type", "authorization"]
    );
    assert_eq!(
        (export.every_ms, export.allow_private, export.allow_plain),
        (120_000, false, true)
    );
}

/// What stands under `approvals` there.
fn approvals(policy: &Policy) {
    let rows = &policy.approvals;
    assert_eq!((rows.expiry_ms, rows.wait_ms), (3_600_000, 0));
    assert_eq!(rows.page.as_deref(), Some("https://approve.acme.example"));
    assert_eq!((rows.terms.quorum, rows.terms.window_ms), (2, 1_800_000));
    let named = |row: &ApprovalException| {
        let server = &policy.servers[usize::try_from(row.server).unwrap()].name;
        format!(
            "{server}/{} {} {}",
            row.name, row.terms.quorum, row.terms.window_ms
        )
    };
    let exceptions: Vec<String> = rows.exceptions.iter().map(named).collect();
    assert_eq!(exceptions, ["crm/create_* 3 0", "stripe/create_* 3 0"]);
}

/// What stands under `dlp` in the policy that uses every key.
fn data(policy: &Policy) {
    let (dlp, actions) = (&policy.dlp, &policy.actions);
    let at = |entity: &str| dlp.detectors.iter().position(|row| row.entity == entity);
    let of = |entity: &str| actions.detectors[at(entity).unwrap()];
    let [allow, log, redact, hold, deny] = DlpAction::ALL.map(|action| action as u8);
    assert_eq!(actions.detectors.len(), dlp.detectors.len());
    assert_eq!((actions.confidence_min, actions.keep), (70, 2));
    assert_eq!(actions.structured, 1);
    assert_eq!((of("email"), of("ssn")), ([redact, allow], [log, allow]));
    assert_eq!((of("iban"), of("credit_card")), ([deny; 2], [log; 2]));
    assert_eq!((of("ticket"), of("batch")), ([log, redact], [redact; 2]));
    let rows =
        ["email", "ticket", "batch", "ssn"].map(|entity| &dlp.detectors[at(entity).unwrap()]);
    let told = rows.map(|row| (row.class, row.confidence, row.action));
    assert_eq!(told[1], (Class::Financial as u8, 100, Some(redact)));
    assert_eq!(told[2], (Class::Pii as u8, 80, Some(redact)));
    assert_eq!((told[0].2, told[3].2), (Some(redact), None));
    let [first, second, third] = actions.exceptions.as_slice() else {
        panic!("{:?}", actions.exceptions)
    };
    let covers = |row: &Exception| row.covers.iter().map(|cover| cover.special).max();
    assert_eq!(
        [first, second, third].map(covers),
        [Some(3), Some(1), Some(0)]
    );
    let mut covered = [at("email"), at("ticket")].map(Option::unwrap).to_vec();
    covered.sort_unstable();
    let rows = first.covers.iter().map(|cover| usize::from(cover.detector));
    assert_eq!(rows.collect::<Vec<_>>(), covered);
    assert_eq!(third.covers.len(), dlp.detectors.len());
    let target = |server, name: &str, server_special, tool_special| Target {
        server,
        name: name.to_owned(),
        server_special,
        tool_special,
    };
    assert_eq!(first.targets, [target(0, "get_*", 2, 2)]);
    assert_eq!(second.targets, [target(0, "*", 2, 0), target(1, "*", 2, 0)]);
    assert_eq!(
        third.targets,
        [target(0, "create_*", 0, 2), target(1, "create_*", 0, 2)]
    );
    assert_eq!([first, second, third].map(|row| row.roles.len()), [1, 0, 1]);
    assert_eq!([first, second, third].map(|row| row.directions), [3, 2, 3]);
    assert_eq!(
        [first, second, third].map(|row| row.action),
        [log, deny, hold]
    );
    assert_eq!(policy.roles[first.roles[0] as usize].name, "reader");
}

#[test]
fn placeholders_are_reversible_for_whole_entities_and_servers_cleared_by_name() {
    let policy = good("everything.yaml");
    let rows = &policy.actions.placeholders;
    let entities = |detectors: &[u16]| {
        let name = |at: &u16| policy.dlp.detectors[usize::from(*at)].entity.clone();
        detectors.iter().map(name).collect::<BTreeSet<_>>()
    };
    let reversible = entities(&rows.reversible);
    for (entity, expected) in [
        ("email", true),
        ("iban", true),
        ("ticket", true),
        ("batch", true),
        ("credit_card", false),
        ("github_token", false),
    ] {
        assert_eq!(reversible.contains(entity), expected, "{entity}");
    }
    let server = |name| policy.servers.iter().position(|row| row.name == name);
    let told = rows.clear.iter().map(|row| {
        let names = entities(&row.detectors).into_iter().collect::<Vec<_>>();
        (usize::try_from(row.server).ok(), names.join(" "))
    });
    assert_eq!(
        told.collect::<Vec<_>>(),
        [
            (server("crm"), "email iban ticket".to_owned()),
            (server("stripe"), "ticket".to_owned()),
        ]
    );
    assert_eq!(rows.idle_ms, 1_800_000);
    assert!(!policy.dlp.covers);
}

#[test]
fn what_only_an_exception_wants_is_looked_for() {
    let text = |exceptions: &str| {
        format!(
            "dlp:\n  request: {{ secrets: allow, financial: allow, pii: allow }}\n  response: {{ \
             secrets: allow, financial: allow, pii: allow }}\n  exceptions: [{exceptions}]\n"
        )
    };
    let found = |exceptions: &str| Directory::with(&text(exceptions)).good().dlp.detectors;
    assert!(found("").is_empty());
    assert!(found("{ entities: iban, direction: request, action: allow }").is_empty());
    let iban = found("{ entities: iban, direction: request, action: deny }");
    assert!(iban.iter().all(|row| row.class == Class::Financial as u8));
    let marked = |row: &&Detector| row.action == Some(DlpAction::Deny as u8);
    assert_eq!(iban.iter().filter(marked).count(), 1);
}

#[test]
fn a_pattern_that_is_never_sure_enough_is_a_warning() {
    let directory = Directory::with(
        "dlp:\n  min_confidence: 50\n  custom:\n    - { name: a, pattern: abc, action: deny, \
         confidence: 49 }\n    - { name: b, pattern: abd, action: log, confidence: 49 }\n",
    );
    let warnings = directory.compile().unwrap().warnings;
    let told: Vec<_> = warnings.iter().map(ToString::to_string).collect();
    assert_eq!(
        told,
        [
            "varistor.yaml:4:15: dlp.custom[0] has the confidence 49, so its findings are recorded at \
          most; expected at least dlp.min_confidence, which is 50"
        ]
    );
}

#[test]
fn a_plain_pattern_covers_all_kinds_on_all_servers_that_match() {
    assert_eq!(role("{ allow: [\"a/x\"] }"), [everything(0, "x")]);
    assert_eq!(
        role("{ allow: [\"a*/x\"] }"),
        [everything(0, "x"), everything(1, "x")]
    );
    let all = [everything(0, "*"), everything(1, "*"), everything(2, "*")];
    assert_eq!(role("{ allow: [\"*\"] }"), all);
    let some = [
        everything(0, "x"),
        everything(0, "y"),
        everything(2, "x"),
        everything(2, "y"),
    ];
    assert_eq!(role("{ allow: [\"{a,b}/{x,y}\", \"b/x\"] }"), some);
    assert_eq!(
        role("{ allow: [\"a/file:///srv/*\"] }"),
        [everything(0, "file:///srv/*")]
    );
}

#[test]
fn an_empty_or_absent_allow_list_permits_nothing() {
    assert_eq!(role("{}"), []);
    assert_eq!(role("{ allow: [] }"), []);
    let only_denied = Grant {
        deny: true,
        ..everything(0, "x")
    };
    assert_eq!(role("{ deny: [\"a/x\"] }"), [only_denied]);
    let none = role("{ allow: [{ tools: a/x, intents: [] }] }");
    assert_eq!((none[0].intents, none[0].stated), (0, true));
}

#[test]
fn intents_bind_tools_only() {
    let grants =
        role("{ allow: [{ tools: a/x, prompts: a/y, resources: [a/z], intents: [write] }] }");
    let write = IntentSet::NONE.with(Intent::Write).bits();
    let tool = Grant {
        kinds: kinds::TOOL,
        intents: write,
        stated: true,
        ..everything(0, "x")
    };
    let prompt = Grant {
        kinds: kinds::PROMPT,
        ..everything(0, "y")
    };
    let resource = Grant {
        kinds: kinds::RESOURCE,
        ..everything(0, "z")
    };
    assert_eq!(grants, [tool, prompt, resource]);
}

#[test]
fn a_limit_over_several_servers_shares_one_counter() {
    let policy = good("everything.yaml");
    let created: Vec<_> = policy
        .tool_limits
        .iter()
        .filter(|row| row.name == "create_*")
        .collect();
    assert_eq!(created.len(), 2);
    assert_eq!(created[0].rate.cell, created[1].rate.cell);
    assert_eq!(
        (created[0].server, created[1].server, created[0].per),
        (0, 1, 4)
    );
    let cells: BTreeSet<_> = policy.tool_limits.iter().map(|r| r.rate.cell).collect();
    assert_eq!(cells.len(), 3);
}

#[test]
fn permissions_for_all_servers_may_come_before_any_server() {
    let directory = Directory::with(
        "organisations: { o: { roles: { admin: { allow: [\"*\"] } }, agents: { a: { roles: [admin] \
         } } } }\n",
    );
    assert!(directory.good().roles[0].grants.is_empty());
}

#[test]
fn a_permission_for_a_server_to_come_is_a_warning() {
    let directory = Directory::with(
        "servers: { github: { url: http://127.0.0.1/ } }\norganisations: { o: { roles: { r: { allow: \
         [\"githb/*\", \"linear/get_*\"] } }, agents: { a: { roles: [r] } } } }\n",
    );
    let compiled = directory.compile().unwrap();
    assert!(compiled.policy.roles[0].grants.is_empty());
    let told: Vec<_> = compiled.warnings.iter().map(ToString::to_string).collect();
    assert_eq!(told.len(), 2, "{told:?}");
    assert!(
        told[0].contains("which names no server") && told[0].contains("\"github\""),
        "{}",
        told[0]
    );
}

#[test]
fn what_is_worth_a_look_is_a_warning() {
    let directory = Directory::with(
        "listen: 0.0.0.0:7332\norganisations: { o: { agents: { idle: {} } } }\nservers: { m: { url: \
         http://m.example.com/, credential: { header: \"X: y\" } }, \
         s: { command: [sh], sandbox: off } }\n",
    );
    let warnings = directory.compile().unwrap().warnings;
    let told: Vec<_> = warnings
        .iter()
        .map(|warning| warning.found.as_str())
        .collect();
    assert_eq!(
        told,
        [
            "0.0.0.0:7332 is not loopback and serves no host",
            "tokens reach 0.0.0.0:7332 without encryption",
            "organisations.o.agents.idle has no role, so it may do nothing",
            "servers.m.credential is sent without encryption",
            "servers.m.credential.header has its value in the policy itself",
            "no sandbox for servers.s",
        ]
    );
}

#[test]
fn a_server_that_is_started_has_its_executable_found_and_pinned() {
    let policy = good("stdio.yaml");
    let [elsewhere, notes] = [0, 1].map(|at| policy.servers[at].stdio.as_ref().unwrap());
    assert_eq!(elsewhere.sha256[..2], [0x01, 0x23]);
    assert_eq!((elsewhere.shared, elsewhere.eager), (false, false));
    assert_eq!((elsewhere.idle_ms, elsewhere.start_ms), (600_000, 30_000));
    let shell = std::path::Path::new(&notes.command[0]);
    assert!(shell.is_absolute() && shell.ends_with("sh"), "{shell:?}");
    assert_ne!(notes.sha256, [0; 32]);
    assert_eq!((notes.shared, notes.eager), (true, true));
    assert_eq!((notes.idle_ms, notes.start_ms), (120_000, 60_000));
    assert_eq!(notes.directory.as_deref(), Some("/srv/notes"));
    let names: Vec<_> = notes.env.iter().map(|row| row.name.as_str()).collect();
    assert_eq!((names, notes.children_max), (vec!["EMPTY", "MODE"], 3));
    assert_eq!(elsewhere.sandbox, Some(Sandbox::default()));
    let named = notes.sandbox.as_ref().unwrap();
    assert!(named.is_relaxed && named.unix_sockets && named.needs_namespaces);
    assert_eq!(
        (named.preset, &named.network),
        (Preset::Node, &Network::Tcp(vec![443, 8443]))
    );
    let paths = [&named.read, &named.write, &named.execute].map(|paths| paths[0].as_str());
    assert_eq!(paths, ["/srv/read", "/srv/notes", "/usr/bin/git"]);
    let limits = &named.limits;
    assert_eq!(
        (limits.memory_bytes, limits.processes),
        (Some(1 << 30), Some(8))
    );
    assert_eq!(
        (limits.file_bytes, limits.open_files),
        (Some(1 << 20), Some(64))
    );
    assert_eq!(limits.temporary_bytes, Some(2 << 20));
    let hosts = policy.servers[2]
        .stdio
        .as_ref()
        .unwrap()
        .sandbox
        .as_ref()
        .unwrap();
    let named = ["api.example.com", "*.example.org:8443"].map(str::to_owned);
    assert_eq!(hosts.network, Network::Hosts(named.to_vec()));
}

#[test]
fn virtual_servers_keep_the_order_of_their_tools() {
    let policy = good("federation.yaml");
    let federation = &policy.federation;
    assert_eq!((federation.timeout_ms, federation.search), (5000, true));
    let names: Vec<_> = federation.views.iter().map(|view| &*view.name).collect();
    assert_eq!(names, ["all-mail", "support"]);
    let tools = federation.views[1].tools.iter();
    let tools: Vec<_> = tools
        .map(|tool| format!("{}/{} {}", tool.server, tool.tool, tool.name))
        .collect();
    let expected = [
        "crm/find_customer find_customer",
        "mail/send_message reply",
        "crm/find_customer look.up",
    ];
    assert_eq!(tools, expected);
}

#[test]
fn an_audience_that_is_a_route_is_for_what_is_behind_it() {
    let policy = good("identity.yaml");
    let audiences = policy.identity_providers[0].audiences.iter();
    let rows: Vec<_> = audiences
        .map(|row| (row.name.as_str(), row.server.as_deref()))
        .collect();
    let expected = [
        ("https://mcp.acme.example", None),
        ("https://mcp.acme.example/mcp/@support", Some("crm")),
        ("https://mcp.acme.example/mcp/@support", Some("mail")),
        ("https://mcp.acme.example/mcp/crm", Some("crm")),
    ];
    assert_eq!(rows, expected);
    let needs = policy.identity_providers.iter().map(|row| row.needs_proof);
    assert_eq!(needs.collect::<Vec<_>>(), [true, false]);
}

#[test]
fn secrets_that_others_keep_are_named_as_those_of_the_vault() {
    let policy = good("secrets.yaml");
    let stores = policy.secret_stores.iter();
    let stores: Vec<_> = stores
        .map(|row| (&*row.name, row.allow_private, row.refresh_s))
        .collect();
    let expected = [
        ("corp", true, 60),
        ("dev", true, 300),
        ("old", false, 300),
        ("role", false, 300),
    ];
    assert_eq!(stores, expected);
    let secrets = policy.secrets.iter();
    let secrets: Vec<_> = secrets
        .map(|row| (&*row.name, row.servers.join(" ")))
        .collect();
    let expected = [
        ("github_app", "github".to_owned()),
        ("hook_key", "_channels github".to_owned()),
        ("mail", "*".to_owned()),
    ];
    assert_eq!(secrets, expected);
}

#[test]
fn tokens_of_a_provider_are_exchanged_where_it_is() {
    let policy = good("identity.yaml");
    let oauth = policy.servers[0].oauth.as_ref().unwrap();
    let issuer = "https://id.acme.example/realms/agents".to_owned();
    let exchange = oauth.exchange.as_ref().unwrap();
    let audience = exchange.audience.as_deref();
    assert_eq!((&exchange.issuer, audience), (&issuer, Some("crm")));
    let from = TokenSource::Issuer(issuer);
    assert_eq!((&oauth.from, oauth.allow_private), (&from, true));
}
