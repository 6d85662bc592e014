//! The detectors of one snapshot, ready for use.
//!
//! Regular expressions are built when their detector first has a candidate: most never have.
//! Refuses rows that this build does not know.

use regex::bytes::Regex;
use regex_automata::util::syntax;
use varistor_model::{Class, DlpAction};
use varistor_snapshot::schema::{ArchivedDetector, ArchivedDlp};

use super::confirm::Expression;
use super::context::Promised;
use super::numbers::{Id, Numbers};
use super::secret::Promise;
use super::which::Which;
use super::{ScanError, Validator, ids};

/// All detectors of a snapshot.
#[derive(Default)]
pub(super) struct Kit {
    pub(super) rows: Vec<Row>,
    pub(super) numbers: Numbers,
    pub(super) keyed: Keyed,
    pub(super) email: Option<u16>,
    pub(super) person: Option<u16>,
    pub(super) address: Option<u16>,
    pub(super) birth: Option<u16>,
    pub(super) account: Option<u16>,
    pub(super) routing: Option<u16>,
    pub(super) password: Option<u16>,
    pub(super) key: Option<u16>,
    pub(super) own: Option<u16>,
    /// How many detectors have words that stand before them.
    bits: u32,
    /// `covers[a][b]`: whether a finding of class `a` makes one of class `b` within it needless,
    /// since policy treats `a` at least as strictly.
    pub(super) covers: [[bool; Class::ALL.len()]; Class::ALL.len()],
}

/// One detector.
pub(super) struct Row {
    pub(super) class: Class,
    pub(super) confidence: u8,
    pub(super) validator: Validator,
    pub(super) window: usize,
    /// Hundredths of a bit a byte.
    pub(super) entropy: u32,
    /// Whether an action of its own makes it matter beside another finding of its class.
    pub(super) is_special: bool,
    expression: Expression,
}

impl Row {
    /// The expression that finds the exact span.
    pub(super) fn regex(&self, number: usize) -> Result<&Regex, ScanError> {
        self.expression.regex(number)
    }
}

/// Detectors of values that only their name tells.
#[derive(Default)]
pub(super) struct Keyed {
    /// In the order of the expressions that their names must hold.
    rows: Vec<u16>,
    keys: Which,
}

impl Kit {
    /// Whether every expression can be read. They are built when needed only, but a snapshot that
    /// can't be used must not come into service.
    ///
    /// # Errors
    ///
    /// `Detector` for the first row with one that can't be.
    pub(super) fn check(dlp: &ArchivedDlp) -> Result<(), ScanError> {
        for (number, row) in dlp.detectors.iter().enumerate() {
            for expression in [row.pattern.as_str(), row.key.as_str()] {
                let bytes = syntax::Config::new().unicode(false).utf8(false);
                syntax::parse_with(expression, &bytes).map_err(|_| ScanError::Detector(number))?;
            }
        }
        Ok(())
    }

    /// The detectors of a snapshot.
    ///
    /// # Errors
    ///
    /// `Detector` for a row that this build does not know.
    pub(super) fn of(dlp: &ArchivedDlp) -> Result<Self, ScanError> {
        let mut kit = Self::default();
        for (number, row) in dlp.detectors.iter().enumerate() {
            kit.add(number, row)?;
        }
        kit.numbers.contexts.arrange();
        let action = |class: usize, actions: &[u8; 3]| {
            DlpAction::numbered(actions.get(class).copied().unwrap_or(u8::MAX))
        };
        for (a, covers) in kit.covers.iter_mut().enumerate() {
            for (b, covered) in covers.iter_mut().enumerate() {
                let stricter = |actions: &[u8; 3]| action(a, actions) >= action(b, actions);
                let both = stricter(&dlp.request) && stricter(&dlp.response);
                *covered = a == b || (dlp.covers && both);
            }
        }
        Ok(kit)
    }

    /// The detector of secrets that a name promises.
    pub(super) const fn promised(&self, promise: Promise) -> Option<u16> {
        match promise {
            Promise::Password => self.password,
            Promise::Key => self.key,
        }
    }

    fn add(&mut self, number: usize, row: &ArchivedDetector) -> Result<(), ScanError> {
        let wrong = ScanError::Detector(number);
        let validator = Validator::numbered(row.validator).ok_or(wrong)?;
        let index = u16::try_from(number).map_err(|_| wrong)?;
        let bit = self.bits;
        let numbers = &mut self.numbers;
        match validator {
            Validator::Card => numbers.card = Some(index),
            Validator::Iban => numbers.iban = Some(index),
            Validator::Ssn => (numbers.ssn, numbers.ssn_bit) = (Some(index), bit),
            Validator::Phone => (numbers.phone, numbers.phone_bit) = (Some(index), bit),
            Validator::Email => self.email = Some(index),
            Validator::Person => self.person = Some(index),
            Validator::Address => self.address = Some(index),
            Validator::Birth => self.birth = Some(index),
            Validator::Account => self.account = Some(index),
            Validator::Routing => self.routing = Some(index),
            Validator::Password => self.password = Some(index),
            Validator::Key => self.key = Some(index),
            Validator::Own => self.own = Some(index),
            Validator::Keyed => {
                self.keyed.rows.push(index);
                self.keyed.keys.add(row.key.as_str().to_owned());
            }
            Validator::Number => {
                let shape = row.pattern.as_str();
                let id = Id {
                    detector: index,
                    check: ids::Check::numbered(row.check).ok_or(wrong)?,
                    anchored: Expression::new(format!("^(?:{shape})")),
                    confidence: row.confidence,
                    bit,
                    alone: row.alone,
                };
                numbers.add(shape, id);
            }
            Validator::Pattern
            | Validator::Token
            | Validator::PrivateKey
            | Validator::Url
            | Validator::Within => {}
        }
        // More detectors with words than there are bits would be overlooked.
        if !row.context.is_empty() {
            if bit >= Promised::MOST {
                return Err(wrong);
            }
            self.bits = bit.saturating_add(1);
            numbers
                .contexts
                .add(bit, row.context.iter().map(|phrase| phrase.as_str()));
        }

        self.rows.push(Row {
            class: Class::numbered(row.class).ok_or(wrong)?,
            confidence: row.confidence,
            validator,
            window: row.window.to_native() as usize,
            entropy: u32::from(row.entropy.to_native()),
            is_special: row.action.is_some(),
            expression: Expression::new(row.pattern.as_str().to_owned()),
        });
        Ok(())
    }
}

impl Keyed {
    /// The detectors whose value a value of this name may be; the name is in lower case with `_`
    /// between its words.
    pub(super) fn of(
        &self,
        name: &[u8],
        each: &mut dyn FnMut(u16) -> Result<bool, ScanError>,
    ) -> Result<(), ScanError> {
        self.keys.each(name, false, &mut |at| {
            self.rows.get(at).map_or(Ok(true), |row| each(*row))
        })
    }
}
