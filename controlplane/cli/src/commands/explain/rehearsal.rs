//! A gateway in memory: the very order of the pipeline over one snapshot, for one token. Nothing
//! is sent, nothing is recorded, no limit is used up.

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context;
use base64::Engine as _;
use base64::engine::general_purpose::STANDARD;
use futures_util::FutureExt;
use varistor_http1::{Progress, RequestHead};
use varistor_inspect::dlp::{Encoding, Finding, Findings, Scanner};
use varistor_inspect::intent;
use varistor_inspect::json::{Message, Reader};
use varistor_model::{Method, ProtocolVersion, Reason, Span, Subject};
use varistor_pipeline::answer::{Answering, Passed};
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::outside::Now;
use varistor_pipeline::serving::{Credential, Local, Serving};
use varistor_pipeline::stages::dlp::payload;
use varistor_pipeline::stages::forward::Payload;
use varistor_pipeline::stages::{accept, authenticate, parse};
use varistor_snapshot::Snapshot;
use varistor_snapshot::schema::ArchivedPolicy;
use varistor_token::Verifier;
use zeroize::Zeroizing;

use super::outside::{Kept, Said};
use super::verdict::{Decision, Forward, IntentTold, Verdict, replaced};
use crate::quantities::now_unix_ms;

/// Cells of counters: no call is counted against more than `LIMITS_PER_CALL_MAX` limits, and a
/// batch has at most a hundred of them.
const CELLS: usize = 2048;

/// One worker of a gateway that serves one snapshot.
pub(super) struct Rehearsal {
    desk: RefCell<Desk>,
    clock: Clock,
    local: Rc<Local>,
    records: Kept,
    token: Zeroizing<String>,
    head: RequestHead,
    head_bytes: Vec<u8>,
    upstream_head: Vec<u8>,
    reader: Reader,
    scanner: Scanner,
    findings: Findings,
    /// What the values of findings read that came in other clothes.
    values: Vec<u8>,
}

/// The monotonic clock of messages: each comes when the budgets that earlier ones used are whole.
struct Clock {
    mono_ns: u64,
    /// The longest period of any rate that a message can be counted against.
    step_ns: u64,
}

/// What an answer belongs to: a call of the agent.
pub(super) struct Call<'c> {
    /// The method.
    pub(super) method: &'c str,
    /// The name of the tool or prompt, when it is known.
    pub(super) name: &'c str,
}

impl Rehearsal {
    /// A gateway that serves `snapshot` to the holder of `token`.
    pub(super) fn new(snapshot: Snapshot, token: Zeroizing<String>) -> anyhow::Result<Self> {
        // The head for the upstream is written and thrown away: any credential will do.
        let servers = snapshot.policy().servers.iter();
        let credentials = servers
            .map(|row| row.credential.is_some())
            .map(|wanted| wanted.then(|| Credential(Zeroizing::new(Vec::new()))))
            .collect();
        let unfit = "the policy can't be taken into service";
        let serving = Serving::new(snapshot, credentials).context(unfit)?;
        let mut scanner = Scanner::open(&serving.policy().dlp).context(unfit)?;
        scanner.keep_values();
        let step_ns = longest_period(serving.policy(), &token);
        Ok(Self {
            desk: RefCell::new(desk()),
            clock: Clock {
                mono_ns: step_ns,
                step_ns,
            },
            local: Rc::new(Local::new(Arc::new(serving)).context(unfit)?),
            records: Kept::default(),
            token,
            head: RequestHead::new(),
            head_bytes: Vec::new(),
            upstream_head: Vec::new(),
            reader: Reader::new(),
            scanner,
            findings: Findings::default(),
            values: Vec::new(),
        })
    }

    /// What is served.
    pub(super) fn serving(&self) -> &Serving {
        self.local.serving()
    }

    /// The messages that were judged last, and the reader that holds their texts.
    pub(super) const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads a message from either side, to see which one it is from.
    pub(super) fn read(&mut self, body: &[u8]) -> Result<(), Reason> {
        self.reader.read_answer(body)
    }

    /// Judges what an agent sends to a server.
    pub(super) fn request(&mut self, server: &str, body: &[u8]) -> Verdict {
        // What is wrong with it is for the order to say, once the caller is known.
        let read = self.reader.read_call(body).is_ok();
        let modern = version_of(&self.reader);
        if let Err(reason) = self.begin(server, body.len(), read.then_some(modern).flatten()) {
            return Verdict::refused(reason);
        }
        let mut client = said(&self.head, &self.head_bytes, body, self.clock.mono_ns);
        let mut notes = Notes::default();
        self.upstream_head.clear();
        let judged = order::order(
            &self.desk,
            &self.local,
            (&mut client, &self.records),
            &mut notes,
            &mut self.upstream_head,
        );
        let mut verdict = match judged.now_or_never() {
            Some(Ok(forward)) => match forward.body {
                Payload::Redacted(body) => {
                    Verdict::passed(Decision::Redact, Forward::Changed(body))
                }
                Payload::Untouched | Payload::None => {
                    Verdict::passed(Decision::Allow, Forward::Same)
                }
            },
            Some(Err(Turned::Denied(denial))) => {
                let both = (&client, &self.records);
                let record = order::refused(&self.desk, &self.local, both, &notes, denial);
                record.and_then(FutureExt::now_or_never);
                Verdict::refused(denial.reason)
            }
            Some(Err(Turned::Local(_))) | None => Verdict::refused(Reason::Internal),
        };
        self.records.each(|record| verdict.learn(record));
        verdict
    }

    /// Judges what a server sends to the agent, as the answer to a call that was let through.
    pub(super) fn answer(&mut self, server: &str, call: &Call<'_>, body: &[u8]) -> Verdict {
        let limit = self.local.policy().runtime.answer_bytes_max.to_native();
        if body.len() as u64 > limit {
            return Verdict::refused(Reason::UpstreamTooLarge);
        }
        let read = self.reader.read_answer(body);
        let request = asked(&self.reader, call, body);
        let batch = ProtocolVersion::V2025_03_26.name();
        let version = self
            .reader
            .is_batch()
            .then(|| format!("MCP-Protocol-Version: {batch}\r\n"));
        if let Err(reason) = self.begin(server, request.len(), version) {
            return Verdict::refused(reason);
        }
        let client = said(&self.head, &self.head_bytes, &request, self.clock.mono_ns);
        let mut changed = Vec::new();
        let mut verdict = match self.pass(&client, (&request, body), &mut changed) {
            Ok((Passed::Same, _)) => Verdict::passed(Decision::Allow, Forward::Same),
            Ok((Passed::Changed, redacted)) => {
                let decision = if redacted > 0 {
                    Decision::Redact
                } else {
                    Decision::Allow
                };
                Verdict::passed(decision, Forward::Changed(changed))
            }
            Ok((Passed::Dropped, _)) => Verdict {
                reason: Some("server_request_refused"),
                text: Some("The server may not send this message to the agent.".to_owned()),
                scanned: false,
                ..Verdict::passed(Decision::Deny, Forward::Nothing)
            },
            Err(reason) => Verdict::refused(reason),
        };
        if let (Err(fault), Some(text)) = (read, &mut verdict.text) {
            text.push(' ');
            text.push_str(fault.verdict().text);
        }
        verdict.intent = self.intent(server, call);
        verdict
    }

    fn pass(
        &self,
        client: &Said<'_>,
        both: (&[u8], &[u8]),
        changed: &mut Vec<u8>,
    ) -> Result<(Passed, u64), Reason> {
        let mut notes = Notes::default();
        let desk = &mut *self.desk.borrow_mut();
        let request = match accept::accept(self.local.serving(), client) {
            Ok(request) => request,
            Err(Turned::Denied(denial)) => return Err(denial.reason),
            Err(Turned::Local(_)) => return Err(Reason::Internal),
        };
        let caller = authenticate::authenticate(desk, &self.local, client, request, &mut notes)?;
        let parsed = parse::parse(desk, &self.local, client, caller, &mut notes)?;
        let call = parsed.call(desk, 0, &mut notes)?;
        let mut answering = Answering::supposed(Rc::clone(&self.local), client, (&parsed, &call));
        let passed = answering.message(desk, both, changed)?;
        let mut record = Vec::new();
        answering.write_record(client.now, &mut record);
        // The head of the line, which ends where the comma of the tail stands, is the log's.
        if let Some(comma) = record.first_mut() {
            *comma = b'{';
        }
        Ok((passed, replaced(&record)))
    }

    /// What the call that an answer belongs to means.
    fn intent(&self, server: &str, call: &Call<'_>) -> Option<IntentTold> {
        if Method::named(call.method.as_bytes()) != Method::ToolsCall || call.name.is_empty() {
            return None;
        }
        let serving = self.local.serving();
        let row = serving.server(serving.server_named(server)?)?;
        let classified = intent::classify(row, call.name);
        Some(IntentTold {
            name: classified.intent.name().to_owned(),
            confidence: classified.confidence_percent,
            evidence: vec![classified.evidence.to_owned()],
        })
    }

    /// Scans the messages that were judged last; the findings' spans are bytes of `body`.
    pub(super) fn findings(&mut self, body: &[u8], found: &mut Vec<Finding>) -> bool {
        found.clear();
        self.values.clear();
        let rows = &self.local.policy().dlp;
        let mut whole = true;
        for message in self.reader.messages() {
            let place = payload(message);
            let bytes = place.of_bytes(body);
            if bytes.is_empty() {
                continue;
            }
            whole &= self.scanner.scan(rows, bytes, &mut self.findings).is_ok();
            whole &= !self.findings.overflowed();
            let values = &mut self.values;
            let findings = &self.findings;
            found.extend(findings.iter().map(|finding| Finding {
                value: {
                    let start = values.len();
                    values.extend_from_slice(findings.value(finding));
                    Span::of(start..values.len()).unwrap_or_default()
                },
                span: Span {
                    start: finding.span.start + place.start,
                    end: finding.span.end + place.start,
                },
                ..*finding
            }));
        }
        whole
    }

    /// What the value of a finding reads, when something had to be undone for it.
    pub(super) fn value(&self, finding: &Finding) -> Option<String> {
        let value = finding.value.of_bytes(&self.values);
        let undone = finding.encoding != Encoding::Plain && !value.is_empty();
        undone.then(|| String::from_utf8_lossy(value).into_owned())
    }

    /// Begins anew: whole budgets, no records, and a head as a sound client writes it.
    fn begin(
        &mut self,
        server: &str,
        length: usize,
        version: Option<String>,
    ) -> Result<(), Reason> {
        let plain = |byte: u8| byte.is_ascii_alphanumeric() || byte == b'-';
        if server.is_empty() || !server.bytes().all(plain) {
            return Err(Reason::RouteUnknown);
        }
        if !self.clock.move_on() {
            self.desk.replace(desk());
        }
        self.records.clear();
        self.head_bytes.clear();
        let host = self.local.policy().runtime.listen.as_str();
        let written = write!(
            self.head_bytes,
            "POST /mcp/{server} HTTP/1.1\r\nHost: {host}\r\nContent-Type: application/json\r\n\
             Content-Length: {length}\r\nAuthorization: Bearer {}\r\n{}\r\n",
            self.token.as_str(),
            version.unwrap_or_default(),
        );
        written.map_err(|_| Reason::Internal)?;
        match self.head.parse(&self.head_bytes)? {
            Progress::Complete => Ok(()),
            Progress::Partial => Err(Reason::HeadMalformed),
        }
    }
}

impl Clock {
    /// Moves on until every budget is whole. False when time ran out and began anew: then what was
    /// counted so far must be forgotten.
    const fn move_on(&mut self) -> bool {
        match self.mono_ns.checked_add(self.step_ns) {
            // What a rate adds to the present must not run out either.
            Some(next) if next.checked_add(self.step_ns).is_some() => {
                self.mono_ns = next;
                true
            }
            _ => {
                self.mono_ns = 0;
                false
            }
        }
    }
}

/// A desk with whole budgets.
fn desk() -> Desk {
    Desk::new(Arc::new(Budgets::new(CELLS)))
}

/// In nanoseconds; at least a second, in which the gateway's own pace of verifications recovers.
fn longest_period(policy: &ArchivedPolicy, token: &str) -> u64 {
    let agents = policy.agents.iter().flat_map(|row| row.limits.iter());
    let teams = policy.teams.iter().flat_map(|row| row.limits.iter());
    let tenants = policy
        .organisations
        .iter()
        .flat_map(|row| row.limits.iter());
    let tools = policy.tool_limits.iter().map(|row| &row.rate);
    let rates = agents.chain(teams).chain(tenants).chain(tools);
    let periods = rates.map(|rate| rate.period_ns.to_native());
    // What no verifier can read has no limits either.
    let own = Verifier::inspect(token).map_or_else(|_| Vec::new(), |token| token.limits);
    let own = own.iter().map(|rate| rate.period_ns);
    periods.chain(own).fold(1_000_000_000, u64::max)
}

fn said<'b>(head: &'b RequestHead, bytes: &'b [u8], body: &'b [u8], mono_ns: u64) -> Said<'b> {
    let unix_ns = now_unix_ms().saturating_mul(1_000_000);
    Said {
        head,
        bytes,
        body,
        now: Now { unix_ns, mono_ns },
    }
}

/// The header fields by which a client says its version: of batches, and of 2026-07-28 with the
/// names that routing goes by.
fn version_of(reader: &Reader) -> Option<String> {
    if reader.is_batch() {
        let version = ProtocolVersion::V2025_03_26.name();
        return Some(format!("MCP-Protocol-Version: {version}\r\n"));
    }
    let message = reader.messages().first()?;
    let version = reader.text(message.meta_version?);
    let mut fields = format!("MCP-Protocol-Version: {version}\r\n");
    fields.push_str(&field("Mcp-Method", reader.text(message.method_text)));
    if let Some(name) = message.name {
        fields.push_str(&field("Mcp-Name", reader.text(name)));
    }
    Some(fields)
}

/// A header field; a value that can't stand in one is sent in base64.
fn field(name: &str, value: &str) -> String {
    let plain = value
        .bytes()
        .all(|byte| byte.is_ascii_graphic() || byte == b' ');
    if plain && value.trim() == value && !value.is_empty() {
        format!("{name}: {value}\r\n")
    } else {
        format!("{name}: =?base64?{}?=\r\n", STANDARD.encode(value))
    }
}

/// The call that an answer belongs to. It has the id of the answer.
fn asked(reader: &Reader, call: &Call<'_>, body: &[u8]) -> Vec<u8> {
    let mut ids = reader
        .messages()
        .iter()
        .map(|message| message.id.of_bytes(body));
    let id = ids
        .find(|id| !id.is_empty() && *id != b"null")
        .unwrap_or(b"1");
    let params = match Method::named(call.method.as_bytes()).subject() {
        Subject::Tool | Subject::Prompt => serde_json::json!({"name": call.name}),
        Subject::Resource => serde_json::json!({"uri": call.name}),
        Subject::Reference => serde_json::json!({"ref": {"type": "ref/prompt", "name": call.name}}),
        Subject::Task => serde_json::json!({"taskId": call.name}),
        Subject::None => serde_json::json!({}),
    };
    let mut request = br#"{"jsonrpc":"2.0","id":"#.to_vec();
    request.extend_from_slice(id);
    let method = serde_json::Value::from(call.method);
    request.extend_from_slice(format!(r#","method":{method},"params":{params}}}"#).as_bytes());
    if reader.is_batch() {
        request.insert(0, b'[');
        request.push(b']');
    }
    request
}

/// The tool that a call names.
pub(super) fn tool_of<'r>(reader: &'r Reader, message: &Message) -> Option<&'r str> {
    (message.method.subject() == Subject::Tool)
        .then(|| reader.text(message.name.unwrap_or_default()))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_clock_never_stands_still_and_says_when_it_begins_anew() {
        let mut clock = Clock {
            mono_ns: 0,
            step_ns: u64::MAX / 4,
        };
        let moves: Vec<_> = (0..4).map(|_| clock.move_on()).collect();
        assert_eq!(moves, [true, true, true, false]);
        clock.step_ns = u64::MAX;
        assert!(!clock.move_on() && clock.mono_ns == 0);
    }

    #[test]
    fn a_header_field_holds_any_name() {
        assert_eq!(field("A", "get_x"), "A: get_x\r\n");
        for odd in ["é", " x", "", "a\r\nb"] {
            assert!(field("A", odd).starts_with("A: =?base64?"), "{odd:?}");
        }
    }
}
