//! Arguments as people read them: every byte of the JSON text, put on lines. Nothing is decoded and
//! no number is rounded, so that what is shown is what is approved.

/// The JSON text with line ends and blanks where nothing changes by them.
pub(crate) fn pretty(json: &str) -> String {
    let mut out = String::with_capacity(json.len().saturating_mul(2));
    let mut depth = 0_usize;
    let mut chars = json.chars().peekable();
    while let Some(c) = chars.next() {
        match c {
            '"' => {
                out.push(c);
                string(&mut chars, &mut out);
            }
            '{' | '[' => {
                out.push(c);
                let end = if c == '{' { '}' } else { ']' };
                while chars.next_if(|c| is_blank(*c)).is_some() {}
                if chars.next_if_eq(&end).is_some() {
                    out.push(end);
                } else {
                    depth = depth.saturating_add(1);
                    line(depth, &mut out);
                }
            }
            '}' | ']' => {
                depth = depth.saturating_sub(1);
                line(depth, &mut out);
                out.push(c);
            }
            ',' => {
                out.push(c);
                line(depth, &mut out);
            }
            ':' => out.push_str(": "),
            c if is_blank(c) => {}
            c => out.push(c),
        }
    }
    out
}

fn string(chars: &mut impl Iterator<Item = char>, out: &mut String) {
    while let Some(c) = chars.next() {
        out.push(c);
        match c {
            '"' => return,
            '\\' => out.extend(chars.next()),
            _ => {}
        }
    }
}

const fn is_blank(c: char) -> bool {
    matches!(c, ' ' | '\t' | '\n' | '\r')
}

fn line(depth: usize, out: &mut String) {
    out.push('\n');
    out.extend(std::iter::repeat_n("  ", depth.min(64)));
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn values_stay_as_they_are() {
        let json =
            r#"{"a":[1.00000000000000000001,{"b":"x, {y}: \" [\\"}],"c":{},"d":[ ],"e":null}"#;
        let expected = r#"{
  "a": [
    1.00000000000000000001,
    {
      "b": "x, {y}: \" [\\"
    }
  ],
  "c": {},
  "d": [],
  "e": null
}"#;
        assert_eq!(pretty(json), expected);
        assert_eq!(pretty(expected), expected);
    }

    #[test]
    fn broken_text_ends() {
        for broken in ["{", "}", "\"", "\"\\", "[[[[", "]]]]"] {
            assert!(pretty(broken).len() < 200);
        }
    }
}
