//! What is read of messages, and what rewriting leaves alone.

use proptest::prelude::*;

use super::*;

fn part<'a>(text: &'a str, place: &Option<Range<usize>>) -> Option<&'a str> {
    place.clone().and_then(|place| text.get(place))
}

#[test]
fn a_request_is_told_by_method_and_id_of_either_type() {
    for (text, id) in [
        (r#"{"jsonrpc":"2.0","id":7,"method":"tools/call"}"#, "7"),
        (r#"{"id":"7","method":"tools/call"}"#, "\"7\""),
        (r#"{"method":"tools/call", "id" : -1 }"#, "-1"),
        (r#"{"id":"a\"b","method":"x"}"#, r#""a\"b""#),
    ] {
        let message = Message::read(text).unwrap();
        assert_eq!(message.kind, Kind::Request(Method::Other), "{text}");
        assert_eq!(part(text, &message.id), Some(id));
    }
}

#[test]
fn notifications_responses_and_errors_are_told_apart() {
    for (text, kind) in [
        (
            r#"{"method":"notifications/initialized"}"#,
            Kind::Notification(Method::Initialized),
        ),
        (
            r#"{"method":"initialize","id":null}"#,
            Kind::Notification(Method::Initialize),
        ),
        (r#"{"id":1,"result":{}}"#, Kind::Response),
        (
            r#"{"id":1,"error":{"code":-32601,"message":"m"}}"#,
            Kind::Error(-32601),
        ),
        (
            r#"{"method":"pi\u006eg","id":1}"#,
            Kind::Request(Method::Ping),
        ),
    ] {
        assert_eq!(Message::read(text).unwrap().kind, kind, "{text}");
    }
}

#[test]
fn what_could_be_routed_two_ways_is_refused() {
    for text in [
        "",
        "[]",
        "7",
        r#"{"id":1,"id":2,"method":"x"}"#,
        r#"{"id":1,"method":7}"#,
        r#"{"id":1,"error":{"code":"x"}}"#,
        r#"{"id":1,"method":"x","params":{"_meta":{"progressToken":1,"progressToken":2}}}"#,
        r#"{"id":1,"method":"x","params":{"_meta":{},"_meta":{"progressToken":2}}}"#,
        r#"{"id":1,"method":"x"} {"#,
    ] {
        assert_eq!(Message::read(text), Err(Unreadable), "{text}");
    }
}

#[test]
fn tokens_are_found_under_every_spelling_of_their_name() {
    for text in [
        r#"{"id":1,"method":"x","params":{"a":{"progressToken":9},"_meta":{"progressToken":"t"}}}"#,
        r#"{"id":1,"method":"x","params":{"_meta":{"progress\u0054oken":"t"}}}"#,
        r#"{"id":1,"method":"x","params":{"\u005fmeta":{"progressToken":"t"}}}"#,
    ] {
        let message = Message::read(text).unwrap();
        assert_eq!(part(text, &message.parts.token), Some("\"t\""), "{text}");
    }
    let elsewhere = r#"{"id":1,"method":"x","params":{"progressToken":9}}"#;
    assert_eq!(Message::read(elsewhere).unwrap().parts.token, None);
    let progress = r#"{"method":"notifications/progress","params":{"progressToken":9,"_meta":{}}}"#;
    let message = Message::read(progress).unwrap();
    assert_eq!(part(progress, &message.parts.token), Some("9"));
}

#[test]
fn cancellations_and_subscriptions_name_their_request() {
    let text = r#"{"method":"notifications/cancelled","params":{"requestId":"a","reason":"r"}}"#;
    let message = Message::read(text).unwrap();
    assert_eq!(part(text, &message.parts.cancelled), Some("\"a\""));
    let text = concat!(
        r#"{"method":"notifications/resources/updated","params":{"uri":"file:///a","_meta":"#,
        r#"{"io.modelcontextprotocol/subscriptionId":5}}}"#
    );
    let message = Message::read(text).unwrap();
    assert_eq!(part(text, &message.parts.subscription), Some("5"));
    assert_eq!(part(text, &message.parts.uri), Some("\"file:///a\""));
}

#[test]
fn what_is_rewritten_stands_on_one_line_and_keeps_everything_else() {
    let text = "{\n \"id\": 7,\r\n \"params\": {\"a\": 1.0, \"b\": \"x\\n\"}}";
    let message = Message::read(text).unwrap();
    let out = rewritten(text, &mut [(message.id.unwrap(), "\"abc\"")]);
    let expected = "{  \"id\": \"abc\",   \"params\": {\"a\": 1.0, \"b\": \"x\\n\"}}";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn ids_are_compared_by_type_and_value() {
    assert!(is_same("1", "1") && is_same("\"a\"", "\"\\u0061\""));
    assert!(!is_same("1", "\"1\"") && !is_same("\"a\"", "\"b\"") && !is_same("1", "2"));
}

proptest! {
    #[test]
    fn nothing_panics_and_an_id_goes_there_and_back(
        id in "(-?[1-9][0-9]{0,9}|\"[a-z\\\\\"]{0,3}\")", noise in "\\PC{0,60}"
    ) {
        let _ = Message::read(&noise);
        let noise = serde_json::to_string(&noise).unwrap();
        let text = format!("{{\"params\":{{\"a\":{noise}}},\"id\":{id},\"method\":\"x\"}}");
        if let Ok(message) = Message::read(&text) {
            let place = message.id.unwrap();
            let out = String::from_utf8(rewritten(&text, &mut [(place.clone(), "42")])).unwrap();
            let back = Message::read(&out).unwrap().id.unwrap();
            prop_assert_eq!(&out[back.clone()], "42");
            let again = rewritten(&out, &mut [(back, &text[place])]);
            prop_assert_eq!(String::from_utf8(again).unwrap(), text);
        }
    }
}
