//! Finds the code among the arguments of an executor, and asks what it would do.
//!
//! Refuses to guess what code does: that is known in the crate `effect`. Code that is only shown,
//! checked or stored is not run, and not judged.

mod further;
mod graphql;
mod line;
mod look;

use varistor_effect::{self as effect, Effects, HttpRequest, Language, Outside, Tongue};
use varistor_model::{Intent, Span};

use crate::facts::{Facts, Slot};
use crate::ground::{Ground, Judgement};
use crate::lexicon::{Verb, about, verb};
use crate::profile::Profile;
use crate::table::Table;
use crate::values;
use crate::words;
use line::{line, with_plain};

/// Verbs whose tools look at code without running it.
static LOOKING: Table<64> = Table::of(&[(
    1,
    "format explain validate lint parse translate estimate check generate optimize optimise \
     analyze \
     review highlight beautify diff convert describe document suggest plan preview simulate",
)]);

/// Verbs whose tools keep code for later.
static KEEPING: Table<64> = Table::of(&[(
    1,
    "save create store add schedule publish register edit comment post reply rename upload push \
     search find list review open",
)]);

/// What the code among these arguments does, where there is some; follows it.
pub(crate) fn follow(
    profile: &Profile,
    facts: &Facts<'_>,
    outside: &dyn Outside,
    judgement: &mut Judgement,
) {
    if LOOKING.find(profile.verb_hash) != 0 || profile.only_looks() {
        if let Some((effects, span, _)) = request(profile, facts, outside)
            && effects.intent() == Some(Intent::Exfiltrative)
        {
            heed(judgement, &effects, span, false);
        }
        return;
    }
    let is_open = matches!(
        profile.verb,
        None | Some(Verb::Generic | Verb::Read | Verb::Write)
    );
    let is_kept = KEEPING.find(profile.verb_hash) != 0;
    // What an argument says is done is not undone by the look of another.
    let is_stated = facts
        .operation
        .is_some_and(|deed| deed.intent > Intent::Read && deed.intent == judgement.intent);
    for look in [database, query, command, script, look::anything] {
        if let Some((effects, span)) = look(profile, facts, outside) {
            // The body of a request says less than where it goes.
            let is_request = facts.slot(Slot::Method).is_some() && facts.slot(Slot::Url).is_some();
            let is_unread = |one: effect::Effect| one.evidence.ends_with(".unreadable");
            if is_request && effects.iter().all(is_unread) {
                break;
            }
            let is_searched = is_kept && !profile.has_open_name();
            if !is_searched {
                let is_weak =
                    |one: effect::Effect| one.evidence == "script.computes" || is_unread(one);
                let is_grave = judgement.intent >= Intent::Destructive;
                let is_lowered = is_stated && (is_grave || effects.iter().all(is_weak));
                heed(judgement, &effects, span, is_open && !is_lowered);
                further::heed(profile, facts, (outside, span), judgement);
            }
            return;
        }
    }
    if let Some((effects, span, is_deciding)) = request(profile, facts, outside) {
        if is_deciding {
            heed(judgement, &effects, span, is_open || profile.requests());
        } else if effects.intent() == Some(Intent::Exfiltrative) || is_confirmed(&effects) {
            // What leaves with the address leaves whatever the tool is for.
            heed(judgement, &effects, span, false);
        }
    }
}

/// Whether an address does what it names, and says that this is meant.
fn is_confirmed(effects: &Effects) -> bool {
    effects
        .gravest()
        .is_some_and(|effect| effect.evidence == "http.confirmed_path")
}

/// Follows effects: wherever they lead where the tool does nothing else, else only to what is
/// graver.
fn heed(judgement: &mut Judgement, effects: &Effects, span: Span, is_open: bool) {
    for (place, effect) in effects.iter().enumerate() {
        let ground =
            Ground::new(effect.evidence, effect.intent, effect.confidence_percent).at(Some(span));
        if place == 0 && is_open {
            judgement.decide(ground);
        } else {
            judgement.raise(ground);
        }
    }
}

type Found = Option<(Effects, Span)>;

/// SQL in a parameter of its own, steps for MongoDB, commands for Redis.
fn database(profile: &Profile, facts: &Facts<'_>, _: &dyn Outside) -> Found {
    if let Some((text, span)) = facts.slot(Slot::Sql) {
        return Some((with_plain(text, effect::query), span));
    }
    if let Some((text, span)) = facts.slot(Slot::Pipeline)
        && (profile.subjects & (about::MONGO | about::STORE) != 0
            || memchr::memmem::find(text.as_bytes(), b"\"$").is_some())
    {
        // Steps that write say so; a pipeline without any only reads.
        let mut effects = effect::mongo("aggregate", None);
        let steps = effect::mongo_text(text);
        if steps.iter().all(|step| step.evidence != "mongo.unreadable") {
            effects.extend(&steps);
        }
        return Some((effects, span));
    }
    let commanded = facts
        .slot(Slot::Command)
        .or_else(|| facts.slot(Slot::Arguments));
    // A command as an object, of whatever database: `{"find": "orders", "limit": 1}`.
    let of_databases = about::SQL | about::STORE | about::MONGO;
    if let Some((text, span)) = commanded
        && (text.starts_with('{') || text.starts_with('[') && profile.subjects & about::MONGO != 0)
        && (profile.subjects & about::MONGO != 0
            || profile.subjects & of_databases != 0 && effect::tongue(text) == Some(Tongue::Mongo))
    {
        return Some((effect::mongo_text(text), span));
    }
    if profile.subjects & about::REDIS != 0
        && let Some((text, span)) = commanded
    {
        let (line, span) = line(facts, "", text, span);
        return Some((effect::redis(line.text()), span));
    }
    None
}

/// A query whose language the tool or its look tells.
fn query(profile: &Profile, facts: &Facts<'_>, outside: &dyn Outside) -> Found {
    let of_sql = profile.subjects & about::SQL != 0;
    let is_run = of_sql || !matches!(profile.verb, Some(Verb::Write));
    let slot = facts.slot(Slot::Query).or_else(|| {
        let slots = [Slot::Script, Slot::Command, Slot::Body];
        let found = slots.into_iter().find_map(|slot| facts.slot(slot));
        found.filter(|_| of_sql || profile.subjects & about::GRAPHQL != 0)
    });
    let (text, span) = slot?;
    let first = text.trim_start_matches(|letter: char| !letter.is_alphanumeric() && letter != '{');
    match with_plain(text, effect::tongue) {
        Some(Tongue::Graphql) => {
            let is_named = profile.subjects & about::GRAPHQL != 0;
            if is_named || !text.trim_start().starts_with('{') {
                return Some((graphql::judged(text, facts, outside), span));
            }
        }
        Some(Tongue::Cypher | Tongue::Aql | Tongue::Gremlin | Tongue::Piped | Tongue::Sparql) => {
            return Some((with_plain(text, effect::query), span));
        }
        Some(Tongue::Sql) if profile.runs() => {
            return Some((with_plain(text, effect::query), span));
        }
        _ => {}
    }
    if profile.subjects & about::MONGO != 0 && text.contains('{') {
        return Some((with_plain(text, effect::mongo_text), span));
    }
    if profile.subjects & about::ELASTIC != 0 && !of_sql {
        return None;
    }
    (is_run && is_sql(first, of_sql)).then(|| (with_plain(text, effect::sql), span))
}

/// Words that a statement of SQL begins with, and the second ones of those that are words of any
/// language.
static SQL_FIRST: Table<128> = Table::of(&[
    (
        1,
        "select with insert update delete drop alter create truncate grant revoke copy merge \
         explain \
         describe show call exec execute vacuum analyze pragma begin commit rollback set replace \
         load \
         unload rename comment lock do declare values table reindex attach detach backup restore \
         optimize use kill upsert refresh start start_transaction put desc",
    ),
    (
        2,
        "select with insert update delete drop alter truncate create grant revoke copy merge",
    ),
]);

static SQL_SECOND: Table<64> = Table::of(&[(
    1,
    "from into table set where database schema index view on to values user role as",
)]);

fn is_sql(text: &str, of_sql: bool) -> bool {
    let mut words = words::of_text(text.as_bytes());
    let Some(first) = words.next() else {
        return false;
    };
    let known = SQL_FIRST.find(first.hash);
    if of_sql {
        return known != 0 || text.contains(';');
    }
    let is_shout = text
        .bytes()
        .take(first.length)
        .all(|byte| byte.is_ascii_uppercase());
    known & 2 != 0 && is_shout && words.take(24).any(|word| SQL_SECOND.find(word.hash) != 0)
}

fn starts_with(text: &str, word: &str) -> bool {
    text.get(..word.len())
        .is_some_and(|front| front.eq_ignore_ascii_case(word))
}

/// A command line, in one text or in words.
fn command(profile: &Profile, facts: &Facts<'_>, outside: &dyn Outside) -> Found {
    let of_shell = profile.subjects & about::SHELL != 0;
    let is_open = matches!(profile.verb, None | Some(Verb::Generic));
    if !of_shell && !is_open {
        return None;
    }
    let first = facts.slot(Slot::Command);
    // `tf(subcommand: apply, flags: [..])`: the deed is the first word of the line.
    let deed = || {
        let span = facts.operation?.span;
        facts.slot(Slot::Arguments)?;
        let text = facts.text.get(span.range())?;
        (!profile.program.is_empty()).then_some((text, span))
    };
    let (text, span) = first.or_else(deed).or_else(|| {
        let found = facts.slot(Slot::Arguments);
        // Beside a deed by name they are what it is done with.
        let is_line = !profile.program.is_empty() || of_shell;
        found.filter(|_| is_line && facts.operation.is_none())
    })?;
    let is_array = text.starts_with('[');
    // A command of Kusto is no file that a shell reads.
    let is_control = text.starts_with('.') && !text.starts_with("./");
    if (!of_shell || is_control)
        && profile.program.is_empty()
        && !is_array
        && let Some(tongue) = with_plain(text, effect::tongue)
        && !matches!(tongue, Tongue::Shell | Tongue::Script)
    {
        return look::by_tongue(profile, tongue, text, outside).map(|effects| (effects, span));
    }
    let is_word = !is_array && words::of_text(text.as_bytes()).take(2).count() < 2;
    if is_word && profile.program.is_empty() && facts.slot(Slot::Arguments).is_none() {
        // A deed of a tool of many deeds, not a program.
        let hash = words::of_name(text.as_bytes()).next().map(|word| word.hash);
        if !of_shell && hash.is_some_and(|hash| verb(&[hash]).is_some()) {
            return None;
        }
    }
    let (line, span) = line(facts, profile.program, text, span);
    let effects = effect::shell(line.text(), outside);
    Some((told_by_deed(effects, text), span))
}

/// What an unknown program does by the first word that it is given: `["destroy", "--yes"]`.
fn told_by_deed(effects: Effects, text: &str) -> Effects {
    let is_unknown = effects
        .iter()
        .all(|one| one.evidence == "shell.unknown_program");
    let first = text
        .split(['[', '"', ' ', ','])
        .find(|word| !word.is_empty());
    let said = first.map(crate::name::read).filter(|_| is_unknown);
    match said.and_then(|read| read.said) {
        Some((intent, _)) => Effects::of(effect::Effect {
            intent,
            confidence_percent: 60,
            evidence: "shell.deed",
        }),
        None => effects,
    }
}

/// A script, in the language that an argument or the tool names.
fn script(profile: &Profile, facts: &Facts<'_>, outside: &dyn Outside) -> Found {
    let (text, span) = facts.slot(Slot::Script)?;
    let is_open = matches!(profile.verb, None | Some(Verb::Generic));
    let of_scripts = profile.subjects & (about::SCRIPT | about::BROWSER) != 0;
    let is_code = text
        .bytes()
        .any(|byte| matches!(byte, b'(' | b'=' | b'.' | b'\\' | b';' | b' '));
    if !(of_scripts || is_open) || !is_code {
        return None;
    }
    let stated = facts
        .slot(Slot::Language)
        .and_then(|(name, _)| Language::named(name));
    let is_told = stated.is_some() || profile.language.is_some_and(|one| one != Language::Shell);
    if !is_told
        && let Some(tongue) = with_plain(text, effect::tongue)
        && tongue != Tongue::Script
    {
        return look::by_tongue(profile, tongue, text, outside).map(|effects| (effects, span));
    }
    let language = stated.or(profile.language).unwrap_or(Language::Unknown);
    let judged = |text: &str| match language {
        Language::Shell => effect::shell(text, outside),
        other => effect::script(other, text, outside),
    };
    Some((with_plain(text, judged), span))
}

/// Verbs that get what stands at an address, among other things.
static OPENING: Table<16> = Table::of(&[(1, "open load visit goto navigate browse")]);

/// Methods of HTTP that names of tools have for verbs.
pub(crate) static METHODS: Table<32> = Table::of(&[
    (1, "get"),
    (2, "post"),
    (3, "put"),
    (4, "patch"),
    (5, "delete"),
]);

/// A request, and whether it is all that the tool does.
fn request(
    profile: &Profile,
    facts: &Facts<'_>,
    outside: &dyn Outside,
) -> Option<(Effects, Span, bool)> {
    let stated = facts.slot(Slot::Method);
    let of_http = profile.subjects & (about::HTTP | about::BROWSER) != 0;
    let elastic = profile.subjects & about::ELASTIC != 0;
    if elastic
        && let (Some((method, span)), Some((path, _))) = (
            stated,
            facts.slot(Slot::Path).or_else(|| facts.slot(Slot::Url)),
        )
    {
        let body = facts.slot(Slot::Body).map(|(body, _)| body);
        return Some((effect::elastic(method, path, body), span, true));
    }
    let (url, span) = facts.slot(Slot::Url).or_else(|| {
        let path = facts.slot(Slot::Path);
        let is_one = |text: &str| profile.requests() && text.starts_with('/');
        path.filter(|(text, _)| stated.is_some() && of_http || is_one(text))
    })?;
    let body = facts.slot(Slot::Body);
    // A request without a method and a body gets, whatever its tool can do besides.
    let is_plain = of_http && profile.is_multi() && stated.is_none() && body.is_none();
    let is_open = is_plain || matches!(profile.verb, None | Some(Verb::Generic | Verb::Read));
    let is_named = OPENING.find(profile.verb_hash) != 0 || profile.requests();
    if !(is_open || is_named) && stated.is_none() {
        return None;
    }
    let named = match METHODS.find(profile.verb_hash) {
        2 => "POST",
        3 => "PUT",
        4 => "PATCH",
        5 => "DELETE",
        _ => "GET",
    };
    let has_body = body.is_some();
    let told = if has_body && !profile.requests() {
        ""
    } else {
        named
    };
    let method = stated.map_or(told, |(method, _)| method);
    let request = HttpRequest {
        method,
        url,
        headers: &[],
        has_body,
        body: body.map(|(body, _)| body),
    };
    let is_deciding = stated.is_some() || (has_body && of_http) || is_plain || profile.requests();
    let is_web = values::host(url).is_some() || is_deciding;
    is_web.then(|| (effect::http(&request, outside), span, is_deciding))
}
