//! Looks at what identity providers publish: at the start, every few minutes, and when a token
//! names a key that nobody has seen. On the control thread, never on a worker.
//!
//! Whom to ask stands in the signed snapshot; the answer is believed because TLS says that it is
//! theirs. Refuses metadata of another issuer, and addresses that policy does not let it go to.

mod told;

use core::cell::RefCell;
use std::collections::BTreeMap;
use std::rc::Rc;
use std::sync::Arc;
use std::time::{Duration, Instant};

use anyhow::Context as _;
use hyper::Method;
use varistor_audit::{Event, IdentityEvent};
use varistor_identity::{Fetching, Key, KeyRing, Next};
use varistor_notify::{Asked, Target, Trust, ask};
use varistor_pipeline::identities::{Origin, origin};
use varistor_snapshot::schema::{ArchivedIdentityProvider, ArchivedKeySource, ArchivedPolicy};

use super::{Control, Journal, names, publish};
use crate::log;

pub(super) use told::{metrics, status};

/// How often it is seen whether a look is due.
const LOOK: Duration = Duration::from_secs(1);
/// How soon it is tried again when a look has failed.
const RETRY: Duration = Duration::from_secs(30);
/// After this a look that has not ended counts as failed.
const OVERDUE: Duration = Duration::from_secs(90);

/// A provider of a policy, ready to be asked.
pub(crate) struct Place {
    /// Its place among the providers of the snapshot.
    at: usize,
    name: String,
    issuer: String,
    origin: Origin,
    /// Its key set, where policy names it.
    keys_url: Option<String>,
    /// Whether there is nobody to ask.
    from_file: bool,
    trust: Trust,
    refresh: Duration,
    keep_s: u64,
    /// When the keys in the snapshot were looked at.
    compiled_unix_s: u64,
}

/// The providers of a policy.
///
/// # Errors
/// When one can't be asked.
pub(super) fn of(policy: &ArchivedPolicy) -> anyhow::Result<Vec<Arc<Place>>> {
    let rows = policy.identity_providers.iter().enumerate();
    rows.map(|(at, row)| place(at, row).with_context(|| format!("identity provider {}", row.name)))
        .collect()
}

fn place(at: usize, row: &ArchivedIdentityProvider) -> anyhow::Result<Arc<Place>> {
    let roots = match row.ca.as_ref() {
        None if matches!(row.source, ArchivedKeySource::File) => Vec::new(),
        ca => publish::roots(ca.map(|path| path.as_str()))?,
    };
    let trust = Trust::new(roots, (row.allow_private, false), |host, port, private| {
        Box::pin(names::resolve_checked(host, port, private))
    })?;
    Ok(Arc::new(Place {
        at,
        name: row.name.as_str().to_owned(),
        issuer: row.issuer.as_str().to_owned(),
        origin: origin(row),
        keys_url: match &row.source {
            ArchivedKeySource::Url(url) => Some(url.as_str().to_owned()),
            ArchivedKeySource::Metadata | ArchivedKeySource::File => None,
        },
        from_file: matches!(row.source, ArchivedKeySource::File),
        trust,
        refresh: Duration::from_secs(row.refresh_s.to_native()),
        keep_s: row.keep_s.to_native(),
        compiled_unix_s: row.keys_unix_s.to_native(),
    }))
}

/// One provider and what is known of it.
struct Row {
    place: Arc<Place>,
    /// When its keys were last looked at with success, in seconds since 1970; 0: never.
    seen_unix_s: u64,
    looks: u64,
    failures: u64,
    error: Option<String>,
    due: Instant,
    /// Until when a look is thought to be under way.
    asking: Option<Instant>,
}

/// All providers of the policy in service.
#[derive(Default)]
pub(crate) struct Providers(RefCell<State>);

#[derive(Default)]
struct State {
    rows: Vec<Row>,
    /// The publication that this follows.
    version: Option<u64>,
}

/// Looks after them until the gateway ends.
pub(super) async fn keep(control: Rc<Control>, journal: Rc<Journal>) {
    loop {
        follow(&control);
        sweep(&control);
        for place in due(&control) {
            let (control, journal) = (Rc::clone(&control), Rc::clone(&journal));
            tokio::task::spawn_local(async move {
                let keys = published(&place).await;
                heard(&control, &journal, (&place, keys)).await;
            });
        }
        tokio::select! {
            () = control.hub.seeking.woken() => {}
            () = tokio::time::sleep(LOOK) => {}
        }
    }
}

/// Takes up the providers of another policy. What was seen of those that stay, stays, unless the
/// snapshot holds what was seen later, or a file, which is seen nowhere else.
fn follow(control: &Control) {
    let version = control.hub.version();
    if control.authorities.identity.0.borrow().version == Some(version) {
        return;
    }
    let published = control.hub.published();
    let identities = published.serving.identities();
    let now_unix_s = control.clock.now().unix_s();
    let seen = control.hub.seeking.rings.all();
    let state = &mut *control.authorities.identity.0.borrow_mut();
    let mut before = core::mem::take(&mut state.rows);
    let mut rings = BTreeMap::new();
    for place in &published.identities {
        let same = |row: &Row| row.place.origin == place.origin;
        let kept = before
            .iter()
            .position(same)
            .map(|at| before.swap_remove(at));
        let compiled = identities
            .compiled(place.at)
            .map(Arc::clone)
            .unwrap_or_default();
        let known = kept.as_ref().map_or(0, |row| row.seen_unix_s);
        let ring = match seen.get(&place.origin) {
            None => compiled,
            Some(ring) if place.from_file || place.compiled_unix_s >= known => {
                let keys = compiled.published().cloned().collect();
                Arc::new(ring.renewed(keys, now_unix_s, place.keep_s))
            }
            Some(ring) => Arc::clone(ring),
        };
        rings.insert(place.origin.clone(), ring);
        let row = kept.unwrap_or_else(|| begun(place));
        state.rows.push(Row {
            place: Arc::clone(place),
            seen_unix_s: match place.from_file {
                true => place.compiled_unix_s,
                false => known.max(place.compiled_unix_s),
            },
            due: row.due.min(Instant::now() + place.refresh),
            ..row
        });
    }
    state.version = Some(version);
    control.hub.seeking.rings.put(rings);
    let asked = published.identities.iter().filter(|place| !place.from_file);
    let origins: Vec<Origin> = asked.map(|place| place.origin.clone()).collect();
    control.hub.seeking.follow(&origins);
}

/// A provider that was not asked yet: at once.
fn begun(place: &Arc<Place>) -> Row {
    Row {
        place: Arc::clone(place),
        seen_unix_s: 0,
        looks: 0,
        failures: 0,
        error: None,
        due: Instant::now(),
        asking: None,
    }
}

/// Lets go of keys that their providers have dropped for long enough.
fn sweep(control: &Control) {
    let now_unix_s = control.clock.now().unix_s();
    let rings = control.hub.seeking.rings.all();
    let swept = |row: &Row| {
        let place = &row.place;
        let ring = rings.get(&place.origin)?.swept(now_unix_s, place.keep_s)?;
        Some((place.origin.clone(), Arc::new(ring)))
    };
    let state = control.authorities.identity.0.borrow();
    let changed: Vec<_> = state.rows.iter().filter_map(swept).collect();
    if !changed.is_empty() {
        let mut rings = BTreeMap::clone(&rings);
        rings.extend(changed);
        control.hub.seeking.rings.put(rings);
    }
}

/// Those that are to be looked at now.
fn due(control: &Control) -> Vec<Arc<Place>> {
    let now = Instant::now();
    let now_ns = control.clock.mono_ns();
    let state = &mut *control.authorities.identity.0.borrow_mut();
    let rows = state.rows.iter_mut().filter(|row| {
        let is_wanted = || control.hub.seeking.is_due(&row.place.origin, now_ns);
        let is_free = row.asking.is_none_or(|until| now >= until);
        !row.place.from_file && is_free && (row.due <= now || is_wanted())
    });
    rows.map(|row| {
        row.asking = Some(now + OVERDUE);
        control.hub.seeking.begin(&row.place.origin);
        Arc::clone(&row.place)
    })
    .collect()
}

/// The keys that a provider publishes; the error is for a person.
async fn published(place: &Place) -> Result<Vec<Key>, String> {
    let mut fetching = Fetching::begin(&place.issuer, place.keys_url.as_deref());
    loop {
        let url = fetching.url().to_owned();
        let target = Target::read(&url, false).map_err(|error| format!("{url}: {error}"))?;
        let asked = Asked {
            method: Method::GET,
            suffix: "",
            media: "application/json",
            fields: &[("accept", "application/json")],
            body: Vec::new(),
        };
        let answer = ask(&target, &place.trust, asked).await;
        let (status, body) = answer.map_err(|failure| format!("{url}: {failure}"))?;
        match fetching
            .answered(status, &body)
            .map_err(|error| error.to_string())?
        {
            Next::Get(_) => {}
            Next::Keys(set) => return Ok(set.keys),
        }
    }
}

/// Takes what came of a look.
async fn heard(
    control: &Control,
    journal: &Journal,
    (place, keys): (&Place, Result<Vec<Key>, String>),
) {
    let now = control.clock.now();
    let rings = control.hub.seeking.rings.all();
    let Some(before) = rings.get(&place.origin) else {
        // Another policy serves by now.
        return;
    };
    let (ring, error) = match keys {
        Ok(keys) => (Some(before.renewed(keys, now.unix_s(), place.keep_s)), None),
        Err(error) => (None, Some(error)),
    };
    let changed = ring.as_ref().map(|ring| changes(before, ring));
    if let Some(ring) = &ring {
        let mut rings = BTreeMap::clone(&rings);
        rings.insert(place.origin.clone(), Arc::new(ring.clone()));
        control.hub.seeking.rings.put(rings);
    }
    control
        .hub
        .seeking
        .settle(&place.origin, ring.as_ref(), now.mono_ns);
    let failed_before = {
        let state = &mut *control.authorities.identity.0.borrow_mut();
        let mut rows = state.rows.iter_mut();
        let Some(row) = rows.find(|row| row.place.origin == place.origin) else {
            return;
        };
        row.asking = None;
        row.looks = row.looks.saturating_add(1);
        row.due = Instant::now()
            + match error {
                None => place.refresh,
                Some(_) => RETRY.min(place.refresh),
            };
        match error {
            None => row.seen_unix_s = now.unix_s(),
            Some(_) => row.failures = row.failures.saturating_add(1),
        }
        core::mem::replace(&mut row.error, error.clone()).is_some()
    };
    tell(journal, place, (changed, error, failed_before)).await;
}

/// Ids of keys that are published for the first time, and that are not any more.
type Changes = (Vec<String>, Vec<String>);

fn changes(before: &KeyRing, after: &KeyRing) -> Changes {
    let only = |one: &KeyRing, other: &KeyRing| {
        let is_new = |key: &&Key| !other.published().any(|known| known == *key);
        let keys = one.published().filter(is_new);
        keys.map(|key| key.id().to_owned()).collect()
    };
    (only(after, before), only(before, after))
}

/// Puts into the log what is new about a provider.
async fn tell(
    journal: &Journal,
    place: &Place,
    (changed, error, failed_before): (Option<Changes>, Option<String>, bool),
) {
    let (provider, issuer) = (place.name.as_str(), place.issuer.as_str());
    if let Some(error) = error.filter(|_| !failed_before) {
        log::warning(format_args!(
            "identity provider {provider}: its keys can't be looked at, so the known ones stay: \
             {error}"
        ));
        let event = IdentityEvent::Failed {
            provider,
            issuer,
            error: &error,
        };
        return journal.record(&Event::Identity(event)).await;
    }
    let Some((added, dropped)) = changed else {
        return;
    };
    if added.is_empty() && dropped.is_empty() {
        return;
    }
    log::info(format_args!(
        "identity provider {provider}: {} new keys, {} dropped",
        added.len(),
        dropped.len()
    ));
    let event = IdentityEvent::Keys {
        provider,
        issuer,
        added: &added,
        dropped: &dropped,
    };
    journal.record(&Event::Identity(event)).await;
}
