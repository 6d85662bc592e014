//! The report as a table for people.

use std::fmt::{self, Write};

use super::report::{Cpu, Latency, Report};

/// The whole table.
///
/// # Errors
/// Never, as writing into a `String` does not fail.
pub(super) fn text(report: &Report) -> anyhow::Result<String> {
    let mut text = String::new();
    head(report, &mut text)?;
    totals(report, &mut text)?;
    if report.kinds.len() > 1 {
        kinds(report, &mut text)?;
    }
    if !report.steps.is_empty() {
        steps(report, &mut text)?;
    }
    Ok(text)
}

fn head(report: &Report, out: &mut String) -> fmt::Result {
    let rate = report
        .rate_asked
        .map_or(String::new(), |rate| format!(" at {rate:.0}/s"));
    writeln!(
        out,
        "{}: {}{rate}, era {}, {} connections, {} {}, {:.2} s, driver {}",
        report.url,
        match report.mode {
            "closed" => "closed loop",
            "ramp" => "open loop, ramp",
            "steps" => "open loop, steps",
            _ => "open loop",
        },
        report.era,
        report.connections,
        report.threads,
        if report.threads == 1 {
            "thread"
        } else {
            "threads"
        },
        report.duration_s,
        report.driver
    )
}

fn totals(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "  good       {:>12}   {:.0}/s",
        report.requests, report.requests_per_s
    )?;
    writeln!(
        out,
        "  errors     {:>12}   unexpected {}, wrong {}, broken {}, unanswered {}",
        report.errors, report.unexpected, report.wrong, report.broken, report.unanswered
    )?;
    let l = &report.latency_us;
    writeln!(
        out,
        "  latency us  p50 {:.1}  p90 {:.1}  p99 {:.1}  p99.9 {:.1}  max {:.1}  mean {:.1}",
        l.p50, l.p90, l.p99, l.p99_9, l.max, l.mean
    )?;
    let (sessions, idle) = (&report.sessions, &report.idle);
    if report.connections_opened > report.connections || sessions.opened > 0 {
        writeln!(
            out,
            "  opened     {:>12}   connections; sessions {}, lost {}, ended {}",
            report.connections_opened, sessions.opened, sessions.lost, sessions.ended
        )?;
    }
    if idle.connections + idle.listeners > 0 {
        writeln!(
            out,
            "  idle       {:>12}   connections; listeners {}; lost {}",
            idle.connections, idle.listeners, idle.lost
        )?;
    }
    for cpu in &report.cpu {
        cpu_line(&format!("cpu of {}", cpu.pid), cpu, out)?;
    }
    cpu_line("cpu of load", &report.generator, out)
}

fn cpu_line(name: &str, cpu: &Cpu, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "  {name:<15} {:.2} us/request (user {:.2}, system {:.2}), {:.0} % of one core",
        cpu.us_per_request,
        cpu.user_us_per_request,
        cpu.system_us_per_request,
        cpu.share_of_one_core * 100.0
    )
}

fn kinds(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\n  {:<12} {:>10} {:>8} {}",
        "kind",
        "good",
        "errors",
        latency_names()
    )?;
    for kind in &report.kinds {
        writeln!(
            out,
            "  {:<12} {:>10} {:>8} {}",
            kind.kind,
            kind.requests,
            kind.errors,
            latency(&kind.latency_us)
        )?;
    }
    Ok(())
}

fn steps(report: &Report, out: &mut String) -> fmt::Result {
    writeln!(
        out,
        "\n  {:>9} {:>9} {:>8} {} {:>9}",
        "asked/s",
        "good/s",
        "errors",
        latency_names(),
        "cpu us"
    )?;
    for step in &report.steps {
        let cpu = step
            .cpu_us_per_request
            .map_or("-".to_owned(), |cpu| format!("{cpu:.2}"));
        writeln!(
            out,
            "  {:>9.0} {:>9.0} {:>8} {} {cpu:>9}",
            step.rate_asked,
            step.requests_per_s,
            step.errors,
            latency(&step.latency_us)
        )?;
    }
    Ok(())
}

fn latency_names() -> String {
    let names = ["p50 us", "p90 us", "p99 us", "p99.9 us", "max us"];
    names.map(|name| format!("{name:>10}")).join(" ")
}

fn latency(l: &Latency) -> String {
    let values = [l.p50, l.p90, l.p99, l.p99_9, l.max];
    values.map(|value| format!("{value:>10.1}")).join(" ")
}
