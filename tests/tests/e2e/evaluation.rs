//! What DLP finds of made-up secrets, what it takes for data by mistake, and how calls are
//! classified stay where they were.

use std::process::Command;

use serde_json::Value;
use varistor_tests::programs::{folder, ours};

#[test]
fn made_up_secrets_are_found_in_all_encodings_whole_or_split_without_false_alarms() {
    let scratch = tempfile::tempdir().expect("a folder");
    let kept = scratch.path().join("report");
    let run = Command::new("python3")
        .arg(folder().join("eval/run.py"))
        .arg("--varictl")
        .arg(ours("varictl"))
        .arg("--keep")
        .arg(&kept)
        .output()
        .expect("python3");
    let report = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}");
    let text = std::fs::read_to_string(kept.with_extension("json")).expect("a report");
    let whole: Value = serde_json::from_str(&text).expect("JSON");
    let found = whole["made"]["secrets"]["found_percent"].as_f64();
    assert!(found >= Some(95.0), "{report}");
    let alarms = whole["made"]["benign"]["per_10000"].as_f64();
    assert!(alarms <= Some(10.0) && alarms.is_some(), "{report}");
}

#[test]
fn calls_of_our_own_are_classified_as_they_are_meant() {
    let run = Command::new("python3")
        .arg(folder().join("eval/intent.py"))
        .arg("--varictl")
        .arg(ours("varictl"))
        .args(["--wrong", "--gate"])
        .output()
        .expect("python3");
    let report = String::from_utf8_lossy(&run.stdout);
    let errors = String::from_utf8_lossy(&run.stderr);
    assert!(run.status.success(), "{errors}{report}");
    assert!(report.contains("macro-F1"), "{report}");
}
