//! Keeps access tokens for servers that want one: gets them, renews them while the ones before
//! still hold, and lays them where workers take them. On the control thread, never on a worker.
//!
//! Whom to ask stands in the signed snapshot, the secrets in the vault. A token that could not be
//! renewed is used until its time is over; then the server's calls are refused.

mod exchange;
mod fetch;
mod logins;
mod place;
mod row;
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

use super::safe::Safe;
use super::{Control, Journal};
use crate::log;
use fetch::Missed;
use row::{News, Row};

pub(crate) use place::Place;
pub(super) use place::of;
pub(super) use told::{add_status, metrics};

/// How often it is seen whether a token is due.
const LOOK: Duration = Duration::from_millis(100);
/// After this an attempt that has not ended counts as failed.
const OVERDUE: Duration = Duration::from_secs(120);
/// How soon after an attempt a server's refusal of the token causes the next one.
const DOUBT: Duration = Duration::from_secs(10);

/// The tokens of all servers of the policy in service.
#[derive(Default)]
pub(crate) struct Tokens(RefCell<State>);

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    /// Those of servers that callers' own are exchanged for.
    exchangers: exchange::Exchangers,
    /// The publication that this follows.
    version: Option<u64>,
    /// The vault in which its logins were.
    seen: Option<logins::Stamp>,
}

/// Looks after them until the gateway ends.
pub(super) async fn keep(control: Rc<Control>, journal: Rc<Journal>) {
    loop {
        follow(&control);
        exchange::settle(&control);
        exchange::begin(&control, &journal);
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
                let news = heard(&control, (&place, &bearer), (began_unix_ns, found));
                tell(&journal, &place, news).await;
            });
        }
        tokio::select! {
            () = tokio::time::sleep(LOOK) => {}
            () = control.hub.wanted.notified() => {}
        }
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
        let safe = Safe::of(&control.dir, &published.lent);
        match of(&safe, serving.policy()) {
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
        self.exchangers.take(places, serving);
        let mut before = core::mem::take(&mut self.rows);
        let mut accounts: HashMap<u32, HashMap<OwnerId, Arc<Bearer>>> = HashMap::new();
        for place in places.iter().filter(|place| !place.exchanges) {
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
        for (at, server) in (0..).zip(serving.policy().servers.iter()) {
            let bearers = serving.bearers();
            if let Some(each) = bearers.each(at) {
                each.put(accounts.remove(&at).unwrap_or_default());
            }
            let wants_login = server.oauth.as_ref().is_some_and(|oauth| oauth.login != 0);
            let is_there = || self.rows.iter().any(|row| row.place.server == *server.name);
            if let Some(bearer) = bearers.shared(at).filter(|_| wants_login && !is_there()) {
                bearer.forget();
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
    let mut issued = fetch::token(place, &endpoints, None).await?;
    if let Some(refresh) = issued.refresh.take() {
        logins::renew(dir, place, refresh).await;
    }
    Ok((issued, endpoints))
}

/// Takes what came of an attempt.
fn heard(
    control: &Control,
    (place, bearer): (&Place, &Arc<Bearer>),
    (began_unix_ns, found): (u64, Result<(Issued, Endpoints), Missed>),
) -> News {
    let state = &mut *control.authorities.tokens.0.borrow_mut();
    let mut rows = state.rows.iter_mut();
    // Another policy may serve by now, or somebody else may have logged in.
    let is_of =
        |row: &&mut Row| Arc::ptr_eq(&row.bearer, bearer) && row.place.account() == place.account();
    let Some(row) = rows.find(is_of) else {
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
