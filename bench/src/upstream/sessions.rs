//! The sessions of the legacy era: one for everybody, or checked ones.
//!
//! Checked, a message of the legacy era without a session is 400, one of a session that is not
//! open is 404 (MCP 2025-11-25, Transports, Session Management).

use std::cell::RefCell;
use std::collections::HashSet;

/// The session of everybody.
const SHARED: &str = "upstream-session";
/// More sessions than this are not opened.
const SESSIONS_MAX: usize = 1_000_000;

/// The sessions that are open.
pub(super) struct Sessions {
    strict: bool,
    open: RefCell<HashSet<String>>,
}

/// Whether a request may go on.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Standing {
    Open,
    /// It is answered with this status.
    Refused(&'static str),
}

impl Sessions {
    pub(super) fn new(strict: bool) -> Self {
        Self {
            strict,
            open: RefCell::default(),
        }
    }

    /// Whether sessions are checked.
    pub(super) fn are_strict(&self) -> bool {
        self.strict
    }

    /// Opens a session and returns its id; `None` when there are too many.
    pub(super) fn open(&self) -> Option<String> {
        if !self.strict {
            return Some(SHARED.to_owned());
        }
        let mut open = self.open.borrow_mut();
        let mut random = [0_u8; 16];
        getrandom::fill(&mut random).ok()?;
        let id: String = random.iter().map(|byte| format!("{byte:02x}")).collect();
        let fits = open.len() < SESSIONS_MAX;
        fits.then(|| {
            open.insert(id.clone());
            id
        })
    }

    /// What a request with this head may do.
    pub(super) fn check(&self, head: &[u8]) -> Standing {
        if !self.strict {
            return Standing::Open;
        }
        match field(head, "mcp-session-id") {
            None => Standing::Refused("400 Bad Request"),
            Some(id) if self.open.borrow().contains(&id) => Standing::Open,
            Some(_) => Standing::Refused("404 Not Found"),
        }
    }

    /// Ends the session of a request with this head.
    pub(super) fn close(&self, head: &[u8]) -> Standing {
        let standing = self.check(head);
        if let Some(id) = field(head, "mcp-session-id") {
            self.open.borrow_mut().remove(&id);
        }
        standing
    }
}

/// The value of a field of a head, by its name in lower case.
pub(super) fn field(head: &[u8], name: &str) -> Option<String> {
    let head = std::str::from_utf8(head).ok()?;
    let mut lines = head.lines().filter_map(|line| line.split_once(':'));
    let (_, value) = lines.find(|(found, _)| found.eq_ignore_ascii_case(name))?;
    Some(value.trim().to_owned())
}

#[cfg(test)]
mod tests {
    use super::{Sessions, Standing};

    fn head(id: &str) -> Vec<u8> {
        format!("POST /mcp HTTP/1.1\r\nMCP-Session-Id:  {id}\r\n\r\n").into_bytes()
    }

    #[test]
    fn a_session_is_known_from_its_opening_to_its_end() {
        let sessions = Sessions::new(true);
        let (one, two) = (sessions.open().unwrap(), sessions.open().unwrap());
        assert_ne!(one, two);
        let unknown = Standing::Refused("404 Not Found");
        assert_eq!(sessions.check(&head(&one)), Standing::Open);
        assert_eq!(sessions.check(&head("upstream-session")), unknown);
        let none = Standing::Refused("400 Bad Request");
        assert_eq!(sessions.check(b"POST /mcp HTTP/1.1\r\n\r\n"), none);
        assert_eq!(sessions.close(&head(&one)), Standing::Open);
        assert_eq!(sessions.check(&head(&one)), unknown);
        assert_eq!(sessions.close(&head(&one)), unknown);
        assert_eq!(sessions.check(&head(&two)), Standing::Open);
    }

    #[test]
    fn unchecked_sessions_are_all_the_same() {
        let sessions = Sessions::new(false);
        assert_eq!(sessions.open().as_deref(), Some("upstream-session"));
        assert_eq!(sessions.check(b""), Standing::Open);
    }
}
