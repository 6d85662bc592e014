//! Takes one call through the pipeline again and again, to be counted under callgrind:
//! `valgrind --tool=callgrind --collect-atstart=no --toggle-collect=*steady* journey KIND TIMES`
//! with a KIND of call, 4k, 16k, rows, legacy, batch or list.

#[expect(
    dead_code,
    clippy::indexing_slicing,
    clippy::unwrap_used,
    reason = "used in part"
)]
#[path = "../tests/order/journey.rs"]
mod journey;

use journey::{Journey, messages};
use varistor_perf::bench::Bench;
use varistor_perf::policy::{grant, policy, role};

const LIST: &str = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
const LEGACY: &str = "MCP-Protocol-Version: 2025-11-25\r\n";
const BATCH: &str = "MCP-Protocol-Version: 2025-03-26\r\n";

fn main() {
    let mut arguments = std::env::args().skip(1);
    let kind = arguments.next().unwrap_or_else(|| "call".to_owned());
    let times = arguments.next().and_then(|text| text.parse().ok());
    let times: u32 = times.unwrap_or(1000);
    let (headers, request, answer) = bytes_of(&kind);
    let visible = if kind == "list" { "tool_00*" } else { "*" };
    let grants = vec![grant(1, visible, 15, false)];
    let bench = Bench::new(&policy(vec![role(0, grants, 0)], vec![]));
    let mut journey = Journey::new(bench, headers, &request, &answer);
    // The first rounds grow the buffers.
    let first = (journey.once(), journey.once());
    let started = now();
    let good = steady(&mut journey, times);
    let each = started.elapsed().as_nanos() / u128::from(times.max(1));
    println!(
        "{kind}: {} B in, {} B out, {first:?}, {good} of {times} good, {each} ns each",
        request.len(),
        answer.len()
    );
}

/// Headers of the era, request and answer.
fn bytes_of(kind: &str) -> (&'static str, String, String) {
    use messages::{MODERN, call, legacy, result, structured, tools};
    let twice = |text: String| format!("[{text},{}]", text.replace("1000000000", "1000000001"));
    match kind {
        "4k" => (MODERN, call(4096), result(4096)),
        "16k" => (MODERN, call(16384), result(16384)),
        "rows" => (MODERN, structured(16384), result(420)),
        "legacy" => (LEGACY, legacy(400), result(420)),
        "batch" => (BATCH, twice(legacy(400)), twice(result(420))),
        "list" => (
            LIST,
            call(400).replace("tools/call", "tools/list"),
            tools(100),
        ),
        _ => (MODERN, call(400), result(420)),
    }
}

#[expect(
    clippy::disallowed_methods,
    reason = "the time that it takes, not one that is decided by"
)]
fn now() -> std::time::Instant {
    std::time::Instant::now()
}

#[inline(never)]
fn steady(journey: &mut Journey, times: u32) -> u32 {
    (0..times)
        .map(|_| u32::from(journey.once().is_some()))
        .sum()
}
