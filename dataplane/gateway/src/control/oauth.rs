//! Keeps access tokens for servers that want one: gets them, renews them while the ones before
//! still hold, and lays them where workers take them. On the control thread, never on a worker.
//!
//! Whom to ask stands in the signed snapshot, the secrets in the vault. A token that could not be
//! renewed is used until its time is over; then the server's calls are refused.

mod fetch;
mod logins;
mod place;
mod told;

use core::cell::RefCell;
use std::collections::HashMap;
use std::path::Path;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use varistor_audit::{CredentialEvent, Event};
use varistor_identity::OwnerId;
use varistor_oauth::{Endpoints, Issued};
use varistor_pipeline::bearer::Bearer;
use varistor_pipeline::serving::Serving;

use super::{Control, Journal};
use crate::log;
use fetch::Missed;

pub(crate) use place::Place;
pub(super) use place::of;
pub(super) use told::{add_status, metrics};

/// How often it is seen whether a token is due.
const LOOK: Duration = Duration::from_millis(100);
/// After this an attempt that has not ended counts as failed.
const OVERDUE: Duration = Duration::from_secs(120);
/// The first pause after a failure; it doubles with each one.
const PAUSE: Duration = Duration::from_secs(1);
/// The longest pause.
const PAUSE_MAX: Duration = Duration::from_secs(300);
/// How soon after an attempt a server's refusal of the token causes the next one.
const DOUBT: Duration = Duration::from_secs(10);
/// How long before its end a token is renewed, at most: a quarter of its time otherwise.
const LEAD_MS_MAX: u64 = 600_000;
/// How long before its end a token is not sent any more, at most: a tenth of its time otherwise.
const MARGIN_MS_MAX: u64 = 10_000;
/// When a token is renewed of which nobody says how long it holds.
const UNKNOWN_MS: u64 = 1_800_000;

/// The tokens of one server, or of one account there, and what is known of them.
struct Row {
    place: Arc<Place>,
    bearer: Arc<Bearer>,
    /// Where the last token came from.
    endpoints: Option<Endpoints>,
    /// When the token in use was got, and from when it is not sent any more; 0: nobody knows.
    since_unix_s: u64,
    until_unix_s: u64,
    renewals: u64,
    failures: u64,
    /// Failures since the last token.
    in_a_row: u32,
    error: Option<String>,
    tried: Instant,
    due: Instant,
    /// Until when an attempt is thought to be under way.
    asking: Option<Instant>,
}

/// The tokens of all servers of the policy in service.
#[derive(Default)]
pub(crate) struct Tokens(RefCell<State>);

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    /// The publication that this follows.
    version: Option<u64>,
    /// The vault in which its logins were.
    seen: Option<logins::Stamp>,
}

/// Looks after them until the gateway ends.
pub(super) async fn keep(control: Rc<Control>, journal: Rc<Journal>) {
    loop {
        follow(&control);
        for Attempt {
            place,
            bearer,
            known,
        } in due(&control)
        {
            let (control, journal) = (Rc::clone(&control), Rc::clone(&journal));
            tokio::task::spawn_local(async move {
                let began_unix_ns = control.clock.now().unix_ns;
                let found = obtained(&control.dir, &place, known).await;
                let news = heard(&control, &bearer, (began_unix_ns, found));
                tell(&journal, &place, news).await;
            });
        }
        tokio::time::sleep(LOOK).await;
    }
}

/// Takes up the servers of another policy, and what people have logged in to since. The tokens of
/// those that want the same stay.
fn follow(control: &Control) {
    let version = control.hub.version();
    let state = &mut *control.authorities.tokens.0.borrow_mut();
    let published = control.hub.published();
    let serving = &published.serving;
    if state.version == Some(version) {
        let stamp = logins::stamp(&control.dir, serving.policy());
        if stamp == state.seen {
            return;
        }
        state.seen = stamp;
        match of(&control.dir, serving.policy()) {
            Ok(places) => state.take(&places, serving),
            Err(error) => log::warning(format_args!(
                "the vault can't be read, so logins stay as they were: {error:#}"
            )),
        }
        return;
    }
    // Before what was read of it counts: whoever changes it meanwhile is seen at the next look.
    state.seen = None;
    state.take(&published.tokens, serving);
    state.version = Some(version);
}

impl State {
    fn take(&mut self, places: &[Arc<Place>], serving: &Serving) {
        let mut before = core::mem::take(&mut self.rows);
        let mut accounts: HashMap<u32, HashMap<OwnerId, Arc<Bearer>>> = HashMap::new();
        for place in places {
            let account = place.account();
            let same = |row: &Row| match serving.bearers().shared(place.at) {
                Some(bearer) => Arc::ptr_eq(&row.bearer, bearer) && row.place.account() == account,
                None => row.place.server == place.server && row.place.account() == account,
            };
            let kept = before.iter().position(same);
            let kept = kept.map(|at| before.swap_remove(at));
            let bearer = match (&kept, serving.bearers().shared(place.at)) {
                (_, Some(bearer)) => Arc::clone(bearer),
                (Some(row), None) => Arc::clone(&row.bearer),
                (None, None) => Arc::default(),
            };
            if let (Some((owner, _)), Some(_)) = (account, serving.bearers().each(place.at)) {
                let of_server = accounts.entry(place.at).or_default();
                of_server.insert(owner, Arc::clone(&bearer));
            }
            self.rows.push(Row::of(place, bearer, kept));
        }
        for at in (0..).take(serving.policy().servers.len()) {
            if let Some(each) = serving.bearers().each(at) {
                each.put(accounts.remove(&at).unwrap_or_default());
            }
        }
    }
}

/// One attempt to get a token.
struct Attempt {
    place: Arc<Place>,
    bearer: Arc<Bearer>,
    /// Where the last one came from.
    known: Option<Endpoints>,
}

/// Those that are to be asked for now.
fn due(control: &Control) -> Vec<Attempt> {
    let now = Instant::now();
    let state = &mut *control.authorities.tokens.0.borrow_mut();
    let mut all = Vec::new();
    for row in &mut state.rows {
        if row.bearer.take_doubt() {
            row.due = row.due.min(row.tried + DOUBT);
        }
        if row.due > now || row.asking.is_some_and(|until| now < until) {
            continue;
        }
        (row.tried, row.asking) = (now, Some(now + OVERDUE));
        all.push(Attempt {
            place: Arc::clone(&row.place),
            bearer: Arc::clone(&row.bearer),
            known: row.endpoints.clone(),
        });
    }
    all
}

async fn obtained(
    dir: &Path,
    place: &Arc<Place>,
    known: Option<Endpoints>,
) -> Result<(Issued, Endpoints), Missed> {
    let endpoints = match (known, logins::endpoints(place)) {
        (_, Some(of_login)) => of_login,
        (Some(known), None) => known,
        (None, None) => fetch::endpoints(place).await?,
    };
    let mut issued = fetch::token(place, &endpoints).await?;
    if let Some(refresh) = issued.refresh.take() {
        logins::renew(dir, place, refresh).await;
    }
    Ok((issued, endpoints))
}

/// When a token is renewed, and until when it is sent, in milliseconds from when it was asked for.
const fn times(lifetime_s: Option<u64>) -> (u64, u64) {
    const fn least(one: u64, other: u64) -> u64 {
        if one < other { one } else { other }
    }
    let Some(seconds) = lifetime_s else {
        return (UNKNOWN_MS, u64::MAX);
    };
    let ms = seconds.saturating_mul(1_000);
    let renewed = ms.saturating_sub(least(ms / 4, LEAD_MS_MAX));
    (renewed, ms.saturating_sub(least(ms / 10, MARGIN_MS_MAX)))
}

/// How long it is waited after this many failures; `chance` is any number.
fn pause(failures: u32, chance: u64) -> Duration {
    let doublings = failures.saturating_sub(1).min(16);
    let whole = PAUSE.saturating_mul(1 << doublings).min(PAUSE_MAX);
    let half = whole / 2;
    let spread = u64::try_from(half.as_millis()).unwrap_or(u64::MAX);
    half + Duration::from_millis(chance.checked_rem(spread).unwrap_or(0))
}

/// Takes what came of an attempt.
fn heard(
    control: &Control,
    bearer: &Arc<Bearer>,
    (began_unix_ns, found): (u64, Result<(Issued, Endpoints), Missed>),
) -> News {
    let state = &mut *control.authorities.tokens.0.borrow_mut();
    let mut rows = state.rows.iter_mut();
    // Another policy may serve by now.
    let Some(row) = rows.find(|row| Arc::ptr_eq(&row.bearer, bearer)) else {
        return News::Nothing;
    };
    row.asking = None;
    if found.is_err() {
        bearer.missed();
    }
    match found {
        Ok(found) => {
            let news = row.take(found, began_unix_ns);
            // From the next request on, scanners know this token.
            control.hub.renew_views();
            news
        }
        Err(missed) => row.miss(missed),
    }
}

/// Puts into the log what is new.
async fn tell(journal: &Journal, place: &Place, news: News) {
    let (server, from) = (place.server.as_str(), place.from());
    match news {
        News::Nothing => {}
        News::Obtained => {
            log::info(format_args!(
                "server {server}: has an access token from {from}"
            ));
            let event = CredentialEvent::Obtained { server, from };
            journal.record(&Event::Credential(event)).await;
        }
        News::Failed(error) => {
            log::warning(format_args!(
                "server {server}: no new access token, so it gets no calls once the one before is \
                 over: {error}"
            ));
            let error = &error;
            let event = CredentialEvent::Failed {
                server,
                from,
                error,
            };
            journal.record(&Event::Credential(event)).await;
        }
    }
}

/// What is worth telling of an attempt.
enum News {
    Nothing,
    /// There is a token, for the first time or again.
    Obtained,
    /// There is none, for the first time since there was.
    Failed(String),
}

impl Row {
    fn of(place: &Arc<Place>, bearer: Arc<Bearer>, kept: Option<Self>) -> Self {
        let now = Instant::now();
        match kept {
            Some(row) => Self {
                // What was rotated last counts, also where it could not be kept.
                place: place.with_refresh_of(&row.place),
                // What went wrong may be another secret now.
                due: match row.error.is_some() && !Arc::ptr_eq(&row.place, place) {
                    true => now,
                    false => row.due,
                },
                bearer,
                ..row
            },
            None => Self {
                place: Arc::clone(place),
                bearer,
                endpoints: None,
                since_unix_s: 0,
                until_unix_s: 0,
                renewals: 0,
                failures: 0,
                in_a_row: 0,
                error: None,
                tried: now,
                due: now,
                asking: None,
            },
        }
    }

    fn take(&mut self, (token, endpoints): (Issued, Endpoints), began_unix_ns: u64) -> News {
        const MS: u64 = 1_000_000;
        let (renewed_ms, until_ms) = times(token.lifetime_s);
        let until_unix_ns = began_unix_ns.saturating_add(until_ms.saturating_mul(MS));
        self.bearer.put(&token.access, until_unix_ns);
        let is_new = self.since_unix_s == 0 || self.error.is_some();
        self.endpoints = Some(endpoints);
        self.since_unix_s = began_unix_ns / (1_000 * MS);
        self.until_unix_s = match token.lifetime_s {
            Some(_) => until_unix_ns / (1_000 * MS),
            None => 0,
        };
        self.renewals = self.renewals.saturating_add(1);
        (self.in_a_row, self.error) = (0, None);
        // A token that holds for no time is not asked for in a row.
        self.due = self.tried + Duration::from_millis(renewed_ms).max(PAUSE);
        if is_new {
            News::Obtained
        } else {
            News::Nothing
        }
    }

    fn miss(&mut self, missed: Missed) -> News {
        self.failures = self.failures.saturating_add(1);
        self.in_a_row = self.in_a_row.saturating_add(1);
        let again = if missed.is_spent && self.place.login.is_some() {
            // Nothing but another login helps, and that is seen at once.
            self.in_a_row = self.in_a_row.max(16);
            "; log in again: varictl login "
        } else {
            ""
        };
        let server = if again.is_empty() {
            ""
        } else {
            &self.place.server
        };
        let error = format!("{}{again}{server}", missed.why);
        // Its endpoints may have moved.
        self.endpoints = None;
        self.due = Instant::now() + pause(self.in_a_row, getrandom::u64().unwrap_or(0));
        match self.error.replace(error.clone()) {
            None => News::Failed(error),
            Some(_) => News::Nothing,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_token_is_renewed_while_it_holds_and_not_sent_at_its_end() {
        for (lifetime_s, renewed_ms, until_ms) in [
            (4, 3_000, 3_600),
            (300, 225_000, 290_000),
            (3_600, 3_000_000, 3_590_000),
            (0, 0, 0),
        ] {
            assert_eq!(
                times(Some(lifetime_s)),
                (renewed_ms, until_ms),
                "{lifetime_s}"
            );
        }
        assert_eq!(times(None), (UNKNOWN_MS, u64::MAX));
    }

    #[test]
    fn failures_are_tried_again_ever_less_often() {
        for (failures, whole_s) in [(1, 1), (2, 2), (4, 8), (40, 300)] {
            for chance in [0, 17, u64::MAX] {
                let found = pause(failures, chance);
                let whole = Duration::from_secs(whole_s);
                assert!((whole / 2..=whole).contains(&found), "{failures} {found:?}");
            }
        }
    }
}
