//! Asks gateways about held calls, and tells them decisions.

use serde_json::json;

use super::approvals::{Approval, Decision, LISTED_MAX, Listing, is_id};
use crate::admin::{self, Answer, Gateway, Question};

/// The gateways whose held calls are shown.
#[derive(Clone, Debug)]
pub(crate) struct Fleet(pub(crate) Vec<Gateway>);

/// What came of a question.
#[derive(Debug, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No gateway knows the approval.
    Unknown,
    /// It is decided or expired, or this approver has approved it.
    Late(String),
    /// A gateway did not answer as it should.
    Failed(String),
}

/// All held calls, and which gateways did not answer.
#[derive(Debug, Default)]
pub(crate) struct Held {
    pub(crate) approvals: Vec<Approval>,
    pub(crate) troubles: Vec<String>,
}

impl Fleet {
    /// The pending ones of all gateways, the one that ends first first.
    pub(crate) fn pending(&self) -> Held {
        let mut held = Held::default();
        let question = Question::Get("/v1/approvals".to_owned());
        let answers = match admin::ask(&self.0, &question) {
            Ok(answers) => answers,
            Err(error) => {
                held.troubles.push(error.to_string());
                return held;
            }
        };
        for (gateway, answer) in self.0.iter().zip(answers) {
            let listing = answer.map_err(|error| error.to_string()).and_then(listing);
            match listing {
                Ok(listing) => held.approvals.extend(listing.approvals),
                Err(error) => held.troubles.push(format!("{}: {error}", gateway.name())),
            }
        }
        held.approvals
            .retain(|one| one.is_pending() && is_id(&one.id));
        held.approvals.sort_by_key(|one| one.expires_unix_ms);
        held.approvals.truncate(LISTED_MAX);
        held
    }

    /// One held call, and the gateway that holds it.
    pub(crate) fn find(&self, id: &str) -> Result<(Approval, &Gateway), Trouble> {
        let question = Question::Get(format!("/v1/approvals/{id}"));
        let answers = admin::ask(&self.0, &question).map_err(failed)?;
        let mut trouble = Trouble::Unknown;
        for (gateway, answer) in self.0.iter().zip(answers) {
            match answer.map_err(failed).and_then(approval) {
                Ok(approval) if approval.id == id => return Ok((approval, gateway)),
                Ok(_) | Err(Trouble::Unknown) => {}
                Err(other) => trouble = other,
            }
        }
        Err(trouble)
    }

    /// Tells the gateway that holds the call what was decided.
    pub(crate) fn decide(
        &self,
        id: &str,
        decision: Decision,
        by: &str,
        note: &str,
    ) -> Result<Approval, Trouble> {
        let (approval, gateway) = self.find(id)?;
        let (word, for_ms) = match decision {
            Decision::Approve => ("approve", 0),
            Decision::ApproveFor => ("approve", approval.window_max_ms),
            Decision::Deny => ("deny", 0),
        };
        let document = json!({"decision": word, "by": by, "note": note, "for_ms": for_ms});
        let question = Question::Post(format!("/v1/approvals/{id}"), document);
        let answers = admin::ask(std::slice::from_ref(gateway), &question).map_err(failed)?;
        let answer = answers.into_iter().next();
        match answer {
            Some(Ok(answer)) if answer.status == 200 => {
                // Decided it is, whatever else the gateway says.
                Ok(serde_json::from_slice(&answer.body).unwrap_or(approval))
            }
            Some(answer) => Err(answer.map_err(failed).and_then(self::approval).map_or_else(
                |trouble| trouble,
                |_| Trouble::Failed("the gateway gave no clear answer".to_owned()),
            )),
            None => Err(Trouble::Failed("no gateway was asked".to_owned())),
        }
    }
}

fn failed(error: impl std::fmt::Display) -> Trouble {
    Trouble::Failed(error.to_string())
}

fn listing(answer: Answer) -> Result<Listing, String> {
    if answer.status != 200 {
        return Err(format!("it answered with HTTP status {}", answer.status));
    }
    serde_json::from_slice(&answer.body).map_err(|_| "it answered with no list".to_owned())
}

fn approval(answer: Answer) -> Result<Approval, Trouble> {
    let said = || {
        let said = serde_json::from_slice::<serde_json::Value>(&answer.body).ok();
        let error = said.as_ref().and_then(|said| said["error"].as_str());
        error.unwrap_or("it is decided or expired").to_owned()
    };
    match answer.status {
        200 => serde_json::from_slice(&answer.body)
            .map_err(|_| Trouble::Failed("a gateway answered with something else".to_owned())),
        404 => Err(Trouble::Unknown),
        409 => Err(Trouble::Late(said())),
        status => Err(Trouble::Failed(format!(
            "a gateway answered with status {status}"
        ))),
    }
}
