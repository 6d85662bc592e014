//! What the gateway itself asked a client for is no business of the server: the answer is taken out
//! of the request before it goes on (2026-07-28, *Multi Round-Trip Requests*).

use core::ops::Range;

use varistor_structured::{Form, Node};

use super::super::policy::INPUT;

/// The body without the answer to the gateway's question; `None` when it holds none.
pub(super) fn without_answer(body: &[u8]) -> Option<Vec<u8>> {
    let text = core::str::from_utf8(body).ok()?;
    let whole = Node::read(text)?;
    let params = whole.member("params")?;
    let responses = params.member("inputResponses")?;
    let Form::Object(answers) = &responses.form else {
        return None;
    };
    let answer = range(responses, INPUT)?;
    let range = match answers.len() {
        1 => range(params, "inputResponses")?,
        _ => answer,
    };
    let mut out = Vec::with_capacity(body.len());
    out.extend_from_slice(body.get(..range.start)?);
    out.extend_from_slice(body.get(range.end..)?);
    Some(out)
}

/// The bytes of a member, with the comma that goes with it.
fn range(object: &Node, key: &str) -> Option<Range<usize>> {
    let Form::Object(members) = &object.form else {
        return None;
    };
    let at = members.iter().position(|(name, _, _)| name == key)?;
    let (_, name, value) = members.get(at)?;
    let before = at.checked_sub(1).and_then(|before| members.get(before));
    let behind = at.checked_add(1).and_then(|behind| members.get(behind));
    Some(match (before, behind) {
        (Some((_, _, before)), _) => before.span.end..value.span.end,
        (None, Some((_, behind, _))) => name.start..behind.start,
        (None, None) => name.start..value.span.end,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn left(params: &str) -> Option<String> {
        let body = format!(r#"{{"id":1,"params":{params},"method":"tools/call"}}"#);
        let left = without_answer(body.as_bytes())?;
        let left = String::from_utf8(left).unwrap();
        let params = left.strip_prefix(r#"{"id":1,"params":"#).unwrap();
        Some(
            params
                .strip_suffix(r#","method":"tools/call"}"#)
                .unwrap()
                .to_owned(),
        )
    }

    #[test]
    fn only_the_answer_to_the_gateway_goes() {
        let own = r#""varistor_approval": {"action":"accept"}"#;
        for (before, after) in [
            (
                format!(r#"{{"name":"x","inputResponses":{{{own}}}}}"#),
                r#"{"name":"x"}"#,
            ),
            (
                format!(r#"{{"inputResponses" : {{{own}}} , "name":"x"}}"#),
                r#"{"name":"x"}"#,
            ),
            (format!(r#"{{"inputResponses":{{{own}}}}}"#), "{}"),
            (
                format!(r#"{{"inputResponses":{{"a":1,{own},"b":2}},"z":0}}"#),
                r#"{"inputResponses":{"a":1,"b":2},"z":0}"#,
            ),
            (
                format!(r#"{{"inputResponses":{{{own},"b":2}},"z":0}}"#),
                r#"{"inputResponses":{"b":2},"z":0}"#,
            ),
        ] {
            assert_eq!(left(&before).as_deref(), Some(after), "{before}");
        }
        assert_eq!(left(r#"{"inputResponses":{"a":1}}"#), None);
        assert_eq!(left(r#"{"arguments":{"varistor_approval":1}}"#), None);
    }
}
