//! What the gateway says to its operator: one line on standard error, never a value of a message.

use core::fmt::Arguments;
use std::io::Write as _;

/// Something the operator should know.
pub(crate) fn info(text: Arguments<'_>) {
    line("info", text);
}

/// Something that may need attention.
pub(crate) fn warning(text: Arguments<'_>) {
    line("warning", text);
}

/// Something that stopped the gateway from doing its part.
pub(crate) fn error(text: Arguments<'_>) {
    line("error", text);
}

fn line(level: &str, text: Arguments<'_>) {
    // A closed standard error must not stop the gateway.
    let _ = writeln!(std::io::stderr().lock(), "varistor: {level}: {text}");
}
