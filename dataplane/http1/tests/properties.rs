//! What holds for every input: no panic, the same answer at every split, and what is written is
//! read back.

use proptest::prelude::*;
use varistor_http1::{
    Chunked, Framing, HttpMethod, Progress, RequestHead, ResponseHead, sse, write,
};

fn config() -> ProptestConfig {
    ProptestConfig {
        cases: 2_000,
        failure_persistence: None,
        ..ProptestConfig::default()
    }
}

/// Bytes that are often close to a message.
fn bytes() -> impl Strategy<Value = Vec<u8>> {
    let words = [
        "GET ",
        "POST ",
        "/a",
        " HTTP/1.1",
        "\r\n",
        "\r\n",
        "\r",
        "\n",
        "Host: a",
        "Content-Length: 3",
        "Transfer-Encoding: chunked",
        ":",
        " ",
        "\t",
        "HTTP/1.1 200 OK",
        "HTTP/1.1 100 C",
        "5",
        "0",
        ";",
        "data: x",
        "id: 1",
        "event: e",
        "retry: 7",
        ": c",
        "\u{feff}",
        "\0",
    ];
    let word = prop::sample::select(words.to_vec()).prop_map(|word| word.as_bytes().to_vec());
    let junk = prop::collection::vec(any::<u8>(), 0..4);
    prop::collection::vec(prop_oneof![4 => word, 1 => junk], 0..24).prop_map(|parts| parts.concat())
}

/// The parts of `bytes` between the cuts, which may fall anywhere.
fn split<'a>(bytes: &'a [u8], cuts: &[prop::sample::Index]) -> Vec<&'a [u8]> {
    let mut places: Vec<_> = cuts.iter().map(|cut| cut.index(bytes.len() + 1)).collect();
    places.extend([0, bytes.len()]);
    places.sort_unstable();
    places
        .windows(2)
        .map(|pair| &bytes[pair[0]..pair[1]])
        .collect()
}

/// The data of a chunked body given in parts, and what is left behind it.
fn unchunk(parts: &[&[u8]]) -> Option<(Vec<u8>, usize)> {
    let (mut chunked, mut body, mut left) = (Chunked::new(), Vec::new(), 0);
    for part in parts {
        let mut rest = *part;
        while !rest.is_empty() && !chunked.has_ended() {
            let piece = chunked.decode(rest).ok()?;
            body.extend_from_slice(&rest[piece.data]);
            rest = &rest[piece.consumed..];
        }
        left += rest.len();
    }
    chunked.has_ended().then_some((body, left))
}

type Owned = (
    String,
    Option<Vec<u8>>,
    Option<String>,
    Option<u64>,
    Option<Vec<u8>>,
);

fn owned(event: &sse::Event<'_>) -> Owned {
    (
        event.event.to_owned(),
        event.data.map(<[u8]>::to_vec),
        event.id.map(str::to_owned),
        event.retry,
        event.comment.map(<[u8]>::to_vec),
    )
}

/// The events of a stream given in parts, and why it ended early.
fn events(parts: &[&[u8]], bytes_max: usize) -> (Vec<Owned>, Option<varistor_model::Reason>) {
    let (mut decoder, mut found) = (sse::Decoder::bounded(bytes_max), Vec::new());
    for part in parts {
        let mut rest = *part;
        loop {
            match decoder.push(&mut rest) {
                Ok(Some(event)) => found.push(owned(&event)),
                Ok(None) => break,
                Err(reason) => return (found, Some(reason)),
            }
        }
    }
    (found, None)
}

/// A name and a value without blanks around it.
fn field() -> impl Strategy<Value = (String, String)> {
    ("X-[a-zA-Z0-9-]{1,8}", "([!-~]([ -~]{0,20}[!-~])?)?")
}

fn event() -> impl Strategy<Value = Owned> {
    let data = prop::option::of("[a-z:\\n \u{e9}]{0,12}".prop_map(String::into_bytes));
    let id = prop::option::of("[a-z0-9: ]{0,5}");
    let full = (
        "[a-z: ]{0,4}",
        data,
        id,
        prop::option::of(any::<u64>()),
        Just(None),
    );
    let comment =
        "[a-z: ]{0,8}".prop_map(|text| (String::new(), None, None, None, Some(text.into_bytes())));
    prop_oneof![4 => full, 1 => comment].prop_filter("an event says something", |event| {
        *event != Owned::default()
    })
}

proptest! {
    #![proptest_config(config())]

    #[test]
    fn a_request_is_judged_alike_at_every_split(bytes in bytes()) {
        let whole = RequestHead::new().parse(&bytes);
        let mut dripped = RequestHead::new();
        let mut end = None;
        for len in 0..=bytes.len() {
            let part = RequestHead::new().parse(&bytes[..len]);
            prop_assert!(part == Ok(Progress::Partial) || part == whole);
            if end.is_none() {
                prop_assert_eq!(dripped.resume(&bytes[..len]), part);
                end = (part != Ok(Progress::Partial)).then_some(part);
            } else {
                prop_assert_eq!(end, Some(part), "an answer was taken back");
            }
        }
    }

    #[test]
    fn a_response_is_judged_alike_at_every_split(bytes in bytes()) {
        let whole = ResponseHead::new().parse(&bytes, false);
        let mut dripped = ResponseHead::new();
        let mut end = None;
        for len in 0..=bytes.len() {
            let part = ResponseHead::new().parse(&bytes[..len], false);
            prop_assert!(part == Ok(Progress::Partial) || part == whole);
            if end.is_none() {
                prop_assert_eq!(dripped.resume(&bytes[..len], false), part);
                end = (part != Ok(Progress::Partial)).then_some(part);
            } else {
                prop_assert_eq!(end, Some(part), "an answer was taken back");
            }
        }
    }

    #[test]
    fn random_bytes_never_panic(bytes in prop::collection::vec(any::<u8>(), 0..300)) {
        let _ = RequestHead::new().parse(&bytes);
        let _ = ResponseHead::new().parse(&bytes, true);
        let _ = unchunk(&[&bytes]);
        let _ = events(&[&bytes], 64);
    }

    #[test]
    fn what_is_written_in_chunks_is_read_back(
        pieces in prop::collection::vec(prop::collection::vec(any::<u8>(), 0..300), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
        behind in 0_usize..3,
    ) {
        let mut wire = Vec::new();
        pieces.iter().for_each(|piece| write::chunk(&mut wire, piece));
        write::last_chunk(&mut wire);
        wire.resize(wire.len() + behind, b'G');
        prop_assert_eq!(unchunk(&split(&wire, &cuts)), Some((pieces.concat(), behind)));
    }

    #[test]
    fn a_chunked_body_is_judged_alike_at_every_split(
        bytes in bytes(),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        prop_assert_eq!(unchunk(&split(&bytes, &cuts)), unchunk(&[&bytes]));
    }

    #[test]
    fn a_head_that_is_written_is_read_back(
        fields in prop::collection::vec(field(), 0..8),
        target in "(/[a-z0-9.~-]{1,6}[a-z]){1,3}",
        length in prop::option::of(0..=i64::MAX.unsigned_abs()),
    ) {
        let mut wire = Vec::new();
        write::request_line(&mut wire, HttpMethod::Post, target.as_bytes()).unwrap();
        write::field(&mut wire, b"host", b"a").unwrap();
        for (name, value) in &fields {
            write::field(&mut wire, name.as_bytes(), value.as_bytes()).unwrap();
        }
        match length {
            Some(length) => write::length(&mut wire, length),
            None => write::chunked(&mut wire),
        }
        write::end(&mut wire);
        let mut head = RequestHead::new();
        prop_assert_eq!(head.parse(&wire), Ok(Progress::Complete));
        prop_assert_eq!(head.framing(), length.map_or(Framing::Chunked, Framing::Length));
        prop_assert_eq!(head.target(&wire), target.as_bytes());
        let read: Vec<_> = head.fields(&wire).skip(1).take(fields.len()).collect();
        let written: Vec<_> =
            fields.iter().map(|(name, value)| (name.as_bytes(), value.as_bytes())).collect();
        prop_assert_eq!(read, written);
    }

    #[test]
    fn what_is_written_as_events_is_read_back_at_every_split(
        events_in in prop::collection::vec(event(), 0..6),
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        let mut wire = Vec::new();
        for (event, data, id, retry, comment) in &events_in {
            let event = sse::Event {
                event,
                data: data.as_deref(),
                id: id.as_deref(),
                retry: *retry,
                comment: comment.as_deref(),
            };
            sse::encode(&event, &mut wire).unwrap();
        }
        let (found, reason) = events(&split(&wire, &cuts), 1 << 20);
        prop_assert_eq!((&found, reason), (&events_in, None));
        // With CRLF and with CR as line ends the stream means the same.
        let text = String::from_utf8(wire).unwrap();
        for end in ["\r\n", "\r"] {
            let wire = text.replace('\n', end);
            prop_assert_eq!(&events(&split(wire.as_bytes(), &cuts), 1 << 20).0, &events_in);
        }
    }

    #[test]
    fn a_stream_is_read_alike_at_every_split(
        bytes in bytes(),
        bytes_max in 4_usize..60,
        cuts in prop::collection::vec(any::<prop::sample::Index>(), 0..12),
    ) {
        prop_assert_eq!(events(&split(&bytes, &cuts), bytes_max), events(&[&bytes], bytes_max));
        let drops: Vec<_> = bytes.chunks(1).collect();
        prop_assert_eq!(events(&drops, bytes_max), events(&[&bytes], bytes_max));
    }
}
