//! Judges what stands behind words that name a value: a member, a setting, a column, a sentence.

use super::account;
use super::cell::{cell_hit, person_hit};
use super::field::{self, Field};
use super::kit::Kit;
use super::lexicon::Lexicon;
use super::look::Sight;
use super::memo::{Meant, Memo};
use super::named::{self, Bond, NAME_MAX, Named};
use super::secret::{self, Promise};
use super::table::Table;
use super::text::{Text, less, sum};
use super::{Encoding, Hit, ScanError, TRIGGER, TRIGGER_BANK};

/// Words that lead here when the database finds them, whatever their case. A word stands within
/// every name that [`field::of`] or a keyed detector knows.
const WORDS: &[&str] = &[
    "pass",
    "pwd",
    "secret",
    "token",
    "key",
    "credential",
    "auth",
    "bearer",
    "jwt",
    "psw",
    "kennwort",
    "senha",
    "contrase",
    "name",
    "nombre",
    "customer",
    "contact",
    "patient",
    "employee",
    "holder",
    "recipient",
    "sender",
    "client",
    "author",
    "owner",
    "assignee",
    "reporter",
    "requester",
    "attendee",
    "manager",
    "phone",
    "mobile",
    "telefon",
    "telefoon",
    "mobiel",
    "durchwahl",
    "nummer",
    "msisdn",
    "address",
    "addr",
    "street",
    "dob",
    "birth",
    "born",
    "ssn",
    "account",
    "acct",
    "routing",
    "signature",
    "webhook",
    "dsn",
    "conn",
];

/// Those that may name the code of a bank.
const BANK_WORDS: &[&str] = &["swift", "bic", "ifsc"];

/// The words with their ids in the database.
pub(super) fn words() -> impl Iterator<Item = (&'static str, u32)> {
    let all = WORDS.iter().map(|word| (*word, TRIGGER));
    all.chain(BANK_WORDS.iter().map(|word| (*word, TRIGGER_BANK)))
}

/// Where what was judged ends, so that no name is judged twice.
#[derive(Default)]
pub(super) struct Judged {
    name: usize,
    bank: usize,
    table: usize,
    memo: Memo,
    unwrapped: Vec<u8>,
}

impl Judged {
    pub(super) const fn clear(&mut self) {
        self.name = 0;
        self.bank = 0;
        self.table = 0;
    }

    /// Judges the word that ends at the place.
    #[inline(never)]
    pub(super) fn word(
        &mut self,
        (kit, lexicon): (&Kit, Lexicon<'_>),
        text: Text<'_>,
        (id, word_end): (u32, usize),
        sight: &mut Sight,
    ) -> Result<(), ScanError> {
        let name = named::name_around(text, word_end);
        let word = text.slice(name.0, name.1);
        // Codes of banks hardly have digits to lead to them.
        if id == TRIGGER_BANK && word.len() <= 16 && is_bank_code(word) && name.1 > self.bank {
            self.bank = name.1;
            let at = sum(
                name.1,
                text.run(name.1, 8, |byte| !byte.is_ascii_alphanumeric()),
            );
            let promised = kit.numbers.contexts.before(text, at);
            if let Some(found) = kit.numbers.announced(text, at, promised)? {
                sight.hits.push(Hit::from(found));
            }
        }
        if word_end <= self.name || less(name.1, name.0) > NAME_MAX {
            return Ok(());
        }
        self.name = name.1;
        if let Some(named) = named::read(text, name) {
            let name = text.slice(name_start(text, name), name.1);
            let meant = self.memo.of(name, || meant(kit, name))?;
            self.value((kit, lexicon), text, (name, &named, meant), sight)?;
        } else {
            self.unsigned((kit, lexicon), text, name, sight);
        }
        Ok(())
    }

    /// A name without a sign behind it: of a column, or in a sentence.
    fn unsigned(
        &mut self,
        (kit, lexicon): (&Kit, Lexicon<'_>),
        text: Text<'_>,
        name: (usize, usize),
        sight: &mut Sight,
    ) {
        let word = text.slice(name.0, name.1);
        let is = |known: &[&str]| {
            known
                .iter()
                .any(|known| word.eq_ignore_ascii_case(known.as_bytes()))
        };
        if is(&["account", "acct", "accounts"]) {
            self.account(kit, text, name, sight);
        } else if is(&["routing", "aba", "rtn"]) {
            Self::routing(kit, text, name.1, sight);
        } else if is(&["born", "dob", "birth", "birthday"]) {
            Self::birth(kit, text, name.1, sight);
        }
        let behind = text.run(name.1, 3, |byte| matches!(byte, b'"' | b' '));
        let next = text.at(sum(name.1, behind));
        let before = text.before(name.0);
        let in_row = matches!(next, b',' | b';' | b'\t' | b'|')
            || (next == b'\n' && matches!(before, b',' | b';' | b'\t' | b'|' | b'"' | b' '));
        if in_row
            && name.0 >= self.table
            && let Some(table) = Table::around(text, name.1)
        {
            let end = table.cells(text, &mut |field, cell| {
                cell_hit((kit, lexicon), text, field, cell, sight);
            });
            self.table = end.max(table.body);
        }
    }

    fn account(&mut self, kit: &Kit, text: Text<'_>, name: (usize, usize), sight: &mut Sight) {
        if let Some(detector) = kit.account
            && let Some((start, end)) = account::announced(text, name.1)
            && (6..=17).contains(&less(end, start))
        {
            sight.hits.push(Hit::new(start, end, detector, 80));
        }
    }

    fn routing(kit: &Kit, text: Text<'_>, word_end: usize, sight: &mut Sight) {
        if let Some(detector) = kit.routing
            && let Some((start, end)) = account::announced(text, word_end)
            && account::is_routing(text.slice(start, end))
        {
            sight.hits.push(Hit::new(start, end, detector, 92));
        }
    }

    fn birth(kit: &Kit, text: Text<'_>, word_end: usize, sight: &mut Sight) {
        let skip = text.run(word_end, 12, |byte| {
            matches!(
                byte,
                b' ' | b':' | b'=' | b'"' | b'\'' | b'(' | b'*' | b'|' | b'>'
            )
        });
        let mut at = sum(word_end, skip);
        for between in ["on ", "date ", "date: ", "is ", "in "] {
            if text.has(at, between.as_bytes()) {
                at = sum(at, between.len());
            }
        }
        if let Some(detector) = kit.birth
            && let Some(end) = account::date(text, at)
        {
            sight.hits.push(Hit::new(at, end, detector, 88));
        }
    }

    /// A value behind its name.
    fn value(
        &mut self,
        (kit, lexicon): (&Kit, Lexicon<'_>),
        text: Text<'_>,
        (name, named, meant): (&[u8], &Named, Meant),
        sight: &mut Sight,
    ) -> Result<(), ScanError> {
        let start = named.value;
        let end = named.word_end(text);
        if meant.keyed && self.keyed(kit, text, (name, (start, end)), sight)? {
            return Ok(());
        }
        let Some(found) = meant.field else {
            return Ok(());
        };
        match found {
            Field::Secret(promise) => self.secret(kit, text, (promise, named, end), sight),
            Field::Person | Field::Name if named.bond == Bond::Sign => {
                let phrase = (start, named.phrase_end(text));
                person_hit((kit, lexicon), text, found, phrase, sight);
            }
            Field::Address if named.bond == Bond::Sign => {
                let phrase = (start, named.phrase_end(text));
                cell_hit((kit, lexicon), text, found, phrase, sight);
            }
            Field::Birth => Self::birth(kit, text, named.name.1, sight),
            Field::Account => self.account(kit, text, named.name, sight),
            Field::Routing => Self::routing(kit, text, named.name.1, sight),
            Field::Person | Field::Name | Field::Address | Field::Phone | Field::Ssn => {}
        }
        Ok(())
    }

    /// A value that a detector knows by its name; says whether one did.
    fn keyed(
        &mut self,
        kit: &Kit,
        text: Text<'_>,
        (name, (start, end)): (&[u8], (usize, usize)),
        sight: &mut Sight,
    ) -> Result<bool, ScanError> {
        let start = sum(start, secret::behind_scheme(text.slice(start, end)));
        let value = text.slice(start, end);
        let mut hit = None;
        let mut buffer = [0; NAME_MAX];
        kit.keyed
            .of(named::normalise(name, &mut buffer), &mut |number| {
                let wrong = ScanError::Detector(usize::from(number));
                let row = kit.rows.get(usize::from(number)).ok_or(wrong)?;
                let found = row.regex(usize::from(number))?.find(value);
                let whole = found.is_some_and(|found| found.len() == value.len());
                if whole && secret::entropy(value) >= row.entropy && !secret::stands_in(value, true)
                {
                    hit = Some(Hit::new(start, end, number, row.confidence));
                }
                Ok(hit.is_none())
            })?;
        sight.hits.extend(hit);
        Ok(hit.is_some())
    }

    fn secret(
        &mut self,
        kit: &Kit,
        text: Text<'_>,
        (promise, named, end): (Promise, &Named, usize),
        sight: &mut Sight,
    ) {
        let mut start = named.value;
        let quoted = named.quote.is_some();
        // `Authorization: Bearer x`: the scheme ends what looked like the value.
        let line = text.slice(start, sum(start, 16));
        let scheme = secret::behind_scheme(line);
        let mut end = end;
        if scheme > 0 {
            start = sum(start, scheme);
            if !quoted {
                end = Named {
                    value: start,
                    ..*named
                }
                .word_end(text);
            }
        }
        let value = text.slice(start, end);
        let sentence = named.bond == Bond::Sentence;
        let judge = |value: &[u8]| promise.kept(value, quoted, sentence);
        let Some(detector) = kit.promised(promise) else {
            return;
        };
        let mut hit = Hit::new(start, end, detector, judge(value));
        // What the value holds as base64 says more than the value.
        if secret::unwrapped(value, &mut self.unwrapped) {
            let inner = judge(&self.unwrapped);
            // Text that decodes to text was hardly random.
            if inner > 0 || self.unwrapped.len() >= 8 {
                hit.confidence = inner;
                hit.encoding = Encoding::Base64;
            }
        }
        hit.is_whole = quoted && scheme == 0;
        if hit.confidence > 0 {
            sight.hits.push(hit);
        }
    }
}

/// What a name means, as it stands.
fn meant(kit: &Kit, name: &[u8]) -> Result<Meant, ScanError> {
    let mut buffer = [0; NAME_MAX];
    let name = named::normalise(name, &mut buffer);
    let field = field::of(name);
    let personal = matches!(
        field,
        Some(Field::Person | Field::Name | Field::Address | Field::Phone | Field::Birth)
    );
    let mut keyed = false;
    if !personal {
        kit.keyed.of(name, &mut |_| {
            keyed = true;
            Ok(false)
        })?;
    }
    Ok(Meant { field, keyed })
}

fn is_bank_code(name: &[u8]) -> bool {
    let mut buffer = [0; NAME_MAX];
    let mut words = named::normalise(name, &mut buffer).split(|byte| *byte == b'_');
    words.any(|word| matches!(word, b"bic" | b"swift" | b"ifsc"))
}

/// Where a name begins with the words before it: `API key`, `client secret`.
fn name_start(text: Text<'_>, (start, _): (usize, usize)) -> usize {
    if text.before(start) != b' ' {
        return start;
    }
    const BEFORE: &[&str] = &[
        "api",
        "access",
        "secret",
        "client",
        "private",
        "auth",
        "signing",
        "encryption",
        "master",
        "license",
        "licence",
        "bearer",
        "service",
        "session",
        "bot",
        "app",
        "admin",
        "full",
        "customer",
        "contact",
        "patient",
        "employee",
    ];
    let end = less(start, 1);
    let length = text.run_back(end, 16, |byte| byte.is_ascii_alphabetic() || byte == b'_');
    let word = text.slice(less(end, length), end);
    let known = BEFORE
        .iter()
        .any(|known| word.eq_ignore_ascii_case(known.as_bytes()));
    if known { less(end, length) } else { start }
}
