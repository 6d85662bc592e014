//! The table agrees with the definition, spelled out, on random rows and cases.

use proptest::prelude::*;
use rkyv::rancor::Error as RkyvError;
use varistor_model::{Class, Span};
use varistor_snapshot::schema::{Actions, ArchivedActions, Cover, Exception, Placeholders, Target};

use super::*;
use crate::dlp::{Encoding, Place};

const DETECTORS: u16 = 4;
const TOOLS: [&str; 4] = ["get_a", "get_b", "put_a", ""];

fn action() -> impl Strategy<Value = u8> {
    0..5_u8
}

fn any_target() -> impl Strategy<Value = Target> {
    let name = prop_oneof![
        Just(("*", 0)),
        Just(("*", 1)),
        prop::sample::select(vec![("get_*", 2), ("*_a", 2), ("p?t_*", 2)]),
        prop::sample::select(vec![("get_a", 3), ("put_a", 3)]),
    ];
    (0..2_u32, name, 0..3_u8).prop_map(|(server, (name, tool_special), server_special)| Target {
        server,
        name: name.to_owned(),
        server_special,
        tool_special,
    })
}

fn any_exception() -> impl Strategy<Value = Exception> {
    let covers = prop::collection::btree_map(0..DETECTORS, 0..4_u8, 1..4);
    let targets = prop::option::of(prop::collection::vec(any_target(), 1..4));
    let roles = prop::collection::btree_set(0..3_u32, 0..3);
    (covers, 1..4_u8, targets, roles, action()).prop_map(
        |(covers, directions, targets, roles, action)| {
            let mut targets = targets;
            if let Some(targets) = &mut targets {
                targets.sort_by(|a, b| (a.server, &a.name).cmp(&(b.server, &b.name)));
            }
            Exception {
                covers: covers
                    .into_iter()
                    .map(|(detector, special)| Cover { detector, special })
                    .collect(),
                directions,
                everywhere: targets.is_none(),
                targets: targets.unwrap_or_default(),
                roles: roles.into_iter().collect(),
                action,
            }
        },
    )
}

fn any_actions() -> impl Strategy<Value = Actions> {
    let detectors = prop::collection::vec([action(), action()], usize::from(DETECTORS));
    let exceptions = prop::collection::vec(any_exception(), 0..8);
    (detectors, 0..100_u8, exceptions).prop_map(|(detectors, confidence_min, exceptions)| Actions {
        detectors,
        confidence_min,
        keep: 0,
        structured: 0,
        exceptions,
        placeholders: Placeholders::default(),
    })
}

fn finding(detector: u16, confidence: u8) -> Finding {
    Finding {
        value: Span::default(),
        detector,
        class: Class::Pii,
        confidence,
        encoding: Encoding::Plain,
        place: Place::Text,
        span: Span { start: 0, end: 1 },
    }
}

/// How closely an exception names the case, field by field; `None` when it does not hold.
fn closeness(row: &Exception, case: &Case<'_>, detector: u16) -> Option<[u8; 5]> {
    let what = row
        .covers
        .iter()
        .find(|cover| cover.detector == detector)?
        .special;
    let bit = match case.direction {
        Direction::Request => 1,
        Direction::Response => 2,
    };
    let of_caller = row.roles.is_empty() || row.roles.iter().any(|role| case.roles.contains(role));
    if row.directions & bit == 0 || !of_caller {
        return None;
    }
    let name = match case.tool {
        Tool::Named(name) => Some(name),
        Tool::None | Tool::Unknown => None,
    };
    let in_target = |target: &&Target| {
        let tool =
            target.tool_special == 0 || name.is_some_and(|name| glob::matches(&target.name, name));
        target.server == case.server && tool
    };
    let targets = row.targets.iter().filter(in_target);
    let special = targets.map(|t| (t.tool_special, t.server_special)).max();
    let (tool, server) = if row.everywhere { (0, 0) } else { special? };
    let roles = u8::from(!row.roles.is_empty());
    Some([what, server, tool, roles, u8::from(row.directions != 3)])
}

fn by_definition(rows: &Actions, case: &Case<'_>, finding: &Finding) -> DlpAction {
    let detector = finding.detector;
    let holding: Vec<([u8; 5], u8)> = rows
        .exceptions
        .iter()
        .filter_map(|row| Some((closeness(row, case, detector)?, row.action)))
        .collect();
    let is_beaten = |one: &[u8; 5]| {
        holding.iter().any(|(other, _)| {
            other != one && one.iter().zip(other).all(|(one, other)| other >= one)
        })
    };
    let deciding = holding.iter().filter(|(one, _)| !is_beaten(one));
    let base = rows.detectors[usize::from(detector)][case.direction as usize];
    let mut number = deciding.map(|(_, action)| *action).max().unwrap_or(base);
    if case.tool == Tool::Unknown {
        for row in &rows.exceptions {
            // Whatever tool it might be about.
            let mut about = row.clone();
            about.targets.retain(|target| target.tool_special > 0);
            about
                .targets
                .iter_mut()
                .for_each(|target| target.name = "*".into());
            let case = Case {
                tool: Tool::Named("x"),
                ..*case
            };
            let sure = closeness(
                row,
                &Case {
                    tool: Tool::None,
                    ..case
                },
                detector,
            );
            if !row.everywhere && sure.is_none() && closeness(&about, &case, detector).is_some() {
                number = number.max(row.action);
            }
        }
    }
    let action = DlpAction::numbered(number);
    match finding.confidence < rows.confidence_min {
        true => action.min(DlpAction::Log),
        false => action,
    }
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(4000)
    })]

    #[test]
    fn the_table_says_what_the_definition_says(
        rows in any_actions(),
        roles in prop::collection::vec(0..3_u32, 0..3),
        (server, tool, is_tool) in (0..3_u32, 0..4_usize, 0..4_u8),
        confidence in 0..=100_u8,
    ) {
        let bytes = rkyv::to_bytes::<RkyvError>(&rows).unwrap();
        let archived = rkyv::access::<ArchivedActions, RkyvError>(&bytes).unwrap();
        let tool = match is_tool {
            0 => Tool::Unknown,
            1 => Tool::None,
            _ => Tool::Named(TOOLS[tool]),
        };
        let mut table = Table::default();
        for direction in [Direction::Request, Direction::Response] {
            let case = Case { direction, server, tool, roles: &roles };
            table.begin(archived, &case);
            let mut strictest = DlpAction::Allow;
            for detector in 0..DETECTORS {
                let found = finding(detector, confidence);
                let expected = by_definition(&rows, &case, &found);
                prop_assert_eq!(table.look(archived, &found), expected);
                prop_assert_eq!(table.act(archived, &found), expected);
                prop_assert_eq!(table.act(archived, &found), expected);
                let sure = by_definition(&rows, &case, &finding(detector, 100));
                strictest = strictest.max(sure);
            }
            prop_assert_eq!(table.strictest(archived), strictest);
        }
    }
}

#[test]
fn a_detector_without_a_row_is_denied() {
    let rows = Actions {
        detectors: vec![[0; 2]],
        confidence_min: 0,
        keep: 0,
        structured: 0,
        exceptions: vec![],
        placeholders: Placeholders::default(),
    };
    let bytes = rkyv::to_bytes::<RkyvError>(&rows).unwrap();
    let archived = rkyv::access::<ArchivedActions, RkyvError>(&bytes).unwrap();
    let mut table = Table::default();
    let case = Case {
        direction: Direction::Request,
        server: 0,
        tool: Tool::None,
        roles: &[],
    };
    table.begin(archived, &case);
    assert_eq!(table.act(archived, &finding(0, 100)), DlpAction::Allow);
    assert_eq!(table.act(archived, &finding(1, 100)), DlpAction::Deny);
    assert_eq!(table.look(archived, &finding(1, 100)), DlpAction::Deny);
}

#[test]
fn more_special_is_closer_in_one_field_and_nowhere_further() {
    let exact_tool = packed(1, WHAT) | packed(2, SERVER) | packed(3, TOOL);
    let entity = packed(3, WHAT);
    assert!(!is_more_special(exact_tool, entity) && !is_more_special(entity, exact_tool));
    assert!(is_more_special(exact_tool | entity, exact_tool));
    assert!(is_more_special(exact_tool | ROLES, exact_tool));
    assert!(!is_more_special(exact_tool, exact_tool));
    assert_eq!(packed(9, WHAT), WHAT);
}
