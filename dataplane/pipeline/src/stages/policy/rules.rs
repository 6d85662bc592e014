//! Asks the organisation's rules about a call of a tool, and does what follows at once: counting,
//! remembering, ending the session.

use varistor_model::{Decision, Denial, DlpAction, Reason};
use varistor_rules::ast::Per;
use varistor_rules::{Facts, Recorded, Rules};
use varistor_snapshot::schema::rules::ArchivedRuleAction;

use super::super::parse::Call;
use super::super::rate_limit::Taken;
use super::facts::CallFacts;
use crate::budget::Charge;
use crate::desk::Desk;
use crate::memory::Memory;
use crate::outside::Client;
use crate::ruling::Ruling;
use crate::serving::Local;
use crate::stages::dlp::Scanned;

/// How often a call is judged anew because others of its agent were faster.
const ROUNDS_MAX: usize = 16;

/// What rules say, once `decide` has made a decision of it.
///
/// # Errors
/// What `decide` refuses; a limit of a rule that is used up; that the rules can't be asked.
pub(super) fn ask(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    scanned: &Scanned,
    decide: impl Fn(&mut Ruling) -> Result<(), Reason>,
) -> Result<Ruling, (Denial, Option<Ruling>)> {
    let unasked = |reason: Reason| (Denial::from(reason), None);
    let call = scanned.classified().call();
    let Some(loaded) = local.serving().rules() else {
        let mut ruling = Ruling::default();
        return match decide(&mut ruling) {
            Ok(()) => Ok(ruling),
            Err(reason) => Err((reason.into(), Some(ruling))),
        };
    };
    let name = call.message().and_then(|message| message.name);
    let (Some(name), Some(server)) = (name, local.serving().server(call.server)) else {
        return Err(unasked(Reason::Internal));
    };
    let Desk {
        reader,
        known,
        findings,
        scratch,
        memory,
        budgets,
        ..
    } = desk;
    let tool = reader.text(name);
    let facts = CallFacts {
        tool,
        known: known.tool(&server.name, tool),
        findings,
        ..CallFacts::of(local, client, scanned, server)
    };
    let program = &local.policy().rules;
    let rules = Rules {
        program,
        loaded,
        history: &memory.history,
    };
    for _ in 0..ROUNDS_MAX {
        let verdict = rules.evaluate(&facts, scratch);
        let mut ruling = Ruling::new(verdict, scratch.holding());
        if let Err(reason) = decide(&mut ruling) {
            let ruling = ended(memory, call, ruling, client);
            return Err((reason.into(), Some(ruling)));
        }
        let mut taken = Taken::new(budgets, client.now().mono_ns);
        if let Err(denial) = charge(&ruling, program, &facts, &mut taken) {
            taken.give_back();
            return Err((denial, Some(ruling)));
        }
        match rules.record(&facts, scratch) {
            Recorded::Done => return Ok(ended(memory, call, ruling, client)),
            Recorded::Changed => taken.give_back(),
        }
    }
    Err(unasked(Reason::RulesBusy))
}

/// Takes the call from the limits of all rules that hold.
fn charge(
    ruling: &Ruling,
    program: &varistor_snapshot::schema::rules::ArchivedRuleProgram,
    facts: &impl Facts,
    taken: &mut Taken<'_>,
) -> Result<(), Denial> {
    if !ruling.verdict.limits {
        return Ok(());
    }
    for action in ruling.actions(program) {
        let ArchivedRuleAction::Limit(limit) = action else {
            continue;
        };
        let per = Per::ALL.iter().find(|per| **per as u8 == limit.per);
        let scope = per.and_then(|per| facts.scope(*per)).unwrap_or_default();
        let scope = xxhash_rust::xxh3::xxh3_64(&scope.to_le_bytes());
        let charge = Charge {
            cell: limit.cell.to_native() ^ scope,
            count: limit.count.to_native(),
            period_ns: limit.period_ms.to_native().saturating_mul(1_000_000),
        };
        taken.take(charge, Reason::LimitRule)?;
    }
    Ok(())
}

/// Ends the session if a rule wants it; what can't be remembered ends with the token.
fn ended(memory: &Memory, call: &Call, mut ruling: Ruling, client: &impl Client) -> Ruling {
    if let (true, Some(session)) = (ruling.verdict.end_session, call.session) {
        let until_s = call.principal.verified.expires_unix_s;
        let now_s = client.now().unix_ns / 1_000_000_000;
        ruling.ended = memory.end(session, until_s, now_s);
    }
    ruling
}

/// Makes the findings that rules want replaced so: raises what follows them on the desk.
pub(in crate::stages) fn redact(desk: &mut Desk, local: &Local, ruling: &Ruling) -> bool {
    if !ruling.verdict.redacts {
        return false;
    }
    let policy = local.policy();
    let mut raised = false;
    for action in ruling.actions(&policy.rules) {
        let ArchivedRuleAction::Redact(entities) = action else {
            continue;
        };
        for (number, detector) in (0..=u16::MAX).zip(policy.dlp.detectors.iter()) {
            let is_it = |entity: &str| entity == detector.entity || entity == detector.parent;
            if entities.iter().any(|entity| is_it(entity)) {
                desk.table.raise(&policy.actions, number, DlpAction::Redact);
                raised = true;
            }
        }
    }
    raised
}

/// What rules decide, where they do: `Redact` is no permission.
pub(super) const fn decision(ruling: &Ruling) -> Option<Decision> {
    match ruling.verdict.decision {
        Some(Decision::Redact) | None => None,
        decided => decided,
    }
}
