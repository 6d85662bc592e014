//! Who is signed in, for twelve hours at most; kept in memory, so that a restart signs all out.

use std::collections::HashMap;

/// How long a session lasts.
pub(crate) const SESSION_S: u64 = 12 * 60 * 60;
/// Most sessions; the oldest goes first.
const SESSIONS_MAX: usize = 10_000;

/// See the module.
#[derive(Debug, Default)]
pub(crate) struct Sessions(HashMap<String, Session>);

/// One session.
#[derive(Clone, Debug, PartialEq, Eq)]
pub(crate) struct Session {
    pub(crate) approver: String,
    /// What every form of the session carries.
    pub(crate) csrf: String,
    ends_unix_s: u64,
}

impl Sessions {
    /// Begins a session; the text is its cookie. `None`: there are no random numbers.
    pub(crate) fn begin(&mut self, approver: &str, now_s: u64) -> Option<String> {
        self.0.retain(|_, session| session.ends_unix_s > now_s);
        if self.0.len() >= SESSIONS_MAX {
            let oldest = self.0.iter().min_by_key(|(_, session)| session.ends_unix_s);
            let oldest = oldest.map(|(id, _)| id.clone())?;
            self.0.remove(&oldest);
        }
        let id = random()?;
        let session = Session {
            approver: approver.to_owned(),
            csrf: random()?,
            ends_unix_s: now_s.saturating_add(SESSION_S),
        };
        self.0.insert(id.clone(), session);
        Some(id)
    }

    /// The session of a cookie.
    pub(crate) fn find(&self, id: &str, now_s: u64) -> Option<&Session> {
        self.0.get(id).filter(|session| session.ends_unix_s > now_s)
    }

    /// Ends a session.
    pub(crate) fn end(&mut self, id: &str) {
        self.0.remove(id);
    }
}

fn random() -> Option<String> {
    let mut bytes = [0_u8; 32];
    getrandom::fill(&mut bytes).ok()?;
    Some(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_session_ends_by_itself_and_when_it_is_told_to() {
        let mut sessions = Sessions::default();
        let [one, two] = [(); 2].map(|()| sessions.begin("alice", 100).unwrap());
        assert_ne!(one, two);
        assert_eq!(
            sessions.find(&one, 100 + SESSION_S - 1).unwrap().approver,
            "alice"
        );
        assert_eq!(sessions.find(&one, 100 + SESSION_S), None);
        sessions.end(&two);
        assert_eq!(sessions.find(&two, 101), None);
        assert_eq!(sessions.find("", 101), None);
    }
}
