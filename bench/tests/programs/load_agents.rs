//! Whose calls they are and over which connections they go: tokens, sessions, churn, TLS.

use std::collections::{BTreeMap, BTreeSet};
use std::sync::Arc;

use crate::process::{Server, load, run};
use crate::small_server::{Manners, SmallServer, value};

#[test]
fn tokens_are_dealt_to_connections_or_to_calls() -> anyhow::Result<()> {
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("tokens");
    std::fs::write(&path, "one\ntwo\nthree\n")?;
    let file = path.to_string_lossy();
    // Tokens go round: over as many connections, each would always meet the same one.
    for (per, connections) in [("connection", "3"), ("call", "2")] {
        let server = SmallServer::start(Manners::default(), None)?;
        let url = format!("http://{}/mcp", server.address);
        let mut arguments = vec!["--url", &url, "--rate", "300", "--duration", "0.3"];
        arguments.extend(["--connections", connections, "--tokens", &file]);
        arguments.extend(["--token-per", per]);
        let (_, report) = load(&arguments)?;
        assert_eq!(report["errors"], 0, "{report}");
        let mut seen: BTreeMap<String, BTreeSet<u64>> = BTreeMap::new();
        for (connection, head) in server.heads() {
            let token = value(&head, "authorization").unwrap_or_default().to_owned();
            seen.entry(token).or_default().insert(connection);
        }
        let tokens: Vec<_> = seen.keys().map(String::as_str).collect();
        assert_eq!(tokens, ["Bearer one", "Bearer three", "Bearer two"]);
        let keeps = seen.values().all(|connections| connections.len() == 1);
        assert_eq!(keeps, per == "connection", "{seen:?}");
    }
    Ok(())
}

#[test]
fn a_session_that_the_server_forgot_is_opened_again_and_the_call_repeated() -> anyhow::Result<()> {
    let manners = Manners {
        forgets_first_session: true,
        ..Manners::default()
    };
    for driver in ["auto", "epoll"] {
        let server = SmallServer::start(manners, None)?;
        let url = format!("http://{}/mcp", server.address);
        let mut arguments = vec!["--url", &url, "--rate", "200", "--duration", "0.2"];
        arguments.extend(["--connections", "1", "--sessions-per-connection", "2"]);
        arguments.extend(["--era", "legacy", "--driver", driver]);
        let (_, report) = load(&arguments)?;
        assert_eq!(report["errors"], 0, "{report}");
        let sessions = &report["sessions"];
        assert_eq!(sessions["opened"], 3, "{report}");
        assert_eq!(
            (&sessions["lost"], &sessions["ended"]),
            (&1.into(), &2.into())
        );
        let heads = server.heads();
        for session in ["s1", "s2"] {
            let of = |head: &&(u64, String)| value(&head.1, "mcp-session-id") == Some(session);
            assert!(
                heads.iter().filter(of).count() > 10,
                "{session} was hardly used"
            );
            let deleted = heads
                .iter()
                .filter(of)
                .any(|(_, head)| head.starts_with("DELETE"));
            assert!(deleted, "{session} was not ended");
        }
    }
    Ok(())
}

#[test]
fn eras_can_be_mixed_on_several_threads_and_both_drivers() -> anyhow::Result<()> {
    let server = Server::start(&["upstream"])?;
    for driver in ["auto", "epoll"] {
        let mut arguments = vec!["--url", &server.url, "--closed", "--duration", "0.3"];
        arguments.extend(["--connections", "8", "--threads", "2", "--era", "both"]);
        arguments.extend(["--driver", driver]);
        let (_, report) = load(&arguments)?;
        assert_eq!(report["errors"], 0, "{report}");
        assert_eq!(report["sessions"]["opened"], 4, "{report}");
        assert_eq!(report["sessions"]["ended"], 4, "{report}");
        let told = report["driver"].as_str().unwrap_or_default();
        assert!(driver == "auto" || told == "epoll", "{told}");
        assert!(!told.is_empty());
    }
    Ok(())
}

#[test]
fn connections_are_replaced_after_as_many_calls_as_asked() -> anyhow::Result<()> {
    let server = SmallServer::start(Manners::default(), None)?;
    let url = format!("http://{}/mcp", server.address);
    let mut arguments = vec!["--url", &url, "--rate", "200", "--duration", "0.3"];
    arguments.extend(["--connections", "2", "--calls-per-connection", "5"]);
    let (_, report) = load(&arguments)?;
    assert_eq!(
        (&report["errors"], &report["requests"]),
        (&0.into(), &60.into()),
        "{report}"
    );
    let mut calls: BTreeMap<u64, u32> = BTreeMap::new();
    for (connection, _) in server.heads() {
        *calls.entry(connection).or_default() += 1;
    }
    assert_eq!(
        report["connections_opened"].as_u64(),
        Some(calls.len() as u64)
    );
    assert!(
        calls.len() >= 12 && calls.values().all(|&count| count <= 5),
        "{calls:?}"
    );
    Ok(())
}

#[test]
fn a_connection_that_the_server_closed_while_it_was_idle_costs_no_call() -> anyhow::Result<()> {
    let manners = Manners {
        hangs_up: true,
        ..Manners::default()
    };
    let server = SmallServer::start(manners, None)?;
    let url = format!("http://{}/mcp", server.address);
    let arguments = [
        "--url",
        &url,
        "--rate",
        "20",
        "--duration",
        "0.5",
        "--connections",
        "1",
    ];
    let (_, report) = load(&arguments)?;
    assert_eq!(
        (&report["errors"], &report["requests"]),
        (&0.into(), &10.into()),
        "{report}"
    );
    assert_eq!(report["connections_opened"], 10, "{report}");
    Ok(())
}

#[test]
fn idle_connections_and_listeners_stay_open_beside_the_calls() -> anyhow::Result<()> {
    let server = SmallServer::start(Manners::default(), None)?;
    let url = format!("http://{}/mcp", server.address);
    let mut arguments = vec!["--url", &url, "--rate", "100", "--duration", "0.2"];
    arguments.extend([
        "--connections",
        "1",
        "--idle-connections",
        "5",
        "--listeners",
        "4",
    ]);
    arguments.extend(["--era", "both"]);
    let (_, report) = load(&arguments)?;
    assert_eq!(
        (&report["errors"], &report["idle"]["lost"]),
        (&0.into(), &0.into()),
        "{report}"
    );
    assert_eq!(report["connections_opened"], 10, "{report}");
    let heads = server.heads();
    let count = |wanted: &dyn Fn(&str) -> bool| heads.iter().filter(|(_, h)| wanted(h)).count();
    assert_eq!(
        count(&|head| value(head, "mcp-method") == Some("subscriptions/listen")),
        2
    );
    assert_eq!(count(&|head| head.starts_with("GET /mcp ")), 2);
    Ok(())
}

#[test]
fn calls_go_over_tls_to_a_server_that_is_trusted_and_to_no_other() -> anyhow::Result<()> {
    let made = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    let key = rustls_pki_types::PrivatePkcs8KeyDer::from(made.signing_key.serialize_der());
    let provider = Arc::new(rustls::crypto::ring::default_provider());
    let config = rustls::ServerConfig::builder_with_provider(provider)
        .with_safe_default_protocol_versions()?
        .with_no_client_auth()
        .with_single_cert(vec![made.cert.der().clone()], key.into())?;
    let server = SmallServer::start(Manners::default(), Some(Arc::new(config)))?;
    let directory = tempfile::tempdir()?;
    let path = directory.path().join("ca.pem");
    std::fs::write(&path, made.cert.pem())?;
    let file = path.to_string_lossy();
    let url = format!("https://{}/mcp", server.address);
    let pace = [
        "--url",
        &url,
        "--rate",
        "200",
        "--duration",
        "0.2",
        "--connections",
        "2",
    ];
    let churn = ["--calls-per-connection", "7"];
    for trust in [
        vec!["--ca", &*file],
        vec!["--insecure", "--driver", "epoll"],
    ] {
        let arguments = [&pace[..], &churn, &trust].concat();
        let (_, report) = load(&arguments)?;
        assert_eq!(
            (&report["errors"], &report["requests"]),
            (&0.into(), &40.into()),
            "{report}"
        );
    }
    std::fs::write(&path, "no certificate")?;
    let (succeeded, _, errors) = run(&[&pace[..], &["--ca", &file]].concat())?;
    assert!(!succeeded && errors.contains("found none"), "{errors}");
    let other = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()])?;
    std::fs::write(&path, other.cert.pem())?;
    let (succeeded, _, errors) = run(&[&pace[..], &["--ca", &file]].concat())?;
    assert!(!succeeded && errors.contains("certificate"), "{errors}");
    Ok(())
}
