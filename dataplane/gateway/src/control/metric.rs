//! Lines of `GET /v1/metrics`, in the Prometheus text format.

use core::fmt::Write as _;

/// Appends a metric with one value; said of it are its kind and what it counts.
pub(super) fn metric(text: &mut String, name: &str, said: (&str, &str), value: u64) {
    describe(text, name, said);
    // Writing to a String does not fail.
    let _ = writeln!(text, "varistor_{name} {value}");
}

/// The same with a value for each row, which `label` tells apart.
pub(super) fn metric_of_each<'a>(
    text: &mut String,
    name: &str,
    said: (&str, &str),
    label: &str,
    rows: impl Iterator<Item = (&'a str, u64)>,
) {
    describe(text, name, said);
    for (row, value) in rows {
        // Writing to a String does not fail.
        let _ = writeln!(text, "varistor_{name}{{{label}=\"{row}\"}} {value}");
    }
}

fn describe(text: &mut String, name: &str, (kind, help): (&str, &str)) {
    // Writing to a String does not fail.
    let _ = writeln!(
        text,
        "# HELP varistor_{name} {help}\n# TYPE varistor_{name} {kind}"
    );
}
