//! One comparison: the type of its field decides what may stand beside it.

use varistor_snapshot::schema::rules::{Atom, NumberRange, TextTest};

use super::{Expr, Lowering};
use crate::ast::{Comparison, Literal, LiteralKind, Operand, OperandKind, Operator, Text, Value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::format;
use crate::source::Span;
use crate::vocabulary::{self, Type, Unit, literal_name};

impl Lowering<'_> {
    pub(super) fn comparison(&mut self, test: &Comparison, negate: bool) -> Option<Expr> {
        let negate = negate != (test.operator == Operator::NotEqual);
        let (atom, flip) = match &test.left.kind {
            OperandKind::Field(steps) => (self.field(test, steps)?, false),
            OperandKind::Count(history) => {
                let ranges = self.ranges(test, Unit::Plain);
                let counter = self.counter(history, true);
                (Atom::Count(counter?, ranges?), false)
            }
            OperandKind::Findings(entity) => {
                let ranges = self.ranges(test, Unit::Plain);
                let entity = self.entity(entity);
                (Atom::Findings(entity?, ranges?), false)
            }
            OperandKind::Found(entity) => {
                let (truth, entity) = (self.truth(test), self.entity(entity));
                let range = NumberRange {
                    low: 1,
                    high: u64::MAX,
                };
                (Atom::Findings(entity?, vec![range]), !truth?)
            }
            OperandKind::Seen(history) => {
                let (truth, atom) = (self.truth(test), self.seen(history));
                (atom?, !truth?)
            }
        };
        Some(self.leaf(atom, negate != flip, test))
    }

    fn leaf(&mut self, atom: Atom, negate: bool, test: &Comparison) -> Expr {
        let zone = match &atom {
            Atom::Time(zone, ..) => self.tables.zones.get(*zone).cloned(),
            _ => None,
        };
        let atom = self.tables.atom(atom, || {
            let mut positive = test.clone();
            if positive.operator == Operator::NotEqual {
                positive.operator = Operator::Equal;
            }
            let text = format::comparison(&positive);
            match zone.filter(|zone| zone != super::ZONE_DEFAULT) {
                Some(zone) => format!("{text} ({zone})"),
                None => text,
            }
        });
        Expr::Leaf { atom, negate }
    }

    fn field(&mut self, test: &Comparison, steps: &[crate::ast::Step]) -> Option<Atom> {
        match vocabulary::field(steps) {
            None => self.unknown_field(&test.left, steps),
            Some(Type::Text(field)) if test.operator == Operator::Exists => {
                Some(Atom::TextExists(field as u8))
            }
            Some(Type::Set(field)) if test.operator == Operator::Exists => {
                Some(Atom::SetExists(field as u8))
            }
            Some(Type::Number(field, _)) if test.operator == Operator::Exists => {
                Some(Atom::NumberExists(field as u8))
            }
            Some(Type::Text(field)) => {
                let test = self.text(test, "a string")?;
                Some(Atom::Text(field as u8, test))
            }
            Some(Type::Set(field)) => Some(Atom::Set(field as u8, self.set(test)?)),
            Some(Type::Number(field, unit)) => {
                Some(Atom::Number(field as u8, self.ranges(test, unit)?))
            }
            Some(Type::Time(part, unit)) => {
                let ranges = self.ranges(test, unit)?;
                Some(Atom::Time(self.zone, part as u8, ranges))
            }
            Some(Type::Zone) => {
                let label = "expected once, with `=`, beside the rule's other conditions";
                self.error(
                    test.span,
                    "`time.zone` sets the zone of a whole rule",
                    label,
                );
                None
            }
            Some(Type::Annotation) => {
                let name = steps.last().and_then(super::value::key)?;
                Some(Atom::Annotation(name.to_owned(), self.value(test)?))
            }
            Some(Type::Argument) => {
                let path = self.tables.path(steps.get(1..).unwrap_or_default());
                Some(Atom::Argument(path, self.value(test)?))
            }
        }
    }

    pub(crate) fn unknown_field<T>(
        &mut self,
        left: &Operand,
        steps: &[crate::ast::Step],
    ) -> Option<T> {
        let name = format::field(steps);
        let message = format!("unknown field `{name}`");
        let help = nearest(&name, vocabulary::names());
        let error = Diagnostic::error(left.span, message, "there is no such field").help_if(help);
        self.diagnostics.push(error);
        None
    }

    /// A comparison of the wrong kind for the field.
    pub(super) fn mismatch<T>(&mut self, test: &Comparison, is: &str, expected: &str) -> Option<T> {
        let name = format::operand(&test.left);
        let message = match test.operator {
            Operator::Holds => format!("`{name}` is {is}, not true or false"),
            operator => format!("`{name}` is {is}, `{}` does not fit", operator.text()),
        };
        self.error(test.span, message, format!("expected {expected}"));
        None
    }

    /// A value of the wrong type.
    pub(crate) fn wrong_value<T>(&mut self, literal: &Literal, expected: &str) -> Option<T> {
        let message = format!("wrong type: found {}", literal_name(&literal.kind));
        self.error(literal.span, message, format!("expected {expected}"));
        None
    }

    /// A test of a text; `is` names the type in messages.
    pub(super) fn text(&mut self, test: &Comparison, is: &str) -> Option<TextTest> {
        let one = matches!(test.right, Value::One(_));
        match test.operator {
            Operator::Equal | Operator::NotEqual if one => {
                Some(TextTest::Among(self.texts(&test.right)?))
            }
            Operator::In => Some(TextTest::Among(self.texts(&test.right)?)),
            Operator::StartsWith => Some(TextTest::Starts(self.texts(&test.right)?)),
            Operator::EndsWith => Some(TextTest::Ends(self.texts(&test.right)?)),
            Operator::Contains => Some(TextTest::Holds(self.texts(&test.right)?)),
            Operator::Matches if one => self.pattern(&test.right),
            Operator::Equal | Operator::NotEqual => {
                self.mismatch(test, is, "one string; for several there is `IN`")
            }
            _ => self.mismatch(
                test,
                is,
                "`=`, `!=`, `IN`, `CONTAINS`, `STARTS WITH`, `ENDS WITH`, `MATCHES` or `EXISTS`",
            ),
        }
    }

    fn pattern(&mut self, value: &Value) -> Option<TextTest> {
        let Value::One(literal) = value else {
            return None;
        };
        let LiteralKind::Text(pattern) = &literal.kind else {
            return self.wrong_value(literal, "a regular expression between quotes");
        };
        if let Err(reason) = crate::pattern::build(pattern) {
            let message = "not a regular expression that can be used";
            self.error(literal.span, message, reason);
            return None;
        }
        Some(TextTest::Matches(
            self.tables.patterns.number(pattern.clone()),
        ))
    }

    /// Texts, sorted.
    pub(super) fn texts(&mut self, value: &Value) -> Option<Vec<String>> {
        let literals = match value {
            Value::One(one) => std::slice::from_ref(one),
            Value::List(list) => list,
            Value::Range(low, _) => return self.wrong_value(low, "strings: (\"a\", \"b\")"),
            Value::None => &[],
        };
        let mut texts = Vec::new();
        let mut wrong = false;
        for literal in literals {
            match &literal.kind {
                LiteralKind::Text(text) => texts.push(text.clone()),
                _ => {
                    self.wrong_value::<()>(literal, "a string between quotes");
                    wrong = true;
                }
            }
        }
        texts.sort_unstable();
        texts.dedup();
        (!wrong).then_some(texts)
    }

    fn set(&mut self, test: &Comparison) -> Option<Vec<String>> {
        match (test.operator, &test.right) {
            (Operator::Contains, Value::One(_)) | (Operator::In, _) => self.texts(&test.right),
            (Operator::Contains, _) => self.mismatch(
                test,
                "a set of strings",
                "one string; any of several is `IN`, all of several is `AND`",
            ),
            _ => self.mismatch(test, "a set of strings", "`CONTAINS`, `IN` or `EXISTS`"),
        }
    }

    /// Whether the comparison asks for true: the field alone, `= true`, `!= true` and so on. The
    /// contrary of `!=` is the caller's.
    fn truth(&mut self, test: &Comparison) -> Option<bool> {
        match (test.operator, &test.right) {
            (Operator::Holds, _) => Some(true),
            (Operator::Equal | Operator::NotEqual, Value::One(literal)) => match literal.kind {
                LiteralKind::Truth(truth) => Some(truth),
                _ => self.wrong_value(literal, "true or false"),
            },
            _ => self.mismatch(test, "true or false", "nothing, `= true` or `= false`"),
        }
    }

    pub(crate) fn entity(&mut self, entity: &Text) -> Option<String> {
        let known = self.known.entities.as_ref();
        self.among(&entity.value, entity.span, known, "entity")?;
        Some(entity.value.clone())
    }

    /// An error when the name is not known.
    pub(super) fn among(
        &mut self,
        name: &str,
        span: Span,
        known: Option<&Vec<String>>,
        what: &str,
    ) -> Option<()> {
        let Some(known) = known.filter(|known| !known.iter().any(|one| one == name)) else {
            return Some(());
        };
        let help = nearest(name, known.iter().map(String::as_str));
        let message = format!("unknown {what} \"{name}\"");
        let error = Diagnostic::error(span, message, "there is none of this name");
        self.diagnostics.push(error.help_if(help));
        None
    }
}
