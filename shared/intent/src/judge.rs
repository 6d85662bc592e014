//! Judges a call: what its tool is, what its arguments ask for, and what makes that graver.

mod outward;
mod reading;
mod verbs;

use varistor_effect::Outside;
use varistor_model::{Intent, Span};

use crate::code;
use crate::facts::{Fact, Facts, Slot};
use crate::ground::{Ground, Judgement};
use crate::labels;
use crate::lexicon::{Verb, about};
use crate::ours;
use crate::profile::Profile;
use crate::spelling;
use crate::values;
use verbs::{
    APPROVING, CHANGING, CONNECTING, DRAFTING, FORCEFUL, GIVING, HANDING_OVER, PLACING, REPLYING,
};

/// Units of money that are destructive in one call, in hundredths.
const AMOUNT_MIN: u64 = 10_000 * 100;
/// Records about people that are an export rather than a page.
const PEOPLE_MIN: u64 = 10_000;
/// Records of any kind that are a dump rather than a page.
const RECORDS_MIN: u64 = 100_000;

/// The intent of a call. `arguments` is the JSON text of its arguments, already read strictly, or
/// empty where there are none. `outside` knows the organisation's own hosts and addresses.
#[must_use]
pub fn judge(profile: &Profile, arguments: &str, outside: &dyn Outside) -> Judgement {
    let arguments = spelling::plain(arguments);
    let whole = judge_near(profile, &arguments, outside);
    // Of a tool whose name tells that it runs code, and whose definition tells nothing, any text
    // may be that code: the gravest was judged.
    let is_known = profile.declared.is_empty() && profile.runs() && !whole.is_torn;
    if !whole.has_more || is_known {
        return whole.judgement;
    }
    // A server passes over what it does not declare, or heeds it: the graver of both counts.
    let whole = whole.judgement;
    let declared = profile.declared.only(&arguments);
    let mut judgement = judge_near(profile, &declared, outside).judgement;
    if judgement.intent <= whole.intent {
        return whole;
    }
    judgement.labels = judgement.labels.and(whole.labels);
    judgement.note(Ground::new("argument.undeclared", whole.intent, 0));
    judgement
}

/// A judgement of some arguments, and what it may be worth.
struct Judged {
    judgement: Judgement,
    has_more: bool,
    is_torn: bool,
}

fn judge_near(profile: &Profile, arguments: &str, outside: &dyn Outside) -> Judged {
    // Where domains are stated, what a call says of itself counts for nothing.
    if profile.ours != ours::Keys::default()
        && !outside.states_own()
        && let Some(domain) = ours::domain(arguments, profile)
    {
        let outside = ours::Near { outside, domain };
        return judge_plain(profile, arguments, &outside);
    }
    judge_plain(profile, arguments, outside)
}

fn judge_plain(profile: &Profile, arguments: &str, outside: &dyn Outside) -> Judged {
    let mut call = Call {
        profile,
        outside,
        facts: Facts::of(arguments, profile, outside),
        judgement: profile.base(),
        verb: profile.verb,
    };
    call.operation();
    code::follow(profile, &call.facts, outside, &mut call.judgement);
    match call.judgement.intent {
        Intent::Read => call.reading(),
        Intent::Write => call.writing(),
        Intent::Destructive => call.destroying(),
        Intent::Exfiltrative => {}
    }
    call.leaving();
    call.switched_off();
    call.trying();
    call.judgement.labels = labels::of(profile, &call.facts, &call.judgement, outside);
    Judged {
        judgement: call.judgement,
        has_more: call.facts.has_more,
        is_torn: call.facts.is_torn,
    }
}

struct Call<'a> {
    profile: &'a Profile,
    outside: &'a dyn Outside,
    facts: Facts<'a>,
    judgement: Judgement,
    verb: Option<Verb>,
}

impl Call<'_> {
    fn about(&self, subjects: u64) -> bool {
        self.profile.subjects & subjects != 0
    }

    fn raise(&mut self, code: &'static str, intent: Intent, sure: u8, span: Option<Span>) {
        self.judgement
            .raise(Ground::new(code, intent, sure).at(span));
    }

    /// Raises where a fact stands.
    fn raise_by(&mut self, fact: Fact, code: &'static str, intent: Intent, sure: u8) {
        if let Some(span) = self.facts.get(fact) {
            self.raise(code, intent, sure, Some(span));
        }
    }

    /// Which of its deeds the tool shall do.
    fn operation(&mut self) {
        let Some(deed) = self.facts.operation else {
            return;
        };
        let intent = deed.intent;
        let ground = Ground::new("argument.operation", intent, deed.sure).at(Some(deed.span));
        let is_request = self.facts.slot(Slot::Method).is_some()
            && self.about(about::HTTP | about::GRAPHQL)
            && self.facts.slot(Slot::Url).is_some();
        if is_request {
            return;
        }
        let is_milder = intent < self.judgement.intent;
        if self.profile.is_multi() && (deed.is_declared || !is_milder) {
            self.judgement.decide(ground);
            self.verb = Some(match intent {
                Intent::Read => Verb::Read,
                Intent::Write => Verb::Write,
                Intent::Destructive => Verb::Delete,
                Intent::Exfiltrative => Verb::Export,
            });
        } else if self.profile.verb != Some(Verb::Read) {
            self.judgement.raise(ground);
        }
    }

    /// What a path means that is read, written or removed.
    fn touching(&mut self) {
        if let Some((effect, span)) = self.facts.path {
            let sure = effect.confidence_percent;
            self.raise(effect.evidence, effect.intent, sure, Some(span));
        }
    }

    /// What makes changing grave.
    fn writing(&mut self) {
        use Intent::{Destructive, Exfiltrative};
        let is_let_go = APPROVING.find(self.profile.verb_hash) != 0 && self.about(about::PAYABLE);
        let is_payment = self.verb == Some(Verb::Pay)
            || (self.profile.subjects | self.facts.kinds) & about::MONEY != 0
            || self.facts.has(Fact::Payee)
            || is_let_go;
        let (amount, place) = self.facts.amount;
        let is_payment = is_payment
            || amount > 0 && (self.facts.has(Fact::NewPayee) || self.facts.has(Fact::Traded))
            || self.profile.trades() && PLACING.find(self.profile.verb_hash) != 0;
        if is_payment && amount >= AMOUNT_MIN {
            self.raise("argument.amount", Destructive, 85, place);
        }
        if is_payment {
            self.raise_by(Fact::NewPayee, "argument.payee", Destructive, 80);
        }
        if !self.facts.has(Fact::Tryout) {
            self.raise_by(Fact::Zero, "argument.replicas", Destructive, 80);
        }
        self.raise_by(Fact::Unguarded, "argument.unguarded", Destructive, 80);
        if (self.profile.subjects | self.facts.kinds) & about::PROTECTION != 0 {
            self.raise_by(Fact::Off, "argument.off", Destructive, 75);
        }
        self.raise_by(Fact::ForeignCode, "argument.foreign_code", Destructive, 75);
        self.raise_by(Fact::Lost, "argument.lost", Destructive, 75);
        self.raise_by(Fact::Deleted, "argument.deleted", Destructive, 65);
        self.raise_by(Fact::Pressed, "argument.presses", Destructive, 65);
        if self.facts.has(Fact::Submitted) {
            self.raise_by(Fact::Confirming, "argument.presses", Destructive, 60);
        }
        if FORCEFUL.find(self.profile.verb_hash) != 0 || self.about(about::GIT) {
            self.raise_by(Fact::Force, "argument.force", Destructive, 70);
        }
        if CHANGING.find(self.profile.verb_hash) != 0 && !self.facts.has(Fact::Filtered) {
            self.raise_by(Fact::EmptyFilter, "argument.filter", Destructive, 75);
        }
        if self.about(about::FILE | about::UPLOAD) {
            self.touching();
        }
        self.raise_by(Fact::Revealed, "argument.reveal", Exfiltrative, 70);
        // A reply that its receiver may read is public in the words of help desks.
        if REPLYING.find(self.profile.verb_hash) == 0 {
            self.raise_by(Fact::Public, "argument.public", Exfiltrative, 75);
        }
        if self.about(about::PROTECTION | about::ACCESS) && !self.facts.has(Fact::WebPort) {
            // Who takes a guard away for everything lets nobody in by that alone.
            let is_off = self.verb == Some(Verb::Disable);
            let intent = if is_off { Destructive } else { Exfiltrative };
            self.raise_by(Fact::Unbounded, "argument.range", intent, 70);
        }
        if GIVING.find(self.profile.verb_hash) != 0 {
            self.raise_by(Fact::Stranger, "argument.stranger", Exfiltrative, 65);
        }
        self.looking();
        self.raise_by(Fact::Hook, "argument.hook", Exfiltrative, 75);
        self.set_up();
        let connects = CONNECTING.find(self.profile.verb_hash) != 0;
        if connects || GIVING.find(self.profile.verb_hash) != 0 && self.profile.shares() {
            self.raise_by(Fact::OuterKind, "argument.outer_kind", Exfiltrative, 65);
        }
        let is_set = self.verb.is_none() && self.profile.shares();
        if (is_set || GIVING.find(self.profile.verb_hash) != 0) && self.profile.shares() {
            self.raise_by(Fact::Outsider, "argument.outsider", Exfiltrative, 80);
        }
    }

    /// A request to a foreign host that is made later on, by what is set up now.
    fn set_up(&mut self) {
        let Some((url, span)) = self.facts.slot(Slot::Url) else {
            return;
        };
        let (method, _) = self.facts.slot(Slot::Method).unwrap_or_default();
        let sends = ["POST", "PUT", "PATCH"];
        let is_sent = sends.iter().any(|one| method.eq_ignore_ascii_case(one));
        let is_foreign =
            || values::host(url).is_some_and(|host| self.outside.is_foreign_host(host));
        if is_sent && !self.about(about::HTTP) && is_foreign() {
            self.raise("argument.hook", Intent::Exfiltrative, 60, Some(span));
        }
    }

    /// What makes a deletion mild: it lands where it can be taken out again.
    fn destroying(&mut self) {
        let is_forced = self.facts.has(Fact::Lost) || self.facts.has(Fact::Force);
        let is_named = matches!(self.verb, Some(Verb::Delete | Verb::Remove));
        if self.profile.keeps() && is_named && !is_forced {
            self.judgement
                .decide(Ground::new("description.kept", Intent::Write, 60));
        }
        if let Some(span) = self.facts.get(Fact::Kept)
            && (is_named || self.verb == Some(Verb::Restore))
            && !is_forced
        {
            let ground = Ground::new("argument.kept", Intent::Write, 65);
            self.judgement.decide(ground.at(Some(span)));
        }
        self.raise_by(Fact::Hook, "argument.hook", Intent::Exfiltrative, 70);
        let gives = matches!(self.verb, Some(Verb::Read | Verb::Write | Verb::Share));
        if gives && self.profile.shares() {
            self.raise_by(
                Fact::Outsider,
                "argument.outsider",
                Intent::Exfiltrative,
                70,
            );
        }
    }

    /// A press that only shows something else.
    fn looking(&mut self) {
        if let Some(span) = self.facts.get(Fact::Looks)
            && self.judgement.intent == Intent::Write
        {
            let ground = Ground::new("argument.looks", Intent::Read, 65);
            self.judgement.decide(ground.at(Some(span)));
        }
    }

    /// What leaves: secrets and records in what others see, mail that is passed on.
    fn leaving(&mut self) {
        use Intent::Exfiltrative;
        self.raise_by(Fact::Exports, "argument.exports", Exfiltrative, 80);
        self.placed();
        self.raise_by(Fact::ForwardsOut, "argument.forward", Exfiltrative, 85);
        if let Some((intent, span)) = self.facts.choice {
            self.raise("argument.choice", intent, 60, Some(span));
        }
        let is_changing = matches!(self.judgement.intent, Intent::Write | Intent::Destructive);
        if is_changing && !self.facts.has(Fact::ForeignCode) {
            self.raise_by(
                Fact::ForeignPlace,
                "argument.foreign_place",
                Exfiltrative,
                65,
            );
            if self.facts.has(Fact::Passing) || self.profile.named & about::FORWARDING != 0 {
                self.raise_by(Fact::ForeignMail, "argument.forward", Exfiltrative, 80);
            }
        }
        if self.facts.has(Fact::OpenField) {
            self.raise_by(Fact::Secret, "argument.secret", Exfiltrative, 70);
        }
        if !self.profile.sends() {
            return;
        }
        if !self.about(about::CREDENTIAL) {
            self.raise_by(Fact::Secret, "argument.secret", Exfiltrative, 80);
        }
        let Some(outsider) = self.facts.get(Fact::Outsider) else {
            return;
        };
        let carries = [Fact::Attached, Fact::Records, Fact::Secret];
        let holdings = about::FILE | about::STORE | about::PEOPLE;
        let is_file = self.about(about::FILE) && !self.about(about::MESSAGE);
        let is_handed = match HANDING_OVER.find(self.profile.verb_hash) {
            0 => false,
            1 => self.about(holdings),
            _ => is_file,
        };
        let is_handed = is_handed || self.profile.carries() && self.about(about::MESSAGE);
        // What lies in a folder of drafts is sent to nobody.
        if self.about(about::DRAFT) && DRAFTING.find(self.profile.verb_hash) != 0 {
            return;
        }
        let is_passed_on = self.verb == Some(Verb::Forward) || is_handed;
        if is_passed_on || carries.into_iter().any(|fact| self.facts.has(fact)) {
            self.raise("argument.outsider", Exfiltrative, 85, Some(outsider));
        }
    }

    /// What is only tried changes nothing.
    fn trying(&mut self) {
        let is_done = self.facts.has(Fact::Done);
        let tried = self.facts.get(Fact::Trial).filter(|_| !is_done);
        if tried.is_some() {
            let ground = Ground::new("argument.trial", Intent::Read, 85);
            self.judgement.decide(ground.at(tried));
        } else if self.profile.tries_by_default() && !is_done {
            self.judgement
                .decide(Ground::new("schema.trial", Intent::Read, 70));
        }
    }
}
