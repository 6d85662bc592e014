//! The record of a call, sealed before the call goes upstream, or of its denial.
//!
//! It refuses to splice parameters that are not one JSON value: they are left out, and it says so.

use varistor_model::{Decision, DlpAction, Intent, Reason, Span, Subject, TokenId, limits};

use crate::{Hidden, json};

/// What is recorded of a call. Empty strings and `None` are left out of the line; texts longer
/// than [`limits::NAME_BYTES_MAX`] are cut and end in `…`.
#[derive(Clone, Copy)]
pub struct CallRecord<'a> {
    /// The token's own id (its last block's).
    pub token: Option<TokenId>,
    /// Whose agent it is.
    pub organisation: &'a str,
    /// Who called.
    pub agent: &'a str,
    /// Who issued the token and whom it speaks for there, when it is not ours.
    pub outside: Option<(&'a str, &'a str)>,
    /// The id of the caller's session here.
    pub session: Option<[u8; 8]>,
    /// The caller's address, as text (made once for a connection).
    pub client: &'a str,
    /// The server that was asked for.
    pub server: &'a str,
    /// The method as the caller sent it.
    pub method: &'a str,
    /// What `name` is: a tool stands under `tool`, anything else under `subject`.
    pub subject: Subject,
    /// Tool or prompt name, resource URI, task id.
    pub name: &'a str,
    /// The request's id, raw JSON; empty for a notification.
    pub id: &'a [u8],
    /// The parameters.
    pub params: Params<'a>,
    /// What the call means, how surely (per cent), and why we think so.
    pub intent: Option<(Intent, u8, &'a [&'a str])>,
    /// What DLP found in the parameters.
    pub findings: &'a dyn Findings,
    /// What was put back in the place of placeholders, in what goes on.
    pub restored: Option<&'a dyn Restored>,
    /// What was decided.
    pub decision: Decision,
    /// Why, when it was not allowed.
    pub reason: Option<Reason>,
    /// The approval that released the call, or that it waits for.
    pub approval: Option<[u8; 16]>,
    /// The permission or rule that decided.
    pub rule: &'a str,
    /// What the organisation's rules said, when they were asked.
    pub ruled: Option<&'a dyn Ruled>,
    /// The snapshot that decided.
    pub generation: u64,
}

/// The parameters of a call, as policy wants them recorded.
#[derive(Clone, Copy, Debug)]
pub enum Params<'a> {
    /// There are none.
    None,
    /// As they came, raw JSON. Token for token the same; line breaks between tokens become spaces.
    Whole(&'a [u8]),
    /// The same, from a message that the strict gate has read: it is one JSON value, and is not
    /// read again here. Anything else would break the line.
    Judged(&'a [u8]),
    /// With the findings masked, raw JSON.
    Masked(&'a [u8]),
    /// With values kept apart.
    Hidden(Hidden<'a>),
    /// Not recorded, and why.
    Omitted(&'static str),
}

/// Something that knows what was found and where.
pub trait Findings {
    /// Tells each finding, in order.
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>));
}

/// Something that knows what was put back in the place of placeholders. Never a value.
pub trait Restored {
    /// Tells each entity and how often it was put back.
    fn each(&self, tell: &mut dyn FnMut(&str, u32));
}

/// Something that knows what the organisation's rules said.
pub trait Ruled {
    /// Tells the name of each rule that held and is enforced.
    fn each_rule(&self, tell: &mut dyn FnMut(&str));
    /// What shadow rules would have decided, where that is stricter, and the first of them.
    fn shadow(&self) -> Option<(Decision, &str)>;
    /// The level that a rule gives the record.
    fn level(&self) -> Option<&str>;
    /// Whether a human is to look at the call.
    fn is_flagged(&self) -> bool;
    /// Tells the labels of the call where it completes the lethal trifecta.
    fn each_flow(&self, tell: &mut dyn FnMut(&str));
    /// Whether the session was ended.
    fn has_ended_session(&self) -> bool;
    /// Tells kind and name of each channel that is to be told.
    fn each_channel(&self, tell: &mut dyn FnMut(&str, &str));
}

/// One finding. The value is never told.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Found<'a> {
    /// What it is.
    pub entity: &'a str,
    /// The number of the message of an answer that it stands in, from 0, as the server sent them;
    /// none in a call, which is one message.
    pub message: Option<u32>,
    /// The bytes of that message's payload: parameters, result or error.
    pub place: Span,
    /// What followed.
    pub action: DlpAction,
    /// How sure it is, per cent.
    pub confidence: u8,
}

impl Findings for [Found<'_>] {
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>)) {
        self.iter().for_each(tell);
    }
}

impl<const N: usize> Findings for [Found<'_>; N] {
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>)) {
        self.as_slice().each(tell);
    }
}

impl CallRecord<'_> {
    /// Appends everything behind the head of the line: `,"kind":"call"` through `}`.
    pub fn write(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"kind\":\"call\"");
        self.write_caller(out);
        self.write_message(out);
        if let Some((intent, confidence, evidence)) = self.intent {
            out.extend_from_slice(b",\"intent\":{\"type\":\"");
            out.extend_from_slice(intent.name().as_bytes());
            out.extend_from_slice(b"\",\"confidence\":");
            json::number(u64::from(confidence), out);
            out.extend_from_slice(b",\"evidence\":[");
            for (number, code) in evidence.iter().enumerate() {
                if number > 0 {
                    out.push(b',');
                }
                json::string(code.as_bytes(), out);
            }
            out.push(b']');
            out.push(b'}');
        }
        write_findings(self.findings, out);
        if let Some(restored) = self.restored {
            write_restored(restored, out);
        }
        self.write_decision(out);
        out.push(b'}');
    }

    fn write_caller(&self, out: &mut Vec<u8>) {
        text(b",\"organisation\":", self.organisation, out);
        text(b",\"agent\":", self.agent, out);
        if let Some(token) = self.token {
            digits(b",\"token\":\"", &token.0, out);
        }
        if let Some((issuer, holder)) = self.outside {
            text(b",\"issuer\":", issuer, out);
            text(b",\"holder\":", holder, out);
        }
        if let Some(session) = self.session {
            digits(b",\"session\":\"", &session, out);
        }
        text(b",\"client\":", self.client, out);
    }

    fn write_message(&self, out: &mut Vec<u8>) {
        text(b",\"server\":", self.server, out);
        text(b",\"method\":", self.method, out);
        let name = match self.subject {
            Subject::Tool => b",\"tool\":".as_slice(),
            _ => b",\"subject\":",
        };
        text(name, self.name, out);
        if !self.id.is_empty() && self.id.len() <= limits::ID_BYTES_MAX {
            splice(b",\"id\":", self.id, b"null", out);
        }
        match self.params {
            Params::None => {}
            Params::Whole(params) => splice_params(params, b"", out),
            Params::Judged(params) => {
                debug_assert!(json::check(params, |_, _| {}).is_some(), "not judged");
                out.extend_from_slice(b",\"params\":");
                json::splice_judged(params, out);
            }
            Params::Masked(params) => splice_params(params, b",\"params_masked\":true", out),
            Params::Omitted(reason) => text(b",\"params_omitted\":", reason, out),
            Params::Hidden(hidden) => hidden.write(out),
        }
    }

    fn write_decision(&self, out: &mut Vec<u8>) {
        out.extend_from_slice(b",\"decision\":\"");
        out.extend_from_slice(self.decision.name().as_bytes());
        out.push(b'"');
        if let Some(reason) = self.reason {
            let verdict = reason.verdict();
            text(b",\"reason\":", verdict.name, out);
            text(b",\"stage\":", verdict.stage.name(), out);
        }
        if let Some(approval) = self.approval {
            digits(b",\"approval\":\"", &approval, out);
        }
        text(b",\"rule\":", self.rule, out);
        if let Some(ruled) = self.ruled {
            write_ruled(ruled, out);
        }
        out.extend_from_slice(b",\"generation\":");
        json::number(self.generation, out);
    }
}

/// Appends what rules said, as far as they said anything.
fn write_ruled(ruled: &dyn Ruled, out: &mut Vec<u8>) {
    let mut first = true;
    ruled.each_rule(&mut |name| {
        out.extend_from_slice(if first { b",\"rules\":[" } else { b"," });
        first = false;
        json::string(name.as_bytes(), out);
    });
    if !first {
        out.push(b']');
    }
    if let Some((decision, rule)) = ruled.shadow() {
        text(b",\"shadow\":{\"decision\":", decision.name(), out);
        text(b",\"rule\":", rule, out);
        out.push(b'}');
    }
    text(b",\"level\":", ruled.level().unwrap_or_default(), out);
    if ruled.is_flagged() {
        out.extend_from_slice(b",\"flagged\":true");
    }
    let mut first = true;
    ruled.each_flow(&mut |label| {
        out.extend_from_slice(if first { b",\"flow\":[" } else { b"," });
        first = false;
        json::string(label.as_bytes(), out);
    });
    if !first {
        out.push(b']');
    }
    if ruled.has_ended_session() {
        out.extend_from_slice(b",\"session_ended\":true");
    }
    let mut first = true;
    ruled.each_channel(&mut |kind, name| {
        out.extend_from_slice(if first { b",\"notify\":[{" } else { b",{" });
        first = false;
        out.extend_from_slice(b"\"kind\":");
        json::string(kind.as_bytes(), out);
        out.extend_from_slice(b",\"name\":");
        json::string(name.as_bytes(), out);
        out.push(b'}');
    });
    if !first {
        out.push(b']');
    }
}

/// Appends `,"findings":[{"entity":..,"place":"12..31",..},..]`, or nothing when there are none.
pub(crate) fn write_findings(findings: &dyn Findings, out: &mut Vec<u8>) {
    let mut first = true;
    findings.each(&mut |found| {
        let opening: &[u8] = if first { b",\"findings\":[{" } else { b",{" };
        first = false;
        out.extend_from_slice(opening);
        out.extend_from_slice(b"\"entity\":");
        json::string(found.entity.as_bytes(), out);
        if let Some(message) = found.message {
            out.extend_from_slice(b",\"message\":");
            json::number(u64::from(message), out);
        }
        out.extend_from_slice(b",\"place\":\"");
        json::number(u64::from(found.place.start), out);
        out.extend_from_slice(b"..");
        json::number(u64::from(found.place.end), out);
        out.extend_from_slice(b"\",\"action\":\"");
        out.extend_from_slice(found.action.name().as_bytes());
        out.extend_from_slice(b"\",\"confidence\":");
        json::number(u64::from(found.confidence), out);
        out.push(b'}');
    });
    if !first {
        out.push(b']');
    }
}

/// Appends `,"restored":[{"entity":..,"count":..},..]`, or nothing when nothing was.
fn write_restored(restored: &dyn Restored, out: &mut Vec<u8>) {
    let mut first = true;
    restored.each(&mut |entity, count| {
        let opening: &[u8] = if first { b",\"restored\":[{" } else { b",{" };
        first = false;
        out.extend_from_slice(opening);
        out.extend_from_slice(b"\"entity\":");
        json::string(entity.as_bytes(), out);
        out.extend_from_slice(b",\"count\":");
        json::number(u64::from(count), out);
        out.push(b'}');
    });
    if !first {
        out.push(b']');
    }
}

/// Appends `key` (with its comma and colon) and the text, unless that is empty.
pub(crate) fn text(key: &[u8], value: &str, out: &mut Vec<u8>) {
    if value.is_empty() {
        return;
    }
    out.extend_from_slice(key);
    if value.len() <= limits::NAME_BYTES_MAX {
        return json::string(value.as_bytes(), out);
    }
    let cut = value.floor_char_boundary(limits::NAME_BYTES_MAX);
    json::string(value.get(..cut).unwrap_or_default().as_bytes(), out);
    out.pop();
    out.extend_from_slice("…\"".as_bytes());
}

fn digits(key: &[u8], value: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    json::hex(value, out);
    out.push(b'"');
}

/// Appends `key` and `value`, or `instead` of a value that is not JSON.
fn splice(key: &[u8], value: &[u8], instead: &[u8], out: &mut Vec<u8>) {
    out.extend_from_slice(key);
    if is_counting_number(value) {
        out.extend_from_slice(value);
    } else if !json::splice(value, out) {
        out.extend_from_slice(instead);
    }
}

/// What most ids are: digits that JSON takes for a number.
fn is_counting_number(value: &[u8]) -> bool {
    matches!(value, [b'1'..=b'9', rest @ ..] if rest.iter().all(u8::is_ascii_digit))
}

pub(crate) fn splice_params(params: &[u8], mark: &[u8], out: &mut Vec<u8>) {
    let start = out.len();
    out.extend_from_slice(b",\"params\":");
    if json::splice(params, out) {
        out.extend_from_slice(mark);
    } else {
        out.truncate(start);
        text(b",\"params_omitted\":", "not_json", out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Chain, Line};
    use proptest::prelude::*;
    use serde_json::{Value, json};

    fn record() -> CallRecord<'static> {
        CallRecord {
            token: Some(TokenId([0xab; 16])),
            organisation: "acme",
            agent: "ci-bot",
            outside: None,
            session: Some([1; 8]),
            client: "127.0.0.1:50000",
            server: "stripe",
            method: "tools/call",
            subject: Subject::Tool,
            name: "create_refund",
            id: b"7",
            params: Params::Whole(br#"{"name":"create_refund","arguments":{"cents":100}}"#),
            intent: Some((Intent::Destructive, 90, &["verb refund"])),
            findings: &[] as &[Found<'_>; 0],
            restored: None,
            decision: Decision::Deny,
            reason: Some(Reason::IntentRefused),
            approval: None,
            rule: "acme/finance",
            ruled: None,
            generation: 12,
        }
    }

    fn read(record: &CallRecord<'_>) -> Value {
        let mut tail = Vec::new();
        record.write(&mut tail);
        let mut line = Vec::new();
        Chain::genesis().next_line(1, &tail, &mut line);
        assert_eq!(line.iter().filter(|byte| **byte == b'\n').count(), 1);
        assert_eq!(line.pop(), Some(b'\n'));
        assert_eq!(Line::read(&line).unwrap().kind, b"call");
        serde_json::from_slice(&line).unwrap()
    }

    #[test]
    fn a_call_says_who_what_where_and_why() {
        let found = |entity, start, end, action| Found {
            entity,
            message: None,
            place: Span { start, end },
            action,
            confidence: 95,
        };
        let found = [
            found("credit_card", 12, 31, DlpAction::Deny),
            found("email", 40, 50, DlpAction::Log),
        ];
        let line = read(&CallRecord {
            findings: &found,
            ..record()
        });
        let zeros = "0".repeat(64);
        let expected = json!({
            "seq": 0, "time": "1970-01-01T00:00:00.000000001Z", "prev": zeros,
            "kind": "call", "organisation": "acme", "agent": "ci-bot",
            "token": "ab".repeat(16), "session": "01".repeat(8), "client": "127.0.0.1:50000",
            "server": "stripe", "method": "tools/call", "tool": "create_refund", "id": 7,
            "params": {"name": "create_refund", "arguments": {"cents": 100}},
            "intent": {"type": "destructive", "confidence": 90, "evidence": ["verb refund"]},
            "findings": [
                {"entity": "credit_card", "place": "12..31", "action": "deny", "confidence": 95},
                {"entity": "email", "place": "40..50", "action": "log", "confidence": 95},
            ],
            "decision": "deny", "reason": "intent_refused", "stage": "policy",
            "rule": "acme/finance", "generation": 12,
        });
        assert_eq!(line, expected);
    }

    #[test]
    fn what_was_put_back_is_told_by_entity_and_never_by_value() {
        struct Two;
        impl Restored for Two {
            fn each(&self, tell: &mut dyn FnMut(&str, u32)) {
                tell("email", 2);
                tell("iban", 1);
            }
        }
        let line = read(&CallRecord {
            restored: Some(&Two),
            ..record()
        });
        let expected = json!([{"entity": "email", "count": 2}, {"entity": "iban", "count": 1}]);
        assert_eq!(line["restored"], expected);
        assert_eq!(read(&record()).get("restored"), None);
    }

    #[test]
    fn what_is_unknown_is_left_out() {
        let line = read(&CallRecord {
            token: None,
            organisation: "",
            agent: "",
            session: None,
            name: "",
            id: b"",
            params: Params::Omitted("json_invalid"),
            intent: None,
            reason: None,
            rule: "",
            ruled: None,
            ..record()
        });
        for absent in [
            "token", "agent", "session", "tool", "id", "params", "intent", "rule",
        ] {
            assert_eq!(line.get(absent), None, "{absent}");
        }
        assert_eq!(line["params_omitted"], "json_invalid");
    }

    #[test]
    fn parameters_that_are_not_json_are_left_out_and_the_line_says_so() {
        for forged in [
            &b"{}},\"decision\":\"allow\""[..],
            b"1}\n{\"seq\":1",
            b"{\"a\":\"\n\"}",
            b"\xff",
        ] {
            let line = read(&CallRecord {
                params: Params::Whole(forged),
                id: forged,
                ..record()
            });
            assert_eq!(line["params_omitted"], "not_json");
            assert_eq!((&line["params"], &line["id"]), (&Value::Null, &Value::Null));
            assert_eq!(line["decision"], "deny");
        }
    }

    #[test]
    fn masked_parameters_are_marked_and_a_prompt_is_a_subject() {
        let line = read(&CallRecord {
            params: Params::Masked(b"{\n\"a\":\n1}"),
            subject: Subject::Prompt,
            name: "greet",
            ..record()
        });
        assert_eq!(line["params"], json!({"a": 1}));
        assert_eq!(
            (&line["params_masked"], &line["subject"]),
            (&json!(true), &json!("greet"))
        );
    }

    #[test]
    fn a_huge_name_is_cut_at_a_character_and_says_so() {
        let name = "é".repeat(1 << 20);
        let line = read(&CallRecord {
            name: &name,
            ..record()
        });
        let cut = line["tool"].as_str().unwrap();
        assert!(cut.ends_with("é…") && cut.len() <= limits::NAME_BYTES_MAX + 3);
    }

    proptest! {
        #[test]
        fn nothing_a_caller_sends_can_forge_a_line(
            name in "\\PC*|[\\x00-\\x7f\u{202e}\u{2028}\u{85}]{0,60}",
            method in "[\"\\\\\n\r,:{}a-z]{0,40}",
            params in proptest::collection::vec(any::<u8>(), 0..60),
        ) {
            let line = read(&CallRecord {
                name: &name, method: &method, params: Params::Whole(&params), ..record()
            });
            prop_assert_eq!(line["decision"].as_str(), Some("deny"));
            prop_assert_eq!(line["tool"].as_str().unwrap_or(""), name.as_str());
            prop_assert_eq!(line["method"].as_str().unwrap_or(""), method.as_str());
        }
    }
}
