//! Reads a script; refuses every word it does not know, with file, line and what was expected.

use anyhow::{Context, bail, ensure};
use clap::ValueEnum;

use super::measure::{Wait, bytes, time};
use super::rule::{Effect, Pattern, Rule, Subject, When};
use crate::upstream::fault::Fault;
use crate::upstream::text::TEXT_BYTES_MAX;
use crate::upstream::wish::EVENTS_MAX;

/// Every word that may stand in a rule.
const WORDS: &str = "connection, method=, tool=, after=, every=, times=, probability=, seed=, \
                     delay=, bytes=, events=, pace=, plant=, structured, fault=";

/// The rules of a script, in their order.
///
/// # Errors
/// The first line that is no rule.
pub(super) fn rules(file: &str, text: &str) -> anyhow::Result<Vec<Rule>> {
    let mut rules = Vec::new();
    for (line, number) in text.lines().zip(1_u64..) {
        let words = line.split('#').next().unwrap_or_default();
        if !words.trim().is_empty() {
            let rule = rule(words, number).with_context(|| format!("{file}:{number}"))?;
            rules.push(rule);
        }
    }
    Ok(rules)
}

/// A rule as far as it has been read.
#[derive(Default)]
struct Draft {
    connection: bool,
    method: Option<Pattern>,
    tool: Option<Pattern>,
    when: When,
    effect: Effect,
    seed: Option<u64>,
}

fn rule(line: &str, number: u64) -> anyhow::Result<Rule> {
    let mut draft = Draft::default();
    let mut names: Vec<&str> = Vec::new();
    for word in line.split_whitespace() {
        let (name, value) = word.split_once('=').unwrap_or((word, ""));
        ensure!(!names.contains(&name), "`{word}`: {name} was said already");
        names.push(name);
        draft.take(word, name, value)?;
    }
    draft.finish(number)
}

impl Draft {
    fn take(&mut self, word: &str, name: &str, value: &str) -> anyhow::Result<()> {
        let effect = &mut self.effect;
        match name {
            "connection" if word == name => self.connection = true,
            "structured" if word == name => effect.structured = true,
            "method" if !value.is_empty() => self.method = Some(Pattern::new(value)),
            "tool" if !value.is_empty() => self.tool = Some(Pattern::new(value)),
            "after" => self.when.after = count(word, value)?,
            "every" => self.when.every = positive(word, value)?,
            "times" => self.when.times = positive(word, value)?,
            "seed" => self.seed = Some(count(word, value)?),
            "probability" => {
                let chance = value
                    .parse()
                    .ok()
                    .filter(|share| (0.0..=1.0).contains(share));
                let expected = || format!("`{word}`: expected a number from 0 to 1");
                self.when.probability = chance.with_context(expected)?;
            }
            "delay" => {
                let expected = "5ms, uniform:1ms..20ms or exponential:20ms, at most 3600s";
                let wait = Wait::parse(value);
                effect.delay =
                    Some(wait.with_context(|| format!("`{word}`: expected {expected}"))?);
            }
            "pace" => {
                let pace = time(value);
                let expected = || format!("`{word}`: expected a time like 5ms, at most 3600s");
                effect.pace = Some(pace.with_context(expected)?);
            }
            "bytes" => {
                let size = bytes(value).filter(|size| *size <= TEXT_BYTES_MAX);
                let expected = || format!("`{word}`: expected a size like 16KiB, at most 64MiB");
                effect.bytes = Some(size.with_context(expected)?);
            }
            "events" => {
                let events = value.parse().ok().filter(|events| *events <= EVENTS_MAX);
                let expected = || format!("`{word}`: expected a number, at most {EVENTS_MAX}");
                effect.events = Some(events.with_context(expected)?);
            }
            "plant" => effect.plant = Some(one_of(word, value)?),
            "fault" => effect.fault = Some(one_of(word, value)?),
            _ => bail!("`{word}`: expected one of {WORDS}"),
        }
        Ok(())
    }

    fn finish(self, number: u64) -> anyhow::Result<Rule> {
        let Effect {
            delay,
            bytes,
            events,
            pace,
            plant,
            structured,
            fault,
        } = &self.effect;
        let shapes = bytes.is_some() || events.is_some() || plant.is_some() || *structured;
        let acts = shapes || delay.is_some() || pace.is_some() || fault.is_some();
        ensure!(
            acts,
            "nothing happens: expected delay=, bytes=, events=, fault= or the like"
        );
        let is_of_connections = fault.map(Fault::is_of_connections);
        let subject = if self.connection {
            let names = self.method.is_some() || self.tool.is_some();
            ensure!(!names, "a connection has no method and no tool");
            ensure!(
                !shapes && pace.is_none(),
                "a connection takes only delay= and fault="
            );
            ensure!(
                is_of_connections != Some(false),
                "a connection takes only fault=refuse and fault=deaf"
            );
            Subject::Connection
        } else {
            ensure!(
                is_of_connections != Some(true),
                "this fault befalls connections: begin the line with `connection`"
            );
            let Subject::Call { method, tool } = Subject::calls_of_tools() else {
                bail!("calls of tools are calls");
            };
            Subject::Call {
                method: self.method.unwrap_or(method),
                tool: self.tool.unwrap_or(tool),
            }
        };
        let seed = self.seed.unwrap_or(number);
        Ok(Rule::new(subject, self.when, self.effect, seed))
    }
}

fn count(word: &str, value: &str) -> anyhow::Result<u64> {
    let number = value.parse();
    number.with_context(|| format!("`{word}`: expected a whole number"))
}

fn positive(word: &str, value: &str) -> anyhow::Result<u64> {
    let number = count(word, value)?;
    ensure!(number > 0, "`{word}`: expected a number from 1 on");
    Ok(number)
}

fn one_of<T: ValueEnum>(word: &str, value: &str) -> anyhow::Result<T> {
    T::from_str(value, false).map_err(|_| {
        let names = T::value_variants().iter().filter_map(T::to_possible_value);
        let names: Vec<String> = names.map(|name| name.get_name().to_owned()).collect();
        anyhow::anyhow!("`{word}`: expected one of {}", names.join(", "))
    })
}

#[cfg(test)]
mod tests {
    use std::time::Duration;

    use super::super::rule::Event;
    use super::rules;
    use crate::upstream::fault::Fault;
    use crate::upstream::plan::Plan;
    use crate::upstream::text::Plant;

    #[test]
    fn every_effect_reaches_the_plan() {
        let line = "tool=a delay=3ms bytes=2KiB events=4 pace=1ms plant=email structured \
                    fault=split after=0 every=1 times=1 probability=1 seed=3";
        let rules = rules("s", line).unwrap();
        let mut plan = Plan::default();
        let (method, tool) = ("tools/call", "a");
        assert!(rules[0].holds(Event::Call { method, tool }));
        rules[0].apply(&mut plan);
        assert_eq!(plan.delay, Duration::from_millis(3));
        assert_eq!((plan.text.bytes, plan.events), (2048, 4));
        assert_eq!(plan.pace, Duration::from_millis(1));
        assert_eq!(plan.text.plant, Some(Plant::Email));
        assert!(plan.text.structured && plan.fault == Some(Fault::Split));
    }

    #[test]
    fn a_line_that_is_no_rule_is_told_with_its_place_and_what_was_expected() {
        for (line, expected) in [
            ("evry=3 fault=half", "expected one of connection"),
            ("every=0 fault=half", "from 1 on"),
            ("every=x fault=half", "whole number"),
            ("every=1 every=2 fault=half", "said already"),
            ("probability=2 fault=half", "from 0 to 1"),
            ("delay=5", "exponential:20ms"),
            ("pace=fast", "time like 5ms"),
            ("bytes=65MiB", "at most 64MiB"),
            ("events=100001", "at most 100000"),
            ("plant=tree", "card, email, secret"),
            ("fault=hlaf", "half-open"),
            ("every=3", "nothing happens"),
            ("method= delay=1ms", "expected one of"),
            ("connection=yes fault=refuse", "expected one of"),
            ("connection fault=half", "only fault=refuse"),
            ("connection tool=a fault=refuse", "no method and no tool"),
            ("connection bytes=5", "only delay="),
            ("fault=deaf", "begin the line with `connection`"),
        ] {
            let error = rules("my.script", &format!("delay=1ms\n{line}")).unwrap_err();
            let text = format!("{error:#}");
            assert!(text.starts_with("my.script:2: "), "{text}");
            assert!(text.contains(expected), "{line}: {text}");
        }
    }
}
