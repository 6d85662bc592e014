//! Streams of events are read as the WHATWG standard says, and written in one form.

#![expect(clippy::unwrap_used, reason = "a failure here fails the test")]

use varistor_http1::sse::{Decoder, Event, encode};
use varistor_http1::write::Unwritable;
use varistor_model::Reason;

/// The events of a stream, one a line, the same whole and byte by byte.
fn told(stream: &[u8]) -> Vec<String> {
    let whole = tell(&[stream]);
    let drops: Vec<_> = stream.chunks(1).collect();
    assert_eq!(tell(&drops), whole, "byte by byte");
    for cut in 0..stream.len() {
        let (head, tail) = stream.split_at(cut);
        assert_eq!(tell(&[head, tail]), whole, "cut at {cut}");
    }
    whole
}

fn tell(parts: &[&[u8]]) -> Vec<String> {
    let (mut decoder, mut told) = (Decoder::new(), Vec::new());
    for part in parts {
        let mut rest = *part;
        while let Some(Event {
            event,
            data,
            id,
            retry,
            comment,
        }) = decoder.push(&mut rest).unwrap()
        {
            let text = |bytes: &[u8]| String::from_utf8(bytes.to_vec()).unwrap();
            let (data, comment) = (data.map(text), comment.map(text));
            told.push(match comment {
                Some(comment) => format!("comment {comment:?}"),
                None => format!("{event:?} {data:?} {id:?} {retry:?}"),
            });
        }
        assert!(rest.is_empty());
    }
    told
}

#[test]
fn each_stream_gives_the_events_of_the_standard() {
    let table: &[(&str, &[&str])] = &[
        ("data: a\n\n", &[r#""" Some("a") None None"#]),
        ("data:a\r\n\r\n", &[r#""" Some("a") None None"#]),
        (
            "data: a\r\rdata: b\r\r",
            &[r#""" Some("a") None None"#, r#""" Some("b") None None"#],
        ),
        ("data:  a\n\n", &[r#""" Some(" a") None None"#]),
        ("data: a\ndata: b\n\n", &[r#""" Some("a\nb") None None"#]),
        ("data\ndata\n\n", &[r#""" Some("\n") None None"#]),
        (
            "data: a\r\ndata: b\rdata: c\n\r\n",
            &[r#""" Some("a\nb\nc") None None"#],
        ),
        ("id: 7\ndata:\n\n", &[r#""" Some("") Some("7") None"#]),
        ("id: 7\n\n", &[r#""" None Some("7") None"#]),
        ("id\ndata: a\n\n", &[r#""" Some("a") Some("") None"#]),
        ("id: a\0b\ndata: a\n\n", &[r#""" Some("a") None None"#]),
        (
            "id: 1\nid: 2\ndata: a\n\n",
            &[r#""" Some("a") Some("2") None"#],
        ),
        (
            "event: message\ndata: {\"a\":1}\n\n",
            &[r#""message" Some("{\"a\":1}") None None"#],
        ),
        (
            "event: a\nevent: b\ndata: c\n\n",
            &[r#""b" Some("c") None None"#],
        ),
        ("retry: 1500\n\n", &[r#""" None None Some(1500)"#]),
        ("retry: 15s\ndata: a\n\n", &[r#""" Some("a") None None"#]),
        ("retry: -1\ndata: a\n\n", &[r#""" Some("a") None None"#]),
        ("retry:\ndata: a\n\n", &[r#""" Some("a") None None"#]),
        (
            "retry: 99999999999999999999\ndata: a\n\n",
            &[r#""" Some("a") None None"#],
        ),
        (": ping\n\n", &[r#"comment "ping""#]),
        (":\n\n:a: b\n", &[r#"comment """#, r#"comment "a: b""#]),
        (
            "data: a\n: within\ndata: b\n\n",
            &[r#"comment "within""#, r#""" Some("a\nb") None None"#],
        ),
        ("\u{feff}data: a\n\n", &[r#""" Some("a") None None"#]),
        ("\n\u{feff}data: a\n\n", &[]),
        ("Data: a\ndata : b\nother: c\nother\n\n", &[]),
        ("data: cut off\n", &[]),
        ("data: cut off", &[]),
        ("\n\n\r\r\n\n", &[]),
        ("", &[]),
        (
            "data: a\n\nid: 2\ndata: b\n\ndata: c\n\n",
            &[
                r#""" Some("a") None None"#,
                r#""" Some("b") Some("2") None"#,
                r#""" Some("c") None None"#,
            ],
        ),
    ];
    for (stream, events) in table {
        assert_eq!(told(stream.as_bytes()), *events, "{stream:?}");
    }
}

#[test]
fn an_event_over_the_limit_is_refused_and_one_at_it_is_not() {
    let (mut decoder, mut fits) = (Decoder::bounded(10), &b"data: aaaa\n\ndata: b\n\n"[..]);
    assert!(
        decoder.push(&mut fits).unwrap().is_some() && decoder.push(&mut fits).unwrap().is_some()
    );
    for stream in [
        &b"data: aaaaa"[..],
        b"data: a\ndata: aaa\n",
        b"aaaaaaaaaaa",
        b"id: aaaa\nevent: a",
    ] {
        let mut stream = stream;
        assert_eq!(
            Decoder::bounded(10).push(&mut stream),
            Err(Reason::UpstreamTooLarge)
        );
    }
}

#[test]
fn comments_never_add_up_to_the_limit() {
    let mut decoder = Decoder::bounded(10);
    for _ in 0..1_000 {
        let mut stream = &b": ping\n"[..];
        assert!(decoder.push(&mut stream).unwrap().is_some());
    }
    assert!(!decoder.is_within());
}

#[test]
fn types_and_ids_that_are_not_utf_8_are_refused() {
    for stream in [&b"event: \xff\ndata: a\n\n"[..], b"id: \xc3\ndata: a\n\n"] {
        let mut stream = stream;
        assert_eq!(
            Decoder::new().push(&mut stream),
            Err(Reason::UpstreamInvalid)
        );
    }
    let mut opaque = &b"data: \xff\n\n"[..];
    let mut decoder = Decoder::new();
    assert_eq!(
        decoder.push(&mut opaque).unwrap().unwrap().data,
        Some(&b"\xff"[..])
    );
}

#[test]
fn a_decoder_knows_whether_the_stream_was_cut_off() {
    let mut decoder = Decoder::new();
    for (part, within) in [
        ("da", true),
        ("ta: a\n", true),
        ("\n", false),
        (": c", true),
        ("\n", false),
        ("id: 1\n", true),
    ] {
        let mut part = part.as_bytes();
        while decoder.push(&mut part).unwrap().is_some() {}
        assert_eq!(decoder.is_within(), within, "{part:?}");
    }
}

#[test]
fn an_event_has_one_written_form() {
    let mut out = Vec::new();
    let event = Event {
        event: "message",
        data: Some(b"a\r\nb\rc\n"),
        id: Some("7"),
        retry: Some(10),
        comment: None,
    };
    encode(&event, &mut out).unwrap();
    encode(
        &Event {
            comment: Some(b"ping"),
            ..Event::default()
        },
        &mut out,
    )
    .unwrap();
    let expected =
        "event: message\nid: 7\nretry: 10\ndata: a\ndata: b\ndata: c\ndata: \n\n: ping\n\n";
    assert_eq!(String::from_utf8(out).unwrap(), expected);
}

#[test]
fn what_would_be_two_lines_is_not_written() {
    let mut out = Vec::new();
    for event in [
        Event {
            event: "a\nb",
            ..Event::default()
        },
        Event {
            id: Some("a\rb"),
            ..Event::default()
        },
        Event {
            id: Some("a\0b"),
            ..Event::default()
        },
        Event {
            comment: Some(b"a\ndata: b"),
            ..Event::default()
        },
    ] {
        assert_eq!(encode(&event, &mut out), Err(Unwritable::Value));
    }
    assert!(out.is_empty());
}
