//! What a command line does: parsed as a shell would, then each program judged by its arguments.
//!
//! Text that merely mentions a command (`echo "rm -rf /"`, `git log --grep=delete`) is an
//! argument like any other. Programs nobody knows are doubtful writes; code that can't be
//! understood (`eval "$X"`, `base64 -d | sh`, an open quote) counts as destructive.

mod client;
mod database;
mod debug;
mod expand;
mod files;
mod flow;
mod hooks;
mod interpret;
mod judge;
mod network;
mod options;
mod parse;
mod printing;
mod programs;
mod redirect;
mod scripts;
mod syntax;
mod transfer;
mod web;
mod windows;
mod wrap;

use crate::{Effects, Outside};

/// What running this command line would do. Empty text has no effects.
#[must_use]
pub fn shell(text: &str, outside: &dyn Outside) -> Effects {
    let mut judge = judge::Judge::new(outside, 0);
    judge.text(text);
    judge.effects
}

/// As [`shell`], for a text that stands `depth` levels deep in other code.
pub(crate) fn nested(text: &str, outside: &dyn Outside, depth: usize) -> Effects {
    let mut judge = judge::Judge::new(outside, depth);
    judge.text(text);
    judge.effects
}

/// Whether a program of this name is known.
#[must_use]
pub fn is_program(name: &str) -> bool {
    programs::is_known(name) || wrap::is_known(name)
}

/// What this PowerShell code would do.
pub(crate) fn powershell(text: &str, outside: &dyn Outside, depth: usize) -> Effects {
    let mut judge = judge::Judge::new(outside, depth);
    windows::code(&mut judge, text);
    if judge.effects.is_empty() && !text.trim().is_empty() {
        judge.find(varistor_model::Intent::Read, 50, "powershell.expression");
    }
    judge.effects
}
