//! What passes is forwarded byte for byte, however oddly it is written.

use std::thread;

use rand::rngs::StdRng;
use rand::{RngExt, SeedableRng};
use varistor_tests::{Driver, on_both_drivers};

use crate::world::World;

const MESSAGES: usize = 10_000;
const CONNECTIONS: usize = 4;

on_both_drivers!(ten_thousand_odd_messages_arrive_as_they_were_sent);

fn ten_thousand_odd_messages_arrive_as_they_were_sent(driver: Driver) {
    let world = World::start(driver);
    let session = world.tester().initialize();
    thread::scope(|scope| {
        for seed in 0..CONNECTIONS {
            let session = session.clone();
            scope.spawn(move || {
                let mut writer = Writer(StdRng::seed_from_u64(seed as u64));
                let mut connection = session.agent.connect();
                for number in 0..MESSAGES / CONNECTIONS {
                    let body = writer.message(seed * MESSAGES + number);
                    let request = session.agent.post(&session.fields(), body.as_bytes());
                    let answer = connection.exchange(&request);
                    assert_eq!(answer.status(), 200, "{body}\n{answer:?}");
                }
            });
        }
    });
    let mut sent: Vec<Vec<u8>> = (0..CONNECTIONS)
        .flat_map(|seed| {
            let mut writer = Writer(StdRng::seed_from_u64(seed as u64));
            let numbers = 0..MESSAGES / CONNECTIONS;
            let bodies = numbers.map(move |number| writer.message(seed * MESSAGES + number));
            bodies.map(String::into_bytes).collect::<Vec<_>>()
        })
        .collect();
    let seen = world.upstream.seen();
    let calls = seen
        .into_iter()
        .filter(|incoming| incoming.method() == "tools/call");
    let mut arrived: Vec<Vec<u8>> = calls.map(|incoming| incoming.body).collect();
    sent.sort_unstable();
    arrived.sort_unstable();
    assert_eq!(arrived.len(), MESSAGES);
    assert!(sent == arrived, "a body was changed on its way");
    world.end();
}

/// Writes calls of tools in every way that JSON allows.
struct Writer(StdRng);

impl Writer {
    /// A call whose members stand in any order, with any spacing, escapes and numbers.
    fn message(&mut self, id: usize) -> String {
        let arguments = self.object(3);
        let tool = [
            "\"read_file\"",
            "\"read\\u005ffile\"",
            "\"\\u0072ead_file\"",
        ];
        let params = vec![
            ("\"name\"".to_owned(), self.one_of(&tool)),
            ("\"arguments\"".to_owned(), arguments),
        ];
        let params = self.members(params);
        let id = if self.0.random_bool(0.5) {
            format!("{id}")
        } else {
            format!("\"\\u0069{id}\"")
        };
        let message = vec![
            ("\"jsonrpc\"".to_owned(), "\"2.0\"".to_owned()),
            ("\"id\"".to_owned(), id),
            (
                "\"method\"".to_owned(),
                self.one_of(&["\"tools/call\"", "\"tools\\/call\""]),
            ),
            ("\"params\"".to_owned(), params),
        ];
        let (before, after) = (self.blanks(), self.blanks());
        format!("{before}{}{after}", self.members(message))
    }

    fn members(&mut self, mut members: Vec<(String, String)>) -> String {
        for at in (1..members.len()).rev() {
            members.swap(at, self.0.random_range(0..=at));
        }
        let mut text = String::from("{");
        for (number, (key, value)) in members.into_iter().enumerate() {
            let comma = if number == 0 { "" } else { "," };
            let [a, b, c, d] = [self.blanks(), self.blanks(), self.blanks(), self.blanks()];
            text.push_str(&format!("{comma}{a}{key}{b}:{c}{value}{d}"));
        }
        text.push('}');
        text
    }

    fn object(&mut self, depth: usize) -> String {
        let count = self.0.random_range(0..4);
        // The number keeps keys apart, whatever escapes they are written with.
        let keys: Vec<String> = (0..count).map(|n| format!("\"k{n}\\u00e9 {n}\"")).collect();
        let members = keys
            .into_iter()
            .map(|key| (key, self.value(depth)))
            .collect();
        self.members(members)
    }

    fn value(&mut self, depth: usize) -> String {
        match self.0.random_range(0..if depth == 0 { 4 } else { 6 }) {
            0 => self.one_of(&["null", "true", "false", "[]", "{}", "\"\""]),
            1 => self.one_of(&[
                "0",
                "-0",
                "1.0",
                "1.50",
                "1e2",
                "1E+2",
                "-1.5e-7",
                "0.0",
                "12345678901234567890",
                "3.141592653589793238462643",
                "1e308",
                "9007199254740993",
            ]),
            2 => self.one_of(&[
                "\"plain\"",
                "\"\\u0041\\u00e9\"",
                "\"\\ud83e\\udd80\"",
                "\"🦀 grüezi\"",
                "\"\\\"\\\\\\/\\b\\f\\n\\r\\t\"",
                "\"\\u2028\\u0000\"",
                "\"</script>\"",
            ]),
            3 => format!("\"{}\"", "x".repeat(self.0.random_range(0..2_000))),
            4 => {
                let count = self.0.random_range(0..4);
                let values: Vec<String> = (0..count).map(|_| self.value(depth - 1)).collect();
                let (a, b) = (self.blanks(), self.blanks());
                format!("[{a}{}{b}]", values.join(&format!("{b},{a}")))
            }
            _ => self.object(depth - 1),
        }
    }

    fn blanks(&mut self) -> String {
        self.one_of(&["", "", "", " ", "\n", "\t ", "\r\n", "    "])
    }

    fn one_of(&mut self, choices: &[&str]) -> String {
        choices[self.0.random_range(0..choices.len())].to_owned()
    }
}
