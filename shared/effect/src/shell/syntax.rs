//! What a parsed command line consists of.
//!
//! Control flow is flattened: every branch and loop body stands in the list as if it ran, because
//! what a line would do is the gravest of what it may do.

/// A parsed text.
#[derive(Debug, Default)]
pub(super) struct Script {
    /// Its pipelines in order.
    pub(super) list: Vec<Pipeline>,
    /// Here documents, by the index that redirections name.
    pub(super) bodies: Vec<Body>,
    /// Whether some of it could not be read: a quote left open, nesting too deep.
    pub(super) is_broken: bool,
}

/// A here document.
#[derive(Debug, Default)]
pub(super) struct Body {
    /// Its text as written.
    pub(super) text: String,
    /// The commands substituted in it, unless its delimiter is quoted.
    pub(super) commands: Vec<Pipeline>,
}

/// Commands joined by `|`.
#[derive(Debug, Default)]
pub(super) struct Pipeline {
    /// At least one.
    pub(super) commands: Vec<Command>,
}

/// One command of a pipeline.
#[derive(Debug)]
pub(super) enum Command {
    /// Words, assignments, redirections.
    Simple(Simple),
    /// `( .. )`, `{ .. }`, `case`, or the body of a function with this name.
    Group {
        /// The name, for a function.
        function: Option<String>,
        /// What stands inside.
        list: Vec<Pipeline>,
        /// What is redirected as a whole.
        redirects: Vec<Redirect>,
    },
}

/// A command without a structure of its own.
#[derive(Debug, Default)]
pub(super) struct Simple {
    /// `NAME=value` in front of the words.
    pub(super) assignments: Vec<(String, Word)>,
    /// The program and its arguments.
    pub(super) words: Vec<Word>,
    /// What is redirected.
    pub(super) redirects: Vec<Redirect>,
}

/// One word before expansion.
#[derive(Debug, Default)]
pub(super) struct Word {
    /// Its parts, side by side.
    pub(super) parts: Vec<Part>,
}

/// A part of a word.
#[derive(Debug)]
pub(super) enum Part {
    /// Text without quotes and escapes.
    Text {
        /// The text.
        text: String,
        /// Whether it stood in quotes or behind a backslash.
        is_quoted: bool,
    },
    /// `$NAME`, `${NAME..}`.
    Variable {
        /// The name.
        name: String,
        /// The literal of `${NAME:-literal}`.
        fallback: Option<String>,
        /// Whether it stood in double quotes.
        is_quoted: bool,
    },
    /// `$(..)`, backticks, `<(..)`, `>(..)`.
    Commands {
        /// What is run.
        list: Vec<Pipeline>,
        /// Whether the word is the name of a pipe: `<(..)`, `>(..)`.
        is_process: bool,
    },
}

/// What a redirection does.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    /// `<`
    Read,
    /// `>`, `>|`, `&>`
    Write,
    /// `>>`, `&>>`
    Append,
    /// `<<`, with the index of the body.
    Document(usize),
    /// `<<<`
    Line,
    /// `2>&1`, `<&3`
    Duplicate,
}

/// One redirection.
#[derive(Debug)]
pub(super) struct Redirect {
    /// What it does.
    pub(super) direction: Direction,
    /// The file, text or delimiter.
    pub(super) target: Word,
}
