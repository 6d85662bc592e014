//! One call all the way: its head, the order, the upstream's head, the answer and both records,
//! again and again with the same buffers, as a worker does it.

use varistor_http1::{Progress, ResponseHead};
use varistor_perf::bench::{Bench, Last, Text, wait};
use varistor_pipeline::answer::{Passed, Plan};
use varistor_pipeline::order::{self, Notes};
use varistor_pipeline::outside::{Client, Ledger};
use varistor_pipeline::stages::forward::Forward;

/// A worker's desk, one connection, and the bytes that come in on both sides.
pub(crate) struct Journey {
    bench: Bench,
    client: Text,
    ring: Last,
    upstream: ResponseHead,
    answer: Vec<u8>,
    head: Vec<u8>,
    changed: Vec<u8>,
    out: Vec<u8>,
}

impl Journey {
    /// `request` is posted with the headers of the era; the upstream says `answer`.
    pub(crate) fn new(bench: Bench, headers: &str, request: &str, answer: &str) -> Self {
        let token = bench.token(&["r0"]);
        let request = format!(
            "POST /mcp/github HTTP/1.1\r\nHost: localhost:7332\r\n\
             Content-Type: application/json\r\nAccept: application/json, text/event-stream\r\n\
             Content-Length: {}\r\nAuthorization: Bearer {token}\r\n{headers}\r\n{request}",
            request.len()
        );
        let answer = format!(
            "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: {}\r\n\r\n\
             {answer}",
            answer.len()
        );
        Self {
            client: Text::new(&request, bench.now).unwrap(),
            bench,
            ring: Last::default(),
            upstream: ResponseHead::new(),
            answer: answer.into_bytes(),
            head: Vec::new(),
            changed: Vec::new(),
            out: Vec::new(),
        }
    }

    /// Takes the call through; what becomes of the answer's body.
    pub(crate) fn once(&mut self) -> Option<Passed> {
        self.read_request()?;
        let forward = self.judge()?;
        self.read_answer()?;
        self.pass_on(forward)
    }

    /// What the upstream gets and what the client gets, the client's body aside.
    pub(crate) fn written(&self) -> (&[u8], &[u8]) {
        (&self.head, &self.out)
    }

    #[inline(never)]
    fn read_request(&mut self) -> Option<()> {
        self.client.read_head().ok()
    }

    #[inline(never)]
    fn judge(&mut self) -> Option<Forward> {
        self.head.clear();
        let mut notes = Notes::default();
        let judged = order::order(
            &self.bench.desk,
            &self.bench.local,
            (&mut self.client, &self.ring),
            &mut notes,
            &mut self.head,
        );
        wait(judged).ok()
    }

    #[inline(never)]
    fn read_answer(&mut self) -> Option<()> {
        let read = self.upstream.parse(&self.answer, false);
        (read == Ok(Progress::Complete)).then_some(())
    }

    #[inline(never)]
    fn pass_on(&mut self, forward: Forward) -> Option<Passed> {
        let mut answering = forward.answering;
        let plan = answering.head(&self.upstream, &self.answer).ok()?;
        if plan != Plan::Json {
            return None;
        }
        let body = &self.answer[self.upstream.bytes()..];
        let desk = &mut *self.bench.desk.borrow_mut();
        let both = (self.client.body(), body);
        let passed = answering.message(desk, both, &mut self.changed).ok()?;
        let body = match passed {
            Passed::Same => body,
            Passed::Changed => &self.changed,
            Passed::Dropped => return None,
        };
        self.out.clear();
        answering.write_head(&self.client, (plan, Some(body.len())), None, &mut self.out);
        self.out.extend_from_slice(body);
        let now = self.bench.now;
        self.ring
            .post(&mut |line| answering.write_record(now, line));
        Some(passed)
    }
}

/// Messages like those of the load generator and of the mock server.
pub(crate) mod messages {
    use serde_json::json;

    const META: &str = concat!(
        r#"{"io.modelcontextprotocol/protocolVersion":"2026-07-28","#,
        r#""io.modelcontextprotocol/clientInfo":{"name":"varistor-bench","version":"1"},"#,
        r#""io.modelcontextprotocol/clientCapabilities":{}}"#
    );

    fn filler(bytes: usize) -> String {
        let words = "the quick brown fox jumps over the lazy dog ";
        words.chars().cycle().take(bytes).collect()
    }

    /// The headers that a modern call of `echo` carries.
    pub(crate) const MODERN: &str =
        "MCP-Protocol-Version: 2026-07-28\r\nMcp-Method: tools/call\r\nMcp-Name: echo\r\n";

    /// A modern tools/call of this size, in bytes.
    pub(crate) fn call(bytes: usize) -> String {
        let meta = format!(r#","_meta":{META}"#);
        padded(bytes, |text| message(text, &meta))
    }

    /// A legacy tools/call of this size, in bytes.
    pub(crate) fn legacy(bytes: usize) -> String {
        padded(bytes, |text| message(text, ""))
    }

    fn message(text: &str, meta: &str) -> String {
        format!(
            r#"{{"jsonrpc":"2.0","id":1000000000,"method":"tools/call",{}"#,
            format_args!(r#""params":{{"name":"echo","arguments":{{"text":"{text}"}}{meta}}}}}"#)
        )
    }

    fn padded(bytes: usize, with: impl Fn(&str) -> String) -> String {
        with(&filler(bytes - with("").len()))
    }

    /// A call whose arguments are small values of all kinds, of at least this size.
    pub(crate) fn structured(bytes: usize) -> String {
        let row = |n: usize| {
            json!({"id": n, "name": format!("item {n}"), "price": n as f64 / 8.0,
                "tags": ["new", "eu", null], "stock": {"berlin": n % 7, "in transit": n > 9}})
        };
        let rows: Vec<_> = (0..bytes / 100).map(row).collect();
        json!({"jsonrpc": "2.0", "id": 1_000_000_000, "method": "tools/call", "params": {
            "name": "echo", "arguments": {"rows": rows}, "_meta": {
                "io.modelcontextprotocol/protocolVersion": "2026-07-28"}}})
        .to_string()
    }

    /// A result with a text of this size.
    pub(crate) fn result(text_bytes: usize) -> String {
        let words = "The quick brown fox jumps over the lazy dog. ";
        let text: String = words.chars().cycle().take(text_bytes).collect();
        let result = json!({"resultType": "complete",
            "content": [{"type": "text", "text": text}], "isError": false});
        format!(r#"{{"jsonrpc":"2.0","id":1000000000,"result":{result}}}"#)
    }

    /// A list of so many tools.
    pub(crate) fn tools(count: usize) -> String {
        let tool = |number: usize| {
            json!({"name": format!("tool_{number:04}"),
                "description": "The quick brown fox jumps over the lazy dog. ", "inputSchema": {
                "type": "object", "properties": {"text": {"type": "string"}}}})
        };
        let tools: Vec<_> = (0..count).map(tool).collect();
        let result = json!({"resultType": "complete", "tools": tools, "ttlMs": 60_000,
            "cacheScope": "public"});
        format!(r#"{{"jsonrpc":"2.0","id":1000000000,"result":{result}}}"#)
    }
}
