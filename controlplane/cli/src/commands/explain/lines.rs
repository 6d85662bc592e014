//! Standard input, line by line, in bounded memory.

use std::io::{self, BufRead};

/// Longest line that is kept, in bytes: the largest answer of a default policy, as a string in
/// which every second byte is escaped.
pub(super) const LINE_BYTES_MAX: usize = 64 * 1024 * 1024;

/// What the next line was.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Next {
    /// The buffer holds it, without its end.
    Line,
    /// It was longer than asked for; it is skipped and the buffer is empty.
    TooLong,
    /// There is none.
    End,
}

/// Reads the next line into `line`, without `\n` or `\r\n`; at most `bytes_max` of it are kept.
pub(super) fn next(
    input: &mut impl BufRead,
    line: &mut Vec<u8>,
    bytes_max: usize,
) -> io::Result<Next> {
    line.clear();
    let (mut any, mut too_long) = (false, false);
    loop {
        let chunk = match input.fill_buf() {
            Ok(chunk) => chunk,
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            Err(error) => return Err(error),
        };
        if chunk.is_empty() {
            break;
        }
        any = true;
        let end = chunk.iter().position(|byte| *byte == b'\n');
        let (text, _) = chunk.split_at(end.unwrap_or(chunk.len()));
        too_long |= line.len() + text.len() > bytes_max;
        if !too_long {
            line.extend_from_slice(text);
        }
        let used = text.len() + usize::from(end.is_some());
        input.consume(used);
        if end.is_some() {
            break;
        }
    }
    if too_long {
        *line = Vec::new();
        return Ok(Next::TooLong);
    }
    if line.last() == Some(&b'\r') {
        line.pop();
    }
    Ok(if any { Next::Line } else { Next::End })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn all(text: &str, capacity: usize) -> Vec<(Next, String)> {
        let mut input = io::BufReader::with_capacity(capacity, text.as_bytes());
        let (mut line, mut all) = (Vec::new(), Vec::new());
        loop {
            let next = next(&mut input, &mut line, 4).unwrap();
            if next == Next::End {
                return all;
            }
            all.push((next, String::from_utf8(line.clone()).unwrap()));
        }
    }

    #[test]
    fn lines_end_at_line_feeds_and_long_ones_are_skipped() {
        for capacity in 1..12 {
            let kept = |text: &str| (Next::Line, text.to_owned());
            let long = || (Next::TooLong, String::new());
            let lines = all("a\n\nabcde\nabcd\r\nlast", capacity);
            // The carriage return counts towards the bound.
            assert_eq!(lines, [kept("a"), kept(""), long(), long(), kept("last")]);
            assert_eq!(all("", capacity), []);
            assert_eq!(all("x\n", capacity), [kept("x")]);
            assert_eq!(all("ab\r\n", capacity), [kept("ab")]);
        }
    }
}
