//! Names, tags and patterns that fit nothing known, and patterns that allow more than they show.

use crate::ast::{ActionKind, Comparison, Condition, File, Literal, LiteralKind};
use crate::ast::{OperandKind, Operator, Rule, Value};
use crate::diagnostic::{Diagnostic, nearest};
use crate::known::{Known, KnownTool};
use crate::vocabulary::{self, SetField, TextField, Type};

pub(super) fn names(known: &Known, files: &[File]) -> Vec<Diagnostic> {
    let mut names = Names {
        known,
        found: Vec::new(),
        allows: false,
    };
    for rule in files.iter().flat_map(|file| &file.rules) {
        names.allows = rule
            .actions
            .iter()
            .any(|action| action.kind == ActionKind::Allow);
        names.condition(&rule.condition, false);
        names.channels(rule);
    }
    names.found
}

struct Names<'a> {
    known: &'a Known,
    found: Vec<Diagnostic>,
    /// Whether the rule at hand allows something.
    allows: bool,
}

impl Names<'_> {
    fn condition(&mut self, condition: &Condition, negate: bool) {
        match condition {
            Condition::And(parts) | Condition::Or(parts) => {
                for part in parts {
                    self.condition(part, negate);
                }
            }
            Condition::Not(inner) => self.condition(inner, !negate),
            Condition::Test(test) => self.test(test, negate),
        }
    }

    /// Channels that nobody hears.
    fn channels(&mut self, rule: &Rule) {
        let Some(known) = self.known.channels.as_ref() else {
            return;
        };
        for action in &rule.actions {
            let ActionKind::Notify(kind, name) = &action.kind else {
                continue;
            };
            let channel = format!("{}/{}", kind.value, name.value);
            if known.contains(&channel) {
                continue;
            }
            let message = format!("no known channel \"{channel}\"");
            let label = "nobody is told; `channels` of the policy does not define it";
            let help = nearest(&channel, known.iter().map(String::as_str));
            let warning = Diagnostic::warning(action.span, message, label);
            self.found.push(warning.help_if(help));
        }
    }

    fn test(&mut self, test: &Comparison, negate: bool) {
        match &test.left.kind {
            OperandKind::Count(history) | OperandKind::Seen(history) => {
                self.condition(&history.what, negate);
            }
            OperandKind::Field(steps) => {
                self.loose_pattern(test, negate);
                let known = self.known;
                match vocabulary::field(steps) {
                    Some(Type::Text(field)) => self.text(test, field),
                    Some(Type::Set(SetField::ToolTags)) => {
                        self.members(test, known.tags.as_ref(), "tag");
                    }
                    Some(Type::Set(SetField::AgentRoles)) => {
                        self.members(test, known.roles.as_ref(), "role");
                    }
                    _ => {}
                }
            }
            OperandKind::Found(_) | OperandKind::Findings(_) => {}
        }
    }

    fn text(&mut self, test: &Comparison, field: TextField) {
        let known = self.known;
        match field {
            TextField::ToolServer => self.listed(test, known.servers.as_ref(), "server"),
            TextField::ToolCategory => self.listed(test, known.categories.as_ref(), "category"),
            TextField::AgentId => self.listed(test, known.agents.as_ref(), "agent"),
            TextField::AgentTeam => self.listed(test, known.teams.as_ref(), "team"),
            TextField::AgentOrganisation => {
                self.listed(test, known.organisations.as_ref(), "organisation");
            }
            TextField::ToolName => {
                let name = |tool: &KnownTool| tool.name.clone();
                let names: Option<Vec<String>> = known
                    .tools
                    .as_ref()
                    .map(|tools| tools.iter().map(name).collect());
                self.listed(test, names.as_ref(), "tool");
            }
            _ => {}
        }
    }

    /// As [`Names::listed`]; that a set contains a name means the whole name.
    fn members(&mut self, test: &Comparison, known: Option<&Vec<String>>, what: &str) {
        let whole = Comparison {
            operator: Operator::Equal,
            ..test.clone()
        };
        self.listed(&whole, known, what);
    }

    /// Each text of the comparison must fit one of the known names.
    fn listed(&mut self, test: &Comparison, known: Option<&Vec<String>>, what: &str) {
        let Some(known) = known else {
            return;
        };
        for literal in literals(&test.right) {
            let LiteralKind::Text(text) = &literal.kind else {
                continue;
            };
            let pattern = match test.operator {
                Operator::Matches => crate::pattern::build(text).ok(),
                _ => None,
            };
            let fits = |name: &String| match &pattern {
                Some(pattern) => pattern.regex.is_match(name),
                None => fits(test.operator, name, text),
            };
            if known.iter().any(fits) {
                continue;
            }
            let message = match test.operator {
                Operator::Matches => format!("the pattern matches no known {what}"),
                Operator::StartsWith | Operator::EndsWith => format!("no known {what} fits"),
                _ => format!("no known {what} \"{text}\""),
            };
            let help = nearest(text, known.iter().map(String::as_str));
            let warning = Diagnostic::warning(literal.span, message, "fits none of them");
            self.found.push(warning.help_if(help));
        }
    }

    /// A pattern is found anywhere in a text: in a rule that allows, it lets more through than
    /// it shows.
    fn loose_pattern(&mut self, test: &Comparison, negate: bool) {
        if !self.allows || negate || test.operator != Operator::Matches {
            return;
        }
        let Value::One(literal) = &test.right else {
            return;
        };
        if let LiteralKind::Text(pattern) = &literal.kind
            && !crate::pattern::is_anchored(pattern)
        {
            let message = "a rule that allows matches anywhere in the text";
            let label = "holds for every text with this in it";
            let help = "write ^...$ to match the whole text";
            let warning = Diagnostic::warning(literal.span, message, label);
            self.found.push(warning.help(help));
        }
    }
}

fn literals(value: &Value) -> &[Literal] {
    match value {
        Value::One(one) => std::slice::from_ref(one),
        Value::List(list) => list,
        Value::None | Value::Range(..) => &[],
    }
}

fn fits(operator: Operator, name: &str, text: &str) -> bool {
    match operator {
        Operator::StartsWith => name.starts_with(text),
        Operator::EndsWith => name.ends_with(text),
        Operator::Contains => name.contains(text),
        // A pattern that can't be built is an error already.
        Operator::Matches => true,
        _ => name == text,
    }
}
