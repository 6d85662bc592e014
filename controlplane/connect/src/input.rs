//! Reads lines of the host on a thread of its own: standard input can be a pipe, a file or a
//! terminal, and waiting for it must not keep the process from ending.

use std::io::{self, BufRead, BufReader, Read};

use tokio::sync::mpsc;

use crate::LINE_BYTES_MAX;

/// What came.
#[derive(Debug)]
pub(crate) enum Input {
    /// A line that is not blank, without its end.
    Line(Vec<u8>),
    /// A line over the limit; it was read and dropped.
    TooLong,
    /// It failed; nothing follows.
    Failed(io::Error),
}

/// Starts reading; the channel ends with the input.
pub(crate) fn start() -> io::Result<mpsc::Receiver<Input>> {
    // One line may wait: a host that sends faster than the gateway takes has to wait itself.
    let (sender, receiver) = mpsc::channel(1);
    std::thread::Builder::new()
        .name("input".to_owned())
        .spawn(move || read_all(io::stdin().lock(), LINE_BYTES_MAX, &sender))?;
    Ok(receiver)
}

fn read_all(input: impl Read, bytes_max: usize, sender: &mpsc::Sender<Input>) {
    let mut input = BufReader::with_capacity(64 * 1024, input);
    loop {
        let found = match read_line(&mut input, bytes_max) {
            Ok(None) => return,
            Ok(Some(found)) => found,
            Err(error) => Input::Failed(error),
        };
        let is_last = matches!(found, Input::Failed(_));
        if sender.blocking_send(found).is_err() || is_last {
            return;
        }
    }
}

/// The next line that is not blank. The last one may lack its end.
fn read_line(input: &mut impl BufRead, bytes_max: usize) -> io::Result<Option<Input>> {
    let mut line = Vec::new();
    let mut dropped = false;
    loop {
        let piece = match input.fill_buf() {
            Err(error) if error.kind() == io::ErrorKind::Interrupted => continue,
            other => other?,
        };
        let end = memchr::memchr(b'\n', piece);
        let text = piece.get(..end.unwrap_or(piece.len())).unwrap_or_default();
        let at_end = piece.is_empty();
        dropped |= line.len().saturating_add(text.len()) > bytes_max;
        if dropped {
            line = Vec::new();
        } else {
            line.extend_from_slice(text);
        }
        let consumed = end.map_or(piece.len(), |end| end.saturating_add(1));
        input.consume(consumed);
        if end.is_none() && !at_end {
            continue;
        }
        if dropped {
            return Ok(Some(Input::TooLong));
        }
        if !line.trim_ascii().is_empty() {
            return Ok(Some(Input::Line(line)));
        }
        if at_end {
            return Ok(None);
        }
        line.clear();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lines(text: &[u8], bytes_max: usize) -> Vec<String> {
        let mut input = BufReader::with_capacity(3, text);
        let mut found = Vec::new();
        while let Some(next) = read_line(&mut input, bytes_max).unwrap() {
            found.push(match next {
                Input::Line(line) => String::from_utf8(line).unwrap(),
                other => format!("{other:?}"),
            });
        }
        found
    }

    #[test]
    fn lines_are_found_whatever_their_ends() {
        assert_eq!(
            lines(b"{\"a\":1}\n\n \r\n[2]\r\nlast", 99),
            ["{\"a\":1}", "[2]\r", "last"]
        );
        assert!(lines(b"", 9).is_empty());
        assert!(lines(b"\n\n", 9).is_empty());
    }

    #[test]
    fn a_line_over_the_limit_is_dropped_and_the_next_one_read() {
        assert_eq!(
            lines(b"12345\n1234\n123456789", 4),
            ["TooLong", "1234", "TooLong"]
        );
    }
}
