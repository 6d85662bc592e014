//! What is wrong is found, with what mends it.

use std::fs;
use std::os::unix::fs::PermissionsExt as _;
use std::path::Path;
use std::time::{Duration, SystemTime};

use serde_json::Value;

use crate::program::Place;

const SECRET: &str = "canary-8842-value";

fn place() -> Place {
    let place = Place::with_policy();
    fs::create_dir_all(place.root().join("home/.cursor")).unwrap();
    place
}

/// The findings about this that are worse than well.
fn findings(place: &Place, check: &str) -> Vec<Value> {
    let mut given = vec!["doctor", "--json"];
    if !["clients", "tokens"].contains(&check) && !place.root().join("home/.config").exists() {
        given.push("--no-clients");
    }
    let run = place.run_at_home(&given);
    assert!(
        !run.out.contains(SECRET) && !run.err.contains(SECRET),
        "{run:?}"
    );
    let answer = run.json();
    let problems = answer["problems"].as_u64().unwrap();
    assert_eq!(run.status, i32::from(problems > 0), "{answer}");
    let all = answer["findings"].as_array().unwrap().clone();
    all.into_iter()
        .filter(|one| one["check"] == check && one["level"] != "ok")
        .collect()
}

/// The one finding about this.
#[track_caller]
fn finding(place: &Place, check: &str, level: &str, found: &str, mend: &str) {
    let all = findings(place, check);
    let fits = |one: &Value| {
        let text = |key: &str| one[key].as_str().unwrap_or_default().to_owned();
        one["level"] == level && text("found").contains(found) && text("mend").contains(mend)
    };
    assert!(all.iter().any(fits), "no {level} {found} {mend}: {all:#?}");
}

fn mode(path: &Path, mode: u32) {
    fs::set_permissions(path, fs::Permissions::from_mode(mode)).unwrap();
}

#[test]
fn a_fresh_directory_is_well_but_for_the_gateway() {
    let place = place();
    let run = place.run_at_home(&["doctor", "--all"]).ended(0);
    for check in [
        "policy",
        "snapshot",
        "permissions",
        "keys",
        "vault",
        "disk",
        "clock",
        "clients",
    ] {
        let said = run
            .out
            .lines()
            .any(|line| line.starts_with("ok") && line.contains(check));
        assert!(said, "{check} in\n{}", run.out);
    }
    assert!(run.out.contains("mend: varistor --dir"), "{}", run.out);
    place.run_at_home(&["doctor", "--strict"]).ended(1);
}

#[test]
fn each_fault_is_found_with_what_mends_it() {
    let place = place();
    mode(&place.file("keys/session.key"), 0o644);
    finding(
        &place,
        "permissions",
        "problem",
        "session.key has mode 0644",
        "chmod 600",
    );
    mode(&place.file("keys/session.key"), 0o600);

    let public = place.file("keys/token.pub");
    let other = fs::read(place.file("keys/snapshot.pub")).unwrap();
    let had = fs::read(&public).unwrap();
    fs::write(&public, other).unwrap();
    finding(
        &place,
        "keys",
        "problem",
        "token.pub does not hold the other half",
        "one copy",
    );
    fs::write(&public, had).unwrap();

    place.run_with(&["vault", "set", "a"], SECRET).ended(0);
    let vault = place.file("vault.json");
    let had = fs::read_to_string(&vault).unwrap();
    fs::write(
        &vault,
        had.replacen("\"generation\": 2", "\"generation\": 3", 1),
    )
    .unwrap();
    finding(&place, "vault", "problem", "damaged or changed", "one copy");
    fs::write(&vault, had).unwrap();

    let current = place.file("state/current.snapshot");
    let had = fs::read(&current).unwrap();
    fs::remove_file(&current).unwrap();
    finding(
        &place,
        "snapshot",
        "problem",
        "there is none",
        "varictl compile",
    );
    fs::write(&current, had).unwrap();
    place.edit("calls: 600/minute", "calls: 601/minute");
    finding(
        &place,
        "snapshot",
        "warning",
        "something else than generation 1",
        "varictl push",
    );

    let log = place.file("audit/00000000000000000000.jsonl");
    let later = SystemTime::now() + Duration::from_secs(86_400);
    fs::File::create(&log).unwrap().set_modified(later).unwrap();
    finding(&place, "clock", "problem", "changed in the future", "NTP");
    fs::remove_file(&log).unwrap();

    place.edit("calls: 601/minute", "calls: none");
    finding(&place, "policy", "problem", "varistor.yaml:", "");
}

#[test]
fn certificates_that_end_are_told_in_time() {
    let place = place();
    let certificate = |days: i64| {
        let mut params = rcgen::CertificateParams::new(vec!["localhost".to_owned()]).unwrap();
        let now = SystemTime::now()
            .duration_since(SystemTime::UNIX_EPOCH)
            .unwrap();
        let now = i64::try_from(now.as_secs()).unwrap();
        let date = |unix: i64| {
            let date = jiff::Timestamp::from_second(unix).unwrap();
            let date = date.to_zoned(jiff::tz::TimeZone::UTC);
            let part = |number: i8| u8::try_from(number).unwrap();
            rcgen::date_time_ymd(date.year().into(), part(date.month()), part(date.day()))
        };
        params.not_before = date(now - 400 * 86_400);
        params.not_after = date(now + days * 86_400);
        let key = rcgen::KeyPair::generate().unwrap();
        fs::write(place.file("tls.key"), key.serialize_pem()).unwrap();
        mode(&place.file("tls.key"), 0o600);
        fs::write(
            place.file("tls.pem"),
            params.self_signed(&key).unwrap().pem(),
        )
        .unwrap();
    };
    certificate(200);
    place.edit(
        "listen: 127.0.0.1:7332\n",
        "listen: 127.0.0.1:7332\ntls: { certificate: tls.pem, key: tls.key }\n",
    );
    place.run(&["compile"]).ended(0);
    assert_eq!(findings(&place, "certificates"), Vec::<Value>::new());
    certificate(9);
    finding(
        &place,
        "certificates",
        "warning",
        "tls.pem: a certificate ends at",
        "renew",
    );
    certificate(-2);
    finding(
        &place,
        "certificates",
        "problem",
        "tls.pem: a certificate has ended at",
        "renew",
    );
}

fn token_id(place: &Place, token: &str) -> String {
    let said = place
        .run_with(&["token", "inspect", "--json"], token)
        .ended(0);
    said.json()["id"].as_str().unwrap().to_owned()
}

#[test]
fn clients_with_credentials_and_tokens_that_are_gone_are_told() {
    let place = place();
    let file = place.root().join("home/.cursor/mcp.json");
    let text = format!(
        "{{\"mcpServers\":{{\"a\":{{\"url\":\"https://a.example/mcp\",\
         \"headers\":{{\"Authorization\":\"Bearer {SECRET}\"}}}}}}}}"
    );
    fs::write(&file, text).unwrap();
    mode(&file, 0o600);
    let at = "mcpServers.a.headers.Authorization";
    finding(
        &place,
        "clients",
        "warning",
        at,
        "varictl import --client cursor --file",
    );
    mode(&file, 0o644);
    finding(
        &place,
        "clients",
        "problem",
        "for every user to read",
        "varictl import",
    );
    place.run_at_home(&["import", "--yes"]).ended(0);
    assert_eq!(findings(&place, "clients"), Vec::<Value>::new());
    assert_eq!(findings(&place, "tokens"), Vec::<Value>::new());
    let token = place.root().join("home/.config/varistor/cursor.token");
    mode(&token, 0o644);
    finding(
        &place,
        "permissions",
        "problem",
        "cursor.token has mode 0644",
        "chmod 600",
    );
    mode(&token, 0o600);
    // A newer token in the file counts, and the old one no more.
    let text = fs::read_to_string(&token).unwrap();
    let id = token_id(&place, &text);
    place.run(&["token", "revoke", &id]).ended(0);
    let revoked = format!("the token {id} in");
    finding(
        &place,
        "tokens",
        "problem",
        &revoked,
        "token issue --agent cursor",
    );
    let newer = place
        .run(&["token", "issue", "--agent", "cursor", "--ttl", "1d"])
        .ended(0);
    fs::write(&token, &newer.out).unwrap();
    let soon = format!("the token {} in", token_id(&place, &newer.out));
    finding(
        &place,
        "tokens",
        "warning",
        &soon,
        "token issue --agent cursor",
    );
    fs::write(&token, "no token").unwrap();
    finding(
        &place,
        "tokens",
        "problem",
        "cursor.token holds no token",
        "token issue",
    );
    fs::remove_file(&token).unwrap();
    finding(
        &place,
        "tokens",
        "problem",
        "cursor.token is gone",
        "token issue --agent cursor",
    );
}
