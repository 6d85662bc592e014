//! Takes out of a list answer what the caller may not see, and touches nothing else.
//!
//! Refuses an answer whose list could be read in another place or form than it was filtered in.

use std::borrow::Cow;

use varistor_model::Reason;

use super::keys::same_folded;
use super::raw::{Members, blank, decoded, value_end};

/// Which list an answer holds, by the method that asked for it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum List {
    /// `tools/list`: `result.tools`, by `name`.
    Tools,
    /// `prompts/list`: `result.prompts`, by `name`.
    Prompts,
    /// `resources/list`: `result.resources`, by `uri`.
    Resources,
    /// `resources/templates/list`: `result.resourceTemplates`, by `uriTemplate`.
    Templates,
}

/// What filtering did.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Filtered {
    /// Nothing had to change; the body may go on as it is.
    Same,
    /// The changed body is in `out`.
    Changed {
        /// Members taken out.
        removed: u32,
    },
}

impl List {
    const fn keys(self) -> (&'static str, &'static str) {
        match self {
            Self::Tools => ("tools", "name"),
            Self::Prompts => ("prompts", "name"),
            Self::Resources => ("resources", "uri"),
            Self::Templates => ("resourceTemplates", "uriTemplate"),
        }
    }
}

/// Removes the members of the list for which `keep` (called with the decoded name or URI) is
/// false, those that have none, and those whose name some readers would find under a key of
/// another case. `private` turns `result.cacheScope` from `public` into `private`. Every other
/// byte stays. `out` is filled only when something changed.
///
/// `body` is one message (of a batch: one member) that [`super::Reader::read_answer`] accepted;
/// one without a result stays the same.
///
/// # Errors
///
/// `UpstreamInvalid` when the body is no such message, when the list is no array, or when a key
/// differs from the list's by case only. Then `out` must not be used.
pub fn filter_list(
    body: &[u8],
    list: List,
    private: bool,
    keep: &mut dyn FnMut(&str) -> bool,
    out: &mut Vec<u8>,
) -> Result<Filtered, Reason> {
    out.clear();
    let mut splice = Splice {
        body,
        copied: 0,
        out,
    };
    let mut removed = 0;
    let mut changed = false;
    let start = blank(body, 0);
    if body.get(start) != Some(&b'{') {
        return Err(Reason::UpstreamInvalid);
    }
    let Some(result) = find(body, start, "result")? else {
        return Ok(Filtered::Same);
    };
    let (list_key, name_key) = list.keys();
    let mut members = Members::new(body, result);
    while let Some((key, value, end)) = members.next()? {
        if key == list_key {
            removed = filter_members(&mut splice, value, name_key, keep)?;
            changed |= removed > 0;
        } else if same_folded(key.as_bytes(), list_key.as_bytes()) {
            return Err(Reason::UpstreamInvalid);
        } else if private
            && same_folded(key.as_bytes(), b"cacheScope")
            && is_string(body, value, "public")
        {
            splice.replace(value, end, b"\"private\"");
            changed = true;
        }
    }
    if !changed {
        return Ok(Filtered::Same);
    }
    splice.finish();
    Ok(Filtered::Changed { removed })
}

/// Cuts members out of the array at `open`. A cut member takes the comma before it along, or, as
/// long as none was kept, the comma behind it.
fn filter_members(
    splice: &mut Splice<'_>,
    open: usize,
    name_key: &str,
    keep: &mut dyn FnMut(&str) -> bool,
) -> Result<u32, Reason> {
    let body = splice.body;
    if body.get(open) != Some(&b'[') {
        return Err(Reason::UpstreamInvalid);
    }
    let (mut removed, mut kept) = (0_u32, false);
    // Where the last kept member's share ends: at the comma behind it.
    let mut from = open.saturating_add(1);
    let mut at = from;
    loop {
        let start = blank(body, at);
        if body.get(start) == Some(&b']') {
            return Ok(removed);
        }
        let end = value_end(body, start).ok_or(Reason::UpstreamInvalid)?;
        let delimiter = blank(body, end);
        let last = match body.get(delimiter) {
            Some(b',') => false,
            Some(b']') => true,
            _ => return Err(Reason::UpstreamInvalid),
        };
        at = delimiter.saturating_add(1);
        let name = member_name(body, start, name_key)?;
        if name.is_some_and(|name| keep(&name)) {
            kept = true;
            from = delimiter;
        } else {
            removed = removed.saturating_add(1);
            let upto = if kept || last { delimiter } else { at };
            splice.replace(from, upto, b"");
            from = upto;
        }
        if last {
            return Ok(removed);
        }
    }
}

/// The decoded name of a list's member; None when it is no object, or its name is missing, no
/// string, or also there in another case.
fn member_name<'b>(
    body: &'b [u8],
    start: usize,
    key: &str,
) -> Result<Option<Cow<'b, str>>, Reason> {
    if body.get(start) != Some(&b'{') {
        return Ok(None);
    }
    let mut name = None;
    let mut members = Members::new(body, start);
    while let Some((found, value, _)) = members.next()? {
        if found == key {
            name = decoded(body, value);
        } else if same_folded(found.as_bytes(), key.as_bytes()) {
            return Ok(None);
        }
    }
    Ok(name)
}

/// Where the value of this key begins, in the object at `open`.
fn find(body: &[u8], open: usize, wanted: &str) -> Result<Option<usize>, Reason> {
    let mut found = None;
    let mut members = Members::new(body, open);
    while let Some((key, value, _)) = members.next()? {
        if key == wanted {
            found = Some(value);
        }
    }
    Ok(found)
}

fn is_string(body: &[u8], at: usize, expected: &str) -> bool {
    decoded(body, at).is_some_and(|text| text == expected)
}

/// A body with pieces replaced, written piece by piece.
struct Splice<'b> {
    body: &'b [u8],
    copied: usize,
    out: &'b mut Vec<u8>,
}

impl Splice<'_> {
    fn replace(&mut self, start: usize, end: usize, with: &[u8]) {
        let before = self.body.get(self.copied..start).unwrap_or_default();
        self.out.extend_from_slice(before);
        self.out.extend_from_slice(with);
        self.copied = end;
    }

    fn finish(&mut self) {
        let rest = self.body.get(self.copied..).unwrap_or_default();
        self.out.extend_from_slice(rest);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn filtered(body: &str, private: bool) -> Result<(Filtered, String), Reason> {
        let mut out = Vec::new();
        let mut keep = |name: &str| name.starts_with('k');
        let done = filter_list(body.as_bytes(), List::Tools, private, &mut keep, &mut out)?;
        Ok((done, String::from_utf8(out).unwrap()))
    }

    fn list(tools: &str) -> String {
        format!(r#" {{"id":1, "result" : {{"tools":{tools},"nextCursor":"c\u0041"}} }} "#)
    }

    #[test]
    fn members_go_with_one_comma_and_all_else_stays() {
        for (tools, expected, removed) in [
            (r#"[{"name":"d"}]"#, "[]", 1),
            (r#"[ {"name":"d"} ]"#, "[ ]", 1),
            (r#"[{"name":"d"},{"name":"k"}]"#, r#"[{"name":"k"}]"#, 1),
            (r#"[{"name":"k"} , {"name":"d"} ]"#, r#"[{"name":"k"} ]"#, 1),
            (
                r#"[{"name":"d"}, {"name":"k1"},{"name":"d"},{"name":"k2"},{"name":"d"}]"#,
                r#"[ {"name":"k1"},{"name":"k2"}]"#,
                3,
            ),
            (
                r#"[{"n\u0061me":"\u006b"},{"name":"\u0064"}]"#,
                r#"[{"n\u0061me":"\u006b"}]"#,
                1,
            ),
            (
                r#"[1,null,[],{"name":1},{},{"x":{"name":"k"}},{"name":"k"}]"#,
                r#"[{"name":"k"}]"#,
                6,
            ),
            (
                r#"[{"name":"k","Name":"d"},{"name":"k"}]"#,
                r#"[{"name":"k"}]"#,
                1,
            ),
        ] {
            let (done, out) = filtered(&list(tools), false).unwrap();
            assert_eq!(done, Filtered::Changed { removed }, "{tools}");
            let expected = list(expected);
            let same = serde_json::from_str::<serde_json::Value>(&out).unwrap();
            assert_eq!(
                same,
                serde_json::from_str::<serde_json::Value>(&expected).unwrap()
            );
            assert_eq!(
                out.replace("[ ]", "[]"),
                expected.replace("[ ]", "[]"),
                "{tools}"
            );
        }
    }

    #[test]
    fn nothing_is_written_when_nothing_changes() {
        for body in [
            list("[]"),
            list(r#"[{"name":"k"}]"#),
            r#"{"id":1,"error":{"code":1}}"#.into(),
            r#"{"id":1,"result":{}}"#.into(),
            r#"{"id":1,"result":null}"#.into(),
        ] {
            assert_eq!(
                filtered(&body, true),
                Ok((Filtered::Same, String::new())),
                "{body}"
            );
        }
    }

    #[test]
    fn a_public_list_becomes_private() {
        let body = r#"{"result":{"cacheScope": "public" ,"tools":[{"name":"d"}],"ttlMs":1}}"#;
        let (done, out) = filtered(body, true).unwrap();
        assert_eq!(done, Filtered::Changed { removed: 1 });
        assert_eq!(
            out,
            r#"{"result":{"cacheScope": "private" ,"tools":[],"ttlMs":1}}"#
        );
        let body = r#"{"result":{"tools":[],"cacheScope":"p\u0075blic"}}"#;
        let (done, out) = filtered(body, true).unwrap();
        assert_eq!(done, Filtered::Changed { removed: 0 });
        assert_eq!(out, r#"{"result":{"tools":[],"cacheScope":"private"}}"#);
        assert_eq!(filtered(body, false).unwrap().0, Filtered::Same);
    }

    #[test]
    fn a_list_that_others_would_find_elsewhere_is_refused() {
        for body in [
            r#"{"result":{"Tools":[{"name":"d"}]}}"#,
            r#"{"result":{"tools":{"a":{"name":"d"}}}}"#,
            r#"{"result":{"tools":null}}"#,
            r#"{"result":{"tools":[{"name":"d"}"#,
            r#"{"result" {}}"#,
            r#"{"result":"#,
            r#"[{"result":{"tools":[{"name":"d"}]}}]"#,
        ] {
            assert_eq!(
                filtered(body, false),
                Err(Reason::UpstreamInvalid),
                "{body}"
            );
        }
    }
}
