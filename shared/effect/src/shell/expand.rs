//! Words become arguments: known variables are put in, substituted commands are judged.

use super::flow::Flow;
use super::judge::Judge;
use super::syntax::{Part, Script, Word};

/// The longest value of a variable that is remembered; what is run from variables is short.
const VALUE_BYTES_MAX: usize = 2 << 10;
/// How many variables are remembered.
const VARIABLES_MAX: usize = 64;

/// One argument after expansion.
#[derive(Clone, Debug, Default, PartialEq, Eq)]
pub(super) struct Arg {
    /// Its text; `$NAME` for a variable without known value, `$()` for output.
    pub(super) text: String,
    /// Whether some of it is not known.
    pub(super) is_dynamic: bool,
    /// What comes out of the pipe that it names: `<(..)`.
    pub(super) pipe: Option<Flow>,
}

impl Arg {
    /// An argument of known text.
    pub(super) fn known(text: &str) -> Self {
        Self {
            text: text.to_owned(),
            ..Self::default()
        }
    }
}

impl Judge<'_> {
    /// The arguments that this word becomes, put behind those there are.
    pub(super) fn expand(&mut self, script: &Script, word: &Word, args: &mut Vec<Arg>) {
        let mut arg = Arg::default();
        let mut is_open = false;
        for part in &word.parts {
            match part {
                Part::Text { text, .. } => {
                    arg.text.push_str(text);
                    is_open = true;
                }
                Part::Variable {
                    name,
                    fallback,
                    is_quoted,
                } => {
                    let value = self.value(name).or_else(|| fallback.clone());
                    arg.is_dynamic |= value.is_none();
                    let value = value.unwrap_or_else(|| format!("${name}"));
                    match *is_quoted {
                        true => arg.text.push_str(&value),
                        false => split(&value, &mut arg, args),
                    }
                    is_open |= *is_quoted || !arg.text.is_empty();
                }
                Part::Commands { list, is_process } => {
                    let flow = self.list(script, list);
                    is_open = true;
                    match flow {
                        _ if *is_process => {
                            arg.text.push_str("/dev/fd/63");
                            arg.pipe = Some(flow);
                        }
                        Flow::Text(text) => arg.text.push_str(text.trim_end_matches('\n')),
                        flow => {
                            arg.text.push_str("$()");
                            arg.is_dynamic = true;
                            arg.pipe = Some(flow);
                        }
                    }
                }
            }
        }
        if is_open {
            args.push(arg);
        }
    }

    /// The word as one argument.
    pub(super) fn expand_whole(&mut self, script: &Script, word: &Word) -> Arg {
        let mut args = Vec::new();
        self.expand(script, word, &mut args);
        let mut all = args.into_iter();
        let mut whole = all.next().unwrap_or_default();
        for arg in all {
            whole.text.push(' ');
            whole.text.push_str(&arg.text);
            whole.is_dynamic |= arg.is_dynamic;
            whole.pipe = whole.pipe.or(arg.pipe);
        }
        whole
    }

    /// The value of a variable, if it is known; each use is paid for.
    fn value(&mut self, name: &str) -> Option<String> {
        let value = match name {
            "IFS" => return Some(" ".to_owned()),
            "HOME" => return Some("~".to_owned()),
            "PWD" => return Some(".".to_owned()),
            "TMPDIR" => return Some("/tmp".to_owned()),
            _ => self
                .variables
                .iter()
                .rev()
                .find(|(known, _)| known == name)?,
        };
        let value = value.1.as_ref()?;
        self.expansion_bytes_left = self.expansion_bytes_left.checked_sub(value.len())?;
        Some(value.clone())
    }

    /// Remembers an assignment.
    pub(super) fn assign(&mut self, name: &str, arg: &Arg) {
        let is_known = !arg.is_dynamic && arg.text.len() <= VALUE_BYTES_MAX;
        let value = is_known.then(|| arg.text.clone());
        let known = self.variables.iter_mut().find(|(known, _)| known == name);
        if let Some((_, last)) = known {
            *last = value;
        } else if self.variables.len() < VARIABLES_MAX {
            self.variables.push((name.to_owned(), value));
        }
    }
}

/// Splits the value of an unquoted variable into fields; the last one stays open.
fn split(value: &str, arg: &mut Arg, args: &mut Vec<Arg>) {
    let mut fields = value.split([' ', '\t', '\n']);
    arg.text.push_str(fields.next().unwrap_or_default());
    for field in fields {
        if !arg.text.is_empty() {
            args.push(std::mem::take(arg));
        }
        arg.text.push_str(field);
    }
}
