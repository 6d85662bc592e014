//! What is sent instead of the client's body: findings replaced, values put back.

use varistor_inspect::dlp::Redaction;
use varistor_model::{Decision, Era, Reason};

use super::Judged;
use super::answered::without_answer;
use crate::desk::Desk;
use crate::outside::Client;
use crate::restore::{Count, restore};
use crate::serving::Local;
use crate::stages::dlp::{payload, redacts};
use crate::stages::parse::Parsed;

/// What goes on in place of what came.
#[derive(Debug)]
pub(crate) struct Outgoing {
    /// The body; `None` when it goes on as it came.
    pub(crate) body: Option<Vec<u8>>,
    /// What was put back, when anything was.
    pub(crate) restored: Option<Box<PutBack>>,
}

/// What was put back in the place of placeholders.
#[derive(Debug)]
pub(crate) struct PutBack {
    /// The URI of the resource that is read, when it is not the one that came.
    pub(crate) uri: Option<String>,
    /// By message.
    counts: Vec<Count>,
}

impl PutBack {
    /// What was put back in one message.
    pub(super) fn of_message(&self, number: usize) -> &[Count] {
        let first = self.counts.partition_point(|one| one.message < number);
        let behind = self.counts.partition_point(|one| one.message <= number);
        self.counts.get(first..behind).unwrap_or_default()
    }
}

/// The request as it goes on: redacted first, so that what was put back stays.
pub(super) fn outgoing(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    (parsed, judged): (&Parsed, &Judged),
) -> Result<Outgoing, Reason> {
    let redacted = redacted_body(desk, local, client, judged)?;
    // Only what a client was asked for carries an answer, and that is held.
    let is_released = judged.iter().any(|permit| permit.release().is_some());
    let redacted = match redacted {
        body if !is_released || parsed.era == Era::Legacy => body,
        Some(body) => Some(without_answer(&body).unwrap_or(body)),
        None => without_answer(client.body()),
    };
    let body = redacted.as_deref().unwrap_or_else(|| client.body());
    Ok(match restore(desk, local, client, (parsed, body)) {
        Some(restored) => Outgoing {
            body: Some(restored.body),
            restored: Some(Box::new(PutBack {
                uri: restored.uri,
                counts: restored.counts,
            })),
        },
        None => Outgoing {
            body: redacted,
            restored: None,
        },
    })
}

/// The body with everything replaced that policy wants redacted; `None` when nothing is.
fn redacted_body(
    desk: &mut Desk,
    local: &Local,
    client: &impl Client,
    judged: &Judged,
) -> Result<Option<Vec<u8>>, Reason> {
    if !judged
        .iter()
        .any(|permit| permit.decision() == Decision::Redact)
    {
        return Ok(None);
    }
    let body = client.body();
    let (mut out, mut done) = (Vec::with_capacity(body.len()), 0);
    for permit in judged
        .iter()
        .filter(|permit| permit.decision() == Decision::Redact)
    {
        judged.findings_of(permit, desk, local, client)?;
        let span = permit.call().message().map(payload).unwrap_or_default();
        out.extend_from_slice(body.get(done..span.range().start).unwrap_or_default());
        let redaction = Redaction {
            dlp: &local.policy().dlp,
            findings: &desk.findings,
            keep: local
                .serving()
                .keep(&permit.call().principal.verified.organisation),
        };
        redaction
            .write(span.of_bytes(body), &mut redacts(desk, local), &mut out)
            .map_err(|_| Reason::DlpFailed)?;
        done = span.range().end;
    }
    out.extend_from_slice(body.get(done..).unwrap_or_default());
    Ok(Some(out))
}
