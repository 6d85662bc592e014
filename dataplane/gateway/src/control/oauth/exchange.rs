//! Exchanges callers' tokens for those of servers (RFC 8693), when calls wish for it.
//!
//! A caller's token goes to the authorization server that policy names, and nowhere else. What it
//! is exchanged for is kept in memory, for that very token, and no longer than it holds.

use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use serde_json::{Value, json};
use varistor_oauth::{Endpoints, Issued};
use varistor_pipeline::bearer::Lack;
use varistor_pipeline::exchanges::{Exchange, Exchanges, Wish};
use varistor_pipeline::serving::Serving;

use super::fetch::{self, Missed};
use super::row::{News, times};
use super::{Control, Journal, OVERDUE, Place, tell};
use crate::log;

/// Exchanges of one server that are under way at once, at most.
const AT_ONCE: usize = 32;
/// Between two times that workers take note of new tokens: each makes them look at all. So long
/// where there are few of them, and where there are many.
const SETTLE: Duration = Duration::from_millis(100);
const SETTLE_MANY: Duration = Duration::from_secs(1);
const MANY: usize = 256;
/// How often tokens that are over are given up, and refusals are told.
const SWEEP: Duration = Duration::from_secs(60);
const MS: u64 = 1_000_000;
/// When it is tried again after the authorization server failed, and after it refused a caller.
const FAILED_NS: u64 = 2_000 * MS;
const REFUSED_NS: u64 = 30_000 * MS;

/// The servers that callers' tokens are exchanged for.
#[derive(Default)]
pub(super) struct Exchangers {
    rows: Vec<Exchanger>,
    /// What came, to be laid down.
    obtained: Vec<Obtained>,
    /// When that was done last.
    settled: Option<Instant>,
    swept: Option<Instant>,
}

/// One of them.
struct Exchanger {
    place: Arc<Place>,
    all: Arc<Exchanges>,
    /// Where the last token came from.
    endpoints: Option<Endpoints>,
    under_way: usize,
    exchanged: u64,
    refused: u64,
    failures: u64,
    /// What went wrong last, unless an exchange went well since.
    error: Option<String>,
    /// Why a caller was refused last.
    refusal: Option<String>,
    /// When the log was told of one.
    told: Option<Instant>,
}

struct Obtained {
    exchange: Arc<Exchange>,
    issued: Issued,
    began_unix_ns: u64,
}

impl Exchangers {
    /// Takes up the servers of a policy.
    pub(super) fn take(&mut self, places: &[Arc<Place>], serving: &Serving) {
        let mut before = core::mem::take(&mut self.rows);
        for place in places.iter().filter(|place| place.exchanges) {
            let Some(all) = serving.bearers().exchanged(place.at) else {
                continue;
            };
            let kept = before.iter().position(|row| Arc::ptr_eq(&row.all, all));
            let kept = kept.map(|at| before.swap_remove(at));
            let (place, all) = (Arc::clone(place), Arc::clone(all));
            self.rows.push(match kept {
                Some(row) => Exchanger { place, ..row },
                None => Exchanger {
                    place,
                    all,
                    endpoints: None,
                    under_way: 0,
                    exchanged: 0,
                    refused: 0,
                    failures: 0,
                    error: None,
                    refusal: None,
                    told: None,
                },
            });
        }
    }

    /// Gives up what is over.
    fn sweep(&mut self, control: &Control) {
        if self.swept.is_some_and(|at| at.elapsed() < SWEEP) {
            return;
        }
        self.swept = Some(Instant::now());
        for row in &self.rows {
            row.all.sweep(control.clock.now());
        }
    }

    /// How it stands about those of a server, for `GET /v1/status`.
    pub(super) fn told(&self, server: &str, control: &Control) -> Option<Value> {
        let row = self.rows.iter().find(|row| row.place.server == server)?;
        Some(json!({
            "from": row.place.from(),
            "held": row.all.held(control.clock.now()),
            "exchanged": row.exchanged,
            "refused": row.refused,
            "failures": row.failures,
            "error": row.error,
            "refusal": row.refusal,
        }))
    }

    /// For metrics: server, held, exchanged, refused and failed.
    pub(super) fn counts(&self, control: &Control) -> Vec<(&str, [u64; 4])> {
        let now = control.clock.now();
        let of = |row: &Exchanger| {
            let held = u64::try_from(row.all.held(now)).unwrap_or(u64::MAX);
            [held, row.exchanged, row.refused, row.failures]
        };
        let rows = self.rows.iter();
        rows.map(|row| (row.place.server.as_str(), of(row)))
            .collect()
    }
}

/// Lays down what came, and has workers recognise it in what passes from now on.
pub(super) fn settle(control: &Control) {
    let obtained = {
        let state = &mut *control.authorities.tokens.0.borrow_mut();
        let all = &mut state.exchangers;
        all.sweep(control);
        if all.obtained.is_empty() {
            return;
        }
        let count = all.rows.iter().map(|row| row.all.count()).sum::<usize>();
        let pause = if count > MANY { SETTLE_MANY } else { SETTLE };
        let is_soon = all.settled.is_some_and(|at| at.elapsed() < pause);
        if is_soon {
            return;
        }
        all.settled = Some(Instant::now());
        core::mem::take(&mut all.obtained)
    };
    for Obtained {
        exchange,
        issued,
        began_unix_ns,
    } in obtained
    {
        let (next_ms, until_ms) = times(issued.lifetime_s);
        let after = |ms: u64| began_unix_ns.saturating_add(ms.saturating_mul(MS));
        // One that holds for no time is not asked for in a row.
        let next = after(next_ms).max(control.clock.now().unix_ns.saturating_add(FAILED_NS));
        exchange.put(&issued.access, (began_unix_ns, after(until_ms), next));
    }
    control.hub.renew_views();
}

/// Begins what calls wish for.
pub(super) fn begin(control: &Rc<Control>, journal: &Rc<Journal>) {
    let state = &mut *control.authorities.tokens.0.borrow_mut();
    for row in &mut state.exchangers.rows {
        while row.under_way < AT_ONCE {
            let Some(wish) = row.all.wished() else {
                break;
            };
            row.under_way = row.under_way.saturating_add(1);
            let attempt = Attempt {
                place: Arc::clone(&row.place),
                all: Arc::clone(&row.all),
                known: row.endpoints.clone(),
                wish,
            };
            let (control, journal) = (Rc::clone(control), Rc::clone(journal));
            tokio::task::spawn_local(attempt.made(control, journal));
        }
    }
}

struct Attempt {
    place: Arc<Place>,
    all: Arc<Exchanges>,
    known: Option<Endpoints>,
    wish: Wish,
}

impl Attempt {
    async fn made(self, control: Rc<Control>, journal: Rc<Journal>) {
        let began_unix_ns = control.clock.now().unix_ns;
        let found = tokio::time::timeout(OVERDUE, self.exchanged()).await;
        let found = found.unwrap_or_else(|_| Err("it did not answer in time".to_owned().into()));
        let news = self.heard(&control, (began_unix_ns, found));
        control.hub.wanted.notify_one();
        tell(&journal, &self.place, news).await;
    }

    async fn exchanged(&self) -> Result<(Issued, Endpoints), Missed> {
        let endpoints = match &self.known {
            Some(known) => known.clone(),
            None => fetch::endpoints(&self.place).await?,
        };
        let issued = fetch::token(&self.place, &endpoints, Some(&self.wish.subject)).await?;
        Ok((issued, endpoints))
    }

    fn heard(
        &self,
        control: &Control,
        (began_unix_ns, found): (u64, Result<(Issued, Endpoints), Missed>),
    ) -> News {
        let exchange = &self.wish.exchange;
        let now = control.clock.now().unix_ns;
        let state = &mut *control.authorities.tokens.0.borrow_mut();
        let mut rows = state.exchangers.rows.iter_mut();
        let Some(row) = rows.find(|row| Arc::ptr_eq(&row.all, &self.all)) else {
            // Another policy serves by now.
            exchange.refused(now, Lack::Token, now);
            return News::Nothing;
        };
        row.under_way = row.under_way.saturating_sub(1);
        match found {
            Ok((issued, endpoints)) => {
                row.endpoints = Some(endpoints);
                row.exchanged = row.exchanged.saturating_add(1);
                let is_news = row.error.take().is_some() || row.exchanged == 1;
                state.exchangers.obtained.push(Obtained {
                    exchange: Arc::clone(exchange),
                    issued,
                    began_unix_ns,
                });
                match is_news {
                    true => News::Obtained,
                    false => News::Nothing,
                }
            }
            Err(missed) if missed.is_of_caller => {
                row.refused = row.refused.saturating_add(1);
                let is_told = row.told.is_some_and(|at| at.elapsed() < SWEEP);
                if row.refusal.as_ref() != Some(&missed.why) && !is_told {
                    row.told = Some(Instant::now());
                    let server = &self.place.server;
                    log::warning(format_args!(
                        "server {server}: a caller's token is exchanged for nothing: {}",
                        missed.why
                    ));
                }
                row.refusal = Some(missed.why);
                exchange.refused(now, Lack::Refused, now.saturating_add(REFUSED_NS));
                News::Nothing
            }
            Err(missed) => {
                row.failures = row.failures.saturating_add(1);
                // Its endpoints may have moved.
                row.endpoints = None;
                exchange.refused(now, Lack::Token, now.saturating_add(FAILED_NS));
                match row.error.replace(missed.why.clone()) {
                    None => News::Failed(missed.why),
                    Some(_) => News::Nothing,
                }
            }
        }
    }
}
