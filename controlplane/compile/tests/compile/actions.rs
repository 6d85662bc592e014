//! What follows a finding is what the policy says, spelled out, on random policies.

use std::fmt::Write as _;

use ed25519_dalek::SigningKey;
use proptest::prelude::*;
use varistor_inspect::actions::{Case, Table, Tool};
use varistor_inspect::dlp::{Encoding, Finding, Place};
use varistor_model::{Class, Direction, DlpAction, Span};
use varistor_snapshot::{Snapshot, seal};

use crate::fixture::Directory;

const SERVERS: [&str; 3] = ["crm", "pay", "vault-eu"];
const TOOLS: [&str; 3] = ["get_note", "put_note", "put_all"];
/// Sorted, as their rows are.
const ROLES: [&str; 3] = ["ops", "support", "writer"];
const CLASSES: [(&str, Class); 3] = [
    ("pii", Class::Pii),
    ("secrets", Class::Secret),
    ("financial", Class::Financial),
];
/// Entities with their class; the last one is the policy's own pattern.
const ENTITIES: [(&str, Class); 4] = [
    ("email", Class::Pii),
    ("ssn", Class::Pii),
    ("iban", Class::Financial),
    ("ticket", Class::Secret),
];
const ACTIONS: [&str; 5] = ["allow", "log", "redact", "hold", "deny"];

#[derive(Debug, Clone)]
struct Policy {
    /// By direction and class.
    classes: [[usize; 3]; 2],
    /// By entity of the catalogue: actions by direction.
    entities: Vec<(usize, [Option<usize>; 2])>,
    own: [Option<usize>; 2],
    confidence_min: u8,
    exceptions: Vec<Exception>,
}

#[derive(Debug, Clone)]
struct Exception {
    classes: Vec<usize>,
    entities: Vec<usize>,
    servers: Vec<&'static str>,
    tools: Vec<(&'static str, &'static str)>,
    roles: Vec<usize>,
    direction: Option<usize>,
    action: usize,
}

fn some<T: Clone + std::fmt::Debug + 'static>(of: Vec<T>) -> impl Strategy<Value = Vec<T>> {
    prop_oneof![
        Just(Vec::new()),
        prop::sample::subsequence(of.clone(), 1..=of.len().min(2)),
    ]
}

fn any_exception() -> impl Strategy<Value = Exception> {
    let servers = some(vec!["crm", "pay", "vault-*", "*", "?ay"]);
    let tools = vec![
        ("crm", "get_*"),
        ("crm", "put_all"),
        ("*", "put_*"),
        ("pay", "*"),
        ("vault-*", "get_note"),
    ];
    let what = (some(vec![0, 1, 2]), some(vec![0, 1, 2, 3]));
    let whose = (
        some(vec![0, 1, 2]),
        prop::option::of(0..2_usize),
        0..5_usize,
    );
    (what, servers, some(tools), whose).prop_filter_map(
        "one that says something",
        |((classes, entities), servers, tools, (roles, direction, action))| {
            let nothing = classes.is_empty() && entities.is_empty() && servers.is_empty();
            let nothing = nothing && tools.is_empty() && roles.is_empty();
            let exception = Exception {
                classes,
                entities,
                servers,
                tools,
                roles,
                direction,
                action,
            };
            (!nothing && exception.is_possible()).then_some(exception)
        },
    )
}

impl Exception {
    /// Whether each of its patterns of tools is of one of its servers.
    fn is_possible(&self) -> bool {
        self.tools.iter().all(|(server, _)| {
            let both =
                |name| fits(server, name) && self.servers.iter().any(|glob| fits(glob, name));
            self.servers.is_empty() || SERVERS.iter().any(|name| both(name))
        })
    }

    fn text(&self) -> String {
        let mut parts = vec![format!("action: {}", ACTIONS[self.action])];
        let mut add = |key: &str, names: Vec<String>| {
            if !names.is_empty() {
                parts.push(format!("{key}: [{}]", names.join(", ")));
            }
        };
        let quoted = |text: &str| format!("\"{text}\"");
        add(
            "classes",
            self.classes
                .iter()
                .map(|at| CLASSES[*at].0.to_owned())
                .collect(),
        );
        add(
            "entities",
            self.entities
                .iter()
                .map(|at| ENTITIES[*at].0.to_owned())
                .collect(),
        );
        add(
            "servers",
            self.servers.iter().map(|glob| quoted(glob)).collect(),
        );
        let tools = self.tools.iter();
        add(
            "tools",
            tools
                .map(|(server, tool)| quoted(&format!("{server}/{tool}")))
                .collect(),
        );
        add(
            "roles",
            self.roles.iter().map(|at| ROLES[*at].to_owned()).collect(),
        );
        if let Some(at) = self.direction {
            parts.push(format!("direction: {}", ["request", "response"][at]));
        }
        format!("{{ {} }}", parts.join(", "))
    }

    /// How closely it names what, server, tool, roles, direction; `None` when it does not hold.
    fn closeness(&self, call: &Call<'_>) -> Option<[usize; 5]> {
        let (entity, class) = ENTITIES[call.entity];
        let what = if self.entities.iter().any(|at| ENTITIES[*at].0 == entity) {
            3
        } else if self.classes.iter().any(|at| CLASSES[*at].1 == class) {
            1
        } else if self.classes.is_empty() && self.entities.is_empty() {
            0
        } else {
            return None;
        };
        if self
            .direction
            .is_some_and(|direction| direction != call.direction)
        {
            return None;
        }
        if !self.roles.is_empty() && !self.roles.iter().any(|role| call.roles.contains(role)) {
            return None;
        }
        let server = SERVERS[call.server];
        let globs = self.servers.iter().filter(|glob| fits(glob, server));
        let whole = globs.map(|glob| named(glob)).max();
        if !self.servers.is_empty() && whole.is_none() {
            return None;
        }
        let (tool, server) = if self.tools.is_empty() {
            (0, whole.unwrap_or(0))
        } else {
            let tool = call.tool?;
            let matching = self
                .tools
                .iter()
                .filter(|(of, name)| fits(of, server) && fits(name, tool));
            let close =
                matching.map(|(of, name)| (named(name) + 1, named(of).max(whole.unwrap_or(0))));
            close.max()?
        };
        let roles = usize::from(!self.roles.is_empty());
        Some([
            what,
            server,
            tool,
            roles,
            usize::from(self.direction.is_some()),
        ])
    }
}

/// Patterns of these tests have their only wildcard at one end.
fn fits(glob: &str, name: &str) -> bool {
    match (glob.strip_suffix('*'), glob.strip_prefix('?')) {
        (Some(head), _) => name.starts_with(head),
        (_, Some(tail)) => name.len() == glob.len() && name.ends_with(tail),
        _ => glob == name,
    }
}

fn named(glob: &str) -> usize {
    match glob {
        "*" => 0,
        _ if glob.ends_with('*') || glob.starts_with('?') => 1,
        _ => 2,
    }
}

struct Call<'a> {
    direction: usize,
    server: usize,
    tool: Option<&'a str>,
    roles: &'a [usize],
    entity: usize,
}

fn any_policy() -> impl Strategy<Value = Policy> {
    let pair = || prop::array::uniform2(prop::option::of(0..5_usize));
    let stated = pair().prop_filter("something", |pair| pair.iter().any(Option::is_some));
    let entities = prop::collection::btree_map(0..3_usize, stated, 0..3);
    let own = pair().prop_filter("something", |pair| pair.iter().any(Option::is_some));
    let classes = prop::array::uniform2(prop::array::uniform3(0..5_usize));
    let exceptions = prop::collection::vec(any_exception(), 0..7);
    (classes, entities, own, 0..=100_u8, exceptions).prop_map(
        |(classes, entities, own, confidence_min, exceptions)| Policy {
            classes,
            entities: entities.into_iter().collect(),
            own,
            confidence_min,
            exceptions,
        },
    )
}

fn pair(actions: [Option<usize>; 2]) -> String {
    if let [Some(one), Some(other)] = actions
        && one == other
    {
        return ACTIONS[one].to_owned();
    }
    let stated = ["request", "response"].iter().zip(actions);
    let stated = stated.filter_map(|(key, action)| Some(format!("{key}: {}", ACTIONS[action?])));
    format!("{{ {} }}", stated.collect::<Vec<_>>().join(", "))
}

impl Policy {
    fn text(&self) -> String {
        let mut text = "servers:\n".to_owned();
        for server in SERVERS {
            let _ = writeln!(text, "  {server}: {{ url: http://127.0.0.1/ }}");
        }
        text.push_str("organisations:\n  o:\n    roles:\n");
        for role in ROLES {
            let _ = writeln!(text, "      {role}: {{ allow: [\"*\"] }}");
        }
        text.push_str("dlp:\n");
        for (key, actions) in ["request", "response"].iter().zip(self.classes) {
            let _ = writeln!(text, "  {key}:");
            for ((class, _), action) in CLASSES.iter().zip(actions) {
                let _ = writeln!(text, "    {class}: {}", ACTIONS[action]);
            }
        }
        if !self.entities.is_empty() {
            text.push_str("  entities:\n");
        }
        for (entity, actions) in &self.entities {
            let _ = writeln!(text, "    {}: {}", ENTITIES[*entity].0, pair(*actions));
        }
        let _ = writeln!(text, "  min_confidence: {}", self.confidence_min);
        text.push_str("  exceptions:\n    [");
        for exception in &self.exceptions {
            let _ = writeln!(text, "      {},", exception.text());
        }
        let _ = writeln!(
            text,
            "    ]\n  custom:\n    - {{ name: ticket, pattern: TCK, class: secrets, action: {} }}",
            pair(self.own)
        );
        text
    }

    fn expected(&self, call: &Call<'_>, confidence: u8) -> DlpAction {
        let (_, class) = ENTITIES[call.entity];
        let of_class = self.classes[call.direction][class as usize];
        let stated = self.entities.iter().find(|(at, _)| *at == call.entity);
        let stated = match call.entity {
            3 => self.own[call.direction],
            _ => stated.and_then(|(_, actions)| actions[call.direction]),
        };
        let holding: Vec<_> = self
            .exceptions
            .iter()
            .filter_map(|exception| Some((exception.closeness(call)?, exception.action)))
            .collect();
        let decides = |one: &[usize; 5]| {
            !holding
                .iter()
                .any(|(other, _)| other != one && (0..5).all(|field| other[field] >= one[field]))
        };
        let deciding = holding.iter().filter(|(one, _)| decides(one));
        let number = deciding.map(|(_, action)| *action).max();
        let action = DlpAction::ALL[number.or(stated).unwrap_or(of_class)];
        match confidence < self.confidence_min {
            true => action.min(DlpAction::Log),
            false => action,
        }
    }
}

fn snapshot(policy: &Policy) -> Snapshot {
    let key = SigningKey::from_bytes(&[9; 32]);
    let compiled = Directory::with(&policy.text()).good();
    Snapshot::open(
        &seal(&compiled, &key).unwrap(),
        &[key.verifying_key()],
        None,
    )
    .unwrap()
}

fn finding(detector: usize, class: Class, confidence: u8) -> Finding {
    Finding {
        value: Span::default(),
        detector: u16::try_from(detector).unwrap(),
        class,
        confidence,
        encoding: Encoding::Plain,
        place: Place::Text,
        span: Span { start: 0, end: 1 },
    }
}

/// Checks one call with findings of every entity.
fn check(
    (policy, snapshot): (&Policy, &Snapshot),
    table: &mut Table,
    call: &mut Call<'_>,
) -> Result<(), TestCaseError> {
    let rows = snapshot.policy();
    let roles: Vec<u32> = call
        .roles
        .iter()
        .map(|at| u32::try_from(*at).unwrap())
        .collect();
    let case = Case {
        direction: [Direction::Request, Direction::Response][call.direction],
        server: u32::try_from(call.server).unwrap(),
        tool: call.tool.map_or(Tool::None, Tool::Named),
        roles: &roles,
    };
    table.begin(&rows.actions, &case);
    for (at, (entity, class)) in ENTITIES.iter().enumerate() {
        call.entity = at;
        let detector = rows
            .dlp
            .detectors
            .iter()
            .position(|row| row.entity == *entity);
        for confidence in [30, 100] {
            let expected = policy.expected(call, confidence);
            // A class that nobody wants to know of is not looked for.
            let Some(detector) = detector else {
                prop_assert_eq!(expected, DlpAction::Allow, "{} is not looked for", entity);
                continue;
            };
            let found = finding(detector, *class, confidence);
            let action = table.act(&rows.actions, &found);
            prop_assert_eq!(action, expected, "{} in {}", entity, policy.text());
            // What is treated by rules of its own is kept beside longer findings.
            let is_own = policy.entities.iter().any(|(named, _)| *named == at) || at == 3;
            prop_assert!(!is_own || rows.dlp.detectors[detector].action.is_some());
        }
    }
    Ok(())
}

proptest! {
    #![proptest_config(ProptestConfig {
        failure_persistence: None,
        ..ProptestConfig::with_cases(24)
    })]

    #[test]
    fn what_follows_is_what_the_policy_says(policy in any_policy()) {
        let snapshot = snapshot(&policy);
        let mut table = Table::default();
        for roles in [&[][..], &[0], &[1, 2]] {
            for tool in TOOLS.map(Some).into_iter().chain([None]) {
                for server in 0..SERVERS.len() {
                    for direction in 0..2 {
                        let mut call = Call { direction, server, tool, roles, entity: 0 };
                        check((&policy, &snapshot), &mut table, &mut call)?;
                    }
                }
            }
        }
    }
}
