//! Access tokens that the gateway gets for servers.

use core::fmt::Display;

use super::Details;

/// How the gateway comes by a server's access token has changed.
#[derive(Clone, Copy)]
pub enum CredentialEvent<'a> {
    /// There is one, for the first time or again.
    Obtained {
        /// The server's name.
        server: &'a str,
        /// Where it came from.
        from: &'a str,
    },
    /// There is no new one. The one before, if there is one, is used until its time is over.
    Failed {
        /// The server's name.
        server: &'a str,
        /// Where it should have come from.
        from: &'a str,
        /// What happened.
        error: &'a dyn Display,
    },
}

impl CredentialEvent<'_> {
    pub(super) const fn kind(&self) -> &'static str {
        match self {
            Self::Obtained { .. } => "credential_obtained",
            Self::Failed { .. } => "credential_failed",
        }
    }

    pub(super) fn write(&self, details: &mut Details<'_>) {
        match *self {
            Self::Obtained { server, from } => {
                details.text("server", server);
                details.text("from", from);
            }
            Self::Failed {
                server,
                from,
                error,
            } => {
                details.text("server", server);
                details.text("from", from);
                details.display("error", error);
            }
        }
    }
}
