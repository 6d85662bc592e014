//! A program that was damaged denies, or is refused when it is loaded.

use rand::rngs::SmallRng;
use rand::{RngExt as _, SeedableRng as _};
use rkyv::util::AlignedVec;
use varistor_model::Decision;
use varistor_rules::{History, Loaded, Rules, Scratch, Verdict, format};
use varistor_snapshot::schema::rules::ArchivedRuleProgram;

use crate::call::{Call, Program, archive};
use crate::generate::Generator;

type Refusal = rkyv::rancor::Error;

fn some_rules(seed: u64) -> String {
    let mut generator = Generator::new(seed);
    let rule = |at| {
        let condition = format::condition(&generator.condition(3, true));
        format!("RULE \"{at}\" IF {condition} THEN deny(\"no\") AND log_level(\"error\")\n")
    };
    (0..4).map(rule).collect()
}

#[test]
fn every_byte_that_is_changed_is_noticed() {
    let mut noticed = 0;
    for seed in 0..6 {
        let whole = archive(&some_rules(seed));
        let mut rng = SmallRng::seed_from_u64(seed);
        for at in 0..whole.len() {
            let mut bytes: AlignedVec = AlignedVec::new();
            bytes.extend_from_slice(&whole);
            bytes[at] ^= 1 << rng.random_range(0..8);
            let Ok(program) = rkyv::access::<ArchivedRuleProgram, Refusal>(&bytes) else {
                noticed += 1;
                continue;
            };
            match Loaded::new(program) {
                Err(_) => noticed += 1,
                // A byte between two rows says nothing: the program is the same.
                Ok(_) => {
                    let old = rkyv::access::<ArchivedRuleProgram, Refusal>(&whole).unwrap();
                    let read = |of| rkyv::deserialize::<_, Refusal>(of).unwrap();
                    let same: [varistor_snapshot::schema::rules::RuleProgram; 2] =
                        [read(old), read(program)];
                    assert_eq!(same[0], same[1], "seed {seed}, byte {at}");
                }
            }
        }
    }
    assert!(noticed > 1000);
}

#[test]
fn indices_that_lead_elsewhere_are_refused_with_any_fingerprint() {
    use varistor_snapshot::schema::rules::RuleProgram;
    let whole = archive(
        "RULE \"a\" IF (args.a = 1 OR time.hour = 3) AND args.b MATCHES \"x\"\n\
         AND history.count(tool.name = \"x\", within = 1h) > 3 THEN deny\n",
    );
    let archived = rkyv::access::<ArchivedRuleProgram, Refusal>(&whole).unwrap();
    let program: RuleProgram = rkyv::deserialize::<_, Refusal>(archived).unwrap();
    let mutations: [fn(&mut RuleProgram); 11] = [
        |program| program.body.rules[0].condition = 1_000_000,
        |program| program.body.nodes[0].end = 1_000_000,
        |program| program.body.nodes[0].end = 0,
        |program| program.body.nodes[0].kind = 9,
        |program| {
            program
                .body
                .nodes
                .iter_mut()
                .for_each(|node| node.atom = 60_000)
        },
        |program| program.body.atoms.clear(),
        |program| program.body.paths.clear(),
        |program| program.body.zones.clear(),
        |program| program.body.patterns.clear(),
        |program| program.body.counters.push(program.body.counters[0].clone()),
        |program| {
            program
                .body
                .counters
                .iter_mut()
                .for_each(|counter| counter.per = 9)
        },
    ];
    for (at, mutate) in mutations.iter().enumerate() {
        let mut damaged = program.clone();
        mutate(&mut damaged);
        // Even somebody who makes the fingerprint anew gets no index past the checks.
        let bytes = rkyv::to_bytes::<Refusal>(&damaged.body).unwrap();
        let body =
            rkyv::access::<varistor_snapshot::schema::rules::ArchivedRuleBody, Refusal>(&bytes);
        damaged.fingerprint = varistor_rules::fingerprint(body.unwrap());
        let bytes = rkyv::to_bytes::<Refusal>(&damaged).unwrap();
        let damaged = rkyv::access::<ArchivedRuleProgram, Refusal>(&bytes).unwrap();
        assert!(Loaded::new(damaged).is_err(), "mutation {at}");
    }
}

#[test]
fn a_program_with_what_was_loaded_for_another_one_denies() {
    let one = Program::new("RULE \"a\" IF tool.name = \"x\" THEN allow");
    let other = Program::new("RULE \"b\" IF tool.name = \"y\" THEN allow");
    let history = History::new(1 << 20);
    let mixed = Rules {
        program: one.rules().program,
        loaded: &other.loaded,
        history: &history,
    };
    let mut scratch = Scratch::new();
    let verdict = mixed.evaluate(&Call::default(), &mut scratch);
    assert_eq!(verdict, Verdict::BROKEN);
    assert_eq!(verdict.decision, Some(Decision::Deny));
    assert!(scratch.holding().is_empty());
}

#[test]
fn a_scratch_goes_from_one_program_to_the_next() {
    let call = Call::default();
    let mut scratch = Scratch::new();
    for name in ["a", "b", "a"] {
        let text = format!("RULE \"{name}\" IF args.{name} = 1 OR args.x = 2 THEN deny");
        let program = Program::new(&text);
        let verdict = program.rules().evaluate(&call, &mut scratch);
        assert_eq!(verdict.decision, Some(Decision::Deny));
    }
}
