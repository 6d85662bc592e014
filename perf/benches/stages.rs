//! Instructions of every case, counted under callgrind: `cargo bench -p varistor-perf`.
//!
//! The list of names is the one of `varistor_perf::cases::all`; `varistor-perf check` says when
//! the two differ.
#![expect(
    missing_docs,
    unused_qualifications,
    reason = "of what the macros make"
)]

use std::hint::black_box;
use std::path::Path;

use gungraun::{
    Callgrind, LibraryBenchmarkConfig, library_benchmark, library_benchmark_group, main,
};
use varistor_perf::cases::{Case, warm};
use varistor_perf::detectors;

#[global_allocator]
static ALLOCATOR: mimalloc::MiMalloc = mimalloc::MiMalloc;

/// Written before all benches, outside of callgrind.
const DETECTORS: &str = concat!(env!("CARGO_TARGET_TMPDIR"), "/detectors");

fn ready(name: &str) -> Box<dyn Case> {
    detectors::load(Path::new(DETECTORS));
    warm(name)
}

#[library_benchmark]
#[bench::accept_head(ready("accept/head"))]
#[bench::accept_route(ready("accept/route"))]
#[bench::authenticate_known(ready("authenticate/known"))]
#[bench::authenticate_verify_one_block(ready("authenticate/verify_one_block"))]
#[bench::parse_400_bytes(ready("parse/400_bytes"))]
#[bench::parse_4_kib(ready("parse/4_kib"))]
#[bench::rate_limit_agent_and_organisation(ready("rate_limit/agent_and_organisation"))]
#[bench::classify_verb(ready("classify/verb"))]
#[bench::classify_100_000_tools(ready("classify/100_000_tools"))]
#[bench::classify_sql(ready("classify/sql"))]
#[bench::classify_shell(ready("classify/shell"))]
#[bench::dlp_400_bytes(ready("dlp/400_bytes"))]
#[bench::dlp_4_kib(ready("dlp/4_kib"))]
#[bench::dlp_one_finding(ready("dlp/one_finding"))]
#[bench::dlp_refused(ready("dlp/refused"))]
#[bench::policy_small(ready("policy/small"))]
#[bench::policy_1_000_patterns(ready("policy/1_000_patterns"))]
#[bench::policy_100_000_tools(ready("policy/100_000_tools"))]
#[bench::policy_100_rules(ready("policy/100_rules"))]
#[bench::policy_100_rules_and_history(ready("policy/100_rules_and_history"))]
#[bench::audit_record(ready("audit/record"))]
#[bench::audit_record_masked(ready("audit/record_masked"))]
#[bench::forward_head(ready("forward/head"))]
#[bench::answer_head(ready("answer/head"))]
#[bench::answer_strict_read_500_bytes(ready("answer/strict_read_500_bytes"))]
#[bench::answer_scan_500_bytes(ready("answer/scan_500_bytes"))]
#[bench::answer_scan_16_kib(ready("answer/scan_16_kib"))]
#[bench::answer_message_500_bytes(ready("answer/message_500_bytes"))]
#[bench::answer_message_16_kib(ready("answer/message_16_kib"))]
#[bench::answer_redact_500_bytes(ready("answer/redact_500_bytes"))]
#[bench::answer_tools_list_100_all(ready("answer/tools_list_100_all"))]
#[bench::answer_tools_list_100_filtered(ready("answer/tools_list_100_filtered"))]
#[bench::answer_write_head(ready("answer/write_head"))]
#[bench::answer_result_record(ready("answer/result_record"))]
#[bench::chain_line(ready("chain/line"))]
#[bench::snapshot_open(ready("snapshot/open"))]
#[bench::snapshot_take_into_service(ready("snapshot/take_into_service"))]
#[bench::whole_400_in_500_out(ready("whole/400_in_500_out"))]
#[bench::whole_400_in_16_kib_out(ready("whole/400_in_16_kib_out"))]
#[bench::whole_tools_list_100_filtered(ready("whole/tools_list_100_filtered"))]
#[bench::whole_redacted_500_out(ready("whole/redacted_500_out"))]
#[bench::whole_blocked_400_in(ready("whole/blocked_400_in"))]
fn stage(mut case: Box<dyn Case>) -> Box<dyn Case> {
    case.run();
    black_box(case)
}

library_benchmark_group!(name = budgets; benchmarks = stage);

// Caches are not simulated: what has budgets is the same on every machine.
main!(
    config = LibraryBenchmarkConfig::default().tool(Callgrind::with_args(["--cache-sim=no"]));
    setup = detectors::keep(Path::new(DETECTORS));
    library_benchmark_groups = budgets
);
