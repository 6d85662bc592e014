//! Once its buffers have grown, a worker takes a call through and allocates nothing for it.

use allocation_counter::measure;
use varistor_perf::bench::Bench;
use varistor_perf::policy::{grant, policy, role};
use varistor_pipeline::answer::Passed;

use crate::journey::{Journey, messages};

/// What became of the third round, and its allocations.
fn third(headers: &str, request: &str, answer: &str) -> (Option<Passed>, u64) {
    let grants = vec![grant(1, "*", 15, true)];
    let bench = Bench::new(&policy(vec![role(0, grants, 0)], vec![]));
    let mut journey = Journey::new(bench, headers, request, answer);
    assert_eq!(
        (journey.once(), journey.once()),
        (Some(Passed::Same), Some(Passed::Same))
    );
    let (upstream, client) = journey.written();
    assert!(upstream.starts_with(b"POST /mcp HTTP/1.1\r\n"));
    assert!(client.ends_with(answer.as_bytes()));
    let mut passed = None;
    let counted = measure(|| passed = journey.once());
    (passed, counted.count_total)
}

#[test]
fn a_call_and_its_answer_allocate_nothing() {
    const LEGACY: &str = "MCP-Protocol-Version: 2025-11-25\r\n";
    for (headers, request, answer) in [
        (messages::MODERN, messages::call(400), messages::result(420)),
        (
            messages::MODERN,
            messages::call(16_384),
            messages::result(16_384),
        ),
        (
            messages::MODERN,
            messages::structured(4096),
            messages::result(10),
        ),
        (LEGACY, messages::legacy(400), messages::result(420)),
        // What is only recorded, on both ways.
        (
            LEGACY,
            messages::legacy(400).replace("the quick", "a@example.org"),
            messages::result(420).replace("quick", "b@example.org"),
        ),
    ] {
        assert_eq!(third(headers, &request, &answer), (Some(Passed::Same), 0));
    }
}

#[test]
fn a_list_that_its_caller_sees_whole_allocates_nothing() {
    let request = messages::call(400).replace("tools/call", "tools/list");
    let headers = "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/list\r\n";
    let passed = third(headers, &request, &messages::tools(100));
    assert_eq!(passed, (Some(Passed::Same), 0));
}
