//! What is told of access tokens: status and metrics. Never a token.

use serde_json::{Value, json};

use super::super::Control;
use super::super::metric::metric_of_each;
use super::{Row, follow};

/// Adds to a server's row of `GET /v1/status` how it stands about its access token.
pub(in super::super) fn add_status(control: &Control, server: &str, status: &mut Value) {
    // What is told is of the policy in service.
    follow(control);
    let state = control.authorities.tokens.0.borrow();
    let Some(row) = state.rows.iter().find(|row| row.place.server == server) else {
        return;
    };
    let told = |unix_s: u64| (unix_s > 0).then_some(unix_s);
    status["token"] = json!({
        "held": row.holds(control),
        "from": row.place.from(),
        "since_unix_s": told(row.since_unix_s),
        "until_unix_s": told(row.until_unix_s),
        "renewals": row.renewals,
        "failures": row.failures,
        "error": row.error,
    });
}

/// Appends their metrics, in the Prometheus text format.
pub(in super::super) fn metrics(control: &Control, text: &mut String) {
    follow(control);
    let state = control.authorities.tokens.0.borrow();
    if state.rows.is_empty() {
        return;
    }
    let mut add = |name: &str, said: (&str, &str), value: &dyn Fn(&Row) -> u64| {
        let rows = state
            .rows
            .iter()
            .map(|row| (row.place.server.as_str(), value(row)));
        metric_of_each(text, name, said, "server", rows);
    };
    let help = "1 while there is an access token for the server.";
    add("upstream_token_held", ("gauge", help), &|row| {
        u64::from(row.holds(control))
    });
    let help = "When the access token is not sent any more, in seconds since 1970.";
    add("upstream_token_until_seconds", ("gauge", help), &|row| {
        row.until_unix_s
    });
    let help = "Access tokens got for the server.";
    add("upstream_token_renewals_total", ("counter", help), &|row| {
        row.renewals
    });
    let help = "Attempts to get an access token for the server that failed.";
    add("upstream_token_failures_total", ("counter", help), &|row| {
        row.failures
    });
}

impl Row {
    fn holds(&self, control: &Control) -> bool {
        self.bearer.is_there(control.clock.now())
    }
}
