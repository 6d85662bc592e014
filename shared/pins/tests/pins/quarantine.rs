//! What lists do to the pins of a server, and what a person can do about it.

use std::sync::Arc;

use varistor_model::limits::{KNOWN_TOOLS_MAX, PIN_DEFINITION_BYTES_MAX, PINS_BYTES_MAX};
use varistor_pins::{
    Approval, By, Cause, Digest, FIRST_LISTING_S, Form, Mode, Pins, Policy, Refused, ServerPins,
};

pub(crate) const FIRST_USE: Policy = Policy {
    mode: Mode::FirstUse,
    new_tools_wait: false,
};
pub(crate) const APPROVE: Policy = Policy {
    mode: Mode::Approve,
    new_tools_wait: false,
};
const NOW: u64 = 1_800_000_000;

/// Lets a list pass, and says what was left out.
pub(crate) fn list_at(
    pins: &mut Pins,
    server: &str,
    tools: &[(&str, &str)],
    (policy, now): (Policy, u64),
) -> Vec<String> {
    let rows: Vec<_> = tools
        .iter()
        .map(|(name, text)| ((*name).into(), Form::of(text, now, Vec::new())))
        .collect();
    let offer = pins.offer(server, &rows, (policy, now));
    if let Some(next) = offer.next {
        *pins = next;
    }
    // A list that has passed changes nothing when it passes again.
    assert!(pins.offer(server, &rows, (policy, now)).next.is_none());
    offer.withheld.into_iter().map(Into::into).collect()
}

pub(crate) fn list(pins: &mut Pins, tools: &[(&str, &str)]) -> Vec<String> {
    list_at(pins, "crm", tools, (FIRST_USE, NOW))
}

fn refuses(pins: &Pins, tool: &str) -> bool {
    pins.is_quarantined("crm", tool, FIRST_USE)
}

fn approve(pins: &mut Pins, tool: &str, definition: &str) -> Result<(), Refused> {
    let sha256 = Form::of(definition, NOW, Vec::new()).sha256;
    let approval = Approval {
        server: "crm",
        tool,
        sha256,
        by: "ann",
    };
    *pins = pins.approve(&approval)?;
    Ok(())
}

const A: &str = r#"{"name":"a","description":"Reads."}"#;
const A_AGAIN: &str = r#"{"description" : "\u0052eads.", "name":"a"}"#;
const A_NEW: &str = r#"{"name":"a","description":"Reads, and mails to evil."}"#;
const A_THIRD: &str = r#"{"name":"a","description":"Third."}"#;
const B: &str = r#"{"name":"b"}"#;

#[test]
fn what_changed_is_quarantined_until_it_is_approved() {
    let mut pins = Pins::default();
    assert_eq!(list(&mut pins, &[("a", A), ("b", B)]), [""; 0]);
    assert!(!pins.any_waits());
    assert_eq!(list(&mut pins, &[("a", A_AGAIN), ("b", B)]), [""; 0]);
    assert!(!refuses(&pins, "a"));
    assert_eq!(list(&mut pins, &[("a", A_NEW), ("b", B)]), ["a"]);
    assert!(refuses(&pins, "a") && !refuses(&pins, "b") && pins.any_waits());
    let crm = pins.server("crm").expect("a server");
    assert_eq!(crm.cause("a", FIRST_USE), Some(Cause::Changed));
    assert_eq!(crm.cause("b", FIRST_USE), None);
    // Only what was shown can be approved.
    let other = Form::of(A_NEW, NOW, Vec::new()).sha256;
    assert_eq!(
        approve(&mut pins, "a", A_THIRD),
        Err(Refused::Changed(other))
    );
    assert_eq!(approve(&mut pins, "a", A), Err(Refused::Changed(other)));
    assert_eq!(approve(&mut pins, "z", A), Err(Refused::Unknown));
    approve(&mut pins, "a", A_NEW).expect("the form that waits");
    assert!(!refuses(&pins, "a") && !pins.any_waits());
    assert_eq!(list(&mut pins, &[("a", A_NEW)]), [""; 0]);
    // The old one is no longer trusted.
    assert_eq!(list(&mut pins, &[("a", A)]), ["a"]);
}

#[test]
fn what_returns_to_its_pinned_form_is_released() {
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A)]);
    for round in 1..4 {
        assert_eq!(list(&mut pins, &[("a", A_NEW)]), ["a"]);
        assert_eq!(list(&mut pins, &[("b", B)]), [""; 0]);
        assert!(refuses(&pins, "a"), "a list without it says nothing of it");
        assert_eq!(list(&mut pins, &[("a", A)]), [""; 0]);
        assert!(!refuses(&pins, "a"));
        let pin = pins.server("crm").and_then(|crm| crm.get("a"));
        assert_eq!(pin.expect("a pin").quarantines, round);
    }
}

#[test]
fn a_list_with_two_definitions_of_a_tool_has_none() {
    let mut pins = Pins::default();
    assert_eq!(list(&mut pins, &[("a", A), ("b", B), ("a", A_NEW)]), ["a"]);
    assert!(refuses(&pins, "a"));
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A)]);
    for twice in [[("a", A), ("a", A_NEW)], [("a", A_NEW), ("a", A)]] {
        assert_eq!(list(&mut pins, &twice), ["a"]);
        assert!(refuses(&pins, "a"));
    }
    assert_eq!(list(&mut pins, &[("a", A), ("a", A_AGAIN)]), [""; 0]);
}

#[test]
fn where_policy_wants_approval_nothing_counts_before_it() {
    let mut pins = Pins::default();
    let now = (APPROVE, NOW);
    assert!(pins.is_quarantined("crm", "never listed", APPROVE));
    assert_eq!(
        list_at(&mut pins, "crm", &[("a", A), ("b", B)], now),
        ["a", "b"]
    );
    approve(&mut pins, "a", A).expect("it waits");
    assert_eq!(list_at(&mut pins, "crm", &[("a", A), ("b", B)], now), ["b"]);
    assert!(!pins.is_quarantined("crm", "a", APPROVE));
    assert!(pins.is_quarantined("crm", "b", APPROVE));
    // What was pinned on first use is not approved, and can be.
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A)]);
    assert!(!refuses(&pins, "a") && pins.is_quarantined("crm", "a", APPROVE));
    assert_eq!(list_at(&mut pins, "crm", &[("a", A)], now), ["a"]);
    approve(&mut pins, "a", A).expect("the pinned form");
    assert_eq!(list_at(&mut pins, "crm", &[("a", A)], now), [""; 0]);
    let pin = pins
        .server("crm")
        .and_then(|crm| crm.get("a"))
        .expect("a pin");
    assert_eq!(
        pin.pinned.as_ref().map(|it| &it.by),
        Some(&By::Approved("ann".into()))
    );
}

#[test]
fn tools_that_come_later_wait_where_policy_says_so() {
    let policy = Policy {
        new_tools_wait: true,
        ..FIRST_USE
    };
    let mut pins = Pins::default();
    assert!(!pins.is_quarantined("crm", "b", policy));
    assert_eq!(
        list_at(&mut pins, "crm", &[("a", A)], (policy, NOW)),
        [""; 0]
    );
    // A second page.
    let soon = NOW + FIRST_LISTING_S;
    assert_eq!(
        list_at(&mut pins, "crm", &[("b", B)], (policy, soon)),
        [""; 0]
    );
    let later = [("a", A), ("c", r#"{"name":"c"}"#)];
    assert_eq!(list_at(&mut pins, "crm", &later, (policy, soon + 1)), ["c"]);
    assert!(pins.is_quarantined("crm", "c", policy));
    assert!(pins.is_quarantined("crm", "never listed", policy));
    assert!(!pins.is_quarantined("crm", "b", policy));
}

#[test]
fn what_can_t_be_read_waits() {
    let mut pins = Pins::default();
    let unreadable = r#"{"name":"a","x":1e99999999999999999999}"#;
    assert_eq!(list(&mut pins, &[("a", unreadable)]), ["a"]);
    let crm = pins.server("crm").expect("a server");
    assert_eq!(crm.cause("a", FIRST_USE), Some(Cause::Unreadable));
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A)]);
    assert_eq!(list(&mut pins, &[("a", unreadable)]), ["a"]);
    let suspicious = Form {
        is_suspicious: true,
        ..Form::of(B, NOW, vec!["hidden text".into()])
    };
    let offer = pins.offer("crm", &[("b".into(), suspicious)], (FIRST_USE, NOW));
    assert_eq!(offer.withheld, ["b".into()]);
}

#[test]
fn pins_that_were_lost_are_not_learned_anew() {
    let mut pins = Pins::default();
    pins.restore("crm", ServerPins::distrusted());
    assert!(pins.any_waits() && refuses(&pins, "a"));
    assert_eq!(list(&mut pins, &[("a", A)]), ["a"]);
    approve(&mut pins, "a", A).expect("it waits");
    assert_eq!(list(&mut pins, &[("a", A)]), [""; 0]);
    assert!(!refuses(&pins, "a") && refuses(&pins, "b"));
}

#[test]
fn a_file_keeps_everything_and_a_damaged_one_is_refused() {
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A), ("b", B), ("\u{202e}x", B)]);
    list(&mut pins, &[("a", A_NEW)]);
    approve(&mut pins, "b", B).expect("the pinned form");
    let crm = pins.server("crm").expect("a server");
    let text = crm.to_file().expect("a file");
    assert_eq!(ServerPins::of_file(&text).ok().as_ref(), Some(&**crm));
    for (part, other) in [
        ("Reads.", "Writes."),
        ("\"format\":1", "\"format\":2"),
        ("{", ""),
    ] {
        let damaged = text.replacen(part, other, 1);
        assert_ne!(damaged, text);
        assert!(ServerPins::of_file(&damaged).is_err(), "{part}");
    }
    assert!(ServerPins::of_file(&text[..text.len() - 1]).is_err());
}

#[test]
fn a_list_is_recalled_until_something_changes() {
    let mut pins = Pins::default();
    list(&mut pins, &[("a", A)]);
    let withheld = Some(Arc::from([Box::from("a")]));
    let of = Arc::clone(pins.server("crm").expect("a server"));
    pins = pins
        .remember(("crm", &of), (b"[1]", FIRST_USE), &withheld)
        .expect("room");
    assert_eq!(pins.recall("crm", b"[1]", FIRST_USE), Some(&withheld));
    assert_eq!(pins.recall("crm", b"[2]", FIRST_USE), None);
    assert_eq!(pins.recall("crm", b"[1]", APPROVE), None);
    assert_eq!(pins.recall("mail", b"[1]", FIRST_USE), None);
    // The same again, and others: a bounded number of them.
    for number in 0..100_u8 {
        let list = [number];
        pins = pins
            .remember(("crm", &of), (&list, FIRST_USE), &None)
            .expect("room");
    }
    assert_eq!(pins.recall("crm", b"[1]", FIRST_USE), None);
    assert_eq!(pins.recall("crm", &[99], FIRST_USE), Some(&None));
    assert!(
        pins.remember(("crm", &of), (&[0; 1 << 21], FIRST_USE), &None)
            .is_none()
    );
    list(&mut pins, &[("b", B)]);
    assert_eq!(pins.recall("crm", &[99], FIRST_USE), None);
    assert!(
        pins.remember(("crm", &of), (b"[1]", FIRST_USE), &None)
            .is_none()
    );
}

#[test]
fn tools_and_texts_are_bounded() {
    let mut pins = Pins::default();
    let names: Vec<String> = (0..KNOWN_TOOLS_MAX + 2)
        .map(|at| format!("tool {at}"))
        .collect();
    let rows: Vec<_> = names.iter().map(|name| (&**name, B)).collect();
    assert_eq!(list(&mut pins, &rows), names[KNOWN_TOOLS_MAX..]);
    assert!(refuses(&pins, names.last().expect("a name")));
    assert!(!refuses(&pins, "tool 0"));
    let mut pins = Pins::default();
    let long = format!(
        r#"{{"name":"a","x":"{}"}}"#,
        "x".repeat(PIN_DEFINITION_BYTES_MAX)
    );
    let fitting = format!(
        r#"{{"name":"a","x":"{}"}}"#,
        "x".repeat(PIN_DEFINITION_BYTES_MAX / 2)
    );
    list(&mut pins, &[("a", &long)]);
    let rows: Vec<_> = names
        .iter()
        .take(400)
        .map(|name| (&**name, &*fitting))
        .collect();
    list(&mut pins, &rows);
    let crm = pins.server("crm").expect("a server");
    let text = |name| {
        crm.get(name)
            .and_then(|pin| pin.pinned.as_ref()?.form.definition.as_deref())
    };
    assert_eq!(text("a"), None);
    assert!(text("tool 0").is_some() && text("tool 399").is_none());
    let kept: usize = crm
        .iter()
        .filter_map(|(name, _)| text(name))
        .map(str::len)
        .sum();
    assert!(
        (PINS_BYTES_MAX / 2..=PINS_BYTES_MAX).contains(&kept),
        "{kept}"
    );
    // Without their texts they are compared all the same.
    assert_eq!(list(&mut pins, &[("a", &long)]), [""; 0]);
    assert_eq!(list(&mut pins, &[("a", &fitting)]), ["a"]);
    assert_ne!(Digest::of(&long), Digest::of(&fitting));
}
