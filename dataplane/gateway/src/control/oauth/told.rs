//! What is told of access tokens: status and metrics. Never a token.

use std::collections::BTreeSet;

use serde_json::{Value, json};

use super::super::Control;
use super::super::metric::metric_of_each;
use super::{Row, State, follow};

/// Accounts of one server that a status shows, at most.
const LOGINS_SHOWN: usize = 100;

/// Adds to a server's row of `GET /v1/status` how it stands about its access tokens: `token`,
/// `logins` where every caller has their own, or `exchange` where callers' own are exchanged.
pub(in super::super) fn add_status(control: &Control, server: &str, status: &mut Value) {
    // What is told is of the policy in service.
    follow(control);
    let state = control.authorities.tokens.0.borrow();
    let rows: Vec<_> = state.of(server).collect();
    let published = control.hub.published();
    let mut places = (0..).zip(published.serving.policy().servers.iter());
    let at = places.find(|(_, row)| row.name == *server);
    let each = at.and_then(|(at, _)| published.serving.bearers().each(at));
    if let Some(told) = state.exchangers.told(server, control) {
        status["exchange"] = told;
    } else if each.is_some() {
        let shown = rows.iter().take(LOGINS_SHOWN);
        status["logins"] = shown.map(|row| row.told(control)).collect();
        status["logins_count"] = json!(rows.len());
    } else if let Some(row) = rows.first() {
        status["token"] = row.told(control);
    }
}

/// Appends their metrics, in the Prometheus text format. Accounts of one server count together: how
/// many people there are is no label.
pub(in super::super) fn metrics(control: &Control, text: &mut String) {
    follow(control);
    let state = control.authorities.tokens.0.borrow();
    let servers: BTreeSet<&str> = state.rows.iter().map(|row| &*row.place.server).collect();
    let exchanged = state.exchangers.counts(control);
    if servers.is_empty() && exchanged.is_empty() {
        return;
    }
    type Of<'a> = (&'a dyn Fn(Vec<&Row>) -> u64, Option<usize>);
    let mut add = |name: &str, said: (&str, &str), (value, at): Of<'_>| {
        let rows = servers
            .iter()
            .map(|server| (*server, value(state.of(server).collect())));
        let counted = exchanged.iter();
        let counted = counted.filter_map(|(server, counts)| Some((*server, *counts.get(at?)?)));
        metric_of_each(text, name, said, "server", rows.chain(counted));
    };
    let help = "Access tokens that there are for the server.";
    let held = |rows: Vec<&Row>| {
        let each = rows.into_iter();
        each.map(|row| u64::from(row.holds(control))).sum()
    };
    add("upstream_token_held", ("gauge", help), (&held, Some(0)));
    let help = "When the next access token is not sent any more, in seconds since 1970.";
    let until = |rows: Vec<&Row>| {
        let each = rows.into_iter();
        each.map(|row| row.until_unix_s).min().unwrap_or(0)
    };
    add(
        "upstream_token_until_seconds",
        ("gauge", help),
        (&until, None),
    );
    let help = "Access tokens got for the server.";
    let renewals = |rows: Vec<&Row>| rows.into_iter().map(|row| row.renewals).sum();
    add(
        "upstream_token_renewals_total",
        ("counter", help),
        (&renewals, Some(1)),
    );
    let help = "Attempts to get an access token for the server that failed.";
    let failures = |rows: Vec<&Row>| rows.into_iter().map(|row| row.failures).sum();
    add(
        "upstream_token_failures_total",
        ("counter", help),
        (&failures, Some(3)),
    );
    let help = "Callers' tokens that the authorization server exchanged for nothing.";
    let refused = exchanged
        .iter()
        .map(|(server, [_, _, refused, _])| (*server, *refused));
    metric_of_each(
        text,
        "upstream_token_refusals_total",
        ("counter", help),
        "server",
        refused,
    );
}

impl State {
    fn of(&self, server: &str) -> impl Iterator<Item = &Row> {
        let is_of = move |row: &&Row| row.place.server == server;
        self.rows.iter().filter(is_of)
    }
}

impl Row {
    fn told(&self, control: &Control) -> Value {
        let told = |unix_s: u64| (unix_s > 0).then_some(unix_s);
        json!({
            "of": self.place.whose(),
            "held": self.holds(control),
            "from": self.place.from(),
            "since_unix_s": told(self.since_unix_s),
            "until_unix_s": told(self.until_unix_s),
            "renewals": self.renewals,
            "failures": self.failures,
            "error": self.error,
        })
    }

    fn holds(&self, control: &Control) -> bool {
        self.bearer.is_there(control.clock.now())
    }
}
