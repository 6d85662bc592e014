//! Nouns that make of a deed in front of them what is told about it: `player_ban_reasons`,
//! `wallet_sweep_fee`, `ruleset_flush_simulate`.
//!
//! Refuses names that may as well do it to the thing: of `notion_delete_template` a
//! description has
//! to say that it only tells.

use crate::lexicon::{Known, Verb};
use crate::table::{Table, hash};

/// How much the end of a name speaks for telling.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq, PartialOrd, Ord)]
pub(crate) enum Informs {
    /// Not at all.
    #[default]
    No,
    /// It may be the object as well.
    Maybe,
    /// Nothing is done to such a thing.
    Yes,
}

const ABSTRACT: u64 = 1;
const THING: u64 = 1 << 1;
const ALWAYS: u64 = 1 << 2;
const WAY: u64 = 1 << 3;
const VIEW: u64 = 1 << 4;

static ENDS: Table<512> = Table::of(&[
    (
        ABSTRACT,
        "reason reasons fee fees deadline deadlines cutoff cutoffs stats statistics windows \
         window \
         eligibility estimate estimates estimation simulate simulation simulator preview previews \
         criteria codes threshold thresholds candidates impact consequences penalty penalties \
         odds \
         probability likelihood forecast forecasts cost costs price prices pricing trend trends \
         ratio ratios rates causes cause requirements prerequisites availability instructions \
         guidance guidelines faq help docs definitions examples explanation explain verify check \
         dryrun diff overview summary totals count counts capacity blockers effects effect \
         outlook \
         points risk risks feasibility conditions consents notices averages durations duration \
         test trial rehearsal \
         intervals horizon benchmark benchmarks comparison readiness allowance allowances",
    ),
    (
        THING,
        "log logs history histories report reports list lists index view views model models \
         status \
         policy policies rules terms template templates options limits limit quota quotas dates \
         date times time schedule schedules calendar records rights types categories results \
         result \
         scope scores audit backlog details info metadata versions formats format schema schemas \
         plan plans checklist playbook guide form forms wording tree map queue digest activity \
         events event trail register roster table chart graph \
         timeline ledger journal catalogue catalog directory matrix dependencies references",
    ),
    (
        ALWAYS,
        "reasons eligibility criteria consequences likelihood probability cutoffs prerequisites \
         odds feasibility",
    ),
    (
        WAY,
        "destinations methods accounts channels options codes types rules terms conditions limits \
         schedule schedules dates history status summary details instruments currencies providers \
         calendar windows cutoffs log logs report reports stats statistics fees",
    ),
    (
        VIEW,
        "view viewer check preview report overview lookup finder calendar list map",
    ),
]);

/// Verbs that nobody takes for nouns: `SipUpdateCredentialList` updates.
static UNAMBIGUOUS: Table<16> = Table::of(&[(1, "update create add insert modify upsert edit")]);

/// Verbs that are adjectives as often.
static ADJECTIVES: Table<32> = Table::of(&[(
    1,
    "clear open free clean empty complete close approximate duplicate live",
)]);

/// Whether a noun is one of what is told.
pub(super) fn tells(end: u64) -> bool {
    ENDS.find(end) & (ABSTRACT | THING) != 0
}

/// How much this noun at the end of a name says that the deed in front of it is only told about:
/// the deed stands at `at`, of `count` words.
pub(super) fn informs(end: u64, deed: u64, known: Known, at: usize, count: usize) -> Informs {
    let kinds = ENDS.find(end);
    let is_last = at.saturating_add(1) >= count;
    let is_parted = at > 0;
    if is_last || kinds == 0 && (!is_parted || crate::lexicon::verb(&[end]).is_some()) {
        return Informs::No;
    }
    if UNAMBIGUOUS.find(deed) != 0 && kinds & (ALWAYS | ABSTRACT) == 0 {
        return Informs::No;
    }
    let is_adjective = !is_parted && count >= 3 && ADJECTIVES.find(deed) != 0;
    let is_noun = !is_parted && known.is_noun && known.verb == Verb::Pay;
    // `snapshot_repo_cleanup_report`: the first word is none of a deed.
    let is_front = !is_parted && known.is_noun && count >= 3;
    // `loss_prevention_log` tells, whatever its log is.
    if kinds & ALWAYS != 0
        || is_parted && kinds & ABSTRACT != 0
        || is_adjective && kinds & VIEW != 0
    {
        Informs::Yes
    } else if is_parted || is_front || is_noun && kinds & WAY != 0 || deed == hash(b"purge") {
        Informs::Maybe
    } else {
        Informs::No
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::name;

    #[test]
    fn nouns_of_telling_are_told_from_objects() {
        for (name, expected) in [
            ("claim_reject_reasons", Informs::Yes),
            ("reservation_cancel_fee", Informs::Yes),
            ("config_reset_cost", Informs::Yes),
            ("open_positions_report", Informs::Yes),
            ("device_wipe_log", Informs::Maybe),
            ("payout_methods", Informs::Maybe),
            ("delete_report", Informs::No),
            ("cancel_deadline", Informs::No),
            ("rollout_pause_state", Informs::Maybe),
            ("report_delete", Informs::No),
            ("sip_update_credential_list", Informs::No),
        ] {
            assert_eq!(name::read(name).informs, expected, "{name}");
        }
    }
}
