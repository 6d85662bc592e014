//! Every reason for which a message is refused, and the one table that maps it to an answer.
//!
//! Codes of our own lie outside -32768..=-32000, which JSON-RPC and MCP keep for themselves.

use crate::denial::{Fault, Shape, Verdict};
use crate::stage::Stage;

macro_rules! reasons {
    ($($name:ident $stage:ident $fault:ident $shape:ident $status:literal $code:literal
       $label:literal $text:literal)*) => {
        /// Why a message is refused. The names appear in records and metrics.
        #[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
        #[repr(u8)]
        pub enum Reason {
            $(#[doc = $text] $name,)*
        }

        impl Reason {
            /// Every reason, in the order of the stages.
            pub const ALL: &'static [Self] = &[$(Self::$name,)*];

            /// The row of the table for this reason.
            #[must_use]
            pub const fn verdict(self) -> Verdict {
                match self {
                    $(Self::$name => Verdict {
                        stage: Stage::$stage,
                        fault: Fault::$fault,
                        shape: Shape::$shape,
                        status: $status,
                        code: $code,
                        name: $label,
                        text: $text,
                    },)*
                }
            }
        }
    };
}

#[rustfmt::skip]
reasons! {
    HeadMalformed Accept Caller Http 400 -32600 "head_malformed"
        "The HTTP request is malformed."
    HeadTooLarge Accept Caller Http 431 -32600 "head_too_large"
        "A header field is over 8 KiB, the head is over 64 KiB, or there are more than 100 \
         fields."
    TargetTooLong Accept Caller Http 414 -32600 "target_too_long"
        "The request target is over 8 KiB."
    TargetInvalid Accept Caller Http 400 -32600 "target_invalid"
        "The request target must be a path, without dot segments or encoded slashes."
    BodyTooLarge Accept Caller Http 413 -32600 "body_too_large"
        "The body is larger than the limit `request_bytes` of this gateway."
    LengthRequired Accept Caller Http 411 -32600 "length_required"
        "A POST needs Content-Length or chunked transfer coding."
    FramingInvalid Accept Caller Http 400 -32600 "framing_invalid"
        "The body's length must be said exactly once."
    VersionUnsupported Accept Caller Http 505 -32600 "http_version_unsupported"
        "Only HTTP/1.1 is spoken here."
    CodingUnsupported Accept Caller Http 501 -32600 "coding_unsupported"
        "The only transfer coding is chunked."
    MethodNotAllowed Accept Caller Http 405 -32600 "method_not_allowed"
        "Only POST, GET, DELETE and OPTIONS are allowed, and GET and DELETE only before \
         protocol version 2026-07-28."
    HostUnknown Accept Caller Http 421 -32600 "host_unknown"
        "This gateway does not serve the host that the request names."
    OriginRefused Accept Caller Http 403 -32600 "origin_refused"
        "Requests from this Origin are not allowed."
    MediaUnsupported Accept Caller Http 415 -32600 "media_unsupported"
        "The body must be application/json in UTF-8."
    EncodingUnsupported Accept Caller Http 415 -32600 "encoding_unsupported"
        "Compressed bodies are not accepted."
    FieldDuplicated Accept Caller Http 400 -32600 "field_duplicated"
        "A header field that decides who or what is called stands more than once."
    ExpectationFailed Accept Caller Http 417 -32600 "expectation_failed"
        "The only expectation met here is 100-continue."
    RouteUnknown Accept Caller Http 404 -32600 "route_unknown"
        "There is no such path; servers are at /mcp/NAME."
    HeadTimeout Accept Caller Http 408 -32600 "head_timeout"
        "The request's head did not arrive in time."
    BodyTimeout Accept Caller Http 408 -32600 "body_timeout"
        "The request's body did not arrive in time."
    Overloaded Accept Gateway Http 503 -31000 "overloaded"
        "The gateway has more to do than it can, so this was not looked at; come back later."
    TokenMissing Authenticate Caller Http 401 -31001 "token_missing"
        "A bearer token is needed."
    TokenMalformed Authenticate Caller Http 401 -31001 "token_malformed"
        "The bearer token cannot be read."
    TokenForged Authenticate Caller Http 401 -31001 "token_invalid"
        "The bearer token is not valid here."
    TokenExpired Authenticate Caller Http 401 -31001 "token_expired"
        "The bearer token has expired."
    TokenRevoked Authenticate Caller Http 401 -31001 "token_revoked"
        "The bearer token has been revoked."
    TokenVocabulary Authenticate Caller Http 401 -31001 "token_vocabulary"
        "The bearer token narrows by something that this gateway does not know."
    TokenIssuer Authenticate Caller Http 401 -31001 "token_issuer"
        "The bearer token's issuer is not trusted here."
    TokenAlgorithm Authenticate Caller Http 401 -31001 "token_algorithm"
        "The bearer token is signed in a way that is not accepted here."
    KeyUnknown Authenticate Caller Http 401 -31001 "key_unknown"
        "The bearer token is signed by a key that its issuer does not publish."
    TokenAudience Authenticate Caller Http 401 -31001 "token_audience"
        "The bearer token is for another resource than this gateway."
    TokenEarly Authenticate Caller Http 401 -31001 "token_early"
        "The bearer token is not valid yet."
    TokenClaims Authenticate Caller Http 401 -31001 "token_claims"
        "The bearer token is no access token, or lacks a claim that one must have."
    AgentUnknown Authenticate Caller Http 401 -31001 "agent_unknown"
        "The bearer token's agent is not known here."
    ProofMissing Authenticate Caller Http 401 -31001 "proof_missing"
        "The access token is bound to a key, and nothing (DPoP) proves that its sender holds it."
    ProofInvalid Authenticate Caller Http 401 -31001 "proof_invalid"
        "The request's proof (DPoP) is not by the token's key, not for this request, or too old."
    ProofUsed Authenticate Caller Http 401 -31001 "proof_used"
        "The request's proof (DPoP) has been used before; each request needs a new one."
    CertificateMissing Authenticate Caller Http 401 -31001 "certificate_missing"
        "The access token is bound to a client certificate that this connection does not have."
    ScopeInsufficient Authenticate Caller Http 403 -31002 "scope_insufficient"
        "This token does not reach that server."
    ScopeMissing Authenticate Caller Http 403 -31002 "scope_missing"
        "This token lacks a scope that this gateway needs."
    IdentityUnmapped Authenticate Caller Http 403 -31002 "identity_unmapped"
        "The bearer token is valid, but its holder has no agent or role here. A new token will not \
         help; ask the operator."
    Killed Authenticate Gateway Call 503 -31011 "killed"
        "The operator has stopped this with the kill switch. Do not try again; tell the user."
    VerificationBusy Authenticate Gateway Http 503 -31000 "verification_busy"
        "Too many unknown tokens are being checked; send the request again."
    JsonInvalid Parse Caller Http 400 -32700 "json_invalid"
        "The body is not one valid JSON document."
    JsonNotUtf8 Parse Caller Http 400 -32700 "json_not_utf8"
        "The body is not valid UTF-8, or begins with a byte order mark."
    JsonDuplicateKey Parse Caller Http 400 -32700 "json_duplicate_key"
        "An object in the body has the same key twice."
    JsonTooDeep Parse Caller Http 400 -32700 "json_too_deep"
        "The body is nested deeper than 64 levels."
    JsonSurrogate Parse Caller Http 400 -32700 "json_surrogate"
        "The body holds half of a surrogate pair."
    JsonNumber Parse Caller Http 400 -32700 "json_number"
        "The body holds a number that is not finite."
    RpcInvalid Parse Caller Http 400 -32600 "rpc_invalid"
        "The body is not a JSON-RPC 2.0 message."
    IdInvalid Parse Caller Http 400 -32600 "id_invalid"
        "A request's id must be a string or an integer."
    BatchRefused Parse Caller Http 400 -32600 "batch_refused"
        "Batches are part of protocol version 2025-03-26 only, with 1 to 100 members."
    NotificationRefused Parse Caller Http 400 -32600 "notification_refused"
        "This method must be sent as a request with an id."
    MethodUnknown Parse Caller Rpc 404 -32601 "method_unknown"
        "Method not found"
    ParamsInvalid Parse Caller Rpc 400 -32602 "params_invalid"
        "The parameters lack a member that this method needs, or it has the wrong type."
    HeaderMismatch Parse Caller Http 400 -32020 "header_mismatch"
        "The MCP headers are missing or disagree with the body."
    ProtocolVersionInvalid Parse Caller Http 400 -32600 "protocol_version_invalid"
        "The MCP-Protocol-Version header names a version that this session did not negotiate."
    SessionUnknown Parse Caller Http 404 -32600 "session_unknown"
        "There is no such session; initialize again."
    LimitAgent RateLimit Caller Call 429 -31003 "limit_agent"
        "This agent's rate limit is used up."
    LimitTeam RateLimit Caller Call 429 -31003 "limit_team"
        "This team's rate limit is used up."
    LimitTool RateLimit Caller Call 429 -31003 "limit_tool"
        "The rate limit of this tool is used up."
    LimitOrganisation RateLimit Caller Call 429 -31003 "limit_organisation"
        "The organisation's rate limit is used up."
    LimitToken RateLimit Caller Call 429 -31003 "limit_token"
        "This token's rate limit is used up."
    LimitRule RateLimit Caller Call 429 -31003 "limit_rule"
        "A limit of the organisation's rules is used up."
    LimitsExhausted RateLimit Gateway Call 503 -31000 "limits_exhausted"
        "The gateway can't count this call, so it is refused; come back later."
    DlpRefused Dlp Caller Call 403 -31004 "dlp_refused"
        "The arguments carry data that may not be sent to this server. Remove it and try again."
    DlpFailed Dlp Gateway Call 503 -31000 "dlp_failed"
        "The gateway could not scan this message, so it is refused."
    ToolUnknown Policy Caller Rpc 200 -32602 "tool_unknown"
        "Unknown tool"
    PromptUnknown Policy Caller Rpc 200 -32602 "prompt_unknown"
        "Unknown prompt"
    ResourceUnknown Policy Caller Rpc 200 -32602 "resource_unknown"
        "Resource not found"
    ToolKilled Policy Gateway Call 503 -31011 "tool_killed"
        "The operator has stopped this tool with the kill switch. Do not try again; tell the user."
    IntentRefused Policy Caller Call 403 -31005 "intent_refused"
        "Policy does not allow this agent what this call does. Asking again will not help."
    ToolQuarantined Policy Upstream Call 403 -31005 "tool_quarantined"
        "What the server says about this tool changed, or no human has approved it yet, so it can't \
         be called until a human has looked at it. Do not repeat the call; tell the user."
    Held Policy Caller Call 403 -31006 "held"
        "This call needs a human's approval before it can run. Tell the user that it waits for \
         approval; once it is approved, the identical call passes one time."
    ApprovalDenied Policy Caller Call 403 -31006 "approval_denied"
        "A human has refused this call. Asking again will not help."
    ApprovalExpired Policy Caller Call 403 -31006 "approval_expired"
        "Nobody approved this call in time, so it is refused."
    ApprovalsFull Policy Gateway Call 503 -31000 "approvals_full"
        "Too many calls wait for approval, so this one is refused; come back later."
    RuleDenied Policy Caller Call 403 -31005 "rule_denied"
        "The organisation's rules refuse this call. Asking again will not help."
    RulesBusy Policy Gateway Call 503 -31000 "rules_busy"
        "The organisation's rules could not be asked about this call, so it was not made; try again."
    AuditFull Audit Gateway Call 503 -31000 "audit_full"
        "The audit log can't keep up, so the call was not made; try again shortly."
    AuditFailed Audit Gateway Call 503 -31000 "audit_failed"
        "The audit log can't be written, so the call was not made."
    Unwitnessed Audit Gateway Call 503 -31000 "unwitnessed"
        "The audit log's newest records wait for their witnesses, so the call was not made; come back \
         later."
    ApprovalsFailed Audit Gateway Call 503 -31000 "approvals_failed"
        "The gateway could not keep a record of this call's approval, so it was not made; try again."
    UpstreamToken Forward Gateway Http 503 -31010 "upstream_token"
        "The gateway has no access token for this server at the moment, so this was not sent; come \
         back later, and tell the operator if it stays so."
    LoginNeeded Forward Gateway Http 403 -31010 "login_needed"
        "This server is used with accounts of people, and nobody has logged in there for this \
         caller, so this was not sent; have the operator run `varictl login`."
    ExchangeRefused Forward Gateway Http 403 -31010 "exchange_refused"
        "This server is used with tokens that callers' own are exchanged for, and there is none for \
         this caller, so this was not sent; tell the operator."
    UpstreamOpen Forward Upstream Http 503 -31007 "upstream_open"
        "The server failed again and again, so it is left alone for a moment; this was not sent."
    UpstreamBusy Forward Upstream Http 503 -31007 "upstream_busy"
        "The server has as many calls under way as it may have; this was not sent."
    UpstreamUnresolved Forward Upstream Http 502 -31007 "upstream_unresolved"
        "The server's name can't be resolved at the moment."
    UpstreamUnreachable Forward Upstream Http 502 -31007 "upstream_unreachable"
        "The server can't be reached at the moment."
    UpstreamTls Forward Upstream Http 502 -31007 "upstream_tls"
        "No trusted connection to the server could be made."
    UpstreamTimeout Forward Upstream Http 504 -31008 "upstream_timeout"
        "The server did not answer in time; the call may or may not have run."
    UpstreamClosed Forward Upstream Http 502 -31007 "upstream_closed"
        "The server closed the connection before it answered; the call may or may not have run."
    UpstreamInvalid Forward Upstream Http 502 -31009 "upstream_invalid"
        "The server's answer is not valid HTTP or JSON-RPC, so it is withheld."
    UpstreamEncoding Forward Upstream Http 502 -31009 "upstream_encoding"
        "The server's answer is compressed and can't be inspected, so it is withheld."
    UpstreamTooLarge Forward Upstream Http 502 -31009 "upstream_too_large"
        "The server's answer is larger than the limit `answer_bytes` of this gateway."
    UpstreamCredential Forward Gateway Http 502 -31010 "upstream_credential"
        "The server refuses the gateway's own credential; tell the operator."
    UpstreamRedirect Forward Upstream Http 502 -31009 "upstream_redirect"
        "The server redirects elsewhere, which is not followed."
    AnswerRefused Forward Upstream Call 200 -31004 "answer_refused"
        "The server's answer carries data that may not reach this agent, so it is withheld."
    AnswerHeld Forward Upstream Call 200 -31006 "answer_held"
        "The server's answer carries data that may reach this agent only when a human has approved \
         it, so it is withheld. The call has run: do not repeat it; tell the user."
    AnswerUnfit Forward Upstream Call 200 -31004 "answer_unfit"
        "The server's answer carries data that may not reach this agent, and is not in the form that \
         the tool promises without it, so it is withheld. The call has run: do not repeat it."
    Internal Forward Gateway Http 500 -32603 "internal"
        "The gateway failed on this request; it was not passed on."
}

impl Reason {
    /// The name in records and metrics.
    #[must_use]
    pub const fn name(self) -> &'static str {
        self.verdict().name
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_unique_and_snake_case() {
        let mut names: Vec<_> = Reason::ALL.iter().map(|reason| reason.name()).collect();
        names.sort_unstable();
        assert!(names.windows(2).all(|pair| pair.first() != pair.last()));
        assert!(names.iter().all(|n| {
            n.chars()
                .all(|c| c.is_ascii_lowercase() || "_0123456789".contains(c))
        }));
    }

    #[test]
    fn our_own_codes_stay_out_of_the_reserved_range() {
        let protocol = [-32700, -32600, -32601, -32602, -32603, -32020];
        for reason in Reason::ALL {
            let code = reason.verdict().code;
            assert!(
                protocol.contains(&code) || !(-32768..=-32000).contains(&code),
                "{reason:?}"
            );
        }
    }

    #[test]
    fn stages_stand_in_their_order() {
        let stages: Vec<_> = Reason::ALL.iter().map(|r| r.verdict().stage).collect();
        assert!(stages.is_sorted());
    }
}
