//! A gateway in memory: the very order of the pipeline over one snapshot, for one token. Nothing
//! is sent, nothing is recorded, no limit is used up.

pub(super) mod anything;
mod clock;
pub(super) mod crowd;
mod outside;
pub(super) mod setup;
pub(super) mod sound;
pub(super) mod tools;
pub(super) mod verdict;

use std::cell::RefCell;
use std::io::Write;
use std::rc::Rc;
use std::sync::Arc;

use anyhow::Context;
use futures_util::FutureExt;
use varistor_http1::{Progress, RequestHead};
use varistor_inspect::dlp::{Encoding, Finding, Findings, OwnSecrets, Scanner};
use varistor_inspect::json::{Message, Reader};
use varistor_model::{Method, ProtocolVersion, Reason, Span, Subject};
use varistor_pipeline::answer::{Answering, Passed};
use varistor_pipeline::budget::Budgets;
use varistor_pipeline::desk::Desk;
use varistor_pipeline::known::KnownTools;
use varistor_pipeline::memory::Memory;
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::outside::Now;
use varistor_pipeline::serving::{Credential, Local, Serving};
use varistor_pipeline::stages::dlp::payload;
use varistor_pipeline::stages::forward::Payload;
use varistor_pipeline::stages::{accept, authenticate, classify, parse};
use varistor_snapshot::Snapshot;
use zeroize::Zeroizing;

use self::clock::Clock;
use self::outside::{Kept, Said};
use self::sound::{Call, asked, version_of};
use self::tools::Definition;
use self::verdict::{Decision, Forward, IntentTold, Verdict, replaced};
use crate::quantities::now_unix_ms;

/// Cells of counters: no call is counted against more than `LIMITS_PER_CALL_MAX` limits, and a
/// batch has at most a hundred of them.
const CELLS: usize = 2048;

/// One worker of a gateway that serves one snapshot.
pub(in crate::commands) struct Rehearsal {
    desk: RefCell<Desk>,
    /// What servers said about their tools.
    known: Arc<KnownTools>,
    /// Lines are a sequence: rules that ask history see those before.
    memory: Arc<Memory>,
    clock: Clock,
    /// When messages come, in nanoseconds since 1970; `None` for the present.
    unix_ns: Option<u64>,
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

impl Rehearsal {
    /// A gateway that serves `snapshot` to the holder of `token`, and knows these secrets.
    pub(in crate::commands) fn new(
        snapshot: Snapshot,
        token: Zeroizing<String>,
        own: OwnSecrets,
    ) -> anyhow::Result<Self> {
        // The head for the upstream is written and thrown away: any credential will do.
        let servers = snapshot.policy().servers.iter();
        let credentials = servers
            .map(|row| row.credentials.len())
            .map(|number| (number > 0).then(|| Credential(vec![Zeroizing::default(); number])))
            .collect();
        let unfit = "the policy can't be taken into service";
        let serving = Serving::new(snapshot, credentials).context(unfit)?;
        let serving = serving.recognising(own).supposing_tokens();
        let mut scanner = Scanner::open(&serving.policy().dlp).context(unfit)?;
        scanner.keep_values();
        scanner.recognise(serving.own_secrets());
        let known = Arc::new(KnownTools::default());
        let memory = Arc::new(Memory::default());
        Ok(Self {
            desk: RefCell::new(desk(&known, &memory)),
            known,
            memory,
            clock: Clock::new(serving.policy(), &token),
            unix_ns: None,
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

    /// Learns what servers say about their tools.
    pub(in crate::commands) fn learn(&self, tools: &[Definition]) {
        for row in self.local.policy().servers.iter() {
            let of_it = |tool: &&Definition| {
                let server = tool.server.as_deref();
                server.is_none_or(|server| server == row.name.as_str())
            };
            let definitions = tools
                .iter()
                .filter(of_it)
                .map(|tool| (&*tool.name, &*tool.text));
            self.known.add(&row.name, &definitions.collect::<Vec<_>>());
        }
    }

    /// Learns of one tool of the server at this route.
    pub(in crate::commands) fn learn_one(&self, route: &str, tool: &Definition) {
        self.known.add(route, &[(&tool.name, &tool.text)]);
    }

    /// From now on messages come from the holder of `token`, at `unix_ns` nanoseconds since 1970.
    /// The token has no limits of its own.
    pub(in crate::commands) fn turn_to(&mut self, token: &str, unix_ns: u64) {
        if *self.token != token {
            self.token = Zeroizing::new(token.to_owned());
        }
        self.unix_ns = Some(unix_ns);
    }

    fn now(&self) -> Now {
        let unix_ns = self.unix_ns;
        Now {
            unix_ns: unix_ns.unwrap_or_else(|| now_unix_ms().saturating_mul(1_000_000)),
            mono_ns: self.clock.mono_ns(),
        }
    }

    /// What is served.
    pub(in crate::commands) fn serving(&self) -> &Serving {
        self.local.serving()
    }

    /// The messages that were judged last, and the reader that holds their texts.
    pub(in crate::commands) const fn reader(&self) -> &Reader {
        &self.reader
    }

    /// Reads a message from either side, to see which one it is from.
    pub(in crate::commands) fn read(&mut self, body: &[u8]) -> Result<(), Reason> {
        self.reader.read_answer(body)
    }

    /// Reads a message from an agent, as far as it can be read.
    pub(in crate::commands) fn read_call(&mut self, body: &[u8]) {
        // What is wrong with it is said when it is judged.
        let _ = self.reader.read_call(body);
    }

    /// Judges what an agent sends to a server.
    pub(in crate::commands) fn request(&mut self, server: &str, body: &[u8]) -> Verdict {
        // What is wrong with it is for the order to say, once the caller is known.
        let read = self.reader.read_call(body).is_ok();
        let modern = version_of(&self.reader);
        if let Err(reason) = self.begin(server, body.len(), read.then_some(modern).flatten()) {
            return Verdict::refused(reason);
        }
        let mut client = said(&self.head, &self.head_bytes, body, self.now());
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
                Payload::Changed(body) => Verdict::passed(Decision::Redact, Forward::Changed(body)),
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
    pub(in crate::commands) fn answer(
        &mut self,
        server: &str,
        call: &Call<'_>,
        body: &[u8],
    ) -> Verdict {
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
        let client = said(&self.head, &self.head_bytes, &request, self.now());
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
        let server = self.local.serving().server_named(server)?;
        let desk = &mut *self.desk.borrow_mut();
        let judgement = classify::judgement(desk, &self.local, server, call.name)?;
        Some(IntentTold {
            name: judgement.intent.name().to_owned(),
            confidence: judgement.confidence_percent,
            evidence: judgement
                .grounds()
                .map(|ground| ground.code.to_owned())
                .collect(),
        })
    }

    /// Scans the messages that were judged last; the findings' spans are bytes of `body`.
    pub(in crate::commands) fn findings(&mut self, body: &[u8], found: &mut Vec<Finding>) -> bool {
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
    pub(in crate::commands) fn value(&self, finding: &Finding) -> Option<String> {
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
            self.desk.replace(desk(&self.known, &self.memory));
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

/// A desk with whole budgets.
fn desk(known: &Arc<KnownTools>, memory: &Arc<Memory>) -> Desk {
    Desk::new(Arc::new(Budgets::new(CELLS)))
        .knowing(Arc::clone(known))
        .recalling(Arc::clone(memory))
}

fn said<'b>(head: &'b RequestHead, bytes: &'b [u8], body: &'b [u8], now: Now) -> Said<'b> {
    Said {
        head,
        bytes,
        body,
        now,
    }
}

/// The tool that a call names.
pub(in crate::commands) fn tool_of<'r>(reader: &'r Reader, message: &Message) -> Option<&'r str> {
    (message.method.subject() == Subject::Tool)
        .then(|| reader.text(message.name.unwrap_or_default()))
}
