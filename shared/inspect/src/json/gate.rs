//! Why a body is no JSON document that every reader takes for the same. Off the usual way, so that
//! it may take its time.

use varistor_model::Reason;

use super::scan::Fault;

/// The reason to tell. What is no text at all is that above all.
#[cold]
pub(super) fn explain(body: &[u8], fault: Fault) -> Reason {
    if body.starts_with(b"\xef\xbb\xbf") || core::str::from_utf8(body).is_err() {
        return Reason::JsonNotUtf8;
    }
    match fault {
        Fault::Invalid => Reason::JsonInvalid,
        Fault::TooDeep => Reason::JsonTooDeep,
        Fault::Number => Reason::JsonNumber,
        Fault::Surrogate => Reason::JsonSurrogate,
        Fault::Duplicate => Reason::JsonDuplicateKey,
    }
}
