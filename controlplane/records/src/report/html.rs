//! A report as one page of HTML: no script, nothing from elsewhere, light, dark and printed.
//!
//! Everything from the log is escaped, and characters that hide or turn text are spelled out.

mod plot;
mod style;

use std::fmt::Write as _;

use super::section::{Section, grouped};
use super::{Decisions, Report};
use crate::html::text;

/// The page.
pub(super) fn page(report: &Report) -> String {
    let mut main = String::new();
    head(report, &mut main);
    plot::plot(&report.series, &mut main);
    for section in report.sections() {
        table(&section, &mut main);
    }
    let period = period(report);
    format!(
        "<!doctype html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n\
         <meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n\
         <meta name=\"color-scheme\" content=\"light dark\">\n\
         <meta http-equiv=\"Content-Security-Policy\" content=\"default-src 'none'; \
         style-src 'unsafe-inline'\">\n<title>Audit report, {period}</title>\n\
         <style>{}</style>\n</head>\n<body>\n<main>\n{main}</main>\n<footer>Made by varictl {} at \
         {} from {}.</footer>\n</body>\n</html>\n",
        style::STYLE,
        env!("CARGO_PKG_VERSION"),
        text(&report.made),
        text(&report.log),
    )
}

fn period(report: &Report) -> String {
    let from = report
        .from
        .as_ref()
        .or(report.first.as_ref().map(|(_, time)| time));
    let to = report
        .to
        .as_ref()
        .or(report.last.as_ref().map(|(_, time)| time));
    match (from, to) {
        (Some(from), Some(to)) => format!("{} to {}", text(from), text(to)),
        _ => "no records".to_owned(),
    }
}

fn head(report: &Report, out: &mut String) {
    let Decisions {
        allow,
        redact,
        hold,
        deny,
    } = report.decisions;
    let records = match (&report.first, &report.last) {
        (Some((first, _)), Some((last, _))) => {
            format!("{} records, {first} to {last}", grouped(report.records))
        }
        _ => "no records".to_owned(),
    };
    // Writing to a String does not fail, here and below.
    let _ = write!(
        out,
        "<header><h1>Audit report</h1>\n<p class=\"period\">{}</p>\n<p class=\"soft\">{records}. \
         All times are UTC.</p></header>\n<ul class=\"figures\">\n",
        period(report)
    );
    let unknown = report.outcomes.iter().find(|row| row.name == "unknown");
    for (class, name, number) in [
        ("", "calls", report.decisions.total()),
        ("allow", "allowed", allow),
        ("redact", "redacted", redact),
        ("hold", "held", hold),
        ("deny", "denied", deny),
        ("", "policy changes", report.policy.count),
        ("", "kill events", report.kills.count),
        ("", "outcome unknown", unknown.map_or(0, |row| row.count)),
        ("", "gaps", report.gap_count),
    ] {
        let number = grouped(number);
        let _ = writeln!(
            out,
            "<li class=\"{class}\"><strong>{number}</strong> {name}</li>"
        );
    }
    out.push_str("</ul>\n");
}

fn table(section: &Section, out: &mut String) {
    let _ = writeln!(out, "<section>\n<h2>{}</h2>", section.title);
    if !section.note.is_empty() {
        let _ = writeln!(out, "<p class=\"soft\">{}</p>", text(&section.note));
    }
    if !section.rows.is_empty() {
        let class = |column: usize| match column >= section.numbers_from {
            true => " class=\"number\"",
            false => "",
        };
        out.push_str("<div class=\"wide\"><table><thead><tr>");
        for (column, heading) in section.headings.iter().enumerate() {
            let _ = write!(out, "<th scope=\"col\"{}>{heading}</th>", class(column));
        }
        out.push_str("</tr></thead>\n<tbody>\n");
        for row in &section.rows {
            let last = row.first().is_some_and(|name| name == "total");
            out.push_str(if last { "<tr class=\"total\">" } else { "<tr>" });
            for (column, cell) in row.iter().enumerate() {
                let _ = write!(out, "<td{}>{}</td>", class(column), text(cell));
            }
            out.push_str("</tr>\n");
        }
        out.push_str("</tbody></table></div>\n");
    }
    out.push_str("</section>\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn nothing_from_the_log_is_markup_or_hides() {
        assert_eq!(
            text("<script>'\"&\u{202e}\u{7}"),
            "&lt;script&gt;&#39;&quot;&amp;<mark>\\u{202e}</mark><mark>\\u{7}</mark>"
        );
    }
}
