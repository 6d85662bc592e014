//! Which kinds of calls make up the load, and in which order they come.
//!
//! A mix is a name (`spec`, `guarded`), a list of shares (`small=60,large=10`), or a JSON file.
//! The order is drawn once from a seed, so that two runs send the same.

use std::path::Path;

use anyhow::Context;
use rand::SeedableRng;
use rand::rngs::SmallRng;
use rand::seq::SliceRandom;

use super::kind::{Kind, NAMES};

/// What real servers were seen to be asked: half of the answers are event streams of one event.
const SPEC: &str = "small=30,small-sse=30,medium=10,medium-sse=10,large=5,large-sse=5,\
                    huge=1.5,huge-sse=1.5,upload=5,list=2";
/// The same with calls that a gateway has to stop and answers that it has to redact.
const GUARDED: &str = "small=28,small-sse=28,medium=9,medium-sse=9,large=5,large-sse=5,\
                       huge=1.5,huge-sse=1.5,upload=5,list=2,stream=2,blocked=2,redacted=2";
/// Places among which the shares are dealt, so that a share of 0.1 % has its place.
const PLACES: usize = 1000;
/// The order is the same in every run.
const SEED: u64 = 0x6d69_7865;

/// The kinds and their order.
#[derive(Debug)]
pub(super) struct Mix {
    pub(super) kinds: Vec<Kind>,
    /// Indices of `kinds`, gone through again and again.
    order: Vec<usize>,
}

impl Mix {
    /// A mix of one kind.
    pub(super) fn of_one(kind: Kind) -> Self {
        Self {
            kinds: vec![kind],
            order: vec![0],
        }
    }

    /// What `--mix` says.
    ///
    /// # Errors
    /// An unknown kind, a share that is no number above 0, or a file that is not such a list.
    pub(super) fn parse(text: &str) -> anyhow::Result<Self> {
        let kinds = match text {
            "spec" => shares(SPEC)?,
            "guarded" => shares(GUARDED)?,
            _ if text.contains('=') => shares(text)?,
            _ if Path::new(text).extension().is_some() => read(Path::new(text))?,
            _ => anyhow::bail!(
                "--mix {text:?} is neither spec nor guarded, nor shares like \
                 small=60,large=40, nor the name of a .json file"
            ),
        };
        Self::of(kinds).with_context(|| format!("--mix {text:?}"))
    }

    fn of(kinds: Vec<Kind>) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !kinds.is_empty(),
            "there is no kind in it; name at least one"
        );
        for (place, kind) in kinds.iter().enumerate() {
            anyhow::ensure!(
                kind.weight.is_finite() && kind.weight > 0.0,
                "the share of {:?} is {}; give a number above 0",
                kind.name,
                kind.weight
            );
            let twice = kinds
                .iter()
                .take(place)
                .any(|other| other.name == kind.name);
            anyhow::ensure!(
                !twice,
                "the kind {:?} is there twice; name it once",
                kind.name
            );
        }
        let order = order(&kinds);
        Ok(Self { kinds, order })
    }

    /// The kind of call `number`, an index.
    pub(super) fn kind_of(&self, number: u64) -> usize {
        let places = self.order.len().max(1) as u64;
        let place = usize::try_from(number % places).unwrap_or(0);
        self.order.get(place).copied().unwrap_or(0)
    }
}

fn shares(text: &str) -> anyhow::Result<Vec<Kind>> {
    let kinds = text.split(',').map(|share| {
        let (name, weight) = share
            .split_once('=')
            .with_context(|| format!("--mix: {share:?} is not of the form KIND=SHARE"))?;
        let weight = weight
            .trim()
            .parse()
            .with_context(|| format!("--mix: the share in {share:?} is no number"))?;
        Kind::named(name.trim(), weight).with_context(|| {
            format!(
                "--mix: there is no kind {name:?}; there are {}",
                NAMES.join(", ")
            )
        })
    });
    kinds.collect()
}

fn read(path: &Path) -> anyhow::Result<Vec<Kind>> {
    let place = || format!("--mix {}", path.display());
    let text = std::fs::read_to_string(path).with_context(place)?;
    serde_json::from_str(&text)
        .context("expected a JSON array of kinds like {\"name\":\"a\",\"weight\":1}")
        .with_context(place)
}

/// Every kind has as many places as its share, at least one; the rest go to the largest remainders.
fn order(kinds: &[Kind]) -> Vec<usize> {
    if kinds.len() == 1 {
        return vec![0];
    }
    let total: f64 = kinds.iter().map(|kind| kind.weight).sum();
    let mut order = Vec::with_capacity(PLACES);
    let mut due = 0.0;
    for (index, kind) in kinds.iter().enumerate() {
        due += kind.weight / total * PLACES as f64;
        order.push(index);
        while (order.len() as f64) < due.round() {
            order.push(index);
        }
    }
    order.shuffle(&mut SmallRng::seed_from_u64(SEED));
    order
}

#[cfg(test)]
mod tests {
    use super::Mix;
    use crate::load::kind::Expect;

    #[test]
    fn shares_come_out_exactly_and_in_the_same_order_each_time() {
        let mix = Mix::parse("small=60,medium=30, large=9.9,huge=0.1").unwrap();
        let count = |kind| (0..1000).filter(|&n| mix.kind_of(n) == kind).count();
        assert_eq!([count(0), count(1), count(2), count(3)], [600, 300, 99, 1]);
        let again = Mix::parse("small=60,medium=30, large=9.9,huge=0.1").unwrap();
        assert!((0..5000).all(|n| mix.kind_of(n) == again.kind_of(n)));
        assert!(
            (0..20).any(|n| mix.kind_of(n) != mix.kind_of(0)),
            "not shuffled"
        );
    }

    #[test]
    fn the_named_mixes_hold_what_they_promise() {
        let spec = Mix::parse("spec").unwrap();
        assert!(spec.kinds.iter().all(|kind| kind.expect == Expect::Allowed));
        let streams = spec.kinds.iter().filter(|kind| kind.events() == 1);
        let share: f64 = streams.map(|kind| kind.weight).sum();
        assert!((share - 46.5).abs() < 1e-9);
        let guarded = Mix::parse("guarded").unwrap();
        assert!(
            guarded
                .kinds
                .iter()
                .any(|kind| kind.expect == Expect::ToolError)
        );
        assert!(guarded.kinds.iter().any(|kind| kind.absent.is_some()));
    }

    #[test]
    fn a_file_can_describe_kinds_of_its_own() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("mix.json");
        let text = r#"[{"name":"q","weight":3,"tool":"query","arguments":{"sql":"select"}},
                       {"name":"no","weight":1,"expect":"denied","request_bytes":600}]"#;
        std::fs::write(&path, text).unwrap();
        let mix = Mix::parse(path.to_str().unwrap()).unwrap();
        assert_eq!(mix.kinds.len(), 2);
        assert_eq!((0..1000).filter(|&n| mix.kind_of(n) == 0).count(), 750);
        std::fs::write(&path, r#"[{"name":"q","weight":3,"colour":1}]"#).unwrap();
        let error = format!("{:#}", Mix::parse(path.to_str().unwrap()).unwrap_err());
        assert!(
            error.contains("mix.json") && error.contains("colour"),
            "{error}"
        );
    }

    #[test]
    fn a_mix_that_is_none_is_refused_with_what_there_is() {
        for (text, says) in [
            ("tiny=1", "there are small"),
            ("small=x", "no number"),
            ("small=-1", "above 0"),
            ("small=1,small=2", "twice"),
            ("small=1,large", "KIND=SHARE"),
            ("spoc", "neither spec"),
            ("/nowhere/mix.json", "/nowhere/mix.json"),
        ] {
            let error = format!("{:#}", Mix::parse(text).unwrap_err());
            assert!(error.contains(says), "{text}: {error}");
        }
    }
}
