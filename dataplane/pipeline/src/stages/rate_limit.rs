//! Counts a call against the budgets of its agent, team, organisation, token and tool.
//!
//! Every budget must have room: when one has none, what the others gave is given back, and the
//! caller learns when to come again. Lists, pings and handshakes are not calls.

use varistor_inspect::glob;
use varistor_model::limits::LIMITS_PER_CALL_MAX;
use varistor_model::{Denial, Reason, Subject};
use varistor_snapshot::schema::{ArchivedPolicy, ArchivedRate, ArchivedToolLimit};
use varistor_token::OwnedRate;
use xxhash_rust::xxh3::xxh3_64;

use super::parse::Call;
use crate::budget::{Budgets, Charge};
use crate::desk::{Desk, Principal};
use crate::outside::Client;
use crate::serving::Local;

/// A message that its budgets have room for. Made here only.
#[derive(Clone, Debug)]
pub struct Admitted(Call);

impl Admitted {
    pub(crate) const fn call(&self) -> &Call {
        &self.0
    }
}

/// Takes one call from every budget that applies.
///
/// # Errors
/// The budget that has no room, with the time until it has.
pub fn rate_limit(
    desk: &Desk,
    local: &Local,
    client: &impl Client,
    call: Call,
) -> Result<Admitted, Denial> {
    let counted = matches!(
        call.subject(),
        Subject::Tool | Subject::Prompt | Subject::Resource | Subject::Reference
    );
    if counted {
        let mut taken = Taken::new(&desk.budgets, client.now().mono_ns);
        charge_all(desk, local.policy(), &call, &mut taken).inspect_err(|_| taken.give_back())?;
    }
    Ok(Admitted(call))
}

/// Gives back what [`rate_limit`] took, for a call that waits for a human.
pub(super) fn give_back(desk: &Desk, local: &Local, client: &impl Client, call: &Call) {
    let now_ns = client.now().mono_ns;
    // Nothing stops half-way: giving back does not fail.
    let _ = each_charge(desk, local.policy(), call, &mut |charge, _| {
        desk.budgets.give_back(charge, now_ns);
        Ok(())
    });
}

/// Takes the same again, for a call that a human has released.
///
/// # Errors
/// The budget that has no room, with the time until it has.
pub(super) fn take_again(
    desk: &Desk,
    local: &Local,
    client: &impl Client,
    call: &Call,
) -> Result<(), Denial> {
    let mut taken = Taken::new(&desk.budgets, client.now().mono_ns);
    charge_all(desk, local.policy(), call, &mut taken).inspect_err(|_| taken.give_back())
}

fn charge_all(
    desk: &Desk,
    policy: &ArchivedPolicy,
    call: &Call,
    taken: &mut Taken<'_>,
) -> Result<(), Denial> {
    each_charge(desk, policy, call, &mut |charge, spent| {
        taken.take(charge, spent)
    })
}

/// Tells every budget that the call counts against, and the reason for which it is refused when
/// that has no room.
fn each_charge(
    desk: &Desk,
    policy: &ArchivedPolicy,
    call: &Call,
    tell: &mut impl FnMut(Charge, Reason) -> Result<(), Denial>,
) -> Result<(), Denial> {
    let principal = &*call.principal;
    for rate in &principal.verified.limits {
        let charge = Charge {
            cell: cell_of(rate),
            count: rate.count,
            period_ns: rate.period_ns,
        };
        tell(charge, Reason::LimitToken)?;
    }
    let agent = row(&policy.agents, principal.agent).map(|row| &row.limits[..]);
    let team = principal
        .team
        .and_then(|team| row(&policy.teams, team))
        .map(|row| &row.limits[..]);
    let organisation =
        row(&policy.organisations, principal.organisation).map(|row| &row.limits[..]);
    for (rates, reason) in [
        (agent, Reason::LimitAgent),
        (team, Reason::LimitTeam),
        (organisation, Reason::LimitOrganisation),
    ] {
        for rate in rates.unwrap_or_default() {
            tell(charge(rate, 0), reason)?;
        }
    }
    if call.subject() == Subject::Tool {
        let name = call.message().and_then(|message| message.name);
        let name = name.map_or("", |name| desk.reader.text(name));
        let server_of = |limit: &ArchivedToolLimit| limit.server.to_native();
        let limits = glob::of_server(&policy.tool_limits, server_of, call.server);
        for limit in glob::candidates(limits, |limit| &*limit.name, name)
            .filter(|limit| glob::matches(&limit.name, name))
        {
            let charge = charge(&limit.rate, sharers(limit.per, principal));
            tell(charge, Reason::LimitTool)?;
        }
    }
    Ok(())
}

/// Hashed as a whole: its holder chooses the numbers, and must not choose the cell by them.
fn cell_of(rate: &OwnedRate) -> u64 {
    let numbers = (u128::from(rate.count) << 64) | u128::from(rate.period_ns);
    xxh3_64([rate.owner.0, numbers.to_le_bytes()].as_flattened())
}

fn row<T>(rows: &[T], index: u32) -> Option<&T> {
    rows.get(usize::try_from(index).ok()?)
}

fn charge(rate: &ArchivedRate, sharers: u64) -> Charge {
    Charge {
        cell: rate.cell.to_native() ^ sharers,
        count: rate.count.to_native(),
        period_ns: rate.period_ns.to_native(),
    }
}

/// Distinguishes the counters of one tool limit: names, not rows, so that a counter survives a
/// recompilation.
fn sharers(per: u8, principal: &Principal) -> u64 {
    let verified = &principal.verified;
    let organisation = || xxh3_64(verified.organisation.as_bytes());
    let within = |name: &str| organisation().rotate_left(17) ^ xxh3_64(name.as_bytes());
    match per {
        0 => 0,
        1 => organisation(),
        2 => within(verified.team.as_deref().unwrap_or_default()).rotate_left(1),
        3 => within(&verified.agent).rotate_left(2),
        _ => xxh3_64(&principal.token().0),
    }
}

/// What this call has taken so far.
pub(super) struct Taken<'a> {
    budgets: &'a Budgets,
    now_ns: u64,
    charges: [Option<Charge>; LIMITS_PER_CALL_MAX],
    count: usize,
}

impl<'a> Taken<'a> {
    pub(super) const fn new(budgets: &'a Budgets, now_ns: u64) -> Self {
        Self {
            budgets,
            now_ns,
            charges: [None; LIMITS_PER_CALL_MAX],
            count: 0,
        }
    }

    pub(super) fn take(&mut self, charge: Charge, spent: Reason) -> Result<(), Denial> {
        let place = self
            .charges
            .get_mut(self.count)
            .ok_or(Reason::LimitsExhausted)?;
        match self.budgets.take(charge, self.now_ns) {
            Ok(()) => {
                *place = Some(charge);
                self.count = self.count.saturating_add(1);
                Ok(())
            }
            Err(refused) => {
                let wait_ns = match refused {
                    crate::budget::Refused::Until(wait_ns) => wait_ns,
                    crate::budget::Refused::Exhausted => 0,
                };
                let denial = Denial::from(refused.reason(spent));
                Err(denial.after_ms(wait_ns.div_ceil(1_000_000)))
            }
        }
    }

    pub(super) fn give_back(&self) {
        for charge in self.charges.iter().flatten() {
            self.budgets.give_back(*charge, self.now_ns);
        }
    }
}
