//! Finds the parts of a tool's result and of a list of tools, as the strict pass has noted them.

use varistor_model::Span;

use super::cursor::{Document, Value};
use super::scan::Kind as Form;
use super::{Message, Reader};

impl Reader {
    /// Where `result.structuredContent` stands in the body that was read last.
    #[must_use]
    pub fn structured(&self, message: &Message, body: &[u8]) -> Option<Span> {
        let document = Document::new(body, &self.index);
        let value = member(document, result(document, message)?, b"structuredContent")?;
        Some(value.span())
    }

    /// Calls `each` with the places, quotes included, of `text` in `result.content[]`.
    pub fn texts(&self, message: &Message, body: &[u8], each: &mut dyn FnMut(Span)) {
        let document = Document::new(body, &self.index);
        let content = result(document, message)
            .and_then(|result| member(document, result, b"content"))
            .filter(|content| content.kind() == Form::Array);
        let Some(content) = content else { return };
        for (_, block) in document.members(content) {
            if block.kind() != Form::Object {
                continue;
            }
            let text = member(document, block, b"text");
            if let Some(text) = text.filter(|text| text.kind() == Form::String) {
                each(text.span());
            }
        }
    }

    /// Calls `each` with the decoded name and the place of each definition in `result.tools[]`.
    pub fn definitions(&self, message: &Message, body: &[u8], each: &mut dyn FnMut(&str, Span)) {
        let document = Document::new(body, &self.index);
        let tools = result(document, message)
            .and_then(|result| member(document, result, b"tools"))
            .filter(|tools| tools.kind() == Form::Array);
        let Some(tools) = tools else { return };
        let mut scratch = String::new();
        for (_, tool) in document.members(tools) {
            if tool.kind() != Form::Object {
                continue;
            }
            let name = member(document, tool, b"name").and_then(|name| document.string(name));
            if let Some(name) = name.and_then(|name| name.plain(&mut scratch)) {
                each(name, tool.span());
            }
        }
    }
}

fn result<'a>(document: Document<'a>, message: &Message) -> Option<Value<'a>> {
    let result = document.value(message.result_number as usize)?;
    (!message.result.is_empty() && result.kind() == Form::Object).then_some(result)
}

fn member<'a>(document: Document<'a>, object: Value<'a>, key: &[u8]) -> Option<Value<'a>> {
    let mut members = document.members(object);
    members
        .find(|(found, _)| *found == key)
        .map(|(_, value)| value)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(body: &str) -> Reader {
        let mut reader = Reader::new();
        reader.read_answer(body.as_bytes()).unwrap();
        reader
    }

    #[test]
    fn parts_of_a_result_are_found_by_their_decoded_keys() {
        let body = r#"{"jsonrpc":"2.0","id":1,"result":{"content":[{"type":"text","text":"a"},
            {"type":"image"},{"t\u0065xt":"b","type":"text"},{"text":1},"text"],
            "structuredContent":{"n":[1]}}}"#;
        let reader = read(body);
        let message = reader.messages().first().unwrap();
        let text = |span: Span| body.get(span.range()).unwrap();
        let structured = reader.structured(message, body.as_bytes());
        assert_eq!(structured.map(text), Some(r#"{"n":[1]}"#));
        let mut texts = Vec::new();
        reader.texts(message, body.as_bytes(), &mut |span| texts.push(text(span)));
        assert_eq!(texts, [r#""a""#, r#""b""#]);
    }

    #[test]
    fn definitions_are_told_with_their_names() {
        let body = r#"{"jsonrpc":"2.0","id":1,"result":{"tools":[{"name":"a\u0062"},1,{"x":1},
            {"name":"c","title":"C"}]}}"#;
        let reader = read(body);
        let message = reader.messages().first().unwrap();
        let mut found = Vec::new();
        reader.definitions(message, body.as_bytes(), &mut |name, span| {
            found.push((name.to_owned(), body.get(span.range()).unwrap()));
        });
        let expected = [
            (r#"{"name":"a\u0062"}"#, "ab"),
            (r#"{"name":"c","title":"C"}"#, "c"),
        ];
        let expected = expected.map(|(text, name)| (name.to_owned(), text));
        assert_eq!(found, expected);
    }

    #[test]
    fn what_is_no_result_has_no_parts() {
        for body in [
            r#"{"jsonrpc":"2.0","id":1,"error":{"code":1,"message":""}}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":[]}"#,
            r#"{"jsonrpc":"2.0","id":1,"result":{"content":{},"tools":{}}}"#,
        ] {
            let reader = read(body);
            let message = reader.messages().first().unwrap();
            assert_eq!(reader.structured(message, body.as_bytes()), None);
            reader.texts(message, body.as_bytes(), &mut |_| panic!("{body}"));
            reader.definitions(message, body.as_bytes(), &mut |_, _| panic!("{body}"));
        }
    }
}
