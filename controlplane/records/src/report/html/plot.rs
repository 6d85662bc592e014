//! Calls over time as stacked bars, drawn as SVG within the page, so that colours follow it.

use std::fmt::Write as _;

use crate::report::section::grouped;
use crate::report::{Bucket, Decisions, Series};

/// The drawing, in its own units.
const WIDTH: u64 = 960;
const HEIGHT: u64 = 260;
/// Where the bars are.
const LEFT: u64 = 64;
const RIGHT: u64 = 952;
const TOP: u64 = 12;
const BOTTOM: u64 = 224;
/// Labels below the bars.
const LABELS: u64 = 6;
/// Parts of a unit that places are told in.
const PARTS: u64 = 100;

/// Draws the series, with its legend; nothing when there is none.
pub(super) fn plot(series: &Series, out: &mut String) {
    let most = series
        .buckets
        .iter()
        .map(|bucket| bucket.decisions.total())
        .max();
    let Some(most) = most.filter(|most| *most > 0) else {
        return;
    };
    let step = step_text(series.step_s);
    let (unit, top) = scale(most);
    // Writing to a String does not fail, here and below.
    let _ = write!(
        out,
        "<figure>\n<figcaption>Calls over time, each bar {step}: <span class=\"key \
         allow\">allowed</span> <span class=\"key redact\">redacted</span> <span class=\"key \
         hold\">held</span> <span class=\"key deny\">denied</span></figcaption>\n\
         <svg viewBox=\"0 0 {WIDTH} {HEIGHT}\" role=\"img\" aria-label=\"Calls over time by \
         decision; the tables below have the numbers\">\n"
    );
    let mut value = 0;
    while value <= top {
        let y = place_y(value, top);
        let _ = writeln!(
            out,
            "<line class=\"grid\" x1=\"{LEFT}\" x2=\"{RIGHT}\" y1=\"{y}\" y2=\"{y}\"/><text \
             class=\"y\" x=\"{}\" y=\"{y}\">{}</text>",
            LEFT.saturating_sub(8),
            grouped(value)
        );
        value = value.saturating_add(unit);
    }
    let count = series.buckets.len() as u64;
    let every = count.div_ceil(LABELS).max(1);
    for (place, bucket) in (0..count).zip(&series.buckets) {
        bar(bucket, (place, count), top, out);
        if place.is_multiple_of(every) {
            label(bucket, (place, count), series.step_s, out);
        }
    }
    out.push_str("</svg>\n</figure>\n");
}

fn bar(bucket: &Bucket, (place, count): (u64, u64), top: u64, out: &mut String) {
    let Decisions {
        allow,
        redact,
        hold,
        deny,
    } = bucket.decisions;
    if bucket.decisions.total() == 0 {
        return;
    }
    let (left, right) = (
        place_x(place, count),
        place_x(place.saturating_add(1), count),
    );
    let width = right.saturating_sub(left);
    // A tenth of the width is left free.
    let drawn = width.saturating_sub(width / 10).max(1);
    let _ = write!(
        out,
        "<g><title>{}: {allow} allowed, {redact} redacted, {hold} held, {deny} denied</title>",
        bucket.start
    );
    let mut below = 0_u64;
    for (class, number) in [
        ("allow", allow),
        ("redact", redact),
        ("hold", hold),
        ("deny", deny),
    ] {
        if number == 0 {
            continue;
        }
        let above = below.saturating_add(number);
        let (low, high) = (height(below, top), height(above, top));
        // What is there shows, however little of the whole it is.
        let tall = high.saturating_sub(low).max(PARTS);
        let y = BOTTOM
            .saturating_mul(PARTS)
            .saturating_sub(low)
            .saturating_sub(tall);
        let _ = write!(
            out,
            "<rect class=\"{class}\" x=\"{}\" y=\"{}\" width=\"{}\" height=\"{}\"/>",
            parts(left),
            parts(y),
            parts(drawn),
            parts(tall)
        );
        below = above;
    }
    out.push_str("</g>\n");
}

fn label(bucket: &Bucket, (place, count): (u64, u64), step_s: u64, out: &mut String) {
    let start = &bucket.start;
    let date = start.get(..10).unwrap_or_default();
    let time = match step_s {
        86_400.. => "",
        60.. => start.get(11..16).unwrap_or_default(),
        _ => start.get(11..19).unwrap_or_default(),
    };
    let x = parts(place_x(place, count));
    let _ = writeln!(
        out,
        "<text class=\"x\" x=\"{x}\" y=\"{}\">{date}</text><text class=\"x\" x=\"{x}\" \
         y=\"{}\">{time}</text>",
        BOTTOM.saturating_add(15),
        BOTTOM.saturating_add(30)
    );
}

/// Where a step begins, in parts of a unit.
fn place_x(place: u64, count: u64) -> u64 {
    let all = RIGHT.saturating_sub(LEFT).saturating_mul(PARTS);
    let offset = all
        .saturating_mul(place)
        .checked_div(count)
        .unwrap_or_default();
    LEFT.saturating_mul(PARTS).saturating_add(offset)
}

/// How high a value is, in parts of a unit.
fn height(value: u64, top: u64) -> u64 {
    let all = u128::from(BOTTOM.saturating_sub(TOP).saturating_mul(PARTS));
    let high = all
        .saturating_mul(u128::from(value))
        .checked_div(u128::from(top));
    u64::try_from(high.unwrap_or_default()).unwrap_or_default()
}

fn place_y(value: u64, top: u64) -> String {
    parts(
        BOTTOM
            .saturating_mul(PARTS)
            .saturating_sub(height(value, top)),
    )
}

fn parts(parts: u64) -> String {
    format!("{}.{:02}", parts / PARTS, parts % PARTS)
}

/// The distance of lines, and the value at the top: some four steps of 1, 2 or 5 times a power of
/// ten.
fn scale(most: u64) -> (u64, u64) {
    let mut unit = 1_u64;
    let mut factors = [2_u64, 5, 10].into_iter().cycle();
    let mut power = 1_u64;
    while most.div_ceil(unit) > 5 {
        let factor = factors.next().unwrap_or(10);
        unit = power.saturating_mul(factor);
        if factor == 10 {
            power = unit;
        }
    }
    (unit, most.div_ceil(unit).saturating_mul(unit))
}

fn step_text(step_s: u64) -> String {
    let units = [
        (86_400, "day"),
        (3600, "hour"),
        (60, "minute"),
        (1, "second"),
    ];
    for (unit_s, name) in units {
        if step_s >= unit_s && step_s.is_multiple_of(unit_s) {
            let number = step_s.checked_div(unit_s).unwrap_or_default();
            let plural = if number == 1 { "" } else { "s" };
            return format!("{number} {name}{plural}");
        }
    }
    String::new()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_scale_holds_the_largest_value_in_a_few_round_steps() {
        for (most, expected) in [
            (1, (1, 1)),
            (5, (1, 5)),
            (6, (2, 6)),
            (23, (5, 25)),
            (51, (20, 60)),
            (12_345, (5000, 15_000)),
        ] {
            assert_eq!(scale(most), expected, "{most}");
        }
        let (unit, top) = scale(u64::MAX / 2);
        assert!(top / unit <= 5);
    }

    #[test]
    fn bars_are_as_high_as_their_share() {
        assert_eq!(place_y(0, 10), "224.00");
        assert_eq!(place_y(10, 10), "12.00");
        let bucket = Bucket {
            start: "2026-11-23T00:00:00Z".to_owned(),
            decisions: Decisions {
                allow: 5,
                deny: 5,
                ..Decisions::default()
            },
        };
        let mut out = String::new();
        plot(
            &Series {
                step_s: 3600,
                buckets: vec![bucket],
            },
            &mut out,
        );
        assert!(out.contains("each bar 1 hour"), "{out}");
        assert!(
            out.contains("class=\"allow\" x=\"64.00\" y=\"118.00\""),
            "{out}"
        );
        assert!(
            out.contains("class=\"deny\" x=\"64.00\" y=\"12.00\""),
            "{out}"
        );
        let mut none = String::new();
        plot(&Series::default(), &mut none);
        assert!(none.is_empty());
    }
}
