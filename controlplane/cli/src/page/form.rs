//! Forms as browsers send them (`application/x-www-form-urlencoded`). Refuses what is no UTF-8.

/// Longest form, in bytes.
pub(crate) const FORM_BYTES_MAX: usize = 8 * 1024;

/// The fields of a form.
#[derive(Debug, Default)]
pub(crate) struct Form(Vec<(String, String)>);

impl Form {
    /// Reads a form; `None` when it is none.
    pub(crate) fn read(bytes: &[u8]) -> Option<Self> {
        let mut fields = Vec::new();
        for pair in bytes
            .split(|byte| *byte == b'&')
            .filter(|pair| !pair.is_empty())
        {
            let at = pair
                .iter()
                .position(|byte| *byte == b'=')
                .unwrap_or(pair.len());
            let (name, value) = pair.split_at_checked(at)?;
            let value = value.get(1..).unwrap_or_default();
            fields.push((decoded(name)?, decoded(value)?));
        }
        Some(Self(fields))
    }

    /// The value of a field; empty when it is not there.
    pub(crate) fn get(&self, name: &str) -> &str {
        let mut named = self.0.iter().filter(|(found, _)| found == name);
        named.next().map_or("", |(_, value)| value)
    }
}

fn decoded(text: &[u8]) -> Option<String> {
    let mut out = Vec::with_capacity(text.len());
    let mut bytes = text.iter();
    while let Some(byte) = bytes.next() {
        match byte {
            b'+' => out.push(b' '),
            b'%' => {
                let digit = |byte: Option<&u8>| char::from(*byte?).to_digit(16);
                let (high, low) = (digit(bytes.next())?, digit(bytes.next())?);
                out.push(u8::try_from(high * 16 + low).ok()?);
            }
            byte => out.push(*byte),
        }
    }
    String::from_utf8(out).ok()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn fields_are_decoded() {
        let form = Form::read(b"note=a+b%26%C3%BC&name=x&empty=&flag&&name=y").unwrap();
        assert_eq!(form.get("note"), "a b&ü");
        assert_eq!(form.get("name"), "x");
        for missing in ["empty", "flag", "other"] {
            assert_eq!(form.get(missing), "");
        }
    }

    #[test]
    fn what_is_no_form_is_refused() {
        for bad in [b"a=%" as &[u8], b"a=%2", b"a=%zz", b"a=%ff", b"\xff=1"] {
            assert!(Form::read(bad).is_none(), "{bad:?}");
        }
    }
}
