//! In the steady state, the common path allocates nothing, and no case more than its budget says.

use allocation_counter::measure;
use varistor_perf::cases::{all, warm};

/// Allocations of the case in each of so many runs in the steady state.
fn allocations(name: &str, runs: usize) -> Vec<u64> {
    let mut case = warm(name);
    let mut counts = Vec::new();
    for _ in 0..runs {
        counts.push(measure(|| case.run()).count_total);
        case.prepare();
    }
    counts
}

#[test]
fn a_call_and_its_answer_allocate_nothing() {
    for name in ["whole/400_in_500_out", "whole/400_in_16_kib_out"] {
        assert_eq!(allocations(name, 100), [0; 100], "{name}");
    }
}

#[test]
fn no_case_allocates_more_than_its_budget() {
    let text = std::fs::read_to_string(concat!(env!("CARGO_MANIFEST_DIR"), "/budgets.toml"));
    let budgets: toml::Table = text.unwrap().parse().unwrap();
    for (name, _) in all() {
        let budget = &budgets["cases"][name]["allocations"];
        let budget = u64::try_from(budget.as_integer().unwrap()).unwrap();
        // The middle one: now and then a list grows.
        let mut counts = allocations(name, 5);
        counts.sort_unstable();
        assert!(
            counts[2] <= budget,
            "{name}: {counts:?} allocations, the budget is {budget}"
        );
    }
}

#[test]
fn an_allocation_is_counted() {
    let counted = measure(|| drop(std::hint::black_box(vec![1_u8; 32])));
    assert_eq!(counted.count_total, 1);
}
