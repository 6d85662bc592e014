//! One text for all spellings of a JSON value: keys sorted, strings written in one way, no blanks.
//!
//! Numbers stay as they are written: whether 1 and 1.0 mean the same is for the server to say.

use varistor_audit::json;
use varistor_structured::{Form, Node};

/// Appends the value; members of the outermost object with these names are left out.
pub(crate) fn write(value: &Node, without: &[&str], out: &mut Vec<u8>) {
    match &value.form {
        Form::Null => out.extend_from_slice(b"null"),
        Form::Bool(true) => out.extend_from_slice(b"true"),
        Form::Bool(false) => out.extend_from_slice(b"false"),
        Form::Number(text) => out.extend_from_slice(text.as_bytes()),
        Form::String(text) => json::string(text.as_bytes(), out),
        Form::Array(elements) => {
            out.push(b'[');
            for (place, element) in elements.iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                write(element, &[], out);
            }
            out.push(b']');
        }
        Form::Object(members) => {
            let kept = members.iter();
            let mut kept: Vec<_> = kept
                .filter(|(key, _, _)| !without.contains(&key.as_str()))
                .collect();
            kept.sort_by(|(one, _, _), (other, _, _)| one.cmp(other));
            out.push(b'{');
            for (place, (key, _, value)) in kept.into_iter().enumerate() {
                if place > 0 {
                    out.push(b',');
                }
                json::string(key.as_bytes(), out);
                out.push(b':');
                write(value, &[], out);
            }
            out.push(b'}');
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn canonical(text: &str) -> String {
        let mut out = Vec::new();
        write(&Node::read(text).unwrap(), &["_meta"], &mut out);
        String::from_utf8(out).unwrap()
    }

    #[test]
    fn spellings_of_one_value_are_one_text() {
        let plain = canonical(r#"{"a":[1,{"x":"é\n","y":null}],"b":true}"#);
        for other in [
            r#"{ "b" : true , "a" : [ 1 , { "y" : null , "x" : "\u00e9\u000a" } ] }"#,
            r#"{"a":[1,{"x":"é\n","y":null}],"_meta":{"progressToken":7},"b":true}"#,
            r#"{"\u0061":[1,{"x":"\u00E9\n","y":null}],"b":true}"#,
        ] {
            assert_eq!(canonical(other), plain, "{other}");
        }
    }

    #[test]
    fn what_a_server_could_read_differently_stays_different() {
        let one = canonical(r#"{"a":1,"b":["x",{"_meta":1}]}"#);
        for other in [
            r#"{"a":1.0,"b":["x",{"_meta":1}]}"#,
            r#"{"a":"1","b":["x",{"_meta":1}]}"#,
            r#"{"a":1,"b":["x",{"_meta":2}]}"#,
            r#"{"a":1,"b":["x",{}]}"#,
            r#"{"a":1,"b":[{"_meta":1},"x"]}"#,
            r#"{"a":1,"b":["x ",{"_meta":1}]}"#,
            r#"{"A":1,"b":["x",{"_meta":1}]}"#,
        ] {
            assert_ne!(canonical(other), one, "{other}");
        }
    }
}
