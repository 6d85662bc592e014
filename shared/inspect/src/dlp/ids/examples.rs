//! What every check takes and refuses. Examples are published specimens or made at random; a `|`
//! in them is taken out.

mod americas;
mod asia_africa;
mod europe;
mod money;
mod things;

use super::{Check, check};

/// Examples of one check.
struct Example {
    check: Check,
    /// Whether its scheme sees every single wrong digit.
    each_digit: bool,
    valid: &'static [&'static str],
    invalid: &'static [&'static str],
}

fn examples() -> impl Iterator<Item = &'static Example> {
    let all = [
        americas::EXAMPLES,
        asia_africa::EXAMPLES,
        europe::EXAMPLES,
        money::EXAMPLES,
        things::EXAMPLES,
    ];
    all.into_iter().flatten()
}

/// The bytes of an example.
fn text(example: &str) -> Vec<u8> {
    example.replace('|', "").into_bytes()
}

/// Whether case and separators say nothing in numbers of this check.
fn is_loose(check: Check) -> bool {
    !matches!(
        check,
        Check::SePersonal | Check::FiHetu | Check::Bic | Check::Uuid | Check::Mac | Check::Ipv4
    )
}

#[test]
fn every_check_has_examples_and_keeps_to_them() {
    for check in Check::ALL {
        assert_eq!(
            examples().filter(|it| it.check == *check).count(),
            1,
            "{check:?}"
        );
    }
    for it in examples() {
        assert!(
            it.valid.len() >= 2 && it.invalid.len() >= 2,
            "{:?}",
            it.check
        );
        for example in it.valid {
            assert!(check(it.check, &text(example)), "{:?} {example}", it.check);
        }
        for example in it.invalid {
            assert!(!check(it.check, &text(example)), "{:?} {example}", it.check);
        }
    }
}

#[test]
fn numbers_and_names_lead_back_to_their_check() {
    for (number, it) in (1..).zip(Check::ALL) {
        assert_eq!(it.number(), number);
        assert_eq!(Check::numbered(number), Some(*it));
        assert_eq!(Check::named(it.name()), Some(*it));
    }
    assert_eq!(Check::numbered(0), None);
    assert_eq!(Check::named("nothing"), None);
}

#[test]
fn one_wrong_digit_is_refused_where_the_scheme_sees_it() {
    let mut tried = 0;
    for it in examples().filter(|it| it.each_digit) {
        for valid in it.valid.iter().map(|example| text(example)) {
            for place in (0..valid.len()).filter(|place| valid[*place].is_ascii_digit()) {
                for digit in (b'0'..=b'9').filter(|digit| *digit != valid[place]) {
                    let mut wrong = valid.clone();
                    wrong[place] = digit;
                    let shown = String::from_utf8_lossy(&wrong);
                    assert!(!check(it.check, &wrong), "{:?} {shown}", it.check);
                    tried += 1;
                }
            }
        }
    }
    assert!(tried > 10_000, "{tried}");
}

#[test]
fn a_number_is_the_same_without_separators_and_in_lower_case() {
    for it in examples().filter(|it| it.check.number() < 96 && is_loose(it.check)) {
        for valid in it.valid.iter().map(|example| text(example)) {
            let mut bare = valid;
            bare.retain(|byte| !b" .-/()".contains(byte));
            bare.make_ascii_lowercase();
            let shown = String::from_utf8_lossy(&bare);
            assert!(check(it.check, &bare), "{:?} {shown}", it.check);
        }
    }
}

#[test]
fn a_longer_text_or_one_with_another_byte_is_refused() {
    for it in examples() {
        for valid in it.valid.iter().map(|example| text(example)) {
            for byte in [b'_', b',', b'\0', 0xb2, 0xff] {
                for place in 0..=valid.len() {
                    let mut wrong = valid.clone();
                    wrong.insert(place, byte);
                    let shown = String::from_utf8_lossy(&wrong);
                    assert!(!check(it.check, &wrong), "{:?} {shown}", it.check);
                }
            }
            let long = [valid.as_slice(), &[b'1'; 130]].concat();
            let shown = String::from_utf8_lossy(&long);
            assert!(!check(it.check, &long), "{:?} {shown}", it.check);
        }
    }
}

#[test]
fn no_run_of_one_byte_but_letters_and_digits_is_a_number() {
    for it in Check::ALL {
        for byte in (0..=u8::MAX).filter(|byte| !byte.is_ascii_alphanumeric()) {
            for length in (0..40).chain([44, 60, 72, 88, 90, 95, 106, 111, 500]) {
                assert!(!check(*it, &vec![byte; length]), "{it:?} {byte} {length}");
            }
        }
        assert!(
            !check(*it, &[b'0'; 500]) && !check(*it, &[b'A'; 500]),
            "{it:?}"
        );
    }
}
