//! HdrHistogram's percentile text format, which its plotter reads.
//!
//! Values are in microseconds; the columns and the three closing lines are those of the Java
//! implementation.

use std::fmt::Write;

use hdrhistogram::Histogram;

/// Lines for each halving of the distance to 100 %.
const TICKS: u32 = 5;
/// Buckets of the smallest values: those of three digits.
const SUB_BUCKETS: u64 = 2048;
const NS_IN_US: f64 = 1_000.0;

/// The percentiles of nanoseconds, as text.
///
/// # Errors
/// Never, as writing into a `String` does not fail.
pub(super) fn text(latency: &Histogram<u64>) -> anyhow::Result<String> {
    let mut out = String::new();
    write(latency, &mut out)?;
    Ok(out)
}

fn write(latency: &Histogram<u64>, out: &mut String) -> std::fmt::Result {
    writeln!(
        out,
        "{:>12} {:>14} {:>10} {:>14}\n",
        "Value", "Percentile", "TotalCount", "1/(1-Percentile)"
    )?;
    let mut total = 0_u64;
    for step in latency.iter_quantiles(TICKS) {
        total = total.saturating_add(step.count_since_last_iteration());
        let value = step.value_iterated_to() as f64 / NS_IN_US;
        let quantile = step.quantile_iterated_to();
        write!(out, "{value:12.3} {quantile:2.12} {total:10}")?;
        if quantile < 1.0 {
            write!(out, " {:14.2}", 1.0 / (1.0 - quantile))?;
        }
        out.push('\n');
    }
    writeln!(
        out,
        "#[Mean    = {:12.3}, StdDeviation   = {:12.3}]",
        latency.mean() / NS_IN_US,
        latency.stdev() / NS_IN_US
    )?;
    writeln!(
        out,
        "#[Max     = {:12.3}, Total count    = {:12}]",
        latency.max() as f64 / NS_IN_US,
        latency.len()
    )?;
    writeln!(
        out,
        "#[Buckets = {:12}, SubBuckets     = {SUB_BUCKETS:12}]",
        latency.buckets()
    )
}

#[cfg(test)]
mod tests {
    use hdrhistogram::Histogram;

    use super::text;

    #[test]
    fn the_text_is_what_the_plotter_reads() {
        let mut latency = Histogram::new_with_bounds(1_000, 600_000_000_000, 3).unwrap();
        for us in 1..=1000_u64 {
            latency.record(us * 1_000).unwrap();
        }
        let text = text(&latency).unwrap();
        let mut lines = text.lines();
        assert_eq!(
            lines.next(),
            Some("       Value     Percentile TotalCount 1/(1-Percentile)")
        );
        assert_eq!(lines.next(), Some(""));
        let rows: Vec<Vec<f64>> = lines
            .clone()
            .take_while(|line| !line.starts_with('#'))
            .map(|line| {
                line.split_whitespace()
                    .map(|f| f.parse().unwrap())
                    .collect()
            })
            .collect();
        let median = rows.iter().find(|row| row[1] == 0.5).unwrap();
        assert!(
            (median[0] - 500.0).abs() < 1.0 && median[2] == 500.0,
            "{median:?}"
        );
        assert_eq!(median[3], 2.0);
        assert!(rows.is_sorted_by(|a, b| a[0] <= b[0] && a[1] <= b[1] && a[2] <= b[2]));
        let last = rows.last().unwrap();
        assert_eq!((last.len(), last[1], last[2]), (3, 1.0, 1000.0));
        let footer: Vec<_> = lines.skip_while(|line| !line.starts_with('#')).collect();
        assert_eq!(footer.len(), 3);
        assert!(footer[0].starts_with("#[Mean    =      500."), "{footer:?}");
        assert!(
            footer[1].ends_with("Total count    =         1000]"),
            "{footer:?}"
        );
        assert!(
            footer[2].contains("SubBuckets     =         2048]"),
            "{footer:?}"
        );
    }
}
