//! Heads written by this crate. A field whose value can't stand in a head is left out: values come
//! from parsed heads, the signed snapshot and our own text, so that this hides nothing.

use varistor_http1::{Field, HttpMethod, write};

pub(crate) use varistor_http1::write::{chunked, end, length};

pub(crate) fn request_line(out: &mut Vec<u8>, method: HttpMethod, target: &[u8]) {
    let _ = write::request_line(out, method, target);
}

pub(crate) fn status_line(out: &mut Vec<u8>, status: u16) {
    let _ = write::status_line(out, status);
}

pub(crate) fn field(out: &mut Vec<u8>, name: &[u8], value: &[u8]) {
    let _ = write::field(out, name, value);
}

pub(crate) fn known(out: &mut Vec<u8>, field: Field, value: &[u8]) {
    let _ = write::known(out, field, value);
}

pub(crate) fn number(out: &mut Vec<u8>, name: &[u8], value: u64) {
    let _ = write::number(out, name, value);
}

/// Says that JSON follows.
pub(crate) fn json(out: &mut Vec<u8>) {
    out.extend_from_slice(b"content-type: application/json\r\n");
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn numbers_are_written_in_decimal() {
        for value in [0, 7, 10, 4_294_967_296, u64::MAX] {
            let mut out = Vec::new();
            number(&mut out, b"n", value);
            assert_eq!(out, format!("n: {value}\r\n").as_bytes());
        }
    }
}
