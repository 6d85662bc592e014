//! Sends a sealed snapshot to gateways and says what became of it.
//!
//! It becomes what a starting gateway loads, unless every gateway that answered refused it.

use bytes::Bytes;
use serde::{Deserialize, Serialize};

use crate::admin::{self, AdminError, Answer, Gateway, Question};
use crate::directory::PolicyDir;
use crate::output::table::Table;
use crate::output::{self, Tone};
use crate::snapshots::{Sealed, Snapshots};

/// What became of a snapshot at one gateway.
#[derive(Debug, Serialize)]
pub(crate) struct Delivery {
    /// Which gateway.
    pub(crate) gateway: String,
    /// The generation that was sent.
    pub(crate) generation: u64,
    /// The generation that serves there now, if the gateway says so.
    pub(crate) serves: Option<u64>,
    /// Whether that is the one that was sent.
    pub(crate) serving: bool,
    /// Whether anybody listens there.
    pub(crate) running: bool,
    /// What the gateway, or the way to it, says.
    #[serde(skip_serializing_if = "Option::is_none")]
    pub(crate) note: Option<String>,
}

/// What a gateway answers to a snapshot.
#[derive(Debug, Default, Deserialize)]
struct Reply {
    generation: Option<u64>,
    #[serde(default)]
    serving: bool,
    note: Option<String>,
    error: Option<String>,
}

/// Sends the snapshot to all of them at once and settles which snapshot is current.
pub(crate) fn deliver(
    snapshots: &Snapshots<'_>,
    sealed: &Sealed,
    gateways: &[Gateway],
) -> anyhow::Result<Vec<Delivery>> {
    let question = Question::Snapshot(Bytes::from(sealed.bytes.clone()));
    let answers = admin::ask(gateways, &question)?;
    let refused_by_all = answers.iter().any(Result::is_ok)
        && !answers.iter().flatten().any(|answer| answer.status == 200);
    if !refused_by_all {
        snapshots.make_current(sealed)?;
    }
    let named = gateways.iter().map(Gateway::name);
    Ok(named
        .zip(answers)
        .map(|(name, answer)| read(name, sealed.generation, answer))
        .collect())
}

/// Shows the deliveries as a table or in JSON.
pub(crate) fn show(deliveries: &[Delivery], json: bool) -> anyhow::Result<()> {
    if json {
        return output::json(deliveries);
    }
    let mut table = Table::new(&["GATEWAY", "SERVES", "RESULT"]);
    for delivery in deliveries {
        let result = match (&delivery.note, delivery.serving) {
            (None, true) => "taken".to_owned(),
            (Some(note), true) => format!("taken; {note}"),
            (note, false) => note.clone().unwrap_or_else(|| "not taken".to_owned()),
        };
        let serves = delivery
            .serves
            .map_or_else(|| "-".to_owned(), |n| n.to_string());
        table.row(&[&delivery.gateway, &serves, &result]);
    }
    table.print()
}

/// Says on standard error what to do about gateways that do not serve the snapshot.
pub(crate) fn explain(dir: &PolicyDir, sealed: &Sealed, deliveries: &[Delivery]) {
    let generation = sealed.generation;
    if deliveries.iter().all(|delivery| delivery.serving) {
        return;
    }
    if deliveries.iter().all(|delivery| !delivery.running) {
        output::error(&format!(
            "generation {generation} is compiled, but no gateway took it; it serves when one \
             starts: varistor --dir {}",
            dir.root().display()
        ));
        return;
    }
    let missing = deliveries
        .iter()
        .filter(|delivery| !delivery.serving)
        .count();
    output::error(&format!(
        "generation {generation} does not serve on {missing} of {}; each keeps what it had",
        output::count(deliveries.len(), "gateway")
    ));
    let ahead = deliveries.iter().filter_map(|delivery| delivery.serves);
    if let Some(ahead) = ahead.filter(|serves| *serves > generation).max() {
        let counter = dir.state("generation");
        output::note(&format!(
            "{} a gateway is ahead of this directory; to go on from there: echo {ahead} > {}, \
             then push again",
            output::tinted("help:", Tone::Quiet),
            counter.display()
        ));
    }
}

fn read(gateway: String, sent: u64, answer: Result<Answer, AdminError>) -> Delivery {
    let answer = match answer {
        Ok(answer) => answer,
        Err(error) => {
            let running = !matches!(error, AdminError::NotRunning(_));
            let note = Some(error.to_string());
            return Delivery {
                gateway,
                generation: sent,
                serves: None,
                serving: false,
                running,
                note,
            };
        }
    };
    let reply: Reply = serde_json::from_slice(&answer.body).unwrap_or_default();
    let serving = answer.status == 200 && reply.serving && reply.generation == Some(sent);
    let note = match (serving, reply.error, reply.note) {
        (true, _, note) => note,
        (false, Some(error), _) => Some(format!("refused: {error}")),
        (false, None, Some(note)) => Some(note),
        (false, None, None) => Some(format!("answered with HTTP status {}", answer.status)),
    };
    Delivery {
        gateway,
        generation: sent,
        serves: reply.generation,
        serving,
        running: true,
        note,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn answer(status: u16, body: &'static str) -> Result<Answer, AdminError> {
        Ok(Answer {
            status,
            body: Bytes::from_static(body.as_bytes()),
        })
    }

    #[test]
    fn only_the_very_generation_that_was_sent_counts_as_serving() {
        let served = |body| read("g".into(), 7, answer(200, body)).serving;
        assert!(served(r#"{"generation":7,"serving":true}"#));
        assert!(!served(r#"{"generation":6,"serving":true}"#));
        assert!(!served(r#"{"generation":7,"serving":false}"#));
        assert!(!served("hello"));
    }

    #[test]
    fn a_refusal_is_told_in_the_gateways_words() {
        let refused = read("g".into(), 7, answer(409, r#"{"error":"older"}"#));
        assert_eq!(refused.note.as_deref(), Some("refused: older"));
        let odd = read("g".into(), 7, answer(500, ""));
        assert_eq!(odd.note.as_deref(), Some("answered with HTTP status 500"));
    }
}
