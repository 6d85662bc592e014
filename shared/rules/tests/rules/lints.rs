//! What lints say of random rules is so for random calls.

use varistor_rules::ast::Condition;
use varistor_rules::{Known, Scratch, Source, Truth, check, format, parse};

use crate::call::{Program, truths};
use crate::generate::Generator;

/// Two rules that are near each other, and what the lints say of them.
fn near(seed: u64) -> (String, Vec<String>) {
    let mut generator = Generator::new(seed);
    let mut part = || loop {
        match generator.condition(1, false) {
            Condition::And(_) => {}
            part => break part,
        }
    };
    let (first, second, third) = (part(), part(), part());
    let (narrow, wide) = match seed % 3 {
        0 => (vec![first.clone(), second], first),
        1 => {
            let contrary = Condition::Not(Box::new(first.clone()));
            (vec![first, second, contrary], third)
        }
        _ => (vec![first, third], second),
    };
    let narrow = format::condition(&Condition::And(narrow));
    let wide = format::condition(&wide);
    let text = format!("RULE \"0\" IF {narrow} THEN deny\nRULE \"1\" IF {wide} THEN deny\n");
    let source = Source {
        name: "x",
        text: &text,
    };
    let told = check(&[source], &[parse(0, &text).file], &Known::default());
    let told = told.into_iter().map(|one| one.message).collect();
    (text, told)
}

#[test]
fn a_rule_that_is_told_never_to_hold_never_does() {
    let mut told_of = 0;
    for seed in 0..600 {
        let (text, told) = near(seed);
        for rule in 0..2 {
            if !told.contains(&format!("rule \"{rule}\" can never hold")) {
                continue;
            }
            told_of += 1;
            let program = Program::new(&text);
            let mut generator = Generator::new(seed + 1_000_000);
            for _ in 0..200 {
                let (call, _) = generator.call(1_764_400_000_000);
                let found = truths(&program, &call, &mut Scratch::new());
                assert_ne!(found[rule], Truth::True, "{text}");
            }
        }
    }
    assert!(told_of > 50, "{told_of}");
}

#[test]
fn a_rule_that_is_told_to_change_nothing_changes_nothing() {
    let mut told_of = 0;
    for seed in 0..600 {
        let (text, told) = near(seed);
        for (rule, other) in [(0, 1), (1, 0)] {
            if !told.contains(&format!("rule \"{rule}\" changes nothing")) {
                continue;
            }
            told_of += 1;
            let program = Program::new(&text);
            let mut generator = Generator::new(seed + 2_000_000);
            for _ in 0..200 {
                let (call, _) = generator.call(1_764_400_000_000);
                let found = truths(&program, &call, &mut Scratch::new());
                let covered = found[rule] == Truth::False || found[other] != Truth::False;
                assert!(covered, "{text}\n{found:?}\n{call:#?}");
            }
        }
    }
    assert!(told_of > 50, "{told_of}");
}
