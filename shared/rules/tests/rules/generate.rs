//! Random conditions, calls and noise, from a seed.

use rand::rngs::SmallRng;
use rand::seq::IndexedRandom as _;
use rand::{RngExt as _, SeedableRng as _};
use varistor_rules::Span;
use varistor_rules::ast::{
    Comparison, Condition, History, Literal, LiteralKind, Operand, OperandKind, Operator, Per,
    Step, Text, Value,
};
use varistor_rules::vocabulary::{NumberField, SetField, TextField};

use crate::call::Call;
use crate::naive::Json;

/// Texts of which values and literals are made, so that they meet now and then.
const TEXTS: [&str; 10] = [
    "",
    "a",
    "b",
    "ab",
    "abz",
    "z",
    "read",
    "50",
    "é\n\"x\"",
    "7.5",
];
const NUMBERS: [&str; 9] = [
    "0",
    "1",
    "7.5",
    "50",
    "-3",
    "9007199254740993",
    "9007199254740992",
    "100000000000000000000",
    "2.50",
];
const KEYS: [&str; 5] = ["a", "b", "odd key", "A", "items"];
/// Expressions that the naive interpreter knows by heart.
pub(crate) const PATTERNS: [&str; 4] = ["^a.*z$", "b+", "(?i)AB", r"\d\d"];

pub(crate) struct Generator {
    pub(crate) rng: SmallRng,
}

impl Generator {
    pub(crate) fn new(seed: u64) -> Self {
        Self {
            rng: SmallRng::seed_from_u64(seed),
        }
    }

    fn pick<T: Clone>(&mut self, from: &[T]) -> T {
        from.choose(&mut self.rng).unwrap().clone()
    }

    fn chance(&mut self, of: u32) -> bool {
        self.rng.random_range(0..of) == 0
    }

    /// A condition in the shape that the parser gives: no `And` directly within an `And`.
    pub(crate) fn condition(&mut self, depth: usize, history: bool) -> Condition {
        match self.rng.random_range(0..if depth == 0 { 1 } else { 5 }) {
            0 => Condition::Test(self.test(history)),
            1 => Condition::Not(Box::new(self.condition(depth - 1, history))),
            2 | 3 => {
                let parts = self.parts(depth, history, |part| !matches!(part, Condition::And(_)));
                Condition::And(parts)
            }
            _ => {
                let parts = self.parts(depth, history, |part| !matches!(part, Condition::Or(_)));
                Condition::Or(parts)
            }
        }
    }

    fn parts(
        &mut self,
        depth: usize,
        history: bool,
        fits: fn(&Condition) -> bool,
    ) -> Vec<Condition> {
        let count = self.rng.random_range(2..4);
        let mut parts = Vec::new();
        while parts.len() < count {
            let part = self.condition(depth - 1, history);
            if fits(&part) {
                parts.push(part);
            }
        }
        parts
    }

    fn test(&mut self, history: bool) -> Comparison {
        match self.rng.random_range(0..if history { 14 } else { 12 }) {
            0 | 1 => self.text_test(),
            2 => self.set_test(),
            3 => self.number_test(),
            4 => self.time_test(),
            5 => self.findings(),
            6 => {
                let left = name_field(&["tool", "annotations", "readOnlyHint"]);
                test(left, Operator::Holds, Value::None)
            }
            7..=11 => self.argument_test(),
            _ => self.history_test(),
        }
    }

    fn literal(&mut self) -> Literal {
        let text = self.pick(&TEXTS);
        literal(LiteralKind::Text(text.to_owned()))
    }

    fn literals(&mut self) -> Value {
        let count = self.rng.random_range(1..12);
        Value::List((0..count).map(|_| self.literal()).collect())
    }

    fn text_operator(&mut self) -> (Operator, Value) {
        let operators = [
            Operator::Equal,
            Operator::NotEqual,
            Operator::In,
            Operator::StartsWith,
            Operator::EndsWith,
            Operator::Contains,
            Operator::Matches,
            Operator::Exists,
        ];
        let operator = self.pick(&operators);
        let right = match operator {
            Operator::Exists => Value::None,
            Operator::In => self.literals(),
            Operator::Matches => {
                Value::One(literal(LiteralKind::Text(self.pick(&PATTERNS).to_owned())))
            }
            Operator::StartsWith | Operator::EndsWith | Operator::Contains if self.chance(3) => {
                self.literals()
            }
            _ => Value::One(self.literal()),
        };
        (operator, right)
    }

    fn text_test(&mut self) -> Comparison {
        let field = self.pick(TextField::ALL);
        let (operator, right) = self.text_operator();
        test(dotted(field.name()), operator, right)
    }

    fn set_test(&mut self) -> Comparison {
        let field = dotted(self.pick(SetField::ALL).name());
        match self.rng.random_range(0..3) {
            0 => test(field, Operator::Exists, Value::None),
            1 => test(field, Operator::Contains, Value::One(self.literal())),
            _ => test(field, Operator::In, self.literals()),
        }
    }

    fn order(&mut self) -> Operator {
        self.pick(&[
            Operator::Equal,
            Operator::NotEqual,
            Operator::Less,
            Operator::LessEqual,
            Operator::Greater,
            Operator::GreaterEqual,
        ])
    }

    fn number_test(&mut self) -> Comparison {
        let operator = self.order();
        if self.chance(2) {
            let intents = ["read", "write", "destructive", "exfiltrative"];
            let intent = literal(LiteralKind::Text(self.pick(&intents).to_owned()));
            return test(dotted("action.type"), operator, Value::One(intent));
        }
        let number = self.rng.random_range(0..4_u64);
        let (field, kind) = self.pick(&[
            ("session.calls", LiteralKind::Number(number.to_string())),
            ("request.bytes", LiteralKind::Size(number * 1024)),
            ("token.age", LiteralKind::Duration(number * 60_000)),
            (
                "action.confidence",
                LiteralKind::Number((number * 30).to_string()),
            ),
        ]);
        test(dotted(field), operator, Value::One(literal(kind)))
    }

    fn time_test(&mut self) -> Comparison {
        if self.chance(2) {
            let day = |day| literal(LiteralKind::Weekday(day));
            let (low, high) = (self.rng.random_range(0..7), self.rng.random_range(0..7));
            let range = Value::Range(day(low), day(high));
            return test(dotted("time.weekday"), Operator::In, range);
        }
        let hour = |hour: u8| literal(LiteralKind::Number(hour.to_string()));
        let (low, high) = (self.rng.random_range(0..24), self.rng.random_range(0..24));
        test(
            dotted("time.hour"),
            Operator::In,
            Value::Range(hour(low), hour(high)),
        )
    }

    fn findings(&mut self) -> Comparison {
        let entity = Text {
            value: self.pick(&["email", "ssn"]).to_owned(),
            span: Span::default(),
        };
        match self.chance(2) {
            true => test(OperandKind::Found(entity), Operator::Holds, Value::None),
            false => {
                let number = literal(LiteralKind::Number(self.rng.random_range(0..3).to_string()));
                test(
                    OperandKind::Findings(entity),
                    self.order(),
                    Value::One(number),
                )
            }
        }
    }

    fn path(&mut self) -> OperandKind {
        let mut steps = vec![Step::Name("args".to_owned())];
        for _ in 0..self.rng.random_range(1..4) {
            steps.push(match self.rng.random_range(0..6) {
                0 => Step::Any,
                1 => Step::Index(self.rng.random_range(0..3)),
                _ => match self.pick(&KEYS) {
                    "odd key" => Step::Key("odd key".to_owned()),
                    key => Step::Name(key.to_owned()),
                },
            });
        }
        OperandKind::Field(steps)
    }

    fn argument_test(&mut self) -> Comparison {
        let left = self.path();
        match self.rng.random_range(0..4) {
            0 => {
                let truth = LiteralKind::Truth(self.chance(2));
                test(left, Operator::Equal, Value::One(literal(truth)))
            }
            1 => {
                let number = LiteralKind::Number(self.pick(&NUMBERS).to_owned());
                test(left, self.order(), Value::One(literal(number)))
            }
            _ => {
                let (operator, right) = self.text_operator();
                test(left, operator, right)
            }
        }
    }

    fn history_test(&mut self) -> Comparison {
        let minutes = self.pick(&[30, 24 * 60]);
        let mut history = History {
            what: self.condition(1, false),
            within_ms: Some(minutes * 60_000),
            per: self.pick(&[None, Some(Per::Session), Some(Per::Token), Some(Per::Agent)]),
            span: Span::default(),
        };
        if self.chance(2) {
            let number = LiteralKind::Number(self.rng.random_range(0..3).to_string());
            let left = OperandKind::Count(Box::new(history));
            return test(left, self.order(), Value::One(literal(number)));
        }
        let field = match self.chance(2) {
            true => dotted(self.pick(TextField::ALL).name()),
            false => self.path(),
        };
        history.what = Condition::Test(test(field, Operator::Holds, Value::None));
        if self.chance(3) {
            history.within_ms = None;
        }
        test(
            OperandKind::Seen(Box::new(history)),
            Operator::Holds,
            Value::None,
        )
    }

    pub(crate) fn json(&mut self, depth: usize) -> Json {
        match self.rng.random_range(0..if depth == 0 { 5 } else { 9 }) {
            0 | 1 => Json::Text(self.pick(&TEXTS).to_owned()),
            2 => Json::Number(self.pick(&NUMBERS).to_owned()),
            3 => Json::Truth(self.chance(2)),
            4 => Json::Null,
            5 | 6 => {
                let count = self.rng.random_range(0..4);
                Json::Array((0..count).map(|_| self.json(depth - 1)).collect())
            }
            _ => self.object(depth - 1),
        }
    }

    pub(crate) fn object(&mut self, depth: usize) -> Json {
        let mut members: Vec<(String, Json)> = Vec::new();
        for key in KEYS {
            // `A` beside `a` is ambiguous: seldom, so that other things are met, too.
            if self.chance(if key == "A" { 12 } else { 2 }) {
                members.push((key.to_owned(), self.json(depth)));
            }
        }
        Json::Object(members)
    }

    /// A call, and its arguments as a tree.
    pub(crate) fn call(&mut self, now: u64) -> (Call, Option<Json>) {
        let mut call = Call {
            unix_ms: now,
            ..Call::default()
        };
        for field in TextField::ALL {
            if !self.chance(8) {
                call.texts.insert(*field, self.pick(&TEXTS).to_owned());
            }
        }
        for field in SetField::ALL {
            if !self.chance(8) {
                let count = self.rng.random_range(0..4);
                let members = (0..count).map(|_| self.pick(&TEXTS).to_owned()).collect();
                call.sets.insert(*field, members);
            }
        }
        for (field, unit, most) in [
            (NumberField::ActionType, 1, 4),
            (NumberField::ActionConfidence, 30, 4),
            (NumberField::TokenAge, 60_000, 4),
            (NumberField::SessionCalls, 1, 4),
            (NumberField::RequestBytes, 1024, 4),
        ] {
            if !self.chance(8) {
                call.numbers
                    .insert(field, unit * self.rng.random_range(0..most));
            }
        }
        if !self.chance(3) {
            let hint = self.pick(&["true", "false", "\"true\"", "1"]);
            call.annotations
                .insert("readOnlyHint".to_owned(), hint.to_owned());
        }
        if !self.chance(8) {
            let entities =
                ["email", "ssn"].map(|entity| (entity.to_owned(), self.rng.random_range(0..3)));
            call.findings = Some(entities.into());
        }
        let scope = self.rng.random_range(0..2_u128);
        call.scopes = [Some(scope), Some(scope + 10), Some(20)];
        if self.chance(12) {
            call.scopes[0] = None;
        }
        let arguments = (!self.chance(10)).then(|| match self.chance(12) {
            true => self.json(1),
            false => self.object(3),
        });
        call.arguments = arguments.as_ref().map(|tree| self.spelled(tree));
        (call, arguments)
    }

    /// JSON text of a tree, with blanks and escapes that mean nothing.
    fn spelled(&mut self, tree: &Json) -> String {
        let inside = match tree {
            Json::Null => "null".to_owned(),
            Json::Truth(truth) => truth.to_string(),
            Json::Number(number) => number.clone(),
            Json::Text(text) => self.quoted(text),
            Json::Array(elements) => {
                let elements: Vec<String> = elements
                    .iter()
                    .map(|element| self.spelled(element))
                    .collect();
                format!("[{}]", elements.join(","))
            }
            Json::Object(members) => {
                let members: Vec<String> = members
                    .iter()
                    .map(|(key, member)| {
                        let blank = self.pick(&["", " "]);
                        format!("{}{blank}:{}", self.quoted(key), self.spelled(member))
                    })
                    .collect();
                format!("{{{}}}", members.join(","))
            }
        };
        let blank = self.pick(&["", "", "", " ", "\n\t"]);
        format!("{blank}{inside}{blank}")
    }

    fn quoted(&mut self, text: &str) -> String {
        let mut out = String::from("\"");
        for character in text.chars() {
            if self.chance(8) || matches!(character, '"' | '\\' | '\n') {
                out.push_str(&format!("\\u{:04x}", u32::from(character)));
            } else {
                out.push(character);
            }
        }
        out.push('"');
        out
    }

    /// The same rules with other blanks, and comments; how many of them.
    pub(crate) fn noisy(&mut self, text: &str) -> (String, usize) {
        let (mut out, mut comments) = (String::new(), 0);
        let mut quote = None;
        let mut escaped = false;
        for character in text.chars() {
            match (quote, character) {
                (None, '"' | '\'') => quote = Some(character),
                (Some(open), close) if open == close && !escaped => quote = None,
                _ => {}
            }
            escaped = quote == Some('"') && character == '\\' && !escaped;
            if quote.is_some() || !character.is_whitespace() {
                out.push(character);
                continue;
            }
            match self.rng.random_range(0..12) {
                0 => out.push_str("  \n\n "),
                1 => out.push('\t'),
                2 => {
                    out.push_str(&format!(" # note {comments}\n"));
                    comments += 1;
                }
                3 => {
                    out.push_str(&format!("\n  # note {comments}  \n\n"));
                    comments += 1;
                }
                _ => out.push(character),
            }
        }
        (out, comments)
    }
}

pub(crate) fn test(left: OperandKind, operator: Operator, right: Value) -> Comparison {
    Comparison {
        left: Operand {
            kind: left,
            span: Span::default(),
        },
        operator,
        right,
        span: Span::default(),
    }
}

pub(crate) fn literal(kind: LiteralKind) -> Literal {
    Literal {
        kind,
        span: Span::default(),
    }
}

fn dotted(name: &str) -> OperandKind {
    let names: Vec<&str> = name.split('.').collect();
    name_field(&names)
}

fn name_field(names: &[&str]) -> OperandKind {
    let steps = names.iter().map(|name| Step::Name((*name).to_owned()));
    OperandKind::Field(steps.collect())
}
