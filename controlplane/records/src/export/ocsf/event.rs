//! The shape of an event: those of OCSF's attributes that a call can fill, under OCSF's names.

use serde::Serialize;
use serde_json::value::RawValue;

/// API Activity.
#[derive(Serialize)]
pub(super) struct Event<'a> {
    pub(super) metadata: Metadata<'a>,
    pub(super) category_uid: u32,
    pub(super) category_name: &'static str,
    pub(super) class_uid: u32,
    pub(super) class_name: &'static str,
    pub(super) activity_id: u32,
    pub(super) activity_name: &'a str,
    pub(super) type_uid: u32,
    pub(super) type_name: String,
    pub(super) severity_id: u32,
    pub(super) severity: &'static str,
    pub(super) time: u64,
    pub(super) start_time: u64,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) end_time: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) duration: Option<u64>,
    pub(super) timezone_offset: i32,
    pub(super) status_id: u32,
    pub(super) status: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) status_code: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) status_detail: &'a str,
    pub(super) message: String,
    pub(super) action_id: u32,
    pub(super) action: &'static str,
    pub(super) disposition_id: u32,
    pub(super) disposition: &'static str,
    pub(super) is_alert: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) policy: Option<Policy<'a>>,
    pub(super) actor: Actor<'a>,
    pub(super) api: Api<'a>,
    pub(super) src_endpoint: Endpoint<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) dst_endpoint: Option<Endpoint<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) http_response: Option<HttpResponse>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) resources: Vec<Resource<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) message_context: Option<MessageContext<'a>>,
    pub(super) unmapped: Unmapped<'a>,
}

#[derive(Serialize)]
pub(super) struct Metadata<'a> {
    pub(super) version: &'static str,
    pub(super) product: Product,
    pub(super) profiles: [&'static str; 2],
    pub(super) uid: String,
    pub(super) sequence: u64,
    pub(super) event_code: &'a str,
    pub(super) log_name: &'static str,
    pub(super) log_provider: &'static str,
    pub(super) original_time: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) tenant_uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) correlation_uid: &'a str,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) labels: &'a [String],
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) log_level: &'a str,
}

#[derive(Serialize)]
pub(super) struct Product {
    pub(super) name: &'static str,
    pub(super) vendor_name: &'static str,
    pub(super) version: &'static str,
}

#[derive(Serialize)]
pub(super) struct Policy<'a> {
    pub(super) name: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) version: Option<String>,
    pub(super) is_applied: bool,
}

#[derive(Serialize)]
pub(super) struct Actor<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) user: Option<User<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) session: Option<Session<'a>>,
    /// Who it is when no token was accepted.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) app_name: Option<&'static str>,
}

#[derive(Serialize)]
pub(super) struct User<'a> {
    pub(super) name: &'a str,
    pub(super) uid: String,
    pub(super) type_id: u32,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) org: Option<Named<'a>>,
}

#[derive(Serialize)]
pub(super) struct Session<'a> {
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) uid: &'a str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) credential_uid: &'a str,
}

#[derive(Serialize)]
pub(super) struct Named<'a> {
    pub(super) name: &'a str,
}

#[derive(Serialize)]
pub(super) struct Api<'a> {
    pub(super) operation: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<Named<'a>>,
    pub(super) request: Request<'a>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) response: Option<Response<'a>>,
}

#[derive(Serialize)]
pub(super) struct Request<'a> {
    pub(super) uid: String,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) data: Option<&'a RawValue>,
}

#[derive(Serialize)]
pub(super) struct Response<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) code: Option<u16>,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) error: &'a str,
}

#[derive(Serialize)]
pub(super) struct Endpoint<'a> {
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) ip: Option<String>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) port: Option<u16>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) name: Option<&'a str>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) svc_name: Option<&'a str>,
}

#[derive(Serialize)]
pub(super) struct HttpResponse {
    pub(super) code: u16,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) body_length: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) latency: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Resource<'a> {
    pub(super) name: &'a str,
    #[serde(rename = "type")]
    pub(super) kind: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) namespace: &'a str,
    pub(super) role_id: u32,
    pub(super) role: &'static str,
}

#[derive(Serialize)]
pub(super) struct MessageContext<'a> {
    pub(super) ai_role_id: u32,
    pub(super) ai_role: &'static str,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) uid: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) application: Option<Named<'a>>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) service: Option<Named<'a>>,
}

/// What the record says beyond; names as in the log.
#[derive(Serialize)]
pub(super) struct Unmapped<'a> {
    pub(super) prev: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) intent: Option<Intent<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) findings: Vec<Found<'a>>,
    #[serde(skip_serializing_if = "Vec::is_empty")]
    pub(super) answer_findings: Vec<Found<'a>>,
    #[serde(skip_serializing_if = "<[String]>::is_empty")]
    pub(super) rules: &'a [String],
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) flagged: bool,
    #[serde(skip_serializing_if = "std::ops::Not::not")]
    pub(super) params_masked: bool,
    #[serde(skip_serializing_if = "str::is_empty")]
    pub(super) stage: &'a str,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) generation: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) result_seq: Option<u64>,
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(super) redacted: Option<u64>,
}

#[derive(Serialize)]
pub(super) struct Intent<'a> {
    #[serde(rename = "type")]
    pub(super) name: &'a str,
    pub(super) confidence: u64,
    pub(super) evidence: &'a [String],
}

#[derive(Serialize)]
pub(super) struct Found<'a> {
    pub(super) entity: &'a str,
    pub(super) action: &'a str,
    pub(super) confidence: u64,
}
