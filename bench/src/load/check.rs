//! Whether an answer is the right one: status 200, the id of its call, and a result.
//!
//! The usual answer is recognised by its bytes; everything else is parsed, so that a strange but
//! legal answer is not called wrong.

use memchr::memmem;
use serde_json::Value;

/// What an answer means.
#[derive(Debug, PartialEq, Eq, Clone, Copy)]
pub(super) enum Verdict {
    /// A result that is no error.
    Allowed,
    /// A result that is a tool error.
    ToolError,
    /// A JSON-RPC error, or an HTTP error.
    Denied,
    /// The answer to some other call, or not an answer at all.
    Wrong,
}

/// Judges the answer to call `id`.
pub(super) fn judge(status: u16, event_stream: bool, body: &[u8], id: u64) -> Verdict {
    if (400..=599).contains(&status) {
        return Verdict::Denied;
    }
    if status != 200 {
        return Verdict::Wrong;
    }
    if is_plain(body, id) {
        return Verdict::Allowed;
    }
    if !event_stream {
        return judge_message(body, id).unwrap_or(Verdict::Wrong);
    }
    body.split(|&byte| byte == b'\n')
        .filter_map(|line| line.strip_prefix(b"data:"))
        .find_map(|data| judge_message(data, id))
        .unwrap_or(Verdict::Wrong)
}

/// The quick look: the id is there and a result, and nothing that could be an error.
fn is_plain(body: &[u8], id: u64) -> bool {
    let mut digits = [0_u8; 24];
    let wanted = expected(id, &mut digits);
    let followed = memmem::find(body, wanted)
        .and_then(|at| body.get(at + wanted.len()))
        .is_some_and(|next| matches!(next, b',' | b'}'));
    followed
        && memmem::find(body, b"\"result\":").is_some()
        && memmem::find(body, b"\"error\"").is_none()
        && memmem::find(body, b"\"isError\":true").is_none()
        && memmem::find(body, b"\"isError\": ").is_none()
}

/// `"id":` and the digits, without an allocation.
fn expected(id: u64, buffer: &mut [u8; 24]) -> &[u8] {
    let mut at = buffer.len();
    let mut rest = id;
    for slot in buffer.iter_mut().rev() {
        *slot = b'0' + u8::try_from(rest % 10).unwrap_or(0);
        rest /= 10;
        at -= 1;
        if rest == 0 {
            break;
        }
    }
    let label = b"\"id\":";
    let start = at.saturating_sub(label.len());
    if let Some(place) = buffer.get_mut(start..at) {
        place.copy_from_slice(label);
    }
    buffer.get(start..).unwrap_or_default()
}

/// The verdict on one message; `None` when it is not a response.
fn judge_message(bytes: &[u8], id: u64) -> Option<Verdict> {
    let message: Value = serde_json::from_slice(bytes).ok()?;
    let result = message.get("result");
    if result.is_none() && message.get("error").is_none() {
        return None;
    }
    if message.get("id").and_then(Value::as_u64) != Some(id) {
        return Some(Verdict::Wrong);
    }
    Some(match result {
        None => Verdict::Denied,
        Some(result) if result.get("isError") == Some(&Value::Bool(true)) => Verdict::ToolError,
        Some(_) => Verdict::Allowed,
    })
}

#[cfg(test)]
mod tests {
    use super::{Verdict, is_plain, judge};

    const ID: u64 = 1_000_000_000_000_007;

    #[test]
    fn the_usual_answer_is_recognised_by_its_bytes() {
        let body = format!(r#"{{"jsonrpc":"2.0","id":{ID},"result":{{"isError":false}}}}"#);
        assert!(is_plain(body.as_bytes(), ID));
        assert_eq!(judge(200, false, body.as_bytes(), ID), Verdict::Allowed);
        assert_eq!(judge(200, false, body.as_bytes(), ID + 1), Verdict::Wrong);
        assert_eq!(judge(200, false, body.as_bytes(), ID / 10), Verdict::Wrong);
    }

    #[test]
    fn an_unusual_answer_is_parsed() {
        let body = format!(r#"{{ "result" : {{ "isError" : true }}, "id" : {ID} }}"#);
        assert_eq!(judge(200, false, body.as_bytes(), ID), Verdict::ToolError);
        let stream = format!(
            "data: {{\"method\":\"notifications/x\"}}\n\n\
             data: {{\"id\": {ID}, \"result\": {{}}}}\n\n"
        );
        assert_eq!(judge(200, true, stream.as_bytes(), ID), Verdict::Allowed);
    }

    #[test]
    fn errors_of_every_layer_are_denials_and_silence_is_wrong() {
        let error = format!(r#"{{"jsonrpc":"2.0","id":{ID},"error":{{"code":-1}}}}"#);
        assert_eq!(judge(200, false, error.as_bytes(), ID), Verdict::Denied);
        assert_eq!(judge(403, false, b"", ID), Verdict::Denied);
        assert_eq!(judge(202, false, b"", ID), Verdict::Wrong);
        assert_eq!(judge(200, true, b": nothing\n\n", ID), Verdict::Wrong);
    }
}
