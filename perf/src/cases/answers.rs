//! The way back: what is done with an answer.

use varistor_http1::ResponseHead;
use varistor_inspect::dlp::{Findings, Scanner};
use varistor_inspect::json::Reader;
use varistor_model::Reason;
use varistor_pipeline::answer::{Passed, Plan};
use varistor_pipeline::outside::Client as _;
use varistor_pipeline::stages::forward::Forward;

use super::walk::{Walk, permitting, small};
use super::{Case, Make, step};
use crate::text;

pub(super) const CASES: &[(&str, Make)] = &[
    ("answer/head", head),
    ("answer/strict_read_500_bytes", read_500),
    ("answer/scan_500_bytes", scan_500),
    ("answer/scan_16_kib", scan_16k),
    ("answer/message_500_bytes", message_500),
    ("answer/message_16_kib", message_16k),
    ("answer/redact_500_bytes", redact_500),
    ("answer/tools_list_100_all", list_all),
    ("answer/tools_list_100_filtered", list_filtered),
    ("answer/write_head", write_head),
    ("answer/result_record", result_record),
];

/// A forwarded call and the answer to it.
pub(super) struct Answered {
    pub(super) walk: Walk,
    pub(super) head_bytes: Vec<u8>,
    pub(super) head: ResponseHead,
    pub(super) body: String,
    pub(super) out: Vec<u8>,
}

impl Answered {
    pub(super) fn new(walk: Walk, body: String) -> Self {
        Self {
            walk,
            head_bytes: text::answer_head(body.len()).into_bytes(),
            head: ResponseHead::new(),
            body,
            out: Vec::new(),
        }
    }

    fn plain(bytes: usize) -> Self {
        Self::new(Walk::plain(), text::result(bytes, "none"))
    }

    /// The head of the answer, read and judged.
    pub(super) fn read_head(&mut self, forward: &mut Forward) -> Plan {
        let parsed = self.head.parse(&self.head_bytes, false);
        parsed.expect("the head is sound");
        let plan = forward.answering.head(&self.head, &self.head_bytes);
        plan.expect("the answer is JSON")
    }

    pub(super) fn message(&mut self, forward: &mut Forward) -> Result<Passed, Reason> {
        let desk = &mut *self.walk.bench.desk.borrow_mut();
        let both = (self.walk.client.body(), self.body.as_bytes());
        forward.answering.message(desk, both, &mut self.out)
    }

    pub(super) fn write_head(&mut self, forward: &Forward, length: usize) {
        self.walk.head.clear();
        let (client, out) = (&self.walk.client, &mut self.walk.head);
        let plan = (Plan::Json, Some(length));
        forward.answering.write_head(client, plan, None, out);
    }

    pub(super) fn write_record(&mut self, forward: &mut Forward) {
        assert!(forward.answering.take_recording());
        self.out.clear();
        let now = self.walk.bench.now;
        forward.answering.write_record(now, &mut self.out);
    }

    /// A call whose answer's head has been judged.
    fn awaiting(&mut self) -> Forward {
        let mut forward = self.walk.forwarded();
        self.read_head(&mut forward);
        forward
    }
}

fn head() -> Box<dyn Case> {
    let prepare = |answered: &mut Answered| answered.walk.forwarded();
    step(Answered::plain(500), prepare, |answered, mut forward| {
        answered.read_head(&mut forward);
        forward
    })
}

fn read_500() -> Box<dyn Case> {
    let world = (Reader::new(), text::result(500, "none"));
    step(
        world,
        |_| (),
        |(reader, body), ()| reader.read_answer(body.as_bytes()).expect("it is sound"),
    )
}

fn scan_500() -> Box<dyn Case> {
    scan(text::result(500, "none"))
}

fn scan_16k() -> Box<dyn Case> {
    scan(text::result(16 << 10, "none"))
}

fn scan(body: String) -> Box<dyn Case> {
    let walk = Walk::plain();
    let scanner = Scanner::open(&walk.bench.local.policy().dlp).expect("the scanner opens");
    let world = (walk, scanner, Findings::default(), body);
    step(
        world,
        |_| (),
        |(walk, scanner, findings, body), ()| {
            findings.clear();
            let rows = &walk.bench.local.policy().dlp;
            let scanned = scanner.scan(rows, body.as_bytes(), findings);
            scanned.expect("it can be scanned");
            assert!(findings.is_empty());
        },
    )
}

fn message_500() -> Box<dyn Case> {
    message(Answered::plain(500), Passed::Same)
}

fn message_16k() -> Box<dyn Case> {
    message(Answered::plain(16 << 10), Passed::Same)
}

/// A secret, which the policy redacts.
fn redact_500() -> Box<dyn Case> {
    let body = text::result(500, &text::secret());
    message(Answered::new(Walk::plain(), body), Passed::Changed)
}

/// The caller may use everything: nothing is taken out.
fn list_all() -> Box<dyn Case> {
    let mut policy = small();
    policy.roles[0].grants[0].intents = 0b1111;
    let walk = Walk::new(&policy, &text::list());
    message(Answered::new(walk, text::tools(100)), Passed::Same)
}

/// The caller may use every second tool.
fn list_filtered() -> Box<dyn Case> {
    let walk = Walk::new(&permitting(&["get_*"]), &text::list());
    message(Answered::new(walk, text::tools(100)), Passed::Changed)
}

fn message(answered: Answered, passed: Passed) -> Box<dyn Case> {
    step(
        answered,
        Answered::awaiting,
        move |answered, mut forward| {
            assert_eq!(answered.message(&mut forward), Ok(passed));
            forward
        },
    )
}

fn write_head() -> Box<dyn Case> {
    step(
        Answered::plain(500),
        Answered::awaiting,
        |answered, forward| {
            answered.write_head(&forward, 500);
            forward
        },
    )
}

fn result_record() -> Box<dyn Case> {
    step(
        Answered::plain(500),
        Answered::awaiting,
        |answered, mut forward| {
            answered.write_record(&mut forward);
            forward
        },
    )
}
