//! The JSON of refusals and of the metadata document.

use std::io::Write as _;

use varistor_audit::json;
use varistor_inspect::json::Kind;
use varistor_model::{Denial, Era, Reason};

use super::{Telling, fields, metadata_url};
use crate::outside::Client;
use crate::stages::policy::{INPUT, Waits};

/// `{"jsonrpc":"2.0","id":…,"error":{…}}`; without `id` when the request had none to read.
pub(super) fn rpc_error<C: Client>(telling: &Telling<'_, C>, denial: Denial, out: &mut Vec<u8>) {
    let row = denial.reason.verdict();
    out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    id(telling, out);
    put(
        out,
        format_args!(r#""error":{{"code":{},"message":""#, row.code),
    );
    sentence(telling, denial, out);
    put(out, format_args!(r#"","data":{{"reason":"{}""#, row.name));
    if let Some(waits) = telling.waits(denial) {
        put(out, format_args!(r#","approval":"{}""#, waits.id));
    }
    if let Some(record) = telling.record {
        put(out, format_args!(r#","record":{record}"#));
    }
    if denial.retry_after_ms > 0 {
        put(
            out,
            format_args!(r#","retry_after_ms":{}"#, denial.retry_after_ms),
        );
    }
    out.extend_from_slice(b"}}}");
}

/// A tool result with `isError`: the model reads the sentence, programs read `_meta`.
pub(super) fn tool_error<C: Client>(telling: &Telling<'_, C>, denial: Denial, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    id(telling, out);
    out.extend_from_slice(br#""result":{"content":[{"type":"text","text":""#);
    sentence(telling, denial, out);
    out.extend_from_slice(br#""}],"isError":true,"#);
    if telling.notes.era == Some(Era::Modern) {
        out.extend_from_slice(br#""resultType":"complete","#);
    }
    put(
        out,
        format_args!(r#""_meta":{{"varistor/reason":"{}""#, denial.reason.name()),
    );
    if let Some(waits) = telling.waits(denial) {
        put(out, format_args!(r#","varistor/approval":"{}""#, waits.id));
    }
    if let Some(record) = telling.record {
        put(out, format_args!(r#","varistor/record":{record}"#));
    }
    if denial.retry_after_ms > 0 {
        put(
            out,
            format_args!(r#","varistor/retry_after_ms":{}"#, denial.retry_after_ms),
        );
    }
    out.extend_from_slice(b"}}}");
}

/// A result that asks the client to show the page where people decide (2026-07-28, *Multi
/// Round-Trip Requests*); its user then sends the same call again.
pub(super) fn input_required<C: Client>(telling: &Telling<'_, C>, waits: Waits, out: &mut Vec<u8>) {
    out.extend_from_slice(br#"{"jsonrpc":"2.0","#);
    id(telling, out);
    out.extend_from_slice(br#""result":{"resultType":"input_required","inputRequests":{""#);
    out.extend_from_slice(INPUT.as_bytes());
    out.extend_from_slice(
        br#"":{"method":"elicitation/create","params":{"mode":"url","message":""#,
    );
    out.extend_from_slice(Reason::Held.verdict().text.as_bytes());
    out.extend_from_slice(br#"","url":""#);
    approval_url(telling, waits, out);
    put(
        out,
        format_args!(
            r#""}}}}}},"_meta":{{"varistor/reason":"held","varistor/approval":"{}""#,
            waits.id
        ),
    );
    if let Some(record) = telling.record {
        put(out, format_args!(r#","varistor/record":{record}"#));
    }
    out.extend_from_slice(b"}}}");
}

/// Where people decide about the call; nothing when policy names no page.
fn approval_url<C: Client>(telling: &Telling<'_, C>, waits: Waits, out: &mut Vec<u8>) {
    if let Some(page) = telling.serving.policy().approvals.page.as_ref() {
        // A URL that the compiler has read holds nothing that JSON escapes.
        put(out, format_args!("{page}/approvals/{}", waits.id));
    }
}

/// Protected-resource metadata (RFC 9728 section 2).
pub(super) fn metadata<C: Client>(
    telling: &Telling<'_, C>,
    server: Option<u32>,
    out: &mut Vec<u8>,
) {
    out.extend_from_slice(br#"{"resource":""#);
    metadata_url(telling, None, server, out);
    out.extend_from_slice(br#"","bearer_methods_supported":["header"],"#);
    out.extend_from_slice(br#""authorization_servers":["#);
    for (at, url) in telling
        .serving
        .policy()
        .runtime
        .authorization_servers
        .iter()
        .enumerate()
    {
        put(
            out,
            format_args!(r#"{}"{url}""#, if at == 0 { "" } else { "," }),
        );
    }
    out.push(b']');
    let scopes = telling.serving.identities().scopes();
    if !scopes.is_empty() {
        put(
            out,
            format_args!(r#","scopes_supported":["{}"]"#, scopes.join("\",\"")),
        );
    }
    if telling.serving.identities().are_there() {
        let names = fields::names("\",\"");
        let is_required = telling.serving.identities().need_proof().1;
        put(
            out,
            format_args!(r#","dpop_signing_alg_values_supported":["{names}"]"#),
        );
        put(
            out,
            format_args!(r#","dpop_bound_access_tokens_required":{is_required}"#),
        );
    }
    if telling.serving.asks_for_certificates() {
        out.extend_from_slice(br#","tls_client_certificate_bound_access_tokens":true"#);
    }
    out.extend_from_slice(br#","resource_name":"Varistor"}"#);
}

fn id<C: Client>(telling: &Telling<'_, C>, out: &mut Vec<u8>) {
    let id = telling
        .notes
        .message
        .filter(|message| message.kind == Kind::Request)
        .map(|message| message.id.of_bytes(telling.client.body()));
    if let Some(id) = id.filter(|id| !id.is_empty()) {
        out.extend_from_slice(br#""id":"#);
        out.extend_from_slice(id);
        out.push(b',');
    }
}

/// The row's sentence, what a rule says of its reason, and when to come back, where it is known.
fn sentence<C: Client>(telling: &Telling<'_, C>, denial: Denial, out: &mut Vec<u8>) {
    out.extend_from_slice(denial.reason.verdict().text.as_bytes());
    if let (Reason::RuleDenied | Reason::Held, Some(ruling)) =
        (denial.reason, &telling.notes.ruling)
        && (denial.reason == Reason::RuleDenied || ruling.is_flow_decisive)
    {
        let reason = ruling.reason(&telling.serving.policy().rules);
        if !reason.is_empty() {
            let mut quoted = Vec::new();
            json::string(reason.as_bytes(), &mut quoted);
            let inside = quoted.get(1..quoted.len().saturating_sub(1));
            out.extend_from_slice(b" Reason: ");
            out.extend_from_slice(inside.unwrap_or_default());
            out.push(b'.');
        }
    }
    if let Some(waits) = telling.waits(denial) {
        put(out, format_args!(" Approval: {}", waits.id));
        if telling.serving.policy().approvals.page.is_some() {
            out.extend_from_slice(b" at ");
            approval_url(telling, waits, out);
        }
        out.push(b'.');
    }
    let seconds = denial.retry_after_ms.div_ceil(1000);
    match seconds {
        0 => {}
        1 => out.extend_from_slice(b" Try again in 1 second."),
        _ => put(out, format_args!(" Try again in {seconds} seconds.")),
    }
}

fn put(out: &mut Vec<u8>, text: core::fmt::Arguments<'_>) {
    // Writing to a Vec does not fail.
    let _ = out.write_fmt(text);
}
