//! Where findings stand in a message, as a reader of JSON says it: a pointer (RFC 6901) to the
//! value, and offsets into the string there as it decodes.

use std::collections::HashMap;
use std::ops::Range;

use varistor_inspect::dlp::{Finding, Place};

/// One finding and its place.
#[derive(Clone, Debug)]
pub(super) struct Spot {
    /// What was found; `start <= end` of its span are bytes of the message.
    pub(super) finding: Finding,
    /// What its value reads, when that is not what stands there.
    pub(super) read: Option<String>,
    /// Pointer to the value, for a key to the member. Exact unless a key on the way holds a
    /// finding itself.
    pub(super) path: String,
    /// Bytes of the decoded string, of the decoded key, or of the number's text.
    pub(super) decoded: Range<usize>,
    /// The bytes of the string, without its quotes, or of the number in the message.
    pub(super) token: Range<usize>,
}

/// A string, without its quotes, or a number of the message.
#[derive(Clone, Debug, PartialEq)]
pub(super) struct Token {
    /// Its bytes in the message.
    pub(super) raw: Range<usize>,
    /// What it is.
    pub(super) place: Place,
}

/// Locates findings whose spans are bytes of `message`, which has passed the strict gate. They are
/// sorted by where they begin. A key may hold a value as well: in paths, `instead` stands for what
/// was found in one; without it, paths are exact.
pub(super) fn locate(
    message: &[u8],
    findings: &[Finding],
    instead: Option<&dyn Fn(&Finding) -> String>,
) -> Vec<Spot> {
    let mut spots: Vec<Spot> = Vec::with_capacity(findings.len());
    let mut pending = findings.iter().peekable();
    let mut walk = Walk::new(message);
    let mut keys = Keys::new();
    while pending.peek().is_some() {
        let Some(token) = walk.next() else { break };
        let first = spots.len();
        let mut from = (token.raw.start, 0);
        while let Some(finding) = pending.next_if(|f| f.span.range().start < token.raw.end) {
            let range = finding.span.range();
            if range.start < token.raw.start {
                continue;
            }
            let decoded = match token.place {
                Place::Number => 0..token.raw.len(),
                Place::Text | Place::Key => {
                    let start = from.1 + decoded_len(slice(message, from.0..range.start));
                    from = (range.start, start);
                    start..start + decoded_len(slice(message, range))
                }
            };
            spots.push(Spot {
                finding: *finding,
                read: None,
                path: String::new(),
                decoded,
                token: token.raw.clone(),
            });
        }
        let own = spots.get_mut(first..).unwrap_or_default();
        if own.is_empty() {
            continue;
        }
        if let (Place::Key, Some(instead)) = (token.place, instead) {
            let key = decoded(slice(message, token.raw.clone()));
            keys.insert(token.raw.start, without(&key, own, instead));
        }
        let path = walk.path(&keys);
        own.iter_mut().for_each(|spot| spot.path.clone_from(&path));
    }
    spots
}

/// What stands in paths for some keys, by where these begin in the message.
type Keys = HashMap<usize, String>;

/// The key with something else in the place of what was found in it.
fn without(key: &str, spots: &[Spot], instead: &dyn Fn(&Finding) -> String) -> String {
    let (mut shown, mut done) = (String::new(), 0);
    for spot in spots {
        if spot.decoded.start >= done {
            shown.push_str(key.get(done..spot.decoded.start).unwrap_or_default());
            shown.push_str(&instead(&spot.finding));
        }
        done = done.max(spot.decoded.end);
    }
    shown.push_str(key.get(done..).unwrap_or_default());
    shown
}

/// The value of a finding as it decodes.
pub(super) fn value_of(finding: &Finding, message: &[u8]) -> String {
    let raw = slice(message, finding.span.range());
    match finding.place {
        Place::Number => String::from_utf8_lossy(raw).into_owned(),
        Place::Text | Place::Key => decoded(raw),
    }
}

/// The inside of a JSON string as it decodes.
pub(super) fn decoded(raw: &[u8]) -> String {
    let quoted = [b"\"", raw, b"\""].concat();
    serde_json::from_slice(&quoted).unwrap_or_else(|_| String::from_utf8_lossy(raw).into_owned())
}

fn slice(bytes: &[u8], range: Range<usize>) -> &[u8] {
    bytes.get(range).unwrap_or_default()
}

/// How many bytes the inside of a JSON string decodes to.
fn decoded_len(raw: &[u8]) -> usize {
    let (mut length, mut rest) = (0, raw);
    loop {
        rest = match rest {
            [] => return length,
            [b'\\', b'u', digits @ ..] => {
                let unit = digits.get(..4).map_or(0, unit);
                length += match unit {
                    0..0x80 => 1,
                    0x80..0x800 => 2,
                    // Half of a pair; both together make four bytes.
                    0xd800..0xe000 => 2,
                    _ => 3,
                };
                digits.get(4..).unwrap_or_default()
            }
            [b'\\', _, behind @ ..] | [_, behind @ ..] => {
                length += 1;
                behind
            }
        };
    }
}

fn unit(digits: &[u8]) -> u32 {
    let digit = |byte: &u8| char::from(*byte).to_digit(16).unwrap_or(0);
    digits.iter().fold(0, |unit, byte| unit * 16 + digit(byte))
}

/// What encloses the current place.
enum Frame {
    /// The key's bytes, and whether the next string is a key.
    Object(Range<usize>, bool),
    Array(usize),
}

/// The tokens of a message in their order.
pub(super) struct Walk<'m> {
    message: &'m [u8],
    at: usize,
    frames: Vec<Frame>,
}

impl<'m> Walk<'m> {
    /// A walk from the beginning.
    pub(super) const fn new(message: &'m [u8]) -> Self {
        Self {
            message,
            at: 0,
            frames: Vec::new(),
        }
    }

    /// Pointer to the token that came last.
    fn path(&self, keys: &Keys) -> String {
        let mut path = String::new();
        for frame in &self.frames {
            path.push('/');
            match frame {
                Frame::Array(index) => path.push_str(&index.to_string()),
                Frame::Object(key, _) => {
                    let key = match keys.get(&key.start) {
                        Some(shown) => shown.clone(),
                        None => decoded(slice(self.message, key.clone())),
                    };
                    path.push_str(&key.replace('~', "~0").replace('/', "~1"));
                }
            }
        }
        path
    }

    fn string(&mut self) -> Token {
        let start = self.at;
        let mut end = start;
        loop {
            match self.message.get(end) {
                Some(b'\\') => end += 2,
                Some(b'"') | None => break,
                Some(_) => end += 1,
            }
        }
        let raw = start..end.min(self.message.len());
        self.at = end + 1;
        let place = match self.frames.last_mut() {
            Some(Frame::Object(key, expected @ true)) => {
                *key = raw.clone();
                *expected = false;
                Place::Key
            }
            _ => Place::Text,
        };
        Token { raw, place }
    }

    fn number(&mut self) -> Token {
        let start = self.at - 1;
        let inside = |byte: &&u8| matches!(byte, b'0'..=b'9' | b'-' | b'+' | b'.' | b'e' | b'E');
        let length = slice(self.message, start..self.message.len())
            .iter()
            .take_while(inside)
            .count();
        self.at = start + length;
        Token {
            raw: start..self.at,
            place: Place::Number,
        }
    }
}

impl Iterator for Walk<'_> {
    type Item = Token;

    fn next(&mut self) -> Option<Token> {
        loop {
            let byte = *self.message.get(self.at)?;
            self.at += 1;
            match byte {
                b'{' => self.frames.push(Frame::Object(0..0, true)),
                b'[' => self.frames.push(Frame::Array(0)),
                b'}' | b']' => drop(self.frames.pop()),
                b',' => match self.frames.last_mut() {
                    Some(Frame::Object(_, expected)) => *expected = true,
                    Some(Frame::Array(index)) => *index += 1,
                    None => {}
                },
                b'"' => return Some(self.string()),
                b'-' | b'0'..=b'9' => return Some(self.number()),
                _ => {}
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use varistor_inspect::dlp::Encoding;
    use varistor_model::{Class, Span};

    use super::*;

    fn finding(start: usize, length: usize, place: Place) -> Finding {
        Finding {
            detector: 0,
            class: Class::Pii,
            confidence: 90,
            encoding: Encoding::Plain,
            value: Span::default(),
            place,
            span: Span::of(start..start + length).unwrap(),
        }
    }

    fn found(message: &str, wanted: &str, place: Place) -> Spot {
        let start = message.find(wanted).unwrap();
        let finding = finding(start, wanted.len(), place);
        let mut spots = locate(message.as_bytes(), &[finding], None);
        assert_eq!(spots.len(), 1);
        spots.remove(0)
    }

    #[test]
    fn offsets_count_the_bytes_of_the_decoded_string() {
        let escapes = r#"{"a":["x",{"t":"\u00e4\n\ud83d\ude00\u20ac\"é\\SECRET\u0041!"}]}"#;
        let spot = found(escapes, r"SECRET\u0041", Place::Text);
        assert_eq!(spot.path, "/a/1/t");
        let whole: serde_json::Value = serde_json::from_str(escapes).unwrap();
        let text = whole.pointer(&spot.path).unwrap().as_str().unwrap();
        assert_eq!(&text[spot.decoded.clone()], "SECRETA");
        assert_eq!(value_of(&spot.finding, escapes.as_bytes()), "SECRETA");
    }

    #[test]
    fn pointers_escape_tilde_and_slash_and_decode_keys() {
        let odd = r#"{"a/b~c":{"":{"\u00fc\"":[0,[],{},"SECRET"]}}}"#;
        let spot = found(odd, "SECRET", Place::Text);
        assert_eq!(spot.path, "/a~1b~0c//ü\"/3");
        let whole: serde_json::Value = serde_json::from_str(odd).unwrap();
        assert_eq!(whole.pointer(&spot.path).unwrap(), "SECRET");
    }

    #[test]
    fn a_key_is_told_by_its_member_and_a_number_by_its_text() {
        let message = r#"[{"x":1,"mailto:SECRET":"y"},-12.5e3]"#;
        let key = found(message, "SECRET", Place::Key);
        assert_eq!((&*key.path, key.decoded), ("/0/mailto:SECRET", 7..13));
        let number = found(message, "-12.5e3", Place::Number);
        assert_eq!((&*number.path, number.decoded), ("/1", 0..7));
        assert_eq!(value_of(&number.finding, message.as_bytes()), "-12.5e3");
    }

    #[test]
    fn a_value_in_a_key_is_kept_out_of_paths() {
        let message = r#"{"a":{"to SECRET, \u00e4":{"x":"HIDDEN"},"y":"HIDDEN"}}"#;
        let at = |text| message.find(text).unwrap();
        let last = message.rfind("HIDDEN").unwrap();
        let findings = [
            finding(at("SECRET"), 6, Place::Key),
            finding(at("CRET"), 4, Place::Key),
            finding(at("HIDDEN"), 6, Place::Text),
            finding(last, 6, Place::Text),
        ];
        let paths = |instead: Option<&dyn Fn(&Finding) -> String>| -> Vec<String> {
            let spots = locate(message.as_bytes(), &findings, instead);
            spots.into_iter().map(|spot| spot.path).collect()
        };
        let shown = paths(Some(&|_| "[~]".to_owned()));
        assert_eq!(shown[..2], ["/a/to [~0], ä", "/a/to [~0], ä"]);
        assert_eq!(shown[2..], ["/a/to [~0], ä/x", "/a/y"]);
        assert_eq!(paths(None)[2..], ["/a/to SECRET, ä/x", "/a/y"]);
    }

    #[test]
    fn decoded_lengths_are_those_of_an_independent_reader() {
        for inside in [
            "",
            "plain",
            "ä€😀",
            r"\u0000\u007f\u0080\u07ff\u0800\uffff",
            r"\ud83d\ude00\\\\u0041\/\b\f\n\r\t",
        ] {
            let text: String = serde_json::from_str(&format!("\"{inside}\"")).unwrap();
            assert_eq!(decoded_len(inside.as_bytes()), text.len(), "{inside}");
        }
    }
}
