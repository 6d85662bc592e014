//! What an HTTP request does, by its method, target and body.

use varistor_model::Intent;

use crate::{Effect, Effects, Outside};

/// One request, as its sender states it.
#[derive(Clone, Copy, Debug, Default)]
pub struct HttpRequest<'a> {
    /// The method in any case; empty means GET, or POST where there is a body.
    pub method: &'a str,
    /// An absolute URL, or a path on a host of the tool's own.
    pub url: &'a str,
    /// Names and values.
    pub headers: &'a [(&'a str, &'a str)],
    /// Whether a body is sent, also where its text is not known.
    pub has_body: bool,
    /// The text of the body, where it is known.
    pub body: Option<&'a str>,
}

/// What this request would do.
#[must_use]
pub fn http(_request: &HttpRequest<'_>, _outside: &dyn Outside) -> Effects {
    Effects::of(Effect::new(Intent::Write, 20, "http.unknown"))
}
