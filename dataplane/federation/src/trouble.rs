//! Why a server gave no answer that can be passed on.

use core::fmt;

use crate::json::Object;

/// Why a server gave nothing that could be used.
#[derive(Debug)]
pub(crate) enum Trouble {
    /// It did not answer in time.
    Late,
    /// The gateway's own worker could not be reached, or broke off.
    Broken,
    /// A refusal, or an error of the server.
    Refused(u16, String),
    /// More than is put together.
    TooLarge,
    /// Not what the protocol asks for.
    Invalid,
}

impl Trouble {
    /// The code of the JSON-RPC error that a refusal carries.
    pub(crate) fn code(&self) -> Option<i64> {
        let Self::Refused(_, body) = self else {
            return None;
        };
        let error = Object::read(body)?.object("error")?.get("code")?.parse();
        error.ok()
    }

    /// Whether the server has no session of this name any more.
    pub(crate) const fn is_lost_session(&self) -> bool {
        matches!(self, Self::Refused(404, _))
    }
}

/// One word, as the gateway's own reasons are.
impl fmt::Display for Trouble {
    fn fmt(&self, out: &mut fmt::Formatter<'_>) -> fmt::Result {
        let word = match self {
            Self::Late => "timeout",
            Self::Broken => "broken",
            Self::TooLarge => "too_large",
            Self::Invalid => "invalid",
            Self::Refused(status, body) => {
                let data = |body| Object::read(body)?.object("error")?.object("data");
                let reason = data(body).and_then(|data| data.text("reason"));
                return match reason {
                    Some(reason) => out.write_str(&reason),
                    None => write!(out, "status_{status}"),
                };
            }
        };
        out.write_str(word)
    }
}
