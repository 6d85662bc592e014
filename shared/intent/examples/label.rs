//! Labels the calls of a data set: JSON lines with `id`, `tool` and `arguments` on the standard
//! input, lines with `id` and `label` on the standard output. With `--why`, the grounds as well.

use std::io::{self, BufRead, Write};

use serde_json::{Value, json};
use varistor_intent::{Outside, Profile, judge};

/// The organisation of the data set.
struct Ours;

/// Ends of hosts that are ours in examples.
const OURS: &[&str] = &[
    "ourcompany.example",
    "acme.example",
    "company.example",
    "internal",
    "local",
];

impl Outside for Ours {
    fn is_foreign_host(&self, host: &str) -> bool {
        let is_below = |end: &str| {
            host.strip_suffix(end)
                .is_some_and(|front| front.ends_with('.'))
        };
        let ends = |end: &&str| host == *end || is_below(end);
        !(OURS.iter().any(ends) || host == "localhost" || host.starts_with("127.") || host == "::1")
    }

    fn is_foreign_mail(&self, address: &str) -> bool {
        let host = address.rsplit('@').next().unwrap_or_default();
        self.is_foreign_host(host.trim_end_matches(['>', ' ', '"']))
    }
}

fn main() -> io::Result<()> {
    let is_told = std::env::args().any(|argument| argument == "--why");
    let mut out = io::stdout().lock();
    for line in io::stdin().lock().lines() {
        let row: Value = serde_json::from_str(&line?)?;
        let profile = Profile::of_definition(&row["tool"].to_string());
        let judgement = judge(&profile, &row["arguments"].to_string(), &Ours);
        let mut answer = json!({"id": row["id"], "label": judgement.intent.name()});
        if is_told {
            answer["sure"] = judgement.confidence_percent.into();
            answer["why"] = judgement
                .grounds()
                .map(|ground| format!("{} {}", ground.code, ground.intent.name()))
                .collect::<Vec<_>>()
                .into();
        }
        writeln!(out, "{answer}")?;
    }
    Ok(())
}
