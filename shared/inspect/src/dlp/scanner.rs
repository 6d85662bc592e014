//! Scans payloads with a snapshot's database and confirms what it finds.
//!
//! Refuses a snapshot whose detectors this build does not know, and any payload that it could not
//! look at completely.

use hyperscan::{BlockDatabase, BlockMode, HsError, Matching, Scratch, SerializedDatabase};
use memchr::memchr;
use regex::bytes::Regex;
use varistor_model::Class;
use varistor_snapshot::schema::ArchivedDlp;

use super::candidates::Gated;
use super::confirm::{self, Budget, Candidate};
use super::{
    Encoding, FINDINGS_KEPT_MAX, Finding, Findings, Hit, ScanError, Validator, locate, plain,
};

/// Most ends of matches that one scan takes; they are confirmed one by one.
const MATCHES_MAX: usize = 4 * FINDINGS_KEPT_MAX;

/// The database of one snapshot with its scratch space and buffers; one per worker.
pub struct Scanner {
    engine: Option<(BlockDatabase, Scratch)>,
    detectors: Vec<Confirmed>,
    gated: Gated,
    plain: Vec<u8>,
    matches: Vec<(u32, u32)>,
    hits: Vec<Hit>,
}

/// A detector as it is needed to confirm.
struct Confirmed {
    class: Class,
    confidence: u8,
    validator: Validator,
    window: usize,
    regex: Option<Regex>,
    /// Whether an action of its own makes it matter beside another finding of its class.
    is_special: bool,
    /// Up to where this scan's text is taken by its hits.
    taken: usize,
}

impl Scanner {
    /// Opens the snapshot's database.
    ///
    /// # Errors
    ///
    /// `Database` when it is damaged or for another processor, `Detector` when a row is unknown.
    pub fn open(dlp: &ArchivedDlp) -> Result<Self, ScanError> {
        let engine = if dlp.database.is_empty() {
            None
        } else {
            Some(engine(dlp.database.as_slice())?)
        };
        let mut detectors = Vec::with_capacity(dlp.detectors.len());
        let mut gated = Gated::default();
        for (number, row) in dlp.detectors.iter().enumerate() {
            let wrong = ScanError::Detector(number);
            let validator = Validator::numbered(row.validator).ok_or(wrong)?;
            let index = u16::try_from(number).map_err(|_| wrong)?;
            match validator {
                Validator::Card => gated.card = Some(index),
                Validator::Iban => gated.iban = Some(index),
                Validator::Ssn => gated.ssn = Some(index),
                Validator::Email => gated.email = Some(index),
                Validator::Pattern | Validator::Token | Validator::PrivateKey => {}
            }
            let regex = if validator.is_scanned() {
                Some(confirm::regex(&row.pattern).map_err(|_| wrong)?)
            } else {
                None
            };
            detectors.push(Confirmed {
                class: Class::numbered(row.class).ok_or(wrong)?,
                confidence: row.confidence,
                validator,
                window: row.window.to_native() as usize,
                regex,
                is_special: row.action.is_some(),
                taken: 0,
            });
        }
        Ok(Self {
            engine,
            detectors,
            gated,
            plain: Vec::new(),
            matches: Vec::new(),
            hits: Vec::new(),
        })
    }

    /// Replaces `findings` by what stands in `payload`, one JSON text that passed the gate.
    ///
    /// `rows` are those that the scanner was opened with.
    ///
    /// Give it parameters, results or errors, not whole envelopes: an id or a token that the
    /// protocol echoes must not be redacted.
    ///
    /// # Errors
    ///
    /// `Scan`, `Payload` or `Overwork`: then nothing is known about the payload.
    pub fn scan(
        &mut self,
        _rows: &ArchivedDlp,
        payload: &[u8],
        findings: &mut Findings,
    ) -> Result<(), ScanError> {
        findings.clear();
        u32::try_from(payload.len()).map_err(|_| ScanError::Payload)?;
        self.hits.clear();
        let mut decoded = std::mem::take(&mut self.plain);
        let text = if memchr(b'\\', payload).is_some() {
            plain::decode(payload, &mut decoded);
            decoded.as_slice()
        } else {
            payload
        };
        let found = self.find(text, &mut findings.overflowed);
        self.plain = decoded;
        found?;
        if self.hits.is_empty() {
            return Ok(());
        }
        self.reduce();
        let detectors = &self.detectors;
        locate::pieces(payload, &self.hits, &mut |hit, place, span| {
            if let Some(detector) = detectors.get(usize::from(hit.detector)) {
                findings.push(Finding {
                    detector: hit.detector,
                    class: detector.class,
                    confidence: detector.confidence,
                    encoding: Encoding::Plain,
                    place,
                    span,
                });
            }
        });
        findings.found.sort_unstable_by_key(|f| {
            (f.span.start, u32::MAX.wrapping_sub(f.span.end), f.detector)
        });
        findings.found.dedup();
        Ok(())
    }

    /// Fills `hits` from the decoded text.
    fn find(&mut self, text: &[u8], overflowed: &mut bool) -> Result<(), ScanError> {
        self.matches.clear();
        if let Some((database, scratch)) = &self.engine
            && !text.is_empty()
        {
            let matches = &mut self.matches;
            let scanned = database.scan(text, scratch, |id: u32, _: u64, end: u64, _: u32| {
                let Ok(end) = u32::try_from(end) else {
                    return Matching::Terminate;
                };
                if matches.len() == MATCHES_MAX {
                    return Matching::Terminate;
                }
                matches.push((id, end));
                Matching::Continue
            });
            match scanned {
                Ok(()) => {}
                Err(hyperscan::Error::Hyperscan(HsError::ScanTerminated)) => *overflowed = true,
                Err(_) => return Err(ScanError::Scan),
            }
        }
        self.confirm(text)?;
        self.gated.find(text, &mut self.hits);
        Ok(())
    }

    fn confirm(&mut self, text: &[u8]) -> Result<(), ScanError> {
        if self.matches.is_empty() {
            return Ok(());
        }
        for detector in &mut self.detectors {
            detector.taken = 0;
        }
        let mut budget = Budget::of(text.len());
        for (id, end) in &self.matches {
            let (number, end) = (*id as usize, *end as usize);
            let wrong = ScanError::Detector(number);
            let detector = self.detectors.get_mut(number).ok_or(wrong)?;
            if end <= detector.taken {
                continue;
            }
            let candidate = Candidate {
                from: detector.taken,
                end,
                window: detector.window,
            };
            let regex = detector.regex.as_ref().ok_or(wrong)?;
            let check = (regex, detector.validator);
            if let Some((start, end)) = confirm::span(text, &candidate, check, &mut budget)? {
                detector.taken = end;
                let detector = u16::try_from(number).map_err(|_| wrong)?;
                self.hits.push(Hit {
                    start,
                    end,
                    detector,
                });
            }
        }
        Ok(())
    }

    /// Sorts the hits, and drops those that say nothing beside another: inside a longer hit (or
    /// the same as an earlier row's) of the same class, unless policy treats them on their own.
    fn reduce(&mut self) {
        let key = |hit: &Hit| (hit.start, usize::MAX.wrapping_sub(hit.end), hit.detector);
        self.hits.sort_unstable_by_key(key);
        let detectors = &self.detectors;
        // The hit that reaches furthest so far, by class.
        let mut reach: [Option<Hit>; Class::ALL.len()] = [None; Class::ALL.len()];
        self.hits.retain(|hit| {
            let Some(detector) = detectors.get(usize::from(hit.detector)) else {
                return false;
            };
            let Some(furthest) = reach.get_mut(detector.class as usize) else {
                return true;
            };
            if furthest.is_some_and(|longer| hit.end <= longer.end) && !detector.is_special {
                return false;
            }
            if !detector.is_special && furthest.is_none_or(|longer| hit.end > longer.end) {
                *furthest = Some(*hit);
            }
            true
        });
    }
}

fn engine(bytes: &[u8]) -> Result<(BlockDatabase, Scratch), ScanError> {
    let database = bytes
        .deserialize::<BlockMode>()
        .map_err(|_| ScanError::Database)?;
    let scratch = database.alloc_scratch().map_err(|_| ScanError::Database)?;
    Ok((database, scratch))
}
