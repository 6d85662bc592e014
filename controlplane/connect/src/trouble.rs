//! Why a request has no answer of the server's, as the host is told: what happened, whether the
//! server may have acted upon it, and what helps.

use serde_json::json;

use crate::message::Id;

/// A request that ended without an answer. Codes lie outside -32768..=-32000 and beside those of
/// the gateway.
#[derive(Clone, Debug, thiserror::Error, PartialEq, Eq)]
pub(crate) enum Trouble {
    /// No connection for as long as the bridge tries.
    #[error("The gateway can't be reached ({0}), so this was not sent. Try again later.")]
    Unreachable(String),
    /// It was sent, and then the connection broke.
    #[error(
        "The connection to the gateway broke before the answer came ({0}). The request may have \
         been carried out; it was not sent again."
    )]
    Unanswered(String),
    /// A status that refuses, without a message of the protocol.
    #[error("The gateway answered with HTTP status {0}{1}.")]
    Refused(u16, &'static str),
    /// The session is lost and no new one could be had.
    #[error("The session was lost and no new one could be opened: {0}")]
    SessionLost(String),
    /// The answer is beyond what the bridge takes.
    #[error("The answer is larger than the {0} MiB that the bridge takes.")]
    TooLarge(usize),
    /// The answer is none.
    #[error("The gateway's answer is no message of the protocol ({0}).")]
    Unintelligible(&'static str),
    /// Too much under way at once.
    #[error("Too much is under way at once, so this was not sent. Try again later.")]
    Busy,
}

impl Trouble {
    /// The JSON-RPC code.
    pub(crate) const fn code(&self) -> i32 {
        match self {
            Self::Unreachable(_) => -31100,
            Self::Unanswered(_) => -31101,
            Self::Refused(..) => -31102,
            Self::SessionLost(_) => -31103,
            Self::TooLarge(_) => -31104,
            Self::Unintelligible(_) => -31105,
            Self::Busy => -31106,
        }
    }

    /// Whether the server may have acted upon the request.
    const fn may_have_run(&self) -> bool {
        match self {
            Self::Unreachable(_) | Self::SessionLost(_) | Self::Busy => false,
            Self::Refused(status, _) => *status >= 500,
            Self::Unanswered(_) | Self::TooLarge(_) | Self::Unintelligible(_) => true,
        }
    }

    /// The error that answers the request of this id.
    pub(crate) fn answer(&self, id: &Id) -> Vec<u8> {
        error(
            id.text(),
            self.code(),
            &self.to_string(),
            json!({
                "may_have_run": self.may_have_run()
            }),
        )
    }
}

/// A JSON-RPC error; `id` is JSON text.
pub(crate) fn error(id: &str, code: i32, message: &str, data: serde_json::Value) -> Vec<u8> {
    let error = json!({"code": code, "message": message, "data": data});
    format!("{{\"jsonrpc\":\"2.0\",\"id\":{id},\"error\":{error}}}").into_bytes()
}

#[cfg(test)]
mod tests {
    use serde_json::Value;

    use super::*;

    #[test]
    fn an_error_keeps_the_id_as_it_was_and_says_what_is_known() {
        let id = Id::of(&json!("a\"b"));
        let answer = Trouble::Unanswered("reset".to_owned()).answer(&id);
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["id"], json!("a\"b"));
        assert_eq!(answer["error"]["code"], json!(-31101));
        assert_eq!(answer["error"]["data"]["may_have_run"], json!(true));
        let answer = Trouble::Unreachable("refused".to_owned()).answer(&Id::of(&json!(1)));
        let answer: Value = serde_json::from_slice(&answer).unwrap();
        assert_eq!(answer["error"]["data"]["may_have_run"], json!(false));
    }
}
