//! Names that could be taken for others.

use varistor_pins::{Cause, Pins};

use crate::quarantine::{FIRST_USE, list, list_at};

const ANY: &str = r#"{"name":"x"}"#;

fn cause(pins: &Pins, server: &str, tool: &str) -> Option<Cause> {
    pins.server(server)?.cause(tool, FIRST_USE)
}

#[test]
fn the_later_twin_on_a_server_is_quarantined() {
    let mut pins = Pins::default();
    assert_eq!(list(&mut pins, &[("get_issue", ANY)]), [""; 0]);
    for twin in ["GET_issue", "get_\u{456}ssue"] {
        assert_eq!(list(&mut pins, &[(twin, ANY), ("get_issue", ANY)]), [twin]);
        assert_eq!(
            cause(&pins, "crm", twin),
            Some(Cause::Twin("get_issue".into()))
        );
    }
    assert!(!pins.is_quarantined("crm", "get_issue", FIRST_USE));
    // Of two that come at once, the one that stands first in the list.
    let mut pins = Pins::default();
    assert_eq!(list(&mut pins, &[("pay", ANY), ("PAY", ANY)]), ["PAY"]);
}

#[test]
fn a_disguise_of_another_server_s_tool_is_quarantined_and_its_plain_name_is_not() {
    let mut pins = Pins::default();
    list(&mut pins, &[("search", ANY)]);
    let mail = |pins: &mut Pins, tool| list_at(pins, "mail", &[(tool, ANY)], (FIRST_USE, 1));
    assert_eq!(mail(&mut pins, "search"), [""; 0]);
    assert_eq!(mail(&mut pins, "Send"), [""; 0]);
    let evil = "se\u{430}rch";
    let rows = [(evil, ANY)];
    assert_eq!(list_at(&mut pins, "evil", &rows, (FIRST_USE, 1)), [evil]);
    let Some(Cause::Twin(of)) = cause(&pins, "evil", evil) else {
        panic!("no twin")
    };
    assert!(["crm/search", "mail/search"].contains(&&*of), "{of}");
    assert_eq!(
        list_at(&mut pins, "third", &[("SEARCH", ANY)], (FIRST_USE, 1)),
        [""; 0]
    );
}

#[test]
fn a_name_that_hides_something_is_quarantined_and_one_of_another_script_is_not() {
    let mut pins = Pins::default();
    let hidden = ["a\u{200b}b", "x\u{202e}y", "\u{e0041}", "z\n"];
    let rows = hidden.map(|name| (name, ANY));
    assert_eq!(list(&mut pins, &rows), hidden);
    assert_eq!(cause(&pins, "crm", "z\n"), Some(Cause::HiddenName));
    assert_eq!(
        list(&mut pins, &[("größe_lesen", ANY), ("поиск", ANY)]),
        [""; 0]
    );
}
