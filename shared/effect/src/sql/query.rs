//! Queries: how many rows come out, of what, and whether credentials are among the columns.

mod columns;

use sqlparser::ast::{
    Expr, Fetch, GroupByExpr, LimitClause, ObjectName, Query, Select, SetExpr, TableFactor,
    TableWithJoins, Top, TopQuantity, Value,
};
use varistor_model::Intent;

use super::change;
use crate::{Effect, Effects, words};
use columns::Columns;

/// From how many rows on a result about people is a bulk export.
const BULK_ROWS: u64 = 10_000;
/// How deep queries are followed into each other.
const DEPTH_MAX: usize = 24;

/// What this query does.
pub(super) fn effects(query: &Query) -> Effects {
    let mut walk = Walk {
        tables: Vec::new(),
        effects: Effects::default(),
        depth: 0,
    };
    walk.effects
        .push(Effect::new(Intent::Read, 92, "sql.select"));
    walk.query(query, Bounds::default());
    walk.effects
}

/// What bounds the rows that come out, from the outside in.
#[derive(Clone, Copy, Debug, Default)]
struct Bounds {
    /// At most so many, where that is said.
    rows: Option<u64>,
    /// Whether a condition picks rows.
    is_filtered: bool,
}

impl Bounds {
    fn at_most(self, rows: Option<u64>) -> Self {
        Self {
            rows: match (self.rows, rows) {
                (Some(a), Some(b)) => Some(a.min(b)),
                (a, b) => a.or(b),
            },
            ..self
        }
    }

    /// Whether so many rows of a table come out that it is as good as the whole.
    fn is_bulk(self) -> bool {
        match self.rows {
            Some(rows) => rows >= BULK_ROWS,
            None => !self.is_filtered,
        }
    }
}

struct Walk<'q> {
    /// Named queries in front of the query, innermost last.
    tables: Vec<(&'q str, &'q Query)>,
    effects: Effects,
    depth: usize,
}

impl<'q> Walk<'q> {
    fn query(&mut self, query: &'q Query, bounds: Bounds) {
        if self.depth >= DEPTH_MAX {
            return self
                .effects
                .push(Effect::new(Intent::Write, 40, "sql.too_deep"));
        }
        self.depth = self.depth.saturating_add(1);
        let named = self.tables.len();
        for table in query.with.iter().flat_map(|with| &with.cte_tables) {
            // What a named query changes happens, whether or not it is used.
            self.changes(&table.query);
            self.tables
                .push((table.alias.name.value.as_str(), &table.query));
        }
        let bounds = bounds
            .at_most(query.limit_clause.as_ref().and_then(limit))
            .at_most(query.fetch.as_ref().and_then(fetched));
        self.body(&query.body, bounds);
        self.tables.truncate(named);
        self.depth = self.depth.saturating_sub(1);
    }

    fn changes(&mut self, query: &Query) {
        if let SetExpr::Insert(statement)
        | SetExpr::Update(statement)
        | SetExpr::Delete(statement)
        | SetExpr::Merge(statement) = &*query.body
        {
            self.effects.push(change::inside(statement));
        }
    }

    fn body(&mut self, body: &'q SetExpr, bounds: Bounds) {
        match body {
            SetExpr::Select(select) => self.select(select, bounds),
            SetExpr::Query(query) => self.query(query, bounds),
            SetExpr::SetOperation { left, right, .. } => {
                self.body(left, bounds);
                self.body(right, bounds);
            }
            SetExpr::Table(table) => {
                if let Some(name) = &table.table_name {
                    self.table(&name.value, &Columns::all(), bounds);
                }
            }
            SetExpr::Insert(statement)
            | SetExpr::Update(statement)
            | SetExpr::Delete(statement)
            | SetExpr::Merge(statement) => self.effects.push(change::inside(statement)),
            SetExpr::Values(_) => {}
        }
    }

    fn select(&mut self, select: &'q Select, bounds: Bounds) {
        if select.into.is_some() {
            self.effects
                .push(Effect::new(Intent::Write, 85, "sql.select_into"));
        }
        let filter = select.selection.as_ref().or(select.prewhere.as_ref());
        let filters = filter.is_some_and(|filter| {
            let is_whole = change::is_always_true(filter) || change::spans_everything(filter);
            !is_whole && !is_any_value(filter)
        });
        let mut bounds = bounds.at_most(select.top.as_ref().and_then(topmost));
        bounds.is_filtered |= filters || select.having.is_some() || select.qualify.is_some();
        let columns = Columns::of(&select.projection);
        let is_grouped = match &select.group_by {
            GroupByExpr::All(_) => true,
            GroupByExpr::Expressions(expressions, _) => !expressions.is_empty(),
        };
        if bounds.rows == Some(0) || (columns.are_aggregates && !columns.collects) {
            return;
        }
        if columns.secret && !select.from.is_empty() {
            self.effects
                .push(Effect::new(Intent::Exfiltrative, 85, "sql.reads_secret"));
        }
        if is_grouped && !columns.collects {
            return;
        }
        for table in &select.from {
            self.joined(table, &columns, bounds);
        }
    }

    fn joined(&mut self, table: &'q TableWithJoins, columns: &Columns, bounds: Bounds) {
        self.factor(&table.relation, columns, bounds);
        for join in &table.joins {
            self.factor(&join.relation, columns, bounds);
        }
    }

    fn factor(&mut self, factor: &'q TableFactor, columns: &Columns, bounds: Bounds) {
        match factor {
            TableFactor::Table { name, .. } => self.named(name, columns, bounds),
            TableFactor::Derived { subquery, .. } => self.query(subquery, bounds),
            TableFactor::NestedJoin {
                table_with_joins, ..
            } if self.depth < DEPTH_MAX => {
                self.depth = self.depth.saturating_add(1);
                self.joined(table_with_joins, columns, bounds);
                self.depth = self.depth.saturating_sub(1);
            }
            _ => {}
        }
    }

    fn named(&mut self, name: &ObjectName, columns: &Columns, bounds: Bounds) {
        let parts: Vec<&str> = name
            .0
            .iter()
            .filter_map(|part| part.as_ident().map(|ident| ident.value.as_str()))
            .collect();
        let schemas = [
            "information_schema",
            "pg_catalog",
            "sys",
            "sqlite_master",
            "sqlite_schema",
        ];
        if parts.iter().any(|part| {
            schemas
                .iter()
                .any(|schema| part.eq_ignore_ascii_case(schema))
        }) && !parts.iter().any(|part| words::is_secret_table(part))
        {
            return;
        }
        if let [only] = parts.as_slice() {
            let known = self
                .tables
                .iter()
                .rposition(|(known, _)| known.eq_ignore_ascii_case(only));
            if let Some((_, query)) = known.and_then(|at| self.tables.get(at)).copied() {
                // Its own name means another table inside of it: a query never leads to itself.
                let kept = self.tables.split_off(known.unwrap_or_default());
                self.query(query, bounds);
                self.tables.extend(kept);
                return;
            }
        }
        let joined = parts.join(".").to_ascii_lowercase();
        if joined.ends_with("mysql.user") {
            return self
                .effects
                .push(Effect::new(Intent::Exfiltrative, 82, "sql.reads_secret"));
        }
        if let Some(last) = parts.last() {
            self.table(last, columns, bounds);
        }
    }

    fn table(&mut self, name: &str, columns: &Columns, bounds: Bounds) {
        if columns.everything && words::is_secret_table(name) {
            self.effects
                .push(Effect::new(Intent::Exfiltrative, 75, "sql.reads_secret"));
        }
        if !bounds.is_bulk() {
            return;
        }
        let is_people = words::is_about_people(name);
        match () {
            () if is_people && columns.everything => {
                self.effects.push(Effect::new(
                    Intent::Exfiltrative,
                    88,
                    "sql.reads_all_people",
                ));
            }
            () if columns.contact || (is_people && columns.personal) => {
                let percent = if is_people { 82 } else { 68 };
                self.effects.push(Effect::new(
                    Intent::Exfiltrative,
                    percent,
                    "sql.reads_all_people",
                ));
            }
            () => {}
        }
    }
}

/// Whether a condition only asks that something is known, as it mostly is: `country IS NOT NULL`,
/// but not `deleted_at IS NOT NULL`.
fn is_any_value(filter: &Expr) -> bool {
    let name = match filter {
        Expr::Nested(inner) => return is_any_value(inner),
        Expr::IsNotNull(inner) => match inner.as_ref() {
            Expr::Identifier(name) => Some(name),
            Expr::CompoundIdentifier(names) => names.last(),
            _ => None,
        },
        _ => None,
    };
    name.is_some_and(|name| {
        let name = name.value.to_ascii_lowercase();
        let rare = ["_at", "_on", "_date", "_until", "_by", "reason"];
        !rare.iter().any(|end| name.ends_with(end))
    })
}

fn limit(clause: &LimitClause) -> Option<u64> {
    match clause {
        LimitClause::LimitOffset { limit, .. } => limit.as_ref().and_then(number),
        LimitClause::OffsetCommaLimit { limit, .. } => number(limit),
    }
}

fn fetched(fetch: &Fetch) -> Option<u64> {
    match &fetch.quantity {
        _ if fetch.percent => None,
        Some(quantity) => number(quantity),
        None => Some(1),
    }
}

fn topmost(top: &Top) -> Option<u64> {
    match &top.quantity {
        _ if top.percent => None,
        Some(TopQuantity::Constant(rows)) => Some(*rows),
        Some(TopQuantity::Expr(expression)) => number(expression),
        None => None,
    }
}

/// The number of a limit; one that is a placeholder counts as a page.
fn number(expression: &Expr) -> Option<u64> {
    match expression {
        Expr::Value(value) => match &value.value {
            Value::Number(number, _) => Some(number.parse().unwrap_or(u64::MAX)),
            Value::Placeholder(_) => Some(PAGE_ROWS),
            _ => None,
        },
        Expr::Nested(inner) => number(inner),
        Expr::Identifier(name) if !name.value.eq_ignore_ascii_case("all") => Some(PAGE_ROWS),
        _ => None,
    }
}

/// How many rows a limit without known number stands for.
const PAGE_ROWS: u64 = 100;
