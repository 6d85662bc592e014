//! Whose calls they are and which tools they name: tokens, tool names, and how both are dealt.

use std::path::Path;

use anyhow::Context;
use rand::rngs::SmallRng;
use rand::{RngExt, SeedableRng};

/// How tools are chosen.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum Spread {
    /// Each as often as any other.
    Uniform,
    /// The n-th in proportion to 1/n.
    Zipf,
}

/// What a token belongs to.
#[derive(clap::ValueEnum, Clone, Copy, PartialEq, Eq, Debug)]
pub(super) enum TokenPer {
    /// Every call takes the next one.
    Call,
    /// Every connection keeps its own.
    Connection,
}

/// Bearer tokens, one of each agent.
#[derive(Debug)]
pub(super) struct Tokens {
    tokens: Vec<Box<str>>,
    pub(super) per: TokenPer,
}

impl Tokens {
    /// Reads a file of one token a line.
    ///
    /// # Errors
    /// No such file, no token in it, or a line that cannot stand in a header.
    pub(super) fn read(path: &Path, per: TokenPer) -> anyhow::Result<Self> {
        let place = || format!("--tokens {}", path.display());
        let text = std::fs::read_to_string(path).with_context(place)?;
        let mut tokens = Vec::new();
        for (number, line) in text.lines().enumerate() {
            let token = line.trim();
            anyhow::ensure!(
                token.bytes().all(|byte| byte.is_ascii_graphic()),
                "{}, line {}: a token is visible ASCII without spaces",
                place(),
                number + 1
            );
            if !token.is_empty() {
                tokens.push(token.into());
            }
        }
        anyhow::ensure!(
            !tokens.is_empty(),
            "{} holds no token: write one a line",
            place()
        );
        Ok(Self { tokens, per })
    }

    /// The token of this turn; they go round.
    pub(super) fn at(&self, turn: u64) -> &str {
        let count = (self.tokens.len() as u64).max(1);
        let place = usize::try_from(turn % count).unwrap_or(0);
        self.tokens.get(place).map_or("", |token| token)
    }
}

/// The tools that calls name.
#[derive(Debug)]
pub(super) struct Tools {
    names: Vec<Box<str>>,
    /// Sums of the weights up to each tool; empty when all are alike.
    sums: Vec<f64>,
}

impl Tools {
    /// Always the same tool.
    ///
    /// # Errors
    /// A name that cannot stand in a header.
    pub(super) fn one(name: &str) -> anyhow::Result<Self> {
        anyhow::ensure!(
            !name.is_empty()
                && name
                    .bytes()
                    .all(|b| b.is_ascii_graphic() && b != b'"' && b != b'\\'),
            "the tool {name:?} cannot stand in a header: name it in visible ASCII without spaces"
        );
        Ok(Self {
            names: vec![name.into()],
            sums: Vec::new(),
        })
    }

    /// The tools of the mock server: the first, then `tool_0001` and so on.
    ///
    /// # Errors
    /// As for [`Self::one`].
    pub(super) fn many(first: &str, count: u32, spread: Spread) -> anyhow::Result<Self> {
        let mut tools = Self::one(first)?;
        tools
            .names
            .extend((1..count).map(|number| format!("tool_{number:04}").into_boxed_str()));
        if spread == Spread::Zipf {
            let mut sum = 0.0;
            tools.sums = (1..=count)
                .map(|rank| {
                    sum += 1.0 / f64::from(rank);
                    sum
                })
                .collect();
        }
        Ok(tools)
    }

    pub(super) fn name(&self, tool: usize) -> &str {
        self.names.get(tool).map_or("", |name| name)
    }

    fn choose(&self, random: &mut SmallRng) -> usize {
        match self.sums.last() {
            _ if self.names.len() == 1 => 0,
            None => random.random_range(0..self.names.len()),
            Some(&total) => {
                let place = random.random_range(0.0..total);
                self.sums.partition_point(|&sum| sum <= place)
            }
        }
    }
}

/// Deals calls out on one thread; two runs deal alike.
pub(super) struct Dealer {
    random: SmallRng,
    turn: u64,
    step: u64,
}

impl Dealer {
    /// Thread `number` of `threads` takes every `threads`-th turn.
    pub(super) fn new(number: usize, threads: usize) -> Self {
        Self {
            random: SmallRng::seed_from_u64(number as u64),
            turn: number as u64,
            step: threads as u64,
        }
    }

    /// The next turn.
    pub(super) fn turn(&mut self) -> u64 {
        let turn = self.turn;
        self.turn = turn.wrapping_add(self.step);
        turn
    }

    /// A tool, an index.
    pub(super) fn tool(&mut self, tools: &Tools) -> usize {
        tools.choose(&mut self.random)
    }
}

#[cfg(test)]
mod tests {
    use super::{Dealer, Spread, TokenPer, Tokens, Tools};

    #[test]
    fn tokens_go_round_and_an_empty_file_is_refused() {
        let directory = tempfile::tempdir().unwrap();
        let path = directory.path().join("tokens");
        std::fs::write(&path, "a\n\n b \nc").unwrap();
        let tokens = Tokens::read(&path, TokenPer::Call).unwrap();
        let dealt: Vec<_> = (0..5).map(|turn| tokens.at(turn)).collect();
        assert_eq!(dealt, ["a", "b", "c", "a", "b"]);
        for (text, says) in [("\n \n", "holds no token"), ("a\nb c\n", "line 2")] {
            std::fs::write(&path, text).unwrap();
            let error = Tokens::read(&path, TokenPer::Call).unwrap_err().to_string();
            assert!(
                error.contains(says) && error.contains("--tokens"),
                "{error}"
            );
        }
        let missing = format!(
            "{:#}",
            Tokens::read(&path.join("x"), TokenPer::Call).unwrap_err()
        );
        assert!(missing.contains("tokens/x"), "{missing}");
    }

    #[test]
    fn tools_are_spread_as_asked() {
        for (spread, first) in [(Spread::Uniform, 0.01), (Spread::Zipf, 0.193)] {
            let tools = Tools::many("echo", 100, spread).unwrap();
            let mut dealer = Dealer::new(0, 1);
            let mut counts = [0_u32; 100];
            for _ in 0..100_000 {
                counts[dealer.tool(&tools)] += 1;
            }
            let share = f64::from(counts[0]) / 100_000.0;
            assert!((share / first - 1.0).abs() < 0.1, "{spread:?}: {share}");
            assert!(counts.iter().all(|&count| count > 0));
        }
        let tools = Tools::many("echo", 3, Spread::Uniform).unwrap();
        assert_eq!((tools.name(0), tools.name(2)), ("echo", "tool_0002"));
        assert!(Tools::one("two words").is_err());
    }

    #[test]
    fn threads_share_the_turns_out() {
        let mut dealers = [Dealer::new(0, 2), Dealer::new(1, 2)];
        let turns: Vec<_> = (0..3)
            .flat_map(|_| dealers.each_mut().map(Dealer::turn))
            .collect();
        assert_eq!(turns, [0, 1, 2, 3, 4, 5]);
    }
}
