//! What the record of a call or of its refusal says.

use varistor_approvals::ApprovalId;
use varistor_audit::{CallRecord, Findings, Found, Params, Restored};
use varistor_inspect::json::{Kind, Message};
use varistor_intent::{GROUNDS_MAX, Judgement};
use varistor_model::limits::FINDINGS_MAX;
use varistor_model::{Decision, DlpAction, Reason, Span, Subject};
use varistor_token::Verified;

use super::keep::Masked;
use crate::desk::Desk;
use crate::outside::Client;
use crate::restore::Count;
use crate::ruling::{Ruling, Told};
use crate::serving::Local;
use crate::stages::dlp::payload;
use crate::stages::parse::Act;

/// What a record says, beside what desk, snapshot and client know.
pub(super) struct Facts<'a> {
    pub(super) message: Option<Message>,
    pub(super) act: Act,
    pub(super) verified: Option<&'a Verified>,
    pub(super) server: Option<u32>,
    pub(super) session: Option<[u8; 8]>,
    pub(super) intent: Option<Judgement>,
    /// What the organisation's rules said.
    pub(super) ruling: Option<&'a Ruling>,
    pub(super) decision: Decision,
    pub(super) reason: Option<Reason>,
    /// The approval that released the call, or that it waits for.
    pub(super) approval: Option<ApprovalId>,
    pub(super) masked: Masked,
    /// What was put back in this message.
    pub(super) restored: Option<&'a [Count]>,
}

impl Facts<'_> {
    pub(super) fn write<C: Client>(
        &self,
        (desk, local, client): (&Desk, &Local, &C),
        line: &mut Vec<u8>,
    ) {
        let text = |text| desk.reader.text(text);
        let method = match (self.act, &self.message) {
            (Act::Listen, _) => "GET",
            (Act::End, _) => "DELETE",
            (Act::Post, Some(message)) => match message.kind {
                Kind::Request | Kind::Notification => text(message.method_text),
                Kind::Response | Kind::Error => "response",
            },
            (Act::Post, None) => "",
        };
        let message = self.message.as_ref();
        let name = message.and_then(|message| message.name);
        let params = message.map_or(Span::default(), payload);
        let params = params.of_bytes(client.body());
        let verified = self.verified;
        let server = self.server.and_then(|index| local.serving().server(index));
        let mut codes = [""; GROUNDS_MAX];
        let evidence = evidence(self.intent.as_ref(), &mut codes);
        let program = &local.policy().rules;
        let ruled = self.ruling.map(|ruling| Told { ruling, program });
        let restored = self.restored.map(|counts| Entities { counts, local });
        let record = CallRecord {
            token: verified.and_then(|verified| verified.ids.last().copied()),
            organisation: verified.map_or("", |verified| &verified.organisation),
            agent: verified.map_or("", |verified| &verified.agent),
            outside: verified.and_then(outside),
            session: self.session,
            client: client.peer(),
            server: server.map_or("", |server| server.name.as_str()),
            method,
            subject: message.map_or(Subject::None, |message| message.method.subject()),
            name: name.map_or("", text),
            id: message
                .map_or(Span::default(), |message| message.id)
                .of_bytes(client.body()),
            params: match self.masked {
                _ if params.is_empty() => Params::None,
                // Without a message there are no params, and a message has passed the strict gate.
                Masked::AsTheyCame => Params::Judged(params),
                Masked::OnDesk => Params::Masked(&desk.masked),
                Masked::Apart(keeping) => Params::Hidden(desk.apart.shown(keeping, &desk.masked)),
                Masked::Unkept => Params::Omitted("policy"),
                Masked::Failed => Params::Omitted("not masked"),
            },
            intent: self
                .intent
                .map(|it| (it.intent, it.confidence_percent, evidence)),
            findings: &OnDesk { desk, local },
            restored: match &restored {
                Some(restored) => Some(restored),
                None => None,
            },
            decision: self.decision,
            reason: self.reason,
            approval: self.approval.map(|id| id.0),
            rule: self.ruling.map_or("", |ruling| ruling.name(program)),
            ruled: match &ruled {
                Some(ruled) => Some(ruled),
                None => None,
            },
            generation: local.serving().generation(),
        };
        record.write(line);
    }
}

/// Who issued a token that is not ours, and whom it speaks for there.
fn outside(verified: &Verified) -> Option<(&str, &str)> {
    let outside = verified.outside.as_ref()?;
    Some((&outside.issuer, &outside.subject))
}

/// The codes of the grounds of a judgement.
fn evidence<'c>(
    judgement: Option<&Judgement>,
    codes: &'c mut [&'static str; GROUNDS_MAX],
) -> &'c [&'static str] {
    let mut count = 0_usize;
    let grounds = judgement.into_iter().flat_map(Judgement::grounds);
    for (code, ground) in codes.iter_mut().zip(grounds) {
        *code = ground.code;
        count = count.saturating_add(1);
    }
    codes.get(..count).unwrap_or_default()
}

/// What was put back, by name.
struct Entities<'a> {
    counts: &'a [Count],
    local: &'a Local,
}

impl Restored for Entities<'_> {
    fn each(&self, tell: &mut dyn FnMut(&str, u32)) {
        let rows = &self.local.policy().dlp.detectors;
        for one in self.counts {
            let row = rows.get(usize::from(one.detector));
            tell(row.map_or("unknown", |row| row.entity.as_str()), one.count);
        }
    }
}

/// The findings on the desk that policy wants recorded.
struct OnDesk<'a> {
    desk: &'a Desk,
    local: &'a Local,
}

impl Findings for OnDesk<'_> {
    fn each(&self, tell: &mut dyn FnMut(&Found<'_>)) {
        let policy = self.local.policy();
        let judged = self.desk.findings.iter().map(|finding| {
            let action = self.desk.table.look(&policy.actions, finding);
            (finding, action)
        });
        let recorded = judged.filter(|(_, action)| *action > DlpAction::Allow);
        for (finding, action) in recorded.take(FINDINGS_MAX) {
            let row = policy.dlp.detectors.get(usize::from(finding.detector));
            tell(&Found {
                entity: row.map_or("unknown", |row| row.entity.as_str()),
                message: None,
                place: finding.span,
                action,
                confidence: finding.confidence,
            });
        }
    }
}
