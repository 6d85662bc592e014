//! The whole order of one call, from the first byte of its head to the record of its result.

use varistor_model::Reason;
use varistor_pipeline::answer::Passed;
use varistor_pipeline::order::{self, Notes, Turned};
use varistor_pipeline::refusal::Telling;

use super::answers::Answered;
use super::walk::{Walk, permitting, small};
use super::{Case, Make, step};
use crate::bench::wait;
use crate::text;

pub(super) const CASES: &[(&str, Make)] = &[
    ("whole/400_in_500_out", call_400),
    ("whole/400_in_16_kib_out", call_16k),
    ("whole/tools_list_100_filtered", list),
    ("whole/redacted_500_out", redacted),
    ("whole/blocked_400_in", blocked),
];

fn call_400() -> Box<dyn Case> {
    let answer = text::result(500, "none");
    whole(Answered::new(Walk::plain(), answer), Passed::Same)
}

fn call_16k() -> Box<dyn Case> {
    let answer = text::result(16 << 10, "none");
    whole(Answered::new(Walk::plain(), answer), Passed::Same)
}

fn list() -> Box<dyn Case> {
    let walk = Walk::new(&permitting(&["get_*"]), &text::list());
    whole(Answered::new(walk, text::tools(100)), Passed::Changed)
}

/// A secret in the answer, which the policy redacts.
fn redacted() -> Box<dyn Case> {
    let answer = text::result(500, &text::secret());
    whole(Answered::new(Walk::plain(), answer), Passed::Changed)
}

/// A secret in the arguments, which the policy denies: the call is recorded and refused.
fn blocked() -> Box<dyn Case> {
    let call = text::call("get_issue", 400, &text::secret());
    let world = (Walk::new(&small(), &call), Vec::new());
    step(
        world,
        |_| (),
        |(walk, out), ()| {
            out.clear();
            assert_eq!(refused(walk, out), Reason::DlpRefused);
        },
    )
}

fn whole(answered: Answered, passed: Passed) -> Box<dyn Case> {
    let run = move |answered: &mut Answered, ()| assert_eq!(through(answered), passed);
    step(answered, |_| (), run)
}

/// One call through [`order::order`], and its answer back, as a worker does it.
fn through(answered: &mut Answered) -> Passed {
    let walk = &mut answered.walk;
    walk.client.read_head().expect("the head is sound");
    walk.head.clear();
    let mut notes = Notes::default();
    let mut forward = wait(order::order(
        &walk.bench.desk,
        &walk.bench.local,
        (&mut walk.client, &walk.ledger),
        &mut notes,
        &mut walk.head,
    ))
    .expect("the call is permitted");
    answered.read_head(&mut forward);
    let passed = answered.message(&mut forward).expect("the answer may pass");
    let length = match passed {
        Passed::Changed => answered.out.len(),
        Passed::Same | Passed::Dropped => answered.body.len(),
    };
    answered.write_head(&forward, length);
    answered.write_record(&mut forward);
    passed
}

/// One call that [`order::order`] refuses, its record, and the answer that says so.
fn refused(walk: &mut Walk, out: &mut Vec<u8>) -> Reason {
    walk.client.read_head().expect("the head is sound");
    walk.head.clear();
    let mut notes = Notes::default();
    let (desk, local) = (&walk.bench.desk, &walk.bench.local);
    let both = (&mut walk.client, &walk.ledger);
    let judged = wait(order::order(desk, local, both, &mut notes, &mut walk.head));
    let Err(Turned::Denied(denial)) = judged else {
        panic!("the call is not refused");
    };
    let both = (&walk.client, &walk.ledger);
    let pending = order::refused(desk, local, both, &notes, denial);
    let record = pending.and_then(|pending| wait(pending).ok());
    let telling = Telling {
        serving: local.serving(),
        client: &walk.client,
        notes: &notes,
        record: Some(record.expect("a refusal of a known caller is recorded")),
        close: false,
    };
    telling.denial(denial, out);
    denial.reason
}
