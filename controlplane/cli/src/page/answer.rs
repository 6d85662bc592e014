//! Answers with the header fields that every page has.

use bytes::Bytes;
use http_body_util::Full;
use hyper::header::{CACHE_CONTROL, CONTENT_TYPE, HeaderName, HeaderValue, LOCATION, SET_COOKIE};
use hyper::{Response, StatusCode};

/// An answer.
pub(crate) type Answer = Response<Full<Bytes>>;

/// What no page does without: nothing is loaded, framed, sniffed, kept or told to other sites.
const FIELDS: [(&str, &str); 8] = [
    (
        "content-security-policy",
        "default-src 'none'; style-src 'self'; form-action 'self'; frame-ancestors 'none'; \
         base-uri 'none'",
    ),
    ("x-content-type-options", "nosniff"),
    ("x-frame-options", "DENY"),
    ("referrer-policy", "same-origin"),
    ("cross-origin-opener-policy", "same-origin"),
    ("cross-origin-resource-policy", "same-origin"),
    (
        "permissions-policy",
        "camera=(), geolocation=(), microphone=()",
    ),
    ("x-robots-tag", "noindex"),
];

/// A page.
pub(crate) fn html(code: StatusCode, page: String) -> Answer {
    whole(code, "text/html; charset=utf-8", page)
}

/// The style sheet.
pub(crate) fn style(text: &'static str) -> Answer {
    whole(StatusCode::OK, "text/css; charset=utf-8", text.to_owned())
}

/// Leads to another page of this site, with `GET`.
pub(crate) fn see(path: &'static str) -> Answer {
    let mut answer = whole(StatusCode::SEE_OTHER, "text/plain", String::new());
    answer
        .headers_mut()
        .insert(LOCATION, HeaderValue::from_static(path));
    answer
}

/// The same with a cookie.
pub(crate) fn with_cookie(mut answer: Answer, cookie: &str) -> Answer {
    if let Ok(cookie) = HeaderValue::from_str(cookie) {
        answer.headers_mut().insert(SET_COOKIE, cookie);
    }
    answer
}

/// The same, and browsers shall come by TLS from now on.
pub(crate) fn with_tls(mut answer: Answer) -> Answer {
    let name = HeaderName::from_static("strict-transport-security");
    let value = HeaderValue::from_static("max-age=31536000");
    answer.headers_mut().insert(name, value);
    answer
}

fn whole(code: StatusCode, kind: &'static str, body: String) -> Answer {
    let mut answer = Response::new(Full::new(Bytes::from(body)));
    *answer.status_mut() = code;
    let fields = answer.headers_mut();
    fields.insert(CONTENT_TYPE, HeaderValue::from_static(kind));
    fields.insert(CACHE_CONTROL, HeaderValue::from_static("no-store"));
    for (name, value) in FIELDS {
        fields.insert(
            HeaderName::from_static(name),
            HeaderValue::from_static(value),
        );
    }
    answer
}
