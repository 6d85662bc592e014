//! One call on its way through the stages, stopped wherever a case wants to begin.

use std::sync::Arc;

use varistor_model::Reason;
use varistor_pipeline::order::Notes;
use varistor_pipeline::passage::{self, Passage};
use varistor_pipeline::stages::accept::{self, Request};
use varistor_pipeline::stages::audit::{self, Judged, Sealed};
use varistor_pipeline::stages::authenticate::{self, Caller};
use varistor_pipeline::stages::classify::{self, Classified};
use varistor_pipeline::stages::dlp::{self, Scanned};
use varistor_pipeline::stages::forward::{self, Forward};
use varistor_pipeline::stages::parse::{self, Call, Parsed};
use varistor_pipeline::stages::policy::{self, Permit};
use varistor_pipeline::stages::rate_limit::{self, Admitted};
use varistor_snapshot::schema::{Policy, Rate};

use crate::bench::{Bench, Last, SECOND, Text, wait};
use crate::policy::{grant, role};
use crate::text;

const MADE_HERE: &str = "the calls of the cases are permitted";

/// A judged request, and its place among the calls of its server.
pub(super) type Entered = (Parsed, Judged, Passage);

/// A worker with one request before it.
pub(super) struct Walk {
    pub(super) bench: Bench,
    pub(super) client: Text,
    pub(super) ledger: Last,
    pub(super) notes: Notes,
    pub(super) head: Vec<u8>,
}

/// The small policy: one role that permits everything of `github`, and limits of the agent and of
/// its organisation that are never spent.
pub(super) fn small() -> Policy {
    permitting(&["*"])
}

/// The small policy with these names in place of "everything".
pub(super) fn permitting(names: &[&str]) -> Policy {
    let rate = |cell| Rate {
        count: 100_000_000,
        period_ns: SECOND,
        cell,
    };
    let grants = names.iter().map(|name| grant(1, name, 0b0011, false));
    let mut policy = crate::policy::policy(vec![role(0, grants.collect(), 0)], vec![rate(5)]);
    policy.organisations[0].limits = vec![rate(6)];
    policy.audit.params = 1;
    policy
}

impl Walk {
    /// The small policy, and a call of 400 bytes without findings.
    pub(super) fn plain() -> Self {
        Self::new(&small(), &text::call("get_issue", 400, "none"))
    }

    pub(super) fn new(policy: &Policy, body: &str) -> Self {
        let bench = Bench::new(policy).pinned(&Arc::default());
        let request = text::request(&bench.token(&["r0"]), body);
        Self {
            client: Text::new(&request, bench.now).expect(MADE_HERE),
            bench,
            ledger: Last::default(),
            notes: Notes::default(),
            head: Vec::new(),
        }
    }

    pub(super) fn request(&mut self) -> Request {
        accept::accept(self.bench.local.serving(), &self.client).expect(MADE_HERE)
    }

    pub(super) fn authenticate(&mut self, request: Request) -> Caller {
        let desk = &mut *self.bench.desk.borrow_mut();
        let local = &self.bench.local;
        authenticate::authenticate(desk, local, &self.client, request, &mut self.notes)
            .expect(MADE_HERE)
    }

    pub(super) fn caller(&mut self) -> Caller {
        let request = self.request();
        self.authenticate(request)
    }

    pub(super) fn parse(&mut self, caller: Caller) -> Parsed {
        let desk = &mut *self.bench.desk.borrow_mut();
        let local = &self.bench.local;
        parse::parse(desk, local, &self.client, caller, &mut self.notes).expect(MADE_HERE)
    }

    pub(super) fn parsed(&mut self) -> Parsed {
        let caller = self.caller();
        self.parse(caller)
    }

    pub(super) fn call_of(&mut self, parsed: &Parsed) -> Call {
        let desk = &*self.bench.desk.borrow();
        parsed.call(desk, 0, &mut self.notes).expect(MADE_HERE)
    }

    pub(super) fn call(&mut self) -> Call {
        let parsed = self.parsed();
        self.call_of(&parsed)
    }

    pub(super) fn rate_limit(&mut self, call: Call) -> Admitted {
        let desk = &*self.bench.desk.borrow();
        rate_limit::rate_limit(desk, &self.bench.local, &self.client, call).expect(MADE_HERE)
    }

    pub(super) fn classify(&mut self, admitted: Admitted) -> Classified {
        let desk = &mut *self.bench.desk.borrow_mut();
        classify::classify(
            desk,
            &self.bench.local,
            &self.client,
            admitted,
            &mut self.notes,
        )
    }

    pub(super) fn classified(&mut self) -> Classified {
        let call = self.call();
        let admitted = self.rate_limit(call);
        self.classify(admitted)
    }

    pub(super) fn dlp(&mut self, classified: Classified) -> Result<Scanned, Reason> {
        let desk = &mut *self.bench.desk.borrow_mut();
        dlp::dlp(desk, &self.bench.local, &self.client, classified)
    }

    pub(super) fn scanned(&mut self) -> Scanned {
        let classified = self.classified();
        self.dlp(classified).expect(MADE_HERE)
    }

    pub(super) fn policy(&mut self, scanned: Scanned) -> Permit {
        let desk = &mut *self.bench.desk.borrow_mut();
        policy::policy(
            desk,
            &self.bench.local,
            &self.client,
            scanned,
            &mut self.notes,
        )
        .expect(MADE_HERE)
    }

    /// A parsed request with the permit of its message.
    pub(super) fn judged(&mut self) -> Entered {
        let parsed = self.parsed();
        let call = self.call_of(&parsed);
        let admitted = self.rate_limit(call);
        let classified = self.classify(admitted);
        let scanned = self.dlp(classified).expect(MADE_HERE);
        let mut judged = Judged::default();
        judged.add(self.policy(scanned));
        let both = (&parsed, &judged);
        let passage = passage::enter(&self.bench.local, &self.client, both).expect(MADE_HERE);
        (parsed, judged, passage)
    }

    pub(super) fn seal(&mut self, (parsed, judged, passage): Entered) -> (Sealed, Passage) {
        let desk = &mut *self.bench.desk.borrow_mut();
        let both = (&self.client, &self.ledger);
        let recorded = audit::record(desk, &self.bench.local, both, parsed, judged);
        let sealed = wait(audit::seal(recorded.expect(MADE_HERE))).expect(MADE_HERE);
        (sealed, passage)
    }

    pub(super) fn sealed(&mut self) -> (Sealed, Passage) {
        let judged = self.judged();
        self.seal(judged)
    }

    pub(super) fn forward(&mut self, sealed: (Sealed, Passage)) -> Forward {
        self.head.clear();
        forward::forward(&self.bench.local, &self.client, sealed, &mut self.head).expect(MADE_HERE)
    }

    pub(super) fn forwarded(&mut self) -> Forward {
        let sealed = self.sealed();
        self.forward(sealed)
    }
}
