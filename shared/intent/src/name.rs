//! What the name of a tool says: which of its words is the verb, and what it is done to.
//!
//! Refuses to trust the first word alone: `list_deleted_items` reads, `get_and_delete`
//! deletes, and
//! in `sync_status` the verb is no verb.

mod informing;

use varistor_model::Intent;

use crate::lexicon::{self, Known, Verb, about};
use crate::table::{Table, hash};
use crate::verdict;
use crate::words::{self, Word};
pub(crate) use informing::Informs;

/// What a name says.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) struct Name {
    pub(crate) verb: Option<Verb>,
    /// The intent and how sure it is; `None` where the name has no verb that says anything.
    pub(crate) said: Option<(Intent, u8)>,
    /// Whether a description that says otherwise is to be believed.
    pub(crate) is_doubtful: bool,
    /// The subjects of all words.
    pub(crate) subjects: u64,
    /// The hash of the verb.
    pub(crate) verb_hash: u64,
    /// Whether its end says that the deed is only told about.
    pub(crate) informs: Informs,
    /// The hash of its last word.
    pub(crate) last: u64,
    /// Whether its end is a noun of what is told.
    pub(crate) tells: bool,
}

/// Words of a name that are looked at.
const WORDS_MAX: usize = 16;

struct Read {
    words: [Word; WORDS_MAX],
    count: usize,
}

impl Read {
    fn word(&self, at: usize) -> Word {
        self.words.get(at).copied().unwrap_or_default()
    }

    fn verb(&self, at: usize) -> Option<Known> {
        let next = self.word(at.saturating_add(1)).hash;
        let (one, other) = (COMPOUNDS.find(self.word(at).hash), COMPOUNDS.find(next));
        let is_noun = one & 1 != 0 && other & 2 != 0 || one & 4 != 0 && other & 8 != 0;
        lexicon::verb(&[self.word(at).hash]).filter(|_| !is_noun)
    }

    fn subjects(&self, from: usize, to: usize) -> u64 {
        let words = self.words.get(from..to).unwrap_or_default();
        let pairs = words.windows(2).fold(0, |all, pair| match pair {
            [one, other] => all | lexicon::pair(one.hash, other.hash),
            _ => all,
        });
        words.iter().fold(pairs, |all, word| {
            all | lexicon::subjects(&[word.hash]) & !token_alone(word)
        })
    }

    fn last(&self) -> usize {
        self.count.saturating_sub(1)
    }

    /// Where the verb stands that says what is done.
    fn head(&self) -> Option<(usize, Known)> {
        let all = || (0..self.count).filter_map(|at| Some((at, self.verb(at)?)));
        let plain = |(at, known): &(usize, Known)| {
            // `trigger_run_and_wait` triggers.
            let is_waiting = *at > 0 && self.word(*at).hash == hash(b"wait");
            !known.is_noun && known.verb != Verb::Generic && !is_waiting
        };
        let telling = |(_, known): &(usize, Known)| known.verb != Verb::Generic;
        let first = all().find(|(at, known)| *at == 0 && known.verb != Verb::Generic);
        let end = all().find(|(at, known)| *at == self.last() && plain(&(*at, *known)));
        let end_word = self.word(self.last()).hash;
        let is_bound = BINDING.find(self.word(self.last().saturating_sub(1)).hash) != 0;
        let Some((_, known)) = first else {
            // `encrypt-certificate-create` creates, `app_get_update` gets.
            let is_told = |(at, _): &(usize, Known)| READING.find(self.word(*at).hash) != 0;
            if ENDING.find(end_word) != 0 && !is_bound && !all().any(|found| is_told(&found)) {
                return end;
            }
            if self.count > 0 && MANAGING.find(self.word(0).hash) != 0 {
                let done = |found: &(usize, Known)| plain(found) && found.1.verb.is_active();
                return all().find(done).or_else(|| all().next());
            }
            // `secret_scan_toggle` toggles: what is looked at stands in front of the deed.
            let active = |found: &(usize, Known)| plain(found) && found.1.verb.is_active();
            if let Some(found) = all().find(plain)
                && found.1.verb == Verb::Read
                && !is_told(&found)
                && !is_bound
                && found.0.saturating_add(1) == self.last()
                && let Some(last) = end.filter(active)
            {
                return Some(last);
            }
            let active = |found: &(usize, Known)| telling(found) && found.1.verb != Verb::Read;
            return all()
                .find(plain)
                .or_else(|| all().find(active))
                .or_else(|| all().find(telling))
                .or_else(|| all().next());
        };
        if self.count >= 3 && end_word == hash(b"get") && !is_bound {
            return end;
        }
        // `comment_delete`, `backup_list_all`, but `get_release`; a list may be updated as well.
        if known.is_noun {
            let last = all().find(|found| found.0 == self.last() && !found.1.is_noun);
            let is_waiting = end_word == hash(b"wait");
            let last = last.filter(|_| !is_waiting);
            return all().find(plain).or(last).or(first);
        }
        // `study_send` sends.
        let end = end.filter(|found| found.0 > 0 && found.1.verb.is_active());
        if NOMINAL.find(self.word(0).hash) != 0 && !is_bound && end.is_some() {
            return end;
        }
        let is_list = self.count == 2 && self.word(0).hash == hash(b"list");
        let last = all().find(|found| found.0 == 1 && plain(found) && found.1.verb.is_active());
        if is_list { last.or(first) } else { first }
    }

    /// A verb that stands behind `and`, `or`, `then`.
    fn joined(&self) -> Option<(usize, Known)> {
        (1..self.count)
            .filter(|at| JOINING.find(self.word(at.saturating_sub(1)).hash) != 0)
            .find_map(|at| Some((at, self.verb(at)?)))
    }
}

/// A token may be a coin, a colour or a piece of text.
fn token_alone(word: &Word) -> u64 {
    if word.hash == hash(b"token") || word.hash == hash(b"tokens") {
        about::CREDENTIAL
    } else {
        0
    }
}

/// Verbs that make one noun with the word behind them: `kill_switch`, `restore_points`.
static COMPOUNDS: Table<64> = Table::of(&[
    (1, "kill restore drop burn wipe recovery rollback"),
    (
        2,
        "switch switches point points risk rate ratio chain feed window windows off list rates",
    ),
    (4, "deploy sign call charge"),
    (8, "key keys recording recordings card cards"),
]);

/// Verbs of looking that are as often what is looked at.
static NOMINAL: Table<16> = Table::of(&[(1, "study scan poll")]);

/// Verbs of which a name has one only for what it does.
static READING: Table<32> =
    Table::of(&[(1, "get list search fetch describe read find show check")]);

/// Words that make what follows them the object or the end of a deed.
static BINDING: Table<32> = Table::of(&[(1, "and or then for to until before after on of")]);

/// Verbs that end a name in no other sense.
static ENDING: Table<32> = Table::of(&[(1, "create delete update add remove insert destroy")]);

/// Verbs that say that something is done, never what.
pub(crate) static MANAGING: Table<16> = Table::of(&[(1, "manage manager handle administer")]);

static JOINING: Table<16> = Table::of(&[(1, "and or then n")]);

/// Ends of the names of tools that do what an argument says.
static STEERING: Table<16> = Table::of(&[(1, "ctl ctrl control controller cmd op ops oper")]);

/// Whether a word only asks how something stands, where it says which deed is done.
pub(crate) fn asks(content: &str) -> bool {
    ASKED.find(crate::table::key_hash(content.as_bytes())) != 0
}

/// Deeds that only ask for something.
static ASKED: Table<128> = Table::of(&[(
    1,
    "metadata names versions ls state status logs log info position health version top ps history \
     telemetry readback current level levels reading readings value values now where events usage \
     stat stats uptime fmt who diagnostics inventory members queue readstatus getstatus",
)]);

/// Verbs whose object may be a status as well as anything else.
static SETTING: Table<64> = Table::of(&[(
    1,
    "set update change post create add write edit modify save record publish send put patch \
     append \
     submit insert mark upsert remove delete clear reset generate",
)]);

/// Verbs that set off what their object names: `schedule_key_deletion`.
static SETTING_OFF: Table<32> = Table::of(&[(
    1,
    "schedule request confirm approve perform initiate start trigger force submit accept mettre \
     mise met put",
)]);

/// Subjects that nothing but a telling noun makes: `delete_preview`.
static TOLD: Table<128> = Table::of(&[(
    1,
    "status preview progress confirmation eligibility stats statistics estimate quote \
     instructions \
     guidance cost costs options impact candidates info details help docs diff reason explanation \
     result results count availability pricing summary time schedule_info report_status dryrun \
     rates rate feed chances odds ratio simulation plan history_view prompt permission \
     permissions \
     allowed check validation text metrics metric ratio ratios overview totals risk simulator \
     calculator estimator",
)]);

/// Nouns of what only computes.
static COMPUTED: Table<16> = Table::of(&[(1, "simulator calculator estimator")]);

/// Verbs that are planned before they are done: `deployPlan`.
static PLANNED: Table<32> = Table::of(&[(
    1,
    "deploy migrate restore apply rollout failover rebalance rollback destroy backfill cutover",
)]);

/// What a name says.
pub(crate) fn read(name: &str) -> Name {
    let mut read = Read {
        words: [Word::default(); WORDS_MAX],
        count: 0,
    };
    let words = words::of_name(name.as_bytes()).filter(|word| !word.is_number());
    for (word, place) in words.zip(read.words.iter_mut()) {
        *place = word;
        read.count = read.count.saturating_add(1);
    }
    let subjects = read.subjects(0, read.count);
    let steers = read.count > 1 && STEERING.find(read.word(read.last()).hash) != 0;
    let mut said = Name {
        verb: None,
        said: None,
        is_doubtful: true,
        subjects,
        verb_hash: 0,
        informs: Informs::No,
        last: read.word(read.last()).hash,
        tells: informing::tells(read.word(read.last()).hash),
    };
    // `lock_ctl` does what an argument says.
    let head = read.head();
    let is_steered = steers && head.is_none_or(|(_, known)| known.is_noun);
    if let Some((at, known)) = head.filter(|_| !is_steered) {
        said = judged(&read, at, known, subjects);
    }
    // `fire_suppression_bypass`, `spam_filter_off`: whatever stands in front.
    let ends_off = read
        .verb(read.last())
        .is_some_and(|known| known.verb == Verb::Disable);
    if ends_off && read.count > 1 && subjects & about::PROTECTION != 0 {
        said.said = Some((Intent::Destructive, 75));
        said.verb = Some(Verb::Disable);
        said.is_doubtful = false;
    }
    let is_trial = (1..read.count).any(|at| {
        let before = read.word(at.saturating_sub(1)).hash;
        before == hash(b"dry") && read.word(at).hash == hash(b"run")
    });
    let is_trial = is_trial || read.count > 1 && read.word(read.last()).hash == hash(b"dry");
    if is_trial {
        said.said = Some((Intent::Read, 80));
        said.verb_hash = hash(b"simulate");
        said.verb = Some(Verb::Read);
    }
    let is_set_off =
        said.verb.is_none_or(|verb| verb == Verb::Generic) || SETTING_OFF.find(said.verb_hash) != 0;
    if subjects & about::DELETION != 0 && is_set_off {
        said.said = Some((Intent::Destructive, 65));
    }
    if let Some((at, known)) = read.joined()
        && let Some((intent, sure)) = verdict::of(known.verb, read.subjects(at, read.count))
        && said.said.is_none_or(|(other, _)| other < intent)
    {
        said.said = Some((intent, sure));
        said.verb = Some(known.verb);
        said.is_doubtful = false;
    }
    said
}

/// Words that say where something goes.
static GOING: Table<16> = Table::of(&[(1, "between into onto to")]);

fn is_reading(known: Known) -> bool {
    known.verb == Verb::Read && !known.is_noun
}

/// Words in front of a deed that is only thought of.
static PLANNING: Table<32> = Table::of(&[(
    1,
    "plan preview simulate estimate check compute calculate validate count explain forecast",
)]);

fn judged(read: &Read, at: usize, known: Known, subjects: u64) -> Name {
    let behind = at.saturating_add(1);
    let of_verb = read.subjects(at, behind) & about::CLOSED;
    let objects = read.subjects(behind, read.count) | read.subjects(0, at) | of_verb;
    let known = Known {
        verb: lexicon::phrasal(read.word(at).hash, read.word(behind).hash).unwrap_or(known.verb),
        ..known
    };
    let last = read.word(read.last());
    let mut verdict = verdict::of(known.verb, objects);
    let is_listed = read.word(at).hash == hash(b"list") && at == read.last() && at > 0;
    let is_first_active = read.verb(0).is_some_and(|first| first.verb.is_active());
    // `watermark_detect` detects, `plan_removal` plans.
    let is_ended =
        at == 0 && known.verb.is_active() && read.verb(read.last()).is_some_and(is_reading);
    let is_led = at > 0 && PLANNING.find(read.word(0).hash) != 0;
    // `copy_between`: no noun stands in front of where something goes.
    let is_noun = known.is_noun && (at > 0 || GOING.find(read.word(behind).hash) == 0);
    let is_nominal = at == 0 && NOMINAL.find(read.word(0).hash) != 0;
    let mut is_doubtful =
        is_nominal || is_noun || is_ended || is_led || (is_listed && is_first_active);
    let is_compound = known.verb.is_active() && at < read.last();
    let objects_only = read.subjects(behind, read.count);
    let is_taken = matches!(known.verb, Verb::Delete | Verb::Remove | Verb::Clear);
    if is_compound
        && is_taken
        && objects_only & about::VALUE != 0
        && objects_only & about::FILE == 0
    {
        is_doubtful = true;
        // `truncate_text` computes a text; `delete_text_in_doc` says more.
        if lexicon::subjects(&[last.hash]) & about::VALUE != 0 {
            verdict = Some((Intent::Read, 70));
        }
    }
    if is_compound && TOLD.find(last.hash) != 0 {
        is_doubtful = true;
        let is_set = SETTING.find(read.word(at).hash) != 0;
        let is_sure = last.hash == hash(b"preview") || last.hash == hash(b"confirmation");
        let is_sure = is_sure || COMPUTED.find(last.hash) != 0;
        let is_planned = last.hash == hash(b"plan") && PLANNED.find(read.word(at).hash) != 0;
        let is_sure = is_sure || is_planned;
        if (!is_set && lexicon::subjects(&[last.hash]) & about::TELLING != 0) || is_sure {
            verdict = Some((Intent::Read, 60));
        }
    } else if is_compound {
        let tells = about::TELLING | about::MAYBE_TELLING;
        is_doubtful |=
            lexicon::subjects(&[last.hash]) & tells != 0 && SETTING.find(read.word(at).hash) == 0;
    }
    if let Some(turned) = verdict::turned(read.word(at).hash, subjects) {
        verdict = Some(turned);
    }
    if let Some((_, sure)) = verdict.as_mut()
        && is_doubtful
    {
        *sure = sure.saturating_sub(25);
    }
    Name {
        verb: Some(known.verb),
        said: verdict,
        is_doubtful,
        subjects,
        verb_hash: read.word(at).hash,
        informs: informing::informs(last.hash, read.word(at).hash, known, at, read.count),
        last: last.hash,
        tells: informing::tells(last.hash),
    }
}
