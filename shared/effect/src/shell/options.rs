//! Arguments told apart into options and words, and the patterns that rows of programs match with.

use super::expand::Arg;

/// One option as it was given.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
struct Given<'a> {
    name: &'a str,
    value: Option<&'a str>,
}

impl Given<'_> {
    /// Whether a trial or help is not asked for: `--dry-run=false`.
    fn is_no(&self) -> bool {
        const TRIALS: &str =
            "dry-run dryrun dry_run what-if whatif simulate preview noop no-act help";
        let name = self.name.trim_start_matches('-').to_ascii_lowercase();
        self.value.is_some_and(is_falsy) && is_listed(TRIALS, &name)
    }
}

/// Whether a value says no.
pub(super) fn is_falsy(value: &str) -> bool {
    is_listed(
        "false no none 0 off n f never disabled",
        &value.to_ascii_lowercase(),
    ) || value.is_empty()
}

/// The arguments of one program.
#[derive(Debug, Default)]
pub(super) struct Options<'a> {
    given: Vec<Given<'a>>,
    /// What is no option and no value of one.
    pub(super) words: Vec<&'a str>,
}

/// How a program writes its options.
#[derive(Clone, Copy, Debug, Default)]
pub(super) struct Style {
    /// Options that take the next argument as their value, separated by blanks.
    pub(super) valued: &'static str,
    /// Whether `-abc` is one option instead of three.
    pub(super) is_single_dash_long: bool,
}

impl<'a> Options<'a> {
    /// Tells the arguments behind a program's name apart.
    pub(super) fn of(args: &'a [Arg], style: Style) -> Self {
        let mut options = Self::default();
        let mut rest = args.iter().map(|arg| arg.text.as_str());
        while let Some(text) = rest.next() {
            if text == "--" {
                options.words.extend(rest.by_ref());
            } else if text.len() < 2 || !text.starts_with('-') {
                options.words.push(text);
            } else if let Some((name, value)) = text.split_once('=') {
                options.given.push(Given {
                    name,
                    value: Some(value),
                });
            } else {
                let takes = is_listed(style.valued, text) || options.cluster_takes(text, style);
                let value = if takes { rest.next() } else { None };
                options.given.push(Given { name: text, value });
            }
        }
        options
    }

    /// Whether the last letter of `-abc` takes the next argument.
    fn cluster_takes(&self, text: &str, style: Style) -> bool {
        if style.is_single_dash_long || text.starts_with("--") || text.len() < 3 {
            return false;
        }
        let letters = text.get(1..).unwrap_or_default();
        let takes = |letter: char| {
            style.valued.split_ascii_whitespace().any(|option| {
                let mut characters = option.chars();
                characters.next() == Some('-')
                    && characters.next() == Some(letter)
                    && characters.next().is_none()
            })
        };
        letters
            .find(takes)
            .is_some_and(|at| at.saturating_add(1) == letters.len())
    }

    /// Whether this option was given, alone or in a cluster of letters.
    pub(super) fn has(&self, option: &str, style: Style) -> bool {
        let letter = match option.as_bytes() {
            [b'-', letter] if !style.is_single_dash_long => Some(char::from(*letter)),
            _ => None,
        };
        self.given.iter().any(|given| {
            (given.name == option && !given.is_no())
                || letter.is_some_and(|letter| {
                    let cluster = given.name.strip_prefix('-').unwrap_or_default();
                    !cluster.starts_with('-') && cluster.contains(letter)
                })
        })
    }

    /// The value of this option, joined or in the next argument.
    pub(super) fn value(&self, option: &str) -> Option<&'a str> {
        self.values(option).next()
    }

    /// All values of this option.
    pub(super) fn values<'s>(&'s self, option: &'s str) -> impl Iterator<Item = &'a str> + 's {
        self.given.iter().filter_map(move |given| {
            let is_short = option.len() == 2;
            match given.value {
                _ if given.name == option => given.value,
                // `-ofile`, `-XPOST`, `-qO-`
                None if is_short => behind_letter(given.name, option),
                // `-sSLd data`: the last letter of a cluster takes the value.
                Some(value)
                    if is_short
                        && !given.name.starts_with("--")
                        && given.name.ends_with(option.trim_start_matches('-')) =>
                {
                    Some(value)
                }
                _ => None,
            }
        })
    }

    /// Whether one of these options, separated by `|`, was given.
    pub(super) fn has_any(&self, options: &str, style: Style) -> bool {
        options.split('|').any(|option| self.has(option, style))
    }

    /// Whether a row's pattern holds. It consists of blank-separated steps:
    ///
    /// - `push`, `rm|remove`, `delete-*`, `*`: the next word is one of these;
    /// - `-f|--force`: one of these options is given; `--dry-run=client`, `-v=/:*`: with this
    ///   value;
    /// - `!-n|--dry-run`: none of these is given;
    /// - `+`: one more word follows; `=end`: no word follows.
    pub(super) fn matches(&self, pattern: &str, style: Style) -> bool {
        let mut words = self.words.iter();
        pattern.split_ascii_whitespace().all(|step| {
            if let Some(options) = step.strip_prefix('!') {
                return !options
                    .split('|')
                    .any(|option| self.has_valued(option, style));
            }
            match step {
                "+" => words.next().is_some(),
                "=end" => words.next().is_none(),
                _ if step.starts_with('-') => {
                    step.split('|').any(|option| self.has_valued(option, style))
                }
                _ => words.next().is_some_and(|word| is_one_of(step, word)),
            }
        })
    }

    fn has_valued(&self, option: &str, style: Style) -> bool {
        match option.split_once('=') {
            Some((name, "*")) => self
                .given
                .iter()
                .any(|g| g.name == name && g.value.is_some()),
            Some((name, value)) => self.values(name).any(|given| is_one_of(value, given)),
            None => self.has(option, style),
        }
    }
}

/// What stands behind the letter of an option in a cluster of letters.
fn behind_letter<'a>(cluster: &'a str, option: &str) -> Option<&'a str> {
    let letters = cluster
        .strip_prefix('-')
        .filter(|rest| !rest.starts_with('-'))?;
    let (_, value) = letters.split_once(option.trim_start_matches('-'))?;
    (!value.is_empty()).then_some(value)
}

/// Whether a word is one of these, separated by `|`; a star at the end stands for any rest, one in
/// front for any beginning.
pub(super) fn is_one_of(alternatives: &str, word: &str) -> bool {
    alternatives.split('|').any(|wanted| {
        match (wanted.strip_prefix('*'), wanted.strip_suffix('*')) {
            (Some(""), _) => true,
            (Some(end), None) => word.ends_with(end),
            (None, Some(start)) => word.starts_with(start),
            (Some(_), Some(_)) => word.contains(wanted.trim_matches('*')),
            (None, None) => wanted == word,
        }
    })
}

/// Whether a word stands in a blank-separated list.
pub(super) fn is_listed(list: &str, word: &str) -> bool {
    list.split_ascii_whitespace().any(|listed| listed == word)
}
