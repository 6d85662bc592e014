//! Short lines for people, on standard error. Hosts keep them in a log.

use std::io::Write as _;

use varistor_model::is_hidden;

/// One line; characters that steer a terminal are spelled out.
pub(crate) fn say(text: &str) {
    let mut line = String::with_capacity(text.len() + 20);
    line.push_str("varictl connect: ");
    for character in text.chars() {
        match is_hidden(character) {
            true => line.extend(character.escape_unicode()),
            false => line.push(character),
        }
    }
    line.push('\n');
    // A standard error that is gone is nobody's loss.
    drop(std::io::stderr().lock().write_all(line.as_bytes()));
}
