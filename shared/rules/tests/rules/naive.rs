//! The language once more, as its reference page says it, straight from the tree: slow, and
//! written without a look at the product's evaluation.

use varistor_rules::ast::{
    Comparison, Condition, History, LiteralKind, OperandKind, Operator, Per, Step, Value,
};
use varistor_rules::vocabulary::{NumberField, SetField, TextField};

use crate::call::Call;
use crate::generate::PATTERNS;

/// A JSON value; numbers as they are written.
#[derive(Clone, Debug, PartialEq)]
pub(crate) enum Json {
    Null,
    Truth(bool),
    Number(String),
    Text(String),
    Array(Vec<Json>),
    Object(Vec<(String, Json)>),
}

/// A call, its arguments as a tree, and the calls that were remembered before.
pub(crate) struct World<'a> {
    pub(crate) call: &'a Call,
    pub(crate) arguments: Option<&'a Json>,
    pub(crate) past: &'a [(Call, Option<Json>)],
}

type Kleene = Option<bool>;

pub(crate) fn condition(world: &World<'_>, of: &Condition) -> Kleene {
    match of {
        Condition::Not(inner) => condition(world, inner).map(|is| !is),
        Condition::Test(test) => comparison(world, test),
        Condition::And(parts) => {
            let parts: Vec<Kleene> = parts.iter().map(|part| condition(world, part)).collect();
            if parts.contains(&Some(false)) {
                Some(false)
            } else if parts.contains(&None) {
                None
            } else {
                Some(true)
            }
        }
        Condition::Or(parts) => any(parts.iter().map(|part| condition(world, part)).collect()),
    }
}

fn any(parts: Vec<Kleene>) -> Kleene {
    if parts.contains(&Some(true)) {
        Some(true)
    } else if parts.contains(&None) {
        None
    } else {
        Some(false)
    }
}

fn comparison(world: &World<'_>, test: &Comparison) -> Kleene {
    if test.operator == Operator::NotEqual {
        let mut equal = test.clone();
        equal.operator = Operator::Equal;
        return comparison(world, &equal).map(|is| !is);
    }
    let call = world.call;
    match &test.left.kind {
        OperandKind::Found(entity) => {
            let findings = call.findings.as_ref()?;
            Some(findings.get(&entity.value).is_some_and(|count| *count > 0))
        }
        OperandKind::Findings(entity) => {
            let findings = call.findings.as_ref()?;
            let count = findings.get(&entity.value).copied().unwrap_or(0);
            Some(ordered(
                i128::from(count),
                test.operator,
                whole(&test.right),
            ))
        }
        OperandKind::Count(history) => count(world, history, test),
        OperandKind::Seen(history) => seen(world, history),
        OperandKind::Field(steps) => field(world, steps, test),
    }
}

fn field(world: &World<'_>, steps: &[Step], test: &Comparison) -> Kleene {
    let names: Vec<&str> = steps
        .iter()
        .map(|step| match step {
            Step::Name(name) | Step::Key(name) => name.as_str(),
            _ => "",
        })
        .collect();
    let call = world.call;
    match names.as_slice() {
        ["args", ..] => argument(world, &steps[1..], test),
        ["tool", "annotations", name] => match call.annotations.get(*name)?.as_str() {
            "true" => Some(true),
            "false" => Some(false),
            _ => None,
        },
        ["time", "hour"] => {
            let hour = (call.unix_ms / 3_600_000) % 24;
            Some(turning(i128::from(hour), &test.right))
        }
        ["time", "weekday"] => {
            // 1970-01-01 was a Thursday, the fourth day from Monday on.
            let day = (call.unix_ms / 86_400_000 + 3) % 7;
            Some(turning(i128::from(day), &test.right))
        }
        _ => plain(call, &names.join("."), test),
    }
}

fn turning(number: i128, range: &Value) -> bool {
    let Value::Range(low, high) = range else {
        panic!("not generated");
    };
    let (low, high) = (number_of(&low.kind), number_of(&high.kind));
    match low <= high {
        true => low <= number && number <= high,
        false => number >= low || number <= high,
    }
}

fn plain(call: &Call, name: &str, test: &Comparison) -> Kleene {
    if let Some(field) = TextField::ALL.iter().find(|field| field.name() == name) {
        let text = call.texts.get(field);
        if test.operator == Operator::Exists {
            return Some(text.is_some_and(|text| !text.is_empty()));
        }
        return Some(text_passes(text?, test));
    }
    if let Some(field) = SetField::ALL.iter().find(|field| field.name() == name) {
        let set = call.sets.get(field);
        if test.operator == Operator::Exists {
            return Some(set.is_some_and(|set| !set.is_empty()));
        }
        let set = set?;
        return Some(texts(&test.right).iter().any(|text| set.contains(text)));
    }
    let field = NumberField::ALL.iter().find(|field| field.name() == name);
    let number = call.numbers.get(field.expect("a field"))?;
    Some(ordered(
        i128::from(*number),
        test.operator,
        whole(&test.right),
    ))
}

fn texts(value: &Value) -> Vec<String> {
    let text = |literal: &varistor_rules::ast::Literal| match &literal.kind {
        LiteralKind::Text(text) => text.clone(),
        _ => panic!("not generated"),
    };
    match value {
        Value::One(one) => vec![text(one)],
        Value::List(list) => list.iter().map(text).collect(),
        _ => Vec::new(),
    }
}

fn text_passes(text: &str, test: &Comparison) -> bool {
    let texts = texts(&test.right);
    let some = |is: &dyn Fn(&str) -> bool| texts.iter().any(|one| is(one));
    match test.operator {
        Operator::Equal | Operator::In => some(&|one| one == text),
        Operator::StartsWith => some(&|one| text.starts_with(one)),
        Operator::EndsWith => some(&|one| text.ends_with(one)),
        Operator::Contains => some(&|one| text.contains(one)),
        Operator::Matches => match PATTERNS.iter().position(|one| *one == texts[0]) {
            Some(0) => text.starts_with('a') && text.ends_with('z') && !text.contains('\n'),
            Some(1) => text.contains('b'),
            Some(2) => text.to_lowercase().contains("ab"),
            _ => text
                .as_bytes()
                .windows(2)
                .any(|pair| pair.iter().all(u8::is_ascii_digit)),
        },
        _ => panic!("not generated"),
    }
}

fn number_of(kind: &LiteralKind) -> i128 {
    match kind {
        LiteralKind::Number(text) => text.parse().unwrap(),
        LiteralKind::Duration(number) | LiteralKind::Size(number) => i128::from(*number),
        LiteralKind::Weekday(day) => i128::from(*day),
        LiteralKind::Text(intent) => ["read", "write", "destructive", "exfiltrative"]
            .iter()
            .position(|name| name == intent)
            .unwrap() as i128,
        _ => panic!("not generated"),
    }
}

fn whole(value: &Value) -> i128 {
    match value {
        Value::One(literal) => number_of(&literal.kind),
        _ => panic!("not generated"),
    }
}

fn ordered(left: i128, operator: Operator, right: i128) -> bool {
    match operator {
        Operator::Equal => left == right,
        Operator::Less => left < right,
        Operator::LessEqual => left <= right,
        Operator::Greater => left > right,
        Operator::GreaterEqual => left >= right,
        _ => panic!("not generated"),
    }
}

/// A number in thousandths.
fn thousandths(text: &str) -> Option<i128> {
    let (sign, digits) = match text.strip_prefix('-') {
        Some(digits) => (-1, digits),
        None => (1, text),
    };
    let (whole, fraction) = digits.split_once('.').unwrap_or((digits, "0"));
    let is_number = |text: &str| !text.is_empty() && text.bytes().all(|b| b.is_ascii_digit());
    if !is_number(whole) || !is_number(fraction) || (whole.len() > 1 && whole.starts_with('0')) {
        return None;
    }
    let fraction: i128 = format!("{fraction:0<3}").parse().unwrap();
    Some(sign * (whole.parse::<i128>().unwrap() * 1000 + fraction))
}

/// The values at a place; `Err(true)` beside them: something is missing; ambiguous places give
/// `None`.
fn find<'a>(value: &'a Json, steps: &[Step], found: &mut Vec<&'a Json>) -> (bool, bool) {
    let Some((step, rest)) = steps.split_first() else {
        found.push(value);
        return (false, false);
    };
    match (step, value) {
        (Step::Name(key) | Step::Key(key), Json::Object(members)) => {
            let ambiguous = members
                .iter()
                .any(|(name, _)| name != key && name.eq_ignore_ascii_case(key));
            match members.iter().find(|(name, _)| name == key) {
                Some((_, member)) => {
                    let (missing, inside) = find(member, rest, found);
                    (missing, inside || ambiguous)
                }
                None => (true, ambiguous),
            }
        }
        (Step::Index(index), Json::Array(elements)) => match elements.get(*index as usize) {
            Some(element) => find(element, rest, found),
            None => (true, false),
        },
        (Step::Any, Json::Array(elements)) => {
            let mut all = (false, false);
            for element in elements {
                let (missing, ambiguous) = find(element, rest, found);
                all = (all.0 || missing, all.1 || ambiguous);
            }
            all
        }
        _ => (true, false),
    }
}

fn argument(world: &World<'_>, steps: &[Step], test: &Comparison) -> Kleene {
    let mut found = Vec::new();
    let (missing, ambiguous) = match world.arguments {
        Some(arguments) => find(arguments, steps, &mut found),
        None => (true, false),
    };
    if test.operator == Operator::Exists {
        return Some(!found.is_empty());
    }
    if ambiguous {
        return None;
    }
    let mut answers: Vec<Kleene> = found
        .iter()
        .map(|value| value_passes(value, test))
        .collect();
    if missing {
        answers.push(None);
    }
    any(answers)
}

fn value_passes(value: &Json, test: &Comparison) -> Kleene {
    let literal = match &test.right {
        Value::One(one) => Some(&one.kind),
        _ => None,
    };
    match (literal, value) {
        (Some(LiteralKind::Truth(expected)), Json::Truth(truth)) => Some(truth == expected),
        (Some(LiteralKind::Truth(_)), _) => None,
        (Some(LiteralKind::Number(number)), Json::Number(text) | Json::Text(text)) => {
            let (left, right) = (thousandths(text)?, thousandths(number).unwrap());
            Some(ordered(left, test.operator, right))
        }
        (Some(LiteralKind::Number(_)), _) => None,
        (_, Json::Text(text)) => Some(text_passes(text, test)),
        (_, Json::Array(elements)) if test.operator == Operator::Contains => {
            let texts = texts(&test.right);
            any(elements
                .iter()
                .map(|element| match element {
                    Json::Text(text) => Some(texts.contains(text)),
                    _ => None,
                })
                .collect())
        }
        _ => None,
    }
}

/// The remembered calls of the same scope within the time.
fn past<'a>(world: &World<'a>, history: &History) -> Option<Vec<&'a (Call, Option<Json>)>> {
    let per = history.per.unwrap_or(Per::Session) as usize;
    let scope = world.call.scopes[per]?;
    let within = history.within_ms.unwrap_or(u64::MAX);
    let counts = |past: &&(Call, Option<Json>)| {
        past.0.scopes[per] == Some(scope) && world.call.unix_ms - past.0.unix_ms < within
    };
    Some(world.past.iter().filter(counts).collect())
}

fn count(world: &World<'_>, history: &History, test: &Comparison) -> Kleene {
    let (mut sure, mut unsure) = (0_i128, 0_i128);
    for (call, arguments) in past(world, history)? {
        let world = World {
            call,
            arguments: arguments.as_ref(),
            past: &[],
        };
        match condition(&world, &history.what) {
            Some(true) => sure += 1,
            None => unsure += 1,
            Some(false) => {}
        }
    }
    let right = whole(&test.right);
    let mut answers = (sure..=sure + unsure).map(|count| ordered(count, test.operator, right));
    let first = answers.next().unwrap();
    answers.all(|answer| answer == first).then_some(first)
}

/// What `history.seen` compares: texts, numbers by their value, truths. `Err`: two readers could
/// see different values; `Ok(None)`: there is none.
fn values(world: &World<'_>, history: &History) -> Result<Option<(Vec<String>, bool)>, ()> {
    let Condition::Test(test) = &history.what else {
        panic!("not generated");
    };
    let OperandKind::Field(steps) = &test.left.kind else {
        panic!("not generated");
    };
    if steps[0] != Step::Name("args".to_owned()) {
        let name = varistor_rules::format::operand(&test.left);
        let field = TextField::ALL.iter().find(|field| field.name() == name);
        let text = world.call.texts.get(field.unwrap());
        let text = text.filter(|text| !text.is_empty());
        return Ok(text.map(|text| (vec![format!("s{text}")], true)));
    }
    let Some(arguments) = world.arguments else {
        return Ok(None);
    };
    let mut found = Vec::new();
    let (missing, ambiguous) = find(arguments, &steps[1..], &mut found);
    if ambiguous {
        return Err(());
    }
    let spelled: Vec<Option<String>> = found
        .iter()
        .map(|value| match value {
            Json::Text(text) => Some(format!("s{text}")),
            Json::Truth(truth) => Some(format!("t{truth}")),
            Json::Number(number) => Some(format!("n{}", thousandths(number).unwrap())),
            _ => None,
        })
        .collect();
    let all = !missing && spelled.iter().all(Option::is_some);
    let known: Vec<String> = spelled.into_iter().flatten().collect();
    Ok((!known.is_empty()).then_some((known, all)))
}

fn seen(world: &World<'_>, history: &History) -> Kleene {
    let past = past(world, history)?;
    let (mine, all) = values(world, history).ok().flatten()?;
    let (mut before, mut lost) = (Vec::new(), false);
    for (call, arguments) in past {
        let world = World {
            call,
            arguments: arguments.as_ref(),
            past: &[],
        };
        match values(&world, history) {
            Ok(found) => before.extend(found.unwrap_or_default().0),
            Err(()) => lost = true,
        }
    }
    let each = mine.iter().map(|value| match before.contains(value) {
        true => Some(true),
        false if lost => None,
        false => Some(false),
    });
    let each: Vec<Kleene> = each.chain((!all).then_some(None)).collect();
    any(each.into_iter().map(|is| is.map(|is| !is)).collect()).map(|unseen| !unseen)
}
