//! Secrets from a person: read from a pipe whole, or from a terminal without echo.

use std::fs::{File, OpenOptions};
use std::io::{self, BufRead, BufReader, IsTerminal, Read, Write};

use anyhow::Context;
use rustix::termios::{self, LocalModes, OptionalActions, Termios};
use zeroize::Zeroizing;

use crate::exit::wrong;

/// Longest text read from standard input, in bytes.
const BYTES_MAX: u64 = 64 * 1024;

/// A secret value: standard input when it is a pipe or file, else asked for without echo. One
/// newline at the end is dropped. Refuses an empty or an over-long one.
pub(crate) fn secret(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let mut value = if io::stdin().is_terminal() {
        ask(prompt)?
    } else {
        piped()?
    };
    if value.ends_with('\n') {
        value.pop();
        if value.ends_with('\r') {
            value.pop();
        }
    }
    if value.is_empty() {
        return Err(wrong(
            "the value is empty; type it, or send it through standard input",
        ));
    }
    Ok(value)
}

/// A token: the argument, else standard input. Surrounding white space is dropped.
pub(crate) fn token(argument: Option<&str>) -> anyhow::Result<Zeroizing<String>> {
    let text = match argument {
        Some(text) if text != "-" => Zeroizing::new(text.to_owned()),
        _ => {
            if io::stdin().is_terminal() {
                ask("Token: ")?
            } else {
                piped()?
            }
        }
    };
    let token = Zeroizing::new(text.trim().to_owned());
    if token.is_empty() {
        return Err(wrong(
            "no token was given; name it or send it through standard input",
        ));
    }
    Ok(token)
}

/// What a person types without echo, at a terminal; nothing where there is none, or no answer.
pub(crate) fn hidden(prompt: &str) -> Option<Zeroizing<String>> {
    if !io::stdin().is_terminal() {
        return None;
    }
    let typed = ask(prompt).ok()?;
    let typed = Zeroizing::new(typed.trim_end_matches(['\r', '\n']).to_owned());
    (!typed.is_empty()).then_some(typed)
}

/// Whether somebody is at the terminal.
pub(crate) fn is_there() -> bool {
    io::stdin().is_terminal()
}

/// What a person types; nothing for an empty line.
pub(crate) fn asked(prompt: &str) -> anyhow::Result<Option<Zeroizing<String>>> {
    eprint!("{prompt}");
    let mut typed = Zeroizing::new(String::new());
    let read = io::stdin().lock().read_line(&mut typed);
    read.context("can't read from the terminal")?;
    let typed = typed.trim_end_matches(['\r', '\n']);
    Ok((!typed.is_empty()).then(|| Zeroizing::new(typed.to_owned())))
}

/// Whether a person types the same once more; nobody is asked where standard input is no terminal.
pub(crate) fn is_typed_again(prompt: &str, typed: &str) -> anyhow::Result<bool> {
    if !io::stdin().is_terminal() {
        return Ok(true);
    }
    let again = ask(prompt)?;
    Ok(again.trim_end_matches(['\r', '\n']) == typed)
}

/// Whether a person at the terminal says yes; nobody is there where standard input is none.
pub(crate) fn agrees(question: &str) -> anyhow::Result<Option<bool>> {
    if !io::stdin().is_terminal() {
        return Ok(None);
    }
    eprint!("{question} [y/N] ");
    let mut answer = String::new();
    let read = io::stdin().lock().read_line(&mut answer);
    read.context("can't read from the terminal")?;
    let answer = answer.trim().to_ascii_lowercase();
    Ok(Some(["y", "yes"].contains(&answer.as_str())))
}

/// Standard input, whole.
pub(crate) fn piped() -> anyhow::Result<Zeroizing<String>> {
    let mut text = Zeroizing::new(String::new());
    io::stdin()
        .lock()
        .take(BYTES_MAX + 1)
        .read_to_string(&mut text)
        .context("standard input can't be read as UTF-8 text")?;
    if text.len() as u64 > BYTES_MAX {
        return Err(wrong(format!(
            "standard input has more than {BYTES_MAX} bytes"
        )));
    }
    Ok(text)
}

fn ask(prompt: &str) -> anyhow::Result<Zeroizing<String>> {
    let open = || OpenOptions::new().read(true).write(true).open("/dev/tty");
    let terminal = open().context("can't open the terminal")?;
    write!(&terminal, "{prompt}").context("can't write to the terminal")?;
    let mut value = Zeroizing::new(String::new());
    let quiet = Quiet::new(&terminal)?;
    BufReader::new(&terminal)
        .read_line(&mut value)
        .context("can't read from the terminal")?;
    drop(quiet);
    writeln!(&terminal).context("can't write to the terminal")?;
    Ok(value)
}

/// A terminal that does not echo while this lives.
struct Quiet<'a> {
    terminal: &'a File,
    before: Termios,
}

impl<'a> Quiet<'a> {
    fn new(terminal: &'a File) -> anyhow::Result<Self> {
        let before = termios::tcgetattr(terminal).context("can't ask the terminal for its mode")?;
        let mut quiet = before.clone();
        quiet.local_modes.remove(LocalModes::ECHO);
        termios::tcsetattr(terminal, OptionalActions::Flush, &quiet)
            .context("can't stop the terminal's echo")?;
        Ok(Self { terminal, before })
    }
}

impl Drop for Quiet<'_> {
    fn drop(&mut self) {
        // Nothing is left to do for a terminal that went away.
        let _ = termios::tcsetattr(self.terminal, OptionalActions::Flush, &self.before);
    }
}
