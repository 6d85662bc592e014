//! Header fields that only answers of the gateway's own carry.

use std::io::Write as _;

use varistor_http1::Field;
use varistor_identity::Algorithm;
use varistor_model::{Denial, Reason};

use super::Telling;
use crate::outside::Client;
use crate::serving::Serving;
use crate::wire as write;

/// Fields that the status asks for (RFC 9110 sections 10.2 and 11.6).
pub(super) fn of_reason<C: Client>(
    telling: &Telling<'_, C>,
    denial: Denial,
    status: u16,
    out: &mut Vec<u8>,
) {
    match status {
        401 | 403 if denial.reason != Reason::OriginRefused => challenge(telling, denial, out),
        405 => write::field(out, b"allow", b"POST, GET, DELETE, OPTIONS"),
        415 => write::field(out, b"accept", b"application/json"),
        // Nobody knows when the operator lets go; whoever asks again is not to hammer.
        503 if matches!(denial.reason, Reason::Killed | Reason::ToolKilled) => {
            write::field(out, b"retry-after", b"300");
        }
        503 => write::number(out, b"retry-after", retry_after_s(denial)),
        _ => {}
    }
}

/// Seconds after which it helps to come back: the next second, where nothing else is known.
pub(super) const fn retry_after_s(denial: Denial) -> u64 {
    match denial.retry_after_ms.div_ceil(1000) {
        0 => 1,
        seconds => seconds,
    }
}

/// `WWW-Authenticate` with the place of the metadata and the scopes to ask for
/// (RFC 6750 section 3, RFC 9728 section 5.1).
fn challenge<C: Client>(telling: &Telling<'_, C>, denial: Denial, out: &mut Vec<u8>) {
    let scheme = match denial.reason {
        Reason::ProofMissing | Reason::ProofInvalid | Reason::ProofUsed => "DPoP ",
        _ => "Bearer ",
    };
    let mut value = scheme.as_bytes().to_vec();
    match denial.reason {
        Reason::TokenMissing => {}
        // RFC 9449 section 7.1.
        Reason::ProofInvalid | Reason::ProofUsed => {
            value.extend_from_slice(br#"error="invalid_dpop_proof", "#)
        }
        // Neither another token nor another scope would help.
        Reason::IdentityUnmapped => {}
        Reason::ScopeInsufficient | Reason::ScopeMissing => {
            value.extend_from_slice(br#"error="insufficient_scope", "#)
        }
        _ => value.extend_from_slice(br#"error="invalid_token", "#),
    }
    value.extend_from_slice(br#"resource_metadata=""#);
    let (head, bytes) = telling.client.head();
    let target = head.target(bytes);
    let server = target
        .strip_prefix(b"/mcp/")
        .and_then(|name| core::str::from_utf8(name).ok())
        .and_then(|name| telling.serving.server_named(name));
    metadata_url(
        telling,
        Some("/.well-known/oauth-protected-resource"),
        server,
        &mut value,
    );
    value.push(b'"');
    let scopes = telling.serving.identities().scopes().join(" ");
    if !scopes.is_empty() {
        // Scopes are visible ASCII without quotes (RFC 6749 section 3.3).
        value.extend_from_slice(br#", scope=""#);
        value.extend_from_slice(scopes.as_bytes());
        value.push(b'"');
    }
    let algorithms = || format!("algs=\"{}\"", names(" "));
    if scheme == "DPoP " {
        value.extend_from_slice(b", ");
        value.extend_from_slice(algorithms().as_bytes());
    }
    write::field(out, b"www-authenticate", &value);
    if denial.reason == Reason::TokenMissing && telling.serving.identities().need_proof().0 {
        let value = ["DPoP ", &algorithms()].concat();
        write::field(out, b"www-authenticate", value.as_bytes());
    }
}

/// The algorithms by which proofs may be signed.
pub(super) fn names(between: &str) -> String {
    Algorithm::ALL.map(Algorithm::name).join(between)
}

/// What the gateway may be called by whoever sent this request: its public URL, and what the
/// request itself says.
pub(crate) fn bases(serving: &Serving, client: &impl Client) -> Vec<String> {
    let public = serving.policy().runtime.public_url.as_ref();
    let public = public.map(|url| url.trim_end_matches('/').to_owned());
    public.into_iter().chain([addressed(client)]).collect()
}

/// Scheme and authority as the request has them.
fn addressed(client: &impl Client) -> String {
    let scheme = if client.secure() { "https" } else { "http" };
    let (head, bytes) = client.head();
    let host = head.field(bytes, Field::Host).unwrap_or_default();
    format!("{scheme}://{}", String::from_utf8_lossy(host))
}

/// `<public URL><prefix>/mcp/<server>`: how the client reaches the gateway.
pub(crate) fn metadata_url<C: Client>(
    telling: &Telling<'_, C>,
    prefix: Option<&str>,
    server: Option<u32>,
    out: &mut Vec<u8>,
) {
    let bases = bases(telling.serving, telling.client);
    out.extend_from_slice(bases.first().map_or("", String::as_str).as_bytes());
    out.extend_from_slice(prefix.unwrap_or_default().as_bytes());
    if let Some(row) = server.and_then(|index| telling.serving.server(index)) {
        // Writing to a Vec does not fail.
        let _ = write!(out, "/mcp/{}", row.name);
    }
}

/// Lets a browser of an allowed origin read the answer. The origin was checked by `accept`.
pub(crate) fn cors<C: Client>(client: &C, out: &mut Vec<u8>) {
    let (head, bytes) = client.head();
    if let Some(origin) = head.field(bytes, Field::Origin) {
        write::field(out, b"access-control-allow-origin", origin);
        write::field(out, b"vary", b"Origin");
        let exposed = b"Mcp-Session-Id, Varistor-Record, WWW-Authenticate";
        write::field(out, b"access-control-expose-headers", exposed);
    }
}

/// The answer to a CORS preflight.
pub(super) fn preflight(out: &mut Vec<u8>) {
    write::field(out, b"access-control-allow-methods", b"POST, GET, DELETE");
    write::field(
        out,
        b"access-control-allow-headers",
        b"Authorization, DPoP, Content-Type, Accept, Mcp-Session-Id, Mcp-Protocol-Version, \
          Mcp-Method, Mcp-Name, Last-Event-ID",
    );
    write::field(out, b"access-control-max-age", b"600");
}
