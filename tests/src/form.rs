//! Forms as browsers and OAuth clients send them (`application/x-www-form-urlencoded`).

use std::collections::BTreeMap;

/// The fields of a form; nothing where one stands in it twice.
pub fn form(body: &[u8]) -> Option<BTreeMap<String, String>> {
    let mut form = BTreeMap::new();
    for pair in core::str::from_utf8(body).ok()?.split('&') {
        let (name, value) = pair.split_once('=')?;
        if form.insert(unescaped(name)?, unescaped(value)?).is_some() {
            return None;
        }
    }
    Some(form)
}

/// A name or a value of a form.
pub fn unescaped(text: &str) -> Option<String> {
    let mut bytes = Vec::new();
    let mut rest = text.bytes();
    while let Some(byte) = rest.next() {
        bytes.push(match byte {
            b'+' => b' ',
            b'%' => {
                let digits = [rest.next()?, rest.next()?];
                u8::from_str_radix(core::str::from_utf8(&digits).ok()?, 16).ok()?
            }
            byte => byte,
        });
    }
    String::from_utf8(bytes).ok()
}
