//! What the columns of a query show: everything, people, credentials, or only numbers.

use sqlparser::ast::{Expr, Function, FunctionArg, FunctionArgExpr, FunctionArguments, SelectItem};

use crate::words;

/// What a list of columns shows.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Columns {
    /// Whether `*` is among them.
    pub(super) everything: bool,
    /// Whether one tells how to reach a person.
    pub(super) contact: bool,
    /// Whether one tells something about a person.
    pub(super) personal: bool,
    /// Whether one is a credential.
    pub(super) secret: bool,
    /// Whether all of them are computed over many rows.
    pub(super) are_aggregates: bool,
    /// Whether one puts the values of many rows into a list.
    pub(super) collects: bool,
}

impl Columns {
    /// As `*` alone.
    pub(super) fn all() -> Self {
        Self {
            everything: true,
            ..Self::default()
        }
    }

    pub(super) fn of(items: &[SelectItem]) -> Self {
        let mut columns = Self {
            are_aggregates: !items.is_empty(),
            ..Self::default()
        };
        for item in items {
            match item {
                SelectItem::UnnamedExpr(expr)
                | SelectItem::ExprWithAlias { expr, .. }
                | SelectItem::ExprWithAliases { expr, .. } => {
                    columns.are_aggregates &= is_aggregate(expr);
                    columns.shown(expr);
                }
                SelectItem::QualifiedWildcard(..) | SelectItem::Wildcard(_) => {
                    columns.everything = true;
                    columns.are_aggregates = false;
                }
            }
        }
        columns
    }

    /// Takes in the columns whose values an expression shows.
    fn shown(&mut self, expression: &Expr) {
        match expression {
            Expr::Identifier(name) => self.column(&name.value),
            Expr::CompoundIdentifier(parts) => {
                if let Some(name) = parts.last() {
                    self.column(&name.value);
                }
            }
            Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => self.shown(inner),
            Expr::BinaryOp { left, right, op } if !is_comparison(op) => {
                self.shown(left);
                self.shown(right);
            }
            Expr::Function(function) => self.function(function),
            _ => {}
        }
    }

    fn function(&mut self, function: &Function) {
        let name = last_name(function);
        if COUNTING.contains(&name.as_str()) {
            return;
        }
        self.everything |= WHOLE.contains(&name.as_str());
        self.collects |= COLLECTING.contains(&name.as_str());
        let FunctionArguments::List(list) = &function.args else {
            return;
        };
        for argument in &list.args {
            let (FunctionArg::Named { arg, .. }
            | FunctionArg::ExprNamed { arg, .. }
            | FunctionArg::Unnamed(arg)) = argument;
            match arg {
                FunctionArgExpr::Expr(inner) => self.shown(inner),
                FunctionArgExpr::Wildcard | FunctionArgExpr::QualifiedWildcard(_) => {
                    self.everything |= COLLECTING.contains(&name.as_str());
                }
                FunctionArgExpr::WildcardWithOptions(_) => {}
            }
        }
    }

    fn column(&mut self, name: &str) {
        self.secret |= words::is_secret(name);
        self.contact |= words::is_contact(name);
        self.personal |= words::is_personal(name);
    }
}

fn is_comparison(operator: &sqlparser::ast::BinaryOperator) -> bool {
    use sqlparser::ast::BinaryOperator as Op;
    matches!(
        operator,
        Op::Eq
            | Op::NotEq
            | Op::Lt
            | Op::LtEq
            | Op::Gt
            | Op::GtEq
            | Op::And
            | Op::Or
            | Op::Xor
            | Op::Spaceship
    )
}

fn last_name(function: &Function) -> String {
    let last = function.name.0.last().and_then(|part| part.as_ident());
    last.map(|name| name.value.to_ascii_lowercase())
        .unwrap_or_default()
}

/// Whether an expression is one value for many rows, or a constant.
fn is_aggregate(expression: &Expr) -> bool {
    match expression {
        Expr::Function(function) => {
            let name = last_name(function);
            let known = AGGREGATES.contains(&name.as_str()) || COLLECTING.contains(&name.as_str());
            (known && function.over.is_none()) || has_aggregate_argument(function)
        }
        Expr::Nested(inner) | Expr::Cast { expr: inner, .. } => is_aggregate(inner),
        Expr::BinaryOp { left, right, .. } => {
            let (left_one, right_one) = (is_aggregate(left), is_aggregate(right));
            (left_one && (right_one || is_constant(right))) || (right_one && is_constant(left))
        }
        _ => false,
    }
}

/// `round(avg(x), 2)`
fn has_aggregate_argument(function: &Function) -> bool {
    let FunctionArguments::List(list) = &function.args else {
        return false;
    };
    list.args.iter().any(|argument| match argument {
        FunctionArg::Unnamed(FunctionArgExpr::Expr(inner)) => is_aggregate(inner),
        _ => false,
    })
}

fn is_constant(expression: &Expr) -> bool {
    matches!(expression, Expr::Value(_))
}

/// Functions whose result tells nothing of a value but how much there is.
const COUNTING: [&str; 10] = [
    "count",
    "length",
    "len",
    "char_length",
    "octet_length",
    "exists",
    "approx_count_distinct",
    "bit_length",
    "isnull",
    "uniq",
];

const AGGREGATES: [&str; 30] = [
    "count",
    "sum",
    "avg",
    "min",
    "max",
    "stddev",
    "variance",
    "median",
    "approx_count_distinct",
    "count_if",
    "countif",
    "bool_and",
    "bool_or",
    "every",
    "percentile_cont",
    "percentile_disc",
    "mode",
    "corr",
    "stddev_pop",
    "var_pop",
    "total",
    "uniq",
    "quantile",
    "any_value",
    "bit_and",
    "bit_or",
    "stddev_samp",
    "approx_percentile",
    "count_big",
    "uniqexact",
];

/// Functions that show a whole row.
const WHOLE: [&str; 4] = ["row_to_json", "to_json", "to_jsonb", "json_object"];

/// Functions that put the values of many rows into one.
const COLLECTING: [&str; 13] = [
    "string_agg",
    "array_agg",
    "json_agg",
    "jsonb_agg",
    "group_concat",
    "listagg",
    "json_arrayagg",
    "json_object_agg",
    "jsonb_object_agg",
    "json_group_array",
    "grouparray",
    "collect_list",
    "xmlagg",
];
