//! A report about a small log, in all its parts.

use super::*;
use crate::fixture::{self, STEP, TIME};

fn tails() -> Vec<String> {
    let id = "00".repeat(16);
    let approval = format!(r#","reason":"held","approval":"{id}""#);
    let found = r#","findings":[{"entity":"iban","action":"redact"}]"#;
    let recovered = r#"{"segment":"x","error":"EIO","failed_ms":9,"refused":2,"withdrawn":[]}"#;
    vec![
        fixture::event("start", "{}"),
        fixture::event("snapshot", r#"{"generation":2,"sha256":"ff"}"#),
        fixture::call("crm", "get", "allow", ""),
        fixture::result_with(2, "ok", found),
        fixture::call("crm", "delete", "hold", &approval).replace("\"read\"", "\"destructive\""),
        fixture::event(
            "approval",
            &format!(r#"{{"approval":"{id}","decision":"approve","by":"ann"}}"#),
        ),
        fixture::call_of(
            "<b>\u{202e}",
            ("crm", "get"),
            "deny",
            r#","reason":"limit_agent""#,
        ),
        fixture::call("crm", "get", "redact", found),
        fixture::event(
            "kill",
            r#"{"selectors":["all"],"by":"bob","connections":0,"calls":0}"#,
        ),
        fixture::event("audit_recovered", recovered),
        fixture::event("start", "{}"),
        fixture::event("breaker_open", r#"{"server":"crm"}"#),
        fixture::event("stop", "{}"),
    ]
}

fn of(tails: &[String], period: Period) -> Report {
    let log = fixture::Log::of(tails, 5);
    report(&Log::open(log.path()).unwrap(), period, TIME, &mut |_| {}).unwrap()
}

#[test]
fn a_report_tells_what_was_decided_by_whom_and_where_the_log_has_gaps() {
    let report = of(&tails(), Period::ALWAYS);
    let all = Decisions {
        allow: 1,
        redact: 1,
        hold: 1,
        deny: 1,
    };
    assert_eq!((report.decisions, report.records), (all, 13));
    let intents: Vec<&str> = report
        .intents
        .iter()
        .map(|row| row.intent.as_str())
        .collect();
    assert_eq!(intents, ["read", "destructive"]);
    let outcome = |name: &str| {
        report
            .outcomes
            .iter()
            .find(|row| row.name == name)
            .map(|row| row.count)
    };
    assert_eq!((outcome("ok"), outcome("unknown")), (Some(1), Some(1)));
    assert_eq!(report.tools.rows[0].name, "crm/get");
    assert_eq!(
        (
            report.findings.rows[0].name.as_str(),
            report.findings.rows[0].count
        ),
        ("iban", 2)
    );
    assert_eq!(report.refused.len(), 2);
    assert_eq!(report.refused[0].fate, "approved by ann");
    assert_eq!(
        (
            report.approvers[0].by.as_str(),
            report.approvers[0].approved
        ),
        ("ann", 1)
    );
    assert_eq!(
        (
            report.policy.count,
            report.kills.count,
            report.failures.count
        ),
        (1, 1, 1)
    );
    assert_eq!(
        (report.gaps[0].kind, report.gap_count),
        (GapKind::Crashed, 1)
    );
    assert_eq!((report.integrity.chained, report.integrity.broken), (12, 0));
    let steps: u64 = report
        .series
        .buckets
        .iter()
        .map(|bucket| bucket.decisions.total())
        .sum();
    assert_eq!(steps, 4);
    assert_eq!(report.others.len(), 3);
}

#[test]
fn a_report_is_about_its_period_only() {
    let period = Period {
        from_ns: TIME + 6 * STEP,
        until_ns: TIME + 8 * STEP,
    };
    let report = of(&tails(), period);
    assert_eq!((report.records, report.decisions.total()), (2, 2));
    assert_eq!((report.policy.count, report.gap_count), (0, 0));
    assert_eq!(report.first.as_ref().map(|(seq, _)| *seq), Some(6));
    assert_eq!(report.to.as_deref(), Some("2026-11-23T11:22:33Z"));
    let nothing = of(
        &tails(),
        Period {
            from_ns: 0,
            until_ns: 1,
        },
    );
    assert_eq!((nothing.records, nothing.first.clone()), (0, None));
    assert!(nothing.html().contains("no records"));
}

#[test]
fn the_page_is_one_file_without_scripts_in_which_nothing_from_the_log_is_markup() {
    let page = of(&tails(), Period::ALWAYS).html();
    for forbidden in [
        "<script", "http://", "https://", "src=", "url(", "@import", "<b>", "\u{202e}",
    ] {
        assert!(!page.contains(forbidden), "{forbidden}");
    }
    assert!(page.contains("acme/&lt;b&gt;<mark>\\u{202e}</mark>"));
    for part in [
        "<svg",
        "@page",
        "approved by ann",
        "gateway ended without a stop record",
    ] {
        assert!(page.contains(part), "{part}");
    }
    let open = page.matches("<section>").count();
    assert_eq!((open, page.matches("</section>").count()), (17, 17));
}

#[test]
fn a_report_in_json_has_every_part() {
    let report = of(&tails(), Period::ALWAYS);
    let json = serde_json::to_value(&report).unwrap();
    assert_eq!(json["decisions"]["hold"], 1);
    assert_eq!(json["gaps"][0]["kind"], "crashed");
    assert_eq!(json["approvals"]["listed"][0]["kind"], "approval");
}
