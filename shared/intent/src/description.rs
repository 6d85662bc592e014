//! What the first sentences of a description say: the verb that leads them, and what follows it.
//!
//! Refuses to take words for deeds that stand as nouns, participles or behind a negation.

mod eastern;
mod handed;
mod joined;
mod nominal;
mod phrases;

use varistor_model::Intent;

use crate::lexicon::{self, Known, Verb, about};
use crate::name::MANAGING;
use crate::table::{Table, hash};
use crate::verdict;
use crate::words::{self, Word};
use eastern::eastern;
use joined::{also, exported};
use nominal::{informing, outright, without_verb};
use phrases::{leaves, phrases};
pub(crate) use phrases::{leaves_at_once, phrase};

/// What a description says.
#[derive(Clone, Copy, Debug, Default, PartialEq, Eq)]
pub(crate) struct Description {
    /// The verb that leads, and whether it may be a noun.
    pub(crate) lead: Option<Verb>,
    pub(crate) said: Option<(Intent, u8)>,
    /// The gravest of the deeds that follow in the first sentence: `and delete it`.
    pub(crate) also: Option<(Intent, u8)>,
    /// The subjects of the first sentence.
    pub(crate) subjects: u64,
    /// The subjects of what the leading verb is done to.
    pub(crate) objects: u64,
    /// Whether it spells out that a credential is handed out.
    pub(crate) spells_out: bool,
    /// What the first noun is about, where no verb leads.
    pub(crate) first: u64,
    /// The credentials and variables that it says are handed out.
    pub(crate) handed: u64,
    /// The hash of the leading verb, in its base form where that is known.
    pub(crate) lead_hash: u64,
    /// Phrases that were found.
    pub(crate) phrases: u64,
}

/// Bytes of a description that are looked at, and words of them.
const BYTES_MAX: usize = 1_200;
const WORDS_MAX: usize = 160;
/// Words in front of the leading verb, and words that may be its object.
const LEAD_MAX: usize = 12;
const OBJECT_MAX: usize = 9;

static FILLER: Table<256> = Table::of(&[(
    1,
    "this tool function command endpoint api method action allows allow allowing you to used \
     lets let \
     helps help will can a the an for us use users user agent agents your easily quickly safely \
     permanently immediately securely asynchronously automatically partially completely fully \
     simply \
     it which that tools operation utility service beta new deprecated experimental read only \
     destructive write note important warning ability provides provide enables enable capability \
     must be primary main single multiple batch bulk manually soft hard recursively",
)]);

static NEGATION: Table<64> = Table::of(&[(
    1,
    "may might could would should to who be been not never without cannot no don doesn won \
     nothing instead avoid prevent before after when if \
     unless once",
)]);

static ARTICLE: Table<64> = Table::of(&[(
    1,
    "it its the a an all any them this that these those every each one existing old their your \
     everything multiple specified given",
)]);

static DETERMINED: Table<128> = Table::of(&[(
    1,
    "a an the of for in on by with from your its their this that each any no as at per via into \
     eine einen einem eines einer ein der die das den dem des zu zum zur le la les un une \
     du el los \
     las uno una il lo gli os um uma het een de nothing",
)]);

/// What a description says.
pub(crate) fn read(text: &str) -> Description {
    let bytes = text.as_bytes();
    let bytes = bytes.get(..bytes.len().min(BYTES_MAX)).unwrap_or_default();
    let words: Vec<Word> = words::of_text(bytes).take(WORDS_MAX).collect();
    let ends = Word::opens_sentence;
    let mut said = Description {
        phrases: phrases(&words) | if leaves(text) { phrase::LEAVES } else { 0 },
        ..Description::default()
    };
    let first = words.iter().skip(1).position(ends);
    let end = first.map_or(words.len(), |at| at.saturating_add(1));
    let sentence = words.get(..end).unwrap_or_default();
    said.subjects = subjects(sentence);
    if let Some((verb, subjects)) = eastern(text) {
        said.lead = Some(verb);
        said.subjects |= subjects;
        said.said = verdict::of(verb, subjects);
        return said;
    }
    if informing(sentence) {
        said.phrases |= phrase::INFORMS | phrase::NOMINAL;
        said.first = nominal::first(sentence);
        said.said = Some((Intent::Read, 70));
        return said;
    }
    if let Some(told) = outright(sentence) {
        said.phrases |= phrase::INFORMS;
        said.first = nominal::first(sentence);
        said.said = Some(told);
        return said;
    }
    let found = lead(sentence);
    said.handed = handed::handed(sentence, found.map(|(at, _)| at));
    said.first = nominal::first(sentence);
    said.spells_out = handed::spells_out(sentence);
    let Some((at, known)) = found else {
        said.phrases |= nominal::shape(sentence);
        said.said = without_verb(sentence, said.subjects);
        return said;
    };
    let known = Known {
        verb: refined(sentence, at).unwrap_or(known.verb),
        ..known
    };
    said.lead = Some(known.verb);
    let behind = sentence.get(at.saturating_add(1)..).unwrap_or_default();
    let object = object_of(behind);
    said.said = verdict::of(
        known.verb,
        subjects(object) & !(WHOLE & !whole(sentence)) | whole(sentence),
    );
    if let Some((_, sure)) = said.said.as_mut()
        && known.is_noun
    {
        *sure = sure.saturating_sub(15);
    }
    said.objects = subjects(object.get(..object.len().min(5)).unwrap_or_default());
    let forms = sentence.get(at).map(Word::forms).unwrap_or_default();
    let known = |form: &&u64| lexicon::verb(&[**form]).is_some();
    said.lead_hash = forms.iter().find(known).copied().unwrap_or(0);
    let turned = |form: &u64| verdict::turned(*form, subjects(object));
    said.said = forms.iter().find_map(turned).or(said.said);
    if said.lead == Some(Verb::Write) {
        said.said = exported(object, said.subjects).or(said.said);
    }
    said.also = also(behind, &mut said.phrases);
    said
}

/// What a verb at this place does with the words that belong to it, where they change it.
fn refined(sentence: &[Word], at: usize) -> Option<Verb> {
    let behind = sentence.get(at.saturating_add(1)..);
    let particle = behind.and_then(<[Word]>::first).map_or(0, |word| word.hash);
    let leading = sentence.get(at).map_or(0, |word| word.hash);
    by_preposition(sentence, at)
        .or_else(|| lexicon::phrasal(leading, particle))
        .or_else(|| parted(leading, behind))
}

/// What a verb does by the preposition that follows: nothing is given `to` anybody, a thing is
/// dropped `onto` another, the `whole` is replaced.
fn by_preposition(sentence: &[Word], at: usize) -> Option<Verb> {
    let forms = sentence.get(at)?.forms();
    let has = |words: &[&str]| {
        let is = |word: &Word| words.iter().any(|one| hash(one.as_bytes()) == word.hash);
        sentence.iter().any(is)
    };
    let opens = |word: &Word| lexicon::subjects(&[word.hash]) & about::ACCESS != 0;
    if forms.contains(&hash(b"give")) && !has(&["to"]) && !sentence.iter().any(opens) {
        return Some(Verb::Read);
    }
    if forms.contains(&hash(b"replace")) && has(&["whole", "entire"]) {
        return Some(Verb::Delete);
    }
    // What is streamed to a host is not what a caller reads.
    let gone = [
        "drain",
        "sewer",
        "landfill",
        "overboard",
        "river",
        "sea",
        "flare",
    ];
    if forms.contains(&hash(b"dump")) && has(&gone) {
        return Some(Verb::Delete);
    }
    let places = [
        "url", "endpoint", "host", "webhook", "server", "bucket", "partner",
    ];
    let is_sent = forms.contains(&hash(b"stream")) && has(&["to"]) && has(&places);
    if is_sent {
        return Some(Verb::Write);
    }
    (forms.contains(&hash(b"drop")) && has(&["onto", "into"])).then_some(Verb::Write)
}

/// The verb that its particle makes from afar: `turns the spam filter off`.
fn parted(verb: u64, behind: Option<&[Word]>) -> Option<Verb> {
    let near = behind.unwrap_or_default().windows(2).take(8);
    near.filter_map(|pair| match pair {
        [one, other] if one.hash != hash(b"or") && other.before != b'/' => Some(other.hash),
        _ => None,
    })
    .filter(|word| [hash(b"off"), hash(b"down")].contains(word))
    .find_map(|word| lexicon::phrasal(verb, word))
}

/// The words that may be the object: near ones, up to a sign that ends a part of the sentence.
fn object_of(behind: &[Word]) -> &[Word] {
    let near = behind.iter().take(OBJECT_MAX);
    let ends = |word: &&Word| matches!(word.before, b':' | b'(' | b';');
    let count = near.take_while(|word| !ends(word)).count();
    behind.get(..count.max(1)).unwrap_or(behind)
}

static PREPOSITION: Table<128> = Table::of(&[(
    1,
    "of for between from in about at on by with to that which who per since during within over \
     near under above across aller von fur pro je aus de des par pour sur del della di da \
      do dos das van voor",
)]);

/// Prepositions behind which no leading verb stands.
static BEHIND: Table<16> = Table::of(&[(1, "of per between during")]);

/// Verbs that are nouns more often in front of such a noun.
static NOUNS: Table<64> = Table::of(&[(
    1,
    "call order trade transfer payment purchase charge deposit login issue ticket stock drop \
     index \
     recovery exchange lease claim complete change refund power restore kill broadcast \
     reply rollback",
)]);

/// Nouns that make a name of the word in front of them: `order history`, `call records`.
static NAMED: Table<128> = Table::of(&[(
    1,
    "history list overview record records log logs details detail data dump register roster \
     directory catalogue catalog breakdown statistics stats figures summary number numbers status \
     rates volume volumes counts queue calendar timetable chances points window terms \
     rules point switch switches risk schedule entries lines",
)]);

/// Subjects that count wherever they stand in the sentence.
const WHOLE: u64 = about::ALL | about::PUBLIC | about::CLOSED;

/// What is said of the whole sentence, without what is one of several ways: `or make public`.
fn whole(sentence: &[Word]) -> u64 {
    let is_way = sentence.windows(3).any(|three| match three {
        [one, two, three] => {
            let is_or = one.hash == hash(b"or") || two.hash == hash(b"or");
            is_or && lexicon::subjects(&three.forms()) & about::PUBLIC != 0
        }
        _ => false,
    });
    let found = subjects(sentence) & WHOLE;
    if is_way {
        found & !about::PUBLIC
    } else {
        found
    }
}

fn subjects(words: &[Word]) -> u64 {
    let of = |word: &Word| lexicon::subjects(&word.forms());
    let token = hash(b"token");
    let pairs = words.windows(2).fold(0, |all, pair| match pair {
        [one, other] => all | lexicon::pair(one.hash, other.hash),
        _ => all,
    });
    words
        .iter()
        .filter(|word| !word.forms().contains(&token))
        .fold(pairs, |all, word| all | of(word))
}

/// The verb that leads a sentence.
fn lead(sentence: &[Word]) -> Option<(usize, Known)> {
    let mut before = 0;
    let mut second = 0;
    let mut is_start = true;
    let mut is_behind = false;
    let mut fallback = None;
    let mut generic = None;
    for (at, word) in sentence.iter().enumerate().take(LEAD_MAX) {
        let anew = matches!(word.before, b'|' | b':' | b')' | b']' | b'\n') && at < 8;
        is_start |= anew;
        let known = lexicon::verb(&word.forms());
        let is_article = [hash(b"a"), hash(b"an"), hash(b"the")].contains(&before);
        let is_noun = known.is_some_and(|known| known.is_noun);
        let is_object = (DETERMINED.find(before) != 0 && !is_start) || (is_article && is_noun);
        if let Some(known) = known
            && !is_object
            && NEGATION.find(before) == 0
            && known.verb != Verb::Generic
            && (is_start || !known.is_noun)
            && generic.is_none()
            && !((known.is_noun || NOUNS.find(word.hash) != 0 || is_late_plural(word, at))
                && is_named(word, sentence.get(at.saturating_add(1))))
            && !(NOUNS.find(word.hash) != 0 && ARTICLE.find(second) != 0 && !is_start)
            && !is_undone(word, sentence.get(at.saturating_add(1)))
            && (is_start || !nominal::is_compound(sentence, at))
            && (is_start || !is_behind)
        {
            if is_start {
                return Some((at, known));
            }
            fallback = fallback.or(Some((at, known)));
        }
        let is_generic = known.is_some_and(|known| known.verb == Verb::Generic);
        if is_generic && is_start && known.is_some_and(|known| !known.is_noun) {
            generic = generic.or(Some(at));
        }
        is_behind |= BEHIND.find(word.hash) != 0 && !is_start;
        is_start = (is_start && FILLER.find(word.hash) != 0) || (is_start && is_generic && at > 0);
        second = before;
        before = word.hash;
    }
    match generic {
        Some(at) => performed(sentence, at),
        None => fallback,
    }
}

/// Whether a plural stands behind other words: `Recent kills of a match`.
fn is_late_plural(word: &Word, at: usize) -> bool {
    let [whole, one, _] = word.forms();
    at > 0 && whole != one
}

/// Whether a plural is a noun by what follows it: `Posts that wait`.
fn is_named(word: &Word, next: Option<&Word>) -> bool {
    let [whole, one, _] = word.forms();
    next.is_some_and(|next| {
        let is_noun = NOUNS.find(word.hash) != 0 && NAMED.find(next.hash) != 0;
        let is_by = whole == one && [hash(b"by"), hash(b"near")].contains(&next.hash)
            || whole == hash(b"link") && next.hash == hash(b"to");
        BEHIND.find(next.hash) != 0
            || (whole != one && next.is_participle())
            || is_noun
            || is_by
            || (whole != one && PREPOSITION.find(next.hash) != 0)
    })
}

/// Whether it is said to be done to nothing: `Starts nothing`.
fn is_undone(word: &Word, next: Option<&Word>) -> bool {
    let is_nothing = |next: &Word| next.hash == hash(b"nothing");
    lexicon::verb(&word.forms()).is_some() && next.is_some_and(is_nothing)
}

/// What is run or performed, where that is a way of reading: `Perform a search`.
fn performed(sentence: &[Word], at: usize) -> Option<(usize, Known)> {
    let forms = sentence.get(at).map(Word::forms).unwrap_or_default();
    if forms.iter().any(|form| MANAGING.find(*form) != 0) {
        return None;
    }
    let behind = sentence
        .iter()
        .enumerate()
        .skip(at.saturating_add(1))
        .take(6);
    let object = behind.take_while(|(_, word)| {
        PREPOSITION.find(word.hash) == 0 && !is_join(word) && !matches!(word.before, b':' | b',')
    });
    object
        .filter_map(|(at, word)| Some((at, lexicon::verb(&word.forms())?)))
        .find(|(_, known)| known.verb == Verb::Read)
        .map(|(at, known)| {
            (
                at,
                Known {
                    is_noun: true,
                    ..known
                },
            )
        })
}

fn is_join(word: &Word) -> bool {
    [hash(b"and"), hash(b"that"), hash(b"which"), hash(b"or")].contains(&word.hash)
}
