//! A record as a row for a person.

use varistor_records::Record;

use crate::output::Tone;

/// The names of the columns.
pub(super) const HEADINGS: [&str; 7] = [
    "RECORD", "TIME", "AGENT", "WHAT", "INTENT", "DECISION", "WHY",
];

/// The cells of a record.
pub(super) fn cells(record: &Record<'_>) -> [(String, Option<Tone>); 7] {
    let plain = |text: String| (text, None);
    let head = |what: String| {
        [
            plain(record.seq.to_string()),
            (time(record), Some(Tone::Quiet)),
            plain(String::new()),
            plain(what),
        ]
    };
    let [seq, time, nobody, what] = head(match &*record.kind {
        "call" => record.target(),
        "result" => format!("result of {}", record.call.unwrap_or_default()),
        kind => kind.to_owned(),
    });
    match &*record.kind {
        "call" => [
            seq,
            time,
            plain(record.who()),
            what,
            plain(record.intent_name().to_owned()),
            (record.decision.to_string(), Some(tone(&record.decision))),
            plain(why(record)),
        ],
        "result" => {
            let good = matches!(&*record.status, "ok" | "closed");
            let tone = if good { Tone::Good } else { Tone::Warning };
            let status = (record.status.to_string(), Some(tone));
            [
                seq,
                time,
                nobody,
                what,
                plain(String::new()),
                status,
                plain(measures(record)),
            ]
        }
        _ => {
            let details = record.details.map_or("", |details| details.get());
            let none = || plain(String::new());
            [
                seq,
                time,
                nobody,
                what,
                none(),
                none(),
                plain(details.to_owned()),
            ]
        }
    }
}

/// To the millisecond.
pub(super) fn time(record: &Record<'_>) -> String {
    let time = &*record.time;
    time.get(..23)
        .map_or_else(|| time.to_owned(), |time| format!("{time}Z"))
}

/// The colour of a decision.
pub(super) fn tone(decision: &str) -> Tone {
    match decision {
        "allow" => Tone::Good,
        "deny" => Tone::Bad,
        _ => Tone::Warning,
    }
}

/// Reason and rule.
fn why(record: &Record<'_>) -> String {
    match (&*record.reason, &*record.rule) {
        ("", _) => String::new(),
        (reason, "") => reason.to_owned(),
        (reason, rule) => format!("{reason}: {rule}"),
    }
}

/// How long it took and how much came.
pub(super) fn measures(record: &Record<'_>) -> String {
    let micros = record.duration_us.unwrap_or_default();
    let mut told = format!(
        "{}.{:03} ms, {} bytes",
        micros / 1000,
        micros % 1000,
        record.bytes.unwrap_or_default()
    );
    if let Some(redacted) = record.redacted.filter(|redacted| *redacted > 0) {
        told.push_str(&format!(", {redacted} redacted"));
    }
    told
}
