//! What people are told of a call: who, what and why, never its arguments.

use varistor_model::limits::NOTICE_TEXT_CHARS_MAX;
use varistor_model::{Decision, Notice, NoticeKind, Reason};
use varistor_snapshot::schema::rules::ArchivedRuleAction;

use crate::desk::Desk;
use crate::order::Notes;
use crate::outside::Now;
use crate::ruling::Ruling;
use crate::serving::Local;

/// A notice about the call, when a rule wants one, or it is held.
///
/// Any other call costs two comparisons.
pub(crate) fn of(
    desk: &Desk,
    local: &Local,
    notes: &Notes,
    ruling: Option<&Ruling>,
    (reason, now): (Option<Reason>, Now),
) -> Option<Notice> {
    let notifies = ruling.is_some_and(|ruling| ruling.verdict.notifies);
    let held = reason == Some(Reason::Held);
    // Who hears of held calls, approvers in person among them, is known where they are delivered.
    if !notifies && !held {
        return None;
    }
    let kind = if held {
        NoticeKind::Held
    } else {
        NoticeKind::Rule
    };
    let mut notice = Notice::new(kind, now.unix_ns / 1_000_000);
    if let Some(verified) = &notes.verified {
        notice.organisation = short(&verified.organisation);
        notice.agent = short(&verified.agent);
    }
    let server = notes.server.and_then(|at| local.serving().server(at));
    notice.server = server.map_or_else(String::new, |server| short(&server.name));
    let name = notes.message.as_ref().and_then(|message| message.name);
    notice.tool = name.map_or_else(String::new, |name| short(desk.reader.text(name)));
    notice.intent = notes.intent.map(|judgement| judgement.intent);
    notice.reason = reason;
    notice.decision = Some(match reason {
        None => Decision::Allow,
        Some(Reason::Held) => Decision::Hold,
        Some(_) => Decision::Deny,
    });
    if let Some(ruling) = ruling {
        rules(local, ruling, &mut notice);
    }
    Some(notice)
}

/// The channels that rules name, and which rule it was: the deciding one, else the first that
/// tells somebody.
fn rules(local: &Local, ruling: &Ruling, notice: &mut Notice) {
    let program = &local.policy().rules;
    ruling.name(program).clone_into(&mut notice.rule);
    for (rule, action) in ruling.named_actions(program) {
        let ArchivedRuleAction::Notify(channel) = action else {
            continue;
        };
        let channel = format!("{}/{}", channel.kind, channel.name);
        if !notice.channels.contains(&channel) {
            notice.channels.push(channel);
        }
        if notice.rule.is_empty() {
            rule.clone_into(&mut notice.rule);
        }
    }
}

/// A text from outside, no longer than will be shown (and one more, to show that it was cut).
fn short(text: &str) -> String {
    text.chars()
        .take(NOTICE_TEXT_CHARS_MAX.saturating_add(1))
        .collect()
}
