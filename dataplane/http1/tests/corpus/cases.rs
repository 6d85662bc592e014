//! Reads a table of cases; the form is described at the top of `requests.txt`.

/// One case of a table.
pub(crate) struct Case {
    pub(crate) expected: String,
    pub(crate) why: String,
    pub(crate) bytes: Vec<u8>,
}

/// The cases of a table, none of them twice.
pub(crate) fn read(table: &str) -> Vec<Case> {
    let mut cases: Vec<Case> = Vec::new();
    for line in table.lines() {
        if let Some(title) = line.strip_prefix("= ") {
            let (expected, why) = title.split_once(" | ").expect("`= EXPECTED | why`");
            let expected = expand(&expected.replace("\\r\\n", ""));
            cases.push(Case {
                expected: String::from_utf8(expected).expect("text"),
                why: why.to_owned(),
                bytes: Vec::new(),
            });
        } else if !line.is_empty() && !line.starts_with("# ") {
            let case = cases.last_mut().expect("a title before the bytes");
            case.bytes.extend(expand(line));
        }
    }
    let mut whys: Vec<_> = cases.iter().map(|case| &case.why).collect();
    whys.sort_unstable();
    whys.windows(2)
        .for_each(|pair| assert_ne!(pair[0], pair[1], "a title twice"));
    cases
}

/// The lengths at which a message is cut: all, or for a long one those at both ends and a sample.
pub(crate) fn cuts(len: usize) -> impl Iterator<Item = usize> {
    (0..len).filter(move |at| *at < 300 || len - at < 300 || at % 997 == 0)
}

fn expand(text: &str) -> Vec<u8> {
    let mut out = Vec::new();
    let mut rest = text.as_bytes();
    while let [first, tail @ ..] = rest {
        rest = tail;
        match first {
            b'\\' => {
                let (kind, tail) = rest.split_first().expect("an escape");
                rest = tail;
                out.push(match kind {
                    b'r' => b'\r',
                    b'n' => b'\n',
                    b't' => b'\t',
                    b'0' => 0,
                    b'\\' => b'\\',
                    b'x' => {
                        let (digits, tail) = rest.split_at(2);
                        rest = tail;
                        u8::from_str_radix(std::str::from_utf8(digits).unwrap(), 16).unwrap()
                    }
                    _ => panic!("an unknown escape in {text}"),
                });
            }
            b'{' => {
                let close = closing(rest);
                let inner = std::str::from_utf8(&rest[..close]).unwrap();
                rest = &rest[close + 1..];
                match inner {
                    "post" => out.extend(b"POST /mcp/a HTTP/1.1\r\nHost: a\r\n"),
                    "get" => out.extend(b"GET /mcp/a HTTP/1.1\r\nHost: a\r\n"),
                    "ok" => out.extend(b"HTTP/1.1 200 OK\r\n"),
                    _ => {
                        let (text, times) = inner.rsplit_once('*').expect("{text*N}");
                        out.extend(expand(text).repeat(times.parse().unwrap()));
                    }
                }
            }
            byte => out.push(*byte),
        }
    }
    out
}

/// Where the brace ends that was opened before `rest`.
fn closing(rest: &[u8]) -> usize {
    let mut depth = 1;
    let position = rest.iter().position(|byte| {
        depth += i32::from(*byte == b'{') - i32::from(*byte == b'}');
        depth == 0
    });
    position.expect("a closing brace")
}
