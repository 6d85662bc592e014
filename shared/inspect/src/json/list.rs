//! Takes out of a list answer what the caller may not see, and touches nothing else.
//!
//! Walks the values that the strict pass has noted, so that nothing is read a second time. Refuses
//! an answer whose list could be read in another place or form than it was filtered in.

use varistor_model::Reason;

use super::cursor::{Document, Value};
use super::keys::same_folded;
use super::raw::blank;
use super::scan::Kind as Form;
use super::{Message, Reader, Splice};

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
    /// Nothing had to change.
    Same,
    /// Pieces were replaced.
    Changed {
        /// Members taken out.
        removed: u32,
    },
}

/// Whether the caller may see the member of the list with this decoded name or URI.
pub type Keep<'k> = dyn FnMut(List, &str) -> bool + 'k;

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

impl Reader {
    /// Removes the members of these lists for which `keep` is false, those that have no name, and
    /// those whose name some readers would find under a key of another case. Turns
    /// `result.cacheScope` from `public` into `private`. Every other byte stays.
    ///
    /// `message` is one of the messages read last, and `splice` is over the body that they were
    /// read from, with nothing replaced within the message yet. A message without a result stays
    /// the same.
    ///
    /// # Errors
    ///
    /// `UpstreamInvalid` when a list is no array, or when a key differs from a list's by case only.
    /// Then what was spliced must not be used.
    pub fn filter(
        &self,
        message: &Message,
        lists: &[List],
        keep: &mut Keep<'_>,
        splice: &mut Splice<'_>,
    ) -> Result<Filtered, Reason> {
        let document = Document::new(splice.body(), &self.index);
        let result = document.value(message.result_number as usize);
        let Some(result) = result.filter(|value| value.kind() == Form::Object) else {
            return Ok(Filtered::Same);
        };
        let mut scratch = String::new();
        let (mut removed, mut changed) = (0_u32, false);
        for (key, value) in document.members(result) {
            let is = |list: &&List| key == list.keys().0.as_bytes();
            let is_folded = |list: &List| same_folded(key, list.keys().0.as_bytes());
            if let Some(list) = lists.iter().find(is) {
                let name_key = list.keys().1.as_bytes();
                let mut keep = |member| {
                    let name = name_of(document, member, name_key, &mut scratch);
                    name.is_some_and(|name| keep(*list, name))
                };
                removed = removed.saturating_add(cut(document, value, &mut keep, splice)?);
            } else if lists.iter().any(is_folded) {
                return Err(Reason::UpstreamInvalid);
            } else if same_folded(key, b"cacheScope")
                && document
                    .string(value)
                    .is_some_and(|scope| scope.is("public"))
            {
                splice.replace(value.span().range(), b"\"private\"");
                changed = true;
            }
        }
        if changed || removed > 0 {
            return Ok(Filtered::Changed { removed });
        }
        Ok(Filtered::Same)
    }
}

/// Cuts members out of the array, and says how many. A cut member takes the comma before it along,
/// or, as long as none was kept, the comma behind it.
fn cut<'a>(
    document: Document<'a>,
    array: Value<'a>,
    keep: &mut dyn FnMut(Value<'a>) -> bool,
    splice: &mut Splice<'_>,
) -> Result<u32, Reason> {
    if array.kind() != Form::Array {
        return Err(Reason::UpstreamInvalid);
    }
    let body = splice.body();
    let (mut removed, mut kept) = (0_u32, false);
    // Where the last kept member's share ends: at the comma behind it.
    let mut from = array.span().range().start.saturating_add(1);
    for (_, member) in document.members(array) {
        let delimiter = blank(body, member.span().range().end);
        let last = body.get(delimiter) != Some(&b',');
        if keep(member) {
            kept = true;
            from = delimiter;
            continue;
        }
        removed = removed.saturating_add(1);
        let upto = if kept || last {
            delimiter
        } else {
            delimiter.saturating_add(1)
        };
        splice.replace(from..upto, b"");
        from = upto;
    }
    Ok(removed)
}

/// The decoded name of a list's member; None when it is no object, or its name is missing, no
/// string, or also there in another case.
fn name_of<'a>(
    document: Document<'a>,
    member: Value<'a>,
    key: &[u8],
    scratch: &'a mut String,
) -> Option<&'a str> {
    if member.kind() != Form::Object {
        return None;
    }
    let (_, name) = document.members(member).find(|(found, _)| *found == key)?;
    let is_another = |(found, _): (&[u8], _)| found != key && same_folded(found, key);
    if member.is_odd() && document.members(member).any(is_another) {
        return None;
    }
    document.string(name)?.plain(scratch)
}

#[cfg(test)]
mod tests {
    use super::*;

    /// Tells how many members of the list of tools go, and what is left.
    fn filtered(body: &str) -> Result<(Filtered, String), Reason> {
        let body = body.replacen('{', r#"{"jsonrpc":"2.0","id":1,"#, 1);
        let mut reader = Reader::new();
        let read = reader.read_answer(body.as_bytes());
        read.map_err(|_| Reason::UpstreamInvalid)?;
        let mut out = Vec::new();
        let mut splice = Splice::new(body.as_bytes(), &mut out);
        let mut keep = |_: List, name: &str| name.starts_with('k');
        let message = reader.messages().first().unwrap();
        let done = reader.filter(message, &[List::Tools], &mut keep, &mut splice)?;
        assert_eq!(splice.finish(), done != Filtered::Same);
        let out = String::from_utf8(out).unwrap();
        Ok((done, out.replacen(r#""jsonrpc":"2.0","id":1,"#, "", 1)))
    }

    fn list(tools: &str) -> String {
        format!(r#" {{ "result" : {{"tools":{tools},"nextCursor":"c\u0041"}} }} "#)
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
            let (done, out) = filtered(&list(tools)).unwrap();
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
            r#"{"error":{"code":1}}"#.into(),
            r#"{"result":{}}"#.into(),
            r#"{"result":null}"#.into(),
        ] {
            assert_eq!(
                filtered(&body),
                Ok((Filtered::Same, String::new())),
                "{body}"
            );
        }
    }

    #[test]
    fn a_public_list_becomes_private() {
        let body = r#"{"result":{"cacheScope": "public" ,"tools":[{"name":"d"}],"ttlMs":1}}"#;
        let (done, out) = filtered(body).unwrap();
        assert_eq!(done, Filtered::Changed { removed: 1 });
        assert_eq!(
            out,
            r#"{"result":{"cacheScope": "private" ,"tools":[],"ttlMs":1}}"#
        );
        let body = r#"{"result":{"tools":[],"cacheScope":"p\u0075blic"}}"#;
        let (done, out) = filtered(body).unwrap();
        assert_eq!(done, Filtered::Changed { removed: 0 });
        assert_eq!(out, r#"{"result":{"tools":[],"cacheScope":"private"}}"#);
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
        ] {
            assert_eq!(filtered(body), Err(Reason::UpstreamInvalid), "{body}");
        }
    }

    #[test]
    fn each_message_of_a_batch_is_filtered_by_all_lists_that_are_asked_for() {
        let body = r#" [{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"d"},{"name":"k"}]}} ,
            {"jsonrpc":"2.0","id":2,"result":{"tools":[],"resources":[{"uri":"k"},{"uri":"d"}]}}]"#;
        let mut reader = Reader::new();
        reader.read_answer(body.as_bytes()).unwrap();
        let mut out = Vec::new();
        let mut splice = Splice::new(body.as_bytes(), &mut out);
        let lists = [List::Resources, List::Tools];
        let mut asked = Vec::new();
        for message in reader.messages() {
            let mut keep = |list, name: &str| {
                asked.push((list, name.to_owned()));
                name == "k"
            };
            let done = reader.filter(message, &lists, &mut keep, &mut splice);
            assert_eq!(done, Ok(Filtered::Changed { removed: 1 }));
        }
        assert!(splice.finish());
        let expected = body
            .replace(r#"{"name":"d"},"#, "")
            .replace(r#",{"uri":"d"}"#, "");
        assert_eq!(String::from_utf8(out).unwrap(), expected);
        let asked: Vec<_> = asked.iter().map(|(list, name)| (*list, &**name)).collect();
        let (tools, resources) = (List::Tools, List::Resources);
        let expected = [
            (tools, "d"),
            (tools, "k"),
            (resources, "k"),
            (resources, "d"),
        ];
        assert_eq!(asked, expected);
    }
}
