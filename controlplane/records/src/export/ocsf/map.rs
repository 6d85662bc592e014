//! What a call is in the terms of OCSF: numbers and captions as its dictionary has them.

use std::net::SocketAddr;

use super::event::{
    Actor, Api, Endpoint, Event, Found, HttpResponse, Intent, MessageContext, Metadata, Named,
    Policy, Product, Request, Resource, Response, Session, Unmapped, User,
};
use crate::find::Unanswered;
use crate::record::{Finding, Record};

const NS_PER_MS: u64 = 1_000_000;
const US_PER_MS: u64 = 1_000;
/// API Activity.
const CLASS_UID: u32 = 6003;

/// A number of an enumeration and its caption.
type Coded<'a> = (u32, &'a str);

/// The event of a call.
pub(super) fn event<'a>(
    call: &'a Record<'a>,
    result: Option<&'a Record<'a>>,
    unanswered: Option<Unanswered>,
) -> Event<'a> {
    let (activity_id, activity_name) = activity(call);
    let (severity_id, severity) = severity(call, result);
    let (status_id, status) = status(call, result);
    let ((action_id, action), (disposition_id, disposition)) = control(call);
    let start_time = ms(call.time_ns);
    let duration = result
        .and_then(|result| result.duration_us)
        .map(|us| us / US_PER_MS);
    let why_not = unanswered.map_or("", Unanswered::text);
    Event {
        metadata: metadata(call),
        category_uid: 6,
        category_name: "Application Activity",
        class_uid: CLASS_UID,
        class_name: "API Activity",
        activity_id,
        activity_name,
        type_uid: CLASS_UID.saturating_mul(100).saturating_add(activity_id),
        type_name: format!("API Activity: {}", activity_caption(activity_id)),
        severity_id,
        severity,
        time: start_time,
        start_time,
        end_time: result.map(|result| ms(result.time_ns)),
        duration,
        timezone_offset: 0,
        status_id,
        status,
        status_code: result.map_or(&call.reason, |result| &result.status),
        status_detail: why_not,
        message: message(call, result),
        action_id,
        action,
        disposition_id,
        disposition,
        is_alert: call.flagged || matches!(&*call.decision, "deny" | "hold"),
        policy: policy(call),
        actor: actor(call),
        api: api(call, result),
        src_endpoint: source(call),
        dst_endpoint: named(&call.server).map(|named| Endpoint {
            ip: None,
            port: None,
            name: None,
            svc_name: Some(named.name),
        }),
        http_response: result.and_then(|result| {
            Some(HttpResponse {
                code: result.http_status?,
                body_length: result.bytes,
                latency: duration,
            })
        }),
        resources: resource(call).into_iter().collect(),
        message_context: context(call),
        unmapped: unmapped(call, result),
    }
}

fn ms(ns: u64) -> u64 {
    ns / NS_PER_MS
}

fn activity<'a>(call: &'a Record<'_>) -> Coded<'a> {
    match call.intent_name() {
        "read" => (2, "Read"),
        "write" => (3, "Update"),
        "destructive" => (4, "Delete"),
        "exfiltrative" => (99, "Exfiltrate"),
        _ if call.method.is_empty() => (0, "Unknown"),
        _ if call.method.ends_with("/list") || call.method.ends_with("/read") => (2, "Read"),
        _ => (99, &call.method),
    }
}

const fn activity_caption(id: u32) -> &'static str {
    match id {
        2 => "Read",
        3 => "Update",
        4 => "Delete",
        99 => "Other",
        _ => "Unknown",
    }
}

fn severity(call: &Record<'_>, result: Option<&Record<'_>>) -> Coded<'static> {
    let is_grave = matches!(call.intent_name(), "destructive" | "exfiltrative");
    let failed = result.is_some_and(|result| !is_success(&result.status));
    match (&*call.level, &*call.decision) {
        ("critical", _) => (5, "Critical"),
        ("error", _) => (4, "High"),
        ("warning", _) => (3, "Medium"),
        (_, "deny") if is_grave => (4, "High"),
        (_, "deny" | "hold") => (3, "Medium"),
        _ if call.flagged => (3, "Medium"),
        (_, "redact") => (2, "Low"),
        _ if failed => (2, "Low"),
        _ => (1, "Informational"),
    }
}

fn is_success(status: &str) -> bool {
    matches!(status, "ok" | "closed")
}

fn status<'a>(call: &Record<'_>, result: Option<&Record<'_>>) -> Coded<'a> {
    match (result, &*call.decision) {
        (Some(result), _) if is_success(&result.status) => (1, "Success"),
        (Some(_), _) | (None, "deny") => (2, "Failure"),
        (None, "hold") => (99, "Held"),
        (None, _) => (0, "Unknown"),
    }
}

/// Action and disposition.
fn control(call: &Record<'_>) -> (Coded<'static>, Coded<'static>) {
    match &*call.decision {
        "allow" => ((1, "Allowed"), (1, "Allowed")),
        "redact" => ((4, "Modified"), (11, "Corrected")),
        "hold" => ((2, "Denied"), (14, "Delayed")),
        _ if call.stage == "authenticate" => ((2, "Denied"), (26, "Unauthorized")),
        _ => ((2, "Denied"), (2, "Blocked")),
    }
}

fn metadata<'a>(call: &'a Record<'_>) -> Metadata<'a> {
    Metadata {
        version: "1.8.0",
        product: Product {
            name: "Varistor",
            vendor_name: "Varistor",
            version: env!("CARGO_PKG_VERSION"),
        },
        profiles: ["ai_operation", "security_control"],
        // Numbers begin anew with each log; the hash before makes them one of a kind.
        uid: format!("{}-{}", call.seq, call.prev.get(..16).unwrap_or_default()),
        sequence: call.seq,
        event_code: &call.kind,
        log_name: "audit",
        log_provider: "varistor",
        original_time: &call.time,
        tenant_uid: &call.organisation,
        correlation_uid: &call.approval,
        labels: &call.flow,
        log_level: &call.level,
    }
}

fn message(call: &Record<'_>, result: Option<&Record<'_>>) -> String {
    let (who, what) = (call.who(), call.target());
    match (result, &*call.reason) {
        (Some(result), _) => format!("{who} called {what}: {}, {}", call.decision, result.status),
        (None, "") => format!("{who} called {what}: {}", call.decision),
        (None, reason) => format!("{who} called {what}: {}, {reason}", call.decision),
    }
}

fn policy<'a>(call: &'a Record<'_>) -> Option<Policy<'a>> {
    (!call.rule.is_empty()).then(|| Policy {
        name: &call.rule,
        version: call.generation.map(|generation| generation.to_string()),
        is_applied: true,
    })
}

fn actor<'a>(call: &'a Record<'_>) -> Actor<'a> {
    let is_known = !call.agent.is_empty();
    let has_session = !call.session.is_empty() || !call.token.is_empty();
    Actor {
        user: is_known.then(|| User {
            name: &call.agent,
            uid: call.who(),
            type_id: 4,
            kind: "Service",
            org: named(&call.organisation),
        }),
        session: has_session.then(|| Session {
            uid: &call.session,
            credential_uid: &call.token,
        }),
        app_name: (!is_known).then_some("unauthenticated"),
    }
}

fn named(name: &str) -> Option<Named<'_>> {
    (!name.is_empty()).then_some(Named { name })
}

fn api<'a>(call: &'a Record<'a>, result: Option<&'a Record<'a>>) -> Api<'a> {
    let error = |result: &'a Record<'a>| match is_success(&result.status) {
        true => "",
        false => &*result.status,
    };
    Api {
        operation: match &*call.method {
            "" => "unknown",
            method => method,
        },
        service: named(&call.server),
        request: Request {
            uid: call.id.map_or_else(
                || call.seq.to_string(),
                |id| {
                    let text: Option<String> = serde_json::from_str(id.get()).ok();
                    text.unwrap_or_else(|| id.get().to_owned())
                },
            ),
            data: call.params,
        },
        response: result.map(|result| Response {
            code: result.http_status,
            error: error(result),
        }),
    }
}

fn source<'a>(call: &'a Record<'_>) -> Endpoint<'a> {
    let address: Option<SocketAddr> = call.client.parse().ok();
    Endpoint {
        ip: address.map(|address| address.ip().to_string()),
        port: address.map(|address| address.port()),
        name: match (&*call.client, address) {
            (_, Some(_)) => None,
            ("", None) => Some("unknown"),
            (other, None) => Some(other),
        },
        svc_name: None,
    }
}

fn resource<'a>(call: &'a Record<'_>) -> Option<Resource<'a>> {
    let (name, kind) = match (&*call.tool, &*call.subject) {
        ("", "") => return None,
        ("", subject) => (subject, "MCP subject"),
        (tool, _) => (tool, "MCP tool"),
    };
    Some(Resource {
        name,
        kind,
        namespace: &call.server,
        role_id: 1,
        role: "Target",
    })
}

/// A context needs a service or an application.
fn context<'a>(call: &'a Record<'_>) -> Option<MessageContext<'a>> {
    let (application, service) = (named(&call.agent), named(&call.server));
    let (ai_role_id, ai_role) = match call.tool.is_empty() {
        true => (4, "Agent"),
        false => (3, "Tool"),
    };
    (application.is_some() || service.is_some()).then_some(MessageContext {
        ai_role_id,
        ai_role,
        uid: &call.session,
        application,
        service,
    })
}

fn unmapped<'a>(call: &'a Record<'a>, result: Option<&'a Record<'a>>) -> Unmapped<'a> {
    let intent = call.intent.as_ref();
    Unmapped {
        prev: &call.prev,
        intent: intent.map(|intent| Intent {
            name: &intent.name,
            confidence: intent.confidence,
            evidence: &intent.evidence,
        }),
        findings: found(&call.findings),
        answer_findings: result.map_or_else(Vec::new, |result| found(&result.findings)),
        rules: &call.rules,
        flagged: call.flagged,
        params_masked: call.params_masked,
        stage: &call.stage,
        generation: call.generation,
        result_seq: result.map(|result| result.seq),
        redacted: result.and_then(|result| result.redacted),
    }
}

fn found<'a>(findings: &'a [Finding<'_>]) -> Vec<Found<'a>> {
    let one = |found: &'a Finding<'_>| Found {
        entity: &found.entity,
        action: &found.action,
        confidence: found.confidence,
    };
    findings.iter().map(one).collect()
}
