//! What judging one call costs, in nanoseconds, for a few tools with about 400 bytes of arguments.
//! With the name of one of them, only that one; with a number behind it, that many calls, for
//! profiles under callgrind.

use std::hint::black_box;
use std::time::Instant;

use varistor_intent::{Outside, Profile, judge};

struct Nobody;

impl Outside for Nobody {
    fn is_foreign_host(&self, host: &str) -> bool {
        !host.ends_with(".example")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        !address.ends_with(".example")
    }
}

/// Calls per measurement.
const CALLS: u32 = 200_000;

/// Lines with a name, a definition and arguments.
const CASES: &str = include_str!("cost.tsv");

fn main() {
    let wanted = std::env::args().nth(1);
    let calls = std::env::args().nth(2).and_then(|calls| calls.parse().ok());
    let calls: u32 = calls.unwrap_or(CALLS).max(1);
    for line in CASES.lines() {
        let fields: Vec<&str> = line.split('\t').collect();
        let [case, definition, arguments] = fields.as_slice() else {
            continue;
        };
        if wanted.as_deref().is_some_and(|wanted| wanted != *case) {
            continue;
        }
        let profile = Profile::of_definition(definition);
        let started = Instant::now();
        for _ in 0..calls {
            black_box(judge(black_box(&profile), black_box(arguments), &Nobody));
        }
        let each = started.elapsed() / calls;
        println!(
            "{case:8} {:4} bytes {:6} ns",
            arguments.len(),
            each.as_nanos()
        );
    }
}
