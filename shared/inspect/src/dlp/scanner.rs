//! Scans payloads with a snapshot's database and confirms what it finds.
//!
//! Refuses a snapshot whose detectors this build does not know, and any payload that it could not
//! look at completely.

use std::sync::Arc;

use memchr::memchr;
use varistor_model::Span;
use varistor_snapshot::schema::ArchivedDlp;

use super::confirm::{self, Budget, Candidate};
use super::encoded::RUN_REACH;
use super::engine::Engine;
use super::kit::Kit;
use super::lexicon::Lexicon;
use super::look::{self, Sight};
use super::own::OwnSecrets;
use super::text::{Text, less, sum};
use super::trigger::Judged;
use super::view::{DEPTH_MAX, Views};
use super::{
    CONFIDENCE_MIN, Encoding, Finding, Findings, Hit, Place, ScanError, TRIGGER, Validator, choose,
    encoded, locate, plain, secret,
};

/// Most findings of which it is looked up whether they explain a place.
const EXPLAINED_MAX: usize = 32;

/// The database of one snapshot with its scratch space and buffers; one per worker.
pub struct Scanner {
    engine: Option<Engine>,
    run_engine: Option<Engine>,
    own: Arc<OwnSecrets>,
    kit: Kit,
    /// Up to where this text is taken by each detector's hits.
    taken: Vec<usize>,
    plain: Vec<u8>,
    matches: Vec<(u32, u32)>,
    views: Views,
    sight: Sight,
    judged: Judged,
    hits: Vec<Hit>,
    chosen: choose::Chosen,
    keeps_values: bool,
    unwrapped: Vec<u8>,
}

impl Scanner {
    /// Opens the snapshot's database.
    ///
    /// # Errors
    ///
    /// `Database` when it is damaged or for another processor, `Detector` when a row is unknown.
    pub fn open(dlp: &ArchivedDlp) -> Result<Self, ScanError> {
        let scanner = Self::open_again(dlp)?;
        Kit::check(dlp)?;
        Ok(scanner)
    }

    /// The same for a snapshot that was opened before: what cannot have changed is not read again.
    ///
    /// # Errors
    ///
    /// As [`Scanner::open`]; of an expression that can't be read, when it is needed.
    pub fn open_again(dlp: &ArchivedDlp) -> Result<Self, ScanError> {
        let kit = Kit::of(dlp)?;
        Ok(Self {
            engine: Engine::open(dlp.database.as_slice())?,
            run_engine: Engine::open(dlp.run_database.as_slice())?,
            own: Arc::default(),
            taken: vec![0; kit.rows.len()],
            kit,
            plain: Vec::new(),
            matches: Vec::new(),
            views: Views::default(),
            sight: Sight::default(),
            judged: Judged::default(),
            hits: Vec::new(),
            chosen: choose::Chosen::default(),
            keeps_values: false,
            unwrapped: Vec::new(),
        })
    }

    /// Recognises these secrets from now on, where the snapshot looks for secrets.
    pub fn recognise(&mut self, own: Arc<OwnSecrets>) {
        self.own = own;
    }

    /// Keeps, from now on, what each finding's value reads. For explanations on demand only: the
    /// gateway never keeps any.
    pub const fn keep_values(&mut self) {
        self.keeps_values = true;
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
        rows: &ArchivedDlp,
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
        let found = self.find(Lexicon(rows), (payload, text), findings);
        if found.is_ok() && !self.hits.is_empty() {
            self.chosen.choose(&self.kit, &mut self.hits);
            self.tell(payload, findings);
        }
        self.plain = decoded;
        found
    }

    /// Fills `hits` from the text and from all that is encoded in it.
    fn find(
        &mut self,
        lexicon: Lexicon<'_>,
        (payload, text): (&[u8], &[u8]),
        findings: &mut Findings,
    ) -> Result<(), ScanError> {
        self.views.clear();
        self.look(lexicon, text, &mut findings.overflowed)?;
        self.keep(text, &mut findings.values);
        self.hits.append(&mut self.sight.hits);
        let is_mixed = self.sight.is_mixed;
        self.deeper(lexicon, text, findings)?;
        if is_mixed {
            self.split(lexicon, (payload, text), findings)?;
        }
        self.hits.retain(|hit| hit.confidence >= CONFIDENCE_MIN);
        Ok(())
    }

    /// Looks through what is encoded in the last text that was seen, as deep as it goes.
    fn deeper(
        &mut self,
        lexicon: Lexicon<'_>,
        text: &[u8],
        findings: &mut Findings,
    ) -> Result<(), ScanError> {
        for _ in 0..DEPTH_MAX {
            if !self.sight.is_rich && self.sight.runs.is_empty() {
                break;
            }
            let mut views = std::mem::take(&mut self.views);
            let view = views.deeper(text, &self.sight.runs);
            let seen = if view {
                self.visit(lexicon, &views, findings)
            } else {
                Ok(())
            };
            self.views = views;
            seen?;
            if !view {
                break;
            }
        }
        Ok(())
    }

    /// Looks through values put together that may have been one. Only what has a form of its own
    /// counts: names and numbers side by side are no more than that.
    fn split(
        &mut self,
        lexicon: Lexicon<'_>,
        (payload, text): (&[u8], &[u8]),
        findings: &mut Findings,
    ) -> Result<(), ScanError> {
        let mut views = std::mem::take(&mut self.views);
        let (rows, hits) = (&self.kit.rows, &self.hits);
        let is_token = |hit: &Hit| {
            let row = rows.get(usize::from(hit.detector));
            hit.confidence >= CONFIDENCE_MIN && row.is_some_and(|row| row.validator.is_scanned())
        };
        let within = |place, hit: &Hit| hit.start <= place && place < hit.end && is_token(hit);
        // What a token explains need not lead to another; with many, that is not looked up.
        let explained =
            |place| hits.len() <= EXPLAINED_MAX && hits.iter().any(|hit| within(place, hit));
        let view = views.join(payload, text, &explained);
        let before = self.hits.len();
        let seen = if view {
            self.visit(lexicon, &views, findings)
        } else {
            Ok(())
        };
        self.views = views;
        seen?;
        if !view {
            return Ok(());
        }
        self.deeper(lexicon, text, findings)?;
        let (rows, mut at) = (&self.kit.rows, 0_usize);
        self.hits.retain(|hit| {
            at = at.saturating_add(1);
            let row = rows.get(usize::from(hit.detector));
            // What lies within one string was found there.
            let spread = || memchr(b'"', Text(text).slice(hit.start, hit.end)).is_some();
            at <= before || (row.is_some_and(|row| row.validator.may_be_spread()) && spread())
        });
        Ok(())
    }

    /// Looks through the last view, and takes over what stands there.
    fn visit(
        &mut self,
        lexicon: Lexicon<'_>,
        views: &Views,
        findings: &mut Findings,
    ) -> Result<(), ScanError> {
        let text = views.last();
        let seen = self.look(lexicon, text, &mut findings.overflowed);
        self.keep(text, &mut findings.values);
        self.place(views);
        seen
    }

    /// Takes over what was seen in the last view, at its places in the payload's text.
    fn place(&mut self, views: &Views) {
        let hits = &mut self.hits;
        for hit in self.sight.hits.drain(..) {
            if let Some((start, end, encoding)) = views.place(hit.start, hit.end) {
                hits.push(Hit {
                    start,
                    end,
                    encoding: encoding.max(hit.encoding),
                    is_whole: false,
                    ..hit
                });
            }
        }
    }

    /// Keeps the values of what was seen, when that is wanted.
    fn keep(&mut self, text: &[u8], values: &mut Vec<u8>) {
        if !self.keeps_values {
            return;
        }
        for hit in &mut self.sight.hits {
            let start = values.len();
            let value = Text(text).slice(hit.start, hit.end);
            match hit.encoding {
                Encoding::Base64 => {
                    let padding = value.iter().rev().take_while(|byte| **byte == b'=').count();
                    let run = value.len().saturating_sub(padding);
                    encoded::decode(value.get(..run).unwrap_or_default(), values);
                }
                _ => values.extend_from_slice(value),
            }
            hit.value = Span::of(start..values.len()).unwrap_or_default();
        }
    }

    /// Fills `sight` from one text.
    fn look(
        &mut self,
        lexicon: Lexicon<'_>,
        text: &[u8],
        overflowed: &mut bool,
    ) -> Result<(), ScanError> {
        self.matches.clear();
        self.sight.clear();
        if let Some(engine) = &self.engine {
            let all = engine.scan(text, (0, text.len()), &mut self.matches)?;
            *overflowed |= !all;
        }
        self.confirm(lexicon, text)?;
        look::marked(&self.kit, lexicon, text, &mut self.sight)?;
        if let Some(detector) = self.kit.own.filter(|_| !self.own.is_empty()) {
            let Sight { hits, long, .. } = &mut self.sight;
            self.own.find(Text(text), long, &mut |start, end| {
                hits.push(Hit::new(start, end, detector, 100));
            });
        }
        self.in_runs(lexicon, text, overflowed)
    }

    /// Scans the text around its runs.
    fn in_runs(
        &mut self,
        lexicon: Lexicon<'_>,
        text: &[u8],
        overflowed: &mut bool,
    ) -> Result<(), ScanError> {
        let engine = self.run_engine.as_ref();
        let Some(engine) = engine.filter(|_| !self.sight.long.is_empty()) else {
            return Ok(());
        };
        self.matches.clear();
        let mut runs = self.sight.long.iter().peekable();
        while let Some((start, end)) = runs.next() {
            let mut end = sum(*end, RUN_REACH);
            // Stretches that touch are one.
            while let Some(next) = runs.next_if(|next| less(next.0, RUN_REACH) <= end) {
                end = sum(next.1, RUN_REACH);
            }
            let stretch = (less(*start, RUN_REACH), end.min(text.len()));
            let all = engine.scan(text, stretch, &mut self.matches)?;
            *overflowed |= !all;
        }
        self.confirm(lexicon, text)
    }

    fn confirm(&mut self, lexicon: Lexicon<'_>, text: &[u8]) -> Result<(), ScanError> {
        if self.matches.is_empty() {
            return Ok(());
        }
        self.judged.clear();
        let mut budget = Budget::of(text.len());
        for (id, _) in &self.matches {
            if let Some(taken) = self.taken.get_mut(*id as usize) {
                *taken = 0;
            }
        }
        for (id, end) in &self.matches {
            let (number, end) = (*id as usize, *end as usize);
            if *id >= TRIGGER {
                let both = (&self.kit, lexicon);
                self.judged
                    .word(both, Text(text), (*id, end), &mut self.sight)?;
                continue;
            }
            let wrong = ScanError::Detector(number);
            let row = self.kit.rows.get(number).ok_or(wrong)?;
            let taken = self.taken.get_mut(number).ok_or(wrong)?;
            if end <= *taken {
                continue;
            }
            let candidate = Candidate {
                from: *taken,
                end,
                window: row.window,
            };
            let check = (row.regex(number)?, row.validator);
            if let Some((start, end)) = confirm::span(text, &candidate, check, &mut budget)? {
                *taken = end;
                if row.entropy > 0 && !confirm::is_random(text, (start, end), row.entropy) {
                    continue;
                }
                let detector = u16::try_from(number).map_err(|_| wrong)?;
                let value = Text(text).slice(start, end);
                if !confirm::is_real(row.validator, value) {
                    continue;
                }
                let mut hit = Hit::new(start, end, detector, row.confidence);
                // `Basic` credentials: name and password in base64 (RFC 7617).
                if row.validator == Validator::Token
                    && secret::unwrapped(value, &mut self.unwrapped)
                    && self.unwrapped.contains(&b':')
                {
                    hit.encoding = Encoding::Base64;
                }
                self.sight.hits.push(hit);
            }
        }
        Ok(())
    }

    /// Tells where in the payload the hits stand.
    fn tell(&self, payload: &[u8], findings: &mut Findings) {
        let rows = &self.kit.rows;
        locate::pieces(payload, &self.hits, &mut |hit, place, span| {
            // Of what was spread over values, the names between them are no part.
            let between = hit.encoding == Encoding::Split && place != Place::Text;
            if let Some(row) = rows.get(usize::from(hit.detector)).filter(|_| !between) {
                findings.push(Finding {
                    detector: hit.detector,
                    class: row.class,
                    confidence: hit.confidence,
                    encoding: hit.encoding,
                    value: hit.value,
                    place,
                    span,
                });
            }
        });
        findings.found.sort_unstable_by_key(|f| {
            (f.span.start, u32::MAX.wrapping_sub(f.span.end), f.detector)
        });
        findings.found.dedup();
    }
}
