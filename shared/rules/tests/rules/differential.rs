//! The product and the naive interpreter agree on random rules and calls.
//!
//! 20,000 pairs of a condition and a call unless `RULES_PAIRS` says otherwise; a million take
//! 24 seconds with `RULES_PAIRS=1000000 cargo test --release -p varistor-rules pairs`.

use varistor_rules::ast::Condition;
use varistor_rules::{Recorded, Scratch, Truth, format};

use crate::call::{Call, Program, truths};
use crate::generate::Generator;
use crate::naive::{self, Json, World};

const RULES: usize = 5;
const CALLS: usize = 12;
const NOW: u64 = 1_764_400_000_000;

fn pairs() -> usize {
    let asked = std::env::var("RULES_PAIRS").ok();
    asked.map_or(20_000, |asked| asked.parse().unwrap())
}

fn program(conditions: &[Condition]) -> Program {
    let mut text = String::new();
    for (at, condition) in conditions.iter().enumerate() {
        let condition = format::condition(condition);
        text.push_str(&format!("RULE \"{at}\"\nIF {condition}\nTHEN deny\n\n"));
    }
    Program::new(&text)
}

#[test]
fn random_pairs_of_rules_and_calls_have_the_truth_of_the_definition() {
    let mut told = [0_usize; 3];
    for seed in 0..(pairs() / (RULES * CALLS)) as u64 {
        let mut generator = Generator::new(seed);
        let conditions: Vec<Condition> = (0..RULES).map(|_| generator.condition(3, true)).collect();
        let program = program(&conditions);
        let mut scratch = Scratch::new();
        let mut past: Vec<(Call, Option<Json>)> = Vec::new();
        // Far from the edges of windows, where counts are intervals; those have their own test.
        for number in 0..CALLS {
            let ago = if number < 4 {
                10 * 24 * 3_600_000
            } else {
                60_000
            };
            let now = if number + 4 < CALLS { NOW - ago } else { NOW };
            let (mut call, arguments) = generator.call(now);
            // Like a gateway's: one key for what is the same of tools.
            let facts = format!("{:?}{:?}", tool_facts(&call), call.annotations);
            call.tool_key = Some(xxhash_rust::xxh3::xxh3_64(facts.as_bytes()));
            let found = truths(&program, &call, &mut scratch);
            let world = World {
                call: &call,
                arguments: arguments.as_ref(),
                past: &past,
            };
            for (at, condition) in conditions.iter().enumerate() {
                let expected = Truth::known(naive::condition(&world, condition));
                let shown = format::condition(condition);
                assert_eq!(
                    found[at], expected,
                    "seed {seed}: {shown}\n{call:#?}\n{past:#?}"
                );
                told[expected as usize] += 1;
            }
            let recorded = program.rules().record(&call, &mut scratch);
            assert_eq!(recorded, Recorded::Done);
            past.push((call, arguments));
        }
    }
    // All three truths are met often: the test looks at something.
    assert!(told.iter().all(|count| *count > pairs() / 20), "{told:?}");
}

fn tool_facts(call: &Call) -> Vec<Option<&String>> {
    use varistor_rules::vocabulary::{SetField, TextField};
    let texts = [
        TextField::ToolServer,
        TextField::ToolName,
        TextField::ToolCategory,
    ];
    let mut facts: Vec<Option<&String>> = texts.iter().map(|field| call.texts.get(field)).collect();
    match call.sets.get(&SetField::ToolTags) {
        Some(tags) => facts.extend(tags.iter().map(Some)),
        None => facts.push(None),
    }
    facts
}
