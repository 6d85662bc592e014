//! Recognises the gateway's own secrets: what lies in its vault must leave it in headers only.
//!
//! No value is kept: of each, a keyed hash, its length, and a few bytes that lead to it. Secrets
//! with a long run of letters and digits are looked for in such runs only, which clean text hardly
//! has; the others, by their first bytes, in all text.

use std::collections::BTreeMap;
use std::sync::Arc;

use aho_corasick::{AhoCorasick, Input, MatchKind};
use xxhash_rust::xxh3::xxh3_128_with_seed;

use super::ScanError;
use super::encoded::{RUN_MIN, is_base64};
use super::text::{Text, less, sum};

/// Shortest secret that is recognised, in bytes: shorter ones stand in innocent text.
pub const OWN_SECRET_BYTES_MIN: usize = 8;
/// Bytes of a run that lead to a secret.
const LEAD: usize = 8;
/// First bytes of a secret without a run that lead to it.
const FIRST: usize = 4;
/// Places in the map of leads, in bits.
const MAP_BITS: usize = 1 << 12;

/// What the gateway knows of its own secrets. Shared by all scanners of a snapshot.
#[derive(Default)]
pub struct OwnSecrets {
    seed: u64,
    known: Vec<Known>,
    /// A hash of the first bytes of a run, and whose it is; sorted.
    leads: Vec<(u64, usize)>,
    /// Which hashes are among them, by their lowest bits.
    map: Vec<u64>,
    /// First bytes of those without a run.
    firsts: Option<AhoCorasick>,
    /// Whose first bytes they are, by the number of the pattern.
    of_first: Vec<Vec<usize>>,
    /// Further ones.
    beside: Option<Arc<OwnSecrets>>,
}

struct Known {
    /// Where its lead stands in it.
    lead: usize,
    length: usize,
    digest: u128,
}

impl OwnSecrets {
    /// Takes note of the values, of which those under [`OWN_SECRET_BYTES_MIN`] are left out. `seed`
    /// is random.
    ///
    /// # Errors
    ///
    /// `Database` when there are too many to look for.
    pub fn new<'v>(seed: u64, values: impl Iterator<Item = &'v [u8]>) -> Result<Self, ScanError> {
        let mut own = Self {
            seed,
            ..Self::default()
        };
        let mut firsts = BTreeMap::<_, Vec<usize>>::new();
        for value in values.filter(|value| value.len() >= OWN_SECRET_BYTES_MIN) {
            let row = own.known.len();
            let start = lead(value);
            if let Some(start) = start {
                let lead = own.hash(Text(value).slice(start, sum(start, LEAD)));
                own.leads.push((lead, row));
            } else {
                let first = Text(value).slice(0, FIRST);
                firsts.entry(first).or_default().push(row);
            }
            own.known.push(Known {
                lead: start.unwrap_or(0),
                length: value.len(),
                digest: xxh3_128_with_seed(value, seed),
            });
        }
        own.leads.sort_unstable();
        own.map = vec![0; MAP_BITS / 64];
        for (lead, _) in &own.leads {
            if let Some(word) = own.map.get_mut(*lead as usize % MAP_BITS / 64) {
                *word |= 1 << (lead % 64);
            }
        }
        if !firsts.is_empty() {
            let search = AhoCorasick::builder()
                .match_kind(MatchKind::LeftmostFirst)
                .build(firsts.keys())
                .map_err(|_| ScanError::Database)?;
            own.firsts = Some(search);
            own.of_first = firsts.into_values().collect();
        }
        Ok(own)
    }

    /// These and further values, of which short ones are left out as well.
    ///
    /// # Errors
    ///
    /// `Database` when there are too many to look for.
    pub fn with<'v>(
        self: &Arc<Self>,
        values: impl Iterator<Item = &'v [u8]>,
    ) -> Result<Self, ScanError> {
        Ok(Self {
            beside: Some(Arc::clone(self)),
            ..Self::new(self.seed, values)?
        })
    }

    /// How many are known.
    #[must_use]
    pub fn len(&self) -> usize {
        let beside = self.beside.as_ref().map_or(0, |other| other.len());
        sum(self.known.len(), beside)
    }

    /// Whether none is.
    #[must_use]
    pub fn is_empty(&self) -> bool {
        self.len() == 0
    }

    /// Tells where secrets stand in the text; `runs` are its runs of at least [`RUN_MIN`].
    pub(super) fn find(
        &self,
        text: Text<'_>,
        runs: &[(usize, usize)],
        each: &mut dyn FnMut(usize, usize),
    ) {
        if let Some(other) = &self.beside {
            other.find(text, runs, each);
        }
        if !self.leads.is_empty() {
            for (start, end) in runs {
                self.in_run(text, (*start, *end), each);
            }
        }
        let Some(firsts) = &self.firsts else {
            return;
        };
        let mut at = 0;
        while let Some(found) = firsts.find(Input::new(text.0).range(at..)) {
            let rows = self.of_first.get(found.pattern().as_usize());
            for row in rows.into_iter().flatten() {
                if let Some((start, end)) = self.confirmed(*row, text, found.start()) {
                    each(start, end);
                }
            }
            at = sum(found.start(), 1);
        }
    }

    fn in_run(
        &self,
        text: Text<'_>,
        (start, end): (usize, usize),
        each: &mut dyn FnMut(usize, usize),
    ) {
        for at in start..less(end, RUN_MIN.saturating_sub(1)) {
            let lead = self.hash(text.slice(at, sum(at, LEAD)));
            let word = self.map.get(lead as usize % MAP_BITS / 64).copied();
            if word.unwrap_or(0) & (1 << (lead % 64)) == 0 {
                continue;
            }
            let from = self.leads.partition_point(|(known, _)| *known < lead);
            let rows = self.leads.get(from..).unwrap_or_default();
            for (_, row) in rows.iter().take_while(|(known, _)| *known == lead) {
                if let Some(found) = self.confirmed(*row, text, at) {
                    each(found.0, found.1);
                }
            }
        }
    }

    /// The secret of that row whose lead stands at the place.
    fn confirmed(&self, row: usize, text: Text<'_>, at: usize) -> Option<(usize, usize)> {
        let known = self.known.get(row)?;
        let start = at.checked_sub(known.lead)?;
        let end = sum(start, known.length);
        let value = text.slice(start, end);
        let same =
            value.len() == known.length && xxh3_128_with_seed(value, self.seed) == known.digest;
        same.then_some((start, end))
    }

    /// A hash of eight bytes.
    fn hash(&self, lead: &[u8]) -> u64 {
        let bytes = lead.try_into().map_or(0, u64::from_le_bytes);
        let mixed = (bytes ^ self.seed).wrapping_mul(0x9e37_79b9_7f4a_7c15);
        mixed ^ (mixed >> 32)
    }
}

/// Where the bytes stand that lead to a value: near the end of its last long run, where tokens of
/// one issuer differ. What they begin with is alike, and would lead to all of them.
fn lead(value: &[u8]) -> Option<usize> {
    let mut last = None;
    let mut at = 0;
    while at < value.len() {
        let length = Text(value).run(at, usize::MAX, is_base64);
        if length >= RUN_MIN {
            last = Some(less(sum(at, length), RUN_MIN));
        }
        at = sum(sum(at, length), 1);
    }
    last
}

#[cfg(test)]
mod tests {
    use super::*;

    fn found(secrets: &[&str], text: &str) -> Vec<String> {
        let values = secrets.iter().map(|secret| secret.as_bytes());
        let own = OwnSecrets::new(7, values).unwrap();
        let mut runs = Vec::new();
        let mut at = 0;
        let bytes = Text(text.as_bytes());
        while at < text.len() {
            let length = bytes.run(at, usize::MAX, is_base64);
            if length >= RUN_MIN {
                runs.push((at, at.saturating_add(length)));
            }
            at = sum(sum(at, length), 1);
        }
        let mut found = Vec::new();
        own.find(bytes, &runs, &mut |start, end| {
            found.push(text[start..end].to_owned());
        });
        found
    }

    #[test]
    fn tokens_of_one_issuer_do_not_share_what_leads_to_them() {
        let token = |number: usize| {
            let claims = "eyJpc3MiOiJodHRwczovL2lkLmFjbWUuZXhhbXBsZSIsImV4cCI6MTgwMDAwMDAwMH0";
            format!("eyJhbGciOiJFUzI1NiJ9.{claims}.c2lnbmF0dXJl{number:08}LW9mLXRv")
        };
        let tokens: Vec<String> = (0..1_000).map(token).collect();
        let values = tokens.iter().map(String::as_bytes);
        let own = OwnSecrets::new(7, values).unwrap();
        let mut leads: Vec<u64> = own.leads.iter().map(|(lead, _)| *lead).collect();
        leads.dedup();
        assert!(
            leads.len() > 1,
            "all are looked at wherever one might stand"
        );
        let some = [tokens[0].as_str(), tokens[999].as_str()];
        assert_eq!(found(&some, &format!("it is {}.", some[1])), [some[1]]);
    }

    #[test]
    fn secrets_are_found_wherever_they_stand() {
        let long = "p.w!Zx81Tq0Lm3Vb7Ny5Rk!";
        let short = "Tr0ub4dor&3 %";
        let twin = "Tr0ub-other";
        let all = [long, short, twin];
        assert_eq!(found(&all, long), [long]);
        assert_eq!(found(&all, short), [short]);
        let text = format!("a{long}b {short}{twin}, Tr0ub4dor&4");
        assert_eq!(found(&all, &text), [long, short, twin]);
        assert_eq!(
            found(&["Zx81Tq0Lm3Vb7Ny5Rk"], "00Zx81Tq0Lm3Vb7Ny5Rk00").len(),
            1
        );
    }

    #[test]
    fn what_is_nearly_one_is_none() {
        let long = "Zx81Tq0Lm3Vb7Ny5Rk";
        for text in ["", "Zx81Tq0Lm3Vb7Ny5R", "Zx81Tq0Lm3Vb7Ny5RK", "Tr0ub4do&3"] {
            assert!(found(&[long, "Tr0ub4dor&3"], text).is_empty(), "{text}");
        }
        assert!(found(&["short"], "short").is_empty());
        assert_eq!(
            OwnSecrets::new(1, [b"short".as_slice()].into_iter())
                .unwrap()
                .len(),
            0
        );
        assert!(OwnSecrets::default().is_empty());
    }

    #[test]
    fn further_secrets_are_found_beside_those_of_before() {
        let of =
            |values: &[&'static str]| values.iter().map(|it| it.as_bytes()).collect::<Vec<_>>();
        let first = Arc::new(OwnSecrets::new(7, of(&["first;secret"]).into_iter()).unwrap());
        let both = first
            .with(of(&["other;secret", "short"]).into_iter())
            .unwrap();
        assert_eq!((first.len(), both.len()), (1, 2));
        let mut found = Vec::new();
        both.find(
            Text(b"first;secret other;secret"),
            &[],
            &mut |start, end| {
                found.push((start, end));
            },
        );
        assert_eq!(found, [(0, 12), (13, 25)]);
    }
}
